//! What do tests of the whole need: the real binary, a server, a browser, a PostgreSQL of their own?

pub mod binary;
pub mod browser;
pub mod command;
pub mod http;
pub mod leash;
pub mod long;
pub mod office;
pub mod postgres;
pub mod stores;
