//! How fast does the store alone take what an ingest writes?
//!
//! 100,000 invented records of people, in batches of one transaction each, every record with the rows an ingest makes: the
//! record, an entity (new for two records in five, otherwise its next version), the version with its golden record, the
//! golden row, a change, a judgement with evidence for those that joined one, and a review task for one in fifty.
//!
//! `cargo bench --bench store -- [sqlite://FILE | postgres://…] [records] [batch]`; without a database a SQLite file in the temporary folder.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use jiku_model::{Attributes, DecisionId, EntityId, JudgementId, JudgementOrigin, Kind, RecordId, TaskId, Verdict};
use jiku_store::{
    EntityRow, EntityState, JudgementRow, NewChange, PersonRow, RecordRow, RecordState, ReviewTaskRow, Store, StoreError, TaskState,
    VersionRow,
};
use uuid::Uuid;

/// Two records in five found a new entity.
fn entity_of(number: u32) -> u32 {
    number * 2 / 5
}

/// An id of version 7 as it would be minted at that time.
fn id(table: u64, number: u32) -> Uuid {
    let millis = 0x0190_0000_0000_u64 + u64::from(number) / 8;
    Uuid::from_u64_pair(
        millis << 16 | 0x7000,
        0x8000_0000_0000_0000 | table << 40 | u64::from(number).wrapping_mul(0x9e37) & 0xff_ffff_ffff,
    )
}

struct Batch {
    records: Vec<RecordRow>,
    new_entities: Vec<EntityRow>,
    old_entities: Vec<EntityRow>,
    versions: Vec<VersionRow>,
    persons: Vec<PersonRow>,
    judgements: Vec<JudgementRow>,
    tasks: Vec<ReviewTaskRow>,
    changes: Vec<NewChange>,
}

impl Batch {
    fn rows(&self) -> u32 {
        let entities = self.new_entities.len() + self.old_entities.len();
        let others = self.records.len() + self.versions.len() + self.persons.len() + self.judgements.len();
        u32::try_from(entities + others + self.tasks.len() + self.changes.len()).expect("a batch is small")
    }
}

