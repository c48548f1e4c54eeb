//! How many requests are at work at a time?
//!
//! Work that is begun is held in memory until its answer leaves. What programs ask beyond a bound is refused before anything is looked up,
//! and so costs next to nothing; what people ask through the pages has a bound of its own, so that no flood of programs keeps a
//! steward out. Health and files of the pages are never counted.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::permission::Right;
use crate::routes::{Entry, Face};

/// Requests of programs at work for each processor: what these answer in some fifty milliseconds.
const OF_PROGRAMS: usize = 512;

/// Requests of pages at work for each processor.
const OF_PAGES: usize = 64;

/// How long a refusal waits before it leaves: who asks again at once would take the time of those who are answered.
pub(crate) const REFUSED_AFTER: Duration = Duration::from_millis(500);

/// The requests at work.
pub(crate) struct AtOnce {
    programs: Arc<Semaphore>,
    pages: Arc<Semaphore>,
}

/// A request at work; it counts until it is dropped.
pub(crate) struct Place {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Default for AtOnce {
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Self { programs: Arc::new(Semaphore::new(OF_PROGRAMS * processors)), pages: Arc::new(Semaphore::new(OF_PAGES * processors)) }
    }
}

impl AtOnce {
    /// A place for a request; none when too many are at work.
    pub(crate) fn place(&self, entry: &Entry) -> Option<Place> {
        let places = match entry.face {
            _ if entry.right == Right::Open => return Some(Place { _permit: None }),
            Face::Page => &self.pages,
            Face::Json | Face::Features | Face::Lists | Face::Events | Face::Text | Face::File | Face::Map => &self.programs,
        };
        Some(Place { _permit: Some(Arc::clone(places).try_acquire_owned().ok()?) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::ROUTES;

    fn entry(path: &str) -> &'static Entry {
        ROUTES.iter().find(|entry| entry.method == "GET" && entry.path == path).expect("a route")
    }

    #[test]
    fn what_is_too_much_is_refused_and_keeps_neither_people_nor_health_out() {
        let at_once = AtOnce::default();
        let (api, page, health) = (entry("/api/v1/{kind}/{id}"), entry("/reviews"), entry("/healthz"));
        let mut held: Vec<Place> = std::iter::from_fn(|| at_once.place(api)).collect();
        assert_eq!(held.len() % OF_PROGRAMS, 0);
        assert!(at_once.place(page).is_some() && at_once.place(health).is_some());
        held.pop();
        assert!(at_once.place(api).is_some(), "one is done, the next may come");
        let pages: Vec<Place> = std::iter::from_fn(|| at_once.place(page)).collect();
        assert_eq!(pages.len() % OF_PAGES, 0);
        assert!(at_once.place(page).is_none() && at_once.place(health).is_some());
    }
}
