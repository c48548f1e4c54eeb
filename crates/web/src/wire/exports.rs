//! How is an export that was asked for written?

use chrono::{DateTime, Utc};
use jiku_registry::{ExportView, Page};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An export that one principal asked for and another has to approve.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportBody {
    /// Give it to `jiku export --request` when it is approved.
    id: Uuid,
    kind: &'static str,
    /// Whether personal values are asked for in full.
    in_full: bool,
    /// The most entities the file may hold.
    most_rows: u64,
    purpose: String,
    /// Why, in their words.
    reason: String,
    requested_by: String,
    department: String,
    requested_at: DateTime<Utc>,
    /// Until when it can be approved and taken.
    ends_at: DateTime<Utc>,
    /// `open`, `approved`, `rejected`, `withdrawn`, or `taken` when its file was begun.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<DateTime<Utc>>,
    /// The words of who decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    /// When its file was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    taken_at: Option<DateTime<Utc>>,
    /// The SHA-256 of the whole file, hexadecimal; absent when it broke off.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

/// A page of exports, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportsBody {
    items: Vec<ExportBody>,
    /// Send it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

impl ExportsBody {
    /// A page whose cursor is already wrapped.
    pub(crate) fn new(page: Page<ExportView>, next_cursor: Option<String>) -> Self {
        Self { items: page.items.into_iter().map(Into::into).collect(), next_cursor }
    }
}

impl From<ExportView> for ExportBody {
    fn from(view: ExportView) -> Self {
        Self {
            id: view.id.0,
            kind: view.kind.as_str(),
            in_full: view.in_full,
            most_rows: view.most_rows,
            purpose: view.purpose,
            reason: view.reason,
            requested_by: view.requested_by,
            department: view.department,
            requested_at: view.requested_at,
            ends_at: view.ends_at,
            state: view.state.as_str(),
            decided_by: view.decided_by,
            decided_at: view.decided_at,
            answer: view.answer,
            taken_at: view.taken_at,
            sha256: view.sha256,
        }
    }
}
