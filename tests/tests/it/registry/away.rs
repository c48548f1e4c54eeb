//! What does a node do while PostgreSQL is away, and does it know everything once it is back?

use std::time::{Duration, Instant};

use jiku_model::Kind;
use jiku_registry::{ModelChange, Options, Registry, RegistryError, View};
use jiku_tests::postgres;
use jiku_tests::stores::Database;

use super::support::{actor, entity, li, open, person, take, verified, wang, zhang};

/// What the address says the database is called.
fn name(database: &Database) -> &str {
    let (_, rest) = database.url().split_once("://").expect("an address");
    rest.split(['/', '?']).nth(1).expect("a name")
}

/// Ends every connection, and lets nobody in.
fn shut(database: &Database) {
    let name = name(database);
    let server = database.url().replacen(&format!("/{name}"), "/postgres", 1);
    postgres::run(&server, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
    postgres::run(&server, &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
}

fn open_up(database: &Database) {
    let name = name(database);
    let server = database.url().replacen(&format!("/{name}"), "/postgres", 1);
    postgres::run(&server, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"));
}

#[test]
fn while_the_database_is_away_it_is_told_at_once_and_everything_goes_on_by_itself() {
    let Some(database) = Database::postgres() else { return };
    let registry = open(&database);
    let id = entity(&take(&registry, zhang("gongan", "1")));
    shut(&database);
    let begun = Instant::now();
    let refused = |told: RegistryError| assert!(matches!(told, RegistryError::Unavailable { .. }), "{told:?}");
    for _ in 0..3 {
        refused(registry.find(&actor(), Kind::Person, id, &View::default()).map(drop).expect_err("nothing is there"));
        refused(registry.ingest(&actor(), vec![li("gongan", "2")]).map(drop).expect_err("nothing is written"));
    }
    // Before, each of the six waited ten seconds.
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    open_up(&database);
    let begun = Instant::now();
    while registry.ingest(&actor(), vec![li("gongan", "2")]).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it is found again");
        std::thread::sleep(Duration::from_millis(100));
    }
    verified(&registry);
}

#[test]
fn a_model_that_could_not_be_read_at_first_is_taken_over_later() {
    let Some(database) = Database::postgres() else { return };
    let one = open(&database);
    take(&one, zhang("gongan", "1"));
    // The other node looks when it writes, and at no other time.
    let other = Options { looks_for_generic: false, follow_every: Duration::from_secs(3_600), ..Options::new(database.url()) };
    let other = Registry::open(other).expect("the other node opens");
    let change = ModelChange::Thresholds { link: 40.0, review: None };
    one.apply_model(&actor(), Kind::Person, &change, None, None).expect("in use");
    postgres::run(database.url(), "ALTER TABLE match_model RENAME COLUMN toml TO hidden");
    other.ingest(&actor(), vec![li("gongan", "2")]).expect_err("what came into use cannot be read");
    postgres::run(database.url(), "ALTER TABLE match_model RENAME COLUMN hidden TO toml");
    take(&other, wang("gongan", "3"));
    assert_eq!(other.model(&actor(), Kind::Person).expect("the model").link, 40.0);
    verified(&other);
}

#[test]
fn a_look_for_numbers_of_nobody_that_failed_is_made_again() {
    let Some(database) = Database::postgres() else { return };
    let registry = Registry::open(Options::new(database.url())).expect("the registry opens");
    let before = registry.model(&actor(), Kind::Person).expect("the model").version;
    postgres::run(database.url(), "ALTER TABLE match_model RENAME COLUMN toml TO hidden");
    for (at, name) in ["赵云", "钱多多", "孙武", "李白", "周瑜", "吴用", "郑和", "王维"].iter().enumerate() {
        take(&registry, person("gongan", &at.to_string(), &format!("name={name}|id_number=440106198503070011")));
    }
    // By now it was looked, and what follows could not be written.
    std::thread::sleep(Duration::from_secs(3));
    postgres::run(database.url(), "ALTER TABLE match_model RENAME COLUMN hidden TO toml");
    let begun = Instant::now();
    while registry.model(&actor(), Kind::Person).expect("the model").version == before {
        assert!(begun.elapsed() < Duration::from_secs(90), "the number is nobody's in the end");
        std::thread::sleep(Duration::from_millis(200));
    }
    verified(&registry);
}
