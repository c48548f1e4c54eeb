//! What do the registry's tests need: a registry, records, and short ways to ask?

use jiku_model::{EntityId, Kind, RawRecord, RecordKey};
use jiku_registry::{Actor, EntityView, Found, Include, Incoming, Options, Registry, RowOutcome, RowStatus, View};
use jiku_synth::{Province, Settings, SynthRecord};
use jiku_tests::stores::Database;

/// A node on the test's database; another call is another node.
pub(crate) fn open(database: &Database) -> Registry {
    // Decisions are taken again when a test says so.
    let options = Options { looks_for_generic: false, ..Options::new(database.url()) };
    Registry::open(options).expect("the test's registry opens")
}

/// Somebody who may do everything.
pub(crate) fn actor() -> Actor {
    Actor::operator("tester")
}

pub(crate) fn key(kind: Kind, source: &str, key: &str) -> RecordKey {
    RecordKey { kind, source: source.parse().expect("a source code"), key: key.to_owned() }
}

/// A record of a source under a key, its fields as `column=value` words separated by `|`.
pub(crate) fn record(kind: Kind, source: &str, source_key: &str, fields: &str) -> Incoming {
    let raw: RawRecord = fields
        .split('|')
        .filter_map(|pair| pair.split_once('='))
        .map(|(column, value)| (column.trim().to_owned(), value.trim().into()))
        .collect();
    let payload = serde_json::to_string(&raw).expect("a record prints");
    Incoming { key: key(kind, source, source_key), raw, payload, line: None, row: None }
}

pub(crate) fn person(source: &str, source_key: &str, fields: &str) -> Incoming {
    record(Kind::Person, source, source_key, fields)
}

/// Takes one record in that must be accepted.
#[track_caller]
pub(crate) fn take(registry: &Registry, incoming: Incoming) -> RowOutcome {
    let outcome = registry.ingest(&actor(), vec![incoming]).expect("ingest").pop().expect("one outcome");
    assert_ne!(outcome.status, RowStatus::Rejected, "{:?}", outcome.problems);
    outcome
}

/// The entity of a row that must have one.
#[track_caller]
pub(crate) fn entity(outcome: &RowOutcome) -> EntityId {
    outcome.entity.expect("an accepted record has an entity")
}

/// The entity of this id, which must answer itself.
#[track_caller]
pub(crate) fn find(registry: &Registry, kind: Kind, id: EntityId) -> EntityView {
    match registry.find(&actor(), kind, id, &View { as_of: None, include: Include::ALL }).expect("find") {
        Found::Record(view) => *view,
        other => panic!("entity {id} does not answer itself: {other:?}"),
    }
}

/// The entity a source's key leads to.
#[track_caller]
pub(crate) fn crosswalk(registry: &Registry, record: &RecordKey) -> EntityId {
    registry.crosswalk(&actor(), record).expect("a known record").entity
}

/// Nothing derived differs from what it should be.
#[track_caller]
pub(crate) fn verified(registry: &Registry) {
    let report = registry.verify().expect("verify runs");
    assert!(report.is_clean(), "{} differences, the first: {:#?}", report.total, &report.differences[..report.differences.len().min(5)]);
}

/// The records of a small invented province.
pub(crate) fn province(seed: u64, people: u64, companies: u64, parcels: u64) -> Vec<SynthRecord> {
    Province::new(Settings { divisions: vec!["4401".to_owned()], ..Settings::new(seed, people, companies, parcels) }).collect()
}

/// A synthetic record as it comes in.
pub(crate) fn incoming(record: &SynthRecord) -> Incoming {
    let raw = record.raw();
    let payload = serde_json::to_string(&raw).expect("a record prints");
    Incoming { key: key(record.kind, record.source, &record.source_key), raw, payload, line: None, row: None }
}

/// A citizen number with a right check character: invented, of district 440106.
pub(crate) fn number(birth: &str, sequence: u32) -> String {
    let body = format!("440106{birth}{sequence:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{body}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

/// A person of whom every source tells the same.
pub(crate) fn zhang(source: &str, source_key: &str) -> Incoming {
    let number = number("19800406", 11);
    person(source, source_key, &format!("name=张伟强|id_type=111|id_number={number}|sex=1|birth_date=1980-04-06|phone=13800138001"))
}

/// Another person.
pub(crate) fn li(source: &str, source_key: &str) -> Incoming {
    let number = number("19910723", 22);
    person(source, source_key, &format!("name=李秀英|id_type=111|id_number={number}|sex=2|birth_date=1991-07-23|phone=13800138002"))
}

/// A third one.
pub(crate) fn wang(source: &str, source_key: &str) -> Incoming {
    let number = number("19651201", 33);
    person(source, source_key, &format!("name=王建国|id_type=111|id_number={number}|sex=1|birth_date=1965-12-01|phone=13800138003"))
}

/// Everything an outsider can see of some ids: who answers, golden values, members, in the order of the ids.
pub(crate) fn picture(registry: &Registry, kind: Kind, ids: &[EntityId]) -> Vec<String> {
    let view = View { as_of: None, include: Include { sources: true, provenance: true, ..Include::default() } };
    ids.iter()
        .map(|id| match registry.find(&actor(), kind, *id, &view).expect("an id that was given out answers") {
            Found::Record(entity) => {
                let values: Vec<String> = entity
                    .values
                    .iter()
                    .map(|(column, value)| format!("{column}={} {:?} {}", value.value, value.source, value.rule))
                    .collect();
                let mut records: Vec<String> =
                    entity.sources.iter().flatten().map(|record| format!("{}/{}", record.key.source, record.key.key)).collect();
                records.sort();
                format!("{id}: {} [{}]", records.join(" "), values.join(", "))
            }
            Found::Moved(to) => format!("{id} → {to}"),
            Found::Retired { .. } => format!("{id} retired"),
        })
        .collect()
}
