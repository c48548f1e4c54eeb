//! What does a record of a legal person show to the matching engine?

use jiku_model::{Attributes, Features};
use jiku_text::identifier::{CreditCode, Fault, PartyNumber, Phone, PhoneKind, RegistrationNumber};
use jiku_text::organisation_name::{self, OrganisationName};
use jiku_text::place::Place;
use jiku_text::{person_name, reading};

/// The names of all features.
pub(crate) const NAMES: [&str; 52] = [
    "address",
    "address_detail",
    "address_road",
    "aside",
    "authority",
    "body",
    "branch",
    "branch_place",
    "brand",
    "capital",
    "city",
    "concern",
    "county",
    "deregistered",
    "division",
    "established_on",
    "form",
    "former_name",
    "home",
    "house_marks",
    "house_words",
    "kind",
    "lei",
    "line",
    "local",
    "name",
    "name_pinyin",
    "name_town",
    "nationwide",
    "of_village",
    "office",
    "official",
    "ordinal",
    "org_code",
    "phone",
    "province",
    "region",
    "registration_number",
    "registration_raw",
    "representative",
    "representative_number",
    "representative_person",
    "shared_county",
    "shop",
    "street",
    "tail",
    "town",
    "township",
    "trade",
    "unplaced",
    "uscc",
    "zone",
];

pub(crate) fn features(attributes: &Attributes) -> Features {
    let mut features = Features::with_capacity(24);
    // What bears two names is found by both.
    let (first, second) = match attributes.get("name") {
        Some(name) => organisation_name::second_name(name).map_or((Some(name), None), |(first, second)| (Some(first), Some(second))),
        None => (None, None),
    };
    let own_name = first.map(organisation_name::comparison_key);
    features.extend(second.map(|name| ("former_name", organisation_name::comparison_key(name))));
    features.extend(first.and_then(organisation_name::other_meaning).map(|other| ("former_name", other)));
    for former in attributes.get("former_name").into_iter().flat_map(|names| names.split(';')) {
        features.push(("former_name", organisation_name::comparison_key(former)));
    }
    add_numbers(&mut features, attributes);
    if let Some(name) = attributes.get("legal_representative") {
        let key = person_name::comparison_key(name).into_owned();
        // 陈志强水果店 has told already who keeps it.
        if own_name.as_ref().is_none_or(|name| !name.contains(&key)) {
            features.push(("representative", key));
        }
    }
    if let Some(number) = attributes.get("legal_representative_id") {
        let canonical = PartyNumber::read(number).map_or_else(|| number.to_owned(), |party| party.number().to_owned());
        features.push(("representative_number", canonical));
    }
    let place = Place::of(attributes);
    let phones = attributes.get("phone").into_iter().flat_map(|phones| phones.split(';')).filter_map(|phone| phone.parse::<Phone>().ok());
    if let Some(key) = own_name {
        // The city in which its lines lie says which 市二医院 it is, where nothing else does.
        let city = phones.clone().find_map(|phone| phone.city()).map(|city| format!("{city}00"));
        let completed = match (place.division(), city) {
            (Some(code), _) => organisation_name::completed(&key, code, place.township()),
            (None, Some(city)) => organisation_name::completed(&key, &city, None),
            (None, None) => None,
        };
        add_name(&mut features, key, completed.as_deref());
    }
    place.add_to(&mut features);
    // A service number is its company's; the examples of forms are nobody's. A line without its area code is the city's.
    let is_somebodys = |phone: &Phone| phone.kind() == PhoneKind::Service || !phone.is_nobodys();
    features.extend(phones.filter(is_somebodys).flat_map(|phone| phone.shown(place.city())));
    // The currency is often left out.
    let amount = attributes.get("registered_capital").and_then(|capital| capital.split_whitespace().next());
    features.extend(amount.map(|amount| ("capital", amount.to_owned())));
    // Whoever is founded under the name of one that ended is another; one whose licence was revoked has not ended.
    features.extend(attributes.get("status").filter(|status| *status == "deregistered").map(|_| ("deregistered", "1".to_owned())));
    features.extend(attributes.get("established_on").map(|date| ("established_on", date.to_owned())));
    features
}

