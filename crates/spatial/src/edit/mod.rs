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
pub use split::{split_by_lines, split_by_polygons};
pub use union::{area_shares, union_unchanged};

use serde_json::Value;

use crate::GeometryProblem;

/// Why an edit cannot be done.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EditProblem {
    /// A line has fewer than two different places.
    #[error("a split line needs at least two different places")]
    LineTooShort,
    /// The lines have more places than are taken.
    #[error("split lines have at most {max} places together", max = split::MOST_PLACES)]
    LineTooLong,
    /// A place of a line is not on the globe.
    #[error(
        "a place of the split line is not on the globe: positions are longitude, latitude in degrees, or east, north of the system that crs names"
    )]
    LineOffGlobe,
    /// A line lies where the parcel does once its numbers change places.
    #[error("the numbers of the split line are in the wrong order: write longitude (or east) first, then latitude (or north)")]
    LineSwapped,
    /// The lines do not cut the parcel in two.
    #[error("the line does not cut the parcel: begin and end it outside")]
    NotCut,
    /// A line begins or ends inside the parcel, longitude and latitude.
    #[error("the line does not cut the parcel: it ends inside, at {} {}; draw it on to the border", .0[0], .0[1])]
    LineEndsInside([f64; 2]),
    /// A line crosses itself, longitude and latitude.
    #[error("the line crosses itself, at {} {}: draw it without the loop, or as several lines", .0[0], .0[1])]
    LineCrossesItself([f64; 2]),
    /// The polygons leave the parcel as it is.
    #[error("the polygons do not divide the parcel: give two or more, or one that leaves land over")]
    NotDivided,
    /// A polygon, counted from 0, reaches over the border of the parcel.
    #[error("polygon {0} sticks out of the parcel by {1:.3} square metres: cut it at the border")]
    SticksOut(usize, f64, Value),
    /// The polygons leave land over and have more corners than are looked at for that.
    #[error("polygons that leave land over have at most {max} corners together: give the rest as a polygon too", max = split::MOST_PLACES)]
    TooManyCorners,
    /// The polygons leave a strip over: its area, its width, its place.
    #[error("the polygons leave a strip of {0:.3} square metres over, {1:.2} m wide: draw them up to each other and to the border")]
    StripLeft(f64, f64, Value),
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
            Self::Apart(_, place)
            | Self::UnionChanged(_, place)
            | Self::PartsOverlap(_, place)
            | Self::SticksOut(_, _, place)
            | Self::StripLeft(_, _, place) => Some(place),
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
            Self::StripLeft(area, width, _) => {
                Some(format!("各多边形之外剩余一条 {area:.3} 平方米、宽约 {width:.2} 米的狭长地，请将多边形画到彼此及宗地的界线"))
            }
            Self::SticksOut(at, area, _) => Some(format!("第 {} 个多边形超出宗地 {area:.3} 平方米，请沿宗地界线裁剪", at + 1)),
            _ => None,
        }
    }

    /// The stable reason code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::LineTooShort | Self::LineTooLong | Self::LineOffGlobe | Self::LineCrossesItself(_) => "split-line-invalid",
            Self::LineSwapped => "coordinate-order-suspected",
            Self::NotCut | Self::LineEndsInside(_) => "split-line-misses",
            Self::NotDivided | Self::TooManyCorners => "split-polygons-invalid",
            Self::TooFew => "merge-too-few",
            Self::Apart(..) => "merge-apart",
            Self::Invalid(_) => "edit-result-invalid",
            Self::UnionChanged(..) | Self::SticksOut(..) | Self::StripLeft(..) => "parcel-union-changed",
            Self::PartsOverlap(..) => "parcel-overlap",
            Self::NotComputed => "geometry-unsupported",
        }
    }
}
