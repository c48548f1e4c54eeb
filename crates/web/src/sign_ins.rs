//! How many passwords are checked at a time?
//!
//! Checking one is made to be slow and to take memory, so that a stolen hash is worth little; and anybody may ask for it. So a part of
//! the processors does it, few callers wait for their turn, and fewer from one address: a flood of sign-ins is refused at once, and
//! holds up nobody but other sign-ins.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many wait for their turn, or have it.
const MOST: usize = 32;

/// Of these, so many from one address: a proxy is one.
const MOST_OF_ONE: usize = 16;

/// The sign-ins that wait or are being checked.
#[derive(Clone)]
pub(crate) struct SignIns {
    turns: Arc<Semaphore>,
    waiting: Arc<Mutex<HashMap<Option<IpAddr>, usize>>>,
}

/// One sign-in; it counts until it is dropped.
pub(crate) struct Turn {
    _permit: OwnedSemaphorePermit,
    _place: Place,
}

struct Place {
    sign_ins: SignIns,
    from: Option<IpAddr>,
}

impl Default for SignIns {
    /// Half of the processors, and one at least.
    fn default() -> Self {
        let turns = thread::available_parallelism().map_or(1, |count| (count.get() / 2).max(1));
        Self { turns: Arc::new(Semaphore::new(turns)), waiting: Arc::default() }
    }
}

impl SignIns {
    /// Waits for a turn; none when too many wait already.
    pub(crate) async fn turn(&self, from: Option<IpAddr>) -> Option<Turn> {
        let place = self.place(from)?;
        let permit = Arc::clone(&self.turns).acquire_owned().await.ok()?;
        Some(Turn { _permit: permit, _place: place })
    }

    fn place(&self, from: Option<IpAddr>) -> Option<Place> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = waiting.values().sum();
        let own = waiting.get(&from).copied().unwrap_or_default();
        if all >= MOST || own >= MOST_OF_ONE {
            return None;
        }
        waiting.insert(from, own + 1);
        Some(Place { sign_ins: self.clone(), from })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut waiting = self.sign_ins.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = waiting.get_mut(&self.from) {
            *count -= 1;
            if *count == 0 {
                waiting.remove(&self.from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_refused_and_leaves_room_for_other_addresses() {
        let sign_ins = SignIns::default();
        let address = |last: u8| Some(IpAddr::from([10, 0, 0, last]));
        let mut held: Vec<Place> = (0..MOST).filter_map(|_| sign_ins.place(address(1))).collect();
        assert_eq!(held.len(), MOST_OF_ONE);
        held.extend((0..MOST).filter_map(|_| sign_ins.place(address(2))));
        assert_eq!(held.len(), MOST);
        assert!(sign_ins.place(address(3)).is_none(), "no more wait at all");
        held.pop();
        assert!(sign_ins.place(address(3)).is_some());
        held.clear();
        assert!(sign_ins.waiting.lock().expect("unbroken").is_empty(), "no address is remembered");
    }
}
