//! Which parcels are nearest by true distance?
//!
//! A walk through the trees of all runs, best first: a node is opened when nothing unopened could be nearer, a parcel is
//! measured when its box comes up, and given out when nothing unmeasured could be nearer.

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

struct Candidate<'a> {
    at_least_m: f64,
    what: What<'a>,
}

enum What<'a> {
    Node(usize, &'a ParentNode<Leaf>),
    Leaf(usize, &'a Leaf),
    Measured(u32),
}

impl Candidate<'_> {
    /// Nearest first; among equals the unopened before the measured, so that ties are told in the order of slots.
    fn key(&self) -> (f64, bool, u32) {
        match self.what {
            What::Node(..) | What::Leaf(..) => (self.at_least_m, false, 0),
            What::Measured(slot) => (self.at_least_m, true, slot),
        }
    }
}

impl PartialEq for Candidate<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate<'_> {}

impl PartialOrd for Candidate<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Candidate<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let (left, right) = (self.key(), other.key());
        left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)).then(left.2.cmp(&right.2))
    }
}

pub(super) fn nearest(runs: &Runs, point: GridPoint, k: usize, counts: &dyn Fn(u32) -> bool) -> Vec<Near> {
    let from = point.degrees();
    let mut found = Vec::with_capacity(k.min(1024));
    let mut heap = BinaryHeap::new();
    for (age, run) in runs.runs.iter().enumerate() {
        if run.tree().size() > 0 {
            heap.push(Reverse(Candidate { at_least_m: 0.0, what: What::Node(age, run.tree().root()) }));
        }
    }
    while found.len() < k
        && let Some(Reverse(candidate)) = heap.pop()
    {
        match candidate.what {
            What::Measured(slot) => found.push(Near { slot, distance_m: candidate.at_least_m }),
            What::Leaf(age, leaf) => {
                let run = &runs.runs[age];
                let slot = run.slot(leaf.entry);
                if let Some(shape) = run.shape(leaf.entry)
                    && runs.is_newest(age, slot)
                    && counts(slot)
                {
                    heap.push(Reverse(Candidate { at_least_m: to_shape_m(point, shape), what: What::Measured(slot) }));
                }
            }
            What::Node(age, node) => {
                for child in node.children() {
                    let (bbox, what) = match child {
                        RTreeNode::Leaf(leaf) => (leaf.degrees(), What::Leaf(age, leaf)),
                        RTreeNode::Parent(parent) => {
                            let envelope = parent.envelope();
                            let ([west, south], [east, north]) = (envelope.lower(), envelope.upper());
                            ([west, south, east, north].map(f64::from), What::Node(age, parent))
                        }
                    };
                    heap.push(Reverse(Candidate { at_least_m: lower_bound_m(from, bbox), what }));
                }
            }
        }
    }
    found
}
