//! Are source records kept and found again, one and many?

use jiku_model::{EntityId, Kind, RecordId};
use jiku_store::{RecordState, RevisionRow, StoreError};
use jiku_tests::stores::Database;

use super::samples::{Stored, person, record, second, uuid};

jiku_tests::on_both_stores! {
    a_record_comes_back_as_it_went_in;
    many_records_come_back_as_they_went_in;
    a_record_is_found_by_what_its_source_calls_it;
    one_key_of_a_source_is_one_record;
    a_refusal_does_not_show_the_values_of_the_row;
    a_revision_takes_the_place_of_the_former_one_which_is_kept;
    a_scan_hands_over_every_active_record_of_its_range_once;
    records_move_to_another_entity_and_are_counted;
}

fn a_record_comes_back_as_it_went_in(database: &Database) {
    let store = database.store();
    let row = record(7);
    store.write(|writer| -> Stored<()> { writer.insert_records(std::slice::from_ref(&row)) }).unwrap();
    let found = store.read(|reader| -> Stored<_> { reader.records(&[row.id, person(8)]) }).unwrap();
    assert_eq!(found, [row]);
}

fn many_records_come_back_as_they_went_in(database: &Database) {
    let store = database.store();
    // More than one COPY buffer, more than one array of a prepared insert, and a remainder.
    let rows: Vec<_> = (0..2_509).map(record).collect();
    store.write(|writer| -> Stored<()> { writer.insert_records(&rows) }).unwrap();
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
    let mut found = store.read(|reader| -> Stored<_> { reader.records(&ids) }).unwrap();
    found.sort_by_key(|row| row.id);
    assert_eq!(found, rows);
}

fn a_record_is_found_by_what_its_source_calls_it(database: &Database) {
    let store = database.store();
    store.write(|writer| -> Stored<()> { writer.insert_records(&(0..40).map(record).collect::<Vec<_>>()) }).unwrap();
    let keys = ["K000003".to_owned(), "K999999".to_owned(), "K000039".to_owned()];
    let mut heads = store.read(|reader| -> Stored<_> { reader.record_heads(Kind::Person, 1, &keys) }).unwrap();
    heads.sort_by_key(|head| head.id);
    assert_eq!(heads.iter().map(|head| head.id).collect::<Vec<_>>(), [person(3), person(39)]);
    assert_eq!(heads[0].fingerprint, record(3).fingerprint);
    let elsewhere = store.read(|reader| -> Stored<_> { reader.record_heads(Kind::Parcel, 1, &keys) }).unwrap();
    assert_eq!(elsewhere, []);
}

fn one_key_of_a_source_is_one_record(database: &Database) {
    let store = database.store();
    store.write(|writer| -> Stored<()> { writer.insert_records(&[record(1)]) }).unwrap();
    for count in [1, 40] {
        let doubles: Vec<_> =
            (0..count).map(|slot| jiku_store::RecordRow { source_key: "K000001".to_owned(), ..record(100 + slot) }).collect();
        let refused = store.write(|writer| -> Stored<()> { writer.insert_records(&doubles) });
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
}

fn a_refusal_does_not_show_the_values_of_the_row(database: &Database) {
    let store = database.store();
    store.write(|writer| -> Stored<()> { writer.insert_records(&[record(1)]) }).unwrap();
    let refused = store.write(|writer| -> Stored<()> { writer.insert_records(&[record(1)]) }).unwrap_err();
    let shown = format!("{refused} {refused:?}");
    assert!(!shown.contains("K000001") && !shown.contains("𠮷"), "{shown}");
}

fn a_revision_takes_the_place_of_the_former_one_which_is_kept(database: &Database) {
    let store = database.store();
    let first = record(1);
    let second_revision =
        jiku_store::RecordRow { revision: 2, received_at: second(9), parsed: r#"{"name":"new"}"#.to_owned(), ..record(1) };
    let kept = RevisionRow {
        record: first.id,
        revision: 1,
        state: RecordState::Active,
        recorded_from: second(0),
        recorded_to: second(9),
        fingerprint: first.fingerprint.clone(),
        parsed: first.parsed.clone(),
        problems: first.problems.clone(),
        payload: first.payload.clone(),
    };
    store.write(|writer| -> Stored<()> { writer.insert_records(std::slice::from_ref(&first)) }).unwrap();
    store
        .write(|writer| -> Stored<()> {
            writer.insert_revisions(std::slice::from_ref(&kept))?;
            writer.put_records(std::slice::from_ref(&second_revision))
        })
        .unwrap();
    let (current, former) =
        store.read(|reader| -> Stored<_> { Ok((reader.records(&[person(1)])?, reader.revisions(&[person(1)])?)) }).unwrap();
    assert_eq!((current, former), (vec![second_revision], vec![kept]));
}

fn a_scan_hands_over_every_active_record_of_its_range_once(database: &Database) {
    let store = database.store();
    let mut rows: Vec<_> = (0..25_010).map(record).collect();
    rows[5].state = RecordState::Withdrawn;
    rows[5].entity = None;
    store.write(|writer| -> Stored<()> { writer.insert_records(&rows) }).unwrap();
    let mut seen = Vec::new();
    let mut largest = 0;
    store
        .read(|reader| -> Stored<()> {
            reader.scan_records(Kind::Person, 2..25_000, &mut |chunk| {
                largest = largest.max(chunk.len());
                seen.extend(chunk.iter().map(|row| row.id.slot()));
            })
        })
        .unwrap();
    assert_eq!(seen, (2..25_000).filter(|slot| *slot != 5).collect::<Vec<_>>());
    assert!(largest <= 10_000, "memory stays flat, got a chunk of {largest}");
    let last = store.read(|reader| -> Stored<_> { Ok((reader.last_record(Kind::Person)?, reader.last_record(Kind::Parcel)?)) }).unwrap();
    assert_eq!(last, (Some(person(25_009)), None));
}

fn records_move_to_another_entity_and_are_counted(database: &Database) {
    let store = database.store();
    store.write(|writer| -> Stored<()> { writer.insert_records(&(0..3).map(record).collect::<Vec<_>>()) }).unwrap();
    let target = EntityId(uuid(77));
    let moved = store.write(|writer| -> Stored<_> { writer.move_records(&[person(0), person(2), person(9)], Some(target)) }).unwrap();
    assert_eq!(moved, 2);
    let (rows, counts) = store.read(|reader| -> Stored<_> { Ok((reader.records(&[person(2)])?, reader.record_counts()?)) }).unwrap();
    assert_eq!(rows[0].entity, Some(target));
    assert_eq!(
        counts.iter().map(|count| (count.kind, count.source, count.state, count.count)).collect::<Vec<_>>(),
        [(Kind::Person, 1, RecordState::Active, 3)]
    );
}
