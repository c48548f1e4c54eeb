//! What can be asked of one consistent state of the database?

use std::ops::Range;

use jiku_model::{DecisionId, EmergencyId, EntityId, ExportId, JobId, JudgementId, Kind, ProposalId, RecordId, TaskId, Timestamp};

use crate::error::StoreError;
use crate::reseal::{LookedAt, PageStart, SealedTable};
use crate::rows::*;
use crate::types::ProposalState;
use crate::{access_index, postgres, sqlite};

/// The connection of a transaction.
pub(crate) enum Connection<'c> {
    Sqlite(&'c mut sqlite::Conn),
    Postgres(&'c mut postgres::Conn),
}

/// Reads within one transaction: every answer is of the same moment. Lookups go by sets of keys, return what they find
/// and leave out what they do not, in no particular order unless one is named.
pub struct Reader<'c> {
    pub(crate) connection: Connection<'c>,
}

/// Writes methods that hand their arguments to the query of the same name for the database at hand.
macro_rules! queries {
    (impl $on:ty { $this:ident => $connection:expr; $($(#[$doc:meta])* $noun:ident fn $name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)* }) => {
        impl $on { $(
            $(#[$doc])*
            ///
            /// # Errors
            /// As the database fails.
            pub fn $name(&mut $this, $($argument: $type),*) -> Result<$answer, StoreError> {
                match &mut $connection {
                    $crate::reader::Connection::Sqlite(connection) => sqlite::q::$noun::$name(connection, $($argument),*),
                    $crate::reader::Connection::Postgres(connection) => postgres::q::$noun::$name(connection, $($argument),*),
                }
                .map_err(|error| StoreError::from_diesel(stringify!($name), &error))
            }
        )* }
    };
}
pub(crate) use queries;

impl Reader<'_> {
    /// Lets the transaction pause for minutes between two questions, as for working out a whole index: others that want to write wait meanwhile, and
    /// a node that pauses for half a minute without having said so is taken for frozen, on PostgreSQL.
    ///
    /// # Errors
    /// As the database fails.
    pub fn takes_long(&mut self) -> Result<(), StoreError> {
        match &mut self.connection {
            Connection::Sqlite(_) => Ok(()),
            Connection::Postgres(connection) => {
                postgres::takes_long(connection).map_err(|error| StoreError::from_diesel("takes_long", &error))
            }
        }
    }
}

queries! { impl Reader<'_> { self => self.connection;
    /// What is known of the records that one source calls by these keys, without their contents.
    records fn record_heads(kind: Kind, source: i16, keys: &[String]) -> Vec<RecordHead>;
    /// The current revisions of records.
    records fn records(ids: &[RecordId]) -> Vec<RecordRow>;
    /// The superseded revisions of records, by record and revision.
    records fn revisions(ids: &[RecordId]) -> Vec<RevisionRow>;
    /// The record of a kind with the highest slot.
    records fn last_record(kind: Kind) -> Option<RecordId>;
    /// Hands over all active records of a kind whose slots lie in the range, by slot and in chunks, so that memory stays
    /// flat; several readers can share the work by ranges.
    records fn scan_records(kind: Kind, slots: Range<u32>, each: &mut dyn FnMut(Vec<ScannedRecord>)) -> ();
    /// How many records there are by kind, source and state.
    records fn record_counts() -> Vec<RecordCount>;

    /// The ids that were merged into this one and answer with it.
    entities fn entities_merged_into(id: EntityId) -> Vec<EntityId>;
    /// Where canonical ids stand.
    entities fn entities(ids: &[EntityId]) -> Vec<EntityRow>;
    /// The current version of an entity.
    entities fn current_version(id: EntityId) -> Option<VersionRow>;
    /// The current versions of entities.
    entities fn current_versions(ids: &[EntityId]) -> Vec<VersionRow>;
    /// The versions of entities that were current at a moment; an entity not yet known then is left out.
    entities fn versions_as_of(ids: &[EntityId], at: Timestamp) -> Vec<VersionRow>;
    /// Chosen versions of entities.
    entities fn versions_at(wanted: &[(EntityId, i32)]) -> Vec<VersionRow>;
    /// All versions of an entity, oldest first.
    entities fn versions(id: EntityId) -> Vec<VersionRow>;
    /// How many entities there are by kind and state.
    entities fn entity_counts() -> Vec<EntityCount>;
    /// Hands over all entities in chunks, by id.
    entities fn scan_entities(each: &mut dyn FnMut(Vec<EntityRow>)) -> ();
    /// Hands over the current versions of all entities of a kind in chunks, by id.
    entities fn scan_current_versions(kind: Kind, each: &mut dyn FnMut(Vec<VersionRow>)) -> ();

    /// Judgements by id.
    judgements fn judgements(ids: &[JudgementId]) -> Vec<JudgementRow>;
    /// All judgements on either side of which one of the records stands, live and retracted, by id.
    judgements fn judgements_of_records(records: &[RecordId]) -> Vec<JudgementRow>;
    /// All judgements on pairs of records, live and retracted, by id; in a pair the smaller record comes first.
    judgements fn judgements_of_pairs(pairs: &[(RecordId, RecordId)]) -> Vec<JudgementRow>;
    /// The stewards' judgements of a decision, by id.
    judgements fn judgements_of_decision(decision: DecisionId) -> Vec<JudgementRow>;
    /// The live judgements on either side of which one of the records stands, without evidence, by id.
    judgements fn ledger_of_records(records: &[RecordId]) -> Vec<LedgerEntry>;
    /// The live judgements of stewards, without evidence, by decision.
    judgements fn ledger_of_stewards() -> Vec<LedgerEntry>;
    /// Hands over all live judgements in chunks, by id, without evidence.
    judgements fn scan_ledger(each: &mut dyn FnMut(Vec<LedgerEntry>)) -> ();

    /// Decisions by id.
    decisions fn decisions(ids: &[DecisionId]) -> Vec<DecisionRow>;
    /// The decisions that touched an entity, oldest first.
    decisions fn decisions_of_entity(entity: EntityId) -> Vec<DecisionRow>;
    /// A page of decisions, the latest first; `before` is the last id of the page before.
    decisions fn decision_page(filter: &DecisionFilter, before: Option<DecisionId>, limit: i64) -> Vec<DecisionRow>;
    /// How many decisions everybody made since one id could be made, by principal and act.
    decisions fn decision_counts(since: DecisionId) -> Vec<DecisionCount>;
    /// The entities a decision touched.
    decisions fn entities_of_decision(decision: DecisionId) -> Vec<EntityId>;
    /// Overrides by the decisions that set them.
    decisions fn overrides(ids: &[DecisionId]) -> Vec<OverrideRow>;
    /// The overrides anchored at records, live and released, oldest first.
    decisions fn overrides_of_records(records: &[RecordId]) -> Vec<OverrideRow>;
    /// All overrides that are not released, oldest first.
    decisions fn live_overrides() -> Vec<OverrideRow>;

    /// Review tasks by id.
    reviews fn review_tasks(ids: &[TaskId]) -> Vec<ReviewTaskRow>;
    /// The review tasks of pairs; in a pair the smaller record comes first.
    reviews fn review_tasks_of_pairs(pairs: &[(RecordId, RecordId)]) -> Vec<ReviewTaskRow>;
    /// A page of review tasks, the most urgent first and among equals the oldest.
    reviews fn review_page(filter: &ReviewFilter, after: Option<ReviewCursor>, limit: i64) -> Vec<ReviewTaskRow>;
    /// How many review tasks there are by kind and state.
    reviews fn review_counts() -> Vec<ReviewCount>;
    /// Hands over all review tasks in chunks, by id.
    reviews fn scan_review_tasks(each: &mut dyn FnMut(Vec<ReviewTaskRow>)) -> ();

    /// The changes after a position, in order.
    changes fn changes(after: i64, limit: i64) -> Vec<ChangeRow>;
    /// The changes of an event after a position that belong to no kind of entity, in order: alarms, acts of administrators.
    changes fn changes_of_none(event: &str, after: i64, limit: i64) -> Vec<ChangeRow>;
    /// The same, the latest first; `before` is the last position of the page before.
    changes fn latest_of_none(event: &str, before: Option<i64>, limit: i64) -> Vec<ChangeRow>;
    /// When the changes at these positions were, by position.
    changes fn change_moments(positions: &[i64]) -> Vec<(i64, Timestamp)>;
    /// The last change.
    changes fn last_change() -> Option<ChangeRow>;
    /// The position of the last change, 0 when there is none.
    changes fn last_position() -> i64;

    /// Who read anything, the latest first; `before` is the last id of the page before.
    access fn accesses(before: Option<i64>, limit: i64) -> Vec<AccessRow>;

    /// The readings after an id up to another, in order.
    access fn accesses_between(after: i64, to: i64, limit: i64) -> Vec<AccessRow>;

    /// A proposed merge.
    oversight fn proposal(id: ProposalId) -> Option<ProposalRow>;
    /// A page of proposed merges in one state, oldest first; `after` is the last id of the page before.
    oversight fn proposals(wanted: ProposalState, of_kind: Option<Kind>, after: Option<ProposalId>, limit: i64) -> Vec<ProposalRow>;
    /// An emergency access.
    oversight fn emergency(id: EmergencyId) -> Option<EmergencyRow>;
    /// A page of emergency accesses, the latest first; `before` is the last id of the page before.
    oversight fn emergencies(before: Option<EmergencyId>, limit: i64) -> Vec<EmergencyRow>;
    /// The emergency accesses that nobody has looked at, and somebody should have by this moment.
    oversight fn emergencies_unreviewed(due: Timestamp) -> Vec<EmergencyRow>;
    /// An export that was asked for.
    oversight fn export_request(id: ExportId) -> Option<ExportRow>;
    /// A page of exports that were asked for, by one principal when told, the latest first; `before` is the last id of the page before.
    oversight fn export_requests(of: Option<&str>, before: Option<ExportId>, limit: i64) -> Vec<ExportRow>;

    /// A job.
    jobs fn job(id: JobId) -> Option<JobRow>;
    /// Jobs, the latest first; `before` is the last id of the page before.
    jobs fn jobs(filter: &JobFilter, before: Option<JobId>, limit: i64) -> Vec<JobRow>;
    /// The rejections of a job after a line, by line.
    jobs fn rejections(job: JobId, after: (i64, i64), limit: i64) -> Vec<RejectionRow>;
    /// How many rows of a job were rejected.
    jobs fn rejection_count(job: JobId) -> i64;
    /// What is known of an idempotency key.
    jobs fn idempotency_key(owner: &str, key: &str) -> Option<IdempotencyRow>;

    /// An account.
    accounts fn principal(name: &str) -> Option<PrincipalRow>;
    /// All accounts by name.
    accounts fn principals() -> Vec<PrincipalRow>;
    /// The key with a public beginning.
    accounts fn api_key(prefix: &str) -> Option<ApiKeyRow>;
    /// The keys of an account, oldest first.
    accounts fn api_keys(principal: &str) -> Vec<ApiKeyRow>;
    /// Every registered purpose of use, by department and code.
    accounts fn purposes() -> Vec<PurposeRow>;
    /// What every principal read on a day, by node.
    accounts fn usage(day: i64) -> Vec<UsageRow>;
    /// What every principal read from a day on and before another, by node.
    accounts fn usage_between(from: i64, before: i64) -> Vec<UsageRow>;
    /// Whom principals were shown on a day through a node, from after a number on.
    accounts fn seen(day: i64, node: &str, after: i64) -> Vec<SeenRow>;
    /// The session with a token's digest.
    accounts fn session(hash: &[u8]) -> Option<SessionRow>;

    /// A fact about the database.
    settings fn meta(name: &str) -> Option<String>;
    /// The wrapped keys of this database by number.
    settings fn data_keys() -> Vec<DataKeyRow>;
    /// The highest number of a wrapped key.
    settings fn last_data_key() -> i32;
    /// All source systems by number.
    settings fn sources() -> Vec<SourceRow>;
    /// All match models of a kind by version.
    settings fn models(kind: Kind) -> Vec<ModelRow>;
    /// The match model in use for a kind.
    settings fn active_model(kind: Kind) -> Option<ModelRow>;
    /// All survivorship rules of a kind by version.
    settings fn survivorships(kind: Kind) -> Vec<SurvivorshipRow>;
    /// The survivorship rules in use for a kind.
    settings fn active_survivorship(kind: Kind) -> Option<SurvivorshipRow>;

    /// Golden rows of people.
    golden fn persons(ids: &[EntityId]) -> Vec<PersonRow>;
    /// Golden rows of legal persons.
    golden fn legal_persons(ids: &[EntityId]) -> Vec<LegalPersonRow>;
    /// Golden rows of parcels.
    golden fn parcels(ids: &[EntityId]) -> Vec<ParcelRow>;
    /// Hands over the golden rows of all people in chunks, by id.
    golden fn scan_persons(each: &mut dyn FnMut(Vec<PersonRow>)) -> ();
    /// Hands over the golden rows of all legal persons in chunks, by id.
    golden fn scan_legal_persons(each: &mut dyn FnMut(Vec<LegalPersonRow>)) -> ();
    /// Hands over the golden rows of all parcels in chunks, by id.
    golden fn scan_parcels(each: &mut dyn FnMut(Vec<ParcelRow>)) -> ();
    /// The parties that entities' golden records name, by entity and ordinal.
    golden fn relationships_from(entities: &[EntityId]) -> Vec<RelationshipRow>;
    /// Where parties with these numbers are named.
    golden fn relationships_to_numbers(numbers: &[String]) -> Vec<RelationshipRow>;
    /// The rights in parcels, by parcel and ordinal.
    golden fn rights_of_parcels(parcels: &[EntityId]) -> Vec<RightRow>;
    /// The steps of lineage in which parcels take part on either side.
    golden fn lineage_of(parcels: &[EntityId]) -> Vec<LineageRow>;
    /// The current parcels that carry one of the codes.
    golden fn parcels_by_code(codes: &[String]) -> Vec<(EntityId, String)>;
    /// The codes that current parcels carry.
    golden fn codes_of_parcels(parcels: &[EntityId]) -> Vec<(EntityId, Option<String>)>;
    /// The greatest code between two that a parcel carries or carried.
    golden fn last_code(from: &str, to: &str) -> Option<String>;
    /// What ended parcels, or took a code from them, by parcel and version.
    golden fn former_parcels(parcels: &[EntityId]) -> Vec<FormerParcelRow>;
    /// The parcels that carried one of the codes.
    golden fn former_parcels_by_code(codes: &[String]) -> Vec<FormerParcelRow>;
    /// Hands over all former parcels in chunks, by parcel and version.
    golden fn scan_former_parcels(each: &mut dyn FnMut(Vec<FormerParcelRow>)) -> ();
} }

impl Reader<'_> {
    /// Who read an entity's data, alone or with many others, the latest first; `before` is the last id of the page before.
    ///
    /// # Errors
    /// As the database fails.
    pub fn accesses_of_entity(&mut self, entity: EntityId, before: Option<i64>, limit: i64) -> Result<Vec<AccessRow>, StoreError> {
        let found = match &mut self.connection {
            Connection::Sqlite(connection) => access_index::accesses_of_entity(connection, entity, before, limit)
                .and_then(|alone| Ok((alone, sqlite::q::access::access_pages_with(connection, entity)?))),
            Connection::Postgres(connection) => postgres::accesses_of_entity(connection, entity, before, limit)
                .and_then(|alone| Ok((alone, postgres::q::access::access_pages_with(connection, entity)?))),
        };
        let (mut rows, pages) = found.map_err(|error| StoreError::from_diesel("accesses_of_entity", &error))?;
        if !pages.is_empty() {
            rows.extend(pages.into_iter().filter(|page| before.is_none_or(|before| page.id < before)));
            rows.sort_by_key(|row| std::cmp::Reverse(row.id));
            rows.truncate(usize::try_from(limit).unwrap_or_default());
        }
        Ok(rows)
    }

    /// A page of rows with encrypted values: which of them do not open, and where the next page begins.
    pub(crate) fn look_at_sealed(&mut self, table: SealedTable, after: Option<&PageStart>, limit: i64) -> Result<LookedAt, StoreError> {
        match &mut self.connection {
            Connection::Sqlite(connection) => sqlite::q::reseal::look(connection, table, after, limit),
            Connection::Postgres(connection) => postgres::q::reseal::look(connection, table, after, limit),
        }
        .map_err(|error| StoreError::from_diesel("look_at_sealed", &error))
    }
}
