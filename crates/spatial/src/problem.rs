//! What is wrong with a geometry, and where?

use std::fmt;

use serde_json::{Value, json};

use crate::{Crs, GridPoint};

/// A kind of fault, with what is known about it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum GeometryFault {
    /// The bytes are no well-known binary; what was expected at which byte.
    Wkb(&'static str, usize),
    /// The text is no well-known text; what was expected at which byte.
    Wkt(&'static str, usize),
    /// The value is no GeoJSON geometry; what was expected.
    GeoJson(&'static str),
    /// Neither Polygon nor MultiPolygon.
    NotPolygonal,
    /// No part at all.
    Empty,
    /// The declared coordinate reference system is not supported.
    CrsUnsupported,
    /// A coordinate is not a finite number.
    NotFinite,
    /// A coordinate cannot belong to the declared system; the system it seems to be given in, where that shows.
    CoordinateRange(Option<Crs>),
    /// The two numbers of positions seem to be swapped.
    AxesSwapped,
    /// Wider or higher than four degrees (also by crossing the antimeridian), or outside the extent that was asked for.
    OutsideExtent,
    /// More vertices, rings or parts than are taken.
    TooComplex,
    /// A ring is not closed.
    RingNotClosed,
    /// A ring has fewer than four positions.
    RingTooShort,
    /// A ring has no area, or runs back on itself (a spike).
    Degenerate,
    /// A ring crosses or touches itself.
    SelfIntersection,
    /// Two rings of a part, or two parts, cross, run along each other, or one lies where it must not.
    RingsConflict,
    /// Rings touch so that the interior falls apart.
    InteriorDisconnected,
}

/// A fault with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct GeometryProblem {
    /// What is wrong.
    pub fault: GeometryFault,
    /// Where: longitude and latitude, or the numbers as given while they are no position yet.
    pub place: Option<[f64; 2]>,
    /// Which part, counted from 0.
    pub part: Option<usize>,
    /// Which ring of the part, counted from 0, the shell first.
    pub ring: Option<usize>,
}

impl GeometryProblem {
    pub(crate) const fn whole(fault: GeometryFault) -> Self {
        Self { fault, place: None, part: None, ring: None }
    }

    /// The stable reason code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.fault {
            GeometryFault::Wkb(..) => "wkb-invalid",
            GeometryFault::Wkt(..) => "wkt-syntax",
            GeometryFault::GeoJson(_) => "geojson-invalid",
            GeometryFault::NotPolygonal => "geometry-type",
            GeometryFault::Empty => "geometry-empty",
            GeometryFault::CrsUnsupported => "crs-unsupported",
            GeometryFault::NotFinite => "geometry-nonfinite",
            GeometryFault::CoordinateRange(_) => "coordinate-range",
            GeometryFault::AxesSwapped => "coordinate-order-suspected",
            GeometryFault::OutsideExtent => "outside-extent",
            GeometryFault::TooComplex => "geometry-too-complex",
            GeometryFault::RingNotClosed | GeometryFault::RingTooShort => "geometry-ring",
            GeometryFault::Degenerate => "geometry-degenerate",
            GeometryFault::SelfIntersection => "geometry-self-intersection",
            GeometryFault::RingsConflict => "geometry-rings",
            GeometryFault::InteriorDisconnected => "geometry-interior-disconnected",
        }
    }

    /// What is wrong and what to do, in English.
    #[must_use]
    pub fn message_en(&self) -> String {
        match &self.fault {
            GeometryFault::Wkb(expected, at) => format!("well-known binary: expected {expected} at byte {at}"),
            GeometryFault::Wkt(expected, at) => format!("well-known text: expected {expected} at byte {at}"),
            GeometryFault::GeoJson(expected) => format!("GeoJSON: expected {expected}"),
            GeometryFault::CoordinateRange(Some(crs)) => {
                format!("coordinates do not fit the declared system; they look like {crs}: declare it")
            }
            fault => fault.plain_en().to_owned(),
        }
    }

    /// What is wrong and what to do, in Chinese.
    #[must_use]
    pub fn message_zh(&self) -> String {
        match &self.fault {
            GeometryFault::Wkb(_, at) => format!("WKB 格式错误，位于第 {at} 字节"),
            GeometryFault::Wkt(_, at) => format!("WKT 语法错误，位于第 {at} 字节"),
            GeometryFault::CoordinateRange(Some(crs)) => format!("坐标与所声明的坐标系不符，疑为 {crs}，请声明"),
            fault => fault.plain_zh().to_owned(),
        }
    }

    /// The place as a GeoJSON point, when it is a position on the globe.
    #[must_use]
    pub fn place_geojson(&self) -> Option<Value> {
        let [lon, lat] = self.place?;
        (lon.abs() <= 180.0 && lat.abs() <= 90.0).then(|| json!({"type": "Point", "coordinates": [lon, lat]}))
    }
}

