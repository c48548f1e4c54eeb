//! The whole, from outside.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod architecture;
mod cli;
mod house;
mod registry;
mod store;
