//! Would a parcel be accepted, and what would stand against it?

use std::borrow::Cow;

use ahash::AHashSet;
use jiku_model::{Attributes, Dimension, EntityId, Kind, Problem, RawRecord, Severity, civil_day};
use jiku_parcel::edit::stem;
use jiku_spatial::{AxisOrder, Crs, GeometryFault, GeometryNotice, GeometryProblem, ParcelGeometry, RawGeometry, repair};
use serde_json::{Value, json};

use super::find::check_kind;
use crate::cadastre::Cadastre;
use crate::facade::{BoundaryProblems, Cut, EditOptions, EditOutcome, ParcelEdit, ParcelValidity, PlacedProblem};
use crate::registry::Inner;
use crate::write::cadastre::{self, Editing, Subject, judge, seems, seems_zh, suspicion};
use crate::write::images::read_golden;
use crate::write::prepare::context;
use crate::write::state::now;
use crate::{Actor, RegistryError};

/// Looks at a parcel as an edit would, and tells beside its verdict everything that can be told.
pub(crate) fn validate(
    inner: &Inner,
    actor: &Actor,
    parcel: Option<EntityId>,
    values: &RawRecord,
) -> Result<ParcelValidity, RegistryError> {
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
    let cadastre = &inner.core.cadastre;
    let look = look_at(record.get("geometry").filter(|value| !value.is_null()), record.get("crs").and_then(Value::as_str), cadastre, "");
    validity.problems = look.problems;
    validity.repair = look.repair.as_ref().map(ParcelGeometry::to_geojson);
    let parsed = crate::kinds::noun(Kind::Parcel).parse(&record, &context(now()));
    let is_told = |problem: &Problem| {
        let of_geometry = ["geometry", "crs"].contains(&field(problem));
        of_geometry && (look.geometry.is_none() || validity.problems.iter().any(|told| told.code == problem.code))
    };
    let elsewhere: Vec<Problem> = parsed.problems.iter().filter(|problem| !is_told(problem)).cloned().collect();
    let centre = look.geometry.as_ref().map(|geometry| json!({"type": "Point", "coordinates": geometry.bbox().centre().degrees()}));
    validity.problems.extend(elsewhere.into_iter().map(|problem| {
        let place = centre.clone().filter(|_| field(&problem) == "geometry");
        PlacedProblem { place, ..plain(problem) }
    }));
    // What can be told of the neighbours of a boundary that is not valid is told of the one that is proposed for it.
    if let Some(geometry) = look.geometry.as_ref().or(look.repair.as_ref()) {
        let subject = Subject { part: 0, parcel, attributes: &parsed.attributes, geometry };
        let absent: AHashSet<EntityId> = parcel.into_iter().collect();
        let shelf = inner.core.shelf(Kind::Parcel);
        validity.report = judge(shelf, cadastre, &[subject], &absent, (true, civil_day(now())));
        let view = shelf.parcels.view();
        validity.problems.extend(suspicion(geometry, &parsed.attributes, view.places()).map(|system| PlacedProblem {
            message_zh: Some(seems_zh(system)),
            place: Some(json!({"type": "Point", "coordinates": geometry.bbox().centre().degrees()})),
            ..plain(seems(system))
        }));
    }
    if let Some(geometry) = look.geometry {
        validity.planar_area_m2 = Some(geometry.planar_area().area_m2);
        validity.ellipsoidal_area_m2 = Some(geometry.ellipsoidal_area_m2());
        validity.geometry = Some(geometry.to_geojson());
    }
    validity.valid = if parcel.is_some() && values.is_empty() {
        validity.report.blocking().is_none()
    } else {
        is_accepted(inner, actor, parcel, values, &mut validity.problems)?
    };
    Ok(validity)
}

/// What an edit would do: looked at beside whoever writes, and in their queue only where the ledger has to be asked.
pub(crate) fn foretold(inner: &Inner, edit: ParcelEdit, editing: Editing) -> Result<EditOutcome, RegistryError> {
    match inner.core.store.read(|reader| cadastre::look(&inner.core, reader, &edit, &editing))? {
        Some(outcome) => Ok(outcome),
        None => inner.queue.act_alone(move |session| cadastre::edit(session, &edit, &editing)),
    }
}

