//! How can a write be sent again without being done twice?
//!
//! A caller may name a request with `Idempotency-Key` (IETF draft-ietf-httpapi-idempotency-key-header-07). The same key with
//! the same request gives the same answer; with another request it is refused. Keys belong to a department. An answer that shows somebody is
//! a reading each time it is given.

use std::collections::BTreeMap;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use jiku_model::{EntityId, Kind};
use jiku_registry::{Actor, IdempotencyClaim, Registry, RegistryError};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::desk::Desk;
use crate::precondition::tag_in_use;
use crate::problem::{self, Problem};

/// The key of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key(String);

impl Key {
    /// Reads the header; quotes around the key, as the draft writes it, are taken off.
    pub(crate) fn of(request: &HttpRequest) -> Result<Option<Self>, Problem> {
        let mut headers = request.headers().get_all("idempotency-key");
        let Some(value) = headers.next() else { return Ok(None) };
        let key = value.to_str().ok().filter(|_| headers.next().is_none()).and_then(Self::parse);
        key.map(Some).ok_or_else(|| Problem::new(problem::IDEMPOTENCY_KEY_INVALID).detail("1 to 255 visible ASCII characters"))
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        let good = (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
        good.then(|| Self(text.to_owned()))
    }

    /// The key itself.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// An answer that can be given again.
pub(crate) struct Reply {
    status: u16,
    body: String,
}

impl Reply {
    /// An answer with a JSON body.
    pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Self {
        Self { status: status.as_u16(), body: serde_json::to_string(body).unwrap_or_default() }
    }

    /// Status and body.
    pub(crate) fn into_parts(self) -> (StatusCode, String) {
        (StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK), self.body)
    }

    /// The answer on its way out.
    pub(crate) fn into_response(self) -> HttpResponse {
        let (status, body) = self.into_parts();
        HttpResponse::build(status).insert_header((header::CONTENT_TYPE, "application/json")).body(body)
    }
}

/// The parts of an answer that show entities: the images of a decision, and the parcels of an edit.
#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    before: Vec<Image>,
    #[serde(default)]
    after: Vec<Image>,
    #[serde(default)]
    parcels: Vec<Image>,
}

/// An entity in an answer; one that a preview would make has no id.
#[derive(Deserialize)]
struct Image {
    id: Option<Uuid>,
    #[serde(default)]
    values: BTreeMap<String, IgnoredAny>,
}

/// Whom an answer shows, each with the columns it tells.
fn shown_by(body: &str) -> Vec<(EntityId, Vec<String>)> {
    // Most answers are of another shape, and show nobody.
    let Ok(Told { before, after, parcels }) = serde_json::from_str(body) else { return Vec::new() };
    let images = before.into_iter().chain(after).chain(parcels);
    images.filter_map(|image| Some((EntityId(image.id?), image.values.into_keys().collect()))).collect()
}

/// Does the work, once per key. Without a key it is simply done.
pub(crate) async fn once<F>(desk: &Desk, key: Option<Key>, request: &HttpRequest, body: &[u8], work: F) -> Result<Reply, Problem>
where
    F: FnOnce(&Registry, &Actor) -> Result<Reply, Problem> + Send + 'static,
{
    let Some(key) = key else { return desk.try_run(work).await };
    let mut fingerprint = Sha256::new();
    for part in [request.method().as_str(), request.path(), request.query_string()] {
        fingerprint.update(part.as_bytes());
        fingerprint.update([0]);
    }
    fingerprint.update(body);
    let fingerprint: [u8; 32] = fingerprint.finalize().into();
    desk.try_run(move |registry, actor| match registry.claim_request(actor, key.as_str(), &fingerprint)? {
        IdempotencyClaim::Answered { status, body, with_these_rights } => {
            if !with_these_rights {
                return Err(Problem::new(problem::FORBIDDEN)
                    .detail("this was done and answered; your rights have changed since, so the answer is not given again: ask for the entities"));
            }
            let shown = shown_by(&body);
            if !shown.is_empty() {
                registry.answer_repeated(actor, &shown)?;
            }
            Ok(Reply { status, body })
        }
        IdempotencyClaim::Running { free_in_s } => Err(Problem::new(problem::IDEMPOTENCY_RUNNING)
            .detail("it runs, or the database has not confirmed it; once it is done its answer is given here, and after retry_after seconds it is done anew")
            .with("retry_after", free_in_s)),
        IdempotencyClaim::Reused => Err(Problem::new(problem::IDEMPOTENCY_REUSED).detail("use a new key for a new request")),
        IdempotencyClaim::Fresh => match work(registry, actor) {
            Ok(reply) => {
                registry.complete_request(actor, key.as_str(), reply.status, &reply.body)?;
                Ok(reply)
            }
            // It may have been done, or be done later: the key stays claimed, so that nothing is done twice meanwhile.
            Err(problem) if problem.slug() == "commit-unconfirmed" => Err(problem),
            Err(problem) => {
                registry.abandon_request(actor, key.as_str())?;
                Err(problem)
            }
        },
    })
    .await
}

