//! How is a request body taken in?
//!
//! JSON bodies are read whole, at most one mebibyte, or four where they may hold a boundary; streams of records are handed to a reader thread through a short
//! queue, so that memory stays flat. Both may be compressed with gzip; they are unpacked in small pieces, so that a few bytes that stand for very many cost
//! no more than what is asked for.

use std::future::Future;
use std::io::{self, Read, Write};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};
use actix_web::rt::time::{sleep, timeout};
use actix_web::web::{Buf, Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest, web};
use flate2::write::MultiGzDecoder;
use futures_util::{FutureExt, StreamExt};
use serde_json::{Map, Value};

use crate::fields::Fields;
use crate::held::Held;
use crate::problem::{self, Problem};
use crate::serve::PATIENCE;
use crate::state::State;

/// The largest JSON body, in bytes, also after decompression.
pub(crate) const MAX_JSON: usize = 1024 * 1024;

/// The largest JSON body that may hold the boundary of a parcel: room for the digits of 100,000 vertices.
const MAX_BOUNDARY: usize = 4 * MAX_JSON;

/// A body so large, in bytes, is read by another thread: nobody else is answered by this one meanwhile.
const READ_ELSEWHERE: usize = 64 * 1024;

/// The largest stream, in bytes, after decompression.
pub(crate) const MAX_STREAM: u64 = 2 * 1024 * 1024 * 1024;

/// A JSON object, its members not yet read, and the bytes that spelled it.
pub(crate) struct Body(pub(crate) Map<String, Value>, pub(crate) Bytes);

/// What a body may hold, which tells how large it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    Values,
    /// Coordinates too.
    Boundary,
}

impl Holds {
    /// The largest JSON body, in bytes, also after decompression.
    pub(crate) const fn most_bytes(self) -> usize {
        match self {
            Self::Values => MAX_JSON,
            Self::Boundary => MAX_BOUNDARY,
        }
    }
}

impl FromRequest for Body {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = payload.take();
        let request = request.clone();
        let holds = if request.path().starts_with("/api/v1/parcels") { Holds::Boundary } else { Holds::Values };
        // What changes a parcel in part is a merge patch (RFC 7396), under whichever of its names it comes.
        let accepted: &[&str] =
            if request.method() == Method::PATCH { &["application/merge-patch+json", "application/json"] } else { &["application/json"] };
        Box::pin(async move { Self::read(&request, payload, accepted, holds).await })
    }
}

impl Body {
    /// Reads a body of one of these media types; one that names none is taken for it.
    pub(crate) async fn read(request: &HttpRequest, payload: Payload, accepted: &[&str], holds: Holds) -> Result<Self, Problem> {
        if media_type(request.headers())?.is_some_and(|own| !accepted.contains(&own.as_str())) {
            return Err(Problem::new(problem::MEDIA_TYPE_UNSUPPORTED).detail(format!("send {}", accepted.join(" or "))));
        }
        let bytes = read_all(request, payload, holds.most_bytes()).await?;
        if bytes.len() < READ_ELSEWHERE {
            return Ok(Self(object(&bytes, holds)?, bytes));
        }
        let text = bytes.clone();
        let state = request.app_data::<web::Data<State>>().ok_or_else(|| Problem::new(problem::INTERNAL))?;
        let read = state.behind.run(move || object(&text, holds)).await.map_err(|_| Problem::new(problem::INTERNAL))?;
        Ok(Self(read?, bytes))
    }

    /// The members, to be read one by one.
    pub(crate) fn fields(self) -> Fields {
        Fields::new(self.0)
    }
}

/// The whole body as bytes. The request stands aside while they are on their way.
pub(crate) async fn read_all(request: &HttpRequest, payload: Payload, cap: usize) -> Result<Bytes, Problem> {
    let (headers, held) = (request.headers(), Held::of(request));
    let compressed = is_gzip(headers)?;
    if declared_length(headers).is_some_and(|length| length > cap as u64) {
        return Err(too_large(false, cap as u64));
    }
    let (mut bytes, mut sent) = (BytesMut::new(), Sent::new(payload, compressed, held.clone()));
    while let Some(chunk) = sent.next().await {
        let chunk = chunk?;
        if bytes.len() + chunk.len() > cap {
            return Err(too_large(compressed, cap as u64));
        }
        bytes.extend_from_slice(&chunk);
        if let Some(held) = &held {
            held.keep(request, bytes.len())?;
        }
    }
    if let Some(held) = held {
        held.come_back().await?;
    }
    Ok(bytes.freeze())
}

