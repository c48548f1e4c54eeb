//! How does a PostgreSQL database behave as our store?
//!
//! Any number of nodes share it. A writer takes one lock of the whole database for its transaction, so that commits
//! have an order and change-log positions have no gaps.

use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use jiku_model::EntityId;

use crate::rows::AccessRow;
use crate::schema::access_log;
use crate::types::By;

use crate::waits::{ALL_TOLD, LONGEST_COMMIT, PROMPT_COMMIT, PROMPT_PROOF};

pub(crate) type Conn = PgConnection;

/// How many keys go into one `= ANY(…)`.
pub(crate) const SET: usize = 20_000;

/// Up to this many keys are looked up one by one; more would be round trips.
pub(crate) const FEW: usize = 1;

/// Inserts rows by COPY; a few by a plain INSERT, which needs fewer round trips.
macro_rules! bulk_insert {
    ($conn:expr, $table:expr, $rows:expr) => {{
        let rows = $rows;
        if rows.len() > 8 {
            diesel::copy_from($table).from_insertable(rows).execute($conn)?;
        } else if !rows.is_empty() {
            diesel::insert_into($table).values(rows).execute($conn)?;
        }
    }};
}

#[path = "q/mod.rs"]
pub(crate) mod q;

/// The advisory lock every writing transaction takes first. A node that says nothing for so long while it holds it is frozen or cut off, and all
/// others wait: the server ends its transaction.
const WRITER_LOCK: &str = "SET LOCAL idle_in_transaction_session_timeout = '30s'; SELECT pg_advisory_xact_lock(1245268821, 1)";

/// For a transaction in which much is worked out between two questions to the database.
const LONG_PAUSES: &str = "SET LOCAL idle_in_transaction_session_timeout = '10min'";

/// Taken by the session that applies migrations.
pub(crate) const MIGRATION_LOCK: &str = "SELECT pg_advisory_lock(1245268821, 2)";

/// Gives the migration lock back.
pub(crate) const MIGRATION_UNLOCK: &str = "SELECT pg_advisory_unlock(1245268821, 2)";

/// What a URL asks of a connection unless it says otherwise: a server that is away, or to which the way is cut, is found out in seconds
/// (<https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-PARAMKEYWORDS>).
const PATIENCE: [(&str, &str); 5] = [
    ("connect_timeout", "5"),
    ("keepalives_idle", "5"),
    ("keepalives_interval", "3"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "15000"),
];

/// The URL with what it does not say of how long is waited for the server.
pub(crate) fn patient(url: &str) -> String {
    let mut patient = url.to_owned();
    for (name, value) in PATIENCE.iter().filter(|(name, _)| !url.contains(&format!("{name}="))) {
        patient.push(if patient.contains('?') { '&' } else { '?' });
        patient.push_str(name);
        patient.push('=');
        patient.push_str(value);
    }
    patient
}

/// Settings of every connection. A server set to acknowledge commits before they are durable is told otherwise for ours, and one whose messages are
/// in another language is asked for English ones, by which errors are told apart; not every user may.
pub(crate) fn prepare(conn: &mut Conn) -> Result<(), DieselError> {
    conn.batch_execute(
        "SET application_name = 'jiku'; SET lock_timeout = '20s'; SET idle_in_transaction_session_timeout = '10min';
         SET client_min_messages = warning; SET jit = off;
         SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 3; SET tcp_keepalives_count = 3; SET tcp_user_timeout = '15s';
         DO $$ BEGIN
             PERFORM set_config('lc_messages', 'C', false) WHERE current_setting('lc_messages') <> 'C';
         EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;
         SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';",
    )
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

/// The migrations the database has. Their table is only read, not made where it is missing, which takes the right to make tables even where it
/// is there: a service may run under a role that has none.
pub(crate) fn applied_migrations(conn: &mut Conn) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct There {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        there: bool,
    }
    let there: There = diesel::sql_query("SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS there").get_result(conn)?;
    if !there.there {
        return Ok(Vec::new());
    }
    let applied: Vec<Applied> = diesel::sql_query("SELECT version FROM __diesel_schema_migrations").load(conn)?;
    Ok(applied.into_iter().map(|row| row.version).collect())
}

