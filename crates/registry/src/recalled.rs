//! What was said of the rows that an import has taken, when it is asked again?
//!
//! Whoever reads a file again reads what its values tell; what only the base could tell (a number that many share, a parcel that overlaps
//! another, a row that was refused while it was written) is kept with the record or its rejection.

use std::collections::{BTreeMap, HashMap};

use jiku_model::{Problem, RecordId, RecordKey};
use jiku_store::{Reader, RecordHead};

use crate::RegistryError;
use crate::facade::JobView;
use crate::imports::Arriving;
use crate::registry::Inner;
use crate::write::fingerprint::said;
use crate::write::prepare::Prepared;

type Result<T> = std::result::Result<T, RegistryError>;

/// The problems of records by their key and the fingerprint of what they said.
type Kept = HashMap<(RecordKey, Vec<u8>), Vec<Problem>>;

/// The problems of rows of `job`, in their order.
pub(crate) fn problems(inner: &Inner, job: &JobView, rows: Arriving) -> Result<Vec<Vec<Problem>>> {
    let rows = rows.into_rows();
    let places = rows.iter().map(|row| match row {
        Ok(prepared) => (prepared.line, prepared.row),
        Err(refused) => (refused.line, refused.row),
    });
    let places: Vec<(i64, i64)> = places.map(|(line, row)| (whole(line), whole(row))).collect();
    let (Some(first), Some(last)) = (places.iter().min().copied(), places.iter().max().copied()) else { return Ok(Vec::new()) };
    let taken: Vec<&Prepared> = rows.iter().filter_map(|row| row.as_ref().ok()).collect();
    let (rejected, mut kept) = inner
        .core
        .store
        .read(|reader| Ok::<_, RegistryError>((rejections(reader, job, first, last)?, kept_with_records(inner, reader, job, &taken)?)))?;
    let told = rows.into_iter().zip(places).map(|(row, place)| match row {
        Err(refused) => refused.problems.into_vec(),
        Ok(prepared) => match rejected.get(&place) {
            Some(refusals) => prepared.problems.into_iter().chain(refusals.iter().cloned()).collect(),
            None => kept.remove(&(prepared.key, said(&prepared.fingerprint).to_vec())).unwrap_or(prepared.problems),
        },
    });
    Ok(told.collect())
}

fn whole(number: Option<u64>) -> i64 {
    i64::try_from(number.unwrap_or_default()).unwrap_or(i64::MAX)
}

/// Why rows between two places were rejected, by line and number.
fn rejections(reader: &mut Reader<'_>, job: &JobView, first: (i64, i64), last: (i64, i64)) -> Result<BTreeMap<(i64, i64), Vec<Problem>>> {
    const AT_ONCE: i64 = 1_000;
    let (mut found, mut after) = (BTreeMap::new(), (first.0, first.1 - 1));
    loop {
        let page = reader.rejections(job.id, after, AT_ONCE)?;
        let Some(end) = page.last().map(|row| (row.line, row.ordinal)) else { return Ok(found) };
        for row in page {
            found.insert((row.line, row.ordinal), read(&row.problems)?);
        }
        if end >= last {
            return Ok(found);
        }
        after = end;
    }
}

/// The problems that are kept with the revisions which this import has written.
fn kept_with_records(inner: &Inner, reader: &mut Reader<'_>, job: &JobView, rows: &[&Prepared]) -> Result<Kept> {
    let sources = inner.core.sources();
    let mut by_source: BTreeMap<i16, Vec<String>> = BTreeMap::new();
    for row in rows {
        if let Some(source) = sources.number(&row.key.source) {
            by_source.entry(source).or_default().push(row.key.key.clone());
        }
    }
    let mut known: HashMap<RecordId, RecordKey> = HashMap::new();
    for (source, keys) in by_source {
        let heads = reader.record_heads(job.kind, source, &keys)?;
        let code = |head: &RecordHead| sources.get(head.source).map(|system| system.code.clone());
        known.extend(heads.iter().filter_map(|head| {
            let key = RecordKey { kind: job.kind, source: code(head)?, key: head.source_key.clone() };
            Some((head.id, key))
        }));
    }
    let ids: Vec<RecordId> = known.keys().copied().collect();
    let current = reader.records(&ids)?.into_iter().map(|row| (row.id, row.fingerprint, row.received_at, row.problems));
    let former = reader.revisions(&ids)?.into_iter().map(|row| (row.record, row.fingerprint, row.recorded_from, row.problems));
    let mut kept = Kept::new();
    // A record that was there before was found unchanged: nothing but its values was looked at.
    for (id, fingerprint, _, problems) in former.chain(current).filter(|(_, _, at, _)| *at >= job.started_at) {
        if let Some(key) = known.get(&id) {
            kept.insert((key.clone(), said(&fingerprint).to_vec()), read(&problems)?);
        }
    }
    Ok(kept)
}

fn read(problems: &str) -> Result<Vec<Problem>> {
    serde_json::from_str(problems).map_err(|error| RegistryError::internal(format!("problems of a row are not readable: {error}")))
}
