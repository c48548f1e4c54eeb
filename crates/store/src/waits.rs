//! How long does the database keep a transaction waiting?
//!
//! With PostgreSQL's synchronous replication a COMMIT whose standby is lost waits until somebody removes the standby: no timeout
//! of the database ends it. Whoever waits for a write looks here, and can tell their caller in time that it is not confirmed.
//!
//! An administrator can cancel that wait: then PostgreSQL says that the transaction is committed, and by a warning, which diesel drops,
//! that the standby may not have it. So a commit that was not prompt is believed once a later one was: a standby is sent the log in order.

use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// A commit that takes longer waits for something that may never come.
pub(crate) const LONGEST_COMMIT: Duration = Duration::from_millis(3_500);

/// Nobody sees a commit wait and cancels it in this time: one that took no longer was confirmed.
pub(crate) const PROMPT_COMMIT: Duration = Duration::from_millis(250);

/// Nobody cancels the next one too in this time. Longer than above: a standby that is slow shall not be waited for in vain.
pub(crate) const PROMPT_PROOF: Duration = Duration::from_secs(1);

/// After this time whoever waits for the commit has been told that it is not confirmed.
pub(crate) const ALL_TOLD: Duration = Duration::from_secs(5);

/// Nobody holds the turn to write for so long but somebody who cannot commit.
const LONGEST_TURN: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug)]
enum Wait {
    Turn,
    Commit,
}

/// What transactions wait for, each on a thread of its own, and since when: one that comes later hides none that waits already.
#[derive(Debug, Default)]
pub(crate) struct Waits(Mutex<Vec<(ThreadId, Instant, Wait)>>);

impl Waits {
    fn set(&self, wait: Option<Wait>) {
        let own = thread::current().id();
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waits.retain(|(thread, ..)| *thread != own);
        waits.extend(wait.map(|wait| (own, Instant::now(), wait)));
    }

    fn any(&self, is_long: impl Fn(Duration, Wait) -> bool) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|(_, since, wait)| is_long(since.elapsed(), *wait))
    }

    /// It waits for its turn to write.
    pub(crate) fn for_its_turn(&self) {
        self.set(Some(Wait::Turn));
    }

    /// It waits for its commit.
    pub(crate) fn for_its_commit(&self) {
        self.set(Some(Wait::Commit));
    }

    /// It waits for nothing.
    pub(crate) fn for_nothing(&self) {
        self.set(None);
    }

    /// Whether it waits longer than it should.
    pub(crate) fn are_long(&self) -> bool {
        self.any(|waited, wait| match wait {
            Wait::Turn => waited > LONGEST_TURN,
            Wait::Commit => waited > LONGEST_COMMIT,
        })
    }

    /// Whether it has waited for its turn as long as a commit may take: whoever has the turn may not be able to commit.
    pub(crate) fn are_for_a_late_turn(&self) -> bool {
        self.any(|waited, wait| matches!(wait, Wait::Turn) && waited > LONGEST_COMMIT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_that_comes_later_hides_none_that_waits() {
        let waits = Waits::default();
        waits.for_its_commit();
        let long_ago = Instant::now().checked_sub(LONGEST_COMMIT * 2).expect("the machine is older");
        waits.0.lock().expect("unbroken")[0].1 = long_ago;
        thread::scope(|scope| {
            scope.spawn(|| {
                waits.for_its_turn();
                assert!(waits.are_long() && !waits.are_for_a_late_turn());
                waits.for_its_commit();
                assert!(waits.are_long());
                waits.for_nothing();
            });
        });
        assert!(waits.are_long());
        waits.for_nothing();
        assert!(!waits.are_long() && waits.0.lock().expect("unbroken").is_empty());
    }
}
