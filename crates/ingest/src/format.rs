//! Which format is a file in?

use std::fmt;
use std::str::FromStr;

use crate::fault::FileFault;

/// A format records come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Comma-separated values (RFC 4180), with a header line.
    Csv,
    /// One JSON object a line.
    NdJson,
    /// A JSON array of objects, or objects one after the other.
    Json,
    /// An Office Open XML workbook, its first sheet unless the mapping names another.
    Xlsx,
    /// Apache Parquet.
    Parquet,
    /// A GeoJSON feature collection (RFC 7946).
    GeoJson,
    /// A GeoJSON text sequence (RFC 8142), or one feature a line.
    GeoJsonSeq,
    /// An OGC GeoPackage.
    GeoPackage,
    /// An ESRI shapefile with its siblings in a zip archive.
    Shapefile,
    /// FlatGeobuf.
    FlatGeobuf,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 10] = [
        Self::Csv,
        Self::NdJson,
        Self::Json,
        Self::Xlsx,
        Self::Parquet,
        Self::GeoJson,
        Self::GeoJsonSeq,
        Self::GeoPackage,
        Self::Shapefile,
        Self::FlatGeobuf,
    ];

    /// The name on the command line and in mapping files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::NdJson => "ndjson",
            Self::Json => "json",
            Self::Xlsx => "xlsx",
            Self::Parquet => "parquet",
            Self::GeoJson => "geojson",
            Self::GeoJsonSeq => "geojsonseq",
            Self::GeoPackage => "gpkg",
            Self::Shapefile => "shp",
            Self::FlatGeobuf => "fgb",
        }
    }

    /// The format a file name hints at.
    #[must_use]
    pub fn from_file_name(name: &str) -> Option<Self> {
        match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "ndjson" | "jsonl" => Some(Self::NdJson),
            "json" => Some(Self::Json),
            "xlsx" | "xlsm" => Some(Self::Xlsx),
            "parquet" => Some(Self::Parquet),
            "geojson" => Some(Self::GeoJson),
            "geojsonl" | "geojsons" | "geojsonseq" => Some(Self::GeoJsonSeq),
            "gpkg" => Some(Self::GeoPackage),
            "zip" | "shz" => Some(Self::Shapefile),
            "fgb" => Some(Self::FlatGeobuf),
            _ => None,
        }
    }

    /// The format a media type names, without its parameters.
    #[must_use]
    pub fn from_media_type(media_type: &str) -> Option<Self> {
        match media_type.split(';').next()?.trim().to_ascii_lowercase().as_str() {
            "text/csv" => Some(Self::Csv),
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Self::NdJson),
            "application/json" => Some(Self::Json),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => Some(Self::Xlsx),
            "application/vnd.apache.parquet" => Some(Self::Parquet),
            "application/geo+json" => Some(Self::GeoJson),
            "application/geo+json-seq" => Some(Self::GeoJsonSeq),
            "application/geopackage+sqlite3" => Some(Self::GeoPackage),
            "application/zip" | "application/vnd.shp" => Some(Self::Shapefile),
            "application/flatgeobuf" | "application/vnd.flatgeobuf" => Some(Self::FlatGeobuf),
            _ => None,
        }
    }

    /// Whether the file must be at hand as a whole: it is read from its end.
    #[must_use]
    pub const fn needs_whole_file(self) -> bool {
        matches!(self, Self::Xlsx | Self::Parquet) || self.layers().is_some()
    }

    /// How a geographic information system's own file is read, if it is one.
    pub(crate) const fn layers(self) -> Option<jiku_geofile::Format> {
        match self {
            Self::GeoPackage => Some(jiku_geofile::Format::GeoPackage),
            Self::Shapefile => Some(jiku_geofile::Format::Shapefile),
            Self::FlatGeobuf => Some(jiku_geofile::Format::FlatGeobuf),
            _ => None,
        }
    }

    /// Whether its rows hold geometries, which may be long.
    pub(crate) const fn is_geographic(self) -> bool {
        matches!(self, Self::GeoJson | Self::GeoJsonSeq | Self::Parquet) || self.layers().is_some()
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("format must be csv, ndjson, json, xlsx, parquet, geojson, geojsonseq, gpkg, shp or fgb, got {0:?}")]
pub struct UnknownFormat(pub String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|format| format.as_str() == text).ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

fn mismatch(advice: &str) -> FileFault {
    FileFault { offset: Some(0), ..FileFault::new("content-mismatch", advice) }
}

