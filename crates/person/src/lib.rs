//! People: what identifies a person, what a record of one must hold, and what it shows to the matching engine.

mod columns;
mod features;
mod identity;
mod parse;
mod search;

pub use identity::{IdentityNumber, IdentityReading};
pub use jiku_text::identifier::{CitizenKind, CitizenNumber, LegacyNumber, OldForeignerCard, Phone, TravelDocument, TravelKind};
pub use jiku_text::person_name::names_nobody;

use jiku_text::identifier::PartyNumber;

use jiku_model::{Attributes, Column, EntityKind, Features, Kind, ParseContext, ParsedRecord, RawRecord, RelatedParty, SearchToken};
use jiku_text::address::Address;
use jiku_text::dates::PartialDate;
use jiku_text::{code_list, divisions, person_name};

/// The kind of entity that people are (人口库).
#[derive(Clone, Copy, Debug, Default)]
pub struct People;

impl EntityKind for People {
    fn kind(&self) -> Kind {
        Kind::Person
    }

    fn columns(&self) -> &'static [Column] {
        &columns::COLUMNS
    }

    fn parse(&self, raw: &RawRecord, context: &ParseContext) -> ParsedRecord {
        parse::parse(raw, context)
    }

    /// Somebody who changed the name is still looked for by the old one. A slip that was put right is no change of name but a former spelling,
    /// and a key that was given to somebody else neither. A number that the source itself replaced is a former one.
    fn remember(&self, before: &Attributes, now: &mut Attributes) {
        remember_number(before, now);
        remember_spelling(before, now);
        let same = |column| before.get(column).is_some() && before.get(column) == now.get(column);
        if now.get("former_name").is_some() || !["id_number", "birth_date"].into_iter().any(same) {
            return;
        }
        let changed = |before: &&str| {
            let is_other = |name: &str| !person_name::is_hidden(name) && !person_name::relate(before, name).is_candidate();
            !person_name::is_hidden(before) && now.get("name").is_some_and(is_other)
        };
        let former = before.get("name").filter(changed).or_else(|| before.get("former_name"));
        if let Some(former) = former.map(str::to_owned) {
            now.set("former_name", former);
        }
    }

    fn feature_groups(&self) -> Vec<Vec<&'static str>> {
        vec![
            vec!["name"],
            vec!["former_name", "former_spelling"],
            vec!["id_type", "id_number", "birth_date", "sex", "spouse", "spouse_id", "guardian", "guardian_id"],
            vec!["former_number"],
            vec!["phone", "division", "address"],
            vec!["ethnic_group"],
            vec!["nationality"],
        ]
    }

    fn features(&self, attributes: &Attributes) -> Features {
        features::features(attributes)
    }

    fn feature_names(&self) -> &'static [&'static str] {
        &features::NAMES
    }

    fn strong_identifier(&self, attributes: &Attributes) -> Option<String> {
        match identity::of(attributes)?.value? {
            // A number that contradicts the birth date told beside it proves nothing against another number.
            IdentityNumber::Citizen(number) => {
                let told = identity::told_birth_date(attributes);
                // A first of January often stands for the year alone.
                let born = PartialDate::from(number.birth_date());
                let year_alone = |told: PartialDate| (told.month(), told.day()) == (Some(1), Some(1)) && told.year() == born.year();
                let agrees = told.is_none_or(|told| told.agrees_with(born) || year_alone(told));
                agrees.then(|| number.as_str().to_owned())
            }
            _ => None,
        }
    }

    fn search_tokens(&self, attributes: &Attributes) -> Vec<SearchToken> {
        search::tokens(attributes)
    }

    fn own_numbers(&self, attributes: &Attributes) -> Vec<SearchToken> {
        search::numbers(attributes)
    }

    fn code_name(&self, column: &str, value: &str) -> Option<(String, &'static str)> {
        let list = match column {
            "sex" => code_list::sexes(),
            "id_type" => code_list::document_types(),
            "ethnic_group" => code_list::ethnic_groups(),
            "nationality" => code_list::countries(),
            "status" => code_list::person_statuses(),
            "marital_status" => code_list::marital_statuses(),
            "division" => return Some((divisions::full_name(value), "")).filter(|(name, _)| !name.is_empty()),
            _ => return None,
        };
        list.find(value).map(|code| (code.name_zh.to_owned(), code.name_en))
    }

    fn search_query(&self, field: &str, text: &str) -> Vec<SearchToken> {
        search::query(field, text)
    }

    /// Birth date, sex and type of document, where the number that stands there tells others.
    fn told_by_number(&self, golden: &Attributes) -> Vec<(&'static str, String)> {
        let Some(number) = identity::of(golden).and_then(|reading| reading.value) else { return Vec::new() };
        let mut told = Vec::new();
        let said = identity::told_birth_date(golden);
        // A number that leaves the century open tells no birth date.
        let born = number.birth_date().map(PartialDate::from).filter(|_| number.other_century(said).is_none());
        if let Some(born) = born.filter(|born| said.is_none_or(|said| !said.agrees_with(*born))) {
            told.push(("birth_date", born.to_string()));
        }
        // Unknown and not stated (0, 9) stay what a department found fit to say.
        if let Some(sex) = number.sex().filter(|sex| golden.get("sex").is_none_or(|said| matches!(said, "1" | "2") && said != *sex)) {
            told.push(("sex", sex.to_owned()));
        }
        if let IdentityNumber::Document(document) = &number
            && let Some(its_type) = document.type_code()
            && matches!(golden.get("id_type"), Some("111" | "112" | "113" | "551" | "552" | "553"))
        {
            told.push(("id_type", its_type.to_owned()));
        }
        told
    }

    /// A birth date that is a slip or a swap of day and month away from the number's is a slip, and so is another of about the same age and the
    /// same sex. One that differs altogether, with the other sex or more than ten years away, is another person's: the number of a parent
    /// entered for a child.
    fn bears_foreign_number(&self, golden: &Attributes) -> bool {
        let number = identity::of(golden).and_then(|reading| reading.value);
        number.is_some_and(|number| number.is_anothers(identity::told_birth_date(golden), golden.get("sex")))
    }

    /// Who is single, widowed or divorced has no spouse.
    fn ruled_out(&self, golden: &Attributes) -> Vec<(&'static str, &'static str)> {
        match golden.get("marital_status") {
            Some("10" | "30" | "40") => vec![("spouse", "marital_status"), ("spouse_id", "marital_status")],
            _ => Vec::new(),
        }
    }

    fn division_of_address(&self, golden: &Attributes) -> Option<&'static str> {
        Address::division_of(golden.get("address")?)
    }

    fn completes_address(&self, address: &str, other: &str) -> bool {
        Address::parse(address).completes(&Address::parse(other))
    }

    fn related_parties(&self, golden: &Attributes) -> Vec<RelatedParty> {
        let party = |role: &'static str, number: &str, name: &str| {
            let number =
                golden.get(number).map(|number| PartyNumber::read(number).map_or(number.to_owned(), |party| party.number().to_owned()));
            let name = golden.get(name).map(str::to_owned);
            (number.is_some() || name.is_some()).then_some(RelatedParty { role, number, name })
        };
        [party("spouse", "spouse_id", "spouse"), party("guardian", "guardian_id", "guardian")].into_iter().flatten().collect()
    }

    fn default_model(&self) -> &'static str {
        include_str!("../model.toml")
    }

    fn default_survivorship(&self) -> &'static str {
        include_str!("../survivorship.toml")
    }
}

