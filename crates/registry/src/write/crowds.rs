//! How many doubtful pairs of one record are asked about?
//!
//! Records that nearly agree by the thousand are doubtful with each other, pair by pair: their number grows by the square, and no steward
//! answers them all. So a doubtful pair is kept as long as one of its two records has fewer than [`MOST_DOUBTS`] that wait for an
//! answer, the strongest first. A record therefore waits with all its doubtful pairs, or with that many; when answers, withdrawals or
//! revisions make room, the next ones come. Pairs that are linked are always kept: which records belong together never depends on this.

use ahash::{AHashMap, AHashSet};
use jiku_model::Verdict;

use super::batch::{Found, compact, judge_by_model};
use super::draft::Draft;
use super::settle::Desk;
use super::tasks::steward_spoke;
use crate::RegistryError;
use crate::memory::{Graph, pair};
use crate::rejudge::Said;

/// So many doubtful pairs of a record wait for a steward at a time.
pub(crate) const MOST_DOUBTS: usize = 20;

fn doubts(graph: &Graph, slot: u32) -> impl Iterator<Item = u32> {
    graph.model_arcs(slot).iter().filter(|arc| arc.verdict == Verdict::Unsure).map(|arc| arc.other)
}

/// Whether nobody has answered if these two are one.
fn waits(graph: &Graph, left: u32, right: u32) -> bool {
    let (Some(one), Some(other)) = (graph.node(left), graph.node(right)) else { return false };
    // Records that arrive belong to no entity yet.
    let together = one.entity == other.entity && !one.entity.0.is_nil();
    !together && !steward_spoke(graph, (one.entity, other.entity))
}

/// Whether one more doubtful pair of a record is kept.
fn has_room(graph: &Graph, slot: u32) -> bool {
    doubts(graph, slot).nth(MOST_DOUBTS - 1).is_none()
        || doubts(graph, slot).filter(|other| waits(graph, slot, *other)).nth(MOST_DOUBTS - 1).is_none()
}

/// Whether there may be doubtful pairs of a record that were not kept: only a record with so many ever had one left out.
pub(crate) fn is_full(graph: &Graph, slot: u32) -> bool {
    doubts(graph, slot).nth(MOST_DOUBTS - 1).is_some()
}

/// Those of these records and of the records in doubt with them that may have pairs that were not kept.
pub(crate) fn full_around(graph: &Graph, slots: impl Iterator<Item = u32>) -> AHashSet<u32> {
    let mut full = AHashSet::new();
    for slot in slots {
        let near = doubts(graph, slot).filter(|other| is_full(graph, *other));
        full.extend(near.chain(Some(slot).filter(|slot| is_full(graph, *slot))));
    }
    full
}

/// Enters what the model says of pairs into the ledger: all that are linked, and of the doubtful ones the strongest.
pub(crate) fn judge_all(desk: &mut Desk<'_>, draft: &mut Draft, found: Vec<Found>) -> Result<(), RegistryError> {
    let link = desk.shelf.model().link_threshold();
    let (linked, mut doubtful): (Vec<Found>, Vec<Found>) = found.into_iter().partition(|found| found.weight >= link);
    doubtful.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| (a.slot, a.other).cmp(&(b.slot, b.other))));
    for found in linked {
        judge_by_model(desk, draft, found)?;
    }
    for found in doubtful {
        if has_room(desk.graph, found.slot) || has_room(desk.graph, found.other) {
            judge_by_model(desk, draft, found)?;
        }
    }
    Ok(())
}

/// Brings the next doubtful pairs of records that were full and have room now, after their clusters are known. The records
/// whose review tasks may be others for it: all members of the entities concerned.
pub(crate) fn fill(desk: &mut Desk<'_>, draft: &mut Draft) -> Result<Vec<u32>, RegistryError> {
    let mut thinned: Vec<u32> = std::mem::take(&mut draft.thinned).into_iter().collect();
    if thinned.is_empty() {
        return Ok(Vec::new());
    }
    // What arrives or shows something else in this very write was compared with all others, and the index knows it as it was before.
    let renewed: AHashSet<u32> = draft.effects.put.iter().map(|(slot, ..)| *slot).collect();
    thinned.retain(|slot| desk.graph.node(*slot).is_some() && !renewed.contains(slot) && has_room(desk.graph, *slot));
    thinned.sort_unstable();
    let mut grown = Vec::new();
    for slot in thinned {
        for found in next_doubts(desk, slot, &renewed) {
            if !has_room(desk.graph, slot) {
                break;
            }
            draft.near.extend([desk.graph.record(slot), desk.graph.record(found.other)]);
            judge_by_model(desk, draft, found)?;
            grown.push(slot);
        }
    }
    grown.dedup();
    let entities = grown.iter().filter_map(|slot| desk.graph.node(*slot)).filter_map(|node| desk.graph.entity(node.entity));
    Ok(entities.flat_map(|entity| entity.members.iter().copied()).collect())
}

/// The doubtful pairs of a record that are not in the ledger and that nobody has answered, the strongest first.
fn next_doubts(desk: &Desk<'_>, slot: u32, renewed: &AHashSet<u32>) -> Vec<Found> {
    let model = desk.shelf.model();
    let known: AHashSet<u32> = desk.graph.model_arcs(slot).iter().map(|arc| arc.other).collect();
    let is_next = |other: u32| !known.contains(&other) && !renewed.contains(&other) && waits(desk.graph, slot, other);
    let matching = desk.shelf.matching.read();
    let hits = matching.matches_of(slot, model.review_threshold());
    let hits = hits.into_iter().filter(|hit| hit.weight < model.link_threshold() && is_next(hit.slot)).take(MOST_DOUBTS);
    let evidence = |other| matching.score_slots(slot, other).map_or_else(|| "{}".to_owned(), |pair| compact(&pair.explain()));
    hits.map(|hit| Found { slot, other: hit.slot, weight: hit.weight, probability: hit.probability, evidence: evidence(hit.slot) })
        .collect()
}

/// Of all pairs that a model thinks of, those that are kept beside the pairs that were not looked at: what is linked, what was doubtful
/// before, and of the other doubtful ones the strongest.
pub(crate) fn kept(graph: &Graph, said: Said, link: f32, looked_at: impl Fn(u32, u32) -> bool) -> Said {
    let was_doubtful = |(left, right): (u32, u32)| doubts(graph, left).any(|other| other == right);
    let (mut kept, mut new) = (Said::new(), Vec::new());
    for (key, weight) in said {
        if weight >= link || was_doubtful(key) {
            kept.insert(key, weight);
        } else {
            new.push((key, weight));
        }
    }
    let stays = |left: u32, right: u32| !looked_at(left, right) || kept.get(&pair(left, right)).is_some_and(|weight| *weight < link);
    let waiting = |slot: u32| doubts(graph, slot).filter(|other| stays(slot, *other) && waits(graph, slot, *other)).count();
    let mut counts: AHashMap<u32, usize> = AHashMap::new();
    for slot in new.iter().flat_map(|((left, right), _)| [*left, *right]) {
        counts.entry(slot).or_insert_with(|| waiting(slot));
    }
    new.sort_unstable_by(|(one, weight), (other, weaker)| weaker.total_cmp(weight).then_with(|| one.cmp(other)));
    for ((left, right), weight) in new {
        if [left, right].iter().any(|slot| counts[slot] < MOST_DOUBTS) {
            for slot in [left, right] {
                *counts.entry(slot).or_default() += 1;
            }
            kept.insert((left, right), weight);
        }
    }
    kept
}
