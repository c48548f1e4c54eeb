//! Does bad input get the answer the catalogue of bad input promises?
//!
//! The catalogue is `fixtures/bad-input/catalogue.toml`: a hundred rows, each with what is sent, what is answered, and why where that is not
//! what was promised. All of it is asked of a running server on each store ([`table`]). What no single request shows is in tests that the rows
//! name ([`steps`]).

mod steps;
mod table;
mod texts;

use jiku_registry::Role;

use super::service::{Answer, Caller, Service};

fn steward(service: &Service) -> Caller<'_> {
    service.caller(&[Role::Steward, Role::Source, Role::Reader, Role::DataOffice])
}

#[track_caller]
fn check(row: &str, answer: &Answer, status: u16, slug: &str) {
    assert_eq!((answer.status, answer.problem().as_str()), (status, slug), "{row}: {}", answer.text);
}

fn send(caller: &Caller<'_>, path: &str, media_type: &str, body: &[u8]) -> Answer {
    caller.clone().with("Content-Type", media_type).send("POST", path, body)
}
