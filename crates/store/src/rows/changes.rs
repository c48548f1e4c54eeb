//! What is a row of the change log, and how is the chain of hashes made?

use diesel::prelude::*;
use jiku_model::{EntityId, Kind, Timestamp, truncate_to_micros};
use sha2::{Digest, Sha256};

row! {
    /// Everything that happened, in commit order without gaps, chained by hashes.
    pub struct ChangeRow in change_log {
        /// Counted from 1 without gaps.
        pub position: i64,
        /// When.
        pub at: Timestamp,
        /// Who.
        pub actor: String,
        /// 1 person, 2 legal person, 3 parcel; none when no entity is concerned.
        pub kind: Option<Kind>,
        /// What happened, a code.
        pub event: String,
        /// The entity concerned.
        pub entity: Option<EntityId>,
        /// Details for followers, a JSON object without values of people.
        pub body: String,
        /// SHA-256 over the previous hash and this row.
        pub hash: Vec<u8>,
    }
}

/// What came before the first row of the change log.
pub const GENESIS_HASH: [u8; 32] = [0; 32];

/// A change before it has a position and a hash.
#[derive(Clone, Debug, PartialEq)]
pub struct NewChange {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// The kind concerned, if any.
    pub kind: Option<Kind>,
    /// What happened, a code.
    pub event: String,
    /// The entity concerned, if any.
    pub entity: Option<EntityId>,
    /// Details for followers, a JSON object without values of people.
    pub body: String,
}

impl NewChange {
    /// The row at `position` after a row whose hash is `previous`.
    #[must_use]
    pub fn chained(&self, position: i64, previous: &[u8]) -> ChangeRow {
        let mut row = ChangeRow {
            position,
            at: truncate_to_micros(self.at),
            actor: self.actor.clone(),
            kind: self.kind,
            event: self.event.clone(),
            entity: self.entity,
            body: self.body.clone(),
            hash: Vec::new(),
        };
        row.hash = row.hash_after(previous).to_vec();
        row
    }
}

impl ChangeRow {
    /// The hash this row must have after a row whose hash is `previous`: SHA-256 over the previous hash, then the
    /// columns in the order of the table; numbers as 8 bytes big-endian, texts with their length before them, so that
    /// no two rows are written alike. An absent kind counts as 0 and an absent entity as sixteen zero bytes.
    #[must_use]
    pub fn hash_after(&self, previous: &[u8]) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(previous);
        hasher.update(self.position.to_be_bytes());
        hasher.update(self.at.timestamp_micros().to_be_bytes());
        hasher.update(i64::from(self.kind.map_or(0, Kind::number)).to_be_bytes());
        hasher.update(self.entity.map_or([0; 16], |entity| entity.0.into_bytes()));
        for text in [&self.actor, &self.event, &self.body] {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text.as_bytes());
        }
        hasher.finalize().into()
    }
}
