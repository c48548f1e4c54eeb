//! What can go wrong with the database, in words for a caller and with context for the log?

use std::cell::Cell;

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// A database operation failed. `Display` is for callers and names nothing of the database; [`StoreError::context`] is
/// for the log. Neither shows a value of a row.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The connection is lost, the server is away, or another process holds the lock: try again later.
    #[error("the database cannot be reached at the moment")]
    Unavailable(Context),
    /// The storage under the database fails, or what it gave back is damaged: for the machine's administrator to look at.
    #[error("the storage under the database fails")]
    StorageFailed(Context),
    /// The disk or the quota is full: writing resumes when there is space again.
    #[error("the database has no space left")]
    StorageFull(Context),
    /// A constraint of the schema refused the write.
    #[error("the write contradicts what the database holds")]
    Conflict(Context),
    /// A query or a row the service does not understand: a bug.
    #[error("the database gave an unexpected answer")]
    Internal(Context),
}

/// What the log should know of a failure.
#[derive(Debug)]
pub struct Context {
    /// The operation that failed.
    pub during: &'static str,
    /// What the database said.
    pub said: String,
}

/// Words by which both databases and the system say that space ran out.
const FULL: &[&str] = &[
    "database or disk is full",
    "no space left on device",
    "disk quota exceeded",
    "could not extend file",
    "could not write to file",
    "设备上没有空间",
    "无法扩展文件",
    "无法写入文件",
];

/// Words by which both databases say that the storage under them fails. SQLite says the same of a damaged file as of a read that
/// the system refused (`SQLITE_IOERR_CORRUPTFS` becomes `SQLITE_CORRUPT`), so a read may succeed the next time.
const FAILED: &[&str] = &[
    "disk i/o error",
    "database disk image is malformed",
    "file is not a database",
    "input/output error",
    "could not read block",
    "could not read file",
    "could not open file",
    "could not fsync file",
    "could not access status of transaction",
    "invalid page in block",
    "无法读取",
    "无法打开文件",
    "执行 fsync",
    "无法访问事务",
    "中有无效页",
];

/// Words that mean: not now, but the same request can succeed later. A server whose messages are in Chinese is asked for English ones, which takes
/// a right that not every user has.
const AWAY: &[&str] = &[
    "database is locked",
    "database table is locked",
    // SQLite took a transaction back by itself, as after a failed read or write.
    "cannot rollback - no transaction is active",
    "unable to open database file",
    "attempt to write a readonly database",
    "server closed the connection",
    "connection to server",
    "terminating connection",
    "no connection to the server",
    "could not receive data from server",
    "could not send data to server",
    "could not connect",
    "ssl syscall error",
    "the database system is",
    "lock timeout",
    "statement timeout",
    "due to user request",
    "deadlock detected",
    "too many clients",
    "remaining connection slots",
    "read-only transaction",
    "timed out waiting for connection",
    "锁超时",
    "语句执行超时",
    "由于用户请求",
    "正在终止连接",
    "数据库系统正在",
    "恢复模式",
    "检测到死锁",
    "客户端连接过多",
    "只读事务",
];

thread_local! {
    /// Whether the storage failed under what this thread did last.
    static FAILURE: Cell<bool> = const { Cell::new(false) };
    /// Whether the storage was full.
    static FULL_UP: Cell<bool> = const { Cell::new(false) };
}

/// Whether the storage was full under what this thread did since this was asked last.
pub(crate) fn take_full_up() -> bool {
    FULL_UP.take()
}

/// Whether the storage failed on this thread since this was asked last. Such a connection is not used again: it may keep in mind what it
/// could not read right.
pub(crate) fn take_failure() -> bool {
    FAILURE.take()
}

impl StoreError {
    /// What the log should know.
    #[must_use]
    pub const fn context(&self) -> &Context {
        match self {
            Self::Unavailable(context)
            | Self::StorageFailed(context)
            | Self::StorageFull(context)
            | Self::Conflict(context)
            | Self::Internal(context) => context,
        }
    }

    pub(crate) fn from_diesel(during: &'static str, error: &DieselError) -> Self {
        // PostgreSQL's detail line repeats the values of the row, so only the message and the constraint are kept.
        let said = match error {
            DieselError::DatabaseError(kind, information) => match information.constraint_name() {
                Some(constraint) => format!("{kind:?}: {} ({constraint})", information.message()),
                None => format!("{kind:?}: {}", information.message()),
            },
            other => other.to_string(),
        };
        let context = Context { during, said };
        match error {
            DieselError::DatabaseError(
                DatabaseErrorKind::UniqueViolation
                | DatabaseErrorKind::ForeignKeyViolation
                | DatabaseErrorKind::NotNullViolation
                | DatabaseErrorKind::CheckViolation
                | DatabaseErrorKind::RestrictViolation
                | DatabaseErrorKind::ExclusionViolation,
                _,
            ) => Self::Conflict(context),
            DieselError::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::ReadOnlyTransaction | DatabaseErrorKind::SerializationFailure,
                _,
            )
            | DieselError::BrokenTransactionManager => Self::Unavailable(context),
            _ => Self::from_words(context),
        }
    }

    pub(crate) fn from_words(context: Context) -> Self {
        let said = context.said.to_lowercase();
        let any = |words: &[&str]| words.iter().any(|word| said.contains(word));
        if any(FULL) {
            FULL_UP.set(true);
            Self::StorageFull(context)
        } else if any(FAILED) {
            FAILURE.set(true);
            Self::StorageFailed(context)
        } else if any(AWAY) {
            Self::Unavailable(context)
        } else {
            Self::Internal(context)
        }
    }
}

