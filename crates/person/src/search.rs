//! Under which words can a person be found?

use jiku_model::{Attributes, SearchToken};
use jiku_text::address::{Address, Rung};
use jiku_text::characters::{compact_number, is_han};
use jiku_text::dates::PartialDate;
use jiku_text::identifier::{LegacyNumber, Phone};
use jiku_text::{divisions, person_name, reading};

use crate::identity::{self, IdentityNumber};

pub(crate) fn tokens(attributes: &Attributes) -> Vec<SearchToken> {
    let mut tokens = Vec::with_capacity(16);
    let names = ["name", "former_name", "former_spelling"].into_iter().filter_map(|column| attributes.get(column));
    for name in names.flat_map(|names| names.split(';')).filter(|name| !person_name::is_hidden(name)) {
        let key = person_name::comparison_key(name);
        tokens.push(("pinyin", person_name::full_reading(&key)));
        tokens.extend(person_name::other_readings(&key).into_iter().map(|reading| ("pinyin", reading)));
        tokens.push(("initials", person_name::initials(&key)));
        tokens.push(("name", key.into_owned()));
    }
    // Two names in one field are found by both and as they are shown.
    let shown = attributes.get("name").filter(|name| name.contains(';') && !person_name::is_hidden(name));
    tokens.extend(shown.map(|name| ("name", person_name::comparison_key(name).into_owned())));
    tokens.extend(numbers(attributes));
    let formers = attributes.get("former_number").into_iter().flat_map(|numbers| numbers.split(';'));
    tokens.extend(formers.map(|former| ("former_number", identity::citizen(former).unwrap_or_else(|| former.to_owned()))));
    for phone in attributes.get("phone").into_iter().flat_map(|phones| phones.split(';')) {
        tokens.push(("phone", phone.to_owned()));
    }
    let born = || Some(PartialDate::from(identity::of(attributes)?.value?.birth_date()?).to_string());
    tokens.extend(attributes.get("birth_date").map(str::to_owned).or_else(born).map(|date| ("birth_date", date)));
    if let Some(text) = attributes.get("address") {
        tokens.extend(address_tokens(&Address::parse_in(text, attributes.get("division"))));
    }
    // A name of private-use characters has no reading.
    tokens.retain(|(_, text)| !text.is_empty());
    tokens
}

/// The number as it stands, and the number of 18 characters that one of 15 digits became; both that it may be where the century is open.
pub(crate) fn numbers(attributes: &Attributes) -> Vec<SearchToken> {
    let Some(number) = identity::of(attributes).and_then(|reading| reading.value) else { return Vec::new() };
    let citizens = number.citizen_number().into_iter().chain(number.other_century(identity::told_birth_date(attributes)));
    let itself = (!matches!(number, IdentityNumber::Citizen(_))).then(|| number.as_str().to_owned());
    citizens.map(|citizen| citizen.as_str().to_owned()).chain(itself).map(|number| ("number", number)).collect()
}

/// Road and number, community or village, and the divisions from the city down.
fn address_tokens(address: &Address) -> impl Iterator<Item = SearchToken> {
    let places = [Rung::City, Rung::County, Rung::Township, Rung::Community, Rung::Village, Rung::Road, Rung::Estate];
    let names = places.into_iter().filter_map(|rung| address.get(rung).filter(|name| name.chars().nth(1).is_some()).map(str::to_owned));
    let key = address.get(Rung::Number).and_then(|_| address.road_key());
    names.chain(key).map(|name| ("address", name)).collect::<Vec<_>>().into_iter()
}

pub(crate) fn query(field: &str, text: &str) -> Vec<SearchToken> {
    match field {
        "name" => name(text),
        "pinyin" => pinyin(text),
        "initials" => initials(text),
        "number" | "id_number" => number(text),
        "phone" => Phone::read(text).ok().map(|phone| ("phone", phone.to_string())).into_iter().collect(),
        "birth_date" => PartialDate::read(text)
            .ok()
            .filter(|reading| reading.date.month().is_some())
            .map(|reading| ("birth_date", reading.date.to_string()))
            .into_iter()
            .collect(),
        "address" => address(text),
        _ => Vec::new(),
    }
}

