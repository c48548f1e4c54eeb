//! What does a transaction see, and what is left of one that failed?

use std::sync::mpsc;
use std::time::Duration;

use jiku_store::{Backend, StoreError};
use jiku_tests::stores::Database;

use super::samples::{Stored, change, entity, record};

jiku_tests::on_both_stores! {
    a_reader_sees_one_state_while_others_write;
    a_failed_transaction_leaves_nothing;
    a_failed_part_is_undone_and_the_rest_stays;
    a_panic_inside_a_transaction_leaves_nothing_and_the_store_goes_on;
    one_writer_at_a_time_over_all_nodes;
    reading_is_logged_without_waiting_for_a_writer_where_the_database_can;
    what_others_committed_survives_a_new_opening;
}

fn a_reader_sees_one_state_while_others_write(database: &Database) {
    let store = database.store();
    store.write(|writer| -> Stored<_> { writer.append_changes(&[change("a")]) }).unwrap();
    store
        .read(|reader| -> Stored<()> {
            assert_eq!(reader.last_position()?, 1);
            store.write(|writer| -> Stored<_> { writer.append_changes(&[change("b")]) })?;
            assert_eq!(reader.last_position()?, 1);
            Ok(())
        })
        .unwrap();
    assert_eq!(store.peek(|reader| -> Stored<_> { reader.last_position() }).unwrap(), 2);
}

fn a_failed_transaction_leaves_nothing(database: &Database) {
    let store = database.store();
    let failed = store.write(|writer| -> Stored<()> {
        writer.append_changes(&[change("a")])?;
        writer.insert_entities(&[entity(1), entity(1)])
    });
    assert!(matches!(failed, Err(StoreError::Conflict(_))), "{failed:?}");
    assert_eq!(store.read(|reader| -> Stored<_> { Ok((reader.last_position()?, reader.entity_counts()?)) }).unwrap(), (0, vec![]));
}

fn a_failed_part_is_undone_and_the_rest_stays(database: &Database) {
    let store = database.store();
    store
        .write(|writer| -> Stored<()> {
            writer.insert_records(&[record(1)])?;
            let part = writer.savepoint(|part| -> Stored<()> {
                part.append_changes(&[change("a")])?;
                part.insert_records(&[record(1)])
            });
            assert!(matches!(part, Err(StoreError::Conflict(_))), "{part:?}");
            writer.savepoint(|part| -> Stored<_> { part.append_changes(&[change("b")]) })?;
            writer.insert_records(&[record(2)])
        })
        .unwrap();
    let rows = store.read(|reader| -> Stored<_> { reader.changes(0, 10) }).unwrap();
    assert_eq!(rows.iter().map(|row| (row.position, row.event.as_str())).collect::<Vec<_>>(), [(1, "b")]);
    assert_eq!(store.read(|reader| -> Stored<_> { reader.records(&[record(1).id, record(2).id]) }).unwrap().len(), 2);
}

fn a_panic_inside_a_transaction_leaves_nothing_and_the_store_goes_on(database: &Database) {
    let store = database.store();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        store.write(|writer| -> Stored<()> {
            writer.append_changes(&[change("a")])?;
            panic!("a bug in a caller")
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(store.write(|writer| -> Stored<_> { writer.append_changes(&[change("b")]) }).unwrap(), 1..2);
}

fn one_writer_at_a_time_over_all_nodes(database: &Database) {
    let (first, second) = (database.store(), database.store());
    let (send, receive) = mpsc::channel();
    std::thread::scope(|scope| {
        first
            .write(|writer| -> Stored<()> {
                let before = writer.last_position()?;
                scope.spawn(move || {
                    let seen = second.write(|writer| -> Stored<_> { writer.last_position() });
                    send.send(seen.expect("the second waits and then writes")).expect("the test listens");
                });
                assert!(receive.recv_timeout(Duration::from_millis(200)).is_err(), "the second must wait");
                assert_eq!(before, writer.last_position()?);
                writer.append_changes(&[change("a")]).map(|_| ())
            })
            .unwrap();
    });
    assert_eq!(receive.recv().expect("the second wrote"), 1, "the second sees what the first committed");
}

fn reading_is_logged_without_waiting_for_a_writer_where_the_database_can(database: &Database) {
    let store = database.store();
    if store.backend() == Backend::Postgres {
        store.write(|_| -> Stored<()> { store.log_accesses(&[], &[], &[]) }).unwrap();
    }
    store.log_accesses(&[], &[], &[]).unwrap();
}

fn what_others_committed_survives_a_new_opening(database: &Database) {
    database.store().write(|writer| -> Stored<()> { writer.insert_records(&[record(3)]) }).unwrap();
    let found = database.store().read(|reader| -> Stored<_> { reader.records(&[record(3).id]) }).unwrap();
    assert_eq!(found, [record(3)]);
}
