//! How do identity numbers, phones and addresses stay unreadable to whoever has only the database?
//!
//! Every value that holds them is encrypted before it reaches the database and decrypted after it has left it, at the one
//! boundary all queries pass: the SQL types `Sealed` and `Token` of the schema. A file outside the database holds master keys
//! ([`master`]); with the current one the data keys in the table `data_key` are wrapped ([`ring`]). Each value names its
//! algorithm and its key ([`value`]), so that keys can be changed while the service runs and other algorithms can stand
//! beside these.

mod ahead;
mod blocks;
mod columns;
mod cover;
mod file;
pub(crate) mod master;
mod packing;
pub(crate) mod ring;
pub(crate) mod value;

pub(crate) use ahead::Ahead;
pub use file::{SealedReader, SealedWriter};
pub use master::KeySource;
pub(crate) use ring::KeyRing;
pub use ring::KeyUse;
