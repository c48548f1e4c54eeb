//! How is a database read and written as a whole?

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use diesel::Connection as _;
use diesel::prelude::*;
use diesel::result::Error as DieselError;

use crate::access_index::AccessIndex;
use crate::error::{Context, OpenError, StoreError};
use crate::keys::ring::AtHand;
use crate::keys::{KeyRing, KeySource};
use crate::open::Schema;
use crate::pool::{self, Pool};
use crate::reader::{Connection, Reader};
use crate::readers::Readers;
use crate::reseal::SEALED;
use crate::rows::{NewAccess, NewAccessPage, SeenRow, UsageRow};
use crate::waits::Waits;
use crate::wal::WriteAheadLog;
use crate::writer::Writer;
use crate::{access_index, open, postgres, sqlite};

/// Which database the store is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Backend {
    /// One SQLite file.
    Sqlite,
    /// A PostgreSQL database.
    Postgres,
}

/// An open database; cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) pools: Arc<Pools>,
    pub(crate) ring: Arc<KeyRing>,
    writing: Arc<Waits>,
    logging: Arc<Waits>,
}

pub(crate) enum Pools {
    Sqlite { file: PathBuf, write: Pool<sqlite::Conn>, read: Readers, log: Box<WriteAheadLog>, accesses: Box<AccessIndex> },
    Postgres { pool: Pool<postgres::Conn> },
}

/// Why a transaction came to nothing.
pub(crate) enum Failure<E> {
    Caller(E),
    Database(DieselError),
    /// The turn to write did not come.
    NoTurn(DieselError),
}

impl<E> From<DieselError> for Failure<E> {
    fn from(error: DieselError) -> Self {
        Self::Database(error)
    }
}

impl<E: From<StoreError>> Failure<E> {
    pub(crate) fn into_error(self, during: &'static str) -> E {
        match self {
            Self::Caller(error) => error,
            Self::Database(error) => StoreError::from_diesel(during, &error).into(),
            Self::NoTurn(error) => no_turn(&error).into(),
        }
    }
}

/// Whatever kept a transaction from its turn, in whatever language the server says it: nothing was written, and the next may come sooner.
fn no_turn(error: &DieselError) -> StoreError {
    match StoreError::from_diesel("waiting for the turn to write", error) {
        StoreError::Internal(context) => StoreError::Unavailable(context),
        told => told,
    }
}

impl Store {
    /// Opens the database at `sqlite://FILE` or `postgres://…` with the keys in their usual place: see
    /// [`Store::open_with`].
    ///
    /// # Errors
    /// One sentence that says why not and what to do.
    pub fn open(url: &str) -> Result<Self, OpenError> {
        Self::open_with(url, &KeySource::Usual)
    }

    /// Opens the database at `sqlite://FILE` or `postgres://…`, creates the file where it is missing, brings the schema up
    /// to date under a lock, and encrypts what a version without encryption left.
    ///
    /// # Errors
    /// One sentence that says why not and what to do.
    pub fn open_with(url: &str, keys: &KeySource) -> Result<Self, OpenError> {
        let (pools, ring) = open::open(url, keys)?;
        let store = Self { pools: Arc::new(pools), ring: Arc::new(ring), writing: Arc::default(), logging: Arc::default() };
        store.seal_what_came_before()?;
        Ok(store)
    }

    /// Opens a database of this version's schema to read what is not encrypted, as the two logs: without keys, and changing
    /// nothing.
    ///
    /// # Errors
    /// One sentence that says why not and what to do.
    pub fn open_to_inspect(url: &str) -> Result<Self, OpenError> {
        Self::open_unchanged(url, Schema::OfThisVersion)
    }

    /// Opens a database as it is, also one of an earlier version's schema, to copy it (see [`Store::backup_to`]).
    ///
    /// # Errors
    /// One sentence that says why not and what to do.
    pub fn open_to_copy(url: &str) -> Result<Self, OpenError> {
        Self::open_unchanged(url, Schema::OrOlder)
    }

    fn open_unchanged(url: &str, schema: Schema) -> Result<Self, OpenError> {
        let pools = open::open_unchanged(url, schema)?;
        Ok(Self { pools: Arc::new(pools), ring: Arc::new(KeyRing::empty()), writing: Arc::default(), logging: Arc::default() })
    }

