//! Is the change log without gaps and its chain unbroken, whoever writes?

use std::sync::Barrier;

use jiku_model::{EntityId, Kind};
use jiku_store::{GENESIS_HASH, NewAccess, NewAccessPage};
use jiku_tests::stores::Database;

use super::samples::{Stored, change, second, uuid};

jiku_tests::on_both_stores! {
    positions_follow_one_another_and_the_hashes_chain;
    a_changed_row_breaks_the_chain;
    a_follower_skips_nothing_while_many_write_and_some_give_up;
    readings_are_logged_and_found_by_whose_data_was_read;
}

fn positions_follow_one_another_and_the_hashes_chain(database: &Database) {
    let store = database.store();
    let first = store.write(|writer| -> Stored<_> { writer.append_changes(&[change("a"), change("b")]) }).unwrap();
    let none = store.write(|writer| -> Stored<_> { writer.append_changes(&[]) }).unwrap();
    let many = store.write(|writer| -> Stored<_> { writer.append_changes(&vec![change("c"); 100]) }).unwrap();
    assert_eq!((first, none, many), (1..3, 3..3, 3..103));
    let rows = store.read(|reader| -> Stored<_> { reader.changes(0, 1_000) }).unwrap();
    let mut hash = GENESIS_HASH.to_vec();
    for (row, position) in rows.iter().zip(1..) {
        assert_eq!((row.position, row.hash.as_slice()), (position, row.hash_after(&hash).as_slice()));
        hash.clone_from(&row.hash);
    }
    assert_eq!(
        store.read(|reader| -> Stored<_> { Ok((reader.last_position()?, reader.last_change()?)) }).unwrap(),
        (102, rows.last().cloned())
    );
    assert_eq!(store.read(|reader| -> Stored<_> { reader.changes(100, 1) }).unwrap(), rows[100..101]);
}

fn a_changed_row_breaks_the_chain(database: &Database) {
    let store = database.store();
    store.write(|writer| -> Stored<_> { writer.append_changes(&[change("a")]) }).unwrap();
    let row = store.read(|reader| -> Stored<_> { reader.last_change() }).unwrap().expect("one change");
    for tampered in [
        jiku_store::ChangeRow { actor: "somebody".to_owned(), ..row.clone() },
        jiku_store::ChangeRow { at: second(2), ..row.clone() },
        jiku_store::ChangeRow { kind: None, ..row.clone() },
        jiku_store::ChangeRow { entity: Some(EntityId(uuid(1))), ..row.clone() },
        jiku_store::ChangeRow { event: "a{".to_owned(), body: "}".to_owned(), ..row.clone() },
    ] {
        assert_ne!(tampered.hash_after(&GENESIS_HASH).to_vec(), row.hash);
    }
}

fn a_follower_skips_nothing_while_many_write_and_some_give_up(database: &Database) {
    let nodes = [database.store(), database.store()];
    let barrier = Barrier::new(5);
    let followed = std::thread::scope(|scope| {
        let writing = [0, 1, 2, 3].map(|number| {
            let (store, barrier) = (&nodes[number % 2], &barrier);
            scope.spawn(move || {
                barrier.wait();
                for round in 0..25 {
                    // One in five takes positions and gives up: they must be given again.
                    let result = store.write(|writer| -> Stored<()> {
                        writer.append_changes(&[change("x"), change("y")])?;
                        if round % 5 == 4 { writer.insert_records(&[super::samples::record(1), super::samples::record(1)]) } else { Ok(()) }
                    });
                    assert_eq!(result.is_ok(), round % 5 != 4);
                }
            })
        });
        let store = database.store();
        barrier.wait();
        let mut followed: Vec<i64> = Vec::new();
        loop {
            let ended = writing.iter().all(|thread| thread.is_finished());
            let after = followed.last().copied().unwrap_or(0);
            let new = store.read(|reader| -> Stored<_> { reader.changes(after, 7) }).unwrap();
            followed.extend(new.iter().map(|row| row.position));
            if ended && new.is_empty() {
                return followed;
            }
        }
    });
    assert_eq!(followed, (1..=160).collect::<Vec<_>>());
}

