//! What is wrong with a file, before anything of it is stored?

use std::collections::{BTreeMap, HashSet};
use std::io::Read;

use jiku_ingest::{Fault, Format, Reader};
use jiku_model::{Kind, Problem as RowProblem, Severity};
use sha2::{Digest, Sha256};

use super::reading::Reading;
use crate::outcome;
use crate::problem::Problem;
use crate::wire::{CheckBody, FoundBody};

/// Lines told for each problem.
const LINES: usize = 10;

/// Different problems told.
const MOST: usize = 500;

/// Reads a stream to its end and tells what would become of its rows, as far as they tell themselves.
pub(crate) fn check(
    kind: Kind,
    input: impl Read + Send + 'static,
    format: Option<Format>,
    reading: &Reading,
) -> Result<CheckBody, Problem> {
    let mut reader = Reader::open(input, reading.options(kind, format, 0)).map_err(|fault| outcome::file(&fault))?;
    let source = reading.source();
    let mut check = Check::default();
    loop {
        match reader.next() {
            Some(Ok(mut row)) => match row.take_key(kind, source.as_ref()) {
                Ok(key) => {
                    check.key(&format!("{}\0{}", key.source, key.key));
                    let problems = row.problems.into_iter().chain(jiku_registry::inspect(kind, &row.raw));
                    check.row(row.line, problems.collect());
                }
                Err(problem) => check.row(row.line, vec![problem]),
            },
            Some(Err(Fault::Row(fault))) => check.row(fault.line, vec![fault.problem]),
            Some(Err(Fault::File(fault))) => return Err(outcome::file(&fault).with("rows", check.told.rows)),
            None => break,
        }
    }
    Ok(check.finish(reader.unknown_columns().to_vec()))
}

#[derive(Default)]
struct Check {
    told: CheckBody,
    found: BTreeMap<(String, String), FoundBody>,
    keys: HashSet<[u8; 16]>,
}

impl Check {
    /// Keys are held as half a digest: a file of millions must fit.
    fn key(&mut self, key: &str) {
        let mut half = [0; 16];
        half.copy_from_slice(&Sha256::digest(key.as_bytes())[..16]);
        if !self.keys.insert(half) {
            self.told.repeated += 1;
        }
    }

    fn row(&mut self, line: u64, problems: Vec<RowProblem>) {
        self.told.rows += 1;
        let worst = problems.iter().map(|problem| problem.severity).max();
        match worst {
            Some(Severity::Reject) => self.told.rejected += 1,
            Some(Severity::Flag) => {
                self.told.accepted += 1;
                self.told.flagged += 1;
            }
            Some(Severity::Note) | None => self.told.accepted += 1,
        }
        for problem in problems {
            let name = (problem.code.to_string(), problem.field.as_deref().unwrap_or_default().to_owned());
            if self.found.len() >= MOST && !self.found.contains_key(&name) {
                continue;
            }
            let found = self.found.entry(name).or_insert_with(|| FoundBody::new(problem));
            found.rows += 1;
            if found.lines.len() < LINES {
                found.lines.push(line);
            }
        }
    }

    fn finish(mut self, unknown_columns: Vec<String>) -> CheckBody {
        let mut found: Vec<FoundBody> = self.found.into_values().collect();
        found.sort_by_key(|found| std::cmp::Reverse(found.rows));
        self.told.found = found;
        self.told.unknown_columns = unknown_columns;
        self.told.would_stop = jiku_registry::too_many_rejected(self.told.rows, self.told.rejected);
        self.told
    }
}