/// A body must come, and an answer be taken, at least so fast, in bytes a second; where it falls behind by more than our patience it is given up.
pub(crate) const SLOWEST: u64 = 1024;

/// A body on its way in.
struct Sent {
    payload: Payload,
    /// Unpacks what comes, into memory; none when it comes plain.
    unpacking: Option<MultiGzDecoder<Vec<u8>>>,
    /// What came and was not unpacked yet.
    packed: Bytes,
    is_whole: bool,
    /// How long we have waited for it, and for how much of it. While the reader is busy nobody waits.
    waited: Duration,
    received: u64,
    /// What its request holds.
    held: Option<Rc<Held>>,
}

impl Sent {
    fn new(payload: Payload, compressed: bool, held: Option<Rc<Held>>) -> Self {
        let unpacking = compressed.then(|| MultiGzDecoder::new(Vec::new()));
        Self { payload, unpacking, packed: Bytes::new(), is_whole: false, waited: Duration::ZERO, received: 0, held }
    }

    /// How long to wait for the next bytes.
    fn left(&self) -> Duration {
        (PATIENCE + Duration::from_secs(self.received / SLOWEST)).saturating_sub(self.waited)
    }

    /// The next bytes of the body, unpacked, at most some 64 KiB of what was packed; none at its end.
    async fn next(&mut self) -> Option<Result<Bytes, Problem>> {
        loop {
            let piece = match &mut self.unpacking {
                _ if self.packed.is_empty() && self.is_whole => return None,
                _ if self.packed.is_empty() => match self.receive().await {
                    Ok(()) => continue,
                    Err(problem) => return Some(Err(problem)),
                },
                None => std::mem::take(&mut self.packed),
                Some(unpacking) => match unpack(unpacking, &mut self.packed) {
                    Ok(piece) => piece,
                    Err(_) => return Some(Err(Problem::new(problem::CONTENT_ENCODING))),
                },
            };
            if !piece.is_empty() {
                return Some(Ok(piece));
            }
        }
    }

    /// Waits for the next bytes.
    async fn receive(&mut self) -> Result<(), Problem> {
        let chunk = match self.payload.next().now_or_never() {
            Some(chunk) => Ok(chunk),
            None => {
                if let Some(held) = &self.held {
                    held.stand_aside();
                }
                let asked = Instant::now();
                let chunk = timeout(self.left(), self.payload.next()).await;
                self.waited += asked.elapsed();
                chunk
            }
        };
        match chunk {
            Ok(Some(Ok(chunk))) => {
                self.received += chunk.len() as u64;
                self.packed = chunk;
                Ok(())
            }
            Ok(Some(Err(error))) => Err(broken(&error, self.unpacking.is_some())),
            Ok(None) => {
                self.is_whole = true;
                // All of it was unpacked as it came; this looks whether it was whole and right.
                let ended = self.unpacking.as_mut().map_or(Ok(()), MultiGzDecoder::try_finish);
                ended.map_err(|_| Problem::new(problem::CONTENT_ENCODING))
            }
            Err(_) => Err(Problem::new(problem::REQUEST_TIMEOUT).detail("send at least a kibibyte a second")),
        }
    }
}

/// Unpacks some of these bytes: as much as one step of the decoder takes.
fn unpack(unpacking: &mut MultiGzDecoder<Vec<u8>>, packed: &mut Bytes) -> io::Result<Bytes> {
    let taken = unpacking.write(packed)?;
    if taken == 0 {
        return Err(io::Error::other("more comes after the end"));
    }
    packed.advance(taken);
    if packed.is_empty() {
        unpacking.flush()?;
    }
    Ok(std::mem::take(unpacking.get_mut()).into())
}

/// The JSON object in these bytes.
pub(crate) fn object(bytes: &[u8], holds: Holds) -> Result<Map<String, Value>, Problem> {
    let read = if holds == Holds::Boundary { jiku_ingest::parse_feature } else { jiku_ingest::parse_object };
    read(bytes).map_err(|error| crate::outcome::json(&error))
}

