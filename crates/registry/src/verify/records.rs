//! Are records what they were when they came?

use ahash::AHashMap;
use jiku_model::{Kind, RecordId, RecordKey};
use jiku_store::{Reader, RecordRow, RevisionRow};

use super::Findings;
use super::chain::Moments;
use crate::RegistryError;
use crate::memory::Sources;
use crate::write::fingerprint::Fingerprints;
use crate::write::state::Core;

/// How many records are looked at together.
const STEP: u32 = 2_000;

/// Compares every record, those of earlier revisions and withdrawn ones too, with the digest of the text it came in, and the moment it was received at
/// with the change log.
pub(super) fn check(
    kind: Kind,
    core: &Core,
    moments: &Moments,
    reader: &mut Reader<'_>,
    findings: &mut Findings,
) -> Result<(), RegistryError> {
    let Some(last) = reader.last_record(kind)? else { return Ok(()) };
    let mut begin = 0;
    while begin <= last.slot() {
        let end = begin.saturating_add(STEP);
        let ids: Vec<RecordId> = (begin..end.min(last.slot().saturating_add(1))).map(|slot| RecordId::new(kind, slot)).collect();
        piece(&ids, (&core.sources(), &core.prints), moments, reader, findings)?;
        begin = end;
    }
    Ok(())
}

fn piece(
    ids: &[RecordId],
    (sources, prints): (&Sources, &Fingerprints),
    moments: &Moments,
    reader: &mut Reader<'_>,
    findings: &mut Findings,
) -> Result<(), RegistryError> {
    let rows = reader.records(ids)?;
    let keys: AHashMap<RecordId, RecordKey> =
        rows.iter().map(|row| Ok((row.id, sources.key(row)?))).collect::<Result<_, RegistryError>>()?;
    let revisions = reader.revisions(ids)?;
    for RevisionRow { record, revision, fingerprint, payload, .. } in &revisions {
        match keys.get(record) {
            Some(key) if prints.fits(fingerprint, key, payload) => {}
            Some(_) => findings.add("record", record.0, format!("revision {revision} is not what came: its text does not fit its digest")),
            None => findings.add("record", record.0, format!("revision {revision} is of a record that is not there")),
        }
    }
    for RecordRow { id, fingerprint, payload, received_at, position, .. } in &rows {
        if !keys.get(id).is_some_and(|key| prints.fits(fingerprint, key, payload)) {
            findings.add("record", id.0, "it is not what came: its text does not fit its digest");
        }
        // Its position is that of its last change: it may be judged anew later than it came, and what an undone edit left came when it said that before.
        if !moments.has(*received_at) || moments.of(*position).is_none_or(|changed| changed < *received_at) {
            findings.add("record", id.0, "nothing changed at the moment at which it came, or its last change was before");
        }
    }
    Ok(())
}
