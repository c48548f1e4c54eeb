//! What does a parcel record say, and what is wrong with it?

use std::borrow::Cow;

use jiku_model::{Attributes, Dimension, ParseContext, ParsedRecord, Problem, RawRecord, Severity};
use jiku_spatial::{AxisOrder, Crs, GeometryProblem, ParcelGeometry, RawGeometry};
use jiku_text::characters::{compact_number, is_masked, is_placeholder, tidy};
use jiku_text::dates::{DateError, PartialDate};
use jiku_text::identifier::PartyNumber;
use serde_json::Value;

use crate::code::{CodeFault, CodeReading, ParcelCode, UnitCode};
use crate::{area, land_use, share};

/// From which share of the registered area a difference to the computed one is worth a note, and from which a flag
/// (the practice of survey offices: 0.1 % and 1 %).
const AREA_NOTE: f64 = 0.001;
const AREA_FLAG: f64 = 0.01;

/// The longest text a column takes, characters.
const MAX_TEXT: usize = 500;

/// Land of China, degrees: west, south, east, north. A parcel with a Chinese code lies there.
const CHINA: [f64; 4] = [73.0, 3.0, 136.0, 54.0];

struct Reader<'a> {
    raw: &'a RawRecord,
    attributes: Attributes,
    problems: Vec<Problem>,
}

/// Reads a record whose fields carry standard column names.
pub(crate) fn parse(raw: &RawRecord, context: &ParseContext) -> ParsedRecord {
    let mut reader = Reader { raw, attributes: Attributes::new(), problems: Vec::new() };
    reader.codes();
    reader.land_use();
    for column in ["location", "right_type"] {
        if let Some(text) = reader.text(column) {
            reader.attributes.set(column, text);
        }
    }
    reader.right_holder();
    reader.dates(context);
    reader.geometry();
    reader.areas();
    reader.foreign_key();
    let named = ["parcel_code", "location", "right_holder", "right_holder_id", "geometry"];
    if !named.iter().any(|column| reader.attributes.get(column).is_some())
        && reader.problems.iter().all(|problem| problem.severity != Severity::Reject)
    {
        let mut problem = Problem::new(
            Severity::Reject,
            Dimension::Completeness,
            "",
            "record-empty",
            "give at least a parcel code, a location, a right holder or a geometry",
        );
        problem.field = None;
        reader.problems.push(problem);
    }
    ParsedRecord { attributes: reader.attributes, problems: reader.problems }
}

