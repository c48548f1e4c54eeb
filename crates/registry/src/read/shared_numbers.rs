//! Which records have a number that records of another entity have too?

use std::num::NonZeroU64;
use std::sync::Arc;

use ahash::AHashSet;
use jiku_model::{EntityId, Kind};
use parking_lot::Mutex;
use rayon::prelude::*;

use crate::memory::Graph;
use crate::write::reload::index;
use crate::write::state::Core;

/// Those records, kind by kind, as they were found last: whoever asks while a batch has the graphs is told what was found before.
#[derive(Default)]
pub(crate) struct SharedNumbers([Mutex<Found>; Kind::ALL.len()]);

#[derive(Default)]
struct Found {
    /// The position of the change log they are of; none before they were looked for.
    at: Option<i64>,
    slots: Arc<AHashSet<u32>>,
}

impl SharedNumbers {
    /// The slots of the records of people or legal persons; none of parcels, whose code is not theirs alone.
    pub(crate) fn of(&self, core: &Core, kind: Kind) -> Arc<AHashSet<u32>> {
        if kind == Kind::Parcel {
            return Arc::default();
        }
        let at = core.position();
        let mut kept = self.0[index(kind)].lock();
        if kept.at != Some(at) {
            let state = if kept.at.is_none() { Some(core.state.lock()) } else { core.state_soon() };
            if let Some(state) = state {
                let nobodys = core.shelf(kind).nobodys();
                let numbers = numbers(&state.graphs[index(kind)], |number| nobodys.heed(number));
                drop(state);
                *kept = Found { at: Some(at), slots: Arc::new(of_several(numbers)) };
            }
        }
        Arc::clone(&kept.slots)
    }
}

/// The verified numbers, each with the record that tells it and its entity.
fn numbers(graph: &Graph, heed: impl Fn(Option<NonZeroU64>) -> Option<NonZeroU64>) -> Vec<(NonZeroU64, u32, EntityId)> {
    graph.nodes().filter_map(|(slot, node)| Some((heed(node.strong)?, slot, node.entity))).collect()
}

fn of_several(mut numbers: Vec<(NonZeroU64, u32, EntityId)>) -> AHashSet<u32> {
    numbers.par_sort_unstable();
    let groups = numbers.chunk_by(|(one, ..), (other, ..)| one == other);
    let is_of_several = |group: &&[(NonZeroU64, u32, EntityId)]| group.iter().any(|(.., entity)| *entity != group[0].2);
    groups.filter(is_of_several).flatten().map(|(_, slot, _)| *slot).collect()
}
