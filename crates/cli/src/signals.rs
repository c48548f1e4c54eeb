//! Has someone asked the program to stop?

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};

/// Raised by the first Ctrl-C or SIGTERM; long work looks at it between batches and ends in good order. A second
/// Ctrl-C ends the process at once: every acknowledged batch is durable, so nothing is lost by that either.
#[derive(Clone, Debug, Default)]
pub(crate) struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    /// Starts to listen. Without it (a sandbox that refuses handlers) Ctrl-C keeps its ordinary meaning.
    pub(crate) fn listen() -> Self {
        let flag = Self::default();
        for signal in [SIGINT, SIGTERM] {
            let registered = signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&flag.0))
                .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&flag.0)));
            if let Err(error) = registered {
                tracing::warn!(%error, signal, "cannot listen for the signal");
            }
        }
        flag
    }

    /// Whether to stop at the next good moment.
    pub(crate) fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
