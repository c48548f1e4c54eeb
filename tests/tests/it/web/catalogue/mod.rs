//! Does bad input get the answer the catalogue of bad input promises?
//!
//! The catalogue has a hundred rows, B1 to B100. Each is asked of a running server; its number stands in the words of the
//! assertion. Where the product answers otherwise on purpose, the test says why ([`otherwise`]); [`coverage`] sees that none is left out.

mod api;
mod coverage;
mod geometry;
mod otherwise;
mod rights;
mod values;
mod wire;

use jiku_registry::Role;

use super::service::{Answer, Caller, Service};

fn steward(service: &Service) -> Caller<'_> {
    service.caller(&[Role::Steward, Role::Source, Role::Reader, Role::DataOffice])
}

#[track_caller]
fn check(row: &str, answer: &Answer, status: u16, slug: &str) {
    assert_eq!((answer.status, answer.problem().as_str()), (status, slug), "{row}: {}", answer.text);
    assert!(answer.text.len() < 20_000, "{row}: the answer does not echo what was sent");
}

fn send(caller: &Caller<'_>, path: &str, media_type: &str, body: &[u8]) -> Answer {
    caller.clone().with("Content-Type", media_type).send("POST", path, body)
}
