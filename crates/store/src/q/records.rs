//! How are source records and their revisions written and found?

use std::ops::Range;

use diesel::prelude::*;
use jiku_model::{EntityId, Kind, RecordId};

use super::{CHUNK, Conn, FEW, ahead, by_looks, for_sets, in_sets};
use crate::rows::{RecordCount, RecordHead, RecordRow, RevisionRow, ScannedRecord};
use crate::schema::{source_record, source_record_revision};
use crate::types::{By, RecordState};

pub(crate) fn record_heads(conn: &mut Conn, kind: Kind, source: i16, keys: &[String]) -> QueryResult<Vec<RecordHead>> {
    by_looks(conn, keys, |conn, looks| {
        load_by!(looks, source_record::source_key, |wanted| {
            let of_source = source_record::table.filter(source_record::kind.eq(By(kind)).and(source_record::source.eq(source)));
            of_source.filter(wanted).select(RecordHead::as_select()).load(conn)
        })
    })
}

pub(crate) fn records(conn: &mut Conn, ids: &[RecordId]) -> QueryResult<Vec<RecordRow>> {
    load_by!(ids, source_record::id, |wanted| source_record::table.filter(wanted).select(RecordRow::as_select()).load(conn))
}

pub(crate) fn revisions(conn: &mut Conn, ids: &[RecordId]) -> QueryResult<Vec<RevisionRow>> {
    use source_record_revision::{record, revision, table};
    in_sets(ids, |set| {
        table.filter(record.eq_any(set.iter().map(By))).order((record, revision)).select(RevisionRow::as_select()).load(conn)
    })
}

pub(crate) fn last_record(conn: &mut Conn, kind: Kind) -> QueryResult<Option<RecordId>> {
    source_record::table
        .filter(source_record::id.ge(By(RecordId::new(kind, 0))).and(source_record::id.le(By(RecordId::new(kind, u32::MAX)))))
        .order(source_record::id.desc())
        .select(source_record::id)
        .first(conn)
        .optional()
}

pub(crate) fn scan_records(conn: &mut Conn, kind: Kind, slots: Range<u32>, each: &mut dyn FnMut(Vec<ScannedRecord>)) -> QueryResult<()> {
    let mut from = slots.start;
    while from < slots.end {
        let rows: Vec<ScannedRecord> = source_record::table
            .filter(source_record::id.ge(By(RecordId::new(kind, from))).and(source_record::id.lt(By(RecordId::new(kind, slots.end)))))
            .filter(source_record::state.eq(By(RecordState::Active)))
            .order(source_record::id)
            .limit(CHUNK)
            .select(ScannedRecord::as_select())
            .load(conn)?;
        let Some(last) = rows.last().map(|row| row.id) else { break };
        from = last.slot().saturating_add(1);
        each(rows);
    }
    Ok(())
}

pub(crate) fn record_counts(conn: &mut Conn) -> QueryResult<Vec<RecordCount>> {
    use source_record::{kind, source, state, table};
    table.group_by((kind, source, state)).order((kind, source, state)).select((kind, source, state, diesel::dsl::count_star())).load(conn)
}

pub(crate) fn insert_records(conn: &mut Conn, rows: &[RecordRow]) -> QueryResult<()> {
    let _sealed = ahead(rows.iter().flat_map(|row| [row.parsed.as_str(), row.payload.as_str()]))?;
    bulk_insert!(conn, source_record::table, rows);
    Ok(())
}

pub(crate) fn put_records(conn: &mut Conn, rows: &[RecordRow]) -> QueryResult<()> {
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
    change_by!(&ids, source_record::id, |wanted| diesel::delete(source_record::table.filter(wanted)).execute(conn))?;
    insert_records(conn, rows)
}

pub(crate) fn move_records(conn: &mut Conn, records: &[RecordId], entity: Option<EntityId>) -> QueryResult<usize> {
    change_by!(records, source_record::id, |wanted| {
        diesel::update(source_record::table.filter(wanted)).set(source_record::entity.eq(By(entity))).execute(conn)
    })
}

pub(crate) fn insert_revisions(conn: &mut Conn, rows: &[RevisionRow]) -> QueryResult<()> {
    bulk_insert!(conn, source_record_revision::table, rows);
    Ok(())
}
