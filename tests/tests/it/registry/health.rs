//! Does verify find what is wrong, and does rebuild put it right?

use jiku_model::{JudgementId, Kind, RecordId, Verdict};
use jiku_registry::Expected;
use jiku_store::{EntityRow, JudgementRow, ModelRow, ParcelRow, PersonRow, RecordRow, StoreError, SurvivorshipRow, VersionRow, Writer};
use jiku_tests::long::{Numbers, setting};
use jiku_tests::stores::Database;
use uuid::Uuid;

use super::support::{actor, entity, incoming, li, open, picture, province, take, verified, zhang};

jiku_tests::on_both_stores! {
    planted_faults_are_found_and_named;
    a_value_that_does_not_open_is_named;
    judgements_that_the_model_in_use_would_not_make_are_found;
    single_faults_are_each_found_by_the_name_of_what_they_hit;
    what_nothing_is_computed_from_is_found_when_it_changes;
    rebuild_changes_nothing_that_was_right;
}

/// Changes the database behind the registry's back.
fn plant(database: &Database, fault: impl FnOnce(&mut Writer<'_>) -> Result<(), StoreError>) {
    database.store().write(fault).expect("the fault is planted");
}

fn planted_faults_are_found_and_named(database: &Database) {
    let registry = open(database);
    registry.ingest(&actor(), province(31, 20, 3, 3).iter().map(incoming).collect()).expect("ingest");
    let one = take(&registry, zhang("gongan", "1"));
    let two = take(&registry, zhang("weijian", "a"));
    let other = entity(&take(&registry, li("gongan", "2")));
    let id = entity(&one);
    assert_eq!(one.entity, two.entity);
    verified(&registry);
    let areas = |registry: &jiku_registry::Registry| {
        let mut areas: Vec<&str> = registry.verify().expect("verify").differences.iter().map(|difference| difference.area).collect();
        areas.sort_unstable();
        areas.dedup();
        areas
    };
    let store = database.store();
    let person = store.read(|reader| reader.persons(&[id])).expect("read").pop().expect("a row");
    let say = |person: &jiku_store::PersonRow| {
        plant(database, |writer| {
            writer.delete_golden(Kind::Person, &[person.entity])?;
            writer.insert_persons(std::slice::from_ref(person))
        });
    };
    say(&jiku_store::PersonRow { phone: None, ..person.clone() });
    assert_eq!(areas(&registry), ["typed-table"]);
    say(&person);

    let records: Vec<RecordId> =
        store.read(|reader| reader.current_versions(&[id])).expect("read").iter().flat_map(|row| members(&row.members)).collect();
    plant(database, |writer| writer.move_records(&records[..1], Some(other)).map(drop));
    assert!(areas(&registry).contains(&"cluster"), "{:?}", areas(&registry));
    plant(database, |writer| writer.move_records(&records[..1], Some(id)).map(drop));
    verified(&registry);

    // A version nobody planned: its golden record is a lie, and the memory does not know it.
    let right: VersionRow = store.read(|reader| reader.current_versions(&[id])).expect("read").pop().expect("a version");
    let lie = VersionRow { version: right.version + 1, golden: right.golden.replace("张伟强", "张伟弱"), ..right };
    plant(database, |writer| {
        let entity: EntityRow = writer.entities(&[id])?.pop().expect("an entity");
        writer.insert_versions(std::slice::from_ref(&lie))?;
        writer.put_entities(&[EntityRow { version: lie.version, ..entity }])
    });
    assert_eq!(areas(&registry), ["golden", "graph"]);
}

/// On PostgreSQL; how each table is gone through on SQLite is tested with the store.
fn a_value_that_does_not_open_is_named(database: &Database) {
    let registry = open(database);
    let id = entity(&take(&registry, zhang("gongan", "1")));
    verified(&registry);
    if database.url().starts_with("sqlite") {
        return;
    }
    let shorter = "UPDATE person SET phone = left(phone, length(phone) - 4)";
    jiku_tests::postgres::run(database.url(), shorter);
    let report = registry.verify().expect("verify tells what it found");
    let found: Vec<(&str, bool)> = report.differences.iter().map(|found| (found.area, found.subject == format!("person {id:?}"))).collect();
    assert_eq!(found, [("sealed-value", true)], "{:?}", report.differences);
}

/// As a node would write them that missed another model or other thresholds.
fn judgements_that_the_model_in_use_would_not_make_are_found(database: &Database) {
    let registry = open(database);
    for source in ["gongan", "weijian"] {
        take(&registry, zhang(source, "1"));
    }
    let mut pairs = Vec::new();
    database.store().read(|reader| reader.scan_ledger(&mut |rows| pairs.extend(rows))).expect("the ledger");
    let ids: Vec<_> = pairs.iter().map(|entry| entry.id).collect();
    let [right] = &*database.store().read(|reader| reader.judgements(&ids)).expect("judgements") else { panic!("one pair was judged") };
    let right = right.clone();
    let say = |row: &JudgementRow| {
        plant(database, |writer| {
            let standing: Vec<_> = writer.ledger_of_records(&[row.left_record])?.iter().map(|entry| entry.id).collect();
            writer.retract_judgements(&standing, row.decision)?;
            writer.insert_judgements(&[JudgementRow { id: JudgementId(Uuid::now_v7()), ..row.clone() }])
        });
    };
    let told = |row: &JudgementRow| {
        say(row);
        let report = registry.verify().expect("verify");
        say(&right);
        verified(&registry);
        let found = report.differences.into_iter().find(|difference| difference.area == "judgement");
        found.expect("a judgement that the model would not make").detail
    };
    let weight = right.weight.expect("a weight");
    let of_other_weights = told(&JudgementRow { weight: Some(weight - 1.0), ..right.clone() });
    assert_eq!(of_other_weights, format!("the ledger says {:.2}, the model in use {weight:.2}", weight - 1.0));
    let of_other_thresholds = told(&JudgementRow { verdict: Verdict::Unsure, ..right.clone() });
    assert_eq!(of_other_thresholds, format!("the ledger says Unsure, at {weight:.2} the model in use says Positive"));
}

/// R11 in docs/reliability.md: by hand as many faults as `JIKU_FAULTS` says, each mended before the next.
fn single_faults_are_each_found_by_the_name_of_what_they_hit(database: &Database) {
    let registry = open(database);
    registry.ingest(&actor(), province(33, 30, 4, 12).iter().map(incoming).collect()).expect("ingest");
    let (mut people, mut parcels): (Vec<PersonRow>, Vec<ParcelRow>) = Default::default();
    let scan = database.store().read(|reader| {
        reader.scan_persons(&mut |rows| people.extend(rows))?;
        reader.scan_parcels(&mut |rows| parcels.extend(rows))
    });
    scan.expect("the rows are read");
    let say = |row: &PersonRow| {
        plant(database, |writer| {
            writer.delete_golden(Kind::Person, &[row.entity])?;
            writer.insert_persons(std::slice::from_ref(row))
        });
    };
    let lay = |row: &ParcelRow| {
        plant(database, |writer| {
            writer.delete_golden(Kind::Parcel, &[row.entity])?;
            writer.insert_parcels(std::slice::from_ref(row))
        });
    };
    let mut numbers = Numbers::new(setting("JIKU_FAULTS_SEED", 1));
    for fault in 0..setting("JIKU_FAULTS", 10) {
        let (person, other) = (&people[numbers.below(people.len())], &people[numbers.below(people.len())]);
        let parcel = &parcels[numbers.below(parcels.len())];
        let named = |names: &[String]| {
            let report = registry.verify().expect("verify");
            let told = report.differences.iter().any(|found| names.iter().any(|name| found.subject.contains(name)));
            assert!(told, "fault {fault} at {names:?}: {:?}", report.differences);
        };
        match fault % 5 {
            0 => {
                plant(database, |writer| writer.delete_golden(Kind::Person, &[person.entity]).map(drop));
                named(&[person.entity.to_string()]);
                say(person);
            }
            1 => {
                say(&PersonRow { birth_date: Some("1850-01-02".to_owned()), ..person.clone() });
                named(&[person.entity.to_string()]);
                say(person);
            }
            2 if person.entity != other.entity => {
                let held = database.store().read(|reader| reader.current_versions(&[person.entity])).expect("read");
                let record = members(&held[0].members)[0];
                plant(database, |writer| writer.move_records(&[record], Some(other.entity)).map(drop));
                named(&[person.entity.to_string(), other.entity.to_string(), record.0.to_string()]);
                plant(database, |writer| writer.move_records(&[record], Some(person.entity)).map(drop));
            }
            3 => {
                lay(&ParcelRow { min_lon: parcel.min_lon.map(|longitude| longitude - 0.1), ..parcel.clone() });
                named(&[parcel.entity.to_string()]);
                lay(parcel);
            }
            _ => {
                plant(database, |writer| writer.delete_golden(Kind::Parcel, &[parcel.entity]).map(drop));
                named(&[parcel.entity.to_string()]);
                lay(parcel);
            }
        }
    }
    verified(&registry);
}

/// Texts as they came, digests, moments, models and rules: a page that was damaged would be believed.
fn what_nothing_is_computed_from_is_found_when_it_changes(database: &Database) {
    let registry = open(database);
    registry.ingest(&actor(), province(34, 5, 2, 4).iter().map(incoming).collect()).expect("ingest");
    let outcome = take(&registry, zhang("gongan", "1"));
    verified(&registry);
    let found = |area: &str| registry.verify().expect("verify").differences.iter().any(|difference| difference.area == area);
    let store = database.store();
    for kind in Kind::ALL {
        let last = store.read(|reader| reader.last_record(kind)).expect("read").expect("a record");
        let right = store.read(|reader| reader.records(&[last])).expect("read").pop().expect("a row");
        let mut text = right.payload.clone();
        // Another character in the middle, so that it is a text still.
        let place = text.char_indices().map(|(at, _)| at).nth(text.chars().count() / 2).expect("a text");
        let next = text[place..].chars().next().expect("a character");
        text.replace_range(place..place + next.len_utf8(), if next == 'x' { "y" } else { "x" });
        let digest: Vec<u8> = right.fingerprint.iter().map(|byte| byte ^ 1).collect();
        let wrong = [
            RecordRow { payload: text, ..right.clone() },
            RecordRow { fingerprint: digest, ..right.clone() },
            RecordRow { received_at: right.received_at + chrono::TimeDelta::microseconds(256), ..right.clone() },
        ];
        for row in wrong {
            plant(database, |writer| writer.put_records(std::slice::from_ref(&row)));
            assert!(found("record"), "{kind}: {:?}", registry.verify());
        }
        plant(database, |writer| writer.put_records(std::slice::from_ref(&right)));
        let model = store.read(|reader| reader.active_model(kind)).expect("read").expect("a model");
        plant(database, |writer| writer.put_model(&ModelRow { toml: format!("{} ", model.toml), ..model.clone() }));
        assert!(found("model"), "{kind}");
        plant(database, |writer| writer.put_model(&model));
        let rules = store.read(|reader| reader.active_survivorship(kind)).expect("read").expect("rules");
        plant(database, |writer| writer.put_survivorship(&SurvivorshipRow { actor: "nobody".to_owned(), ..rules.clone() }));
        assert!(found("survivorship"), "{kind}");
        plant(database, |writer| writer.put_survivorship(&rules));
    }
    let right = store.read(|reader| reader.entities(&[entity(&outcome)])).expect("read").pop().expect("an entity");
    let wrong = EntityRow { created_at: right.created_at - chrono::TimeDelta::microseconds(1), ..right.clone() };
    plant(database, |writer| writer.put_entities(&[wrong]));
    assert!(found("entity"));
    plant(database, |writer| writer.put_entities(&[right]));
    verified(&registry);
}

fn members(text: &str) -> Vec<RecordId> {
    let pairs: Vec<(RecordId, i32)> = serde_json::from_str(text).expect("members");
    pairs.into_iter().map(|(record, _)| record).collect()
}

fn rebuild_changes_nothing_that_was_right(database: &Database) {
    let registry = open(database);
    let outcomes = registry.ingest(&actor(), province(32, 60, 10, 10).iter().map(incoming).collect()).expect("ingest");
    let first = entity(&take(&registry, zhang("gongan", "1")));
    let second = entity(&take(&registry, li("gongan", "2")));
    registry.merge(&actor(), Kind::Person, &[first, second], None, &Expected::new(), false).expect("merge");
    let mut ids: Vec<_> = outcomes.iter().filter(|outcome| outcome.key.kind == Kind::Person).filter_map(|outcome| outcome.entity).collect();
    ids.extend([first, second]);
    let before = picture(&registry, Kind::Person, &ids);
    let position = registry.position();
    registry.rebuild(&actor()).expect("rebuild");
    assert_eq!(registry.position(), position, "nothing differed, so nothing was written");
    assert_eq!(picture(&registry, Kind::Person, &ids), before);
    verified(&registry);
    // What is broken is put right.
    let store = database.store();
    store.write(|writer| writer.delete_golden(Kind::Person, &[first]).map(drop)).expect("a fault");
    assert!(!registry.verify().expect("verify").is_clean());
    registry.rebuild(&actor()).expect("rebuild");
    verified(&registry);
}
