//! How is a database found, checked and brought up to date before anyone uses it?

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use diesel::Connection as _;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::access_index::AccessIndex;
use crate::error::OpenError;
use crate::keys::master::Masters;
use crate::keys::ring::{DATA, LOOKUP, new_row};
use crate::keys::{KeyRing, KeySource};
use crate::readers::Readers;
use crate::rows::DataKeyRow;
use crate::store::Pools;
use crate::wal::WriteAheadLog;
use crate::{pool, postgres, sqlite};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// How long another process may take to bring the schema of a shared file up to date.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many connections read a SQLite file at once: three for each processor, of which questions that take long hold two at most, and two more.
fn sqlite_readers() -> usize {
    2 + 3 * std::thread::available_parallelism().map_or(1, usize::from)
}

/// How many connections a node holds to PostgreSQL at most.
const POSTGRES_CONNECTIONS: u32 = 12;

pub(crate) fn open(url: &str, keys: &KeySource) -> Result<(Pools, KeyRing), OpenError> {
    match url.split_once(':') {
        Some(("sqlite", rest)) => open_sqlite(rest.strip_prefix("//").unwrap_or(rest), keys),
        Some(("postgres" | "postgresql", _)) => open_postgres(url, keys),
        Some((scheme, _)) => Err(OpenError::UnknownScheme(scheme.to_owned())),
        // What is not a URL may be anything, even a password: only its beginning is repeated.
        None => Err(OpenError::UnknownScheme(url.chars().take(12).collect())),
    }
}

/// Which schema a database may have that is opened as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schema {
    OfThisVersion,
    /// That of an earlier version too.
    OrOlder,
}

/// Opens without keys and without changing anything. Who reads more than whole files needs this version's schema.
pub(crate) fn open_unchanged(url: &str, schema: Schema) -> Result<Pools, OpenError> {
    let refused = |failure| match failure {
        MigrationFailure::Refused(error) => error,
        MigrationFailure::Database(said) => OpenError::Other(said),
    };
    let behind = |behind: bool| if behind && schema == Schema::OfThisVersion { Err(OpenError::OlderSchema) } else { Ok(()) };
    match url.split_once(':') {
        Some(("sqlite", rest)) => {
            let name = rest.strip_prefix("//").unwrap_or(rest);
            if !Path::new(name).is_file() {
                return Err(OpenError::NotADatabase(name.to_owned()));
            }
            let mut connection = SqliteConnection::establish(name).map_err(|error| explain_sqlite(name, &error.to_string()))?;
            if sqlite::is_foreign(&mut connection).map_err(|error| explain_sqlite(name, &error.to_string()))? {
                return Err(OpenError::ForeignDatabase(name.to_owned()));
            }
            sqlite_is_behind(&mut connection).map_err(refused).and_then(behind)?;
            let write = pool::pool(name, 1, |connection| sqlite::prepare(connection, false));
            let (log, accesses) = (Box::new(WriteAheadLog::new(name)), Box::new(AccessIndex::new(name)));
            Ok(Pools::Sqlite { file: PathBuf::from(name), write, read: Readers::new(name, 1), log, accesses })
        }
        Some(("postgres" | "postgresql", _)) => {
            let url = &postgres::patient(url);
            let mut connection = connect_postgres(url).map_err(|error| explain_postgres(&place_of(url), &error.to_string()))?;
            postgres_is_behind(&mut connection).map_err(refused).and_then(behind)?;
            Ok(Pools::Postgres { pool: pool::pool(url, 1, postgres::prepare) })
        }
        Some((scheme, _)) => Err(OpenError::UnknownScheme(scheme.to_owned())),
        None => Err(OpenError::UnknownScheme(url.chars().take(12).collect())),
    }
}

