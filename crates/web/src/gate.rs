//! What happens to every request before and after its handler?
//!
//! Before: the head is checked, the caller is recognised, their right and purpose are looked up in the route table.
//! After: security headers, the request id, a count. A handler behind the gate can trust its [`Caller`].

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::cookie::Cookie;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, Uri};
use actix_web::middleware::Next;
use actix_web::rt::time::sleep;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use jiku_registry::{Actor, RegistryError, holds_personal_number};
use uuid::Uuid;

use crate::accept;
use crate::console;
use crate::held::Held;
use crate::permission::Right;
use crate::problem::{self, Problem};
use crate::routes::{Entry, Face, allowed_methods, right_of};
use crate::state::State;
use crate::taken::Taken;
use crate::{pace, parameters, place};

/// The longest URL and head read here, in bytes.
const MAX_URL: usize = 8 * 1024;
const MAX_HEAD: usize = 16 * 1024;
const MAX_HEADER_FIELDS: usize = 100;

/// The cookie that carries a console session. Where cookies are for https only its name says so, and a browser then takes it
/// from this very host alone, for the whole of it.
pub(crate) const fn session_cookie(secure: bool) -> &'static str {
    if secure { "__Host-jiku_session" } else { "jiku_session" }
}

/// The cookie that carries the purpose of use chosen at sign-in.
pub(crate) const PURPOSE_COOKIE: &str = "jiku_purpose";

/// The cookie of the pages that names an emergency and, after a dot, the second in which it ends.
pub(crate) const EMERGENCY_COOKIE: &str = "jiku_emergency";

static PURPOSE_OF_USE: HeaderName = HeaderName::from_static("purpose-of-use");
static QUOTA_PERSONS: HeaderName = HeaderName::from_static("quota-persons");
static EMERGENCY_ACCESS: HeaderName = HeaderName::from_static("emergency-access");
static REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// What an administrator may call who has no second factor yet, and must.
const SECOND_FACTOR_FIRST: [&str; 4] = ["/api/v1/sessions/current", "/api/v1/sessions/current/second-factor", "/account", "/sign-out"];

/// Who called over TLS shall not call otherwise (RFC 6797).
const TWO_YEARS: &str = "max-age=63072000; includeSubDomains";

/// The policy of an answer that is no page.
const CSP_DATA: &str = "default-src 'none'; frame-ancestors 'none'";

/// Who calls, as recognised at the gate.
#[derive(Clone)]
pub(crate) struct Caller {
    /// The actor with purpose and request id.
    pub(crate) actor: Arc<Actor>,
    /// The token they showed.
    pub(crate) token: Rc<str>,
}

/// The middleware around every route.
pub(crate) async fn gate<B: MessageBody + 'static>(
    number: usize,
    entry: &'static Entry,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<Taken>, Error> {
    let started = Instant::now();
    let state = request.app_data::<web::Data<State>>().cloned();
    let id = Uuid::now_v7();
    // A stream of changes is no work while nothing changes; how many one caller holds open is bounded by itself.
    let held = match &state {
        Some(state) => Held::take(state, entry, request.peer_addr().map(|peer| peer.ip())).await.map(Some),
        None => Ok(None),
    };
    let (held, admitted) = match held {
        Ok(held) => {
            if let Some(held) = &held {
                request.extensions_mut().insert(Rc::clone(held));
            }
            (held, admit(entry, &request, &id).await)
        }
        Err(refusal) => (None, Err(refusal)),
    };
    let mut response = match admitted {
        Ok(()) => next.call(request).await?.map_into_left_body(),
        Err(refusal) => request.error_response(refusal).map_into_right_body(),
    };
    if entry.face == Face::Page
        && let Some(problem) = response.response().error().and_then(|error| error.as_error::<Problem>()).cloned()
    {
        let page = console::refusal(response.request(), &problem, &id.to_string());
        response = response.into_response(page.map_into_right_body());
    }
    let caller = response.request().extensions().get::<Caller>().map(|caller| Arc::clone(&caller.actor));
    if let Some(rest) = pace::held_back(entry, response.status(), caller.as_deref(), started.elapsed()) {
        sleep(rest).await;
    }
    dress(response.headers_mut(), &id, state.as_ref().is_some_and(|state| state.secure_cookies));
    if entry.face == Face::Map {
        open_to_scripts(response.headers_mut());
    }
    if let Some(state) = state {
        tell_quota(&state, &mut response);
        state.metrics.count(Some(number), response.status().as_u16(), started.elapsed());
    }
    let until = held.and_then(|held| held.leave()).filter(|_| entry.face != Face::Events);
    Ok(response.map_body(|_, body| Taken::new(body, until)))
}

