//! How are parcels asked for by place?

use chrono::NaiveDate;
use jiku_model::EntityId;

use super::EntityView;

/// A place. Coordinates are longitude and latitude in degrees, CGCS2000 (EPSG:4490).
#[derive(Clone, Debug, Default, PartialEq)]
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
    /// Parcels that intersect the polygons, each as rings of longitude and latitude, the first ring the shell.
    Polygons(Vec<Vec<Vec<(f64, f64)>>>),
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
    /// The parcels beside a parcel: those that touch it, overlap it or lie within five centimetres.
    Neighbours(EntityId),
    /// Anywhere.
    #[default]
    Everywhere,
}

/// Days in the world, both ends included; where one is missing they go on without end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first one.
    pub first: Option<NaiveDate>,
    /// The last one.
    pub last: Option<NaiveDate>,
}

impl From<NaiveDate> for Days {
    fn from(day: NaiveDate) -> Self {
        Self { first: Some(day), last: Some(day) }
    }
}

/// What parcels are asked for; all conditions hold together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParcelQuery {
    /// Where.
    pub area: Area,
    /// Held by this party: an identity number, a credit code, or a name.
    pub right_holder: Option<String>,
    /// Whose parcel code begins so.
    pub code_prefix: Option<String>,
    /// Of this land-use class; a first-level class holds its second-level ones.
    pub land_use: Option<String>,
    /// At least so large, square metres in the 3-degree zone.
    pub min_area_m2: Option<f64>,
    /// At most so large.
    pub max_area_m2: Option<f64>,
    /// As it stood in the world on this day; together with `as_of`, as that was recorded then.
    pub valid_at: Option<NaiveDate>,
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

/// Parcels of one land use in one division.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParcelGroup {
    /// The land-use class, none when the parcels say none.
    pub land_use: Option<String>,
    /// The county, none when the parcels have no Chinese code.
    pub division: Option<String>,
    /// How many parcels.
    pub count: u64,
    /// Their area together, square metres in the 3-degree zone.
    pub planar_area_m2: f64,
    /// What of it lies in the box or the polygon that was asked with; none for other questions, and where it cannot be computed.
    pub planar_area_within_m2: Option<f64>,
    /// The area that the certificates of those that have one state together; none where none has.
    pub registered_area_m2: Option<f64>,
}
