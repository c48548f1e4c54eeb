//! How is a JSON object read into a request?
//!
//! Field by field, every problem collected with its JSON pointer, so that a caller mends a request once. A field nobody asked
//! for is an error: it is either a slip of the pen or something the server owns.

use std::fmt::Write as _;
use std::str::FromStr;

use serde_json::{Map, Value, json};

use crate::problem::{self, Problem, Sort};

/// Members that only the server writes.
const READ_ONLY: &[&str] = &[
    "id",
    "canonical_id",
    "canonicalId",
    "entity",
    "entity_id",
    "entityId",
    "role",
    "roles",
    "state",
    "version",
    "revision",
    "redirect",
    "created_at",
    "createdAt",
    "received_at",
    "recorded_at",
    "recorded_from",
    "recorded_to",
    "position",
    "actor",
    "department",
    "provenance",
    "golden",
];

/// Whether a member of this name belongs to the server.
pub(crate) fn is_read_only(name: &str) -> bool {
    READ_ONLY.contains(&name)
}

/// The longest text in a request, in characters.
const MAX_TEXT: usize = 4000;

/// A JSON object being read.
pub(crate) struct Fields {
    left: Map<String, Value>,
    place: String,
    found: Vec<Found>,
}

struct Found {
    sort: &'static Sort,
    pointer: String,
    detail: String,
}

impl Fields {
    /// The body itself.
    pub(crate) const fn new(body: Map<String, Value>) -> Self {
        Self { left: body, place: String::new(), found: Vec::new() }
    }

    /// Notes a problem of a member.
    pub(crate) fn report(&mut self, sort: &'static Sort, name: &str, detail: impl Into<String>) {
        self.found.push(Found { sort, pointer: format!("{}/{}", self.place, escape(name)), detail: detail.into() });
    }

