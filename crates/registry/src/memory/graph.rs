//! What does the ledger say right now, held in memory for the writer?
//!
//! One graph per kind: source records as nodes, live judgements as arcs, entities with their members, review tasks and
//! standing overrides. Only the writer and the follower touch it. Planning a write changes it in place; when the write
//! is not committed, the touched parts are [read again](Graph::forget) from the database before the next one.

mod components;
mod image;
mod sketch;

use std::num::NonZeroU64;

use ahash::{AHashMap, AHashSet};
use jiku_model::{DecisionId, EntityId, Kind, RecordId, TaskId, Timestamp, Verdict};
use smallvec::SmallVec;
use uuid::Uuid;

use super::Entities;
use crate::facade::EntityState;

/// A source record that counts: a withdrawn one is no node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    /// Its order-free number.
    pub(crate) order: u64,
    /// Hash of its verified strong identifier.
    pub(crate) strong: Option<NonZeroU64>,
    /// The entity it belongs to, or belonged to last.
    pub(crate) entity: EntityId,
    /// The number of its source: 1 or more.
    pub(crate) source: i16,
}

/// The place of a record that is no node.
const VACANT: Node = Node { order: 0, strong: None, entity: EntityId(Uuid::nil()), source: 0 };

impl Node {
    const fn is_vacant(&self) -> bool {
        self.source == VACANT.source
    }
}

/// A live judgement of the model, seen from one of its records.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ModelArc {
    pub(crate) other: u32,
    pub(crate) weight: f32,
    pub(crate) verdict: Verdict,
}

/// A live judgement of a steward, seen from one of its records.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct StewardArc {
    pub(crate) other: u32,
    pub(crate) verdict: Verdict,
    pub(crate) at: Timestamp,
    pub(crate) decision: DecisionId,
}

/// A canonical id. There are millions of them: few have a redirect, so its place is a pointer's, and a moment takes eight bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entity {
    pub(crate) version: i32,
    pub(crate) state: EntityState,
    redirect: Option<Box<EntityId>>,
    /// Microseconds since 1970.
    created: i64,
    /// The records it names; for one that is not active, those it named last. Sorted.
    pub(crate) members: SmallVec<[u32; 4]>,
}

impl Entity {
    pub(crate) fn new(
        version: i32,
        state: EntityState,
        redirect: Option<EntityId>,
        created: Timestamp,
        members: SmallVec<[u32; 4]>,
    ) -> Self {
        Self { version, state, redirect: redirect.map(Box::new), created: created.timestamp_micros(), members }
    }

    /// Whom one that was merged leads to.
    pub(crate) fn redirect(&self) -> Option<EntityId> {
        self.redirect.as_deref().copied()
    }

    pub(crate) fn created(&self) -> Timestamp {
        Timestamp::from_timestamp_micros(self.created).expect("the microseconds of a moment")
    }
}

/// A review task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Task {
    pub(crate) id: TaskId,
    pub(crate) open: bool,
}

/// A standing override.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Override {
    pub(crate) decision: DecisionId,
    pub(crate) column: String,
    pub(crate) value: String,
    pub(crate) at: Timestamp,
}

/// How many there are of what, counted as it comes and goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Source records that count.
    pub(crate) records: u64,
    /// Entities that are active.
    pub(crate) entities: u64,
    /// Review tasks that wait.
    pub(crate) open_tasks: u64,
}

/// The ledger of one kind.
#[derive(Debug)]
pub(crate) struct Graph {
    kind: Kind,
    nodes: Vec<Node>,
    figures: Figures,
    /// The first slot that no record has, nor had.
    next_slot: u32,
    model: AHashMap<u32, SmallVec<[ModelArc; 2]>>,
    /// Pairs that a rule beside the model puts before a steward, from both sides: parcels that overlap.
    held: AHashMap<u32, SmallVec<[u32; 2]>>,
    steward: AHashMap<u32, Vec<StewardArc>>,
    entities: Entities,
    /// Ids that are not active, by the records they named last.
    claims: AHashMap<u32, SmallVec<[EntityId; 1]>>,
    tasks: AHashMap<(u32, u32), Task>,
    /// The other sides of tasks, open or not.
    task_sides: AHashMap<u32, SmallVec<[u32; 2]>>,
    overrides: AHashMap<u32, Vec<Override>>,
}

