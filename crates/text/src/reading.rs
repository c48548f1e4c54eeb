//! How is Chinese text read aloud?

use std::borrow::Cow;

use pinyin::ToPinyin;

/// The usual reading of a Han character without its tone; ü is written `v`, as keyboards do: 吕 is `lv`.
#[must_use]
pub fn syllable(c: char) -> Option<&'static str> {
    if (c as u32) < 0x3007 {
        return None;
    }
    let plain = c.to_pinyin()?.plain();
    Some(match plain {
        "lü" => "lv",
        "nü" => "nv",
        "lüe" => "lve",
        "nüe" => "nve",
        // In names of people, places and firms these are not read as in everyday words (萝卜, 仿佛, 成长, 都是).
        "bo" if c == '卜' => "bu",
        "fu" if c == '佛' => "fo",
        "zhang" if c == '长' => "chang",
        "dou" if c == '都' => "du",
        "ceng" if c == '曾' => "zeng",
        "gan" if c == '乾' => "qian",
        "zhao" | "zhe" | "zhuo" if c == '著' => "zhu",
        "jie" if c == '藉' => "ji",
        "le" | "liao" if c == '瞭' => "liao",
        "me" | "ma" if c == '麽' => "mo",
        "zhi" if c == '徵' => "zheng",
        _ => plain,
    })
}

/// The readings of all characters run together in lower case; letters and digits stay, anything else is left out.
///
/// ```
/// assert_eq!(jiku_text::reading::readings("云山ABC"), "yunshanabc");
/// ```
#[must_use]
pub fn readings(text: &str) -> String {
    let mut run = String::with_capacity(text.len() * 2);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match characters.peek().and_then(|&next| word(c, next)) {
            Some(reading) => {
                run.push_str(reading);
                characters.next();
            }
            None => push(&mut run, c),
        }
    }
    run
}

/// Words of places and trades in which a character is not read as alone.
fn word(first: char, second: char) -> Option<&'static str> {
    Some(match (first, second) {
        ('重', '庆') => "chongqing",
        ('厦', '门') => "xiamen",
        ('番', '禺') => "panyu",
        ('大', '埔') => "dabu",
        ('银', '行') => "yinhang",
        ('商', '行') => "shanghang",
        ('分', '行') => "fenhang",
        ('支', '行') => "zhihang",
        ('会', '计') => "kuaiji",
        ('音', '乐') => "yinyue",
        _ => return None,
    })
}

pub(crate) fn push(run: &mut String, c: char) {
    match syllable(c) {
        Some(syllable) => run.push_str(syllable),
        None if c.is_ascii_alphanumeric() => run.push(c.to_ascii_lowercase()),
        None if !c.is_ascii() && c.is_alphabetic() && !crate::characters::is_han(c) => run.extend(c.to_lowercase()),
        None => {}
    }
}

/// The first letter of each reading; of a word in letters the first letter.
#[must_use]
pub fn initials(text: &str) -> String {
    let mut run = String::with_capacity(8);
    let mut in_word = false;
    for c in text.chars() {
        let letter = match syllable(c) {
            Some(syllable) => {
                in_word = false;
                syllable.chars().next()
            }
            None if c.is_alphanumeric() && !crate::characters::is_han(c) => {
                let first = !in_word;
                in_word = true;
                first.then(|| c.to_ascii_lowercase())
            }
            None => {
                in_word = false;
                None
            }
        };
        run.extend(letter);
    }
    run
}

/// A reading as typed (`Lyu`, `lü`, `LÜ2`) in the form of [`syllable`]: lower case, no tones, ü as `v`.
#[must_use]
pub fn fold_typed(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().map(crate::characters::narrow).flat_map(char::to_lowercase) {
        folded.push(match c {
            'ā' | 'á' | 'ǎ' | 'à' => 'a',
            'ē' | 'é' | 'ě' | 'è' => 'e',
            'ī' | 'í' | 'ǐ' | 'ì' => 'i',
            'ō' | 'ó' | 'ǒ' | 'ò' => 'o',
            'ū' | 'ú' | 'ǔ' | 'ù' => 'u',
            'ü' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' => 'v',
            c if c.is_ascii_lowercase() => c,
            c if c.is_alphabetic() => c,
            _ => continue,
        });
    }
    // Passports since 2012 print ü as YU: LYU, NYU.
    if folded.contains("lyu") || folded.contains("nyu") { folded.replace("lyu", "lv").replace("nyu", "nv") } else { folded }
}

/// Whether two readings are often taken for one another: zh/z, ch/c, sh/s, n/l, f/h, an/ang, en/eng, in/ing.
#[must_use]
pub fn are_near(left: &str, right: &str) -> bool {
    left == right || blur(left) == blur(right)
}

fn blur(syllable: &str) -> Cow<'_, str> {
    let (initial, rest) = match syllable.as_bytes() {
        [b'z' | b'c' | b's', b'h', ..] => (&syllable[..1], &syllable[2..]),
        [b'n', ..] => ("l", &syllable[1..]),
        [b'f', ..] => ("h", &syllable[1..]),
        _ => ("", syllable),
    };
    let rest = if rest.ends_with("ng") && !rest.ends_with("ong") { &rest[..rest.len() - 1] } else { rest };
    if initial.is_empty() && rest.len() == syllable.len() { Cow::Borrowed(syllable) } else { Cow::Owned(format!("{initial}{rest}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_have_no_tones_and_v_for_u_umlaut() {
        assert_eq!(readings("吕秀英"), "lvxiuying");
        assert_eq!(readings("佛山番禺银行长江厦门"), "foshanpanyuyinhangchangjiangxiamen");
        assert_eq!(initials("广州云山ABC"), "gzysa");
        assert_eq!(readings("阿卜杜拉·买买提"), "abudulamaimaiti");
        assert_eq!(readings("乾著藉瞭麽徵夥於"), "qianzhujiliaomozhenghuoyu");
    }

    #[test]
    fn typed_readings_come_to_the_same_form() {
        for typed in ["Lyu Liang", "lü liáng", "LV LIANG", "ｌｖliang"] {
            assert_eq!(fold_typed(typed), "lvliang", "{typed}");
        }
    }

    #[test]
    fn near_readings_are_those_southern_ears_mix_up() {
        for (left, right) in [("zhang", "zan"), ("nan", "lan"), ("fei", "hei"), ("chen", "cheng"), ("xin", "xing")] {
            assert!(are_near(left, right), "{left} {right}");
        }
        assert!(!are_near("wang", "zhang") && !are_near("dong", "don"));
    }
}
