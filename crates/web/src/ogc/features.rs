//! How does a parcel look as GeoJSON (RFC 7946)?
//!
//! Written byte by byte from memory: a map asks for hundreds at a time. Every feature has every property of the schema, null where the
//! parcel says nothing: programs guess the columns of a layer from its first features.

use std::io::Write;
use std::sync::LazyLock;

use jiku_registry::{ParcelFeature, ParcelView};
use jiku_spatial::{AxisOrder, Crs};

use super::collections::Collection;
use super::properties::{self, Property};

/// How features are written.
#[derive(Clone, Copy)]
pub(crate) struct Manner {
    pub(crate) collection: Collection,
    pub(crate) crs: Crs,
    /// Callers who are known see what is not public too.
    pub(crate) signed_in: bool,
}

/// Appends a feature.
pub(crate) fn write_feature(view: &ParcelView, slot: u32, parcel: &ParcelFeature, manner: Manner, text: &mut Vec<u8>) {
    text.extend_from_slice(br#"{"type":"Feature","id":""#);
    write_id(parcel, text);
    if manner.collection == Collection::History {
        // Writing to a vector cannot fail.
        let _ = write!(text, ".{}", parcel.version);
    }
    text.extend_from_slice(br#"","geometry":"#);
    if !view.places().write_geojson(slot, manner.crs, AxisOrder::Authority, text) {
        text.extend_from_slice(b"null");
    }
    text.extend_from_slice(br#","properties":{"#);
    write_properties(parcel, manner.signed_in, text);
    if manner.collection == Collection::History {
        text.extend_from_slice(br#","parcel":""#);
        write_id(parcel, text);
        text.extend_from_slice(br#"","recorded_to":"#);
        match parcel.ended_at_micros() {
            Some(at) => drop(write!(text, "\"{}\"", properties::moment(at))),
            None => text.extend_from_slice(b"null"),
        }
    }
    text.extend_from_slice(b"}}");
}

fn write_id(parcel: &ParcelFeature, text: &mut Vec<u8>) {
    let mut buffer = [0; uuid::fmt::Hyphenated::LENGTH];
    text.extend_from_slice(parcel.id.0.hyphenated().encode_lower(&mut buffer).as_bytes());
}

/// The properties a parcel's values give, in the order in which it holds them, each with the bytes of its member up to the value.
static MEMBERS: LazyLock<Vec<(Property, Vec<u8>)>> = LazyLock::new(|| {
    let of_values = properties::seen(true).filter(|property| !matches!(property.name, "version" | "recorded_at"));
    of_values.map(|property| (property, format!("\"{}\":", property.name).into_bytes())).collect()
});

fn write_properties(parcel: &ParcelFeature, signed_in: bool, text: &mut Vec<u8>) {
    let mut values = parcel.values().peekable();
    for (property, opening) in MEMBERS.iter() {
        let value = values.next_if(|(column, _)| column.name == property.name).map(|(_, value)| value);
        if !signed_in && !property.public {
            continue;
        }
        text.extend_from_slice(opening);
        match value {
            None => text.extend_from_slice(b"null"),
            Some(value) if properties::is_number(property.name) && is_json_number(value) => {
                text.extend_from_slice(value.as_bytes());
                // Programs that guess a column's type from its first values must not guess whole numbers.
                if !value.contains('.') {
                    text.extend_from_slice(b".0");
                }
            }
            Some(value) => write_text(value, text),
        }
        text.push(b',');
    }
    // Writing to a vector cannot fail.
    let _ = write!(text, "\"version\":{},\"recorded_at\":\"{}\"", parcel.version, properties::moment(parcel.recorded_at_micros()));
}

/// Whether canonical decimal digits are a number of JSON as they stand.
fn is_json_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction) && (whole == "0" || !whole.starts_with('0'))
}

/// Appends a JSON string.
pub(crate) fn write_text(value: &str, text: &mut Vec<u8>) {
    if value.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
        text.push(b'"');
        text.extend_from_slice(value.as_bytes());
        text.push(b'"');
    } else {
        // Writing to a vector cannot fail.
        let _ = serde_json::to_writer(text, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_numbers_are_json() {
        for text in ["天河路", "a\"b", "back\\slash", "line\nbreak", ""] {
            let mut written = Vec::new();
            write_text(text, &mut written);
            assert_eq!(serde_json::from_slice::<String>(&written).expect("JSON"), text);
        }
        for (text, good) in
            [("0", true), ("12.50", true), ("-3.1", true), ("007", false), ("1.", false), ("1e5", false), ("", false), (".5", false)]
        {
            assert_eq!(is_json_number(text), good, "{text}");
            assert!(!good || serde_json::from_str::<f64>(text).is_ok(), "{text}");
        }
    }
}