/// Why a database could not be opened: one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL names no database we know.
    #[error("the database must be sqlite://FILE or postgres://USER@HOST/NAME, got a URL that begins with {0:?}")]
    UnknownScheme(String),
    /// The URL names no file.
    #[error("the database URL names no file; write sqlite://FILE")]
    NoFile,
    /// A database in memory cannot be shared between connections nor survive a stop.
    #[error("a database in memory is not supported; name a file, such as sqlite://jiku.db")]
    InMemory,
    /// The folder of the file is not there.
    #[error("the folder {0} does not exist; create it or name another one")]
    FolderMissing(String),
    /// The file or its folder cannot be written.
    #[error("{0} cannot be written; check its permissions or name another place")]
    NotWritable(String),
    /// The file is something else.
    #[error("{0} is not a SQLite database; name another file")]
    NotADatabase(String),
    /// The file or the schema belongs to another application.
    #[error("{0} holds another application's tables; name another database")]
    ForeignDatabase(String),
    /// The database was written by a newer version of the service.
    #[error("the database has the schema {found} of a newer version; this version knows up to {known}: install the newer version")]
    NewerSchema {
        /// The newest migration in the database.
        found: String,
        /// The newest migration this version brings.
        known: String,
    },
    /// The database was written by an older version, and this way of opening changes nothing.
    #[error("the database has the schema of an older version; run `jiku migrate` first")]
    OlderSchema,
    /// SQLite before 3.51.3 can corrupt a database in WAL mode.
    #[error("SQLite {0} is too old: versions before 3.51.3 can damage a database in WAL mode; build with the bundled one")]
    SqliteTooOld(String),
    /// PostgreSQL before 15 is not tested.
    #[error("PostgreSQL {0} is too old; version 15 or newer is needed")]
    PostgresTooOld(String),
    /// The PostgreSQL database does not store UTF-8.
    #[error("the PostgreSQL database stores text as {0}; create it with ENCODING 'UTF8'")]
    WrongEncoding(String),
    /// Nobody answers there.
    #[error("the PostgreSQL server {0} cannot be reached; check that it runs and that host and port are right")]
    Unreachable(String),
    /// The server refuses the user or the password.
    #[error("the PostgreSQL server {0} refused the user or the password")]
    AuthenticationFailed(String),
    /// The server has no such database.
    #[error("the PostgreSQL server has no database for {0}; create it first with createdb")]
    DatabaseMissing(String),
    /// The user may not create or change tables.
    #[error("the database user may not change the schema: {0}")]
    MayNotMigrate(String),
    /// The file of master keys cannot be used.
    #[error("the key file {place} {why}")]
    KeysUnusable {
        /// The file.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// The database has encrypted values, and there is no file of master keys.
    #[error(
        "this database is encrypted under the master key {key}, and there is no key file {place}: name the right one with --keys or JIKU_KEYS"
    )]
    KeysMissing {
        /// The file that was looked for.
        place: String,
        /// The master key of the database.
        key: String,
    },
    /// The file of master keys does not fit the database.
    #[error(
        "this database is encrypted under the master key {key}, which {place} does not hold: name the right file with --keys or JIKU_KEYS"
    )]
    WrongKeys {
        /// The file.
        place: String,
        /// The master key of the database.
        key: String,
    },
    /// There is no home folder to keep master keys in.
    #[error("there is no home folder to keep the keys of this database in; name a file with --keys or JIKU_KEYS")]
    NoPlaceForKeys,
    /// The system gives no random numbers.
    #[error("the system gives no random numbers, so no key can be made")]
    NoRandomness,
    /// Another process holds the database for too long.
    #[error("another process is using the database; stop it or wait until it is done")]
    Busy,
    /// Anything else, as the database said it.
    #[error("the database cannot be opened: {0}")]
    Other(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: &str, words: &str) {
        let error = StoreError::from_words(Context { during: "write", said: said.to_owned() });
        assert_eq!(error.to_string(), words, "{error:?}");
        assert!(!error.to_string().contains(said), "a caller is not told what the database said");
    }

    #[test]
    fn a_full_disk_is_told_from_one_that_fails_from_a_database_that_is_away_and_from_a_bug() {
        check("database or disk is full", "the database has no space left");
        check(
            "could not extend file \"base/16384/16401\": No space left on device\nHINT: Check free disk space.",
            "the database has no space left",
        );
        check("cannot rollback - no transaction is active", "the database cannot be reached at the moment");
        check("database is locked", "the database cannot be reached at the moment");
        check("server closed the connection unexpectedly", "the database cannot be reached at the moment");
        check("canceling statement due to lock timeout", "the database cannot be reached at the moment");
        check("terminating connection due to administrator command", "the database cannot be reached at the moment");
        check("database disk image is malformed", "the storage under the database fails");
        check("disk I/O error", "the storage under the database fails");
        check("could not read block 7 in file \"base/5/16401\": Input/output error", "the storage under the database fails");
        check("could not write to file \"pg_wal/xlogtemp.1\": No space left on device", "the database has no space left");
        check("column \"x\" does not exist", "the database gave an unexpected answer");
        // A server whose messages are in Chinese, and a user who may not ask for others.
        for away in [
            "由于锁超时，正在取消语句",
            "由于用户请求，正在取消语句",
            "由于管理员命令，正在终止连接",
            "canceling statement due to user request",
        ] {
            check(away, "the database cannot be reached at the moment");
        }
        check("无法扩展文件 \"base/5/16401\": 设备上没有空间", "the database has no space left");
        check("关系 base/5/16401 的块 7 中有无效页", "the storage under the database fails");
    }
}
