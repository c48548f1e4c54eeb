//! What is told about the whole: the change feed, the figures, the health?

use chrono::NaiveDate;
use jiku_model::{EntityId, Kind, RecordKey, Timestamp};

/// One entry of the change feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its position: 1, 2, 3 … without holes, in commit order.
    pub position: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// The kind.
    pub kind: Kind,
    /// `created`, `updated`, `merged`, `revived`, `redirected`, `retired`; `decided` for the decision of a steward, after what
    /// followed from it; `rejudged` when judgements changed and no entity; `rules-changed` when other survivorship rules came into
    /// use, before the golden records that follow from them; `remodelled` when another match model did, after what followed from it.
    pub event: String,
    /// The entity; none where the change is about a whole kind: `rules-changed`, `remodelled`, `rejudged` by a rebuild.
    pub entity: Option<EntityId>,
    /// The version that the change gave the entity; none where it gave it none.
    pub version: Option<i64>,
    /// For `merged` and `redirected`: who answers now; for `revived`: who gave the records back.
    pub other: Option<EntityId>,
    /// The source records whose arrival, change or move made it.
    pub records: Vec<RecordKey>,
}

/// The figures of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindStats {
    /// The kind.
    pub kind: Kind,
    /// Source records held and not withdrawn.
    pub records: u64,
    /// Withdrawn ones.
    pub withdrawn: u64,
    /// Active entities.
    pub entities: u64,
    /// Records beyond the first of their entity.
    pub duplicates: u64,
    /// Review tasks that wait.
    pub open_reviews: u64,
    /// Bytes of the in-memory indexes.
    pub memory_bytes: u64,
}

/// The figures of the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Per kind.
    pub kinds: Vec<KindStats>,
    /// The change-log position they were counted at.
    pub position: i64,
}

/// How much changed on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayCount {
    /// The day, in the country's time (UTC+8).
    pub day: NaiveDate,
    /// How many entities were created, changed, merged or retired.
    pub changes: u64,
    /// The position of the change log before which the day ends.
    pub until: i64,
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What was compared: `cluster`, `golden`, `version`, `match-index`, `search-index`, `spatial-index`, `directory`,
    /// `review-task`, `typed-table`, `hash-chain`, `redirect`, `record`, `model`, `unreadable` …
    pub area: &'static str,
    /// The record, entity or position concerned.
    pub subject: String,
    /// What differs, without personal data.
    pub detail: String,
}

/// The outcome of `verify`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyReport {
    /// What was found; empty when all is well. At most 1,000 are listed.
    pub differences: Vec<Difference>,
    /// How many there are.
    pub total: u64,
    /// Source records looked at.
    pub records: u64,
    /// Entities recomputed.
    pub entities: u64,
    /// Change-log rows whose hash was checked.
    pub changes: u64,
    /// The change-log position it holds for.
    pub position: i64,
}

impl VerifyReport {
    /// Whether all is well.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.total == 0
    }
}
