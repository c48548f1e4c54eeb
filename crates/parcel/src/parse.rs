//! What does a parcel record say, and what is wrong with it?

use std::borrow::Cow;

use jiku_model::{Dimension, ParseContext, ParsedRecord, Problem, RawRecord, Severity};
use jiku_spatial::{AxisOrder, Crs, GeometryFault, GeometryProblem, ParcelGeometry, RawGeometry, in_china};
use jiku_text::characters::{compact_number, is_masked, is_placeholder, tidy};
use jiku_text::dates::PartialDate;
use jiku_text::field::{Fields, Limit, Numbers};
use jiku_text::identifier::PartyNumber;
use serde_json::Value;

use crate::code::{CodeFault, CodeReading, ParcelCode, UnitCode};
use crate::survey::Survey;
use crate::{area, edit, land_use, rights, share};

/// From which share of the registered area a difference to the computed one is worth a note, and from which a flag
/// (the practice of survey offices: 0.1 % and 1 %).
const AREA_NOTE: f64 = 0.001;
const AREA_FLAG: f64 = 0.01;

/// What a parcel can be known by.
const TELLING: [&str; 5] = ["parcel_code", "location", "right_holder", "right_holder_id", "geometry"];

/// Reads a record whose fields carry standard column names.
pub(crate) fn parse(raw: &RawRecord, context: &ParseContext) -> (ParsedRecord, Option<Survey>) {
    let mut fields = Fields::of(raw);
    codes(&mut fields, raw);
    read_land_use(&mut fields);
    if let Some(text) = text(&mut fields, "location", Limit::TEXT, Numbers::Refused) {
        fields.attributes.set("location", text);
    }
    rights::read(&mut fields, raw, context);
    dates(&mut fields, context);
    let survey = geometry(&mut fields, raw);
    areas(&mut fields);
    foreign_key(&mut fields);
    of_edits(&mut fields);
    let refused = fields.problems.iter().any(|problem| problem.severity == Severity::Reject);
    // Which parcel an edit speaks of is known without its record, which may say a single thing about it.
    if !refused && !is_of_edits(&mut fields) && !TELLING.iter().any(|column| fields.attributes.get(column).is_some()) {
        let advice = "send a parcel code, a location, a right holder or a geometry that can be used";
        fields.problems.push(Problem::new(Severity::Reject, Dimension::Completeness, "parcel_code", "required", advice));
    }
    (fields.finish(), survey)
}

/// The text of a column, tidied; none also when it stands for "no value" or parts of it are hidden.
pub(crate) fn text(fields: &mut Fields<'_>, column: &'static str, limit: Limit, numbers: Numbers) -> Option<String> {
    let text = fields.text(column, limit, numbers)?;
    let text = tidy(&text);
    if text.is_empty() || is_placeholder(&text) {
        return None;
    }
    if is_masked(&text) {
        fields.flag(column, "masked-value", Dimension::Completeness, "send the whole value: a masked one is not used");
        return None;
    }
    Some(text.into_owned())
}

fn codes(fields: &mut Fields<'_>, raw: &RawRecord) {
    let before = fields.problems.len();
    let mut parcel = code(fields, "parcel_code", "parcel-code", ParcelCode::read);
    let mut unit = code(fields, "unit_code", "unit-code", UnitCode::read);
    // A unit code in the parcel column, or the other way round, still says what it says.
    if parcel.is_none() && unit.is_none() {
        parcel = raw_code(raw, "unit_code", ParcelCode::read);
        unit = raw_code(raw, "parcel_code", UnitCode::read);
        if parcel.is_some() || unit.is_some() {
            fields.problems.truncate(before);
            let column = if parcel.is_some() { "unit_code" } else { "parcel_code" };
            fields.note(column, "code-column", Dimension::Validity, "the code stood in the column of the other code");
        }
    }
    let of_unit = unit.map(|code| code.parcel_code());
    if parcel.is_some() && of_unit.is_some() && parcel != of_unit {
        let advice = "the unit code belongs to another parcel code: correct one of them";
        fields.flag("unit_code", "unit-code-mismatch", Dimension::Consistency, advice);
        unit = None;
    }
    if let Some(parcel) = parcel.or(of_unit) {
        fields.attributes.set("parcel_code", parcel.as_str());
        fields.attributes.set("division", parcel.county());
    }
    if let Some(unit) = unit {
        fields.attributes.set("unit_code", unit.as_str());
    }
}

