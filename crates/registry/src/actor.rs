//! Who asks, for whom, and what for?

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::{Limits, Sources};

/// What a principal may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Asks: resolve, search, find.
    Reader,
    /// Asks for a yes or a no, or for a pseudonym, and sees no id and no value.
    Verifier,
    /// A department's system: sends records.
    Source,
    /// A data steward (数据管理员): judges, merges, unmerges, overrides.
    Steward,
    /// Edits parcels.
    GisEditor,
    /// The data office: quality, lineage, exports, sources and their trust.
    DataOffice,
    /// Reads the audit.
    Auditor,
    /// Runs the service: jobs, verify, rebuild.
    SystemAdmin,
    /// Users, keys and roles.
    SecurityAdmin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 9] = [
        Self::Reader,
        Self::Verifier,
        Self::Source,
        Self::Steward,
        Self::GisEditor,
        Self::DataOffice,
        Self::Auditor,
        Self::SystemAdmin,
        Self::SecurityAdmin,
    ];

    /// The word on the command line, in JSON and SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Verifier => "verifier",
            Self::Source => "source",
            Self::Steward => "steward",
            Self::GisEditor => "gis-editor",
            Self::DataOffice => "data-office",
            Self::Auditor => "auditor",
            Self::SystemAdmin => "system-admin",
            Self::SecurityAdmin => "security-admin",
        }
    }
}

impl Role {
    /// Whether it is one of the three administrators (三员), who see no records and of whom nobody may be two.
    #[must_use]
    pub const fn is_administrator(self) -> bool {
        matches!(self, Self::Auditor | Self::SystemAdmin | Self::SecurityAdmin)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("role must be one of reader, verifier, source, steward, gis-editor, data-office, auditor, system-admin, security-admin, got {0:?}")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// Who acts, as the traces will name them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The principal's name: a user, or the key of a department's system.
    pub principal: String,
    /// The department they act for.
    pub department: String,
    /// The purpose of use (使用目的), when they stated one.
    pub purpose: Option<String>,
    /// The request this belongs to, to find it again in the logs.
    pub request_id: Option<String>,
    /// What they may do.
    pub roles: Vec<Role>,
    /// Whether they ask for personal values in full. Without the right to, values stay masked all the same.
    pub unmask: bool,
    /// What they may reach beyond their roles.
    pub limits: Arc<Limits>,
    /// Whether they are an administrator who signed in without the second factor that the rules ask of them: then they may only
    /// give themselves one.
    pub needs_second_factor: bool,
    /// The purposes of use registered for their department; none for the operator, who may state any.
    pub purposes: Option<Arc<[String]>>,
}

impl Actor {
    /// The service itself, or an operator at the command line: may do everything, sees values in full, and is traced as
    /// `principal`.
    #[must_use]
    pub fn operator(principal: &str) -> Self {
        Self {
            principal: principal.to_owned(),
            department: "jiku".to_owned(),
            purpose: Some("operation".to_owned()),
            request_id: None,
            roles: Role::ALL.to_vec(),
            unmask: true,
            limits: Arc::new(Limits { sources: Sources::Any, ..Limits::default() }),
            needs_second_factor: false,
            purposes: None,
        }
    }

    /// Whether this is the operator at the command line or the service itself, whom quotas do not bind.
    pub(crate) fn is_operator(&self) -> bool {
        self.purposes.is_none()
    }

    /// Whether this purpose of use is registered for the actor's department.
    #[must_use]
    pub fn may_state(&self, purpose: &str) -> bool {
        self.purposes.as_ref().is_none_or(|purposes| purposes.iter().any(|known| known == purpose))
    }

    /// Whether personal values may be shown to the actor in full, all of them or those of its own department's records.
    #[must_use]
    pub fn may_unmask(&self) -> bool {
        crate::rights::unmasking(&Self { unmask: true, ..self.clone() }) != crate::rights::Unmasking::Nothing
    }

    /// Whether the actor has `role`.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}
