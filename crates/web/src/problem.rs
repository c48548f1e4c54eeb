//! How does an error look from outside?
//!
//! Problem details, RFC 9457: `type` is `/problems/<slug>`, `title` and `status` come from the one table here, `detail`
//! says what to do, and further members point to the place (`pointer`, `parameter`, `line`, `offset`). The offending value
//! itself, SQL, paths and versions never appear.

use std::borrow::Cow;
use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Map, Value, json};

/// The media type of problem details.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// A sort of problem: a row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Sort {
    /// The last part of the problem type, stable.
    pub slug: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// One line for people, the same for every occurrence.
    pub title: &'static str,
    /// What whoever calls does about it.
    pub advice: &'static str,
}

macro_rules! sorts {
    ($($name:ident $status:literal $slug:literal $title:literal, $advice:literal;)*) => {
        $(pub(crate) const $name: &Sort = &Sort { slug: $slug, status: $status, title: $title, advice: $advice };)*
        /// Every sort of problem of a request; what the state of things does not allow and what is wrong with records is in `problem_types.rs`.
        pub const SORTS: &[&Sort] = &[$($name),*];
    };
}

sorts! {
    BODY_MISSING            400 "body-missing" "the request needs a body",
        "Send a body of the media type that the description names for this route.";
    BODY_INCOMPLETE         400 "body-incomplete" "the body broke off",
        "The connection ended before the body did: send it again, whole. Rows of a stream that were answered are kept.";
    JSON_SYNTAX             400 "json-syntax" "the body is not well-formed JSON",
        "`offset` names the byte where reading stopped. Build the body with a JSON library.";
    JSON_TOO_DEEP           400 "json-too-deep" "the JSON is nested too deeply",
        "Nest no deeper than 64 levels.";
    JSON_DUPLICATE_KEY      400 "json-duplicate-key" "a JSON object names a member twice",
        "Name each member once.";
    JSON_NUMBER             400 "json-number" "a number cannot be represented",
        "Send a number of many digits, such as an identity number, as a text.";
    JSON_TOO_LARGE          400 "json-too-large" "the JSON has too many members",
        "Send at most 10,000 members in one body; for many records use a stream (NDJSON).";
    ENCODING                400 "encoding" "the request is not valid UTF-8",
        "Send UTF-8; for a file in another character set say `charset`.";
    CONTENT_ENCODING        400 "content-encoding" "the body cannot be decompressed",
        "The body is no whole gzip: compress it again, or send it plain.";
    ID_FORMAT               400 "id-format" "the id does not have the form of an id",
        "An id is a UUID. Take it from an answer as it is, without editing it.";
    PARAMETER_INVALID       400 "parameter-invalid" "a parameter has a value it cannot have",
        "`parameter` names it and `detail` says what it may be.";
    PARAMETER_UNKNOWN       400 "parameter-unknown" "there is no such parameter",
        "`parameter` names it; compare with the description at /api/docs/.";
    PARAMETER_REPEATED      400 "parameter-repeated" "a parameter is given more than once",
        "Give each parameter once.";
    USE_CURSOR              400 "use-cursor" "pages are asked for by cursor",
        "Follow `next` of the page before; there are no page numbers.";
    CURSOR_INVALID          400 "cursor-invalid" "the cursor was not given out for this list",
        "Use `next` with the very filters and order it was given out for, or begin at the first page.";
    SENSITIVE_IN_URL        400 "sensitive-in-url" "personal numbers do not belong in a URL",
        "Send numbers, telephones and the like in the body of a POST: URLs stand in logs.";
    BBOX_INVALID            400 "bbox-invalid" "the box is not four numbers west, south, east, north",
        "Give west,south,east,north in degrees, or name the system by `bbox-crs`.";
    CRS_UNSUPPORTED         400 "crs-unsupported" "the coordinate system is not supported",
        "Use CRS84, EPSG:4326, EPSG:4490 or a Gauss–Krüger zone of EPSG:4491 to 4554.";
    INTERVAL_INVALID        400 "interval-invalid" "the interval starts after its end",
        "Give the earlier end first, as start/end.";
    PURPOSE_MISSING         400 "purpose-missing" "reading personal data needs a purpose",
        "Send the header Purpose-Of-Use with a registered purpose (GET /api/v1/purposes).";
    IDEMPOTENCY_KEY_INVALID 400 "idempotency-key-invalid" "the idempotency key is malformed",
        "Send 1 to 255 printable ASCII characters, such as a UUID.";
    IF_MATCH_INVALID        400 "if-match-invalid" "the If-Match header is malformed",
        "Send the ETag of the last answer as it was, in its quotes.";
    HOST_INVALID            400 "host-invalid" "the Host header is missing or malformed",
        "Send one Host header with the name of the service.";
    UNAUTHENTICATED         401 "unauthenticated" "sign in, or send a key",
        "Send Authorization: Bearer with a key, or with the token of POST /api/v1/sessions.";
    TOKEN_INVALID           401 "token-invalid" "the key or session is not valid",
        "The key was revoked, the session has ended, or it was copied badly: make or ask for another one.";
    SIGN_IN_FAILED          401 "sign-in-failed" "name or password is wrong",
        "Check both; after five attempts in vain the account rests for 15 minutes.";
    FORBIDDEN               403 "forbidden" "your role does not include this",
        "docs/permissions.md lists the roles of each route; ask the security administrator for the role.";
    PURPOSE_NOT_ALLOWED     403 "purpose-not-allowed" "this purpose is not registered for your department",
        "State one of GET /api/v1/purposes, or have the data office register it.";
    FIELD_FORBIDDEN         403 "field-forbidden" "your rights do not include a field",
        "`field` names it: leave it out, or ask the security administrator.";
    SECOND_FACTOR_REQUIRED  403 "second-factor-required" "an administrator signs in with a second factor",
        "Give the account a second factor (POST and PUT /api/v1/sessions/current/second-factor), then sign in with its code.";
    CROSS_SITE              403 "cross-site" "the request comes from another site",
        "Call from a page of this service, or with an Authorization header in place of the cookie.";
    NOT_FOUND               404 "not-found" "there is nothing here for you",
        "It is absent or out of your scope, which are told alike. Search for it, or check the id and the path.";
    METHOD_NOT_ALLOWED      405 "method-not-allowed" "the method is not allowed here",
        "`allow` lists the methods of this address.";
    NOT_ACCEPTABLE          406 "not-acceptable" "none of the accepted media types is offered",
        "Widen Accept; the description names the media types of each route.";
    REQUEST_TIMEOUT         408 "request-timeout" "the body came too slowly",
        "Send the body faster than a kibibyte a second, or in smaller parts.";
    CONFLICT                409 "conflict" "the request conflicts with the present state",
        "Read the present state and decide anew; `detail` says what stands against it.";
    IDEMPOTENCY_RUNNING     409 "request-running" "the same request is still being worked on",
        "Wait for Retry-After and send the same request with the same key again.";
    GONE                    410 "retired" "the entity has been retired",
        "All its source records were withdrawn. GET …/versions tells its history.";
    LENGTH_LIMIT            413 "payload-too-large" "the body is too large",
        "Send smaller bodies, or a stream of rows.";
    DECOMPRESSED_TOO_LARGE  413 "decompressed-too-large" "the body is too large once decompressed",
        "Send smaller bodies, or a stream of rows; the bound counts what comes out of gzip.";
    LINE_TOO_LONG           413 "line-too-long" "a line is too long",
        "A row ends within 1 MiB (of parcels 8 MiB): check line ends and quotes.";
    URI_TOO_LONG            414 "uri-too-long" "the URL is too long",
        "Send what is long in the body of a POST.";
    MEDIA_TYPE_UNSUPPORTED  415 "media-type" "the body has a media type that is not read here",
        "Set Content-Type to what the body is and the route reads; the description names them.";
    CONTENT_MISMATCH        415 "content-mismatch" "the body is not what its media type says",
        "Set Content-Type or the format to what the content is.";
    CONTENT_CODING_UNKNOWN  415 "content-coding" "the body has a content coding that is not read here",
        "Send the body plain or in gzip.";
    PRECONDITION_FAILED     412 "version-stale" "the version has changed since it was read",
        "Read again, look at what changed, and send the new ETag in If-Match.";
    UNKNOWN_FIELD           422 "unknown-field" "there is no such field",
        "`pointer` names it; compare with the description.";
    READ_ONLY_FIELD         422 "read-only-field" "the field belongs to the server",
        "Leave it out: the server sets it.";
    TYPE_MISMATCH           422 "type-mismatch" "a value has another type than the field",
        "`pointer` names it; identity numbers and names are texts.";
    MISDIRECTED             421 "misdirected" "the service is not called so",
        "Call the service by one of its names; the operator sets them with --host.";
    REQUIRED                422 "required" "a required value is missing",
        "`pointer` names what is missing.";
    INVALID_UNICODE         422 "invalid-unicode" "a text holds a character that cannot be kept",
        "Take U+0000 and lone surrogates out of the text.";
    TOO_LONG                422 "too-long" "a text is too long",
        "`detail` says how long it may be.";
    TOO_MANY_ITEMS          422 "too-many-items" "a list is too long",
        "Send fewer at a time; `detail` says how many.";
    QUERY_TOO_BROAD         422 "query-too-broad" "the query is too broad",
        "Add a birth date, a division or more of the name.";
    QUERY_TOO_EXPENSIVE     422 "query-too-expensive" "the query would cost too much",
        "Narrow the area or the filter, or ask in parts.";
    VALUE_INVALID           422 "value-invalid" "a value cannot be used",
        "`pointer` names it and `detail` says what it may be.";
    RECORD_REFUSED          422 "record-refused" "the record cannot be accepted",
        "`errors` lists what is wrong with each value.";
    IDEMPOTENCY_REUSED      422 "idempotency-key-reused" "the idempotency key was used for another request",
        "Use a new key for every new request, and the same only to repeat one.";
    PRECONDITION_REQUIRED   428 "precondition-required" "say which version you saw with If-Match",
        "Read the entity and send its ETag in If-Match.";
    QUOTA_EXCEEDED          429 "quota-exceeded" "the quota of today is used up",
        "Wait until midnight in China (Retry-After), or ask the security administrator for a larger quota; GET /api/v1/usage/current tells yours.";
    ENUMERATION_SUSPECTED   429 "enumeration-suspected" "ids are being guessed",
        "Wait for 15 minutes; look people up by name, birth date and address. The security administrator has been told.";
    TOO_MANY_REQUESTS       429 "too-many-requests" "too many requests",
        "Wait for Retry-After and send fewer at once.";
    HEADERS_TOO_LARGE       431 "headers-too-large" "the request head is too large",
        "Send fewer and shorter headers.";
    INTERNAL                500 "internal" "something went wrong on our side",
        "Give the operator the Request-Id of the answer. Nothing was half done.";
    OVERLOADED              503 "overloaded" "too many requests are at work",
        "Wait for Retry-After and send again; nothing was looked up.";
    UNAVAILABLE             503 "unavailable" "the service cannot answer just now",
        "Wait for Retry-After and send again.";
}