fn open_sqlite(name: &str, keys: &KeySource) -> Result<(Pools, KeyRing), OpenError> {
    if name.is_empty() {
        return Err(OpenError::NoFile);
    }
    if name == ":memory:" || name.contains("mode=memory") {
        return Err(OpenError::InMemory);
    }
    let file = PathBuf::from(name);
    if file.is_dir() {
        return Err(OpenError::NotADatabase(name.to_owned()));
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(OpenError::FolderMissing(folder.display().to_string()));
    }
    match sqlite::create_private(&file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(OpenError::NotWritable(name.to_owned())),
        _ => {}
    }
    let place = keys.place(Some(&file))?;
    let begun = Instant::now();
    let (masters, rows) = loop {
        match migrate_sqlite(name, &place) {
            // Turning the write-ahead log on is refused at once while another process does the same.
            Err(OpenError::Busy) if begun.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(50)),
            other => break other?,
        }
    };
    let again = name.to_owned();
    let ring = KeyRing::new(masters, &rows, move || {
        let mut connection = SqliteConnection::establish(&again).ok()?;
        sqlite::prepare(&mut connection, false).ok()?;
        sqlite::q::settings::data_keys(&mut connection).ok()
    })?;
    let pools = Pools::Sqlite {
        file,
        write: pool::pool(name, 1, |connection| sqlite::prepare(connection, true)),
        read: Readers::new(name, sqlite_readers()),
        log: Box::new(WriteAheadLog::new(name)),
        accesses: Box::new(AccessIndex::new(name)),
    };
    Ok((pools, ring))
}

/// The master keys for a database, and its wrapped data keys: those it has, or its first ones, which `put` adds.
fn keys_of(
    place: &Path,
    rows: Vec<DataKeyRow>,
    put: impl FnMut(&DataKeyRow) -> QueryResult<()>,
) -> Result<(Masters, Vec<DataKeyRow>), MigrationFailure> {
    if let Some(row) = rows.first() {
        let missing = || OpenError::KeysMissing { place: place.display().to_string(), key: row.master.clone() };
        let masters = Masters::read(place).and_then(|found| found.ok_or_else(missing)).map_err(MigrationFailure::Refused)?;
        return Ok((masters, rows));
    }
    let make = || {
        let (masters, at) = (Masters::read_or_make(place)?, jiku_model::truncate_to_micros(chrono::Utc::now()));
        let rows = vec![new_row(&masters, 1, LOOKUP, at)?, new_row(&masters, 2, DATA, at)?];
        Ok((masters, rows))
    };
    let (masters, rows): (Masters, Vec<DataKeyRow>) = make().map_err(MigrationFailure::Refused)?;
    rows.iter().try_for_each(put)?;
    Ok((masters, rows))
}

fn migrate_sqlite(name: &str, place: &Path) -> Result<(Masters, Vec<DataKeyRow>), OpenError> {
    let explain = |error: diesel::result::Error| explain_sqlite(name, &error.to_string());
    let mut connection = SqliteConnection::establish(name).map_err(|error| explain_sqlite(name, &error.to_string()))?;
    let (version, new_enough) = sqlite::library_version(&mut connection).map_err(explain)?;
    if !new_enough {
        return Err(OpenError::SqliteTooOld(version));
    }
    if sqlite::is_foreign(&mut connection).map_err(explain)? {
        return Err(OpenError::ForeignDatabase(name.to_owned()));
    }
    sqlite::prepare(&mut connection, true).map_err(explain)?;
    let up_to_date = |failure| match failure {
        MigrationFailure::Refused(error) => error,
        MigrationFailure::Database(said) => explain_sqlite(name, &said),
    };
    // An up-to-date file is opened without waiting for whoever writes to it.
    if sqlite_is_behind(&mut connection).map_err(up_to_date)? {
        connection.exclusive_transaction(|inner| bring_up_to_date(inner, SQLITE)).map_err(up_to_date)?;
    }
    let rows = sqlite::q::settings::data_keys(&mut connection).map_err(explain)?;
    if !rows.is_empty() {
        return keys_of(place, rows, |_| Ok(())).map_err(up_to_date);
    }
    connection
        .exclusive_transaction(|inner| {
            let rows = sqlite::q::settings::data_keys(inner)?;
            keys_of(place, rows, |row| sqlite::q::settings::put_data_key(inner, row))
        })
        .map_err(up_to_date)
}

fn explain_sqlite(name: &str, said: &str) -> OpenError {
    let lower = said.to_lowercase();
    if lower.contains("not a database") {
        OpenError::NotADatabase(name.to_owned())
    } else if lower.contains("unable to open") || lower.contains("readonly") || lower.contains("permission denied") {
        OpenError::NotWritable(name.to_owned())
    } else if lower.contains("locked") {
        OpenError::Busy
    } else {
        OpenError::Other(said.to_owned())
    }
}

