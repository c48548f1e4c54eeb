//! Which parcels lie where, at one moment?

use std::sync::Arc;

use rstar::{ParentNode, RTreeNode, RTreeObject};

use super::Runs;
use super::run::{Leaf, envelope_box};
use crate::distance::{boxes_around, to_shape_m};
use crate::grid::{Meeting, Side, meet};
use crate::index::nearest::{self, Near};
use crate::packed::Packed;
use crate::query::SpatialQuery;
use crate::{BoundingBox, GridPoint, ParcelGeometry, Region, distance_m, predicate};

/// How far apart two parcels may lie and still be neighbours, metres: the usual tolerance of boundary points.
const NEIGHBOUR_REACH_M: f64 = 0.05;
/// From which share of all parcels on a page of a list is cheaper found in the order of slots than in the tree.
const SCAN_SHARE: usize = 20;

/// What the index held at a moment. Cheap to clone; nothing that is written later is seen in it.
///
/// Slots come in ascending order, distances in ascending order with slots to break ties.
#[derive(Clone, Debug)]
pub struct Snapshot {
    runs: Arc<Runs>,
}

/// A parcel beside another one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Its slot.
    pub slot: u32,
    /// The length of the border that both have, with the same line on both sides, metres; 0 when they touch in a point or
    /// only nearly.
    pub shared_m: f64,
}

impl Snapshot {
    pub(super) const fn new(runs: Arc<Runs>) -> Self {
        Self { runs }
    }

    /// As it would be after these changes (`Some` puts, `None` takes out), for this snapshot alone. Of a slot that comes twice
    /// the last change counts.
    #[must_use]
    pub fn with(&self, changes: impl IntoIterator<Item = (u32, Option<ParcelGeometry>)>) -> Self {
        Self { runs: Arc::new(self.runs.with(changes)) }
    }

    /// This one and another one together, which speaks of other slots.
    #[must_use]
    pub fn beside(&self, other: &Self) -> Self {
        let runs = self.runs.runs.iter().chain(&other.runs.runs).map(Arc::clone).collect();
        Self { runs: Arc::new(Runs { runs, parcels: self.runs.parcels + other.runs.parcels }) }
    }

    /// How many parcels it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.runs.parcels
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The smallest box around all parcels ever put since the last merge, none when there are none.
    #[must_use]
    pub fn extent(&self) -> Option<BoundingBox> {
        self.runs.runs.iter().filter_map(|run| run.extent()).reduce(|left, right| left.union(&right))
    }

    /// The geometry of a slot.
    #[must_use]
    pub fn geometry(&self, slot: u32) -> Option<ParcelGeometry> {
        self.shape(slot).map(Packed::unpack)
    }

    /// The box around the geometry of a slot.
    #[must_use]
    pub fn bbox(&self, slot: u32) -> Option<BoundingBox> {
        self.shape(slot).map(Packed::bbox)
    }

