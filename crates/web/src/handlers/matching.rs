//! Whom do the rows of this list speak of?
//!
//! The list is first put into a temporary file, then read piece by piece while the answer goes out: memory stays flat, and
//! neither side waits for the other. Nothing of it is stored but the trace of whom the answer named.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::stream;
use jiku_ingest::{Fault, Format, Reader};
use jiku_model::{Kind, Problem as RowProblem, RawRecord};
use jiku_registry::{Actor, Matched, Registry, guarded_cell};
use serde_json::Value;

use super::Answer;
use super::reading::{Reading, declared_format};
use crate::accept;
use crate::body::{self, Holds, object};
use crate::desk::Desk;
use crate::outcome;
use crate::parameters::{Given, Parameters, Query};
use crate::place::OfKind;
use crate::problem::{self, Problem};
use crate::wire::{MatchedRowBody, decision_of};

/// Rows that are matched in one go.
const BATCH: usize = 500;

const CSV: &str = "text/csv";
const LINES: &str = "application/x-ndjson";

/// The columns that come after those of the list.
const ADDED: [&str; 7] =
    ["jiku_decision", "jiku_id", "jiku_probability", "jiku_weight", "jiku_second_id", "jiku_second_probability", "jiku_problems"];

/// How to match.
pub(crate) struct MatchParameters {
    reading: Reading,
    limit: usize,
}

impl Parameters for MatchParameters {
    const NAMES: &'static [&'static str] = &["charset", "mapping", "file_name", "limit"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        Ok(Self { reading: Reading::of(given)?, limit: given.limit(3, 20)? })
    }
}

/// Takes a list and gives it back, each row with the canonical ids it may speak of and their probabilities. A table (CSV, XLSX,
/// Parquet) comes back as CSV with columns added, where a cell that a spreadsheet would run as a formula has a quote before it; other lists as lines of JSON; `Accept` chooses. The rows keep their order and
/// number; one that cannot be used is told in its place. Nothing is stored but the trace of whom the answer named.
#[utoipa::path(
    post, path = "/api/v1/{kind}/match", tag = "entities",
    params(
        ("charset" = Option<String>, Query, description = "of CSV: utf-8 (when absent) or gb18030"),
        ("mapping" = Option<String>, Query, description = "a mapping file (TOML) that says what its columns mean"),
        ("file_name" = Option<String>, Query, description = "what the list is called; a hint at its format"),
        ("limit" = Option<usize>, Query, description = "at most this many candidates for a row, 1 to 20; 3 when absent", minimum = 1, maximum = 20),
    ),
    request_body(content(
        (String = "text/csv"), (String = "application/x-ndjson"), (Object = "application/json"), (Object = "application/geo+json"),
        (String = "application/octet-stream"),
    ), description = "the list"),
    responses((status = 200, description = "the list with its answers, row by row", content((String = "text/csv"), (MatchedRowBody = "application/x-ndjson")))),
)]
pub(crate) async fn match_list(
    desk: Desk,
    OfKind(kind): OfKind,
    Query(asked): Query<MatchParameters>,
    request: HttpRequest,
    payload: web::Payload,
) -> Answer<HttpResponse> {
    let MatchParameters { reading, limit } = asked;
    let reading = reading.with_head(&request)?;
    let format = declared_format(&request)?;
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
    let file = spool(&desk, &request, payload.into_inner()).await?;
    let opened = desk.try_run(move |registry, actor| {
        let reader = Reader::open(file, reading.options(kind, format, 0)).map_err(|fault| outcome::file(&fault))?;
        let form = form(&accepted, reader.format())?;
        let mut list = List { reader, kind, limit, form, columns: Vec::new(), begun: false, ended: false };
        let first = list.next_piece(registry, actor)?;
        Ok((list, first))
    });
    let (list, first) = opened.await?;
    let media_type = if list.form == Form::Csv { "text/csv; charset=utf-8" } else { LINES };
    let pieces = stream::unfold((Some(first), list), move |(piece, list)| {
        let desk = desk.clone();
        async move {
            if let Some(piece) = piece {
                return Some((Ok(Bytes::from(piece)), (None, list)));
            }
            if list.ended {
                return None;
            }
            let mut list = list;
            let step = desk.try_run(move |registry, actor| {
                let piece = list.next_piece(registry, actor);
                Ok((list, piece))
            });
            match step.await {
                Ok((list, Ok(piece))) => Some((Ok(Bytes::from(piece)), (None, list))),
                // The head has left: the answer breaks off, and its receiver sees that it is not whole.
                Ok((mut list, Err(problem))) => {
                    list.ended = true;
                    Some((Err(io::Error::other(problem.to_string())), (None, list)))
                }
                Err(_) => None,
            }
        }
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, media_type))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"matched\""))
        .streaming(pieces))
}

/// The body in a temporary file, ready to be read.
async fn spool(desk: &Desk, request: &HttpRequest, payload: actix_web::dev::Payload) -> Answer<File> {
    let (mut reader, pump) = body::stream(request, payload)?;
    let failure = reader.failure();
    let work = desk.try_run(move |_, _| {
        let spooled = tempfile::tempfile().and_then(|mut file| {
            io::copy(&mut reader, &mut file)?;
            file.seek(SeekFrom::Start(0))?;
            Ok(file)
        });
        spooled.map_err(|error| {
            tracing::warn!(%error, "a list cannot be put into a temporary file");
            Problem::new(problem::UNAVAILABLE).detail("there is no room for the list just now")
        })
    });
    let (file, ()) = futures_util::future::join(work, pump).await;
    match failure.take() {
        Some(problem) => Err(problem),
        None => file,
    }
}

