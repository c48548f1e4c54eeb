//! What is told when PostgreSQL does not confirm a commit in time?
//!
//! As when a synchronous standby is lost: here a deferred trigger keeps commits waiting, which no timeout of the database ends.

use std::time::{Duration, Instant};

use jiku_model::Kind;
use jiku_registry::{RegistryError, View};
use jiku_tests::postgres;
use jiku_tests::stores::Database;

use super::support::{actor, crosswalk, entity, key, li, open, take, verified, wang, zhang};

/// Commits that touch this table wait so long.
fn slow(table: &str, seconds: u32) -> String {
    format!(
        "CREATE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_at_commit();"
    )
}

fn swift(table: &str) -> String {
    format!("DROP TRIGGER waits ON {table}; DROP FUNCTION wait_at_commit();")
}

fn code(outcome: &RegistryError) -> &'static str {
    match outcome {
        RegistryError::Unavailable { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_write_that_is_not_confirmed_is_told_in_time_and_is_done_once() {
    let Some(database) = Database::postgres() else { return };
    let registry = open(&database);
    take(&registry, zhang("gongan", "1"));
    postgres::run(database.url(), &slow("change_log", 9));
    let begun = Instant::now();
    let told = registry.ingest(&actor(), vec![li("gongan", "2")]).expect_err("not confirmed");
    assert_eq!(code(&told), "commit-unconfirmed");
    assert!(begun.elapsed() < Duration::from_secs(5), "before the commit ends");
    // It was done after all; sent again it changes nothing.
    let waiting = Instant::now();
    while registry.crosswalk(&actor(), &key(Kind::Person, "gongan", "2")).is_err() {
        assert!(waiting.elapsed() < Duration::from_secs(60), "it is done in the end");
        std::thread::sleep(Duration::from_millis(200));
    }
    postgres::run(database.url(), &swift("change_log"));
    let first = crosswalk(&registry, &key(Kind::Person, "gongan", "2"));
    assert_eq!(entity(&take(&registry, li("gongan", "2"))), first);
    verified(&registry);
}

#[test]
fn a_write_that_waits_behind_one_that_is_not_confirmed_is_told_in_time_too() {
    let Some(database) = Database::postgres() else { return };
    let (one, other) = (open(&database), open(&database));
    take(&one, zhang("gongan", "1"));
    postgres::run(database.url(), &slow("change_log", 14));
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(|| one.ingest(&actor(), vec![li("gongan", "2")]));
        // The other node sends its record once the first one's is on its way.
        std::thread::sleep(Duration::from_millis(500));
        let second = other.ingest(&actor(), vec![wang("gongan", "3")]).expect_err("not confirmed");
        let pending = other.crosswalk(&actor(), &key(Kind::Person, "gongan", "2")).is_err();
        assert!(pending, "it is told while the first commit still waits");
        (first.join().expect("no panic").expect_err("not confirmed"), second)
    });
    assert_eq!((code(&first), code(&second)), ("commit-unconfirmed", "commit-unconfirmed"));
    let waiting = Instant::now();
    while [("2"), ("3")].iter().any(|name| one.crosswalk(&actor(), &key(Kind::Person, "gongan", name)).is_err()) {
        assert!(waiting.elapsed() < Duration::from_secs(90), "both are done in the end");
        std::thread::sleep(Duration::from_millis(200));
    }
    postgres::run(database.url(), &swift("change_log"));
    verified(&one);
}

#[test]
fn a_reading_whose_trace_is_not_confirmed_shows_nothing() {
    let Some(database) = Database::postgres() else { return };
    let registry = open(&database);
    let id = entity(&take(&registry, zhang("gongan", "1")));
    postgres::run(database.url(), &slow("access_log", 9));
    let begun = Instant::now();
    let told = registry.find(&actor(), Kind::Person, id, &View::default()).expect_err("not shown");
    assert_eq!(code(&told), "audit-unavailable");
    assert!(begun.elapsed() < Duration::from_secs(5), "before the commit ends");
    postgres::run(database.url(), &swift("access_log"));
    registry.find(&actor(), Kind::Person, id, &View::default()).expect("shown again");
    assert!(registry.access_of(&actor(), Kind::Person, id, 10).expect("the log").len() >= 2, "the first reading is there as well");
}