fn open_postgres(url: &str, keys: &KeySource) -> Result<(Pools, KeyRing), OpenError> {
    let key_file = keys.place(None)?;
    let (place, url) = (place_of(url), &*postgres::patient(url));
    let mut connection = connect_postgres(url).map_err(|error| explain_postgres(&place, &error.to_string()))?;
    let (version, number, encoding) = postgres::server(&mut connection).map_err(|error| OpenError::Other(error.to_string()))?;
    if number < 150_000 {
        return Err(OpenError::PostgresTooOld(version));
    }
    if encoding != "UTF8" {
        return Err(OpenError::WrongEncoding(encoding));
    }
    let other = |error: diesel::result::Error| OpenError::Other(error.to_string());
    postgres::prepare(&mut connection).map_err(other)?;
    connection.batch_execute("SET lock_timeout = 0").map_err(other)?;
    connection.batch_execute(postgres::MIGRATION_LOCK).map_err(other)?;
    let result = connection.transaction(|inner| {
        if postgres_is_behind(inner)? {
            bring_up_to_date(inner, POSTGRES)?;
        }
        let rows = postgres::q::settings::data_keys(inner)?;
        keys_of(&key_file, rows, |row| postgres::q::settings::put_data_key(inner, row))
    });
    // The lock ends with the session in any case.
    connection.batch_execute(postgres::MIGRATION_UNLOCK).map_err(other)?;
    let (masters, rows) = result.map_err(|failure| match failure {
        MigrationFailure::Refused(error) => error,
        MigrationFailure::Database(said)
            if ["permission denied", "read-only", "权限不足", "只读"].iter().any(|word| said.contains(word)) =>
        {
            OpenError::MayNotMigrate(said)
        }
        MigrationFailure::Database(said) => OpenError::Other(said),
    })?;
    let again = url.to_owned();
    let ring = KeyRing::new(masters, &rows, move || {
        let mut connection = PgConnection::establish(&again).ok()?;
        postgres::q::settings::data_keys(&mut connection).ok()
    })?;
    Ok((Pools::Postgres { pool: pool::pool(url, POSTGRES_CONNECTIONS, postgres::prepare) }, ring))
}

/// Connects; a server that is just starting gets some seconds.
fn connect_postgres(url: &str) -> ConnectionResult<PgConnection> {
    for _ in 0..20 {
        match PgConnection::establish(url) {
            Err(ConnectionError::BadConnection(said))
                if said.contains("the database system is starting up") || said.contains("数据库系统正在启动") =>
            {
                std::thread::sleep(Duration::from_millis(250));
            }
            other => return other,
        }
    }
    PgConnection::establish(url)
}

fn explain_postgres(place: &str, said: &str) -> OpenError {
    let lower = said.to_lowercase();
    let place = place.to_owned();
    let any = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if any(&["authentication failed", "no password supplied", "no pg_hba.conf entry", "认证失败", "pg_hba.conf 条目"])
        || (lower.contains("role") && lower.contains("does not exist"))
        || (lower.contains("角色") && lower.contains("不存在"))
    {
        OpenError::AuthenticationFailed(place)
    } else if (lower.contains("database") && lower.contains("does not exist")) || (lower.contains("数据库") && lower.contains("不存在"))
    {
        OpenError::DatabaseMissing(place)
    } else if any(&[
        "refused",
        "could not translate",
        "timeout",
        "timed out",
        "no route",
        "unreachable",
        "no such file",
        "closed the connection",
    ]) {
        OpenError::Unreachable(place)
    } else {
        OpenError::Other(said.lines().next().unwrap_or_default().to_owned())
    }
}

/// Host, port and database of a URL without user, password and options.
fn place_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split_once('?').map_or(rest, |(before, _)| before);
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    if place.is_empty() { "on this machine".to_owned() } else { place.to_owned() }
}

enum MigrationFailure {
    Refused(OpenError),
    Database(String),
}

impl From<diesel::result::Error> for MigrationFailure {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.to_string())
    }
}

fn sqlite_is_behind(connection: &mut SqliteConnection) -> Result<bool, MigrationFailure> {
    let applied = connection.applied_migrations().map_err(|error| MigrationFailure::Database(error.to_string()))?;
    is_behind::<Sqlite>(&applied.iter().map(ToString::to_string).collect::<Vec<_>>(), SQLITE)
}

fn postgres_is_behind(connection: &mut PgConnection) -> Result<bool, MigrationFailure> {
    is_behind::<Pg>(&postgres::applied_migrations(connection)?, POSTGRES)
}

