//! What does a record of a person show to the matching engine?

use jiku_model::{Attributes, Features};
use jiku_text::address::Rung;
use jiku_text::characters::is_han;
use jiku_text::dates::PartialDate;
use jiku_text::identifier::{PartyNumber, Phone};
use jiku_text::person_name::{self, NameParts};
use jiku_text::place::{Place, is_sub_district};

use crate::identity::{self, IdentityNumber};

/// The names of all features.
pub(crate) const NAMES: [&str; 41] = [
    "address",
    "address_detail",
    "address_road",
    "birth_date",
    "birth_told",
    "building",
    "city",
    "county",
    "division",
    "ethnic_group",
    "former_name",
    "former_number",
    "given",
    "guardian_number",
    "home",
    "house_marks",
    "house_words",
    "id_borrowed",
    "id_number",
    "id_other",
    "id_raw",
    "line",
    "name",
    "name_initials",
    "name_pinyin",
    "name_sex",
    "nationality",
    "phone",
    "province",
    "quarter",
    "sex",
    "sex_told",
    "spouse",
    "spouse_number",
    "street",
    "surname",
    "town",
    "township",
    "unit",
    "unplaced",
    "zone",
];

pub(crate) fn features(attributes: &Attributes) -> Features {
    let mut features = Features::with_capacity(24);
    if let Some(name) = attributes.get("name") {
        add_name(&mut features, name);
    }
    let formers = ["former_name", "former_spelling"].into_iter().filter_map(|column| attributes.get(column));
    for name in formers.flat_map(|names| names.split(';')) {
        features.push(("former_name", person_name::comparison_key(name).into_owned()));
    }
    let number = identity::of(attributes).and_then(|reading| reading.value);
    let formers = attributes.get("former_number").into_iter().flat_map(|numbers| numbers.split(';'));
    features.extend(formers.filter_map(|former| Some(("former_number", identity::citizen(former)?))));
    let told = identity::told_birth_date(attributes);
    // A parent's number on a child's record leads to the parent; of the child it says nothing.
    let (borrowed, number) = match number {
        Some(number) if number.is_anothers(told, attributes.get("sex")) => (number.citizen_number(), None),
        number => (None, number),
    };
    features.extend(borrowed.map(|number| ("id_borrowed", number.as_str().to_owned())));
    let other_century = number.as_ref().and_then(|number| number.other_century(told));
    if let Some(number) = &number {
        add_number(&mut features, attributes.get("id_type"), number);
        features.extend(other_century.map(|other| ("id_number", other.as_str().to_owned())));
        // Two who use one number hardly ever agree in the birth date that was told beside it.
        features.extend(told.map(|date| ("birth_told", date.to_string())));
    }
    // A valid number tells birth date and sex to records that have no number.
    let by_number = number.as_ref().filter(|_| told.is_none()).and_then(IdentityNumber::birth_date).map(PartialDate::from);
    let in_other_century = other_century.map(|other| PartialDate::from(other.birth_date()));
    features.extend(told.or(by_number).into_iter().chain(in_other_century).map(|date| ("birth_date", date.to_string())));
    let told_sex = attributes.get("sex").filter(|sex| matches!(*sex, "1" | "2"));
    // Beside a number, for what only the number says does not count when the number turns out to be nobody's.
    features.extend(told_sex.filter(|_| number.is_some()).map(|sex| ("sex_told", sex.to_owned())));
    let sex = told_sex.or_else(|| number.as_ref()?.sex());
    features.extend(sex.map(|sex| ("sex", sex.to_owned())));
    add_place(&mut features, attributes);
    add_spouse(&mut features, attributes);
    let guardian = attributes.get("guardian_id").and_then(PartyNumber::read);
    features.extend(guardian.map(|number| ("guardian_number", number.number().to_owned())));
    for column in ["nationality", "ethnic_group"] {
        features.extend(attributes.get(column).map(|value| (column, value.to_owned())));
    }
    features
}

