//! What are the use cases?
//!
//! One room for each circle of people who ask, and here the opening and the closing of the whole.

mod accounts;
mod as_it_is;
mod cadastre;
mod health;
mod models;
mod office;
mod oversight;
mod questions;
mod sight;
mod sources;
mod stewardship;
mod survivorship;
mod trail;

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::NaiveDate;
use jiku_store::Store;
use parking_lot::Mutex;

pub use self::as_it_is::AsItIs;
pub use self::office::Office;
use crate::audit::Audit;
use crate::cadastre::Cadastre;
use crate::facade::{KeySource, Stats};
use crate::follower::Follower;
use crate::generic::watch::Watch;
use crate::load::load_with;
use crate::oidc::Provider;
use crate::principals::Tokens;
use crate::read::models::Loads;
use crate::read::shared_numbers::SharedNumbers;
use crate::seals::sealer::Sealer;
use crate::snapshot::{Images, Keeper};
use crate::survivorship::composer::Composer;
use crate::usage::{DepartmentQuotas, Usage};
use crate::write::queue::Queue;
use crate::write::state::Core;
use crate::{OpenError, RegistryError, follower};

type Result<T, E = RegistryError> = std::result::Result<T, E>;

/// For how many days it is kept what each principal read on a day.
const USAGE_KEPT_DAYS: i64 = 31;

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
    /// The settings of an identity provider (OpenID Connect) whose tokens are accepted beside sessions and keys.
    pub oidc: Option<PathBuf>,
    /// The settings of the cadastre: its tolerances, the extent of the province, the boundaries of its divisions.
    pub cadastre: Option<PathBuf>,
    /// What all principals of a department may read together on a day.
    pub department_quotas: DepartmentQuotas,
    /// Whether administrators who sign in must have a second factor.
    pub strict_administrators: bool,
    /// Where the in-memory indexes are laid aside, encrypted, for the next start. Unless told, `FILE.index` beside an SQLite
    /// file, and nowhere for PostgreSQL.
    pub index_folder: Option<PathBuf>,
    /// From how many records on they are laid aside.
    pub index_from: u64,
    /// Whether what is laid aside is taken up; else everything is read from the database.
    pub take_up_indexes: bool,
    /// Whether it goes on composing golden records anew where survivorship rules are newly in use.
    pub goes_on_composing: bool,
    /// Whether it looks for generic values by itself, soon after a record brought one name too many to a number.
    pub looks_for_generic: bool,
}

/// From so many records on reading them all takes longer than a second or two.
const INDEX_FROM: u64 = 50_000;

impl Options {
    /// The usual settings for this database.
    #[must_use]
    pub fn new(database: impl Into<String>) -> Self {
        Self {
            database: database.into(),
            keys: KeySource::Usual,
            follow_every: Duration::from_millis(300),
            public_parcels: false,
            oidc: None,
            cadastre: None,
            department_quotas: DepartmentQuotas::default(),
            strict_administrators: false,
            index_folder: None,
            index_from: INDEX_FROM,
            take_up_indexes: true,
            goes_on_composing: true,
            looks_for_generic: true,
        }
    }
}

/// The service itself: cheap to clone, safe to share between threads. Every function blocks until it is done; a write
/// returns after it is durable. Reads of personal data return after their trace is durable, or fail.
///
/// What an [`Office`] can do it can do too.
#[derive(Clone)]
pub struct Registry {
    office: Office,
}

impl Deref for Registry {
    type Target = Office;

    fn deref(&self) -> &Office {
        &self.office
    }
}

pub(crate) struct Inner {
    pub(crate) core: Arc<Core>,
    pub(crate) queue: Queue,
    pub(crate) audit: Audit,
    pub(crate) tokens: Tokens,
    pub(crate) provider: Option<Provider>,
    pub(crate) public_parcels: bool,
    pub(crate) strict_administrators: bool,
    pub(crate) usage: Arc<Usage>,
    pub(crate) loads: Loads,
    pub(crate) last_stats: Mutex<Option<Stats>>,
    pub(crate) shared_numbers: SharedNumbers,
    /// The day on which tiles that are kept were drawn.
    pub(crate) drawn_on: Mutex<Option<NaiveDate>>,
    follower: Follower,
    sealer: Sealer,
    pub(crate) keeper: Keeper,
    composer: Composer,
    watch: Watch,
}

