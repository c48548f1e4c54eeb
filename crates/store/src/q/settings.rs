//! How are sources, models, survivorship rules and facts about the database written and found?

use diesel::prelude::*;
use jiku_model::Kind;

use super::Conn;
use crate::keys::ring::LOOKUP;
use crate::rows::{DataKeyRow, MetaRow, ModelRow, SourceRow, SurvivorshipRow};
use crate::schema::{data_key, match_model, source_system, store_meta, survivorship};
use crate::types::By;

pub(crate) fn meta(conn: &mut Conn, name: &str) -> QueryResult<Option<String>> {
    store_meta::table.find(name).select(store_meta::value).first(conn).optional()
}

pub(crate) fn put_meta(conn: &mut Conn, row: &MetaRow) -> QueryResult<()> {
    diesel::insert_into(store_meta::table).values(row).on_conflict(store_meta::name).do_update().set(row).execute(conn).map(|_| ())
}

pub(crate) fn data_keys(conn: &mut Conn) -> QueryResult<Vec<DataKeyRow>> {
    data_key::table.order(data_key::number).select(DataKeyRow::as_select()).load(conn)
}

pub(crate) fn last_data_key(conn: &mut Conn) -> QueryResult<i32> {
    let last: Option<i32> = data_key::table.order(data_key::number.desc()).select(data_key::number).first(conn).optional()?;
    Ok(last.unwrap_or(0))
}

pub(crate) fn last_lookup_key(conn: &mut Conn) -> QueryResult<i32> {
    let keys = data_key::table.filter(data_key::purpose.eq(LOOKUP));
    let last: Option<i32> = keys.order(data_key::number.desc()).select(data_key::number).first(conn).optional()?;
    Ok(last.unwrap_or(0))
}

pub(crate) fn put_data_key(conn: &mut Conn, row: &DataKeyRow) -> QueryResult<()> {
    diesel::insert_into(data_key::table).values(row).on_conflict(data_key::number).do_update().set(row).execute(conn).map(|_| ())
}

pub(crate) fn sources(conn: &mut Conn) -> QueryResult<Vec<SourceRow>> {
    source_system::table.order(source_system::number).select(SourceRow::as_select()).load(conn)
}

pub(crate) fn put_source(conn: &mut Conn, row: &SourceRow) -> QueryResult<()> {
    diesel::insert_into(source_system::table).values(row).on_conflict(source_system::number).do_update().set(row).execute(conn).map(|_| ())
}

pub(crate) fn models(conn: &mut Conn, kind: Kind) -> QueryResult<Vec<ModelRow>> {
    match_model::table.filter(match_model::kind.eq(By(kind))).order(match_model::version).select(ModelRow::as_select()).load(conn)
}

pub(crate) fn active_model(conn: &mut Conn, kind: Kind) -> QueryResult<Option<ModelRow>> {
    match_model::table
        .filter(match_model::kind.eq(By(kind)).and(match_model::active.eq(true)))
        .select(ModelRow::as_select())
        .first(conn)
        .optional()
}

/// Writes down what a text is, once: it never changes.
fn put_digest(conn: &mut Conn, digest: &MetaRow) -> QueryResult<()> {
    diesel::insert_into(store_meta::table).values(digest).on_conflict(store_meta::name).do_nothing().execute(conn).map(|_| ())
}

pub(crate) fn put_model(conn: &mut Conn, row: &ModelRow) -> QueryResult<()> {
    put_digest(conn, &row.digest())?;
    if row.active {
        let others = match_model::table.filter(match_model::kind.eq(By(row.kind)).and(match_model::version.ne(row.version)));
        diesel::update(others).set(match_model::active.eq(false)).execute(conn)?;
    }
    diesel::insert_into(match_model::table)
        .values(row)
        .on_conflict((match_model::kind, match_model::version))
        .do_update()
        .set(row)
        .execute(conn)
        .map(|_| ())
}

pub(crate) fn survivorships(conn: &mut Conn, kind: Kind) -> QueryResult<Vec<SurvivorshipRow>> {
    survivorship::table.filter(survivorship::kind.eq(By(kind))).order(survivorship::version).select(SurvivorshipRow::as_select()).load(conn)
}

pub(crate) fn active_survivorship(conn: &mut Conn, kind: Kind) -> QueryResult<Option<SurvivorshipRow>> {
    survivorship::table
        .filter(survivorship::kind.eq(By(kind)).and(survivorship::active.eq(true)))
        .select(SurvivorshipRow::as_select())
        .first(conn)
        .optional()
}

pub(crate) fn put_survivorship(conn: &mut Conn, row: &SurvivorshipRow) -> QueryResult<()> {
    put_digest(conn, &row.digest())?;
    if row.active {
        let others = survivorship::table.filter(survivorship::kind.eq(By(row.kind)).and(survivorship::version.ne(row.version)));
        diesel::update(others).set(survivorship::active.eq(false)).execute(conn)?;
    }
    diesel::insert_into(survivorship::table)
        .values(row)
        .on_conflict((survivorship::kind, survivorship::version))
        .do_update()
        .set(row)
        .execute(conn)
        .map(|_| ())
}
