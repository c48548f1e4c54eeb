//! Do two parcels fit together to the point, so that nothing about them needs to be computed?
//!
//! Most neighbours share whole edges. Whether they do is integer arithmetic on a handful of edges; only what does not fit
//! exactly is laid over each other by the geometry library, a hundred times slower.

use crate::grid::{GridPoint, Meeting, meet, turn};
use crate::{BoundingBox, ParcelGeometry};

/// Metres of a nano-degree of latitude, a little more than on any ellipsoid.
const METRES: f64 = 0.000_112;

/// A directed edge, the land on its left.
pub(super) type Edge = (GridPoint, GridPoint);

/// How two parcels lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contact {
    /// Farther apart than the tolerance.
    Apart,
    /// They touch in whole edges and common vertices, and nowhere else come near each other.
    Exact,
    /// Anything else: it has to be computed.
    Unclear,
}

/// The edges of a parcel with its box.
pub(super) struct Outline {
    pub(super) edges: Vec<Edge>,
    /// Which edges run along a neighbour's.
    pub(super) shared: Vec<bool>,
    bbox: BoundingBox,
}

impl Outline {
    pub(super) fn of(geometry: &ParcelGeometry) -> Self {
        let mut edges = Vec::with_capacity(geometry.vertex_count());
        for ring in geometry.rings() {
            edges.extend(ring.iter().copied().zip(ring.iter().copied().cycle().skip(1)).take(ring.len()));
        }
        Self { shared: vec![false; edges.len()], edges, bbox: geometry.bbox() }
    }

    /// The edges that come near a box, by number.
    fn near(&self, bbox: &BoundingBox) -> Vec<usize> {
        (0..self.edges.len()).filter(|at| span(self.edges[*at]).intersects(bbox)).collect()
    }

    /// The ends of edges; those that follow one another have one in common.
    fn ends(&self, edges: &[usize]) -> Vec<GridPoint> {
        let mut ends = Vec::with_capacity(2 * edges.len());
        for at in edges {
            let (from, to) = self.edges[*at];
            if ends.last() != Some(&from) {
                ends.push(from);
            }
            ends.push(to);
        }
        ends
    }

    /// Whether the middle of an edge that does not meet the outline lies in it. Exact, on doubled coordinates.
    fn holds_middle(&self, (from, to): Edge) -> bool {
        let middle = GridPoint { lon: from.lon + to.lon, lat: from.lat + to.lat };
        let double = |point: GridPoint| GridPoint { lon: 2 * point.lon, lat: 2 * point.lat };
        let mut inside = false;
        for &(start, end) in &self.edges {
            let (low, high) = if start.lat <= end.lat { (double(start), double(end)) } else { (double(end), double(start)) };
            if middle.lat >= low.lat && middle.lat < high.lat && turn(low, high, middle) > 0 {
                inside = !inside;
            }
        }
        inside
    }
}

/// The box around an edge.
fn span((from, to): Edge) -> BoundingBox {
    let ((west, east), (south, north)) = (in_order(from.lon, to.lon), in_order(from.lat, to.lat));
    BoundingBox { min: GridPoint { lon: west, lat: south }, max: GridPoint { lon: east, lat: north } }
}

const fn in_order(one: i64, other: i64) -> (i64, i64) {
    if one <= other { (one, other) } else { (other, one) }
}

/// How a parcel lies to a neighbour; marks the edges they share.
pub(super) fn contact(own: &mut Outline, other: &Outline, snap_m: f64) -> Contact {
    // Five centimetres are at most 500 nano-degrees of latitude; a wider tolerance takes more.
    #[expect(clippy::cast_possible_truncation, reason = "a tolerance is a few metres at most")]
    let reach = (snap_m / 0.000_1).ceil().clamp(1.0, 1e7) as i64;
    let near_own = own.near(&other.bbox.grown(20 * reach, reach));
    let near_other = other.near(&own.bbox.grown(20 * reach, reach));
    if near_own.is_empty() || near_other.is_empty() {
        // No border near the other's box: apart, unless one lies wholly within the other.
        let within = own.bbox.covers(&other.bbox) || other.bbox.covers(&own.bbox);
        return if within { Contact::Unclear } else { Contact::Apart };
    }
    let mut touched = false;
    let mut matched_other = vec![false; near_other.len()];
    let mut matched_own = vec![false; near_own.len()];
    for (at, &own_edge) in near_own.iter().enumerate() {
        let (from, to) = own.edges[own_edge];
        for (number, &other_edge) in near_other.iter().enumerate() {
            let (start, end) = other.edges[other_edge];
            if (start, end) == (to, from) {
                (matched_own[at], matched_other[number], touched) = (true, true, true);
                continue;
            }
            match meet(from, to, start, end) {
                Meeting::Apart => {}
                Meeting::Touch(place) if (place == from || place == to) && (place == start || place == end) => touched = true,
                _ => return Contact::Unclear,
            }
        }
    }
    let (own_ends, other_ends) = (own.ends(&near_own), other.ends(&near_other));
    let misses = |ends: &[GridPoint], theirs: &[GridPoint], near: &[usize], outline: &Outline| {
        let is_near = |point: GridPoint, edge: Edge| {
            // What lies outside the grown box of an edge is not near, and needs no distance.
            span(edge).grown(20 * reach, reach).contains(point) && is_near(point, edge, snap_m)
        };
        ends.iter().any(|point| !theirs.contains(point) && near.iter().any(|at| is_near(*point, outline.edges[*at])))
    };
    if misses(&own_ends, &other_ends, &near_other, other) || misses(&other_ends, &own_ends, &near_own, own) {
        return Contact::Unclear;
    }
    let inside = |near: &[usize], matched: &[bool], outline: &Outline, of: &Outline| {
        near.iter().zip(matched).any(|(at, matched)| !matched && of.holds_middle(outline.edges[*at]))
    };
    if inside(&near_own, &matched_own, own, other) || inside(&near_other, &matched_other, other, own) {
        return Contact::Unclear;
    }
    for (at, matched) in near_own.into_iter().zip(matched_own) {
        own.shared[at] |= matched;
    }
    if touched { Contact::Exact } else { Contact::Apart }
}

/// Whether a point comes nearer to an edge than the tolerance; rather yes than no.
#[expect(clippy::cast_precision_loss, reason = "differences of neighbours are small")]
fn is_near(point: GridPoint, (from, to): Edge, snap_m: f64) -> bool {
    let east = METRES * point.lat_degrees().to_radians().cos();
    let place = |other: GridPoint| [(other.lon - point.lon) as f64 * east, (other.lat - point.lat) as f64 * METRES];
    let (start, end) = (place(from), place(to));
    // The scale is good to one in a hundred.
    crate::plane::foot([0.0, 0.0], start, end).1 <= snap_m * 1.02
}