fn add_name(features: &mut Features, name: &str) {
    // Of 黎建新、黎志雄 nobody can tell which of them the record is of.
    if person_name::names_several(name) {
        return;
    }
    let key = person_name::comparison_key(name);
    // 李*: the surname is all that is told.
    if person_name::is_hidden(&key) {
        features.push(("surname", person_name::shown_surname(&key).to_owned()));
        return;
    }
    // A surname alone, or one character of a name, is no name to tell anybody by.
    if key.chars().nth(1).is_none() && key.chars().all(is_han) {
        features.push(("surname", key.into_owned()));
        return;
    }
    // A name of private-use characters has no reading.
    for (feature, reading) in [("name_pinyin", person_name::full_reading(&key)), ("name_initials", person_name::initials(&key))] {
        if !reading.is_empty() {
            features.push((feature, reading));
        }
    }
    for reading in person_name::other_readings(&key) {
        features.push(("name_pinyin", reading));
    }
    let parts = NameParts::of(&key);
    features.extend(parts.surname.map(|surname| ("surname", surname.to_owned())));
    features.extend(person_name::given_sex(parts.given).map(|sex| ("name_sex", sex.to_owned())));
    features.push(("given", parts.given.to_owned()));
    features.push(("name", key.into_owned()));
}

/// Who somebody is married to tells two people of one name apart.
fn add_spouse(features: &mut Features, attributes: &Attributes) {
    let name = attributes.get("spouse").filter(|name| !person_name::is_hidden(name) && name.chars().nth(1).is_some());
    features.extend(
        name.map(|name| ("spouse", person_name::full_reading(&person_name::comparison_key(name))))
            .filter(|(_, reading)| !reading.is_empty()),
    );
    let number = attributes.get("spouse_id").and_then(PartyNumber::read);
    features.extend(number.map(|number| ("spouse_number", number.number().to_owned())));
}

fn add_number(features: &mut Features, document_type: Option<&str>, number: &IdentityNumber) {
    match number {
        IdentityNumber::Citizen(number) => features.push(("id_number", number.as_str().to_owned())),
        IdentityNumber::Legacy(number) => features.push(("id_number", number.upgrade().as_str().to_owned())),
        IdentityNumber::OldForeigner(card) => features.push(("id_other", format!("553:{card}"))),
        IdentityNumber::Document(document) => {
            let document_type = document.type_code().or(document_type).unwrap_or("990");
            features.push(("id_other", format!("{document_type}:{}", document.number().replace(['(', ')'], ""))));
        }
        IdentityNumber::Unverified(text) => features.push(("id_raw", text.clone())),
    }
}

/// Home, division and telephone: a line without its area code is the city's.
fn add_place(features: &mut Features, attributes: &Attributes) {
    let place = Place::of(attributes);
    place.add_to(features);
    if let Some(address) = place.address() {
        features.extend(address.building_key().map(|key| ("building", key)));
        features.extend(address.get(Rung::Unit).map(|unit| ("unit", unit.to_owned())));
    }
    features.extend(quarter(&place).map(|quarter| ("quarter", quarter.to_owned())));
    let phones = attributes.get("phone").into_iter().flat_map(|phones| phones.split(';')).filter_map(|phone| phone.parse::<Phone>().ok());
    // What many give tells nobody.
    features.extend(phones.filter(|phone| !phone.is_nobodys()).flat_map(|phone| phone.shown(place.city())));
}

/// The village or community, or the sub-district of a place without a road: which sub-district a road belongs to is often told wrongly.
fn quarter<'p>(place: &'p Place<'_>) -> Option<&'p str> {
    let village = place.address().and_then(|address| [Rung::Village, Rung::Community].into_iter().find_map(|rung| address.get(rung)));
    let is_on_a_road = || place.address().is_some_and(|address| address.get(Rung::Road).is_some());
    let named = || place.address().and_then(|address| address.get(Rung::Township));
    village.or_else(|| {
        let told = [named(), place.told_township()].into_iter().flatten();
        told.filter(|_| !is_on_a_road()).find(|name| is_sub_district(name))
    })
}
