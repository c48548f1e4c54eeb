//! Is the change log whole: no hole, no row changed?

use jiku_model::Timestamp;
use jiku_store::{GENESIS_HASH, Reader};

use super::Findings;
use crate::RegistryError;

/// How many rows are read at a time.
const STEP: i64 = 10_000;

/// When every change happened, by position.
#[derive(Default)]
pub(super) struct Moments {
    by_position: Vec<Timestamp>,
    /// Each once, sorted.
    all: Vec<Timestamp>,
}

impl Moments {
    /// That of the change at a position.
    pub(super) fn of(&self, position: i64) -> Option<Timestamp> {
        self.by_position.get(usize::try_from(position).ok()?.checked_sub(1)?).copied()
    }

    /// Whether any change happened at this moment.
    pub(super) fn has(&self, moment: Timestamp) -> bool {
        self.all.binary_search(&moment).is_ok()
    }

    fn of_changes(by_position: Vec<Timestamp>) -> Self {
        let mut all = by_position.clone();
        all.dedup();
        all.sort_unstable();
        all.dedup();
        Self { by_position, all }
    }
}

/// Checks every row; how many there are, and when each happened.
pub(super) fn check(reader: &mut Reader<'_>, findings: &mut Findings) -> Result<(u64, Moments), RegistryError> {
    let mut moments = Vec::new();
    let (mut position, mut hash) = (0, GENESIS_HASH.to_vec());
    loop {
        let rows = reader.changes(position, STEP)?;
        if rows.is_empty() {
            return Ok((u64::try_from(position).unwrap_or_default(), Moments::of_changes(moments)));
        }
        for row in rows {
            if row.position != position + 1 {
                findings.add("hash-chain", row.position, format!("follows position {position}: rows are missing"));
            }
            if row.hash_after(&hash) != *row.hash {
                findings.add("hash-chain", row.position, "the hash does not fit the row and the one before it");
            }
            moments.push(row.at);
            position = row.position;
            hash = row.hash;
        }
    }
}