/// What the first bytes of a file say it is; `declared` is what the sender says or the name hints at. The content
/// decides; a declared format that the content contradicts is refused.
pub(crate) fn sniff(head: &[u8], declared: Option<Format>, hint: Option<Format>) -> Result<Format, FileFault> {
    let found = by_content(head, declared.or(hint))?;
    match declared {
        Some(declared) if !agree(declared, found) => {
            Err(mismatch(&format!("send the format you declare: this is no {declared}, it looks like {found}")))
        }
        Some(declared) => Ok(declared),
        None => match hint {
            Some(hint) if hint.needs_whole_file() && !found.needs_whole_file() => {
                Err(mismatch(&format!("the name says {hint}, the content looks like {found}")))
            }
            Some(hint) if found.needs_whole_file() && hint != found => {
                Err(mismatch(&format!("the name says {hint}, the content is {found}: rename the file")))
            }
            _ => Ok(found),
        },
    }
}

/// Whether content of one format can be read as the other.
fn agree(declared: Format, found: Format) -> bool {
    let is_json = |format| matches!(format, Format::NdJson | Format::Json | Format::GeoJson | Format::GeoJsonSeq);
    declared == found || (is_json(declared) && is_json(found))
}

fn by_content(head: &[u8], expected: Option<Format>) -> Result<Format, FileFault> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let first = text.iter().position(|byte| !byte.is_ascii_whitespace());
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Ok(of_archive(head, expected));
    }
    if head.starts_with(b"SQLite format 3\0") {
        return Ok(Format::GeoPackage);
    }
    if head.starts_with(b"fgb\x03fgb") {
        return Ok(Format::FlatGeobuf);
    }
    if head.starts_with(b"PAR1") {
        return Ok(Format::Parquet);
    }
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Err(FileFault { offset: Some(0), ..FileFault::new("encoding", "save the file as UTF-8: this is UTF-16") });
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(mismatch("save the workbook as .xlsx: this is the binary format of before 2007"));
    }
    if head.starts_with(b"\x1f\x8b") {
        return Err(mismatch("unpack the file first: this is gzip"));
    }
    let Some(first) = first else {
        return match expected {
            Some(format) if !format.needs_whole_file() => Ok(format),
            _ => Err(FileFault::new("body-missing", "send records: the file is empty")),
        };
    };
    if text.first() == Some(&0x1e) {
        return Ok(Format::GeoJsonSeq);
    }
    if text[first] == b'<' {
        let declares_entity =
            head.windows(8).any(|window| window.eq_ignore_ascii_case(b"<!ENTITY") || window.eq_ignore_ascii_case(b"<!DOCTYP"));
        return Err(if declares_entity {
            FileFault::new("xml-entity", "send no XML with a document type: entities are never fetched")
        } else {
            mismatch("send CSV, JSON, XLSX, Parquet or a format of maps: this is XML or HTML")
        });
    }
    if head.starts_with(b"\x7fELF") || head.starts_with(b"MZ") && head.contains(&0) || head.starts_with(b"%PDF") {
        return Err(mismatch("send CSV, JSON, XLSX, Parquet or a format of maps: this is a program or a document"));
    }
    match text[first] {
        b'[' => Ok(Format::Json),
        b'{' => Ok(of_object(&text[first..], expected)),
        _ => {
            let unprintable =
                head.iter().take(4096).filter(|&&byte| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x1b | 0x1e | 0)).count();
            if unprintable > 8 {
                Err(mismatch("send CSV, JSON, XLSX, Parquet or a format of maps: this is no text"))
            } else {
                Ok(Format::Csv)
            }
        }
    }
}

/// Whether a zip archive holds a workbook or a shapefile, by the names of its first entries.
fn of_archive(head: &[u8], expected: Option<Format>) -> Format {
    let holds = |name: &[u8]| memchr::memmem::find(head, name).is_some();
    let (workbook, shapefile) =
        (holds(b"[Content_Types].xml") || holds(b"xl/"), [".shp", ".dbf", ".shx", ".prj"].iter().any(|end| holds(end.as_bytes())));
    match (workbook, shapefile) {
        (true, false) => Format::Xlsx,
        (false, true) => Format::Shapefile,
        _ => expected.filter(|format| *format == Format::Shapefile).unwrap_or(Format::Xlsx),
    }
}

