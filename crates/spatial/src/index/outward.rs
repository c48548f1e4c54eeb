//! Which parcels are nearest by true distance, and which lie within so many metres?
//!
//! A walk through the trees of all runs, best first: a node is opened when nothing unopened could be nearer, a parcel is
//! measured when its box comes up, and given out when nothing unmeasured could be nearer, or as near.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::sync::Arc;

use rstar::{ParentNode, RTreeNode, RTreeObject};

use super::Runs;
use super::run::{Leaf, Run, envelope_degrees};
use crate::GridPoint;
use crate::distance::{lower_bound_m, to_shape_m, upper_bound_m};

/// A parcel and how far it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// The parcel's slot.
    pub slot: u32,
    /// Metres over the ellipsoid to its boundary, 0 inside.
    pub distance_m: f64,
}

/// So many parcels are measured before those at one distance, which nothing unopened can undercut, are given out as they come: below it in the order of
/// their slots. A stack of a million parcels over a point is as far from it as one of them.
const MOST_IN_ORDER: usize = 5_000;
/// After so many parcels that do not count it is asked of each whether it does before it is taken up, not when its turn comes.
const PATIENCE: usize = 1_000;

/// Something at a distance: nearest first, among equals the lowest rank.
struct Candidate<T> {
    distance_m: f64,
    rank: u32,
    what: T,
}

/// What is to be opened or measured; its distance is the least it can have.
enum Unopened<'a> {
    Node(&'a ParentNode<Leaf>),
    /// And whether it is known to count.
    Leaf(&'a Leaf, bool),
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

/// Parcels outward from a point, nearest first.
pub(super) struct Outward<'a> {
    runs: &'a Runs,
    point: GridPoint,
    from: [f64; 2],
    counts: &'a dyn Fn(u32) -> bool,
    /// What lies wholly nearer, or anywhere farther, metres, is left out without being measured.
    between_m: [f64; 2],
    in_order: bool,
    /// Parcels by their slots, and before nodes: a stack is measured as soon as it is come upon.
    measured: BinaryHeap<Reverse<Candidate<()>>>,
    unopened: BinaryHeap<Reverse<Candidate<(usize, Unopened<'a>)>>>,
    count: usize,
    passed: usize,
    most: usize,
}

impl<'a> Outward<'a> {
    /// The parcels that count, from a point on. Equal distances come in the order of slots, but for a crowd of them.
    pub(super) fn new(runs: &'a Runs, point: GridPoint, counts: &'a dyn Fn(u32) -> bool) -> Self {
        let root = |(age, run): (usize, &'a Arc<Run>)| {
            let node = Unopened::Node(run.tree().root());
            Reverse(Candidate { distance_m: 0.0, rank: 1, what: (age, node) })
        };
        let unopened = runs.runs.iter().enumerate().filter(|(_, run)| run.tree().size() > 0).map(root).collect();
        Self {
            runs,
            point,
            from: point.degrees(),
            counts,
            between_m: [0.0, f64::INFINITY],
            in_order: false,
            measured: BinaryHeap::new(),
            unopened,
            count: 0,
            passed: 0,
            most: usize::MAX,
        }
    }

    /// Only those at most so far away, and none that lies wholly nearer than the first distance; equal distances in the order of slots.
    pub(super) fn between(self, nearest_m: f64, farthest_m: f64) -> Self {
        Self { between_m: [nearest_m, farthest_m], in_order: true, ..self }
    }

    /// Ends when so many had to be measured.
    pub(super) fn at_most(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// Whether it ended because too many had to be measured.
    pub(super) const fn gave_up(&self) -> bool {
        self.count >= self.most
    }

    fn counts(&self, age: usize, leaf: &Leaf) -> bool {
        let run = &self.runs.runs[age];
        let slot = run.slot(leaf.entry);
        run.shape(leaf.entry).is_some() && self.runs.is_newest(age, slot) && (self.counts)(slot)
    }

    fn open(&mut self, age: usize, node: &'a ParentNode<Leaf>) {
        for child in node.children() {
            let ask = self.passed > PATIENCE;
            let (what, rank) = match child {
                RTreeNode::Leaf(leaf) => (Unopened::Leaf(leaf, ask), 0),
                RTreeNode::Parent(parent) => (Unopened::Node(parent), 1),
            };
            let bbox = envelope_degrees(&child.envelope());
            let distance_m = lower_bound_m(self.from, bbox);
            let [nearest_m, farthest_m] = self.between_m;
            if distance_m > farthest_m || (nearest_m > 0.0 && upper_bound_m(self.from, bbox) < nearest_m) {
                continue;
            }
            if matches!(what, Unopened::Leaf(leaf, true) if !self.counts(age, leaf)) {
                continue;
            }
            self.unopened.push(Reverse(Candidate { distance_m, rank, what: (age, what) }));
        }
    }

    fn measure(&mut self, age: usize, leaf: &Leaf) {
        let run = &self.runs.runs[age];
        if let Some(shape) = run.shape(leaf.entry) {
            self.count += 1;
            let distance_m = to_shape_m(self.point, shape);
            if distance_m <= self.between_m[1] {
                self.measured.push(Reverse(Candidate { distance_m, rank: run.slot(leaf.entry), what: () }));
            }
        }
    }
}

impl Iterator for Outward<'_> {
    type Item = Near;

    fn next(&mut self) -> Option<Near> {
        while !self.gave_up() {
            let least_m = self.unopened.peek().map_or(f64::INFINITY, |Reverse(next)| next.distance_m);
            let is_next = |distance_m: f64| match distance_m.total_cmp(&least_m) {
                Ordering::Less => true,
                Ordering::Equal => !self.in_order && self.count >= MOST_IN_ORDER,
                Ordering::Greater => false,
            };
            if self.measured.peek().is_some_and(|Reverse(nearest)| is_next(nearest.distance_m)) {
                return self.measured.pop().map(|Reverse(nearest)| Near { slot: nearest.rank, distance_m: nearest.distance_m });
            }
            let Reverse(next) = self.unopened.pop()?;
            match next.what {
                (age, Unopened::Leaf(leaf, counts)) if counts || self.counts(age, leaf) => self.measure(age, leaf),
                (_, Unopened::Leaf(..)) => self.passed += 1,
                (age, Unopened::Node(node)) => self.open(age, node),
            }
        }
        None
    }
}
