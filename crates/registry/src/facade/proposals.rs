//! What is a merge that one steward proposes and another approves?

use jiku_model::{DecisionId, EntityId, Kind, ProposalId, Timestamp};
pub use jiku_store::ProposalState;

/// Why a merge needs two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MergeRisk {
    /// Records in it carry different verified identity numbers.
    ConflictingIdentifier,
    /// The result would have more than fifty records.
    Large,
}

impl MergeRisk {
    /// Every reason.
    pub const ALL: [Self; 2] = [Self::ConflictingIdentifier, Self::Large];

    /// The word in JSON and SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConflictingIdentifier => "conflicting-identifier",
            Self::Large => "large",
        }
    }
}

/// Which proposals to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalFilter {
    /// In this state.
    pub state: ProposalState,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// At most this many; the ceiling is 100.
    pub limit: usize,
    /// Go on after this page.
    pub cursor: Option<String>,
}

/// A proposed merge.
#[derive(Clone, Debug, PartialEq)]
pub struct ProposalView {
    /// Its id.
    pub id: ProposalId,
    /// The kind.
    pub kind: Kind,
    /// The entities to make one, each with the version the proposer saw.
    pub entities: Vec<(EntityId, i64)>,
    /// Why two people are needed; none when the proposer only wanted a second opinion.
    pub risks: Vec<MergeRisk>,
    /// Why, in the proposer's words.
    pub comment: Option<String>,
    /// Who proposed it.
    pub proposed_by: String,
    /// When.
    pub proposed_at: Timestamp,
    /// Where it stands.
    pub state: ProposalState,
    /// Who ended it.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// The words of who ended it.
    pub answer: Option<String>,
    /// The decision that carried it out.
    pub decision: Option<DecisionId>,
}
