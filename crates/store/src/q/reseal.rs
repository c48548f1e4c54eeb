//! How are encrypted values written anew under the current key?
//!
//! Each table has the same query: rows whose values do not begin as current ones do, in the order of their keys; read, which
//! decrypts, and written back, which encrypts.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use jiku_model::{DecisionId, EmergencyId, EntityId, ExportId, JobId, JudgementId, ProposalId, RecordId};

use super::Conn;
use crate::reseal::{Current, Mark, SealedTable};
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

pub(crate) fn reseal(
    conn: &mut Conn,
    table: SealedTable,
    current: &Current,
    after: Option<Mark>,
    limit: i64,
) -> QueryResult<(usize, Option<Mark>)> {
    match table {
        SealedTable::SourceRecord => rewrite!(conn, current, after, limit;
            source_record (id: RecordId) ordered by id as Record, always source_key, always parsed, always payload),
        SealedTable::SourceRecordRevision => rewrite!(conn, current, after, limit;
            source_record_revision (record: RecordId, revision: i32) ordered by record as Record, always parsed, always payload),
        SealedTable::EntityVersion => rewrite!(conn, current, after, limit;
            entity_version (entity: EntityId, version: i32) ordered by entity as Entity, always golden),
        SealedTable::Judgement => rewrite!(conn, current, after, limit;
            judgement (id: JudgementId) ordered by id as Judgement, always evidence),
        SealedTable::Decision => rewrite!(conn, current, after, limit;
            decision (id: DecisionId) ordered by id as Decision, maybe comment, always body),
        SealedTable::ValueOverride => rewrite!(conn, current, after, limit;
            value_override (decision: DecisionId) ordered by decision as Decision, maybe value, always reason),
        SealedTable::Rejection => rewrite!(conn, current, after, limit;
            rejection (job: JobId, line: i64, ordinal: i64) ordered by job as Job, always raw),
        SealedTable::IdempotencyKey => rewrite!(conn, current, after, limit;
            idempotency_key (owner: String, key: String) ordered by owner as Owner, maybe answer),
        SealedTable::Person => rewrite!(conn, current, after, limit;
            person (entity: EntityId) ordered by entity as Entity, maybe id_number, maybe phone, maybe address),
        SealedTable::LegalPerson => rewrite!(conn, current, after, limit;
            legal_person (entity: EntityId) ordered by entity as Entity, maybe legal_representative_id, maybe phone, maybe address),
        SealedTable::Parcel => rewrite!(conn, current, after, limit;
            parcel (entity: EntityId) ordered by entity as Entity, maybe right_holder_id),
        SealedTable::Relationship => rewrite!(conn, current, after, limit;
            relationship (from_entity: EntityId, ordinal: i16) ordered by from_entity as Entity, maybe to_number),
        SealedTable::ParcelRight => rewrite!(conn, current, after, limit;
            parcel_right (parcel: EntityId, ordinal: i16) ordered by parcel as Entity, maybe party_number),
        SealedTable::Principal => rewrite!(conn, current, after, limit;
            principal (name: String) ordered by name as Owner, maybe totp_secret),
        SealedTable::MergeProposal => rewrite!(conn, current, after, limit;
            merge_proposal (id: ProposalId) ordered by id as Proposal, maybe comment, maybe answer),
        SealedTable::EmergencyAccess => rewrite!(conn, current, after, limit;
            emergency_access (id: EmergencyId) ordered by id as Emergency, always reason, maybe review),
        SealedTable::ExportRequest => rewrite!(conn, current, after, limit;
            export_request (id: ExportId) ordered by id as Export, always reason, maybe answer),
    }
}
