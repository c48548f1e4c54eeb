//! How many requests are at work at a time?
//!
//! A request is at work until its answer is ready, and one whose answer is made while it leaves until it has left; how fast an answer is taken is
//! watched elsewhere (see [`crate::taken`]), and while its body is on its way it is not at work (see [`crate::held`]). What programs ask beyond a bound
//! waits for a place, address by address in turn, and is refused after a moment, before anything is looked up; what people ask through the pages
//! has a bound of its own, so that no flood of programs keeps a steward out. Health and files of the pages are never counted. Questions that take long by
//! themselves have few places among the others, and wait for one: the processors are shared by fewer of them, so nobody else is behind them.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use actix_web::rt::time::timeout;
use tokio::sync::oneshot;

use crate::permission::Right;
use crate::routes::{Entry, Face};

/// Requests of programs at work for each processor: enough that none of them is idle while others wait for the disk. With twice as many an answer takes a
/// tenth more processor time, because what belongs to it has left the caches.
const OF_PROGRAMS: usize = 256;

/// Requests of pages at work for each processor.
const OF_PAGES: usize = 64;

/// Questions that take long, at work for each processor: one at it while another waits for the database.
const OF_DEAR: usize = 2;

/// Such questions that are at work or wait for it, for each processor: a part of those of programs, so that they never hold all the places.
const OF_DEAR_ASKED: usize = OF_PROGRAMS / 4;

/// How long such a question waits for a place.
const DEAR_PATIENCE: Duration = Duration::from_secs(5);

/// How long a request waits for a place: who is refused then can go to another node.
const PATIENCE: Duration = Duration::from_millis(50);

/// How long a request waits whose caller was refused a moment ago: who asks again at once would take the time of those who are answered.
const HELD_BACK: Duration = Duration::from_millis(500);

/// So many refusals of one address within that time leave early.
const AT_FIRST: u32 = 4;

/// Addresses remembered at most that were refused.
const REMEMBERED: usize = 10_000;

/// The requests at work.
pub(crate) struct AtOnce {
    programs: Places,
    pages: Places,
    dear: Places,
    dear_asked: Places,
    /// Who was refused, since when, and how often since.
    refused: Mutex<HashMap<IpAddr, (Instant, u32)>>,
}

/// A request at work; it counts until it is dropped.
pub(crate) struct Place {
    _permit: Option<Permit>,
}

impl Default for AtOnce {
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let [programs, pages, dear, dear_asked] =
            [OF_PROGRAMS, OF_PAGES, OF_DEAR, OF_DEAR_ASKED].map(|of_each| Places::new(of_each * processors));
        Self { programs, pages, dear, dear_asked, refused: Mutex::default() }
    }
}

impl AtOnce {
    /// A place for a request, at once or when one becomes free soon; none when too many are at work.
    pub(crate) async fn place(&self, entry: &Entry, caller: Option<IpAddr>) -> Option<Place> {
        let places = match entry.face {
            _ if entry.right == Right::Open => return Some(Place { _permit: None }),
            Face::Page => &self.pages,
            Face::Json | Face::Features | Face::Lists | Face::Events | Face::Text | Face::File | Face::Map => &self.programs,
        };
        let permit = match places.ask(caller) {
            Ok(permit) => Some(permit),
            Err(turn) => timeout(self.patience(caller, Instant::now()), turn).await.ok().and_then(Result::ok),
        };
        if permit.is_none() {
            self.note_refusal(caller, Instant::now());
        }
        Some(Place { _permit: Some(permit?) })
    }

    /// The places of a question that takes long, beside that of its request: among those who ask, and once it is its turn at work. None when too
    /// many ask.
    pub(crate) async fn dear(&self, caller: Option<IpAddr>) -> Option<[Place; 2]> {
        let asked = self.dear_asked.ask(caller).ok()?;
        let permit = match self.dear.ask(caller) {
            Ok(permit) => permit,
            Err(turn) => timeout(DEAR_PATIENCE, turn).await.ok()?.ok()?,
        };
        Some([asked, permit].map(|permit| Place { _permit: Some(permit) }))
    }

    /// How long a request may wait for a place: longer if its caller keeps asking though there is none.
    fn patience(&self, caller: Option<IpAddr>, now: Instant) -> Duration {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let known = caller.and_then(|caller| refused.get(&caller));
        let keeps_asking = known.is_some_and(|(last, times)| *times >= AT_FIRST && now.duration_since(*last) < 2 * HELD_BACK);
        if keeps_asking || caller.is_none() || (known.is_none() && refused.len() >= REMEMBERED) { HELD_BACK } else { PATIENCE }
    }

