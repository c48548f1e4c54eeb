//! How are query parameters read?
//!
//! Strictly: a name that is not one of the endpoint's, or that comes twice, is an error, because a filter silently ignored
//! gives an answer to another question.

use std::borrow::Cow;
use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::{FromRequest, HttpRequest, dev};
use chrono::{DateTime, Utc};

use crate::problem::{self, Problem};

/// The parameter with which any address is asked for personal values in full.
const UNMASK: &str = "unmask";

/// Whether personal values are asked for in full.
pub(crate) fn unmask(query: &str) -> Result<bool, Problem> {
    let mut asked = None;
    for (name, value) in query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))) {
        if name == UNMASK && asked.replace(value).is_some() {
            return Err(Problem::new(problem::PARAMETER_REPEATED).parameter(UNMASK));
        }
    }
    match asked {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(invalid(UNMASK, "true or false")),
    }
}

/// The query parameters of one endpoint.
pub(crate) trait Parameters: Sized {
    /// Every name the endpoint knows.
    const NAMES: &'static [&'static str];
    /// Reads them.
    fn read(given: &Given<'_>) -> Result<Self, Problem>;
}

/// The extractor: `Query(parameters): Query<SomeParameters>`.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: Parameters> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(Given::parse(request.query_string(), T::NAMES).and_then(|given| T::read(&given)).map(Query))
    }
}

/// An endpoint without parameters.
pub(crate) struct NoParameters;

impl Parameters for NoParameters {
    const NAMES: &'static [&'static str] = &[];

    fn read(_: &Given<'_>) -> Result<Self, Problem> {
        Ok(Self)
    }
}

/// What came after the question mark, names checked.
pub(crate) struct Given<'a>(Vec<(&'static str, Cow<'a, str>)>);

impl<'a> Given<'a> {
    /// Reads a query string with these names and no others.
    pub(crate) fn parse(query: &'a str, names: &'static [&'static str]) -> Result<Self, Problem> {
        let mut given: Vec<(&'static str, Cow<'a, str>)> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name)?;
            if name == "offset" && !names.contains(&"offset") && names.contains(&"cursor") {
                return Err(Problem::new(problem::USE_CURSOR).parameter("offset").detail("follow `next_cursor` of the page before"));
            }
            if name == UNMASK {
                // Every address takes it; the gate has read it already.
                continue;
            }
            let Some(name) = names.iter().find(|known| **known == name) else {
                let known = if names.is_empty() {
                    "this address takes no parameters".to_owned()
                } else {
                    format!("known here: {}", names.join(", "))
                };
                return Err(Problem::new(problem::PARAMETER_UNKNOWN).detail(known));
            };
            if given.iter().any(|(other, _)| other == name) {
                return Err(Problem::new(problem::PARAMETER_REPEATED).parameter(name));
            }
            given.push((name, decode(value)?));
        }
        Ok(Self(given))
    }

    /// The text of a parameter, if given; an empty one counts as given.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_ref())
    }

    /// A value that reads itself from text; `expected` completes "the parameter must be …".
    pub(crate) fn value<T: FromStr>(&self, name: &str, expected: &str) -> Result<Option<T>, Problem> {
        self.text(name).map(|text| text.parse().map_err(|_| invalid(name, expected))).transpose()
    }

    /// `true` or `false`; absent is false.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Problem> {
        Ok(self.value::<bool>(name, "true or false")?.unwrap_or(false))
    }

    /// A number of items, between 1 and a stated ceiling.
    pub(crate) fn limit(&self, default: usize, ceiling: usize) -> Result<usize, Problem> {
        let limit = self.value("limit", &format!("a number from 1 to {ceiling}"))?.unwrap_or(default);
        if (1..=ceiling).contains(&limit) { Ok(limit) } else { Err(invalid("limit", &format!("a number from 1 to {ceiling}"))) }
    }

    /// A moment with its offset from UTC, or a date, which means its end in UTC+8.
    pub(crate) fn moment(&self, name: &str) -> Result<Option<DateTime<Utc>>, Problem> {
        self.text(name)
            .map(|text| moment(text).ok_or_else(|| invalid(name, "a time with its offset, such as 2026-05-01T08:00:00+08:00")))
            .transpose()
    }
}