/// Which of the JSON formats begins with this object.
fn of_object(text: &[u8], expected: Option<Format>) -> Format {
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or(text);
    let whole_line = crate::json::parse(line, &crate::limits::Limits::STANDARD.for_features()).ok();
    let type_is = |name: &str| whole_line.as_ref().and_then(|value| value.get("type")).is_some_and(|value| value == name);
    let compact: Vec<u8> = text.iter().take(4096).copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    if compact.windows(26).any(|window| window == br#""type":"FeatureCollection""#) && !type_is("Feature") {
        return Format::GeoJson;
    }
    match (whole_line.is_some(), expected) {
        (true, _) if type_is("Feature") && expected != Some(Format::Json) => Format::GeoJsonSeq,
        (_, Some(Format::GeoJsonSeq)) => Format::GeoJsonSeq,
        (false, Some(Format::GeoJson)) => Format::GeoJson,
        (_, Some(Format::NdJson)) => Format::NdJson,
        (true, Some(Format::Json) | None) if text.len() > line.len() + 1 => Format::NdJson,
        (true, Some(Format::Json)) => Format::Json,
        (false, _) if compact.starts_with(br#"{"type":"Feature""#) => Format::GeoJsonSeq,
        (true, _) => Format::NdJson,
        // A line that a buffer cannot hold is one of a stream; a pretty-printed object spans lines.
        (false, _) => {
            if line.len() == text.len() {
                Format::NdJson
            } else {
                Format::Json
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(head: impl AsRef<[u8]>, hint: Option<Format>, expected: Result<Format, &str>) {
        assert_eq!(sniff(head.as_ref(), None, hint).map_err(|fault| fault.code), expected);
    }

    #[test]
    fn content_decides_and_the_name_helps() {
        check("name,id_number\n", None, Ok(Format::Csv));
        check("\u{feff}姓名;性别\n", None, Ok(Format::Csv));
        check("{\"a\":1}\n{\"a\":2}\n", None, Ok(Format::NdJson));
        check("{\"a\":1}\n{\"a\":2}\n", Some(Format::Json), Ok(Format::NdJson));
        check("{\"a\":1}", Some(Format::Json), Ok(Format::Json));
        check("{\n \"a\": 1\n}", Some(Format::Json), Ok(Format::Json));
        check(" [ {\"a\":1} ]", Some(Format::NdJson), Ok(Format::Json));
        check("{\"type\":\"FeatureCollection\",\"features\":[", None, Ok(Format::GeoJson));
        check("{ \"name\": \"x\",\n \"type\" : \"FeatureCollection\",", Some(Format::Json), Ok(Format::GeoJson));
        check("\u{1e}{\"type\":\"Feature\"}\n", None, Ok(Format::GeoJsonSeq));
        check("{\"type\":\"Feature\",\"geometry\":null,\"properties\":{}}\n", None, Ok(Format::GeoJsonSeq));
        check("PAR1....", None, Ok(Format::Parquet));
        check("PK\u{3}\u{4}....", Some(Format::Xlsx), Ok(Format::Xlsx));
        check("PK\u{3}\u{4}....parcels.shp....", None, Ok(Format::Shapefile));
        check("PK\u{3}\u{4}....[Content_Types].xml", Some(Format::Shapefile), Err("content-mismatch"));
        check("SQLite format 3\0....", None, Ok(Format::GeoPackage));
        check("fgb\u{3}fgb\u{1}", Some(Format::FlatGeobuf), Ok(Format::FlatGeobuf));
    }

    #[test]
    fn a_file_that_is_not_what_it_says_is_refused() {
        check("PK\u{3}\u{4}....", Some(Format::Csv), Err("content-mismatch"));
        check(b"\x7fELF\x02\x01", Some(Format::Csv), Err("content-mismatch"));
        check(b"MZ\x90\0\x03", Some(Format::Csv), Err("content-mismatch"));
        check("name,sex\n", Some(Format::Xlsx), Err("content-mismatch"));
        check(b"\xff\xfea\0,\0", Some(Format::Csv), Err("encoding"));
        check(
            "<?xml version=\"1.0\"?><!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r>&x;</r>",
            Some(Format::Csv),
            Err("xml-entity"),
        );
        check("<html>", Some(Format::Csv), Err("content-mismatch"));
        check("", None, Err("body-missing"));
        assert_eq!(sniff(b"a,b\n", Some(Format::Json), None).map_err(|fault| fault.code), Err("content-mismatch"));
    }
}
