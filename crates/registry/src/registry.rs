//! What are the use cases?

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiku_model::{DecisionId, EntityId, JobId, Kind, RawRecord, RecordKey, SourceSystem, TaskId, Timestamp, Verdict};

use jiku_spatial::tile::TileAddress;
use jiku_store::{Backend, Store};

use crate::audit::Audit;
use crate::facade::*;
use crate::follower::Follower;
use crate::imports::ImportBatch;
use crate::load::load;
use crate::memory::{MapTile, ParcelView, Sources};
use crate::principals::Tokens;
use crate::read::{around, decisions, feed, find, maps, parcels, quality, resolve, reviews, search, validate};
use crate::rights::{Right, require};
use crate::seals::sealer::{Sealer, seal};
use crate::shown::{Shown, Sight};
use crate::write::cadastre::{self, Editing};
use crate::write::queue::Queue;
use crate::write::state::{Core, now};
use crate::write::stewardship::Order;
use crate::write::{overrides, stewardship};
use crate::{Actor, OpenError, RegistryError, Seal, imports, ingest, principals, rebuild, requests, verify};

type Result<T, E = RegistryError> = std::result::Result<T, E>;

/// How to open a registry.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite://FILE` or `postgres://…`.
    pub database: String,
    /// Where the master keys are that this database is encrypted under.
    pub keys: KeySource,
    /// How often the change log is looked at for what other nodes wrote (PostgreSQL).
    pub follow_every: Duration,
    /// Whether callers without a key may see parcels on maps: their shapes and public values.
    pub public_parcels: bool,
}

impl Options {
    /// The usual settings for this database.
    #[must_use]
    pub fn new(database: impl Into<String>) -> Self {
        Self { database: database.into(), keys: KeySource::Usual, follow_every: Duration::from_millis(300), public_parcels: false }
    }
}

/// The service itself: cheap to clone, safe to share between threads. Every function blocks until it is done; a write
/// returns after it is durable. Reads of personal data return after their trace is durable, or fail.
#[derive(Clone)]
pub struct Registry {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) core: Arc<Core>,
    pub(crate) queue: Queue,
    pub(crate) audit: Audit,
    pub(crate) tokens: Tokens,
    pub(crate) public_parcels: bool,
    follower: Follower,
    sealer: Sealer,
}