/// What a caller is told.
#[derive(Clone, Debug)]
pub struct Problem(Box<Told>);

#[derive(Clone, Debug)]
struct Told {
    slug: Cow<'static, str>,
    status: u16,
    title: Cow<'static, str>,
    members: Map<String, Value>,
}

impl Problem {
    /// A problem of this sort, without a word more.
    #[must_use]
    pub fn new(sort: &Sort) -> Self {
        Self(Box::new(Told { slug: sort.slug.into(), status: sort.status, title: sort.title.into(), members: Map::new() }))
    }

    /// A problem under a code of the domain, such as `id-checksum` or `merge-invalid`.
    #[must_use]
    pub fn domain(status: u16, code: impl Into<Cow<'static, str>>, title: impl Into<Cow<'static, str>>) -> Self {
        let slug = code.into();
        match SORTS.iter().find(|sort| sort.slug == slug) {
            Some(sort) => Self::new(sort),
            None => Self(Box::new(Told { slug, status, title: title.into(), members: Map::new() })),
        }
    }

    /// A problem of a record's value: 422, also where a problem of the request itself has the same name.
    #[must_use]
    pub fn of_value(code: impl Into<Cow<'static, str>>, title: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Told { slug: code.into(), status: 422, title: title.into(), members: Map::new() }))
    }

