//! What does a CQL2 filter ask for, and does a feature meet it?
//!
//! Both encodings (text and JSON) become one tree, which is checked against the queryables and evaluated against a
//! [`Feature`]. Size and depth are limited; an error says at which character of the text it was found.

mod accent;
mod ast;
mod check;
mod error;
mod evaluate;
mod json;
mod lexer;
mod like;
mod text;
mod write;

pub use ast::{ArithmeticOperator, ArrayPredicate, Comparison, Expression, Geometry, Literal, SpatialPredicate, TemporalPredicate};
pub use check::{Queryable, Queryables};
pub use error::Cql2Error;
pub use evaluate::{Feature, Value, matches};
pub use json::parse_json;
pub use text::parse_text;
pub use write::to_json;

/// The longest filter, bytes.
pub const MAX_BYTES: usize = 64 * 1024;
/// The deepest nesting.
pub const MAX_DEPTH: usize = 32;
/// The most nodes of a filter: values, parentheses, calculations.
pub const MAX_NODES: usize = 500;
/// The most positions of all geometries of a filter.
pub const MAX_POSITIONS: usize = 5_000;
