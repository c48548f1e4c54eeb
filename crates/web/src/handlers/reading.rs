//! How is a file that comes as a body to be read?

use actix_web::HttpRequest;
use actix_web::http::header;
use jiku_ingest::{Charset, Format, Mapping, Options};
use jiku_model::{Kind, SourceCode};

use crate::body;
use crate::parameters::{Given, invalid};
use crate::problem::{self, Problem};

/// What a caller says about a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    /// The source system of rows that name none.
    pub(crate) source: Option<SourceCode>,
    /// The character set of text formats.
    pub(crate) charset: Option<Charset>,
    /// What its columns mean.
    pub(crate) mapping: Mapping,
    /// What it is called; also a hint at its format.
    pub(crate) file_name: Option<String>,
}

/// The longest name of a file.
const MAX_NAME: usize = 200;

impl Reading {
    /// Reads the parameters `source`, `charset`, `mapping` and `file_name`, those of them the endpoint knows.
    pub(crate) fn of(given: &Given<'_>) -> Result<Self, Problem> {
        let mapping = given.text("mapping").filter(|text| !text.trim().is_empty()).map(Mapping::from_toml).transpose();
        let mapping = mapping.map_err(|error| invalid("mapping", &format!("a mapping file in TOML: {}", one_line(&error.to_string()))))?;
        let file_name = given.text("file_name").map(str::trim).filter(|name| !name.is_empty());
        if file_name.is_some_and(|name| name.chars().count() > MAX_NAME || name.chars().any(char::is_control)) {
            return Err(invalid("file_name", "at most 200 characters"));
        }
        Ok(Self {
            source: given.value("source", "lower-case letters, digits, - or _")?,
            charset: given.value("charset", "utf-8 or gb18030")?,
            mapping: mapping.unwrap_or_default(),
            file_name: file_name.map(str::to_owned),
        })
    }

    /// With the character set that the head of the request declares, where the parameters say none.
    pub(crate) fn with_head(mut self, request: &HttpRequest) -> Result<Self, Problem> {
        if self.charset.is_none() {
            let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
            let declared = content_type.split_once(';').and_then(|(_, parameters)| body::charset(parameters));
            self.charset = declared
                .map(|text| {
                    text.parse().map_err(|_| Problem::new(problem::MEDIA_TYPE_UNSUPPORTED).detail("charset must be utf-8 or gb18030"))
                })
                .transpose()?;
        }
        Ok(self)
    }

    /// The source of rows that name none: the caller's, or the mapping's.
    pub(crate) fn source(&self) -> Option<SourceCode> {
        self.source.clone().or_else(|| self.mapping.source.as_deref()?.parse().ok())
    }

    /// How the reader is to go about it.
    pub(crate) fn options(&self, kind: Kind, format: Option<Format>, skip_rows: u64) -> Options {
        Options {
            format,
            file_name: self.file_name.clone(),
            charset: self.charset,
            mapping: self.mapping.clone(),
            columns: jiku_registry::columns(kind).iter().map(|column| column.name).collect(),
            skip_rows,
            ..Options::default()
        }
    }
}

/// The format that the media type of a body names; none for a body of bytes whose content tells.
pub(crate) fn declared_format(request: &HttpRequest) -> Result<Option<Format>, Problem> {
    match body::media_type(request.headers())?.as_deref() {
        None | Some("application/octet-stream") => Ok(None),
        Some(media) => Format::from_media_type(media).map(Some).ok_or_else(|| {
            Problem::new(problem::MEDIA_TYPE_UNSUPPORTED).detail(
                "send text/csv, application/x-ndjson, application/json, a workbook or Parquet; of parcels also application/geo+json, application/geo+json-seq, \
                 application/geopackage+sqlite3, application/zip with a shapefile, application/flatgeobuf; or application/octet-stream, whose content tells",
            )
        }),
    }
}

/// A TOML error draws the place over several lines: its first line says where, its last what.
fn one_line(drawn: &str) -> String {
    let mut lines = drawn.lines().map(str::trim).filter(|line| !line.is_empty());
    match (lines.next(), lines.next_back()) {
        (Some(place), Some(fault)) => format!("{place}: {fault}"),
        (place, _) => place.unwrap_or_default().to_owned(),
    }
}
