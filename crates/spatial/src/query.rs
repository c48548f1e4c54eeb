//! Which questions about place are asked, and which are refused before any work?

use crate::{AxisOrder, BoundingBox, Crs, GeometryProblem, GridPoint, RawGeometry, Region};

/// A checked question.
#[derive(Clone, Debug)]
pub enum SpatialQuery {
    /// Parcels that cover the point.
    Point {
        /// Longitude, degrees.
        lon: f64,
        /// Latitude, degrees.
        lat: f64,
    },
    /// Parcels that have a point in common with one of the boxes: two when the box crosses the antimeridian.
    Boxes(Vec<BoundingBox>),
    /// Parcels that have a point in common with the region.
    Intersects(Box<Region>),
    /// Parcels of which no point lies outside the region.
    Within(Box<Region>),
    /// Parcels at most so many metres away.
    Radius {
        /// Longitude, degrees.
        lon: f64,
        /// Latitude, degrees.
        lat: f64,
        /// Metres over the ellipsoid.
        radius_m: f64,
    },
    /// The nearest parcels.
    Nearest {
        /// Longitude, degrees.
        lon: f64,
        /// Latitude, degrees.
        lat: f64,
        /// How many.
        k: usize,
    },
}

/// Why a question is not answered.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryProblem {
    /// The point is not on the globe.
    #[error("longitude must be from -180 to 180 and latitude from -90 to 90")]
    Point,
    /// The box is none.
    #[error("bbox must be west,south,east,north in degrees with south at most north")]
    Bbox,
    /// The radius is out of bounds.
    #[error("radius must be from 0 to {max} metres, got {0}", max = SpatialQuery::MAX_RADIUS_M)]
    Radius(f64),
    /// The number of parcels is out of bounds.
    #[error("the number of nearest parcels must be from 1 to {max}, got {0}", max = SpatialQuery::MAX_NEAREST)]
    Nearest(usize),
    /// The polygon has too many vertices to be asked with.
    #[error("a query polygon may have {max} vertices, got {0}", max = SpatialQuery::MAX_VERTICES)]
    TooExpensive(usize),
    /// Too many parcels would have to be measured.
    #[error("more than {max} parcels would have to be measured: ask for a smaller radius, or also for a land use, a code or an area", max = SpatialQuery::MOST_MEASURED)]
    TooMany,
    /// A parcel has too many neighbours for all to be told.
    #[error("more than {max} parcels are beside this one: ask for a box", max = SpatialQuery::MOST_NEIGHBOURS)]
    TooManyNeighbours,
    /// The polygon is not valid.
    #[error("the query polygon is not valid: {}", .0.first().map(GeometryProblem::message_en).unwrap_or_default())]
    Polygon(Vec<GeometryProblem>),
}

impl QueryProblem {
    /// The stable reason code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Point => "coordinate-range",
            Self::Bbox => "bbox-invalid",
            Self::Radius(_) => "radius-invalid",
            Self::Nearest(_) => "nearest-invalid",
            Self::TooExpensive(_) | Self::TooMany | Self::TooManyNeighbours => "query-too-expensive",
            Self::Polygon(problems) => problems.first().map_or("geometry-invalid", GeometryProblem::code),
        }
    }
}

impl SpatialQuery {
    /// The longest radius, metres.
    pub const MAX_RADIUS_M: f64 = 100_000.0;
    /// The most nearest parcels.
    pub const MAX_NEAREST: usize = 1_000;
    /// The most parcels whose distance is measured for one answer.
    pub const MOST_MEASURED: usize = 100_000;
    /// The most neighbours of a parcel that are told.
    pub const MOST_NEIGHBOURS: usize = 10_000;
    /// The most vertices of a query polygon.
    pub const MAX_VERTICES: usize = 5_000;

    /// What covers a point?
    ///
    /// # Errors
    /// When the point is not on the globe.
    pub fn point(lon: f64, lat: f64) -> Result<Self, QueryProblem> {
        on_globe(lon, lat)?;
        Ok(Self::Point { lon, lat })
    }

    /// What meets a box? West may be east of east: the box then crosses the antimeridian.
    ///
    /// # Errors
    /// When a corner is not on the globe or south lies north of north.
    pub fn bbox(west: f64, south: f64, east: f64, north: f64) -> Result<Self, QueryProblem> {
        let spans = if west > east { vec![(west, 180.0), (-180.0, east)] } else { vec![(west, east)] };
        let boxes: Option<Vec<BoundingBox>> =
            spans.into_iter().map(|(west, east)| BoundingBox::from_degrees(west, south, east, north)).collect();
        boxes.map(Self::Boxes).ok_or(QueryProblem::Bbox)
    }

    /// What meets a polygon?
    ///
    /// # Errors
    /// When it has too many vertices or is not valid.
    pub fn intersects(raw: &RawGeometry, crs: Crs, order: AxisOrder) -> Result<Self, QueryProblem> {
        Ok(Self::Intersects(region(raw, crs, order)?))
    }

    /// What lies in a polygon?
    ///
    /// # Errors
    /// When it has too many vertices or is not valid.
    pub fn within(raw: &RawGeometry, crs: Crs, order: AxisOrder) -> Result<Self, QueryProblem> {
        Ok(Self::Within(region(raw, crs, order)?))
    }

    /// What is at most so many metres away?
    ///
    /// # Errors
    /// When the point is not on the globe or the radius out of bounds.
    pub fn radius(lon: f64, lat: f64, radius_m: f64) -> Result<Self, QueryProblem> {
        on_globe(lon, lat)?;
        if (0.0..=Self::MAX_RADIUS_M).contains(&radius_m) {
            Ok(Self::Radius { lon, lat, radius_m })
        } else {
            Err(QueryProblem::Radius(radius_m))
        }
    }

    /// What is nearest?
    ///
    /// # Errors
    /// When the point is not on the globe or the number out of bounds.
    pub fn nearest(lon: f64, lat: f64, k: usize) -> Result<Self, QueryProblem> {
        on_globe(lon, lat)?;
        if (1..=Self::MAX_NEAREST).contains(&k) { Ok(Self::Nearest { lon, lat, k }) } else { Err(QueryProblem::Nearest(k)) }
    }
}

fn on_globe(lon: f64, lat: f64) -> Result<(), QueryProblem> {
    GridPoint::from_degrees(lon, lat).map(|_| ()).ok_or(QueryProblem::Point)
}

fn region(raw: &RawGeometry, crs: Crs, order: AxisOrder) -> Result<Box<Region>, QueryProblem> {
    let vertices = raw.parts.iter().flatten().map(Vec::len).sum();
    if vertices > SpatialQuery::MAX_VERTICES {
        return Err(QueryProblem::TooExpensive(vertices));
    }
    Region::try_new(raw, crs, order).map(Box::new).map_err(QueryProblem::Polygon)
}