/// Puts the name of before among the former spellings when the record of one person tells another of which it is a slip, and keeps those it told
/// already.
fn remember_spelling(before: &Attributes, now: &mut Attributes) {
    let name = |said: &Attributes| said.get("name").filter(|name| !person_name::is_hidden(name)).map(str::to_owned);
    let differs = |column| before.get(column).zip(now.get(column)).is_some_and(|(before, now)| before != now);
    let (Some(was), Some(is)) = (name(before), name(now)) else { return };
    if now.get("former_spelling").is_some() || ["id_number", "birth_date"].into_iter().all(differs) {
        return;
    }
    let relation = person_name::relate(&was, &is);
    let slip = (relation.is_candidate() && was != is).then_some(was.as_str());
    let earlier = before.get("former_spelling").filter(|_| relation.is_candidate()).into_iter().flat_map(|names| names.split(';'));
    let mut spellings: Vec<&str> = slip.into_iter().chain(earlier).collect();
    spellings.retain(|spelling| *spelling != is);
    if !spellings.is_empty() {
        now.set("former_spelling", spellings.join(";"));
    }
}

/// Puts the number of before among the former ones when the record of one person tells another of the same document, and keeps those it
/// told already. A number with a fault was no number, and a passport beside an identity card replaces nothing.
fn remember_number(before: &Attributes, now: &mut Attributes) {
    let name = |said: &Attributes| said.get("name").filter(|name| !person_name::is_hidden(name)).map(str::to_owned);
    let is_one_person = name(before).zip(name(now)).is_some_and(|(before, now)| person_name::relate(&before, &now).is_candidate());
    if now.get("former_number").is_some() || !is_one_person {
        return;
    }
    let number = |said: &Attributes| identity::of(said).and_then(|reading| reading.value);
    let own = number(now);
    let replaced = number(before).filter(|before| own.as_ref().is_some_and(|own| own.replaces(before)));
    let earlier = before.get("former_number").into_iter().flat_map(|numbers| numbers.split(';'));
    let mut numbers: Vec<&str> = replaced.as_ref().map(IdentityNumber::as_str).into_iter().chain(earlier).collect();
    numbers.retain(|former| own.as_ref().is_none_or(|own| own.as_str() != *former));
    if !numbers.is_empty() {
        now.set("former_number", numbers.join(";"));
    }
}
