//! What does a parcel show to the matching engine, and under which keys is it found?

use jiku_model::{Attributes, Features, SearchToken};
use jiku_spatial::ParcelGeometry;
use jiku_text::address::{Address, Rung};
use jiku_text::characters::{compact_number, tidy};
use jiku_text::simplify;

use crate::rights::holders;

/// Prefixes of a parcel code that name something: county, district, sub-district, sub-district with feature.
const CODE_PREFIXES: [usize; 4] = [6, 9, 12, 14];

/// The names of all features.
pub(crate) const NAMES: [&str; 14] = [
    "area",
    "foreign_key",
    "house",
    "key_source",
    "land_use",
    "location",
    "middle",
    "parcel_code",
    "reach",
    "right_holder",
    "right_holder_number",
    "unit_code",
    "wide",
    "width",
];

/// The length of a degree of latitude on the sphere that distances of the matching engine are measured on, in metres.
const DEGREE_M: f64 = 111_195.0;

/// Parcels wider than this, in metres, are looked for farther away too: their middles are known less well.
const WIDE_M: f64 = 80.0;

/// Named values by which two records are compared. The boundary is that of the attributes.
pub(crate) fn features(attributes: &Attributes, geometry: Option<&ParcelGeometry>) -> Features {
    let mut features = Features::new();
    let mut copy = |feature: &'static str, column: &str| {
        if let Some(value) = attributes.get(column) {
            features.push((feature, value.to_owned()));
        }
    };
    copy("parcel_code", "parcel_code");
    copy("unit_code", "unit_code");
    copy("land_use", "land_use");
    copy("area", "registered_area_m2");
    copy("foreign_key", "foreign_key");
    if attributes.get("registered_area_m2").is_none() {
        copy("area", "planar_area_m2");
    }
    if let Some((source, _)) = attributes.get("foreign_key").and_then(|key| key.split_once(':')) {
        features.push(("key_source", source.to_owned()));
    }
    if let Some(location) = attributes.get("location") {
        features.push(house(location, attributes.get("division")).map_or_else(|| ("location", word(location)), |house| ("house", house)));
    }
    for (number, name) in holders(attributes) {
        features.extend(number.map(|number| ("right_holder_number", number.into_owned())));
        features.extend(name.map(|name| ("right_holder", word(&name))));
    }
    if let Some(geometry) = geometry {
        let Form { middle: [lon, lat], reach_m, width_m } = Form::of(geometry, attributes);
        features.push(("middle", format!("{lat:.6},{lon:.6}")));
        features.push(("reach", format!("{reach_m:.1}")));
        features.push(("width", format!("{width_m:.1}")));
        features.extend((width_m > WIDE_M).then(|| ("wide", "1".to_owned())));
    }
    features
}

/// Where a parcel lies and how large it is.
struct Form {
    /// The middle of the bounding box, longitude and latitude in degrees.
    middle: [f64; 2],
    /// How far its corners are from there.
    reach_m: f64,
    /// The area by the diagonal: of a strip how wide it is, whichever way it runs. Two parcels of one form lie at least about this far apart.
    width_m: f64,
}

impl Form {
    fn of(geometry: &ParcelGeometry, attributes: &Attributes) -> Self {
        let [west, south, east, north] = geometry.bbox().degrees();
        let [lon, lat] = geometry.bbox().centre().degrees();
        let diagonal_m = (north - south).hypot((east - west) * lat.to_radians().cos()) * DEGREE_M;
        // The area was computed when the record was read.
        let known = attributes.get("planar_area_m2").and_then(|area| area.parse::<f64>().ok());
        let area_m2 = known.unwrap_or_else(|| geometry.planar_area().area_m2);
        Self { middle: [lon, lat], reach_m: diagonal_m / 2.0, width_m: area_m2 / diagonal_m.max(0.1) }
    }
}

/// The county, house and door that a location leads to, the same with and without city and sub-district; none where it leads to no house.
fn house(location: &str, division: Option<&str>) -> Option<String> {
    let address = Address::parse_in(location, division);
    let house = address.house_key()?;
    Some([address.get(Rung::County).unwrap_or_default(), &house, "-", &address.detail_key().unwrap_or_default()].concat())
}

/// Text brought to the form that is compared: simplified characters, no spaces, narrow and in capitals.
fn word(text: &str) -> String {
    compact_number(&simplify(&tidy(text)))
}

/// Search keys of a record.
pub(crate) fn search_tokens(attributes: &Attributes) -> Vec<SearchToken> {
    let mut tokens = Vec::new();
    if let Some(code) = attributes.get("parcel_code") {
        tokens.push(("code", code.to_owned()));
        tokens.extend(CODE_PREFIXES.iter().filter_map(|&length| Some(("code", code.get(..length)?.to_owned()))));
    }
    for column in ["unit_code", "foreign_key"] {
        if let Some(value) = attributes.get(column) {
            tokens.push(("code", value.to_owned()));
        }
    }
    for (number, name) in holders(attributes) {
        tokens.extend(number.map(|number| ("number", number.into_owned())));
        tokens.extend(name.map(|name| ("name", word(&name))));
    }
    if let Some(location) = attributes.get("location") {
        let address = Address::parse_in(location, attributes.get("division"));
        let places = [Rung::Township, Rung::Community, Rung::Village, Rung::Road, Rung::Estate];
        tokens.extend(places.into_iter().filter_map(|rung| address.get(rung)).map(|place| ("address", place.to_owned())));
        tokens.extend(address.get(Rung::Number).and_then(|_| address.road_key()).map(|key| ("address", key)));
        tokens.push(("address", word(location)));
        tokens.sort_unstable();
        tokens.dedup();
    }
    tokens
}

/// What a person typed, in the form of the search keys. A code may be given as a prefix that names a county (6 digits),
/// a cadastral district (9), a sub-district (12) or a sub-district with feature letters (14); shorter ones are too broad.
pub(crate) fn search_query(field: &str, text: &str) -> Vec<SearchToken> {
    let text = tidy(text);
    if text.is_empty() {
        return Vec::new();
    }
    match field {
        "code" => {
            let compact = compact_number(&text);
            let mut forms = vec![("code", compact.clone())];
            // A key of another cadastre keeps its own spelling.
            if compact != text.as_ref() {
                forms.push(("code", text.into_owned()));
            }
            forms.retain(|(_, form)| form.chars().count() >= CODE_PREFIXES[0] || form.contains(':'));
            forms
        }
        "number" => {
            let number = jiku_text::identifier::PartyNumber::read(&text).map(|number| number.number().to_owned());
            vec![("number", number.unwrap_or_else(|| compact_number(&text)))]
        }
        "name" => vec![("name", word(&text))],
        "address" => address(&text),
        _ => Vec::new(),
    }
}

/// The most telling part of a location that was typed: road and number, or else the lowest name; and the text as typed.
fn address(text: &str) -> Vec<SearchToken> {
    let parsed = Address::parse(text);
    let rungs = [Rung::Estate, Rung::Road, Rung::Village, Rung::Community, Rung::Township];
    let lowest = rungs.into_iter().find_map(|rung| parsed.get(rung)).map(str::to_owned);
    let telling = parsed.get(Rung::Number).and_then(|_| parsed.road_key()).or(lowest);
    let mut forms: Vec<SearchToken> = telling.into_iter().chain([word(text)]).map(|form| ("address", form)).collect();
    forms.retain(|(_, form)| form.chars().nth(1).is_some());
    forms.dedup();
    forms
}
