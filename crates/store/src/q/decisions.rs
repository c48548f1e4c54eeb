//! How are decisions and value overrides written and found?

use diesel::prelude::*;
use jiku_model::{DecisionId, EntityId, RecordId, Timestamp};

use super::{Conn, for_sets, in_sets};
use crate::rows::{DecisionCount, DecisionEntityRow, DecisionFilter, DecisionRow, OverrideRow};
use crate::schema::{decision, decision_entity, value_override};
use crate::types::By;

pub(crate) fn decisions(conn: &mut Conn, ids: &[DecisionId]) -> QueryResult<Vec<DecisionRow>> {
    in_sets(ids, |set| {
        decision::table.filter(decision::id.eq_any(set.iter().map(By))).order(decision::id).select(DecisionRow::as_select()).load(conn)
    })
}

pub(crate) fn decisions_of_entity(conn: &mut Conn, entity: EntityId) -> QueryResult<Vec<DecisionRow>> {
    decision_entity::table
        .inner_join(decision::table.on(decision::id.eq(decision_entity::decision)))
        .filter(decision_entity::entity.eq(By(entity)))
        .order(decision_entity::decision)
        .select(DecisionRow::as_select())
        .load(conn)
}

pub(crate) fn decision_page(
    conn: &mut Conn,
    filter: &DecisionFilter,
    before: Option<DecisionId>,
    limit: i64,
) -> QueryResult<Vec<DecisionRow>> {
    use decision::{action, actor, id, kind, table};
    let mut query = table.order(id.desc()).limit(limit).select(DecisionRow::as_select()).into_boxed();
    if let Some(wanted) = filter.kind {
        query = query.filter(kind.eq(By(wanted)));
    }
    if let Some(wanted) = &filter.actor {
        query = query.filter(actor.eq(wanted));
    }
    if let Some(wanted) = &filter.actions {
        query = query.filter(action.eq_any(wanted));
    }
    if let Some(before) = before {
        query = query.filter(id.lt(By(before)));
    }
    query.load(conn)
}

pub(crate) fn decision_counts(conn: &mut Conn, since: DecisionId) -> QueryResult<Vec<DecisionCount>> {
    use decision::{action, actor, id, table};
    table
        .filter(id.ge(By(since)))
        .group_by((actor, action))
        .order((actor, action))
        .select((actor, action, diesel::dsl::count_star()))
        .load(conn)
}

pub(crate) fn entities_of_decision(conn: &mut Conn, decision: DecisionId) -> QueryResult<Vec<EntityId>> {
    decision_entity::table
        .filter(decision_entity::decision.eq(By(decision)))
        .order(decision_entity::entity)
        .select(decision_entity::entity)
        .load(conn)
}

pub(crate) fn overrides(conn: &mut Conn, ids: &[DecisionId]) -> QueryResult<Vec<OverrideRow>> {
    use value_override::{decision, table};
    in_sets(ids, |set| table.filter(decision.eq_any(set.iter().map(By))).select(OverrideRow::as_select()).load(conn))
}

pub(crate) fn overrides_of_records(conn: &mut Conn, records: &[RecordId]) -> QueryResult<Vec<OverrideRow>> {
    use value_override::{decision, record, table};
    in_sets(records, |set| table.filter(record.eq_any(set.iter().map(By))).order(decision).select(OverrideRow::as_select()).load(conn))
}

pub(crate) fn live_overrides(conn: &mut Conn) -> QueryResult<Vec<OverrideRow>> {
    use value_override::{decision, released_at, table};
    table.filter(released_at.is_null()).order(decision).select(OverrideRow::as_select()).load(conn)
}

pub(crate) fn insert_decisions(conn: &mut Conn, rows: &[DecisionRow], touched: &[DecisionEntityRow]) -> QueryResult<()> {
    bulk_insert!(conn, decision::table, rows);
    bulk_insert!(conn, decision_entity::table, touched);
    Ok(())
}

pub(crate) fn mark_undone(conn: &mut Conn, id: DecisionId, by: DecisionId) -> QueryResult<bool> {
    let live = decision::table.filter(decision::id.eq(By(id)).and(decision::undone_by.is_null()));
    Ok(diesel::update(live).set(decision::undone_by.eq(By(Some(by)))).execute(conn)? == 1)
}

pub(crate) fn insert_overrides(conn: &mut Conn, rows: &[OverrideRow]) -> QueryResult<()> {
    bulk_insert!(conn, value_override::table, rows);
    Ok(())
}

pub(crate) fn release_overrides(conn: &mut Conn, ids: &[DecisionId], by: DecisionId, at: Timestamp) -> QueryResult<usize> {
    use value_override::{decision, released_at, released_by, table};
    for_sets(ids, |set| {
        diesel::update(table.filter(decision.eq_any(set.iter().map(By)).and(released_at.is_null())))
            .set((released_at.eq(By(Some(at))), released_by.eq(By(Some(by)))))
            .execute(conn)
    })
}
