//! Which version did the caller see?
//!
//! The entity tag of an entity is `"<canonical id>.<version>"`. A decision over several entities names them all: as a list
//! of tags, or as one tag with commas, as reviews and previews hand it out.

use actix_web::HttpRequest;
use actix_web::http::header;
use jiku_model::{EntityId, Kind};
use jiku_registry::Expected;

use crate::problem::{self, Problem};

/// The entity tag, without quotes.
pub(crate) fn tag(id: EntityId, version: i64) -> String {
    format!("{id}.{version}")
}

/// The tag of several entities, quoted: what `If-Match` expects back.
pub(crate) fn joint_tag(seen: impl IntoIterator<Item = (EntityId, i64)>) -> String {
    let tags: Vec<String> = seen.into_iter().map(|(id, version)| tag(id, version)).collect();
    format!("\"{}\"", tags.join(","))
}

/// What `If-Match` says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen(pub(crate) Vec<(EntityId, i64)>);

impl Seen {
    /// Reads the header; it must be there.
    pub(crate) fn required(request: &HttpRequest) -> Result<Self, Problem> {
        let mut headers = request.headers().get_all(header::IF_MATCH);
        let Some(value) = headers.next() else {
            return Err(Problem::new(problem::PRECONDITION_REQUIRED).detail("send If-Match with the entity tag of each entity you saw"));
        };
        let text = value.to_str().map_err(|_| malformed())?;
        if headers.next().is_some() {
            return Err(malformed());
        }
        Self::parse(text)
    }

    /// As [`Seen::required`], where one may also look without it.
    pub(crate) fn required_unless_looking(request: &HttpRequest) -> Result<Self, Problem> {
        Self::required(request).map_err(|problem| {
            if problem.slug() == problem::PRECONDITION_REQUIRED.slug {
                problem.detail("send If-Match with the entity tag of each entity you saw, or dry_run=true")
            } else {
                problem
            }
        })
    }

    /// Reads the header's text.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        if text == "*" {
            return Err(Problem::new(problem::PRECONDITION_FAILED).detail("an asterisk names no version; send the entity tags you saw"));
        }
        let mut seen = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if rest.starts_with("W/") {
                return Err(Problem::new(problem::PRECONDITION_FAILED).detail("a weak entity tag never matches"));
            }
            let (tags, after) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"')).ok_or_else(malformed)?;
            for tag in tags.split(',') {
                // A tag that is well-formed but not one of ours matches nothing: it is stale, not malformed.
                let parsed = tag.trim().split_once('.').and_then(|(id, version)| Some((id.parse().ok()?, version.parse().ok()?)));
                seen.push(
                    parsed.ok_or_else(|| Problem::new(problem::PRECONDITION_FAILED).detail("the entity tag is not one of this service"))?,
                );
            }
            rest = after.trim_start();
            if !rest.is_empty() {
                rest = rest.strip_prefix(',').ok_or_else(malformed)?.trim_start();
            }
        }
        if seen.is_empty() { Err(malformed()) } else { Ok(Self(seen)) }
    }
}

impl From<Seen> for Expected {
    fn from(seen: Seen) -> Self {
        seen.0.into_iter().collect()
    }
}

/// Whether `If-None-Match` holds this tag, so that the caller's copy is still good.
pub(crate) fn caller_has(request: &HttpRequest, tag: &str) -> bool {
    request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).is_some_and(|text| {
        text.split(',').map(|one| one.trim().trim_start_matches("W/").trim_matches('"')).any(|one| one == tag || one == "*")
    })
}

/// The entity tag of the version in use of what a kind is governed by (its match model, its survivorship rules), quoted.
pub(crate) fn tag_in_use(kind: Kind, version: i32) -> String {
    format!("\"{}.{version}\"", kind.as_str())
}

/// The version in use that the caller saw; `what` they saw completes the sentence that asks for its entity tag.
pub(crate) fn seen_in_use(request: &HttpRequest, kind: Kind, what: &str) -> Result<i32, Problem> {
    let required = || Problem::new(problem::PRECONDITION_REQUIRED).detail(format!("send If-Match with the ETag of {what}"));
    let value = request.headers().get(header::IF_MATCH).ok_or_else(required)?;
    let text = value.to_str().ok().and_then(|text| text.trim().strip_prefix('"')?.strip_suffix('"'));
    let text = text.ok_or_else(|| Problem::new(problem::IF_MATCH_INVALID).detail("If-Match is one entity tag in double quotes"))?;
    let version = text.split_once('.').filter(|(of, _)| *of == kind.as_str()).and_then(|(_, version)| version.parse().ok());
    version.ok_or_else(|| Problem::new(problem::PRECONDITION_FAILED).detail("the entity tag is not one of what you change"))
}

fn malformed() -> Problem {
    Problem::new(problem::IF_MATCH_INVALID).detail("If-Match is one or more entity tags in double quotes, separated by commas")
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "0190a7a0-0000-7000-8000-000000000001";
    const B: &str = "0190a7a0-0000-7000-8000-000000000002";

    #[track_caller]
    fn check(text: &str, expected: Result<usize, &str>) {
        let got = Seen::parse(text).map(|seen| seen.0.len());
        assert_eq!(got.as_ref().map(|count| *count).map_err(Problem::slug), expected, "{text}");
    }

    #[test]
    fn one_tag_or_many_in_either_form() {
        check(&format!("\"{A}.3\""), Ok(1));
        check(&format!("\"{A}.3\", \"{B}.1\""), Ok(2));
        check(&format!("\"{A}.3,{B}.1\""), Ok(2));
    }

    #[test]
    fn weak_foreign_and_malformed_tags_never_match() {
        check(&format!("W/\"{A}.3\""), Err("version-stale"));
        check("*", Err("version-stale"));
        check("\"abc\"", Err("version-stale"));
        check("abc", Err("if-match-invalid"));
        check("", Err("if-match-invalid"));
        check(&format!("\"{A}.3"), Err("if-match-invalid"));
    }

    #[test]
    fn a_joint_tag_reads_back() {
        let (a, b) = (A.parse().expect("an id"), B.parse().expect("an id"));
        assert_eq!(Seen::parse(&joint_tag([(a, 3), (b, 9)])).expect("our own tag"), Seen(vec![(a, 3), (b, 9)]));
    }
}
