//! How does a text become an LZ4 block against a dictionary?
//!
//! The format is that of <https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md>, so that any LZ4 library reads it. The
//! libraries enter the dictionary into their table of positions for every single block, which for short texts costs more than
//! the text itself; here that is done once.

use std::sync::LazyLock;

/// Shorter repetitions are not worth naming.
const SHORTEST: usize = 4;
/// No repetition begins in the last 12 bytes of a block, and the last 5 stand for themselves.
const LAST_BEGINNING: usize = 12;
const LAST_LITERALS: usize = 5;
/// The table of positions has `1 << BITS` places.
const BITS: u32 = 12;
/// What does not repeat for long is skipped faster and faster.
const PATIENCE: u32 = 6;

/// Where each beginning was seen last.
type Positions = [u16; 1 << BITS];

/// A dictionary and the positions in it.
pub(super) struct Dictionary {
    text: &'static [u8],
    positions: LazyLock<Box<Positions>, fn() -> Box<Positions>>,
}

impl Dictionary {
    /// `positions` calls [`positions_in`] with the same text.
    pub(super) const fn new(text: &'static [u8], positions: fn() -> Box<Positions>) -> Self {
        Self { text, positions: LazyLock::new(positions) }
    }

    /// The block of a text; `None` when it is too long for positions of two bytes.
    pub(super) fn compress(&self, text: &[u8]) -> Option<Vec<u8>> {
        let end = self.text.len() + text.len();
        u16::try_from(end).ok()?;
        let mut bytes = Vec::with_capacity(end);
        bytes.extend_from_slice(self.text);
        bytes.extend_from_slice(text);
        let mut positions = Box::clone(&self.positions);
        let mut block = Vec::with_capacity(text.len() / 2 + 64);
        let (mut anchor, mut at) = (self.text.len(), self.text.len());
        while at + LAST_BEGINNING <= end {
            let place = &mut positions[place_of(eight(&bytes, at))];
            let seen = usize::from(std::mem::replace(place, narrow(at)));
            if seen >= at || four(&bytes, seen) != four(&bytes, at) {
                at += 1 + ((at - anchor) >> PATIENCE);
                continue;
            }
            let before = common_before(&bytes[anchor..at], &bytes[..seen]);
            let after = SHORTEST + common(&bytes[at + SHORTEST..end - LAST_LITERALS], &bytes[seen + SHORTEST..]);
            put(&mut block, &bytes[anchor..at - before], Some((at - seen, before + after)));
            at += after;
            anchor = at;
            if at + LAST_BEGINNING <= end {
                positions[place_of(eight(&bytes, at - 2))] = narrow(at - 2);
            }
        }
        put(&mut block, &bytes[anchor..], None);
        Some(block)
    }
}

/// The positions of everything in a dictionary.
pub(super) fn positions_in(text: &[u8]) -> Box<Positions> {
    let mut positions = Box::new([0; 1 << BITS]);
    for at in 0..text.len().saturating_sub(size_of::<u64>() - 1) {
        positions[place_of(eight(text, at))] = narrow(at);
    }
    positions
}

/// A position: whoever asks has looked that there are few enough.
fn narrow(at: usize) -> u16 {
    u16::try_from(at).expect("positions fit into two bytes")
}

/// So many bytes from a place on that has them.
fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    *bytes[at..].first_chunk().expect("whoever asks has looked that there are so many")
}

fn four(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes_at(bytes, at))
}

fn eight(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes_at(bytes, at))
}

/// Where positions of the same first five bytes stand: four are often the same by chance, as in digits, and name too little. The
/// multiplier is that of the reference implementation.
const fn place_of(eight: u64) -> usize {
    ((eight << 24).wrapping_mul(889_523_592_379) >> (u64::BITS - BITS)) as usize
}

/// How many bytes are equal from the start.
fn common(left: &[u8], right: &[u8]) -> usize {
    let (pieces, of_right) = (left.as_chunks::<8>().0, right.as_chunks::<8>().0);
    let mut same = 0;
    for (left, right) in pieces.iter().zip(of_right) {
        let differing = u64::from_le_bytes(*left) ^ u64::from_le_bytes(*right);
        if differing != 0 {
            return same + (differing.trailing_zeros() / u8::BITS) as usize;
        }
        same += 8;
    }
    same + left[same..].iter().zip(&right[same..]).take_while(|(left, right)| left == right).count()
}

/// How many bytes are equal from the end.
fn common_before(left: &[u8], right: &[u8]) -> usize {
    left.iter().rev().zip(right.iter().rev()).take_while(|(left, right)| left == right).count()
}

/// One sequence: bytes that stand for themselves, then how far back a repetition lies and how long it is.
fn put(block: &mut Vec<u8>, literals: &[u8], repetition: Option<(usize, usize)>) {
    let more = repetition.map_or(0, |(_, length)| length - SHORTEST);
    block.push(nibble(literals.len()) << 4 | nibble(more));
    put_rest(block, literals.len());
    block.extend_from_slice(literals);
    if let Some((back, _)) = repetition {
        block.extend_from_slice(&narrow(back).to_le_bytes());
        put_rest(block, more);
    }
}

/// A length as half a byte; 15 says that more follows.
fn nibble(length: usize) -> u8 {
    u8::try_from(length.min(15)).unwrap_or(15)
}

/// What half a byte does not hold of a length.
fn put_rest(block: &mut Vec<u8>, length: usize) {
    let Some(mut rest) = length.checked_sub(15) else { return };
    while rest >= 255 {
        block.push(255);
        rest -= 255;
    }
    block.push(u8::try_from(rest).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use lz4_flex::block::decompress_with_dict;
    use proptest::prelude::*;

    use super::*;

    static WORDS: &[u8] = br#"{"values":{"division":{"value":"440106","rule":"only","agreeing":1,"differing":0}}}"#;
    static DICTIONARY: Dictionary = Dictionary::new(WORDS, || positions_in(WORDS));

    #[track_caller]
    fn check(text: &[u8]) {
        let block = DICTIONARY.compress(text).expect("short enough");
        assert_eq!(decompress_with_dict(&block, text.len(), WORDS).expect("a block"), text);
    }

    #[test]
    fn a_text_of_known_words_is_hardly_longer_than_their_names() {
        let text = br#"{"values":{"division":{"value":"440305","rule":"only","agreeing":1,"differing":0}}}"#;
        assert!(DICTIONARY.compress(text).is_some_and(|block| block.len() * 3 < text.len()));
    }

    #[test]
    fn lengths_at_every_border_come_back() {
        for length in (0..40).chain([254, 255, 256, 269, 270, 271, 524, 525, 526, 4_000]) {
            check(&vec![b'x'; length]);
            check(&(0..length).map(|at| (at * 131 % 251) as u8).collect::<Vec<_>>());
            check(&WORDS[..length.min(WORDS.len())].repeat(2));
        }
    }

    #[test]
    fn what_is_too_long_is_left_to_others() {
        assert!(DICTIONARY.compress(&vec![0; usize::from(u16::MAX)]).is_none());
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in prop::collection::vec(0_u8..6, 0..3_000), words in "([a-z\":{}]{0,9}\"division\":)*") {
            check(&text);
            check(words.as_bytes());
        }
    }
}
