//! Which records have a key?

use hashbrown::HashTable;

use crate::hash;

/// Keys to records. A key is kept as 32 bits: two keys that share them only give candidates that score low.
#[derive(Default)]
pub(crate) struct Postings {
    table: HashTable<Entry>,
    lists: Vec<Vec<u32>>,
    free: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Entry {
    key: u32,
    /// A record, or with the highest bit set the number of a list.
    at: u32,
}

const LIST: u32 = 1 << 31;

#[expect(clippy::cast_possible_truncation, reason = "32 bits of a well mixed key are kept")]
const fn short(key: u64) -> u32 {
    key as u32
}

fn spread(key: u32) -> u64 {
    hash::mix(u64::from(key))
}

impl Postings {
    /// The records with this key, in ascending order.
    pub(crate) fn get(&self, key: u64) -> &[u32] {
        let key = short(key);
        match self.table.find(spread(key), |entry| entry.key == key) {
            None => &[],
            Some(Entry { at, .. }) if at & LIST != 0 => &self.lists[(at & !LIST) as usize],
            Some(Entry { at, .. }) => std::slice::from_ref(at),
        }
    }

    /// Adds a record to a key.
    pub(crate) fn insert(&mut self, key: u64, record: u32) {
        let key = short(key);
        let Some(entry) = self.table.find_mut(spread(key), |entry| entry.key == key) else {
            self.table.insert_unique(spread(key), Entry { key, at: record }, |entry| spread(entry.key));
            return;
        };
        if entry.at & LIST != 0 {
            let list = &mut self.lists[(entry.at & !LIST) as usize];
            if let Err(place) = list.binary_search(&record) {
                list.insert(place, record);
            }
        } else if entry.at != record {
            let pair = vec![entry.at.min(record), entry.at.max(record)];
            let number = match self.free.pop() {
                Some(number) => {
                    self.lists[number as usize] = pair;
                    number
                }
                None => {
                    self.lists.push(pair);
                    u32::try_from(self.lists.len() - 1).expect("fewer than 2^31 lists")
                }
            };
            entry.at = number | LIST;
        }
    }

    /// Takes a record away from a key.
    pub(crate) fn remove(&mut self, key: u64, record: u32) {
        let key = short(key);
        let Ok(mut found) = self.table.find_entry(spread(key), |entry| entry.key == key) else { return };
        let at = found.get().at;
        if at & LIST == 0 {
            if at == record {
                found.remove();
            }
            return;
        }
        let list = &mut self.lists[(at & !LIST) as usize];
        if let Ok(place) = list.binary_search(&record) {
            list.remove(place);
        }
        if let [last] = list[..] {
            found.get_mut().at = last;
            *list = Vec::new();
            self.free.push(at & !LIST);
        }
    }

    /// The bytes held.
    pub(crate) fn heap_bytes(&self) -> usize {
        let lists: usize = self.lists.iter().map(|list| list.capacity() * 4).sum();
        self.table.capacity() * 9 + self.lists.capacity() * size_of::<Vec<u32>>() + lists + self.free.capacity() * 4
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn postings_equal_a_map_of_sets(steps in prop::collection::vec((any::<bool>(), 0..6_u64, 0..8_u32), 0..200)) {
            let mut postings = Postings::default();
            let mut reference: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
            for (insert, key, record) in steps {
                if insert {
                    postings.insert(key, record);
                    reference.entry(key).or_default().insert(record);
                } else {
                    postings.remove(key, record);
                    reference.entry(key).or_default().remove(&record);
                }
                for key in 0..6 {
                    let expected: Vec<u32> = reference.get(&key).into_iter().flatten().copied().collect();
                    prop_assert_eq!(postings.get(key), expected);
                }
            }
        }
    }
}
