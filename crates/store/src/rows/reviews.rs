//! What is the row of a review task?

use diesel::prelude::*;
use jiku_model::{DecisionId, Kind, RecordId, TaskId, Timestamp};

use crate::types::TaskState;

row! {
    /// Doubtful pairs that wait for a steward, or did.
    pub struct ReviewTaskRow in review_task {
        /// Its id.
        pub id: TaskId,
        /// 1 person, 2 legal person, 3 parcel.
        pub kind: Kind,
        /// The record with the smaller id.
        pub left_record: RecordId,
        /// The record with the larger id.
        pub right_record: RecordId,
        /// Why a person must look, a code.
        pub reason: String,
        /// Open, decided or closed.
        pub state: TaskState,
        /// Higher is more urgent.
        pub priority: i32,
        /// Match weight, log2 of the odds.
        pub weight: Option<f32>,
        /// Match probability, 0 to 1.
        pub probability: Option<f32>,
        /// The steward who took it.
        pub assigned_to: Option<String>,
        /// When it was opened.
        pub opened_at: Timestamp,
        /// When it was decided or closed.
        pub closed_at: Option<Timestamp>,
        /// The decision that answered it.
        pub decision: Option<DecisionId>,
    }
}

/// Which review tasks a page shows; an absent field does not restrict.
#[derive(Clone, Debug, Default)]
pub struct ReviewFilter {
    /// Of one kind.
    pub kind: Option<Kind>,
    /// In one state; open when absent.
    pub state: Option<TaskState>,
    /// For one reason.
    pub reason: Option<String>,
    /// Taken by one steward.
    pub assigned_to: Option<String>,
}

/// The last task of a page: the next page begins after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewCursor {
    /// Its priority.
    pub priority: i32,
    /// Its id.
    pub id: TaskId,
}

/// How many review tasks of one kind are in one state.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct ReviewCount {
    /// The kind.
    pub kind: Kind,
    /// The state.
    pub state: TaskState,
    /// How many.
    pub count: i64,
}
