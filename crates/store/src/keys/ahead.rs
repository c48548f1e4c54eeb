//! How are the long values of many rows sealed before their statements ask for them?
//!
//! A value is sealed where it enters a query: one after the other, on the thread that holds the transaction. Those of a batch are
//! sealed beforehand on all processors and wait, in the order in which the statements will ask, each under the place where its
//! text lies in memory. The texts stay borrowed for as long as anything waits, so a place stands for one text.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::marker::PhantomData;

use rayon::prelude::*;

use super::ring::{SealError, at_hand, nonces};

/// Fewer are sealed sooner than other threads wake.
const ENOUGH: usize = 64;
/// How many one thread takes at a time.
const PIECE: usize = 16;

struct Waiting {
    place: Place,
    sealed: String,
}

/// Where a text lies: address and length.
type Place = (usize, usize);

fn place(text: &str) -> Place {
    (text.as_ptr().addr(), text.len())
}

thread_local! {
    static WAITING: RefCell<VecDeque<Waiting>> = const { RefCell::new(VecDeque::new()) };
}

/// Values of these texts are at hand for this thread until this is dropped.
pub(crate) struct Ahead<'a>(PhantomData<&'a str>);

impl<'a> Ahead<'a> {
    /// Seals texts, named in the order in which they will be asked for. What is asked for out of order is sealed then.
    pub(crate) fn seal(texts: impl Iterator<Item = &'a str>) -> Result<Self, SealError> {
        let texts: Vec<&str> = texts.collect();
        if texts.len() >= ENOUGH {
            let keys = at_hand()?;
            let seal = |(text, nonce): (&str, [u8; 12])| Ok(Waiting { place: place(text), sealed: keys.seal_under(text, nonce)? });
            let nonces = nonces(texts.len())?;
            let sealing = texts.into_par_iter().zip(nonces).with_min_len(PIECE).map(seal);
            let sealed: Vec<Waiting> = sealing.collect::<Result<_, SealError>>()?;
            WAITING.set(sealed.into());
        }
        Ok(Self(PhantomData))
    }
}

impl Drop for Ahead<'_> {
    fn drop(&mut self) {
        WAITING.with_borrow_mut(VecDeque::clear);
    }
}

/// The value of this very text, when it is the next that waits.
pub(super) fn take(text: &str) -> Option<String> {
    WAITING.with_borrow_mut(|waiting| {
        let next = waiting.front()?.place == place(text);
        if next { waiting.pop_front().map(|next| next.sealed) } else { None }
    })
}
