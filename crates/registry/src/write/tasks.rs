//! Which pairs must a steward look at, after the clusters changed?
//!
//! Review tasks are derived. Between two entities there is at most one open task: for the strongest pair of their
//! records that is unsure, or was held back by the clustering, unless a steward has spoken about the two entities.

use std::collections::BTreeMap;

use ahash::{AHashMap, AHashSet};
use jiku_model::{EntityId, JudgementOrigin, RecordId, TaskId, Verdict};
use jiku_resolution::{Held, HoldReason};
use jiku_store::{JudgementRow, Reader, ReviewTaskRow, TaskState};
use uuid::Uuid;

use super::draft::Draft;
use super::settle::Desk;
use crate::RegistryError;
use crate::memory::{Graph, Task, pair};

/// The model can decide neither way.
const UNSURE: &str = "unsure";
/// A conflict rule of the model keeps the pair from being linked.
const HELD_BY_RULE: &str = "rule";
/// Two parcels overlap: they are one, or one of them must give way.
const OVERLAP: &str = "parcel-overlap";

/// A pair that waits for a steward.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) weight: f32,
    pub(crate) reason: &'static str,
}

/// Opens and closes the tasks of these records (whole clusters, sorted), in the graph and the draft.
pub(crate) fn derive(
    desk: &mut Desk<'_>,
    reader: &mut Reader<'_>,
    draft: &mut Draft,
    slots: &[u32],
    held: &[Held],
) -> Result<(), RegistryError> {
    let wanted = wanted(desk.graph, slots, held);
    let graph = &mut *desk.graph;
    let mut open: AHashSet<(u32, u32)> = AHashSet::new();
    // A withdrawn record is not among the slots, but its tasks must go too: it is found from the other side, or here.
    for slot in slots.iter().copied().chain(draft.effects.remove.iter().copied()) {
        open.extend(graph.waiting(slot).map(|other| pair(slot, other)));
    }
    let to_close: Vec<(u32, u32)> = open.iter().filter(|key| !wanted.contains_key(key)).copied().collect();
    let mut to_open: Vec<((u32, u32), Wanted)> = wanted.into_iter().filter(|(key, _)| !open.contains(key)).collect();
    if to_close.is_empty() && to_open.is_empty() {
        return Ok(());
    }
    let told = tell_judged(reader, draft, &mut to_open)?;
    // A pair has one task for ever; another node may have made it.
    let concerned = to_close.iter().chain(to_open.iter().map(|(key, _)| key));
    let pairs: Vec<(RecordId, RecordId)> = concerned.map(|(left, right)| (graph.record(*left), graph.record(*right))).collect();
    let mut rows: AHashMap<(u32, u32), ReviewTaskRow> =
        reader.review_tasks_of_pairs(&pairs)?.into_iter().map(|row| ((row.left_record.slot(), row.right_record.slot()), row)).collect();
    let model = desk.shelf.model();
    let link = model.link_threshold();
    for key in to_close {
        let Some(mut row) = rows.remove(&key) else { continue };
        row.state = TaskState::Closed;
        row.closed_at = Some(draft.at);
        finish(desk.touched, graph, draft, key, row);
    }
    for (key, wanted) in to_open {
        let size = |slot: u32| graph.node(slot).and_then(|node| graph.entity(node.entity)).map_or(1, |entity| entity.members.len());
        // Of an overlap the model says nothing.
        let weighed = wanted.reason != OVERLAP;
        let priority = priority(wanted, link, size(key.0) + size(key.1));
        let fresh = |id| ReviewTaskRow {
            id,
            kind: draft.kind,
            left_record: RecordId::new(draft.kind, key.0),
            right_record: RecordId::new(draft.kind, key.1),
            reason: String::new(),
            state: TaskState::Open,
            priority,
            weight: weighed.then_some(wanted.weight),
            probability: weighed.then(|| told.get(&key).copied().unwrap_or_else(|| model.probability(wanted.weight))),
            assigned_to: None,
            opened_at: draft.at,
            closed_at: None,
            decision: None,
        };
        let row = match rows.remove(&key) {
            Some(known) => ReviewTaskRow { assigned_to: known.assigned_to.clone(), opened_at: known.opened_at, ..fresh(known.id) },
            None => fresh(TaskId(Uuid::now_v7())),
        };
        finish(desk.touched, graph, draft, key, ReviewTaskRow { reason: wanted.reason.to_owned(), ..row });
    }
    Ok(())
}

/// Of the pairs that would wait because the model is unsure, marks those that a conflict rule of the model holds: the evidence of
/// their judgement names the rule. Returns how likely each of the pairs was judged to be a match.
fn tell_judged(
    reader: &mut Reader<'_>,
    draft: &Draft,
    to_open: &mut [((u32, u32), Wanted)],
) -> Result<AHashMap<(u32, u32), f32>, RegistryError> {
    let mut told = AHashMap::new();
    let mut unsure: AHashMap<(u32, u32), &mut Wanted> =
        to_open.iter_mut().filter(|(_, wanted)| wanted.reason == UNSURE).map(|(key, wanted)| (*key, wanted)).collect();
    if unsure.is_empty() {
        return Ok(told);
    }
    let mut tell = |rows: &[JudgementRow], unsure: &mut AHashMap<(u32, u32), &mut Wanted>| {
        for row in rows.iter().filter(|row| row.origin == JudgementOrigin::Model && row.retracted_by.is_none()) {
            let key = (row.left_record.slot(), row.right_record.slot());
            let Some(wanted) = unsure.remove(&key) else { continue };
            told.extend(row.probability.map(|probability| (key, probability)));
            if names_a_rule(&row.evidence) {
                wanted.reason = HELD_BY_RULE;
            }
        }
    };
    tell(&draft.judgements, &mut unsure);
    let earlier: Vec<(RecordId, RecordId)> =
        unsure.keys().map(|(left, right)| (RecordId::new(draft.kind, *left), RecordId::new(draft.kind, *right))).collect();
    let rows = if earlier.is_empty() { Vec::new() } else { reader.judgements_of_pairs(&earlier)? };
    tell(&rows, &mut unsure);
    Ok(told)
}

