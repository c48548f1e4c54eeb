//! Legal persons: what identifies an organisation, what a record of one must hold, and what it shows to the matching
//! engine.

mod capital;
mod columns;
mod features;
mod parse;
mod search;

pub use capital::Capital;
pub use jiku_text::identifier::{CreditCode, Lei, OrganisationCode, PartyNumber, RegistrationClass, RegistrationNumber};

use jiku_model::{Attributes, Column, EntityKind, Features, Kind, ParseContext, ParsedRecord, RawRecord, RelatedParty, SearchToken, Tie};
use jiku_text::address::Address;
use jiku_text::organisation_name::{self, OrganisationRelation};
use jiku_text::{code_list, divisions};

/// The kind of entity that legal persons are (法人库): companies, institutions, associations, sole traders.
#[derive(Clone, Copy, Debug, Default)]
pub struct LegalPersons;

impl EntityKind for LegalPersons {
    fn kind(&self) -> Kind {
        Kind::LegalPerson
    }

    fn columns(&self) -> &'static [Column] {
        &columns::COLUMNS
    }

    fn parse(&self, raw: &RawRecord, context: &ParseContext) -> ParsedRecord {
        parse::parse(raw, context)
    }

    /// A renamed company is still looked for by the names it had. A slip that was put right is no change of name, and a key that was
    /// given to another company none either.
    fn remember(&self, before: &Attributes, now: &mut Attributes) {
        let same = |column| before.get(column).is_some() && before.get(column) == now.get(column);
        let identity = ["uscc", "organisation_code", "registration_number", "lei", "legal_representative_id", "established_on"];
        if now.get("former_name").is_some() || !identity.into_iter().any(same) {
            return;
        }
        let changed = |before: &&str| {
            let relation = now.get("name").map(|name| organisation_name::relate(before, name));
            relation.is_some_and(|relation| !relation.is_candidate() && relation != OrganisationRelation::DivisionInBrackets)
        };
        let earlier = before.get("former_name").into_iter().flat_map(|names| names.split(';'));
        let names: Vec<&str> = before.get("name").filter(changed).into_iter().chain(earlier).collect();
        if !names.is_empty() {
            now.set("former_name", names.join(";"));
        }
    }

    fn feature_groups(&self) -> Vec<Vec<&'static str>> {
        vec![
            // A name may have a code or a former name glued to it, one number stands in the column of another, a shop is called after its
            // keeper, and a public body (榜山村委会) after the place that its address or division tells.
            vec![
                "name",
                "former_name",
                "uscc",
                "organisation_code",
                "registration_number",
                "lei",
                "legal_representative",
                "phone",
                "division",
                "address",
            ],
            vec!["legal_representative_id"],
            vec!["registered_capital"],
            vec!["established_on"],
            vec!["status"],
        ]
    }

    fn features(&self, attributes: &Attributes) -> Features {
        features::features(attributes)
    }

    fn feature_names(&self) -> &'static [&'static str] {
        &features::NAMES
    }

    fn strong_identifier(&self, attributes: &Attributes) -> Option<String> {
        let code: CreditCode = attributes.get("uscc")?.parse().ok()?;
        code.is_strong().then(|| code.as_str().to_owned())
    }

    fn search_tokens(&self, attributes: &Attributes) -> Vec<SearchToken> {
        search::tokens(attributes)
    }

    fn ties(&self, attributes: &Attributes) -> Vec<Tie> {
        search::representative_number(attributes)
            .map(|number| Tie { feature: "representative_person", to: Kind::Person, number: ("number", number) })
            .into_iter()
            .collect()
    }

    fn code_name(&self, column: &str, value: &str) -> Option<(String, &'static str)> {
        let list = match column {
            "legal_form" => code_list::legal_forms(),
            "status" => code_list::organisation_statuses(),
            // A division of industries goes by the name of its section.
            "industry" => return code_list::industry_section(value).map(|code| (code.name_zh.to_owned(), code.name_en)),
            "division" => return Some((divisions::full_name(value), "")).filter(|(name, _)| !name.is_empty()),
            _ => return None,
        };
        list.find(value).map(|code| (code.name_zh.to_owned(), code.name_en))
    }

    fn search_query(&self, field: &str, text: &str) -> Vec<SearchToken> {
        search::query(field, text)
    }

    fn division_of_address(&self, golden: &Attributes) -> Option<&'static str> {
        Address::division_of(golden.get("address")?)
    }

    fn completes_address(&self, address: &str, other: &str) -> bool {
        Address::parse(address).completes(&Address::parse(other))
    }

    fn related_parties(&self, golden: &Attributes) -> Vec<RelatedParty> {
        let party = |role, number: Option<&str>, name: Option<&str>| {
            let some = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
            let number = some(number).map(|number| PartyNumber::read(&number).map_or(number, |party| party.number().to_owned()));
            let name = some(name);
            (number.is_some() || name.is_some()).then_some(RelatedParty { role, number, name })
        };
        let list = |column| golden.get(column).into_iter().flat_map(|list: &str| list.split(';'));
        let (mut names, mut numbers) = (list("shareholders"), list("shareholder_ids"));
        let shareholders = std::iter::from_fn(|| match (names.next(), numbers.next()) {
            (None, None) => None,
            (name, number) => Some(party("shareholder", number, name)),
        });
        let representative = party("legal_representative", golden.get("legal_representative_id"), golden.get("legal_representative"));
        let parent = party("branch_of", golden.get("parent_uscc"), golden.get("parent"));
        representative.into_iter().chain(shareholders.flatten()).chain(parent).collect()
    }

    fn default_model(&self) -> &'static str {
        include_str!("../model.toml")
    }

    fn default_survivorship(&self) -> &'static str {
        include_str!("../survivorship.toml")
    }
}
