//! How does a parcel's golden record stand in its typed table?

use std::borrow::Cow;

use jiku_model::{Attributes, Dimension, EntityId, Problem, Severity};
use jiku_spatial::{GeometryProblem, ParcelGeometry};
use jiku_store::ParcelRow;

use crate::RegistryError;

/// The typed row of a parcel: its values, its geometry with bounds, and the areas computed from it; and the geometry.
pub(crate) fn parcel_row(id: EntityId, golden: &Attributes) -> Result<(ParcelRow, Option<ParcelGeometry>), RegistryError> {
    let geometry = match golden.get("geometry") {
        Some(hex) => Some(geometry(id, hex)?),
        None => None,
    };
    let stored = geometry.as_ref().map(|geometry| jiku_store::ParcelGeometry {
        wkb: geometry.to_wkb(),
        bounds: geometry.bbox().degrees(),
        planar_area_m2: geometry.planar_area().area_m2,
    });
    Ok((ParcelRow::new(id, golden, stored), geometry))
}

/// The geometry of a golden record.
pub(crate) fn geometry(id: EntityId, hex: &str) -> Result<ParcelGeometry, RegistryError> {
    ParcelGeometry::from_stored_hex(hex)
        .map_err(|problem| RegistryError::internal(format!("the geometry of parcel {id} is not valid: {}", problem.code())))
}

/// The geometry of a typed row.
pub(crate) fn row_geometry(row: &ParcelRow) -> Result<Option<ParcelGeometry>, RegistryError> {
    let read = |wkb: &Vec<u8>| {
        ParcelGeometry::from_stored(wkb)
            .map_err(|problem| RegistryError::internal(format!("the geometry of parcel {} is not valid: {}", row.entity, problem.code())))
    };
    row.geometry.as_ref().map(read).transpose()
}

/// What is wrong with a boundary that a request gives, with the place it has there.
pub(crate) fn problem(problem: &GeometryProblem, field: &str) -> Problem {
    let place = problem.place.map(|[x, y]| format!(" (at {x} {y})")).unwrap_or_default();
    Problem {
        code: Cow::Borrowed(problem.code()),
        severity: Severity::Reject,
        dimension: Dimension::Validity,
        field: Some(Cow::Owned(field.to_owned())),
        advice: Cow::Owned(format!("{}{place}", problem.message_en())),
    }
}
