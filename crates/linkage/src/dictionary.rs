//! Which values has a field taken, each stored once?

use std::hint::black_box;
use std::io;
use std::sync::Arc;

use jiku_model::{ImageReader, ImageWriter, unfit};
use smallvec::SmallVec;

use crate::frequency::FrequencyTable;
use crate::hash;
use crate::postings::table::{Entry, Table};

/// Separates the parts of a value of several parts. No canonical value contains it.
pub(crate) const PART: char = '\u{1f}';

/// The number of a value within its dictionary; 0 is no value. The highest bit says that the value has several parts.
pub(crate) type ValueId = u32;

const MANY: u32 = 1 << 31;

/// Whether the value has several parts (a record that gave two phones).
pub(crate) const fn has_parts(id: ValueId) -> bool {
    id & MANY != 0
}

/// What is known of how common values are in the fields of one dictionary: a value may be common in one of them and rare in another.
pub(crate) type Tables = Arc<[FrequencyTable]>;

/// The distinct values of one field, or of several fields that are compared with each other.
pub(crate) struct Dictionary {
    text: String,
    ends: Vec<u64>,
    table: Table,
    /// One for each of its fields whose frequencies the model knows.
    tables: Tables,
    /// log2 of the share of records that have the value: for each value as many as there are tables.
    shares: Vec<f32>,
}

impl Dictionary {
    /// No values yet; number 0 is taken by "no value".
    pub(crate) fn new(tables: Tables) -> Self {
        let shares = vec![0.0; tables.len()];
        Self { text: String::new(), ends: vec![0], table: Table::default(), tables, shares }
    }

    /// How many numbers are taken, 0 included.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.ends.len()).expect("a dictionary has fewer than 2^31 values")
    }

    fn at(&self, index: u32) -> &str {
        let index = index as usize;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[usize::try_from(start).expect("fits memory")..usize::try_from(self.ends[index]).expect("fits memory")]
    }

    /// The text of a value.
    pub(crate) fn text(&self, id: ValueId) -> &str {
        self.at(id & !MANY)
    }

    /// log2 of the share of records with this value in a field, by the place of the field's table.
    pub(crate) fn share(&self, table: usize, id: ValueId) -> Option<f32> {
        self.shares.get((id & !MANY) as usize * self.tables.len() + table).copied()
    }

    /// The number of a value, if it is known.
    pub(crate) fn find(&self, value: &str) -> Option<ValueId> {
        if value.is_empty() {
            return Some(0);
        }
        self.find_hashed(short(value), value)
    }

    fn find_hashed(&self, hash: u32, value: &str) -> Option<ValueId> {
        self.table.find_where(hash, |index| self.at(index) == value).map(|index| flag(index, value))
    }

    /// Reads what looking these values up will read, one sort of place for all of them before the next, as [`Table::touch`] says why.
    pub(crate) fn touch<'d>(values: impl Iterator<Item = (&'d Self, &'d str)>) {
        let sought: SmallVec<[(&Self, u32); 32]> = values.map(|(dictionary, value)| (dictionary, short(value))).collect();
        black_box(sought.iter().fold(0, |touched, (dictionary, hash)| touched ^ dictionary.table.touch(*hash)));
        let end = |(dictionary, hash): &(&Self, u32)| dictionary.table.find(*hash).map_or(0, |entry| dictionary.ends[entry.at as usize]);
        let ends: SmallVec<[u64; 32]> = sought.iter().map(end).collect();
        let last = |dictionary: &Self, end: u64| {
            usize::try_from(end).ok().and_then(|end| dictionary.text.as_bytes().get(end.checked_sub(1)?).copied())
        };
        let texts = sought.iter().zip(ends).filter_map(|((dictionary, _), end)| last(dictionary, end));
        black_box(texts.fold(0, |touched, byte| touched ^ byte));
    }

    /// The number of a value, which is stored when new.
    pub(crate) fn intern(&mut self, value: &str) -> ValueId {
        if value.is_empty() {
            return 0;
        }
        let hash = short(value);
        if let Some(id) = self.find_hashed(hash, value) {
            return id;
        }
        let index = self.len();
        assert!(index < MANY, "a dictionary has fewer than 2^31 values");
        self.text.push_str(value);
        self.ends.push(self.text.len() as u64);
        self.shares.extend(self.tables.iter().map(|table| table.log2_share(value)));
        self.table.insert(Entry { key: hash, at: index });
        flag(index, value)
    }

    /// The position of a value among those of the dictionary.
    pub(crate) const fn index(id: ValueId) -> usize {
        (id & !MANY) as usize
    }

    /// Replaces what is known of frequencies, for the values already there as well.
    pub(crate) fn set_tables(&mut self, tables: Tables) {
        let mut shares = vec![0.0; tables.len()];
        (1..self.len()).for_each(|index| shares.extend(tables.iter().map(|table| table.log2_share(self.at(index)))));
        self.shares = shares;
        self.tables = tables;
    }

    pub(crate) fn write(&self, image: &mut ImageWriter<'_>) -> io::Result<()> {
        let Self { text, ends, table, tables: _, shares } = self;
        image.bytes(text.as_bytes())?;
        image.u64s(ends.iter().copied())?;
        image.f32s(shares.iter().copied())?;
        table.write(image)
    }

    /// Takes up the values laid aside, in place of none.
    pub(crate) fn read(&mut self, image: &mut ImageReader<'_>) -> io::Result<()> {
        (self.text, self.ends, self.shares, self.table) = (image.text()?, image.u64s()?, image.f32s()?, Table::read(image)?);
        let fits = self.ends.last() == Some(&(self.text.len() as u64)) && self.ends.is_sorted();
        let shares = self.ends.len() * self.tables.len();
        if fits && self.shares.len() == shares { Ok(()) } else { Err(unfit("a dictionary's parts do not fit each other")) }
    }

    /// The bytes held.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * 8 + self.shares.capacity() * 4 + self.table.heap_bytes()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "32 bits of a well mixed hash are kept")]
