//! Which records have a key?
//!
//! The keys are spread over shards, each small enough for a processor's cache, so that many keys are entered quickly and by
//! all processors, and so that a shard grows without the others.

mod lists;
pub(crate) mod table;

use std::hint::black_box;
use std::io;

use jiku_model::{ImageReader, ImageWriter, unfit};
use rayon::prelude::*;
use smallvec::SmallVec;

use lists::Lists;
use table::{Entry, Table};

/// Keys to ascending lists of records.
///
/// Of a key's 64 bits the lower 32 and as many as there are shards are kept: two keys that share them share their records.
/// A key takes about ten bytes and its record as many as none, or three to five words when several records have it.
///
/// ```
/// let mut postings = jiku_linkage::Postings::default();
/// postings.extend(&[(77, 3), (78, 3), (77, 1)]);
/// assert_eq!(postings.get(77), [1, 3]);
/// postings.remove(77, 1);
/// assert_eq!(postings.get(77), [3]);
/// ```
pub struct Postings {
    shards: Vec<Shard>,
    mask: u64,
}

#[derive(Default)]
struct Shard {
    table: Table,
    lists: Lists,
}

/// Marks the place of a list; without it an entry holds the only record itself.
const LIST: u32 = 1 << 31;

/// From how many keys on all processors are asked to help.
const WORTH_SHARING: usize = 40_000;

#[expect(clippy::cast_possible_truncation, reason = "32 bits of a well mixed key are kept, the shard tells more of them")]
const fn short(key: u64) -> u32 {
    key as u32
}

impl Default for Postings {
    fn default() -> Self {
        Self::with_shards(8)
    }
}

impl Postings {
    /// Nothing yet, in 2^`bits` shards.
    #[must_use]
    pub fn with_shards(bits: u32) -> Self {
        let count = 1_usize << bits;
        Self { shards: (0..count).map(|_| Shard::default()).collect(), mask: count as u64 - 1 }
    }

    const fn shard_of(&self, key: u64) -> usize {
        ((key >> 32) & self.mask) as usize
    }

    /// The records with this key, in ascending order.
    #[must_use]
    pub fn get(&self, key: u64) -> &[u32] {
        let shard = &self.shards[self.shard_of(key)];
        shard.table.find(short(key)).map_or(&[], |entry| shard.records(entry))
    }

    /// The records with each of these keys, as [`Postings::get`] one after the other would give them, sooner.
    pub(crate) fn get_each(&self, keys: impl Iterator<Item = u64> + Clone) -> SmallVec<[&[u32]; 64]> {
        let sought = keys.map(|key| (&self.shards[self.shard_of(key)], short(key)));
        black_box(sought.clone().fold(0, |touched, (shard, key)| touched ^ shard.table.touch(key)));
        let found: SmallVec<[Option<(&Shard, &Entry)>; 64]> = sought.map(|(shard, key)| Some((shard, shard.table.find(key)?))).collect();
        black_box(found.iter().flatten().fold(0, |touched, (shard, entry)| touched ^ shard.touch(entry)));
        found.into_iter().map(|found| found.map_or(&[][..], |(shard, entry)| shard.records(entry))).collect()
    }

    /// Adds a record to a key.
    ///
    /// # Panics
    /// When the record is 2^31 - 1 or more.
    pub fn insert(&mut self, key: u64, record: u32) {
        assert!(record < LIST - 1, "a record is below 2^31 - 1, got {record}");
        let at = self.shard_of(key);
        self.shards[at].insert(short(key), record);
    }

    /// Adds many records to their keys, on all processors when it is worth it.
    ///
    /// # Panics
    /// As [`Postings::insert`].
    pub fn extend(&mut self, pairs: &[(u64, u32)]) {
        if pairs.len() < WORTH_SHARING {
            pairs.iter().for_each(|(key, record)| self.insert(*key, *record));
            return;
        }
        let mut ends = vec![0_usize; self.shards.len()];
        pairs.iter().for_each(|(key, _)| ends[self.shard_of(*key)] += 1);
        let mut total = 0;
        for end in &mut ends {
            total += std::mem::replace(end, total);
        }
        let mut sorted = vec![(0_u32, 0_u32); pairs.len()];
        for (key, record) in pairs {
            assert!(*record < LIST - 1, "a record is below 2^31 - 1, got {record}");
            let at = self.shard_of(*key);
            sorted[ends[at]] = (short(*key), *record);
            ends[at] += 1;
        }
        let mut parts = Vec::with_capacity(self.shards.len());
        let (mut rest, mut start) = (sorted.as_mut_slice(), 0);
        for end in ends {
            let (part, tail) = rest.split_at_mut(end - start);
            parts.push(part);
            (rest, start) = (tail, end);
        }
        self.shards.par_iter_mut().zip(parts).with_min_len(8).for_each(|(shard, part)| {
            // In the order of the table, so that each line of it is touched once.
            part.sort_unstable();
            part.iter().for_each(|(key, record)| shard.insert(*key, *record));
        });
    }

