//! Which keys do the records of a table have, each distinct value hashed once?

use rayon::prelude::*;
use smallvec::SmallVec;

use super::Records;
use crate::blocking::{Hashes, KeyRule, Part, Take, combine};
use crate::dictionary::Dictionary;
use crate::model::Model;

/// The hashes of the values that blocking rules look at.
pub(crate) struct ValueHashes {
    /// By dictionary and what is taken of a value.
    tables: Vec<(usize, Take, Table)>,
}

/// The hashes of each value of a dictionary.
enum Table {
    /// One at most; 0 is none.
    One(Vec<u64>),
    /// Any number.
    Many { ends: Vec<u32>, hashes: Vec<u64> },
}

impl Table {
    fn new(part: &Part, dictionary: &Dictionary) -> Self {
        let of_value = |id: u32| {
            let mut hashes = Hashes::new();
            part.of_value(dictionary.text(id), &mut hashes);
            hashes
        };
        let found: Vec<Hashes> = (0..dictionary.len()).into_par_iter().with_min_len(4096).map(of_value).collect();
        if found.iter().all(|hashes| hashes.len() <= 1) {
            return Self::One(found.iter().map(|hashes| hashes.first().map_or(0, |hash| (*hash).max(1))).collect());
        }
        let mut end = 0;
        let ends = found
            .iter()
            .map(|hashes| {
                end += u32::try_from(hashes.len()).expect("a value has few keys");
                end
            })
            .collect();
        Self::Many { ends, hashes: found.into_iter().flatten().collect() }
    }

    fn of(&self, value: usize) -> &[u64] {
        match self {
            Self::One(hashes) if hashes[value] == 0 => &[],
            Self::One(hashes) => &hashes[value..=value],
            Self::Many { ends, hashes } => &hashes[if value == 0 { 0 } else { ends[value - 1] as usize }..ends[value] as usize],
        }
    }
}

impl ValueHashes {
    pub(crate) fn new(model: &Model, records: &Records) -> Self {
        let mut wanted: Vec<(usize, &Part)> = Vec::new();
        for part in model.rules.iter().flat_map(KeyRule::parts) {
            for field in part.fields() {
                let dictionary = model.dictionary_of[*field];
                if !wanted.iter().any(|(known, other)| *known == dictionary && other.take() == part.take()) {
                    wanted.push((dictionary, part));
                }
            }
        }
        let table = |(dictionary, part): &(usize, &Part)| (*dictionary, part.take(), Table::new(part, &records.dictionaries[*dictionary]));
        Self { tables: wanted.iter().map(table).collect() }
    }

    /// The keys of every record under a rule, with the record's number, in the order of the records.
    pub(crate) fn keys(&self, rule: &KeyRule, model: &Model, records: &Records) -> Vec<(u64, u32)> {
        type Places<'a> = SmallVec<[(usize, &'a Table); 2]>;
        let places = |part: &Part| -> Places<'_> {
            let table = |field: &usize| {
                let dictionary = model.dictionary_of[*field];
                let found = self.tables.iter().find(|(known, take, _)| *known == dictionary && *take == part.take());
                found.map(|(.., table)| (*field, table)).expect("every part of a rule has its table")
            };
            part.fields().iter().map(table).collect()
        };
        let parts: Vec<(Take, Places<'_>)> = rule.parts().iter().map(|part| (part.take(), places(part))).collect();
        let mut entries = Vec::new();
        let mut hashes = Hashes::new();
        for record in 0..records.len() {
            let row = records.row(record);
            let mut keys = rule.start();
            for (take, places) in &parts {
                hashes.clear();
                match take {
                    Take::All => hashes.push(1),
                    Take::Each => {
                        places.iter().for_each(|(field, table)| hashes.extend_from_slice(table.of(Dictionary::index(row[*field]))))
                    }
                    _ => {
                        if let Some((field, table)) = places.iter().find(|(field, _)| row[*field] != 0) {
                            hashes.extend_from_slice(table.of(Dictionary::index(row[*field])));
                        }
                    }
                }
                if hashes.is_empty() {
                    keys.clear();
                    break;
                }
                if hashes.len() > 1 {
                    hashes.sort_unstable();
                    hashes.dedup();
                }
                combine(&mut keys, &hashes);
            }
            entries.extend(keys.iter().map(|key| ((*key).max(1), record)));
        }
        entries
    }
}

/// Sorts entries by their well mixed keys, then records: first by the highest bits, then what shares them.
pub(crate) fn sort_by_key(entries: Vec<(u64, u32)>) -> Vec<(u64, u32)> {
    let mut entries = entries;
    let bits = (entries.len() / 128).checked_ilog2().unwrap_or(0).min(12);
    if bits < 2 {
        entries.sort_unstable();
        return entries;
    }
    let bucket = |key: u64| (key >> (64 - bits)) as usize;
    let mut ends = vec![0_usize; 1 << bits];
    entries.iter().for_each(|(key, _)| ends[bucket(*key)] += 1);
    let mut total = 0;
    for end in &mut ends {
        total += std::mem::replace(end, total);
    }
    let mut sorted = vec![(0, 0); entries.len()];
    for entry in &entries {
        let at = &mut ends[bucket(entry.0)];
        sorted[*at] = *entry;
        *at += 1;
    }
    let mut start = 0;
    for end in ends {
        sorted[start..end].sort_unstable();
        start = end;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::mix;

    #[test]
    fn entries_are_sorted_however_many_there_are() {
        for count in [0, 1, 700, 20_000] {
            let entries: Vec<(u64, u32)> = (0..count).map(|number| (mix(u64::from(number) % 3_001), number)).collect();
            let mut expected = entries.clone();
            expected.sort_unstable();
            assert_eq!(sort_by_key(entries), expected);
        }
    }
}
