//! What happens to records that come, change and go?

use std::collections::BTreeMap;

use jiku_model::{EntityId, Kind, SourceSystem};
use jiku_registry::{EntityState, Expected, Found, LinkDecision, Registry, RegistryError, RowStatus, SearchField, SearchQuery, View};
use jiku_tests::stores::Database;

use super::support::{
    actor, crosswalk, entity, find, incoming, key, li, number, open, person, province, record, take, verified, wang, zhang,
};

jiku_tests::on_both_stores! {
    a_province_goes_in_and_sending_it_again_changes_nothing;
    records_of_one_person_are_linked_and_others_are_not;
    a_changed_record_is_a_new_revision_and_is_matched_again;
    who_was_renamed_is_still_found_by_the_name_of_before;
    a_number_that_its_source_corrected_stands_against_all_copies_of_the_old_one;
    a_withdrawn_record_leaves_its_entity_and_stays_in_history;
    an_entity_without_records_is_retired_and_comes_back_with_them;
    a_rejected_row_stops_nothing_and_says_why;
    a_key_that_comes_twice_in_a_batch_keeps_both_revisions;
    a_number_is_not_a_person;
    what_was_acknowledged_is_there_after_a_new_start;
    another_trust_in_a_source_changes_the_golden_records;
    an_address_is_told_in_full_until_somebody_moves;
    what_ended_a_company_stands_against_copies_and_its_head_keeps_his_number;
}

fn a_province_goes_in_and_sending_it_again_changes_nothing(database: &Database) {
    let registry = open(database);
    let records: Vec<_> = province(1, 200, 30, 40).iter().map(incoming).collect();
    let outcomes = registry.ingest(&actor(), records.clone()).expect("ingest");
    assert!(outcomes.iter().all(|outcome| outcome.status == RowStatus::Created), "an invented province is accepted");
    let position = registry.position();
    let again = registry.ingest(&actor(), records).expect("ingest");
    assert!(again.iter().all(|outcome| outcome.status == RowStatus::Unchanged));
    assert_eq!(registry.position(), position, "nothing happened");
    for (first, second) in outcomes.iter().zip(&again) {
        assert_eq!((first.entity, first.revision), (second.entity, second.revision));
    }
    let stats = registry.stats().expect("stats");
    let people = stats.kinds.iter().find(|kind| kind.kind == Kind::Person).expect("people");
    assert!((195..=215).contains(&people.entities), "{people:?}: about as many as there are people");
    verified(&registry);
}

fn records_of_one_person_are_linked_and_others_are_not(database: &Database) {
    let registry = open(database);
    let first = take(&registry, zhang("gongan", "1"));
    assert_eq!((first.status, first.decision, first.revision), (RowStatus::Created, Some(LinkDecision::New), 1));
    let second = take(&registry, zhang("weijian", "a"));
    assert_eq!((second.decision, second.entity), (Some(LinkDecision::Linked), first.entity));
    let other = take(&registry, li("gongan", "2"));
    assert_ne!(other.entity, first.entity);
    let view = find(&registry, Kind::Person, entity(&first));
    assert_eq!((view.version, view.member_count, view.state), (2, 2, EntityState::Active));
    assert_eq!(view.values["name"].agreeing, 2);
    assert_eq!(crosswalk(&registry, &key(Kind::Person, "weijian", "a")), entity(&first));
    verified(&registry);
}

fn a_changed_record_is_a_new_revision_and_is_matched_again(database: &Database) {
    let registry = open(database);
    let both = entity(&take(&registry, zhang("gongan", "1")));
    take(&registry, zhang("weijian", "a"));
    let changed = take(&registry, li("weijian", "a"));
    assert_eq!((changed.status, changed.revision), (RowStatus::Revised, 2));
    assert_ne!(entity(&changed), both, "it speaks of somebody else now");
    assert_eq!(find(&registry, Kind::Person, both).member_count, 1);
    verified(&registry);
    let back = take(&registry, zhang("weijian", "a"));
    assert_eq!((back.revision, entity(&back)), (3, both));
    let views = registry.versions(&actor(), Kind::Person, both).expect("versions");
    assert_eq!(views.iter().map(|view| view.members.len()).collect::<Vec<_>>(), [2, 1, 2, 1]);
    verified(&registry);
}

