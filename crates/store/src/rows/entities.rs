//! What are the rows of entities and their versions?

use diesel::prelude::*;
use jiku_model::{EntityId, Kind, Timestamp};

use crate::types::EntityState;

row! {
    /// Canonical ids ever given out and where each stands now.
    pub struct EntityRow in entity {
        /// The canonical id.
        pub id: EntityId,
        /// 1 person, 2 legal person, 3 parcel.
        pub kind: Kind,
        /// Active, merged or retired.
        pub state: EntityState,
        /// The survivor, when merged.
        pub redirect: Option<EntityId>,
        /// The current version, counted from 1.
        pub version: i32,
        /// When the id was minted.
        pub created_at: Timestamp,
        /// The change-log position of the current version.
        pub position: i64,
    }
}

row! {
    /// Every version of every entity: golden record, provenance and members, appended and never rewritten.
    pub struct VersionRow in entity_version {
        /// The entity.
        pub entity: EntityId,
        /// Counted from 1.
        pub version: i32,
        /// From when it was the current one; it ends where the next begins.
        pub recorded_from: Timestamp,
        /// The change-log position that made it.
        pub position: i64,
        /// Active, merged or retired.
        pub state: EntityState,
        /// The survivor, when merged.
        pub redirect: Option<EntityId>,
        /// The golden record with the provenance of each value, a JSON object.
        pub golden: String,
        /// The source records it is made of, a JSON array of [record id, revision].
        pub members: String,
    }
}

/// How many entities of one kind are in one state.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct EntityCount {
    /// The kind.
    pub kind: Kind,
    /// The state.
    pub state: EntityState,
    /// How many.
    pub count: i64,
}