/// Life and health.
impl Registry {
    /// Opens the database, brings its schema up to date and builds the in-memory indexes.
    ///
    /// # Errors
    /// When the database cannot be used; the message is one sentence for the operator.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let store =
            Store::open_with(&options.database, &options.keys).map_err(|error| OpenError::Database(error.to_string(), Box::new(error)))?;
        let core = Arc::new(load(store)?);
        let thread = |error: std::io::Error| OpenError::Load(RegistryError::internal(format!("a thread cannot be started: {error}")));
        let inner = Inner {
            queue: Queue::start(Arc::clone(&core)).map_err(thread)?,
            audit: Audit::start(Arc::clone(&core)).map_err(thread)?,
            tokens: Tokens::default(),
            public_parcels: options.public_parcels,
            follower: Follower::start(Arc::clone(&core), options.follow_every).map_err(thread)?,
            sealer: Sealer::default(),
            core,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Finishes the writes that are queued and stops; later writes answer `stopping`.
    pub fn close(&self) {
        self.inner.stop();
    }

    /// Whether it can answer now, and if not, why.
    pub fn ready(&self) -> Result<()> {
        if self.inner.core.stopping.load(Ordering::Relaxed) {
            return Err(RegistryError::Unavailable { code: "stopping", message: "the service is stopping".into(), source: None });
        }
        self.inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.last_position().map(drop)?))
    }

    /// The change-log position this node has applied.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.inner.core.position()
    }

    /// The figures of the whole.
    pub fn stats(&self) -> Result<Stats> {
        feed::stats(&self.inner)
    }

    /// How good what each source sends is, by field, reason and time; without personal data.
    pub fn quality(&self, query: &QualityQuery) -> Result<QualityReport> {
        quality::quality(&self.inner, query)
    }

    /// How much changed on each of the last `days` days, oldest first; at most 92.
    pub fn activity(&self, days: usize) -> Result<Vec<DayCount>> {
        feed::activity(&self.inner, days)
    }

    /// Recomputes clusters, golden records, indexes and the hash chain, and tells every difference.
    pub fn verify(&self) -> Result<VerifyReport> {
        verify::verify(&self.inner)
    }

    /// Recomputes the hash chain of the change log alone, and tells every break.
    pub fn verify_chain(&self, actor: &Actor) -> Result<VerifyReport> {
        require(actor, Right::Audit)?;
        verify::verify_chain(&self.inner)
    }

    /// Seals the traces as they stand: a signed line in the day's file of this folder, which should lie outside the database's
    /// reach. Nothing when the last seal there says the same.
    pub fn seal_traces(&self, folder: &Path) -> Result<Option<Seal>> {
        seal(&self.inner.core, folder, &mut None)
    }

    /// Seals the traces every so often, and when the service stops.
    pub fn seal_traces_every(&self, folder: &Path, every: Duration) -> Result<()> {
        self.seal_traces(folder)?;
        let started = self.inner.sealer.start(Arc::clone(&self.inner.core), folder.to_owned(), every);
        started.map_err(|error| RegistryError::internal(format!("a thread cannot be started: {error}")))
    }

    /// Replaces everything derived: judgements of the model, clusters, golden records, typed tables, indexes.
    /// Canonical ids and stewards' decisions stay.
    pub fn rebuild(&self, actor: &Actor) -> Result<()> {
        require(actor, Right::Operate)?;
        rebuild::rebuild(&self.inner, actor)
    }

    /// The keys that values of people are encrypted under, oldest first, and the file of the master keys.
    pub fn encryption(&self) -> Result<Encryption> {
        let (key_file, keys) = self.inner.core.store.keys()?;
        Ok(Encryption { key_file, keys })
    }

    /// Makes a new data key and encrypts everything anew under it while others read and write; `each` hears how many rows
    /// are done. Interrupted, the next call with `fresh` false goes on. How many rows there were.
    pub fn rotate_data_key(&self, actor: &Actor, fresh: bool, each: &mut dyn FnMut(u64)) -> Result<u64> {
        require(actor, Right::Operate)?;
        if fresh {
            self.inner.core.store.add_data_key(now())?;
        }
        Ok(self.inner.core.store.reseal(now(), each)?.rows)
    }

    /// Adds a new master key to the key file and wraps the data keys with it; its id.
    pub fn change_master_key(&self, actor: &Actor) -> Result<String> {
        require(actor, Right::Operate)?;
        Ok(self.inner.core.store.change_master_key()?)
    }

    /// Copies the database to a file while it is used (SQLite; PostgreSQL has its own tools).
    pub fn backup(&self, to: &Path) -> Result<()> {
        Ok(self.inner.core.store.backup_to(to)?)
    }
}

/// Source systems and what they send.
impl Registry {
    /// Makes or changes a source system; another trust composes the golden records that rest on it again. A source that sends without one gets its code as name and the trust 50.
    pub fn put_source(&self, actor: &Actor, source: &SourceSystem) -> Result<()> {
        require(actor, Right::Sources)?;
        let (source, actor) = (source.clone(), actor.principal.clone());
        self.inner.queue.act_alone(move |session| session.change_source(source.clone(), &actor))
    }

    /// Every source system, by code.
    pub fn list_sources(&self) -> Result<Vec<SourceSystem>> {
        let rows = self.inner.core.store.read(|reader| Ok::<_, RegistryError>(reader.sources()?))?;
        Ok(Sources::new(rows)?.all().cloned().collect())
    }

