//! What is shown of an entity?

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiku_model::{Attributes, EntityId, Kind, Problem, RecordKey, Timestamp};

/// What has become of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntityState {
    /// It has members and answers.
    Active,
    /// It was merged into another, which answers for it.
    Merged,
    /// All its records were withdrawn.
    Retired,
}

impl EntityState {
    /// The word in JSON and SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Merged => "merged",
            Self::Retired => "retired",
        }
    }
}

/// What to show beside the golden values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Include {
    /// The source records.
    pub sources: bool,
    /// For each value its source record; without it [`ValueView::source`] stays empty.
    pub provenance: bool,
    /// The versions.
    pub history: bool,
    /// The parties it names, and who names it.
    pub relationships: bool,
    /// The parcels whose right holder it is.
    pub parcels: bool,
}

impl Include {
    /// Everything.
    pub const ALL: Self = Self { sources: true, provenance: true, history: true, relationships: true, parcels: true };
}

/// How to look at an entity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// As it was recorded at this moment; now when absent.
    pub as_of: Option<Timestamp>,
    /// What to show beside the golden values.
    pub include: Include,
}

/// The answer to a canonical id (统一标识) that was once given out.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// The entity.
    Record(Box<EntityView>),
    /// It was merged: this one answers now.
    Moved(EntityId),
    /// It has no records any more.
    Retired {
        /// Since when.
        since: Timestamp,
    },
}

/// An entity as it is shown: the golden record and what was asked for beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityView {
    /// The canonical id.
    pub id: EntityId,
    /// The kind.
    pub kind: Kind,
    /// The version, counted from 1; the `ETag`.
    pub version: i64,
    /// What has become of it.
    pub state: EntityState,
    /// Since when this version is recorded.
    pub recorded_from: Timestamp,
    /// Until when it was; none for the current one.
    pub recorded_to: Option<Timestamp>,
    /// The change-log position that made this version.
    pub position: i64,
    /// The golden values by column.
    pub values: BTreeMap<String, ValueView>,
    /// Whether personal values are masked (脱敏).
    pub masked: bool,
    /// How many source records it is made of.
    pub member_count: usize,
    /// The source records, when asked for.
    pub sources: Option<Vec<SourceRecordView>>,
    /// The versions, newest first, when asked for.
    pub history: Option<Vec<VersionView>>,
    /// Relationships in both directions, when asked for.
    pub relationships: Option<Vec<Relationship>>,
    /// The parcels it holds rights in, when asked for.
    pub parcels: Option<Vec<Relationship>>,
}

impl EntityView {
    /// The golden values alone.
    #[must_use]
    pub fn attributes(&self) -> Attributes {
        self.values.iter().map(|(column, value)| (column.as_str(), value.value.as_str())).collect()
    }
}

/// A golden value with its provenance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueView {
    /// The canonical value.
    pub value: String,
    /// The source record it comes from, when provenance was asked for and no steward set it.
    pub source: Option<RecordKey>,
    /// The survivorship rule that chose it: `only`, `agreed`, `trust`, `recency`, `completeness`, `frequency`,
    /// `verified`, `tie` or `override`.
    pub rule: Cow<'static, str>,
    /// How many members say the same.
    pub agreeing: u32,
    /// How many say something else.
    pub differing: u32,
}

/// A source record (来源记录) as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceRecordView {
    /// Its outside name.
    pub key: RecordKey,
    /// Its revision, counted from 1.
    pub revision: i64,
    /// Whether it was withdrawn.
    pub withdrawn: bool,
    /// The entity it belongs to; for a withdrawn one, the last it belonged to.
    pub entity: EntityId,
    /// Whether personal values are masked (脱敏).
    pub masked: bool,
    /// The row as received, byte for byte.
    pub payload: String,
    /// What was understood.
    pub attributes: Attributes,
    /// What was found wrong.
    pub problems: Vec<Problem>,
    /// When this revision was received.
    pub received_at: Timestamp,
}

/// One version of an entity.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionView {
    /// The entity.
    pub id: EntityId,
    /// The version's number.
    pub version: i64,
    /// What it was then.
    pub state: EntityState,
    /// For a merged one, who answers.
    pub redirect: Option<EntityId>,
    /// Since when it was recorded.
    pub recorded_from: Timestamp,
    /// Until when.
    pub recorded_to: Option<Timestamp>,
    /// The change-log position.
    pub position: i64,
    /// The golden values then.
    pub values: BTreeMap<String, ValueView>,
    /// The members then, with the revision that counted.
    pub members: Vec<(RecordKey, i64)>,
}

/// A tie between two entities: a golden record names a party by number or name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relationship {
    /// Who names the party.
    pub from: EntityId,
    /// Its kind.
    pub from_kind: Kind,
    /// In which role: `legal_representative`, `right_holder`, `guardian` …
    pub role: String,
    /// The party's number as told.
    pub number: Option<String>,
    /// The party's name as told.
    pub name: Option<String>,
    /// The entity of that number, when one is known.
    pub to: Option<(Kind, EntityId)>,
}

/// A field one can search by, and what was typed into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchField {
    /// `name`, `pinyin`, `initials`, `number`, `phone`, `birth_date`, `address`, `code` …
    pub field: String,
    /// The text as typed.
    pub text: String,
}

/// What is searched for: an entity must match every field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// The fields.
    pub fields: Vec<SearchField>,
    /// At most this many; the ceiling is 100.
    pub limit: usize,
    /// Go on after this page.
    pub cursor: Option<String>,
}

/// One page of a list in a stable order.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
}
