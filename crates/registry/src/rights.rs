//! Which roles may do what?
//!
//! What is not granted here is refused, whoever calls; the web refuses earlier, by the same table of rights.

use crate::{Actor, RegistryError, Role};

/// What a use case asks of its actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    /// Ask and read.
    Read,
    /// Ask for an export.
    Export,
    /// Ask for a yes or a no.
    Verify,
    /// Send and withdraw records.
    Submit,
    /// See review tasks and decisions.
    SeeReviews,
    /// Judge, merge, unmerge, override.
    Steward,
    /// Create, change, split, unite and retire parcels.
    EditParcels,
    /// Name source systems and say how far they are trusted.
    Sources,
    /// Put another match model into use.
    Models,
    /// Users and keys.
    Accounts,
    /// Read the traces.
    Audit,
    /// Be told of alarms.
    Alarms,
    /// Run the service.
    Operate,
}

impl Right {
    const fn roles(self) -> &'static [Role] {
        match self {
            Self::Read => &[Role::Reader, Role::Source, Role::Steward, Role::GisEditor, Role::DataOffice],
            Self::Export => &[Role::DataOffice],
            Self::Verify => &[Role::Verifier, Role::Reader, Role::Source, Role::Steward],
            Self::Submit => &[Role::Source, Role::Steward, Role::GisEditor, Role::DataOffice],
            Self::SeeReviews => &[Role::Steward, Role::DataOffice],
            Self::Steward => &[Role::Steward],
            Self::EditParcels => &[Role::GisEditor],
            Self::Sources => &[Role::DataOffice],
            Self::Models => &[Role::DataOffice],
            Self::Accounts => &[Role::SecurityAdmin],
            Self::Audit => &[Role::Auditor],
            Self::Alarms => &[Role::SecurityAdmin, Role::Auditor],
            Self::Operate => &[Role::SystemAdmin],
        }
    }

    /// Whether an actor has it.
    pub(crate) fn is_held_by(self, actor: &Actor) -> bool {
        self.roles().iter().any(|role| actor.has(*role))
    }
}

/// Which personal values an actor sees in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unmasking {
    /// None: the default.
    Nothing,
    /// Those of the source records its own department sent.
    OwnRecords,
    /// All it may read.
    Everything,
}

/// What an actor sees in full, when they ask: a steward what they review, a department's system what it sent itself.
pub(crate) fn unmasking(actor: &Actor) -> Unmasking {
    if !actor.unmask {
        Unmasking::Nothing
    } else if actor.has(Role::Steward) || actor.limits.unmask {
        Unmasking::Everything
    } else if actor.has(Role::Source) {
        Unmasking::OwnRecords
    } else {
        Unmasking::Nothing
    }
}

/// Refuses an actor without the right.
pub(crate) fn require(actor: &Actor, right: Right) -> Result<(), RegistryError> {
    if right.is_held_by(actor) {
        return Ok(());
    }
    let needed: Vec<&str> = right.roles().iter().map(|role| role.as_str()).collect();
    Err(RegistryError::Forbidden(format!("this needs one of the roles {}", needed.join(", ")).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_values_are_seen_by_those_who_ask_and_may() {
        for (role, unmask, expected) in [
            (Role::Steward, true, Unmasking::Everything),
            (Role::Steward, false, Unmasking::Nothing),
            (Role::Source, true, Unmasking::OwnRecords),
            (Role::Reader, true, Unmasking::Nothing),
            (Role::DataOffice, true, Unmasking::Nothing),
        ] {
            assert_eq!(unmasking(&Actor { roles: vec![role], unmask, ..Actor::operator("someone") }), expected, "{role}");
        }
    }

    #[test]
    fn administrators_and_auditors_read_no_records() {
        for role in [Role::SystemAdmin, Role::SecurityAdmin, Role::Auditor] {
            let actor = Actor { roles: vec![role], ..Actor::operator("someone") };
            for right in [Right::Read, Right::Export, Right::Submit, Right::SeeReviews, Right::Steward] {
                assert!(require(&actor, right).is_err(), "{role} must not {right:?}");
            }
        }
    }
}
