//! Which roles may do what?
//!
//! What is not granted here is refused, whoever calls; the web refuses earlier, by the same table of rights.

use crate::{Actor, RegistryError, Role};

/// What a use case asks of its actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    /// Ask and read.
    Read,
    /// Send and withdraw records.
    Submit,
    /// See review tasks and decisions.
    SeeReviews,
    /// Judge, merge, unmerge, override.
    Steward,
    /// Name source systems and say how far they are trusted.
    Sources,
    /// Users and keys.
    Accounts,
    /// Read the traces.
    Audit,
    /// Run the service.
    Operate,
}

impl Right {
    const fn roles(self) -> &'static [Role] {
        match self {
            Self::Read => &[Role::Reader, Role::Source, Role::Steward, Role::GisEditor, Role::DataOffice],
            Self::Submit => &[Role::Source, Role::Steward, Role::GisEditor, Role::DataOffice],
            Self::SeeReviews => &[Role::Steward, Role::DataOffice],
            Self::Steward => &[Role::Steward],
            Self::Sources => &[Role::DataOffice],
            Self::Accounts => &[Role::SecurityAdmin],
            Self::Audit => &[Role::Auditor],
            Self::Operate => &[Role::SystemAdmin],
        }
    }
}

/// Refuses an actor without the right.
pub(crate) fn require(actor: &Actor, right: Right) -> Result<(), RegistryError> {
    if right.roles().iter().any(|role| actor.has(*role)) {
        return Ok(());
    }
    let needed: Vec<&str> = right.roles().iter().map(|role| role.as_str()).collect();
    Err(RegistryError::Forbidden(format!("this needs one of the roles {}", needed.join(", ")).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn administrators_and_auditors_read_no_records() {
        for role in [Role::SystemAdmin, Role::SecurityAdmin, Role::Auditor] {
            let actor = Actor { roles: vec![role], ..Actor::operator("someone") };
            for right in [Right::Read, Right::Submit, Right::SeeReviews, Right::Steward] {
                assert!(require(&actor, right).is_err(), "{role} must not {right:?}");
            }
        }
    }
}
