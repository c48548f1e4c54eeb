//! Which records carry this search token?

use std::hash::{BuildHasher, Hasher};
use std::io;

use ahash::RandomState;
use jiku_model::{ImageReader, ImageWriter, SearchToken};

/// Search tokens by hash, each with the slots of the records that carry it.
///
/// A hash stands for its token, 44 bits of it: of a hundred million tokens one in a hundred thousand shares them with another,
/// and what is found is shown with its values. A token takes about ten bytes.
pub(crate) struct Postings {
    hasher: RandomState,
    tokens: jiku_linkage::Postings,
}

/// 2^12 shards tell 12 bits of a hash more than the 32 that are kept.
const SHARD_BITS: u32 = 12;

impl Postings {
    pub(crate) fn new() -> Self {
        Self { hasher: token_hasher(), tokens: jiku_linkage::Postings::with_shards(SHARD_BITS) }
    }

    /// Lays them aside.
    pub(crate) fn write(&self, image: &mut ImageWriter<'_>) -> io::Result<()> {
        self.tokens.write(image)
    }

    /// Takes up again what was laid aside.
    pub(crate) fn read(image: &mut ImageReader<'_>) -> io::Result<Self> {
        Ok(Self { hasher: token_hasher(), tokens: jiku_linkage::Postings::read(image)? })
    }

    /// The hash of a token, the same in every run.
    pub(crate) fn hash(&self, token: &SearchToken) -> u64 {
        hash_token(&self.hasher, token)
    }

    #[cfg(test)]
    pub(crate) fn insert(&mut self, slot: u32, tokens: &[u64]) {
        self.extend(&tokens.iter().map(|token| (*token, slot)).collect::<Vec<_>>());
    }

    /// Enters tokens with the records that carry them.
    pub(crate) fn extend(&mut self, pairs: &[(u64, u32)]) {
        self.tokens.extend(pairs);
    }

    pub(crate) fn remove(&mut self, slot: u32, tokens: &[u64]) {
        tokens.iter().for_each(|token| self.tokens.remove(*token, slot));
    }

    /// The records that carry a token, rising.
    pub(crate) fn get(&self, token: u64) -> &[u32] {
        self.tokens.get(token)
    }

    /// How many tokens there are.
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// A sum over all postings that does not depend on their order.
    pub(crate) fn digest(&self) -> u64 {
        let mix =
            |token: u64, slot: u32| (token ^ u64::from(slot)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23).wrapping_mul(token | 1);
        self.tokens.iter().flat_map(|(token, slots)| slots.iter().map(move |slot| mix(token, *slot))).fold(0, u64::wrapping_add)
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.tokens.heap_bytes()
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
