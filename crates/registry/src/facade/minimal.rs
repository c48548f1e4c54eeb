//! How is a question answered that needs no more than a yes, a no or a join key?

use jiku_model::{EntityId, RawRecord};

/// Whom a question is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Who {
    /// An entity the caller has the canonical id of.
    Entity(EntityId),
    /// A record the caller holds.
    Record(RawRecord),
}

/// A minimal answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MinimalAnswer {
    /// Yes, above the link threshold.
    Yes,
    /// No.
    No,
    /// A person would have to look.
    Unsure,
}

impl MinimalAnswer {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unsure => "unsure",
        }
    }
}

/// How one department joins its data on a person without being told who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pseudonym {
    /// Whether there is such an entity.
    pub answer: MinimalAnswer,
    /// The department's own name for it; none when there is none.
    pub pseudonym: Option<String>,
    /// The names the department may have been given for ids that were merged into this one since.
    pub former: Vec<String>,
}