    /// With a sentence about this occurrence: what to do, never the value.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        self.with("detail", detail.into())
    }

    /// With a further member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.members.insert(name.to_owned(), value.into());
        self
    }

    /// With the parameter concerned.
    #[must_use]
    pub fn parameter(self, name: &str) -> Self {
        self.with("parameter", name)
    }

    /// With the place in the body, a JSON pointer (RFC 6901).
    #[must_use]
    pub fn pointer(self, pointer: impl Into<String>) -> Self {
        self.with("pointer", pointer.into())
    }

    /// With the methods that are allowed instead, also in the header `Allow`.
    #[must_use]
    pub(crate) fn allowing(self, methods: &[&str]) -> Self {
        self.with("allow", methods.join(", "))
    }

    /// The last part of the problem type.
    #[must_use]
    pub fn slug(&self) -> &str {
        &self.0.slug
    }

    /// The line for people.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.0.title
    }

    /// The sentence about this occurrence, if there is one.
    #[must_use]
    pub fn told(&self) -> Option<&str> {
        self.0.members.get("detail").and_then(Value::as_str)
    }

    /// A further member, if it has one of this name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.0.members.get(name)
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut body = json!({ "type": format!("/problems/{}", self.0.slug), "title": self.0.title, "status": self.0.status });
        if let Some(object) = body.as_object_mut() {
            object.extend(self.0.members.clone());
        }
        body
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0.status, self.0.slug)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        answer.insert_header((header::CONTENT_TYPE, MEDIA_TYPE)).insert_header((header::CACHE_CONTROL, "no-store"));
        match self.0.status {
            401 => {
                answer.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"jiku\""));
            }
            405 => {
                if let Some(allow) = self.0.members.get("allow").and_then(Value::as_str) {
                    answer.insert_header((header::ALLOW, allow));
                }
            }
            _ => {}
        }
        let usual = matches!(self.0.status, 429 | 503).then_some(1);
        if let Some(seconds) = self.0.members.get("retry_after").and_then(Value::as_u64).or(usual) {
            answer.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        answer.body(self.body().to_string())
    }
}

impl From<&Sort> for Problem {
    fn from(sort: &Sort) -> Self {
        Self::new(sort)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slug_names_one_sort_and_every_status_is_an_error() {
        for (number, sort) in SORTS.iter().enumerate() {
            assert!(SORTS[number + 1..].iter().all(|other| other.slug != sort.slug), "{} is there twice", sort.slug);
            assert!((400..600).contains(&sort.status), "{}", sort.slug);
            assert!(sort.advice.ends_with('.') && !sort.title.ends_with('.'), "{}", sort.slug);
            assert!(sort.slug.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", sort.slug);
        }
    }

    #[test]
    fn a_problem_tells_type_title_status_and_place() {
        let problem = Problem::new(REQUIRED).detail("give the source").pointer("/source");
        assert_eq!(
            problem.body(),
            json!({ "type": "/problems/required", "title": "a required value is missing", "status": 422, "detail": "give the source", "pointer": "/source" })
        );
    }
}
