//! How is a database copied without changing it?

use std::path::Path;

use jiku_store::Store;

use super::Result;
use crate::OpenError;

/// A database that is left as it is: that of an earlier version stays one, and no key is needed.
pub struct AsItIs(Store);

impl AsItIs {
    /// Opens the database.
    ///
    /// # Errors
    /// When it is not there, not ours, or of a later version; the message is one sentence for the operator.
    pub fn open(database: &str) -> std::result::Result<Self, OpenError> {
        Store::open_to_copy(database).map(Self).map_err(|error| OpenError::Database(error.to_string(), Box::new(error)))
    }

    /// Copies it to a file while it is used (SQLite; PostgreSQL has its own tools).
    pub fn backup(&self, to: &Path) -> Result<()> {
        Ok(self.0.backup_to(to)?)
    }
}