/// Whether a database with these migrations lacks some; refuses one that has migrations this version does not know.
fn is_behind<DB>(applied: &[String], source: EmbeddedMigrations) -> Result<bool, MigrationFailure>
where
    DB: diesel::backend::Backend,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let said = |error: Box<dyn std::error::Error + Send + Sync>| MigrationFailure::Database(error.to_string());
    let ours: Vec<Box<dyn Migration<DB>>> = source.migrations().map_err(said)?;
    let ours: Vec<String> = ours.iter().map(|migration| migration.name().version().to_string()).collect();
    match (applied.iter().max(), ours.iter().max()) {
        (Some(found), Some(known)) if found > known => {
            Err(MigrationFailure::Refused(OpenError::NewerSchema { found: found.clone(), known: known.clone() }))
        }
        _ => Ok(ours.iter().any(|own| !applied.contains(own))),
    }
}

/// Applies the migrations the database lacks, if any; to be called under a lock.
fn bring_up_to_date<C, DB>(connection: &mut C, source: EmbeddedMigrations) -> Result<(), MigrationFailure>
where
    C: MigrationHarness<DB>,
    DB: diesel::backend::Backend,
    EmbeddedMigrations: MigrationSource<DB>,
{
    connection.run_pending_migrations(source).map(|_| ()).map_err(|error| MigrationFailure::Database(error.to_string()))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::Store;

    #[track_caller]
    fn check(url: &str, place: &str) {
        assert_eq!(place_of(url), place);
    }

    #[test]
    fn a_place_never_shows_the_password() {
        check("postgres://jiku:secret@db.example:5432/jiku?sslmode=require", "db.example:5432/jiku");
        check("postgres://jiku:p@ss@host/base", "host/base");
        check("postgres:///jiku", "/jiku");
        check("postgres://", "on this machine");
    }

    /// A database of one test; files are for the tests of the whole.
    fn in_memory() -> SqliteConnection {
        SqliteConnection::establish(":memory:").expect("SQLite opens in memory")
    }

    pub(crate) fn migrated_in_memory() -> SqliteConnection {
        let mut connection = in_memory();
        assert!(bring_up_to_date(&mut connection, SQLITE).is_ok());
        connection
    }

    #[test]
    fn every_migration_goes_down_and_up_again() {
        let mut connection = in_memory();
        for _ in 0..2 {
            assert!(sqlite_is_behind(&mut connection).is_ok_and(|behind| behind));
            assert!(bring_up_to_date(&mut connection, SQLITE).is_ok());
            assert!(sqlite_is_behind(&mut connection).is_ok_and(|behind| !behind));
            connection.revert_all_migrations(SQLITE).expect("the way down works");
        }
    }

    #[test]
    fn a_copy_of_an_older_schema_leaves_it_and_is_one_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
        let (own, copy) = (place("own.db"), place("copy.db"));
        let mut connection = SqliteConnection::establish(&own).expect("a file");
        assert!(bring_up_to_date(&mut connection, SQLITE).is_ok());
        connection.revert_last_migration(SQLITE).expect("the way down works");
        drop(connection);
        let url = format!("sqlite://{own}");
        assert!(matches!(Store::open_to_inspect(&url), Err(OpenError::OlderSchema)), "what is more than a copy is refused");
        Store::open_to_copy(&url).expect("opened").backup_to(Path::new(&copy)).expect("copied");
        for file in [own, copy] {
            let mut connection = SqliteConnection::establish(&file).expect("a database");
            assert!(sqlite_is_behind(&mut connection).is_ok_and(|behind| behind), "{file}");
        }
    }

    #[test]
    fn a_database_of_a_newer_version_is_refused() {
        let mut connection = migrated_in_memory();
        connection.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')").expect("a row is added");
        let Err(MigrationFailure::Refused(error)) = sqlite_is_behind(&mut connection) else { panic!("it must be refused") };
        assert!(error.to_string().contains("99990101000000 of a newer version"), "{error}");
    }

    #[test]
    fn another_applications_tables_are_recognised() {
        let mut connection = in_memory();
        assert!(!sqlite::is_foreign(&mut connection).expect("it answers"));
        connection.batch_execute("CREATE TABLE bookmarks (url TEXT)").expect("a table is made");
        assert!(sqlite::is_foreign(&mut connection).expect("it answers"));
        assert!(!sqlite::is_foreign(&mut migrated_in_memory()).expect("it answers"));
    }

    #[test]
    fn the_bundled_sqlite_is_new_enough() {
        let (version, new_enough) = sqlite::library_version(&mut in_memory()).expect("it answers");
        assert!(new_enough, "{version}");
    }
}