/// The answer to a request that no route takes: a known path with another method, or nothing at all.
pub(crate) async fn no_route(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    let (started, id) = (Instant::now(), Uuid::now_v7());
    let mut response = match inspect(request.uri(), request.headers()).and_then(|()| addressed(&request, &state)) {
        Err(problem) => problem.error_response(),
        Ok(()) => match allowed_methods(request.path()) {
            allowed if allowed.is_empty() => {
                let problem = Problem::new(problem::NOT_FOUND);
                if console::is_wanted(&request) {
                    recognise(&request, &state).await;
                    console::lost(&request, &problem, &id.to_string())
                } else {
                    problem.detail("no route has this path; /api/docs lists them").error_response()
                }
            }
            methods if *request.method() == Method::OPTIONS && request.path().starts_with("/ogc") => {
                options(&methods, &permitted(&state, &request, &methods).await)
            }
            allowed => Problem::new(problem::METHOD_NOT_ALLOWED).allowing(&allowed).error_response(),
        },
    };
    dress(response.headers_mut(), &id, state.secure_cookies);
    state.metrics.count(None, response.status().as_u16(), started.elapsed());
    response
}

/// Everything a request must satisfy before its handler sees it.
async fn admit(entry: &'static Entry, request: &ServiceRequest, id: &Uuid) -> Result<(), Problem> {
    inspect(request.uri(), request.headers())?;
    let state = request.app_data::<web::Data<State>>().ok_or_else(|| Problem::new(problem::INTERNAL))?;
    // A supervisor asks for health by whatever address it has.
    if !matches!(entry.path, "/healthz" | "/readyz") {
        addressed(request.request(), state)?;
    }
    if let Some(accepted) = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok())
        && !accept::admits(accepted, entry.face.media_types())
    {
        return Err(Problem::new(problem::NOT_ACCEPTABLE).detail(format!("offered here: {}", entry.face.media_types().join(", "))));
    }
    if entry.face == Face::Page && !matches!(*request.method(), Method::GET | Method::HEAD) {
        same_site(request.headers())?;
    }
    if entry.right == Right::Open {
        return Ok(());
    }
    let shown = match entry.face {
        Face::Page => None,
        Face::Map => key(request.headers())?,
        _ => bearer(request.headers())?,
    };
    let by_session = shown.is_none() && (entry.face == Face::Page || is_own_page(request));
    let session = || request.cookie(session_cookie(state.secure_cookies)).map(|cookie| cookie.value().to_owned());
    let token = if by_session { session() } else { shown };
    if token.is_none() && entry.right == Right::Map && state.registry.has_public_parcels() {
        return Ok(());
    }
    let token = token.filter(|token| !token.is_empty()).ok_or_else(|| Problem::new(problem::UNAUTHENTICATED))?;
    let known = state.authenticate(&token).await.map_err(|error| match error {
        RegistryError::Forbidden(_) | RegistryError::NotFound { .. } => Problem::new(problem::TOKEN_INVALID),
        other => other.into(),
    })?;
    let (known, in_emergency) = beyond(request, state, known, by_session).await?;
    if entry.face == Face::Page {
        // A refusal is a page too, with the ways of who is signed in.
        request.extensions_mut().insert(Caller { actor: Arc::clone(&known), token: token.as_str().into() });
    }
    if known.needs_second_factor && !SECOND_FACTOR_FIRST.contains(&entry.path) {
        return Err(Problem::new(problem::SECOND_FACTOR_REQUIRED)
            .detail("give the account one first: POST and PUT /api/v1/sessions/current/second-factor"));
    }
    if !entry.right.is_held_by(&known.roles) {
        return Err(Problem::new(problem::FORBIDDEN));
    }
    let purpose = if in_emergency { known.purpose.clone() } else { purpose(by_session, request)? };
    if !in_emergency && purpose.as_ref().is_some_and(|purpose| !known.may_state(purpose)) {
        return Err(Problem::new(problem::PURPOSE_NOT_ALLOWED).detail("GET /api/v1/purposes lists those registered for your department"));
    }
    let unmask = parameters::unmask(request.query_string())?;
    // In full, a company tells its representative and a parcel its holder.
    if purpose.is_none() && (unmask || entry.personal.is_shown(request.match_info().get("kind"))) {
        return Err(
            Problem::new(problem::PURPOSE_MISSING).detail("send the header Purpose-Of-Use with the purpose you read personal data for")
        );
    }
    if unmask && !known.may_unmask() {
        return Err(
            Problem::new(problem::FORBIDDEN).detail("to see personal values in full is a right of its own; ask without unmask=true")
        );
    }
    let actor = Actor { purpose, request_id: Some(id.to_string()), unmask, ..Actor::clone(&known) };
    request.extensions_mut().insert(Caller { actor: Arc::new(actor), token: token.into() });
    Ok(())
}