/// Adds what a name shows; takes its comparison key, and the name with the place that the record tells elsewhere: 石牌街道办 of a record in 天河区 is
/// 广州市天河区石牌街道办事处.
fn add_name(features: &mut Features, key: String, completed: Option<&str>) {
    let whole = completed.unwrap_or(&key);
    let parts = organisation_name::parse(whole);
    for (feature, text) in [("brand", parts.trade_name), ("trade", parts.industry), ("form", parts.form)] {
        if !text.is_empty() {
            features.push((feature, text.to_owned()));
        }
    }
    // Schools, hospitals and associations have no trade.
    if parts.industry.is_empty() && !parts.form.is_empty() {
        features.push(("body", parts.form.to_owned()));
    }
    features.extend(regions(&parts).map(|region| ("region", region)));
    features.extend(parts.shared_county.map(|county| ("shared_county", county.to_owned())));
    let is_nationwide = organisation_name::is_nationwide(whole);
    for (feature, holds) in [
        ("shop", parts.is_shop()),
        ("local", parts.is_local() && !is_nationwide),
        ("nationwide", is_nationwide),
        ("of_village", parts.is_of_a_village()),
    ] {
        features.extend(holds.then(|| (feature, "1".to_owned())));
    }
    features.extend(parts.kind().map(|kind| ("kind", kind.to_owned())));
    features.extend(parts.concern(whole).map(|concern| ("concern", concern.to_owned())));
    features.extend(organisation_name::office(whole).map(|office| ("office", office)));
    features.extend(organisation_name::is_authority(whole).then(|| ("authority", "1".to_owned())));
    features.extend(organisation_name::is_official(whole).then(|| ("official", "1".to_owned())));
    features.extend(parts.town.map(|town| ("name_town", town.to_owned())));
    features.extend(parts.aside_key().map(|aside| ("aside", aside.to_owned())));
    if let Some(other) = organisation_name::parse_beyond_county(whole) {
        for (feature, text) in [("brand", other.trade_name), ("trade", other.industry)] {
            features.extend((!text.is_empty()).then(|| (feature, text.to_owned())));
        }
    }
    features.extend(organisation_name::branch_key(&parts).map(|branch| ("branch", branch.into_owned())));
    features.extend(organisation_name::branch_place(&parts).map(|place| ("branch_place", short(place).to_owned())));
    features.extend(organisation_name::tail(&key).map(|tail| ("tail", tail.to_owned())));
    features.extend(ordinal(&key).map(|ordinal| ("ordinal", ordinal)));
    let readings = reading::readings(&key);
    if !readings.is_empty() {
        features.push(("name_pinyin", readings));
    }
    features.push(("name", key));
}

/// What counts an organisation among those of its series: 2 of 云山二期投资有限公司, 16 of 第16中学, 甲 of 云山甲号合伙企业. Takes a comparison key.
fn ordinal(key: &str) -> Option<String> {
    let digits: String = key.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).collect::<Vec<_>>().join("-");
    if !digits.is_empty() {
        return Some(digits);
    }
    let mut pairs = key.chars().zip(key.chars().skip(1));
    let stem =
        pairs.find(|(stem, counted)| matches!(stem, '甲' | '乙' | '丙' | '丁') && matches!(counted, '号' | '期' | '组' | '队' | '店'));
    stem.map(|(stem, _)| stem.to_string())
}

/// The division of a name, or those that share its name: its code where it is known, in brackets when it stands after the trade name, since
/// that is often another legal person.
fn regions(parts: &OrganisationName<'_>) -> impl Iterator<Item = String> {
    let in_brackets = parts.has_division_in_brackets();
    let shown = move |words: &str| if in_brackets { format!("({words})") } else { words.to_owned() };
    let words = parts.division.trim_matches(['（', '）']);
    let unlisted = (!words.is_empty() && parts.division_codes().next().is_none()).then_some(words);
    unlisted.into_iter().map(shown).chain(parts.division_codes().map(move |code| shown(short(code))))
}

/// Without trailing zeros the code of a province is the beginning of its cities' codes.
fn short(code: &str) -> &str {
    if code.ends_with("0000") { &code[..2] } else { code.strip_suffix("00").unwrap_or(code) }
}

fn add_numbers(features: &mut Features, attributes: &Attributes) {
    let code: Option<CreditCode> = attributes.get("uscc").and_then(|code| code.parse().ok());
    if let Some(code) = &code {
        features.push(("uscc", code.as_str().to_owned()));
        features.extend(code.organisation_code().map(|inside| ("org_code", inside.as_str().to_owned())));
    }
    if code.and_then(|code| code.organisation_code()).is_none() {
        features.extend(attributes.get("organisation_code").map(|code| ("org_code", code.to_owned())));
    }
    if let Some(number) = attributes.get("registration_number") {
        // A check digit that does not fit makes a slip of it, which is evidence and no key.
        let is_faulty = matches!(number.parse::<RegistrationNumber>(), Err(Fault::Checksum));
        features.push((if is_faulty { "registration_raw" } else { "registration_number" }, number.to_owned()));
    }
    features.extend(attributes.get("lei").map(|number| ("lei", number.to_owned())));
}
