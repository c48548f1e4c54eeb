//! How are readings logged and looked up?

use diesel::prelude::*;
use jiku_model::EntityId;

use super::Conn;
use crate::rows::{AccessRow, NewAccess, NewAccessPage};
use crate::schema::access_log;
use crate::types::By;

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

pub(crate) fn append_access_pages(conn: &mut Conn, rows: &[NewAccessPage]) -> QueryResult<()> {
    for row in rows {
        diesel::insert_into(access_log::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// The pages that an entity is on without being their first, of which it would be found anyway. The pages of one request do not overlap, so
/// that two look-ups for each request with pages are enough, however many people were read.
pub(crate) fn access_pages_with(conn: &mut Conn, entity: EntityId) -> QueryResult<Vec<AccessRow>> {
    let (mut found, mut before) = (Vec::new(), None::<String>);
    loop {
        let pages = access_log::table.filter(access_log::entities.is_not_null()).order(access_log::request_id.desc());
        let request: Option<Option<String>> = match &before {
            None => pages.select(access_log::request_id).first(conn).optional()?,
            Some(before) => pages.filter(access_log::request_id.lt(before)).select(access_log::request_id).first(conn).optional()?,
        };
        let Some(request) = request.flatten() else { return Ok(found) };
        // Seen in full, a page is there twice: as a reading, and as an unmasking.
        let pages: Vec<AccessRow> = access_log::table
            .filter(
                access_log::entities.is_not_null().and(access_log::request_id.eq(&request)).and(access_log::entity.lt(By(Some(entity)))),
            )
            .order(access_log::entity.desc())
            .limit(2)
            .select(AccessRow::as_select())
            .load(conn)?;
        found.extend(pages.into_iter().filter(|page| page.is_page_with(entity)));
        before = Some(request);
    }
}