/// A decision whose answer is JSON, done once per key.
pub(crate) async fn decide<T, F>(desk: &Desk, request: &HttpRequest, body: &[u8], work: F) -> Result<HttpResponse, Problem>
where
    T: Serialize,
    F: FnOnce(&Registry, &Actor) -> Result<T, RegistryError> + Send + 'static,
{
    once(desk, Key::of(request)?, request, body, move |registry, actor| Ok(Reply::json(StatusCode::OK, &work(registry, actor)?)))
        .await
        .map(Reply::into_response)
}

/// As [`decide`], for what comes into use in place of what the caller saw: the answer has its entity tag, also when it is given again.
pub(crate) async fn decide_in_use<T, F>(
    desk: &Desk,
    request: &HttpRequest,
    body: &[u8],
    kind: Kind,
    work: F,
) -> Result<HttpResponse, Problem>
where
    T: Serialize,
    F: FnOnce(&Registry, &Actor) -> Result<T, RegistryError> + Send + 'static,
{
    #[derive(Deserialize)]
    struct InUse {
        version: i32,
    }
    let done = move |registry: &Registry, actor: &Actor| Ok(Reply::json(StatusCode::OK, &work(registry, actor)?));
    let (status, body) = once(desk, Key::of(request)?, request, body, done).await?.into_parts();
    let InUse { version } = serde_json::from_str(&body).map_err(|_| Problem::new(problem::INTERNAL))?;
    let answer = HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::ETAG, tag_in_use(kind, version)))
        .body(body);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_an_answer_shows_is_read_from_it() {
        let one = "0190a7a0-0000-7000-8000-000000000001";
        let shown = |body: String| shown_by(&body).into_iter().map(|(id, columns)| (id.to_string(), columns)).collect::<Vec<_>>();
        let image = format!(r#"{{"id":"{one}","version":1,"values":{{"name":"张*","phone":"138"}},"records":[]}}"#);
        let expected = vec![(one.to_owned(), vec!["name".to_owned(), "phone".to_owned()])];
        for body in [
            format!(r#"{{"dry_run":false,"before":[{image}],"after":[],"redirects":[]}}"#),
            format!(r#"{{"before":[],"after":[{image}]}}"#),
            format!(r#"{{"operation":"patch","parcels":[{image},{{"version":1,"new":true,"values":{{}}}}]}}"#),
        ] {
            assert_eq!(shown(body.clone()), expected, "{body}");
        }
        for body in [r#"{"status":"created","entity":"x"}"#, r#"[1]"#, "", r#"{"id":"x","state":"open"}"#] {
            assert_eq!(shown(body.to_owned()), [], "{body}");
        }
    }

    #[test]
    fn a_key_is_visible_and_short() {
        for (text, expected) in
            [("abc", Some("abc")), ("\"abc\"", Some("abc")), ("", None), ("\"\"", None), ("a b", None), ("a\u{7f}", None)]
        {
            assert_eq!(Key::parse(text).as_ref().map(Key::as_str), expected, "{text}");
        }
        assert!(Key::parse(&"k".repeat(255)).is_some());
        assert!(Key::parse(&"k".repeat(256)).is_none());
    }
}
