//! Where is a land parcel, and what lies around it?
//!
//! A [`RawGeometry`] is read from bytes or text, becomes a [`ParcelGeometry`] when it is valid (every problem is told at
//! once, with its place). Coordinates are CGCS2000 longitude and latitude. Nothing here does I/O or reads a clock.

mod bbox;
mod clip;
mod crs;
mod datum;
mod distance;
pub mod edit;
mod gauss_kruger;
mod geojson;
mod geojson_text;
mod geometry;
mod grid;
mod index;
mod map_offset;
mod measure;
mod packed;
mod plane;
mod predicate;
mod problem;
mod query;
mod raw;
mod recognition;
mod region;
mod relation;
mod repair;
pub mod tile;
pub mod topology;
mod validity;
mod wkb;
mod wkt;

pub use bbox::BoundingBox;
pub use crs::{AxisOrder, Crs, GaussKruger, OutOfRange, UnsupportedCrs};
pub use datum::{Placement, displaced, placement, suspected_system};
pub use gauss_kruger::Zone;
pub use geometry::{Accepted, ParcelGeometry, Part};
pub use grid::GridPoint;
pub use index::{Near, Neighbour, Place, Snapshot, SpatialIndex};
pub use map_offset::{from_bd09, from_gcj02, to_bd09, to_gcj02};
pub use measure::{PlanarArea, distance_m};
pub use problem::{GeometryFault, GeometryNotice, GeometryProblem};
pub use query::{QueryProblem, SpatialQuery};
pub use raw::RawGeometry;
pub use recognition::in_china;
pub use region::Region;
pub use relation::{Figure, Relation};
pub use repair::repair;
