//! What of the ledger does it take to look at what would be, without holding the writer up?
//!
//! Nobody writes while the [sketch](Graph::sketch) is made, so it is flat lists alone; a graph is made of it afterwards, without a lock.

use ahash::AHashMap;
use jiku_model::{EntityId, Kind, Timestamp, Verdict};
use smallvec::SmallVec;
use uuid::Uuid;

use super::{Entity, Figures, Graph, Node, StewardArc};
use crate::facade::EntityState;

/// Records, judgements, and which entity each record belongs to.
pub(crate) struct Sketch {
    kind: Kind,
    nodes: Vec<Node>,
    figures: Figures,
    model: Vec<(u32, u32, Verdict, f32)>,
    held: Vec<(u32, u32)>,
    steward: AHashMap<u32, Vec<StewardArc>>,
}

impl Graph {
    /// A copy of records, judgements and belonging alone.
    pub(crate) fn sketch(&self) -> Sketch {
        let arcs = self.model.iter().flat_map(|(slot, arcs)| arcs.iter().map(move |arc| (*slot, arc)));
        let held = self.held.iter().flat_map(|(slot, others)| others.iter().map(move |other| (*slot, *other)));
        Sketch {
            kind: self.kind,
            nodes: self.nodes.clone(),
            figures: self.figures,
            model: arcs.filter(|(slot, arc)| *slot < arc.other).map(|(slot, arc)| (slot, arc.other, arc.verdict, arc.weight)).collect(),
            held: held.filter(|(slot, other)| slot < other).collect(),
            steward: self.steward.clone(),
        }
    }

    /// Replaces what the model says of all pairs.
    pub(crate) fn replace_model_edges(&mut self, said: impl IntoIterator<Item = ((u32, u32), Verdict, f32)>) {
        self.model.clear();
        for ((left, right), verdict, weight) in said {
            self.put_model_edge(left, right, verdict, weight);
        }
    }

    /// Puts the records together as these groups, each under an id that nobody knows.
    pub(crate) fn regroup(&mut self, groups: &[Vec<u32>]) {
        for slot in groups.iter().flatten() {
            let Some(former) = self.node(*slot).map(|node| node.entity) else { continue };
            self.remove_entity(former);
        }
        for (number, group) in (1..).zip(groups) {
            let id = EntityId(Uuid::from_u128(number));
            for slot in group {
                if let Some(node) = self.node_mut(*slot) {
                    node.entity = id;
                }
            }
            self.put_entity(id, active(SmallVec::from_slice(group)));
        }
    }
}

fn active(members: SmallVec<[u32; 4]>) -> Entity {
    Entity::new(1, EntityState::Active, None, Timestamp::UNIX_EPOCH, members)
}

impl Sketch {
    /// How many there were of what.
    pub(crate) const fn figures(&self) -> Figures {
        self.figures
    }

    /// A graph of its own: without tasks, overrides, and entities that are not active.
    pub(crate) fn unfold(self) -> Graph {
        let Self { kind, nodes, figures, model, held, steward } = self;
        let mut graph = Graph { nodes, figures: Figures { records: figures.records, ..Figures::default() }, steward, ..Graph::new(kind) };
        let mut members: AHashMap<EntityId, SmallVec<[u32; 4]>> = AHashMap::new();
        for (slot, node) in graph.nodes() {
            members.entry(node.entity).or_default().push(slot);
        }
        graph.entities.reserve(members.len());
        for (id, members) in members {
            graph.put_entity(id, active(members));
        }
        for (left, right, verdict, weight) in model {
            graph.put_model_edge(left, right, verdict, weight);
        }
        for (left, right) in held {
            graph.hold(left, right);
        }
        graph
    }
}
