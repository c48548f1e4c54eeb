//! Which records hang together, and what do their pairs say for and against it?

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use ahash::{AHashMap, AHashSet};
use jiku_linkage::{MatchIndex, Model};
use jiku_model::{EntityId, Features, JudgementOrigin, Verdict};
use jiku_resolution::{Edge, Former};

use super::super::Nobodys;
use super::Graph;
use crate::facade::EntityState;

impl Graph {
    /// All records whose clusters may change with these: everything reachable over positive judgements, and every
    /// member of the entities met on the way; sorted.
    pub(crate) fn component(&self, seeds: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let mut seen: AHashSet<u32> = AHashSet::new();
        let mut stack: Vec<u32> = seeds.into_iter().collect();
        while let Some(slot) = stack.pop() {
            let Some(node) = self.node(slot) else { continue };
            if !seen.insert(slot) {
                continue;
            }
            if let Some(entity) = self.entity(node.entity) {
                stack.extend(entity.members.iter().copied());
            }
            stack.extend(self.linked_with(slot));
            stack.extend(self.steward_verdicts(slot).iter().filter(|arc| arc.verdict == Verdict::Positive).map(|arc| arc.other));
        }
        let mut component: Vec<u32> = seen.into_iter().collect();
        component.sort_unstable();
        component
    }

    /// The records as the clustering sees them: numbers that are nobody's are no verified ones.
    pub(crate) fn resolution_nodes(&self, slots: &[u32], nobodys: &Nobodys) -> Vec<jiku_resolution::Node> {
        let see = |slot: &u32| {
            let node = self.node(*slot)?;
            let source = u16::try_from(node.source).unwrap_or_default();
            let strong = nobodys.heed(node.strong).map(NonZeroU64::get);
            Some(jiku_resolution::Node { record: self.record(*slot), order: node.order, source, strong })
        };
        slots.iter().filter_map(see).collect()
    }

    /// The live judgements among these records (sorted) that the clustering needs.
    pub(crate) fn resolution_edges(&self, slots: &[u32]) -> Vec<Edge> {
        let mut edges = Vec::new();
        for &left in slots {
            let edge =
                |right: u32, verdict, origin, weight| Edge { left: self.record(left), right: self.record(right), verdict, origin, weight };
            for arc in self.model_arcs(left) {
                if left < arc.other && arc.verdict == Verdict::Positive && slots.binary_search(&arc.other).is_ok() {
                    edges.push(edge(arc.other, arc.verdict, JudgementOrigin::Model, arc.weight));
                }
            }
            for arc in self.steward_verdicts(left) {
                if left < arc.other && slots.binary_search(&arc.other).is_ok() {
                    edges.push(edge(arc.other, arc.verdict, JudgementOrigin::Steward, 0.0));
                }
            }
        }
        edges
    }

    /// Among these records (sorted), those that positive judgements hang together, where three or more are.
    pub(crate) fn linked(&self, slots: &[u32]) -> Vec<Vec<u32>> {
        let mut seen: AHashSet<u32> = AHashSet::with_capacity(slots.len());
        let mut groups = Vec::new();
        for &start in slots {
            if !seen.insert(start) {
                continue;
            }
            let (mut group, mut stack) = (Vec::new(), vec![start]);
            while let Some(slot) = stack.pop() {
                group.push(slot);
                let model = self.linked_with(slot);
                let steward = self.steward_verdicts(slot).into_iter().filter(|arc| arc.verdict == Verdict::Positive).map(|arc| arc.other);
                stack.extend(model.chain(steward).filter(|other| slots.binary_search(other).is_ok() && seen.insert(*other)));
            }
            if group.len() > 2 {
                group.sort_unstable();
                groups.push(group);
            }
        }
        groups
    }

    /// The weight of a link that the model sees between two records.
    pub(crate) fn link(&self, left: u32, right: u32) -> Option<f32> {
        let arc = self.model_arcs(left).iter().find(|arc| arc.other == right && arc.verdict == Verdict::Positive)?;
        Some(arc.weight)
    }

