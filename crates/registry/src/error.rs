//! How can a use case end other than well?

use std::borrow::Cow;
use std::sync::Arc;

use jiku_model::{EntityId, Problem};

/// The outcome of a use case that did not do what was asked. Words for the caller are in the `Display` form; context
/// for the log is in [`std::error::Error::source`] and never personal data.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RegistryError {
    /// There is no such thing.
    #[error("{what} not found")]
    NotFound {
        /// What was looked for: `entity`, `record`, `review task` …
        what: &'static str,
    },
    /// The state of things does not allow it.
    #[error("{message}")]
    Conflict {
        /// A stable code: `already-merged`, `not-merged`, `kept-apart`, `already-undone`, `already-decided` …
        code: &'static str,
        /// What stands in the way, and what to do.
        message: Cow<'static, str>,
    },
    /// The request itself is wrong, in these places.
    #[error("the request is not valid")]
    Invalid(Vec<Problem>),
    /// The topology rules stand against it.
    #[error("{}", .0.blocking().map_or("the topology rules stand against it", |finding| finding.message_en.as_str()))]
    Topology(Box<crate::facade::TopologyReport>),
    /// The caller saw an older version.
    #[error("entity {entity} is at version {actual}, not {expected}")]
    Stale {
        /// Which entity.
        entity: EntityId,
        /// The version the caller saw.
        expected: i64,
        /// The version it has now.
        actual: i64,
    },
    /// The actor may not do this.
    #[error("not allowed: {0}")]
    Forbidden(Cow<'static, str>),
    /// The actor may do this, but not what they themselves began.
    #[error("{0}")]
    SameHands(Cow<'static, str>),
    /// The actor may not use this field so.
    #[error("the field {field} may not be used so with your rights")]
    FieldForbidden {
        /// The column.
        field: String,
    },
    /// The actor has asked too much.
    #[error("{message}")]
    Exhausted {
        /// A stable code: `quota-exceeded`, `enumeration-suspected`.
        code: &'static str,
        /// What is used up, and what to do.
        message: Cow<'static, str>,
        /// When asking again makes sense, in seconds.
        retry_after_s: u64,
    },
    /// It cannot be done now; try again later.
    #[error("{message}")]
    Unavailable {
        /// A stable code: `database-unavailable`, `audit-unavailable`, `storage-full`, `storage-failed`, `starting`, `stopping` …
        code: &'static str,
        /// What is missing.
        message: Cow<'static, str>,
        /// The cause, for the log.
        #[source]
        source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    },
    /// A bug, or a broken database.
    #[error("internal error")]
    Internal(#[source] Arc<dyn std::error::Error + Send + Sync>),
}

impl RegistryError {
    /// A conflict under `code`.
    pub(crate) fn conflict(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Conflict { code, message: message.into() }
    }

    /// One thing wrong with the request.
    pub(crate) fn invalid(field: &'static str, code: &'static str, advice: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid(vec![Problem {
            code: Cow::Borrowed(code),
            severity: jiku_model::Severity::Reject,
            dimension: jiku_model::Dimension::Validity,
            field: Some(Cow::Borrowed(field)),
            advice: advice.into(),
        }])
    }

    /// Something that cannot happen unless the database or the code is broken.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::Internal(Arc::new(Broken(message.into())))
    }
}

/// A contradiction inside the service.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Broken(String);

/// The registry cannot be opened; each message is one clear sentence for the operator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The database is not there, not ours, too new, or not writable.
    #[error("{0}")]
    Database(String, #[source] Box<dyn std::error::Error + Send + Sync>),
    /// A match model or survivorship file of this kind cannot be used.
    #[error("the {what} of {kind} cannot be used: {reason}")]
    Settings {
        /// `match model` or `survivorship rules`.
        what: &'static str,
        /// Of which kind.
        kind: jiku_model::Kind,
        /// Why not.
        reason: String,
    },
    /// The identity provider's settings or keys cannot be used.
    #[error("the identity provider of {file} cannot be used: {reason}")]
    Oidc {
        /// The file of the settings.
        file: String,
        /// Why not.
        reason: String,
    },
    /// The settings of the cadastre cannot be used.
    #[error("the settings of the cadastre in {file} cannot be used: {reason}")]
    Cadastre {
        /// The file of the settings, or of the divisions.
        file: String,
        /// Why not.
        reason: String,
    },
    /// The clock of this machine would make moments that nobody else has reached, or that are long gone.
    #[error("the clock of this machine is {seconds} seconds {way} that of the database's server: set both right")]
    Clock {
        /// By how much they differ.
        seconds: i64,
        /// `ahead of` or `behind`.
        way: &'static str,
    },
    /// The database holds something the indexes cannot be built from.
    #[error("the database cannot be loaded: {0}")]
    Load(#[from] RegistryError),
}

impl From<jiku_store::StoreError> for RegistryError {
    fn from(error: jiku_store::StoreError) -> Self {
        use jiku_store::StoreError;
        let (code, message) = match &error {
            StoreError::Unavailable(_) => ("database-unavailable", "the database cannot be reached at the moment; try again later"),
            StoreError::StorageFailed(context) => {
                // Once for each: an operator must look at the disk, and the file may be damaged.
                tracing::error!(
                    during = context.during,
                    said = context.said,
                    "the storage under the database fails; look at the disk, then run jiku verify"
                );
                ("storage-failed", "the storage under the database fails; its administrators are told, try again later")
            }
            StoreError::StorageFull(_) => {
                ("storage-full", "the database has no space left; reading goes on, writing resumes when there is space")
            }
            _ => return Self::Internal(Arc::new(error)),
        };
        Self::Unavailable { code, message: Cow::Borrowed(message), source: Some(Arc::new(error)) }
    }
}
