//! What do tests of the whole need: the real binary, a PostgreSQL of their own?

pub mod binary;
pub mod postgres;