    /// The records among these (sorted) that stewards say are one with others of them, each with the first of those it hangs together with by
    /// such verdicts: one and two, and two and three, are one and three as well.
    pub(crate) fn joined_by_stewards(&self, slots: &[u32]) -> BTreeMap<u32, u32> {
        let mut first: BTreeMap<u32, u32> = BTreeMap::new();
        for &left in slots {
            for arc in self.steward_verdicts(left) {
                if arc.verdict == Verdict::Positive && left < arc.other && slots.binary_search(&arc.other).is_ok() {
                    let (one, other) = (*first.entry(left).or_insert(left), *first.entry(arc.other).or_insert(arc.other));
                    let (kept, given_up) = (one.min(other), one.max(other));
                    first.values_mut().filter(|at| **at == given_up).for_each(|at| *at = kept);
                }
            }
        }
        first
    }

    /// What the clustering needs to know of the pairs of these records (sorted): the judgements of the ledger and, of records that hang
    /// together by them, what the model says of every other pair, which is no evidence for a link and yet may speak against one: a
    /// conflict rule holds father and son apart also when a record without a birth date resembles both. `shown` are records that the index
    /// does not know yet.
    pub(crate) fn edges(&self, matching: &MatchIndex, slots: &[u32], shown: &[(u32, Features, Vec<u64>)]) -> Vec<Edge> {
        let mut edges = self.resolution_edges(slots);
        let groups = self.linked(slots);
        if groups.is_empty() {
            return edges;
        }
        let shown: AHashMap<u32, &Features> = shown.iter().map(|(slot, features, _)| (*slot, features)).collect();
        for group in groups {
            edges.extend(self.unlinked(matching, matching.model(), &group, &shown));
        }
        edges
    }

    /// What a model says of the pairs of a [linked](Graph::linked) group that are no links, but for those that stewards settled.
    pub(crate) fn unlinked(&self, matching: &MatchIndex, model: &Model, group: &[u32], shown: &AHashMap<u32, &Features>) -> Vec<Edge> {
        let link = |left: u32, right: u32| self.link(left, right);
        if group.iter().enumerate().all(|(at, left)| group[at + 1..].iter().all(|right| link(*left, *right).is_some())) {
            return Vec::new();
        }
        let joined = self.joined_by_stewards(group);
        let near = |one: u32, other: u32| one == other || link(one, other).is_some();
        // Of two records that stewards know to be one, and of those that resemble them, the model is not asked.
        let settled = |left: u32, right: u32| {
            let near_left = joined.iter().filter(|&(&one, _)| near(left, one));
            let mut sides = near_left.flat_map(|one| joined.iter().map(move |other| (one, other)));
            sides.any(|((one, first), (other, same))| one != other && first == same && near(right, *other))
        };
        let pairs = matching.within(model, group, |slot| shown.get(&slot).map(|features| features.as_slice()), link).into_iter();
        let told = pairs.filter(|pair| link(pair.left, pair.right).is_none() && !settled(pair.left, pair.right)).map(|pair| {
            let doubtful = !pair.apart && pair.weight >= model.review_threshold();
            Edge {
                left: self.record(pair.left),
                right: self.record(pair.right),
                verdict: if doubtful { Verdict::Unsure } else { Verdict::Negative },
                origin: if pair.apart { JudgementOrigin::Rule } else { JudgementOrigin::Model },
                weight: pair.weight,
            }
        });
        told.collect()
    }

    /// Every id that names one of these records, or named one of them last.
    pub(crate) fn formers(&self, slots: &[u32]) -> Vec<Former> {
        let mut ids: Vec<EntityId> = slots.iter().filter_map(|slot| self.node(*slot)).map(|node| node.entity).collect();
        ids.extend(slots.iter().flat_map(|slot| self.claims(*slot).iter().copied()));
        ids.sort_unstable();
        ids.dedup();
        let former = |id: EntityId| {
            let entity = self.entity(id)?;
            let members = entity.members.iter().map(|slot| self.record(*slot)).collect();
            Some(Former { entity: id, created: entity.created(), members, active: entity.state == EntityState::Active })
        };
        ids.into_iter().filter_map(former).collect()
    }
}
