//! What are the use cases?

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiku_model::{DecisionId, EntityId, JobId, Kind, RawRecord, RecordKey, SourceSystem, TaskId, Timestamp, Verdict};

use crate::facade::*;
use crate::{Actor, OpenError, RegistryError};

type Result<T, E = RegistryError> = std::result::Result<T, E>;

/// How to open a registry.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite://FILE` or `postgres://…`.
    pub database: String,
    /// How often the change log is looked at for what other nodes wrote (PostgreSQL).
    pub follow_every: Duration,
}

impl Options {
    /// The usual settings for this database.
    #[must_use]
    pub fn new(database: impl Into<String>) -> Self {
        Self { database: database.into(), follow_every: Duration::from_millis(300) }
    }
}

/// The service itself: cheap to clone, safe to share between threads. Every function blocks until it is done; a write
/// returns after it is durable. Reads of personal data return after their trace is durable, or fail.
#[derive(Clone)]
pub struct Registry {
    inner: Arc<Inner>,
}

pub(crate) struct Inner;

/// Life and health.
impl Registry {
    /// Opens the database, brings its schema up to date and builds the in-memory indexes.
    ///
    /// # Errors
    /// When the database cannot be used; the message is one sentence for the operator.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        unimplemented!()
    }

    /// Finishes the writes that are queued and stops; later writes answer `stopping`.
    pub fn close(&self) {
        unimplemented!()
    }

    /// Whether it can answer now, and if not, why.
    pub fn ready(&self) -> Result<()> {
        unimplemented!()
    }

    /// The change-log position this node has applied.
    #[must_use]
    pub fn position(&self) -> i64 {
        unimplemented!()
    }

    /// The figures of the whole.
    pub fn stats(&self) -> Result<Stats> {
        unimplemented!()
    }

    /// Recomputes clusters, golden records, indexes and the hash chain, and tells every difference.
    pub fn verify(&self) -> Result<VerifyReport> {
        unimplemented!()
    }

    /// Replaces everything derived: judgements of the model, clusters, golden records, typed tables, indexes.
    /// Canonical ids and stewards' decisions stay.
    pub fn rebuild(&self, actor: &Actor) -> Result<()> {
        unimplemented!()
    }

    /// Copies the database to a file while it is used (SQLite; PostgreSQL has its own tools).
    pub fn backup(&self, to: &Path) -> Result<()> {
        unimplemented!()
    }
}

/// Source systems and what they send.
impl Registry {
    /// Makes or changes a source system. A source that sends without one gets its code as name and the trust 50.
    pub fn put_source(&self, actor: &Actor, source: &SourceSystem) -> Result<()> {
        unimplemented!()
    }

    /// Every source system, by code.
    pub fn list_sources(&self) -> Result<Vec<SourceSystem>> {
        unimplemented!()
    }

    /// Takes records in, matches them and says what became of each, in their order. A rejected row stops nothing.
    pub fn ingest(&self, actor: &Actor, records: Vec<Incoming>) -> Result<Vec<RowOutcome>> {
        unimplemented!()
    }

    /// Takes a record out of its entity; it stays in history.
    pub fn withdraw(&self, actor: &Actor, key: &RecordKey) -> Result<WithdrawOutcome> {
        unimplemented!()
    }
}

/// Questions.
impl Registry {
    /// Who is this? Nothing is stored but the trace.
    pub fn resolve(&self, actor: &Actor, kind: Kind, raw: &RawRecord, options: &ResolveOptions) -> Result<Resolution> {
        unimplemented!()
    }

    /// The entity of this canonical id.
    pub fn find(&self, actor: &Actor, kind: Kind, id: EntityId, view: &View) -> Result<Found> {
        unimplemented!()
    }

    /// The source record of this outside name; its `entity` is the crosswalk.
    pub fn crosswalk(&self, actor: &Actor, key: &RecordKey) -> Result<SourceRecordView> {
        unimplemented!()
    }

    /// Every version of an entity, newest first.
    pub fn versions(&self, actor: &Actor, kind: Kind, id: EntityId) -> Result<Vec<VersionView>> {
        unimplemented!()
    }

