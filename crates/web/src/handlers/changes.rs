//! What has changed since a position, once or as it happens?

use std::collections::VecDeque;
use std::time::Duration;

use actix_web::http::header;
use actix_web::web::{self, Bytes};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, ResponseError as _, rt};
use futures_util::stream;
use jiku_registry::{Actor, Change, Registry, RegistryError};
use tokio::sync::watch;

use super::{Answer, Json};
use crate::desk::Desk;
use crate::gate::Caller;
use crate::parameters::{Given, Parameters, Query, invalid};
use crate::permission::Right;
use crate::problem::{self, Problem};
use crate::state::State;
use crate::streams::Stream;
use crate::wire::{ChangeBody, ChangesBody};

/// How long a stream stays silent at most.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Changes read at once for a stream.
const CHUNK: usize = 500;

/// A stretch of the change log: from where on, and how much.
pub(crate) struct Stretch {
    pub(crate) after: i64,
    pub(crate) limit: usize,
}

impl Parameters for Stretch {
    const NAMES: &'static [&'static str] = &["after", "limit"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        Ok(Self { after: after(given.text("after"))?, limit: given.limit(100, 1000)? })
    }
}

fn after(text: Option<&str>) -> Result<i64, Problem> {
    let position = text.map_or(Ok(0), str::parse).ok().filter(|position| *position >= 0);
    position.ok_or_else(|| invalid("after", "a position of the change log, 0 or more"))
}

/// Refuses a position that was never given: whoever waits behind it would miss all until then.
fn given(registry: &Registry, after: i64) -> Result<(), Problem> {
    let newest = if after > registry.position() { registry.newest_position()? } else { after };
    if after <= newest {
        return Ok(());
    }
    let advice = format!("a position that was given; the newest is {newest}. After a restore begin at a position you know to be in it");
    Err(invalid("after", &advice))
}

/// Changes after a position, in commit order, none left out. Alarms take positions too and are told elsewhere.
#[utoipa::path(
    get, path = "/api/v1/changes", tag = "changes",
    params(
        ("after" = Option<i64>, Query, description = "the last position you have seen; 0 when absent", minimum = 0),
        ("limit" = Option<usize>, Query, description = "1 to 1,000; 100 when absent", minimum = 1, maximum = 1000),
    ),
    responses((status = 200, body = ChangesBody)),
)]
pub(crate) async fn list(desk: Desk, Query(asked): Query<Stretch>) -> Answer<Json<ChangesBody>> {
    desk.reaches_all()?;
    let read = move |registry: &Registry, actor: &Actor| {
        let changes = registry.changes(actor, asked.after, asked.limit)?;
        if changes.is_empty() {
            given(registry, asked.after)?;
        }
        Ok((changes, registry.position()))
    };
    let (changes, position) = desk.try_run(read).await?;
    let changes: Vec<ChangeBody> = changes.into_iter().map(Into::into).collect();
    let next_after = changes.last().map_or(asked.after, |change| change.position);
    Ok(Json(ChangesBody { changes, next_after, position: position.max(next_after) }))
}

/// From where on, for a stream.
pub(crate) struct StreamParameters(Option<i64>);

impl Parameters for StreamParameters {
    const NAMES: &'static [&'static str] = &["after"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        given.text("after").map(|text| after(Some(text))).transpose().map(Self)
    }
}

