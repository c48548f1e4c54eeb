//! How long does the database keep a transaction waiting?
//!
//! With PostgreSQL's synchronous replication a COMMIT whose standby is lost waits until somebody removes the standby: no timeout
//! of the database ends it. Whoever waits for a write looks here, and can tell their caller in time that it is not confirmed.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A commit that takes longer waits for something that may never come.
const LONGEST_COMMIT: Duration = Duration::from_secs(4);

/// Nobody holds the turn to write for so long but somebody who cannot commit.
const LONGEST_TURN: Duration = Duration::from_secs(30);

/// What a transaction waits for, and since when.
#[derive(Debug, Default)]
pub(crate) struct Waits(Mutex<Option<(Instant, Duration)>>);

impl Waits {
    fn set(&self, waits: Option<(Instant, Duration)>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = waits;
    }

    /// It waits for its turn to write.
    pub(crate) fn for_its_turn(&self) {
        self.set(Some((Instant::now(), LONGEST_TURN)));
    }

    /// It waits for its commit.
    pub(crate) fn for_its_commit(&self) {
        self.set(Some((Instant::now(), LONGEST_COMMIT)));
    }

    /// It waits for nothing.
    pub(crate) fn for_nothing(&self) {
        self.set(None);
    }

    /// Whether it waits longer than it should.
    pub(crate) fn are_long(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|(since, most)| since.elapsed() > most)
    }
}
