//! What are the rows of the service's own settings: sources, models, survivorship rules?

use diesel::prelude::*;
use jiku_model::{DecisionId, EntityId, Kind, Timestamp};
use sha2::{Digest, Sha256};

row! {
    /// Facts about this database itself: one value by name.
    pub struct MetaRow in store_meta {
        /// Name of the fact.
        pub name: String,
        /// Its value.
        pub value: String,
    }
}

row! {
    /// The keys that encrypt values of people, each wrapped by a master key that is not in this database.
    pub struct DataKeyRow in data_key {
        /// Counted from 1; values name it.
        pub number: i32,
        /// Data, or lookup for values that are looked up.
        pub purpose: String,
        /// The algorithm it is for.
        pub algorithm: String,
        /// The id of the master key that wraps it.
        pub master: String,
        /// The wrapped key.
        pub wrapped: Vec<u8>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When no value was left under it.
        pub retired_at: Option<Timestamp>,
    }
}

row! {
    /// The departments' systems that send records.
    pub struct SourceRow in source_system {
        /// The short number that stands for the source in other tables.
        pub number: i16,
        /// Its code, unique.
        pub code: String,
        /// Its name for people to read.
        pub name: String,
        /// The department that answers for it.
        pub department: String,
        /// How far its values are trusted when sources disagree, 0 to 100.
        pub trust: i16,
    }
}

row! {
    /// Match models by kind and version.
    pub struct ModelRow in match_model {
        /// 1 person, 2 legal person, 3 parcel.
        pub kind: Kind,
        /// Counted from 1.
        pub version: i32,
        /// The file as loaded.
        pub toml: String,
        /// Whether it is the one in use; at most one per kind.
        pub active: bool,
        /// When it was loaded.
        pub created_at: Timestamp,
        /// Who loaded it.
        pub actor: String,
    }
}

row! {
    /// Survivorship rules by kind and version.
    pub struct SurvivorshipRow in survivorship {
        /// 1 person, 2 legal person, 3 parcel.
        pub kind: Kind,
        /// Counted from 1.
        pub version: i32,
        /// The file as loaded.
        pub toml: String,
        /// Whether it is the one in use; at most one per kind.
        pub active: bool,
        /// When it was loaded.
        pub created_at: Timestamp,
        /// Who loaded it.
        pub actor: String,
        /// The act that put it into use; none for what came with the service.
        pub decision: Option<DecisionId>,
        /// How many golden records it could change when it came into use.
        pub to_compose: i64,
        /// How many of these were composed anew.
        pub composed: i64,
        /// How many of these say something else now, or say it for another reason.
        pub changed: i64,
        /// The last of them in the order of their ids.
        pub composed_through: Option<EntityId>,
        /// When the last one was composed; none while it goes on.
        pub composed_at: Option<Timestamp>,
    }
}

impl ModelRow {
    /// The fact in `store_meta` what this row said when it was written.
    #[must_use]
    pub fn digest(&self) -> MetaRow {
        digest("model", self.kind, self.version, &[&self.toml, &self.actor], self.created_at)
    }
}

impl SurvivorshipRow {
    /// The fact in `store_meta` what this row said when it was written; how far golden records follow it is no part of it.
    #[must_use]
    pub fn digest(&self) -> MetaRow {
        digest("survivorship", self.kind, self.version, &[&self.toml, &self.actor], self.created_at)
    }
}

fn digest(what: &str, kind: Kind, version: i32, texts: &[&str], at: Timestamp) -> MetaRow {
    let mut digest = Sha256::new();
    digest.update(at.timestamp_micros().to_be_bytes());
    for text in texts {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    }
    let value = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    MetaRow { name: format!("digest of {what} {} {version}", kind.number()), value }
}
