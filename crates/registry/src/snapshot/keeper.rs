//! When is a node's memory laid aside?

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::Images;
use crate::follower::sleep;
use crate::write::state::Core;

/// While serving, one change in so many records makes it due.
const SERVING_SHARE: i64 = 50;
/// At the end, one change in so many: what is not laid aside then is read again at the next start.
const CLOSING_SHARE: i64 = 1_000;

/// How often it is looked whether it is due.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// The least time between two while serving: under an endless import writes would else wait again and again.
const APART: Duration = Duration::from_secs(300);

/// The thread that lays the memory aside while the service runs, and whoever does it at the end.
pub(crate) struct Keeper {
    images: Option<Arc<Images>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Keeper {
    pub(crate) fn start(core: Arc<Core>, images: Option<Arc<Images>>) -> std::io::Result<Self> {
        let Some(images) = images else { return Ok(Self { images: None, thread: Mutex::new(None) }) };
        let kept = Arc::clone(&images);
        let thread = std::thread::Builder::new().name("jiku-keeper".to_owned()).spawn(move || {
            let mut last: Option<Instant> = None;
            while sleep(&core, LOOK_EVERY) {
                if last.is_none_or(|last| last.elapsed() >= APART) && images.is_due(&core, SERVING_SHARE) {
                    lay_aside(&images, &core);
                    last = Some(Instant::now());
                }
            }
        })?;
        Ok(Self { images: Some(kept), thread: Mutex::new(Some(thread)) })
    }

    /// The position of what lies there.
    pub(crate) fn laid_at(&self) -> Option<i64> {
        self.images.as_ref()?.laid_at()
    }

    /// Forgets what lies there: the memory is made anew.
    pub(crate) fn outdate(&self) {
        if let Some(images) = &self.images {
            images.outdate();
        }
    }

    /// Waits for the thread, which looks at [`Core::stopping`], and lays aside what changed since. Nothing is written any more.
    pub(crate) fn stop(&self, core: &Core) {
        if let Some(thread) = self.thread.lock().take() {
            // A panic there was logged by the runtime; there is nothing to undo.
            let _ = thread.join();
            if let Some(images) = self.images.as_ref().filter(|images| images.is_due(core, CLOSING_SHARE)) {
                lay_aside(images, core);
            }
        }
    }
}

fn lay_aside(images: &Images, core: &Core) {
    let started = Instant::now();
    match images.lay_aside(core) {
        Ok(()) => tracing::info!(took_ms = started.elapsed().as_millis(), "the indexes are laid aside for the next start"),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the indexes are not laid aside; the next start takes longer")
        }
    }
}
