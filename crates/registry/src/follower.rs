//! How does a node see what other nodes wrote?
//!
//! A thread looks at the change log every few hundred milliseconds and reads again what it names. A node that writes
//! catches up anyway, so this matters to those that mostly read.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use parking_lot::Mutex;

use crate::emergency::Reminder;
use crate::norms::Norms;
use crate::usage::Usage;
use crate::write::reload::catch_up;
use crate::write::state::Core;
use crate::{OpenError, RegistryError};

/// The thread that follows the change log.
pub(crate) struct Follower {
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// How often the thread looks whether it must stop.
const STOP_CHECK: Duration = Duration::from_millis(20);

impl Follower {
    pub(crate) fn start(core: Arc<Core>, usage: Arc<Usage>, every: Duration) -> std::io::Result<Self> {
        let thread = std::thread::Builder::new().name("jiku-follower".to_owned()).spawn(move || {
            let (mut failing, mut norms, mut reminder, mut clock) = (false, Norms::default(), Reminder::default(), Clock::default());
            while sleep(&core, every) {
                let looked = follow(&core).and_then(|()| count(&core, &usage)).and_then(|()| norms.look(&core, &usage));
                let looked = looked.and_then(|()| clock.look(&core));
                match looked.and_then(|()| reminder.look(&core)) {
                    Ok(()) => failing = false,
                    Err(error) => {
                        if !failing {
                            tracing::warn!(error = &error as &dyn std::error::Error, "the change log cannot be followed; trying on");
                        }
                        failing = true;
                    }
                }
            }
        })?;
        Ok(Self { thread: Mutex::new(Some(thread)) })
    }

    /// Waits for the thread, which looks at [`Core::stopping`].
    pub(crate) fn stop(&self) {
        if let Some(thread) = self.thread.lock().take() {
            // A panic there was logged by the runtime; there is nothing to undo.
            let _ = thread.join();
        }
    }
}

/// How often this machine's clock is held against the database's.
const CLOCK_LOOKED_AT_EVERY: Duration = Duration::from_secs(60);

/// Clocks of machines that are kept right differ by less: moments of records and sessions are told by them.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(2);

/// A node whose clock differs by more does not start: every moment it writes would hold the others' clocks up for as long.
const CLOCKS_CONTRADICT: TimeDelta = TimeDelta::seconds(60);

/// Whether this machine's clock goes with the database's.
#[derive(Default)]
struct Clock {
    looked: Option<Instant>,
    told: bool,
}

impl Clock {
    /// Warns once when the clocks begin to differ.
    fn look(&mut self, core: &Core) -> Result<(), RegistryError> {
        if self.looked.is_some_and(|looked| looked.elapsed() < CLOCK_LOOKED_AT_EVERY) {
            return Ok(());
        }
        let lead = core.store.clock_lead()?;
        self.looked = Some(Instant::now());
        let differ = lead.abs() > CLOCKS_DIFFER;
        if differ && !self.told {
            tracing::warn!(ahead_ms = lead.num_milliseconds(), "this machine's clock differs from the database server's: set both right");
        }
        self.told = differ;
        Ok(())
    }
}

/// Refuses to begin where the clock would make moments that nobody else has reached, or that are long gone.
pub(crate) fn require_clock(core: &Core) -> Result<(), OpenError> {
    let lead = core.store.clock_lead().map_err(RegistryError::from)?;
    if lead.abs() <= CLOCKS_CONTRADICT {
        return Ok(());
    }
    let way = if lead > TimeDelta::zero() { "ahead of" } else { "behind" };
    Err(OpenError::Clock { seconds: lead.num_seconds().abs(), way })
}

/// Sleeps; false when the service stops.
pub(crate) fn sleep(core: &Core, time: Duration) -> bool {
    let until = Instant::now() + time;
    while Instant::now() < until {
        if core.stopping.load(Ordering::Relaxed) {
            return false;
        }
        std::thread::sleep(STOP_CHECK.min(time));
    }
    !core.stopping.load(Ordering::Relaxed)
}

/// Takes over what other nodes counted today.
pub(crate) fn count(core: &Core, usage: &Usage) -> Result<(), RegistryError> {
    let _one_at_a_time = usage.counting.lock();
    let day = usage.day();
    let (rows, seen) = core.store.peek(|reader| {
        let rows = reader.usage(day)?;
        let mut seen = Vec::new();
        for (node, after) in usage.behind(day, &rows) {
            seen.extend(reader.seen(day, &node, after)?);
        }
        Ok::<_, RegistryError>((rows, seen))
    })?;
    usage.take_over(day, rows, seen);
    Ok(())
}

/// Applies what others wrote.
pub(crate) fn follow(core: &Core) -> Result<(), RegistryError> {
    let known = core.position();
    let last = core.store.peek(|reader| Ok::<_, RegistryError>(reader.last_position()?))?;
    if last <= known {
        return Ok(());
    }
    let mut state = core.state.lock();
    core.store.read(|reader| catch_up(core, &mut state, reader))
}
