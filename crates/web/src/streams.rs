//! How many streams does one caller hold open?
//!
//! Whoever writes wakes every stream of changes, and each reads what has come: a thousand of them would make every write slow. A stream of records on
//! its way in holds a thread for as long as its sender likes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Streams of changes at a time, of one principal on one node.
const MOST_OF_CHANGES: usize = 20;

/// Streams of records at a time: a quarter of the threads that wait for a database or a sender, so that three quarters do other work.
const MOST_OF_RECORDS: usize = 128;

/// The open streams, counted by principal.
#[derive(Clone)]
pub(crate) struct Streams {
    open: Arc<Mutex<HashMap<String, usize>>>,
    of_one: usize,
    of_all: usize,
}

/// One open stream; it counts until it is dropped.
pub(crate) struct Stream {
    streams: Streams,
    principal: String,
}

impl Streams {
    /// Those of changes.
    pub(crate) fn of_changes() -> Self {
        Self { open: Arc::default(), of_one: MOST_OF_CHANGES, of_all: usize::MAX }
    }

    /// Those of records that come in, of which one principal holds no more than a quarter.
    pub(crate) fn of_records() -> Self {
        Self { open: Arc::default(), of_one: MOST_OF_RECORDS / 4, of_all: MOST_OF_RECORDS }
    }

    /// Opens one more; none when the principal has as many as it may, or all together have.
    pub(crate) fn open(&self, principal: &str) -> Option<Stream> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.get(principal).is_some_and(|own| *own >= self.of_one) || open.values().sum::<usize>() >= self.of_all {
            return None;
        }
        *open.entry(principal.to_owned()).or_default() += 1;
        Some(Stream { streams: self.clone(), principal: principal.to_owned() })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let mut open = self.streams.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.principal) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.principal);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_as_many_as_they_may_waits_for_one_to_end() {
        let streams = Streams::of_changes();
        let mut held: Vec<Stream> = (0..MOST_OF_CHANGES).filter_map(|_| streams.open("clerk")).collect();
        assert!(held.len() == MOST_OF_CHANGES && streams.open("clerk").is_none() && streams.open("other").is_some());
        held.pop();
        assert!(streams.open("clerk").is_some());
        held.clear();
        assert!(streams.open.lock().expect("unbroken").is_empty(), "nobody is remembered who has none");
    }

    #[test]
    fn one_sender_holds_a_quarter_of_the_streams_of_records_and_all_no_more_than_there_are() {
        let streams = Streams::of_records();
        let opened = |sender: &str| std::iter::from_fn(|| streams.open(sender)).collect::<Vec<_>>();
        let all: Vec<Vec<Stream>> = ["a", "b", "c", "d", "e"].map(opened).into();
        assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [32, 32, 32, 32, 0]);
    }
}
