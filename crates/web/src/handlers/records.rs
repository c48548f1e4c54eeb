//! How are source records taken in, one or a stream of them?

use std::io::Cursor;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _, web};
use jiku_ingest::{Fault, FileFault, Format, Reader};
use jiku_model::{Kind, Problem as RowProblem, Severity, SourceCode};
use jiku_registry::{Actor, ImportBatch, ImportStart, Incoming, JobState, JobView, Portion, Registry, RegistryError, RejectedRow};
use sha2::{Digest, Sha256};

use super::Answer;
use super::check;
use super::reading::{Reading as FileReading, declared_format};
use super::resolve::{check as check_by_hand, is_column};
use crate::body::{self, Holds, MAX_JSON, object};
use crate::desk::Desk;
use crate::idempotency::{self, Key};
use crate::outcome;
use crate::parameters::{Given, Parameters, Query, invalid};
use crate::place::OfKind;
use crate::problem::{self, Problem};
use crate::wire::{RowBody, StreamBody, TakenBody};

/// Rows told one by one in the answer.
const TOLD: usize = 10_000;

/// What makes a record that is typed by hand worth sending back: most likely a slip of the pen. In a stream the same is
/// kept and flagged.
const SLIPS: &[&str] = &[
    "id-checksum",
    "id-invalid",
    "id-format",
    "id-conflict",
    "id-region-unknown",
    "control-character",
    "bidi-removed",
    "date-invalid",
    "date-impossible",
    "date-range",
    "date-future",
    "date-order",
    "date-zone-missing",
];

/// How to take records in.
pub(crate) struct RecordParameters {
    reading: FileReading,
    accept_flags: bool,
    dry_run: bool,
}

impl Parameters for RecordParameters {
    const NAMES: &'static [&'static str] = &["source", "charset", "mapping", "file_name", "on_flag", "dry_run"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let accept_flags = match given.text("on_flag") {
            None | Some("refuse") => false,
            Some("accept") => true,
            Some(_) => return Err(invalid("on_flag", "accept or refuse")),
        };
        Ok(Self { reading: FileReading::of(given)?, accept_flags, dry_run: given.flag("dry_run")? })
    }
}

/// What takes more than JSON may have at once.
fn with_way_out(problem: Problem, kind: Kind) -> Problem {
    if problem.status_code() != StatusCode::PAYLOAD_TOO_LARGE {
        return problem;
    }
    let mib = |bytes: usize| bytes / MAX_JSON;
    let limits = jiku_ingest::Limits::STANDARD;
    let line = if kind == Kind::Parcel { limits.feature_bytes } else { limits.row_bytes };
    let most = mib(holds(kind).most_bytes());
    problem
        .detail(format!("JSON is taken up to {most} MiB: send it as application/x-ndjson, records on lines of at most {} MiB", mib(line)))
}

/// What a record of a kind may hold.
const fn holds(kind: Kind) -> Holds {
    match kind {
        Kind::Parcel => Holds::Boundary,
        Kind::Person | Kind::LegalPerson => Holds::Values,
    }
}