/// A name in characters, or in letters: then also a reading.
fn name(text: &str) -> Vec<SearchToken> {
    let name = person_name::read(text).name;
    if name.chars().nth(1).is_none() || !name.chars().any(char::is_alphabetic) {
        return Vec::new();
    }
    let mut tokens = vec![("name", person_name::comparison_key(&name).into_owned())];
    if !name.chars().any(is_han) {
        tokens.extend(pinyin(text));
    }
    tokens
}

fn pinyin(text: &str) -> Vec<SearchToken> {
    let folded = if text.chars().any(is_han) {
        person_name::full_reading(&person_name::comparison_key(&person_name::normalise(text)))
    } else {
        reading::fold_typed(text)
    };
    if folded.chars().nth(1).is_none() {
        return Vec::new();
    }
    let mut tokens = vec![("pinyin", folded.clone())];
    let read = person_name::full_reading(&person_name::comparison_key(&person_name::normalise(text)));
    if read != folded && !read.is_empty() {
        tokens.push(("pinyin", read));
    }
    // Given name first, as foreigners write: WEI ZHANG.
    let words: Vec<&str> = text.split_whitespace().collect();
    if let [first, .., last] = words[..]
        && !text.chars().any(is_han)
    {
        let turned = reading::fold_typed(last)
            + &words[1..words.len() - 1].iter().map(|word| reading::fold_typed(word)).collect::<String>()
            + &reading::fold_typed(first);
        if !tokens.iter().any(|(_, token)| *token == turned) {
            tokens.push(("pinyin", turned));
        }
    }
    if (2..=4).contains(&folded.len()) {
        tokens.push(("initials", folded));
    }
    tokens
}

fn initials(text: &str) -> Vec<SearchToken> {
    let folded = if text.chars().any(is_han) { person_name::initials(&person_name::normalise(text)) } else { reading::fold_typed(text) };
    if folded.chars().nth(1).is_none() { Vec::new() } else { vec![("initials", folded)] }
}

fn number(text: &str) -> Vec<SearchToken> {
    let mut tokens = Vec::new();
    match identity::read(None, text).value {
        Some(IdentityNumber::Legacy(number)) => {
            let readings = std::iter::once(number).chain(number.other_century());
            tokens.extend(readings.map(|number| ("number", number.upgrade().as_str().to_owned())));
        }
        Some(number) => tokens.push(("number", number.as_str().to_owned())),
        None => {}
    }
    let compact = compact_number(text);
    let former: Vec<SearchToken> = tokens.iter().map(|(_, number)| ("former_number", number.clone())).collect();
    let plausible = compact.len() >= 5 && compact.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if plausible && !tokens.iter().any(|(_, token)| *token == compact) && compact.parse::<LegacyNumber>().is_err() {
        tokens.push(("number", compact));
    }
    // Whoever goes by it today comes first.
    tokens.extend(former);
    tokens
}

/// The most telling part of an address that was typed: road and number, or else the lowest name; and a name as typed,
/// since a town or community without its county cannot be told from a road.
fn address(text: &str) -> Vec<SearchToken> {
    let parsed = Address::parse(text);
    let rungs = [Rung::Estate, Rung::Road, Rung::Village, Rung::Community, Rung::Township, Rung::County, Rung::City];
    let lowest = rungs.into_iter().find_map(|rung| parsed.get(rung)).map(str::to_owned);
    let key = parsed.get(Rung::Number).and_then(|_| parsed.road_key()).or(lowest);
    let typed = jiku_text::simplify(text.trim()).into_owned();
    let full = divisions::named(&typed).find(|division| division.name != typed).map(|division| division.name.to_owned());
    let mut keys: Vec<String> = key.into_iter().chain(Some(typed)).chain(full).collect();
    keys.retain(|key| key.chars().filter(|&c| c.is_alphanumeric()).nth(1).is_some());
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter().map(|key| ("address", key)).collect()
}