    pub(crate) fn shape(&self, slot: u32) -> Option<Packed<'_>> {
        self.runs.newest(slot).and_then(|(run, entry)| run.shape(entry))
    }

    /// Every parcel.
    pub fn slots(&self) -> impl Iterator<Item = u32> {
        self.onward(0).map(|(slot, _)| slot)
    }

    /// Parcels from a slot on, in the order of slots.
    pub(crate) fn onward(&self, slot: u32) -> impl Iterator<Item = (u32, Packed<'_>)> {
        let runs = &self.runs.runs;
        let mut heads: Vec<_> = runs.iter().map(|run| run.onward(slot).peekable()).collect();
        std::iter::from_fn(move || {
            loop {
                let slot = heads.iter_mut().filter_map(|head| head.peek().map(|(slot, _)| *slot)).min()?;
                let mut found = None;
                // The last run that speaks of the slot is the newest.
                for (run, head) in runs.iter().zip(&mut heads) {
                    if let Some((_, entry)) = head.next_if(|(own, _)| *own == slot) {
                        found = run.shape(entry);
                    }
                }
                if let Some(shape) = found {
                    return Some((slot, shape));
                }
            }
        })
    }

    /// Every parcel as it lies in memory, in the order of slots, to be laid aside for [`super::SpatialIndex::from_packed`].
    pub fn packed(&self) -> impl Iterator<Item = (u32, &[u32])> {
        self.onward(0).map(|(slot, shape)| (slot, shape.words()))
    }

    /// Visits parcels whose box meets the given one, in no order.
    pub(crate) fn visit<'a>(&'a self, bbox: &BoundingBox, mut visit: impl FnMut(u32, Packed<'a>)) {
        self.visit_while(bbox, |slot, shape| {
            visit(slot, shape);
            true
        });
    }

    /// The same until one says that it is enough; whether none did.
    pub(crate) fn visit_while<'a>(&'a self, bbox: &BoundingBox, mut visit: impl FnMut(u32, Packed<'a>) -> bool) -> bool {
        for (age, run) in self.runs.runs.iter().enumerate() {
            for entry in run.near(bbox) {
                let Some(shape) = run.shape(entry).filter(|shape| shape.bbox().intersects(bbox)) else { continue };
                let slot = run.slot(entry);
                if self.runs.is_newest(age, slot) && !visit(slot, shape) {
                    return false;
                }
            }
        }
        true
    }

    fn select(&self, bbox: &BoundingBox, wanted: impl Fn(Packed<'_>) -> bool) -> Vec<u32> {
        let mut slots = Vec::new();
        self.visit(bbox, |slot, shape| {
            if wanted(shape) {
                slots.push(slot);
            }
        });
        slots.sort_unstable();
        slots
    }

    /// Parcels that cover the point, their boundary included. Nothing is found off the globe.
    #[must_use]
    pub fn at_point(&self, lon: f64, lat: f64) -> Vec<u32> {
        let Some(point) = GridPoint::from_degrees(lon, lat) else { return Vec::new() };
        self.select(&BoundingBox { min: point, max: point }, |shape| predicate::covers(shape, point))
    }

    /// Parcels that have a point in common with the box.
    #[must_use]
    pub fn in_bbox(&self, bbox: &BoundingBox) -> Vec<u32> {
        self.select(bbox, |shape| predicate::intersects_box(shape, bbox))
    }

    /// So many of them, in the order of slots, and whether these are all.
    pub(crate) fn some_in_bbox(&self, bbox: &BoundingBox, most: usize) -> (Vec<u32>, bool) {
        let mut slots = Vec::new();
        let all = self.visit_while(bbox, |slot, shape| {
            if predicate::intersects_box(shape, bbox) {
                slots.push(slot);
            }
            slots.len() < most
        });
        slots.sort_unstable();
        (slots, all)
    }

    /// Parcels that have a point in common with the region.
    #[must_use]
    pub fn in_polygon(&self, region: &Region) -> Vec<u32> {
        self.in_region(region, |shape| region.intersects(shape))
    }

    /// Parcels of which no point lies outside the region.
    #[must_use]
    pub fn within_polygon(&self, region: &Region) -> Vec<u32> {
        self.in_region(region, |shape| region.covers(shape))
    }

    /// Parcels of every node of the trees that lies in the region, and of those at its border the wanted ones.
    fn in_region(&self, region: &Region, wanted: impl Fn(Packed<'_>) -> bool) -> Vec<u32> {
        let mut slots = Vec::new();
        for (age, run) in self.runs.runs.iter().enumerate() {
            let mut found = |entry: u32, certain: bool| {
                let slot = run.slot(entry);
                if run.shape(entry).is_some_and(|shape| certain || wanted(shape)) && self.runs.is_newest(age, slot) {
                    slots.push(slot);
                }
            };
            let mut nodes: Vec<(&ParentNode<Leaf>, bool)> = vec![(run.tree().root(), false)];
            while let Some((node, inside)) = nodes.pop() {
                for child in node.children() {
                    let certain = inside
                        || match region.side_of_box(&envelope_box(&child.envelope())) {
                            Side::Outside => continue,
                            side => side == Side::Inside,
                        };
                    match child {
                        RTreeNode::Leaf(leaf) => found(leaf.entry, certain),
                        RTreeNode::Parent(parent) => nodes.push((parent, certain)),
                    }
                }
            }
        }
        slots.sort_unstable();
        slots
    }

    /// Parcels at most so many metres away over the ellipsoid, nearest first; distance is to the boundary, 0 inside.
    #[must_use]
    pub fn within_m(&self, lon: f64, lat: f64, radius_m: f64) -> Vec<Near> {
        let Some(point) = GridPoint::from_degrees(lon, lat).filter(|_| radius_m >= 0.0) else { return Vec::new() };
        let mut found = Vec::new();
        for bbox in boxes_around(point, radius_m) {
            self.visit(&bbox, |slot, shape| {
                let distance_m = to_shape_m(point, shape);
                if distance_m <= radius_m {
                    found.push(Near { slot, distance_m });
                }
            });
        }
        found.sort_unstable_by(Near::order);
        // A parcel at the antimeridian meets both boxes.
        found.dedup();
        found
    }

    /// The `k` parcels nearest over the ellipsoid, nearest first; distance is to the boundary, 0 inside.
    #[must_use]
    pub fn nearest(&self, lon: f64, lat: f64, k: usize) -> Vec<Near> {
        let Some(point) = GridPoint::from_degrees(lon, lat) else { return Vec::new() };
        nearest::nearest(&self.runs, point, k, &|_| true)
    }

    /// Parcels that touch, overlap or lie within five centimetres of the parcel in a slot, with the border they share.
    #[must_use]
    pub fn neighbours(&self, slot: u32) -> Vec<Neighbour> {
        let Some(own) = self.shape(slot) else { return Vec::new() };
        // Five centimetres are at most 500 nano-degrees of latitude, and of longitude below 20 times more.
        let bbox = own.bbox().grown(10_000, 500);
        let mut found = Vec::new();
        self.visit(&bbox, |other, shape| {
            if other == slot {
                return;
            }
            let shared_m = shared_border_m(own, shape);
            if shared_m > 0.0 || predicate::intersects(own, shape) || nearly_touches(own, shape) {
                found.push(Neighbour { slot: other, shared_m });
            }
        });
        found.sort_unstable_by_key(|neighbour| neighbour.slot);
        found
    }

    /// Answers a checked question: slots in ascending order without distances, or nearest first with them.
    #[must_use]
    pub fn find(&self, query: &SpatialQuery) -> Vec<(u32, Option<f64>)> {
        self.find_where(query, &|_| true)
    }

    /// The same among the parcels that count: the nearest are the nearest of those.
    #[must_use]
    pub fn find_where(&self, query: &SpatialQuery, counts: &dyn Fn(u32) -> bool) -> Vec<(u32, Option<f64>)> {
        if let SpatialQuery::Nearest { lon, lat, k } = query {
            let Some(point) = GridPoint::from_degrees(*lon, *lat) else { return Vec::new() };
            return nearest::nearest(&self.runs, point, *k, counts).into_iter().map(|near| (near.slot, Some(near.distance_m))).collect();
        }
        let mut found = self.found(query);
        found.retain(|(slot, _)| counts(*slot));
        found
    }

    fn found(&self, query: &SpatialQuery) -> Vec<(u32, Option<f64>)> {
        let plain = |slots: Vec<u32>| slots.into_iter().map(|slot| (slot, None)).collect();
        let distant = |found: Vec<Near>| found.into_iter().map(|near| (near.slot, Some(near.distance_m))).collect();
        match query {
            SpatialQuery::Point { lon, lat } => plain(self.at_point(*lon, *lat)),
            SpatialQuery::Boxes(boxes) => {
                let mut slots: Vec<u32> = boxes.iter().flat_map(|bbox| self.in_bbox(bbox)).collect();
                slots.sort_unstable();
                slots.dedup();
                plain(slots)
            }
            SpatialQuery::Intersects(region) => plain(self.in_polygon(region)),
            SpatialQuery::Within(region) => plain(self.within_polygon(region)),
            SpatialQuery::Radius { lon, lat, radius_m } => distant(self.within_m(*lon, *lat, *radius_m)),
            SpatialQuery::Nearest { lon, lat, k } => distant(self.nearest(*lon, *lat, *k)),
        }
    }

    /// A page of the parcels that have a point in common with one of the boxes: at most `limit` slots above `after`.
    /// A box around a good part of everything is answered in the order of slots, so that a page costs what a page holds.
    #[must_use]
    pub fn page_in_boxes(&self, boxes: &[BoundingBox], after: Option<u32>, limit: usize) -> Vec<u32> {
        let Some(from) = after.map_or(Some(0), |slot| slot.checked_add(1)) else { return Vec::new() };
        let wanted = |shape: Packed<'_>| boxes.iter().any(|bbox| predicate::intersects_box(shape, bbox));
        if self.expected(boxes) > self.len() / SCAN_SHARE {
            return self.onward(from).filter(|(_, shape)| wanted(*shape)).map(|(slot, _)| slot).take(limit).collect();
        }
        let mut slots: Vec<u32> = boxes.iter().flat_map(|bbox| self.in_bbox(bbox)).filter(|&slot| slot >= from).collect();
        slots.sort_unstable();
        slots.dedup();
        slots.truncate(limit);
        slots
    }

    /// Whether the parcel of a slot has a point in common with one of the boxes.
    #[must_use]
    pub fn meets(&self, slot: u32, boxes: &[BoundingBox]) -> bool {
        self.shape(slot).is_some_and(|shape| boxes.iter().any(|bbox| predicate::intersects_box(shape, bbox)))
    }

    /// About how many parcels lie in the boxes, taken as if parcels lay evenly: at least one.
    #[must_use]
    pub fn estimate(&self, boxes: &[BoundingBox]) -> usize {
        self.expected(boxes).max(1)
    }

    /// How many parcels lie in the boxes if parcels lay evenly.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate between none and all"
    )]
    pub(crate) fn expected(&self, boxes: &[BoundingBox]) -> usize {
        let Some(extent) = self.extent() else { return 0 };
        let share = |bbox: &BoundingBox| {
            let width = bbox.max.lon.min(extent.max.lon) - bbox.min.lon.max(extent.min.lon);
            let height = bbox.max.lat.min(extent.max.lat) - bbox.min.lat.max(extent.min.lat);
            (width.max(0) as f64 / extent.width().max(1) as f64) * (height.max(0) as f64 / extent.height().max(1) as f64)
        };
        (boxes.iter().map(share).sum::<f64>().min(1.0) * self.len() as f64) as usize
    }
}

/// The length of the stretches on which edges of both lie upon each other.
fn shared_border_m(left: Packed<'_>, right: Packed<'_>) -> f64 {
    let right_box = right.bbox();
    let mut length = 0.0;
    for (from, to) in left.edges() {
        let span = BoundingBox { min: from, max: from }.union(&BoundingBox { min: to, max: to });
        if !span.intersects(&right_box) {
            continue;
        }
        for (start, end) in right.edges() {
            if let Meeting::Overlap(first, second) = meet(from, to, start, end) {
                length += distance_m(first, second);
            }
        }
    }
    length
}

/// Whether a vertex of one lies within reach of the other.
fn nearly_touches(left: Packed<'_>, right: Packed<'_>) -> bool {
    let near = |ring_of: Packed<'_>, shape: Packed<'_>| {
        let reach = shape.bbox().grown(10_000, 500);
        ring_of.edges().any(|(from, _)| reach.contains(from) && to_shape_m(from, shape) <= NEIGHBOUR_REACH_M)
    };
    near(left, right) || near(right, left)
}