fn code<T>(fields: &mut Fields<'_>, column: &'static str, prefix: &str, read: fn(&str) -> Result<CodeReading<T>, CodeFault>) -> Option<T> {
    let text = text(fields, column, Limit::CODE, Numbers::Refused)?;
    let mut doubt = |fault: CodeFault| {
        let code = Cow::Owned(format!("{prefix}-{}", fault.as_str().replace('_', "-")));
        let advice = Cow::Borrowed(advice(fault));
        fields.problems.push(Problem {
            code,
            severity: Severity::Flag,
            dimension: Dimension::Validity,
            field: Some(Cow::Borrowed(column)),
            advice,
        });
    };
    match read(&text) {
        Ok(reading) => {
            reading.doubts.into_iter().for_each(&mut doubt);
            if !reading.canonical {
                fields.note(column, "code-form", Dimension::Validity, "the code was brought to its form without spaces, in capitals");
            }
            Some(reading.code)
        }
        Err(fault) => {
            doubt(fault);
            None
        }
    }
}

fn raw_code<T>(raw: &RawRecord, column: &str, read: fn(&str) -> Result<CodeReading<T>, CodeFault>) -> Option<T> {
    read(raw.get(column)?.as_str()?).ok().map(|reading| reading.code)
}

fn read_land_use(fields: &mut Fields<'_>) {
    let Some(class) = text(fields, "land_use", Limit::CODE, Numbers::Accepted) else { return };
    match land_use::read(&class) {
        Ok(found) => {
            fields.attributes.set("land_use", found.code);
            fields.attributes.set("land_use_scheme", land_use::SCHEME);
            if let Some(kept) =
                text(fields, "land_use_suffix", Limit::CODE, Numbers::Refused).filter(|kept| matches!(kept.as_str(), "A" | "K"))
            {
                fields.attributes.set("land_use_suffix", kept);
            }
            if let Some(suffix) = found.suffix {
                fields.attributes.set("land_use_suffix", suffix.encode_utf8(&mut [0; 4]));
                fields.note("land_use", "land-use-suffix", Dimension::Validity, "the survey suffix is kept in a column of its own");
            } else if !found.canonical {
                fields.note("land_use", "land-use-form", Dimension::Validity, "the class was brought to its code");
            }
        }
        Err(land_use::LandUseFault::ThreeDigits) => {
            let advice = "three digits: a code of the 2007 edition, or a lost leading zero; send the four digits of GB/T 21010-2017";
            fields.flag("land_use", "land-use-edition", Dimension::Validity, advice);
        }
        Err(land_use::LandUseFault::Unknown) => fields.code_unknown("land_use"),
    }
}

/// Reads who holds a right, and how much of it.
pub(crate) fn right_holder(fields: &mut Fields<'_>) {
    if let Some(name) = text(fields, "right_holder", Limit::TEXT, Numbers::Refused) {
        fields.attributes.set("right_holder", name);
    }
    if let Some(text) = text(fields, "right_holder_id", Limit::CODE, Numbers::Refused) {
        if let Some(number) = PartyNumber::read(&text) {
            fields.attributes.set("right_holder_id", number.number());
        } else {
            // Kept as told, since it may be a document we do not know; it never links by itself.
            fields.attributes.set("right_holder_id", compact_number(&text));
            let advice = "neither an identity number nor a credit code: check the number";
            fields.flag("right_holder_id", "party-number", Dimension::Validity, advice);
        }
    }
    if let Some(text) = text(fields, "right_share", Limit::CODE, Numbers::Accepted) {
        match share::canonical(&text) {
            Some(share) => fields.attributes.set("right_share", share),
            None => {
                let advice = "write the share as a fraction of at most 1, such as 1/2";
                fields.flag("right_share", "right-share", Dimension::Validity, advice);
            }
        }
    }
}

