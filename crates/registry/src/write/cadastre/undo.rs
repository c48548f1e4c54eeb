//! Which records bring back what was before an edit?

use ahash::AHashMap;
use jiku_model::{DecisionId, EntityId, Kind, RecordId};
use jiku_store::{Reader, RecordRow, RecordState, RevisionRow};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::plan::{Plan, Put};
use super::{Ground, Result};
use crate::RegistryError;
use crate::facade::EntityState;
use crate::write::batch::Row;
use crate::write::draft::shown;
use crate::write::fingerprint::says_the_same;
use crate::write::parcels::geometry;
use crate::write::prepare::{Prepared, content, read_attributes};

/// What an edit did to a record: from which revision to which; 0 stands for none.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Touched {
    pub(super) record: RecordId,
    pub(super) before: i32,
    pub(super) after: i32,
}

/// What a decision's row keeps of an edit.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Body {
    touched: Vec<Touched>,
}

/// Plans that every record an edit touched says again what it said before, unless something has happened to one since.
pub(super) fn plan(ground: &mut Ground<'_, '_>, plan: &mut Plan, decision: DecisionId) -> Result<()> {
    let Ground { reader, sources, .. } = ground;
    let missing = RegistryError::NotFound { what: "decision" };
    let row = reader.decisions(&[decision])?.pop().filter(|row| row.kind == Kind::Parcel).ok_or(missing)?;
    if !row.action.starts_with("parcel-") {
        return Err(RegistryError::conflict("not-undoable", "this decision is no edit of parcels"));
    }
    if row.undone_by.is_some() {
        return Err(RegistryError::conflict("already-undone", "this edit was undone before"));
    }
    let body: Body = serde_json::from_str(&row.body)
        .map_err(|error| RegistryError::internal(format!("decision {decision} is not readable: {error}")))?;
    let ids: Vec<RecordId> = body.touched.iter().map(|touched| touched.record).collect();
    let mut records: AHashMap<RecordId, RecordRow> = reader.records(&ids)?.into_iter().map(|row| (row.id, row)).collect();
    let mut revisions: AHashMap<(RecordId, i32), RevisionRow> =
        reader.revisions(&ids)?.into_iter().map(|row| ((row.record, row.revision), row)).collect();
    for touched in body.touched {
        let gone = || RegistryError::internal(format!("record {} of an edit is missing", touched.record.0));
        let record = records.remove(&touched.record).ok_or_else(gone)?;
        if !says_again(&record, touched, &revisions) {
            let message = "a parcel of this edit was changed since: undo the later edit first";
            return Err(RegistryError::conflict("edited-since", message));
        }
        let entity = record.entity.ok_or_else(gone)?;
        see(plan, reader, entity)?;
        let before = revisions.remove(&(touched.record, touched.before)).filter(|row| row.state == RecordState::Active);
        match before {
            Some(before) => plan.puts.push(revived(sources, &record, before, &row.actor)?),
            None if record.state == RecordState::Active => plan.out.push((touched.record.slot(), entity)),
            None => {}
        }
    }
    plan.undoes = Some(decision);
    Ok(())
}

/// Whether a record says what the edit left it saying: it was not changed since, or what changed it was undone.
fn says_again(record: &RecordRow, touched: Touched, revisions: &AHashMap<(RecordId, i32), RevisionRow>) -> bool {
    let same = |then: &RevisionRow| {
        then.state == record.state && (then.state == RecordState::Withdrawn || says_the_same(&then.fingerprint, &record.fingerprint))
    };
    record.revision == touched.after || revisions.get(&(touched.record, touched.after)).is_some_and(same)
}

fn see(plan: &mut Plan, reader: &mut Reader<'_>, id: EntityId) -> Result<()> {
    if plan.seen.iter().any(|(seen, _)| *seen == id) {
        return Ok(());
    }
    // A parcel that has ended has a version too: whoever brings it back says that it is still the last one.
    let row = reader.entities(&[id])?.pop().filter(|row| shown(row.state) != EntityState::Merged);
    plan.seen.extend(row.map(|row| (id, row.version)));
    Ok(())
}

/// A record that says again what a former revision said; of that one it keeps when it was received, so that it weighs as
/// much as it did.
fn revived(sources: &crate::memory::Sources, record: &RecordRow, before: RevisionRow, actor: &str) -> Result<Put> {
    let key = sources.key(record)?;
    let attributes = read_attributes(&before.parsed)?;
    let entity = record.entity.unwrap_or(EntityId(uuid::Uuid::nil()));
    let geometry = attributes.get("geometry").map(|hex| geometry(entity, hex)).transpose()?;
    let prepared = Prepared {
        order: key.order(),
        key,
        line: None,
        row: None,
        payload: before.payload,
        fingerprint: before.fingerprint,
        problems: Vec::new(),
        problems_json: before.problems,
        content: content(crate::kinds::noun(Kind::Parcel), attributes),
    };
    let row = Row { prepared, actor: Arc::from(actor), received_at: Some(before.recorded_from) };
    Ok(Put { of: Some(entity), row, geometry, checked: true })
}