/// Whether the edit would be accepted: what is in its way and was not told yet is added.
fn is_accepted(
    inner: &Inner,
    actor: &Actor,
    parcel: Option<EntityId>,
    values: &RawRecord,
    problems: &mut Vec<PlacedProblem>,
) -> Result<bool, RegistryError> {
    let edit = match parcel {
        None => ParcelEdit::Create { values: values.clone() },
        Some(parcel) => ParcelEdit::Patch { parcel, changes: values.clone() },
    };
    let editing = Editing { actor: actor.clone(), options: EditOptions { dry_run: true, ..EditOptions::default() } };
    match foretold(inner, edit, editing) {
        Ok(outcome) => Ok(outcome.report.blocking().is_none()),
        Err(RegistryError::Invalid(refused)) => {
            for problem in refused {
                let same = |told: &&mut PlacedProblem| told.code == problem.code && told.field.as_deref() == problem.field.as_deref();
                let mut told = problems.iter_mut().filter(same).peekable();
                if told.peek().is_none() {
                    problems.push(PlacedProblem { severity: severity(Severity::Reject), ..plain(problem) });
                } else {
                    told.for_each(|told| told.severity = severity(Severity::Reject));
                }
            }
            Ok(false)
        }
        Err(RegistryError::Conflict { code, message }) => {
            let code = Cow::Borrowed(code);
            let problem = Problem { code, severity: Severity::Reject, dimension: Dimension::Consistency, field: None, advice: message };
            problems.push(plain(problem));
            Ok(false)
        }
        Err(other) => Err(other),
    }
}

/// A boundary as it was sent: its problems with their places, and what could be meant.
#[derive(Default)]
struct Look {
    geometry: Option<ParcelGeometry>,
    problems: Vec<PlacedProblem>,
    repair: Option<ParcelGeometry>,
}

/// Looks at a boundary; problems say their column behind `place`.
fn look_at(value: Option<&Value>, crs: Option<&str>, cadastre: &Cadastre, place: &str) -> Look {
    let Some(value) = value else { return Look::default() };
    let at = |field: &str| format!("{place}{field}");
    let refused = |problems: &[GeometryProblem], field: &str| Look {
        problems: problems.iter().map(|problem| placed(problem, &at(field))).collect(),
        ..Look::default()
    };
    let declared = match crs.map(str::parse::<Crs>) {
        None => None,
        Some(Ok(crs)) => Some(crs),
        Some(Err(_)) => {
            let problem = GeometryProblem { fault: GeometryFault::CrsUnsupported, place: None, part: None, ring: None };
            return refused(&[problem], "crs");
        }
    };
    let (raw, crs) = match RawGeometry::read(value).and_then(|raw| raw.crs(declared).map(|crs| (raw, crs))) {
        Ok(read) => read,
        Err(problem) => return refused(&[problem], "geometry"),
    };
    match ParcelGeometry::try_new(&raw, crs, AxisOrder::EastFirst) {
        Ok(accepted) => {
            let notice = |notice: &GeometryNotice| PlacedProblem {
                code: notice.code().to_owned(),
                severity: severity(Severity::Note),
                message_en: notice.message_en().to_owned(),
                message_zh: None,
                field: Some(at("geometry")),
                place: notice.place_geojson(),
            };
            let problems = accepted.notices.iter().map(notice).collect();
            Look { geometry: Some(accepted.geometry), problems, repair: None }
        }
        Err(problems) => {
            Look { repair: repair(&raw, crs, AxisOrder::EastFirst, cadastre.tolerances.noise_m), ..refused(&problems, "geometry") }
        }
    }
}

/// What is wrong with the boundaries that an edit names, each with its place and a repair as far as there is one.
pub(crate) fn boundaries(inner: &Inner, edit: &ParcelEdit) -> Vec<BoundaryProblems> {
    let of_record = |record: &RawRecord| {
        let crs = record.get("crs").and_then(Value::as_str).map(str::to_owned);
        vec![(String::new(), record.get("geometry").cloned(), crs)]
    };
    let named: Vec<(String, Option<Value>, Option<String>)> = match edit {
        ParcelEdit::Create { values } | ParcelEdit::Replace { values, .. } => of_record(values),
        ParcelEdit::Patch { changes, .. } => of_record(changes),
        ParcelEdit::Split { by: Cut::Polygons(polygons), crs, .. } => {
            polygons.iter().enumerate().map(|(at, polygon)| (format!("polygons/{at}/"), Some(polygon.clone()), crs.clone())).collect()
        }
        ParcelEdit::Adjust { boundaries, crs } => {
            boundaries.iter().enumerate().map(|(at, (_, shape))| (format!("boundaries/{at}/"), Some(shape.clone()), crs.clone())).collect()
        }
        ParcelEdit::Split { .. } | ParcelEdit::Unite { .. } | ParcelEdit::Retire { .. } | ParcelEdit::Undo { .. } => Vec::new(),
    };
    let look = |(place, value, crs): (String, Option<Value>, Option<String>)| {
        let look = look_at(value.as_ref().filter(|value| !value.is_null()), crs.as_deref(), &inner.core.cadastre, &place);
        let problems: Vec<PlacedProblem> = look.problems.into_iter().filter(|problem| problem.severity == "reject").collect();
        let field = format!("{place}geometry");
        (!problems.is_empty()).then(|| BoundaryProblems { field, problems, repair: look.repair.map(|repair| repair.to_geojson()) })
    };
    named.into_iter().filter_map(look).collect()
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
