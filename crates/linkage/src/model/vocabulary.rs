//! Which characters look alike, and which names stand for each other?

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use crate::hash;

/// Characters that look alike, and names that stand for each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    lookalikes: HashSet<(char, char)>,
    /// Names and their groups, by a hash of the name.
    aliases: HashMap<u64, Vec<(String, u32)>, BuildHasherDefault<Hashed>>,
}

/// Takes keys that are hashes already as they are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash::bytes(bytes);
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Vocabulary {
    pub(crate) fn new(lookalikes: &[String], aliases: &[Vec<String>]) -> Self {
        let mut vocabulary = Self::default();
        for group in lookalikes {
            for a in group.chars() {
                vocabulary.lookalikes.extend(group.chars().map(|b| (a, b)));
            }
        }
        for (group, number) in aliases.iter().zip(0..) {
            for name in group {
                vocabulary.aliases.entry(hash::bytes(name.as_bytes())).or_default().push((name.clone(), number));
            }
        }
        vocabulary
    }

    pub(crate) fn look_alike(&self, left: char, right: char) -> bool {
        self.lookalikes.contains(&(left, right))
    }

    pub(crate) fn are_aliases(&self, left: &str, right: &str) -> bool {
        let groups = |name: &str| self.aliases.get(&hash::bytes(name.as_bytes())).map_or(&[][..], Vec::as_slice);
        let (lefts, rights) = (groups(left), groups(right));
        let mut of_left = lefts.iter().filter(|(name, _)| name == left).map(|(_, group)| group);
        of_left.any(|group| rights.iter().any(|(name, other)| name == right && other == group))
    }
}
