//! What does a steward ask for and get?

use std::collections::BTreeMap;

use jiku_model::{DecisionId, EntityId, Kind, RecordKey, SourceCode, TaskId, Timestamp};

use super::{EntityState, MergeRisk, ParcelOperation, SourceRecordView, ValueView};

/// Versions the caller saw (`If-Match`): an entity that is listed must still have that version.
pub type Expected = BTreeMap<EntityId, i64>;

/// Whether a review task waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReviewState {
    /// It waits.
    Open,
    /// A steward decided it.
    Decided,
    /// It is not needed any more: later evidence or another decision answered it.
    Closed,
}

impl ReviewState {
    /// The word in JSON and SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Decided => "decided",
            Self::Closed => "closed",
        }
    }
}

/// Who could be given a review task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignees {
    /// Who works on it now.
    pub assigned_to: Option<String>,
    /// Its place in the queue, to go on from.
    pub cursor: String,
    /// The other stewards who reach both of its records, by name.
    pub stewards: Vec<Colleague>,
}

/// A steward, as others see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    /// The name they sign in with.
    pub name: String,
    /// Their department.
    pub department: String,
}

/// Which review tasks to list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReviewFilter {
    /// Of this kind.
    pub kind: Option<Kind>,
    /// In this state; open ones when absent.
    pub state: Option<ReviewState>,
    /// For this reason: `unsure`, `rule`, `parcel-overlap`, `conflicting-identifier`, `cannot-link`, `too-large`, `bridge` …
    pub reason: Option<String>,
    /// Assigned to this principal.
    pub assigned_to: Option<String>,
    /// With a record of this source.
    pub source: Option<SourceCode>,
    /// With a record of a source of this department.
    pub department: Option<String>,
    /// With a record whose division code begins so.
    pub division: Option<String>,
    /// At least this match weight.
    pub min_weight: Option<f32>,
    /// At most this match weight.
    pub max_weight: Option<f32>,
    /// At most this many; the ceiling is 100.
    pub limit: usize,
    /// Go on after this page.
    pub cursor: Option<String>,
    /// With how each weight came about.
    pub explain: bool,
}

/// A review task (待审任务): are these two records one entity?
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewView {
    /// Its id.
    pub id: TaskId,
    /// The kind.
    pub kind: Kind,
    /// Why a person must look.
    pub reason: String,
    /// The higher, the sooner.
    pub priority: i32,
    /// The match weight.
    pub weight: f32,
    /// The match probability.
    pub probability: f32,
    /// Whether it waits.
    pub state: ReviewState,
    /// Who took it.
    pub assigned_to: Option<String>,
    /// Since when it waits.
    pub opened_at: Timestamp,
    /// When it was decided or closed.
    pub closed_at: Option<Timestamp>,
    /// The decision that answered it.
    pub decision: Option<DecisionId>,
    /// One record with its entity.
    pub left: ReviewSide,
    /// The other.
    pub right: ReviewSide,
    /// How the weight came about: in the view of one task, and in lists that ask for it.
    pub explanation: Option<jiku_linkage::Explanation>,
}

impl ReviewView {
    /// The place after this task, as a cursor of any list of tasks.
    #[must_use]
    pub fn cursor(&self) -> String {
        format!("{}.{}", self.priority, self.id)
    }
}

/// One side of a review task.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewSide {
    /// The record in question.
    pub record: SourceRecordView,
    /// Its entity.
    pub entity: EntityId,
    /// The entity's version, to send back with the judgement.
    pub version: i64,
    /// The entity's golden values.
    pub values: BTreeMap<String, ValueView>,
    /// What the record said before, the latest first; only in the view of one task.
    pub earlier: Vec<SourceRecordView>,
}

/// What kind of act a decision was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DecisionKind {
    /// Entities were merged (合并).
    Merge,
    /// A decision was undone (拆分).
    Unmerge,
    /// Records were split off an entity.
    Split,
    /// A review task was judged.
    Judge,
    /// A value was set by hand.
    Override,
    /// A value set by hand was released.
    Release,
    /// Another match model came into use.
    Model,
    /// Other survivorship rules came into use.
    Survivorship,
    /// Parcels were edited.
    Parcel(ParcelOperation),
}

