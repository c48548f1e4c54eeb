//! Does everything of a kind leave only as far as somebody let it?

use jiku_model::{EntityId, Kind};
use jiku_registry::{Actor, Expected, ExportState, Include, NewExport, NewUser, Registry, RegistryError, Role, Sources, Watermark};
use jiku_store::{ExportRow, UsageRow};
use jiku_tests::stores::Database;

use super::support::{actor, entity, li, number, open, person, record, take, zhang};

jiku_tests::on_both_stores! {
    people_beyond_a_days_quota_are_exported_only_by_a_request;
    personal_values_leave_in_full_only_through_two_pairs_of_hands;
    whoever_was_in_a_file_has_it_in_their_own_report;
    nobody_is_told_of_whose_reading_cannot_be_written_down;
    what_a_decision_or_the_feed_tells_of_somebody_is_in_their_report;
}

fn people_beyond_a_days_quota_are_exported_only_by_a_request(database: &Database) {
    let store = database.store();
    // The quota's day begins at midnight in China, which may come meanwhile.
    let today = (chrono::Utc::now() + chrono::TimeDelta::hours(8)).timestamp().div_euclid(86_400);
    let persons = 399_998;
    // So many on the day before as well: whoever read what they usually read is no alarm, whenever it is looked for. A node that opens knows that.
    let exported = (today - 1..=today + 1).map(|day| {
        let (node, department) = ("earlier".to_owned(), actor().department);
        UsageRow { day, principal: actor().principal, node, department, requests: 1, entities: persons, persons, locked_until: None }
    });
    store.log_accesses(&[], &Vec::from_iter(exported), &[]).expect("counted");
    let registry = open(database);
    for (key, name) in [("1", "张伟"), ("2", "李娜"), ("3", "王芳")] {
        take(&registry, person("gongan", key, &format!("name={name}")));
    }
    let traces = || {
        (store.read(|reader| reader.accesses(None, 100)).expect("the log").len(), registry.alarms(&actor(), 0, 100).expect("alarms").len())
    };
    let before = traces();
    let refused = registry.begin_export(&actor(), Kind::Person);
    assert!(matches!(refused, Err(RegistryError::Exhausted { code: "quota-exceeded", .. })), "{refused:?}");
    assert_eq!(traces(), before, "what did not begin is no export");
    assert!(registry.begin_export(&actor(), Kind::LegalPerson).is_ok(), "companies are not people");
    let other = Actor { principal: "another".to_owned(), ..actor() };
    assert!(registry.begin_export(&other, Kind::Person).is_ok(), "each has a quota of their own");

    let (office, security) = (staff(&registry, "office", Role::DataOffice, "1"), staff(&registry, "security", Role::SecurityAdmin, "2"));
    let request = registry.ask_for_export(&office, &wish(3)).expect("asked");
    registry.approve_export(&security, request.id, None).expect("approved");
    let mark = registry.take_export(&actor(), request.id).expect("beyond the quota");
    let told = registry.alarms(&actor(), 0, 100).expect("alarms").pop().expect("an alarm");
    assert_eq!((told.alarm.as_str(), told.principal.as_str()), ("exported", "tester"));
    assert!(told.about.contains(&mark.id.to_string()) && told.about.contains(&request.id.to_string()), "{}", told.about);
    let logged = store.read(|reader| reader.accesses(None, 1)).expect("the log").pop().expect("an entry");
    assert_eq!((logged.action.as_str(), logged.request_id), ("export", Some(mark.id.to_string())));
    assert!(registry.export(&other, &mark, Include::default(), &mut |_| true).is_err(), "another's export is nobody else's");
}

/// An account that is one human by its number.
fn staff(registry: &Registry, name: &str, role: Role, number: &str) -> Actor {
    let (name, department, password) = (name.to_owned(), "省数据局".to_owned(), "correct horse battery".to_owned());
    let staff_number = Some(number.to_owned());
    let new =
        NewUser { name: name.clone(), department: department.clone(), roles: vec![role], password, staff_number, sources: Sources::Any };
    registry.create_user(&actor(), &new).expect("a user");
    Actor { principal: name, department, roles: vec![role], purpose: Some("public-service".to_owned()), unmask: false, ..actor() }
}

