//! Does everything of a kind leave only as far as somebody let it?

use jiku_model::Kind;
use jiku_registry::{Actor, ExportState, Include, NewExport, NewUser, Registry, RegistryError, Role, Sources, Watermark};
use jiku_store::{ExportRow, UsageRow};
use jiku_tests::stores::Database;

use super::support::{actor, open, person, take};

jiku_tests::on_both_stores! {
    people_beyond_a_days_quota_are_exported_only_by_a_request;
    personal_values_leave_in_full_only_through_two_pairs_of_hands;
}

fn people_beyond_a_days_quota_are_exported_only_by_a_request(database: &Database) {
    let registry = open(database);
    for (key, name) in [("1", "张伟"), ("2", "李娜"), ("3", "王芳")] {
        take(&registry, person("gongan", key, &format!("name={name}")));
    }
    let store = database.store();
    // The quota's day begins at midnight in China.
    let day = (chrono::Utc::now() + chrono::TimeDelta::hours(8)).timestamp().div_euclid(86_400);
    let exported_today = |persons| {
        let (node, department) = ("earlier".to_owned(), actor().department);
        let row =
            UsageRow { day, principal: actor().principal, node, department, requests: 1, entities: persons, persons, locked_until: None };
        store.log_accesses(&[], &[row], &[]).expect("counted");
    };
    let traces = || {
        (store.read(|reader| reader.accesses(None, 100)).expect("the log").len(), registry.alarms(&actor(), 0, 100).expect("alarms").len())
    };
    exported_today(399_998);
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
