//! How are encrypted values written anew under the current key?
//!
//! Each table has the same query: rows whose values do not begin as current ones do, in the order of their keys; read, which
//! decrypts, and written back, which encrypts. And the same look at whether its values open.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::Bool;
use jiku_model::{DecisionId, EmergencyId, EntityId, ExportId, JobId, JudgementId, ProposalId, RecordId};

use super::Conn;
use crate::reseal::{Current, DamagedRow, LookedAt, Mark, PageStart, SealedTable};
use crate::schema::{
    decision, emergency_access, entity_version, export_request, idempotency_key, judgement, legal_person, merge_proposal, parcel,
    parcel_right, person, principal, rejection, relationship, source_record, source_record_revision, value_override,
};
use crate::types::By;

macro_rules! column_type {
    (always $column:ident) => { String };
    (maybe $column:ident) => { Option<String> };
}

macro_rules! rewrite {
    ($conn:expr, $current:expr, $after:expr, $limit:expr;
     $table:ident ($($key:ident: $type:ty),+) ordered by $first:ident as $mark:ident, $($when:ident $column:ident),+) => {{
        let stale = sql::<Bool>(&$current.stale(&[$(stringify!($column)),+]));
        let mut query = $table::table
            .filter(stale)
            .order(($($table::$key,)+))
            .limit($limit)
            .select((($($table::$key,)+), ($($table::$column,)+)))
            .into_boxed();
        if let Some(Mark::$mark(after)) = $after {
            query = query.filter($table::$first.ge(By(after)));
        }
        let rows: Vec<(($($type,)+), ($(column_type!($when $column),)+))> = query.load($conn)?;
        let mut last = None;
        for (($($key,)+), ($($column,)+)) in &rows {
            diesel::update($table::table$(.filter($table::$key.eq(By($key))))+)
                .set(($($table::$column.eq(By($column)),)+))
                .execute($conn)?;
            last = Some(Mark::$mark($first.clone()));
        }
        Ok((rows.len(), last))
    }};
}

/// The rows of a page that do not open, each read for itself where the page does not, and where the next page begins: after so many rows of the
/// last key.
macro_rules! look {
    ($conn:expr, $after:expr, $limit:expr;
     $table:ident ($($key:ident: $type:ty),+) ordered by $first:ident as $mark:ident, $($when:ident $column:ident),+) => {{
        let page = || {
            let rows = $table::table.order(($($table::$key,)+)).limit($limit).into_boxed::<<Conn as Connection>::Backend>();
            match $after {
                Some((Mark::$mark(after), passed)) => rows.filter($table::$first.ge(By(after))).offset(*passed),
                _ => rows,
            }
        };
        let keys: Vec<($($type,)+)> = page().select(($($table::$key,)+)).load($conn)?;
        let all = page().select(($($table::$column,)+)).load::<($(column_type!($when $column),)+)>($conn);
        let mut damaged = Vec::new();
        if let Err(Error::DeserializationError(_)) = all {
            for ($($key,)+) in &keys {
                let opened = $table::table$(.filter($table::$key.eq(By($key))))+
                    .select(($($table::$column,)+))
                    .first::<($(column_type!($when $column),)+)>($conn);
                match opened {
                    Err(Error::DeserializationError(said)) => damaged.push(DamagedRow {
                        table: stringify!($table),
                        row: [$(format!("{:?}", $key)),+].join(" "),
                        said: said.source().map_or_else(|| said.to_string(), |cause| format!("{said}: {cause}")),
                    }),
                    opened => drop(opened?),
                }
            }
        } else {
            all?;
        }
        let marks: Vec<Mark> = keys.into_iter().map(|($($key,)+)| { $(let _ = &$key;)+ Mark::$mark($first) }).collect();
        Ok((damaged, next_page(&marks, $after, $limit)))
    }};
}

/// After which key the next page begins, and how many of its rows have been seen; none when there is no next page.
fn next_page(seen: &[Mark], after: Option<&PageStart>, limit: i64) -> Option<PageStart> {
    let last = seen.last().filter(|_| i64::try_from(seen.len()).is_ok_and(|seen| seen >= limit))?;
    let of_last = i64::try_from(seen.iter().rev().take_while(|mark| *mark == last).count()).ok()?;
    let before = after.filter(|(mark, _)| mark == last && seen.first() == Some(last)).map_or(0, |(_, passed)| *passed);
    Some((last.clone(), before + of_last))
}

/// Does the same in every table with encrypted values.
macro_rules! in_table {
    ($do:ident!($($given:expr),+), $table:expr) => {
        match $table {
            SealedTable::SourceRecord => $do!($($given),+;
                source_record (id: RecordId) ordered by id as Record, always source_key, always parsed, always payload),
            SealedTable::SourceRecordRevision => $do!($($given),+;
                source_record_revision (record: RecordId, revision: i32) ordered by record as Record, always parsed, always payload),
            SealedTable::EntityVersion => $do!($($given),+;
                entity_version (entity: EntityId, version: i32) ordered by entity as Entity, always golden),
            SealedTable::Judgement => $do!($($given),+;
                judgement (id: JudgementId) ordered by id as Judgement, always evidence),
            SealedTable::Decision => $do!($($given),+;
                decision (id: DecisionId) ordered by id as Decision, maybe comment, always body),
            SealedTable::ValueOverride => $do!($($given),+;
                value_override (decision: DecisionId) ordered by decision as Decision, maybe value, always reason),
            SealedTable::Rejection => $do!($($given),+;
                rejection (job: JobId, line: i64, ordinal: i64) ordered by job as Job, always raw),
            SealedTable::IdempotencyKey => $do!($($given),+;
                idempotency_key (owner: String, key: String) ordered by owner as Owner, maybe answer),
            SealedTable::Person => $do!($($given),+;
                person (entity: EntityId) ordered by entity as Entity, maybe id_number, maybe phone, maybe address),
            SealedTable::LegalPerson => $do!($($given),+;
                legal_person (entity: EntityId) ordered by entity as Entity, maybe legal_representative_id, maybe phone, maybe address),
            SealedTable::Parcel => $do!($($given),+;
                parcel (entity: EntityId) ordered by entity as Entity, maybe right_holder_id),
            SealedTable::Relationship => $do!($($given),+;
                relationship (from_entity: EntityId, ordinal: i16) ordered by from_entity as Entity, maybe to_number),
            SealedTable::ParcelRight => $do!($($given),+;
                parcel_right (parcel: EntityId, ordinal: i16) ordered by parcel as Entity, maybe party_number),
            SealedTable::Principal => $do!($($given),+;
                principal (name: String) ordered by name as Owner, maybe totp_secret),
            SealedTable::MergeProposal => $do!($($given),+;
                merge_proposal (id: ProposalId) ordered by id as Proposal, maybe comment, maybe answer),
            SealedTable::EmergencyAccess => $do!($($given),+;
                emergency_access (id: EmergencyId) ordered by id as Emergency, always reason, maybe review),
            SealedTable::ExportRequest => $do!($($given),+;
                export_request (id: ExportId) ordered by id as Export, always reason, maybe answer),
        }
    };
}

pub(crate) fn reseal(
    conn: &mut Conn,
    table: SealedTable,
    current: &Current,
    after: Option<Mark>,
    limit: i64,
) -> QueryResult<(usize, Option<Mark>)> {
    in_table!(rewrite!(conn, current, after, limit), table)
}

pub(crate) fn look(conn: &mut Conn, table: SealedTable, after: Option<&PageStart>, limit: i64) -> QueryResult<LookedAt> {
    in_table!(look!(conn, after, limit), table)
}