/// The media type of the body in lower case, without parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(None) };
    let text = value.to_str().map_err(|_| Problem::new(problem::MEDIA_TYPE_UNSUPPORTED))?;
    let (media, parameters) = text.split_once(';').unwrap_or((text, ""));
    let charset = charset(parameters);
    let media = media.trim().to_ascii_lowercase();
    if media.ends_with("json") && charset.is_some_and(|charset| !charset.eq_ignore_ascii_case("utf-8")) {
        return Err(Problem::new(problem::ENCODING).detail("JSON is UTF-8 (RFC 8259)"));
    }
    Ok(Some(media))
}

/// The charset among the parameters of a media type.
pub(crate) fn charset(parameters: &str) -> Option<&str> {
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    })
}

fn is_gzip(headers: &HeaderMap) -> Result<bool, Problem> {
    match headers.get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?").trim().to_ascii_lowercase()).as_deref() {
        None | Some("identity") => Ok(false),
        Some("gzip") => Ok(true),
        Some(_) => Err(Problem::new(problem::CONTENT_CODING_UNKNOWN).detail("send the body plain or with gzip")),
    }
}

/// Whether the body is declared to be short enough to be taken whole.
pub(crate) fn is_short(headers: &HeaderMap) -> bool {
    declared_length(headers).is_some_and(|length| length <= MAX_JSON as u64) && !headers.contains_key(header::CONTENT_ENCODING)
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large(decompressed: bool, cap: u64) -> Problem {
    let sort = if decompressed { problem::DECOMPRESSED_TOO_LARGE } else { problem::LENGTH_LIMIT };
    Problem::new(sort).detail(format!("at most {cap} bytes")).with("limit_bytes", cap)
}

fn broken(error: &PayloadError, compressed: bool) -> Problem {
    match error {
        PayloadError::Overflow => Problem::new(problem::LENGTH_LIMIT),
        PayloadError::EncodingCorrupted => Problem::new(problem::CONTENT_ENCODING),
        PayloadError::Io(error) if compressed && error.kind() != io::ErrorKind::UnexpectedEof => Problem::new(problem::CONTENT_ENCODING),
        _ if compressed => Problem::new(problem::CONTENT_ENCODING),
        _ => incomplete(),
    }
}

fn incomplete() -> Problem {
    Problem::new(problem::BODY_INCOMPLETE).detail("the connection ended before the body did")
}

/// The other end of a body that is being received: an ordinary reader for a thread that may block.
pub(crate) struct BodyReader {
    chunks: Receiver<Piece>,
    current: Bytes,
    ended: bool,
    failure: Failure,
}

/// Why a body broke off, to be asked when its reader is done.
#[derive(Clone, Default)]
pub(crate) struct Failure(Arc<Mutex<Option<Problem>>>);

impl Failure {
    /// Takes the reason, if there is one.
    pub(crate) fn take(&self) -> Option<Problem> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set(&self, problem: Problem) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem);
    }
}

impl BodyReader {
    /// Where the reason will be if the body breaks off.
    pub(crate) fn failure(&self) -> Failure {
        self.failure.clone()
    }

    fn broken(&self, problem: Problem) -> io::Error {
        self.failure.set(problem);
        io::Error::other("the body broke off")
    }
}

/// What travels from the socket to the reader.
enum Piece {
    /// Some bytes of the body.
    Bytes(Bytes),
    /// The body is whole.
    End,
    /// The body broke off.
    Broken(Problem),
}

impl Read for BodyReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            if self.ended {
                return Ok(0);
            }
            match self.chunks.recv() {
                Ok(Piece::Bytes(chunk)) => self.current = chunk,
                Ok(Piece::End) => {
                    self.ended = true;
                    return Ok(0);
                }
                Ok(Piece::Broken(problem)) => return Err(self.broken(problem)),
                // The client is gone, and the request with it: what came so far must not pass for the whole.
                Err(_) => return Err(self.broken(incomplete())),
            }
        }
        let count = into.len().min(self.current.len());
        into[..count].copy_from_slice(&self.current.split_to(count));
        Ok(count)
    }
}

