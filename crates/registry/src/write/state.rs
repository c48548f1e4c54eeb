//! What do the writer, the follower and the readers share?

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use jiku_model::{Kind, Timestamp, truncate_to_micros};
use jiku_store::{Backend, Store};
use parking_lot::{Condvar, Mutex, MutexGuard};

use super::pace::Pace;
use super::reload::index;
use super::settle::Touched;
use crate::alarms::Raised;
use crate::cadastre::Cadastre;
use crate::memory::{Graph, Shelf, Sources};
use crate::write::fingerprint::Fingerprints;

/// How long a reader waits for the graphs while a batch has them.
const PATIENCE: Duration = Duration::from_millis(20);

/// What only the writer and the follower touch.
pub(crate) struct State {
    /// The ledger of each kind, in the order of [`Kind::ALL`].
    pub(crate) graphs: [Graph; 3],
    /// What was planned and not committed, or written by others: read again before the next write.
    pub(crate) touched: [Touched; 3],
    /// The change-log position the memory is at.
    pub(crate) position: i64,
    /// The moment of the last write known: moments never go back.
    pub(crate) last_at: Timestamp,
}

/// One node.
pub(crate) struct Core {
    pub(crate) store: Store,
    shelves: [Shelf; 3],
    pub(crate) state: Mutex<State>,
    pub(crate) cadastre: Cadastre,
    /// How records are known again.
    pub(crate) prints: Fingerprints,
    /// Whose turn it is to write. SQLite lets one connection write, and whoever asks again at once would get it again; this
    /// lock is handed on, so that the traces of readers do not wait behind an endless import.
    turn: Option<Mutex<()>>,
    sources: ArcSwap<Sources>,
    position: Mutex<i64>,
    moved: Condvar,
    pub(crate) stopping: AtomicBool,
    pub(crate) alarms: Raised,
    pub(crate) pace: Pace,
    /// Whether the memory takes over what is written; without indexes there is nothing to take it over into.
    pub(crate) follows: bool,
}

impl Core {
    pub(crate) fn new(store: Store, shelves: [Shelf; 3], state: State, sources: Sources) -> Self {
        Self {
            prints: Fingerprints::of(&store),
            turn: (store.backend() == Backend::Sqlite).then(|| Mutex::new(())),
            store,
            shelves,
            cadastre: Cadastre::default(),
            position: Mutex::new(state.position),
            state: Mutex::new(state),
            sources: ArcSwap::from_pointee(sources),
            moved: Condvar::new(),
            stopping: AtomicBool::new(false),
            alarms: Raised::default(),
            pace: Pace::default(),
            follows: true,
        }
    }

    /// The graphs, for a reader, unless a batch has them for longer.
    pub(crate) fn state_soon(&self) -> Option<MutexGuard<'_, State>> {
        self.state.try_lock_for(PATIENCE)
    }

    pub(crate) fn shelf(&self, kind: Kind) -> &Shelf {
        &self.shelves[index(kind)]
    }

    pub(crate) const fn shelves(&self) -> &[Shelf; 3] {
        &self.shelves
    }

    /// Waits for the turn to write, where there are turns.
    pub(crate) fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        self.turn.as_ref().map(Mutex::lock)
    }

    pub(crate) fn sources(&self) -> Arc<Sources> {
        self.sources.load_full()
    }

    pub(crate) fn set_sources(&self, sources: Sources) {
        self.sources.store(Arc::new(sources));
    }

    /// The change-log position readers of the memory see.
    pub(crate) fn position(&self) -> i64 {
        *self.position.lock()
    }

    /// Tells readers that the memory is at a later position.
    pub(crate) fn advance(&self, position: i64) {
        let mut known = self.position.lock();
        *known = position.max(*known);
        self.moved.notify_all();
    }

    /// Wakes those who wait, because the service stops.
    pub(crate) fn wake(&self) {
        self.moved.notify_all();
    }

    /// Waits until the position is past `after`; whether it is.
    pub(crate) fn wait_past(&self, after: i64, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let mut position = self.position.lock();
        while *position <= after && !self.stopping.load(Ordering::Relaxed) {
            if self.moved.wait_until(&mut position, deadline).timed_out() {
                break;
            }
        }
        *position > after
    }
}

/// The clock, as precise as the databases.
pub(crate) fn now() -> Timestamp {
    truncate_to_micros(chrono::Utc::now())
}