    /// Takes a record away from a key.
    pub fn remove(&mut self, key: u64, record: u32) {
        let at = self.shard_of(key);
        self.shards[at].remove(short(key), record);
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.table.len()).sum()
    }

    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every key, as far as it is kept, with its records.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &[u32])> {
        (0_u64..)
            .zip(&self.shards)
            .flat_map(|(number, shard)| shard.table.entries().map(move |entry| (number << 32 | u64::from(entry.key), shard.records(entry))))
    }

    /// Lays them aside.
    ///
    /// # Errors
    /// When the image cannot be written.
    pub fn write(&self, image: &mut ImageWriter<'_>) -> io::Result<()> {
        image.number(self.shards.len() as u64)?;
        self.shards.iter().try_for_each(|shard| shard.table.write(image).and_then(|()| shard.lists.write(image)))
    }

    /// Takes up again what [`Postings::write`] laid aside.
    ///
    /// # Errors
    /// When the image cannot be read, or is of something else.
    pub fn read(image: &mut ImageReader<'_>) -> io::Result<Self> {
        let count = image.number()?;
        if !count.is_power_of_two() || count > 1 << 16 {
            return Err(unfit("no number of shards"));
        }
        let shards = (0..count).map(|_| Ok(Shard { table: Table::read(image)?, lists: Lists::read(image)? }));
        Ok(Self { shards: shards.collect::<io::Result<_>>()?, mask: count - 1 })
    }

    /// The bytes held.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let shards: usize = self.shards.iter().map(|shard| shard.table.heap_bytes() + shard.lists.heap_bytes()).sum();
        shards + self.shards.capacity() * size_of::<Shard>()
    }
}

impl Shard {
    fn touch(&self, entry: &Entry) -> u32 {
        if entry.at & LIST == 0 { entry.at } else { self.lists.touch(entry.at & !LIST) }
    }

    fn records<'a>(&'a self, entry: &'a Entry) -> &'a [u32] {
        if entry.at & LIST == 0 { std::slice::from_ref(&entry.at) } else { self.lists.get(entry.at & !LIST) }
    }

    fn insert(&mut self, key: u32, record: u32) {
        match self.table.find_mut(key) {
            None => self.table.insert(Entry { key, at: record }),
            Some(entry) if entry.at & LIST != 0 => entry.at = LIST | self.lists.insert(entry.at & !LIST, record),
            Some(entry) if entry.at == record => {}
            Some(entry) => entry.at = LIST | self.lists.pair(entry.at.min(record), entry.at.max(record)),
        }
    }

    fn remove(&mut self, key: u32, record: u32) {
        match self.table.find_mut(key) {
            Some(entry) if entry.at & LIST != 0 => {
                if let Some(last) = self.lists.remove(entry.at & !LIST, record) {
                    entry.at = last;
                }
            }
            Some(entry) if entry.at == record => self.table.remove(key),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;
    use crate::hash::mix;

    proptest! {
        #[test]
        fn postings_equal_a_map_of_sets(steps in prop::collection::vec((any::<bool>(), 0..40_u64, 0..20_u32), 0..600)) {
            let mut postings = Postings::with_shards(1);
            let mut reference: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
            for (insert, key, record) in steps {
                if insert {
                    postings.insert(mix(key), record);
                    reference.entry(key).or_default().insert(record);
                } else {
                    postings.remove(mix(key), record);
                    reference.entry(key).or_default().remove(&record);
                }
            }
            for key in 0..40 {
                let expected: Vec<u32> = reference.get(&key).into_iter().flatten().copied().collect();
                prop_assert_eq!(postings.get(mix(key)), expected);
            }
            let each = postings.get_each((0..40).map(mix));
            prop_assert!(each.iter().zip(0..40).all(|(records, key)| *records == postings.get(mix(key))));
            let keys = reference.values().filter(|records| !records.is_empty()).count();
            prop_assert_eq!((postings.len(), postings.iter().count()), (keys, keys));
        }
    }

    #[test]
    fn many_at_once_are_as_one_after_the_other() {
        let pairs: Vec<(u64, u32)> = (0..100_000_u64).map(|number| (mix(number % 3_001), mix(number) as u32 % 5_000)).collect();
        let (mut one, mut many) = (Postings::default(), Postings::default());
        pairs.iter().for_each(|(key, record)| one.insert(*key, *record));
        many.extend(&pairs[..45_000]);
        many.extend(&pairs[45_000..]);
        assert!((0..3_001).all(|key| one.get(mix(key)) == many.get(mix(key))));
        assert_eq!(
            (many.len(), many.iter().map(|(_, records)| records.len()).sum::<usize>()),
            (3_001, one.iter().map(|(_, records)| records.len()).sum())
        );
    }
}
