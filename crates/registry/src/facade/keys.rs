//! What is told about the keys of a database?

pub use jiku_store::{KeyReport, KeySource, KeyUse};

/// How a database is encrypted.
#[derive(Clone, Debug, PartialEq)]
pub struct Encryption {
    /// The file of the master keys.
    pub key_file: String,
    /// The data keys, oldest first; the last one for data encrypts what is written now.
    pub keys: Vec<KeyReport>,
}
