//! What is wrong with a filter, and where?

use std::fmt;

/// A filter that cannot be used: answered with 400.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cql2Error {
    /// Not CQL2.
    #[error("filter: expected {expected}{}", Place(*at))]
    Syntax {
        /// What was expected.
        expected: &'static str,
        /// At which character, counted from 1; for JSON the place is told by `expected` and this is 0.
        at: usize,
    },
    /// More than is taken.
    #[error("filter: too {0}")]
    TooMuch(&'static str),
    /// No such property.
    #[error("filter: {name:?}{} is not queryable; queryable are {known}", Place(*at))]
    UnknownProperty {
        /// The name.
        name: String,
        /// At which character, counted from 1; 0 in JSON.
        at: usize,
        /// The names that are known.
        known: String,
    },
    /// No such function.
    #[error("filter: there is no function {name:?}{}", Place(*at))]
    UnknownFunction {
        /// The name.
        name: String,
        /// At which character, counted from 1; 0 in JSON.
        at: usize,
    },
    /// A value of another type was needed.
    #[error("filter: {0}")]
    WrongType(String),
}

/// Where in a text; nothing for JSON.
struct Place(usize);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 { Ok(()) } else { write!(f, " at character {}", self.0) }
    }
}

impl Cql2Error {
    /// The stable reason code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "cql2-syntax",
            Self::TooMuch(_) => "cql2-too-complex",
            Self::UnknownProperty { .. } | Self::UnknownFunction { .. } | Self::WrongType(_) => "cql2-invalid",
        }
    }

    pub(super) const fn syntax(expected: &'static str, at: usize) -> Self {
        Self::Syntax { expected, at }
    }
}
