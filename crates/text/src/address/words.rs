//! Where does a word stand in an address?

/// Which characters may stand in a text: a bit of 64 for each. An address is searched for some sixty words and has two or three of them; most of
/// the others are ruled out by the bits.
#[derive(Clone, Copy)]
pub(super) struct Characters(u64);

impl Characters {
    pub(super) fn of(text: &str) -> Self {
        Self(text.chars().fold(0, |bits, c| bits | bit(c)))
    }

    /// Where the word begins in a text that has no other characters than these.
    pub(super) fn find(self, text: &str, word: &str) -> Option<usize> {
        let may_stand = word.chars().all(|c| self.0 & bit(c) != 0);
        if may_stand { text.find(word) } else { None }
    }
}

const fn bit(c: char) -> u64 {
    1 << ((c as u32).wrapping_mul(0x9E37_79B1) >> 26)
}

/// Where the first of the words begins, and which it is; of two at one place the longer.
pub(super) fn first<'w>(text: &str, words: &[&'w str]) -> Option<(usize, &'w str)> {
    let characters = Characters::of(text);
    let found = words.iter().filter_map(|word| characters.find(text, word).map(|at| (at, *word)));
    found.min_by_key(|&(at, word)| (at, usize::MAX - word.len()))
}

/// Whether one of the words stands in the text.
pub(super) fn holds_any(text: &str, words: &[&str]) -> bool {
    let characters = Characters::of(text);
    words.iter().any(|word| characters.find(text, word).is_some())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_word_is_found_where_it_stands(text in "[村镇街道路号大社区组一二]{0,12}", word in "[村镇街道路号大社区组一二]{1,3}") {
            prop_assert_eq!(Characters::of(&text).find(&text, &word), text.find(&word));
            prop_assert_eq!(holds_any(&text, &[&word]), text.contains(&word));
        }
    }

    #[test]
    fn the_first_word_counts_and_the_longer_of_two_at_one_place() {
        assert_eq!(first("石牌村大街", &["大街", "村", "大"]), Some(("石牌".len(), "村")));
        assert_eq!(first("天河大道", &["大", "大道", "道"]), Some(("天河".len(), "大道")));
        assert_eq!(first("天河", &["路"]), None);
    }
}
