//! Which land do these tests stand on?
//!
//! A grid of parcels that share their borders, in the county 440106, invented.

use jiku_model::{Kind, RawRecord, RecordKey};
use jiku_registry::{Actor, Incoming};
use serde_json::{Map, Value, json};

use super::super::service::Service;

/// The south-west corner of the grid.
pub(crate) const WEST: f64 = 113.3;
pub(crate) const SOUTH: f64 = 23.1;
/// The side of a parcel, degrees.
pub(crate) const SIDE: f64 = 0.0005;

/// The corner of a parcel, rounded as a survey would.
fn corner(column: u32, row: u32) -> [f64; 2] {
    let round = |degrees: f64| (degrees * 1e8).round() / 1e8;
    [round(WEST + f64::from(column) * SIDE), round(SOUTH + f64::from(row) * SIDE)]
}

/// The ring of the parcel in a column and row.
pub(crate) fn ring(column: u32, row: u32) -> Value {
    json!([corner(column, row), corner(column + 1, row), corner(column + 1, row + 1), corner(column, row + 1), corner(column, row)])
}

/// The record of a parcel.
pub(crate) fn record(column: u32, row: u32, columns: u32) -> Map<String, Value> {
    let number = row * columns + column + 1;
    let value = json!({
        "parcel_code": format!("440106001001GB{number:05}"), "land_use": if number.is_multiple_of(2) { "0701" } else { "0501" },
        "registered_area_m2": format!("{}.00", 2_800 + number), "location": format!("天河区测试路{number}号"),
        "right_holder": "张测试", "right_holder_id": "440106199001010014", "right_type": "国有建设用地使用权",
        "valid_from": format!("20{:02}-05-01", 10 + number % 10),
        "geometry": { "type": "Polygon", "coordinates": [ring(column, row)] },
    });
    let Value::Object(fields) = value else { unreachable!("an object was written") };
    fields
}

/// Puts a grid of parcels in, by key `column-row`.
pub(crate) fn settle(service: &Service, columns: u32, rows: u32) {
    let records: Vec<Incoming> = (0..rows)
        .flat_map(|row| (0..columns).map(move |column| incoming(&format!("{column}-{row}"), record(column, row, columns))))
        .collect();
    for outcome in service.registry.ingest(&Actor::operator("test"), records).expect("the parcels are taken in") {
        assert!(outcome.entity.is_some(), "{outcome:?}");
    }
}

fn incoming(key: &str, fields: RawRecord) -> Incoming {
    let source = "land".to_owned().try_into().expect("a source");
    let payload = Value::Object(fields.clone()).to_string();
    Incoming { key: RecordKey { kind: Kind::Parcel, source, key: key.to_owned() }, raw: fields, payload, line: None, row: None }
}

/// Sends a parcel again with other values.
pub(crate) fn resend(service: &Service, key: &str, fields: RawRecord) {
    service.registry.ingest(&Actor::operator("test"), vec![incoming(key, fields)]).expect("the parcel is taken in");
}
