//! How is access in an emergency written?

use chrono::{DateTime, Utc};
use jiku_registry::{EmergencyView, Page};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Access beyond the usual rights, for a stated reason and a short time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EmergencyBody {
    /// Send it as `Emergency-Access` with each request under it.
    id: Uuid,
    principal: String,
    department: String,
    /// Why, in their words.
    reason: String,
    /// The one person it reaches,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<Uuid>,
    /// or the one division.
    #[serde(skip_serializing_if = "Option::is_none")]
    division: Option<String>,
    begun_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    /// Until when an auditor has to look at it.
    review_due_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reviewed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reviewed_at: Option<DateTime<Utc>>,
    /// What the auditor found.
    #[serde(skip_serializing_if = "Option::is_none")]
    review: Option<String>,
}

/// A page of emergencies, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EmergenciesBody {
    items: Vec<EmergencyBody>,
    /// Send it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

impl EmergenciesBody {
    /// A page whose cursor is already wrapped.
    pub(crate) fn new(page: Page<EmergencyView>, next_cursor: Option<String>) -> Self {
        Self { items: page.items.into_iter().map(Into::into).collect(), next_cursor }
    }
}

impl From<EmergencyView> for EmergencyBody {
    fn from(view: EmergencyView) -> Self {
        Self {
            id: view.id.0,
            principal: view.principal,
            department: view.department,
            reason: view.reason,
            person: view.entity.map(|id| id.0),
            division: view.division,
            begun_at: view.begun_at,
            ends_at: view.ends_at,
            review_due_at: view.review_due_at,
            reviewed_by: view.reviewed_by,
            reviewed_at: view.reviewed_at,
            review: view.review,
        }
    }
}