/// Reads a moment; a plus sign that a form decoder turned into a space is put back.
pub(crate) fn moment(text: &str) -> Option<DateTime<Utc>> {
    let text = text.replace(' ', "+");
    DateTime::parse_from_rfc3339(&text).ok().map(|moment| jiku_model::truncate_to_micros(moment.with_timezone(&Utc)))
}

/// The problem of a parameter with a value it cannot have.
pub(crate) fn invalid(name: &str, expected: &str) -> Problem {
    Problem::new(problem::PARAMETER_INVALID).parameter(name).detail(format!("{name} must be {expected}"))
}

/// A text as a part of an address: letters and digits stand, every other byte is `%` and its number.
pub(crate) fn encode(text: &str) -> String {
    let byte = |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(byte).collect()
}

/// Undoes percent-encoding and the plus sign of forms; what comes out must be UTF-8 without NUL.
pub(crate) fn decode(text: &str) -> Result<Cow<'_, str>, Problem> {
    if !text.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Ok(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
                let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) else {
                    return Err(Problem::new(problem::ENCODING).detail("a percent sign must be followed by two hexadecimal digits"));
                };
                u8::try_from(high * 16 + low).unwrap_or(b'?')
            }
            other => other,
        });
    }
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(Cow::Owned(text)),
        _ => Err(Problem::new(problem::ENCODING).detail("percent-encoded bytes must be UTF-8 without NUL")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &str, expected: Result<&str, &str>) {
        let names = &["limit", "cursor", "name"];
        let got = Given::parse(query, names).map(|given| given.text("name").unwrap_or("-").to_owned());
        assert_eq!(got.as_deref().map_err(Problem::slug), expected, "{query}");
    }

    #[test]
    fn unknown_and_repeated_parameters_are_errors() {
        check("", Ok("-"));
        check("name=a+b%C3%A9&limit=5", Ok("a bé"));
        check("nme=a", Err("parameter-unknown"));
        check("name=a&name=b", Err("parameter-repeated"));
        check("offset=1000000000000", Err("use-cursor"));
        check("name=%ED%A0%80", Err("encoding"));
        check("name=%00", Err("encoding"));
        check("name=%G1", Err("encoding"));
    }

    #[test]
    fn any_address_can_be_asked_for_full_values_once() {
        for (query, expected) in [
            ("", Ok(false)),
            ("limit=1&unmask=true", Ok(true)),
            ("unmask=false", Ok(false)),
            ("unmask=1", Err("parameter-invalid")),
            ("unmask=true&unmask=true", Err("parameter-repeated")),
        ] {
            assert_eq!(unmask(query).as_ref().map_err(Problem::slug), expected.as_ref().map_err(|slug| *slug), "{query}");
        }
        check("unmask=true&name=a", Ok("a"));
    }

    #[test]
    fn a_limit_stays_between_one_and_its_ceiling() {
        for (text, expected) in
            [("limit=0", None), ("limit=-1", None), ("limit=abc", None), ("limit=1001", None), ("limit=7", Some(7)), ("", Some(50))]
        {
            let got = Given::parse(text, &["limit"]).and_then(|given| given.limit(50, 1000));
            assert_eq!(got.ok(), expected, "{text}");
        }
    }

    #[test]
    fn a_moment_needs_its_offset() {
        for (text, good) in
            [("2026-05-01T08:00:00Z", true), ("2026-05-01T08:00:00 08:00", true), ("2026-05-01T08:00:00", false), ("yesterday", false)]
        {
            assert_eq!(moment(text).is_some(), good, "{text}");
        }
    }
}
