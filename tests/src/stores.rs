//! How does a test get a database of its own on each store?
//!
//! ```text
//! use jiku_tests::stores::Database;
//!
//! jiku_tests::on_both_stores! {
//!     a_new_database_has_no_changes;
//! }
//!
//! fn a_new_database_has_no_changes(database: &Database) {
//!     let position = database.store().read(|reader| reader.last_position()).unwrap();
//!     assert_eq!(position, 0);
//! }
//! ```
//!
//! makes two tests, `sqlite::a_new_database_has_no_changes` and `postgres::a_new_database_has_no_changes`. The macro is called
//! once in a module; what opens a database by its address (`Registry::open`, the binary) takes [`Database::url`].

use jiku_store::Store;
use tempfile::TempDir;

use crate::postgres;

/// A database with our schema and nothing in it, gone after the test.
#[derive(Debug)]
pub struct Database {
    url: String,
    folder: TempDir,
}

impl Database {
    /// A SQLite file in a folder of its own.
    ///
    /// # Panics
    /// When there is no place for temporary files.
    #[must_use]
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { url: format!("sqlite://{}", folder.path().join("base.db").display()), folder }
    }

    /// A PostgreSQL database; `None` when these tests are left out by hand.
    ///
    /// # Panics
    /// When there is no PostgreSQL.
    #[must_use]
    pub fn postgres() -> Option<Self> {
        let url = postgres::migrated_database()?;
        Some(Self { url, folder: tempfile::tempdir().expect("a temporary folder") })
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A folder for the test's own files.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Opens it; another call is another node.
    ///
    /// # Panics
    /// When it cannot be opened.
    #[must_use]
    pub fn store(&self) -> Store {
        Store::open(&self.url).expect("the test's database opens")
    }
}

/// Makes of each named function two tests, on SQLite and on PostgreSQL.
#[macro_export]
macro_rules! on_both_stores {
    ($($name:ident;)*) => {
        mod sqlite {
            $(#[test]
            fn $name() {
                super::$name(&$crate::stores::Database::sqlite());
            })*
        }

        mod postgres {
            $(#[test]
            fn $name() {
                if let Some(database) = $crate::stores::Database::postgres() {
                    super::$name(&database);
                }
            })*
        }
    };
}