/// Takes source records in. One JSON object is taken as typed by hand: doubtful values and unknown columns are refused with 422
/// (`on_flag=accept` keeps and flags them, and lists unknown columns). A stream (NDJSON, CSV, a JSON array, GeoJSON, XLSX, Parquet) is taken as a
/// department's file: bad rows are reported and stop nothing, doubtful ones are flagged, unknown columns kept. Sending the
/// same again changes nothing. `application/octet-stream` lets the content tell the format. With `Idempotency-Key` a stream that broke off goes on where it was when it is sent again.
#[utoipa::path(
    post, path = "/api/v1/{kind}/records", tag = "records",
    params(
        ("source" = Option<String>, Query, description = "the source system of rows that name none"),
        ("charset" = Option<String>, Query, description = "of CSV: utf-8 (when absent) or gb18030; also as a parameter of Content-Type"),
        ("mapping" = Option<String>, Query, description = "of a stream: a mapping file (TOML) that says what its columns mean"),
        ("file_name" = Option<String>, Query, description = "of a stream: what the file is called; the job is named so"),
        ("on_flag" = Option<String>, Query, description = "for one record: refuse (when absent) or accept doubtful values"),
        ("dry_run" = Option<bool>, Query, description = "only look: every row is read and nothing is stored"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible characters of your choice, one per request"),
    ),
    request_body(content(
        (Object = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"), (Object = "application/geo+json"),
        (String = "application/octet-stream"),
    ), description = "one record, or a stream of them"),
    responses(
        (status = 200, description = "one record; or a stream that changed nothing; or with dry_run what would be found", body = TakenBody),
        (status = 202, description = "a stream; every row is told", body = StreamBody),
    ),
)]
pub(crate) async fn receive(
    desk: Desk,
    OfKind(kind): OfKind,
    Query(asked): Query<RecordParameters>,
    request: HttpRequest,
    payload: web::Payload,
) -> Answer<HttpResponse> {
    let key = Key::of(&request)?;
    let payload = payload.into_inner();
    let is_typed = request.headers().contains_key(header::CONTENT_TYPE);
    let format = if is_typed { declared_format(&request)? } else { Some(Format::Json) };
    let asked = RecordParameters { reading: asked.reading.with_head(&request)?, ..asked };
    if asked.dry_run {
        let (reader, pump) = body::stream(&request, payload)?;
        let failure = reader.failure();
        let work = desk.try_run(move |_, _| check::check(kind, reader, format, &asked.reading));
        let (answer, ()) = futures_util::future::join(work, pump).await;
        return match (failure.take(), answer) {
            (Some(problem), Err(_)) => Err(problem),
            (_, answer) => answer.map(|body| super::json(&body)),
        };
    }
    if format == Some(Format::Json) {
        let bytes = body::read_all(&request, payload, holds(kind).most_bytes()).await.map_err(|problem| with_way_out(problem, kind))?;
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let is_list = text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
        return idempotency::once(&desk, key, &request, &bytes.clone(), move |registry, actor| {
            if is_list {
                import(registry, actor, kind, Cursor::new(bytes), format, &asked, None)
            } else {
                one(registry, actor, kind, &bytes, &asked)
            }
        })
        .await
        .map(idempotency::Reply::into_response);
    }
    if key.is_some() && body::is_short(request.headers()) {
        let bytes = body::read_all(&request, payload, MAX_JSON).await?;
        return idempotency::once(&desk, key, &request, &bytes.clone(), move |registry, actor| {
            import(registry, actor, kind, Cursor::new(bytes), format, &asked, None)
        })
        .await
        .map(idempotency::Reply::into_response);
    }
    let (reader, pump) = body::stream(&request, payload)?;
    let failure = reader.failure();
    let work = desk.try_run(move |registry, actor| import(registry, actor, kind, reader, format, &asked, key));
    let (answer, ()) = futures_util::future::join(work, pump).await;
    match (failure.take(), answer) {
        (Some(problem), Err(_)) => Err(problem),
        (_, answer) => answer.map(idempotency::Reply::into_response),
    }
}

/// One record, typed by hand unless the caller says otherwise.
fn one(registry: &Registry, actor: &Actor, kind: Kind, bytes: &[u8], asked: &RecordParameters) -> Result<idempotency::Reply, Problem> {
    let mut raw = object(bytes, holds(kind))?;
    if !asked.accept_flags {
        check_by_hand(kind, &raw)?;
    }
    let unknown_columns: Vec<String> = raw.keys().filter(|name| !is_column(kind, name)).cloned().collect();
    let key = jiku_ingest::take_key(&mut raw, kind, asked.reading.source.as_ref()).map_err(|problem| outcome::invalid(&[problem]))?;
    if !asked.accept_flags {
        let slips: Vec<RowProblem> = jiku_registry::inspect(kind, &raw).into_iter().filter(is_slip).map(by_hand).collect();
        if !slips.is_empty() {
            return Err(outcome::invalid(&slips));
        }
    }
    let payload = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).into_owned();
    let mut rows = registry.ingest(actor, vec![Incoming { key, raw, payload, line: None, row: None }])?;
    let row = rows.pop().ok_or_else(|| Problem::new(problem::INTERNAL))?;
    if row.status == jiku_registry::RowStatus::Rejected {
        return Err(outcome::invalid(&row.problems));
    }
    Ok(idempotency::Reply::json(StatusCode::OK, &RowBody { unknown_columns, ..row.into() }))
}