fn who_was_renamed_is_still_found_by_the_name_of_before(database: &Database) {
    let registry = open(database);
    let company = |name: &str, phone: &str| {
        let said = format!("name={name}|uscc=91440106MA5A000131|legal_representative=陈志强|phone={phone}");
        record(Kind::LegalPerson, "scjg", "1", &said)
    };
    let id = entity(&take(&registry, company("广州腾云贸易有限公司", "020-38880001")));
    take(&registry, company("广州飞鸿科技有限公司", "020-38880001"));
    // Another look at the record does not forget it.
    take(&registry, company("广州飞鸿科技有限公司", "020-38880002"));
    let view = find(&registry, Kind::LegalPerson, id);
    assert_eq!(
        (view.values["name"].value.as_str(), view.values["former_name"].value.as_str()),
        ("广州飞鸿科技有限公司", "广州腾云贸易有限公司")
    );
    let late = record(Kind::LegalPerson, "shuiwu", "1", "name=广州腾云贸易有限公司|legal_representative=陈志强|phone=020-38880002");
    assert_eq!(entity(&take(&registry, late)), id, "a department that has the old name still");

    let (before, after) = ("name=王招弟|id_number=440106198206150023", "name=王雨桐|id_number=440106198206150023");
    let id = entity(&take(&registry, person("gongan", "1", before)));
    take(&registry, person("gongan", "1", after));
    assert_eq!(find(&registry, Kind::Person, id).values["former_name"].value, "王招弟");
    // A slip that was put right is no former name, and stands against a copy that still has it, however late it comes.
    let slip = "name=李晓静|birth_date=1980-02-03|phone=13800138009";
    let id = entity(&take(&registry, person("gongan", "2", slip)));
    take(&registry, person("gongan", "2", "name=李晓婧|birth_date=1980-02-03|phone=13800138009"));
    assert!(!find(&registry, Kind::Person, id).values.contains_key("former_name"));
    assert_eq!(entity(&take(&registry, person("weijian", "2", slip))), id);
    let view = find(&registry, Kind::Person, id);
    assert_eq!((view.values["name"].value.as_str(), view.values["former_spelling"].value.as_str()), ("李晓婧", "李晓静"));
    verified(&registry);
}

fn a_number_that_its_source_corrected_stands_against_all_copies_of_the_old_one(database: &Database) {
    let registry = open(database);
    let (old, new) = (number("19800406", 11), number("19911123", 15));
    let said = |source: &str, key: &str, number: &str, born: &str| {
        person(source, key, &format!("name=麦焕强|id_number={number}|birth_date={born}|phone=13800138009"))
    };
    let stale = |registry: &Registry, person: &str| {
        let sources = ["weijian", "shebao", "jiaoyu"];
        sources.map(|source| entity(&take(registry, said(source, person, &old, "1980-04-06"))))
    };
    let join = |registry: &Registry, ids: &[EntityId]| {
        registry.merge(&actor(), Kind::Person, ids, None, &Expected::new(), false).expect("a steward joins them");
        let view = find(registry, Kind::Person, ids[0]);
        let value = |column: &str| view.values.get(column).map(|value| (value.value.clone(), value.rule.to_string()));
        (view.member_count, value("id_number"), value("former_number"), value("birth_date"))
    };
    let corrected = |registry: &Registry| take(registry, said("gongan", "1", &new, "1991-11-23"));

    // The correction comes after the copies: the four are one, and the record that now tells another valid number is a question.
    let first = entity(&take(&registry, said("gongan", "1", &old, "1980-04-06")));
    assert_eq!(stale(&registry, "1"), [first; 3]);
    let revised = corrected(&registry);
    assert_eq!(revised.decision, Some(LinkDecision::Review), "two valid numbers are never joined unasked, and never parted unseen");
    assert_ne!(entity(&revised), first);
    let after = join(&registry, &[first, entity(&revised)]);
    let told = |value: &str, rule: &str| Some((value.to_owned(), rule.to_owned()));
    assert_eq!(after, (4, told(&new, "current"), told(&old, "only"), told("1991-11-23", "number")));
    verified(&registry);
    // Who sends the record again changes nothing, and another revision does not forget.
    take(&registry, person("gongan", "1", &format!("name=麦焕强|id_number={new}|birth_date=1991-11-23|phone=13800138008")));
    assert_eq!(find(&registry, Kind::Person, first).values["id_number"].value, new);

    // The copies come after the correction: the same golden record.
    let other = Database::sqlite();
    let registry = open(&other);
    take(&registry, said("gongan", "1", &old, "1980-04-06"));
    let alone = entity(&corrected(&registry));
    let fields = vec![SearchField { field: "number".to_owned(), text: old.clone() }];
    let found = registry.search(&actor(), Kind::Person, &SearchQuery { fields, limit: 9, cursor: None }).expect("search");
    assert_eq!(found.items.iter().map(|view| view.id).collect::<Vec<_>>(), [alone], "who looks for the old number finds its holder");
    let [copies, ..] = stale(&registry, "1");
    assert_ne!(alone, copies);
    assert_eq!(join(&registry, &[copies, alone]), after);
    verified(&registry);
}

