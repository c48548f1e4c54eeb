//! What do tests of the whole need: the real binary, a server, a PostgreSQL of their own?

pub mod binary;
pub mod command;
pub mod http;
pub mod postgres;
pub mod stores;
