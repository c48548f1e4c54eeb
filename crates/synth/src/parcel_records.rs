//! What does the land register write down about a parcel?

use std::fmt::Write;

use crate::parcel::Parcel;
use crate::person_records::Fields;
use crate::random::Random;

/// The columns of parcel records, in the order of files.
pub(crate) const COLUMNS: [&str; 10] = [
    "parcel_code",
    "unit_code",
    "land_use",
    "registered_area_m2",
    "location",
    "right_holder",
    "right_holder_id",
    "right_type",
    "valid_from",
    "geometry",
];

/// What the register says of the parcel: geometry as WKT in degrees of CGCS2000, longitude first.
pub(crate) fn record(random: &mut Random, parcel: &Parcel, rate: f64) -> Fields {
    let mut fields = vec![
        ("parcel_code", parcel.code.clone()),
        ("unit_code", parcel.unit_code.clone()),
        ("land_use", parcel.land_use.to_owned()),
        ("registered_area_m2", format!("{:.2}", registered_area(random, parcel.area_m2, rate))),
        ("location", parcel.location.clone()),
        ("right_holder", parcel.holders.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";")),
    ];
    let numbers: Vec<&str> = parcel.holders.iter().filter_map(|(_, number)| number.as_deref()).collect();
    if !numbers.is_empty() && !random.chance(0.06 * rate) {
        fields.push(("right_holder_id", numbers.join(";")));
    }
    fields.push(("right_type", parcel.right_type.to_owned()));
    fields.push(("valid_from", parcel.since.to_string()));
    fields.push(("geometry", well_known_text(&parcel.ring)));
    fields
}

/// Old registers measured by tape: now and then a few per cent off.
fn registered_area(random: &mut Random, area_m2: f64, rate: f64) -> f64 {
    if random.chance(0.02 * rate) { area_m2 * (0.97 + 0.06 * random.unit()) } else { area_m2 }
}

fn well_known_text(ring: &[(f64, f64)]) -> String {
    let mut text = String::with_capacity(16 + ring.len() * 26);
    text.push_str("POLYGON ((");
    for (i, (lon, lat)) in ring.iter().enumerate() {
        let separator = if i == 0 { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(text, "{separator}{lon:.8} {lat:.8}");
    }
    text.push_str("))");
    text
}

/// The text as GeoJSON coordinates; the writer of this crate made the text, so its shape is known.
pub(crate) fn coordinates(well_known_text: &str) -> String {
    let inner = well_known_text.trim_start_matches("POLYGON ((").trim_end_matches("))");
    let points: Vec<String> = inner.split(", ").map(|point| format!("[{}]", point.replace(' ', ","))).collect();
    format!("[[{}]]", points.join(","))
}