    /// Takes records in, matches them and says what became of each, in their order. A rejected row stops nothing.
    pub fn ingest(&self, actor: &Actor, records: Vec<Incoming>) -> Result<Vec<RowOutcome>> {
        require(actor, Right::Submit)?;
        ingest::ingest(&self.inner, actor, records)
    }

    /// Takes a record out of its entity; it stays in history.
    pub fn withdraw(&self, actor: &Actor, key: &RecordKey) -> Result<WithdrawOutcome> {
        require(actor, Right::Submit)?;
        ingest::withdraw(&self.inner, actor, key)
    }
}

/// Questions.
impl Registry {
    /// Reads, and hands what was read to `done` when its traces are durable; when they cannot be written, the error. The caller's
    /// thread does not wait for the log, so a few threads serve many readers. `read` must keep what it sees to itself until
    /// then: everything it lets out goes by its answer.
    pub fn read_then<T: Send + 'static>(&self, read: impl FnOnce(&Self) -> Result<T>, done: impl FnOnce(Result<T>) + Send + 'static) {
        self.inner.audit.deferred(|| read(self), done);
    }

    /// Whether a question for one entity takes microseconds and no network: then it may be asked where it comes up, without a
    /// thread of its own.
    #[must_use]
    pub fn reads_at_hand(&self) -> bool {
        self.inner.core.store.backend() == Backend::Sqlite
    }

    /// Who is this? Nothing is stored but the trace.
    pub fn resolve(&self, actor: &Actor, kind: Kind, raw: &RawRecord, options: &ResolveOptions) -> Result<Resolution> {
        require(actor, Right::Read)?;
        self.shown_with(kind, actor, resolve::resolve(&self.inner, actor, kind, raw, options))
    }

    /// Who are these? At most `limit` candidates for each record of a list, in its order; nothing is stored but one trace.
    /// A record that cannot be used is told in its place and stops nothing.
    pub fn match_records(&self, actor: &Actor, kind: Kind, records: &[RawRecord], limit: usize) -> Result<Vec<Matched>> {
        require(actor, Right::Read)?;
        resolve::match_records(&self.inner, actor, kind, records, limit)
    }

    /// The entity of this canonical id.
    pub fn find(&self, actor: &Actor, kind: Kind, id: EntityId, view: &View) -> Result<Found> {
        require(actor, Right::Read)?;
        self.shown(actor, find::find(&self.inner, actor, kind, id, view))
    }

    /// Those of these entities that are active, in the order of the ids; at most 100.
    pub fn find_all(&self, actor: &Actor, kind: Kind, ids: &[EntityId]) -> Result<Vec<EntityView>> {
        require(actor, Right::Read)?;
        let ids = &ids[..ids.len().min(search::MOST_ITEMS)];
        self.shown(actor, find::views_of(&self.inner, actor, "find", kind, ids, Include::default()))
    }

    /// Other entities that look like this one, best first.
    pub fn alike(&self, actor: &Actor, kind: Kind, id: EntityId, limit: usize) -> Result<Vec<Candidate>> {
        require(actor, Right::Read)?;
        self.shown(actor, around::alike(&self.inner, actor, kind, id, limit))
    }

    /// The other people of the same telephone or address, as far as they are few; none of another kind.
    pub fn household(&self, actor: &Actor, kind: Kind, id: EntityId) -> Result<Vec<EntityView>> {
        require(actor, Right::Read)?;
        if kind == Kind::Person { self.shown(actor, around::household(&self.inner, actor, id)) } else { Ok(Vec::new()) }
    }

    /// The source record of this outside name; its `entity` is the crosswalk.
    pub fn crosswalk(&self, actor: &Actor, key: &RecordKey) -> Result<SourceRecordView> {
        require(actor, Right::Read)?;
        self.shown(actor, find::crosswalk(&self.inner, actor, key))
    }

    /// Every version of an entity, newest first.
    pub fn versions(&self, actor: &Actor, kind: Kind, id: EntityId) -> Result<Vec<VersionView>> {
        require(actor, Right::Read)?;
        self.shown_with(kind, actor, find::all_versions(&self.inner, actor, kind, id))
    }

    /// Why two entities are, or are not, one: at most `limit` pairs of their records, strongest first. With the same id
    /// twice: why its records are one.
    pub fn explain(&self, actor: &Actor, kind: Kind, left: EntityId, right: EntityId, limit: usize) -> Result<Vec<PairExplanation>> {
        require(actor, Right::Read)?;
        self.shown_with(kind, actor, find::explain(&self.inner, actor, kind, left, right, limit))
    }

    /// Entities that match every field of the query, by canonical id.
    pub fn search(&self, actor: &Actor, kind: Kind, query: &SearchQuery) -> Result<Page<EntityView>> {
        require(actor, Right::Read)?;
        self.shown(actor, search::search(&self.inner, actor, kind, query))
    }

    /// The parties an entity names and the entities that name it.
    pub fn relationships(&self, actor: &Actor, kind: Kind, id: EntityId) -> Result<Vec<Relationship>> {
        require(actor, Right::Read)?;
        self.shown(actor, find::relationships(&self.inner, actor, kind, id))
    }

    /// Parcels by place, holder or code.
    pub fn query_parcels(&self, actor: &Actor, query: &ParcelQuery) -> Result<Page<ParcelHit>> {
        require(actor, Right::Read)?;
        self.shown(actor, parcels::query(&self.inner, actor, query))
    }

    /// Hands every active entity of a kind to `each`, by canonical id, until it says stop (`false`). Traced as one export.
    pub fn export(&self, actor: &Actor, kind: Kind, include: Include, each: &mut dyn FnMut(EntityView) -> bool) -> Result<u64> {
        require(actor, Right::Read)?;
        let sources = self.inner.core.sources();
        let sight = Sight::new(actor, &sources);
        find::export(&self.inner, actor, kind, include, &mut |mut view| {
            sight.show(&mut view);
            each(view)
        })
    }
}

