//! The whole, from outside.

mod cli;
