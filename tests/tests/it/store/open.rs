//! Does a database that cannot be opened say why, in one sentence?

use jiku_store::Store;
use jiku_tests::stores::Database;

use super::samples::{Stored, change, record};

#[track_caller]
fn check(url: &str, sentence: &str) {
    let error = Store::open(url).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains(sentence), "{url}: {error:?} should say {sentence:?}");
    assert_eq!(error.lines().count(), 1);
}

#[test]
fn an_address_that_names_no_database_is_refused() {
    check("mysql://localhost/jiku", "must be sqlite://FILE or postgres://");
    check("jiku.db", "must be sqlite://FILE or postgres://");
    check("sqlite://", "names no file");
    check("sqlite://:memory:", "in memory is not supported");
    check("sqlite:///no/such/folder/base.db", "the folder /no/such/folder does not exist");
    check("postgres://jiku:secret@127.0.0.1:1/jiku", "127.0.0.1:1/jiku cannot be reached");
}

#[test]
fn a_file_that_is_something_else_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("letter.txt");
    let text = "Dear Sir or Madam, this is a letter and not a database at all. ".repeat(40);
    std::fs::write(&file, &text).expect("a file is written");
    check(&format!("sqlite://{}", file.display()), "is not a SQLite database");
    assert_eq!(std::fs::read_to_string(&file).expect("it is still there"), text);
    check(&format!("sqlite://{}", folder.path().display()), "is not a SQLite database");
}

#[test]
fn a_place_that_cannot_be_written_is_refused() {
    // A folder inside /proc can be written by nobody, not even by root.
    check("sqlite:///proc/self/base.db", "cannot be written");
}

#[test]
fn a_postgres_server_without_the_database_or_the_user_says_so() {
    let Some(url) = jiku_tests::postgres::database() else { return };
    let (server, _) = url.rsplit_once('/').expect("an address has a database");
    check(&format!("{server}/no_such_database"), "createdb");
    check(&format!("{}/postgres", server.replacen("postgres@", "nobody:secret@", 1)), "refused the user");
}

#[test]
fn a_server_without_our_schema_gets_it_even_when_two_nodes_come_at_once() {
    let Some(url) = jiku_tests::postgres::database() else { return };
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| Store::open(&url).expect("the schema is created once"));
        }
    });
}

#[test]
fn a_file_without_our_schema_gets_it_even_when_two_processes_come_at_once() {
    let database = Database::sqlite();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| database.store());
        }
    });
}

#[test]
fn a_backup_under_writes_is_whole_and_never_overwrites() {
    let database = Database::sqlite();
    let store = database.store();
    let copy = database.folder().join("copy.db");
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for slot in 0..200 {
                store
                    .write(|writer| -> Stored<_> {
                        writer.insert_records(&[record(slot)])?;
                        writer.append_changes(&[change("a")])
                    })
                    .expect("writing goes on");
            }
        });
        store.backup_to(&copy).expect("the backup is made");
        writing.join().expect("the writer ends");
    });
    assert!(store.backup_to(&copy).is_err(), "a backup never overwrites");
    let restored = Store::open(&format!("sqlite://{}", copy.display())).expect("the copy opens");
    assert_eq!(restored.integrity_findings().expect("the check runs"), Vec::<String>::new());
    let (last, counts) =
        restored.read(|reader| -> Stored<_> { Ok((reader.last_position()?, reader.record_counts()?)) }).expect("the copy reads");
    assert_eq!(counts.first().map_or(0, |count| count.count), last, "the copy is one state");
}

#[test]
fn postgres_is_backed_up_by_its_own_tools() {
    let Some(database) = Database::postgres() else { return };
    let refused = database.store().backup_to(&database.folder().join("copy.db")).expect_err("not here");
    assert!(refused.context().said.contains("pg_dump"));
}

#[test]
fn every_migration_of_postgres_goes_down_and_up_again() {
    let Some(database) = Database::postgres() else { return };
    let folder = jiku_tests::binary::repository().join("migrations/postgres");
    let mut migrations: Vec<_> = std::fs::read_dir(folder).expect("migrations").map(|entry| entry.expect("an entry").path()).collect();
    migrations.sort();
    let sql = |name: &str, path: &std::path::PathBuf| std::fs::read_to_string(path.join(name)).expect("a migration has two ways");
    for path in migrations.iter().rev() {
        jiku_tests::postgres::run(database.url(), &sql("down.sql", path));
    }
    let bare = Store::open_to_inspect(database.url()).expect("it opens");
    assert_eq!(bare.columns().expect("it answers"), []);
    for path in &migrations {
        jiku_tests::postgres::run(database.url(), &sql("up.sql", path));
    }
}

#[test]
fn a_postgres_database_of_a_newer_version_is_refused() {
    let Some(database) = Database::postgres() else { return };
    jiku_tests::postgres::run(database.url(), "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')");
    check(database.url(), "99990101000000 of a newer version");
}

#[test]
fn a_database_file_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let database = Database::sqlite();
    let store = database.store();
    let copy = database.folder().join("copy.db");
    store.backup_to(&copy).expect("the backup is made");
    store.write(|writer| -> Stored<_> { writer.append_changes(&[change("a")]) }).expect("it writes");
    for file in ["base.db", "base.db-wal", "base.db-shm", "copy.db"] {
        let mode = database.folder().join(file).metadata().expect("the file is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn a_store_goes_on_after_its_server_dropped_every_connection() {
    let Some(database) = Database::postgres() else { return };
    let store = database.store();
    store.write(|writer| -> Stored<_> { writer.append_changes(&[change("a")]) }).expect("it writes");
    store.peek(|reader| -> Stored<_> { reader.last_position() }).expect("it reads");
    let drop_all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    for round in 0..3_i64 {
        jiku_tests::postgres::run(database.url(), drop_all);
        let write = || store.write(|writer| -> Stored<_> { writer.append_changes(&[change("b")]) });
        let Err(lost) = write() else { panic!("the connection in the pool is dead") };
        assert!(matches!(lost, jiku_store::StoreError::Unavailable(_)), "{lost:?}");
        assert_eq!(write().expect("a new connection is made"), round + 2..round + 3);
    }
    jiku_tests::postgres::run(database.url(), drop_all);
    assert!(store.peek(|reader| -> Stored<_> { reader.last_position() }).is_err());
    assert_eq!(store.peek(|reader| -> Stored<_> { reader.last_position() }).expect("a new connection is made"), 4);
}
