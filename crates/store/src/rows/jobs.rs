//! What are the rows of jobs, their rejections and idempotency keys?

use diesel::prelude::*;
use jiku_model::{JobId, Kind, Timestamp};

use crate::types::JobState;

row! {
    /// Long-running work and how far it is.
    pub struct JobRow in job {
        /// Its id.
        pub id: JobId,
        /// What it does: import, dedupe, export, ….
        pub action: String,
        /// 1 person, 2 legal person, 3 parcel.
        pub kind: Option<Kind>,
        /// What people call it: the file's name.
        pub name: String,
        /// Digest of the input, by which an interrupted job is found again.
        pub digest: Option<String>,
        /// Running, paused, done or failed.
        pub state: JobState,
        /// The last line of the input that is durably done.
        pub line: i64,
        /// How many lines there are, when known.
        pub total: Option<i64>,
        /// Settings, counts and the report, a JSON object.
        pub body: String,
        /// Who started it.
        pub actor: String,
        /// When it was started.
        pub created_at: Timestamp,
        /// When it last moved.
        pub updated_at: Timestamp,
    }
}

row! {
    /// Rows of an import that were refused, with every problem.
    pub struct RejectionRow in rejection {
        /// The import.
        pub job: JobId,
        /// The line in its input.
        pub line: i64,
        /// Every problem, a JSON array without values.
        pub problems: String,
        /// The row as received.
        pub raw: String,
        /// Its number among the rows of the input, from 1: rows may share a line.
        pub ordinal: i64,
    }
}

row! {
    /// Answers already given to requests that carried an Idempotency-Key.
    pub struct IdempotencyRow in idempotency_key {
        /// The principal whose key it is.
        pub owner: String,
        /// The key as sent.
        pub key: String,
        /// Digest of the request.
        pub fingerprint: Vec<u8>,
        /// The answer's status; none while the request runs.
        pub status: Option<i16>,
        /// The answer's body.
        pub answer: Option<String>,
        /// When the request came.
        pub at: Timestamp,
    }
}

/// Which jobs a list shows; an absent field does not restrict.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// Doing one thing.
    pub action: Option<String>,
    /// In one state.
    pub state: Option<JobState>,
    /// On one input.
    pub digest: Option<String>,
}
