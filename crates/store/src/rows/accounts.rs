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
