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
    for (traditional, simplified) in pairs.filter(|(traditional, _)| !STANDARD.contains(traditional)).chain(MORE) {
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

/// Characters that the list simplifies and that are standard characters of their own, which names and places are written with: 乾 of 陈乾 and 乾县 is
/// no 干. Where one is also the traditional form of the other (昇 and 升, 徵 and 征), the two are variants of each other
/// ([`crate::look_alikes`]), not the same.
///
/// Source: 《通用规范汉字表》, State Council 2013, levels one to three. 氾, 苧, 薳 and 爇 of it are left to the list: nobody is told apart by them.
const STANDARD: [char; 16] = ['乾', '剋', '吒', '夥', '徵', '於', '昇', '甦', '甯', '祕', '脩', '蒐', '薹', '釐', '陞', '麽'];

/// Words in which they are the traditional form of another character after all.
const WORDS: [(&str, &str); 32] = [
    ("乾燥", "干燥"),
    ("乾净", "干净"),
    ("乾洗", "干洗"),
    ("乾货", "干货"),
    ("乾果", "干果"),
    ("乾杯", "干杯"),
    ("乾旱", "干旱"),
    ("乾粮", "干粮"),
    ("乾冰", "干冰"),
    ("乾电池", "干电池"),
    ("乾贝", "干贝"),
    ("饼乾", "饼干"),
    ("肉乾", "肉干"),
    ("豆乾", "豆干"),
    ("果乾", "果干"),
    ("合夥", "合伙"),
    ("夥伴", "伙伴"),
    ("徵信", "征信"),
    ("徵收", "征收"),
    ("徵集", "征集"),
    ("徵求", "征求"),
    ("徵地", "征地"),
    ("特徵", "特征"),
    ("象徵", "象征"),
    ("位於", "位于"),
    ("关於", "关于"),
    ("对於", "对于"),
    ("什麽", "什么"),
    ("釐米", "厘米"),
    ("脩理", "修理"),
    ("祕书", "秘书"),
    ("昇级", "升级"),
];

/// The simplified form of one character; itself when it has none. One-to-many pairs cannot be reversed (范 is both 范
/// and 範), so this is a key for comparison, never a correction. A standard character of its own stays, as in a name (乾, 徵).
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

/// The text with every traditional character replaced by its simplified form, and 乾 by 干 only in words that are written so.
///
/// ```
/// assert_eq!(jiku_text::simplify("張偉"), "张伟");
/// assert_eq!(jiku_text::simplify("乾坤乾燥設備"), "乾坤干燥设备");
/// ```
#[must_use]
pub fn simplify(text: &str) -> Cow<'_, str> {
    let simplified = if text.chars().all(|c| simplify_char(c) == c) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().map(simplify_char).collect())
    };
    if !simplified.contains(STANDARD) {
        return simplified;
    }
    let mut written = simplified.into_owned();
    for (traditional, word) in WORDS {
        if written.contains(traditional) {
            written = written.replace(traditional, word);
        }
    }
    Cow::Owned(written)
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
    fn a_standard_character_of_its_own_stays_in_names_and_places() {
        for name in ["陈乾", "李乾坤", "乾县", "乾州街道", "魏徵", "於潜镇", "张昇", "哪吒"] {
            assert_eq!(simplify(name), name);
        }
        for c in STANDARD {
            assert_eq!(simplify_char(c), c);
        }
        for (traditional, simplified) in
            [("乾燥設備", "干燥设备"), ("乾洗店", "干洗店"), ("合夥企業", "合伙企业"), ("徵信有限公司", "征信有限公司"), ("餅乾", "饼干")]
        {
            assert_eq!(simplify(traditional), simplified);
        }
        // Words are looked for after their other characters were simplified.
        for (traditional, simplified) in WORDS {
            assert!(traditional.chars().all(|c| simplify_char(c) == c) && !simplified.contains(STANDARD), "{traditional}");
        }
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