/// Maps: parcels without anything personal, from memory.
impl Registry {
    /// Whether callers without a key may see parcels.
    #[must_use]
    pub fn has_public_parcels(&self) -> bool {
        self.inner.public_parcels
    }

    /// The parcels of this moment, values and places together. Does not block. `actor` is none for a caller without a key.
    pub fn parcels_now(&self, actor: Option<&Actor>) -> Result<Arc<ParcelView>> {
        maps::admit(&self.inner, actor)?;
        Ok(self.inner.core.shelf(Kind::Parcel).parcels.view())
    }

    /// Under which slot of [`Registry::parcels_now`] a parcel stands; it may have gone since.
    #[must_use]
    pub fn parcel_slot(&self, id: EntityId) -> Option<u32> {
        self.inner.core.shelf(Kind::Parcel).parcels.slot(id)
    }

    /// A vector tile of the parcels of this moment.
    pub fn parcel_tile(&self, actor: Option<&Actor>, address: TileAddress) -> Result<Arc<MapTile>> {
        maps::admit(&self.inner, actor)?;
        Ok(maps::tile(&self.inner, address))
    }
}

/// Stewardship.
impl Registry {
    /// Review tasks by priority, then oldest first.
    pub fn reviews(&self, actor: &Actor, filter: &ReviewFilter) -> Result<Page<ReviewView>> {
        require(actor, Right::SeeReviews)?;
        self.shown(actor, reviews::reviews(&self.inner, actor, filter))
    }

    /// The id of the first task that fits, after the filter's cursor.
    pub fn next_review(&self, actor: &Actor, filter: &ReviewFilter) -> Result<Option<TaskId>> {
        require(actor, Right::SeeReviews)?;
        reviews::next(&self.inner, filter)
    }

    /// One review task with its evidence.
    pub fn review(&self, actor: &Actor, task: TaskId) -> Result<ReviewView> {
        require(actor, Right::SeeReviews)?;
        self.shown(actor, reviews::review(&self.inner, actor, task))
    }

