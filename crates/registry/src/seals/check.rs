//! Is every change there as it was written, and every reading as it was sealed?

use std::collections::BTreeSet;
use std::path::Path;

use jiku_store::{ChangeRow, GENESIS_HASH, Store, StoreError};

use super::seal::{AccessDigest, Seal, hex, read_seals};
use crate::OpenError;
use crate::facade::Difference;

/// How many rows are read at a time.
const STEP: i64 = 10_000;

/// The most findings that are listed.
const MOST_LISTED: usize = 1_000;

/// What a check of the traces found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceReport {
    /// How many changes there are.
    pub changes: u64,
    /// The position of the last change.
    pub position: i64,
    /// How many seals were compared.
    pub seals: u64,
    /// How many seals are of later than the log ends: of a copy they say nothing.
    pub later_seals: u64,
    /// How many readings lie under seals.
    pub readings: u64,
    /// The public key that signed the seals, in hexadecimal.
    pub public_key: Option<String>,
    /// What is wrong, at most a thousand of it.
    pub findings: Vec<Difference>,
    /// How much is wrong.
    pub total: u64,
}

/// How much of the logs is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The database as it is: what seals saw is in it.
    Whole,
    /// A copy of an earlier time: what seals of later saw is not in it.
    Copy,
}

impl TraceReport {
    fn find(&mut self, area: &'static str, subject: impl ToString, detail: impl Into<String>) {
        self.total += 1;
        if self.findings.len() < MOST_LISTED {
            self.findings.push(Difference { area, subject: subject.to_string(), detail: detail.into() });
        }
    }
}

/// Walks the chain row by row and compares it with the seals, which come by position.
pub(crate) struct ChainCheck<'s> {
    seals: std::iter::Peekable<std::slice::Iter<'s, Seal>>,
    position: i64,
    hash: Vec<u8>,
    agreed: i64,
}

impl<'s> ChainCheck<'s> {
    pub(crate) fn new(seals: &'s [Seal]) -> Self {
        Self { seals: seals.iter().peekable(), position: 0, hash: GENESIS_HASH.to_vec(), agreed: 0 }
    }

    pub(crate) fn row(&mut self, row: ChangeRow, report: &mut TraceReport) {
        if row.position != self.position + 1 {
            report.find("hash-chain", row.position, format!("follows position {}: rows are missing", self.position));
        }
        if row.hash_after(&self.hash) != *row.hash {
            report.find("hash-chain", row.position, "the hash does not fit the row and the one before it");
        }
        self.compare_before(row.position, report);
        (self.position, self.hash) = (row.position, row.hash);
        self.compare_before(row.position + 1, report);
        report.changes += 1;
    }

    /// Compares the seals of positions before this one.
    fn compare_before(&mut self, next: i64, report: &mut TraceReport) {
        while let Some(seal) = self.seals.next_if(|seal| seal.position < next) {
            if seal.position != self.position || seal.hash != hex(&self.hash) {
                let detail = format!(
                    "the seal of {} saw another row: something after position {} was written anew",
                    seal.at.to_rfc3339(),
                    self.agreed
                );
                report.find("seal", seal.position, detail);
            } else {
                self.agreed = seal.position;
            }
        }
    }

    /// The end of the log: seals beyond it saw rows that are gone.
    pub(crate) fn end(mut self, report: &mut TraceReport) {
        for seal in self.seals.by_ref() {
            report.later_seals += 1;
            let detail = format!("the seal of {} saw it; the log ends at {}: its end was cut off", seal.at.to_rfc3339(), self.position);
            report.find("seal", seal.position, detail);
        }
    }
}

/// Checks the signatures; those that do not fit prove nothing and are found.
pub(crate) fn signed(seals: Vec<Seal>, public_key: Option<&str>, report: &mut TraceReport) -> Vec<Seal> {
    let key = public_key.map_or_else(|| seals.first().map(|seal| seal.public_key.clone()), |key| Some(key.to_lowercase()));
    let Some(key) = key else { return seals };
    let (good, bad): (Vec<_>, Vec<_>) = seals.into_iter().partition(|seal| seal.is_signed_by(&key));
    for seal in bad {
        report.find("seal", seal.position, format!("the seal of {} is not signed by the key {key}", seal.at.to_rfc3339()));
    }
    report.seals = good.len() as u64;
    report.public_key = Some(key);
    good
}