/// Changes as they happen: server-sent events whose id is the position and whose data is one change. A client that
/// reconnects with `Last-Event-ID` goes on without a hole; a comment line comes at least every 15 seconds. A principal holds at most
/// twenty streams open. A stream ends when its key is revoked, its session is over, or its holder may not follow any more.
#[utoipa::path(
    get, path = "/api/v1/changes/stream", tag = "changes",
    params(("after" = Option<i64>, Query, description = "the last position you have seen; 0 when absent", minimum = 0)),
    responses((status = 200, body = ChangeBody, content_type = "text/event-stream")),
)]
pub(crate) async fn follow(
    desk: Desk,
    Query(StreamParameters(asked)): Query<StreamParameters>,
    request: HttpRequest,
) -> Answer<HttpResponse> {
    desk.reaches_all()?;
    let resumed = request.headers().get("last-event-id").map(|value| after(value.to_str().ok().or(Some("")))).transpose()?;
    let full = || Problem::new(problem::TOO_MANY_REQUESTS).detail("you hold as many streams open as one caller may; end one of them first");
    let after = resumed.or(asked).unwrap_or(0);
    // A database that is away is no refusal: the stream says so and goes on.
    if let Err(problem) = desk.try_run(move |registry, _| given(registry, after)).await
        && problem.status_code().is_client_error()
    {
        return Err(problem);
    }
    let stream = desk.state().streams.open(&desk.actor().principal).ok_or_else(full)?;
    let follower = Follower {
        _stream: stream,
        state: desk.state().clone(),
        token: request.extensions().get::<Caller>().map(|caller| caller.token.to_string()).unwrap_or_default(),
        actor: desk.actor().clone(),
        newest: desk.state().changes(),
        after,
        waiting: VecDeque::new(),
        greeted: false,
    };
    let events =
        stream::unfold(follower, |mut follower| async move { follower.next().await.map(|event| (Ok::<_, Problem>(event), follower)) });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events))
}

/// One client of the stream.
struct Follower {
    _stream: Stream,
    state: web::Data<State>,
    token: String,
    actor: Actor,
    newest: watch::Receiver<i64>,
    after: i64,
    waiting: VecDeque<Change>,
    greeted: bool,
}

impl Follower {
    /// The next piece of the stream; none when the server stops.
    async fn next(&mut self) -> Option<Bytes> {
        if !self.greeted {
            self.greeted = true;
            return Some(Bytes::from_static(b"retry: 2000\n\n"));
        }
        loop {
            if self.state.is_stopping() || !self.may_still().await {
                return None;
            }
            if let Some(change) = self.waiting.pop_front() {
                return Some(self.event(change));
            }
            self.newest.mark_unchanged();
            if let Some(problem) = self.read().await {
                // The client reconnects with its last position; nothing is lost.
                return Some(problem);
            }
            if self.waiting.is_empty() && rt::time::timeout(HEARTBEAT, self.newest.changed()).await.is_err() {
                return Some(Bytes::from_static(b": still here\n\n"));
            }
        }
    }

    /// Whether the caller may follow as they could when the stream began. A database that is away is no refusal: nothing can be read from
    /// it either.
    async fn may_still(&mut self) -> bool {
        match self.state.authenticate(&self.token).await {
            Ok(known) => {
                let may = Right::Follow.is_held_by(&known.roles)
                    && !known.limits.is_scoped()
                    && !known.needs_second_factor
                    && self.actor.purpose.as_ref().is_none_or(|purpose| known.may_state(purpose));
                let Actor { purpose, request_id, unmask, .. } = self.actor.clone();
                self.actor = Actor { purpose, request_id, unmask: unmask && known.may_unmask(), ..Actor::clone(&known) };
                may
            }
            Err(RegistryError::Forbidden(_) | RegistryError::NotFound { .. }) => false,
            Err(_) => true,
        }
    }

    /// Reads what has come; gives a comment when it could not.
    async fn read(&mut self) -> Option<Bytes> {
        let (registry, actor, after) = (self.state.registry.clone(), self.actor.clone(), self.after);
        match web::block(move || registry.changes(&actor, after, CHUNK)).await {
            Ok(Ok(changes)) => {
                self.waiting.extend(changes);
                None
            }
            _ => {
                rt::time::sleep(Duration::from_secs(1)).await;
                Some(Bytes::from_static(b": the change log cannot be read just now\n\n"))
            }
        }
    }

    fn event(&mut self, change: Change) -> Bytes {
        self.after = change.position;
        let event = change.event.clone();
        let data = serde_json::to_string(&ChangeBody::from(change)).unwrap_or_default();
        Bytes::from(format!("id: {}\nevent: {event}\ndata: {data}\n\n", self.after))
    }
}