    fn note_refusal(&self, caller: Option<IpAddr>, now: Instant) {
        let Some(caller) = caller else { return };
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() >= REMEMBERED {
            refused.retain(|_, (last, _)| now.duration_since(*last) < 2 * HELD_BACK);
        }
        if refused.len() >= REMEMBERED && !refused.contains_key(&caller) {
            return;
        }
        let (last, times) = refused.entry(caller).or_insert((now, 0));
        if now.duration_since(*last) >= 2 * HELD_BACK {
            *times = 0;
        }
        (*last, *times) = (now, times.saturating_add(1));
    }
}

/// Some places, and who waits for one.
#[derive(Clone)]
struct Places(Arc<Mutex<Line>>);

struct Line {
    free: usize,
    /// Those who wait, of each address in the order they came. Who has gone meanwhile is passed over.
    waiting: HashMap<Option<IpAddr>, VecDeque<oneshot::Sender<Permit>>>,
    /// The addresses that `waiting` has, in the order of their turns: thousands who wait at one have one turn of the round.
    turns: VecDeque<Option<IpAddr>>,
}

/// A place that is taken; it is free again, or the next one's, when this is dropped.
struct Permit(Option<Places>);

impl Places {
    fn new(count: usize) -> Self {
        Self(Arc::new(Mutex::new(Line { free: count, waiting: HashMap::new(), turns: VecDeque::new() })))
    }

    /// A place, or the turn to wait for. Nobody waits while a place is free.
    fn ask(&self, caller: Option<IpAddr>) -> Result<Permit, oneshot::Receiver<Permit>> {
        let mut line = self.line();
        if line.free > 0 {
            line.free -= 1;
            return Ok(Permit(Some(self.clone())));
        }
        let (sender, turn) = oneshot::channel();
        if !line.waiting.contains_key(&caller) {
            line.turns.push_back(caller);
        }
        let own = line.waiting.entry(caller).or_default();
        while own.front().is_some_and(oneshot::Sender::is_closed) {
            own.pop_front();
        }
        own.push_back(sender);
        Err(turn)
    }

