//! Is the change log whole: no hole, no row changed?

use jiku_model::Timestamp;
use jiku_store::{GENESIS_HASH, Reader};

use super::Findings;
use crate::RegistryError;

/// How many rows are read at a time.
const STEP: i64 = 10_000;

/// When every change happened, by position.
#[derive(Default)]
pub(super) struct Moments(Vec<Timestamp>);

impl Moments {
    /// That of the change at a position.
    pub(super) fn of(&self, position: i64) -> Option<Timestamp> {
        self.0.get(usize::try_from(position).ok()?.checked_sub(1)?).copied()
    }
}

/// Checks every row; how many there are, and when each happened.
pub(super) fn check(reader: &mut Reader<'_>, findings: &mut Findings) -> Result<(u64, Moments), RegistryError> {
    let mut moments = Moments::default();
    let (mut position, mut hash) = (0, GENESIS_HASH.to_vec());
    loop {
        let rows = reader.changes(position, STEP)?;
        if rows.is_empty() {
            return Ok((u64::try_from(position).unwrap_or_default(), moments));
        }
        for row in rows {
            if row.position != position + 1 {
                findings.add("hash-chain", row.position, format!("follows position {position}: rows are missing"));
            }
            if row.hash_after(&hash) != *row.hash {
                findings.add("hash-chain", row.position, "the hash does not fit the row and the one before it");
            }
            moments.0.push(row.at);
            position = row.position;
            hash = row.hash;
        }
    }
}
