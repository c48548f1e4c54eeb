//! How does a parcel lie to a figure that somebody asks with?
//!
//! The named predicates of ISO 19125, clause 6.1.15.3, by the intersection matrix of both. Coordinates go in as whole
//! nano-degrees, so that touching and crossing are told apart exactly.

use geo::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon, Relate};

use crate::distance::to_shape_m;
use crate::geometry::accept;
use crate::grid::Side;
use crate::packed::{Packed, pack};
use crate::query::QueryProblem;
use crate::topology::contained;
use crate::{AxisOrder, BoundingBox, Crs, GridPoint, ParcelGeometry, RawGeometry, Region, SpatialQuery};

/// A named relation of a parcel (first) and a figure (second).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// They have a point in common.
    Intersects,
    /// They have no point in common.
    Disjoint,
    /// They are the same set of points.
    Equals,
    /// They meet at their boundaries only.
    Touches,
    /// The parcel lies in the figure.
    Within,
    /// The figure lies in the parcel.
    Contains,
    /// They have an area in common, and each an area of its own.
    Overlaps,
    /// A line runs through the parcel and out of it.
    Crosses,
}

/// A figure: points, lines or a region.
#[derive(Clone, Debug)]
pub struct Figure {
    geometry: Geometry,
    positions: usize,
    /// A region with its edges in a tree, so that parcels away from its border are told without the library.
    region: Option<Region>,
}

impl Figure {
    /// Points by longitude and latitude.
    ///
    /// # Errors
    /// When one is not on the globe, there is none, or there are too many.
    pub fn points(positions: &[[f64; 2]]) -> Result<Self, QueryProblem> {
        let points: MultiPoint = places(positions)?.into_iter().map(Point::from).collect();
        if points.0.is_empty() {
            return Err(QueryProblem::Point);
        }
        Ok(Self { geometry: Geometry::MultiPoint(points), positions: positions.len(), region: None })
    }

    /// Lines by longitude and latitude.
    ///
    /// # Errors
    /// When a position is not on the globe, a line has fewer than two, or there are too many.
    pub fn lines(lines: &[Vec<[f64; 2]>]) -> Result<Self, QueryProblem> {
        let positions = lines.iter().map(Vec::len).sum();
        if positions > SpatialQuery::MAX_VERTICES {
            return Err(QueryProblem::TooExpensive(positions));
        }
        let lines: Vec<LineString> = lines.iter().map(|line| places(line).map(LineString)).collect::<Result<_, _>>()?;
        if lines.is_empty() || lines.iter().any(|line| line.0.len() < 2) {
            return Err(QueryProblem::Point);
        }
        Ok(Self { geometry: Geometry::MultiLineString(MultiLineString(lines)), positions, region: None })
    }

    /// A region: a polygon or several.
    ///
    /// # Errors
    /// When it has too many vertices or is not valid.
    pub fn region(raw: &RawGeometry, crs: Crs, order: AxisOrder) -> Result<Self, QueryProblem> {
        let positions = raw.parts.iter().flatten().map(Vec::len).sum();
        if positions > SpatialQuery::MAX_VERTICES {
            return Err(QueryProblem::TooExpensive(positions));
        }
        let accepted = accept(raw, crs, order, crate::region::MAX_SPAN).map_err(QueryProblem::Polygon)?;
        let region = Some(Region::from(&accepted.geometry));
        Ok(Self { geometry: Geometry::MultiPolygon(shape(&accepted.geometry)), positions, region })
    }

    /// Several figures as one.
    ///
    /// # Errors
    /// When there is none, or they have too many vertices together.
    pub fn collection(members: Vec<Self>) -> Result<Self, QueryProblem> {
        let positions = members.iter().map(|member| member.positions).sum();
        if positions > SpatialQuery::MAX_VERTICES {
            return Err(QueryProblem::TooExpensive(positions));
        }
        if members.is_empty() {
            return Err(QueryProblem::Point);
        }
        let geometry = Geometry::GeometryCollection(members.into_iter().map(|member| member.geometry).collect());
        Ok(Self { geometry, positions, region: None })
    }

    /// How a parcel lies to it, as far as the box around the parcel tells: when no border of a region is near, the parcel lies
    /// wholly inside or wholly outside. Exact.
    #[must_use]
    pub fn told_by_box(&self, relation: Relation, bbox: &BoundingBox) -> Option<bool> {
        match self.region.as_ref()?.side_of_box(bbox) {
            Side::Boundary => None,
            Side::Inside => Some(matches!(relation, Relation::Intersects | Relation::Within)),
            Side::Outside => Some(relation == Relation::Disjoint),
        }
    }

    /// What it costs to ask how one parcel near the border lies, in positions looked at.
    #[must_use]
    pub const fn cost(&self, relation: Relation) -> usize {
        match relation {
            Relation::Intersects | Relation::Disjoint | Relation::Within if self.region.is_some() => 16,
            _ => self.positions,
        }
    }
}

fn places(positions: &[[f64; 2]]) -> Result<Vec<Coord>, QueryProblem> {
    if positions.len() > SpatialQuery::MAX_VERTICES {
        return Err(QueryProblem::TooExpensive(positions.len()));
    }
    positions.iter().map(|[lon, lat]| GridPoint::from_degrees(*lon, *lat).map(place).ok_or(QueryProblem::Point)).collect()
}

/// Nano-degrees as floating point, in which whole numbers of this size are exact.
#[expect(clippy::cast_precision_loss, reason = "grid values stay below 2^53")]
const fn place(point: GridPoint) -> Coord {
    Coord { x: point.lon as f64, y: point.lat as f64 }
}

fn shape(geometry: &ParcelGeometry) -> MultiPolygon {
    let ring = |points: &Vec<GridPoint>| LineString(points.iter().chain(points.first()).map(|point| place(*point)).collect());
    let parts = geometry.parts().iter().map(|part| {
        let mut rings = part.rings().iter().map(ring);
        Polygon::new(rings.next().unwrap_or_else(|| LineString(Vec::new())), rings.collect())
    });
    MultiPolygon(parts.collect())
}

impl ParcelGeometry {
    /// Whether the parcel lies so to the figure; none when the geometry library could not tell.
    #[must_use]
    pub fn relates(&self, relation: Relation, figure: &Figure) -> Option<bool> {
        if let Some(region) = &figure.region {
            let mut words = Vec::new();
            pack(self, &mut words);
            let packed = Packed::new(&words);
            match relation {
                Relation::Intersects => return Some(region.intersects(packed)),
                Relation::Disjoint => return Some(!region.intersects(packed)),
                Relation::Within => return Some(region.covers(packed)),
                _ => {}
            }
        }
        let matrix = contained(|| Geometry::MultiPolygon(shape(self)).relate(&figure.geometry))?;
        Some(match relation {
            Relation::Intersects => matrix.is_intersects(),
            Relation::Disjoint => matrix.is_disjoint(),
            Relation::Equals => matrix.is_equal_topo(),
            Relation::Touches => matrix.is_touches(),
            Relation::Within => matrix.is_within(),
            Relation::Contains => matrix.is_contains(),
            Relation::Overlaps => matrix.is_overlaps(),
            Relation::Crosses => matrix.is_crosses(),
        })
    }

    /// Metres over the ellipsoid from a place to the boundary, 0 inside; none when the place is not on the globe.
    #[must_use]
    pub fn distance_m(&self, lon: f64, lat: f64) -> Option<f64> {
        let point = GridPoint::from_degrees(lon, lat)?;
        let mut words = Vec::new();
        pack(self, &mut words);
        Some(to_shape_m(point, Packed::new(&words)))
    }
}
