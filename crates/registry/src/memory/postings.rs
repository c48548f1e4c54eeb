//! Which records carry this search token?

use std::hash::{BuildHasher, Hasher};

use ahash::{AHashMap, RandomState};
use jiku_model::SearchToken;
use smallvec::SmallVec;

/// Search tokens by hash, each with the slots of the records that carry it.
///
/// A hash stands for its token: of 2^64 hashes a few hundred million tokens share one so rarely that a wrong hit is
/// less likely than a fault of the memory, and what is found is shown with its values.
#[derive(Debug)]
pub(crate) struct Postings {
    hasher: RandomState,
    slots: AHashMap<u64, SmallVec<[u32; 2]>>,
}

impl Postings {
    pub(crate) fn new() -> Self {
        Self { hasher: token_hasher(), slots: AHashMap::new() }
    }

    /// The hash of a token, the same in every run.
    pub(crate) fn hash(&self, token: &SearchToken) -> u64 {
        hash_token(&self.hasher, token)
    }

    pub(crate) fn insert(&mut self, slot: u32, tokens: &[u64]) {
        for token in tokens {
            let slots = self.slots.entry(*token).or_default();
            // Records mostly come in rising order, so the place is mostly the end.
            let at = if slots.last().is_none_or(|last| *last < slot) { slots.len() } else { slots.partition_point(|known| *known < slot) };
            if slots.get(at) != Some(&slot) {
                slots.insert(at, slot);
            }
        }
    }

    pub(crate) fn remove(&mut self, slot: u32, tokens: &[u64]) {
        for token in tokens {
            let Some(slots) = self.slots.get_mut(token) else { continue };
            if let Ok(at) = slots.binary_search(&slot) {
                slots.remove(at);
                if slots.is_empty() {
                    self.slots.remove(token);
                }
            }
        }
    }

    /// The records that carry a token, rising.
    pub(crate) fn get(&self, token: u64) -> &[u32] {
        self.slots.get(&token).map_or(&[], SmallVec::as_slice)
    }

    /// How many tokens there are.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// A sum over all postings that does not depend on their order.
    pub(crate) fn digest(&self) -> u64 {
        let mix =
            |token: u64, slot: u32| (token ^ u64::from(slot)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23).wrapping_mul(token | 1);
        self.slots.iter().flat_map(|(token, slots)| slots.iter().map(move |slot| mix(*token, *slot))).fold(0, u64::wrapping_add)
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<(u64, SmallVec<[u32; 2]>)>()
            + self.slots.values().filter(|slots| slots.spilled()).map(|slots| slots.capacity() * 4).sum::<usize>()
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
        postings.remove(9, &[name]);
        assert_eq!(postings.len(), 0);
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
