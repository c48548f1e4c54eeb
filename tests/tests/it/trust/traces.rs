//! Can somebody who may write everything in the database rewrite its traces unseen?

use std::time::{Duration, Instant};

use jiku_model::{EntityId, Kind};
use jiku_registry::{Alarm, AlarmView, Extent, Registry, check_traces, read_seals};
use jiku_store::NewAccess;
use jiku_tests::command::jiku;
use jiku_tests::stores::Database;

use crate::registry::support::{actor, entity, find, open, person, take};

jiku_tests::on_both_stores! {
    sealed_traces_are_checked_without_keys_and_without_the_service;
    a_change_log_that_is_tampered_with_raises_an_alarm_once;
    readings_that_were_taken_out_with_their_seal_are_missed;
    a_reading_that_was_changed_raises_an_alarm_once;
    a_copy_agrees_with_the_seals_up_to_where_it_ends;
}

/// Who may write everything takes readings out of the database, and the line of their seal out of the folder: the seal after it begins where
/// none ends.
fn readings_that_were_taken_out_with_their_seal_are_missed(database: &Database) {
    let registry = open(database);
    let seals = database.folder().join("seals");
    std::fs::create_dir(&seals).expect("a folder");
    let reading = |number: u128| reading_of(&registry, "clerk", number);
    let store = database.store();
    for round in 0..4 {
        store.log_accesses(&[reading(round), reading(round + 100)], &[], &[]).expect("logged");
        take(&registry, person("gongan", &round.to_string(), &format!("name=张伟|birth_date=198{round}-01-02")));
        registry.seal_traces(&seals).expect("sealed").expect("there is something new");
    }
    drop((store, registry));
    let file = std::fs::read_dir(&seals).expect("a folder").last().expect("a file").expect("an entry").path();
    let text = std::fs::read_to_string(&file).expect("the seals");
    let verify = || jiku(["audit", "--json", "--database", database.url(), "verify", "--seals", seals.to_str().expect("a path")]);
    let (key, whole) = (read_seals(&seals).expect("seals")[0].public_key.clone(), verify().well().json());
    assert_eq!(whole["intact"], true, "{whole}");
    for (without, sealed) in [(0, "1–2"), (1, "3–4")] {
        let left: Vec<&str> = text.lines().enumerate().filter(|(at, _)| *at != without).map(|(_, line)| line).collect();
        std::fs::write(&file, left.join("\n") + "\n").expect("written");
        if database.url().starts_with("postgres") {
            let take_out = format!(
                "ALTER TABLE access_log DISABLE TRIGGER ALL; DELETE FROM access_log WHERE id BETWEEN {} AND {}",
                2 * without + 1,
                2 * without + 2
            );
            jiku_tests::postgres::run(database.url(), &take_out);
        }
        let found = check_traces(database.url(), Some(&seals), Some(&key), Extent::Whole).expect("the check runs");
        assert!(
            found.findings.iter().any(|found| found.area == "seal" && found.detail.contains("a seal is missing")),
            "{sealed}: {found:?}"
        );
        let told = verify();
        assert_eq!(told.code, 1, "{sealed}: {}", told.out);
        assert!(told.out.contains("a seal is missing"), "{}", told.out);
    }
}

fn sealed_traces_are_checked_without_keys_and_without_the_service(database: &Database) {
    let registry = open(database);
    let seals = database.folder().join("seals");
    std::fs::create_dir(&seals).expect("a folder");
    assert!(registry.seal_traces(&seals).expect("nothing to seal").is_none());
    for number in 0..3 {
        let id = entity(&take(&registry, person("gongan", &number.to_string(), &format!("name=张伟|birth_date=198{number}-01-02"))));
        find(&registry, Kind::Person, id);
        registry.seal_traces(&seals).expect("sealed").expect("there is something new");
        assert!(registry.seal_traces(&seals).expect("asked").is_none(), "nothing is new");
    }
    assert!(registry.seal_traces(&seals.join("absent")).is_err());
    let made = read_seals(&seals).expect("seals");
    assert_eq!(made.len(), 3);
    drop(registry);
    let check = |key: Option<&str>| check_traces(database.url(), Some(&seals), key, Extent::Whole).expect("the check runs");
    let whole = check(Some(&made[0].public_key));
    assert_eq!((whole.total, whole.changes > 0, whole.seals), (0, true, 3), "{:?}", whole.findings);
    assert_eq!(check(Some(&"00".repeat(32))).total, 3, "another key signed nothing");
    // A copy, and the end cut off behind the service's back.
    if database.url().starts_with("postgres") {
        let cut =
            "ALTER TABLE change_log DISABLE TRIGGER ALL; DELETE FROM change_log WHERE position = (SELECT max(position) FROM change_log)";
        jiku_tests::postgres::run(database.url(), cut);
        let found = check(None);
        assert_eq!(found.total, 1);
        assert!(found.findings[0].detail.contains("its end was cut off"), "{:?}", found.findings);
        assert_eq!(
            check_traces(database.url(), None, None, Extent::Whole).expect("the check runs").total,
            0,
            "the chain alone cannot tell"
        );
    }
    let file = std::fs::read_dir(&seals).expect("a folder").last().expect("a file").expect("an entry").path();
    let text = std::fs::read_to_string(&file).expect("the seals");
    std::fs::write(&file, format!("{text}{{\"at\":\"2026")).expect("written");
    assert_eq!(read_seals(&seals).expect("a line that broke off is left out").len(), 3);
    std::fs::write(&file, format!("nothing\n{text}")).expect("written");
    assert!(read_seals(&seals).is_err_and(|error| error.to_string().contains("line 1 of")));
}

