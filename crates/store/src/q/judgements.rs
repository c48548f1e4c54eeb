//! How is the ledger written and read?

use std::collections::HashSet;

use diesel::prelude::*;
use jiku_model::{DecisionId, JudgementId, JudgementOrigin, RecordId};

use super::{CHUNK, Conn, FEW, ahead, for_sets, in_sets};
use crate::rows::{JudgementRow, LedgerEntry};
use crate::schema::judgement;
use crate::types::By;

pub(crate) fn judgements(conn: &mut Conn, ids: &[JudgementId]) -> QueryResult<Vec<JudgementRow>> {
    in_sets(ids, |set| judgement::table.filter(judgement::id.eq_any(set.iter().map(By))).select(JudgementRow::as_select()).load(conn))
}

pub(crate) fn judgements_of_records(conn: &mut Conn, records: &[RecordId]) -> QueryResult<Vec<JudgementRow>> {
    let mut rows: Vec<JudgementRow> = in_sets(records, |set| {
        judgement::table.filter(judgement::left_record.eq_any(set.iter().map(By))).select(JudgementRow::as_select()).load(conn)
    })?;
    let already: HashSet<JudgementId> = rows.iter().map(|row| row.id).collect();
    let right: Vec<JudgementRow> = in_sets(records, |set| {
        judgement::table.filter(judgement::right_record.eq_any(set.iter().map(By))).select(JudgementRow::as_select()).load(conn)
    })?;
    rows.extend(right.into_iter().filter(|row| !already.contains(&row.id)));
    rows.sort_by_key(|row| row.id);
    Ok(rows)
}

pub(crate) fn judgements_of_pairs(conn: &mut Conn, pairs: &[(RecordId, RecordId)]) -> QueryResult<Vec<JudgementRow>> {
    let asked: HashSet<(RecordId, RecordId)> = pairs.iter().copied().collect();
    let mut rows: Vec<JudgementRow> = in_sets(pairs, |set| {
        judgement::table
            .filter(judgement::left_record.eq_any(distinct(set.iter().map(|pair| pair.0)).into_iter().map(By)))
            .filter(judgement::right_record.eq_any(distinct(set.iter().map(|pair| pair.1)).into_iter().map(By)))
            .select(JudgementRow::as_select())
            .load(conn)
    })?;
    rows.retain(|row| asked.contains(&(row.left_record, row.right_record)));
    rows.sort_by_key(|row| row.id);
    rows.dedup_by_key(|row| row.id);
    Ok(rows)
}

pub(super) fn distinct(ids: impl Iterator<Item = RecordId>) -> Vec<RecordId> {
    let mut ids: Vec<RecordId> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The index on decisions holds stewards' judgements only, and the planner must see that it suffices.
pub(crate) fn judgements_of_decision(conn: &mut Conn, decision: DecisionId) -> QueryResult<Vec<JudgementRow>> {
    judgement::table
        .filter(judgement::decision.eq(By(decision)).and(judgement::origin.eq(diesel::dsl::sql("'steward'"))))
        .order(judgement::id)
        .select(JudgementRow::as_select())
        .load(conn)
}

pub(crate) fn scan_ledger(conn: &mut Conn, each: &mut dyn FnMut(Vec<LedgerEntry>)) -> QueryResult<()> {
    let mut after: Option<JudgementId> = None;
    loop {
        let mut query = judgement::table
            .filter(judgement::retracted_by.is_null())
            .order(judgement::id)
            .limit(CHUNK)
            .select(LedgerEntry::as_select())
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(judgement::id.gt(By(after)));
        }
        let rows: Vec<LedgerEntry> = query.load(conn)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.id);
        each(rows);
    }
}

/// What stewards say now; the index on decisions holds their judgements only.
pub(crate) fn ledger_of_stewards(conn: &mut Conn) -> QueryResult<Vec<LedgerEntry>> {
    judgement::table
        .filter(judgement::origin.eq(diesel::dsl::sql("'steward'")).and(judgement::retracted_by.is_null()))
        .order(judgement::decision)
        .select(LedgerEntry::as_select())
        .load(conn)
}

pub(crate) fn ledger_of_records(conn: &mut Conn, records: &[RecordId]) -> QueryResult<Vec<LedgerEntry>> {
    let live = judgement::retracted_by.is_null();
    let mut rows: Vec<LedgerEntry> = load_by!(records, judgement::left_record, |wanted| {
        judgement::table.filter(wanted.and(live)).select(LedgerEntry::as_select()).load(conn)
    })?;
    rows.append(&mut load_by!(records, judgement::right_record, |wanted| {
        judgement::table.filter(wanted.and(live)).select(LedgerEntry::as_select()).load(conn)
    })?);
    rows.sort_by_key(|row| row.id);
    rows.dedup_by_key(|row| row.id);
    Ok(rows)
}

pub(crate) fn insert_judgements(conn: &mut Conn, rows: &[JudgementRow]) -> QueryResult<()> {
    let _sealed = ahead(rows.iter().map(|row| row.evidence.as_str()))?;
    bulk_insert!(conn, judgement::table, rows);
    Ok(())
}

pub(crate) fn retract_judgements(conn: &mut Conn, ids: &[JudgementId], by: DecisionId) -> QueryResult<usize> {
    for_sets(ids, |set| {
        diesel::update(judgement::table.filter(judgement::id.eq_any(set.iter().map(By)).and(judgement::retracted_by.is_null())))
            .set(judgement::retracted_by.eq(By(Some(by))))
            .execute(conn)
    })
}

pub(crate) fn retract_decision(conn: &mut Conn, decision: DecisionId, by: DecisionId) -> QueryResult<usize> {
    let own = judgement::decision.eq(By(decision)).and(judgement::origin.eq(diesel::dsl::sql("'steward'")));
    diesel::update(judgement::table.filter(own.and(judgement::retracted_by.is_null())))
        .set(judgement::retracted_by.eq(By(Some(by))))
        .execute(conn)
}

pub(crate) fn retract_of_records(conn: &mut Conn, records: &[RecordId], by: DecisionId) -> QueryResult<usize> {
    let engines = judgement::retracted_by.is_null().and(judgement::origin.ne(By(JudgementOrigin::Steward)));
    let left = change_by!(records, judgement::left_record, |wanted| {
        diesel::update(judgement::table.filter(wanted.and(engines))).set(judgement::retracted_by.eq(By(Some(by)))).execute(conn)
    })?;
    let right = change_by!(records, judgement::right_record, |wanted| {
        diesel::update(judgement::table.filter(wanted.and(engines))).set(judgement::retracted_by.eq(By(Some(by)))).execute(conn)
    })?;
    Ok(left + right)
}
