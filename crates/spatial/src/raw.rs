//! What did the source say, before anything is checked?

use crate::Crs;
use crate::problem::{GeometryFault, GeometryProblem};

/// Rings of positions by part, as read from bytes: nothing is valid yet, closing positions are still there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawGeometry {
    /// Parts, each a list of rings (the shell first), each a list of positions.
    pub parts: Vec<Vec<Vec<[f64; 2]>>>,
    /// The EPSG code that came inside the geometry (EWKB, EWKT, a GeoJSON `crs` member).
    pub srid: Option<u32>,
    /// Whether Z or M values were dropped.
    pub dropped_dimensions: bool,
}

impl RawGeometry {
    /// The most positions that are read.
    pub const MAX_POSITIONS: usize = 100_000;
    /// The most rings that are read.
    pub const MAX_RINGS: usize = 2_000;
    /// The most parts that are read.
    pub const MAX_PARTS: usize = 1_000;
}

/// Counts while bytes are read, so that an over-large geometry is refused before it is stored.
#[derive(Default)]
pub(crate) struct Budget {
    positions: usize,
    rings: usize,
    parts: usize,
}

impl Budget {
    pub(crate) fn position(&mut self) -> bool {
        self.positions(1)
    }

    pub(crate) fn positions(&mut self, count: usize) -> bool {
        self.positions = self.positions.saturating_add(count);
        self.positions <= RawGeometry::MAX_POSITIONS
    }

    pub(crate) fn ring(&mut self) -> bool {
        self.rings += 1;
        self.rings <= RawGeometry::MAX_RINGS
    }

    pub(crate) fn part(&mut self) -> bool {
        self.parts += 1;
        self.parts <= RawGeometry::MAX_PARTS
    }
}

impl RawGeometry {
    /// The system its positions are in: the one declared beside it, or else the one it carries, or else CGCS2000.
    ///
    /// # Errors
    /// When it carries a system that is not supported, or another one than was declared. 4326 beside 4490 is no
    /// contradiction: many tools can say nothing else.
    pub fn crs(&self, declared: Option<Crs>) -> Result<Crs, GeometryProblem> {
        let unsupported = || GeometryProblem::whole(GeometryFault::CrsUnsupported);
        let carried = match self.srid {
            None | Some(0) => None,
            Some(srid) => Some(Crs::from_epsg(srid).ok_or_else(unsupported)?),
        };
        match (declared, carried) {
            (Some(declared), Some(carried))
                if declared.is_projected() != carried.is_projected() || (declared.is_projected() && declared != carried) =>
            {
                Err(unsupported())
            }
            (Some(crs), _) | (None, Some(crs)) => Ok(crs),
            (None, None) => Ok(Crs::Cgcs2000),
        }
    }
}