impl DecisionKind {
    /// The word in JSON and SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Unmerge => "unmerge",
            Self::Split => "split",
            Self::Judge => "judge",
            Self::Override => "override",
            Self::Release => "release",
            Self::Model => "model",
            Self::Survivorship => "survivorship",
            Self::Parcel(operation) => operation.action(),
        }
    }

    /// The kind of this word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        let plain = [Self::Merge, Self::Unmerge, Self::Split, Self::Judge, Self::Override, Self::Release, Self::Model, Self::Survivorship];
        plain.into_iter().chain(ParcelOperation::ALL.map(Self::Parcel)).find(|kind| kind.as_str() == word)
    }
}

/// Which decisions to list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DecisionFilter {
    /// About entities of this kind.
    pub entity_kind: Option<Kind>,
    /// Of this principal.
    pub actor: Option<String>,
    /// Acts of these kinds; all when empty.
    pub acts: Vec<DecisionKind>,
    /// At most this many; the ceiling is 100.
    pub limit: usize,
    /// Go on after this page.
    pub cursor: Option<String>,
}

/// How many decisions of one kind somebody made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionCount {
    /// Who.
    pub actor: String,
    /// What kind of act.
    pub kind: DecisionKind,
    /// How many.
    pub count: u64,
}

/// A decision of a steward.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionView {
    /// Its id; undo it by this.
    pub id: DecisionId,
    /// The kind of the entities it was about.
    pub entity_kind: Kind,
    /// What kind of act it was.
    pub kind: DecisionKind,
    /// Who decided.
    pub actor: String,
    /// Who proposed it, where it took two.
    pub proposed_by: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Why, in the steward's words.
    pub comment: Option<String>,
    /// The entities it was about, as they were called then.
    pub entities: Vec<EntityId>,
    /// The records it judged.
    pub records: Vec<RecordKey>,
    /// The review task it answered.
    pub task: Option<TaskId>,
    /// Of a model or rules that came into use: the version that was in use before. Putting that into use again takes it back.
    pub former_version: Option<i32>,
    /// The decision that undid it.
    pub undone_by: Option<DecisionId>,
}

impl DecisionView {
    /// Whether it can be undone now: a merge, a split or a judgement that stands.
    #[must_use]
    pub const fn is_undoable(&self) -> bool {
        self.undone_by.is_none() && matches!(self.kind, DecisionKind::Merge | DecisionKind::Split | DecisionKind::Judge)
    }
}

/// What is to be taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmerge {
    /// One earlier decision: a merge, a split, a judgement.
    Decision(DecisionId),
    /// Chosen records leave their entity together.
    Records {
        /// The entity.
        entity: EntityId,
        /// The records that leave.
        records: Vec<RecordKey>,
    },
}

/// An entity before or after a decision: enough to draw the two side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityImage {
    /// Its canonical id.
    pub id: EntityId,
    /// Its version; in a preview the version it would get.
    pub version: i64,
    /// What it is.
    pub state: EntityState,
    /// For a merged one, who answers.
    pub redirect: Option<EntityId>,
    /// Its golden values.
    pub values: BTreeMap<String, ValueView>,
    /// Its source records: the crosswalk.
    pub records: Vec<RecordKey>,
}

/// An old id and who answers for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The id that was merged.
    pub from: EntityId,
    /// Who answers.
    pub to: EntityId,
}

/// What a merge, unmerge, split, judgement or a value set by hand did, or would do.
#[derive(Clone, Debug, PartialEq)]
pub struct MergeOutcome {
    /// The decision; none in a preview.
    pub decision: Option<DecisionId>,
    /// Every entity touched, as it was.
    pub before: Vec<EntityImage>,
    /// Every entity touched, as it is now.
    pub after: Vec<EntityImage>,
    /// The redirects that changed, as they are now.
    pub redirects: Vec<Redirect>,
    /// Why it needs a second person, if it does.
    pub risks: Vec<MergeRisk>,
    /// The change-log position reached; in a preview the one it was computed at.
    pub position: i64,
}

/// A value set by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverrideView {
    /// The decision that set it.
    pub decision: DecisionId,
    /// The column.
    pub column: String,
    /// The value.
    pub value: String,
    /// Who set it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// When it was released.
    pub released_at: Option<Timestamp>,
}