    /// Encrypts the values of a database that was written before encryption came; the file is then rewritten whole, so that
    /// no free page keeps one.
    fn seal_what_came_before(&self) -> Result<(), OpenError> {
        let other = |error: StoreError| OpenError::Other(error.context().said.clone());
        if self.peek(|reader| reader.meta(SEALED)).map_err(other)?.is_some() {
            return Ok(());
        }
        let mut told = 0;
        let done = self.reseal(jiku_model::truncate_to_micros(chrono::Utc::now()), &mut |rows| {
            if rows >= told + 100_000 {
                told = rows;
                tracing::warn!(rows, "encrypting the values of an earlier version");
            }
        });
        if done.map_err(other)?.rows > 0
            && let Pools::Sqlite { write, .. } = &*self.pools
        {
            pool::with(write, |connection| {
                (sqlite::rewrite_file(connection).map_err(|error| StoreError::from_diesel("rewrite", &error)), false)
            })
            .map_err(other)?;
        }
        Ok(())
    }

    /// Reads the keys again, as after another process made one.
    pub(crate) fn reload_keys(&self) -> Result<(), StoreError> {
        let rows = self.peek(|reader| reader.data_keys())?;
        self.ring.install(&rows).map_err(|error| StoreError::Internal(Context { during: "keys", said: error.to_string() }))
    }