    /// Takes a task, or gives it back.
    pub fn assign_review(&self, actor: &Actor, task: TaskId, to: Option<&str>) -> Result<()> {
        require(actor, Right::Steward)?;
        reviews::assign(&self.inner, task, to)
    }

    /// Decides a review task.
    pub fn judge(&self, actor: &Actor, task: TaskId, verdict: Verdict, comment: Option<&str>, expected: &Expected) -> Result<MergeOutcome> {
        require(actor, Right::Steward)?;
        let order = Order::new(actor, comment, expected, false);
        let (kind, outcome) = self.inner.queue.act_alone(move |session| stewardship::judge(session, task, verdict, &order))?;
        self.shown_with(kind, actor, Ok(outcome))
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
        require(actor, Right::Steward)?;
        let (order, entities) = (Order::new(actor, comment, expected, dry_run), entities.to_vec());
        self.shown_with(kind, actor, self.inner.queue.act_alone(move |session| stewardship::merge(session, kind, &entities, &order)))
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
        require(actor, Right::Steward)?;
        let (order, what) = (Order::new(actor, comment, expected, dry_run), what.clone());
        self.shown_with(kind, actor, self.inner.queue.act_alone(move |session| stewardship::unmerge(session, kind, &what, &order)))
    }

    /// The decisions that touched an entity, newest first.
    pub fn decisions(&self, actor: &Actor, kind: Kind, id: EntityId) -> Result<Vec<DecisionView>> {
        require(actor, Right::SeeReviews)?;
        reviews::decisions(&self.inner, actor, kind, id)
    }

    /// Decisions of stewards, the latest first.
    pub fn recent_decisions(&self, actor: &Actor, filter: &DecisionFilter) -> Result<Page<DecisionView>> {
        require(actor, Right::SeeReviews)?;
        decisions::recent(&self.inner, actor, filter)
    }

    /// One decision.
    pub fn decision(&self, actor: &Actor, id: DecisionId) -> Result<DecisionView> {
        require(actor, Right::SeeReviews)?;
        decisions::one(&self.inner, actor, id)
    }

    /// How many decisions everybody made since a moment, by principal and kind of act.
    pub fn decision_counts(&self, actor: &Actor, since: Timestamp) -> Result<Vec<DecisionCount>> {
        require(actor, Right::SeeReviews)?;
        decisions::counts(&self.inner, since)
    }

    /// Sets a golden value by hand; it stands until it is released.
    #[expect(clippy::too_many_arguments, reason = "each is one word of the sentence")]
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
        require(actor, Right::Steward)?;
        let (order, column, value) = (Order::new(actor, Some(reason), expected, false), column.to_owned(), value.to_owned());
        self.inner.queue.act_alone(move |session| overrides::set(session, kind, id, &column, &value, &order))
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
        require(actor, Right::Steward)?;
        let (order, column) = (Order::new(actor, Some(reason), expected, false), column.to_owned());
        self.inner.queue.act_alone(move |session| overrides::release(session, kind, id, &column, &order))
    }

    /// The values set by hand, newest first.
    pub fn overrides(&self, actor: &Actor, kind: Kind, id: EntityId) -> Result<Vec<OverrideView>> {
        require(actor, Right::SeeReviews)?;
        self.shown_with(kind, actor, reviews::overrides(&self.inner, actor, kind, id))
    }
}

/// The cadastre.
impl Registry {
    /// Edits parcels in one transaction at one moment. With `dry_run` nothing is written and the full report is given
    /// instead of a refusal.
    ///
    /// # Errors
    /// [`RegistryError::Topology`] with the report when a rule stands against it, and as the operation asks.
    pub fn edit_parcels(&self, actor: &Actor, edit: &ParcelEdit, options: &EditOptions) -> Result<EditOutcome> {
        require(actor, Right::EditParcels)?;
        let (edit, editing) = (edit.clone(), Editing { actor: actor.clone(), options: options.clone() });
        self.shown(actor, self.inner.queue.act_alone(move |session| cadastre::edit(session, &edit, &editing)))
    }