/// Reads from when and until when something holds.
pub(crate) fn dates(fields: &mut Fields<'_>, context: &ParseContext) {
    let from = fields.date("valid_from", context.today);
    // A right may end in the future.
    let to = fields.date("valid_to", chrono::NaiveDate::MAX);
    if let (Some(from), Some(to)) = (from, to)
        && to < from
        && !PartialDate::agrees_with(to, from)
    {
        fields.flag("valid_to", "date-order", Dimension::Consistency, "check the dates: valid_to lies before valid_from");
        fields.attributes.remove("valid_to");
    }
}

fn geometry(fields: &mut Fields<'_>, raw: &RawRecord) -> Option<Survey> {
    let value = match raw.get("geometry") {
        None | Some(Value::Null) => return None,
        Some(Value::String(text)) if text.trim().is_empty() => return None,
        Some(value) => value,
    };
    let declared = match text(fields, "crs", Limit::CODE, Numbers::Accepted).map(|text| text.parse::<Crs>()) {
        None => None,
        Some(Ok(crs)) => Some(crs),
        Some(Err(_)) => {
            fields.reject("crs", "crs-unsupported", GeometryFault::CrsUnsupported.plain_en());
            return None;
        }
    };
    match read_geometry(value, declared) {
        Ok((geometry, crs, notices)) => {
            for notice in notices {
                fields.note("geometry", notice.code(), Dimension::Validity, notice.message_en());
            }
            plausible(fields, &geometry);
            let survey = Survey::new(geometry);
            fields.attributes.set("planar_area_m2", area::canonical(survey.planar_area_m2));
            fields.attributes.set("ellipsoidal_area_m2", area::canonical(survey.geometry.ellipsoidal_area_m2()));
            source_crs(fields, declared, crs);
            fields.attributes.set("geometry", survey.geometry.to_hex_wkb());
            Some(survey)
        }
        Err(problems) => {
            for problem in problems {
                let reported = Problem {
                    code: Cow::Borrowed(problem.code()),
                    severity: Severity::Reject,
                    dimension: Dimension::Validity,
                    field: Some(Cow::Borrowed("geometry")),
                    advice: Cow::Owned(with_place(&problem)),
                };
                if !fields.problems.contains(&reported) {
                    fields.problems.push(reported);
                }
            }
            None
        }
    }
}

/// Keeps in which system the boundary was surveyed. A record that the service itself gave out has its geometry in
/// longitude and latitude and says in `source_crs` where it came from.
fn source_crs(fields: &mut Fields<'_>, declared: Option<Crs>, crs: Crs) {
    let told = text(fields, "source_crs", Limit::CODE, Numbers::Accepted).and_then(|text| text.parse::<Crs>().ok());
    fields.attributes.set("source_crs", told.filter(|_| declared.is_none()).unwrap_or(crs).to_string());
}

/// A parcel with a Chinese code lies in China.
fn plausible(fields: &mut Fields<'_>, geometry: &ParcelGeometry) {
    if fields.attributes.get("parcel_code").is_none() {
        return;
    }
    let [lon, lat] = geometry.bbox().centre().degrees();
    if in_china(lon, lat) {
        return;
    }
    if in_china(lat, lon) {
        fields.reject("geometry", "coordinate-order-suspected", GeometryFault::AxesSwapped.plain_en());
    } else {
        let advice = "a parcel with this code lies in China, its geometry does not";
        fields.flag("geometry", "outside-extent", Dimension::Consistency, advice);
    }
}

fn areas(fields: &mut Fields<'_>) {
    let column = "registered_area_m2";
    let Some(text) = text(fields, column, Limit::CODE, Numbers::Accepted) else { return };
    let Some(registered) = area::square_metres(&text) else {
        return fields.flag(column, "area-invalid", Dimension::Validity, "write the area in square metres as a positive number");
    };
    fields.attributes.set(column, area::canonical(registered));
    let Some(planar) = fields.attributes.get("planar_area_m2").and_then(|text| text.parse::<f64>().ok()) else { return };
    let difference = (registered - planar).abs() / registered;
    if difference > AREA_FLAG {
        let advice = "the registered area differs from the area of the boundary by more than 1 %";
        fields.flag(column, "area-mismatch", Dimension::Consistency, advice);
    } else if difference > AREA_NOTE {
        let advice = "the registered area differs from the area of the boundary by more than 0.1 %";
        fields.note(column, "area-difference", Dimension::Consistency, advice);
    }
}

