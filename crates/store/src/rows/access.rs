//! What is a row of the access log?

use diesel::prelude::*;
use jiku_model::{EntityId, Kind, Timestamp};

row! {
    /// Who read which person's data, for what purpose.
    pub struct AccessRow in access_log {
        /// Counted by the database.
        pub id: i64,
        /// When.
        pub at: Timestamp,
        /// Who read.
        pub principal: String,
        /// For which department.
        pub department: String,
        /// The declared purpose of use.
        pub purpose: Option<String>,
        /// How it was read: find, search, resolve, export, ….
        pub action: String,
        /// 1 person, 2 legal person, 3 parcel.
        pub kind: Kind,
        /// Whose data; none when the question found nobody.
        pub entity: Option<EntityId>,
        /// Which fields were given, separated by commas.
        pub fields: String,
        /// The request's id.
        pub request_id: Option<String>,
    }
}

row! {
    /// A reading before the database has counted it.
    pub struct NewAccess in access_log {
        /// When.
        pub at: Timestamp,
        /// Who read.
        pub principal: String,
        /// For which department.
        pub department: String,
        /// The declared purpose of use.
        pub purpose: Option<String>,
        /// How it was read: find, search, resolve, export, ….
        pub action: String,
        /// The kind read.
        pub kind: Kind,
        /// Whose data; none when the question found nobody.
        pub entity: Option<EntityId>,
        /// Which fields were given, separated by commas.
        pub fields: String,
        /// The request's id.
        pub request_id: Option<String>,
    }
}
