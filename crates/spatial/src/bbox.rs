//! Which box lies around a geometry or a query?

use crate::grid::GridPoint;

/// A box of longitudes and latitudes, edges included; it does not cross the antimeridian.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct BoundingBox {
    /// The south-west corner.
    pub min: GridPoint,
    /// The north-east corner.
    pub max: GridPoint,
}

impl BoundingBox {
    /// The smallest box around `points`, none when there are none.
    #[must_use]
    pub fn around(points: impl IntoIterator<Item = GridPoint>) -> Option<Self> {
        let mut points = points.into_iter();
        let first = points.next()?;
        let mut bbox = Self { min: first, max: first };
        for GridPoint { lon, lat } in points {
            bbox.min = GridPoint { lon: bbox.min.lon.min(lon), lat: bbox.min.lat.min(lat) };
            bbox.max = GridPoint { lon: bbox.max.lon.max(lon), lat: bbox.max.lat.max(lat) };
        }
        Some(bbox)
    }

    /// West, south, east, north in degrees, none when a value is off the globe, not finite, or out of order.
    #[must_use]
    pub fn from_degrees(west: f64, south: f64, east: f64, north: f64) -> Option<Self> {
        let (min, max) = (GridPoint::from_degrees(west, south)?, GridPoint::from_degrees(east, north)?);
        (min.lon <= max.lon && min.lat <= max.lat).then_some(Self { min, max })
    }

    /// West, south, east, north in degrees.
    #[must_use]
    pub fn degrees(&self) -> [f64; 4] {
        let ([west, south], [east, north]) = (self.min.degrees(), self.max.degrees());
        [west, south, east, north]
    }

    /// The smallest box around both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            min: GridPoint { lon: self.min.lon.min(other.min.lon), lat: self.min.lat.min(other.min.lat) },
            max: GridPoint { lon: self.max.lon.max(other.max.lon), lat: self.max.lat.max(other.max.lat) },
        }
    }

    /// Whether the two have a point in common.
    #[must_use]
    pub const fn intersects(&self, other: &Self) -> bool {
        self.min.lon <= other.max.lon && other.min.lon <= self.max.lon && self.min.lat <= other.max.lat && other.min.lat <= self.max.lat
    }

    /// Whether `other` lies wholly in this box; edges may coincide.
    #[must_use]
    pub const fn covers(&self, other: &Self) -> bool {
        self.min.lon <= other.min.lon && other.max.lon <= self.max.lon && self.min.lat <= other.min.lat && other.max.lat <= self.max.lat
    }

    /// Whether the point lies in the box or on its edge.
    #[must_use]
    pub const fn contains(&self, point: GridPoint) -> bool {
        self.covers(&Self { min: point, max: point })
    }

    /// The corners, counter-clockwise from the south-west.
    #[must_use]
    pub const fn corners(&self) -> [GridPoint; 4] {
        let (min, max) = (self.min, self.max);
        [min, GridPoint { lon: max.lon, lat: min.lat }, max, GridPoint { lon: min.lon, lat: max.lat }]
    }

    /// The box grown by nano-degrees on each side.
    #[must_use]
    pub const fn grown(&self, lon: i64, lat: i64) -> Self {
        Self {
            min: GridPoint { lon: self.min.lon - lon, lat: self.min.lat - lat },
            max: GridPoint { lon: self.max.lon + lon, lat: self.max.lat + lat },
        }
    }

    /// Its middle, rounded to the grid.
    #[must_use]
    pub const fn centre(&self) -> GridPoint {
        GridPoint { lon: self.min.lon + self.width() / 2, lat: self.min.lat + self.height() / 2 }
    }

    /// East minus west, nano-degrees.
    #[must_use]
    pub const fn width(&self) -> i64 {
        self.max.lon - self.min.lon
    }

    /// North minus south, nano-degrees.
    #[must_use]
    pub const fn height(&self) -> i64 {
        self.max.lat - self.min.lat
    }
}
