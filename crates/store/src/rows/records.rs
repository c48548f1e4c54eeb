//! What are the rows of source records and their former revisions?

use diesel::prelude::*;
use jiku_model::{EntityId, Kind, RecordId, Timestamp};

use crate::types::RecordState;

row! {
    /// The current revision of every record a source has sent.
    pub struct RecordRow in source_record {
        /// The kind in the high bits and a dense slot in the low ones.
        pub id: RecordId,
        /// 1 person, 2 legal person, 3 parcel.
        pub kind: Kind,
        /// Number of the source system.
        pub source: i16,
        /// The source's own key; may itself be an identity number.
        pub source_key: String,
        /// Counted from 1.
        pub revision: i32,
        /// Active or withdrawn.
        pub state: RecordState,
        /// The entity it speaks of; none once withdrawn.
        pub entity: Option<EntityId>,
        /// Digest of the content: equal means unchanged.
        pub fingerprint: Vec<u8>,
        /// When this revision was received.
        pub received_at: Timestamp,
        /// The change-log position at which this revision was received.
        pub position: i64,
        /// Canonical values by standard column, a JSON object.
        pub parsed: String,
        /// What was found wrong, a JSON array without values.
        pub problems: String,
        /// The record as received, byte for byte.
        pub payload: String,
    }
}

row! {
    /// Superseded revisions of source records, kept as received.
    pub struct RevisionRow in source_record_revision {
        /// The record.
        pub record: RecordId,
        /// Which revision.
        pub revision: i32,
        /// Active or withdrawn, as it was.
        pub state: RecordState,
        /// When it was received.
        pub recorded_from: Timestamp,
        /// When the next revision replaced it.
        pub recorded_to: Timestamp,
        /// Digest of the content.
        pub fingerprint: Vec<u8>,
        /// Canonical values by standard column, a JSON object.
        pub parsed: String,
        /// What was found wrong, a JSON array without values.
        pub problems: String,
        /// The record as received, byte for byte.
        pub payload: String,
    }
}

/// What ingest asks of a record it has met before, without its contents.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = crate::schema::source_record, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct RecordHead {
    /// Its number.
    pub id: RecordId,
    /// Number of the source system.
    pub source: i16,
    /// The source's own key.
    pub source_key: String,
    /// The current revision.
    pub revision: i32,
    /// Active or withdrawn.
    pub state: RecordState,
    /// The entity it speaks of.
    pub entity: Option<EntityId>,
    /// Digest of the content.
    pub fingerprint: Vec<u8>,
    /// When the current revision was received.
    pub received_at: Timestamp,
}

/// What the in-memory indexes need of a record at start-up.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = crate::schema::source_record, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct ScannedRecord {
    /// Its number.
    pub id: RecordId,
    /// Number of the source system.
    pub source: i16,
    /// The source's own key.
    pub source_key: String,
    /// The entity it speaks of.
    pub entity: Option<EntityId>,
    /// When it was received.
    pub received_at: Timestamp,
    /// Canonical values by standard column, a JSON object.
    pub parsed: String,
    /// What was found wrong, a JSON list.
    pub problems: String,
}

/// How many records of one kind, source and state there are.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct RecordCount {
    /// The kind.
    pub kind: Kind,
    /// Number of the source system.
    pub source: i16,
    /// Active or withdrawn.
    pub state: RecordState,
    /// How many.
    pub count: i64,
}
