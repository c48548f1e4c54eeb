//! Why can a model file not be used?

use crate::blocking::KeyError;
use crate::condition::ConditionError;

/// A field that a model speaks of and no record has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownField {
    /// Its name.
    pub field: String,
    /// Where the model speaks of it first.
    pub place: String,
    /// The names that records have, those most like it first.
    pub known: Vec<String>,
}

impl std::fmt::Display for UnknownField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { field, place, known } = self;
        let (nearest, more) = known.split_at(known.len().min(12));
        let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        write!(f, "{place} speaks of the field {field:?}, which no record has; there are {}{more}", nearest.join(", "))
    }
}

/// A model file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The file is not TOML of the right shape.
    #[error("the model file is not well formed")]
    Shape(#[source] Box<toml::de::Error>),
    /// A condition cannot be read.
    #[error("{place}: the condition {text:?} cannot be read")]
    Condition {
        /// The comparison, level or conflict.
        place: String,
        /// The condition.
        text: String,
        /// What is wrong with it.
        #[source]
        source: ConditionError,
    },
    /// A blocking key cannot be read.
    #[error("blocking rule {rule:?}: the key {text:?} cannot be read")]
    Key {
        /// The rule.
        rule: String,
        /// The key.
        text: String,
        /// What is wrong with it.
        #[source]
        source: KeyError,
    },
    /// A number is out of range.
    #[error("{place}: {what} must be {range}, got {value}")]
    Range {
        /// Where.
        place: String,
        /// Which number.
        what: &'static str,
        /// What it may be.
        range: &'static str,
        /// What it is.
        value: f64,
    },
    /// Something is missing or too much.
    #[error("{place}: {problem}")]
    Content {
        /// Where.
        place: String,
        /// What is wrong.
        problem: String,
    },
}