    /// Looks at a parcel without writing: every problem of values and geometry with its place, and every topology rule
    /// among the current parcels. With `parcel` as a change of that one.
    ///
    /// # Errors
    /// When there is no such parcel.
    pub fn validate_parcel(&self, actor: &Actor, parcel: Option<EntityId>, values: &RawRecord) -> Result<ParcelValidity> {
        require(actor, Right::Read)?;
        validate::validate(&self.inner, parcel, values)
    }

    /// Where a parcel has its land from, what became of it, and how it ended if it did. A parcel that is no more answers.
    pub fn parcel_history(&self, actor: &Actor, id: EntityId) -> Result<ParcelHistory> {
        require(actor, Right::Read)?;
        parcels::history(&self.inner, actor, id)
    }
}

/// The change feed.
impl Registry {
    /// At most `limit` changes after a position, without holes.
    pub fn changes(&self, after: i64, limit: usize) -> Result<Vec<Change>> {
        feed::changes(&self.inner, after, limit)
    }

    /// Waits until there is a change after a position, at most `timeout`; says whether there is one.
    #[must_use]
    pub fn wait_for_change(&self, after: i64, timeout: Duration) -> bool {
        self.inner.core.wait_past(after, timeout)
    }
}

/// Imports of whole files.
impl Registry {
    /// Begins the import of a file, or goes on with an interrupted one, or says that this file is in already.
    pub fn start_import(&self, actor: &Actor, kind: Kind, name: &str, digest: &str) -> Result<ImportStart> {
        require(actor, Right::Submit)?;
        imports::start(&self.inner, actor, kind, name, digest)
    }

    /// Reads the next rows of an import and judges them fit or refused, on all processors and without waiting for any write.
    /// `refused` are rows that could not be read.
    pub fn read_rows(&self, actor: &Actor, records: Vec<Incoming>, refused: Vec<RejectedRow>) -> Result<ImportBatch> {
        require(actor, Right::Submit)?;
        Ok(ImportBatch::new(actor, records, refused))
    }

    /// Takes the next rows of an import in, with its progress in the same transaction. The job's state tells whether to go
    /// on: [`JobState::TooManyRowErrors`] means stop.
    pub fn advance_import(&self, actor: &Actor, job: JobId, batch: ImportBatch) -> Result<(JobView, Vec<RowOutcome>)> {
        require(actor, Right::Submit)?;
        imports::advance(&self.inner, job, batch)
    }

    /// Ends an import: finished, or failed with this message.
    pub fn finish_import(&self, actor: &Actor, job: JobId, failure: Option<&str>) -> Result<JobView> {
        require(actor, Right::Submit)?;
        imports::finish(&self.inner, job, failure)
    }

    /// One job.
    pub fn job(&self, job: JobId) -> Result<JobView> {
        imports::job(&self.inner, job)
    }

    /// The latest jobs, newest first.
    pub fn jobs(&self, limit: usize) -> Result<Vec<JobView>> {
        imports::jobs(&self.inner, limit)
    }

    /// The rejected rows of a job after a line, at most `limit`; as they were sent for who sent them, masked for others.
    pub fn rejections(&self, actor: &Actor, job: JobId, after_line: u64, limit: usize) -> Result<Vec<RejectedRow>> {
        require(actor, Right::Submit)?;
        let view = imports::job(&self.inner, job)?;
        let rows = imports::rejections(&self.inner, actor, &view, after_line, limit);
        if view.actor == actor.principal { rows } else { self.shown_with(view.kind, actor, rows) }
    }
}

