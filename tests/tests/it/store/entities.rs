//! Do canonical ids and their versions answer for every moment?

use jiku_model::{Attributes, EntityId, Kind};
use jiku_store::{EntityRow, EntityState, ParcelGeometry, ParcelRow, PersonRow, RelationshipRow, RightRow, StoreError, VersionRow};
use jiku_tests::stores::Database;

use super::samples::{Stored, entity, second, uuid, version};

fn numbers(rows: &[VersionRow]) -> Vec<(EntityId, i32)> {
    let mut numbers: Vec<_> = rows.iter().map(|row| (row.entity, row.version)).collect();
    numbers.sort_unstable();
    numbers
}

jiku_tests::on_both_stores! {
    a_version_holds_from_its_moment_until_the_next_one;
    a_merged_entity_must_redirect_and_an_active_one_must_not;
    scans_of_entities_and_versions_hand_over_each_once;
    golden_rows_are_replaced_and_taken_away;
    a_parcel_keeps_its_geometry_and_is_found_by_its_party;
}

fn a_version_holds_from_its_moment_until_the_next_one(database: &Database) {
    let store = database.store();
    let ids: Vec<EntityId> = (1..=3).map(|number| EntityId(uuid(number))).collect();
    store
        .write(|writer| -> Stored<()> {
            writer.insert_entities(&[EntityRow { version: 3, ..entity(1) }, entity(2), entity(3)])?;
            writer.insert_versions(&[version(1, 1, 10), version(1, 2, 20), version(1, 3, 30), version(2, 1, 20), version(3, 1, 99)])
        })
        .unwrap();
    let at =
        |seconds| store.read(|reader| -> Stored<_> { reader.versions_as_of(&ids, second(seconds)) }).map(|rows| numbers(&rows)).unwrap();
    assert_eq!(at(9), []);
    assert_eq!(at(10), [(ids[0], 1)]);
    assert_eq!(at(29), [(ids[0], 2), (ids[1], 1)]);
    assert_eq!(at(1_000), [(ids[0], 3), (ids[1], 1), (ids[2], 1)]);
    let current = store.read(|reader| -> Stored<_> { reader.current_versions(&ids) }).unwrap();
    assert_eq!(numbers(&current), [(ids[0], 3), (ids[1], 1), (ids[2], 1)]);
    let all = store.read(|reader| -> Stored<_> { reader.versions(ids[0]) }).unwrap();
    assert_eq!(all, [version(1, 1, 10), version(1, 2, 20), version(1, 3, 30)]);
}

fn a_merged_entity_must_redirect_and_an_active_one_must_not(database: &Database) {
    let store = database.store();
    for (state, redirect, good) in [
        (EntityState::Merged, Some(EntityId(uuid(2))), true),
        (EntityState::Merged, None, false),
        (EntityState::Active, Some(EntityId(uuid(2))), false),
        (EntityState::Retired, None, true),
    ] {
        let put = store.write(|writer| -> Stored<()> { writer.put_entities(&[EntityRow { state, redirect, ..entity(1) }]) });
        assert_eq!(put.is_ok(), good, "{state} {redirect:?}");
        assert!(good || matches!(put, Err(StoreError::Conflict(_))), "{put:?}");
    }
}

fn scans_of_entities_and_versions_hand_over_each_once(database: &Database) {
    let store = database.store();
    let rows: Vec<_> = (1..=10_005).map(entity).collect();
    let versions: Vec<_> = (1..=10_005).map(|number| version(number, 1, 0)).collect();
    store
        .write(|writer| -> Stored<()> {
            writer.insert_entities(&rows)?;
            writer.insert_versions(&versions)
        })
        .unwrap();
    let (mut seen, mut bodies, mut others) = (Vec::new(), Vec::new(), 0);
    store
        .read(|reader| -> Stored<()> {
            reader.scan_entities(&mut |chunk| seen.extend(chunk))?;
            reader.scan_current_versions(Kind::Person, &mut |chunk| bodies.extend(chunk))?;
            reader.scan_current_versions(Kind::Parcel, &mut |chunk| others += chunk.len())
        })
        .unwrap();
    assert_eq!((seen, bodies, others), (rows, versions, 0));
}

fn golden_rows_are_replaced_and_taken_away(database: &Database) {
    let store = database.store();
    let golden = |name: &str| Attributes::from_iter([("name", name), ("id_number", "11010519491231002X")]);
    let ids = [EntityId(uuid(1)), EntityId(uuid(2))];
    store
        .write(|writer| -> Stored<()> {
            writer.insert_persons(&[PersonRow::new(ids[0], &golden("张伟")), PersonRow::new(ids[1], &golden("李娜"))])?;
            writer.delete_golden(Kind::Person, &ids[..1])?;
            writer.insert_persons(&[PersonRow::new(ids[0], &golden("张玮"))])
        })
        .unwrap();
    let mut rows = store.read(|reader| -> Stored<_> { reader.persons(&ids) }).unwrap();
    rows.sort_by_key(|row| row.entity);
    assert_eq!(rows, [PersonRow::new(ids[0], &golden("张玮")), PersonRow::new(ids[1], &golden("李娜"))]);
    let gone = store.write(|writer| -> Stored<_> { writer.delete_golden(Kind::Person, &ids) }).unwrap();
    assert_eq!(gone, 2);
}

fn a_parcel_keeps_its_geometry_and_is_found_by_its_party(database: &Database) {
    let store = database.store();
    let id = EntityId(uuid(9));
    let golden = Attributes::from_iter([("parcel_code", "110105001001GB00001"), ("registered_area_m2", "120.5")]);
    let geometry = ParcelGeometry { wkb: vec![1, 3, 0, 0], bounds: [118.1, 31.1, 118.2, 31.2], planar_area_m2: 120.25 };
    let parcel = ParcelRow::new(id, &golden, Some(geometry));
    let party = RelationshipRow {
        from_entity: id,
        ordinal: 0,
        from_kind: Kind::Parcel,
        role: "right_holder".to_owned(),
        to_number: Some("91110105MA01".to_owned()),
        to_name: Some("甲公司".to_owned()),
    };
    let right = RightRow {
        parcel: id,
        ordinal: 0,
        party_number: party.to_number.clone(),
        party_name: party.to_name.clone(),
        right_type: Some("land-use".to_owned()),
        share: Some("1/2".to_owned()),
        valid_from: None,
        valid_to: None,
        category: "right".to_owned(),
        certificate: None,
    };
    store
        .write(|writer| -> Stored<()> {
            writer.insert_parcels(std::slice::from_ref(&parcel))?;
            writer.put_relationships(&[id], std::slice::from_ref(&party))?;
            writer.put_rights(&[id], std::slice::from_ref(&right))
        })
        .unwrap();
    store
        .read(|reader| -> Stored<()> {
            assert_eq!(reader.parcels(&[id])?, [parcel]);
            assert_eq!(reader.relationships_to_numbers(&["91110105MA01".to_owned()])?, std::slice::from_ref(&party));
            assert_eq!(reader.relationships_from(&[id])?, [party]);
            assert_eq!(reader.rights_of_parcels(&[id])?, [right]);
            Ok(())
        })
        .unwrap();
    store.write(|writer| -> Stored<()> { writer.put_relationships(&[id], &[]) }).unwrap();
    assert_eq!(store.read(|reader| -> Stored<_> { reader.relationships_from(&[id]) }).unwrap(), []);
}
