//! Does an operator get a true answer about the health of a database, and a copy of it?

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use jiku_tests::command::{jiku, jiku_reading};
use serde_json::{Value, json};

use super::{folder, stores};

/// A database with a few people in it.
fn fill(database: &str, folder: &Path) {
    let file = folder.join("people.csv");
    let rows = "source,source_key,name,id_number,birth_date,phone\n\
                gongan,1,欧阳明,,1990-02-01,13800138000\nweijian,9,欧阳明,,1990-02-01,13800138000\ngongan,2,李娜,,1985-07-12,13900139000\n";
    std::fs::write(&file, rows).expect("a file");
    jiku(["ingest", "--database", database, "--kind", "person", file.to_str().expect("UTF-8")]).well();
}

#[test]
fn a_copy_becomes_the_same_database_again() {
    let folder = folder();
    for (number, database) in stores(folder.path()).into_iter().enumerate() {
        fill(&database, folder.path());
        let before = jiku(["verify", "--json", "--database", &database]).well().json();
        let copy = folder.path().join(format!("copy-{number}"));
        let copy = copy.to_str().expect("UTF-8");
        jiku(["backup", "--database", &database, "--output", copy]).well();
        jiku(["backup", "--database", &database, "--output", copy]).refused(5, &["exists already"]);
        let mode = std::fs::metadata(copy).expect("the copy").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "a copy is its owner's alone: {mode:o}");

        let restored = match jiku_tests::postgres::database().filter(|_| database.starts_with("postgres")) {
            Some(empty) => empty,
            None => format!("sqlite://{}", folder.path().join("restored.db").display()),
        };
        jiku(["restore", "--database", &restored, copy]).well();
        assert_eq!(jiku(["verify", "--json", "--database", &restored]).well().json(), before);
        // What is there already is never written over.
        let refusal = if database.starts_with("postgres") { (4, "holds tables already") } else { (5, "exists already") };
        jiku(["restore", "--database", &restored, copy]).refused(refusal.0, &[refusal.1]);
        assert_eq!(jiku(["verify", "--json", "--database", &restored]).well().json(), before);
    }
}

#[test]
fn a_copy_that_cannot_be_restored_is_told_in_a_sentence_and_nothing_is_changed() {
    let folder = folder();
    let place = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (sqlite, file, rubbish) =
        (jiku_tests::command::made(format!("sqlite://{}", place("a.db"))), format!("sqlite://{}", place("b.db")), place("rubbish"));
    std::fs::write(&rubbish, "no copy").expect("a file");
    fill(&sqlite, folder.path());
    let of_sqlite = place("of-sqlite");
    jiku(["backup", "--database", &sqlite, "--output", &of_sqlite]).well();
    jiku(["restore", "--database", &file, &rubbish]).refused(3, &["no SQLite copy made by `jiku backup`"]);
    let Some(postgres) = jiku_tests::postgres::database() else { return };
    let empty = jiku_tests::postgres::database().expect("another one");
    fill(&postgres, folder.path());
    let of_postgres = place("of-postgres");
    jiku(["backup", "--database", &postgres, "--output", &of_postgres]).well();
    jiku(["restore", "--database", &file, &of_postgres]).refused(3, &["the copy of a PostgreSQL database", "--database postgres://"]);
    jiku(["restore", "--database", &empty, &of_sqlite]).refused(3, &["the copy of an SQLite database", "--database sqlite://"]);
    jiku(["restore", "--database", &empty, &rubbish]).refused(3, &["no copy made by `jiku backup`"]);
    let whole = std::fs::read(&of_postgres).expect("a copy");
    let half = place("half");
    std::fs::write(&half, &whole[..whole.len() / 2]).expect("a file");
    let told = ["was not restored, and nothing was changed: the copy is damaged", "(pg_restore says: "];
    jiku(["restore", "--database", &empty, &half]).refused(4, &told);
    let nowhere = format!("{empty}_that_is_not_there");
    jiku(["restore", "--database", &nowhere, &of_postgres])
        .refused(4, &["nothing was restored: the database cannot be looked at", "(psql says: "]);
    jiku(["restore", "--database", &empty, &of_postgres]).well();
}

/// Who copies a database before a new version comes gets a copy, and the database stays the old version's.
#[test]
fn a_copy_leaves_an_older_schema_as_it_is() {
    let folder = folder();
    let Some(database) = jiku_tests::postgres::database() else { return };
    fill(&database, folder.path());
    let older = "DELETE FROM __diesel_schema_migrations WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)";
    jiku_tests::postgres::run(&database, older);
    let copy = folder.path().join("copy");
    let told = jiku(["backup", "--database", &database, "--output", copy.to_str().expect("UTF-8")]).well().out;
    assert!(told.contains("The copy is good;") && told.contains("older version"), "{told}");
    let again = format!("DO $$ BEGIN ASSERT (SELECT count(*) FROM __diesel_schema_migrations) = {}; END $$", migrations() - 1);
    jiku_tests::postgres::run(&database, &again);
}

/// How many migrations there are.
fn migrations() -> usize {
    std::fs::read_dir(jiku_tests::binary::repository().join("migrations/postgres")).expect("migrations").count()
}