/// The one door through which personal values leave: masked, unless the actor asked for them in full and may have them.
impl Registry {
    fn shown<T: Shown>(&self, actor: &Actor, answer: Result<T>) -> Result<T> {
        let mut answer = answer?;
        Sight::new(actor, &self.inner.core.sources()).show(&mut answer);
        Ok(answer)
    }

    /// As [`Registry::shown`], for an answer that does not know its kind.
    fn shown_with<T>(&self, kind: Kind, actor: &Actor, answer: Result<T>) -> Result<T>
    where
        (Kind, T): Shown,
    {
        self.shown(actor, answer.map(|answer| (kind, answer))).map(|(_, answer)| answer)
    }
}

/// Principals and repeated requests.
impl Registry {
    /// Makes a user, or changes one: password, department and roles.
    pub fn create_user(&self, actor: &Actor, user: &NewUser) -> Result<PrincipalView> {
        require(actor, Right::Accounts)?;
        principals::create_user(&self.inner, user)
    }

    /// Every principal, by name.
    pub fn list_principals(&self) -> Result<Vec<PrincipalView>> {
        principals::list_principals(&self.inner)
    }

    /// Lets a principal in, or no longer.
    pub fn enable_principal(&self, actor: &Actor, name: &str, enabled: bool) -> Result<()> {
        require(actor, Right::Accounts)?;
        principals::enable(&self.inner, name, enabled)
    }

    /// Opens a session for a user with this password; `Forbidden` says no more than that.
    pub fn sign_in(&self, name: &str, password: &str) -> Result<SignedIn> {
        principals::sign_in(&self.inner, name, password)
    }

    /// Ends a session, on every node.
    pub fn sign_out(&self, token: &str) -> Result<()> {
        principals::sign_out(&self.inner, token)
    }

    /// Makes a key; the secret is told once, here.
    pub fn create_key(&self, actor: &Actor, key: &NewKey) -> Result<(ApiKeyView, String)> {
        require(actor, Right::Accounts)?;
        principals::create_key(&self.inner, key)
    }

    /// Every key, by principal.
    pub fn list_keys(&self) -> Result<Vec<ApiKeyView>> {
        principals::list_keys(&self.inner)
    }

    /// Ends a key, on every node within seconds.
    pub fn revoke_key(&self, actor: &Actor, id: &str) -> Result<()> {
        require(actor, Right::Accounts)?;
        principals::revoke_key(&self.inner, id)
    }

    /// Whose token this is: a session's or a key's. `Forbidden` when it is nobody's (any more).
    pub fn authenticate(&self, token: &str) -> Result<Actor> {
        principals::authenticate(&self.inner, token)
    }

    /// Claims an `Idempotency-Key` for a request with this fingerprint, per department.
    pub fn claim_request(&self, actor: &Actor, key: &str, fingerprint: &[u8]) -> Result<IdempotencyClaim> {
        requests::claim(&self.inner, actor, key, fingerprint)
    }

    /// Remembers the answer to a claimed request.
    pub fn complete_request(&self, actor: &Actor, key: &str, status: u16, body: &str) -> Result<()> {
        requests::complete(&self.inner, actor, key, status, body)
    }

    /// Gives a claim back: the request was not done and may be repeated.
    pub fn abandon_request(&self, actor: &Actor, key: &str) -> Result<()> {
        requests::abandon(&self.inner, actor, key)
    }
}

/// What the data office and auditors ask.
impl Registry {
    /// Who read an entity, newest first.
    pub fn access_of(&self, actor: &Actor, kind: Kind, id: EntityId, limit: usize) -> Result<Vec<AccessView>> {
        require(actor, Right::Audit)?;
        feed::access_of(&self.inner, kind, id, limit)
    }

    /// When this was written or read last, for tests of time travel: the clock, to the microsecond the databases keep.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        now()
    }
}

impl Inner {
    fn stop(&self) {
        self.core.stopping.store(true, Ordering::Relaxed);
        self.core.wake();
        self.queue.stop();
        self.follower.stop();
        self.sealer.stop();
        self.audit.stop();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}