fn a_withdrawn_record_leaves_its_entity_and_stays_in_history(database: &Database) {
    let registry = open(database);
    let id = entity(&take(&registry, zhang("gongan", "1")));
    take(&registry, zhang("weijian", "a"));
    let before = registry.now();
    let gone = registry.withdraw(&actor(), &key(Kind::Person, "weijian", "a")).expect("withdrawn");
    assert!(!gone.unchanged && gone.entity == id);
    assert!(registry.withdraw(&actor(), &key(Kind::Person, "weijian", "a")).expect("again").unchanged);
    assert_eq!(find(&registry, Kind::Person, id).member_count, 1);
    let Found::Record(then) = registry.find(&actor(), Kind::Person, id, &View { as_of: Some(before), ..View::default() }).expect("then")
    else {
        panic!("it answered then")
    };
    assert_eq!(then.member_count, 2);
    assert!(then.recorded_to.is_some());
    let record = registry.crosswalk(&actor(), &key(Kind::Person, "weijian", "a")).expect("still known");
    assert!(record.withdrawn && record.revision == 2);
    let missing = registry.withdraw(&actor(), &key(Kind::Person, "weijian", "b"));
    assert!(matches!(missing, Err(RegistryError::NotFound { .. })));
    verified(&registry);
}

fn an_entity_without_records_is_retired_and_comes_back_with_them(database: &Database) {
    let registry = open(database);
    let id = entity(&take(&registry, zhang("gongan", "1")));
    registry.withdraw(&actor(), &key(Kind::Person, "gongan", "1")).expect("withdrawn");
    assert!(matches!(registry.find(&actor(), Kind::Person, id, &View::default()), Ok(Found::Retired { .. })));
    verified(&registry);
    let back = take(&registry, zhang("gongan", "1"));
    assert_eq!(entity(&back), id, "the id is revived with its record");
    verified(&registry);
}

fn a_rejected_row_stops_nothing_and_says_why(database: &Database) {
    let registry = open(database);
    let outcomes = registry
        .ingest(&actor(), vec![person("gongan", "1", "sex=1"), zhang("gongan", "2"), person("gongan", "", "name=李四")])
        .expect("ingest");
    let statuses: Vec<_> = outcomes.iter().map(|outcome| outcome.status).collect();
    assert_eq!(statuses, [RowStatus::Rejected, RowStatus::Created, RowStatus::Rejected]);
    assert!(outcomes[0].problems.iter().all(|problem| !problem.advice.is_empty()));
    assert_eq!(outcomes[2].problems[0].code, "required");
    verified(&registry);
}

fn a_key_that_comes_twice_in_a_batch_keeps_both_revisions(database: &Database) {
    let registry = open(database);
    let outcomes = registry.ingest(&actor(), vec![zhang("gongan", "1"), wang("gongan", "1"), wang("gongan", "1")]).expect("ingest");
    let told: Vec<_> = outcomes.iter().map(|outcome| (outcome.status, outcome.revision)).collect();
    assert_eq!(told, [(RowStatus::Created, 1), (RowStatus::Revised, 2), (RowStatus::Unchanged, 2)]);
    assert_eq!(find(&registry, Kind::Person, entity(&outcomes[2])).values["name"].value, "王建国");
    verified(&registry);
}

/// Promise 10: one number, two names, birth dates and sexes.
fn a_number_is_not_a_person(database: &Database) {
    let registry = open(database);
    let one = take(&registry, zhang("gongan", "1"));
    let number = super::support::number("19800406", 11);
    let other = take(&registry, person("weijian", "a", &format!("name=陈丽华|id_type=111|id_number={number}|sex=2|birth_date=1995-11-30")));
    assert_ne!(one.entity, other.entity, "a number alone does not join");
    verified(&registry);
}

fn what_was_acknowledged_is_there_after_a_new_start(database: &Database) {
    let records: Vec<_> = province(7, 60, 10, 20).iter().map(incoming).collect();
    let held: BTreeMap<String, Option<EntityId>> = {
        let registry = open(database);
        let outcomes = registry.ingest(&actor(), records).expect("ingest");
        outcomes.iter().map(|outcome| (format!("{:?}", outcome.key), outcome.entity)).collect()
    };
    let registry = open(database);
    verified(&registry);
    for record in province(7, 60, 10, 20).iter().map(incoming) {
        let again = registry.crosswalk(&actor(), &record.key).expect("a known record");
        assert_eq!(held[&format!("{:?}", record.key)], Some(again.entity));
    }
    assert!(registry.ingest(&actor(), vec![zhang("gongan", "x")]).expect("ingest")[0].entity.is_some(), "and it goes on");
    verified(&registry);
}