fn short(value: &str) -> u32 {
    hash::bytes(value.as_bytes()) as u32
}

fn flag(index: u32, value: &str) -> ValueId {
    if value.contains(PART) { index | MANY } else { index }
}

/// Joins the values a record gave for one field: sorted, each once, so that their order does not matter.
pub(crate) fn join_parts(values: &mut Vec<&str>) -> String {
    values.retain(|value| !value.is_empty());
    values.sort_unstable();
    values.dedup();
    values.join("\u{1f}")
}

/// The values of a query that an index has not seen. A dictionary is made only where one is needed: most queries need few of them.
pub(crate) struct Unseen<'m> {
    frequencies: &'m [Tables],
    dictionaries: Vec<Option<Dictionary>>,
}

impl<'m> Unseen<'m> {
    /// None yet, with what a model knows of frequencies in each dictionary.
    pub(crate) fn new(frequencies: &'m [Tables]) -> Self {
        Self { frequencies, dictionaries: frequencies.iter().map(|_| None).collect() }
    }

    /// The number of a value of a query: its own in the dictionary of `base`, or one behind those.
    pub(crate) fn number(&mut self, base: &[Dictionary], dictionary: usize, value: &str) -> ValueId {
        let known = &base[dictionary];
        known.find(value).unwrap_or_else(|| {
            let tables = || self.frequencies[dictionary].clone();
            let id = self.dictionaries[dictionary].get_or_insert_with(|| Dictionary::new(tables())).intern(value);
            ((id & !MANY) - 1 + known.len()) | (id & MANY)
        })
    }
}

/// Values by number: those of the index, and behind them those of a query that the index has not seen.
#[derive(Clone, Copy)]
pub(crate) struct Lexicon<'a> {
    pub(crate) base: &'a [Dictionary],
    pub(crate) unseen: Option<&'a Unseen<'a>>,
}

impl<'a> Lexicon<'a> {
    fn locate(self, dictionary: usize, id: ValueId) -> (&'a Dictionary, ValueId) {
        let base = &self.base[dictionary];
        let index = id & !MANY;
        match self.unseen.and_then(|unseen| unseen.dictionaries[dictionary].as_ref()) {
            Some(unseen) if index >= base.len() => (unseen, index - base.len() + 1),
            _ => (base, index),
        }
    }

    /// The text of a value.
    pub(crate) fn text(self, dictionary: usize, id: ValueId) -> &'a str {
        let (dictionary, id) = self.locate(dictionary, id);
        dictionary.text(id)
    }

    /// log2 of the share of records with the value in a field, by the place of the field's table.
    pub(crate) fn share(self, dictionary: usize, table: usize, id: ValueId) -> Option<f32> {
        let (dictionary, id) = self.locate(dictionary, id);
        dictionary.share(table, id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_stored_once_and_comes_back() {
        let mut dictionary = Dictionary::new(Tables::default());
        let values = ["王伟", "欧阳锋", "a\u{1f}b", "王伟"];
        let ids: Vec<ValueId> = values.iter().map(|value| dictionary.intern(value)).collect();
        assert_eq!(ids[0], ids[3]);
        assert_eq!(dictionary.len(), 4);
        assert!(values.iter().zip(&ids).all(|(value, id)| dictionary.text(*id) == *value));
        assert!(has_parts(ids[2]) && !has_parts(ids[0]));
        assert_eq!(dictionary.intern(""), 0);
    }

    #[test]
    fn a_querys_new_values_are_numbered_behind_the_known_ones() {
        let mut base = [Dictionary::new(Tables::default())];
        let known = base[0].intern("known");
        let frequencies = [Tables::default()];
        let mut unseen = Unseen::new(&frequencies);
        let [same, new, other] = ["known", "new", "a\u{1f}b"].map(|value| unseen.number(&base, 0, value));
        let lexicon = Lexicon { base: &base, unseen: Some(&unseen) };
        assert_eq!((same, lexicon.text(0, same), lexicon.text(0, new)), (known, "known", "new"));
        assert!(has_parts(other) && lexicon.text(0, other) == "a\u{1f}b");
    }

    #[test]
    fn the_order_of_several_values_does_not_matter() {
        assert_eq!(join_parts(&mut vec!["b", "", "a", "b"]), join_parts(&mut vec!["a", "b"]));
    }
}
