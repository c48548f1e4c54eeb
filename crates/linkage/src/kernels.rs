//! How alike are two short texts, given as characters?
//!
//! The kernels keep what matches what in two machine words and allocate nothing for texts of up to 64 characters. Longer ones take more
//! words, and of those beyond [`LONGEST`] only so much is looked at, so that no pair takes long. `strsim` is the reference the
//! kernels are tested against. Texts in ASCII are taken as the bytes they are.

/// How many characters of two long texts are compared: for a distance from the first that differs on, what is left counting by its
/// length alone; for Jaro–Winkler from the beginning.
const LONGEST: usize = 256;

/// Space the kernels reuse from pair to pair.
pub(crate) struct Scratch {
    pub(crate) left: Vec<u32>,
    pub(crate) right: Vec<u32>,
    positions: Positions,
    columns: Columns,
}

/// Where each ASCII character stands in a text; all zero between calls.
struct Positions(Box<[u64; 128]>);

impl Default for Scratch {
    fn default() -> Self {
        Self { left: Vec::new(), right: Vec::new(), positions: Positions(Box::new([0; 128])), columns: Columns::default() }
    }
}

/// A character in a byte or in a word.
trait Character: Copy + Ord + std::hash::Hash {
    fn code(self) -> usize;
}

impl Character for u8 {
    fn code(self) -> usize {
        usize::from(self)
    }
}

impl Character for u32 {
    fn code(self) -> usize {
        self as usize
    }
}

impl Positions {
    fn enter<C: Character>(&mut self, text: &[C]) {
        for (at, character) in text.iter().enumerate() {
            if let Some(positions) = self.0.get_mut(character.code()) {
                *positions |= 1 << at;
            }
        }
    }

    /// The places of a character in the text that was entered.
    fn of<C: Character>(&self, text: &[C], character: C) -> u64 {
        match self.0.get(character.code()) {
            Some(positions) => *positions,
            None => text.iter().enumerate().fold(0, |mask, (at, other)| mask | (u64::from(*other == character) << at)),
        }
    }

    fn clear<C: Character>(&mut self, text: &[C]) {
        for character in text {
            if let Some(positions) = self.0.get_mut(character.code()) {
                *positions = 0;
            }
        }
    }
}

impl Scratch {
    /// Decodes both texts into the scratch space.
    pub(crate) fn decode(&mut self, left: &str, right: &str) {
        for (text, into) in [(left, &mut self.left), (right, &mut self.right)] {
            into.clear();
            into.extend(text.chars().map(u32::from));
        }
    }

    /// The Jaro–Winkler similarity of two texts, symmetric: the shorter, then the smaller, is taken first.
    pub(crate) fn jaro_winkler(&mut self, left: &str, right: &str) -> f64 {
        if left.is_ascii() && right.is_ascii() {
            return ordered_jaro_winkler(left.as_bytes(), right.as_bytes(), &mut self.positions);
        }
        self.decode(left, right);
        ordered_jaro_winkler(&self.left, &self.right, &mut self.positions)
    }

    /// The Levenshtein distance of two texts.
    pub(crate) fn levenshtein(&mut self, left: &str, right: &str) -> usize {
        self.distance(left, right, false).0
    }

    /// The optimal string alignment distance of two texts: Levenshtein with neighbours changing places at cost one.
    pub(crate) fn osa(&mut self, left: &str, right: &str) -> usize {
        self.distance(left, right, true).0
    }

    /// 1 − optimal string alignment distance ÷ length of the longer.
    #[expect(clippy::cast_precision_loss, reason = "texts are short")]
    pub(crate) fn similarity(&mut self, left: &str, right: &str) -> f32 {
        let (distance, longest) = self.distance(left, right, true);
        1.0 - distance as f32 / longest.max(1) as f32
    }

    /// The distance, and the length of the longer text.
    fn distance(&mut self, left: &str, right: &str, transpositions: bool) -> (usize, usize) {
        if left.is_ascii() && right.is_ascii() {
            let (left, right) = (left.as_bytes(), right.as_bytes());
            let found = bit_parallel(left, right, transpositions, &mut self.positions);
            return (found.unwrap_or_else(|| self.columns.distance(left, right, transpositions)), left.len().max(right.len()));
        }
        self.decode(left, right);
        let (left, right) = (&self.left, &self.right);
        let found = bit_parallel(left, right, transpositions, &mut self.positions);
        (found.unwrap_or_else(|| self.columns.distance(left, right, transpositions)), left.len().max(right.len()))
    }
}

