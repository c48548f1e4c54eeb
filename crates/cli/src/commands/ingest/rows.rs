//! How do the rows of a file become batches for the registry, and what is told of each?

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use jiku_ingest::{Fault, FileFault, Reader, Report};
use jiku_model::{Kind, Problem, Severity, SourceCode};
use jiku_registry::{Incoming, Portion, RejectedRow, RowOutcome};

use crate::failure::Failure;

/// Rows that go in together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) rows: Portion,
    /// How much of the file they and those before them took.
    pub(super) bytes: u64,
    /// The file is bad from here on.
    pub(super) fault: Option<FileFault>,
}

/// The batches of a file, in its order.
pub(super) struct Batches {
    reader: Reader,
    kind: Kind,
    source: Option<SourceCode>,
    /// A row that the batch before did not take.
    held: Option<Incoming>,
    ended: bool,
}

impl Batches {
    pub(super) const fn new(reader: Reader, kind: Kind, source: Option<SourceCode>) -> Self {
        Self { reader, kind, source, held: None, ended: false }
    }

    /// Columns that no standard knows; they stay in the raw record.
    pub(super) fn unknown_columns(&self) -> Vec<String> {
        self.reader.unknown_columns().to_vec()
    }
}

impl Iterator for Batches {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        if self.ended {
            return None;
        }
        let mut batch = Batch::default();
        self.held = self.held.take().and_then(|row| batch.rows.take(row));
        while self.held.is_none() && !batch.rows.is_full() {
            match self.reader.next() {
                Some(Ok(mut row)) => match row.take_key(self.kind, self.source.as_ref()) {
                    Ok(key) => {
                        let jiku_ingest::Row { number, line, raw, payload, .. } = row;
                        self.held = batch.rows.take(Incoming { key, raw, payload, line: Some(line), row: Some(number) });
                    }
                    Err(problem) => {
                        batch.rows.refuse(RejectedRow { line: row.line, row: row.number, problems: vec![problem], raw: row.payload })
                    }
                },
                Some(Err(Fault::Row(fault))) => {
                    let jiku_ingest::RowFault { number, line, problem, payload } = fault;
                    batch.rows.refuse(RejectedRow { line, row: number, problems: vec![problem], raw: payload });
                }
                Some(Err(Fault::File(fault))) => {
                    batch.fault = Some(fault);
                    break;
                }
                None => break,
            }
        }
        batch.bytes = self.reader.bytes_taken();
        let is_empty = batch.rows.is_empty() && batch.fault.is_none();
        self.ended = is_empty || batch.fault.is_some();
        (!is_empty).then_some(batch)
    }
}

/// What was wrong with the rows: written to the file a person asked for, and counted for the end.
pub(crate) struct ReportFile {
    to: Option<(PathBuf, Report<Box<dyn Write>>)>,
    /// Whether it tells of several files, which are named then.
    of_several: bool,
    rejected: BTreeMap<(String, Option<String>), (u64, String)>,
}

impl ReportFile {
    /// A report that nobody asked for.
    pub(crate) const fn none() -> Self {
        Self { to: None, of_several: false, rejected: BTreeMap::new() }
    }

    /// The report of a run, begun anew.
    pub(super) fn create(path: Option<&Path>, of_several: bool) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self::none()) };
        let file = File::create(path).map_err(|error| failed(path, &error))?;
        Ok(Self { to: Some((path.to_owned(), Report::new(Box::new(BufWriter::new(file))))), of_several, ..Self::none() })
    }

    /// Whether it goes anywhere.
    pub(super) const fn is_wanted(&self) -> bool {
        self.to.is_some()
    }

    /// What follows is of this file.
    pub(super) fn begin_file(&mut self, name: &str) {
        self.rejected.clear();
        if let Some((_, report)) = self.to.as_mut().filter(|_| self.of_several) {
            report.begin_file(name);
        }
    }

    pub(super) fn refused(&mut self, rows: &[RejectedRow]) -> Result<(), Failure> {
        self.count(rows.iter().flat_map(|row| &row.problems));
        self.write(|report| rows.iter().try_for_each(|row| report.write((row.line, row.row), None, &row.problems)))
    }

    pub(super) fn outcomes(&mut self, rows: &[RowOutcome]) -> Result<(), Failure> {
        self.count(rows.iter().flat_map(|row| &row.problems));
        self.write(|report| {
            rows.iter().try_for_each(|row| {
                report.write((row.line.unwrap_or_default(), row.row.unwrap_or_default()), Some(&row.key.key), &row.problems)
            })
        })
    }

    /// Tells again what an earlier run told, or was to tell, of records.
    pub(super) fn recalled(&mut self, rows: &[((u64, u64), String, Vec<Problem>)]) -> Result<(), Failure> {
        self.count(rows.iter().flat_map(|(.., problems)| problems));
        self.write(|report| rows.iter().try_for_each(|(place, key, problems)| report.write(*place, Some(key), problems)))
    }

    /// What most rows were refused for: how many, the field, and the advice.
    pub(super) fn most_frequent(&self) -> Option<(u64, Option<&str>, &str)> {
        let ((_, field), (rows, advice)) = self.rejected.iter().max_by_key(|(_, (rows, _))| *rows)?;
        Some((*rows, field.as_deref(), advice))
    }

    fn count<'a>(&mut self, problems: impl Iterator<Item = &'a Problem>) {
        for problem in problems.filter(|problem| problem.severity == Severity::Reject) {
            let reason = (problem.code.to_string(), problem.field.clone().map(|field| field.to_string()));
            self.rejected.entry(reason).or_insert_with(|| (0, problem.advice.to_string())).0 += 1;
        }
    }

    /// Writes out what is told so far.
    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        self.write(Report::flush)
    }

    fn write(&mut self, work: impl FnOnce(&mut Report<Box<dyn Write>>) -> io::Result<()>) -> Result<(), Failure> {
        match &mut self.to {
            None => Ok(()),
            Some((path, report)) => work(report).map_err(|error| failed(path, &error)),
        }
    }
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::place(format!("the report {} cannot be written: {error}", path.display()))
}
