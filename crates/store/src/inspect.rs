//! What does the database itself say of its tables and of the plans it makes?

use std::sync::{Arc, Mutex, PoisonError};

use diesel::connection::{Connection as _, InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

use crate::error::StoreError;
use crate::keys::ring::AtHand;
use crate::pool;
use crate::reader::{Connection, Reader};
use crate::store::{Pools, Store};
use crate::{postgres, sqlite};

/// A column as the database has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, QueryableByName)]
pub struct ColumnFound {
    /// Its table.
    #[diesel(sql_type = Text)]
    pub table_name: String,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub column_name: String,
    /// Its type in the database's words.
    #[diesel(sql_type = Text)]
    pub column_type: String,
    /// The comment on it, which only PostgreSQL keeps.
    #[diesel(sql_type = Nullable<Text>)]
    pub about: Option<String>,
    /// The comment on its table, which only PostgreSQL keeps.
    #[diesel(sql_type = Nullable<Text>)]
    pub table_about: Option<String>,
}

/// How the database answers one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The statement with placeholders for its values.
    pub sql: String,
    /// The plan in the database's words, a line per step.
    pub steps: Vec<String>,
}

const SQLITE_COLUMNS: &str = "SELECT t.name AS table_name, c.name AS column_name, c.type AS column_type, NULL AS about, NULL AS table_about
    FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite@_%' ESCAPE '@' AND t.name NOT LIKE '@_@_%' ESCAPE '@'
    ORDER BY t.name, c.cid";

const POSTGRES_COLUMNS: &str = "SELECT t.relname::text AS table_name, c.attname::text AS column_name, format_type(c.atttypid, c.atttypmod) AS column_type,
        col_description(t.oid, c.attnum) AS about, obj_description(t.oid, 'pg_class') AS table_about
    FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid
    WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace AND t.relname NOT LIKE '\\_\\_%' AND c.attnum > 0 AND NOT c.attisdropped
    ORDER BY t.relname, c.attnum";

#[derive(QueryableByName)]
struct SqliteStep {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct PostgresStep {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    detail: String,
}

impl Store {
    /// Every column of every table, by table and in the order of the table.
    ///
    /// # Errors
    /// As the database fails.
    pub fn columns(&self) -> Result<Vec<ColumnFound>, StoreError> {
        self.peek(|reader| {
            match &mut reader.connection {
                Connection::Sqlite(connection) => diesel::sql_query(SQLITE_COLUMNS).load(*connection),
                Connection::Postgres(connection) => diesel::sql_query(POSTGRES_COLUMNS).load(*connection),
            }
            .map_err(|error| StoreError::from_diesel("columns", &error))
        })
    }

    /// Asks, and tells for each statement that was sent how the database answers it. PostgreSQL is told to avoid whole
    /// scans where it can, so that a plan shows what is possible and not what pays on few rows.
    ///
    /// # Errors
    /// As the database fails.
    pub fn explain(&self, ask: impl FnOnce(&mut Reader<'_>) -> Result<(), StoreError>) -> Result<Vec<Plan>, StoreError> {
        let sent = Arc::new(Mutex::new(Vec::new()));
        let listener = {
            let sent = Arc::clone(&sent);
            move |event: InstrumentationEvent<'_>| {
                if let InstrumentationEvent::StartQuery { query, .. } = event {
                    let shown = query.to_string();
                    let sql = shown.split_once(" -- binds:").map_or(shown.as_str(), |(sql, _)| sql).to_owned();
                    sent.lock().unwrap_or_else(PoisonError::into_inner).push(sql);
                }
            }
        };
        let failed = |error: diesel::result::Error| StoreError::from_diesel("explain", &error);
        let statements = || -> Vec<String> {
            let mut sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *sent).into_iter().filter(|sql| sql.starts_with("SELECT")).collect()
        };
        let _keys = AtHand::new(&self.ring);
        // The connection is thrown away afterwards: it carries the listener and other settings.
        match &*self.pools {
            Pools::Sqlite { read, .. } => read.with(|connection: &mut sqlite::Conn| {
                connection.set_instrumentation(listener);
                let result = ask(&mut Reader { connection: Connection::Sqlite(connection) }).and_then(|()| {
                    statements().into_iter().map(|sql| plan_of_sqlite(connection, sql)).collect::<QueryResult<_>>().map_err(failed)
                });
                (result, true)
            }),
            Pools::Postgres { pool } => pool::with(pool, |connection: &mut postgres::Conn| {
                connection.set_instrumentation(listener);
                let result = ask(&mut Reader { connection: Connection::Postgres(connection) }).and_then(|()| {
                    statements().into_iter().map(|sql| plan_of_postgres(connection, sql)).collect::<QueryResult<_>>().map_err(failed)
                });
                (result, true)
            }),
        }
    }
}

fn plan_of_sqlite(connection: &mut sqlite::Conn, sql: String) -> QueryResult<Plan> {
    let steps: Vec<SqliteStep> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(connection)?;
    Ok(Plan { sql, steps: steps.into_iter().map(|step| step.detail).collect() })
}

/// PostgreSQL 15 explains a statement with placeholders only once it is prepared.
fn plan_of_postgres(connection: &mut postgres::Conn, sql: String) -> QueryResult<Plan> {
    let count = (1..).take_while(|number| sql.contains(&format!("${number}"))).count();
    let values = if count == 0 { String::new() } else { format!("({})", vec!["NULL"; count].join(", ")) };
    connection.batch_execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan; DEALLOCATE ALL")?;
    connection.batch_execute(&format!("PREPARE explained AS {sql}"))?;
    let steps: Vec<PostgresStep> = diesel::sql_query(format!("EXPLAIN EXECUTE explained{values}")).load(connection)?;
    Ok(Plan { sql, steps: steps.into_iter().map(|step| step.detail).collect() })
}
