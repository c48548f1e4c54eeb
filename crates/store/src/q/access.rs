//! How are readings logged and looked up?

use diesel::prelude::*;

use super::Conn;
use crate::rows::{AccessRow, NewAccess};
use crate::schema::access_log;

pub(crate) fn accesses(conn: &mut Conn, before: Option<i64>, limit: i64) -> QueryResult<Vec<AccessRow>> {
    access_log::table
        .filter(access_log::id.lt(before.unwrap_or(i64::MAX)))
        .order(access_log::id.desc())
        .limit(limit)
        .select(AccessRow::as_select())
        .load(conn)
}

pub(crate) fn accesses_between(conn: &mut Conn, after: i64, to: i64, limit: i64) -> QueryResult<Vec<AccessRow>> {
    access_log::table
        .filter(access_log::id.gt(after).and(access_log::id.le(to)))
        .order(access_log::id)
        .limit(limit)
        .select(AccessRow::as_select())
        .load(conn)
}

pub(crate) fn append_accesses(conn: &mut Conn, rows: &[NewAccess]) -> QueryResult<()> {
    bulk_insert!(conn, access_log::table, rows);
    Ok(())
}
