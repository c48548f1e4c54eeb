//! How do two records compare, without an index?

use smallvec::SmallVec;

use crate::dictionary::{Dictionary, Lexicon, ValueId, join_parts};
use crate::explain::{ScoredPair, scored_pair};
use crate::model::Model;

/// Compares two records; the same numbers as [`crate::MatchIndex::score`], to the bit.
#[must_use]
pub fn compare(model: &Model, left: &[(&'static str, String)], right: &[(&'static str, String)]) -> ScoredPair {
    let mut dictionaries = model.dictionaries();
    let mut row = |features| row(model, features, |dictionary, value| Dictionary::intern(&mut dictionaries[dictionary], value));
    let (left, right) = (row(left), row(right));
    scored_pair(model, Lexicon { base: &dictionaries, unseen: None }, &left, &right)
}

/// A record as numbers: one per field of the model, several values of a field joined.
pub(crate) fn row<N: AsRef<str>>(model: &Model, features: &[(N, String)], mut number: impl FnMut(usize, &str) -> ValueId) -> Vec<ValueId> {
    let mut row = vec![0; model.fields.len()];
    let fields: SmallVec<[Option<usize>; 24]> = features.iter().map(|(name, _)| model.field(name.as_ref())).collect();
    let mut left_out = SmallVec::<[usize; 2]>::new();
    for (at, known) in fields.iter().enumerate() {
        let Some(field) = *known else { continue };
        if row[field] != 0 {
            continue;
        }
        row[field] = if fields[at + 1..].contains(known) {
            let same = fields.iter().zip(features).filter(|(other, _)| *other == known);
            let mut values: Vec<&str> =
                same.map(|(_, (_, value))| value.as_str()).filter(|value| !model.is_generic(field, value)).collect();
            if values.is_empty() {
                left_out.push(field);
            }
            number(model.dictionary_of[field], &join_parts(&mut values))
        } else if model.is_generic(field, &features[at].1) {
            left_out.push(field);
            0
        } else {
            number(model.dictionary_of[field], &features[at].1)
        };
    }
    if !left_out.is_empty() {
        model.forget_what_was_read(&mut row, |field| left_out.contains(&field));
    }
    row
}
