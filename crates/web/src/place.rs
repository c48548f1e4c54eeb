//! Which noun does a path name?

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::{FromRequest, HttpRequest, dev};
use jiku_model::{DecisionId, EmergencyId, EntityId, ExportId, JobId, Kind, ProposalId, RecordKey, SourceCode, TaskId};
use uuid::Uuid;

use crate::parameters;
use crate::problem::{self, Problem};
use crate::routes;

/// The kind in `/{kind}/…`, always the plural.
pub(crate) struct OfKind(pub(crate) Kind);

/// An entity: `/{kind}/{id}`.
pub(crate) struct Entity(pub(crate) Kind, pub(crate) EntityId);

/// A source record: `/sources/{source}/{kind}/{key}`.
pub(crate) struct Record(pub(crate) RecordKey);

/// The records of one kind of a source system: `/sources/{source}/{kind}/…`.
pub(crate) struct OfSource(pub(crate) SourceCode, pub(crate) Kind);

/// A review task, a job, a decision: `/…/{id}`.
pub(crate) struct Named<T>(pub(crate) T);

/// A column of an entity: `/{kind}/{id}/overrides/{column}`.
pub(crate) struct Column(pub(crate) String);

/// Reads an id: the one canonical spelling of a UUID, 36 characters.
pub(crate) fn id<T: FromId>(text: &str) -> Result<T, Problem> {
    let uuid = (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten();
    uuid.map(T::from_id).ok_or_else(|| Problem::new(problem::ID_FORMAT).detail("an id is a UUID of 36 characters"))
}

/// An id made of a UUID.
pub(crate) trait FromId {
    /// Wraps it.
    fn from_id(id: Uuid) -> Self;
}

macro_rules! ids { ($($name:ident),*) => { $(impl FromId for $name { fn from_id(id: Uuid) -> Self { Self(id) } })* } }
ids!(EntityId, TaskId, JobId, DecisionId, ProposalId, EmergencyId, ExportId);

fn part<'a>(request: &'a HttpRequest, name: &str) -> &'a str {
    request.match_info().get(name).unwrap_or("")
}

fn kind(request: &HttpRequest) -> Result<Kind, Problem> {
    let text = part(request, "kind");
    Kind::ALL
        .into_iter()
        .find(|kind| kind.plural() == text)
        .ok_or_else(|| Problem::new(problem::NOT_FOUND).detail("kinds are persons, legal-persons and parcels"))
}

macro_rules! from_path {
    ($($name:ty, |$request:ident| $read:expr;)*) => { $(
        impl FromRequest for $name {
            type Error = Problem;
            type Future = Ready<Result<Self, Problem>>;

            fn from_request($request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
                ready($read)
            }
        }
    )* };
}

from_path! {
    OfKind, |request| kind(request).map(OfKind);
    Entity, |request| kind(request).and_then(|kind| Ok(Entity(kind, id(part(request, "id")).map_err(|problem| or_other_method(request, problem))?)));
    Record, |request| record(request).map(Record);
    OfSource, |request| source(request).and_then(|source| Ok(OfSource(source, kind(request)?)));
    Column, |request| column(part(request, "column"));
}

impl<T: FromId> FromRequest for Named<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(id(part(request, "id")).map(Named))
    }
}

/// Where an id could stand, the path may name something that is called with another method: `GET /persons/merge`.
fn or_other_method(request: &HttpRequest, problem: Problem) -> Problem {
    let methods = routes::methods_of_name(request.path());
    if methods.is_empty() { problem } else { Problem::new(problem::METHOD_NOT_ALLOWED).allowing(&methods) }
}

fn column(text: &str) -> Result<Column, Problem> {
    let good =
        (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if good { Ok(Column(text.to_owned())) } else { Err(Problem::new(problem::NOT_FOUND).detail("there is no such column")) }
}

fn source(request: &HttpRequest) -> Result<SourceCode, Problem> {
    SourceCode::from_str(part(request, "source")).map_err(|error| Problem::new(problem::ID_FORMAT).detail(error.to_string()))
}

fn record(request: &HttpRequest) -> Result<RecordKey, Problem> {
    let (source, kind) = (source(request)?, kind(request)?);
    // The router has decoded all but the signs that could change the path; what is left is decoded here, once. A plus sign
    // means itself in a path.
    let key = parameters::decode(&part(request, "key").replace('+', "%2B"))?.into_owned();
    record_key(source, kind, key)
}

/// The outside name of a record.
pub(crate) fn record_key(source: SourceCode, kind: Kind, key: String) -> Result<RecordKey, Problem> {
    if key.is_empty() || key.len() > RecordKey::MAX_KEY_BYTES || key.chars().any(char::is_control) {
        return Err(Problem::new(problem::ID_FORMAT)
            .detail(format!("a source key has 1 to {} bytes and no control characters", RecordKey::MAX_KEY_BYTES)));
    }
    Ok(RecordKey { kind, source, key })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let good = "0190a7a0-0000-7000-8000-000000000001";
        assert!(id::<EntityId>(good).is_ok());
        for bad in
            ["", "..", "../..", "%00", "0190a7a0000070008000000000000001", "{0190a7a0-0000-7000-8000-000000000001}", &"1".repeat(5000)]
        {
            assert_eq!(id::<EntityId>(bad).map_err(|problem| problem.slug().to_owned()), Err("id-format".to_owned()), "{bad}");
        }
    }
}
