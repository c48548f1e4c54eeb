//! What do two shapes have in common, and what has one that the other lacks?
//!
//! Boolean operations come from a library that has panicked on odd polygons before; here a panic becomes an answer.

use std::panic::{AssertUnwindSafe, catch_unwind};

use geo::{Area, BooleanOps, LineString, MultiPolygon, Polygon};
use serde_json::{Value, json};

use crate::plane::{Plane, foot, length, minus};

/// A piece of an overlay: its area and how wide it is on the whole.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) polygon: Polygon,
    pub(crate) area_m2: f64,
    pub(crate) width_m: f64,
}

/// Runs a computation of the geometry library; none when it panicked.
pub(crate) fn contained<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// What both have, in pieces wider than `least_m`; none when it cannot be computed.
pub(crate) fn intersection(left: &MultiPolygon, right: &MultiPolygon, least_m: f64) -> Option<Vec<Piece>> {
    contained(|| left.intersection(right)).map(|shape| pieces(shape, least_m))
}

/// What `left` has and `right` lacks.
pub(crate) fn difference(left: &MultiPolygon, right: &MultiPolygon, least_m: f64) -> Option<Vec<Piece>> {
    contained(|| left.difference(right)).map(|shape| pieces(shape, least_m))
}

/// The shapes with the vertices of all on the lines of each, where they lie nearer than `snap_m`: a border that only one side has a vertex on then
/// is the same line on both, and no hair's breadth is left open beside it.
pub(crate) fn noded(shapes: &[&MultiPolygon], snap_m: f64) -> Vec<MultiPolygon> {
    let rings =
        |shape: &MultiPolygon| shape.0.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors())).cloned().collect();
    let rings: Vec<Vec<LineString>> = shapes.iter().map(|shape| rings(shape)).collect();
    let mut vertices: Vec<[f64; 2]> = rings.iter().flatten().flat_map(|ring| ring.coords().map(|place| [place.x, place.y])).collect();
    vertices.sort_by(|left, right| left[0].total_cmp(&right[0]).then(left[1].total_cmp(&right[1])));
    vertices.dedup();
    let broken = |ring: &LineString| {
        LineString::from(
            ring.lines()
                .flat_map(|line| {
                    let (start, end): ([f64; 2], [f64; 2]) = (line.start.into(), line.end.into());
                    std::iter::once(start).chain(on_line(start, end, &vertices, snap_m))
                })
                .chain(ring.0.last().map(|place| [place.x, place.y]))
                .collect::<Vec<[f64; 2]>>(),
        )
    };
    let noded = |shape: &&MultiPolygon| {
        MultiPolygon(
            shape.0.iter().map(|part| Polygon::new(broken(part.exterior()), part.interiors().iter().map(broken).collect())).collect(),
        )
    };
    shapes.iter().map(noded).collect()
}

/// Those of the vertices (by their east) that lie on a line and are none of its ends, in its order.
fn on_line(start: [f64; 2], end: [f64; 2], vertices: &[[f64; 2]], snap_m: f64) -> Vec<[f64; 2]> {
    let (west, east) = (start[0].min(end[0]) - snap_m, start[0].max(end[0]) + snap_m);
    let (south, north) = (start[1].min(end[1]) - snap_m, start[1].max(end[1]) + snap_m);
    let first = vertices.partition_point(|vertex| vertex[0] < west);
    let near = vertices[first..].iter().take_while(|vertex| vertex[0] <= east).filter(|vertex| (south..=north).contains(&vertex[1]));
    let long = length(minus(end, start));
    let stops = near.map(|vertex| (foot(*vertex, start, end), *vertex));
    let mut stops: Vec<(f64, [f64; 2])> = stops
        .filter(|((share, gap), _)| *gap <= snap_m && share * long > snap_m && (1.0 - share) * long > snap_m)
        .map(|((share, _), vertex)| (share, vertex))
        .collect();
    stops.sort_by(|left, right| left.0.total_cmp(&right.0));
    stops.into_iter().map(|(_, vertex)| vertex).collect()
}

fn pieces(shape: MultiPolygon, least_m: f64) -> Vec<Piece> {
    let piece = |polygon: Polygon| {
        let area_m2 = polygon.unsigned_area();
        let lines = std::iter::once(polygon.exterior()).chain(polygon.interiors()).flat_map(geo::LineString::lines);
        let around: f64 = lines.map(|line| length(minus(line.end.into(), line.start.into()))).sum();
        // A strip of width w and length l has area w·l and nearly 2·l around it.
        Piece { width_m: if around > 0.0 { 2.0 * area_m2 / around } else { 0.0 }, polygon, area_m2 }
    };
    shape.0.into_iter().map(piece).filter(|piece| piece.width_m > least_m).collect()
}

impl Piece {
    /// The piece as GeoJSON in longitude and latitude.
    pub(crate) fn geojson(&self, plane: &Plane) -> Value {
        let ring = |ring: &geo::LineString| ring.coords().map(|place| json!(plane.degrees([place.x, place.y]))).collect::<Value>();
        let rings: Vec<Value> = std::iter::once(self.polygon.exterior()).chain(self.polygon.interiors()).map(ring).collect();
        json!({"type": "Polygon", "coordinates": rings})
    }
}
