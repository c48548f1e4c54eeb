//! Who is told of decisions, of trust in sources and of readings, and what does each of these leave behind?

use jiku_model::{DecisionId, EntityId, Kind, SourceSystem};
use jiku_registry::{
    Actor, DecisionFilter, EmergencyReach, Expected, Limits, NewEmergency, NewUser, Registry, RegistryError, Role, Sources, Unmerge, View,
};
use jiku_tests::stores::Database;
use uuid::Uuid;

use super::support::{actor, entity, find, open, person, take, verified};

jiku_tests::on_both_stores! {
    decisions_are_listed_to_who_reaches_all_and_told_singly_within_a_scope;
    trust_in_a_source_is_said_by_the_data_office_alone_and_is_written_down;
    an_auditor_of_one_city_is_told_of_nobody_elsewhere;
    who_looks_at_readings_is_in_them_too;
}

/// Somebody of this role who reaches these divisions; all when there are none.
fn someone(role: Role, divisions: &[&str]) -> Actor {
    let limits = Limits { divisions: divisions.iter().map(|&code| code.to_owned()).collect(), ..Limits::default() };
    Actor { principal: format!("{role}-{}", divisions.concat()), roles: vec![role], limits: limits.into(), unmask: false, ..actor() }
}

/// Two people of a city, merged and taken apart again by an actor; with one of the decisions.
fn decided(registry: &Registry, by: &Actor, division: &str) -> ([EntityId; 2], DecisionId) {
    let send = |key: &str, name: &str| {
        entity(&take(registry, person("gongan", &format!("{division}{key}"), &format!("name={name}|division={division}"))))
    };
    let pair = [send("1", "司马光远"), send("2", "欧阳慧敏")];
    let done = registry.merge(by, Kind::Person, &pair, None, &Expected::new(), false).expect("merged");
    let decision = done.decision.expect("a decision");
    registry.unmerge(by, Kind::Person, &Unmerge::Decision(decision), None, &Expected::new(), false).expect("taken apart");
    (pair, decision)
}

/// What the access log has of an actor, the oldest first: the act, and of whom.
fn traces(database: &Database, of: &Actor) -> Vec<(String, Option<EntityId>)> {
    let mut rows = database.store().read(|reader| reader.accesses(None, 1_000)).expect("the log");
    rows.reverse();
    rows.into_iter().filter(|row| row.principal == of.principal).map(|row| (row.action, row.entity)).collect()
}

fn decisions_are_listed_to_who_reaches_all_and_told_singly_within_a_scope(database: &Database) {
    let registry = open(database);
    let began = registry.now();
    let here = someone(Role::Steward, &["4401"]);
    let (pair, own) = decided(&registry, &here, "440106");
    let (_, other) = decided(&registry, &actor(), "440305");
    let all = DecisionFilter { limit: 10, ..DecisionFilter::default() };
    for role in [Role::Reader, Role::Verifier, Role::Source, Role::GisEditor, Role::Auditor, Role::SystemAdmin, Role::SecurityAdmin] {
        let nobody = someone(role, &[]);
        let refused = [
            registry.recent_decisions(&nobody, &all).map(drop),
            registry.decision(&nobody, own).map(drop),
            registry.decisions(&nobody, Kind::Person, pair[0]).map(drop),
            registry.decision_counts(&nobody, began).map(drop),
        ];
        assert!(refused.iter().all(|outcome| matches!(outcome, Err(RegistryError::Forbidden(_)))), "{role}: {refused:?}");
        assert_eq!(traces(database, &nobody), [], "{role}");
    }
    // A list is of everybody; what is out of scope is as absent as what never was.
    assert!(matches!(registry.recent_decisions(&here, &all), Err(RegistryError::Forbidden(_))));
    let absent = registry.decision(&here, DecisionId(Uuid::now_v7())).expect_err("never was");
    assert_eq!(format!("{:?}", registry.decision(&here, other).expect_err("elsewhere")), format!("{absent:?}"));
    let told = |actor: &Actor| {
        let mut counts = registry.decision_counts(actor, began).expect("counts");
        counts.sort_by(|a, b| (&a.actor, a.kind.as_str()).cmp(&(&b.actor, b.kind.as_str())));
        counts.into_iter().map(|count| (count.actor, count.kind.as_str(), count.count)).collect::<Vec<_>>()
    };
    let of = |actor: &Actor| [(actor.principal.clone(), "merge", 1), (actor.principal.clone(), "unmerge", 1)];
    assert_eq!(told(&here), of(&here), "their own alone");
    let office = someone(Role::DataOffice, &[]);
    assert_eq!(told(&office), [of(&here), of(&actor())].concat());
    assert_eq!(traces(database, &office), [], "numbers tell of nobody");
    assert_eq!(registry.recent_decisions(&office, &all).expect("all").items.len(), 4);
    assert_eq!(
        traces(database, &office),
        [("decisions".to_owned(), None)],
        "whom a list tells of is in no value, that it was looked at is"
    );
    registry.decision(&office, own).expect("one");
    let mut whom: Vec<_> =
        traces(database, &office).into_iter().filter_map(|(action, whom)| (action == "decisions").then_some(whom?)).collect();
    whom.sort_unstable();
    assert_eq!(whom, {
        let mut pair = pair;
        pair.sort_unstable();
        pair
    });
}

