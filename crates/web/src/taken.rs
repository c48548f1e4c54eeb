//! Does a caller take its answer off our hands?
//!
//! An answer is handed to the connection piece by piece, the next one when there is room again. Who falls behind the slowest pace by more than
//! some seconds, all waiting for room added up, is not waited for: the answer breaks off and the connection is closed. Who takes nothing
//! at all is closed by the system (see [`crate::serve`]), because then nobody asks for the next piece.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;

use crate::body::SLOWEST;
use crate::held::Until;
use crate::serve::PATIENCE;

/// How much is handed over at once, in bytes: what the slowest that is waited for takes in two seconds. A caller's pace shows when one less is left of
/// what waits in the connection, so it is no more than what a system with little room makes room for at once.
const PIECE: usize = 2 * 1024;

/// A body that must be taken at a pace.
pub(crate) struct Taken {
    body: BoxBody,
    /// What came out of the body and was not handed over yet.
    rest: Bytes,
    /// The last piece: when it was handed over, and how long the slowest takes for it.
    last: Option<(Instant, Duration)>,
    /// How far the caller is behind the slowest pace.
    behind: Duration,
    patience: Duration,
    slowest: u64,
    /// What is held until the answer has left: its place among the requests at work, where making the answer is work.
    _until: Option<Until>,
}

impl Taken {
    /// This body at the usual pace. A body whose length is not known yet is made while it leaves, and keeps its place until it has.
    pub(crate) fn new(body: impl MessageBody + 'static, until: Option<Until>) -> Self {
        let is_made_meanwhile = body.size() == BodySize::Stream;
        Self { _until: until.filter(|_| is_made_meanwhile), ..Self::at_pace(body, PATIENCE, SLOWEST) }
    }

    /// This body, at so many bytes a second and this much patience for each piece.
    fn at_pace(body: impl MessageBody + 'static, patience: Duration, slowest: u64) -> Self {
        Self { body: body.boxed(), rest: Bytes::new(), last: None, behind: Duration::ZERO, patience, slowest, _until: None }
    }

    fn hand_over(&mut self, now: Instant) -> Bytes {
        let piece = self.rest.split_to(self.rest.len().min(PIECE));
        self.last = Some((now, Duration::from_secs_f64(piece.len() as f64 / self.slowest as f64)));
        piece
    }

    /// Whether the caller is too far behind, now that there is room again.
    fn is_too_slow(&mut self, now: Instant) -> bool {
        if let Some((at, allowed)) = self.last.take() {
            self.behind = (self.behind + now.duration_since(at)).saturating_sub(allowed);
        }
        self.behind > self.patience
    }
}

impl MessageBody for Taken {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let (this, now) = (self.get_mut(), Instant::now());
        if this.is_too_slow(now) {
            return Poll::Ready(Some(Err(io::Error::new(io::ErrorKind::TimedOut, "the caller takes its answer too slowly").into())));
        }
        if !this.rest.is_empty() {
            return Poll::Ready(Some(Ok(this.hand_over(now))));
        }
        match Pin::new(&mut this.body).poll_next(context) {
            Poll::Ready(Some(Ok(bytes))) => {
                this.rest = bytes;
                // Making it may have taken long: that is not the caller's time.
                Poll::Ready(Some(Ok(this.hand_over(Instant::now()))))
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::thread::sleep;

    use super::*;

    /// What a caller gets who lets this long pass before each piece: the bytes, and whether it was all.
    fn taken(text: &str, patience: Duration, pause: Duration) -> (String, bool) {
        actix_web::rt::System::new().block_on(async {
            let mut body = Taken::at_pace(text.to_owned(), patience, u64::MAX);
            assert_eq!(body.size(), BodySize::Sized(text.len() as u64), "its length is told all the same");
            let mut got = Vec::new();
            loop {
                match poll_fn(|context| Pin::new(&mut body).poll_next(context)).await {
                    None => return (String::from_utf8(got).expect("text"), true),
                    Some(Err(_)) => return (String::from_utf8(got).expect("text"), false),
                    Some(Ok(piece)) => {
                        assert!(piece.len() <= PIECE);
                        got.extend_from_slice(&piece);
                    }
                }
                sleep(pause);
            }
        })
    }

    #[test]
    fn an_answer_that_is_taken_arrives_whole_and_one_that_is_not_breaks_off() {
        let text = "基库".repeat(20_000);
        assert_eq!(taken(&text, Duration::from_secs(3600), Duration::ZERO), (text.clone(), true));
        assert_eq!(taken("", Duration::from_secs(3600), Duration::ZERO), (String::new(), true));
        // Behind by twenty milliseconds for each piece, though none takes long by itself.
        let (got, whole) = taken(&text.replace("基库", "jiku"), Duration::from_millis(100), Duration::from_millis(20));
        assert!(!whole && (PIECE..=5 * PIECE).contains(&got.len()), "{}", got.len());
        let (got, whole) = taken(&text.replace("基库", "jiku"), Duration::ZERO, Duration::from_millis(2));
        assert_eq!((got.len(), whole), (PIECE, false));
    }
}
