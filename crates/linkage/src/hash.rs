//! How are values turned into numbers, the same on every machine?

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// Mixes a number so that every bit of the answer depends on every bit of it (the finaliser of SplitMix64).
pub(crate) const fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Folds a number into a running hash; the order of folding matters.
pub(crate) const fn fold(hash: u64, value: u64) -> u64 {
    mix(hash.rotate_left(23) ^ value.wrapping_mul(MULTIPLIER))
}

/// A hash of bytes, eight at a time.
pub(crate) fn bytes(data: &[u8]) -> u64 {
    let mut hash = (data.len() as u64).wrapping_mul(MULTIPLIER);
    let mut chunks = data.chunks_exact(8);
    for chunk in &mut chunks {
        hash = fold(hash, u64::from_le_bytes(chunk.try_into().expect("a chunk has eight bytes")));
    }
    let mut rest = [0; 8];
    rest[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
    fold(hash, u64::from_le_bytes(rest))
}

/// 128 bits of a text: two hashes that begin differently.
pub(crate) fn fingerprint(data: &[u8]) -> u128 {
    let (mut left, mut right) = ((data.len() as u64).wrapping_mul(MULTIPLIER), !(data.len() as u64));
    let mut take = |word: u64| {
        left = fold(left, word);
        right = fold(right, word.rotate_left(32));
    };
    let mut chunks = data.chunks_exact(8);
    for chunk in &mut chunks {
        take(u64::from_le_bytes(chunk.try_into().expect("a chunk has eight bytes")));
    }
    let mut rest = [0; 8];
    rest[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
    take(u64::from_le_bytes(rest));
    u128::from(left) << 64 | u128::from(right)
}

/// A hash of characters, for keys made of parts of a value.
pub(crate) fn characters(data: impl Iterator<Item = char>) -> u64 {
    mix(data.fold(MULTIPLIER, |hash, character| fold(hash, u64::from(u32::from(character)))))
}
