//! Is who a company's representative is evidence for the company, and decided again when it changes?

use jiku_model::{EntityId, Kind};
use jiku_registry::{Expected, Incoming, Registry, Unmerge};
use jiku_tests::stores::Database;

use super::support::{actor, crosswalk, entity, find, key, number, open, person, record, take, verified};

jiku_tests::on_both_stores! {
    companies_of_one_representative_by_two_numbers_follow_what_is_known_of_that_person;
    what_is_known_when_a_company_arrives_counts_at_once;
    a_number_that_is_corrected_opens_what_leaned_on_it;
}

/// A person of the police by the first number, and one of the tax office by the second, whom nothing else joins.
fn two_numbers(registry: &Registry) -> [EntityId; 2] {
    let of = |sequence| number("19800406", sequence);
    let police = format!("name=张伟强|id_type=111|id_number={}|sex=1|birth_date=1980-04-06", of(11));
    let tax = format!("name=张伟强|id_type=111|id_number={}|sex=1", of(37));
    [person("gongan", "1", &police), person("shuiwu", "2", &tax)].map(|one| entity(&take(registry, one)))
}

fn company(source: &str, sequence: u32) -> Incoming {
    let representative = number("19800406", sequence);
    let fields = format!("name=广州明远电子科技有限公司|legal_representative=张伟强|legal_representative_id={representative}");
    record(Kind::LegalPerson, source, "c", &fields)
}

fn owners(registry: &Registry) -> [EntityId; 2] {
    ["market", "minzheng"].map(|source| crosswalk(registry, &key(Kind::LegalPerson, source, "c")))
}

fn merge(registry: &Registry, people: &[EntityId]) -> jiku_model::DecisionId {
    registry.merge(&actor(), Kind::Person, people, None, &Expected::new(), false).expect("merge").decision.expect("a decision")
}

fn companies_of_one_representative_by_two_numbers_follow_what_is_known_of_that_person(database: &Database) {
    let (registry, other_node) = (open(database), open(database));
    let people = two_numbers(&registry);
    assert_ne!(people[0], people[1]);
    let companies = [company("market", 11), company("minzheng", 37)].map(|one| entity(&take(&registry, one)));
    assert_ne!(companies[0], companies[1], "another number is another representative, as far as anybody knows");
    verified(&registry);

    let decision = merge(&registry, &people);
    let joined = owners(&registry);
    assert_eq!(joined[0], joined[1], "one person, so one company");
    let why = registry.explain(&actor(), Kind::LegalPerson, joined[0], joined[0], 1).expect("explain");
    let said = why[0].explanation.lines.iter().find(|line| line.comparison == "representative").expect("the representative counts");
    assert_eq!(said.level, "one person by another number");
    verified(&registry);
    verified(&open(database));
    verified(&other_node);
    assert_eq!(owners(&other_node), joined);

    registry.unmerge(&actor(), Kind::Person, &Unmerge::Decision(decision), None, &Expected::new(), false).expect("unmerge");
    assert_eq!(owners(&registry), companies, "what leaned on it is taken back");
    verified(&registry);
    verified(&other_node);
}

fn what_is_known_when_a_company_arrives_counts_at_once(database: &Database) {
    let registry = open(database);
    merge(&registry, &two_numbers(&registry));
    let companies = [company("market", 11), company("minzheng", 37)].map(|one| entity(&take(&registry, one)));
    assert_eq!(companies[0], companies[1]);
    verified(&registry);
    registry.rebuild(&actor()).expect("rebuild");
    assert_eq!(owners(&registry), companies);
    verified(&registry);
}

fn a_number_that_is_corrected_opens_what_leaned_on_it(database: &Database) {
    let registry = open(database);
    merge(&registry, &two_numbers(&registry));
    let companies = [company("market", 11), company("minzheng", 37)].map(|one| entity(&take(&registry, one)));
    assert_eq!(find(&registry, Kind::LegalPerson, companies[0]).member_count, 2);
    // The tax office had typed somebody else's number.
    let right = format!("name=张伟强|id_type=111|id_number={}|sex=1", number("19800406", 11));
    take(&registry, person("shuiwu", "2", &right));
    let apart = owners(&registry);
    assert_ne!(apart[0], apart[1], "nobody goes by the second number now");
    verified(&registry);
}