/// A parcel of a cadastre without Chinese codes is known by what its source calls it.
fn foreign_key(fields: &mut Fields<'_>) {
    if fields.attributes.get("parcel_code").is_some() {
        return;
    }
    // What the service gave out keeps its key under its own name.
    if let Some(told) = text(fields, "foreign_key", Limit::TEXT, Numbers::Refused) {
        fields.attributes.set("foreign_key", told);
    }
    let source = text(fields, "source", Limit::CODE, Numbers::Accepted);
    let key = text(fields, "source_key", Limit::TEXT, Numbers::Accepted);
    if let (Some(source), Some(key)) = (source, key) {
        fields.attributes.set("foreign_key", format!("{source}:{key}"));
    }
}

/// What only edits of parcels say: the stage, and which columns they leave empty.
fn of_edits(fields: &mut Fields<'_>) {
    match text(fields, "stage", Limit::CODE, Numbers::Refused).as_deref() {
        None | Some("registered") => {}
        Some("draft") => fields.attributes.set("stage", "draft"),
        Some(_) => fields.flag("stage", "stage", Dimension::Validity, "write draft or registered"),
    }
    if is_of_edits(fields)
        && let Some(columns) = text(fields, edit::LEFT_EMPTY, Limit::TEXT, Numbers::Refused)
    {
        fields.attributes.set(edit::LEFT_EMPTY, columns);
    }
}

/// Whether the record is an edit's. No sender can say so: the source of edits is refused of rows.
fn is_of_edits(fields: &mut Fields<'_>) -> bool {
    text(fields, "source", Limit::CODE, Numbers::Accepted).as_deref() == Some(edit::SOURCE)
}

type Found = (ParcelGeometry, Crs, Vec<jiku_spatial::GeometryNotice>);

/// Reads and checks a geometry; a system inside it must not contradict the declared one.
fn read_geometry(value: &Value, declared: Option<Crs>) -> Result<Found, Vec<GeometryProblem>> {
    let raw = RawGeometry::read(value).map_err(|problem| vec![problem])?;
    let crs = raw.crs(declared).map_err(|problem| vec![problem])?;
    let accepted = ParcelGeometry::try_new(&raw, crs, AxisOrder::EastFirst)?;
    Ok((accepted.geometry, crs, accepted.notices))
}

/// The advice with the place of the fault, which is not personal: it lies on the boundary that was sent.
fn with_place(problem: &GeometryProblem) -> String {
    let message = problem.message_en();
    // A number that no system has is no place, and is not repeated.
    let place = problem.place.filter(|[x, y]| x.abs() < 1e8 && y.abs() < 1e8);
    match (place, problem.part, problem.ring) {
        (Some([x, y]), Some(part), Some(ring)) => format!("{message} (at {x} {y}, part {}, ring {})", part + 1, ring + 1),
        (Some([x, y]), ..) => format!("{message} (at {x} {y})"),
        _ => message,
    }
}

const fn advice(fault: CodeFault) -> &'static str {
    match fault {
        CodeFault::Length => "a parcel code has 19 characters, a unit code 28",
        CodeFault::Format => "letters and digits do not stand where the code has them",
        CodeFault::County => "no such county in GB/T 2260, now or before",
        CodeFault::OwnershipLetter => "the ownership letter must be G, J or Z",
        CodeFault::RightLetter => "unknown right letter",
        CodeFault::OwnershipRightCombination => "this right does not go with this ownership",
        CodeFault::ParcelSerial => "the serial must not be 00000",
        CodeFault::FixtureLetter => "the fixture letter must be F, L, Q or W",
        CodeFault::RightFixtureCombination => "this fixture does not go with this right",
        CodeFault::FixtureNumberMustBeZero => "a unit without a fixture has the number 00000000",
        CodeFault::FixtureNumberZero => "a fixture has a number other than 00000000",
    }
}