/// Waits until this transaction is the only writing one.
pub(crate) fn lock_writer(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute(WRITER_LOCK)
}

/// Lets this transaction pause for minutes.
pub(crate) fn takes_long(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute(LONG_PAUSES)
}

#[derive(QueryableByName)]
struct ServerTime {
    #[diesel(sql_type = diesel::sql_types::Timestamptz)]
    at: chrono::DateTime<chrono::Utc>,
}

/// The server's clock.
pub(crate) fn clock(conn: &mut Conn) -> QueryResult<chrono::DateTime<chrono::Utc>> {
    diesel::sql_query("SELECT clock_timestamp() AS at").get_result(conn).map(|time: ServerTime| time.at)
}

#[derive(QueryableByName)]
struct Late {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    late: bool,
}

/// Whether the session that holds the writer's lock waits for its commit longer than it should.
pub(crate) fn late_commit(conn: &mut Conn) -> QueryResult<bool> {
    let asked: Late = diesel::sql_query(
        "SELECT EXISTS (
             SELECT 1 FROM pg_locks AS held JOIN pg_stat_activity AS holder USING (pid)
             WHERE held.locktype = 'advisory' AND held.classid = 1245268821 AND held.objid = 1 AND held.granted
               AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND holder.state = 'active' AND holder.query = 'COMMIT'
               AND clock_timestamp() - holder.query_start > make_interval(secs => $1)
         ) AS late",
    )
    .bind::<diesel::sql_types::Double, _>(LONGEST_COMMIT.as_secs_f64())
    .get_result(conn)?;
    Ok(asked.late)
}

/// A transaction that changes nothing and whose commit waits as any other.
const PROOF: &str = "BEGIN; SELECT pg_logical_emit_message(true, 'jiku', ''); COMMIT";

#[derive(QueryableByName)]
struct Standbys {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    awaited: bool,
}

/// Whether the standbys that commits wait for have the transaction whose commit was begun at `committing` and came back as done: at once
/// when it came back promptly, else when a later one does. No, when whoever waits for it has been told so meanwhile.
///
/// # Errors
/// As the database fails; whether the standbys have the transaction is then not known.
pub(crate) fn is_confirmed(conn: &mut Conn, committing: Instant) -> QueryResult<bool> {
    if committing.elapsed() < PROMPT_COMMIT {
        return Ok(true);
    }
    while committing.elapsed() < ALL_TOLD {
        let standbys: Standbys =
            diesel::sql_query("SELECT current_setting('synchronous_standby_names') <> '' AS awaited").get_result(conn)?;
        if !standbys.awaited {
            return Ok(true);
        }
        let proving = Instant::now();
        conn.batch_execute(PROOF)?;
        if proving.elapsed() < PROMPT_PROOF {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Lets this transaction write values of history anew, or no longer; the triggers look for the setting.
pub(crate) fn allow_resealing(conn: &mut Conn, allowed: bool) -> QueryResult<()> {
    conn.batch_execute(if allowed { "SET LOCAL jiku.resealing = 'on'" } else { "SET LOCAL jiku.resealing = 'off'" })
}

#[derive(QueryableByName)]
struct Server {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    number: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    encoding: String,
}

/// The server's version in words and as a number, and the encoding of the database.
pub(crate) fn server(conn: &mut Conn) -> QueryResult<(String, u32, String)> {
    let server: Server = diesel::sql_query(
        "SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number,
                current_setting('server_encoding') AS encoding",
    )
    .get_result(conn)?;
    Ok((server.version, server.number.parse().unwrap_or(0), server.encoding))
}

/// Who read an entity's data, the latest first.
pub(crate) fn accesses_of_entity(conn: &mut Conn, entity: EntityId, before: Option<i64>, limit: i64) -> QueryResult<Vec<AccessRow>> {
    access_log::table
        .filter(access_log::entity.eq(By(Some(entity))).and(access_log::id.lt(before.unwrap_or(i64::MAX))))
        .order(access_log::id.desc())
        .limit(limit)
        .select(AccessRow::as_select())
        .load(conn)
}