fn is_slip(problem: &RowProblem) -> bool {
    let of_a_code = ["parcel-code-", "unit-code-"].iter().any(|family| problem.code.starts_with(family));
    problem.severity == Severity::Reject || (problem.severity == Severity::Flag && of_a_code) || SLIPS.contains(&problem.code.as_ref())
}

/// A problem as somebody at a keyboard should hear it: nothing was removed for them, they are to remove it.
fn by_hand(problem: RowProblem) -> RowProblem {
    if problem.code == "bidi-removed" { RowProblem { code: "control-character".into(), ..problem } } else { problem }
}

/// A stream: an import of its own, or with a key one that can go on.
fn import(
    registry: &Registry,
    actor: &Actor,
    kind: Kind,
    input: impl std::io::Read + Send + 'static,
    format: Option<Format>,
    asked: &RecordParameters,
    key: Option<Key>,
) -> Result<idempotency::Reply, Problem> {
    let form = format.map_or("file", Format::as_str);
    let name = asked.reading.file_name.clone().unwrap_or_else(|| format!("HTTP {form} of {}", actor.principal));
    let job = match registry.start_import(actor, kind, &name, &digest(actor, key.as_ref()))? {
        ImportStart::Unchanged(job) => {
            return Ok(idempotency::Reply::json(
                StatusCode::OK,
                &StreamBody { job: job.into(), rows: Vec::new(), rows_left_out: 0, unknown_columns: Vec::new() },
            ));
        }
        ImportStart::New(job) | ImportStart::Resumed(job) => job,
    };
    let id = job.id;
    let mut written = Written { job, told: Vec::new(), left_out: 0 };
    match written.take(registry, actor, kind, input, format, asked) {
        Ok(unknown_columns) => {
            if written.job.state == JobState::Running {
                written.job = registry.finish_import(actor, &written.job, None)?;
            }
            let changed = written.job.progress.rows != written.job.progress.unchanged;
            let status = if changed { StatusCode::ACCEPTED } else { StatusCode::OK };
            let body = StreamBody { job: written.job.into(), rows: written.told, rows_left_out: written.left_out, unknown_columns };
            Ok(idempotency::Reply::json(status, &body))
        }
        // What was written stays, and the job stays open: the same request with the same key goes on after it.
        Err(Stop::Registry(error)) => Err(Problem::from(error).with("job", id.to_string())),
        Err(Stop::File(fault)) => {
            if fault.code != "unreadable" {
                written.job = registry.finish_import(actor, &written.job, Some(&fault.to_string()))?;
            }
            Err(outcome::file(&fault).with("job", id.to_string()).with("rows", written.job.progress.rows))
        }
    }
}

/// Why a stream is not read to its end.
enum Stop {
    File(FileFault),
    Registry(RegistryError),
}

impl From<FileFault> for Stop {
    fn from(fault: FileFault) -> Self {
        Self::File(fault)
    }
}

impl From<RegistryError> for Stop {
    fn from(error: RegistryError) -> Self {
        Self::Registry(error)
    }
}

