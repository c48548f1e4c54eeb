//! What does an unknown table hold, and how could its records be compared?
//!
//! Without any configuration: every column's kind is told from its header and its values, values are brought to one
//! form, and a model is proposed whose numbers training then fits.

mod columns;
mod family;
mod guess;
mod home;
mod keys;
mod nicknames;
mod propose;
mod repeats;
mod values;

pub use columns::{Column, ColumnKind, LeftOut, Profile, Role};
pub use keys::propose_blocking;
pub use repeats::Said;
pub use values::DateOrder;