/// A body as a reader for another thread, and the pump that feeds it: run both at once. Its request counts among the streams from here on.
pub(crate) fn stream(request: &HttpRequest, payload: Payload) -> Result<(BodyReader, impl Future<Output = ()> + use<>), Problem> {
    let headers = request.headers();
    let compressed = is_gzip(headers)?;
    if declared_length(headers).is_some_and(|length| length > MAX_STREAM) {
        return Err(too_large(false, MAX_STREAM));
    }
    Held::of(request).map_or(Ok(()), |held| held.become_stream(request))?;
    let (sender, chunks) = sync_channel(QUEUE);
    let sent = Sent::new(payload, compressed, None);
    Ok((BodyReader { chunks, current: Bytes::new(), ended: false, failure: Failure::default() }, pump(sent, sender, compressed)))
}

/// Pieces that may wait for the reader, and how long the pump sleeps when they do.
const QUEUE: usize = 16;
const NAP: Duration = Duration::from_millis(1);

async fn pump(mut sent: Sent, sender: SyncSender<Piece>, compressed: bool) {
    let mut total = 0_u64;
    while let Some(chunk) = sent.next().await {
        let piece = match chunk {
            Ok(chunk) => {
                total += chunk.len() as u64;
                if total > MAX_STREAM { Piece::Broken(too_large(compressed, MAX_STREAM)) } else { Piece::Bytes(chunk) }
            }
            Err(problem) => Piece::Broken(problem),
        };
        let is_last = matches!(piece, Piece::Broken(_));
        if !hand_over(&sender, piece).await || is_last {
            return;
        }
    }
    hand_over(&sender, Piece::End).await;
}

/// Puts a piece into the queue; false when nobody reads any more.
async fn hand_over(sender: &SyncSender<Piece>, mut piece: Piece) -> bool {
    // A full queue means that the reader is busy with the database: let it work, and the socket wait.
    loop {
        match sender.try_send(piece) {
            Ok(()) => return true,
            Err(TrySendError::Disconnected(_)) => return false,
            Err(TrySendError::Full(back)) => {
                piece = back;
                sleep(NAP).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).and_then(|()| encoder.finish()).expect("packed")
    }

    async fn read(sent: Vec<u8>, cap: usize) -> Result<Bytes, String> {
        let (request, payload) = TestRequest::default().insert_header((header::CONTENT_ENCODING, "gzip")).set_payload(sent).to_http_parts();
        read_all(&request, payload, cap).await.map_err(|problem| problem.slug().to_owned())
    }

    #[actix_web::test]
    async fn what_is_packed_is_read_as_if_it_were_plain_up_to_the_cap() {
        for content in [b"".as_slice(), b"{}", &[b'a'; 300_000]] {
            assert_eq!(read(packed(content), 300_000).await.expect("whole"), content);
        }
        assert_eq!(read(packed(&[b'a'; 300_000]), 299_999).await, Err("decompressed-too-large".to_owned()));
        let parts = [packed(b"{\"a\""), packed(b": 1}")].concat();
        assert_eq!(read(parts, 300_000).await.expect("whole"), b"{\"a\": 1}".as_slice(), "as pigz and bgzip write it");
        let whole = packed(b"{\"name\": \"a rather long value that takes some bytes\"}");
        assert_eq!(read(whole[..whole.len() - 9].to_vec(), 1_000).await, Err("content-encoding".to_owned()), "cut off");
        assert_eq!(read([whole.as_slice(), b"and more"].concat(), 1_000).await, Err("content-encoding".to_owned()));
        assert_eq!(read(b"{}".to_vec(), 1_000).await, Err("content-encoding".to_owned()), "not packed at all");
    }

    #[test]
    fn a_few_bytes_that_stand_for_very_many_are_unpacked_in_small_pieces() {
        let mut packed = Bytes::from(packed(&vec![0; 64 << 20]));
        assert!(packed.len() < 1 << 17);
        let (mut unpacking, mut total, mut largest) = (MultiGzDecoder::new(Vec::new()), 0, 0);
        while !packed.is_empty() {
            let piece = unpack(&mut unpacking, &mut packed).expect("good");
            (total, largest) = (total + piece.len(), largest.max(piece.len()));
        }
        assert_eq!(total, 64 << 20);
        assert!(largest <= 1 << 17, "{largest}");
    }
}