/// Personal values of at most so many people in full.
fn wish(most_rows: u64) -> NewExport {
    NewExport { kind: Kind::Person, in_full: true, most_rows, hours: 1, reason: "census of the province".to_owned() }
}

fn personal_values_leave_in_full_only_through_two_pairs_of_hands(database: &Database) {
    let registry = open(database);
    take(&registry, person("gongan", "1", "name=张伟"));
    take(&registry, person("gongan", "2", "name=李娜"));
    let (office, security) = (staff(&registry, "office", Role::DataOffice, "1"), staff(&registry, "security", Role::SecurityAdmin, "2"));
    let same_human = staff(&registry, "office-too", Role::SecurityAdmin, "1");
    let names = |mark: &Watermark| {
        let mut names = Vec::new();
        registry
            .export(&actor(), mark, Include::default(), &mut |view| {
                names.push(view.values["name"].value.clone());
                true
            })
            .expect("an export");
        names.sort();
        names
    };
    let masked = registry.begin_export(&actor(), Kind::Person).expect("masked");
    assert_eq!((masked.in_full, names(&masked)), (false, vec!["张*".to_owned(), "李*".to_owned()]), "without a request");

    let code_of = |outcome: Result<Watermark, RegistryError>| match outcome {
        Err(RegistryError::Conflict { code, .. }) => code,
        other => panic!("{other:?}"),
    };
    for wrong in
        [NewExport { reason: "short".to_owned(), ..wish(2) }, NewExport { hours: 169, ..wish(2) }, NewExport { most_rows: 0, ..wish(2) }]
    {
        assert!(matches!(registry.ask_for_export(&office, &wrong), Err(RegistryError::Invalid(_))), "{wrong:?}");
    }
    assert!(matches!(registry.ask_for_export(&security, &wish(2)), Err(RegistryError::Forbidden(_))), "who approves does not ask");
    let request = registry.ask_for_export(&office, &wish(2)).expect("asked");
    assert_eq!(code_of(registry.take_export(&actor(), request.id)), "approval-required");
    assert!(matches!(registry.approve_export(&office, request.id, None), Err(RegistryError::Forbidden(_))), "who asks does not approve");
    assert!(matches!(registry.approve_export(&same_human, request.id, None), Err(RegistryError::SameHands(_))), "nor as another account");
    registry.approve_export(&security, request.id, Some("seen")).expect("approved");
    assert!(matches!(registry.approve_export(&security, request.id, None), Err(RegistryError::Conflict { code: "already-decided", .. })));

    let mark = registry.take_export(&actor(), request.id).expect("approved");
    assert_eq!(names(&mark), ["张伟", "李娜"], "in full");
    registry.finish_export(&actor(), &mark, 2, "ab12").expect("whole");
    assert!(mark.to_string().contains("asked for by office of 省数据局, approved by security"), "{mark}");
    assert_eq!(code_of(registry.take_export(&actor(), request.id)), "already-decided", "once");
    let shown = registry.exports(&office, 10, None).expect("own ones").items.remove(0);
    assert_eq!((shown.state, shown.sha256.as_deref(), shown.answer.as_deref()), (ExportState::Taken, Some("ab12"), Some("seen")));
    let acts: Vec<String> =
        registry.acts(&actor(), 0, 100).expect("acts").into_iter().map(|act| act.act).filter(|act| act.starts_with("export")).collect();
    assert_eq!(acts, ["export-asked", "export-decided", "export-written"]);

    let small = registry.ask_for_export(&office, &wish(1)).expect("asked");
    registry.approve_export(&security, small.id, None).expect("approved");
    assert_eq!(code_of(registry.take_export(&actor(), small.id)), "export-too-large");
    registry.refuse_export(&security, small.id, None).expect("what was approved can still be stopped");
    assert_eq!(code_of(registry.take_export(&actor(), small.id)), "already-decided");

    let own = registry.ask_for_export(&office, &wish(2)).expect("asked");
    let elsewhere = staff(&registry, "elsewhere", Role::DataOffice, "3");
    assert!(
        registry.refuse_export(&elsewhere, own.id, None).is_err() && registry.exports(&elsewhere, 10, None).expect("none").items.is_empty()
    );
    assert_eq!(registry.refuse_export(&office, own.id, None).expect("taken back").state, ExportState::Withdrawn);
    assert_eq!(registry.exports(&security, 2, None).expect("all").items.len(), 2);

    // A request ends; the clock is the row's.
    let late = registry.ask_for_export(&office, &wish(2)).expect("asked");
    registry.approve_export(&security, late.id, None).expect("approved");
    let store = database.store();
    store
        .write(|writer| {
            let row = writer.export_request(late.id)?.expect("a row");
            let ends_at = row.requested_at + chrono::TimeDelta::microseconds(1);
            writer.put_export_request(&ExportRow { ends_at, ..row })
        })
        .expect("written");
    assert_eq!(code_of(registry.take_export(&actor(), late.id)), "export-expired");
}

