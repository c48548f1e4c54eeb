//! How does one file go in?
//!
//! A thread of its own reads and splits the file into batches while the registry works on the one before. The job that
//! the registry keeps counts the rows, in the same transaction as the records: an interrupted import goes on after them.

use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Instant;

use jiku_ingest::{Charset, FileFault, Format, Mapping, Options, Reader};
use jiku_model::{JobId, Kind, SourceCode};
use jiku_registry::{Actor, ImportBatch, ImportProgress, ImportStart, JobState, JobView, Portion, Registry, RegistryError, RejectedRow};
use jiku_spatial::Crs;
use sha2::{Digest, Sha256};

use super::rows::{Batch, Batches, ReportFile};
use crate::console::Console;
use crate::failure::Failure;
use crate::progress::Pace;

/// A file, and how it is to be read.
#[derive(Clone, Debug)]
pub(crate) struct Import<'a> {
    pub(crate) path: &'a Path,
    pub(crate) kind: Kind,
    pub(crate) source: Option<SourceCode>,
    pub(crate) mapping: Option<&'a (Mapping, String)>,
    pub(crate) charset: Option<Charset>,
    pub(crate) format: Option<Format>,
    /// The layer or sheet, in place of the mapping's.
    pub(crate) layer: Option<&'a str>,
    /// The system of geometry that tells none, in place of the mapping's.
    pub(crate) crs: Option<Crs>,
    pub(crate) again: bool,
}

impl<'a> Import<'a> {
    /// A file in UTF-8 with standard column names.
    pub(crate) const fn plain(path: &'a Path, kind: Kind) -> Self {
        Self { path, kind, source: None, mapping: None, charset: None, format: None, layer: None, crs: None, again: false }
    }

    fn name(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }

    /// The source of rows that name none: the one that was given, or the mapping's.
    fn source(&self) -> Option<SourceCode> {
        self.source.clone().or_else(|| self.mapping.and_then(|(mapping, _)| mapping.source.as_deref()?.parse().ok()))
    }

    fn options(&self, skip_rows: u64) -> Options {
        let mut mapping = self.mapping.map_or_else(Mapping::default, |(mapping, _)| mapping.clone());
        mapping.sheet = self.layer.map(str::to_owned).or(mapping.sheet);
        mapping.crs = self.crs.map(|crs| crs.to_string()).or(mapping.crs);
        Options {
            format: self.format,
            charset: self.charset,
            mapping,
            columns: ["source", "source_key"]
                .into_iter()
                .chain(jiku_registry::columns(self.kind).iter().map(|column| column.name))
                .collect(),
            skip_rows,
            ..Options::default()
        }
    }

