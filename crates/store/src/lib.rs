//! Schema, rows, queries and migrations, the same on SQLite and PostgreSQL.
//!
//! [`Store::open`] takes `sqlite://FILE` or `postgres://…` and brings the schema up to date. [`Store::read`] gives a
//! [`Reader`] of one consistent state, [`Store::write`] a [`Writer`] that is the only one of the whole database at its
//! time, over all processes and nodes. Queries are compiled once for each database from one text (`q`); rows are plain
//! structs (`rows`); what each column holds and how far it may travel is in [`catalogue`].

#![expect(clippy::duplicate_mod, reason = "one text of queries is compiled for each database")]

mod access_index;
pub mod catalogue;
mod error;
mod inspect;
mod keys;
mod open;
mod pool;
mod postgres;
mod reader;
mod readers;
mod reseal;
mod rows;
mod schema;
mod sqlite;
mod store;
mod types;
mod waits;
mod wal;
mod writer;

pub use error::{Context, OpenError, StoreError};
pub use inspect::{ColumnFound, Plan};
pub use keys::{KeySource, KeyUse, SealedReader, SealedWriter};
pub use reader::Reader;
pub use reseal::{DamagedRow, KeyReport, Resealed};
pub use rows::*;
pub use store::{Backend, Store};
pub use types::{EntityState, ExportState, JobState, ProposalState, RecordState, TaskState, UnknownWord};
pub use writer::Writer;
