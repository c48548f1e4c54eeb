//! How is a proposed merge written?

use chrono::{DateTime, Utc};
use jiku_registry::{Page, ProposalView};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A merge that one steward proposed and another has to approve.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProposalBody {
    pub(crate) id: Uuid,
    kind: &'static str,
    entities: Vec<ProposedBody>,
    /// Why two people are needed: `conflicting-identifier`, `large`; none when it was proposed without need.
    risks: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    proposed_by: String,
    proposed_at: DateTime<Utc>,
    /// `open`, `approved`, `rejected`, `withdrawn`, or `stale` when an entity changed first.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<DateTime<Utc>>,
    /// The words of who ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    /// The decision that carried it out, to undo it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Uuid>,
}

/// An entity of a proposal, with the version its proposer saw.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProposedBody {
    id: Uuid,
    version: i64,
}

/// A page of proposals, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProposalsBody {
    items: Vec<ProposalBody>,
    /// Send it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

impl ProposalsBody {
    /// A page whose cursor is already wrapped.
    pub(crate) fn new(page: Page<ProposalView>, next_cursor: Option<String>) -> Self {
        Self { items: page.items.into_iter().map(Into::into).collect(), next_cursor }
    }
}

impl From<ProposalView> for ProposalBody {
    fn from(view: ProposalView) -> Self {
        Self {
            id: view.id.0,
            kind: view.kind.as_str(),
            entities: view.entities.into_iter().map(|(id, version)| ProposedBody { id: id.0, version }).collect(),
            risks: view.risks.iter().map(|risk| risk.as_str()).collect(),
            comment: view.comment,
            proposed_by: view.proposed_by,
            proposed_at: view.proposed_at,
            state: view.state.as_str(),
            decided_by: view.decided_by,
            decided_at: view.decided_at,
            answer: view.answer,
            decision: view.decision.map(|id| id.0),
        }
    }
}