/// How a person was read, the latest first, as the list for them says it: act, fields, request.
fn report(registry: &Registry, id: EntityId) -> Vec<(String, String, Option<String>)> {
    let report = registry.person_report(&actor(), id).expect("a report");
    let told = report.reads.into_iter().map(|(_, read)| (read.action, read.fields.join(","), read.request_id));
    told.filter(|(action, _, _)| action != "person-report").collect()
}

fn whoever_was_in_a_file_has_it_in_their_own_report(database: &Database) {
    let registry = open(database);
    // More than two pages of a thousand.
    let people: Vec<_> = (0..2_300)
        .map(|at| {
            person("gongan", &at.to_string(), &format!("name=测试{at}|birth_date=19{}-0{}-11|phone=139{at:08}", 30 + at % 60, 1 + at % 9))
        })
        .collect();
    let ids: Vec<EntityId> = registry.ingest(&actor(), people).expect("ingest").iter().filter_map(|row| row.entity).collect();
    assert_eq!(ids.iter().collect::<std::collections::HashSet<_>>().len(), 2_300);
    let company = format!("name=广州白鹭贸易有限公司|legal_representative=测试0|legal_representative_id={}", number("19800406", 11));
    let company = entity(&take(&registry, record(Kind::LegalPerson, "gongan", "1", &company)));
    let named = entity(&take(&registry, zhang("gongan", "named")));
    let all: Vec<EntityId> = ids.iter().copied().chain([named]).collect();
    let mark = registry.begin_export(&actor(), Kind::Person).expect("masked");
    let store = database.store();
    let pages =
        || store.read(|reader| reader.accesses(None, 100)).expect("the log").into_iter().filter(|row| row.entities.is_some()).count();
    let mut seen = std::collections::HashSet::new();
    registry
        .export(&actor(), &mark, Include::default(), &mut |view| {
            // The page that one is on is in the log before anybody has one of it.
            assert_eq!(pages(), seen.len() / 1_000 + 1, "{}", seen.len());
            seen.insert(view.id)
        })
        .expect("an export");
    assert_eq!((seen.len(), pages()), (2_301, 3));
    for id in all.iter().step_by(97).chain([&named]) {
        let told = report(&registry, *id);
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!((told[0].0.as_str(), told[0].2.clone()), ("export", Some(mark.id.to_string())));
        assert!(told[0].1.contains("birth_date") && told[0].1.contains("name"), "which fields: {told:?}");
        assert_eq!(
            registry.access_of(&actor(), Kind::Person, *id, 10).expect("the list").iter().filter(|read| read.action == "export").count(),
            1
        );
    }
    assert!(store.read(|reader| reader.accesses_of_entity(company, None, 10)).expect("the log").is_empty(), "a file of people");

    // In full it is an unmasking as well, under the id of who answers now; and companies tell their representatives.
    let done = registry.merge(&actor(), Kind::Person, &ids[..2], None, &Expected::new(), false).expect("merged");
    let survivor = done.redirects[0].to;
    let (office, security) = (staff(&registry, "office", Role::DataOffice, "1"), staff(&registry, "security", Role::SecurityAdmin, "2"));
    for kind in [Kind::Person, Kind::LegalPerson] {
        let request = registry.ask_for_export(&office, &NewExport { kind, ..wish(5_000) }).expect("asked");
        registry.approve_export(&security, request.id, None).expect("approved");
        let mark = registry.take_export(&actor(), request.id).expect("approved");
        registry.export(&actor(), &mark, Include::default(), &mut |_| true).expect("in full");
        let of_mark = |id| {
            let told: Vec<_> = report(&registry, id).into_iter().filter(|(_, _, request)| *request == Some(mark.id.to_string())).collect();
            (
                told.iter()
                    .map(|(action, _, _)| action.clone())
                    .collect::<std::collections::BTreeSet<_>>()
                    .into_iter()
                    .collect::<Vec<_>>()
                    .join(" "),
                told.len(),
                told.last().map(|read| read.1.clone()),
            )
        };
        let (acts, count, fields) = of_mark(named);
        assert_eq!((acts.as_str(), count), ("export unmask", 2), "{kind}");
        assert_eq!(fields.as_deref() == Some("legal_representative"), kind == Kind::LegalPerson, "{kind}: {fields:?}");
        assert_eq!(of_mark(survivor).1, if kind == Kind::Person { 2 } else { 0 }, "{kind}");
        let earlier = report(&registry, survivor).into_iter().filter(|(action, _, _)| action == "export").count();
        assert_eq!(earlier, 3, "what was read under the ids that were merged as well, once for each");
    }
}

