//! How is a value of a column shown?
//!
//! As it is kept, with what its code means beside it: `1` is 男, `440106` is 广东省广州市天河区.

use jiku_model::Kind;

use super::Language;
use super::difference::{self, Piece};

/// A value on a page.
#[derive(Clone, Default)]
pub(crate) struct Value {
    /// The value in pieces: what differs from the one beside it is marked.
    pub(crate) pieces: Vec<Piece>,
    /// What its code means.
    pub(crate) meaning: String,
}

impl Value {
    /// A value alone.
    pub(crate) fn new(l: Language, kind: Kind, column: &str, text: &str) -> Self {
        Self { pieces: if text.is_empty() { Vec::new() } else { difference::whole(text) }, meaning: meaning(l, kind, column, text) }
    }

    /// A value beside another one; a mask hides what differs, so that nothing is marked behind it.
    pub(crate) fn beside(l: Language, kind: Kind, column: &str, text: &str, other: &str) -> Self {
        if text.is_empty() || other.is_empty() || difference::is_masked(text) || difference::is_masked(other) {
            return Self::new(l, kind, column, text);
        }
        Self { pieces: difference::pieces(other, text).1, meaning: meaning(l, kind, column, text) }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Whether anything is marked.
    pub(crate) fn differs(&self) -> bool {
        self.pieces.iter().any(|piece| piece.differs)
    }
}

/// What a code means, when the value is one.
pub(crate) fn meaning(l: Language, kind: Kind, column: &str, text: &str) -> String {
    let Some((zh, en)) = jiku_registry::code_name(kind, column, text) else { return String::new() };
    let name = if en.is_empty() { zh } else { l.say(&zh, en).to_owned() };
    if name == text { String::new() } else { name }
}
