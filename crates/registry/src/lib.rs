//! What can the service do?
//!
//! [`Registry`] is the façade: its public functions are the use cases, and there is no other way to the data. It owns
//! the transactions, the in-memory indexes, the traces and the queue of writes; it knows no HTTP and no SQL.

mod actor;
mod error;
mod facade;
mod registry;

pub use actor::{Actor, Role, UnknownRole};
pub use error::{OpenError, RegistryError};
pub use facade::*;
pub use registry::{Options, Registry};
