//! Which parcels are nearest by true distance?
//!
//! A walk through the trees of all runs, best first: a node is opened when nothing unopened could be nearer, a parcel is
//! measured when its box comes up, and given out when nothing unmeasured could be nearer, or as near.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use rstar::{ParentNode, RTreeNode};

use super::Runs;
use super::run::Leaf;
use crate::GridPoint;
use crate::distance::{lower_bound_m, to_shape_m};

/// A parcel and how far it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// The parcel's slot.
    pub slot: u32,
    /// Metres over the ellipsoid to its boundary, 0 inside.
    pub distance_m: f64,
}

impl Near {
    pub(super) fn order(left: &Self, right: &Self) -> Ordering {
        left.distance_m.total_cmp(&right.distance_m).then(left.slot.cmp(&right.slot))
    }
}

/// So many parcels are measured before those at one distance, which nothing unopened can undercut, are given out as they come: below it in the order of
/// their slots. A stack of a million parcels over a point is as far from it as one of them.
const MOST_IN_ORDER: usize = 5_000;

/// Something at a distance: nearest first, among equals the lowest rank.
struct Candidate<T> {
    distance_m: f64,
    rank: u32,
    what: T,
}

/// What is to be opened or measured; its distance is the least it can have.
enum Unopened<'a> {
    Node(usize, &'a ParentNode<Leaf>),
    Leaf(usize, &'a Leaf),
}

impl<T> PartialEq for Candidate<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Candidate<T> {}

impl<T> PartialOrd for Candidate<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Candidate<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.distance_m.total_cmp(&other.distance_m).then(self.rank.cmp(&other.rank))
    }
}

pub(super) fn nearest(runs: &Runs, point: GridPoint, k: usize, counts: &dyn Fn(u32) -> bool) -> Vec<Near> {
    let from = point.degrees();
    let mut found = Vec::with_capacity(k.min(1024));
    // Parcels by their slots, and before nodes: a stack is measured as soon as it is come upon.
    let mut measured: BinaryHeap<Reverse<Candidate<()>>> = BinaryHeap::new();
    let mut unopened: BinaryHeap<Reverse<Candidate<Unopened<'_>>>> = BinaryHeap::new();
    let to_open = |distance_m, what| {
        let rank = u32::from(matches!(what, Unopened::Node(..)));
        Reverse(Candidate { distance_m, rank, what })
    };
    let mut count = 0;
    for (age, run) in runs.runs.iter().enumerate() {
        if run.tree().size() > 0 {
            unopened.push(to_open(0.0, Unopened::Node(age, run.tree().root())));
        }
    }
    while found.len() < k {
        let least_m = unopened.peek().map_or(f64::INFINITY, |Reverse(next)| next.distance_m);
        let is_next = |distance_m: f64| match distance_m.total_cmp(&least_m) {
            Ordering::Less => true,
            Ordering::Equal => count >= MOST_IN_ORDER,
            Ordering::Greater => false,
        };
        if let Some(Reverse(nearest)) = measured.peek()
            && is_next(nearest.distance_m)
        {
            found.push(Near { slot: nearest.rank, distance_m: nearest.distance_m });
            measured.pop();
            continue;
        }
        let Some(Reverse(next)) = unopened.pop() else { break };
        match next.what {
            Unopened::Leaf(age, leaf) => {
                let run = &runs.runs[age];
                let slot = run.slot(leaf.entry);
                if let Some(shape) = run.shape(leaf.entry)
                    && runs.is_newest(age, slot)
                    && counts(slot)
                {
                    count += 1;
                    measured.push(Reverse(Candidate { distance_m: to_shape_m(point, shape), rank: slot, what: () }));
                }
            }
            Unopened::Node(age, node) => {
                for child in node.children() {
                    let (bbox, what) = match child {
                        RTreeNode::Leaf(leaf) => (leaf.degrees(), Unopened::Leaf(age, leaf)),
                        RTreeNode::Parent(parent) => {
                            let envelope = parent.envelope();
                            let ([west, south], [east, north]) = (envelope.lower(), envelope.upper());
                            ([west, south, east, north].map(f64::from), Unopened::Node(age, parent))
                        }
                    };
                    unopened.push(to_open(lower_bound_m(from, bbox), what));
                }
            }
        }
    }
    found
}