impl fmt::Display for GeometryProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message_en())
    }
}

impl std::error::Error for GeometryProblem {}

impl GeometryFault {
    /// The advice without numbers: may be a constant of a problem that travels far.
    #[must_use]
    pub const fn plain_en(&self) -> &'static str {
        match self {
            Self::Wkb(..) => "send the geometry as complete well-known binary",
            Self::Wkt(..) => "correct the well-known text",
            Self::GeoJson(_) => "send a GeoJSON Polygon or MultiPolygon with numbers as coordinates",
            Self::NotPolygonal => "a parcel is a Polygon or MultiPolygon",
            Self::Empty => "the geometry is empty: send the boundary",
            Self::CrsUnsupported => "declare CRS84, EPSG:4490, EPSG:4326, EPSG:4491 to EPSG:4554, gcj02 or bd09",
            Self::NotFinite => "a coordinate is not a finite number",
            Self::CoordinateRange(_) => "coordinates do not fit the declared system: declare the right system or zone",
            Self::AxesSwapped => "the two numbers of each position seem to be swapped: give longitude first, or easting first",
            Self::OutsideExtent => "the geometry lies outside the extent, or is wider than four degrees",
            Self::TooComplex => {
                "the geometry has too many vertices, rings or parts: at most 100 000 positions, 2 000 rings and 1 000 parts are taken"
            }
            Self::RingNotClosed => "close the ring: the last position must equal the first",
            Self::RingTooShort => "a ring needs at least four positions",
            Self::Degenerate => "a ring has no area or a spike: remove the vertex",
            Self::SelfIntersection => "a ring crosses or touches itself",
            Self::RingsConflict => "rings cross or overlap, a hole lies outside its shell, or parts overlap",
            Self::InteriorDisconnected => "rings touch so that the interior falls apart: send several parts",
        }
    }

    /// The advice in Chinese.
    #[must_use]
    pub const fn plain_zh(&self) -> &'static str {
        match self {
            Self::Wkb(..) => "WKB 格式错误",
            Self::Wkt(..) => "WKT 语法错误",
            Self::GeoJson(_) => "GeoJSON 几何无效，应为 Polygon 或 MultiPolygon",
            Self::NotPolygonal => "宗地几何应为 Polygon 或 MultiPolygon",
            Self::Empty => "几何为空",
            Self::CrsUnsupported => "不支持所声明的坐标系",
            Self::NotFinite => "坐标含有非有限数值",
            Self::CoordinateRange(_) => "坐标与所声明的坐标系不符，请核对坐标系与带号",
            Self::AxesSwapped => "疑似坐标顺序颠倒，应经度（东坐标）在前",
            Self::OutsideExtent => "几何超出范围，或跨度超过四度",
            Self::TooComplex => "几何过于复杂：至多 100000 个点、2000 个环、1000 个部件",
            Self::RingNotClosed => "环未闭合，首末点应相同",
            Self::RingTooShort => "环至少需要四个点",
            Self::Degenerate => "环面积为零或存在尖刺",
            Self::SelfIntersection => "环自相交",
            Self::RingsConflict => "环之间相交或重叠，或孔洞在外环之外，或部件重叠",
            Self::InteriorDisconnected => "内部不连通，请拆分为多个部件",
        }
    }
}

/// Something done to a geometry on its way in that its sender should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GeometryNotice {
    /// Repeated positions were dropped.
    RepeatedPositions {
        /// How many.
        count: usize,
        /// The first of them.
        first: GridPoint,
    },
    /// Z or M values were dropped.
    ExtraDimensions,
    /// The position was converted from a shifted datum and is approximate.
    ApproximateDatum,
}

impl GeometryNotice {
    /// The stable reason code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::RepeatedPositions { .. } => "geometry-repeated-position",
            Self::ExtraDimensions => "geometry-dimension-dropped",
            Self::ApproximateDatum => "datum-approximate",
        }
    }

    /// Where, when it is at a place: a GeoJSON point.
    #[must_use]
    pub fn place_geojson(self) -> Option<Value> {
        match self {
            Self::RepeatedPositions { first, .. } => Some(json!({"type": "Point", "coordinates": first.degrees()})),
            Self::ExtraDimensions | Self::ApproximateDatum => None,
        }
    }

    /// What was done, in a sentence.
    #[must_use]
    pub const fn message_en(self) -> &'static str {
        match self {
            Self::RepeatedPositions { .. } => "repeated positions were dropped",
            Self::ExtraDimensions => "heights or measures were dropped: a parcel boundary is two-dimensional",
            Self::ApproximateDatum => "converted from a shifted map datum: the position is approximate",
        }
    }
}
