//! How are parcels asked for by place?

use super::EntityView;

/// A place. Coordinates are longitude and latitude in degrees, CGCS2000 (EPSG:4490).
#[derive(Clone, Debug, PartialEq)]
pub enum Area {
    /// Parcels that contain the point.
    Point {
        /// Longitude.
        lon: f64,
        /// Latitude.
        lat: f64,
    },
    /// Parcels that intersect the box; west may be greater than east (the box crosses the antimeridian).
    Bbox {
        /// Least longitude.
        west: f64,
        /// Least latitude.
        south: f64,
        /// Greatest longitude.
        east: f64,
        /// Greatest latitude.
        north: f64,
    },
    /// Parcels that intersect the polygon: hexadecimal or text, as rings of `[lon, lat]`, the first ring the shell.
    Polygon(Vec<Vec<(f64, f64)>>),
    /// Parcels within this many metres of the point, nearest first.
    Radius {
        /// Longitude.
        lon: f64,
        /// Latitude.
        lat: f64,
        /// Metres on the ellipsoid.
        radius_m: f64,
    },
    /// The k nearest parcels, nearest first.
    Nearest {
        /// Longitude.
        lon: f64,
        /// Latitude.
        lat: f64,
        /// How many.
        k: usize,
    },
    /// Anywhere.
    Everywhere,
}

/// What parcels are asked for; all conditions hold together.
#[derive(Clone, Debug, PartialEq)]
pub struct ParcelQuery {
    /// Where.
    pub area: Area,
    /// Held by this party: an identity number, a credit code, or a name.
    pub right_holder: Option<String>,
    /// Whose parcel code begins so.
    pub code_prefix: Option<String>,
    /// As recorded at this moment.
    pub as_of: Option<jiku_model::Timestamp>,
    /// At most this many; the ceiling is 1,000.
    pub limit: usize,
    /// Go on after this page.
    pub cursor: Option<String>,
}

/// A parcel that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct ParcelHit {
    /// The parcel.
    pub parcel: EntityView,
    /// How far it is, in metres, when the question was about distance.
    pub distance_m: Option<f64>,
}