impl Reader<'_> {
    /// The text of a column, tidied; none when it is missing, stands for "no value", or cannot be used.
    fn text(&mut self, column: &'static str) -> Option<String> {
        let text = match self.raw.get(column)? {
            Value::String(text) => tidy(text).into_owned(),
            Value::Number(number) => number.to_string(),
            Value::Null => return None,
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                self.flag(column, Dimension::Validity, "value-type", "send text or a number");
                return None;
            }
        };
        if text.is_empty() || is_placeholder(&text) {
            return None;
        }
        if is_masked(&text) {
            self.flag(column, Dimension::Validity, "value-masked", "parts of the value are hidden: send the whole value");
            return None;
        }
        if text.chars().count() > MAX_TEXT {
            self.flag(column, Dimension::Validity, "value-too-long", "the value is longer than 500 characters and is not used");
            return None;
        }
        Some(text)
    }

    fn problem(
        &mut self,
        severity: Severity,
        dimension: Dimension,
        column: &'static str,
        code: impl Into<Cow<'static, str>>,
        advice: &'static str,
    ) {
        self.problems.push(Problem {
            severity,
            dimension,
            field: Some(Cow::Borrowed(column)),
            code: code.into(),
            advice: Cow::Borrowed(advice),
        });
    }

    fn flag(&mut self, column: &'static str, dimension: Dimension, code: &'static str, advice: &'static str) {
        self.problem(Severity::Flag, dimension, column, code, advice);
    }

    fn note(&mut self, column: &'static str, code: &'static str, advice: &'static str) {
        self.problem(Severity::Note, Dimension::Validity, column, code, advice);
    }

    fn codes(&mut self) {
        let (mut parcel, mut unit) =
            (self.code("parcel_code", "parcel-code", ParcelCode::read), self.code("unit_code", "unit-code", UnitCode::read));
        // A unit code in the parcel column, or the other way round, still says what it says.
        if parcel.is_none() && unit.is_none() {
            parcel = self.raw_code("unit_code", ParcelCode::read);
            unit = self.raw_code("parcel_code", UnitCode::read);
            if parcel.is_some() || unit.is_some() {
                self.problems.retain(|problem| !problem.code.ends_with("-length"));
                self.note(
                    if parcel.is_some() { "unit_code" } else { "parcel_code" },
                    "code-column",
                    "the code stood in the column of the other code",
                );
            }
        }
        let of_unit = unit.map(|code| code.parcel_code());
        if parcel.is_some() && of_unit.is_some() && parcel != of_unit {
            self.flag(
                "unit_code",
                Dimension::Consistency,
                "unit-code-mismatch",
                "the unit code belongs to another parcel code: correct one of them",
            );
            unit = None;
        }
        if let Some(parcel) = parcel.or(of_unit) {
            self.attributes.set("parcel_code", parcel.as_str());
            self.attributes.set("division", parcel.county());
        }
        if let Some(unit) = unit {
            self.attributes.set("unit_code", unit.as_str());
        }
    }

    fn code<T>(&mut self, column: &'static str, prefix: &str, read: fn(&str) -> Result<CodeReading<T>, CodeFault>) -> Option<T> {
        let text = self.text(column)?;
        let reason = |fault: CodeFault| format!("{prefix}-{}", fault.as_str().replace('_', "-"));
        match read(&text) {
            Ok(reading) => {
                for doubt in reading.doubts {
                    self.problem(Severity::Flag, Dimension::Validity, column, reason(doubt), advice(doubt));
                }
                if !reading.canonical {
                    self.note(column, "code-form", "the code was brought to its form without spaces, in capitals");
                }
                Some(reading.code)
            }
            Err(fault) => {
                self.problem(Severity::Flag, Dimension::Validity, column, reason(fault), advice(fault));
                None
            }
        }
    }

    fn raw_code<T>(&self, column: &str, read: fn(&str) -> Result<CodeReading<T>, CodeFault>) -> Option<T> {
        read(self.raw.get(column)?.as_str()?).ok().map(|reading| reading.code)
    }

    fn land_use(&mut self) {
        let Some(text) = self.text("land_use") else { return };
        match land_use::read(&text) {
            Ok(found) => {
                self.attributes.set("land_use", found.code);
                self.attributes.set("land_use_scheme", land_use::SCHEME);
                if let Some(suffix) = found.suffix {
                    self.attributes.set("land_use_suffix", suffix);
                    self.note("land_use", "land-use-suffix", "the survey suffix is kept in a column of its own");
                } else if !found.canonical {
                    self.note("land_use", "land-use-form", "the class was brought to its code");
                }
            }
            Err(land_use::LandUseFault::ThreeDigits) => self.flag(
                "land_use",
                Dimension::Validity,
                "land-use-edition",
                "three digits: a code of the 2007 edition, or a lost leading zero; send the four digits of GB/T 21010-2017",
            ),
            Err(land_use::LandUseFault::Unknown) => {
                self.flag("land_use", Dimension::Validity, "land-use-unknown", "no such class in GB/T 21010-2017")
            }
        }
    }

    fn right_holder(&mut self) {
        if let Some(name) = self.text("right_holder") {
            self.attributes.set("right_holder", name);
        }
        if let Some(text) = self.text("right_holder_id") {
            if let Some(number) = PartyNumber::read(&text) {
                self.attributes.set("right_holder_id", number.number());
            } else {
                // Kept as told, since it may be a document we do not know; it never links by itself.
                self.attributes.set("right_holder_id", compact_number(&text));
                self.flag(
                    "right_holder_id",
                    Dimension::Validity,
                    "party-number",
                    "neither an identity number nor a credit code: check the number",
                );
            }
        }
        if let Some(text) = self.text("right_share") {
            match share::canonical(&text) {
                Some(share) => self.attributes.set("right_share", share),
                None => {
                    self.flag("right_share", Dimension::Validity, "right-share", "write the share as a fraction of at most 1, such as 1/2")
                }
            }
        }
    }

    fn dates(&mut self, context: &ParseContext) {
        for column in ["valid_from", "valid_to"] {
            let Some(text) = self.text(column) else { continue };
            match PartialDate::read(&text) {
                Ok(reading) if column == "valid_from" && reading.date.is_after(context.today) => {
                    self.flag(column, Dimension::Timeliness, "date-future", "the date lies in the future: check it");
                }
                Ok(reading) => {
                    self.attributes.set(column, reading.date.to_string());
                    if !reading.canonical {
                        self.note(column, "date-form", "the date was brought to the form YYYY-MM-DD");
                    }
                }
                Err(DateError::Impossible) => self.flag(column, Dimension::Validity, "date-impossible", "the calendar has no such day"),
                Err(_) => self.flag(column, Dimension::Validity, "date-unclear", "write the date as YYYY-MM-DD"),
            }
        }
        let end = |column: &str| self.attributes.get(column).and_then(|date| date.parse::<PartialDate>().ok());
        if let (Some(from), Some(to)) = (end("valid_from"), end("valid_to"))
            && to < from
            && !to.agrees_with(from)
        {
            self.flag("valid_to", Dimension::Consistency, "date-order", "valid_to lies before valid_from");
            self.attributes.remove("valid_to");
        }
    }

    fn geometry(&mut self) {
        let value = match self.raw.get("geometry") {
            None | Some(Value::Null) => return,
            Some(Value::String(text)) if text.trim().is_empty() => return,
            Some(value) => value,
        };
        let declared = match self.text("crs").map(|text| text.parse::<Crs>()) {
            None => None,
            Some(Ok(crs)) => Some(crs),
            Some(Err(_)) => {
                let advice = jiku_spatial::GeometryFault::CrsUnsupported.plain_en();
                self.problem(Severity::Reject, Dimension::Validity, "crs", "crs-unsupported", advice);
                return;
            }
        };
        match read_geometry(value, declared) {
            Ok((geometry, crs, notices)) => {
                for notice in notices {
                    self.problem(Severity::Note, Dimension::Validity, "geometry", notice.code(), notice.message_en());
                }
                self.plausible(&geometry);
                self.attributes.set("planar_area_m2", area::canonical(geometry.planar_area().area_m2));
                self.attributes.set("ellipsoidal_area_m2", area::canonical(geometry.ellipsoidal_area_m2()));
                self.attributes.set("crs", crs.to_string());
                self.attributes.set("geometry", geometry.to_hex_wkb());
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
                    if !self.problems.contains(&reported) {
                        self.problems.push(reported);
                    }
                }
            }
        }
    }

    /// A parcel with a Chinese code lies in China.
    fn plausible(&mut self, geometry: &ParcelGeometry) {
        if self.attributes.get("parcel_code").is_none() {
            return;
        }
        let [lon, lat] = geometry.bbox().centre().degrees();
        let in_china = |lon: f64, lat: f64| (CHINA[0]..=CHINA[2]).contains(&lon) && (CHINA[1]..=CHINA[3]).contains(&lat);
        if in_china(lon, lat) {
            return;
        }
        if in_china(lat, lon) {
            let advice = jiku_spatial::GeometryFault::AxesSwapped.plain_en();
            self.problem(Severity::Reject, Dimension::Validity, "geometry", "coordinate-order-suspected", advice);
        } else {
            self.flag("geometry", Dimension::Consistency, "outside-extent", "a parcel with this code lies in China, its geometry does not");
        }
    }

    fn areas(&mut self) {
        let Some(text) = self.text("registered_area_m2") else { return };
        let Some(registered) = area::square_metres(&text) else {
            self.flag("registered_area_m2", Dimension::Validity, "area-invalid", "write the area in square metres as a positive number");
            return;
        };
        self.attributes.set("registered_area_m2", area::canonical(registered));
        let Some(planar) = self.attributes.get("planar_area_m2").and_then(|text| text.parse::<f64>().ok()) else { return };
        let difference = (registered - planar).abs() / registered;
        if difference > AREA_FLAG {
            self.flag(
                "registered_area_m2",
                Dimension::Consistency,
                "area-mismatch",
                "the registered area differs from the area of the boundary by more than 1 %",
            );
        } else if difference > AREA_NOTE {
            let advice = "the registered area differs from the area of the boundary by more than 0.1 %";
            self.problem(Severity::Note, Dimension::Consistency, "registered_area_m2", "area-difference", advice);
        }
    }

    /// A parcel of a cadastre without Chinese codes is known by what its source calls it.
    fn foreign_key(&mut self) {
        if self.attributes.get("parcel_code").is_some() {
            return;
        }
        if let (Some(source), Some(key)) = (self.text("source"), self.text("source_key")) {
            self.attributes.set("foreign_key", format!("{source}:{key}"));
        }
    }
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
    match (problem.place, problem.part, problem.ring) {
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
