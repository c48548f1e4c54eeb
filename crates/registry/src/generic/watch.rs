//! When are decisions taken again for records that came one by one?
//!
//! An import looks for generic values at its end. Records that come by themselves have no end: one that brings one name too many to a number has a
//! thread look, which then rests for many times as long as that took, so that a source that sends such numbers all day takes little of the machine.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiku_model::Kind;
use parking_lot::Mutex;

use super::redo;
use crate::Actor;
use crate::follower::sleep;
use crate::write::state::Core;

/// How often it is looked whether there is something to do.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// When a node that goes on running looks once without having been asked; a command has ended by then.
const LOOK_AT_ALL_AFTER: Duration = Duration::from_secs(60);
/// How long the thread rests when a look failed.
const REST_AFTER_FAILURE: Duration = Duration::from_secs(10);
/// How many times as long as a look took the thread rests after it.
const REST: u32 = 20;

/// The thread that takes decisions again.
pub(crate) struct Watch {
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Watch {
    pub(crate) fn start(core: Arc<Core>, is_wanted: bool) -> std::io::Result<Self> {
        if !is_wanted || !core.follows {
            return Ok(Self { thread: Mutex::new(None) });
        }
        let thread = std::thread::Builder::new().name("jiku-watch".to_owned()).spawn(move || {
            let (started, mut looked_at_all) = (Instant::now(), false);
            let mut wait = LOOK_EVERY;
            while sleep(&core, wait) {
                // Whoever served before may have ended between a record and the look at it.
                if !looked_at_all && started.elapsed() > LOOK_AT_ALL_AFTER {
                    looked_at_all = true;
                    Kind::ALL.into_iter().for_each(|kind| core.shelf(kind).suspect());
                }
                let (began, mut least) = (Instant::now(), LOOK_EVERY);
                for kind in Kind::ALL.into_iter().filter(|kind| core.shelf(*kind).take_suspicion()) {
                    // Where it fails, as when another node was sooner or the database is away, it is looked again.
                    if let Err(error) = redo(&core, &Actor::operator("jiku"), kind) {
                        core.shelf(kind).suspect();
                        least = REST_AFTER_FAILURE;
                        let kind = kind.as_str();
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            kind,
                            "decisions that lean on generic values could not be taken again"
                        );
                    }
                }
                wait = least.max(began.elapsed() * REST);
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