fn trust_in_a_source_is_said_by_the_data_office_alone_and_is_written_down(database: &Database) {
    let registry = open(database);
    let source =
        |code: &str, trust| SourceSystem { code: code.parse().expect("a code"), name: code.to_owned(), department: code.to_owned(), trust };
    let office = someone(Role::DataOffice, &[]);
    for (code, trust) in [("gongan", 90), ("weijian", 40)] {
        registry.put_source(&office, &source(code, trust)).expect("a source");
    }
    let born = |code: &str, group: &str| {
        let number = super::support::number("19800406", 11);
        person(code, "1", &format!("name=张伟强|id_type=111|id_number={number}|birth_date=1980-04-06|ethnic_group={group}"))
    };
    let id = entity(&take(&registry, born("gongan", "01")));
    assert_eq!(entity(&take(&registry, born("weijian", "11"))), id);
    let golden = || find(&registry, Kind::Person, id).values["ethnic_group"].value.clone();
    assert_eq!(golden(), "01");
    let position = registry.position();
    let acts = || registry.acts(&someone(Role::Auditor, &[]), 0, 100).expect("acts");
    let before = acts().len();
    let others = Role::ALL.into_iter().filter(|role| *role != Role::DataOffice).map(|role| someone(role, &[]));
    for nobody in others.chain([someone(Role::DataOffice, &["4401"])]) {
        let refused = registry.put_source(&nobody, &source("weijian", 95));
        assert!(matches!(refused, Err(RegistryError::Forbidden(_))), "{}: {refused:?}", nobody.principal);
    }
    assert_eq!((golden().as_str(), registry.position(), acts().len()), ("01", position, before), "what was refused left nothing");
    registry.put_source(&office, &source("weijian", 95)).expect("another trust");
    assert_eq!(golden(), "11");
    let act = acts().pop().expect("an act");
    assert_eq!((act.act.as_str(), act.actor.as_str(), act.about.as_str()), ("source-put", office.principal.as_str(), "weijian"));
    assert!(act.detail.contains("trust 95"), "{}", act.detail);
    let changes = registry.changes(&actor(), position, 100).expect("changes");
    assert!(changes.iter().any(|change| change.entity == Some(id) && change.actor == office.principal), "{changes:?}");
    // The same trust again composes nothing.
    let versions = registry.versions(&actor(), Kind::Person, id).expect("versions").len();
    registry.put_source(&office, &source("weijian", 95)).expect("the same");
    assert_eq!(registry.versions(&actor(), Kind::Person, id).expect("versions").len(), versions);
    verified(&registry);
}