/// Space for the distance of texts that one word does not hold.
#[derive(Default)]
struct Columns {
    /// The characters of the pattern in order, each once.
    alphabet: Vec<usize>,
    /// Where each of them stands in the pattern: so many words for each.
    places: Vec<u64>,
    words: Vec<Column>,
}

/// 64 rows of the table of distances: how each differs from the row above, and what its characters matched.
#[derive(Clone, Copy)]
struct Column {
    plus: u64,
    minus: u64,
    diagonal: u64,
    matches: u64,
}

impl Columns {
    /// The distance of what lies between the common beginning and the common end of two texts, in words of 64 rows (Hyyrö 2003). Of a
    /// part longer than [`LONGEST`] its beginning is compared.
    fn distance<C: Character>(&mut self, left: &[C], right: &[C], transpositions: bool) -> usize {
        let start = left.iter().zip(right).take_while(|(a, b)| a == b).count();
        let (left, right) = (&left[start..], &right[start..]);
        let end = left.iter().rev().zip(right.iter().rev()).take_while(|(a, b)| a == b).count();
        let (left, right) = (&left[..left.len() - end], &right[..right.len() - end]);
        let (pattern, text) = if left.len() <= right.len() { (left, right) } else { (right, left) };
        let compared = |part: &[C]| part.len().min(LONGEST);
        let rest = (text.len() - compared(text)) - (pattern.len() - compared(pattern));
        let (pattern, text) = (&pattern[..compared(pattern)], &text[..compared(text)]);
        if pattern.is_empty() {
            return text.len() + rest;
        }
        self.enter(pattern);
        let last = 1_u64 << ((pattern.len() - 1) % 64);
        let mut distance = pattern.len();
        for character in text {
            let known = self.alphabet.binary_search(&character.code()).ok();
            let at = known.map(|at| at * self.words.len());
            let (mut up_in, mut down_in, mut crossing_in) = (1_u64, 0_u64, 0_u64);
            for number in 0..self.words.len() {
                let matches = at.map_or(0, |at| self.places[at + number]);
                let Column { plus, minus, diagonal, matches: before } = self.words[number];
                // Neighbours in each other's place: a match here and one, a row up and a column back, that was none on the diagonal.
                let crossing = if transpositions { !diagonal & matches } else { 0 };
                let swapped = ((crossing << 1) | crossing_in) & before;
                let entered = matches | down_in;
                let diagonal = ((entered & plus).wrapping_add(plus) ^ plus) | entered | minus | swapped;
                let (up, down) = (minus | !(diagonal | plus), diagonal & plus);
                if number + 1 == self.words.len() {
                    distance += usize::from(up & last != 0);
                    distance -= usize::from(down & last != 0);
                }
                let (up_here, down_here) = ((up << 1) | up_in, (down << 1) | down_in);
                self.words[number] = Column { plus: down_here | !(diagonal | up_here), minus: up_here & diagonal, diagonal, matches };
                (up_in, down_in, crossing_in) = (up >> 63, down >> 63, crossing >> 63);
            }
        }
        distance + rest
    }

    /// Notes where each character of the pattern stands.
    fn enter<C: Character>(&mut self, pattern: &[C]) {
        let words = pattern.len().div_ceil(64);
        self.alphabet.clear();
        self.alphabet.extend(pattern.iter().map(|character| character.code()));
        self.alphabet.sort_unstable();
        self.alphabet.dedup();
        self.places.clear();
        self.places.resize(self.alphabet.len() * words, 0);
        for (row, character) in pattern.iter().enumerate() {
            let at = self.alphabet.binary_search(&character.code()).expect("every character was noted");
            self.places[at * words + row / 64] |= 1 << (row % 64);
        }
        self.words.clear();
        self.words.resize(words, Column { plus: u64::MAX, minus: 0, diagonal: 0, matches: 0 });
    }
}

