//! How are jobs, rejections and idempotency keys written and found?

use diesel::prelude::*;
use jiku_model::{JobId, Timestamp};

use super::{Conn, for_sets};
use crate::rows::{IdempotencyRow, JobFilter, JobRow, RejectionRow};
use crate::schema::{idempotency_key, job, rejection};
use crate::types::{By, JobState};

pub(crate) fn job(conn: &mut Conn, id: JobId) -> QueryResult<Option<JobRow>> {
    job::table.find(By(id)).select(JobRow::as_select()).first(conn).optional()
}

pub(crate) fn jobs(conn: &mut Conn, filter: &JobFilter, before: Option<JobId>, limit: i64) -> QueryResult<Vec<JobRow>> {
    let mut query = job::table.order(job::id.desc()).limit(limit).select(JobRow::as_select()).into_boxed();
    if let Some(action) = &filter.action {
        query = query.filter(job::action.eq(action));
    }
    if let Some(state) = filter.state {
        query = query.filter(job::state.eq(By(state)));
    }
    if let Some(digest) = &filter.digest {
        query = query.filter(job::digest.eq(digest));
    }
    if let Some(before) = before {
        query = query.filter(job::id.lt(By(before)));
    }
    query.load(conn)
}

pub(crate) fn put_job(conn: &mut Conn, row: &JobRow) -> QueryResult<()> {
    diesel::insert_into(job::table).values(row).on_conflict(job::id).do_update().set(row).execute(conn).map(|_| ())
}

pub(crate) fn rejections(conn: &mut Conn, job: JobId, after: (i64, i64), limit: i64) -> QueryResult<Vec<RejectionRow>> {
    let (line, ordinal) = after;
    let later = rejection::line.gt(line).or(rejection::line.eq(line).and(rejection::ordinal.gt(ordinal)));
    rejection::table
        .filter(rejection::job.eq(By(job)).and(rejection::line.ge(line)).and(later))
        .order((rejection::line, rejection::ordinal))
        .limit(limit)
        .select(RejectionRow::as_select())
        .load(conn)
}

pub(crate) fn rejection_count(conn: &mut Conn, job: JobId) -> QueryResult<i64> {
    rejection::table.filter(rejection::job.eq(By(job))).count().get_result(conn)
}

pub(crate) fn put_rejections(conn: &mut Conn, rows: &[RejectionRow]) -> QueryResult<()> {
    bulk_insert!(conn, rejection::table, rows);
    Ok(())
}

pub(crate) fn idempotency_key(conn: &mut Conn, owner: &str, key: &str) -> QueryResult<Option<IdempotencyRow>> {
    idempotency_key::table.find((owner, key)).select(IdempotencyRow::as_select()).first(conn).optional()
}

pub(crate) fn claim_idempotency_key(conn: &mut Conn, row: &IdempotencyRow) -> QueryResult<Option<IdempotencyRow>> {
    let claimed = diesel::insert_into(idempotency_key::table).values(row).on_conflict_do_nothing().execute(conn)?;
    if claimed == 1 { Ok(None) } else { idempotency_key(conn, &row.owner, &row.key) }
}

pub(crate) fn finish_idempotency_key(conn: &mut Conn, owner: &str, key: &str, status: i16, answer: &str) -> QueryResult<bool> {
    let row = idempotency_key::table.find((owner, key));
    let done = (idempotency_key::status.eq(Some(status)), idempotency_key::answer.eq(By(Some(answer))));
    Ok(diesel::update(row).set(done).execute(conn)? == 1)
}

pub(crate) fn release_idempotency_key(conn: &mut Conn, owner: &str, key: &str) -> QueryResult<bool> {
    let unfinished = idempotency_key::table.find((owner, key)).filter(idempotency_key::status.is_null());
    Ok(diesel::delete(unfinished).execute(conn)? == 1)
}

pub(crate) fn forget_rejections(conn: &mut Conn, before: Timestamp) -> QueryResult<usize> {
    let over: Vec<JobId> =
        job::table.filter(job::updated_at.lt(By(before))).filter(job::state.ne(By(JobState::Running))).select(job::id).load(conn)?;
    for_sets(&over, |set| diesel::delete(rejection::table.filter(rejection::job.eq_any(set.iter().map(By)))).execute(conn))
}

pub(crate) fn forget_idempotency_keys(conn: &mut Conn, before: Timestamp) -> QueryResult<usize> {
    diesel::delete(idempotency_key::table.filter(idempotency_key::at.lt(By(before)))).execute(conn)
}