/// In which form a list goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Csv,
    Lines,
}

/// The form that fits the list and the caller: CSV for tables alone, which all rows have the same columns.
fn form(accepted: &str, format: Format) -> Result<Form, Problem> {
    let is_table = matches!(format, Format::Csv | Format::Xlsx | Format::Parquet);
    let offered: &[&'static str] = if is_table { &[CSV, LINES] } else { &[LINES] };
    match accept::prefers(accepted, offered) {
        Some(CSV) => Ok(Form::Csv),
        Some(_) => Ok(Form::Lines),
        None => Err(Problem::new(problem::NOT_ACCEPTABLE).detail(format!("offered for a list in {format}: {}", offered.join(", ")))),
    }
}

/// A list on its way through.
struct List {
    reader: Reader,
    kind: Kind,
    limit: usize,
    form: Form,
    /// The columns of the list, once its first row has been read.
    columns: Vec<String>,
    begun: bool,
    ended: bool,
}

/// A row that was read: its line, what was received, and the problem of one that could not be.
struct Read {
    line: u64,
    payload: String,
    problem: Option<RowProblem>,
}

impl List {
    /// The next rows with their answers, as text.
    fn next_piece(&mut self, registry: &Registry, actor: &Actor) -> Result<Vec<u8>, Problem> {
        let (mut rows, mut records): (Vec<Read>, Vec<RawRecord>) = (Vec::new(), Vec::new());
        while rows.len() < BATCH {
            match self.reader.next() {
                Some(Ok(mut row)) => {
                    // The list's own keys say nothing about who somebody is.
                    row.raw.shift_remove("source");
                    row.raw.shift_remove("source_key");
                    records.push(row.raw);
                    rows.push(Read { line: row.line, payload: row.payload, problem: None });
                }
                Some(Err(Fault::Row(fault))) => {
                    rows.push(Read { line: fault.line, payload: fault.payload, problem: Some(fault.problem) });
                }
                Some(Err(Fault::File(fault))) => return Err(outcome::file(&fault)),
                None => {
                    self.ended = true;
                    break;
                }
            }
        }
        let mut matched = registry.match_records(actor, self.kind, &records, self.limit)?.into_iter();
        let refused = |problem| Matched { decision: None, candidates: Vec::new(), problems: vec![problem] };
        let answered = rows.into_iter().map(|row| {
            let answer = match row.problem {
                Some(problem) => refused(problem),
                None => matched.next().unwrap_or(Matched { decision: None, candidates: Vec::new(), problems: Vec::new() }),
            };
            (row.line, row.payload, answer)
        });
        let answered: Vec<(u64, String, Matched)> = answered.collect();
        match self.form {
            Form::Lines => lines(answered),
            Form::Csv => self.table(answered),
        }
        .map_err(|error| {
            tracing::error!(%error, "a list cannot be written");
            Problem::new(problem::INTERNAL)
        })
    }

    /// Rows as CSV; the header goes before the first.
    fn table(&mut self, rows: Vec<(u64, String, Matched)>) -> io::Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for (_, payload, matched) in rows {
            let cells = object(payload.as_bytes(), Holds::Values).ok();
            if let (false, Some(cells)) = (self.begun, &cells) {
                self.begun = true;
                self.columns = cells.keys().cloned().collect();
                writer.write_record(
                    self.columns.iter().map(|column| guarded_cell(column)).chain(ADDED.map(Into::into)).map(|cell| cell.into_owned()),
                )?;
            }
            let own = self.columns.iter().map(|column| {
                let value = cells.as_ref().and_then(|cells| cells.get(column));
                guarded_cell(value.and_then(Value::as_str).unwrap_or_default()).into_owned()
            });
            writer.write_record(own.chain(added(&matched)))?;
        }
        writer.into_inner().map_err(|error| error.into_error())
    }
}

fn lines(rows: Vec<(u64, String, Matched)>) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    for (line, payload, matched) in rows {
        serde_json::to_writer(&mut text, &MatchedRowBody::new(line, &payload, matched))?;
        text.push(b'\n');
    }
    Ok(text)
}

/// The cells of [`ADDED`].
fn added(matched: &Matched) -> [String; 7] {
    let candidate = |at: usize| matched.candidates.get(at);
    let id = |at| candidate(at).map(|candidate| candidate.entity.to_string()).unwrap_or_default();
    let probability = |at| candidate(at).map(|candidate| format!("{:.6}", candidate.probability)).unwrap_or_default();
    let problems = matched.problems.iter().map(|problem| match &problem.field {
        Some(field) => format!("{} ({field})", problem.code),
        None => problem.code.to_string(),
    });
    [
        decision_of(matched).to_owned(),
        id(0),
        probability(0),
        candidate(0).map(|candidate| format!("{:.2}", candidate.weight)).unwrap_or_default(),
        id(1),
        probability(1),
        problems.collect::<Vec<_>>().join("; "),
    ]
}
