//! Which records carry this search token?

use std::hash::{BuildHasher, Hasher};

use ahash::{AHashMap, RandomState};
use jiku_model::SearchToken;
use smallvec::SmallVec;

/// Search tokens by hash, each with the slots of the records that carry it.
///
/// A hash stands for its token: of 2^64 hashes a few hundred million tokens share one so rarely that a wrong hit is
/// less likely than a fault of the memory, and what is found is shown with its values. Most tokens belong to one record,
/// whose slot then stands in the table itself: 16 bytes.
#[derive(Debug)]
pub(crate) struct Postings {
    hasher: RandomState,
    /// The only slot of a token, or with [`LIST`] set the place of its slots in `lists`.
    table: AHashMap<u64, u32>,
    /// Rising slots of tokens that more than one record carries.
    lists: Vec<SmallVec<[u32; 4]>>,
    /// Places in `lists` that no token uses.
    free: Vec<u32>,
}

/// Marks a place in the lists; slots are below it.
const LIST: u32 = 1 << 31;

impl Postings {
    pub(crate) fn new() -> Self {
        Self { hasher: token_hasher(), table: AHashMap::new(), lists: Vec::new(), free: Vec::new() }
    }

    /// The hash of a token, the same in every run.
    pub(crate) fn hash(&self, token: &SearchToken) -> u64 {
        hash_token(&self.hasher, token)
    }

    pub(crate) fn insert(&mut self, slot: u32, tokens: &[u64]) {
        for token in tokens {
            match self.table.get_mut(token) {
                None => drop(self.table.insert(*token, slot)),
                Some(value) if *value == slot => {}
                Some(value) if *value & LIST == 0 => {
                    let pair = [slot.min(*value), slot.max(*value)];
                    let place = self.free.pop().unwrap_or_else(|| {
                        self.lists.push(SmallVec::new());
                        u32::try_from(self.lists.len() - 1).expect("fewer lists than slots")
                    });
                    self.lists[place as usize] = SmallVec::from_slice(&pair);
                    *value = place | LIST;
                }
                Some(value) => {
                    let slots = &mut self.lists[(*value & !LIST) as usize];
                    // Records mostly come in rising order, so the place is mostly the end.
                    let at = if slots.last().is_none_or(|last| *last < slot) {
                        slots.len()
                    } else {
                        slots.partition_point(|known| *known < slot)
                    };
                    if slots.get(at) != Some(&slot) {
                        slots.insert(at, slot);
                    }
                }
            }
        }
    }

    pub(crate) fn remove(&mut self, slot: u32, tokens: &[u64]) {
        for token in tokens {
            let Some(value) = self.table.get_mut(token) else { continue };
            if *value & LIST == 0 {
                if *value == slot {
                    self.table.remove(token);
                }
                continue;
            }
            let place = *value & !LIST;
            let slots = &mut self.lists[place as usize];
            if let Ok(at) = slots.binary_search(&slot) {
                slots.remove(at);
            }
            if let [only] = slots[..] {
                *value = only;
                *slots = SmallVec::new();
                self.free.push(place);
            }
        }
    }

    /// The records that carry a token, rising.
    pub(crate) fn get(&self, token: u64) -> &[u32] {
        match self.table.get(&token) {
            None => &[],
            Some(value) => self.slots(value),
        }
    }

    fn slots<'a>(&'a self, value: &'a u32) -> &'a [u32] {
        if *value & LIST == 0 { std::slice::from_ref(value) } else { &self.lists[(*value & !LIST) as usize] }
    }

    /// How many tokens there are.
    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }

    /// A sum over all postings that does not depend on their order.
    pub(crate) fn digest(&self) -> u64 {
        let mix =
            |token: u64, slot: u32| (token ^ u64::from(slot)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23).wrapping_mul(token | 1);
        self.table.iter().flat_map(|(token, value)| self.slots(value).iter().map(move |slot| mix(*token, *slot))).fold(0, u64::wrapping_add)
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.table.capacity() * (size_of::<(u64, u32)>() + 1)
            + self.lists.capacity() * size_of::<SmallVec<[u32; 4]>>()
            + self.lists.iter().filter(|slots| slots.spilled()).map(|slots| slots.capacity() * 4).sum::<usize>()
    }
}

/// A hasher with fixed keys.
pub(crate) fn token_hasher() -> RandomState {
    RandomState::with_seeds(0x6a69_6b75, 0x746f_6b65, 0x6e73_0000, 0x0001)
}

pub(crate) fn hash_token(hasher: &RandomState, (field, text): &SearchToken) -> u64 {
    let mut state = hasher.build_hasher();
    state.write(field.as_bytes());
    state.write_u8(0);
    state.write(text.as_bytes());
    state.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_finds_its_records_until_they_are_removed() {
        let mut postings = Postings::new();
        let name = postings.hash(&("name", "张伟".to_owned()));
        for slot in [7, 3, 9, 3] {
            postings.insert(slot, &[name]);
        }
        assert_eq!(postings.get(name), [3, 7, 9]);
        postings.remove(7, &[name]);
        assert_eq!(postings.get(name), [3, 9]);
        postings.remove(3, &[name]);
        assert_eq!(postings.get(name), [9]);
        postings.insert(2, &[name]);
        assert_eq!(postings.get(name), [2, 9]);
        postings.remove(2, &[name]);
        postings.remove(9, &[name]);
        assert_eq!((postings.len(), postings.get(name)), (0, &[][..]));
    }

    #[test]
    fn field_and_text_are_told_apart() {
        let postings = Postings::new();
        assert_ne!(postings.hash(&("name", "1".to_owned())), postings.hash(&("phone", "1".to_owned())));
        assert_ne!(postings.hash(&("a", "bc".to_owned())), postings.hash(&("ab", "c".to_owned())));
    }

    #[test]
    fn the_digest_does_not_depend_on_the_order() {
        let (mut one, mut other) = (Postings::new(), Postings::new());
        one.insert(1, &[10, 20]);
        one.insert(2, &[10]);
        other.insert(2, &[10]);
        other.insert(1, &[20, 10]);
        assert_eq!(one.digest(), other.digest());
        other.remove(2, &[10]);
        assert_ne!(one.digest(), other.digest());
    }
}
