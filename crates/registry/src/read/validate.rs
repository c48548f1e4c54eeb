//! Would a parcel be accepted, and what would stand against it?

use ahash::AHashSet;
use jiku_model::{Attributes, EntityId, Kind, Problem, RawRecord, Severity};
use jiku_parcel::edit::stem;
use jiku_spatial::{AxisOrder, Crs, GeometryFault, GeometryProblem, ParcelGeometry, RawGeometry, repair};
use serde_json::Value;

use super::find::check_kind;
use crate::RegistryError;
use crate::facade::{ParcelValidity, PlacedProblem};
use crate::registry::Inner;
use crate::write::cadastre::{Subject, judge, suspicion};
use crate::write::images::read_golden;
use crate::write::prepare::context;
use crate::write::state::now;

pub(crate) fn validate(inner: &Inner, parcel: Option<EntityId>, values: &RawRecord) -> Result<ParcelValidity, RegistryError> {
    let mut validity = ParcelValidity::default();
    let known = match parcel {
        None => Attributes::default(),
        Some(id) => inner.core.store.read(|reader| {
            check_kind(reader, Kind::Parcel, id)?;
            let row = reader.current_versions(&[id])?.pop().ok_or(RegistryError::NotFound { what: "entity" })?;
            Ok::<_, RegistryError>(read_golden(&row.golden)?.attributes())
        })?,
    };
    // As it would be after the change.
    let mut record: RawRecord = known.iter().map(|(column, value)| (column.to_owned(), value.into())).collect();
    if values.contains_key("geometry") {
        record.remove("source_crs");
    }
    record.extend(values.iter().map(|(column, value)| (column.clone(), value.clone())));
    // The beginning of a code asks for the next serial: whichever it is, county and layer are the same.
    if let Some(stem) = record.get("parcel_code").and_then(Value::as_str).and_then(stem) {
        record.insert("parcel_code".to_owned(), format!("{stem}00001").into());
    }
    let geometry = read(&record, &mut validity);
    let parsed = crate::kinds::noun(Kind::Parcel).parse(&record, &context(now()));
    let elsewhere = parsed.problems.into_iter().filter(|problem| geometry.is_some() || !["geometry", "crs"].contains(&field(problem)));
    validity.problems.extend(elsewhere.map(plain));
    if let Some(geometry) = geometry {
        let subject = Subject { part: 0, parcel, attributes: &parsed.attributes, geometry: &geometry };
        let absent: AHashSet<EntityId> = parcel.into_iter().collect();
        let shelf = inner.core.shelf(Kind::Parcel);
        validity.report = judge(shelf, &inner.core.cadastre, &[subject], &absent, false);
        let view = shelf.parcels.view();
        validity.problems.extend(suspicion(&geometry, &parsed.attributes, view.places()).map(plain));
        validity.planar_area_m2 = Some(geometry.planar_area().area_m2);
        validity.ellipsoidal_area_m2 = Some(geometry.ellipsoidal_area_m2());
        validity.geometry = Some(geometry.to_geojson());
    }
    let refused = validity.problems.iter().any(|problem| problem.severity == "reject");
    validity.valid = !refused && validity.report.blocking().is_none();
    Ok(validity)
}

/// The boundary; its problems with their places, and a repair as far as there is one.
fn read(record: &RawRecord, validity: &mut ParcelValidity) -> Option<ParcelGeometry> {
    let value = record.get("geometry").filter(|value| !value.is_null())?;
    let declared = match record.get("crs").and_then(Value::as_str).map(str::parse::<Crs>) {
        None => None,
        Some(Ok(crs)) => Some(crs),
        Some(Err(_)) => {
            let problem = GeometryProblem { fault: GeometryFault::CrsUnsupported, place: None, part: None, ring: None };
            validity.problems.push(placed(&problem, "crs"));
            return None;
        }
    };
    let read = RawGeometry::read(value).and_then(|raw| raw.crs(declared).map(|crs| (raw, crs)));
    let (raw, crs) = read.map_err(|problem| validity.problems.push(placed(&problem, "geometry"))).ok()?;
    match ParcelGeometry::try_new(&raw, crs, AxisOrder::EastFirst) {
        Ok(accepted) => Some(accepted.geometry),
        Err(problems) => {
            validity.problems.extend(problems.iter().map(|problem| placed(problem, "geometry")));
            validity.repair = repair(&raw, crs, AxisOrder::EastFirst).map(|geometry| geometry.to_geojson());
            None
        }
    }
}

fn placed(problem: &GeometryProblem, field: &str) -> PlacedProblem {
    PlacedProblem {
        code: problem.code().to_owned(),
        severity: severity(Severity::Reject),
        message_en: problem.message_en(),
        message_zh: Some(problem.message_zh()),
        field: Some(field.to_owned()),
        place: problem.place_geojson(),
    }
}

fn field(problem: &Problem) -> &str {
    problem.field.as_deref().unwrap_or_default()
}

fn plain(problem: Problem) -> PlacedProblem {
    PlacedProblem {
        severity: severity(problem.severity),
        code: problem.code.into_owned(),
        message_en: problem.advice.into_owned(),
        message_zh: None,
        field: problem.field.map(std::borrow::Cow::into_owned),
        place: None,
    }
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Flag => "flag",
        Severity::Reject => "reject",
    }
}
