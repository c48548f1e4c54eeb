//! What would another model change, or the one in use at other thresholds?
//!
//! A preview goes the way that [applying](crate::remodel) goes, in a copy of the ledger: it weighs the same pairs, clusters under the same
//! rules, and counts the questions to stewards that follow. Writers wait only while the copy is made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ahash::AHashMap;
use jiku_linkage::{MatchIndex, Model};
use jiku_model::{EntityId, Kind, Verdict};
use jiku_resolution::{Clustering, cluster};

use crate::RegistryError;
use crate::facade::{ModelChange, RegroupView, ThresholdPreview};
use crate::memory::{Graph, Nobodys, Shelf, pair};
use crate::registry::Inner;
use crate::rejudge::Said;
use crate::remodel::Proposed;
use crate::write::crowds::{is_full, kept};
use crate::write::reload::index;
use crate::write::tasks::wanted;

type Result<T> = std::result::Result<T, RegistryError>;

/// How many groups a preview shows.
const EXAMPLES: usize = 50;

/// How many pairs are weighed before others have the index again.
const AT_ONCE: usize = 1_000;

/// How many groups, or records with all who resemble them, are looked at before others have the index again.
const FEW: usize = 32;

/// What a change of the model would change. Nothing is written.
pub(crate) fn preview(inner: &Inner, kind: Kind, change: &ModelChange) -> Result<ThresholdPreview> {
    let shelf = inner.core.shelf(kind);
    let in_use = shelf.model();
    check(change, &in_use)?;
    let proposed = Proposed::of(&inner.core, kind, change)?;
    let (link, review) = (proposed.model.link_threshold(), proposed.model.review_threshold());
    // At other thresholds the pairs that the ledger holds are enough, unless pairs below those are to be reviewed.
    let of_ledger = matches!(change, ModelChange::Thresholds { .. }) && review >= in_use.review_threshold();
    let mut anew = if of_ledger { None } else { Some(proposed.ask(&inner.core, shelf)?) };
    let sketch = inner.core.state.lock().graphs[index(kind)].sketch();
    let now = sketch.figures();
    let mut graph = sketch.unfold();

    let (said, among) = match &mut anew {
        // A record that came since is seen with the next look.
        Some(anew) => (std::mem::take(&mut anew.said), anew.among.take()),
        None => (Said::new(), None),
    };
    let view = View { shelf, in_use: &in_use, model: &proposed.model, own: anew.as_ref().map(|anew| &anew.index) };
    let mut said = if of_ledger { view.weighed(&graph)? } else { said };
    said.retain(|(left, right), _| graph.node(*left).and(graph.node(*right)).is_some());
    let looked_at = |left, right| among.as_ref().is_none_or(|among| among.contains(&left) || among.contains(&right));
    let known: Vec<((u32, u32), f32)> = graph.model_pairs().filter(|((left, right), _)| !looked_at(*left, *right)).collect();
    let said = kept(&graph, said, link, looked_at);
    let verdict = |weight: f32| if weight >= link { Verdict::Positive } else { Verdict::Unsure };
    graph.replace_model_edges(known.into_iter().chain(said).map(|(pair, weight)| (pair, verdict(weight), weight)));

    let slots: Vec<u32> = graph.nodes().map(|(slot, _)| slot).collect();
    let Clustering { groups, held, .. } = view.clustered(&graph, &slots)?;
    let groups: Vec<Vec<u32>> = groups.into_iter().map(|group| group.into_iter().map(|record| record.slot()).collect()).collect();
    let (changes, examples) = regrouped(&graph, &groups);
    graph.regroup(&groups);
    let tasks = (now.open_tasks, wanted(&graph, &slots, &held).len() as u64);
    let entities = (now.entities, groups.len() as u64);
    Ok(ThresholdPreview { kind, version: proposed.from, link, review, entities, tasks, changes, examples })
}

/// Refuses thresholds between which there is no room.
fn check(change: &ModelChange, in_use: &Model) -> Result<()> {
    let ModelChange::Thresholds { link, review } = change else { return Ok(()) };
    let review = review.unwrap_or_else(|| in_use.review_threshold());
    if link.is_finite() && review.is_finite() && *link > review {
        return Ok(());
    }
    let message = format!("link must be above review, and both must be numbers: got {link} and {review}");
    Err(RegistryError::conflict("threshold-range", message))
}