/// What makes an import the same one: the caller's key, or nothing at all.
fn digest(actor: &Actor, key: Option<&Key>) -> String {
    let text = match key {
        Some(key) => format!("key\0{}\0{}", actor.department, key.as_str()),
        None => format!("request\0{}", actor.request_id.as_deref().unwrap_or_default()),
    };
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Rows that were read and judged, on their way to the writer.
struct Read {
    rows: ImportBatch,
    /// What is told of those that could not be read.
    told: Vec<RowBody>,
}

/// What has been written of an import, and what is told of it.
struct Written {
    job: JobView,
    told: Vec<RowBody>,
    left_out: u64,
}

impl Written {
    /// Takes rows in until the stream ends, or too many of them are bad; gives the columns that no standard knows. The next
    /// rows are read and judged while those before are being written.
    fn take(
        &mut self,
        registry: &Registry,
        actor: &Actor,
        kind: Kind,
        input: impl std::io::Read + Send + 'static,
        format: Option<Format>,
        asked: &RecordParameters,
    ) -> Result<Vec<String>, Stop> {
        let mut reader = Reader::open(input, asked.reading.options(kind, format, self.job.progress.rows))?;
        let source = asked.reading.source();
        let (sender, batches) = sync_channel::<Read>(1);
        let read = thread::scope(|scope| {
            let writing = scope.spawn(|| self.write(registry, actor, batches));
            let mut reading = Reading { registry, actor, kind, sender, rows: Portion::default() };
            let read = reading.read(&mut reader, source.as_ref());
            drop(reading);
            // What went wrong while writing comes first: because of it nothing more was read.
            writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            read
        });
        read.map(|()| reader.unknown_columns().to_vec())
    }

    fn write(&mut self, registry: &Registry, actor: &Actor, batches: Receiver<Read>) -> Result<(), Stop> {
        for Read { rows, told } in batches {
            let (job, outcomes) = registry.advance_import(actor, &self.job, rows)?;
            self.job = job;
            let mut rows = told;
            rows.extend(outcomes.into_iter().map(RowBody::from));
            rows.sort_by_key(|row| row.row);
            let room = TOLD.saturating_sub(self.told.len());
            self.left_out += rows.len().saturating_sub(room) as u64;
            self.told.extend(rows.into_iter().take(room));
            if self.job.state != JobState::Running {
                break;
            }
        }
        Ok(())
    }
}

/// A stream being read.
struct Reading<'a> {
    registry: &'a Registry,
    actor: &'a Actor,
    kind: Kind,
    sender: SyncSender<Read>,
    rows: Portion,
}

impl Reading<'_> {
    fn read(&mut self, reader: &mut Reader, source: Option<&SourceCode>) -> Result<(), Stop> {
        loop {
            match reader.next() {
                Some(Ok(row)) => self.take(row, source)?,
                Some(Err(Fault::Row(fault))) => self.refuse((fault.line, fault.number), fault.problem, fault.payload),
                Some(Err(Fault::File(fault))) => {
                    self.hand_over()?;
                    return Err(fault.into());
                }
                None => break,
            }
            if self.rows.is_full() && !self.hand_over()? {
                return Ok(());
            }
        }
        self.hand_over().map(drop)
    }

    fn take(&mut self, mut row: jiku_ingest::Row, source: Option<&SourceCode>) -> Result<(), Stop> {
        match jiku_ingest::take_key(&mut row.raw, self.kind, source) {
            Ok(key) => {
                let jiku_ingest::Row { number, line, raw, payload, .. } = row;
                if let Some(held) = self.rows.take(Incoming { key, raw, payload, line: Some(line), row: Some(number) }) {
                    self.hand_over()?;
                    self.rows.take(held);
                }
            }
            Err(problem) => self.refuse((row.line, row.number), problem, row.payload),
        }
        Ok(())
    }

    fn refuse(&mut self, (line, row): (u64, u64), problem: RowProblem, raw: String) {
        self.rows.refuse(RejectedRow { line, row, problems: vec![problem], raw });
    }

    /// Hands what has gathered to the writer; false when that one wants no more.
    fn hand_over(&mut self) -> Result<bool, Stop> {
        if self.rows.is_empty() {
            return Ok(true);
        }
        let Portion { records, refused, .. } = std::mem::take(&mut self.rows);
        let told = refused.iter().map(RowBody::refused).collect();
        let rows = self.registry.read_rows(self.actor, records, refused)?;
        Ok(self.sender.send(Read { rows, told }).is_ok())
    }
}
