//! Do quotas hold over all nodes and for whole departments, and is somebody told when they are used up?

use std::collections::BTreeSet;

use jiku_model::{EntityId, Kind};
use jiku_registry::{Actor, Limits, Options, Registry, RegistryError, Role, View};
use jiku_store::UsageRow;
use jiku_tests::stores::Database;

use super::limits::{caller, fill};
use super::support::{actor, open, person};

jiku_tests::on_both_stores! {
    a_quota_holds_over_all_nodes;
    what_another_node_counted_counts_and_whom_it_keeps_out_is_kept_out;
    a_quota_holds_for_who_asks_two_nodes_at_once;
    who_reads_three_times_the_usual_is_told_of_once;
    a_quota_that_is_used_up_is_told_of_once;
}

fn a_quota_holds_over_all_nodes(database: &Database) {
    let (one, other) = (open(database), open(database));
    let known = fill(&one);
    let people: Vec<EntityId> = known.iter().filter(|known| known.kind == Kind::Person).map(|known| known.id).collect();
    let (bank, _) = caller(&one, "bank", &Limits { daily_persons: Some(8), ..Limits::default() });
    let read = |node: &Registry, id: EntityId| node.find(&bank, Kind::Person, id, &View::default()).map(drop);
    for id in &people[..6] {
        read(&one, *id).expect("within the quota");
    }
    // What the first node counted is written with its traces and read by the other one.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while other.own_usage(&bank).persons < 6 {
        assert!(std::time::Instant::now() < deadline, "the other node learns of it: {:?}", other.own_usage(&bank));
        std::thread::sleep(std::time::Duration::from_millis(300));
        read(&one, people[0]).expect("the same person again");
    }
    people[..6].iter().for_each(|id| read(&other, *id).expect("whom the first node showed, the other may show as well"));
    assert_eq!(other.own_usage(&bank).persons, 6, "who is read through two nodes counts once");
    read(&other, people[6]).expect("the seventh");
    read(&other, people[7]).expect("the eighth");
    assert!(matches!(read(&other, people[8]), Err(RegistryError::Exhausted { code: "quota-exceeded", .. })));
    one.close();
    other.close();
    let again = open(database);
    assert_eq!(again.own_usage(&bank).persons, 8, "and once before and after a restart");
    people[..8].iter().for_each(|id| read(&again, *id).expect("who was seen may be seen again"));
    assert!(read(&again, people[9]).is_err(), "a restart forgets nothing");
}