/// The records, as the model that is looked at sees them.
struct View<'a> {
    shelf: &'a Shelf,
    in_use: &'a Arc<Model>,
    model: &'a Model,
    /// The index that was made for it; where there is none, that of the model in use serves.
    own: Option<&'a MatchIndex>,
}

impl View<'_> {
    /// Looks into the index; whoever writes waits for it.
    fn look<T>(&self, look: impl FnOnce(&MatchIndex) -> T) -> Result<T> {
        if let Some(own) = self.own {
            return Ok(look(own));
        }
        let matching = self.shelf.matching.read();
        if Arc::ptr_eq(matching.model(), self.in_use) {
            return Ok(look(&matching));
        }
        Err(RegistryError::conflict("model-stale", "another version of the model came into use meanwhile: look again"))
    }

    /// What the pairs weigh that the ledger holds, and those it left out because their records had too many.
    fn weighed(&self, graph: &Graph) -> Result<Said> {
        let floor = self.in_use.review_threshold();
        let mut pairs: Vec<(u32, u32)> = graph.model_pairs().map(|(pair, _)| pair).collect();
        let full: Vec<u32> = graph.nodes().map(|(slot, _)| slot).filter(|slot| is_full(graph, *slot)).collect();
        for slots in full.chunks(FEW) {
            pairs.extend(self.look(|matching| {
                let found = slots.iter().flat_map(|slot| matching.matches_of(*slot, floor).into_iter().map(|hit| pair(*slot, hit.slot)));
                found.collect::<Vec<_>>()
            })?);
        }
        pairs.sort_unstable();
        pairs.dedup();
        let mut said = Said::new();
        for pairs in pairs.chunks(AT_ONCE) {
            said.extend(self.look(|matching| {
                let weigh = |(left, right): &(u32, u32)| Some(((*left, *right), matching.weigh(self.model, *left, *right)?));
                pairs.iter().filter_map(weigh).collect::<Vec<_>>()
            })?);
        }
        said.retain(|_, weight| *weight >= self.model.review_threshold());
        Ok(said)
    }

    /// The clusters that follow from the judgements of a graph.
    fn clustered(&self, graph: &Graph, slots: &[u32]) -> Result<Clustering> {
        let mut edges = graph.resolution_edges(slots);
        let none = AHashMap::new();
        for groups in graph.linked(slots).chunks(FEW) {
            edges.extend(
                self.look(|matching| {
                    groups.iter().flat_map(|group| graph.unlinked(matching, self.model, group, &none)).collect::<Vec<_>>()
                })?,
            );
        }
        Ok(cluster(&graph.resolution_nodes(slots, &Nobodys::of(self.model)), &edges, &self.shelf.cluster_rules))
    }
}

/// Entities that exchange records: how many such groups there are, and the first.
fn regrouped(graph: &Graph, then: &[Vec<u32>]) -> (u64, Vec<RegroupView>) {
    // A group that is not exactly one entity ties all entities it takes records from together.
    let mut tied: BTreeMap<EntityId, BTreeSet<usize>> = BTreeMap::new();
    let entity_of = |slot: &u32| graph.node(*slot).map(|node| node.entity);
    for (number, group) in then.iter().enumerate() {
        let entities: BTreeSet<EntityId> = group.iter().filter_map(entity_of).collect();
        let whole = entities.len() == 1
            && entities.first().and_then(|id| graph.entity(*id)).is_some_and(|entity| entity.members.len() == group.len());
        if !whole {
            for id in entities {
                tied.entry(id).or_default().insert(number);
            }
        }
    }
    let (mut seen, mut total, mut examples): (BTreeSet<EntityId>, u64, Vec<RegroupView>) = (BTreeSet::new(), 0, Vec::new());
    for start in tied.keys() {
        if !seen.insert(*start) {
            continue;
        }
        let (mut entities, mut groups, mut stack) = (Vec::new(), BTreeSet::new(), vec![*start]);
        while let Some(id) = stack.pop() {
            entities.push(id);
            for &number in tied.get(&id).into_iter().flatten() {
                if groups.insert(number) {
                    stack.extend(then[number].iter().filter_map(entity_of).filter(|other| seen.insert(*other)));
                }
            }
        }
        total += 1;
        if examples.len() < EXAMPLES {
            entities.sort_unstable();
            let mut records_after: Vec<usize> = groups.into_iter().map(|number| then[number].len()).collect();
            records_after.sort_unstable_by(|a, b| b.cmp(a));
            examples.push(RegroupView { entities, records_after });
        }
    }
    (total, examples)
}
