//! Which properties do features have, of which type, and who sees them?

use jiku_model::{Kind, Sensitivity};
use jiku_ogc::TimeSpan;
use jiku_ogc::cql2::{Queryable, Queryables, Value};
use jiku_registry::ParcelFeature;
use serde_json::{Map, json};

use super::collections::Collection;
use crate::problem::{self, Problem};

/// A property of a parcel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Property {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) kind: Queryable,
    /// Whether callers without a key see it.
    pub(crate) public: bool,
}

/// The order of a property's value in a sort.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SortValue {
    Number(f64),
    Text(String),
    Absent,
}

/// Columns that hold numbers and dates; the others are texts.
const NUMBERS: [&str; 3] = ["registered_area_m2", "planar_area_m2", "ellipsoidal_area_m2"];
const DATES: [&str; 2] = ["valid_from", "valid_to"];

/// Every name a parameter may have because it is queryable and has a simple value: all that anybody sees, of parcels and of versions.
pub(crate) const QUERYABLE_NAMES: [&str; 23] = [
    "parcel_code",
    "unit_code",
    "land_use",
    "land_use_scheme",
    "land_use_suffix",
    "division",
    "location",
    "right_type",
    "right_share",
    "registered_area_m2",
    "planar_area_m2",
    "ellipsoidal_area_m2",
    "foreign_key",
    "valid_from",
    "valid_to",
    "source_crs",
    "stage",
    "left_empty",
    "id",
    "version",
    "recorded_at",
    "parcel",
    "recorded_to",
];

/// Those of a collection.
pub(crate) fn queryable_names(collection: Collection) -> impl Iterator<Item = &'static str> {
    let of_versions = |name: &&str| matches!(*name, "parcel" | "recorded_to");
    QUERYABLE_NAMES.into_iter().filter(move |name| collection == Collection::History || !of_versions(name))
}

/// The properties a caller sees, in the order of columns, then the version and its moment.
pub(crate) fn seen(signed_in: bool) -> impl Iterator<Item = Property> {
    let columns = jiku_registry::columns(Kind::Parcel).iter().filter_map(|column| {
        let public = match column.sensitivity {
            Sensitivity::Public => true,
            Sensitivity::Internal => false,
            Sensitivity::Personal | Sensitivity::Sensitive => return None,
        };
        if matches!(column.name, "geometry" | "crs") {
            return None;
        }
        Some(Property { name: column.name, title: column.title_zh, kind: kind_of(column.name), public })
    });
    let own = [
        Property { name: "version", title: "版本", kind: Queryable::Number, public: true },
        Property { name: "recorded_at", title: "登记时间", kind: Queryable::Time, public: true },
    ];
    columns.chain(own).filter(move |property| signed_in || property.public)
}

/// The refusal of a name that is a property, but not for this caller whom we know; none when it is one for nobody.
pub(crate) fn forbidden(name: &str, known: bool) -> Option<Problem> {
    let problem = || Problem::new(problem::FIELD_FORBIDDEN).detail("your rights do not include this field").with("field", name);
    (known && seen(true).any(|property| property.name == name)).then(problem)
}

/// Whether the service says it and nobody else.
pub(crate) fn is_read_only(name: &str) -> bool {
    matches!(name, "id" | "version" | "recorded_at") || jiku_registry::computed_parcel_columns().contains(&name)
}

/// Whether a column holds numbers.
pub(crate) fn is_number(name: &str) -> bool {
    NUMBERS.contains(&name)
}

pub(crate) fn kind_of(name: &str) -> Queryable {
    if NUMBERS.contains(&name) || name == "version" {
        Queryable::Number
    } else if DATES.contains(&name) || matches!(name, "recorded_at" | "recorded_to") {
        Queryable::Time
    } else {
        Queryable::Text
    }
}

