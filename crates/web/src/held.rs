//! Does a request hold its place while nothing can be done for it?
//!
//! A place is for work. While a body is on its way the request stands aside, however slowly it comes; what has come of it is kept, up to a
//! bound for all and one for each caller. When it is whole the request takes a place again. A stream of records is worked on as it comes and
//! holds a thread: it leaves its place too, and counts among the streams, of which one caller holds no more than a part.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::{HttpMessage, HttpRequest, web};

use crate::at_once::Place;
use crate::gate::Caller;
use crate::problem::{self, Problem};
use crate::routes::Entry;
use crate::state::State;
use crate::streams::Stream;

/// What may have come of bodies that are not whole, in bytes, of all callers.
const MOST_KEPT: usize = 128 * 1024 * 1024;

/// Of that, so much of one caller: who has signed in, or an address.
const MOST_KEPT_OF_ONE: usize = MOST_KEPT / 4;

/// The place of a request, for as long as it is at work.
pub(crate) struct Held {
    state: web::Data<State>,
    entry: &'static Entry,
    from: Option<IpAddr>,
    now: RefCell<Holding>,
}

/// What a request holds just now.
enum Holding {
    /// It waits for its body, of which so much is kept.
    Nothing(Option<Kept>),
    Place(Place),
    Stream(Stream),
}

/// What is held until an answer has left.
pub(crate) struct Until {
    _place: Option<Place>,
    _stream: Option<Stream>,
}

impl Held {
    /// A request at work, when there is a place for it.
    pub(crate) async fn take(state: &web::Data<State>, entry: &'static Entry, from: Option<IpAddr>) -> Result<Rc<Self>, Problem> {
        let held = Self { state: state.clone(), entry, from, now: RefCell::new(Holding::Nothing(None)) };
        held.come_back().await?;
        Ok(Rc::new(held))
    }

    /// That of this request, behind the gate.
    pub(crate) fn of(request: &HttpRequest) -> Option<Rc<Self>> {
        request.extensions().get::<Rc<Self>>().cloned()
    }

    /// Its body is waited for.
    pub(crate) fn stand_aside(&self) {
        let mut now = self.now.borrow_mut();
        if matches!(*now, Holding::Place(_)) {
            *now = Holding::Nothing(None);
        }
    }

    /// So much of its body has come.
    pub(crate) fn keep(&self, request: &HttpRequest, bytes: usize) -> Result<(), Problem> {
        let mut now = self.now.borrow_mut();
        let Holding::Nothing(kept) = &mut *now else { return Ok(()) };
        let kept = kept.get_or_insert_with(|| self.state.coming.none_of(self.who(request)));
        kept.grow_to(bytes).map_err(|full| match full {
            Full::Own => Problem::new(problem::TOO_MANY_REQUESTS)
                .detail("too much that you send at the same time is on its way; send some of it to its end first"),
            Full::All => overloaded(),
        })
    }

    /// Its body is whole: there is work again.
    pub(crate) async fn come_back(&self) -> Result<(), Problem> {
        if matches!(*self.now.borrow(), Holding::Nothing(_)) {
            let place = self.state.at_once.place(self.entry, self.from).await.ok_or_else(overloaded)?;
            *self.now.borrow_mut() = Holding::Place(place);
        }
        Ok(())
    }

    /// It is a stream from here on.
    pub(crate) fn become_stream(&self, request: &HttpRequest) -> Result<(), Problem> {
        let who = match self.who(request) {
            Who::Principal(name) => name,
            Who::Address(address) => format!("{address:?}"),
        };
        let full = || {
            let detail = "too many streams of records come in at the same time; send this one when another has ended";
            Problem::new(problem::TOO_MANY_REQUESTS).detail(detail)
        };
        *self.now.borrow_mut() = Holding::Stream(self.state.uploads.open(&who).ok_or_else(full)?);
        Ok(())
    }

    /// What it holds to the end; nothing of it is kept here.
    pub(crate) fn leave(&self) -> Option<Until> {
        match self.now.replace(Holding::Nothing(None)) {
            Holding::Nothing(_) => None,
            Holding::Place(place) => Some(Until { _place: Some(place), _stream: None }),
            Holding::Stream(stream) => Some(Until { _place: None, _stream: Some(stream) }),
        }
    }

    fn who(&self, request: &HttpRequest) -> Who {
        let caller = request.extensions().get::<Caller>().map(|caller| Arc::clone(&caller.actor));
        caller.map_or(Who::Address(self.from), |actor| Who::Principal(actor.principal.clone()))
    }
}

pub(crate) fn overloaded() -> Problem {
    Problem::new(problem::OVERLOADED).detail("ask again in a second or two, and ask for less at a time")
}

/// Who sends a body.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Who {
    Principal(String),
    Address(Option<IpAddr>),
}

/// What has come of bodies that are not whole.
#[derive(Clone, Default)]
pub(crate) struct Coming(Arc<Mutex<HashMap<Who, usize>>>);

/// What has come of one of them; it counts until it is dropped.
struct Kept {
    coming: Coming,
    who: Who,
    bytes: usize,
}

/// Why no more is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Full {
    Own,
    All,
}

impl Coming {
    fn none_of(&self, who: Who) -> Kept {
        Kept { coming: self.clone(), who, bytes: 0 }
    }
}

impl Kept {
    fn grow_to(&mut self, bytes: usize) -> Result<(), Full> {
        let mut all = self.coming.0.lock().unwrap_or_else(PoisonError::into_inner);
        let more = bytes.saturating_sub(self.bytes);
        let own = all.get(&self.who).copied().unwrap_or_default();
        if own + more > MOST_KEPT_OF_ONE {
            return Err(Full::Own);
        }
        if all.values().sum::<usize>() + more > MOST_KEPT {
            return Err(Full::All);
        }
        *all.entry(self.who.clone()).or_default() += more;
        self.bytes += more;
        Ok(())
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let mut all = self.coming.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = all.get_mut(&self.who) {
            *own -= self.bytes;
            if *own == 0 {
                all.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_makes_us_keep_more_than_a_part_and_all_no_more_than_there_is() {
        let coming = Coming::default();
        let mib = 1024 * 1024;
        let fill = |number: u8| {
            let who = Who::Address(Some(IpAddr::from([192, 0, 2, number])));
            let mut kept: Vec<Kept> = Vec::new();
            loop {
                let mut one = coming.none_of(who.clone());
                match one.grow_to(mib) {
                    Ok(()) => kept.push(one),
                    Err(full) => return (kept, full),
                }
            }
        };
        let mut held: Vec<Vec<Kept>> = Vec::new();
        for number in 0..4 {
            let (kept, full) = fill(number);
            assert_eq!((kept.len() * mib, full), (MOST_KEPT_OF_ONE, Full::Own));
            held.push(kept);
        }
        assert!(matches!(fill(9), (kept, Full::All) if kept.is_empty()));
        held.pop();
        let mut slow = coming.none_of(Who::Principal("clerk".to_owned()));
        assert!((1..=4).all(|part| slow.grow_to(part * 1000) == Ok(())), "what has come counts once");
        drop((held, slow));
        assert!(coming.0.lock().expect("unbroken").is_empty(), "nobody is remembered of whom nothing is kept");
    }
}
