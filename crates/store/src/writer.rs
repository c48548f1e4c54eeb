//! What can be changed within one writing transaction?

use std::ops::{Deref, DerefMut, Range};

use diesel::Connection as _;
use jiku_model::{DecisionId, EntityId, JudgementId, Kind, RecordId, Timestamp};

use crate::error::StoreError;
use crate::reader::{Connection, Reader, queries};
use crate::reseal::{Current, Mark, SealedTable};
use crate::rows::*;
use crate::store::Failure;
use crate::{postgres, sqlite};

/// Reads and writes within one transaction, the only writing one of the whole database: everything a [`Reader`] of it
/// says holds until the transaction ends.
///
/// `insert_…` expects rows with new keys and fails with [`StoreError::Conflict`] otherwise; `put_…` replaces rows with
/// the same key. On PostgreSQL a failed statement ends the transaction: what may fail goes into a
/// [`Writer::savepoint`].
pub struct Writer<'c> {
    reader: Reader<'c>,
    /// How many readings were logged beside what was written.
    readings: usize,
}

impl<'c> Writer<'c> {
    pub(crate) const fn new(connection: Connection<'c>) -> Self {
        Self { reader: Reader { connection }, readings: 0 }
    }

    /// Acts within the connection's transaction; counts the readings that were logged in it.
    pub(crate) fn act<T, E>(
        connection: Connection<'c>,
        readings: &mut usize,
        act: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, Failure<E>> {
        let mut writer = Self::new(connection);
        let result = act(&mut writer);
        *readings += writer.readings;
        result.map_err(Failure::Caller)
    }

    /// Logs readings within this transaction; [`crate::Store::log_accesses`] does it outside any.
    ///
    /// # Errors
    /// As the database fails.
    pub fn append_accesses(&mut self, rows: &[NewAccess]) -> Result<(), StoreError> {
        self.readings += rows.len();
        match &mut self.reader.connection {
            Connection::Sqlite(connection) => sqlite::q::access::append_accesses(connection, rows),
            Connection::Postgres(connection) => postgres::q::access::append_accesses(connection, rows),
        }
        .map_err(|error| StoreError::from_diesel("append_accesses", &error))
    }

    /// Lets this transaction write values of history anew, or no longer.
    pub(crate) fn allow_resealing(&mut self, allowed: bool) -> Result<(), StoreError> {
        match &mut self.reader.connection {
            Connection::Sqlite(connection) => sqlite::allow_resealing(connection, allowed),
            Connection::Postgres(connection) => postgres::allow_resealing(connection, allowed),
        }
        .map_err(|error| StoreError::from_diesel("allow_resealing", &error))
    }

    /// Runs a part that can fail by itself: when it does, its writes are undone and the transaction goes on.
    ///
    /// # Errors
    /// The part's own error, or that of the database.
    pub fn savepoint<T, E: From<StoreError>>(&mut self, part: impl FnOnce(&mut Writer<'_>) -> Result<T, E>) -> Result<T, E> {
        let readings = &mut self.readings;
        let result = match &mut self.reader.connection {
            Connection::Sqlite(connection) => connection.transaction(|inner| Writer::act(Connection::Sqlite(inner), readings, part)),
            Connection::Postgres(connection) => connection.transaction(|inner| Writer::act(Connection::Postgres(inner), readings, part)),
        };
        result.map_err(|failure| failure.into_error("savepoint"))
    }
}

impl<'c> Deref for Writer<'c> {
    type Target = Reader<'c>;

    fn deref(&self) -> &Reader<'c> {
        &self.reader
    }
}

impl DerefMut for Writer<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.reader
    }
}

impl Writer<'_> {
    /// Rewrites at most `limit` rows of a table whose values do not begin as [`Current`] says, from `after` on; how many
    /// there were, and the place to go on from.
    pub(crate) fn reseal(
        &mut self,
        table: SealedTable,
        current: &Current,
        after: Option<Mark>,
        limit: i64,
    ) -> Result<(usize, Option<Mark>), StoreError> {
        match &mut self.reader.connection {
            Connection::Sqlite(connection) => sqlite::q::reseal::reseal(connection, table, current, after, limit),
            Connection::Postgres(connection) => postgres::q::reseal::reseal(connection, table, current, after, limit),
        }
        .map_err(|error| StoreError::from_diesel("reseal", &error))
    }
}