/// Seals of readings that begin where no seal ends, nor at the first reading: one before them was taken out. Several nodes may seal side by side,
/// each its own series from the beginning.
fn gaps(seals: &[Seal], report: &mut TraceReport) {
    // A seal of no readings ends where it begins, and proves nothing of what was before it.
    let sealed = seals.iter().filter(|seal| seal.access_to > seal.access_after);
    let ends: BTreeSet<i64> = sealed.map(|seal| seal.access_to).chain([0]).collect();
    for seal in seals.iter().filter(|seal| !ends.contains(&seal.access_after)) {
        let before = ends.range(..seal.access_after).next_back().copied().unwrap_or_default();
        report.find(
            "seal",
            seal.position,
            format!(
                "the seal of {} begins with reading {}, and the one before it ends no later than {before}: a seal is missing",
                seal.at.to_rfc3339(),
                seal.access_after + 1
            ),
        );
    }
}

/// Checks the change log of a database, and against seals its end and its access log. It needs no keys and no running service,
/// changes nothing, and takes a copy as well as the database itself. Without `public_key` the first seal's is taken: compare
/// it with the one you know. Of a copy, seals of later than it ends are counted and not compared: whether its end was cut off cannot be told.
///
/// # Errors
/// When the database or the seals cannot be read.
pub fn check_traces(database: &str, seals: Option<&Path>, public_key: Option<&str>, extent: Extent) -> Result<TraceReport, OpenError> {
    let store = Store::open_to_inspect(database).map_err(|error| OpenError::Database(error.to_string(), Box::new(error)))?;
    let mut report = TraceReport::default();
    let seals = seals.map_or_else(|| Ok(Vec::new()), read_seals);
    let seals = seals.map_err(|error| OpenError::Database(error.to_string(), Box::new(error)))?;
    let mut seals = signed(seals, public_key, &mut report);
    let walked = store.read(|reader| {
        gaps(&seals, &mut report);
        if extent == Extent::Copy {
            let (position, reading) = (reader.last_position()?, reader.accesses(None, 1)?.first().map_or(0, |row| row.id));
            let all = seals.len();
            seals.retain(|seal| seal.position <= position && seal.access_to <= reading);
            (report.seals, report.later_seals) = (seals.len() as u64, (all - seals.len()) as u64);
        }
        let mut chain = ChainCheck::new(&seals);
        let mut position = 0;
        loop {
            let rows = reader.changes(position, STEP)?;
            let Some(last) = rows.last() else { break };
            position = last.position;
            for row in rows {
                chain.row(row, &mut report);
            }
        }
        report.position = position;
        chain.end(&mut report);
        for seal in &seals {
            let (mut digest, mut after) = (AccessDigest::default(), seal.access_after);
            loop {
                let rows = reader.accesses_between(after, seal.access_to, STEP)?;
                let Some(last) = rows.last() else { break };
                after = last.id;
                report.readings += rows.len() as u64;
                rows.iter().for_each(|row| digest.add(row));
            }
            if hex(&digest.finish()) != seal.access_digest {
                let rows = format!("{}–{}", seal.access_after + 1, seal.access_to);
                report.find(
                    "access-log",
                    rows,
                    format!("rows were changed, taken out or put in since the seal of {}", seal.at.to_rfc3339()),
                );
            }
        }
        Ok::<_, StoreError>(())
    });
    walked.map_err(|error| OpenError::Database(error.context().said.clone(), Box::new(error)))?;
    Ok(report)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use jiku_model::{EntityId, Kind, Timestamp};
    use jiku_store::NewChange;
    use uuid::Uuid;

    use super::*;

    const ROWS: i64 = 240;
    const SEALED_EVERY: i64 = 20;

    fn change(number: i64) -> NewChange {
        NewChange {
            at: Timestamp::UNIX_EPOCH + chrono::TimeDelta::seconds(number),
            actor: format!("a{}", number % 7),
            kind: Some(Kind::Person),
            event: "updated".to_owned(),
            entity: Some(EntityId(Uuid::from_u128(number.unsigned_abs().into()))),
            body: format!("{{\"version\":{number}}}"),
        }
    }

    fn chain(from: i64, count: i64, previous: &[u8]) -> Vec<ChangeRow> {
        let mut hash = previous.to_vec();
        (from..from + count)
            .map(|position| {
                let row = change(position).chained(position, &hash);
                hash.clone_from(&row.hash);
                row
            })
            .collect()
    }

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn seals_of(rows: &[ChangeRow], seed: u8) -> Vec<Seal> {
        let sealed = rows.iter().filter(|row| row.position % SEALED_EVERY == 0);
        sealed.map(|row| Seal::new(&key(seed), row.at, (row.position, &row.hash), (0, 0, &[0; 32]))).collect()
    }

    fn check(rows: Vec<ChangeRow>, seals: Vec<Seal>) -> TraceReport {
        let mut report = TraceReport::default();
        let seals = signed(seals, Some(&hex(key(1).verifying_key().as_bytes())), &mut report);
        walk(rows, &seals, report)
    }

    /// Seals whose signatures were looked at already.
    fn walk(rows: Vec<ChangeRow>, seals: &[Seal], mut report: TraceReport) -> TraceReport {
        let mut chain = ChainCheck::new(seals);
        rows.into_iter().for_each(|row| chain.row(row, &mut report));
        chain.end(&mut report);
        report
    }

    /// A step of splitmix64.
    fn next(state: &mut u64) -> u64 {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    #[test]
    fn untouched_traces_are_whole() {
        let rows = chain(1, ROWS, &GENESIS_HASH);
        let report = check(rows.clone(), seals_of(&rows, 1));
        assert_eq!((report.total, report.changes, report.seals), (0, 240, 12));
    }

    #[test]
    fn a_seal_by_another_key_proves_nothing_and_is_found() {
        let rows = chain(1, ROWS, &GENESIS_HASH);
        let report = check(rows.clone(), seals_of(&rows, 2));
        assert_eq!((report.total, report.seals), (12, 0));
        let mut moved = seals_of(&rows, 1);
        moved[3].position += 1;
        assert_eq!(check(rows, moved).total, 1, "a seal cannot be altered");
    }

    #[test]
    fn a_seal_that_was_taken_out_is_found_also_among_those_of_several_nodes() {
        let seal = |from: i64, to: i64| Seal::new(&key(1), Timestamp::UNIX_EPOCH, (to, &[0; 32]), (from, to, &[0; 32]));
        let found = |seals: &[Seal]| {
            let mut report = TraceReport::default();
            gaps(seals, &mut report);
            report.total
        };
        let one = [seal(0, 100), seal(100, 200), seal(200, 200), seal(200, 300)];
        assert_eq!(found(&one), 0);
        let two = [one.as_slice(), &[seal(0, 150), seal(150, 250), seal(250, 350)]].concat();
        assert_eq!(found(&two), 0);
        for seals in [one.as_slice(), &two] {
            for at in (0..seals.len()).filter(|at| seals[*at].access_after < seals[*at].access_to) {
                let mut left = seals.to_vec();
                left.remove(at);
                // The last of a series has none after it that could tell.
                let is_last = !seals.iter().any(|seal| seal.access_after == seals[at].access_to);
                assert_eq!(found(&left) > 0, !is_last, "without {at}");
            }
        }
    }

    /// A thousand tamperings of eight sorts at random places: each is found, and located no earlier than it was made and no
    /// later than the next seal.
    #[test]
    fn every_tampering_is_found_and_located() {
        let rows = chain(1, ROWS, &GENESIS_HASH);
        let seals = seals_of(&rows, 1);
        let mut random = 7;
        for round in 0..1_000 {
            // The last rows have no seal yet: a cut there is the one thing that is not found.
            let at = usize::try_from(next(&mut random) % (ROWS as u64 - 2)).expect("small");
            let mut tampered = rows.clone();
            let what = ["flip", "actor", "delete", "swap", "insert", "re-hash", "cut", "old table"][round % 8];
            match what {
                "flip" => tampered[at].hash[(next(&mut random) % 32) as usize] ^= 1 << (next(&mut random) % 8),
                "actor" => tampered[at].actor.push('x'),
                "delete" => drop(tampered.remove(at)),
                "swap" => {
                    let position = tampered[at].position;
                    tampered[at].position = tampered[at + 1].position;
                    tampered[at + 1].position = position;
                    tampered.swap(at, at + 1);
                }
                "insert" => {
                    let copy = tampered[at].clone();
                    tampered.insert(at + 1, copy);
                }
                "re-hash" => {
                    // The whole rest is written anew, with right hashes, as somebody would who may do everything.
                    let previous = if at == 0 { GENESIS_HASH.to_vec() } else { tampered[at - 1].hash.clone() };
                    let mut hash = previous;
                    for row in &mut tampered[at..] {
                        row.actor = "nobody".to_owned();
                        row.hash = row.hash_after(&hash).to_vec();
                        hash.clone_from(&row.hash);
                    }
                }
                _ => tampered.truncate(at),
            }
            let report = walk(tampered, &seals, TraceReport::default());
            assert!(report.total > 0, "{what} at {at}");
            let first: i64 = report.findings.iter().filter_map(|found| found.subject.parse().ok()).min().expect("a place");
            let (lowest, highest) = (at as i64, (at as i64 + 1) / SEALED_EVERY * SEALED_EVERY + SEALED_EVERY);
            assert!((lowest..=highest).contains(&first), "{what} at {at} was located at {first}");
        }
    }
}
