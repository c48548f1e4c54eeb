//! How are review tasks written, found and paged?

use std::collections::HashSet;

use diesel::prelude::*;
use jiku_model::{RecordId, TaskId};

use super::judgements::distinct;
use super::{CHUNK, Conn, FEW, for_sets, in_sets};
use crate::rows::{ReviewCount, ReviewCursor, ReviewFilter, ReviewTaskRow};
use crate::schema::review_task;
use crate::types::{By, TaskState};

pub(crate) fn review_tasks(conn: &mut Conn, ids: &[TaskId]) -> QueryResult<Vec<ReviewTaskRow>> {
    in_sets(ids, |set| review_task::table.filter(review_task::id.eq_any(set.iter().map(By))).select(ReviewTaskRow::as_select()).load(conn))
}

pub(crate) fn review_tasks_of_pairs(conn: &mut Conn, pairs: &[(RecordId, RecordId)]) -> QueryResult<Vec<ReviewTaskRow>> {
    let asked: HashSet<(RecordId, RecordId)> = pairs.iter().copied().collect();
    let mut rows: Vec<ReviewTaskRow> = in_sets(pairs, |set| {
        review_task::table
            .filter(review_task::left_record.eq_any(distinct(set.iter().map(|pair| pair.0)).into_iter().map(By)))
            .filter(review_task::right_record.eq_any(distinct(set.iter().map(|pair| pair.1)).into_iter().map(By)))
            .select(ReviewTaskRow::as_select())
            .load(conn)
    })?;
    rows.retain(|row| asked.contains(&(row.left_record, row.right_record)));
    rows.sort_by_key(|row| row.id);
    rows.dedup_by_key(|row| row.id);
    Ok(rows)
}

pub(crate) fn review_page(
    conn: &mut Conn,
    filter: &ReviewFilter,
    after: Option<ReviewCursor>,
    limit: i64,
) -> QueryResult<Vec<ReviewTaskRow>> {
    use review_task::{assigned_to, id, kind, priority, reason, state, table};
    let mut query = table
        .filter(state.eq(By(filter.state.unwrap_or(TaskState::Open))))
        .order((priority.desc(), id))
        .limit(limit)
        .select(ReviewTaskRow::as_select())
        .into_boxed();
    if let Some(wanted) = filter.kind {
        query = query.filter(kind.eq(By(wanted)));
    }
    if let Some(wanted) = &filter.reason {
        query = query.filter(reason.eq(wanted));
    }
    if let Some(wanted) = &filter.assigned_to {
        query = query.filter(assigned_to.eq(wanted));
    }
    if let Some(after) = after {
        query = query.filter(priority.le(after.priority).and(priority.lt(after.priority).or(id.gt(By(after.id)))));
    }
    query.load(conn)
}

pub(crate) fn review_counts(conn: &mut Conn) -> QueryResult<Vec<ReviewCount>> {
    use review_task::{kind, state, table};
    table.group_by((kind, state)).order((kind, state)).select((kind, state, diesel::dsl::count_star())).load(conn)
}

pub(crate) fn scan_review_tasks(conn: &mut Conn, each: &mut dyn FnMut(Vec<ReviewTaskRow>)) -> QueryResult<()> {
    let mut after: Option<TaskId> = None;
    loop {
        let mut query = review_task::table.order(review_task::id).limit(CHUNK).select(ReviewTaskRow::as_select()).into_boxed();
        if let Some(after) = after {
            query = query.filter(review_task::id.gt(By(after)));
        }
        let rows: Vec<ReviewTaskRow> = query.load(conn)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.id);
        each(rows);
    }
}

pub(crate) fn put_review_tasks(conn: &mut Conn, rows: &[ReviewTaskRow]) -> QueryResult<()> {
    let ids: Vec<TaskId> = rows.iter().map(|row| row.id).collect();
    change_by!(&ids, review_task::id, |wanted| diesel::delete(review_task::table.filter(wanted)).execute(conn))?;
    bulk_insert!(conn, review_task::table, rows);
    Ok(())
}
