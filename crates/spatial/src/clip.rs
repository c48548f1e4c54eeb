//! How much of a parcel lies in the box or the polygon that somebody asks with?
//!
//! Borders are straight in longitude and latitude, as in every other question about place; areas are those of the parcel's 3-degree zone.

use geo::{Area, BooleanOps, Coord, LineString, MultiPolygon, Polygon};

use crate::grid::{GridPoint, Side};
use crate::plane::Plane;
use crate::query::SpatialQuery;
use crate::topology::contained;
use crate::{BoundingBox, ParcelGeometry};

impl SpatialQuery {
    /// Whether it asks with a box or a polygon, of which a parcel may have a part inside and a part outside.
    #[must_use]
    pub const fn has_inside(&self) -> bool {
        matches!(self, Self::Boxes(_) | Self::Intersects(_) | Self::Within(_))
    }

    /// Whether nothing of what lies in a box lies outside of the question's box or polygon.
    #[must_use]
    pub fn takes_in(&self, bbox: &BoundingBox) -> bool {
        match self {
            Self::Boxes(boxes) => boxes.iter().any(|own| own.covers(bbox)),
            Self::Intersects(region) | Self::Within(region) => region.side_of_box(bbox) == Side::Inside,
            Self::Point { .. } | Self::Radius { .. } | Self::Nearest { .. } => false,
        }
    }

    /// Square metres of a parcel, in its 3-degree zone, that lie in the box or the polygon; none where the question has no inside, and where the
    /// geometry library could not tell.
    #[must_use]
    pub fn area_within_m2(&self, parcel: &ParcelGeometry) -> Option<f64> {
        let whole = parcel.planar_area().area_m2;
        if self.takes_in(&parcel.bbox()) {
            return Some(whole);
        }
        let area: Option<f64> = match self {
            Self::Boxes(boxes) => boxes.iter().map(|bbox| of_ring(parcel, &corners(bbox))).sum(),
            Self::Intersects(region) | Self::Within(region) => {
                region.rings().map(|(ring, is_hole)| Some(of_ring(parcel, ring)? * if is_hole { -1.0 } else { 1.0 })).sum()
            }
            Self::Point { .. } | Self::Radius { .. } | Self::Nearest { .. } => None,
        };
        area.map(|area| area.clamp(0.0, whole))
    }
}

fn corners(bbox: &BoundingBox) -> [GridPoint; 4] {
    let (min, max) = (bbox.min, bbox.max);
    [min, GridPoint { lon: max.lon, lat: min.lat }, max, GridPoint { lon: min.lon, lat: max.lat }]
}

/// Square metres that a parcel has in common with the inside of a ring.
fn of_ring(parcel: &ParcelGeometry, ring: &[GridPoint]) -> Option<f64> {
    let (bbox, origin) = (parcel.bbox(), parcel.bbox().min);
    let figure = cut(ring.iter().map(|point| offset(*point, origin)).collect(), offset(bbox.max, origin));
    if figure.len() < 3 {
        return Some(0.0);
    }
    let figure = MultiPolygon::from(Polygon::new(LineString(figure), Vec::new()));
    let line = |points: &Vec<GridPoint>| LineString(points.iter().map(|point| offset(*point, origin)).collect());
    let parts = parcel.parts().iter().map(|part| {
        let mut rings = part.rings().iter().map(line);
        Polygon::new(rings.next().unwrap_or_else(|| LineString(Vec::new())), rings.collect())
    });
    let shape = MultiPolygon(parts.collect());
    let common = contained(|| shape.intersection(&figure))?;
    let plane = Plane::around(bbox.centre());
    let [west, south] = origin.degrees();
    let place = |at: &Coord| plane.of_degrees(west + at.x * DEGREES_OF_STEP, south + at.y * DEGREES_OF_STEP);
    let projected = |line: &LineString| LineString::from(line.coords().map(place).collect::<Vec<_>>());
    let area =
        |piece: &Polygon| Polygon::new(projected(piece.exterior()), piece.interiors().iter().map(projected).collect()).unsigned_area();
    Some(common.iter().map(area).sum())
}

/// The size of a step of the grid.
const DEGREES_OF_STEP: f64 = 1e-9;

/// Steps of the grid from an origin, in which whole numbers of this size are exact.
#[expect(clippy::cast_precision_loss, reason = "grid values stay below 2^53")]
const fn offset(point: GridPoint, origin: GridPoint) -> Coord {
    Coord { x: (point.lon - origin.lon) as f64, y: (point.lat - origin.lat) as f64 }
}

/// A ring cut to the box from nought to `most` (Sutherland and Hodgman 1974), so that a long border is laid over a small parcel by the few
/// corners that are near. Edges along the box may run to and fro; no area lies between them.
fn cut(mut ring: Vec<Coord>, most: Coord) -> Vec<Coord> {
    let sides: [fn(Coord, Coord) -> f64; 4] = [|at, _| at.x, |at, most| most.x - at.x, |at, _| at.y, |at, most| most.y - at.y];
    for inside in sides {
        let mut kept = Vec::with_capacity(ring.len() + 4);
        for (at, &to) in ring.iter().enumerate() {
            let from = ring[(at + ring.len() - 1) % ring.len()];
            let (before, after) = (inside(from, most), inside(to, most));
            if (before < 0.0) != (after < 0.0) {
                let share = before / (before - after);
                kept.push(from + (to - from) * share);
            }
            if after >= 0.0 {
                kept.push(to);
            }
        }
        ring = kept;
    }
    ring
}