/// What filters may speak of.
pub(crate) fn queryables(signed_in: bool, collection: Collection) -> Queryables {
    let mut properties: Vec<(&'static str, Queryable)> = vec![("id", Queryable::Text), ("geometry", Queryable::Geometry)];
    properties.extend(seen(signed_in).map(|property| (property.name, property.kind)));
    if collection == Collection::History {
        properties.extend([("parcel", Queryable::Text), ("recorded_to", Queryable::Time)]);
    }
    with_functions(properties)
}

/// Properties with the functions that filters may call.
pub(crate) fn with_functions(properties: Vec<(&'static str, Queryable)>) -> Queryables {
    let geometry_point_number = vec![Queryable::Geometry, Queryable::Geometry, Queryable::Number];
    let functions = ["dwithin", "nearest"].map(|name| (name, geometry_point_number.clone(), Queryable::Boolean));
    Queryables { properties, functions: functions.into() }
}

/// JSON Schema of the properties: of features (`returnables`) or of what filters may speak of (`queryables`). It is a logical schema (OGC 23-058,
/// features part 5), which says of what type a value is where there is one: programs such as QGIS read no list of types.
pub(crate) fn schema(signed_in: bool, collection: Collection, id: &str) -> serde_json::Value {
    let mut properties = Map::new();
    properties.insert(
        "geometry".to_owned(),
        json!({ "title": "空间范围", "format": "geometry-polygon-or-multipolygon", "x-ogc-role": "primary-geometry" }),
    );
    let mut id_told = json!({ "title": "统一标识", "type": "string", "readOnly": true, "x-ogc-role": "id" });
    if collection == Collection::Parcels {
        id_told["format"] = json!("uuid");
    }
    properties.insert("id".to_owned(), id_told);
    for property in seen(signed_in) {
        let mut told = json!({ "title": property.title });
        told["type"] = json!(if property.kind == Queryable::Number { "number" } else { "string" });
        match property.name {
            "recorded_at" => told["format"] = json!("date-time"),
            "valid_from" => told["x-ogc-role"] = json!("primary-interval-start"),
            "valid_to" => told["x-ogc-role"] = json!("primary-interval-end"),
            _ => {}
        }
        if is_read_only(property.name) {
            told["readOnly"] = json!(true);
        }
        properties.insert(property.name.to_owned(), told);
    }
    if collection == Collection::History {
        properties.insert("parcel".to_owned(), json!({ "title": "宗地标识", "type": "string", "format": "uuid", "readOnly": true }));
        properties
            .insert("recorded_to".to_owned(), json!({ "title": "失效时间", "type": "string", "format": "date-time", "readOnly": true }));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": id, "title": collection.title(), "type": "object", "properties": properties,
        "additionalProperties": false,
    })
}

/// The days a partial date covers.
pub(crate) fn span_of_date(text: &str) -> Option<TimeSpan> {
    match text.len() {
        4 => TimeSpan::between(&format!("{text}-01-01"), &format!("{text}-12-31")),
        7 => [31, 30, 29, 28].into_iter().find_map(|day| TimeSpan::between(&format!("{text}-01"), &format!("{text}-{day}"))),
        _ => TimeSpan::read(text),
    }
}

/// When a parcel holds in the world: from the beginning of `valid_from` until right before `valid_to` begins, as far as it goes where a date is
/// missing. None when no moment lies between.
pub(crate) fn valid_span(parcel: &ParcelFeature) -> Option<TimeSpan> {
    let date = |column: &str| parcel.value(column).and_then(span_of_date);
    half_open(date("valid_from"), date("valid_to"))
}

fn half_open(from: Option<TimeSpan>, to: Option<TimeSpan>) -> Option<TimeSpan> {
    let start = from.map_or(i64::MIN, |span| span.start);
    let end = to.map_or(i64::MAX, |span| span.start.saturating_sub(1));
    (start <= end).then_some(TimeSpan { start, end })
}

/// The value of a property for filters.
pub(crate) fn value(collection: Collection, parcel: &ParcelFeature, name: &str) -> Option<Value> {
    let at = |micros| Value::Time(TimeSpan { start: micros, end: micros });
    match name {
        "id" => return Some(Value::Text(collection.item_id(parcel))),
        "parcel" => return Some(Value::Text(parcel.id.to_string())),
        "recorded_to" => return parcel.ended_at_micros().map(at),
        "version" => return Some(Value::Number(f64::from(parcel.version))),
        "recorded_at" => return Some(at(parcel.recorded_at_micros())),
        _ => {}
    }
    let text = parcel.value(name)?;
    match kind_of(name) {
        Queryable::Number => text.parse().ok().map(Value::Number),
        Queryable::Time => span_of_date(text).map(Value::Time),
        _ => Some(Value::Text(text.to_owned())),
    }
}

/// The value of a property for sorting.
pub(crate) fn sort_value(parcel: &ParcelFeature, property: &str) -> SortValue {
    match property {
        "version" => SortValue::Number(f64::from(parcel.version)),
        "recorded_at" => SortValue::Text(moment(parcel.recorded_at_micros())),
        "id" => SortValue::Text(parcel.id.to_string()),
        _ => match parcel.value(property) {
            None => SortValue::Absent,
            Some(text) if NUMBERS.contains(&property) => text.parse().map_or(SortValue::Absent, SortValue::Number),
            Some(text) => SortValue::Text(text.to_owned()),
        },
    }
}

/// A moment as RFC 3339 has it.
pub(crate) fn moment(micros: i64) -> String {
    chrono::DateTime::from_timestamp_micros(micros).unwrap_or_default().to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_without_a_key_see_what_is_public() {
        let names = |signed_in| seen(signed_in).map(|property| property.name).collect::<Vec<_>>();
        assert!(names(true).contains(&"location") && !names(false).contains(&"location"));
        for hidden in ["right_holder", "right_holder_id", "geometry"] {
            assert!(!names(true).contains(&hidden), "{hidden}");
        }
        for collection in [Collection::Parcels, Collection::History] {
            let asked: Vec<&str> = queryables(true, collection).properties.iter().map(|(name, _)| *name).collect();
            let mut simple: Vec<&str> = asked.into_iter().filter(|name| *name != "geometry").collect();
            let mut parameters: Vec<&str> = queryable_names(collection).collect();
            simple.sort_unstable();
            parameters.sort_unstable();
            assert_eq!(parameters, simple, "every queryable with a simple value is a parameter");
        }
    }

    #[test]
    fn a_partial_date_covers_all_its_days() {
        for (text, end) in [("2016", "2016-12-31"), ("2016-02", "2016-02-29"), ("2015-02", "2015-02-28"), ("2015-04-06", "2015-04-06")] {
            assert_eq!(span_of_date(text).map(|span| span.end), TimeSpan::read(end).map(|span| span.end), "{text}");
        }
        assert_eq!(span_of_date("soon"), None);
    }
}