fn batch(numbers: std::ops::Range<u32>, begun: DateTime<Utc>) -> Batch {
    let mut batch = Batch {
        records: vec![],
        new_entities: vec![],
        old_entities: vec![],
        versions: vec![],
        persons: vec![],
        judgements: vec![],
        tasks: vec![],
        changes: vec![],
    };
    // An entity gets one version in a batch, however many of its records the batch brings.
    for number in numbers.clone() {
        let entity = EntityId(id(1, entity_of(number)));
        let at = begun + TimeDelta::microseconds(i64::from(number));
        let name = format!("王小{}", char::from_u32(0x4e00 + number % 5_000).unwrap_or('明'));
        let golden = Attributes::from_iter([
            ("name", name.clone()),
            ("id_type", "111".to_owned()),
            ("id_number", format!("3201021980{:08}", number % 100_000_000)),
            ("sex", "1".to_owned()),
            ("birth_date", "1980-04-06".to_owned()),
            ("phone", format!("138{number:08}")),
            ("address", format!("江苏省南京市玄武区珠江路{}号3幢{}室", number % 900, number % 60)),
            ("division", "320102".to_owned()),
            ("ethnic_group", "01".to_owned()),
        ]);
        let parsed: Vec<String> = golden.iter().map(|(column, value)| format!("\"{column}\":\"{value}\"")).collect();
        let parsed = format!("{{{}}}", parsed.join(","));
        let provenance: Vec<String> = golden
            .iter()
            .map(|(column, value)| {
                format!("\"{column}\":{{\"value\":\"{value}\",\"record\":{number},\"rule\":\"trust\",\"agreeing\":2,\"differing\":1}}")
            })
            .collect();
        batch.records.push(RecordRow {
            id: RecordId::new(Kind::Person, number),
            kind: Kind::Person,
            source: i16::try_from(number % 6).unwrap_or(0),
            source_key: format!("S{:09}", number.wrapping_mul(2_654_435_761) % 1_000_000_000),
            revision: 1,
            state: RecordState::Active,
            entity: Some(entity),
            fingerprint: id(9, number).as_bytes().to_vec(),
            received_at: at,
            position: i64::from(number) + 1,
            payload: parsed.clone(),
            parsed,
            problems: "[]".to_owned(),
        });
        let first_of_entity = number == 0 || entity_of(number - 1) != entity_of(number);
        let last_in_batch = number + 1 == numbers.end || entity_of(number + 1) != entity_of(number);
        let begun_in_batch = (numbers.start..=number)
            .find(|other| entity_of(*other) == entity_of(number))
            .is_some_and(|other| other == 0 || entity_of(other - 1) != entity_of(other));
        if last_in_batch {
            let version = if begun_in_batch { 1 } else { 2 };
            let row = EntityRow {
                id: entity,
                kind: Kind::Person,
                state: EntityState::Active,
                redirect: None,
                version,
                created_at: at,
                position: i64::from(number) + 1,
            };
            if begun_in_batch {
                batch.new_entities.push(row)
            } else {
                batch.old_entities.push(row)
            }
            batch.versions.push(VersionRow {
                entity,
                version,
                recorded_from: at,
                position: i64::from(number) + 1,
                state: EntityState::Active,
                redirect: None,
                golden: format!("{{{}}}", provenance.join(",")),
                members: format!("[[{number},1]]"),
            });
            batch.persons.push(PersonRow::new(entity, &golden));
        }
        if !first_of_entity {
            batch.judgements.push(JudgementRow {
                id: JudgementId(id(2, number)),
                decision: DecisionId(id(3, numbers.start)),
                left_record: RecordId::new(Kind::Person, number - 1),
                right_record: RecordId::new(Kind::Person, number),
                verdict: Verdict::Positive,
                origin: JudgementOrigin::Model,
                weight: Some(14.5),
                probability: Some(0.999),
                model: Some("person 1".to_owned()),
                actor: "jiku".to_owned(),
                at,
                retracted_by: None,
                evidence: format!("{{\"lines\":[{}]}}", ["{\"comparison\":\"name\",\"level\":\"equal\",\"weight\":7.25}"; 6].join(",")),
            });
        }
        if number % 50 == 1 {
            batch.tasks.push(ReviewTaskRow {
                id: TaskId(id(4, number)),
                kind: Kind::Person,
                left_record: RecordId::new(Kind::Person, number / 2),
                right_record: RecordId::new(Kind::Person, number),
                reason: "unsure".to_owned(),
                state: TaskState::Open,
                priority: i32::try_from(number % 100).unwrap_or(0),
                weight: Some(2.0),
                probability: Some(0.6),
                assigned_to: None,
                opened_at: at,
                closed_at: None,
                decision: None,
            });
        }
        batch.changes.push(NewChange {
            at,
            actor: "import".to_owned(),
            kind: Some(Kind::Person),
            event: "record-linked".to_owned(),
            entity: Some(entity),
            body: format!("{{\"records\":[{number}]}}"),
        });
    }
    batch
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let folder = std::env::temp_dir().join(format!("jiku-bench-{}", std::process::id()));
    let url = arguments.next().unwrap_or_else(|| {
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        format!("sqlite://{}", folder.join("base.db").display())
    });
    let mut number = |otherwise: u32| arguments.next().map_or(otherwise, |text| text.parse().expect("a number"));
    let (records, size) = (number(100_000), number(2_000));
    let store = Store::open(&url).expect("the database opens");
    let begun = Utc::now();
    let mut parts = [
        ("record heads", 0.0),
        ("changes", 0.0),
        ("records", 0.0),
        ("entities", 0.0),
        ("versions", 0.0),
        ("golden rows", 0.0),
        ("judgements", 0.0),
        ("review tasks", 0.0),
        ("commit", 0.0),
    ];
    let (mut rows, mut seconds) = (0, 0.0);
    for from in (0..records).step_by(size as usize) {
        let batch = batch(from..(from + size).min(records), begun);
        rows += batch.rows();
        let start = Instant::now();
        let mut last = start;
        store
            .write(|writer| -> Result<(), StoreError> {
                let mut timed = |part: usize| {
                    parts[part].1 += last.elapsed().as_secs_f64();
                    last = Instant::now();
                };
                for source in 0..6 {
                    let keys: Vec<String> =
                        batch.records.iter().filter(|row| row.source == source).map(|row| row.source_key.clone()).collect();
                    writer.record_heads(Kind::Person, source, &keys)?;
                }
                timed(0);
                writer.append_changes(&batch.changes)?;
                timed(1);
                writer.insert_records(&batch.records)?;
                timed(2);
                writer.insert_entities(&batch.new_entities)?;
                writer.put_entities(&batch.old_entities)?;
                timed(3);
                writer.insert_versions(&batch.versions)?;
                timed(4);
                writer.delete_golden(Kind::Person, &batch.old_entities.iter().map(|row| row.id).collect::<Vec<_>>())?;
                writer.insert_persons(&batch.persons)?;
                timed(5);
                writer.insert_judgements(&batch.judgements)?;
                timed(6);
                writer.put_review_tasks(&batch.tasks)?;
                timed(7);
                Ok(())
            })
            .expect("the batch is written");
        parts[8].1 += last.elapsed().as_secs_f64();
        seconds += start.elapsed().as_secs_f64();
    }
    println!(
        "{records} records, {rows} rows, batches of {size}: {seconds:.2} s, {:.0} records/s, {:.0} rows/s",
        f64::from(records) / seconds,
        f64::from(rows) / seconds
    );
    for (part, seconds) in parts {
        println!("  {part:<14} {seconds:>6.2} s");
    }
    let start = Instant::now();
    let mut scanned = 0;
    store
        .read(|reader| -> Result<(), StoreError> {
            reader.scan_records(Kind::Person, 0..records, &mut |chunk| scanned += chunk.len())?;
            reader.scan_ledger(&mut |chunk| scanned += chunk.len())
        })
        .expect("the scan ends");
    println!("start-up scan of {scanned} records and judgements: {:.2} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    for number in 0..10_000_u32 {
        let wanted = EntityId(id(1, number.wrapping_mul(7_919) % entity_of(records)));
        let found = store.peek(|reader| reader.current_versions(&[wanted])).expect("the version is read");
        assert_eq!(found.len(), 1);
    }
    println!("current version by id: {:.0} a second, one thread", 10_000.0 / start.elapsed().as_secs_f64());
    drop(store);
    // Nothing to remove when the database was named.
    let _ = std::fs::remove_dir_all(&folder);
}