/// Life and health.
impl Registry {
    /// Opens the database, brings its schema up to date and builds the in-memory indexes.
    ///
    /// # Errors
    /// When the database cannot be used; the message is one sentence for the operator.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let provider = options.oidc.as_deref().map(Provider::open).transpose()?;
        let cadastre = options.cadastre.as_deref().map(Cadastre::open).transpose()?.unwrap_or_default();
        let store = open_store(&options)?;
        let beside = store.file().map(|file| {
            let mut folder = file.as_os_str().to_owned();
            folder.push(".index");
            PathBuf::from(folder)
        });
        let images = options.index_folder.clone().or(beside).map(|folder| Arc::new(Images::new(folder, options.index_from)));
        let mut core = load_with(store, images.as_deref().filter(|_| options.take_up_indexes))?;
        core.cadastre = cadastre;
        let registry = Self { office: Office { inner: Arc::new(Inner::start(core, images, provider, &options)?) } };
        // A page that finds a batch at work is shown these.
        drop(registry.recent_stats());
        Ok(registry)
    }

    /// Whether it can answer now, and if not, why.
    pub fn ready(&self) -> Result<()> {
        if self.inner.core.stopping.load(Ordering::Relaxed) {
            return Err(RegistryError::Unavailable { code: "stopping", message: "the service is stopping".into(), source: None });
        }
        self.inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.last_position().map(drop)?))
    }

    /// The change-log position of the indexes laid aside, as far as this node took them up or wrote them.
    #[must_use]
    pub fn indexes_laid_at(&self) -> Option<i64> {
        self.inner.keeper.laid_at()
    }
}

pub(crate) fn open_store(options: &Options) -> Result<Store, OpenError> {
    Store::open_with(&options.database, &options.keys).map_err(|error| OpenError::Database(error.to_string(), Box::new(error)))
}

impl Inner {
    /// Starts the threads of a node on its memory.
    fn start(core: Core, images: Option<Arc<Images>>, provider: Option<Provider>, options: &Options) -> Result<Self, OpenError> {
        let core = Arc::new(core);
        let thread = |error: std::io::Error| OpenError::Load(RegistryError::internal(format!("a thread cannot be started: {error}")));
        let usage = Arc::new(Usage::new(options.department_quotas));
        follower::require_clock(&core)?;
        follower::count(&core, &usage)?;
        core.store.write(|writer| {
            writer.delete_seen(usage.day())?;
            Ok::<_, RegistryError>(writer.delete_usage(usage.day() - USAGE_KEPT_DAYS).map(drop)?)
        })?;
        // Threads that start at their first work are started here: one that steps back behind others would hand that on to those it starts.
        rayon::spawn(|| {});
        core.store.glance(|reader| Ok::<_, RegistryError>(reader.last_position().map(drop)?))?;
        Ok(Self {
            queue: Queue::start(Arc::clone(&core)).map_err(thread)?,
            audit: Audit::start(Arc::clone(&core), Arc::clone(&usage)).map_err(thread)?,
            tokens: Tokens::default(),
            provider,
            public_parcels: options.public_parcels,
            strict_administrators: options.strict_administrators,
            follower: Follower::start(Arc::clone(&core), Arc::clone(&usage), options.follow_every).map_err(thread)?,
            sealer: Sealer::default(),
            watch: Watch::start(Arc::clone(&core), options.looks_for_generic).map_err(thread)?,
            composer: Composer::start(Arc::clone(&core), options.goes_on_composing).map_err(thread)?,
            keeper: Keeper::start(Arc::clone(&core), images).map_err(thread)?,
            usage,
            loads: Loads::of(&core),
            last_stats: Mutex::new(None),
            shared_numbers: SharedNumbers::default(),
            drawn_on: Mutex::new(None),
            core,
        })
    }

    fn stop(&self) {
        self.core.stopping.store(true, Ordering::Relaxed);
        self.core.wake();
        self.composer.stop();
        self.watch.stop();
        self.queue.stop();
        self.follower.stop();
        self.sealer.stop();
        self.audit.stop();
        self.keeper.stop(&self.core);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}
