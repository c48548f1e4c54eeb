//! What would a planned edit do, told beside whoever writes?
//!
//! The same survivorship rules over the same records as [`super::enter`], without the ledger: which is the whole answer where the records of each
//! parcel go together for certain.

use ahash::AHashMap;
use jiku_golden::Override;
use jiku_model::{Attributes, EntityId, Kind, RecordId};
use jiku_store::{OverrideRow, RecordRow};

use super::plan::{Plan, Put};
use super::{Ground, Result};
use crate::facade::{EditOutcome, EditedParcel, LineageView, TopologyReport};
use crate::kinds::noun;
use crate::write::fingerprint::says_the_same;
use crate::write::images::values;
use crate::write::prepare::{read_attributes, strong};
use crate::write::reload::read_members;
use crate::write::settle::{Speaker, heard, member};

/// What an edit would do; none where a parcel has several records beside that of its edits, which may go other ways once one of them changes, and
/// for what an undo brings back.
pub(super) fn foretell(ground: &mut Ground<'_, '_>, plan: &Plan, report: TopologyReport) -> Result<Option<EditOutcome>> {
    if plan.undoes.is_some() {
        return Ok(None);
    }
    let written: Vec<EntityId> = plan.puts.iter().filter_map(|put| put.of).collect();
    let mut members: AHashMap<EntityId, Vec<RecordId>> = AHashMap::new();
    for row in ground.reader.current_versions(&written)? {
        members.insert(row.entity, read_members(&row.members)?.into_iter().map(|(record, _)| record).collect());
    }
    let mut parcels = Vec::with_capacity(plan.puts.len());
    for (part, put) in plan.puts.iter().enumerate() {
        let ids = put.of.and_then(|id| members.get(&id)).map_or(&[][..], Vec::as_slice);
        let (own, others): (Vec<RecordRow>, Vec<RecordRow>) =
            ground.reader.records(ids)?.into_iter().partition(|row| ground.sources.is_of_edits(row.source));
        if others.len() > 1 || own.len() > 1 {
            return Ok(None);
        }
        if own.first().is_some_and(|own| says_the_same(&own.fingerprint, &put.row.prepared.fingerprint)) {
            continue;
        }
        let overrides: Vec<OverrideRow> =
            ground.reader.overrides_of_records(ids)?.into_iter().filter(|steward| steward.released_at.is_none()).collect();
        let record = own.first().map_or(RecordId::new(Kind::Parcel, u32::MAX - u32::try_from(part).unwrap_or_default()), |own| own.id);
        let golden = said(ground, put, record, &others, &overrides)?;
        let seen = plan.seen.iter().find(|(id, _)| put.of == Some(*id)).map_or(0, |(_, version)| i64::from(*version));
        parcels.push(EditedParcel {
            id: put.of,
            version: seen + 1,
            is_new: put.of.is_none(),
            values: values(golden, &AHashMap::new()),
            problems: put.row.prepared.problems.clone(),
        });
    }
    let changes = !parcels.is_empty() || !plan.out.is_empty();
    let mut retired = if changes { plan.ends.clone() } else { Vec::new() };
    retired.sort_unstable();
    let step = |step: &super::plan::Step| LineageView {
        child: plan.puts.get(step.child).and_then(|put| put.of),
        parent: step.parent,
        operation: plan.operation.as_str().to_owned(),
        decision: None,
        at: None,
        share: step.share,
        undone_by: None,
    };
    Ok(Some(EditOutcome {
        decision: None,
        operation: plan.operation,
        recorded_at: None,
        parcels,
        retired,
        lineage: if changes { plan.lineage.iter().map(step).collect() } else { Vec::new() },
        report,
        seen: plan.seen.iter().map(|(id, version)| (*id, i64::from(*version))).collect(),
        position: ground.reader.last_position()?,
    }))
}

/// What a parcel would say: its other records, and what the edit says now.
fn said(
    ground: &Ground<'_, '_>,
    put: &Put,
    record: RecordId,
    others: &[RecordRow],
    overrides: &[OverrideRow],
) -> Result<jiku_golden::Golden> {
    let prepared = &put.row.prepared;
    let of_others: Vec<Attributes> = others.iter().map(|row| read_attributes(&row.parsed)).collect::<Result<_>>()?;
    let mut speakers: Vec<Speaker<'_>> = Vec::with_capacity(others.len() + 1);
    for (row, attributes) in others.iter().zip(&of_others) {
        let order = ground.sources.key(row)?.order();
        let verified = strong(noun(Kind::Parcel), attributes).is_some();
        let member = member(row.id, order, ground.sources.standing(row.source), verified, row.received_at, attributes);
        speakers.push(Speaker { member, source: row.source, edit: false });
    }
    // The source of edits is made with the first edit.
    let source = ground.sources.number(&prepared.key.source);
    let standing = source.map_or((jiku_parcel::edit::SOURCE, 100), |source| ground.sources.standing(source));
    let content = &prepared.content;
    let own = member(record, prepared.order, standing, content.strong.is_some(), ground.at, &content.attributes);
    speakers.push(Speaker { member: own, source: source.unwrap_or_default(), edit: true });
    let overrides: Vec<Override<'_>> = overrides
        .iter()
        .map(|steward| Override { column: &steward.column_name, value: steward.value.as_deref().unwrap_or_default(), at: steward.at })
        .collect();
    Ok(heard(&ground.core.shelf(Kind::Parcel).rules(), &speakers, &overrides))
}
