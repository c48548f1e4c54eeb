//! Which parcels lie where, at one moment?

use std::cmp::Ordering;
use std::sync::Arc;

use rstar::{AABB, ParentNode, RTreeNode, RTreeObject};

use super::Runs;
use super::run::{Leaf, envelope_box, envelope_degrees};
use crate::distance::{lower_bound_m, to_shape_m, upper_bound_m};
use crate::grid::{Meeting, Side, meet};
use crate::index::outward::{Near, Outward};
use crate::packed::Packed;
use crate::query::{QueryProblem, SpatialQuery};
use crate::{BoundingBox, GridPoint, ParcelGeometry, Region, distance_m, predicate};

/// How far apart two parcels may lie and still be neighbours, metres: the usual tolerance of boundary points.
const NEIGHBOUR_REACH_M: f64 = 0.05;
/// From which share of all parcels on a page of a list is cheaper found in the order of slots than in the tree.
const SCAN_SHARE: usize = 20;
/// So many parcels are looked at in the tree for a page in any case: a stack of them lies in no more room than one.
const LEAST_LOOKED_AT: usize = 10_000;

/// What the index held at a moment. Cheap to clone; nothing that is written later is seen in it.
///
/// Slots come in ascending order, distances in ascending order with slots to break ties.
#[derive(Clone, Debug)]
pub struct Snapshot {
    runs: Arc<Runs>,
}

