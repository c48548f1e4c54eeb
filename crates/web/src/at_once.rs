//! How many requests are at work at a time?
//!
//! A request is at work until its answer is ready, and one whose answer is made while it leaves until it has left; how fast an answer is taken is
//! watched elsewhere (see [`crate::taken`]). What programs ask beyond a bound is refused before anything is looked up,
//! and so costs next to nothing; what people ask through the pages has a bound of its own, so that no flood of programs keeps a
//! steward out. Health and files of the pages are never counted.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::permission::Right;
use crate::routes::{Entry, Face};

/// Requests of programs at work for each processor: what these answer in some fifty milliseconds.
const OF_PROGRAMS: usize = 512;

/// Requests of pages at work for each processor.
const OF_PAGES: usize = 64;

/// How long the refusal of a caller waits that was refused a moment ago: who asks again at once would take the time of those who are answered.
const HELD_BACK: Duration = Duration::from_millis(500);

/// So many refusals of one address within that time leave at once.
const AT_FIRST: u32 = 4;

/// Addresses remembered at most that were refused.
const REMEMBERED: usize = 10_000;

/// The requests at work.
pub(crate) struct AtOnce {
    programs: Arc<Semaphore>,
    pages: Arc<Semaphore>,
    /// Who was refused, since when, and how often since.
    refused: Mutex<HashMap<IpAddr, (Instant, u32)>>,
}

/// A request at work; it counts until it is dropped.
pub(crate) struct Place {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Default for AtOnce {
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Self {
            programs: Arc::new(Semaphore::new(OF_PROGRAMS * processors)),
            pages: Arc::new(Semaphore::new(OF_PAGES * processors)),
            refused: Mutex::default(),
        }
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

    /// How long a refusal waits before it leaves: the first few of an address not at all. Whoever keeps asking is held back until they have not
    /// asked for a moment.
    pub(crate) fn held_back(&self, caller: Option<IpAddr>, now: Instant) -> Duration {
        let Some(caller) = caller else { return HELD_BACK };
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() >= REMEMBERED {
            refused.retain(|_, (last, _)| now.duration_since(*last) < HELD_BACK);
        }
        if refused.len() >= REMEMBERED && !refused.contains_key(&caller) {
            return HELD_BACK;
        }
        let (last, times) = refused.entry(caller).or_insert((now, 0));
        if now.duration_since(*last) >= 2 * HELD_BACK {
            *times = 0;
        }
        (*last, *times) = (now, times.saturating_add(1));
        if *times > AT_FIRST { HELD_BACK } else { Duration::ZERO }
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
    fn the_first_refusals_leave_at_once_and_whoever_keeps_asking_is_held_back() {
        let (at_once, begun) = (AtOnce::default(), Instant::now());
        let [one, other] = ["192.0.2.1", "192.0.2.2"].map(|address| address.parse().ok());
        let waits = |caller, ms| at_once.held_back(caller, begun + Duration::from_millis(ms));
        let first: Vec<Duration> = (0..6).map(|ms| waits(one, ms)).collect();
        assert_eq!(first, [[Duration::ZERO; 4].as_slice(), &[HELD_BACK; 2]].concat());
        assert_eq!(waits(other, 6), Duration::ZERO, "of another address");
        // A caller that asks again when its refusal arrives stays held back; one that gives us a second does not.
        assert_eq!((waits(one, 505), waits(one, 1_005)), (HELD_BACK, HELD_BACK));
        assert_eq!(waits(one, 2_005), Duration::ZERO);
        for number in 0..u32::try_from(REMEMBERED).expect("small") {
            waits(Some(IpAddr::from(number.to_be_bytes())), 3_000);
        }
        assert_eq!(waits("198.51.100.1".parse().ok(), 3_001), HELD_BACK, "nobody makes us remember without end");
        assert_eq!(waits("198.51.100.1".parse().ok(), 3_600), Duration::ZERO);
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