fn another_trust_in_a_source_changes_the_golden_records(database: &Database) {
    let registry = open(database);
    let source =
        |code: &str, trust| SourceSystem { code: code.parse().expect("a code"), name: code.to_owned(), department: code.to_owned(), trust };
    registry.put_source(&actor(), &source("gongan", 90)).expect("source");
    registry.put_source(&actor(), &source("weijian", 40)).expect("source");
    let id = entity(&take(&registry, zhang("gongan", "1")));
    let mut other = zhang("weijian", "a");
    other.raw.insert("ethnic_group".to_owned(), "11".into());
    let mut one = zhang("gongan", "1");
    one.raw.insert("ethnic_group".to_owned(), "01".into());
    take(&registry, one);
    take(&registry, other);
    assert_eq!(find(&registry, Kind::Person, id).values["ethnic_group"].value, "01");
    registry.put_source(&actor(), &source("weijian", 95)).expect("source");
    assert_eq!(find(&registry, Kind::Person, id).values["ethnic_group"].value, "11");
    verified(&registry);
}

fn an_address_is_told_in_full_until_somebody_moves(database: &Database) {
    let registry = open(database);
    let number = number("19710405", 12);
    let lives = |source: &str, address: &str, since: &str| {
        person(source, source, &format!("name=冼国雄|id_number={number}|address={address}|valid_from={since}"))
    };
    let home = "广东省广州市天河区天河路385号1201室";
    let id = entity(&take(&registry, lives("gongan", "广州市天河区天河路385号1201室", "2019-01-01")));
    for (source, address, since) in [("weijian", "广州市", "2022-01-01"), ("renshe", "广州市天河区天河路385号", "2023-01-01")]
    {
        take(&registry, lives(source, address, since));
        let golden = find(&registry, Kind::Person, id).values;
        assert_eq!((golden["address"].value.as_str(), golden["address"].rule.as_ref()), (home, "completeness"), "{address}");
    }
    take(&registry, lives("minzheng", "深圳市南山区", "2024-01-01"));
    assert_eq!(find(&registry, Kind::Person, id).values["address"].value, "广东省深圳市南山区", "elsewhere is elsewhere");
    verified(&registry);
}

fn what_ended_a_company_stands_against_copies_and_its_head_keeps_his_number(database: &Database) {
    let registry = open(database);
    let number = number("19710405", 12);
    let company = |source: &str, fields: &str| {
        record(Kind::LegalPerson, source, source, &format!("name=广州云山科技有限公司|uscc=91440106MA5A000131|{fields}"))
    };
    let head = format!("legal_representative=冼国雄|legal_representative_id={number}|");
    let id = entity(&take(&registry, company("scjg", &format!("{head}status=吊销，未注销|valid_from=2019-01-01"))));
    take(&registry, company("shuiwu", "legal_representative=冼国雄|status=正常|valid_from=2024-01-01"));
    let told = |column: &str| {
        let golden = find(&registry, Kind::LegalPerson, id).values;
        (golden[column].value.clone(), golden[column].rule.to_string())
    };
    assert_eq!(told("status"), ("revoked".to_owned(), "final".to_owned()), "the tax office's 正常 is no licence");
    assert_eq!(
        told("legal_representative_id"),
        (number.clone(), "completeness".to_owned()),
        "a copy without his number names the same head"
    );
    // Who is bankrupt is wound up: what calls the company alive is a copy from before.
    let bankrupt = |source: &str, fields: &str| {
        record(Kind::LegalPerson, source, "bankrupt", &format!("name=广州青山贸易有限公司|uscc=91440106MA5A00021U|{fields}"))
    };
    let other = entity(&take(&registry, bankrupt("scjg", "status=破产|valid_from=2019-01-01")));
    take(&registry, bankrupt("shuiwu", "status=存续|valid_from=2024-01-01"));
    let status = find(&registry, Kind::LegalPerson, other).values["status"].clone();
    assert_eq!((status.value.as_str(), status.rule.as_ref()), ("liquidating", "final"));
    // Another office tells of the end, in words of its own; later copies undo neither.
    take(&registry, company("caigou", "status=因吸收合并注销|valid_from=2020-01-01"));
    take(&registry, company("shzz", "status=吊销|valid_from=2025-01-01"));
    assert_eq!(told("status"), ("deregistered".to_owned(), "final".to_owned()));
    // Who follows him does not get his number.
    take(&registry, company("shuiwu", "legal_representative=麦焕强|status=正常|valid_from=2026-01-01"));
    let golden = find(&registry, Kind::LegalPerson, id).values;
    assert_eq!((golden["legal_representative"].value.as_str(), golden.contains_key("legal_representative_id")), ("麦焕强", false));
    verified(&registry);
}
