//! How does a SQLite file behave as our store?
//!
//! One connection writes, others read from a snapshot and can do nothing else. Every acknowledged commit is synced.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{ConnectionError, DatabaseErrorKind, Error as DieselError};

pub(crate) type Conn = SqliteConnection;

/// How many keys go into one `IN (…)`.
pub(crate) const SET: usize = 1_000;

/// Up to this many keys are looked up one by one: that statement stays prepared, one with a list is parsed and planned each
/// time, and there is no round trip to save.
pub(crate) const FEW: usize = 16;

/// Inserts rows by statements of a fixed number of rows, which stay prepared.
macro_rules! bulk_insert {
    ($conn:expr, $table:expr, $rows:expr) => {{
        let (chunks, rest) = $rows.as_chunks::<16>();
        for chunk in chunks {
            diesel::insert_into($table).values(chunk).execute($conn)?;
        }
        for row in rest {
            diesel::insert_into($table).values(row).execute($conn)?;
        }
    }};
}

#[path = "q/mod.rs"]
pub(crate) mod q;

/// The oldest SQLite without the bug that can corrupt a database when the write-ahead log is reset.
const OLDEST: (u32, u32, u32) = (3, 51, 3);

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

/// The version of the library, and whether it is new enough.
pub(crate) fn library_version(conn: &mut Conn) -> QueryResult<(String, bool)> {
    let Version { version } = diesel::sql_query("SELECT sqlite_version() AS version").get_result(conn)?;
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    let number = (next(), next(), next());
    Ok((version, number >= OLDEST))
}

/// Settings of every connection; `busy_timeout` comes first, because turning the write-ahead log on can itself be busy. The
/// file is not mapped into memory: a disk error under a mapping ends the process instead of failing one request. The write-ahead log
/// is moved by [`crate::wal`]; SQLite does it itself where that could not.
pub(crate) fn prepare(conn: &mut Conn, writes: bool) -> Result<(), DieselError> {
    conn.batch_execute("PRAGMA busy_timeout = 10000;")?;
    conn.batch_execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
         PRAGMA mmap_size = 0; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 64000;",
    )?;
    if !writes {
        conn.batch_execute("PRAGMA query_only = ON; PRAGMA cache_size = -8192;")?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = diesel::sql_types::Text)]
    integrity_check: String,
}

/// What SQLite's own check finds wrong in the file; nothing when all is well.
pub(crate) fn integrity_findings(conn: &mut Conn) -> QueryResult<Vec<String>> {
    let findings: Vec<Finding> = diesel::sql_query("PRAGMA integrity_check").load(conn)?;
    Ok(findings.into_iter().map(|finding| finding.integrity_check).filter(|line| line != "ok").collect())
}

/// Makes an empty file that only its owner may read: it will hold personal data. SQLite gives its companion files the
/// same permissions. Fails when there is a file already.
pub(crate) fn create_private(file: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(|_| ())
}

/// Writes a consistent copy of the database to an empty file while others read and write.
pub(crate) fn copy_to(conn: &mut Conn, file: &str) -> QueryResult<()> {
    diesel::sql_query("VACUUM INTO ?").bind::<diesel::sql_types::Text, _>(file).execute(conn).map(|_| ())
}

/// Lets this transaction write values of history anew, or no longer; the triggers look for the word.
pub(crate) fn allow_resealing(conn: &mut Conn, allowed: bool) -> QueryResult<()> {
    conn.batch_execute(if allowed {
        "INSERT OR REPLACE INTO store_meta VALUES ('resealing', 'on')"
    } else {
        "DELETE FROM store_meta WHERE name = 'resealing'"
    })
}

/// A connection that may not write.
pub(crate) fn connect(file: &str) -> QueryResult<Conn> {
    let refused = |error: ConnectionError| DieselError::DatabaseError(DatabaseErrorKind::UnableToSendCommand, Box::new(error.to_string()));
    let mut conn = Conn::establish(file).map_err(refused)?;
    prepare(&mut conn, false)?;
    Ok(conn)
}

/// How many pages the write-ahead log has, and how many of them stand in the file already.
#[derive(Debug, QueryableByName)]
pub(crate) struct Log {
    #[diesel(sql_type = diesel::sql_types::BigInt, column_name = "log")]
    pub(crate) pages: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt, column_name = "checkpointed")]
    pub(crate) moved: i64,
}