/// A copy of an earlier time has less than the seals saw, which is no cut: it agrees with those up to where it ends. What was changed in it is found.
fn a_copy_agrees_with_the_seals_up_to_where_it_ends(database: &Database) {
    let registry = open(database);
    let seals = database.folder().join("seals");
    std::fs::create_dir(&seals).expect("a folder");
    let seal = |number: u32| {
        take(&registry, person("gongan", &number.to_string(), &format!("name=张伟|birth_date=198{number}-01-02")));
        database.store().log_accesses(&[reading_of(&registry, "clerk", number.into())], &[], &[]).expect("logged");
        registry.seal_traces(&seals).expect("sealed").expect("there is something new");
    };
    (0..2).for_each(seal);
    let copy = database.folder().join("copy");
    jiku(["backup", "--database", database.url(), "--output", copy.to_str().expect("a path")]).well();
    (2..5).for_each(seal);
    let restored = match jiku_tests::postgres::database().filter(|_| database.url().starts_with("postgres")) {
        Some(empty) => {
            jiku(["restore", "--database", &empty, copy.to_str().expect("a path")]).well();
            empty
        }
        // The copy of an SQLite database is one.
        None => format!("sqlite://{}", copy.display()),
    };
    let verify = |url: &str, more: &[&str]| {
        let asked = ["audit", "--json", "--database", url, "verify", "--seals", seals.to_str().expect("a path")];
        jiku(asked.iter().chain(more))
    };
    let plain = verify(&restored, &[]);
    assert!(plain.code == 1 && plain.out.contains("its end was cut off"), "{}", plain.out);
    assert!(plain.err.contains("--copy"), "what to do with a copy is told: {}", plain.err);
    let told = verify(&restored, &["--copy"]).well().json();
    assert_eq!((&told["intact"], &told["seals"], &told["later_seals"]), (&true.into(), &2.into(), &3.into()), "{told}");
    let whole = verify(database.url(), &["--copy"]).well().json();
    assert_eq!((&whole["seals"], &whole["later_seals"]), (&5.into(), &0.into()), "{whole}");
    let said = jiku(["audit", "--database", &restored, "verify", "--copy", "--seals", seals.to_str().expect("a path")]).well().out;
    assert!(said.contains("2 seals") && said.contains("3 seals are of later than this copy"), "{said}");
    if restored.starts_with("postgres") {
        let change = "ALTER TABLE access_log DISABLE TRIGGER ALL; UPDATE access_log SET principal = 'nobody' WHERE principal = 'clerk'";
        jiku_tests::postgres::run(&restored, change);
        let found = verify(&restored, &["--copy"]);
        assert!(found.code == 1 && found.out.contains("access-log"), "{}", found.out);
    }
}

/// A reading long ago, by this clerk.
fn reading_of(registry: &Registry, clerk: &str, entity: u128) -> NewAccess {
    NewAccess {
        // Old enough to be settled.
        at: registry.now() - chrono::TimeDelta::minutes(5),
        principal: clerk.to_owned(),
        department: "d".to_owned(),
        purpose: None,
        action: "find".to_owned(),
        kind: Kind::Person,
        entity: Some(EntityId(uuid::Uuid::from_u128(entity))),
        fields: "name".to_owned(),
        request_id: None,
    }
}