fn nobody_is_told_of_whose_reading_cannot_be_written_down(database: &Database) {
    let registry = open(database);
    take(&registry, zhang("gongan", "1"));
    let mark = registry.begin_export(&actor(), Kind::Person).expect("masked");
    if database.url().starts_with("postgres") {
        jiku_tests::postgres::run(database.url(), "ALTER TABLE access_log RENAME TO elsewhere");
        let mut told = 0;
        let refused = registry.export(&actor(), &mark, Include::default(), &mut |_| {
            told += 1;
            true
        });
        assert!(matches!(refused, Err(RegistryError::Unavailable { code: "audit-unavailable", .. })), "{refused:?}");
        assert_eq!(told, 0);
        jiku_tests::postgres::run(database.url(), "ALTER TABLE elsewhere RENAME TO access_log");
    }
    assert_eq!(registry.export(&actor(), &mark, Include::default(), &mut |_| true).expect("written"), 1);
}

fn what_a_decision_or_the_feed_tells_of_somebody_is_in_their_report(database: &Database) {
    let registry = open(database);
    let (one, other) = (entity(&take(&registry, zhang("gongan", "1"))), entity(&take(&registry, li("gongan", "2"))));
    let acts = |id: EntityId| -> Vec<String> {
        let told: std::collections::BTreeSet<String> = report(&registry, id).into_iter().map(|(action, _, _)| action).collect();
        told.into_iter().collect()
    };
    assert!(acts(one).is_empty());
    let steward = Actor { unmask: true, ..actor() };
    let preview = registry.merge(&steward, Kind::Person, &[one, other], None, &Expected::new(), true).expect("a preview");
    assert_eq!(preview.before.len(), 2);
    assert_eq!((acts(one), acts(other)), (vec!["merge".to_owned(), "unmask".to_owned()], vec!["merge".to_owned(), "unmask".to_owned()]));

    // A feed tells keys where a purpose is stated, and that is a reading; without one it tells none.
    let follower = |purpose: Option<&str>| Actor { purpose: purpose.map(str::to_owned), ..actor() };
    let keys =
        |purpose| registry.changes(&follower(purpose), 0, 100).expect("changes").iter().map(|change| change.records.len()).sum::<usize>();
    assert_eq!(keys(None), 0);
    assert!(!acts(one).contains(&"follow".to_owned()));
    assert_eq!(keys(Some("statistics")), 2);
    assert!(acts(one).contains(&"follow".to_owned()) && acts(other).contains(&"follow".to_owned()));
}
