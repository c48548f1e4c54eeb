//! What is in this file, and what do its columns mean?

use std::io::Cursor;

use actix_web::{HttpRequest, web};
use jiku_ingest::{Charset, Fault, FileFault, Format, Reader};
use jiku_model::Kind;

use super::reading::{Reading, declared_format};
use super::{Answer, Json};
use crate::body::{Holds, object, read_all};
use crate::desk::Desk;
use crate::outcome;
use crate::parameters::{Given, Parameters, Query};
use crate::place::OfKind;
use crate::problem::Problem;
use crate::wire::{ColumnBody, PreviewBody};

/// The most of a file that is looked at, in bytes.
const MAX_PREVIEW: usize = 64 * 1024 * 1024;

/// Rows that are shown.
const ROWS: usize = 8;

/// How the file is to be read.
pub(crate) struct PreviewParameters(Reading);

impl Parameters for PreviewParameters {
    const NAMES: &'static [&'static str] = &["charset", "file_name"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        Reading::of(given).map(Self)
    }
}

/// The first rows of a file as they stand there, its columns, and the standard column that each most likely means. The
/// beginning of a text file is enough; a workbook or a Parquet file must be whole. Nothing is stored.
#[utoipa::path(
    post, path = "/api/v1/{kind}/preview", tag = "records",
    params(
        ("charset" = Option<String>, Query, description = "of CSV: utf-8 or gb18030; found out when absent"),
        ("file_name" = Option<String>, Query, description = "what the file is called; a hint at its format"),
    ),
    request_body(content(
        (String = "text/csv"), (String = "application/x-ndjson"), (Object = "application/json"), (Object = "application/geo+json"),
        (String = "application/octet-stream"),
    ), description = "the file, or its beginning; at most 64 MiB"),
    responses((status = 200, body = PreviewBody)),
)]
pub(crate) async fn preview(
    desk: Desk,
    OfKind(kind): OfKind,
    Query(PreviewParameters(reading)): Query<PreviewParameters>,
    request: HttpRequest,
    payload: web::Payload,
) -> Answer<Json<PreviewBody>> {
    let reading = reading.with_head(&request)?;
    let format = declared_format(&request)?;
    let bytes = read_all(&request, payload.into_inner(), MAX_PREVIEW).await?;
    let look = move |reading: &Reading| -> Result<PreviewBody, FileFault> {
        let reader = Reader::open(Cursor::new(bytes.clone()), reading.options(kind, format, 0))?;
        first_rows(reader, kind, reading.charset)
    };
    let seen = desk.try_run(move |_, _| {
        let seen = look(&reading).or_else(|fault| match fault.code {
            "encoding-undeclared" => look(&Reading { charset: Some(Charset::Gb18030), ..reading }),
            _ => Err(fault),
        });
        seen.map_err(|fault| outcome::file(&fault))
    });
    Ok(Json(seen.await?))
}

fn first_rows(mut reader: Reader, kind: Kind, charset: Option<Charset>) -> Result<PreviewBody, FileFault> {
    let mut rows: Vec<serde_json::Map<String, serde_json::Value>> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    while rows.len() < ROWS {
        match reader.next() {
            Some(Ok(row)) => {
                // A feature's values lie one level down, and the reader lays them flat; other rows are shown as they came, with
                // cells that are empty.
                let is_feature = matches!(reader.format(), Format::GeoJson | Format::GeoJsonSeq);
                let cells = if is_feature { row.raw } else { object(row.payload.as_bytes(), Holds::Values).unwrap_or(row.raw) };
                for name in cells.keys() {
                    if !names.contains(name) {
                        names.push(name.clone());
                    }
                }
                rows.push(cells);
            }
            Some(Err(Fault::Row(_))) => {}
            // The beginning of a file may end in the middle of a row.
            Some(Err(Fault::File(fault))) if rows.is_empty() => return Err(fault),
            Some(Err(Fault::File(_))) | None => break,
        }
    }
    let standard = jiku_registry::columns(kind);
    let columns = names.into_iter().map(|name| ColumnBody { meaning: jiku_ingest::suggest(&name, standard), name }).collect();
    Ok(PreviewBody { format: reader.format().as_str(), charset: charset.map(Charset::as_str), columns, rows })
}
