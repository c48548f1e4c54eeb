//! Which simplified character does a traditional or variant one stand for in a comparison?

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::table::{Table, rows, table};

struct Simplified {
    /// By code point of the basic plane; 0 where the character stands for itself.
    basic: Box<[u32]>,
    /// Characters of the other planes.
    rare: Table<char, char>,
}

static SIMPLIFIED: LazyLock<Simplified> = LazyLock::new(|| {
    let mut basic = vec![0_u32; 0x1_0000].into_boxed_slice();
    let mut rare = table(64);
    let listed = rows(include_str!("../../../fixtures/reference/traditional_simplified.csv"));
    let pairs = listed.filter_map(|row| Some((row.first()?.chars().next()?, row.get(1)?.chars().next()?)));
    for (traditional, simplified) in pairs.chain(MORE) {
        match basic.get_mut(traditional as usize) {
            Some(place) => *place = simplified as u32,
            None => {
                rare.insert(traditional, simplified);
            }
        }
    }
    Simplified { basic, rare }
});

/// Characters that names are written with and the list of traditional characters does not have.
/// The last ones are other shapes of one character, not traditional ones: registers write either.
const MORE: [(char, char); 11] = [
    ('锺', '钟'),
    ('綫', '线'),
    ('黃', '黄'),
    ('頴', '颖'),
    ('𠮷', '吉'),
    ('髙', '高'),
    ('囯', '国'),
    ('呉', '吴'),
    ('徳', '德'),
    ('恵', '惠'),
    ('黒', '黑'),
];

/// The simplified form of one character; itself when it has none. One-to-many pairs cannot be reversed (范 is both 范
/// and 範), so this is a key for comparison, never a correction.
#[must_use]
pub fn simplify_char(c: char) -> char {
    if (c as u32) < 0x3400 {
        return c;
    }
    let simplified = &*SIMPLIFIED;
    match simplified.basic.get(c as usize) {
        Some(0) => c,
        Some(&code) => char::from_u32(code).unwrap_or(c),
        None => simplified.rare.get(&c).copied().unwrap_or(c),
    }
}

/// The text with every traditional character replaced by its simplified form.
///
/// ```
/// assert_eq!(jiku_text::simplify("張偉"), "张伟");
/// ```
#[must_use]
pub fn simplify(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| simplify_char(c) == c) { Cow::Borrowed(text) } else { Cow::Owned(text.chars().map(simplify_char).collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traditional_names_fold_to_simplified() {
        assert_eq!(simplify("買買提·艾力"), "买买提·艾力");
        assert_eq!(simplify("王𠮷"), "王吉");
        assert_eq!(simplify("廣州雲山科技"), "广州云山科技");
        assert!(matches!(simplify("张伟"), Cow::Borrowed(_)));
    }

    #[test]
    fn folding_twice_changes_nothing_more() {
        for row in rows(include_str!("../../../fixtures/reference/traditional_simplified.csv")) {
            let once = simplify(row[0]).into_owned();
            let twice = simplify(&once).into_owned();
            assert_eq!(simplify(&twice), twice, "{}", row[0]);
        }
    }
}
