//! Which values does a record hold, as sent and as understood?

use std::collections::BTreeMap;
use std::collections::btree_map;

use serde::{Deserialize, Serialize};

/// A record's fields as its source sent them, in the source's order and with the source's types.
pub type RawRecord = serde_json::Map<String, serde_json::Value>;

/// Canonical values by standard column name: what an entity crate understood of a [`RawRecord`].
///
/// A value that is present is valid and in canonical form (dates as `1980`, `1980-04` or `1980-04-06`, codes as their
/// code list prints them, geometry as hexadecimal WKB in CGCS2000 longitude and latitude). Missing and empty are the
/// same: absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(BTreeMap<String, String>);

impl Attributes {
    /// No values.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The value of `column`, if there is one.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&str> {
        self.0.get(column).map(String::as_str)
    }

    /// Puts a value; an empty one removes it.
    pub fn set(&mut self, column: &str, value: impl Into<String>) {
        let value = value.into();
        if value.is_empty() {
            self.0.remove(column);
        } else {
            self.0.insert(column.to_owned(), value);
        }
    }

    /// Takes a value away.
    pub fn remove(&mut self, column: &str) -> Option<String> {
        self.0.remove(column)
    }

    /// Takes the values of all columns away but those that are to be kept.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.0.retain(|column, _| keep(column));
    }

    /// All values in the order of their column names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(column, value)| (column.as_str(), value.as_str()))
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no value at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<C: Into<String>, V: Into<String>> FromIterator<(C, V)> for Attributes {
    fn from_iter<T: IntoIterator<Item = (C, V)>>(pairs: T) -> Self {
        Self(pairs.into_iter().map(|(column, value)| (column.into(), value.into())).filter(|(_, value)| !value.is_empty()).collect())
    }
}

impl IntoIterator for Attributes {
    type Item = (String, String);
    type IntoIter = btree_map::IntoIter<String, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
