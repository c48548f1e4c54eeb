//! Where are the lists of records kept?
//!
//! All in one piece of memory, in blocks of a few sizes: a head that tells size and length, then the records. Most lists are
//! short, and an allocation for each would take more than they hold.

use std::io;

use jiku_model::{ImageReader, ImageWriter, unfit};

/// The sizes: 2, 4, 8, … records.
const SIZES: usize = 26;

/// Where the size stands in a head; the length lies below.
const SIZE_SHIFT: u32 = 27;

/// No free block.
const NONE: u32 = u32::MAX;

/// Ascending lists of at least two records, by place.
pub(super) struct Lists {
    words: Vec<u32>,
    /// The first free block of each size; a free block names the next in its second word.
    free: [u32; SIZES],
}

impl Default for Lists {
    fn default() -> Self {
        Self { words: Vec::new(), free: [NONE; SIZES] }
    }
}

const fn room(size: usize) -> usize {
    2 << size
}

impl Lists {
    fn head(&self, place: u32) -> (usize, usize) {
        let head = self.words[place as usize];
        ((head >> SIZE_SHIFT) as usize, (head & ((1 << SIZE_SHIFT) - 1)) as usize)
    }

    fn set_head(&mut self, place: u32, size: usize, len: usize) {
        let (size, len) = (u32::try_from(size).expect("few sizes"), u32::try_from(len).expect("a list is shorter than 2^27"));
        self.words[place as usize] = size << SIZE_SHIFT | len;
    }

    /// The records of a list.
    pub(super) fn get(&self, place: u32) -> &[u32] {
        let (_, len) = self.head(place);
        let start = place as usize + 1;
        &self.words[start..start + len]
    }

    /// Reads the head of a list, as [`super::Table::touch`] reads a place.
    pub(super) fn touch(&self, place: u32) -> u32 {
        self.words[place as usize]
    }

    fn block(&mut self, size: usize) -> u32 {
        let free = self.free[size];
        if free != NONE {
            self.free[size] = self.words[free as usize + 1];
            return free;
        }
        let place =
            u32::try_from(self.words.len()).ok().filter(|place| *place < 1 << 31).expect("a shard's lists take less than eight gigabytes");
        let more = 1 + room(size);
        if self.words.capacity() - self.words.len() < more {
            // By a quarter: doubling would leave half of it empty.
            self.words.reserve_exact(more.max(self.words.len() / 4));
        }
        self.words.resize(self.words.len() + more, 0);
        place
    }

    fn give_back(&mut self, place: u32, size: usize) {
        self.words[place as usize + 1] = self.free[size];
        self.free[size] = place;
    }

    /// A new list of two records, the smaller first.
    pub(super) fn pair(&mut self, first: u32, second: u32) -> u32 {
        let place = self.block(0);
        self.set_head(place, 0, 2);
        self.words[place as usize + 1] = first;
        self.words[place as usize + 2] = second;
        place
    }

    /// Adds a record; the place of the list afterwards.
    pub(super) fn insert(&mut self, place: u32, record: u32) -> u32 {
        let (size, len) = self.head(place);
        let records = self.get(place);
        // Records mostly come in rising order, so the place is mostly the end.
        let at = if records.last().is_none_or(|last| *last < record) { len } else { records.partition_point(|known| *known < record) };
        if records.get(at) == Some(&record) {
            return place;
        }
        let place = if len == room(size) {
            let (larger, start) = (self.block(size + 1), place as usize + 1);
            self.words.copy_within(start..start + len, larger as usize + 1);
            self.give_back(place, size);
            self.set_head(larger, size + 1, len);
            larger
        } else {
            place
        };
        let (size, start) = (self.head(place).0, place as usize + 1);
        self.words.copy_within(start + at..start + len, start + at + 1);
        self.words[start + at] = record;
        self.set_head(place, size, len + 1);
        place
    }

    /// Takes a record away; when only one is left the list is given back, and that one told.
    pub(super) fn remove(&mut self, place: u32, record: u32) -> Option<u32> {
        let (size, len) = self.head(place);
        let at = self.get(place).binary_search(&record).ok()?;
        let start = place as usize + 1;
        self.words.copy_within(start + at + 1..start + len, start + at);
        if len == 2 {
            let last = self.words[start];
            self.give_back(place, size);
            return Some(last);
        }
        self.set_head(place, size, len - 1);
        None
    }

    pub(super) fn write(&self, image: &mut ImageWriter<'_>) -> io::Result<()> {
        image.u32s(self.free)?;
        image.u32s(self.words.iter().copied())
    }

    pub(super) fn read(image: &mut ImageReader<'_>) -> io::Result<Self> {
        let free = image.u32s()?.try_into().map_err(|_| unfit("another number of list sizes"))?;
        Ok(Self { free, words: image.u32s()? })
    }

    pub(super) const fn heap_bytes(&self) -> usize {
        self.words.capacity() * size_of::<u32>()
    }
}
