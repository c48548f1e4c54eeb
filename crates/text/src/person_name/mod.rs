//! What is a person called, and how is the name compared?

mod filler;
mod parts;
mod read;
mod relation;
mod remarks;

pub use parts::{NameParts, splits};
pub use read::{NameIssue, NameReading, normalise, read};
pub use relation::{NameRelation, relate};
pub use remarks::former_names;

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

use crate::characters::is_han;
use crate::simplified::simplify_char;
use crate::{private_use, reading, surnames};

/// The form in which names are compared for equality: simplified, Latin letters in upper case, private-use characters
/// with a known code point replaced. Takes a normalised name.
#[must_use]
pub fn comparison_key(name: &str) -> Cow<'_, str> {
    let fold = |c: char| {
        let c = private_use::public_form(c).unwrap_or(c);
        if c.is_ascii() { c.to_ascii_uppercase() } else { plain_letter(c).unwrap_or_else(|| simplify_char(c)) }
    };
    if name.chars().all(|c| fold(c) == c && !matches!(c, '·' | 'Ü' | '(' | ')')) {
        return Cow::Borrowed(name);
    }
    let mut key = String::with_capacity(name.len());
    // 张伟(子) is no 张伟, and hardly another name than his.
    for c in name.chars().filter(|c| !matches!(c, '(' | ')')).map(fold) {
        // ü tells 吕 from 卢 and 女 from 努; anywhere else it is a letter with marks: MÜLLER.
        key.push(if c == 'Ü' && !key.ends_with(['L', 'N']) { 'U' } else { c });
    }
    // Many systems have no room for the dot of a long name: 迪丽热巴·艾山江. A short name without it would begin with a surname.
    if key.contains('·') && key.chars().filter(|&c| is_han(c)).count() > 4 && key.chars().all(|c| is_han(c) || c == '·') {
        key.retain(|c| c != '·');
    }
    Cow::Owned(key)
}

/// Whether a canonical name is what was left of a hidden one: 李*, 张*伟.
#[must_use]
pub fn is_hidden(name: &str) -> bool {
    name.contains('*')
}

/// The surname that a hidden name shows. Takes a comparison key.
#[must_use]
pub fn shown_surname(name: &str) -> &str {
    let shown = name.split('*').next().unwrap_or_default();
    let mut characters = shown.chars();
    let (Some(first), second) = (characters.next(), characters.next()) else { return "" };
    let compound = second.filter(|second| surnames::compound(first, *second).is_some());
    &shown[..first.len_utf8() + compound.map_or(0, char::len_utf8)]
}

/// The letter of A to Z that a Latin letter is without its marks, as travel documents print it (ICAO Doc 9303, part 3): JOSÉ is JOSE, NGUYỄN
/// is NGUYEN; of ü the capital.
fn plain_letter(c: char) -> Option<char> {
    match c {
        'Ü' | 'ü' => Some('Ü'),
        '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => match c {
            'Đ' | 'đ' | 'Ð' | 'ð' => Some('D'),
            'Ø' | 'ø' => Some('O'),
            'Ł' | 'ł' => Some('L'),
            'ı' => Some('I'),
            _ => c.nfd().next().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_uppercase()),
        },
        _ => None,
    }
}

/// The reading of a whole name, run together: the surname first and as surnames are read (单雄信 is `shanxiongxin`), Latin
/// names in lower case without spaces. Takes a comparison key.
///
/// Of a foreign name nobody can tell which word is the surname (SMITH JAMES, James Smith): its words are put in the
/// order of the alphabet, so that both show the same.
#[must_use]
pub fn full_reading(name: &str) -> String {
    let mut run = String::with_capacity(name.len() * 2);
    if let Some(words) = foreign_words(name) {
        words.iter().flat_map(|word| word.chars()).for_each(|c| reading::push(&mut run, c));
        return run;
    }
    let parts = NameParts::of(name);
    match parts.surname {
        Some(surname) if !name.chars().any(is_han) => {
            // As typed: passports print LYU for 吕.
            run.push_str(&reading::fold_typed(surname));
            run.extend(parts.given.split([' ', ',']).map(reading::fold_typed));
        }
        Some(surname) => {
            push_surname(&mut run, surname);
            parts.given.chars().for_each(|c| reading::push(&mut run, c));
        }
        None => name.chars().for_each(|c| reading::push(&mut run, c)),
    }
    run
}