    /// Why two entities are, or are not, one: at most `limit` pairs of their records, strongest first. With the same id
    /// twice: why its records are one.
    pub fn explain(&self, actor: &Actor, kind: Kind, left: EntityId, right: EntityId, limit: usize) -> Result<Vec<PairExplanation>> {
        unimplemented!()
    }

    /// Entities that match every field of the query, by canonical id.
    pub fn search(&self, actor: &Actor, kind: Kind, query: &SearchQuery) -> Result<Page<EntityView>> {
        unimplemented!()
    }

    /// The parties an entity names and the entities that name it.
    pub fn relationships(&self, actor: &Actor, kind: Kind, id: EntityId) -> Result<Vec<Relationship>> {
        unimplemented!()
    }

    /// Parcels by place, holder or code.
    pub fn query_parcels(&self, actor: &Actor, query: &ParcelQuery) -> Result<Page<ParcelHit>> {
        unimplemented!()
    }

    /// Hands every active entity of a kind to `each`, by canonical id, until it says stop (`false`). Traced as one export.
    pub fn export(&self, actor: &Actor, kind: Kind, include: Include, each: &mut dyn FnMut(EntityView) -> bool) -> Result<u64> {
        unimplemented!()
    }
}

/// Stewardship.
impl Registry {
    /// Review tasks by priority, then oldest first.
    pub fn reviews(&self, actor: &Actor, filter: &ReviewFilter) -> Result<Page<ReviewView>> {
        unimplemented!()
    }

    /// One review task with its evidence.
    pub fn review(&self, actor: &Actor, task: TaskId) -> Result<ReviewView> {
        unimplemented!()
    }

    /// Takes a task, or gives it back.
    pub fn assign_review(&self, actor: &Actor, task: TaskId, to: Option<&str>) -> Result<()> {
        unimplemented!()
    }

    /// Decides a review task.
    pub fn judge(&self, actor: &Actor, task: TaskId, verdict: Verdict, comment: Option<&str>, expected: &Expected) -> Result<MergeOutcome> {
        unimplemented!()
    }

    /// Makes several entities one. With `dry_run` nothing is written and everything that would be touched is told.
    pub fn merge(
        &self,
        actor: &Actor,
        kind: Kind,
        entities: &[EntityId],
        comment: Option<&str>,
        expected: &Expected,
        dry_run: bool,
    ) -> Result<MergeOutcome> {
        unimplemented!()
    }

    /// Undoes a decision, or takes chosen records out of an entity.
    pub fn unmerge(
        &self,
        actor: &Actor,
        kind: Kind,
        what: &Unmerge,
        comment: Option<&str>,
        expected: &Expected,
        dry_run: bool,
    ) -> Result<MergeOutcome> {
        unimplemented!()
    }

    /// The decisions that touched an entity, newest first.
    pub fn decisions(&self, actor: &Actor, kind: Kind, id: EntityId) -> Result<Vec<DecisionView>> {
        unimplemented!()
    }

    /// Sets a golden value by hand; it stands until it is released.
    pub fn override_value(
        &self,
        actor: &Actor,
        kind: Kind,
        id: EntityId,
        column: &str,
        value: &str,
        reason: &str,
        expected: &Expected,
    ) -> Result<DecisionId> {
        unimplemented!()
    }

    /// Releases every value set by hand for this column.
    pub fn release_override(
        &self,
        actor: &Actor,
        kind: Kind,
        id: EntityId,
        column: &str,
        reason: &str,
        expected: &Expected,
    ) -> Result<DecisionId> {
        unimplemented!()
    }

    /// The values set by hand, newest first.
    pub fn overrides(&self, actor: &Actor, kind: Kind, id: EntityId) -> Result<Vec<OverrideView>> {
        unimplemented!()
    }
}

/// The change feed.
impl Registry {
    /// At most `limit` changes after a position, without holes.
    pub fn changes(&self, after: i64, limit: usize) -> Result<Vec<Change>> {
        unimplemented!()
    }

    /// Waits until there is a change after a position, at most `timeout`; says whether there is one.
    #[must_use]
    pub fn wait_for_change(&self, after: i64, timeout: Duration) -> bool {
        unimplemented!()
    }
}