/// The pair with the smaller slot first.
pub(crate) fn pair(left: u32, right: u32) -> (u32, u32) {
    (left.min(right), left.max(right))
}

impl Graph {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            nodes: Vec::new(),
            figures: Figures::default(),
            next_slot: 0,
            model: AHashMap::new(),
            held: AHashMap::new(),
            steward: AHashMap::new(),
            entities: Entities::default(),
            claims: AHashMap::new(),
            tasks: AHashMap::new(),
            task_sides: AHashMap::new(),
            overrides: AHashMap::new(),
        }
    }

    /// A slot that no record has, nor had.
    pub(crate) fn take_slot(&mut self) -> u32 {
        let slot = self.next_slot;
        self.next_slot += 1;
        slot
    }

    /// Says which slots are taken: all before this one.
    pub(crate) fn set_next_slot(&mut self, next: u32) {
        self.next_slot = next;
    }

    /// How many there are of what.
    pub(crate) const fn figures(&self) -> Figures {
        self.figures
    }

    /// All slots lie below this one.
    pub(crate) fn slots(&self) -> u32 {
        u32::try_from(self.nodes.len()).expect("slots are 32 bits").max(self.next_slot)
    }

    pub(crate) fn node(&self, slot: u32) -> Option<&Node> {
        self.nodes.get(slot as usize).filter(|node| !node.is_vacant())
    }

    /// Every record, with its slot.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = (u32, &Node)> {
        (0..).zip(&self.nodes).filter(|(_, node)| !node.is_vacant())
    }

    pub(crate) fn put_node(&mut self, slot: u32, node: Node) {
        let at = slot as usize;
        if self.nodes.len() <= at {
            self.nodes.resize(at + 1, VACANT);
        }
        self.figures.records += u64::from(self.nodes[at].is_vacant());
        self.nodes[at] = node;
    }

    /// Makes room for this many records at once.
    pub(crate) fn reserve(&mut self, slots: u32) {
        self.nodes.reserve_exact((slots as usize).saturating_sub(self.nodes.len()));
    }

    /// Gives every active entity the records that name it; the entities were put without.
    pub(crate) fn gather_members(&mut self) {
        for (slot, node) in (0..).zip(&self.nodes).filter(|(_, node)| !node.is_vacant()) {
            if let Some(entity) = self.entities.get_mut(node.entity).filter(|entity| entity.state == EntityState::Active) {
                entity.members.push(slot);
            }
        }
    }

    pub(crate) fn node_mut(&mut self, slot: u32) -> Option<&mut Node> {
        self.nodes.get_mut(slot as usize).filter(|node| !node.is_vacant())
    }

    pub(crate) fn entity(&self, id: EntityId) -> Option<&Entity> {
        self.entities.get(id)
    }

    pub(crate) fn entities(&self) -> impl Iterator<Item = (EntityId, &Entity)> {
        self.entities.iter()
    }

    /// Puts an entity in the place of what was known of it.
    pub(crate) fn put_entity(&mut self, id: EntityId, entity: Entity) {
        self.remove_entity(id);
        self.figures.entities += u64::from(entity.state == EntityState::Active);
        if entity.state != EntityState::Active {
            for slot in &entity.members {
                self.claims.entry(*slot).or_default().push(id);
            }
        }
        self.entities.insert(id, entity);
    }

    pub(crate) fn remove_entity(&mut self, id: EntityId) {
        let Some(entity) = self.entities.remove(id) else { return };
        self.figures.entities -= u64::from(entity.state == EntityState::Active);
        if entity.state != EntityState::Active {
            for slot in &entity.members {
                if let Some(claims) = self.claims.get_mut(slot) {
                    claims.retain(|claim| *claim != id);
                    if claims.is_empty() {
                        self.claims.remove(slot);
                    }
                }
            }
        }
    }

    /// The ids that are not active and named this record last.
    pub(crate) fn claims(&self, slot: u32) -> &[EntityId] {
        self.claims.get(&slot).map_or(&[], SmallVec::as_slice)
    }

    pub(crate) fn model_arcs(&self, slot: u32) -> &[ModelArc] {
        self.model.get(&slot).map_or(&[], SmallVec::as_slice)
    }

    pub(crate) fn put_model_edge(&mut self, left: u32, right: u32, verdict: Verdict, weight: f32) {
        for (from, to) in [(left, right), (right, left)] {
            let arcs = self.model.entry(from).or_default();
            arcs.retain(|arc| arc.other != to);
            arcs.push(ModelArc { other: to, weight, verdict });
        }
    }

    /// The other sides of pairs with this record that a rule puts before a steward.
    pub(crate) fn held(&self, slot: u32) -> &[u32] {
        self.held.get(&slot).map_or(&[], SmallVec::as_slice)
    }

    /// A rule puts a pair before a steward.
    pub(crate) fn hold(&mut self, left: u32, right: u32) {
        for (from, to) in [(left, right), (right, left)] {
            let others = self.held.entry(from).or_default();
            if !others.contains(&to) {
                others.push(to);
            }
        }
    }

    /// The records that the model or a rule judged together with this one.
    pub(crate) fn judged_with(&self, slot: u32) -> impl Iterator<Item = u32> {
        self.model_arcs(slot).iter().map(|arc| arc.other).chain(self.held(slot).iter().copied())
    }

    /// The records that the model links with this one, whether the clusters follow it or not.
    pub(crate) fn linked_with(&self, slot: u32) -> impl Iterator<Item = u32> {
        self.model_arcs(slot).iter().filter(|arc| arc.verdict == Verdict::Positive).map(|arc| arc.other)
    }

    /// Takes all judgements of the model and of rules on a record away.
    pub(crate) fn drop_judgements(&mut self, slot: u32) {
        for other in self.held.remove(&slot).unwrap_or_default() {
            if let Some(others) = self.held.get_mut(&other) {
                others.retain(|back| *back != slot);
                if others.is_empty() {
                    self.held.remove(&other);
                }
            }
        }
        for arc in self.model.remove(&slot).unwrap_or_default() {
            if let Some(arcs) = self.model.get_mut(&arc.other) {
                arcs.retain(|back| back.other != slot);
                if arcs.is_empty() {
                    self.model.remove(&arc.other);
                }
            }
        }
    }

    /// Takes the judgement of the model on a pair away.
    pub(crate) fn drop_model_edge(&mut self, left: u32, right: u32) {
        for (from, to) in [(left, right), (right, left)] {
            if let Some(arcs) = self.model.get_mut(&from) {
                arcs.retain(|arc| arc.other != to);
                if arcs.is_empty() {
                    self.model.remove(&from);
                }
            }
        }
    }

    pub(crate) fn put_steward_edge(&mut self, left: u32, right: u32, verdict: Verdict, at: Timestamp, decision: DecisionId) {
        for (from, to) in [(left, right), (right, left)] {
            self.steward.entry(from).or_default().push(StewardArc { other: to, verdict, at, decision });
        }
    }

    /// Takes the judgements of a decision on a pair away.
    pub(crate) fn drop_steward_edge(&mut self, left: u32, right: u32, decision: DecisionId) {
        for (from, to) in [(left, right), (right, left)] {
            if let Some(arcs) = self.steward.get_mut(&from) {
                arcs.retain(|arc| arc.other != to || arc.decision != decision);
                if arcs.is_empty() {
                    self.steward.remove(&from);
                }
            }
        }
    }

    /// What stewards say now of the pairs of a record: the latest verdict per pair.
    pub(crate) fn steward_verdicts(&self, slot: u32) -> SmallVec<[StewardArc; 4]> {
        let mut latest: SmallVec<[StewardArc; 4]> = SmallVec::new();
        for arc in self.steward.get(&slot).map_or(&[][..], Vec::as_slice) {
            match latest.iter_mut().find(|known| known.other == arc.other) {
                Some(known) if (known.at, known.decision) < (arc.at, arc.decision) => *known = *arc,
                Some(_) => {}
                None => latest.push(*arc),
            }
        }
        latest
    }

    pub(crate) fn put_task(&mut self, left: u32, right: u32, task: Task) {
        let key = pair(left, right);
        let old = self.tasks.insert(key, task);
        if old.is_none() {
            self.task_sides.entry(key.0).or_default().push(key.1);
            self.task_sides.entry(key.1).or_default().push(key.0);
        }
        self.figures.open_tasks += u64::from(task.open);
        self.figures.open_tasks -= u64::from(old.is_some_and(|old| old.open));
    }

    /// The records with which this one has a task, open or not.
    fn sides(&self, slot: u32) -> &[u32] {
        self.task_sides.get(&slot).map_or(&[], SmallVec::as_slice)
    }

    /// The records with which this one has an open task.
    pub(crate) fn waiting(&self, slot: u32) -> impl Iterator<Item = u32> {
        self.sides(slot).iter().copied().filter(move |other| self.tasks.get(&pair(slot, *other)).is_some_and(|task| task.open))
    }

    pub(crate) fn overrides(&self, slot: u32) -> &[Override] {
        self.overrides.get(&slot).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn put_override(&mut self, slot: u32, steward: Override) {
        let standing = self.overrides.entry(slot).or_default();
        standing.retain(|known| known.decision != steward.decision);
        standing.push(steward);
    }

    pub(crate) fn drop_override(&mut self, slot: u32, decision: DecisionId) {
        if let Some(standing) = self.overrides.get_mut(&slot) {
            standing.retain(|known| known.decision != decision);
            if standing.is_empty() {
                self.overrides.remove(&slot);
            }
        }
    }

    /// Drops the judgements and overrides on these records, so that they can be read again. Nodes and tasks stay until
    /// they are put anew.
    pub(crate) fn forget(&mut self, slots: &[u32]) {
        for slot in slots {
            self.drop_judgements(*slot);
            for arc in self.steward.remove(slot).unwrap_or_default() {
                if let Some(arcs) = self.steward.get_mut(&arc.other) {
                    arcs.retain(|back| back.other != *slot);
                    if arcs.is_empty() {
                        self.steward.remove(&arc.other);
                    }
                }
            }
            self.overrides.remove(slot);
        }
    }

    /// The pairs with a task, open or not, on either side of which one of these records stands.
    pub(crate) fn task_pairs(&self, slots: &AHashSet<u32>) -> Vec<(u32, u32)> {
        let mut pairs: Vec<(u32, u32)> = slots.iter().flat_map(|slot| self.sides(*slot).iter().map(|other| pair(*slot, *other))).collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    /// Takes a task away that turned out not to exist.
    pub(crate) fn remove_task(&mut self, key: (u32, u32)) {
        let Some(task) = self.tasks.remove(&key) else { return };
        self.figures.open_tasks -= u64::from(task.open);
        for (from, to) in [key, (key.1, key.0)] {
            if let Some(others) = self.task_sides.get_mut(&from) {
                others.retain(|other| *other != to);
                if others.is_empty() {
                    self.task_sides.remove(&from);
                }
            }
        }
    }

    pub(crate) fn remove_node(&mut self, slot: u32) {
        if let Some(place) = self.nodes.get_mut(slot as usize) {
            self.figures.records -= u64::from(!place.is_vacant());
            *place = VACANT;
        }
    }

    /// Every pair the model thinks of, once, with its weight.
    pub(crate) fn model_pairs(&self) -> impl Iterator<Item = ((u32, u32), f32)> {
        self.nodes().flat_map(|(slot, _)| {
            self.model_arcs(slot).iter().filter(move |arc| slot < arc.other).map(move |arc| ((slot, arc.other), arc.weight))
        })
    }

    pub(crate) fn record(&self, slot: u32) -> RecordId {
        RecordId::new(self.kind, slot)
    }

    /// Roughly how many bytes it takes.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.nodes.capacity() * size_of::<Node>()
            + self.model.capacity() * size_of::<(u32, SmallVec<[ModelArc; 2]>)>()
            + self.model.values().filter(|arcs| arcs.spilled()).map(|arcs| arcs.capacity() * size_of::<ModelArc>()).sum::<usize>()
            + self.held.capacity() * size_of::<(u32, SmallVec<[u32; 2]>)>()
            + self.entities.heap_bytes()
            + self.tasks.capacity() * size_of::<((u32, u32), Task)>()
            + self.task_sides.capacity() * size_of::<(u32, SmallVec<[u32; 2]>)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn entity(number: u128) -> EntityId {
        EntityId(Uuid::from_u128(number))
    }

    fn graph(records: u32) -> Graph {
        let mut graph = Graph::new(Kind::Person);
        for slot in 0..records {
            let id = entity(u128::from(slot) + 1);
            graph.put_node(slot, Node { order: u64::from(slot), strong: None, entity: id, source: 1 });
            let members = SmallVec::from_slice(&[slot]);
            graph.put_entity(id, Entity::new(1, EntityState::Active, None, Timestamp::UNIX_EPOCH, members));
        }
        graph
    }

    #[test]
    fn a_component_follows_positive_judgements_only() {
        let mut graph = graph(4);
        graph.put_model_edge(0, 1, Verdict::Positive, 9.0);
        graph.put_model_edge(1, 2, Verdict::Unsure, 3.0);
        assert_eq!(graph.component([0]), [0, 1]);
        graph.put_steward_edge(2, 3, Verdict::Positive, Timestamp::UNIX_EPOCH, DecisionId(Uuid::from_u128(1)));
        assert_eq!(graph.component([3]), [2, 3]);
    }

    #[test]
    fn the_later_verdict_of_a_steward_stands() {
        let mut graph = graph(2);
        let (early, late) = (DecisionId(Uuid::from_u128(1)), DecisionId(Uuid::from_u128(2)));
        graph.put_steward_edge(0, 1, Verdict::Negative, Timestamp::from_timestamp(2, 0).expect("in range"), late);
        graph.put_steward_edge(0, 1, Verdict::Positive, Timestamp::UNIX_EPOCH, early);
        assert_eq!(graph.steward_verdicts(0)[0].verdict, Verdict::Negative);
        graph.drop_steward_edge(1, 0, late);
        assert_eq!(graph.steward_verdicts(1)[0].verdict, Verdict::Positive);
    }

    #[test]
    fn a_merged_id_is_remembered_by_its_last_records() {
        let mut graph = graph(2);
        let members = SmallVec::from_slice(&[1]);
        let merged = Entity::new(2, EntityState::Merged, Some(entity(1)), Timestamp::UNIX_EPOCH, members);
        graph.put_entity(entity(2), merged);
        assert_eq!(graph.claims(1), [entity(2)]);
        assert!(graph.formers(&[1]).iter().any(|former| former.entity == entity(2) && !former.active));
        graph.remove_entity(entity(2));
        assert_eq!(graph.claims(1), []);
    }

    #[test]
    fn forgetting_a_record_leaves_no_arc() {
        let mut graph = graph(2);
        graph.put_model_edge(0, 1, Verdict::Positive, 9.0);
        graph.put_steward_edge(0, 1, Verdict::Negative, Timestamp::UNIX_EPOCH, DecisionId(Uuid::nil()));
        graph.forget(&[0]);
        assert!(graph.model_arcs(1).is_empty() && graph.steward_verdicts(1).is_empty());
    }

    #[test]
    fn a_task_waits_on_both_sides_until_it_is_closed() {
        let mut graph = graph(2);
        graph.put_task(1, 0, Task { id: TaskId(Uuid::nil()), open: true });
        let waiting = |graph: &Graph, slot| graph.waiting(slot).collect::<Vec<_>>();
        assert_eq!((waiting(&graph, 0), waiting(&graph, 1)), (vec![1], vec![0]));
        graph.put_task(0, 1, Task { id: TaskId(Uuid::nil()), open: false });
        assert!(waiting(&graph, 0).is_empty() && waiting(&graph, 1).is_empty());
        assert_eq!(graph.task_pairs(&[1].into_iter().collect()), [(0, 1)]);
        graph.remove_task((0, 1));
        assert_eq!((graph.task_pairs(&[0, 1].into_iter().collect()), graph.figures().open_tasks), (vec![], 0));
    }
}