fn readings_are_logged_and_found_by_whose_data_was_read(database: &Database) {
    let store = database.store();
    let reading = |number: u64| NewAccess {
        at: second(0),
        principal: "wang".to_owned(),
        department: "civil affairs".to_owned(),
        purpose: None,
        action: "find".to_owned(),
        kind: Kind::Person,
        entity: Some(EntityId(uuid(number))),
        fields: "name,phone".to_owned(),
        request_id: Some(format!("r{number}")),
    };
    store.log_accesses(&[reading(1), reading(2)], &[], &[]).unwrap();
    store.log_accesses(&(0..30).map(|_| reading(1)).collect::<Vec<_>>(), &[], &[]).unwrap();
    let of = |number, before, limit| {
        store.read(|reader| -> Stored<_> { reader.accesses_of_entity(EntityId(uuid(number)), before, limit) }).unwrap()
    };
    assert_eq!(of(2, None, 100).len(), 1);
    let page = of(1, None, 30);
    assert_eq!((page.len(), of(1, Some(page[29].id), 30).len()), (30, 1));
    assert_eq!(page[29].request_id.as_deref(), Some("r1"));
    assert_eq!(store.read(|reader| -> Stored<_> { reader.accesses(None, 100) }).unwrap().len(), 32);

    // Two files of three pages each, and one of another time with fewer people.
    let pages = |file: &str, people: std::ops::Range<u64>| {
        for page in people.collect::<Vec<_>>().chunks(3) {
            let reading = NewAccess { action: "export".to_owned(), entity: None, request_id: Some(file.to_owned()), ..reading(0) };
            let page = page.iter().map(|number| EntityId(uuid(*number))).collect();
            store.log_pages(&[NewAccessPage::new(reading, page)], &[]).unwrap();
        }
    };
    pages("f1", 1..10);
    pages("f2", 1..10);
    pages("f3", 4..6);
    let files = |number| -> Vec<String> {
        of(number, None, 100).into_iter().filter_map(|row| row.request_id.filter(|id| id.starts_with('f'))).collect()
    };
    assert_eq!((files(1), files(2)), (vec!["f2".to_owned(), "f1".to_owned()], vec!["f2".to_owned(), "f1".to_owned()]), "latest first");
    assert_eq!(files(5), ["f3", "f2", "f1"]);
    assert_eq!((files(9).len(), files(10).len(), files(77).len()), (2, 0, 0), "the last, and nobody of them");
    let page = of(2, None, 2);
    assert_eq!((page.len(), of(2, Some(page[1].id), 10).len()), (2, 1), "page by page with what was read alone");
}

/// The service's own role need not own the tables, so that it cannot take the triggers away either (docs/operations.md).
#[test]
fn a_role_that_owns_nothing_is_enough_and_cannot_rewrite_history() {
    let Some(database) = Database::postgres() else { return };
    drop(database.store());
    let role = format!("jiku_service_{}", std::process::id());
    let page = std::fs::read_to_string(jiku_tests::binary::repository().join("docs/operations.md")).expect("the page");
    let grants = page.split("```sql\n").nth(1).and_then(|rest| rest.split("```").next()).expect("the page grants the service's role");
    jiku_tests::postgres::run(database.url(), &grants.replace("jiku_service", &role));
    let url = database.url().replacen("postgres@", &format!("{role}@"), 1);
    assert_ne!(url, database.url());
    let people = database.folder().join("people.csv");
    std::fs::write(&people, "source,source_key,name,birth_date\ngongan,1,欧阳明,1990-02-01\nweijian,1,欧阳明,1990-02-01\n")
        .expect("a file");
    let people = people.to_str().expect("UTF-8");
    for command in [
        &["ingest", "--database", &url, "--kind", "person", people][..],
        &["keyring", "--database", &url, "rotate"],
        &["rebuild", "--database", &url],
        &["retention", "--database", &url],
        &["verify", "--database", &url],
    ] {
        jiku_tests::command::jiku(command).well();
    }
    let refused = |sql: &str| !jiku_tests::postgres::runs(&url, sql);
    assert!(!refused("SELECT count(*) FROM change_log"), "it may read");
    for table in ["change_log", "access_log"] {
        for sql in [
            format!("ALTER TABLE {table} DISABLE TRIGGER ALL"),
            format!("UPDATE {table} SET at = at"),
            format!("DELETE FROM {table}"),
            format!("TRUNCATE {table}"),
            format!("DROP TABLE {table}"),
        ] {
            assert!(refused(&sql), "{sql}");
        }
    }
    assert!(refused("CREATE TABLE own (id integer)"), "it makes no tables");
}

#[test]
fn postgres_itself_refuses_to_rewrite_history() {
    let Some(database) = Database::postgres() else { return };
    let refused = |sql: &str| !jiku_tests::postgres::runs(database.url(), sql);
    for table in ["change_log", "access_log", "entity_version", "source_record_revision", "judgement"] {
        assert!(refused(&format!("DELETE FROM {table}")), "DELETE FROM {table}");
        assert!(refused(&format!("TRUNCATE {table}")), "TRUNCATE {table}");
    }
    for sql in ["UPDATE change_log SET actor = ''", "UPDATE access_log SET principal = ''", "UPDATE judgement SET verdict = 'negative'"] {
        assert!(refused(sql), "{sql}");
    }
    assert!(!refused("UPDATE judgement SET retracted_by = decision"), "a judgement may be retracted");
}
