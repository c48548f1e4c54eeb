//! Which boundary does a record tell, and how large is it?
//!
//! Both can be read from the values of a record again, at a price: who takes many records in keeps them.

use jiku_model::{Attributes, Features, ParseContext, ParsedRecord, RawRecord};
use jiku_spatial::{GeometryProblem, ParcelGeometry};

use crate::{features, parse};

/// The boundary of a record, with its area.
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    /// The boundary, as the value `geometry` has it.
    pub geometry: ParcelGeometry,
    /// The area in the 3-degree zone in square metres, as computed; the value `planar_area_m2` is rounded.
    pub planar_area_m2: f64,
}

impl Survey {
    /// Measures a boundary.
    #[must_use]
    pub fn new(geometry: ParcelGeometry) -> Self {
        Self { planar_area_m2: geometry.planar_area().area_m2, geometry }
    }

    /// Reads the value `geometry` of a record, and measures it.
    ///
    /// # Errors
    /// As [`ParcelGeometry::from_stored_hex`].
    pub fn from_stored_hex(hex: &str) -> Result<Self, GeometryProblem> {
        ParcelGeometry::from_stored_hex(hex).map(Self::new)
    }
}

/// Reads a record as [`jiku_model::EntityKind::parse`] does, and gives its boundary too.
#[must_use]
pub fn parse(raw: &RawRecord, context: &ParseContext) -> (ParsedRecord, Option<Survey>) {
    parse::parse(raw, context)
}

/// As [`jiku_model::EntityKind::features`], of a record whose boundary is known.
#[must_use]
pub fn features(attributes: &Attributes, survey: Option<&Survey>) -> Features {
    features::features(attributes, survey.map(|survey| &survey.geometry))
}
