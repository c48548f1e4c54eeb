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

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[test]
    fn the_boundary_that_was_read_is_the_one_that_is_kept_to_the_bit() {
        for (crs, wkt) in [
            (
                "EPSG:4490",
                "POLYGON ((113.36103095 23.12502484, 113.3612718 23.12497666, 113.36132961 23.12540787, 113.36103095 23.12502484))",
            ),
            ("CRS84", "POLYGON ((113.1 23.1, 113.1 23.2, 113.1 23.2, 113.2 23.2, 113.1 23.1))"),
            (
                "CRS84",
                "MULTIPOLYGON (((113 23, 113.3 23, 113 23.3, 113 23), (113.05 23.05, 113.1 23.1, 113.1 23.05, 113.05 23.05)), ((114 23, 114.1 23, 114 23.1, 114 23)))",
            ),
            ("EPSG:4547", "POLYGON ((434576.123 2558000.456, 434600.7 2558003.2, 434590.01 2558041.9, 434576.123 2558000.456))"),
        ] {
            let raw: RawRecord =
                [("crs", crs), ("geometry", wkt)].map(|(column, value)| (column.to_owned(), value.into())).into_iter().collect();
            let context = ParseContext { today: NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day") };
            let (parsed, survey) = parse(&raw, &context);
            let kept = parsed.attributes.get("geometry").map(|hex| Survey::from_stored_hex(hex).expect("what is kept is read"));
            assert!(survey.is_some() && survey == kept, "{wkt}: {:?}", parsed.problems);
        }
    }
}
