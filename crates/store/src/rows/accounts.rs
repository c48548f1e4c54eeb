//! What are the rows of accounts, keys and sessions?

use diesel::prelude::*;
use jiku_model::Timestamp;

row! {
    /// Accounts: people and systems that may sign in.
    pub struct PrincipalRow in principal {
        /// The sign-in name.
        pub name: String,
        /// The name for people to read.
        pub display_name: String,
        /// The department.
        pub department: String,
        /// The roles, separated by commas.
        pub roles: String,
        /// Argon2id; none when the account has no password.
        pub password_hash: Option<String>,
        /// Whether it may sign in.
        pub active: bool,
        /// Failed sign-ins since the last good one.
        pub failures: i32,
        /// Until when sign-in is refused.
        pub locked_until: Option<Timestamp>,
        /// When it was made.
        pub created_at: Timestamp,
        /// Divisions, kinds, classes of fields and quotas, a JSON object.
        pub limits: String,
        /// The shared secret of the second factor (RFC 6238), base32.
        pub totp_secret: Option<String>,
        /// The last time step whose code was used.
        pub totp_step: Option<i64>,
        /// The employer's number of the person; accounts that share one are one human.
        pub staff_number: Option<String>,
    }
}

row! {
    /// A purpose of use that a department may state.
    pub struct PurposeRow in purpose {
        /// The department; `*` is every department.
        pub department: String,
        /// The word in `Purpose-Of-Use` and in the access log.
        pub code: String,
        /// What people read.
        pub title: String,
        /// When it was registered.
        pub created_at: Timestamp,
        /// Who registered it.
        pub actor: String,
    }
}

row! {
    /// How much a principal read on a day through one node.
    pub struct UsageRow in read_usage {
        /// Days since 1970-01-01, UTC+8.
        pub day: i64,
        /// Who read.
        pub principal: String,
        /// The run of the service that counted.
        pub node: String,
        /// For which department.
        pub department: String,
        /// Questions asked.
        pub requests: i64,
        /// Entities shown, each time counted.
        pub entities: i64,
        /// Different people shown.
        pub persons: i64,
        /// Until when it is kept out, for guessing ids.
        pub locked_until: Option<Timestamp>,
    }
}

row! {
    /// Whom a principal was shown on a day, and not before on it as far as the node knew.
    pub struct SeenRow in person_seen {
        /// Days since 1970-01-01, UTC+8.
        pub day: i64,
        /// The run of the service that showed them.
        pub node: String,
        /// In the order in which the node wrote them.
        pub number: i64,
        /// Who read.
        pub principal: String,
        /// The last eight bytes of each canonical id, one after the other.
        pub persons: Vec<u8>,
    }
}

row! {
    /// Keys of departments' systems, kept as hashes.
    pub struct ApiKeyRow in api_key {
        /// The public beginning of the key, unique.
        pub prefix: String,
        /// Keyed hash of the whole key.
        pub hash: Vec<u8>,
        /// The account it acts for.
        pub principal: String,
        /// What it is for.
        pub label: String,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it ends.
        pub expires_at: Timestamp,
        /// When it was revoked, if it was.
        pub revoked_at: Option<Timestamp>,
    }
}

row! {
    /// Signed-in browsers.
    pub struct SessionRow in session {
        /// Digest of the session token.
        pub hash: Vec<u8>,
        /// The account.
        pub principal: String,
        /// When it signed in.
        pub created_at: Timestamp,
        /// When it was last used.
        pub last_seen_at: Timestamp,
        /// When it ends at the latest.
        pub expires_at: Timestamp,
    }
}
