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
}

macro_rules! sorts {
    ($($name:ident $status:literal $slug:literal $title:literal)*) => {
        $(pub(crate) const $name: &Sort = &Sort { slug: $slug, status: $status, title: $title };)*
        /// Every sort of problem this service can answer with; domain codes of records are beside it, always 422.
        pub const SORTS: &[&Sort] = &[$($name),*];
    };
}

sorts! {
    BODY_MISSING            400 "body-missing"            "the request needs a body"
    BODY_INCOMPLETE         400 "body-incomplete"         "the body broke off"
    JSON_SYNTAX             400 "json-syntax"             "the body is not well-formed JSON"
    JSON_TOO_DEEP           400 "json-too-deep"           "the JSON is nested too deeply"
    JSON_DUPLICATE_KEY      400 "json-duplicate-key"      "a JSON object names a member twice"
    JSON_NUMBER             400 "json-number"             "a number cannot be represented"
    JSON_TOO_LARGE          400 "json-too-large"          "the JSON has too many members"
    ENCODING                400 "encoding"                "the request is not valid UTF-8"
    CONTENT_ENCODING        400 "content-encoding"        "the body cannot be decompressed"
    ID_FORMAT               400 "id-format"               "the id does not have the form of an id"
    PARAMETER_INVALID       400 "parameter-invalid"       "a parameter has a value it cannot have"
    PARAMETER_UNKNOWN       400 "parameter-unknown"       "there is no such parameter"
    PARAMETER_REPEATED      400 "parameter-repeated"      "a parameter is given more than once"
    USE_CURSOR              400 "use-cursor"              "pages are asked for by cursor"
    CURSOR_INVALID          400 "cursor-invalid"          "the cursor was not given out for this list"
    SENSITIVE_IN_URL        400 "sensitive-in-url"        "personal numbers do not belong in a URL"
    BBOX_INVALID            400 "bbox-invalid"            "the box is not four numbers west, south, east, north"
    CRS_UNSUPPORTED         400 "crs-unsupported"         "the coordinate system is not supported"
    INTERVAL_INVALID        400 "interval-invalid"        "the interval starts after its end"
    PURPOSE_MISSING         400 "purpose-missing"         "reading personal data needs a purpose"
    IDEMPOTENCY_KEY_INVALID 400 "idempotency-key-invalid" "the idempotency key is malformed"
    IF_MATCH_INVALID        400 "if-match-invalid"        "the If-Match header is malformed"
    HOST_INVALID            400 "host-invalid"            "the Host header is missing or malformed"
    UNAUTHENTICATED         401 "unauthenticated"         "sign in, or send a key"
    TOKEN_INVALID           401 "token-invalid"           "the key or session is not valid"
    SIGN_IN_FAILED          401 "sign-in-failed"          "name or password is wrong"
    FORBIDDEN               403 "forbidden"               "your role does not include this"
    PURPOSE_NOT_ALLOWED     403 "purpose-not-allowed"     "this purpose is not registered for your department"
    FIELD_FORBIDDEN         403 "field-forbidden"         "your rights do not include a field"
    SECOND_FACTOR_REQUIRED  403 "second-factor-required"  "an administrator signs in with a second factor"
    CROSS_SITE              403 "cross-site"              "the request comes from another site"
    NOT_FOUND               404 "not-found"               "there is nothing here for you"
    METHOD_NOT_ALLOWED      405 "method-not-allowed"      "the method is not allowed here"
    NOT_ACCEPTABLE          406 "not-acceptable"          "none of the accepted media types is offered"
    REQUEST_TIMEOUT         408 "request-timeout"         "the body came too slowly"
    CONFLICT                409 "conflict"                "the request conflicts with the present state"
    IDEMPOTENCY_RUNNING     409 "request-running"         "the same request is still being worked on"
    GONE                    410 "retired"                 "the entity has been retired"
    LENGTH_LIMIT            413 "payload-too-large"       "the body is too large"
    DECOMPRESSED_TOO_LARGE  413 "decompressed-too-large"  "the body is too large once decompressed"
    LINE_TOO_LONG           413 "line-too-long"           "a line is too long"
    URI_TOO_LONG            414 "uri-too-long"            "the URL is too long"
    MEDIA_TYPE_UNSUPPORTED  415 "media-type"              "the body has a media type that is not read here"
    CONTENT_MISMATCH        415 "content-mismatch"        "the body is not what its media type says"
    CONTENT_CODING_UNKNOWN  415 "content-coding"          "the body has a content coding that is not read here"
    PRECONDITION_FAILED     412 "version-stale"           "the version has changed since it was read"
    UNKNOWN_FIELD           422 "unknown-field"           "there is no such field"
    READ_ONLY_FIELD         422 "read-only-field"         "the field belongs to the server"
    TYPE_MISMATCH           422 "type-mismatch"           "a value has another type than the field"
    MISDIRECTED             421 "misdirected"             "the service is not called so"
    REQUIRED                422 "required"                "a required value is missing"
    INVALID_UNICODE         422 "invalid-unicode"         "a text holds a character that cannot be kept"
    TOO_LONG                422 "too-long"                "a text is too long"
    TOO_MANY_ITEMS          422 "too-many-items"          "a list is too long"
    QUERY_TOO_BROAD         422 "query-too-broad"         "the query is too broad"
    QUERY_TOO_EXPENSIVE     422 "query-too-expensive"     "the query would cost too much"
    VALUE_INVALID           422 "value-invalid"           "a value cannot be used"
    RECORD_REFUSED          422 "record-refused"          "the record cannot be accepted"
    IDEMPOTENCY_REUSED      422 "idempotency-key-reused"  "the idempotency key was used for another request"
    PRECONDITION_REQUIRED   428 "precondition-required"   "say which version you saw with If-Match"
    QUOTA_EXCEEDED          429 "quota-exceeded"          "the quota of today is used up"
    ENUMERATION_SUSPECTED   429 "enumeration-suspected"   "ids are being guessed"
    TOO_MANY_REQUESTS       429 "too-many-requests"       "too many requests"
    HEADERS_TOO_LARGE       431 "headers-too-large"       "the request head is too large"
    INTERNAL                500 "internal"                "something went wrong on our side"
    OVERLOADED              503 "overloaded"              "too many requests are at work"
    UNAVAILABLE             503 "unavailable"             "the service cannot answer just now"
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
