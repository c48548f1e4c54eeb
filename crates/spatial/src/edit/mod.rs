//! How is a boundary split, merged and moved, so that no land is won or lost?
//!
//! Pure operations on shapes: codes, rights and history are the registry's. What an operation gives back is valid, and
//! [`union_unchanged`] says whether the new parcels together are the old ones together.

mod dissolve;
pub(crate) mod faces;
mod merge;
mod split;
mod union;

pub use dissolve::dissolve;
pub use merge::merge;
pub use split::{split_by_line, split_by_polygons};
pub use union::{area_shares, union_unchanged};

use serde_json::Value;

use crate::GeometryProblem;

/// Why an edit cannot be done.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EditProblem {
    /// The line has fewer than two places, or one that is not on the globe.
    #[error("a split line needs at least two places on the globe")]
    Line,
    /// The line does not cut the parcel in two.
    #[error("the line does not cut the parcel: begin and end it outside")]
    NotCut,
    /// Nothing, or one parcel only, to merge.
    #[error("a merge needs at least two parcels")]
    TooFew,
    /// The parcels do not share a border, so that the result would have several parts.
    #[error("the parcels do not share a border: the result would have {0} parts")]
    Apart(usize, Value),
    /// The result is not a valid geometry.
    #[error("the result is not valid: {}", .0.first().map(GeometryProblem::message_en).unwrap_or_default())]
    Invalid(Vec<GeometryProblem>),
    /// The parts do not make up the parcel.
    #[error("the parts together are not the parcel: {0:.3} square metres differ")]
    UnionChanged(f64, Value),
    /// The parts overlap.
    #[error("the parts overlap by {0:.3} square metres")]
    PartsOverlap(f64, Value),
    /// The shapes cannot be laid over each other.
    #[error("the shapes cannot be computed with: have them looked at")]
    NotComputed,
}

impl EditProblem {
    /// Where, a GeoJSON geometry: land that differs or is held twice, or the parts that lie apart.
    #[must_use]
    pub const fn place(&self) -> Option<&Value> {
        match self {
            Self::Apart(_, place) | Self::UnionChanged(_, place) | Self::PartsOverlap(_, place) => Some(place),
            _ => None,
        }
    }

    /// What stands against it, in Chinese, where it is at a place.
    #[must_use]
    pub fn message_zh(&self) -> Option<String> {
        match self {
            Self::Apart(parts, _) => Some(format!("各宗地没有共用界线，合并后将有 {parts} 个部件")),
            Self::UnionChanged(area, _) => Some(format!("各部分合起来与原宗地相差 {area:.3} 平方米")),
            Self::PartsOverlap(area, _) => Some(format!("各部分之间重叠 {area:.3} 平方米")),
            _ => None,
        }
    }

    /// The stable reason code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Line => "split-line-invalid",
            Self::NotCut => "split-line-misses",
            Self::TooFew => "merge-too-few",
            Self::Apart(..) => "merge-apart",
            Self::Invalid(_) => "edit-result-invalid",
            Self::UnionChanged(..) => "parcel-union-changed",
            Self::PartsOverlap(..) => "parcel-overlap",
            Self::NotComputed => "geometry-unsupported",
        }
    }
}