queries! { impl Writer<'_> { self => self.reader.connection;
    /// Sets a fact about the database.
    settings fn put_meta(row: &MetaRow) -> ();
    /// Adds or changes a wrapped key.
    settings fn put_data_key(row: &DataKeyRow) -> ();
    /// Adds or changes a source system.
    settings fn put_source(row: &SourceRow) -> ();
    /// Adds or changes a match model; an active one takes the place of the one in use.
    settings fn put_model(row: &ModelRow) -> ();
    /// Adds or changes survivorship rules; active ones take the place of those in use.
    settings fn put_survivorship(row: &SurvivorshipRow) -> ();

    /// Adds records.
    records fn insert_records(rows: &[RecordRow]) -> ();
    /// Adds records or replaces them by number.
    records fn put_records(rows: &[RecordRow]) -> ();
    /// Gives records to an entity; how many there were.
    records fn move_records(records: &[RecordId], entity: Option<EntityId>) -> usize;
    /// Keeps superseded revisions.
    records fn insert_revisions(rows: &[RevisionRow]) -> ();

    /// Adds entities.
    entities fn insert_entities(rows: &[EntityRow]) -> ();
    /// Adds entities or replaces them by id.
    entities fn put_entities(rows: &[EntityRow]) -> ();
    /// Appends versions of entities. The former version needs no closing: it ends where the next one begins.
    entities fn insert_versions(rows: &[VersionRow]) -> ();

    /// Appends judgements.
    judgements fn insert_judgements(rows: &[JudgementRow]) -> ();
    /// Retracts live judgements by id; how many were live.
    judgements fn retract_judgements(ids: &[JudgementId], by: DecisionId) -> usize;
    /// Retracts the live judgements a steward wrote under a decision; how many were live.
    judgements fn retract_decision(decision: DecisionId, by: DecisionId) -> usize;
    /// Retracts the live judgements of models and rules on records, as when a record is revised or withdrawn; how many
    /// were live. Stewards' judgements stay.
    judgements fn retract_of_records(records: &[RecordId], by: DecisionId) -> usize;

    /// Appends decisions and which entities they touched.
    decisions fn insert_decisions(rows: &[DecisionRow], touched: &[DecisionEntityRow]) -> ();
    /// Marks a decision as undone; false when it does not exist or was undone before.
    decisions fn mark_undone(id: DecisionId, by: DecisionId) -> bool;
    /// Appends value overrides.
    decisions fn insert_overrides(rows: &[OverrideRow]) -> ();
    /// Releases overrides by the decisions that set them; how many were live.
    decisions fn release_overrides(ids: &[DecisionId], by: DecisionId, at: Timestamp) -> usize;

    /// Adds review tasks or replaces them by id. A pair has one task for ever: look it up by
    /// [`Reader::review_tasks_of_pairs`] first and keep its id.
    reviews fn put_review_tasks(rows: &[ReviewTaskRow]) -> ();

    /// Adds or changes a proposed merge.
    oversight fn put_proposal(row: &ProposalRow) -> ();
    /// Adds or changes an emergency access.
    oversight fn put_emergency(row: &EmergencyRow) -> ();
    /// Adds or changes an export that was asked for.
    oversight fn put_export_request(row: &ExportRow) -> ();

    /// Appends changes at the next positions and chains their hashes; the positions given.
    changes fn append_changes(changes: &[NewChange]) -> Range<i64>;

    /// Adds or changes a job.
    jobs fn put_job(row: &JobRow) -> ();
    /// Adds rejections.
    jobs fn put_rejections(rows: &[RejectionRow]) -> ();
    /// Claims an idempotency key; what is known of it when somebody claimed it before.
    jobs fn claim_idempotency_key(row: &IdempotencyRow) -> Option<IdempotencyRow>;
    /// Keeps the answer given to a request under its key; false when the key was not claimed.
    jobs fn finish_idempotency_key(owner: &str, key: &str, status: i16, answer: &str) -> bool;
    /// Gives back a claimed key whose request came to nothing; false when it has an answer already.
    jobs fn release_idempotency_key(owner: &str, key: &str) -> bool;
    /// Forgets the rejected rows of jobs that have not moved since a moment, unless they run; how many rows.
    jobs fn forget_rejections(before: Timestamp) -> usize;
    /// Forgets keys older than a moment; how many.
    jobs fn forget_idempotency_keys(before: Timestamp) -> usize;

    /// Adds or changes an account.
    accounts fn put_principal(row: &PrincipalRow) -> ();
    /// Adds or changes a key.
    accounts fn put_api_key(row: &ApiKeyRow) -> ();
    /// Adds or changes a session.
    accounts fn put_session(row: &SessionRow) -> ();
    /// Ends a session; false when there was none.
    accounts fn delete_session(hash: &[u8]) -> bool;
    /// Registers a purpose of use, or names it anew.
    accounts fn put_purpose(row: &PurposeRow) -> ();
    /// Takes a purpose of use away; false when there was none.
    accounts fn delete_purpose(department: &str, code: &str) -> bool;
    /// Writes what was read, by day, principal and node.
    accounts fn put_usage(rows: &[UsageRow]) -> ();
    /// Forgets what was read before a day; how many rows.
    accounts fn delete_usage(before: i64) -> usize;
    /// Forgets whom principals were shown before a day; how many rows.
    accounts fn delete_seen(before: i64) -> usize;
    /// Ends all sessions of an account; how many.
    accounts fn delete_sessions_of(principal: &str) -> usize;
    /// Forgets sessions that have ended; how many.
    accounts fn delete_expired_sessions(now: Timestamp) -> usize;

    /// Adds golden rows of people.
    golden fn insert_persons(rows: &[PersonRow]) -> ();
    /// Adds golden rows of legal persons.
    golden fn insert_legal_persons(rows: &[LegalPersonRow]) -> ();
    /// Adds golden rows of parcels.
    golden fn insert_parcels(rows: &[ParcelRow]) -> ();
    /// Takes golden rows away, as of merged and retired entities; how many there were.
    golden fn delete_golden(kind: Kind, ids: &[EntityId]) -> usize;
    /// Replaces the parties that these entities name.
    golden fn put_relationships(entities: &[EntityId], rows: &[RelationshipRow]) -> ();
    /// Replaces the rights in these parcels.
    golden fn put_rights(parcels: &[EntityId], rows: &[RightRow]) -> ();
    /// Appends steps of lineage.
    golden fn insert_lineage(rows: &[LineageRow]) -> ();
    /// Adds or replaces former parcels.
    golden fn put_former_parcels(rows: &[FormerParcelRow]) -> ();
} }
