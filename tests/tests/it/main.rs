//! The whole, from outside.

mod architecture;
mod cli;
mod house;
mod store;
