//! How is Chinese text read aloud?

use std::borrow::Cow;
use std::ops::Range;

use pinyin::ToPinyin;

use crate::polyphones;

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

/// A piece of a text as it is read.
#[derive(Clone, Copy)]
enum Sound {
    /// A Han character: its reading here, and every one it may have.
    Syllable(&'static str, &'static [&'static str]),
    /// Anything else.
    Sign(char),
}

/// The characters of a text, each with the byte it begins at.
fn sounds(text: &str) -> impl Iterator<Item = (usize, Sound)> {
    let mut characters = text.char_indices().peekable();
    let mut second = None;
    std::iter::from_fn(move || {
        let (at, c) = characters.next()?;
        if let Some(reading) = second.take() {
            return Some((at, Sound::Syllable(reading, &[])));
        }
        if let Some([first, next]) = characters.peek().and_then(|&(_, next)| word(c, next)) {
            second = Some(next);
            return Some((at, Sound::Syllable(first, &[])));
        }
        Some((at, syllable(c).map_or(Sound::Sign(c), |usual| Sound::Syllable(usual, polyphones::all(c)))))
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
    for (_, sound) in sounds(text) {
        match sound {
            Sound::Syllable(reading, _) => run.push_str(reading),
            Sound::Sign(c) => push(&mut run, c),
        }
    }
    run
}

/// So many ways to read a text are told: two characters that are read in two ways each, and the first of more.
const MOST_WAYS: usize = 4;

/// A way to read a text aloud.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// As [`readings`].
    pub letters: String,
    /// As [`initials`].
    pub initials: String,
}

/// Every way in which a text may be read, the usual one first; only the characters in this range of bytes are read in other ways than usual.
///
/// ```
/// let ways = jiku_text::reading::ways("广州重阳", 6..12);
/// assert_eq!(ways.iter().map(|way| way.letters.as_str()).collect::<Vec<_>>(), ["guangzhouzhongyang", "guangzhouchongyang"]);
/// ```
#[must_use]
pub fn ways(text: &str, varied: Range<usize>) -> Vec<Way> {
    let mut ways = vec![Way::default()];
    let mut in_word = false;
    for (at, sound) in sounds(text) {
        match sound {
            Sound::Syllable(usual, all) => {
                in_word = false;
                let others: Vec<&str> = all.iter().copied().filter(|&other| other != usual && varied.contains(&at)).collect();
                let before = ways.clone();
                ways.iter_mut().for_each(|way| way.say(usual));
                for other in others {
                    let room = MOST_WAYS.saturating_sub(ways.len());
                    ways.extend(before.iter().take(room).map(|way| {
                        let mut way = way.clone();
                        way.say(other);
                        way
                    }));
                }
            }
            Sound::Sign(c) => {
                let initial = initial_of_sign(c, &mut in_word);
                for way in &mut ways {
                    push(&mut way.letters, c);
                    way.initials.extend(initial);
                }
            }
        }
    }
    ways
}

impl Way {
    fn say(&mut self, syllable: &str) {
        self.letters.push_str(syllable);
        self.initials.extend(syllable.chars().next());
    }
}

/// Words of places and trades in which a character is not read as alone.
fn word(first: char, second: char) -> Option<[&'static str; 2]> {
    Some(match (first, second) {
        ('重', '庆') => ["chong", "qing"],
        ('厦', '门') => ["xia", "men"],
        ('番', '禺') => ["pan", "yu"],
        ('大', '埔') => ["da", "bu"],
        ('银', '行') => ["yin", "hang"],
        ('商', '行') => ["shang", "hang"],
        ('分', '行') => ["fen", "hang"],
        ('支', '行') => ["zhi", "hang"],
        ('会', '计') => ["kuai", "ji"],
        ('音', '乐') => ["yin", "yue"],
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
    for (_, sound) in sounds(text) {
        run.extend(match sound {
            Sound::Syllable(reading, _) => {
                in_word = false;
                reading.chars().next()
            }
            Sound::Sign(c) => initial_of_sign(c, &mut in_word),
        });
    }
    run
}

/// The letter that a sign adds to [`initials`].
fn initial_of_sign(c: char, in_word: &mut bool) -> Option<char> {
    let is_letter = c.is_alphanumeric() && !crate::characters::is_han(c);
    let is_first = is_letter && !*in_word;
    *in_word = is_letter;
    is_first.then(|| c.to_ascii_lowercase())
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
        assert_eq!((initials("重庆银行"), initials("厦门X光2店")), ("cqyh".to_owned(), "xmxg2d".to_owned()));
        assert_eq!(readings("阿卜杜拉·买买提"), "abudulamaimaiti");
        assert_eq!(readings("乾著藉瞭麽徵夥於"), "qianzhujiliaomozhenghuoyu");
    }

    #[track_caller]
    fn check_ways(text: &str, expected: &[(&str, &str)]) {
        let ways = ways(text, 0..text.len());
        assert_eq!(ways.iter().map(|way| (way.letters.as_str(), way.initials.as_str())).collect::<Vec<_>>(), expected, "{text}");
        assert_eq!((ways[0].letters.clone(), ways[0].initials.clone()), (readings(text), initials(text)), "the usual one comes first");
    }

    #[test]
    fn a_name_is_read_in_every_way_its_characters_are() {
        check_ways("重阳", &[("zhongyang", "zy"), ("chongyang", "cy")]);
        check_ways("云山ABC", &[("yunshanabc", "ysa")]);
        check_ways("重庆重阳", &[("chongqingzhongyang", "cqzy"), ("chongqingchongyang", "cqcy")]);
        check_ways("长乐", &[("changle", "cl"), ("zhangle", "zl"), ("changyue", "cy"), ("zhangyue", "zy")]);
        check_ways("", &[("", "")]);
        assert_eq!(ways("长乐重行", 0..12).len(), MOST_WAYS, "an index grows with them");
        assert_eq!(ways("长乐", 3..6).len(), 2, "where nobody looks for other readings there are none");
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
