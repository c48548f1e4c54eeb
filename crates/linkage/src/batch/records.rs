//! A table of records as numbers.

use crate::compare::row;
use crate::dictionary::{Dictionary, Lexicon, ValueId};
use crate::explain::{ScoredPair, scored_pair};
use crate::model::Model;

/// Records to be de-duplicated: every value stored once, four bytes per field and record.
pub struct Records {
    pub(super) dictionaries: Vec<Dictionary>,
    pub(super) rows: Vec<ValueId>,
    pub(super) width: usize,
    pub(super) count: u32,
}

impl Records {
    /// No records yet; `model` says which fields count.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        Self { dictionaries: model.dictionaries(), rows: Vec::new(), width: model.fields.len(), count: 0 }
    }

    /// Makes room for so many records more, which saves moving the table as it grows.
    pub fn reserve(&mut self, count: usize) {
        self.rows.reserve_exact(count.saturating_mul(self.width));
    }

    /// Adds a record; it is numbered from 0.
    ///
    /// # Panics
    /// When there are 2^32 records already.
    pub fn push<N: AsRef<str>>(&mut self, model: &Model, features: &[(N, String)]) {
        let dictionaries = &mut self.dictionaries;
        self.rows.extend(row(model, features, |dictionary, value| dictionaries[dictionary].intern(value)));
        self.count = self.count.checked_add(1).expect("fewer than 2^32 records");
    }

    /// How many records there are.
    #[must_use]
    pub const fn len(&self) -> u32 {
        self.count
    }

    /// Whether there is no record.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Takes over the frequency tables of a model that was trained on these records.
    pub fn take_frequencies(&mut self, model: &Model) {
        self.dictionaries.iter_mut().zip(&model.frequencies).for_each(|(dictionary, tables)| dictionary.set_tables(tables.clone()));
    }

    /// Why two records have their weight.
    #[must_use]
    pub fn explain(&self, model: &Model, left: u32, right: u32) -> ScoredPair {
        scored_pair(model, self.lexicon(), self.row(left), self.row(right))
    }

    /// The bytes held.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.dictionaries.iter().map(Dictionary::heap_bytes).sum::<usize>() + self.rows.capacity() * 4
    }

    pub(crate) fn row(&self, record: u32) -> &[ValueId] {
        &self.rows[record as usize * self.width..(record as usize + 1) * self.width]
    }

    pub(crate) fn lexicon(&self) -> Lexicon<'_> {
        Lexicon { base: &self.dictionaries, unseen: None }
    }

    /// How many records have each value of a field, by the value's number in its dictionary.
    pub(crate) fn counts(&self, model: &Model, field: usize) -> Vec<(&str, u32)> {
        let dictionary = &self.dictionaries[model.dictionary_of[field]];
        let mut counts = vec![0_u32; dictionary.len() as usize];
        for record in 0..self.count {
            counts[Dictionary::index(self.row(record)[field])] += 1;
        }
        (1..dictionary.len())
            .zip(counts.into_iter().skip(1))
            .filter(|(_, count)| *count > 0)
            .map(|(id, count)| (dictionary.text(id), count))
            .collect()
    }
}
