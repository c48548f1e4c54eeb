//! When are the records of an import read?
//!
//! Reading a batch is a fifth of the work on it and is done while the batch before is written. Matching and examining records keep all
//! processors busy, putting them into the database one: reading waits for that, so that the others have something to do then.

use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// So long reading waits at most, whatever the writer does.
const PATIENCE: Duration = Duration::from_millis(100);

/// Whether the writer needs all processors.
#[derive(Default)]
pub(crate) struct Pace {
    held: Mutex<bool>,
    freed: Condvar,
}

/// The writer needs all processors until this is dropped.
pub(crate) struct Held<'a>(&'a Pace);

impl Pace {
    /// Has readers wait. There is one writer.
    pub(crate) fn hold(&self) -> Held<'_> {
        *self.held.lock() = true;
        Held(self)
    }

    /// Waits until a processor is free; false when that took too long.
    pub(crate) fn wait(&self) -> bool {
        let deadline = Instant::now() + PATIENCE;
        let mut held = self.held.lock();
        while *held {
            if self.freed.wait_until(&mut held, deadline).timed_out() {
                return false;
            }
        }
        true
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        *self.0.held.lock() = false;
        self.0.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_waits_for_the_writer_and_not_for_ever() {
        let pace = Pace::default();
        assert!(pace.wait());
        let held = pace.hold();
        assert!(!pace.wait());
        drop(held);
        assert!(pace.wait());
    }
}
