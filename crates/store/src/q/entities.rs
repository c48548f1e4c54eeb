//! How are entities and their versions written and found?

use std::collections::HashSet;

use diesel::dsl::max;
use diesel::prelude::*;
use jiku_model::{EntityId, Kind, Timestamp};

use super::{CHUNK, Conn, FEW, ahead, for_sets, in_sets};
use crate::rows::{EntityCount, EntityRow, VersionRow};
use crate::schema::{entity, entity_version};
use crate::types::By;

pub(crate) fn entities(conn: &mut Conn, ids: &[EntityId]) -> QueryResult<Vec<EntityRow>> {
    load_by!(ids, entity::id, |wanted| entity::table.filter(wanted).select(EntityRow::as_select()).load(conn))
}

/// The last version is the current one; so the entity need not be looked up beside it.
pub(crate) fn current_version(conn: &mut Conn, id: EntityId) -> QueryResult<Option<VersionRow>> {
    use entity_version::{entity, table, version};
    table.filter(entity.eq(By(id))).order(version.desc()).select(VersionRow::as_select()).first(conn).optional()
}

pub(crate) fn current_versions(conn: &mut Conn, ids: &[EntityId]) -> QueryResult<Vec<VersionRow>> {
    if ids.len() <= FEW {
        let mut rows = Vec::with_capacity(ids.len());
        for (at, id) in ids.iter().enumerate() {
            if !ids[..at].contains(id) {
                rows.extend(current_version(conn, *id)?);
            }
        }
        return Ok(rows);
    }
    in_sets(ids, |set| {
        entity::table
            .inner_join(entity_version::table.on(entity_version::entity.eq(entity::id).and(entity_version::version.eq(entity::version))))
            .filter(entity::id.eq_any(set.iter().map(By)))
            .select(VersionRow::as_select())
            .load(conn)
    })
}

pub(crate) fn versions_as_of(conn: &mut Conn, ids: &[EntityId], at: Timestamp) -> QueryResult<Vec<VersionRow>> {
    let latest: Vec<(EntityId, Option<i32>)> = in_sets(ids, |set| {
        entity_version::table
            .filter(entity_version::entity.eq_any(set.iter().map(By)).and(entity_version::recorded_from.le(By(at))))
            .group_by(entity_version::entity)
            .select((entity_version::entity, max(entity_version::version)))
            .load(conn)
    })?;
    let wanted: Vec<(EntityId, i32)> = latest.into_iter().filter_map(|(id, version)| Some((id, version?))).collect();
    versions_at(conn, &wanted)
}

pub(crate) fn versions_at(conn: &mut Conn, wanted: &[(EntityId, i32)]) -> QueryResult<Vec<VersionRow>> {
    let asked: HashSet<(EntityId, i32)> = wanted.iter().copied().collect();
    let mut rows: Vec<VersionRow> = in_sets(wanted, |set| {
        let ids = set.iter().map(|(id, _)| *id);
        let mut numbers: Vec<i32> = set.iter().map(|(_, number)| *number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        entity_version::table
            .filter(entity_version::entity.eq_any(ids.map(By)).and(entity_version::version.eq_any(numbers)))
            .select(VersionRow::as_select())
            .load(conn)
    })?;
    rows.retain(|row| asked.contains(&(row.entity, row.version)));
    Ok(rows)
}

pub(crate) fn versions(conn: &mut Conn, id: EntityId) -> QueryResult<Vec<VersionRow>> {
    use entity_version::{entity, table, version};
    table.filter(entity.eq(By(id))).order(version).select(VersionRow::as_select()).load(conn)
}

pub(crate) fn entity_counts(conn: &mut Conn) -> QueryResult<Vec<EntityCount>> {
    use entity::{kind, state, table};
    table.group_by((kind, state)).order((kind, state)).select((kind, state, diesel::dsl::count_star())).load(conn)
}

pub(crate) fn scan_entities(conn: &mut Conn, each: &mut dyn FnMut(Vec<EntityRow>)) -> QueryResult<()> {
    let mut after: Option<EntityId> = None;
    loop {
        let mut query = entity::table.order(entity::id).limit(CHUNK).select(EntityRow::as_select()).into_boxed();
        if let Some(after) = after {
            query = query.filter(entity::id.gt(By(after)));
        }
        let rows: Vec<EntityRow> = query.load(conn)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.id);
        each(rows);
    }
}

pub(crate) fn scan_current_versions(conn: &mut Conn, kind: Kind, each: &mut dyn FnMut(Vec<VersionRow>)) -> QueryResult<()> {
    let mut after: Option<EntityId> = None;
    loop {
        let mut query = entity::table
            .inner_join(entity_version::table.on(entity_version::entity.eq(entity::id).and(entity_version::version.eq(entity::version))))
            .filter(entity::kind.eq(By(kind)))
            .order(entity::id)
            .limit(CHUNK)
            .select(VersionRow::as_select())
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(entity::id.gt(By(after)));
        }
        let rows: Vec<VersionRow> = query.load(conn)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.entity);
        each(rows);
    }
}

pub(crate) fn insert_entities(conn: &mut Conn, rows: &[EntityRow]) -> QueryResult<()> {
    bulk_insert!(conn, entity::table, rows);
    Ok(())
}

pub(crate) fn put_entities(conn: &mut Conn, rows: &[EntityRow]) -> QueryResult<()> {
    let ids: Vec<EntityId> = rows.iter().map(|row| row.id).collect();
    change_by!(&ids, entity::id, |wanted| diesel::delete(entity::table.filter(wanted)).execute(conn))?;
    insert_entities(conn, rows)
}

pub(crate) fn insert_versions(conn: &mut Conn, rows: &[VersionRow]) -> QueryResult<()> {
    let _sealed = ahead(rows.iter().map(|row| row.golden.as_str()))?;
    bulk_insert!(conn, entity_version::table, rows);
    Ok(())
}

pub(crate) fn entities_merged_into(conn: &mut Conn, id: EntityId) -> QueryResult<Vec<EntityId>> {
    entity::table.filter(entity::redirect.eq(By(Some(id)))).order(entity::id).select(entity::id).load(conn)
}