    /// What makes this import the same as an earlier one: the bytes of the file, and everything that says how to read them.
    fn digest(&self, registry: &Registry) -> Result<String, Failure> {
        let of_file = Reader::open_file(self.path, self.options(0)).and_then(|mut reader| reader.digest());
        let of_file = of_file.map_err(|fault| Failure::input(format!("{}: {fault}", self.path.display())))?;
        let again = self.again.then(|| registry.position());
        let told = (self.source.as_ref(), self.mapping.map(|(_, text)| text), self.charset, self.format, again);
        let of_place = (self.layer, self.crs);
        let told = match (told, of_place) {
            ((None, None, None, None, None), (None, None)) => return Ok(of_file),
            (told, (None, None)) => format!("{of_file} {told:?}"),
            (told, of_place) => format!("{of_file} {told:?} {of_place:?}"),
        };
        let digest = Sha256::digest(told);
        Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// An import that came to its end.
#[derive(Clone, Debug)]
pub(crate) struct Imported {
    pub(crate) name: String,
    pub(crate) job: JobId,
    pub(crate) progress: ImportProgress,
    /// Rows that an earlier, interrupted run had dealt with; all of them when the file was in already.
    pub(crate) earlier_rows: u64,
    /// Whether the very same file had been taken in before.
    pub(crate) known: bool,
    pub(crate) unknown_columns: Vec<String>,
    /// What is to be said beside the figures.
    pub(crate) message: Option<String>,
    pub(crate) seconds: f64,
}

/// Rows that were read and judged, with what could not be read of the file.
struct Read {
    rows: ImportBatch,
    refused: Vec<RejectedRow>,
    /// How much of the file they and those before them took.
    bytes: u64,
    /// The file is bad from here on.
    fault: Option<FileFault>,
}

/// Takes a file in.
pub(crate) fn import(
    console: &Console,
    registry: &Registry,
    actor: &Actor,
    what: &Import<'_>,
    report: &mut ReportFile,
) -> Result<Imported, Failure> {
    console.check_stop()?;
    let started = Instant::now();
    let name = what.name();
    report.begin_file(&name);
    let start = registry.start_import(actor, what.kind, &name, &what.digest(registry)?)?;
    let job = match start {
        ImportStart::Unchanged(job) => {
            let earlier_rows = job.progress.rows;
            recall(console, registry, actor, what, &job, report)?;
            report.flush()?;
            return Ok(Imported {
                name,
                job: job.id,
                progress: job.progress,
                message: job.message,
                earlier_rows,
                known: true,
                unknown_columns: Vec::new(),
                seconds: 0.0,
            });
        }
        ImportStart::New(job) | ImportStart::Resumed(job) => job,
    };
    let earlier_rows = job.progress.rows;
    recall(console, registry, actor, what, &job, report)?;
    let reader = Reader::open_file(what.path, Options { undigested: true, ..what.options(earlier_rows) })
        .map_err(|fault| Failure::input(format!("{}: {fault}", what.path.display())))?;
    let advanced = advance(console, registry, actor, what, job, reader, report);
    report.flush()?;
    let (job, unknown_columns) = advanced?;
    let seconds = started.elapsed().as_secs_f64();
    Ok(Imported { name, job: job.id, progress: job.progress, earlier_rows, known: false, unknown_columns, message: job.message, seconds })
}

/// Tells in the report what an earlier run has told of the rows it took, or would have if it had not been killed: the file tells what is wrong
/// with its rows, the base what only it knew of them.
fn recall(
    console: &Console,
    registry: &Registry,
    actor: &Actor,
    what: &Import<'_>,
    job: &JobView,
    report: &mut ReportFile,
) -> Result<(), Failure> {
    let taken = job.progress.rows;
    if !report.is_wanted() || taken == 0 {
        return Ok(());
    }
    let reader = Reader::open_file(what.path, Options { undigested: true, ..what.options(0) })
        .map_err(|fault| Failure::input(format!("{}: {fault}", what.path.display())))?;
    for Batch { rows: Portion { mut records, mut refused, .. }, .. } in Batches::new(reader, what.kind, what.source()) {
        console.check_stop()?;
        let read = records.len() + refused.len();
        records.retain(|record| record.row.is_some_and(|row| row <= taken));
        refused.retain(|row| row.row <= taken);
        let is_last = records.len() + refused.len() < read;
        let places: Vec<_> = records
            .iter()
            .map(|record| ((record.line.unwrap_or_default(), record.row.unwrap_or_default()), record.key.key.clone()))
            .collect();
        let problems = registry.recall_rows(actor, job, records)?;
        let told: Vec<_> = places.into_iter().zip(problems).map(|((place, key), problems)| (place, key, problems)).collect();
        report.refused(&refused)?;
        report.recalled(&told)?;
        if is_last {
            break;
        }
    }
    Ok(())
}

fn advance(
    console: &Console,
    registry: &Registry,
    actor: &Actor,
    what: &Import<'_>,
    mut job: JobView,
    reader: Reader,
    report: &mut ReportFile,
) -> Result<(JobView, Vec<String>), Failure> {
    let bar = console.of_file(&job.name, reader.total_bytes().unwrap_or(0));
    let source = what.source();
    // Two batches wait while one is written: memory stays flat, and the writer never waits for the disk or for the parsing.
    let (sender, receiver) = sync_channel::<Result<Read, RegistryError>>(2);
    let before = job.progress.rows;
    thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let mut batches = Batches::new(reader, what.kind, source);
            for Batch { rows, bytes, fault } in batches.by_ref() {
                let told = rows.refused.clone();
                let read = registry.read_rows(actor, rows.records, rows.refused).map(|rows| Read { rows, refused: told, bytes, fault });
                // The other side has stopped: it knows why.
                if sender.send(read).is_err() {
                    break;
                }
            }
            batches.unknown_columns()
        });
        let mut pace = Pace::default();
        let advanced = take(console, registry, actor, &receiver, &mut job, report, |job, bytes| {
            bar.rows_of_file(&mut pace, bytes, job.progress.rows, job.progress.rows - before);
        });
        drop(receiver);
        bar.done();
        let unknown = reader.join().map_err(|_| Failure::internal("the reader of the file panicked"))?;
        advanced?;
        if job.state == JobState::TooManyRowErrors {
            return Err(too_many(&job, report, &unknown));
        }
        Ok((job, unknown))
    })
}

/// Hands batch after batch to the registry until the file ends, is given up, or someone asks to stop.
fn take(
    console: &Console,
    registry: &Registry,
    actor: &Actor,
    batches: &Receiver<Result<Read, RegistryError>>,
    job: &mut JobView,
    report: &mut ReportFile,
    mut each: impl FnMut(&JobView, u64),
) -> Result<(), Failure> {
    for batch in batches {
        console.check_stop()?;
        let Read { rows, refused, bytes, fault } = batch?;
        report.refused(&refused)?;
        let (moved, outcomes) = registry.advance_import(actor, job, rows)?;
        *job = moved;
        report.outcomes(&outcomes)?;
        each(job, bytes);
        if job.state == JobState::TooManyRowErrors {
            return Ok(());
        }
        if let Some(fault) = fault {
            let sentence = format!("{}: {fault}", job.name);
            registry.finish_import(actor, job, Some(&fault.to_string()))?;
            return Err(Failure::input(sentence));
        }
    }
    *job = registry.finish_import(actor, job, None)?;
    Ok(())
}

fn too_many(job: &JobView, report: &ReportFile, unknown: &[String]) -> Failure {
    let (rejected, rows) = (job.progress.rejected, job.progress.rows);
    let mut text = format!("{}: too many rows cannot be used ({rejected} of {rows}), so it was given up; what was good is kept.", job.name);
    if let Some((rows, field, advice)) = report.most_frequent() {
        let field = field.map_or_else(String::new, |field| format!("{field}: "));
        text.push_str(&format!(" Most often ({rows}): {field}{advice}."));
    }
    if !unknown.is_empty() {
        text.push_str(&format!(
            " No standard knows these columns: {}; a mapping file (--mapping) says what they mean.",
            unknown.join(", ")
        ));
    }
    text.push_str(" --report FILE tells what is wrong with each row.");
    Failure::input(text)
}
