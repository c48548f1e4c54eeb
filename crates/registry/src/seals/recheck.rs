//! Is every reading still as it was sealed, while the service runs?
//!
//! The seals of the folder are gone through again and again, the latest day first, a few at a time. Whoever changes a reading, takes one
//! out or puts one in behind the service's back is told of when the round comes by.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiku_store::Reader;

use super::seal::{AccessDigest, Seal, SealError, files, hex, read_seals};
use crate::RegistryError;

/// At most so many rows are looked at in one go.
const ROWS: i64 = 20_000;

/// And so many seals, each of which is a question to the database.
const SEALS: usize = 100;

/// Where the round stands.
#[derive(Default)]
pub(crate) struct Recheck {
    /// The files of this round that are still to come, the next one last.
    files: Vec<PathBuf>,
    /// The seals of the file at hand that are still to come, the next one last.
    seals: Vec<Seal>,
    /// The rows of the next seal that were looked at: their digest, and the last of them.
    begun: Option<(AccessDigest, i64)>,
    /// Broken seals that were told.
    told: BTreeSet<(i64, i64)>,
}

impl Recheck {
    /// Has the next seals at hand; a round ends where none is left.
    pub(crate) fn open(&mut self, folder: &Path) -> Result<(), SealError> {
        if self.seals.is_empty() && self.files.is_empty() {
            self.files = files(folder)?;
            self.files.sort();
        }
        while self.seals.is_empty()
            && let Some(file) = self.files.pop()
        {
            self.seals = read_seals(&file)?;
            self.seals.retain(|seal| seal.access_to > seal.access_after);
        }
        Ok(())
    }

    /// Looks at the next ones: the first and the last reading of each whose rows are no more what it saw, once.
    pub(crate) fn look(&mut self, reader: &mut Reader<'_>) -> Result<Vec<(i64, i64)>, RegistryError> {
        let (mut rows_left, mut broken) = (ROWS, Vec::new());
        for _ in 0..SEALS {
            let Some(seal) = self.seals.last() else { break };
            let (mut digest, after) = self.begun.take().unwrap_or((AccessDigest::default(), seal.access_after));
            let rows = reader.accesses_between(after, seal.access_to, rows_left)?;
            rows.iter().for_each(|row| digest.add(row));
            let looked_at = i64::try_from(rows.len()).unwrap_or(i64::MAX);
            if looked_at == rows_left {
                self.begun = rows.last().map(|last| (digest, last.id));
                break;
            }
            rows_left -= looked_at;
            let sealed = (seal.access_after + 1, seal.access_to);
            if hex(&digest.finish()) != seal.access_digest && self.told.insert(sealed) {
                broken.push(sealed);
            }
            self.seals.pop();
        }
        Ok(broken)
    }
}
