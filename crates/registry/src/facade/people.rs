//! How are users, keys and repeated requests told about?

use jiku_model::Timestamp;

use crate::{Actor, Role};

/// A user to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The sign-in name.
    pub name: String,
    /// The department.
    pub department: String,
    /// What they may do.
    pub roles: Vec<Role>,
    /// The password, in clear; only its argon2id hash is kept.
    pub password: String,
}

/// A key to be made for a department's system.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The principal's name; made when there is none.
    pub principal: String,
    /// The department.
    pub department: String,
    /// What it may do.
    pub roles: Vec<Role>,
    /// Until when it works; for ever when absent.
    pub expires_at: Option<Timestamp>,
}

/// A principal as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalView {
    /// The name.
    pub name: String,
    /// The department.
    pub department: String,
    /// What it may do.
    pub roles: Vec<Role>,
    /// Whether it may sign in or call at all.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A key as it is shown: never the key itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeyView {
    /// A short public name of the key.
    pub id: String,
    /// Whose it is.
    pub principal: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it works.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A session just opened.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The secret to send along, for [`crate::Registry::authenticate`].
    pub token: String,
    /// Who signed in.
    pub actor: Actor,
    /// Until when the session lasts at most.
    pub expires_at: Timestamp,
}

/// What is known of an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdempotencyClaim {
    /// Nobody used it: do the work, then call [`crate::Registry::complete_request`].
    Fresh,
    /// The same request was answered before, like this.
    Answered {
        /// The status then.
        status: u16,
        /// The body then.
        body: String,
    },
    /// The same request is being worked on.
    Running,
    /// The key was used for another request.
    Reused,
}

/// One reading of one entity, as the trace has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessView {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub principal: String,
    /// For which department.
    pub department: String,
    /// What for.
    pub purpose: Option<String>,
    /// How: `find`, `search`, `resolve`, `crosswalk`, `versions`, `explain`, `review`, `export` …
    pub action: String,
    /// Which fields were shown.
    pub fields: Vec<String>,
    /// The request.
    pub request_id: Option<String>,
}
