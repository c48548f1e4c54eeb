//! What goes in with a record, and what is said of it?

use jiku_model::{EntityId, Problem, RawRecord, RecordKey};

/// A record on its way in.
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    /// Its outside name.
    pub key: RecordKey,
    /// Its fields under standard column names.
    pub raw: RawRecord,
    /// The bytes as received.
    pub payload: String,
    /// The line of the file it came from.
    pub line: Option<u64>,
    /// Its number among the rows of the file, from 1, bad ones counted: a file may have all its rows on one line.
    pub row: Option<u64>,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowStatus {
    /// A record the service did not hold.
    Created,
    /// A new revision of one it held.
    Revised,
    /// Exactly what it held.
    Unchanged,
    /// Refused; the problems say why.
    Rejected,
}

impl RowStatus {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Revised => "revised",
            Self::Unchanged => "unchanged",
            Self::Rejected => "rejected",
        }
    }
}

/// What matching decided about a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkDecision {
    /// It speaks of an entity that others speak of.
    Linked,
    /// It stands alone, and a steward is asked about it.
    Review,
    /// It stands alone.
    New,
}

impl LinkDecision {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Linked => "linked",
            Self::Review => "review",
            Self::New => "new",
        }
    }
}

/// The report on one row, in the order the rows came.
#[derive(Clone, Debug, PartialEq)]
pub struct RowOutcome {
    /// The record.
    pub key: RecordKey,
    /// The line of the file it came from.
    pub line: Option<u64>,
    /// Its number among the rows of the file, from 1.
    pub row: Option<u64>,
    /// What became of it.
    pub status: RowStatus,
    /// The entity it belongs to; none when rejected.
    pub entity: Option<EntityId>,
    /// What matching decided; none when rejected.
    pub decision: Option<LinkDecision>,
    /// What was found wrong with it.
    pub problems: Vec<Problem>,
    /// The revision held now; 0 when rejected.
    pub revision: i64,
}

/// What a withdrawal did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawOutcome {
    /// The record.
    pub key: RecordKey,
    /// Whether it had been withdrawn before.
    pub unchanged: bool,
    /// The entity it belonged to.
    pub entity: EntityId,
}