/// Behind the service's back another clerk is said to have read: in a file byte by byte, in PostgreSQL past the triggers.
fn a_reading_that_was_changed_raises_an_alarm_once(database: &Database) {
    let seals = database.folder().join("seals");
    std::fs::create_dir(&seals).expect("a folder");
    let registry = open(database);
    for round in 0..3 {
        let readings: Vec<NewAccess> = (0..5).map(|number| reading_of(&registry, &format!("clerk-{round}-{number}"), number)).collect();
        database.store().log_accesses(&readings, &[], &[]).expect("logged");
        take(&registry, person("gongan", &round.to_string(), &format!("name=张伟|birth_date=198{round}-01-02")));
        registry.seal_traces(&seals).expect("sealed").expect("there is something new");
    }
    registry.close();
    drop(registry);
    if let Some(file) = database.url().strip_prefix("sqlite://") {
        let mut bytes = std::fs::read(file).expect("the base");
        let at: Vec<usize> = (0..bytes.len() - 9).filter(|at| bytes[*at..].starts_with(b"clerk-1-2")).collect();
        assert_eq!(at.len(), 1);
        bytes[at[0]..at[0] + 9].copy_from_slice(b"clerk-1-3");
        std::fs::write(file, bytes).expect("written");
    } else {
        let change = "ALTER TABLE access_log DISABLE TRIGGER ALL; UPDATE access_log SET principal = 'clerk-1-3' WHERE principal = 'clerk-1-2'; ALTER TABLE access_log ENABLE TRIGGER ALL";
        jiku_tests::postgres::run(database.url(), change);
    }
    let registry = open(database);
    let often = Duration::from_millis(50);
    registry.seal_traces_every(&seals, often).expect("sealing");
    let told = broken(&registry);
    assert_eq!(told.len(), 1);
    assert!(told[0].about.starts_with("readings 6 to 10;"), "{}", told[0].about);
    std::thread::sleep(10 * often);
    assert_eq!(broken(&registry).len(), 1, "told once");
    registry.close();
    drop(registry);
    let registry = open(database);
    registry.seal_traces_every(&seals, often).expect("sealing");
    std::thread::sleep(10 * often);
    assert_eq!(broken(&registry).len(), 1, "and by no other process");
}

/// The alarms of this sort, when there is one.
fn broken(registry: &Registry) -> Vec<AlarmView> {
    let begun = Instant::now();
    loop {
        let alarms = registry.alarms(&actor(), 0, 100).expect("alarms");
        let broken: Vec<AlarmView> = alarms.into_iter().filter(|alarm| alarm.alarm == Alarm::TracesBroken.as_str()).collect();
        if !broken.is_empty() || begun.elapsed() > Duration::from_secs(30) {
            return broken;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn a_change_log_that_is_tampered_with_raises_an_alarm_once(database: &Database) {
    let seals = database.folder().join("seals");
    std::fs::create_dir(&seals).expect("a folder");
    let often = Duration::from_millis(100);
    let taken = |registry: &Registry, number: usize| {
        take(registry, person("gongan", &number.to_string(), &format!("name=张伟|birth_date=198{number}-01-02")));
    };
    let registry = open(database);
    taken(&registry, 0);
    if database.url().starts_with("postgres") {
        registry.seal_traces_every(&seals, often).expect("sealing");
        while read_seals(&seals).expect("seals").is_empty() {
            std::thread::sleep(often);
        }
        let change = "ALTER TABLE change_log DISABLE TRIGGER ALL; UPDATE change_log SET hash = sha256('x') WHERE position = (SELECT max(position) FROM change_log); ALTER TABLE change_log ENABLE TRIGGER ALL";
        jiku_tests::postgres::run(database.url(), change);
        assert_eq!(broken(&registry).len(), 1);
        taken(&registry, 1);
        std::thread::sleep(5 * often);
        assert_eq!(broken(&registry).len(), 1, "told once");
    } else {
        // An older copy of the file is put in the place of the one that was sealed.
        registry.close();
        drop(registry);
        let file = database.url().strip_prefix("sqlite://").expect("a file");
        let former = format!("{file}.former");
        std::fs::copy(file, &former).expect("copied");
        let registry = open(database);
        taken(&registry, 1);
        registry.seal_traces(&seals).expect("sealed").expect("there is something new");
        registry.close();
        drop(registry);
        std::fs::rename(&former, file).expect("put back");
        let registry = open(database);
        registry.seal_traces_every(&seals, often).expect("sealing");
        assert_eq!(broken(&registry).len(), 1);
        let counted = registry.alarm_counts().into_iter().find(|(alarm, _)| *alarm == Alarm::TracesBroken);
        assert_eq!(counted, Some((Alarm::TracesBroken, 1)));
        taken(&registry, 2);
        std::thread::sleep(5 * often);
        assert_eq!(broken(&registry).len(), 1, "told once");
    }
}