/// The words of a name in letters, sorted, when neither its first nor its last word is read like a Chinese surname.
fn foreign_words(name: &str) -> Option<Vec<&str>> {
    if !name.contains([' ', ',']) || name.chars().any(is_han) {
        return None;
    }
    let mut words: Vec<&str> = name.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let is_surname = |word: Option<&&str>| word.is_some_and(|word| surnames::is_reading(&reading::fold_typed(word)));
    if is_surname(words.first()) || is_surname(words.last()) {
        return None;
    }
    words.sort_unstable();
    Some(words)
}

fn push_surname(run: &mut String, surname: &str) {
    let mut characters = surname.chars();
    let compound = characters.next().zip(characters.next()).and_then(|(first, second)| surnames::compound(first, second));
    match compound {
        Some(compound) => run.push_str(compound.reading),
        None => {
            for c in surname.chars() {
                match surnames::reading(c) {
                    Some(reading) => run.push_str(reading),
                    None => reading::push(run, c),
                }
            }
        }
    }
}

/// The other readings under which the name may be looked for, because its surname is read in two ways, or because both ends of a name in letters
/// are read like a surname (WEI ZHANG, FANG WANG).
#[must_use]
pub fn other_readings(name: &str) -> Vec<String> {
    if let Some((first, last)) = name.split_once(' ').filter(|(_, last)| !name.chars().any(is_han) && !last.contains([' ', ','])) {
        let [first, last] = [first, last].map(reading::fold_typed);
        return if [&first, &last].into_iter().all(|word| surnames::is_reading(word)) { vec![last + &first] } else { Vec::new() };
    }
    let mut characters = name.chars();
    let Some(first) = characters.next().filter(|&c| is_han(c)) else { return Vec::new() };
    let given: String = reading::readings(characters.as_str());
    surnames::other_readings(first).map(|surname| format!("{surname}{given}")).collect()
}

/// The first letters of the reading.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut initials = reading::initials(name);
    if name.starts_with(is_han)
        && let Some(surname) = NameParts::of(name).surname
    {
        let mut read = String::new();
        push_surname(&mut read, surname);
        if let (Some(first), false) = (read.get(..1), initials.is_empty()) {
            initials.replace_range(..1, first);
        }
    }
    initials
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_on_letters_are_left_out_of_the_key() {
        for (name, key) in [
            ("José García", "JOSE GARCIA"),
            ("NGUYỄN VĂN ĐỨC", "NGUYEN VAN DUC"),
            ("lü xiuying", "LÜ XIUYING"),
            ("Müller", "MULLER"),
            ("張偉", "张伟"),
        ] {
            assert_eq!(comparison_key(name), key, "{name}");
        }
    }

    #[test]
    fn a_hidden_name_shows_its_surname() {
        for (name, surname) in [("李*", "李"), ("张*伟", "张"), ("张伟*", "张"), ("欧阳**", "欧阳"), ("欧***", "欧")] {
            assert!(is_hidden(name));
            assert_eq!(shown_surname(name), surname, "{name}");
        }
    }

    #[test]
    fn the_dot_of_a_long_name_is_left_out_of_the_key() {
        assert_eq!(comparison_key("迪丽热巴·艾山江"), comparison_key("迪丽热巴艾山江"));
        assert_eq!(comparison_key("马·次仁"), "马·次仁");
    }

    #[test]
    fn a_name_of_two_surnames_is_read_both_ways() {
        for (name, others) in
            [("WEI ZHANG", vec!["zhangwei"]), ("ZHANG WEI", vec!["weizhang"]), ("ZHANG XIAOMING", vec![]), ("张伟", vec![])]
        {
            assert_eq!(other_readings(name), others, "{name}");
        }
    }

    #[test]
    fn the_surname_comes_first_in_a_reading() {
        for (name, reading, letters) in [
            ("长孙无忌", "zhangsunwuji", "zswj"),
            ("XIAOMING QIN", "qinxiaoming", "xq"),
            ("SMITH, JOHN", "johnsmith", "sj"),
            ("JOHN SMITH", "johnsmith", "js"),
            ("SMITH JOHN", "johnsmith", "sj"),
            ("ZHANG WEI", "zhangwei", "zw"),
            ("LYU XIUYING", "lvxiuying", "lx"),
            ("LÜ XIUYING", "lvxiuying", "lx"),
            ("尼玛次仁", "nimaciren", "nmcr"),
        ] {
            assert_eq!((full_reading(name).as_str(), initials(name).as_str()), (reading, letters), "{name}");
        }
    }
}
