//! Which values does a record hold, as sent and as understood?

use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A record's fields as its source sent them, in the source's order and with the source's types.
pub type RawRecord = serde_json::Map<String, serde_json::Value>;

/// Canonical values by standard column name: what an entity crate understood of a [`RawRecord`].
///
/// A value that is present is valid and in canonical form (dates as `1980`, `1980-04` or `1980-04-06`, codes as their
/// code list prints them, geometry as hexadecimal WKB in CGCS2000 longitude and latitude). Missing and empty are the
/// same: absent.
///
/// All texts lie in one piece of memory, since records are read, copied and dropped by the million.
#[derive(Clone, Default)]
pub struct Attributes {
    /// Column names, each with its value behind it, and what was replaced or taken away since.
    text: String,
    /// Where each stands, in the order of column names.
    entries: Vec<Entry>,
}

/// Where a column name begins, and how long it and the value behind it are.
#[derive(Clone, Copy)]
struct Entry {
    at: usize,
    column: usize,
    value: usize,
}

impl Entry {
    fn column(self, text: &str) -> &str {
        &text[self.at..self.at + self.column]
    }

    fn value(self, text: &str) -> &str {
        &text[self.at + self.column..self.at + self.column + self.value]
    }
}

/// What a first value makes room for: the usual record has no more.
const ENTRIES: usize = 20;
const BYTES: usize = 640;

impl Attributes {
    /// No values.
    #[must_use]
    pub const fn new() -> Self {
        Self { text: String::new(), entries: Vec::new() }
    }

    /// No values, with room for so many, whose names and values have so many bytes together.
    #[must_use]
    pub fn with_capacity(values: usize, bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), entries: Vec::with_capacity(values) }
    }

    /// The value of `column`, if there is one.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&str> {
        // There are some twenty of them: their lengths tell nearly all of them apart, sooner than a search by halves.
        let is_it = |entry: &&Entry| entry.column == column.len() && entry.column(&self.text) == column;
        self.entries.iter().find(is_it).map(|entry| entry.value(&self.text))
    }

    /// Puts a value; an empty one removes it.
    pub fn set(&mut self, column: &str, value: impl AsRef<str>) {
        let value = value.as_ref();
        if value.is_empty() {
            self.remove(column);
            return;
        }
        if self.text.capacity() == 0 {
            self.text.reserve(BYTES);
            self.entries.reserve(ENTRIES);
        }
        let at = self.text.len();
        self.text.push_str(column);
        self.text.push_str(value);
        self.enter(Entry { at, column: column.len(), value: value.len() });
    }

    /// Takes a value away.
    pub fn remove(&mut self, column: &str) -> Option<String> {
        let at = self.place(column).ok()?;
        Some(self.entries.remove(at).value(&self.text).to_owned())
    }

    /// Takes the values of all columns away but those that are to be kept.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        let Self { text, entries } = self;
        entries.retain(|entry| keep(entry.column(text)));
    }

    /// All values in the order of their column names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|entry| (entry.column(&self.text), entry.value(&self.text)))
    }

    /// How many values there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no value at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Where the entry of a column is, or would be.
    fn place(&self, column: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| entry.column(&self.text).cmp(column))
    }

    /// Enters a column whose texts are there, in place of what it said before.
    fn enter(&mut self, entry: Entry) {
        let column = entry.column(&self.text);
        // What is copied or read back comes in order.
        if self.entries.last().is_none_or(|last| last.column(&self.text) < column) {
            return self.entries.push(entry);
        }
        match self.place(column) {
            Ok(at) => self.entries[at] = entry,
            Err(at) => self.entries.insert(at, entry),
        }
    }
}

impl PartialEq for Attributes {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Eq for Attributes {}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        self.iter().try_for_each(|(column, value)| map.serialize_entry(column, value))?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = Attributes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("texts by column name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attributes, A::Error> {
                let mut read = Attributes::new();
                loop {
                    let at = read.text.len();
                    let Some(column) = map.next_key_seed(Behind(&mut read.text))? else { return Ok(read) };
                    let value = map.next_value_seed(Behind(&mut read.text))?;
                    read.enter(Entry { at, column, value });
                }
            }
        }
        deserializer.deserialize_map(Texts)
    }
}

/// Reads a text behind another; gives its length.
struct Behind<'a>(&'a mut String);

impl<'de> DeserializeSeed<'de> for Behind<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Behind<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<usize, E> {
        self.0.push_str(text);
        Ok(text.len())
    }
}

impl<C: AsRef<str>, V: AsRef<str>> FromIterator<(C, V)> for Attributes {
    fn from_iter<T: IntoIterator<Item = (C, V)>>(pairs: T) -> Self {
        let mut attributes = Self::new();
        for (column, value) in pairs {
            // Of a column that comes twice the last value counts, and an empty one says nothing.
            if !value.as_ref().is_empty() {
                attributes.set(column.as_ref(), value);
            }
        }
        attributes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Attributes {
        pairs.iter().copied().collect()
    }

    #[test]
    fn values_stand_in_the_order_of_columns_whatever_the_order_they_came_in() {
        let mut attributes = of(&[("name", "张伟"), ("address", "天河"), ("sex", ""), ("name", "张玮")]);
        assert_eq!(attributes.iter().collect::<Vec<_>>(), [("address", "天河"), ("name", "张玮")]);
        attributes.set("birth_date", "1980");
        attributes.set("address", "");
        assert_eq!((attributes.get("address"), attributes.get("name"), attributes.len()), (None, Some("张玮"), 2));
        assert_eq!(attributes.remove("name").as_deref(), Some("张玮"));
        attributes.retain(|column| column != "birth_date");
        assert!(attributes.is_empty() && attributes == Attributes::new());
    }

    #[test]
    fn what_was_replaced_is_neither_shown_nor_compared_nor_written() {
        let mut attributes = of(&[("id_number", "440106199001011234"), ("name", "李雷")]);
        attributes.remove("id_number");
        attributes.set("name", "韩梅梅");
        assert_eq!(attributes, of(&[("name", "韩梅梅")]));
        assert_eq!(serde_json::to_string(&attributes).expect("texts"), r#"{"name":"韩梅梅"}"#);
        assert_eq!(format!("{attributes:?}"), r#"{"name": "韩梅梅"}"#);
    }

    #[test]
    fn what_was_written_is_read_back() {
        let attributes = of(&[("name", "a\"b\n"), ("former_name", "𠮷")]);
        let text = serde_json::to_string(&attributes).expect("texts");
        assert_eq!(serde_json::from_str::<Attributes>(&text).expect("it is read"), attributes);
        let unsorted: Attributes = serde_json::from_str(r#"{"sex":"1","name":"x","sex":"2"}"#).expect("it is read");
        assert_eq!(unsorted, of(&[("name", "x"), ("sex", "2")]));
        assert!(serde_json::from_str::<Attributes>(r#"{"name":1}"#).is_err());
    }
}