fn an_auditor_of_one_city_is_told_of_nobody_elsewhere(database: &Database) {
    let registry = open(database);
    let send = |key: &str, division: &str| {
        entity(&take(&registry, person("gongan", key, &format!("name=测试{key}|birth_date=1980-04-06|division={division}"))))
    };
    let (inside, outside) = (send("甲", "440106"), send("乙", "440305"));
    let user = NewUser {
        name: "reader-".to_owned(),
        department: actor().department,
        roles: vec![Role::Reader],
        password: "a long password 1".to_owned(),
        staff_number: None,
        sources: Sources::default(),
    };
    registry.create_user(&actor(), &user).expect("a user");
    let doctor = Actor { limits: Limits { emergency: true, ..Limits::default() }.into(), ..someone(Role::Reader, &[]) };
    let begin = |reach| {
        registry
            .begin_emergency(&doctor, &NewEmergency { reason: "an accident on the road".to_owned(), reach, minutes: 5 })
            .expect("begun")
            .id
    };
    let person_of = EmergencyReach::Person;
    let division = |code: &str| EmergencyReach::Division(code.to_owned());
    let (near, far) = ([begin(person_of(inside)), begin(division("440106"))], [begin(person_of(outside)), begin(division("440305"))]);
    let (city, all) = (someone(Role::Auditor, &["4401"]), someone(Role::Auditor, &[]));
    let absent = EntityId(Uuid::now_v7());
    let words = |outcome: Result<(), RegistryError>| format!("{:?}", outcome.expect_err("not told"));
    let report = |whom| registry.person_report(&city, whom).map(drop);
    let list = |whom| registry.access_of(&city, Kind::Person, whom, 10).map(drop);
    assert_eq!((words(report(outside)), words(list(outside))), (words(report(absent)), words(list(absent))));
    assert_eq!(traces(database, &city), [], "who was not told of is in no trace of theirs");
    report(inside).expect("their own city");
    list(inside).expect("their own city");
    registry.person_report(&all, outside).expect("the whole province");
    let listed = |auditor: &Actor| {
        registry.emergencies(auditor, 10, None).expect("emergencies").items.into_iter().map(|item| item.id).collect::<Vec<_>>()
    };
    assert_eq!(listed(&city), [near[1], near[0]]);
    assert_eq!(listed(&all), [far[1], far[0], near[1], near[0]]);
    let review = |auditor: &Actor, id| registry.review_emergency(auditor, id, "it was needed").map(drop);
    let missing = words(review(&city, jiku_model::EmergencyId(Uuid::now_v7())));
    for id in far {
        assert_eq!(words(review(&city, id)), missing);
        review(&all, id).expect("the whole province");
    }
    near.into_iter().for_each(|id| review(&city, id).expect("their own city"));
    // Who moves away is the next city's.
    take(&registry, person("gongan", "甲", "name=测试甲|birth_date=1980-04-06|division=440305"));
    assert_eq!(words(report(inside)), words(report(absent)));
    assert_eq!(listed(&city), [near[1]]);
}

fn who_looks_at_readings_is_in_them_too(database: &Database) {
    let registry = open(database);
    let id = entity(&take(&registry, person("gongan", "1", "name=张伟|birth_date=1980-04-06")));
    registry.find(&someone(Role::Reader, &[]), Kind::Person, id, &View::default()).expect("found");
    let auditor = someone(Role::Auditor, &[]);
    let actions = |reads: Vec<jiku_registry::AccessView>| reads.into_iter().map(|read| read.action).collect::<Vec<_>>();
    assert_eq!(actions(registry.access_of(&auditor, Kind::Person, id, 10).expect("the list")), ["find"]);
    let report = registry.person_report(&auditor, id).expect("the report");
    assert_eq!(actions(report.reads.into_iter().map(|(_, read)| read).collect()), ["access-list", "find"]);
    let last = registry.access_of(&auditor, Kind::Person, id, 10).expect("the list");
    assert!(last[..2].iter().all(|read| read.principal == auditor.principal && read.fields == ["access"]), "{last:?}");
    assert_eq!(actions(last), ["person-report", "access-list", "find"]);
}
