//! Who may do what?
//!
//! Every route names one right; this page says which roles have it. What is not granted here is refused.

use jiku_registry::Role;

/// What a route asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    /// Nothing: health, sign-in, the description of the API.
    Open,
    /// Any valid key or session.
    SignedIn,
    /// Ask who a record speaks of.
    Resolve,
    /// See parcels on maps, nothing personal; callers without a key too where parcels are public.
    Map,
    /// Read golden records, versions, relationships and crosswalks.
    Read,
    /// Ask for a yes or a no.
    Verify,
    /// Send and withdraw source records.
    Submit,
    /// See review tasks and decisions.
    SeeReviews,
    /// Judge, merge, unmerge, split, override.
    Steward,
    /// Create, change, split, unite and end parcels.
    EditParcels,
    /// Follow the change feed and imports.
    Follow,
    /// Name source systems and say how far they are trusted.
    Sources,
    /// Put another match model into use.
    Models,
    /// Read who read an entity.
    Audit,
    /// Be told of alarms.
    Alarms,
    /// Ask for exports that need a second person.
    Export,
    /// See the exports that were asked for.
    SeeExports,
    /// Users, keys, what they may reach, and how much they read.
    Accounts,
}

impl Right {
    /// Every right, for tables and tests.
    pub const ALL: [Self; 18] = [
        Self::Open,
        Self::SignedIn,
        Self::Resolve,
        Self::Map,
        Self::Read,
        Self::Verify,
        Self::Submit,
        Self::SeeReviews,
        Self::Steward,
        Self::EditParcels,
        Self::Follow,
        Self::Sources,
        Self::Models,
        Self::Audit,
        Self::Alarms,
        Self::Export,
        Self::SeeExports,
        Self::Accounts,
    ];

    /// The roles that have it.
    #[must_use]
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::Open | Self::SignedIn => &Role::ALL,
            Self::Resolve => &[Role::Reader, Role::Source, Role::Steward, Role::GisEditor],
            Self::Map | Self::Read => &[Role::Reader, Role::Source, Role::Steward, Role::GisEditor, Role::DataOffice],
            Self::Verify => &[Role::Verifier, Role::Reader, Role::Source, Role::Steward],
            Self::Submit => &[Role::Source, Role::Steward, Role::GisEditor, Role::DataOffice],
            Self::SeeReviews => &[Role::Steward, Role::DataOffice],
            Self::Steward => &[Role::Steward],
            Self::EditParcels => &[Role::GisEditor],
            Self::Follow => &[Role::Reader, Role::Source, Role::Steward, Role::GisEditor, Role::DataOffice, Role::SystemAdmin],
            Self::Sources | Self::Models | Self::Export => &[Role::DataOffice],
            Self::Audit => &[Role::Auditor],
            Self::Alarms => &[Role::SecurityAdmin, Role::Auditor],
            Self::SeeExports => &[Role::DataOffice, Role::SecurityAdmin, Role::Auditor],
            Self::Accounts => &[Role::SecurityAdmin],
        }
    }

    /// Whether one of these roles has it.
    #[must_use]
    pub fn is_held_by(self, roles: &[Role]) -> bool {
        matches!(self, Self::Open | Self::SignedIn) || roles.iter().any(|role| self.roles().contains(role))
    }

    /// The word in the published table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::SignedIn => "signed-in",
            Self::Resolve => "resolve",
            Self::Map => "map",
            Self::Read => "read",
            Self::Verify => "verify",
            Self::Submit => "submit",
            Self::SeeReviews => "see-reviews",
            Self::Steward => "steward",
            Self::EditParcels => "edit-parcels",
            Self::Follow => "follow",
            Self::Sources => "sources",
            Self::Models => "models",
            Self::Audit => "audit",
            Self::Alarms => "alarms",
            Self::Export => "export",
            Self::SeeExports => "see-exports",
            Self::Accounts => "accounts",
        }
    }
}

/// Whether a route shows personal data, so that its caller must state a purpose of use (使用目的).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Personal {
    /// Never.
    No,
    /// When the path says `persons`.
    OfPersons,
    /// Whatever the kind.
    Always,
}

impl Personal {
    /// Whether a call of this path needs a purpose.
    #[must_use]
    pub fn is_shown(self, kind: Option<&str>) -> bool {
        match self {
            Self::No => false,
            Self::OfPersons => kind.is_some_and(|kind| matches!(kind, "persons" | "person")),
            Self::Always => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn administrators_read_no_records() {
        for role in [Role::SystemAdmin, Role::SecurityAdmin, Role::Auditor] {
            for right in [Right::Resolve, Right::Read, Right::Submit, Right::SeeReviews, Right::Steward, Right::EditParcels] {
                assert!(!right.is_held_by(&[role]), "{role} must not have {}", right.as_str());
            }
        }
    }
}