/// How far the write-ahead log has been moved.
pub(crate) fn log_of(conn: &mut Conn) -> QueryResult<Log> {
    diesel::sql_query("PRAGMA wal_checkpoint(NOOP)").get_result(conn)
}

/// Moves of the write-ahead log into the file what no reader needs there, and waits for nobody.
pub(crate) fn move_log(conn: &mut Conn) -> QueryResult<Log> {
    diesel::sql_query("PRAGMA wal_checkpoint(PASSIVE)").get_result(conn)
}

/// Moves the write-ahead log into the file and gives its space back, as far as readers and the disk allow. A log that a full disk
/// keeps from being moved would itself keep the disk full.
pub(crate) fn shorten_log(conn: &mut Conn) {
    if let Err(error) = conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE);") {
        tracing::debug!(error = &error as &dyn std::error::Error, "the write-ahead log cannot be shortened yet");
    }
}

/// Writes the whole file anew, free pages and write-ahead log too, so that nothing deleted is left in it.
pub(crate) fn rewrite_file(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

/// Whether the file holds tables that our migrations did not make.
pub(crate) fn is_foreign(conn: &mut Conn) -> QueryResult<bool> {
    let Count { count } = diesel::sql_query(
        "SELECT (SELECT count(*) FROM sqlite_master WHERE type = 'table')
              * (SELECT count(*) = 0 FROM sqlite_master WHERE name = '__diesel_schema_migrations') AS count",
    )
    .get_result(conn)?;
    Ok(count > 0)
}

#[cfg(test)]
mod tests {
    use jiku_model::Kind;

    use super::*;
    use crate::error::StoreError;
    use crate::rows::NewAccess;

    #[test]
    fn a_full_disk_is_reported_as_such_and_writing_resumes_when_there_is_space() {
        let mut connection = crate::open::tests::migrated_in_memory();
        let long = NewAccess {
            at: jiku_model::Timestamp::UNIX_EPOCH,
            principal: "w".repeat(1_000_000),
            department: String::new(),
            purpose: None,
            action: "find".to_owned(),
            kind: Kind::Person,
            entity: None,
            fields: String::new(),
            request_id: None,
        };
        let mut write = |pages: u32| {
            connection.batch_execute(&format!("PRAGMA max_page_count = {pages}")).expect("the limit is set");
            q::access::append_accesses(&mut connection, std::slice::from_ref(&long))
                .map_err(|error| StoreError::from_diesel("write", &error))
        };
        assert!(matches!(write(200), Err(StoreError::StorageFull(_))));
        assert!(write(4_000).is_ok());
    }

    #[test]
    fn the_database_itself_refuses_to_rewrite_history() {
        let mut connection = crate::open::tests::migrated_in_memory();
        connection
            .batch_execute(
                "INSERT INTO change_log VALUES (1, 0, 'a', NULL, 'e', NULL, '{}', zeroblob(32));
                 INSERT INTO access_log VALUES (1, 0, 'a', 'd', NULL, 'find', 1, NULL, '', NULL, NULL);
                 INSERT INTO entity_version VALUES (zeroblob(16), 1, 0, 1, 'active', NULL, '{}', '[]');
                 INSERT INTO source_record_revision VALUES (1, 1, 'active', 0, 0, x'', '{}', '[]', '{}');
                 INSERT INTO judgement VALUES (zeroblob(16), zeroblob(16), 1, 2, 'positive', 'model', NULL, NULL, NULL, 'a', 0, NULL, '{}');",
            )
            .expect("rows are added");
        for table in ["change_log", "access_log", "entity_version", "source_record_revision", "judgement"] {
            assert!(connection.batch_execute(&format!("DELETE FROM {table}")).is_err(), "DELETE FROM {table}");
        }
        for sql in ["UPDATE change_log SET actor = ''", "UPDATE access_log SET principal = ''", "UPDATE judgement SET verdict = 'negative'"]
        {
            assert!(connection.batch_execute(sql).is_err(), "{sql}");
        }
        connection.batch_execute("UPDATE judgement SET retracted_by = decision").expect("a judgement may be retracted");
    }
}
