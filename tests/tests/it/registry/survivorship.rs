//! Do other survivorship rules come into use as an act that is told, kept and taken back, and does every golden record follow?

use std::time::{Duration, Instant};

use jiku_model::{EntityId, Kind, Timestamp};
use jiku_registry::{Actor, Expected, Found, Include, Registry, RegistryError, Role, RulesChange, RulesOutcome, Unmerge, View};
use jiku_tests::stores::Database;

use super::support::{actor, entity, find, incoming, number, open, person, province, take, verified};

jiku_tests::on_both_stores! {
    a_rule_lets_another_source_win_and_what_was_said_before_stays;
    what_a_preview_tells_is_what_comes_of_it;
    a_value_set_by_hand_outlives_the_rules;
    whoever_stops_in_the_middle_goes_on_at_the_next_start;
    a_rebuild_composes_by_the_rules_in_use;
    another_node_composes_by_the_rules_in_use;
    every_slip_of_a_file_is_named_and_nothing_is_changed;
    rules_come_into_use_only_where_and_for_whom_they_may;
}

/// How long golden records may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(120);

/// The rules of people as they come with the service, with another rule for the telephone.
fn rules(registry: &Registry, phone: &str) -> RulesChange {
    let toml = registry.survivorship(&actor(), Kind::Person, Some(1)).expect("the first version").toml;
    let (before, rest) = toml.split_once("columns = [\"phone\"]\n").expect("a rule for the telephone");
    let after = rest.split_once('\n').expect("its order").1;
    RulesChange::File(format!("{before}columns = [\"phone\"]\n{phone}\n{after}"))
}

/// Trusts the health office for telephones, and hardly the police.
const HEALTH: &str = "order = [\"trust\", \"recency\"]\ntrust = { weijian = 95, gongan = 5 }";

fn put(registry: &Registry, change: &RulesChange) -> RulesOutcome {
    let outcome = registry.apply_survivorship(&actor(), Kind::Person, change, None, Some("why not")).expect("they come into use");
    follow(registry);
    outcome
}

