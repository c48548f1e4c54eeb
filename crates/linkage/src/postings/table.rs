//! Where does a shard keep an entry?
//!
//! The entries lie in the order of their keys, with gaps. A well mixed key tells its place up to a few steps, so the table is
//! searched like a hash table, and grown by a quarter in one sweep instead of being doubled: it is never less than two thirds
//! full.

use std::io;

use jiku_model::{ImageReader, ImageWriter, unfit};

/// A key with its only record or the place of its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: u32,
    pub(crate) at: u32,
}

/// A gap. No record and no place has this number.
const GAP: Entry = Entry { key: 0, at: u32::MAX };

impl Entry {
    const fn is_gap(self) -> bool {
        self.at == u32::MAX
    }
}

/// Entries by key.
#[derive(Default)]
pub(crate) struct Table {
    /// Longer than `homes` by what the last entries were pushed back.
    entries: Vec<Entry>,
    /// How many places keys point to.
    homes: u64,
    len: usize,
}

impl Table {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Where the search for a key begins: rising with the key.
    const fn home(&self, key: u32) -> usize {
        ((key as u64 * self.homes) >> 32) as usize
    }

    /// Reads where the search for a key begins, for the sake of having it at hand: a processor fetches many places from memory at once as long
    /// as none of them depends on what another holds.
    pub(crate) fn touch(&self, key: u32) -> u32 {
        self.entries.get(self.home(key)).map_or(0, |entry| entry.at)
    }

    /// The first place of a key, or where it should be.
    fn place(&self, key: u32) -> Result<usize, usize> {
        let mut at = self.home(key);
        while let Some(entry) = self.entries.get(at).filter(|entry| !entry.is_gap()) {
            if entry.key >= key {
                return if entry.key == key { Ok(at) } else { Err(at) };
            }
            at += 1;
        }
        Err(at)
    }

    pub(crate) fn find(&self, key: u32) -> Option<&Entry> {
        self.place(key).ok().map(|at| &self.entries[at])
    }

    /// The number kept with a key that several entries may have, if it passes the test.
    pub(crate) fn find_where(&self, key: u32, test: impl Fn(u32) -> bool) -> Option<u32> {
        let (Ok(at) | Err(at)) = self.place(key);
        let same = self.entries.get(at..)?.iter().take_while(|entry| !entry.is_gap() && entry.key == key);
        same.map(|entry| entry.at).find(|number| test(*number))
    }

    pub(super) fn find_mut(&mut self, key: u32) -> Option<&mut Entry> {
        self.place(key).ok().map(|at| &mut self.entries[at])
    }

    /// Adds an entry, before others of its key.
    pub(crate) fn insert(&mut self, entry: Entry) {
        if (self.len as u64 + 1) * 8 > self.homes * 7 {
            self.grow();
        }
        let (Ok(at) | Err(at)) = self.place(entry.key);
        let gap = self.entries[at..].iter().position(|entry| entry.is_gap()).map_or(self.entries.len(), |steps| at + steps);
        if gap == self.entries.len() {
            self.entries.push(GAP);
        }
        self.entries.copy_within(at..gap, at + 1);
        self.entries[at] = entry;
        self.len += 1;
    }

    /// Takes a key away; those pushed back by it come home.
    pub(super) fn remove(&mut self, key: u32) {
        let Ok(mut at) = self.place(key) else { return };
        while let Some(next) = self.entries.get(at + 1).copied().filter(|next| !next.is_gap() && self.home(next.key) <= at) {
            self.entries[at] = next;
            at += 1;
        }
        self.entries[at] = GAP;
        self.len -= 1;
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| !entry.is_gap())
    }

    #[expect(clippy::cast_possible_truncation, reason = "a place in memory")]
    fn grow(&mut self) {
        self.homes += self.homes / 4 + 8;
        let homes = self.homes as usize;
        let old = std::mem::replace(&mut self.entries, Vec::with_capacity(homes + 16));
        for entry in old.into_iter().filter(|entry| !entry.is_gap()) {
            let home = self.home(entry.key);
            if self.entries.len() < home {
                self.entries.resize(home, GAP);
            }
            self.entries.push(entry);
        }
        if self.entries.len() < homes {
            self.entries.resize(homes, GAP);
        }
    }

    pub(crate) fn write(&self, image: &mut ImageWriter<'_>) -> io::Result<()> {
        image.number(self.homes)?;
        image.u64s(self.entries.iter().map(|entry| u64::from(entry.key) << 32 | u64::from(entry.at)))
    }

    #[expect(clippy::cast_possible_truncation, reason = "the two halves of a 64-bit number")]
    pub(crate) fn read(image: &mut ImageReader<'_>) -> io::Result<Self> {
        let homes = image.number()?;
        let pairs = image.u64s()?;
        if (pairs.len() as u64) < homes {
            return Err(unfit("a table is shorter than its keys need"));
        }
        let entries: Vec<Entry> = pairs.into_iter().map(|pair| Entry { key: (pair >> 32) as u32, at: pair as u32 }).collect();
        let len = entries.iter().filter(|entry| !entry.is_gap()).count();
        Ok(Self { entries, homes, len })
    }

    pub(crate) const fn heap_bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
    }
}
