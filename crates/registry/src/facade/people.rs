//! How are users, keys and repeated requests told about?

use jiku_model::{EntityId, Timestamp};

use crate::{Actor, Limits, Role, Sources};

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
    /// The employer's number of the person: accounts that share one are one human, who cannot approve what they proposed.
    pub staff_number: Option<String>,
    /// The source systems they may send records for, as a limit of theirs; none leaves what they have.
    pub sources: Sources,
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
    /// Until when it works, a year at most; a year when absent.
    pub expires_at: Option<Timestamp>,
    /// The source systems it may send records for, as a limit of the principal; none leaves what the principal has.
    pub sources: Sources,
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
    /// What it may reach beyond its roles.
    pub limits: Limits,
    /// Whether it signs in with a second factor.
    pub second_factor: bool,
    /// The employer's number of the person.
    pub staff_number: Option<String>,
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

/// A purpose of use (使用目的) that a department may state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    /// The department; `*` is every department.
    pub department: String,
    /// The word in `Purpose-Of-Use` and in the access log.
    pub code: String,
    /// What people read.
    pub title: String,
}

/// What a principal read today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageView {
    /// Who.
    pub principal: String,
    /// For which department.
    pub department: String,
    /// Questions asked.
    pub requests: u64,
    /// Entities shown, each time counted.
    pub entities: u64,
    /// Different people shown.
    pub persons: u64,
    /// Until when it is kept out, for guessing ids.
    pub locked_until: Option<Timestamp>,
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
        /// Whether the actor may do and see the same as then.
        with_these_rights: bool,
    },
    /// The same request is being worked on, or was never confirmed by the database.
    Running {
        /// When the key is given to the next request that shows it, in seconds.
        free_in_s: u64,
    },
    /// The key was used for another request.
    Reused,
}

/// Everything that was read about one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonReport {
    /// The ids under which it was read: the person's own, and those merged into it.
    pub ids: Vec<EntityId>,
    /// The readings, newest first, at most 10,000.
    pub reads: Vec<(EntityId, AccessView)>,
    /// Whether there are more readings than these.
    pub more: bool,
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
