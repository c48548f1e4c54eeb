//! How is a review task written?

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use jiku_registry::{Page, ReviewSide, ReviewView};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ExplanationBody, RecordBody};
use crate::precondition::joint_tag;

/// A review task (待审任务): are these two records one entity?
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReviewBody {
    id: Uuid,
    kind: &'static str,
    /// Why a person must look: `unsure`, `rule`, `conflicting-identifier`, `cannot-link`, `contested`, `too-large`, `bridge` …
    reason: String,
    /// The higher, the sooner.
    priority: i32,
    /// The match weight, log2 of the odds.
    weight: f32,
    /// The match probability.
    probability: f32,
    /// `open`, `decided` or `closed`.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_to: Option<String>,
    opened_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<DateTime<Utc>>,
    /// The decision that answered it.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Uuid>,
    left: SideBody,
    right: SideBody,
    /// How the weight came about; only in the view of one task.
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<ExplanationBody>,
    /// Send it as `If-Match` with the judgement: the versions of both entities as you saw them.
    if_match: String,
}

/// One side of a review task.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SideBody {
    record: RecordBody,
    entity: Uuid,
    version: i64,
    /// The entity's golden values.
    values: BTreeMap<String, String>,
}

/// A page of review tasks, the most urgent first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReviewsBody {
    items: Vec<ReviewBody>,
    /// Send it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

/// The entity tag of a task: the versions of its two entities.
pub(crate) fn review_tag(view: &ReviewView) -> String {
    let sides = [(view.left.entity, view.left.version), (view.right.entity, view.right.version)];
    joint_tag(if sides[0].0 == sides[1].0 { &sides[..1] } else { &sides[..] }.iter().copied())
}

impl From<ReviewView> for ReviewBody {
    fn from(view: ReviewView) -> Self {
        Self {
            if_match: review_tag(&view),
            id: view.id.0,
            kind: view.kind.as_str(),
            reason: view.reason,
            priority: view.priority,
            weight: view.weight,
            probability: view.probability,
            state: view.state.as_str(),
            assigned_to: view.assigned_to,
            opened_at: view.opened_at,
            closed_at: view.closed_at,
            decision: view.decision.map(|id| id.0),
            left: view.left.into(),
            right: view.right.into(),
            explanation: view.explanation.map(Into::into),
        }
    }
}

impl ReviewBody {
    /// The entity tag of the task.
    pub(crate) fn if_match(&self) -> &str {
        &self.if_match
    }
}

impl From<ReviewSide> for SideBody {
    fn from(side: ReviewSide) -> Self {
        Self {
            record: side.record.into(),
            entity: side.entity.0,
            version: side.version,
            values: side.values.into_iter().map(|(column, value)| (column, value.value)).collect(),
        }
    }
}

impl ReviewsBody {
    /// A page whose cursor is already wrapped.
    pub(crate) fn new(page: Page<ReviewView>, next_cursor: Option<String>) -> Self {
        Self { items: page.items.into_iter().map(Into::into).collect(), next_cursor }
    }
}