    /// Hands a place on to whose turn it is.
    fn hand_on(&self) {
        let mut line = self.line();
        while let Some(caller) = line.turns.pop_front() {
            let Some(own) = line.waiting.get_mut(&caller) else { continue };
            let next = std::iter::from_fn(|| own.pop_front()).find(|sender| !sender.is_closed());
            if own.is_empty() {
                line.waiting.remove(&caller);
            } else {
                line.turns.push_back(caller);
            }
            let Some(next) = next else { continue };
            match next.send(Permit(Some(self.clone()))) {
                Ok(()) => return,
                // Gone just now: this place is not given back, it is still the one to be handed on.
                Err(mut permit) => permit.0 = None,
            }
        }
        line.free += 1;
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(places) = self.0.take() {
            places.hand_on();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::{join, join_all, join3};

    use super::*;
    use crate::routes::ROUTES;

    fn entry(path: &str) -> &'static Entry {
        ROUTES.iter().find(|entry| entry.method == "GET" && entry.path == path).expect("a route")
    }

    /// What comes in the test comes without waiting, or never.
    async fn taken(at_once: &AtOnce, path: &str) -> Vec<Place> {
        let mut places = Vec::new();
        while let Some(place) = at_once.place(entry(path), "192.0.2.9".parse().ok()).await {
            places.push(place);
        }
        places
    }

    #[test]
    fn the_first_refusals_leave_early_and_whoever_keeps_asking_is_held_back() {
        let (at_once, begun) = (AtOnce::default(), Instant::now());
        let [one, other] = ["192.0.2.1", "192.0.2.2"].map(|address| address.parse().ok());
        let refused = |caller, ms| {
            let now = begun + Duration::from_millis(ms);
            let patience = at_once.patience(caller, now);
            at_once.note_refusal(caller, now);
            patience
        };
        let first: Vec<Duration> = (0..6).map(|ms| refused(one, ms)).collect();
        assert_eq!(first, [[PATIENCE; 4].as_slice(), &[HELD_BACK; 2]].concat());
        assert_eq!(refused(other, 6), PATIENCE, "of another address");
        // A caller that asks again when its refusal arrives stays held back; one that gives us a second does not.
        assert_eq!((refused(one, 505), refused(one, 1_005)), (HELD_BACK, HELD_BACK));
        assert_eq!(refused(one, 2_005), PATIENCE);
        for number in 0..u32::try_from(REMEMBERED).expect("small") {
            refused(Some(IpAddr::from(number.to_be_bytes())), 3_000);
        }
        assert_eq!(refused("198.51.100.1".parse().ok(), 3_001), HELD_BACK, "nobody makes us remember without end");
        refused("198.51.100.1".parse().ok(), 4_600);
        assert_eq!(refused("198.51.100.1".parse().ok(), 4_601), PATIENCE);
    }

    #[actix_web::test]
    async fn what_is_too_much_is_refused_and_keeps_neither_people_nor_health_out() {
        let at_once = AtOnce::default();
        let (api, page, health) = ("/api/v1/{kind}/{id}", "/reviews", "/healthz");
        let mut held = taken(&at_once, api).await;
        assert_eq!(held.len() % OF_PROGRAMS, 0);
        let pages = taken(&at_once, page).await;
        assert_eq!(pages.len() % OF_PAGES, 0);
        assert!(at_once.place(entry(health), None).await.is_some());
        held.pop();
        assert!(at_once.place(entry(api), None).await.is_some(), "one is done, the next may come");
    }

    #[actix_web::test]
    async fn what_takes_long_is_done_by_few_at_a_time_and_leaves_places_to_others() {
        let at_once = AtOnce::default();
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let mut held = Vec::new();
        for _ in 0..OF_DEAR * processors {
            held.push(at_once.dear(None).await.expect("there is one"));
        }
        let next = at_once.dear(None);
        let (next, ()) = join(next, async { drop(held.pop()) }).await;
        held.push(next.expect("one is done, the next may come"));
        let waiting = (held.len()..OF_DEAR_ASKED * processors).map(|_| timeout(PATIENCE, at_once.dear(None)));
        let asked = join_all(waiting.map(|waits| join(waits, async { at_once.place(entry("/api/v1/{kind}/{id}"), None).await.is_some() })));
        let (asked, one_more) = join(asked, at_once.dear(None)).await;
        assert!(asked.iter().all(|(waited, other)| waited.is_err() && *other), "they wait, and who asks otherwise does not");
        assert!(one_more.is_none(), "and no more may wait");
        drop(held);
        assert!(at_once.dear(None).await.is_some());
    }

    #[actix_web::test]
    async fn who_waits_is_served_when_a_place_becomes_free_the_first_to_come_first() {
        let at_once = AtOnce::default();
        let mut held = taken(&at_once, "/api/v1/{kind}/{id}").await;
        let waiting = |number: u8| {
            let at_once = &at_once;
            async move { at_once.place(entry("/api/v1/{kind}/{id}"), Some(IpAddr::from([192, 0, 2, number]))).await }
        };
        // Both are in the queue before one of those at work is done.
        let (first, second, ()) = join3(waiting(1), waiting(2), async { drop(held.pop()) }).await;
        assert_eq!((first.is_some(), second.is_some()), (true, false));
    }

    #[test]
    fn a_crowd_at_one_address_has_one_turn_of_a_round() {
        let [crowd, other, gone] = [1, 2, 3].map(|number| Some(IpAddr::from([192, 0, 2, number])));
        let places = Places::new(2);
        let mut held: Vec<Permit> = (0..2).filter_map(|_| places.ask(crowd).ok()).collect();
        let mut waiting: Vec<_> = [crowd, crowd, crowd, gone, other, crowd, other]
            .map(|caller| (caller, places.ask(caller).err().expect("no place is free")))
            .into();
        waiting.retain(|(caller, _)| *caller != gone);
        let mut served = Vec::new();
        while let Some(done) = held.pop() {
            drop(done);
            for at in (0..waiting.len()).rev() {
                if let Ok(permit) = waiting[at].1.try_recv() {
                    served.push(waiting.remove(at).0);
                    held.push(permit);
                }
            }
        }
        assert_eq!(served, [crowd, other, crowd, other, crowd, crowd]);
        assert_eq!(places.line().free, 2, "every place is free again");
        assert!(places.line().waiting.is_empty() && places.line().turns.is_empty(), "nobody is remembered who waits no more");
    }

    #[test]
    fn a_place_that_was_handed_to_somebody_who_has_just_gone_is_the_next_ones() {
        let places = Places::new(1);
        let held = places.ask(None).ok();
        let [first, second] = [1, 2].map(|number| places.ask(Some(IpAddr::from([192, 0, 2, number]))).err().expect("no place is free"));
        drop(held);
        // It was the first one's by then, who does not look any more.
        drop(first);
        let mut second = second;
        assert!(second.try_recv().is_ok());
        assert_eq!(places.line().free, 1);
    }
}