    /// Which database this is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match *self.pools {
            Pools::Sqlite { .. } => Backend::Sqlite,
            Pools::Postgres { .. } => Backend::Postgres,
        }
    }

    /// The file of a SQLite database.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &*self.pools {
            Pools::Sqlite { file, .. } => Some(file),
            Pools::Postgres { .. } => None,
        }
    }

    /// Reads one consistent state: a transaction that sees nothing of what others write meanwhile and waits for nobody.
    ///
    /// # Errors
    /// The caller's own, or the database's.
    pub fn read<T, E: From<StoreError>>(&self, ask: impl FnOnce(&mut Reader<'_>) -> Result<T, E>) -> Result<T, E> {
        let _keys = AtHand::new(&self.ring);
        match &*self.pools {
            Pools::Sqlite { read, .. } => read.with(|connection| {
                let result =
                    connection.transaction(|inner| ask(&mut Reader { connection: Connection::Sqlite(inner) }).map_err(Failure::Caller));
                settle("read", result)
            }),
            Pools::Postgres { pool } => pool::with(pool, |connection| {
                let result = connection
                    .build_transaction()
                    .repeatable_read()
                    .read_only()
                    .run(|inner| ask(&mut Reader { connection: Connection::Postgres(inner) }).map_err(Failure::Caller));
                settle("read", result)
            }),
        }
    }

    /// Asks one question without a transaction around it, which saves PostgreSQL two round trips. Two questions may see
    /// two states.
    ///
    /// # Errors
    /// The caller's own, or the database's.
    pub fn peek<T, E: From<StoreError>>(&self, ask: impl FnOnce(&mut Reader<'_>) -> Result<T, E>) -> Result<T, E> {
        let _keys = AtHand::new(&self.ring);
        match &*self.pools {
            Pools::Sqlite { read, .. } => read.with(|connection| {
                let result = ask(&mut Reader { connection: Connection::Sqlite(connection) });
                (result, false)
            }),
            Pools::Postgres { pool } => pool::with(pool, |connection| {
                let result = ask(&mut Reader { connection: Connection::Postgres(connection) });
                let lost = result.is_err() && alive(connection).is_err();
                (result, lost)
            }),
        }
    }

    /// Asks as [`Store::peek`] does, of a state that may be some milliseconds old and holds everything this process has written: for
    /// what is asked thousands of times a second. Of entries of the access log it may not know the latest.
    ///
    /// # Errors
    /// The caller's own, or the database's.
    pub fn glance<T, E: From<StoreError>>(&self, ask: impl FnOnce(&mut Reader<'_>) -> Result<T, E>) -> Result<T, E> {
        let Pools::Sqlite { read, .. } = &*self.pools else { return self.peek(ask) };
        let _keys = AtHand::new(&self.ring);
        read.recent(|connection| (ask(&mut Reader { connection: Connection::Sqlite(connection) }), false))
    }

    /// What other processes have written is heard of here: a [`Store::glance`] must see it from now on.
    pub fn renew(&self) {
        if let Pools::Sqlite { read, .. } = &*self.pools {
            read.renew();
        }
    }

    /// Writes: the transaction is the only writing one of the whole database, and durable when this returns `Ok`.
    ///
    /// # Errors
    /// The caller's own, or the database's; then nothing was written. A connection lost during the commit itself is
    /// [`StoreError::Unavailable`] too, and leaves open whether it took effect: read again before writing again.
    pub fn write<T, E: From<StoreError>>(&self, act: impl FnOnce(&mut Writer<'_>) -> Result<T, E>) -> Result<T, E> {
        let keys = AtHand::new(&self.ring);
        let act = |writer: &mut Writer<'_>| {
            self.follow_keys(writer, &keys)?;
            act(writer)
        };
        match &*self.pools {
            Pools::Sqlite { write, read, log, accesses, .. } => pool::with(write, |connection| {
                let mut readings = 0;
                let result = connection.immediate_transaction(|inner| Writer::act(Connection::Sqlite(inner), &mut readings, act));
                read.renew();
                if result.is_ok() && readings > 0 {
                    accesses.logged_beside(readings);
                }
                let settled = settle("write", result);
                log.tend(connection, read);
                settled
            }),
            Pools::Postgres { pool } => pool::with(pool, |connection| {
                self.writing.for_its_turn();
                let mut committing = Instant::now();
                let result = connection.build_transaction().read_committed().read_write().run(|inner| {
                    postgres::lock_writer(inner).map_err(Failure::NoTurn)?;
                    self.writing.for_nothing();
                    let value = act(&mut Writer::new(Connection::Postgres(inner))).map_err(Failure::Caller);
                    self.writing.for_its_commit();
                    committing = Instant::now();
                    value
                });
                // When it is not confirmed, whoever waits for it has been told; it stands, and what follows builds on it.
                let result = result.and_then(|value| Ok(postgres::is_confirmed(connection, committing).map(|_| value)?));
                self.writing.for_nothing();
                settle("write", result)
            }),
        }
    }

    /// Takes over a key that another process has made since, so that nothing is written under a former one: its values may
    /// just be on their way to the new one.
    fn follow_keys(&self, writer: &mut Writer<'_>, keys: &AtHand) -> Result<(), StoreError> {
        if writer.last_data_key()? > self.ring.last() {
            let rows = writer.data_keys()?;
            self.ring.install(&rows).map_err(|error| StoreError::Internal(Context { during: "keys", said: error.to_string() }))?;
        }
        keys.refresh();
        Ok(())
    }

    /// Logs readings durably in a transaction of their own, with how much and whom principals read today. On PostgreSQL this waits for no writer; on SQLite, which
    /// has one writer by nature, for the running transaction.
    ///
    /// # Errors
    /// As the database fails; then the data must not be shown.
    pub fn log_accesses(&self, rows: &[NewAccess], usage: &[UsageRow], seen: &[SeenRow]) -> Result<(), StoreError> {
        match &*self.pools {
            Pools::Sqlite { write, read, log, accesses, .. } => pool::with(write, |connection| {
                let portion = accesses.portion(rows.len());
                let result = connection.immediate_transaction(|inner| {
                    sqlite::q::access::append_accesses(inner, rows)
                        .and_then(|()| sqlite::q::accounts::put_usage(inner, usage))
                        .and_then(|()| sqlite::q::accounts::put_seen(inner, seen))
                        .and_then(|()| access_index::carry(inner, &portion))
                        .map_err(Failure::<StoreError>::Database)
                });
                accesses.logged(rows.len(), result.is_ok());
                let settled = settle("log_accesses", result);
                log.tend(connection, read);
                settled
            }),
            Pools::Postgres { pool } => pool::with(pool, |connection| {
                self.logging.for_its_commit();
                let committing = Instant::now();
                let result = connection.transaction(|inner| {
                    postgres::q::access::append_accesses(inner, rows)
                        .and_then(|()| postgres::q::accounts::put_usage(inner, usage))
                        .and_then(|()| postgres::q::accounts::put_seen(inner, seen))
                        .map_err(Failure::<StoreError>::Database)
                });
                let result = result.and_then(|()| confirmed("log_accesses", connection, committing));
                self.logging.for_nothing();
                settle("log_accesses", result)
            }),
        }
    }

    /// Logs durably whom a file is about to tell of, in a transaction of its own: pages of many, and who is named beside them.
    ///
    /// # Errors
    /// As the database fails; then the data must not be shown.
    pub fn log_pages(&self, pages: &[NewAccessPage], beside: &[NewAccess]) -> Result<(), StoreError> {
        match &*self.pools {
            Pools::Sqlite { write, read, log, .. } => pool::with(write, |connection| {
                let result = connection.immediate_transaction(|inner| {
                    sqlite::q::access::append_access_pages(inner, pages)
                        .and_then(|()| sqlite::q::access::append_accesses(inner, beside))
                        .map_err(Failure::<StoreError>::Database)
                });
                let settled = settle("log_pages", result);
                log.tend(connection, read);
                settled
            }),
            Pools::Postgres { pool } => pool::with(pool, |connection| {
                let committing = Instant::now();
                let result = connection.transaction(|inner| {
                    postgres::q::access::append_access_pages(inner, pages)
                        .and_then(|()| postgres::q::access::append_accesses(inner, beside))
                        .map_err(Failure::<StoreError>::Database)
                });
                let result = result.and_then(|()| confirmed("log_pages", connection, committing));
                settle("log_pages", result)
            }),
        }
    }

    /// Whether the running write of this process waits for its commit, or its turn, longer than it should: what waits for it may
    /// be done later, or never.
    #[must_use]
    pub fn is_write_stuck(&self) -> bool {
        self.writing.are_long() || (self.writing.are_for_a_late_turn() && self.turn_is_with_a_late_commit())
    }

    /// Whether another process has the turn to write and waits for its commit longer than it should. What cannot be asked is no.
    fn turn_is_with_a_late_commit(&self) -> bool {
        let Pools::Postgres { pool } = &*self.pools else { return false };
        let late: Result<bool, StoreError> =
            pool::with(pool, |connection| settle("late_commit", postgres::late_commit(connection).map_err(Failure::Database)));
        late.unwrap_or(false)
    }

    /// How far this machine's clock is ahead of the server's; a file has no clock of its own.
    ///
    /// # Errors
    /// As the database fails.
    pub fn clock_lead(&self) -> Result<chrono::TimeDelta, StoreError> {
        let Pools::Postgres { pool } = &*self.pools else { return Ok(chrono::TimeDelta::zero()) };
        pool::with(pool, |connection| {
            let before = chrono::Utc::now();
            let there = postgres::clock(connection);
            let here = before + (chrono::Utc::now() - before) / 2;
            settle("clock", there.map(|there| here - there).map_err(Failure::Database))
        })
    }

    /// Whether the running entry of the access log waits for its commit longer than it should.
    #[must_use]
    pub fn is_log_stuck(&self) -> bool {
        self.logging.are_long()
    }

    /// What the database's own check finds wrong inside the file; nothing when all is well. PostgreSQL has its own
    /// tool for this, `pg_amcheck`; here the tables are only asked whether they answer.
    ///
    /// # Errors
    /// As the database fails.
    pub fn integrity_findings(&self) -> Result<Vec<String>, StoreError> {
        match &*self.pools {
            Pools::Sqlite { read, .. } => read.with(|connection| {
                let findings = sqlite::integrity_findings(connection);
                (findings.map_err(|error| StoreError::from_diesel("integrity_findings", &error)), false)
            }),
            Pools::Postgres { pool } => pool::with(pool, |connection| {
                let answer = alive(connection).map(|()| Vec::new());
                let lost = answer.is_err();
                (answer.map_err(|error| StoreError::from_diesel("integrity_findings", &error)), lost)
            }),
        }
    }

    /// Copies a SQLite database to a new file while others read and write; the copy is one consistent state.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the file exists already or the store is on PostgreSQL, whose own tools do this;
    /// otherwise as the database fails.
    pub fn backup_to(&self, file: &Path) -> Result<(), StoreError> {
        let refuse = |said: &str| Err(StoreError::Conflict(Context { during: "backup_to", said: said.to_owned() }));
        let Pools::Sqlite { file: own, .. } = &*self.pools else {
            return refuse("PostgreSQL is backed up by pg_dump or pg_basebackup");
        };
        let Some(name) = file.to_str() else {
            return refuse("the file's name is not UTF-8");
        };
        if let Err(error) = sqlite::create_private(file) {
            return match error.kind() {
                ErrorKind::AlreadyExists => refuse("the file exists already"),
                _ => Err(StoreError::from_words(Context { during: "backup_to", said: error.to_string() })),
            };
        }
        // The connections of the pool may not write, not even elsewhere.
        let failed = |error: &dyn std::error::Error| StoreError::from_words(Context { during: "backup_to", said: error.to_string() });
        let mut connection = SqliteConnection::establish(&own.to_string_lossy()).map_err(|error| failed(&error))?;
        sqlite::prepare(&mut connection, true).and_then(|()| sqlite::copy_to(&mut connection, name)).map_err(|error| failed(&error))
    }
}

/// The transaction's result for the caller, and whether the connection is lost.
fn settle<T, E: From<StoreError>>(during: &'static str, result: Result<T, Failure<E>>) -> (Result<T, E>, bool) {
    match result {
        Ok(value) => (Ok(value), false),
        Err(Failure::Caller(error)) => (Err(error), false),
        Err(Failure::Database(error)) => (Err(StoreError::from_diesel(during, &error).into()), true),
        Err(Failure::NoTurn(error)) => (Err(no_turn(&error).into()), true),
    }
}

/// Refuses to take traces for written that no standby confirms.
fn confirmed(during: &'static str, connection: &mut postgres::Conn, committing: Instant) -> Result<(), Failure<StoreError>> {
    if postgres::is_confirmed(connection, committing)? {
        return Ok(());
    }
    let said = "no standby confirms the commit".to_owned();
    Err(Failure::Caller(StoreError::Unavailable(Context { during, said })))
}

fn alive(connection: &mut postgres::Conn) -> QueryResult<()> {
    diesel::sql_query("SELECT 1").execute(connection).map(|_| ())
}
