//! How is the change log appended to and read?

use std::ops::Range;

use diesel::prelude::*;
use jiku_model::Timestamp;

use super::{Conn, in_sets};
use crate::rows::{ChangeRow, GENESIS_HASH, NewChange};
use crate::schema::change_log;

/// The first position; named in queries for the last one, so that no planner thinks of reading the whole table.
const FIRST: i64 = 1;

pub(crate) fn changes(conn: &mut Conn, after: i64, limit: i64) -> QueryResult<Vec<ChangeRow>> {
    change_log::table
        .filter(change_log::position.gt(after))
        .order(change_log::position)
        .limit(limit)
        .select(ChangeRow::as_select())
        .load(conn)
}

pub(crate) fn changes_of_none(conn: &mut Conn, event: &str, after: i64, limit: i64) -> QueryResult<Vec<ChangeRow>> {
    let of_none = change_log::table.filter(change_log::kind.is_null()).filter(change_log::position.gt(after));
    let of_none = of_none.filter(change_log::event.eq(event));
    of_none.order(change_log::position).limit(limit).select(ChangeRow::as_select()).load(conn)
}

pub(crate) fn latest_of_none(conn: &mut Conn, event: &str, before: Option<i64>, limit: i64) -> QueryResult<Vec<ChangeRow>> {
    let before = before.unwrap_or(i64::MAX);
    let of_none = change_log::table.filter(change_log::kind.is_null()).filter(change_log::event.eq(event));
    let of_none = of_none.filter(change_log::position.ge(FIRST)).filter(change_log::position.lt(before));
    of_none.order(change_log::position.desc()).limit(limit).select(ChangeRow::as_select()).load(conn)
}

pub(crate) fn last_change(conn: &mut Conn) -> QueryResult<Option<ChangeRow>> {
    let all = change_log::table.filter(change_log::position.ge(FIRST));
    all.order(change_log::position.desc()).select(ChangeRow::as_select()).first(conn).optional()
}

pub(crate) fn last_position(conn: &mut Conn) -> QueryResult<i64> {
    let all = change_log::table.filter(change_log::position.ge(FIRST));
    let last: Option<i64> = all.order(change_log::position.desc()).select(change_log::position).first(conn).optional()?;
    Ok(last.unwrap_or(0))
}

pub(crate) fn change_moments(conn: &mut Conn, positions: &[i64]) -> QueryResult<Vec<(i64, Timestamp)>> {
    use change_log::{at, position, table};
    in_sets(positions, |set| table.filter(position.eq_any(set)).order(position).select((position, at)).load(conn))
}

pub(crate) fn append_changes(conn: &mut Conn, changes: &[NewChange]) -> QueryResult<Range<i64>> {
    let (last, mut hash) = last_change(conn)?.map_or((0, GENESIS_HASH.to_vec()), |row| (row.position, row.hash));
    let mut rows = Vec::with_capacity(changes.len());
    for (position, change) in (last + 1..).zip(changes) {
        let row = change.chained(position, &hash);
        hash.clone_from(&row.hash);
        rows.push(row);
    }
    let positions = last + 1..last + 1 + rows.len() as i64;
    bulk_insert!(conn, change_log::table, rows.as_slice());
    Ok(positions)
}
