//! How are accounts, keys and sessions written and found?

use diesel::prelude::*;
use jiku_model::Timestamp;

use super::Conn;
use crate::rows::{ApiKeyRow, PrincipalRow, PurposeRow, SeenRow, SessionRow, UsageRow};
use crate::schema::{api_key, person_seen, principal, purpose, read_usage, session};
use crate::types::By;

pub(crate) fn principal(conn: &mut Conn, name: &str) -> QueryResult<Option<PrincipalRow>> {
    principal::table.find(name).select(PrincipalRow::as_select()).first(conn).optional()
}

pub(crate) fn principals(conn: &mut Conn) -> QueryResult<Vec<PrincipalRow>> {
    principal::table.order(principal::name).select(PrincipalRow::as_select()).load(conn)
}

pub(crate) fn put_principal(conn: &mut Conn, row: &PrincipalRow) -> QueryResult<()> {
    diesel::insert_into(principal::table).values(row).on_conflict(principal::name).do_update().set(row).execute(conn).map(|_| ())
}

pub(crate) fn api_key(conn: &mut Conn, prefix: &str) -> QueryResult<Option<ApiKeyRow>> {
    api_key::table.find(prefix).select(ApiKeyRow::as_select()).first(conn).optional()
}

pub(crate) fn api_keys(conn: &mut Conn, principal: &str) -> QueryResult<Vec<ApiKeyRow>> {
    api_key::table.filter(api_key::principal.eq(principal)).order(api_key::created_at).select(ApiKeyRow::as_select()).load(conn)
}

pub(crate) fn put_api_key(conn: &mut Conn, row: &ApiKeyRow) -> QueryResult<()> {
    diesel::insert_into(api_key::table).values(row).on_conflict(api_key::prefix).do_update().set(row).execute(conn).map(|_| ())
}

pub(crate) fn session(conn: &mut Conn, hash: &[u8]) -> QueryResult<Option<SessionRow>> {
    session::table.find(hash).select(SessionRow::as_select()).first(conn).optional()
}

pub(crate) fn put_session(conn: &mut Conn, row: &SessionRow) -> QueryResult<()> {
    diesel::insert_into(session::table).values(row).on_conflict(session::hash).do_update().set(row).execute(conn).map(|_| ())
}

pub(crate) fn delete_session(conn: &mut Conn, hash: &[u8]) -> QueryResult<bool> {
    Ok(diesel::delete(session::table.find(hash)).execute(conn)? == 1)
}

pub(crate) fn delete_sessions_of(conn: &mut Conn, principal: &str) -> QueryResult<usize> {
    diesel::delete(session::table.filter(session::principal.eq(principal))).execute(conn)
}

pub(crate) fn delete_expired_sessions(conn: &mut Conn, now: Timestamp) -> QueryResult<usize> {
    diesel::delete(session::table.filter(session::expires_at.le(By(now)))).execute(conn)
}

pub(crate) fn purposes(conn: &mut Conn) -> QueryResult<Vec<PurposeRow>> {
    purpose::table.order((purpose::department, purpose::code)).select(PurposeRow::as_select()).load(conn)
}

pub(crate) fn put_purpose(conn: &mut Conn, row: &PurposeRow) -> QueryResult<()> {
    diesel::insert_into(purpose::table)
        .values(row)
        .on_conflict((purpose::department, purpose::code))
        .do_update()
        .set(row)
        .execute(conn)
        .map(|_| ())
}

pub(crate) fn delete_purpose(conn: &mut Conn, department: &str, code: &str) -> QueryResult<bool> {
    Ok(diesel::delete(purpose::table.find((department, code))).execute(conn)? == 1)
}

pub(crate) fn usage(conn: &mut Conn, day: i64) -> QueryResult<Vec<UsageRow>> {
    read_usage::table
        .filter(read_usage::day.eq(day))
        .order((read_usage::principal, read_usage::node))
        .select(UsageRow::as_select())
        .load(conn)
}

pub(crate) fn usage_between(conn: &mut Conn, from: i64, before: i64) -> QueryResult<Vec<UsageRow>> {
    read_usage::table.filter(read_usage::day.ge(from)).filter(read_usage::day.lt(before)).select(UsageRow::as_select()).load(conn)
}

pub(crate) fn put_usage(conn: &mut Conn, rows: &[UsageRow]) -> QueryResult<()> {
    for row in rows {
        diesel::insert_into(read_usage::table)
            .values(row)
            .on_conflict((read_usage::day, read_usage::principal, read_usage::node))
            .do_update()
            .set(row)
            .execute(conn)?;
    }
    Ok(())
}

pub(crate) fn delete_usage(conn: &mut Conn, before: i64) -> QueryResult<usize> {
    diesel::delete(read_usage::table.filter(read_usage::day.lt(before))).execute(conn)
}

pub(crate) fn seen(conn: &mut Conn, day: i64, node: &str, after: i64) -> QueryResult<Vec<SeenRow>> {
    person_seen::table
        .filter(person_seen::day.eq(day).and(person_seen::node.eq(node)).and(person_seen::number.gt(after)))
        .order(person_seen::number)
        .select(SeenRow::as_select())
        .load(conn)
}

pub(crate) fn put_seen(conn: &mut Conn, rows: &[SeenRow]) -> QueryResult<()> {
    for row in rows {
        // One whose commit was not confirmed comes again.
        diesel::insert_into(person_seen::table).values(row).on_conflict_do_nothing().execute(conn)?;
    }
    Ok(())
}

pub(crate) fn delete_seen(conn: &mut Conn, before: i64) -> QueryResult<usize> {
    diesel::delete(person_seen::table.filter(person_seen::day.lt(before))).execute(conn)
}