/// A place in an answer: the distance, metres, where it is about distance, and the slot. Answers go from near to far, and among
/// equals from the lowest slot on.
pub type Place = (Option<f64>, u32);

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

    fn in_region(&self, region: &Region, wanted: impl Fn(Packed<'_>) -> bool) -> Vec<u32> {
        self.on_side(|envelope| region.side_of_box(&envelope_box(envelope)), wanted)
    }

    /// Parcels at most so many metres away over the ellipsoid.
    #[must_use]
    pub fn in_radius(&self, lon: f64, lat: f64, radius_m: f64) -> Vec<u32> {
        let Some(point) = GridPoint::from_degrees(lon, lat) else { return Vec::new() };
        let from = point.degrees();
        let side = |envelope: &AABB<[f32; 2]>| {
            let bbox = envelope_degrees(envelope);
            match (lower_bound_m(from, bbox), upper_bound_m(from, bbox)) {
                (nearest_m, _) if nearest_m > radius_m => Side::Outside,
                (_, farthest_m) if farthest_m <= radius_m => Side::Inside,
                _ => Side::Boundary,
            }
        };
        self.on_side(side, |shape| to_shape_m(point, shape) <= radius_m)
    }

    /// Parcels of every node of the trees that lies inside, and of those at the border the wanted ones.
    fn on_side(&self, side: impl Fn(&AABB<[f32; 2]>) -> Side, wanted: impl Fn(Packed<'_>) -> bool) -> Vec<u32> {
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
                        || match side(&child.envelope()) {
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

    /// The `k` parcels nearest over the ellipsoid, nearest first; distance is to the boundary, 0 inside.
    #[must_use]
    pub fn nearest(&self, lon: f64, lat: f64, k: usize) -> Vec<Near> {
        let Some(point) = GridPoint::from_degrees(lon, lat) else { return Vec::new() };
        Outward::new(&self.runs, point, &|_| true).take(k).collect()
    }

    /// Parcels that touch, overlap or lie within five centimetres of the parcel in a slot, with the border they share.
    ///
    /// # Errors
    /// When there are more than [`SpatialQuery::MOST_NEIGHBOURS`] of them: a stack, and not a cadastre.
    pub fn neighbours(&self, slot: u32) -> Result<Vec<Neighbour>, QueryProblem> {
        let Some(own) = self.shape(slot) else { return Ok(Vec::new()) };
        // Five centimetres are at most 500 nano-degrees of latitude, and of longitude below 20 times more.
        let bbox = own.bbox().grown(10_000, 500);
        let mut found = Vec::new();
        let are_all = self.visit_while(&bbox, |other, shape| {
            if other != slot {
                let shared_m = shared_border_m(own, shape);
                if shared_m > 0.0 || predicate::intersects(own, shape) || nearly_touches(own, shape) {
                    found.push(Neighbour { slot: other, shared_m });
                }
            }
            found.len() <= SpatialQuery::MOST_NEIGHBOURS
        });
        found.sort_unstable_by_key(|neighbour| neighbour.slot);
        if are_all { Ok(found) } else { Err(QueryProblem::TooManyNeighbours) }
    }

    /// All parcels that a checked question finds, by slot; of the nearest those among the parcels that count.
    ///
    /// # Errors
    /// When more than [`SpatialQuery::MOST_MEASURED`] parcels would have to be measured to know the nearest.
    pub fn find(&self, query: &SpatialQuery, counts: &dyn Fn(u32) -> bool) -> Result<Vec<u32>, QueryProblem> {
        let mut slots = match query {
            SpatialQuery::Point { lon, lat } => self.at_point(*lon, *lat),
            SpatialQuery::Boxes(boxes) => {
                let mut slots: Vec<u32> = boxes.iter().flat_map(|bbox| self.in_bbox(bbox)).collect();
                slots.sort_unstable();
                slots.dedup();
                slots
            }
            SpatialQuery::Intersects(region) => self.in_polygon(region),
            SpatialQuery::Within(region) => self.within_polygon(region),
            SpatialQuery::Radius { lon, lat, radius_m } => self.in_radius(*lon, *lat, *radius_m),
            SpatialQuery::Nearest { .. } => {
                let mut slots: Vec<u32> = self.page(query, None, usize::MAX, counts)?.into_iter().map(|(_, slot)| slot).collect();
                slots.sort_unstable();
                return Ok(slots);
            }
        };
        slots.retain(|slot| counts(*slot));
        Ok(slots)
    }

    /// A page of the answer to a checked question: at most `limit` of the parcels that count, from a place in the answer on. It costs what
    /// the page holds and what is passed over on the way to it.
    ///
    /// # Errors
    /// When more than [`SpatialQuery::MOST_MEASURED`] parcels would have to be measured.
    pub fn page(
        &self,
        query: &SpatialQuery,
        after: Option<Place>,
        limit: usize,
        counts: &dyn Fn(u32) -> bool,
    ) -> Result<Vec<Place>, QueryProblem> {
        let from = after.map_or(Some(0), |(_, slot)| slot.checked_add(1));
        let by_slot = |slots: Vec<u32>| Ok(slots.into_iter().map(|slot| (None, slot)).collect());
        let in_boxes = |boxes: &[BoundingBox], wanted: &dyn Fn(Packed<'_>) -> bool| {
            by_slot(from.map_or_else(Vec::new, |from| self.page_where(boxes, wanted, from, limit, counts)))
        };
        let in_region = |region: &Region, wanted: &dyn Fn(Packed<'_>) -> bool| {
            let boxes = [region.bbox()];
            if self.expected(&boxes) > self.len() / SCAN_SHARE {
                let wanted = |shape: Packed<'_>| match region.side_of_box(&shape.bbox()) {
                    Side::Outside => false,
                    Side::Inside => true,
                    Side::Boundary => wanted(shape),
                };
                return in_boxes(&boxes, &wanted);
            }
            let slots = self.in_region(region, wanted);
            by_slot(slots.into_iter().filter(|slot| from.is_some_and(|from| *slot >= from) && counts(*slot)).take(limit).collect())
        };
        match query {
            SpatialQuery::Point { lon, lat } => {
                let Some(point) = GridPoint::from_degrees(*lon, *lat) else { return Ok(Vec::new()) };
                in_boxes(&[BoundingBox { min: point, max: point }], &|shape| predicate::covers(shape, point))
            }
            SpatialQuery::Boxes(boxes) => in_boxes(boxes, &|shape| boxes.iter().any(|bbox| predicate::intersects_box(shape, bbox))),
            SpatialQuery::Intersects(region) => in_region(region, &|shape| region.intersects(shape)),
            SpatialQuery::Within(region) => in_region(region, &|shape| region.covers(shape)),
            SpatialQuery::Radius { lon, lat, radius_m } => {
                let nearest_m = after.and_then(|(distance_m, _)| distance_m).unwrap_or_default();
                self.outward(*lon, *lat, |walk| walk.between(nearest_m, *radius_m), after, limit, counts)
            }
            SpatialQuery::Nearest { lon, lat, k } => {
                let mut found = self.outward(*lon, *lat, |walk| walk, None, *k, counts)?;
                found.sort_unstable_by(in_order);
                found.retain(|place| after.is_none_or(|after| in_order(place, &after).is_gt()));
                found.truncate(limit);
                Ok(found)
            }
        }
    }

    fn outward<'a>(
        &'a self,
        lon: f64,
        lat: f64,
        within: impl FnOnce(Outward<'a>) -> Outward<'a>,
        after: Option<Place>,
        limit: usize,
        counts: &'a dyn Fn(u32) -> bool,
    ) -> Result<Vec<Place>, QueryProblem> {
        let Some(point) = GridPoint::from_degrees(lon, lat) else { return Ok(Vec::new()) };
        let mut walk = within(Outward::new(&self.runs, point, counts)).at_most(SpatialQuery::MOST_MEASURED);
        let places = walk.by_ref().map(|near| (Some(near.distance_m), near.slot));
        let found: Vec<Place> = places.filter(|place| after.is_none_or(|after| in_order(place, &after).is_gt())).take(limit).collect();
        if found.len() < limit && walk.gave_up() { Err(QueryProblem::TooMany) } else { Ok(found) }
    }

    /// Parcels that have a point in common with one of the boxes: at most `limit` slots above `after`.
    #[must_use]
    pub fn page_in_boxes(&self, boxes: &[BoundingBox], after: Option<u32>, limit: usize) -> Vec<u32> {
        let Some(from) = after.map_or(Some(0), |slot| slot.checked_add(1)) else { return Vec::new() };
        let wanted = |shape: Packed<'_>| boxes.iter().any(|bbox| predicate::intersects_box(shape, bbox));
        self.page_where(boxes, &wanted, from, limit, &|_| true)
    }

    /// At most so many wanted parcels that count of those whose box meets one of the boxes, from a slot on. Where that is a good part of
    /// everything they are found in the order of slots, so that a page costs what a page holds.
    fn page_where(
        &self,
        boxes: &[BoundingBox],
        wanted: &dyn Fn(Packed<'_>) -> bool,
        from: u32,
        limit: usize,
        counts: &dyn Fn(u32) -> bool,
    ) -> Vec<u32> {
        let few = self.len() / SCAN_SHARE;
        let mut slots = Vec::new();
        let mut looked_at = 0;
        let mut look = |slot: u32, shape: Packed<'_>| {
            looked_at += 1;
            if slot >= from && wanted(shape) && counts(slot) {
                slots.push(slot);
            }
            looked_at <= few.max(LEAST_LOOKED_AT)
        };
        if self.expected(boxes) <= few && boxes.iter().all(|bbox| self.visit_while(bbox, &mut look)) {
            slots.sort_unstable();
            slots.dedup();
            slots.truncate(limit);
            return slots;
        }
        let meets = |shape: Packed<'_>| boxes.iter().any(|bbox| bbox.intersects(&shape.bbox()));
        self.onward(from)
            .filter(|(slot, shape)| meets(*shape) && wanted(*shape) && counts(*slot))
            .map(|(slot, _)| slot)
            .take(limit)
            .collect()
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

fn in_order(left: &Place, right: &Place) -> Ordering {
    left.0.unwrap_or_default().total_cmp(&right.0.unwrap_or_default()).then(left.1.cmp(&right.1))
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
