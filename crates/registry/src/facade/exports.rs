//! What is taking everything of a kind along, and who lets it happen?

use std::fmt;

use jiku_model::{ExportId, Kind, Timestamp};
pub use jiku_store::ExportState;
use uuid::Uuid;

/// An export that is asked for.
#[derive(Clone, Debug)]
pub struct NewExport {
    /// Of what.
    pub kind: Kind,
    /// Whether personal values are to be in it in full.
    pub in_full: bool,
    /// The most entities the file may hold.
    pub most_rows: u64,
    /// For how many hours it can be approved and taken.
    pub hours: i64,
    /// Why, in at least ten characters.
    pub reason: String,
}

/// An export that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportView {
    /// Its id.
    pub id: ExportId,
    /// Of what.
    pub kind: Kind,
    /// Whether personal values are to be in it in full.
    pub in_full: bool,
    /// The most entities the file may hold.
    pub most_rows: u64,
    /// The purpose of use.
    pub purpose: String,
    /// Why, in their words.
    pub reason: String,
    /// Who asked for it.
    pub requested_by: String,
    /// For which department.
    pub department: String,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Until when it can be approved and taken.
    pub ends_at: Timestamp,
    /// Where it stands.
    pub state: ExportState,
    /// Who approved or ended it.
    pub decided_by: Option<String>,
    /// When it was approved or ended.
    pub decided_at: Option<Timestamp>,
    /// The words of who did.
    pub answer: Option<String>,
    /// When the file was begun.
    pub taken_at: Option<Timestamp>,
    /// The SHA-256 of the whole file, hexadecimal; none when it broke off.
    pub sha256: Option<String>,
}

/// An export that may begin: what the file says of where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watermark {
    /// Its id, by which the access log has it too, as the request.
    pub id: Uuid,
    /// Of what.
    pub kind: Kind,
    /// Who takes it along.
    pub principal: String,
    /// When.
    pub at: Timestamp,
    /// What for.
    pub purpose: Option<String>,
    /// Whether personal values are in it in full.
    pub in_full: bool,
    /// The request it answers.
    pub request: Option<ExportView>,
}

impl fmt::Display for Watermark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sight = if self.in_full { "personal values in full" } else { "personal values masked" };
        let (id, who, at) = (self.id, &self.principal, self.at.format("%FT%TZ"));
        write!(f, "Jiku export {id} by {who} at {at} for {}, {sight}", self.purpose.as_deref().unwrap_or("no purpose"))?;
        let Some(request) = &self.request else { return Ok(()) };
        let approver = request.decided_by.as_deref().unwrap_or_default();
        write!(f, ", asked for by {} of {}, approved by {approver}", request.requested_by, request.department)
    }
}
