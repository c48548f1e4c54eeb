//! What do two shapes have in common, and what has one that the other lacks?
//!
//! Boolean operations come from a library that has panicked on odd polygons before; here a panic becomes an answer.

use std::panic::{AssertUnwindSafe, catch_unwind};

use geo::{Area, BooleanOps, MultiPolygon, Polygon};
use serde_json::{Value, json};

use crate::plane::{Plane, length, minus};

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
