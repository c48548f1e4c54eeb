//! What is taking everything of a kind along?

use std::fmt;

use jiku_model::{Kind, Timestamp};
use uuid::Uuid;

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
}

impl fmt::Display for Watermark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sight = if self.in_full { "personal values in full" } else { "personal values masked" };
        let (id, who, at) = (self.id, &self.principal, self.at.format("%FT%TZ"));
        write!(f, "Jiku export {id} by {who} at {at} for {}, {sight}", self.purpose.as_deref().unwrap_or("no purpose"))
    }
}
