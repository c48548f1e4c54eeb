//! What do invented rows look like?

use chrono::{TimeZone, Utc};
use jiku_model::{DecisionId, EntityId, JudgementId, JudgementOrigin, Kind, RecordId, TaskId, Timestamp, Verdict};
use jiku_store::{
    DecisionRow, EntityRow, EntityState, JudgementRow, NewChange, RecordRow, RecordState, ReviewTaskRow, StoreError, TaskState, VersionRow,
};
use uuid::Uuid;

/// The result of a transaction whose only errors are the store's.
pub(super) type Stored<T> = Result<T, StoreError>;

/// A moment some seconds into 2026, with microseconds.
pub(super) fn second(seconds: i64) -> Timestamp {
    Utc.timestamp_opt(1_767_225_600 + seconds, 123_456_000).single().expect("a moment in 2026")
}

/// The id with a number.
pub(super) fn uuid(number: u64) -> Uuid {
    Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | number)
}

/// The record of a person.
pub(super) fn person(slot: u32) -> RecordId {
    RecordId::new(Kind::Person, slot)
}

/// A first revision; text beyond the basic plane and quotes must come back as they went in.
pub(super) fn record(slot: u32) -> RecordRow {
    RecordRow {
        id: person(slot),
        kind: Kind::Person,
        source: 1,
        source_key: format!("K{slot:06}"),
        revision: 1,
        state: RecordState::Active,
        entity: Some(EntityId(uuid(u64::from(slot)))),
        fingerprint: vec![0, 1, 2, 255],
        received_at: second(0),
        position: i64::from(slot) + 1,
        parsed: format!(r#"{{"name":"𠮷野{slot}"}}"#),
        problems: "[]".to_owned(),
        payload: format!("{{\"name\" : \"𠮷野{slot}\",\t\"note\":\"'\\\"; --\"}}"),
    }
}

/// An active entity of one version.
pub(super) fn entity(number: u64) -> EntityRow {
    EntityRow {
        id: EntityId(uuid(number)),
        kind: Kind::Person,
        state: EntityState::Active,
        redirect: None,
        version: 1,
        created_at: second(0),
        position: 1,
    }
}

/// A version of an entity.
pub(super) fn version(number: u64, version: i32, from: i64) -> VersionRow {
    VersionRow {
        entity: EntityId(uuid(number)),
        version,
        recorded_from: second(from),
        position: from + 1,
        state: EntityState::Active,
        redirect: None,
        golden: format!(r#"{{"name":"v{version}"}}"#),
        members: "[]".to_owned(),
    }
}

/// A judgement on two people's records.
pub(super) fn judgement(number: u64, left: u32, right: u32, origin: JudgementOrigin, decision: u64) -> JudgementRow {
    JudgementRow {
        id: JudgementId(uuid(number)),
        decision: DecisionId(uuid(decision)),
        left_record: person(left),
        right_record: person(right),
        verdict: Verdict::Positive,
        origin,
        weight: Some(7.25),
        probability: Some(0.993),
        model: Some("person 1".to_owned()),
        actor: "jiku".to_owned(),
        at: second(0),
        retracted_by: None,
        evidence: "{}".to_owned(),
    }
}

/// A steward's decision.
pub(super) fn decision(number: u64) -> DecisionRow {
    DecisionRow {
        id: DecisionId(uuid(number)),
        kind: Kind::Person,
        action: "merge".to_owned(),
        actor: "wang".to_owned(),
        at: second(5),
        comment: None,
        undone_by: None,
        body: "{}".to_owned(),
    }
}

/// An open review task.
pub(super) fn task(number: u64, left: u32, right: u32, priority: i32) -> ReviewTaskRow {
    ReviewTaskRow {
        id: TaskId(uuid(number)),
        kind: Kind::Person,
        left_record: person(left),
        right_record: person(right),
        reason: "unsure".to_owned(),
        state: TaskState::Open,
        priority,
        weight: Some(1.5),
        probability: Some(0.5),
        assigned_to: None,
        opened_at: second(0),
        closed_at: None,
        decision: None,
    }
}

/// A change that concerns nothing.
pub(super) fn change(event: &str) -> NewChange {
    NewChange {
        at: second(1),
        actor: "jiku".to_owned(),
        kind: Some(Kind::Person),
        event: event.to_owned(),
        entity: None,
        body: "{}".to_owned(),
    }
}
