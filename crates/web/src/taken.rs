//! Does a caller take its answer off our hands?
//!
//! An answer is handed to the connection piece by piece, the next one when there is room again. Who leaves no room for longer than a piece
//! may take is not waited for: the answer breaks off and the connection is closed. Who takes nothing at all is closed by the
//! system (see [`crate::serve`]), because then nobody asks for the next piece.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;

use crate::body::SLOWEST;
use crate::serve::PATIENCE;

/// How much is handed over at once, in bytes.
const PIECE: usize = 16 * 1024;

/// A body that must be taken at a pace.
pub(crate) struct Taken {
    body: BoxBody,
    /// What came out of the body and was not handed over yet.
    rest: Bytes,
    /// The last piece: when it was handed over, and how long there may be no room after it.
    last: Option<(Instant, Duration)>,
    patience: Duration,
    slowest: u64,
}

impl Taken {
    /// This body at the usual pace.
    pub(crate) fn new(body: impl MessageBody + 'static) -> Self {
        Self::at_pace(body, PATIENCE, SLOWEST)
    }

    /// This body, at so many bytes a second and this much patience for each piece.
    fn at_pace(body: impl MessageBody + 'static, patience: Duration, slowest: u64) -> Self {
        Self { body: body.boxed(), rest: Bytes::new(), last: None, patience, slowest }
    }

    fn hand_over(&mut self) -> Bytes {
        let piece = self.rest.split_to(self.rest.len().min(PIECE));
        self.last = Some((Instant::now(), self.patience + Duration::from_secs(piece.len() as u64 / self.slowest)));
        piece
    }
}

impl MessageBody for Taken {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        if this.last.take().is_some_and(|(at, allowed)| at.elapsed() > allowed) {
            return Poll::Ready(Some(Err(io::Error::new(io::ErrorKind::TimedOut, "the caller takes its answer too slowly").into())));
        }
        if !this.rest.is_empty() {
            return Poll::Ready(Some(Ok(this.hand_over())));
        }
        match Pin::new(&mut this.body).poll_next(context) {
            Poll::Ready(Some(Ok(bytes))) => {
                this.rest = bytes;
                Poll::Ready(Some(Ok(this.hand_over())))
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
        let (got, whole) = taken(&text.replace("基库", "jiku"), Duration::ZERO, Duration::from_millis(2));
        assert_eq!((got.len(), whole), (PIECE, false));
    }
}
