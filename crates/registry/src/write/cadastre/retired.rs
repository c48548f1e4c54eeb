//! Which rows speak of a parcel that an edit has ended?
//!
//! A department that sends its whole file again would otherwise bring back what was split, or give out a code anew.

use std::collections::BTreeMap;

use ahash::AHashSet;
use jiku_model::{Dimension, EntityId, Problem, Severity};
use jiku_store::{Reader, RecordHead, RecordState};

use super::Result;
use crate::EntityState;
use crate::memory::Graph;
use crate::write::batch::Row;

/// The rows that are refused, by their place, with the reason.
pub(crate) fn refusals(
    graph: &Graph,
    reader: &mut Reader<'_>,
    rows: &[Row],
    heads: &[Option<RecordHead>],
) -> Result<BTreeMap<usize, Problem>> {
    let mut refused = BTreeMap::new();
    let ended: Vec<(usize, EntityId)> = heads
        .iter()
        .enumerate()
        .filter_map(|(at, head)| {
            head.as_ref().filter(|head| head.state == RecordState::Withdrawn).and_then(|head| Some((at, head.entity?)))
        })
        .filter(|(_, id)| graph.entity(*id).is_some_and(|entity| entity.state == EntityState::Retired))
        .collect();
    if !ended.is_empty() {
        let ids: Vec<EntityId> = ended.iter().map(|(_, id)| *id).collect();
        let by_edit: AHashSet<EntityId> = reader
            .former_parcels(&ids)?
            .into_iter()
            .filter(|row| row.decision.is_some() && row.operation != "recode")
            .map(|row| row.entity)
            .collect();
        for (at, _) in ended.into_iter().filter(|(_, id)| by_edit.contains(id)) {
            let advice = "the parcel was ended by an edit: its lineage names what became of the land; send the new parcels";
            refused.insert(at, problem("parcel-retired", advice));
        }
    }
    let code = |row: &Row| row.prepared.content.attributes.get("parcel_code").map(str::to_owned);
    let codes: Vec<String> = rows.iter().filter_map(code).collect();
    let former = reader.former_parcels_by_code(&codes)?;
    let lost: Vec<String> = former.into_iter().filter(|row| row.decision.is_some()).filter_map(|row| row.parcel_code).collect();
    if !lost.is_empty() {
        let current: AHashSet<String> = reader.parcels_by_code(&lost)?.into_iter().map(|(_, code)| code).collect();
        let lost: AHashSet<String> = lost.into_iter().filter(|code| !current.contains(code)).collect();
        for (at, row) in rows.iter().enumerate() {
            if code(row).is_some_and(|code| lost.contains(&code)) {
                let advice = "a parcel that is no more had this code, and codes are never given out again";
                refused.entry(at).or_insert_with(|| problem("parcel-code-retired", advice));
            }
        }
    }
    Ok(refused)
}

fn problem(code: &'static str, advice: &'static str) -> Problem {
    Problem::new(Severity::Reject, Dimension::Consistency, "parcel_code", code, advice)
}
