//! How alike are two short texts, given as decoded characters?
//!
//! The kernels work on `u32` characters in two machine words and allocate nothing for texts of up to 64 characters;
//! longer ones go to `strsim`, which is also the reference the kernels are tested against.

/// Space the kernels reuse from pair to pair.
pub(crate) struct Scratch {
    pub(crate) left: Vec<u32>,
    pub(crate) right: Vec<u32>,
    /// Where each ASCII character stands in the pattern; all zero between calls.
    positions: Box<[u64; 128]>,
}

impl Default for Scratch {
    fn default() -> Self {
        Self { left: Vec::new(), right: Vec::new(), positions: Box::new([0; 128]) }
    }
}

impl Scratch {
    /// Decodes both texts into the scratch space.
    pub(crate) fn decode(&mut self, left: &str, right: &str) {
        for (text, into) in [(left, &mut self.left), (right, &mut self.right)] {
            into.clear();
            if text.is_ascii() {
                into.extend(text.bytes().map(u32::from));
            } else {
                into.extend(text.chars().map(u32::from));
            }
        }
    }

    /// The Jaro–Winkler similarity of two texts, symmetric: the shorter, then the smaller, is taken first.
    pub(crate) fn jaro_winkler(&mut self, left: &str, right: &str) -> f64 {
        self.decode(left, right);
        let swap = (self.left.len(), &self.left) > (self.right.len(), &self.right);
        if swap { jaro_winkler(&self.right, &self.left) } else { jaro_winkler(&self.left, &self.right) }
    }

    /// The Levenshtein distance of two texts.
    pub(crate) fn levenshtein(&mut self, left: &str, right: &str) -> usize {
        self.decode(left, right);
        self.distance(false).unwrap_or_else(|| strsim::generic_levenshtein(&self.left, &self.right))
    }

    /// The optimal string alignment distance of two texts: Levenshtein with neighbours changing places at cost one.
    pub(crate) fn osa(&mut self, left: &str, right: &str) -> usize {
        self.decode(left, right);
        self.distance(true).unwrap_or_else(|| strsim::osa_distance(left, right))
    }

    /// The bit-parallel distance (Hyyrö 2003) when the shorter text fits one word.
    fn distance(&mut self, transpositions: bool) -> Option<usize> {
        let (pattern, text) = if self.left.len() <= self.right.len() { (&self.left, &self.right) } else { (&self.right, &self.left) };
        if pattern.is_empty() {
            return Some(text.len());
        }
        if pattern.len() > 64 {
            return None;
        }
        for (at, &character) in pattern.iter().enumerate() {
            if let Some(positions) = self.positions.get_mut(character as usize) {
                *positions |= 1 << at;
            }
        }
        let last = 1_u64 << (pattern.len() - 1);
        let (mut plus, mut minus, mut diagonal, mut before) = (u64::MAX, 0_u64, 0_u64, 0_u64);
        let mut distance = pattern.len();
        for &character in text {
            let matches = match self.positions.get(character as usize) {
                Some(positions) => *positions,
                None => pattern.iter().enumerate().fold(0, |mask, (at, other)| mask | (u64::from(*other == character) << at)),
            };
            let swapped = if transpositions { ((!diagonal & matches) << 1) & before } else { 0 };
            diagonal = ((matches & plus).wrapping_add(plus) ^ plus) | matches | minus | swapped;
            let up = minus | !(diagonal | plus);
            let down = diagonal & plus;
            distance += usize::from(up & last != 0);
            distance -= usize::from(down & last != 0);
            let up = (up << 1) | 1;
            plus = (down << 1) | !(diagonal | up);
            minus = up & diagonal;
            before = matches;
        }
        for &character in pattern {
            if let Some(positions) = self.positions.get_mut(character as usize) {
                *positions = 0;
            }
        }
        Some(distance)
    }
}

/// The Jaro–Winkler similarity with the usual prefix scale of 0.1 over at most four characters.
fn jaro_winkler(left: &[u32], right: &[u32]) -> f64 {
    let similarity = jaro(left, right);
    if similarity <= 0.7 {
        return similarity;
    }
    let prefix = left.iter().zip(right).take(4).take_while(|(a, b)| a == b).count();
    #[expect(clippy::cast_precision_loss, reason = "at most four")]
    let prefix = prefix as f64;
    similarity + 0.1 * prefix * (1.0 - similarity)
}

/// The Jaro similarity: flags of matched characters are bits of one word per side.
#[expect(clippy::cast_precision_loss, reason = "lengths are at most 64")]
fn jaro(left: &[u32], right: &[u32]) -> f64 {
    if left.is_empty() || right.is_empty() {
        return if left.len() == right.len() { 1.0 } else { 0.0 };
    }
    if left.len() > 64 || right.len() > 64 {
        return strsim::generic_jaro(&Characters(left), &Characters(right));
    }
    let range = (left.len().max(right.len()) / 2).saturating_sub(1);
    let (mut left_flags, mut right_flags) = (0_u64, 0_u64);
    for (at, character) in left.iter().enumerate() {
        let (from, to) = (at.saturating_sub(range), (at + range + 1).min(right.len()));
        for (other, candidate) in right.iter().enumerate().take(to).skip(from) {
            if candidate == character && right_flags & (1 << other) == 0 {
                left_flags |= 1 << at;
                right_flags |= 1 << other;
                break;
            }
        }
    }
    let matches = left_flags.count_ones();
    if matches == 0 {
        return 0.0;
    }
    let (mut out_of_place, mut left_rest, mut right_rest) = (0_u32, left_flags, right_flags);
    while left_rest != 0 {
        let (a, b) = (left[left_rest.trailing_zeros() as usize], right[right_rest.trailing_zeros() as usize]);
        out_of_place += u32::from(a != b);
        left_rest &= left_rest - 1;
        right_rest &= right_rest - 1;
    }
    let (matched, in_place) = (f64::from(matches), f64::from(matches - out_of_place / 2));
    (matched / left.len() as f64 + matched / right.len() as f64 + in_place / matched) / 3.0
}

/// A slice as `strsim` wants it.
struct Characters<'a>(&'a [u32]);

impl<'b> IntoIterator for &'b Characters<'_> {
    type Item = &'b u32;
    type IntoIter = std::slice::Iter<'b, u32>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![4 => "[abc]{0,12}", 4 => "[王张伟玮芳ab]{0,5}", 1 => "[0-9X]{15,18}", 1 => "[ab王]{60,70}"]
    }

    proptest! {
        #[test]
        fn the_kernels_equal_the_reference(left in text(), right in text()) {
            let mut scratch = Scratch::default();
            let order = |text: &str| (text.chars().count(), text.chars().collect::<Vec<char>>());
            let (first, second) = if order(&left) <= order(&right) { (&left, &right) } else { (&right, &left) };
            prop_assert_eq!(scratch.jaro_winkler(&left, &right), strsim::jaro_winkler(first, second));
            prop_assert_eq!(scratch.levenshtein(&left, &right), strsim::levenshtein(&left, &right));
            prop_assert_eq!(scratch.osa(&left, &right), strsim::osa_distance(&left, &right));
        }

        #[test]
        fn the_kernels_are_symmetric(left in text(), right in text()) {
            let mut scratch = Scratch::default();
            prop_assert_eq!(scratch.jaro_winkler(&left, &right), scratch.jaro_winkler(&right, &left));
            prop_assert_eq!(scratch.osa(&left, &right), scratch.osa(&right, &left));
        }
    }
}