fn what_another_node_counted_counts_and_whom_it_keeps_out_is_kept_out(database: &Database) {
    let (one, other) = (open(database), open(database));
    let person = fill(&one).into_iter().find(|known| known.kind == Kind::Person).expect("a person").id;
    let (bank, _) = caller(&one, "bank", &Limits { daily_requests: Some(1_000), ..Limits::default() });
    let patience = std::time::Duration::from_secs(60);
    let begun = std::time::Instant::now();
    while other.own_usage(&bank).requests < 3 {
        assert!(begun.elapsed() < patience, "the other node learns of it: {:?}", other.own_usage(&bank));
        one.find(&bank, Kind::Person, person, &View::default()).expect("within the quota");
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    // Nobody reads anything any more: what the other node learns it learns of the guessing alone.
    let guessed = |node: &Registry, step: u128| node.find(&bank, Kind::Person, EntityId(uuid::Uuid::from_u128(step)), &View::default());
    let is_kept_out = |answer| matches!(answer, Err(RegistryError::Exhausted { code: "enumeration-suspected", .. }));
    assert!((0..100).any(|step| is_kept_out(guessed(&one, step))), "guessing is stopped");
    let begun = std::time::Instant::now();
    while other.find(&bank, Kind::Person, person, &View::default()).is_ok() {
        assert!(begun.elapsed() < patience, "the other node keeps them out as well");
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    assert!(is_kept_out(other.find(&bank, Kind::Person, person, &View::default())));
}

fn a_quota_holds_for_who_asks_two_nodes_at_once(database: &Database) {
    let nodes = [open(database), open(database)];
    let people = (0..240).map(|at| person("gongan", &at.to_string(), &format!("name=测试{at}|birth_date=19{}-01-01", 30 + at % 60)));
    let ids: Vec<EntityId> = nodes[0].ingest(&actor(), people.collect()).expect("ingest").iter().filter_map(|row| row.entity).collect();
    let (bank, _) = caller(&nodes[0], "bank", &Limits { daily_persons: Some(60), ..Limits::default() });
    let shown = std::sync::Mutex::new(std::collections::BTreeSet::new());
    // One database file has one node; what there is beside it looks on.
    let asked: &[Registry] = if database.url().starts_with("postgres") { &nodes } else { &nodes[..1] };
    std::thread::scope(|scope| {
        for (part, node) in (0..4).map(|part| (part, &asked[part % asked.len()])) {
            let (ids, bank, shown) = (&ids, &bank, &shown);
            scope.spawn(move || {
                for id in ids.iter().skip(part).step_by(4) {
                    match node.find(bank, Kind::Person, *id, &View::default()) {
                        Ok(_) => drop(shown.lock().expect("no panic").insert(*id)),
                        Err(RegistryError::Exhausted { code: "quota-exceeded", .. }) => {}
                        Err(other) => panic!("{other:?}"),
                    }
                }
            });
        }
    });
    let shown = shown.into_inner().expect("no panic");
    // Answers that two nodes were about to give at once may both be refused.
    assert!((40..=60).contains(&shown.len()), "{} of 60", shown.len());
    shown.iter().for_each(|id| drop(asked[0].find(&bank, Kind::Person, *id, &View::default()).expect("who was seen may be seen again")));
}

fn who_reads_three_times_the_usual_is_told_of_once(database: &Database) {
    let one = open(database);
    let people = (0..130).map(|at| person("gongan", &at.to_string(), &format!("name=测试{at}|birth_date=19{}-01-01", 30 + at % 60)));
    let ids: Vec<EntityId> = one.ingest(&actor(), people.collect()).expect("ingest").iter().filter_map(|row| row.entity).collect();
    let today = (one.now().timestamp() + 8 * 3600).div_euclid(86_400);
    let usual = |principal: &str, days_ago: i64, persons: i64| UsageRow {
        day: today - days_ago,
        principal: principal.to_owned(),
        node: "before".to_owned(),
        department: "bank".to_owned(),
        requests: persons,
        entities: persons,
        persons,
        locked_until: None,
    };
    // On days with readings the clerk reads forty people, the office sixty; what is older than thirty days says nothing.
    let rows = [usual("clerk", 1, 30), usual("clerk", 2, 50), usual("office", 3, 60), usual("newcomer", 31, 500)];
    database.store().log_accesses(&[], &rows, &[]).expect("counts of former days");
    one.close();

    let (one, other) = (open(database), open(database));
    let reads = |node: &Registry, name: &str, few: &[EntityId]| {
        let reader = Actor { principal: name.to_owned(), department: "bank".to_owned(), purposes: Some(Vec::new().into()), ..actor() };
        let reader = Actor { roles: vec![Role::Reader], ..reader };
        few.iter().for_each(|id| drop(node.find(&reader, Kind::Person, *id, &View::default()).expect("within the quota")));
    };
    let alarmed = || {
        let alarms = one.alarms(&actor(), 0, 1_000).expect("alarms").into_iter().filter(|alarm| alarm.alarm == "reading-unusual");
        alarms.map(|alarm| (alarm.principal, alarm.about)).collect::<Vec<_>>()
    };
    reads(&one, "office", &ids[..125]);
    reads(&one, "clerk", &ids[..120]);
    reads(&one, "newcomer", &ids[..101]);
    let told_of = |expected: usize| {
        let begun = std::time::Instant::now();
        while alarmed().len() < expected {
            assert!(begun.elapsed() < std::time::Duration::from_secs(60), "{:?}", alarmed());
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    };
    told_of(1);
    reads(&one, "clerk", &ids[120..122]);
    told_of(2);
    reads(&one, "newcomer", &ids[101..110]);
    reads(&other, "clerk", &ids[122..124]);
    // Each node has looked again after this.
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    let told = alarmed();
    assert_eq!(told.iter().map(|(principal, _)| principal.as_str()).collect::<Vec<_>>(), ["newcomer", "clerk"], "{told:?}");
    assert!(told[0].1.ends_with(" people today, 0 on a usual day") && told[1].1.ends_with(" people today, 40 on a usual day"), "{told:?}");
}

fn a_quota_that_is_used_up_is_told_of_once(database: &Database) {
    let registry = || {
        let mut options = Options { looks_for_generic: false, ..Options::new(database.url()) };
        options.department_quotas.requests = Some(12);
        Registry::open(options).expect("the registry opens")
    };
    let one = registry();
    let person = fill(&one).into_iter().find(|known| known.kind == Kind::Person).expect("a person").id;
    let [own, of_all] = [("modest", Some(3)), ("busy", None)].map(|(name, daily_requests)| {
        let limits = Limits { daily_requests, ..Limits::default() };
        Actor { principal: name.to_owned(), department: "bank".to_owned(), ..caller(&one, "bank", &limits).0 }
    });
    let admitted =
        |node: &Registry, caller: &Actor| (0..20).filter(|_| node.find(caller, Kind::Person, person, &View::default()).is_ok()).count();
    assert_eq!((admitted(&one, &own), admitted(&one, &of_all)), (3, 9), "three of their own, and what is left of the department's twelve");
    let alarmed = |node: &Registry| {
        let alarms = node.alarms(&actor(), 0, 1_000).expect("alarms").into_iter().filter(|alarm| alarm.alarm == "quota-reached");
        alarms.map(|alarm| (alarm.principal, alarm.department, alarm.about)).collect::<BTreeSet<_>>()
    };
    let told = |principal: &str, about: &str| (principal.to_owned(), "bank".to_owned(), about.to_owned());
    let expected = BTreeSet::from([told("modest", "questions"), told("busy", "questions of the department")]);
    let begun = std::time::Instant::now();
    while alarmed(&one).len() < 2 {
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "{:?}", alarmed(&one));
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(alarmed(&one), expected);
    one.close();
    // Another node, or this one after a restart, refuses them too and tells nobody again.
    let again = registry();
    assert_eq!((admitted(&again, &own), admitted(&again, &of_all)), (0, 0), "a restart forgets nothing");
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    let all = again.alarms(&actor(), 0, 1_000).expect("alarms").into_iter().filter(|alarm| alarm.alarm == "quota-reached").count();
    assert_eq!((all, alarmed(&again)), (2, expected));
}