/// Waits until every golden record follows the rules in use.
#[track_caller]
fn follow(registry: &Registry) {
    let until = Instant::now() + PATIENCE;
    while registry.survivorship(&actor(), Kind::Person, None).expect("the rules").composing.is_some() {
        assert!(Instant::now() < until, "golden records are still being composed");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A person of two records that agree but for the telephone, which the police told later.
fn two_telephones(registry: &Registry, at: u32) -> EntityId {
    let fields = format!("name=张伟|id_type=111|id_number={}|sex=1|birth_date=1980-01-02", number("19800102", at * 2 + 1));
    take(registry, person("weijian", &at.to_string(), &format!("{fields}|phone=13800000001")));
    entity(&take(registry, person("gongan", &at.to_string(), &format!("{fields}|phone=13900000002"))))
}

/// The telephone, the source it is from, and the rule that chose it.
fn phone(registry: &Registry, id: EntityId) -> (String, String, String) {
    let value = find(registry, Kind::Person, id).values.remove("phone").expect("a telephone");
    (value.value, value.source.map_or_else(String::new, |key| key.source.to_string()), value.rule.into_owned())
}

fn said(value: &str, source: &str, rule: &str) -> (String, String, String) {
    (value.to_owned(), source.to_owned(), rule.to_owned())
}

fn events(registry: &Registry, after: i64) -> Vec<(String, Option<EntityId>, String)> {
    let changes = registry.changes(&actor(), after, 1_000).expect("the feed");
    changes.into_iter().map(|change| (change.event, change.entity, change.actor)).collect()
}

fn phone_as_of(registry: &Registry, id: EntityId, at: Timestamp) -> String {
    match registry.find(&actor(), Kind::Person, id, &View { as_of: Some(at), include: Include::ALL }).expect("find") {
        Found::Record(view) => view.values["phone"].value.clone(),
        other => panic!("{other:?}"),
    }
}

fn a_rule_lets_another_source_win_and_what_was_said_before_stays(database: &Database) {
    let registry = open(database);
    let (id, position) = (two_telephones(&registry, 1), registry.position());
    let before = find(&registry, Kind::Person, id);
    let last = said("13900000002", "gongan", "recency");
    assert_eq!(phone(&registry, id), last);

    let outcome = put(&registry, &rules(&registry, HEALTH));
    assert_eq!((outcome.version, outcome.to_compose, outcome.warnings.len()), (2, 1, 0));
    assert_eq!(phone(&registry, id), said("13800000001", "weijian", "trust"));
    let after = find(&registry, Kind::Person, id);
    assert_eq!(after.version, before.version + 1);
    assert_eq!(phone_as_of(&registry, id, before.recorded_from), "13900000002", "the past stays what it was");
    let told = |event: &str, entity: Option<EntityId>| (event.to_owned(), entity, "tester".to_owned());
    assert_eq!(events(&registry, position), [told("rules-changed", None), told("updated", Some(id))], "rules are of nobody in particular");
    let decision = outcome.decision.expect("an act in the ledger");
    let decision = registry.decision(&actor(), decision).expect("a decision");
    assert_eq!((decision.kind.as_str(), decision.actor.as_str(), decision.comment.as_deref()), ("survivorship", "tester", Some("why not")));
    assert_eq!((decision.is_undoable(), decision.former_version), (false, Some(1)));
    let undo = Unmerge::Decision(decision.id);
    let refused = registry.unmerge(&actor(), Kind::Person, &undo, None, &Expected::new(), true).expect_err("it is taken back otherwise");
    assert!(refused.to_string().ends_with("to go back to the survivorship rules of before, put version 1 into use again"), "{refused}");
    verified(&registry);

    // Exactly the rules in use change nothing.
    let (again, position) = (put(&registry, &rules(&registry, HEALTH)), registry.position());
    assert_eq!((again.version, again.decision, again.position), (2, None, position));

    // Back to the former version: as a new one.
    assert_eq!(put(&registry, &RulesChange::Version(1)).version, 3);
    assert_eq!(phone(&registry, id), last);
    assert_eq!(phone_as_of(&registry, id, after.recorded_from), "13800000001");
    verified(&registry);
    let view = registry.survivorship(&actor(), Kind::Person, None).expect("the rules");
    let told: Vec<_> =
        view.versions.iter().map(|version| (version.version, version.active, version.changed, version.actor.as_str())).collect();
    assert_eq!(told, [(3, true, 1, "tester"), (2, false, 1, "tester"), (1, false, 0, "jiku")]);
    assert_eq!(view.version.digest, view.versions[2].digest, "the same file");
    assert_ne!(view.version.digest, view.versions[1].digest);
    drop(registry);
    verified(&open(database));
}

fn what_a_preview_tells_is_what_comes_of_it(database: &Database) {
    let registry = open(database);
    registry.ingest(&actor(), province(3, 150, 0, 0).iter().map(incoming).collect()).expect("ingest");
    let (id, position) = (two_telephones(&registry, 1), registry.position());
    let change = rules(&registry, HEALTH);
    let preview = registry.preview_survivorship(&actor(), Kind::Person, &change).expect("a preview");
    assert_eq!(registry.position(), position, "nothing was written");
    let of_phone = preview.attributes.iter().find(|change| change.column == "phone").expect("telephones change");
    assert!(of_phone.values > 0 && preview.attributes.len() == 1, "{preview:?}");
    let example = preview.examples.iter().find(|example| example.entity == id);
    assert!(example.is_some() || preview.examples.len() == 3, "a few are shown");
    let outcome = put(&registry, &change);
    assert_eq!((outcome.digest, outcome.to_compose), (preview.digest, preview.looked_at));
    let view = registry.survivorship(&actor(), Kind::Person, None).expect("the rules");
    assert_eq!(view.version.changed, preview.changed);
    let updated = events(&registry, position).into_iter().filter(|(event, ..)| event == "updated").count();
    assert_eq!(updated as u64, preview.changed, "the feed tells each");
    let none = registry.preview_survivorship(&actor(), Kind::Person, &change).expect("a preview");
    assert_eq!((none.changed, none.examples.len()), (0, 0), "they are in use");
    verified(&registry);
}

fn a_value_set_by_hand_outlives_the_rules(database: &Database) {
    let registry = open(database);
    let id = two_telephones(&registry, 1);
    registry.override_value(&actor(), Kind::Person, id, "phone", "13700000003", "he said so", &Expected::new(), false).expect("set");
    put(&registry, &rules(&registry, HEALTH));
    assert_eq!(phone(&registry, id), said("13700000003", "", "override"));
    verified(&registry);
    registry.release_override(&actor(), Kind::Person, id, "phone", "he moved", &Expected::new(), false).expect("released");
    assert_eq!(phone(&registry, id), said("13800000001", "weijian", "trust"), "released, it is chosen by the rules in use");
    verified(&registry);
}

fn whoever_stops_in_the_middle_goes_on_at_the_next_start(database: &Database) {
    let registry = open(database);
    registry.ingest(&actor(), province(3, 900, 0, 0).iter().map(incoming).collect()).expect("ingest");
    let id = two_telephones(&registry, 1);
    let change = rules(&registry, HEALTH);
    let preview = registry.preview_survivorship(&actor(), Kind::Person, &change).expect("a preview");
    let position = registry.position();
    let outcome = registry.apply_survivorship(&actor(), Kind::Person, &change, None, None).expect("in use");
    assert!(outcome.to_compose > 500, "more than a portion: {}", outcome.to_compose);
    // It ends between two portions, as it does where it is killed: none is half done.
    drop(registry);
    let registry = open(database);
    verified(&registry);
    follow(&registry);
    assert_eq!(phone(&registry, id), said("13800000001", "weijian", "trust"));
    let view = registry.survivorship(&actor(), Kind::Person, None).expect("the rules");
    assert_eq!((view.in_use, view.version.changed), (2, preview.changed), "each once");
    let updated = events(&registry, position).into_iter().filter(|(event, ..)| event == "updated").count();
    assert_eq!(updated as u64, preview.changed, "and told once");
    verified(&registry);
}

fn a_rebuild_composes_by_the_rules_in_use(database: &Database) {
    let registry = open(database);
    registry.ingest(&actor(), province(3, 60, 0, 0).iter().map(incoming).collect()).expect("ingest");
    let id = two_telephones(&registry, 1);
    registry.apply_survivorship(&actor(), Kind::Person, &rules(&registry, HEALTH), None, None).expect("in use");
    registry.rebuild(&actor()).expect("rebuilt");
    assert_eq!(phone(&registry, id), said("13800000001", "weijian", "trust"));
    assert_eq!(registry.survivorship(&actor(), Kind::Person, None).expect("the rules").composing, None);
    verified(&registry);
}

fn another_node_composes_by_the_rules_in_use(database: &Database) {
    let (one, other) = (open(database), open(database));
    let id = two_telephones(&one, 1);
    one.apply_survivorship(&actor(), Kind::Person, &rules(&one, HEALTH), None, None).expect("in use");
    // At once, before anybody told it: whoever writes catches up first.
    let second = two_telephones(&other, 2);
    let health = said("13800000001", "weijian", "trust");
    assert_eq!(phone(&other, second), health);
    follow(&other);
    assert_eq!((phone(&other, id), phone(&one, id)), (health.clone(), health.clone()));
    // Rules that come into use while earlier ones are not yet followed by all take their place.
    other.apply_survivorship(&actor(), Kind::Person, &RulesChange::Version(1), None, None).expect("in use");
    put(&one, &rules(&one, HEALTH));
    assert_eq!((phone(&other, id), phone(&one, second)), (health.clone(), health));
    for node in [&one, &other] {
        assert_eq!(node.survivorship(&actor(), Kind::Person, None).expect("the rules").in_use, 4);
        verified(node);
    }
}

fn every_slip_of_a_file_is_named_and_nothing_is_changed(database: &Database) {
    let registry = open(database);
    two_telephones(&registry, 1);
    let position = registry.position();
    let toml =
        "name = \"person\"\nversion = 1\n[default]\nordr = [\"trust\"]\n[[attribute]]\ncolumns = [\"adress\"]\norder = [\"trsut\"]\n";
    for refused in [
        registry.preview_survivorship(&actor(), Kind::Person, &RulesChange::File(toml.to_owned())).map(drop),
        registry.apply_survivorship(&actor(), Kind::Person, &RulesChange::File(toml.to_owned()), None, None).map(drop),
    ] {
        let Err(RegistryError::Invalid(problems)) = refused else { panic!("{refused:?}") };
        let told: Vec<_> = problems.iter().map(|problem| (problem.code.as_ref(), problem.advice.as_ref())).collect();
        assert_eq!(
            told,
            [
                ("survivorship-invalid", "line 4: there is no key \"ordr\" here; did you mean \"order\"?"),
                ("survivorship-invalid", "line 6: there is no attribute \"adress\"; did you mean \"address\"?"),
                ("survivorship-invalid", "line 7: there is no rule \"trsut\"; did you mean \"trust\"?"),
            ]
        );
    }
    // A value that nobody has would bring the dead back, and half an address comes from another record.
    let own = registry.survivorship(&actor(), Kind::Person, None).expect("the rules").toml;
    let told = |from: &str, to: &str| {
        assert!(own.contains(from), "{from}");
        let change = RulesChange::File(own.replace(from, to));
        registry.preview_survivorship(&actor(), Kind::Person, &change).map(|preview| preview.warnings)
    };
    for (to, expected) in [
        ("final = [\"decesed\"]", "\"status\" is never \"decesed\": "),
        ("final = [\"死亡\"]", "\"status\" is never \"死亡\" in a golden record: write \"deceased\""),
    ] {
        let Err(RegistryError::Invalid(problems)) = told("final = [\"deceased\"]", to) else { panic!("{to} is refused") };
        let [problem] = problems.as_slice() else { panic!("{problems:?}") };
        assert!(problem.advice.starts_with("line ") && problem.advice.contains(expected), "{problem:?}");
    }
    assert!(matches!(told("[\"moved-away\"]", "[\"moved-awy\"]"), Err(RegistryError::Invalid(_))));
    let warnings = told("columns = [\"address\", \"division\"]", "columns = [\"address\"]").expect("a warning is no refusal");
    let [warning] = warnings.as_slice() else { panic!("{warnings:?}") };
    assert!(warning.message.starts_with("\"address\" and \"division\" are chosen apart"), "{warning:?}");
    assert_eq!(registry.position(), position);
    for kind in Kind::ALL {
        let own = registry.survivorship(&actor(), kind, None).expect("the rules").toml;
        registry.preview_survivorship(&actor(), kind, &RulesChange::File(own)).expect("the rules that come with the service pass");
    }
    let slip = rules(&registry, "order = [\"trust\"]\ntrust = { wejian = 95 }");
    let preview = registry.preview_survivorship(&actor(), Kind::Person, &slip).expect("a source may come yet");
    let [warning] = preview.warnings.as_slice() else { panic!("{preview:?}") };
    assert!(warning.line > 10 && warning.message.ends_with("\"wejian\"; did you mean \"weijian\"?"), "{warning:?}");
    assert_eq!(put(&registry, &slip).warnings, preview.warnings);
    assert_eq!(registry.survivorship(&actor(), Kind::Person, None).expect("the rules").warnings, preview.warnings);
}

fn rules_come_into_use_only_where_and_for_whom_they_may(database: &Database) {
    let registry = open(database);
    let change = rules(&registry, HEALTH);
    let stale = registry.apply_survivorship(&actor(), Kind::Person, &change, Some(2), None);
    assert!(matches!(stale, Err(RegistryError::Conflict { code: "survivorship-stale", .. })), "{stale:?}");
    let missing = registry.apply_survivorship(&actor(), Kind::Person, &RulesChange::Version(7), None, None);
    assert!(matches!(missing, Err(RegistryError::NotFound { .. })), "{missing:?}");
    assert!(matches!(registry.survivorship(&actor(), Kind::Person, Some(7)), Err(RegistryError::NotFound { .. })));
    for role in [Role::Steward, Role::Reader, Role::SystemAdmin] {
        let someone = Actor { roles: vec![role], ..actor() };
        let refused = registry.apply_survivorship(&someone, Kind::Person, &change, None, None);
        assert!(matches!(refused, Err(RegistryError::Forbidden(_))), "{role}: {refused:?}");
        assert_eq!(registry.survivorship(&someone, Kind::Person, None).is_ok(), role == Role::Steward, "{role}");
    }
    let office = Actor { roles: vec![Role::DataOffice], ..actor() };
    let outcome = registry.apply_survivorship(&office, Kind::Person, &change, Some(1), None).expect("the data office may");
    assert_eq!((outcome.version, outcome.to_compose), (2, 0));
    assert_eq!(events(&registry, 0).last().map(|(event, ..)| event.as_str()), Some("rules-changed"), "told where there is nobody yet");
    assert_eq!(registry.survivorship(&office, Kind::Person, None).expect("the rules").composing, None, "there is nobody yet");
    verified(&registry);
}
