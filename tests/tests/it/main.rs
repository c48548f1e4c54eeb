//! The whole, from outside.

mod cli;
mod store;
