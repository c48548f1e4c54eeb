//! How do two records compare, without an index?

use crate::dictionary::{Dictionary, Lexicon, ValueId, join_parts};
use crate::explain::{ScoredPair, scored_pair};
use crate::model::Model;

/// Compares two records; the same numbers as [`crate::MatchIndex::score`], to the bit.
#[must_use]
pub fn compare(model: &Model, left: &[(&'static str, String)], right: &[(&'static str, String)]) -> ScoredPair {
    let mut dictionaries = model.dictionaries();
    let mut row = |features| row(model, features, |dictionary, value| Dictionary::intern(&mut dictionaries[dictionary], value));
    let (left, right) = (row(left), row(right));
    scored_pair(model, Lexicon { base: &dictionaries, extra: None }, &left, &right)
}

/// A record as numbers: one per field of the model, several values of a field joined.
pub(crate) fn row<N: AsRef<str>>(model: &Model, features: &[(N, String)], mut number: impl FnMut(usize, &str) -> ValueId) -> Vec<ValueId> {
    let mut row = vec![0; model.fields.len()];
    let known = |at: usize| model.field(features[at].0.as_ref());
    for at in 0..features.len() {
        let Some(field) = known(at) else { continue };
        if row[field] != 0 {
            continue;
        }
        let more = (at + 1..features.len()).any(|other| known(other) == Some(field));
        row[field] = if more {
            let mut values: Vec<&str> =
                (at..features.len()).filter(|other| known(*other) == Some(field)).map(|other| features[other].1.as_str()).collect();
            number(model.dictionary_of[field], &join_parts(&mut values))
        } else {
            number(model.dictionary_of[field], &features[at].1)
        };
    }
    row
}
