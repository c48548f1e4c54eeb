//! How does a node see what other nodes wrote?
//!
//! A thread looks at the change log every few hundred milliseconds and reads again what it names. A node that writes
//! catches up anyway, so this matters to those that mostly read.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::RegistryError;
use crate::emergency::Reminder;
use crate::norms::Norms;
use crate::usage::Usage;
use crate::write::reload::catch_up;
use crate::write::state::Core;

/// The thread that follows the change log.
pub(crate) struct Follower {
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// How often the thread looks whether it must stop.
const STOP_CHECK: Duration = Duration::from_millis(20);

impl Follower {
    pub(crate) fn start(core: Arc<Core>, usage: Arc<Usage>, every: Duration) -> std::io::Result<Self> {
        let thread = std::thread::Builder::new().name("jiku-follower".to_owned()).spawn(move || {
            let (mut failing, mut norms, mut reminder) = (false, Norms::default(), Reminder::default());
            while sleep(&core, every) {
                let looked = follow(&core).and_then(|()| count(&core, &usage)).and_then(|()| norms.look(&core, &usage));
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