/// The bit-parallel distance (Hyyrö 2003) when the shorter text fits one word.
fn bit_parallel<C: Character>(left: &[C], right: &[C], transpositions: bool, positions: &mut Positions) -> Option<usize> {
    let (pattern, text) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    if pattern.is_empty() {
        return Some(text.len());
    }
    if pattern.len() > 64 {
        return None;
    }
    positions.enter(pattern);
    let last = 1_u64 << (pattern.len() - 1);
    let (mut plus, mut minus, mut diagonal, mut before) = (u64::MAX, 0_u64, 0_u64, 0_u64);
    let mut distance = pattern.len();
    for &character in text {
        let matches = positions.of(pattern, character);
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
    positions.clear(pattern);
    Some(distance)
}

fn ordered_jaro_winkler<C: Character>(left: &[C], right: &[C], positions: &mut Positions) -> f64 {
    let swap = (left.len(), left) > (right.len(), right);
    if swap { jaro_winkler(right, left, positions) } else { jaro_winkler(left, right, positions) }
}

/// The Jaro–Winkler similarity with the usual prefix scale of 0.1 over at most four characters.
fn jaro_winkler<C: Character>(left: &[C], right: &[C], positions: &mut Positions) -> f64 {
    let similarity = jaro(left, right, positions);
    if similarity <= 0.7 {
        return similarity;
    }
    let prefix = left.iter().zip(right).take(4).take_while(|(a, b)| a == b).count();
    #[expect(clippy::cast_precision_loss, reason = "at most four")]
    let prefix = prefix as f64;
    similarity + 0.1 * prefix * (1.0 - similarity)
}

/// The Jaro similarity: matched characters are bits of one word per side, and the places where a character of the one text may
/// stand in the other are found at once.
#[expect(clippy::cast_precision_loss, reason = "lengths are at most 64")]
fn jaro<C: Character>(left: &[C], right: &[C], positions: &mut Positions) -> f64 {
    if left.is_empty() || right.is_empty() {
        return if left.len() == right.len() { 1.0 } else { 0.0 };
    }
    if left.len() > 64 || right.len() > 64 {
        let compared = |text: &[C]| text.len().min(LONGEST);
        return strsim::generic_jaro(&Characters(&left[..compared(left)]), &Characters(&right[..compared(right)]));
    }
    let range = (left.len().max(right.len()) / 2).saturating_sub(1);
    positions.enter(right);
    let (mut left_flags, mut right_flags) = (0_u64, 0_u64);
    // Bits at - range to at + range.
    let width = (1_u64 << (range + 1)) - 1;
    let mut window = width;
    for (at, &character) in left.iter().enumerate() {
        let free = positions.of(right, character) & window & !right_flags;
        right_flags |= free & free.wrapping_neg();
        left_flags |= u64::from(free != 0) << at;
        window = if at < range { (window << 1) | 1 } else { window << 1 };
    }
    positions.clear(right);
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
struct Characters<'a, C>(&'a [C]);

impl<'b, C> IntoIterator for &'b Characters<'_, C> {
    type Item = &'b C;
    type IntoIter = std::slice::Iter<'b, C>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => "[abc]{0,12}",
            4 => "[王张伟玮芳ab]{0,5}",
            1 => "[0-9X]{15,18}",
            2 => "[ab王]{60,70}",
            2 => "[a-z]{28,66}",
            2 => "[ab]{120,140}",
            1 => "[abc王伟]{180,256}"
        ]
    }

    #[test]
    fn of_long_texts_what_follows_the_first_difference_is_compared() {
        let mut scratch = Scratch::default();
        let long = "ab王".repeat(7_000);
        let with = |middle: &str| format!("{long}{middle}{long}");
        for (left, right, distance) in [
            (with("x"), with("y"), 1),
            (with("xy"), with("yx"), 1),
            (with(""), with("xyz"), 3),
            (long.clone(), long.clone(), 0),
            (long.clone(), String::new(), 21_000),
            (with(&"x".repeat(300)), with(&"y".repeat(500)), 256 + 200),
        ] {
            assert_eq!(scratch.osa(&left, &right), distance);
            assert_eq!(scratch.osa(&right, &left), distance);
        }
        assert_eq!(scratch.levenshtein(&with("xy"), &with("yx")), 2);
        assert_eq!(scratch.jaro_winkler(&with("x"), &with("y")), 1.0);
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
            let longest = left.chars().count().max(right.chars().count()).max(1) as f32;
            prop_assert_eq!(scratch.similarity(&left, &right), 1.0 - strsim::osa_distance(&left, &right) as f32 / longest);
        }

        #[test]
        fn the_kernels_are_symmetric(left in text(), right in text()) {
            let mut scratch = Scratch::default();
            prop_assert_eq!(scratch.jaro_winkler(&left, &right), scratch.jaro_winkler(&right, &left));
            prop_assert_eq!(scratch.osa(&left, &right), scratch.osa(&right, &left));
        }
    }
}
