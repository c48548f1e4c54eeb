//! Is somebody told when a second look did not come, and does no question count twice?

use chrono::TimeDelta;
use jiku_model::{Kind, RawRecord};
use jiku_registry::{Actor, EmergencyReach, Limits, MinimalAnswer, NewEmergency, NewUser, Registry, RegistryError, Role, Sources, Who};
use jiku_store::EmergencyRow;
use jiku_tests::stores::Database;

use super::support::{actor, entity, number, open, person, take};

jiku_tests::on_both_stores! {
    an_emergency_that_nobody_looked_at_in_time_is_told_of_once;
    who_compares_what_they_hold_is_not_kept_out_and_who_tries_numbers_is;
}

fn an_emergency_that_nobody_looked_at_in_time_is_told_of_once(database: &Database) {
    let registry = open(database);
    let patient = entity(&take(&registry, person("gongan", "1", "name=张伟|birth_date=1980-04-06")));
    let limits = Limits { emergency: true, ..Limits::default() };
    let user = NewUser {
        name: "doctor".to_owned(),
        department: "hospital".to_owned(),
        roles: vec![Role::Reader],
        password: "a long password 1".to_owned(),
        staff_number: None,
        sources: Sources::default(),
    };
    registry.create_user(&actor(), &user).expect("a user");
    let doctor = Actor { principal: "doctor".to_owned(), roles: vec![Role::Reader], limits: limits.into(), ..actor() };
    let asked = NewEmergency { reason: "unconscious, next of kin needed".to_owned(), reach: EmergencyReach::Person(patient), minutes: 5 };
    let [late, seen, due] = [(); 3].map(|()| registry.begin_emergency(&doctor, &asked).expect("begun").id);
    let auditor = Actor { principal: "auditor".to_owned(), roles: vec![Role::Auditor], ..actor() };
    registry.review_emergency(&auditor, seen, "the patient was there").expect("looked at");
    // Three working days ago; the clock is the row's.
    let store = database.store();
    for id in [late, seen] {
        store
            .write(|writer| {
                let row = writer.emergency(id)?.expect("a row");
                let [begun_at, ends_at, review_due_at] =
                    [row.begun_at, row.ends_at, row.review_due_at].map(|moment| moment - TimeDelta::days(6));
                writer.put_emergency(&EmergencyRow { begun_at, ends_at, review_due_at, ..row })
            })
            .expect("written");
    }
    registry.close();
    let alarmed = |registry: &Registry| -> Vec<String> {
        let told = registry.alarms(&actor(), 0, 100).expect("alarms").into_iter();
        told.filter(|alarm| alarm.alarm == "emergency-unreviewed").map(|alarm| alarm.about).collect()
    };
    // A node looks when it begins, and this one looks at what another has told of.
    for _ in 0..2 {
        let registry = open(database);
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while alarmed(&registry).is_empty() {
            assert!(std::time::Instant::now() < deadline, "somebody is told");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        std::thread::sleep(std::time::Duration::from_millis(700));
        assert_eq!(alarmed(&registry), [format!("emergency {late}")], "not of {seen}, which was looked at, nor of {due}");
        registry.close();
    }
}

fn named(name: &str, number: &str) -> RawRecord {
    person("x", "x", &format!("name={name}|id_number={number}")).raw
}

fn who_compares_what_they_hold_is_not_kept_out_and_who_tries_numbers_is(database: &Database) {
    let registry = open(database);
    let day_of = |at: u32| format!("1980{:02}{:02}", at / 28 + 1, at % 28 + 1);
    for at in 0..120 {
        take(&registry, person("gongan", &at.to_string(), &format!("name=张{at}|id_number={}", number(&day_of(at), 11))));
    }
    let verifier =
        |name: &str| Actor { principal: name.to_owned(), roles: vec![Role::Verifier], purposes: Some(Vec::new().into()), ..actor() };
    let same = |asking: &Actor, left: &RawRecord, right: &RawRecord| {
        registry.same(asking, Kind::Person, &Who::Record(left.clone()), &Who::Record(right.clone()))
    };
    let kept_out = |answer: &Result<MinimalAnswer, RegistryError>| {
        matches!(answer, Err(RegistryError::Exhausted { code: "enumeration-suspected", .. }))
    };
    // Pairs of strangers of one place and day each, compared with each other: a no tells nothing of the base, and one question is one try.
    let clerk = verifier("clerk");
    for at in 0..200_u32 {
        let day = format!("19{:02}{:02}{:02}", 50 + at % 40, at / 28 + 1, at % 28 + 1);
        let answer = same(&clerk, &named("李明", &number(&day, 101)), &named("王芳", &number(&day, 102)));
        assert_eq!(answer.ok(), Some(MinimalAnswer::No), "{at}");
    }
    // The same again and again is one try, whichever way it is asked.
    let again = verifier("again");
    let (one, two) = (named("李明", &number("19910101", 101)), named("李明", &number("19910101", 102)));
    for _ in 0..200 {
        assert!(registry.exists(&again, Kind::Person, &one, None).is_ok());
        assert!(registry.exists(&again, Kind::Person, &two, None).is_ok());
        assert_eq!(same(&again, &one, &named("王芳", &number("19620202", 103))).ok(), Some(MinimalAnswer::No));
    }
    // Who tries one number after the other is kept out, whatever they ask between about somebody they know.
    let here = named("张0", &number("19800101", 11));
    let other = person("x", "x", "name=王芳|birth_date=1962-02-02|phone=13800138000").raw;
    for (way, between) in [("alone", 0), ("between those they know", 2), ("between two sides that they know", 3)] {
        let guesser = verifier(way);
        let stopped = (0..200).find(|step| {
            for _ in 0..between {
                if between == 3 {
                    assert!(kept_out(&same(&guesser, &here, &here)) || same(&guesser, &here, &here).is_ok());
                } else {
                    drop(registry.exists(&guesser, Kind::Person, &here, None));
                }
            }
            kept_out(&same(&guesser, &named("张伟", &number("19910101", 200 + step)), &other))
        });
        assert!(stopped.is_some_and(|step| (49..=52).contains(&step)), "{way}: {stopped:?}");
    }
    // Who is found counts, each of them once: among very many who are here some strangers share a day.
    let desk = verifier("desk");
    for step in 0..120_u32 {
        let here = named(&format!("张{step}"), &number(&day_of(step), 11));
        assert_eq!(same(&desk, &here, &here).ok(), Some(MinimalAnswer::Yes));
        if step % 2 == 0 {
            assert!(registry.exists(&desk, Kind::Person, &named("赵六", &number("19910101", 300 + step)), None).is_ok(), "{step}");
        }
    }
}
