//! The whole, from outside.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod architecture;
mod browser;
mod cli;
mod hard_cases;
mod house;
mod registry;
mod store;
mod trust;
mod web;