/// Imports of whole files.
impl Registry {
    /// Begins the import of a file, or goes on with an interrupted one, or says that this file is in already.
    pub fn start_import(&self, actor: &Actor, kind: Kind, name: &str, digest: &str) -> Result<ImportStart> {
        unimplemented!()
    }

    /// Takes the next rows of an import in, with its progress in the same transaction. `refused` are rows that could not
    /// be read. The job's state tells whether to go on: [`JobState::TooManyRowErrors`] means stop.
    pub fn advance_import(
        &self,
        actor: &Actor,
        job: JobId,
        records: Vec<Incoming>,
        refused: Vec<RejectedRow>,
    ) -> Result<(JobView, Vec<RowOutcome>)> {
        unimplemented!()
    }

    /// Ends an import: finished, or failed with this message.
    pub fn finish_import(&self, actor: &Actor, job: JobId, failure: Option<&str>) -> Result<JobView> {
        unimplemented!()
    }

    /// One job.
    pub fn job(&self, job: JobId) -> Result<JobView> {
        unimplemented!()
    }

    /// The latest jobs, newest first.
    pub fn jobs(&self, limit: usize) -> Result<Vec<JobView>> {
        unimplemented!()
    }

    /// The rejected rows of a job after a line, at most `limit`.
    pub fn rejections(&self, job: JobId, after_line: u64, limit: usize) -> Result<Vec<RejectedRow>> {
        unimplemented!()
    }
}

/// Principals and repeated requests.
impl Registry {
    /// Makes a user, or changes one: password, department and roles.
    pub fn create_user(&self, actor: &Actor, user: &NewUser) -> Result<PrincipalView> {
        unimplemented!()
    }

    /// Every principal, by name.
    pub fn list_principals(&self) -> Result<Vec<PrincipalView>> {
        unimplemented!()
    }

    /// Lets a principal in, or no longer.
    pub fn enable_principal(&self, actor: &Actor, name: &str, enabled: bool) -> Result<()> {
        unimplemented!()
    }

    /// Opens a session for a user with this password; `Forbidden` says no more than that.
    pub fn sign_in(&self, name: &str, password: &str) -> Result<SignedIn> {
        unimplemented!()
    }

    /// Ends a session, on every node.
    pub fn sign_out(&self, token: &str) -> Result<()> {
        unimplemented!()
    }

    /// Makes a key; the secret is told once, here.
    pub fn create_key(&self, actor: &Actor, key: &NewKey) -> Result<(ApiKeyView, String)> {
        unimplemented!()
    }

    /// Every key, by principal.
    pub fn list_keys(&self) -> Result<Vec<ApiKeyView>> {
        unimplemented!()
    }

    /// Ends a key, on every node within seconds.
    pub fn revoke_key(&self, actor: &Actor, id: &str) -> Result<()> {
        unimplemented!()
    }

    /// Whose token this is: a session's or a key's. `Forbidden` when it is nobody's (any more).
    pub fn authenticate(&self, token: &str) -> Result<Actor> {
        unimplemented!()
    }

    /// Claims an `Idempotency-Key` for a request with this fingerprint, per department.
    pub fn claim_request(&self, actor: &Actor, key: &str, fingerprint: &[u8]) -> Result<IdempotencyClaim> {
        unimplemented!()
    }

    /// Remembers the answer to a claimed request.
    pub fn complete_request(&self, actor: &Actor, key: &str, status: u16, body: &str) -> Result<()> {
        unimplemented!()
    }

    /// Gives a claim back: the request was not done and may be repeated.
    pub fn abandon_request(&self, actor: &Actor, key: &str) -> Result<()> {
        unimplemented!()
    }
}

/// What the data office and auditors ask.
impl Registry {
    /// Who read an entity, newest first.
    pub fn access_of(&self, actor: &Actor, kind: Kind, id: EntityId, limit: usize) -> Result<Vec<AccessView>> {
        unimplemented!()
    }

    /// When this was written or read last, for tests of time travel: the clock, to the microsecond the databases keep.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        unimplemented!()
    }
}
