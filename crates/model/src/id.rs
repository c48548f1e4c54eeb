//! What identifies each noun?
//!
//! Public ids are UUIDs of version 7 (RFC 9562, clause 5.7), minted by the caller: an engine draws no random numbers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Kind;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> { Uuid::try_parse(text).map(Self) }
        }
    )* };
}

uuid_id! {
    /// The canonical id of an entity (统一标识): public, minted once, answers for ever.
    EntityId;
    /// A judgement in the ledger.
    JudgementId;
    /// One act of a steward or of the engine that may write several judgements: a merge, an unmerge, a verdict.
    DecisionId;
    /// A review task (待审任务).
    TaskId;
    /// A merge that one steward proposed and another has to approve.
    ProposalId;
    /// Access beyond the usual rights, for a stated reason and a short time.
    EmergencyId;
    /// An export that one principal asked for and another has to approve.
    ExportId;
    /// A long-running piece of work: an import, a de-duplication run.
    JobId;
}

/// The service's own number of a source record: the kind in the high bits, a dense counter per kind in the low ones,
/// so that in-memory indexes can use [`RecordId::slot`] as an array index. Never shown outside: there a record is
/// named by its [`crate::RecordKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordId(pub i64);

impl RecordId {
    const KIND_SHIFT: u32 = 40;

    /// The record of `kind` with the dense number `slot`.
    #[must_use]
    pub const fn new(kind: Kind, slot: u32) -> Self {
        Self(((kind.number() as i64) << Self::KIND_SHIFT) | slot as i64)
    }

    /// The kind of the record.
    ///
    /// # Panics
    /// When the number was not made by [`RecordId::new`].
    #[must_use]
    pub fn kind(self) -> Kind {
        i16::try_from(self.0 >> Self::KIND_SHIFT).ok().and_then(Kind::from_number).expect("a record id is only made from a kind and a slot")
    }

    /// The dense number within the kind, counted from 0.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the low 32 bits are the slot")]
    pub const fn slot(self) -> u32 {
        self.0 as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_id_tells_its_kind_and_slot() {
        for kind in Kind::ALL {
            let id = RecordId::new(kind, u32::MAX);
            assert_eq!((id.kind(), id.slot()), (kind, u32::MAX));
        }
    }
}