/// Whether the evidence of a judgement names a conflict rule that decided.
fn names_a_rule(evidence: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Evidence {
        conflict: Option<serde::de::IgnoredAny>,
    }
    serde_json::from_str::<Evidence>(evidence).is_ok_and(|evidence| evidence.conflict.is_some())
}

fn finish(touched: &mut super::settle::Touched, graph: &mut Graph, draft: &mut Draft, (left, right): (u32, u32), row: ReviewTaskRow) {
    touched.slots.extend([left, right]);
    draft.near.extend([row.left_record, row.right_record]);
    graph.put_task(left, right, Task { id: row.id, open: row.state == TaskState::Open });
    draft.tasks.push(row);
}

/// The pairs that should wait, among those that touch these records.
pub(crate) fn wanted(graph: &Graph, slots: &[u32], held: &[Held]) -> BTreeMap<(u32, u32), Wanted> {
    let mut best: BTreeMap<(EntityId, EntityId), ((u32, u32), Wanted)> = BTreeMap::new();
    let mut consider = |left: u32, right: u32, candidate: Wanted| {
        let (Some(from), Some(to)) = (graph.node(left), graph.node(right)) else { return };
        if from.entity == to.entity {
            return;
        }
        let entities = (from.entity.min(to.entity), from.entity.max(to.entity));
        let key = pair(left, right);
        let rank =
            |(left, right): (u32, u32)| graph.node(left).zip(graph.node(right)).map(|(one, other)| pair_order(one.order, other.order));
        match best.get_mut(&entities) {
            Some((known, standing)) => {
                if candidate.weight.total_cmp(&standing.weight).then_with(|| rank(*known).cmp(&rank(key))).is_gt() {
                    (*known, *standing) = (key, candidate);
                }
            }
            None => drop(best.insert(entities, (key, candidate))),
        }
    };
    for &slot in slots {
        for arc in graph.model_arcs(slot).iter().filter(|arc| arc.verdict == Verdict::Unsure) {
            consider(slot, arc.other, Wanted { weight: arc.weight, reason: UNSURE });
        }
        for other in graph.held(slot) {
            consider(slot, *other, Wanted { weight: 0.0, reason: OVERLAP });
        }
    }
    for edge in held {
        consider(edge.left.slot(), edge.right.slot(), Wanted { weight: edge.weight, reason: edge.reason.as_str() });
    }
    best.into_iter().filter(|(entities, _)| !steward_spoke(graph, *entities)).map(|(_, wanted)| wanted).collect()
}

fn pair_order(one: u64, other: u64) -> (u64, u64) {
    (one.min(other), one.max(other))
}

/// Whether a steward's verdict stands between the records of two entities.
pub(crate) fn steward_spoke(graph: &Graph, (one, other): (EntityId, EntityId)) -> bool {
    let members = |id| graph.entity(id).map_or(&[][..], |entity| entity.members.as_slice());
    members(one).iter().any(|slot| {
        let verdicts = graph.steward_verdicts(*slot);
        verdicts.iter().any(|arc| graph.node(arc.other).is_some_and(|node| node.entity == other))
    })
}

/// The higher, the sooner: contradictions before doubts, then what is nearest to the link threshold, then what concerns
/// more records.
pub(crate) fn priority(wanted: Wanted, link_threshold: f32, records: usize) -> i32 {
    let base = match wanted.reason {
        reason if reason == HoldReason::ConflictingIdentifier.as_str() => 300,
        UNSURE => 100,
        _ => 200,
    };
    let distance = (wanted.weight - link_threshold).abs().min(50.0);
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and 50")]
    let nearness = 50 - distance.round() as i32;
    base + nearness + i32::try_from(records.min(49)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contradictions_come_before_doubts_and_near_before_far() {
        let at = |reason, weight| priority(Wanted { weight, reason }, 10.0, 2);
        assert!(at("conflicting-identifier", 30.0) > at("bridge", 10.0));
        assert!(at("bridge", 40.0) > at("unsure", 10.0));
        assert!(at("unsure", 9.0) > at("unsure", 2.0));
        assert!(at(HELD_BY_RULE, 2.0) > at(UNSURE, 9.0));
    }

    #[test]
    fn evidence_tells_whether_a_rule_decided() {
        for (evidence, expected) in [
            (r#"{"prior":-20.0,"lines":[["name","same",9.1]],"conflict":"two valid numbers"}"#, true),
            (r#"{"prior":-20.0,"lines":[["conflict","same",9.1]]}"#, false),
            ("", false),
        ] {
            assert_eq!(names_a_rule(evidence), expected, "{evidence}");
        }
    }
}
