//! How many streams of changes does one caller hold open?
//!
//! Whoever writes wakes every stream, and each reads what has come: a thousand of them would make every write slow.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// So many at a time, of one principal on one node.
const MOST: usize = 20;

/// The open streams, counted by principal.
#[derive(Clone, Default)]
pub(crate) struct Streams(Arc<Mutex<HashMap<String, usize>>>);

/// One open stream; it counts until it is dropped.
pub(crate) struct Stream {
    streams: Streams,
    principal: String,
}

impl Streams {
    /// Opens one more; none when the principal has as many as it may.
    pub(crate) fn open(&self, principal: &str) -> Option<Stream> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(principal.to_owned()).or_default();
        if *count == MOST {
            return None;
        }
        *count += 1;
        Some(Stream { streams: self.clone(), principal: principal.to_owned() })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let mut open = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
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
        let streams = Streams::default();
        let mut held: Vec<Stream> = (0..MOST).filter_map(|_| streams.open("clerk")).collect();
        assert!(held.len() == MOST && streams.open("clerk").is_none() && streams.open("other").is_some());
        held.pop();
        assert!(streams.open("clerk").is_some());
        held.clear();
        assert!(streams.0.lock().expect("unbroken").is_empty(), "nobody is remembered who has none");
    }
}