/// Who asks for a page that is not there, when they are signed in: they keep their ways to the others.
async fn recognise(request: &HttpRequest, state: &State) {
    let Some(token) = request.cookie(session_cookie(state.secure_cookies)).map(|cookie| cookie.value().to_owned()) else { return };
    if let Ok(actor) = state.authenticate(&token).await {
        request.extensions_mut().insert(Caller { actor, token: token.into() });
    }
}

/// The caller as far as an emergency of theirs reaches, when the request names one: by a header of the API, by a cookie of the
/// pages. A page whose emergency is over shows what the account may see, as before it.
async fn beyond(request: &ServiceRequest, state: &State, known: Arc<Actor>, by_session: bool) -> Result<(Arc<Actor>, bool), Problem> {
    if let Some(value) = request.headers().get(&EMERGENCY_ACCESS) {
        return Ok((state.in_emergency(known, place::id(value.to_str().unwrap_or(""))?).await?, true));
    }
    let named = request.cookie(EMERGENCY_COOKIE).filter(|_| by_session);
    let Some(id) = named.and_then(|cookie| place::id(cookie.value().split('.').next().unwrap_or("")).ok()) else {
        return Ok((known, false));
    };
    match state.in_emergency(Arc::clone(&known), id).await {
        Ok(actor) => Ok((actor, true)),
        Err(RegistryError::Forbidden(_)) => Ok((known, false)),
        Err(error) => Err(error.into()),
    }
}

/// The stated purpose of use: a header of the API, a cookie of the pages.
fn purpose(by_session: bool, request: &ServiceRequest) -> Result<Option<String>, Problem> {
    let text = if by_session && !request.headers().contains_key(&PURPOSE_OF_USE) {
        request.cookie(PURPOSE_COOKIE).map(|cookie: Cookie<'_>| cookie.value().to_owned())
    } else {
        if request.headers().get_all(&PURPOSE_OF_USE).count() > 1 {
            return Err(Problem::new(problem::PURPOSE_NOT_ALLOWED).detail("state one purpose: what is written down must be what was meant"));
        }
        match request.headers().get(&PURPOSE_OF_USE) {
            None => None,
            Some(value) => {
                let text = std::str::from_utf8(value.as_bytes())
                    .map_err(|_| Problem::new(problem::ENCODING).detail("Purpose-Of-Use must be UTF-8"))?;
                Some(parameters::decode(text.trim())?.into_owned())
            }
        }
    };
    let text = text.filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > 100 || text.chars().any(char::is_control)) {
        return Err(Problem::new(problem::PURPOSE_NOT_ALLOWED).detail("a purpose is at most 100 characters"));
    }
    Ok(text)
}

/// What stands in `Authorization`. A proxy before us and we could each believe another one of two (RFC 9110, clause 11.6.2: it is one).
fn credentials(headers: &HeaderMap) -> Result<Option<&HeaderValue>, Problem> {
    let mut values = headers.get_all(header::AUTHORIZATION);
    let first = values.next();
    if values.next().is_some() {
        return Err(Problem::new(problem::TOKEN_INVALID).detail("the request has two Authorization headers; send one"));
    }
    Ok(first)
}

fn bearer(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = credentials(headers)? else { return Ok(None) };
    let invalid = || Problem::new(problem::TOKEN_INVALID);
    let (scheme, token) = value.to_str().map_err(|_| invalid())?.split_once(' ').ok_or_else(invalid)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(Some(token.trim().to_owned())) } else { Err(invalid()) }
}

/// What GIS programs show: a key as bearer token, or as the password of basic authentication, for which QGIS and GDAL have
/// fields; the user's name is not looked at.
fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = credentials(headers)? else { return Ok(None) };
    let invalid = || Problem::new(problem::TOKEN_INVALID);
    let (scheme, rest) = value.to_str().map_err(|_| invalid())?.split_once(' ').ok_or_else(invalid)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return bearer(headers);
    }
    let pair = base64(rest.trim()).and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(invalid)?;
    pair.split_once(':').map(|(_, key)| Some(key.to_owned())).ok_or_else(invalid)
}

/// The bytes of a text in base64 (RFC 4648, clause 4), padded or not.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for letter in text.trim_end_matches('=').bytes() {
        let six = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).ok()?);
            bits &= (1 << held) - 1;
        }
    }
    Some(bytes)
}

/// Refuses a request that is meant for another host than us: somebody may have led a browser here under a name of theirs.
fn addressed(request: &HttpRequest, state: &State) -> Result<(), Problem> {
    let named = request
        .headers()
        .get(header::HOST)
        .map(|value| value.to_str().unwrap_or(""))
        .or_else(|| request.uri().authority().map(|name| name.as_str()));
    match named {
        Some(host) if state.is_ours(host) => Ok(()),
        Some(_) => Err(Problem::new(problem::MISDIRECTED).detail("call the service by a name it was given with --host")),
        None => Err(Problem::new(problem::HOST_INVALID)),
    }
}

