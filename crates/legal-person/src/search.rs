//! Under which words can a legal person be found?

use jiku_model::{Attributes, SearchToken};
use jiku_text::address::{Address, Rung};
use jiku_text::characters::{compact_number, is_han};
use jiku_text::identifier::{CreditCode, PartyNumber, Phone};
use jiku_text::organisation_name::{self, OrganisationName};
use jiku_text::reading::{self, Way};

pub(crate) fn tokens(attributes: &Attributes) -> Vec<SearchToken> {
    let mut tokens = Vec::with_capacity(16);
    let former = attributes.get("former_name").into_iter().flat_map(|names| names.split(';'));
    for name in attributes.get("name").into_iter().chain(former) {
        let key = organisation_name::comparison_key(name);
        let parts = organisation_name::parse(&key);
        let brand = parts.trade_name.to_owned();
        let short = short_name(&parts);
        for text in [Some(&brand), Some(&short), Some(&key)].into_iter().flatten().filter(|text| text.chars().nth(1).is_some()) {
            tokens.push(("name", text.clone()));
            for Way { letters, initials } in reading::ways(text, place_of(&brand, text)) {
                tokens.extend([("pinyin", letters), ("initials", initials)]);
            }
        }
    }
    for column in ["uscc", "registration_number", "organisation_code", "lei", "legal_representative_id"] {
        tokens.extend(attributes.get(column).map(|number| ("number", canonical_number(number))));
    }
    if let Some(code) = attributes.get("uscc").and_then(|code| code.parse::<CreditCode>().ok()) {
        tokens.extend(code.organisation_code().map(|inside| ("number", inside.as_str().to_owned())));
    }
    for phone in attributes.get("phone").into_iter().flat_map(|phones| phones.split(';')) {
        tokens.push(("phone", phone.to_owned()));
    }
    if let Some(text) = attributes.get("address") {
        tokens.extend(address_names(&Address::parse_in(text, attributes.get("division"))).map(|name| ("address", name)));
    }
    tokens.retain(|(_, text)| !text.is_empty());
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

/// The canonical number of the legal representative.
pub(crate) fn representative_number(attributes: &Attributes) -> Option<String> {
    attributes.get("legal_representative_id").map(canonical_number)
}

/// Where the trade name stands: whoever coined it says how it is read (重阳: chongyang), the words around it have one reading.
fn place_of(brand: &str, text: &str) -> std::ops::Range<usize> {
    text.find(brand).map_or(0..0, |at| at..at + brand.len())
}

/// Trade name and industry: how people call a company for short.
fn short_name(parts: &OrganisationName<'_>) -> String {
    format!("{}{}", parts.trade_name, parts.industry)
}

fn canonical_number(number: &str) -> String {
    PartyNumber::read(number).map_or_else(|| compact_number(number), |party| party.number().to_owned())
}

fn address_names(address: &Address) -> impl Iterator<Item = String> {
    let places = [Rung::City, Rung::County, Rung::Township, Rung::Community, Rung::Village, Rung::Road, Rung::Estate];
    let names = places.into_iter().filter_map(|rung| address.get(rung).filter(|name| name.chars().nth(1).is_some()).map(str::to_owned));
    let key = address.get(Rung::Number).and_then(|_| address.road_key());
    names.chain(key).collect::<Vec<_>>().into_iter()
}

pub(crate) fn query(field: &str, text: &str) -> Vec<SearchToken> {
    match field {
        "name" => name(text),
        "pinyin" | "initials" => letters(field, text),
        "number" | "uscc" | "registration_number" | "organisation_code" | "lei" | "legal_representative_id" => number(text),
        "phone" => Phone::read(text).ok().map(|phone| ("phone", phone.to_string())).into_iter().collect(),
        "address" => address(text),
        _ => Vec::new(),
    }
}

/// The whole name, the name without division and form, or the trade name; in letters also a reading.
fn name(text: &str) -> Vec<SearchToken> {
    let key = organisation_name::comparison_key(&organisation_name::normalise(text));
    if key.chars().nth(1).is_none() || !key.chars().any(char::is_alphanumeric) {
        return Vec::new();
    }
    let mut tokens = vec![("name", key.clone())];
    if !key.chars().any(is_han) {
        tokens.extend(letters("pinyin", text));
    }
    tokens
}

fn letters(field: &str, text: &str) -> Vec<SearchToken> {
    let key = organisation_name::comparison_key(&organisation_name::normalise(text));
    let han = key.chars().any(is_han);
    let folded = match (field, han) {
        ("initials", true) => reading::initials(&key),
        (_, true) => reading::readings(&key),
        (_, false) => reading::readings(&key).replace(' ', ""),
    };
    if folded.chars().nth(1).is_none() {
        return Vec::new();
    }
    let mut tokens = vec![(if field == "initials" { "initials" } else { "pinyin" }, folded.clone())];
    if field == "pinyin" && !han && (2..=8).contains(&folded.len()) {
        tokens.push(("initials", folded));
    }
    tokens
}

fn number(text: &str) -> Vec<SearchToken> {
    let compact = compact_number(text);
    let plausible = compact.len() >= 5 && compact.chars().any(|c| c.is_ascii_digit()) && compact.chars().all(char::is_alphanumeric);
    if !plausible {
        return Vec::new();
    }
    let mut tokens = vec![("number", canonical_number(text))];
    if let Ok(reading) = CreditCode::read_or_repair(text) {
        tokens.push(("number", reading.value.as_str().to_owned()));
    }
    tokens.push(("number", compact));
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

/// The most telling part of an address that was typed, and a name as typed.
fn address(text: &str) -> Vec<SearchToken> {
    let parsed = Address::parse(text);
    let rungs = [Rung::Estate, Rung::Road, Rung::Village, Rung::Community, Rung::Township, Rung::County, Rung::City];
    let lowest = rungs.into_iter().find_map(|rung| parsed.get(rung)).map(str::to_owned);
    let key = parsed.get(Rung::Number).and_then(|_| parsed.road_key()).or(lowest);
    let mut keys: Vec<String> = key.into_iter().chain([jiku_text::simplify(text.trim()).into_owned()]).collect();
    keys.retain(|key| key.chars().filter(|&c| c.is_alphanumeric()).nth(1).is_some());
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter().map(|key| ("address", key)).collect()
}