    /// Takes a member; null is the same as absent.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.left.shift_remove(name).filter(|value| !value.is_null())
    }

    /// Takes a member where null says something of its own.
    pub(crate) fn take_said(&mut self, name: &str) -> Option<Value> {
        self.left.shift_remove(name)
    }

    /// Leaves members unread that nobody asked for.
    pub(crate) fn forget_the_rest(&mut self) {
        self.left.clear();
    }

    /// True or false; absent is false.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        match self.take(name) {
            None => false,
            Some(Value::Bool(flag)) => flag,
            Some(_) => {
                self.report(problem::TYPE_MISMATCH, name, "write true or false, without quotes");
                false
            }
        }
    }

    /// A text, trimmed; an empty one is the same as absent.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) if text.chars().count() > MAX_TEXT => {
                self.report(problem::TOO_LONG, name, format!("at most {MAX_TEXT} characters"));
                None
            }
            Value::String(text) => {
                let trimmed = text.trim();
                (!trimmed.is_empty()).then(|| trimmed.to_owned())
            }
            _ => {
                self.report(problem::TYPE_MISMATCH, name, "write it as a text in double quotes");
                None
            }
        }
    }

    /// A text that must be there.
    pub(crate) fn required_text(&mut self, name: &str) -> String {
        let before = self.found.len();
        self.text(name).unwrap_or_else(|| {
            if self.found.len() == before {
                self.report(problem::REQUIRED, name, "give a value");
            }
            String::new()
        })
    }

    /// A text that reads itself; `expected` says what it must be.
    pub(crate) fn parsed<T: FromStr>(&mut self, name: &str, sort: &'static Sort, expected: &str) -> Option<T> {
        let text = self.text(name)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(_) => {
                self.report(sort, name, expected);
                None
            }
        }
    }

    /// As [`Fields::parsed`], for a member that must be there.
    pub(crate) fn required<T: FromStr>(&mut self, name: &str, sort: &'static Sort, expected: &str) -> Option<T> {
        let before = self.found.len();
        let value = self.parsed(name, sort, expected);
        if value.is_none() && self.found.len() == before {
            self.report(problem::REQUIRED, name, "give a value");
        }
        value
    }

    /// A finite number.
    pub(crate) fn number(&mut self, name: &str) -> Option<f64> {
        let value = self.take(name)?;
        let number = value.as_f64().filter(|number| number.is_finite());
        if number.is_none() {
            self.report(problem::TYPE_MISMATCH, name, "write it as a number, without quotes");
        }
        number
    }

    /// A whole number between two bounds, with a default.
    pub(crate) fn count(&mut self, name: &str, default: usize, ceiling: usize) -> usize {
        match self.take(name) {
            None => default,
            Some(value) => match value.as_u64().and_then(|number| usize::try_from(number).ok()) {
                Some(number) if (1..=ceiling).contains(&number) => number,
                _ => {
                    self.report(problem::VALUE_INVALID, name, format!("write a whole number from 1 to {ceiling}"));
                    default
                }
            },
        }
    }

    /// A list of at most `ceiling` members.
    pub(crate) fn list(&mut self, name: &str, ceiling: usize) -> Option<Vec<Value>> {
        match self.take(name)? {
            Value::Array(list) if list.len() > ceiling => {
                self.report(problem::TOO_MANY_ITEMS, name, format!("at most {ceiling} items"));
                None
            }
            Value::Array(list) => Some(list),
            _ => {
                self.report(problem::TYPE_MISMATCH, name, "write a list in square brackets");
                None
            }
        }
    }

    /// A list of texts that read themselves.
    pub(crate) fn list_of<T: FromStr>(&mut self, name: &str, ceiling: usize, sort: &'static Sort, expected: &str) -> Option<Vec<T>> {
        let list = self.list(name, ceiling)?;
        let mut read = Vec::with_capacity(list.len());
        for (number, value) in list.into_iter().enumerate() {
            match value.as_str().and_then(|text| text.trim().parse().ok()) {
                Some(value) => read.push(value),
                None => {
                    let pointer = format!("{}/{}/{number}", self.place, escape(name));
                    let sort = if value.is_string() { sort } else { problem::TYPE_MISMATCH };
                    self.found.push(Found { sort, pointer, detail: expected.to_owned() });
                }
            }
        }
        Some(read)
    }

    /// A list of objects, each read by `read`.
    pub(crate) fn objects<T>(&mut self, name: &str, ceiling: usize, mut read: impl FnMut(&mut Self) -> T) -> Option<Vec<T>> {
        let list = self.list(name, ceiling)?;
        Some(
            list.into_iter().enumerate().filter_map(|(number, value)| self.nested(&format!("{name}/{number}"), value, &mut read)).collect(),
        )
    }

    fn nested<T>(&mut self, name: &str, value: Value, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let Value::Object(object) = value else {
            self.report(problem::TYPE_MISMATCH, name, "write an object in curly brackets");
            return None;
        };
        let mut place = self.place.clone();
        // The error of writing to a String is a type that never happens.
        let _ = write!(place, "/{name}");
        let mut inner = Self { left: object, place, found: std::mem::take(&mut self.found) };
        let value = read(&mut inner);
        inner.refuse_the_rest();
        self.found = inner.found;
        Some(value)
    }

    fn refuse_the_rest(&mut self) {
        for name in std::mem::take(&mut self.left).into_iter().map(|(name, _)| name) {
            if is_read_only(&name) {
                self.report(problem::READ_ONLY_FIELD, &name, "leave it out; the server writes it");
            } else {
                self.report(problem::UNKNOWN_FIELD, &name, "no field has this name here");
            }
        }
    }

    /// Ends the reading: everything found wrong is one problem, under the sort of the first.
    pub(crate) fn finish(mut self) -> Result<(), Problem> {
        self.refuse_the_rest();
        let Some(first) = self.found.first() else { return Ok(()) };
        let errors: Vec<Value> = self
            .found
            .iter()
            .take(100)
            .map(|found| json!({ "code": found.sort.slug, "pointer": found.pointer, "advice": found.detail }))
            .collect();
        Err(Problem::new(first.sort).detail(first.detail.clone()).pointer(first.pointer.clone()).with("errors", errors))
    }
}

/// A member's name inside a JSON pointer; slashes of list places are made by us and stay.
fn escape(name: &str) -> String {
    if name.contains('~') { name.replace('~', "~0") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: Value, expected: &[(&str, &str)]) {
        let Value::Object(map) = body else { panic!("the case is an object") };
        let mut fields = Fields::new(map);
        let _: String = fields.required_text("source");
        let _: Option<f64> = fields.number("radius_m");
        let _: Option<Vec<String>> = fields.objects("records", 2, |record| record.required_text("key"));
        let got = match fields.finish() {
            Ok(()) => Vec::new(),
            Err(problem) => problem.body()["errors"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|error| (error["code"].as_str().expect("a code").to_owned(), error["pointer"].as_str().expect("a place").to_owned()))
                .collect(),
        };
        let got: Vec<(&str, &str)> = got.iter().map(|(code, place)| (code.as_str(), place.as_str())).collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn all_problems_of_a_body_are_told_at_once_with_their_place() {
        check(json!({ "source": "a" }), &[]);
        check(json!({ "source": " " }), &[("required", "/source")]);
        check(json!({ "source": 5, "radius_m": "far" }), &[("type-mismatch", "/source"), ("type-mismatch", "/radius_m")]);
        check(
            json!({ "source": "a", "canonicalId": "x", "sauce": 1 }),
            &[("read-only-field", "/canonicalId"), ("unknown-field", "/sauce")],
        );
        check(
            json!({ "source": "a", "records": [{ "key": null }, { "key": "b", "x": 1 }] }),
            &[("required", "/records/0/key"), ("unknown-field", "/records/1/x")],
        );
        check(json!({ "source": "a", "records": [{}, {}, {}] }), &[("too-many-items", "/records")]);
    }
}