/// The parts of a head that no route may be asked with.
fn inspect(uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    let path = uri.path();
    let query = uri.query().unwrap_or("");
    if path.len() + query.len() > MAX_URL {
        return Err(Problem::new(problem::URI_TOO_LONG));
    }
    let head: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if headers.len() > MAX_HEADER_FIELDS || head > MAX_HEAD {
        return Err(Problem::new(problem::HEADERS_TOO_LARGE));
    }
    // A path that is no UTF-8 is refused by whoever reads the part in question.
    let in_path = parameters::decode(path).is_ok_and(|path| holds_personal_number(&path));
    if in_path || holds_personal_number(&parameters::decode(query)?) {
        return Err(Problem::new(problem::SENSITIVE_IN_URL).detail(
            "URLs end up in logs; send the number in the body of POST …/search or …/resolve, a source key in that of …/lookup or …/withdraw",
        ));
    }
    if path.contains('%') || path.contains("..") {
        let decoded = parameters::decode(path)?;
        if decoded.split('/').any(|part| part == ".." || part == ".") {
            return Err(Problem::new(problem::ID_FORMAT));
        }
    }
    Ok(())
}

/// A page's form must come from a page of ours.
fn same_site(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let from_elsewhere = text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none"));
    let other_origin = text("origin").is_some_and(|origin| origin.split_once("://").map(|(_, host)| host) != text("host"));
    if from_elsewhere || other_origin { Err(Problem::new(problem::CROSS_SITE)) } else { Ok(()) }
}

/// Whether a script of our own pages calls the API, so that the session's cookie speaks for its caller. The cookie is
/// `SameSite=Strict`; a call that changes something must also say that it comes from here, which no other page can make a
/// browser say.
fn is_own_page(request: &ServiceRequest) -> bool {
    let headers = request.headers();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let says = headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin") || headers.contains_key(header::ORIGIN);
    (reads || says) && same_site(headers).is_ok()
}

/// Lets maps of other sites read what a key opens: no cookie of ours travels with such a request.
fn open_to_scripts(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            "ETag, Location, Link, Content-Crs, Memento-Datetime, Preference-Applied, OGC-NumberMatched",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// The methods of a path of maps that this caller may use. A caller without a key, as a browser before it asks, is told those
/// for whom no more than a look at the map is needed.
async fn permitted(state: &State, request: &HttpRequest, methods: &[&'static str]) -> Vec<&'static str> {
    let token = key(request.headers()).ok().flatten();
    let actor = match token {
        Some(token) => state.authenticate(&token).await.ok(),
        None => None,
    };
    let holds = |right: Right| match &actor {
        Some(actor) => right.is_held_by(&actor.roles),
        None => matches!(right, Right::Open | Right::Map),
    };
    let may = |method: &str| right_of(if method == "HEAD" { "GET" } else { method }, request.path()).is_some_and(holds);
    methods.iter().copied().filter(|method| may(method)).collect()
}

/// The answer to a browser or a GIS program that asks what it may do: the methods of the path, and those this caller may use.
fn options(methods: &[&str], permitted: &[&str]) -> HttpResponse {
    let listed = |methods: &[&str]| methods.iter().copied().chain(["OPTIONS"]).collect::<Vec<_>>().join(", ");
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::ALLOW, listed(permitted)))
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, listed(methods)))
        .insert_header((
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Authorization, Content-Type, Content-Crs, Idempotency-Key, If-Match, If-None-Match, Prefer, Purpose-Of-Use",
        ))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, "600"));
    let mut answer = answer.finish();
    open_to_scripts(answer.headers_mut());
    answer
}

/// How much of today's quota of different people is used, to whom it binds.
fn tell_quota<B>(state: &State, response: &mut ServiceResponse<B>) {
    let caller = response.request().extensions().get::<Caller>().map(|caller| caller.actor.clone());
    let Some((actor, most)) = caller.and_then(|actor| actor.limits.daily_persons.map(|most| (actor, most))) else { return };
    if let Ok(told) = HeaderValue::from_str(&format!("{}/{most}", state.registry.own_usage(&actor).persons)) {
        response.headers_mut().insert(QUOTA_PERSONS.clone(), told);
    }
}

/// The headers every answer wears; where callers come over TLS, ours or that of a proxy in front, also that they shall go on doing so.
pub(crate) fn dress(headers: &mut HeaderMap, id: &Uuid, over_tls: bool) {
    if over_tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TWO_YEARS));
    }
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(REQUEST_ID.clone(), id);
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, CSP_DATA),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}
