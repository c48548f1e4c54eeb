//! Which page of a list that begins with the latest?

use crate::cursor;
use crate::parameters::{Given, Parameters};
use crate::problem::Problem;

/// How many, and after which place.
pub(crate) struct Latest {
    pub(crate) limit: usize,
    cursor: Option<String>,
}

impl Parameters for Latest {
    const NAMES: &'static [&'static str] = &["limit", "cursor"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        Ok(Self { limit: given.limit(20, 100)?, cursor: given.text("cursor").map(str::to_owned) })
    }
}

impl Latest {
    /// The place in this list; a cursor of another one is refused.
    pub(crate) fn place_in(&self, list: &str) -> Result<Option<String>, Problem> {
        self.cursor.as_deref().map(|text| cursor::unwrap(list, text)).transpose()
    }
}
