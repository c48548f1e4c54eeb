//! How does a parcel's golden record stand in its typed table?

use std::borrow::Cow;

use ahash::AHashMap;
use jiku_model::{Attributes, Dimension, EntityId, Problem, Severity};
use jiku_parcel::survey::Survey;
use jiku_spatial::{GeometryProblem, ParcelGeometry};
use jiku_store::{EntityState, FormerParcelRow, ParcelRow, Reader, VersionRow};

use super::images::read_golden;
use super::reload::read_members;
use crate::RegistryError;
use crate::memory::{ParcelFeature, Superseded};

/// The typed row of a parcel: its values, its geometry with bounds, and the areas computed from it; and the geometry.
/// A survey that is at hand is that of the golden record.
pub(crate) fn parcel_row(
    id: EntityId,
    golden: &Attributes,
    survey: Option<&Survey>,
) -> Result<(ParcelRow, Option<ParcelGeometry>), RegistryError> {
    let survey = match (survey, golden.get("geometry")) {
        (Some(survey), _) => Some(survey.clone()),
        (None, Some(hex)) => Some(Survey::new(geometry(id, hex)?)),
        (None, None) => None,
    };
    let stored = survey.as_ref().map(|survey| jiku_store::ParcelGeometry {
        wkb: survey.geometry.to_wkb(),
        bounds: survey.geometry.bbox().degrees(),
        planar_area_m2: survey.planar_area_m2,
    });
    Ok((ParcelRow::new(id, golden, stored), survey.map(|survey| survey.geometry)))
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

/// How many parcels' versions are read together.
const STEP: usize = 2_000;

/// The superseded versions of parcels, each from the number after the one that is known.
pub(crate) fn superseded(reader: &mut Reader<'_>, known: impl Iterator<Item = (EntityId, i32)>) -> Result<Vec<Superseded>, RegistryError> {
    let known: Vec<(EntityId, i32)> = known.collect();
    let mut found = Vec::new();
    for piece in known.chunks(STEP) {
        let ids: Vec<EntityId> = piece.iter().map(|(id, _)| *id).collect();
        let known: AHashMap<EntityId, i32> = piece.iter().copied().collect();
        // The version after tells when one ended; where nothing ended since there is nothing to read.
        let first = |id: EntityId| known.get(&id).map_or(1, |known| known + 1);
        let ended = reader.entities(&ids)?.into_iter().filter(|row| first(row.id) < row.version);
        let wanted: Vec<(EntityId, i32)> =
            ended.flat_map(|row| (first(row.id)..=row.version).map(move |number| (row.id, number))).collect();
        if wanted.is_empty() {
            continue;
        }
        let mut rows = reader.versions_at(&wanted)?;
        rows.sort_unstable_by_key(|row| (row.entity, row.version));
        let mut stood: AHashMap<(EntityId, i32), String> = AHashMap::new();
        for row in reader.former_parcels(&ids)? {
            stood.extend(stood_until(&row).map(|day| ((row.entity, row.version), day)));
        }
        for (row, next) in rows.iter().zip(rows.iter().skip(1)).filter(|(row, next)| row.entity == next.entity) {
            if row.state == EntityState::Active {
                found.push(read_superseded(row, next, stood.remove(&(row.entity, row.version)))?);
            }
        }
    }
    Ok(found)
}

fn read_superseded(row: &VersionRow, next: &VersionRow, stood_until: Option<String>) -> Result<Superseded, RegistryError> {
    let golden = read_golden(&row.golden)?.attributes();
    let feature = ParcelFeature::new(row.entity, row.version, row.recorded_from, &golden).ended(next.recorded_from.timestamp_micros());
    let followed_on =
        if next.state == EntityState::Active { read_golden(&next.golden)?.attributes().get("valid_from").map(str::to_owned) } else { None };
    Ok(Superseded {
        slot: read_members(&row.members)?.first().map(|(record, _)| record.slot()).unwrap_or_default(),
        feature,
        geometry: golden.get("geometry").map(|hex| geometry(row.entity, hex)).transpose()?,
        followed_on,
        stood_until,
    })
}

/// Until which day a parcel stood in the world that an edit has ended. What its source withdrew, or an undo took back, has not
/// stood there at all.
pub(crate) fn stood_until(row: &FormerParcelRow) -> Option<String> {
    row.valid_to.clone().filter(|_| row.operation != "undo")
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