#[test]
fn a_copy_that_was_restored_with_the_wrong_keys_leaves_its_place_free() {
    let folder = folder();
    let place = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (database, restored) =
        (jiku_tests::command::made(jiku_tests::command::sqlite_in(folder.path())), format!("sqlite://{}", place("restored/b.db")));
    std::fs::create_dir(folder.path().join("restored")).expect("a folder");
    std::fs::create_dir(folder.path().join("other")).expect("a folder");
    fill(&database, folder.path());
    let copy = place("copy");
    jiku(["backup", "--database", &database, "--output", &copy]).well();
    let other = format!("sqlite://{}", place("other/c.db"));
    jiku(["migrate", "--database", &other]).well();
    jiku(["restore", "--database", &restored, "--keys", &place("other/jiku.keys"), &copy]).refused(4, &["; nothing was restored"]);
    assert_eq!(std::fs::read_dir(folder.path().join("restored")).expect("a folder").count(), 0);
    jiku(["restore", "--database", &restored, "--keys", &place("jiku.keys"), &copy]).well();
}

#[test]
fn a_rebuild_changes_nothing_that_was_right() {
    let folder = folder();
    for database in stores(folder.path()) {
        fill(&database, folder.path());
        // Each export has an id of its own, which its lines carry.
        let export = || {
            let lines = jiku(["export", "--database", &database, "--kind", "person"]).well().out;
            let mut rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
            rows.iter_mut().for_each(|row| drop(row["export"].take()));
            rows
        };
        let before = export();
        jiku(["rebuild", "--database", &database]).well();
        assert_eq!(export(), before);
        let verified = jiku(["verify", "--json", "--database", &database]).well().json();
        assert_eq!((&verified["clean"], &verified["records"]), (&json!(true), &json!(3)));
        let chain = jiku(["audit", "--json", "--database", &database, "verify"]).well().json();
        assert_eq!(chain["intact"], json!(true));
    }
}

#[test]
fn who_is_this_is_answered_on_standard_output() {
    let folder = folder();
    let database = jiku_tests::command::made(jiku_tests::command::sqlite_in(folder.path()));
    fill(&database, folder.path());
    let ask = ["resolve", "--json", "--database", &database, "--kind", "person"];
    let answer = jiku_reading(ask, r#"{"name":"欧阳明","birth_date":"1990-02-01","phone":"13800138000"}"#).well().json();
    assert_eq!(answer["decision"], json!("match"), "{answer}");
    let entity = answer["candidates"][0]["entity"].as_str().expect("a canonical id").to_owned();
    let readings = jiku(["audit", "--json", "--database", &database, "access", "--kind", "person", &entity]).well().json();
    let actions: Vec<&str> = readings.as_array().expect("readings").iter().filter_map(|reading| reading["action"].as_str()).collect();
    assert_eq!(actions, ["unmask", "resolve"], "the question left its trace, and so did seeing it in full: {readings}");
    jiku_reading(ask, "张伟").refused(3, &["no JSON object"]);
}

#[test]
fn a_database_that_cannot_be_opened_is_told_in_a_sentence() {
    let folder = folder();
    let no_database = folder.path().join("notes.txt");
    std::fs::write(&no_database, "this is no database, and long enough to be one: ".repeat(100)).expect("a file");
    let addresses = [
        "sqlite:///proc/nowhere/base.db".to_owned(),
        format!("sqlite://{}", no_database.display()),
        "postgres://nobody@127.0.0.1:1/nothing".to_owned(),
    ];
    for address in addresses {
        jiku(["verify", "--database", &address]).refused(4, &[]);
    }
    assert_eq!(jiku(["verify"]).code, 2, "a database must be named");
}

/// A damaged page, as it may be: a word that no version ever wrote.
#[test]
fn a_database_that_cannot_be_loaded_is_told_by_the_table_that_cannot_be_read() {
    let folder = folder();
    for database in stores(folder.path()) {
        fill(&database, folder.path());
        match database.strip_prefix("sqlite://") {
            Some(file) => {
                let mut bytes = std::fs::read(file).expect("the file");
                let word = b"positive";
                let places: Vec<usize> = memchr::memmem::find_iter(&bytes, word).filter(|at| bytes[at - 1] != b'\'').collect();
                assert!(!places.is_empty(), "a judgement says so");
                places.into_iter().for_each(|at| bytes[at] = b'P');
                std::fs::write(file, bytes).expect("it is damaged");
            }
            None => jiku_tests::postgres::run(
                &database,
                "ALTER TABLE judgement DISABLE TRIGGER USER; ALTER TABLE judgement DROP CONSTRAINT judgement_verdict_check;
                 UPDATE judgement SET verdict = 'Positive' WHERE verdict = 'positive'",
            ),
        }
        let told = jiku(["verify", "--json", "--database", &database]);
        told.refused(1, &["restore a backup"]);
        let found = told.json();
        let areas: Vec<(&str, &str)> = found["differences"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|found| (found["area"].as_str().expect("an area"), found["subject"].as_str().expect("a subject")))
            .collect();
        assert!(areas.contains(&("unreadable", "judgement")), "{found}");
    }
}
