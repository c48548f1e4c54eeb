//! How does somebody who trusts nobody with the database know that its traces are whole?
//!
//! The change log is a chain of hashes inside the database; whoever may rewrite the whole database can rewrite the whole
//! chain. So its end is sealed again and again: position, hash and a digest of the access log, signed, appended to a file
//! outside ([`seal`]). [`check`] compares a database with the chain and the seals; it needs no key and no running service.

pub(crate) mod check;
pub(crate) mod recheck;
pub(crate) mod seal;
pub(crate) mod sealer;
pub(crate) mod watch;

pub use check::{Extent, TraceReport, check_traces};
pub use seal::{Seal, SealError, read_seals};
