//! How is JSON from outside read, strictly and with bounds?
//!
//! RFC 8259, with what it leaves open closed: names are unique, text is Unicode without lone surrogates and without NUL
//! (PostgreSQL text cannot hold it), numbers keep their digits. The same code reads request bodies and files.

mod elements;
mod parse;

pub use parse::{JsonError, parse, parse_feature, parse_object};

pub(crate) use elements::{Elements, Shape};
pub(crate) use parse::parse_object_within;
