//! What is a person called, and how is the name compared?

mod filler;
mod given_sex;
mod parts;
mod read;
mod relation;
mod remarks;

pub use filler::names_nobody;
pub use given_sex::given_sex;
pub use parts::{NameParts, splits};
pub use read::{NameIssue, NameReading, names_several, normalise, read};
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
    match crate::characters::plain_ideographs(name) {
        Cow::Borrowed(_) => plain_key(name),
        Cow::Owned(plain) => Cow::Owned(plain_key(&plain).into_owned()),
    }
}

fn plain_key(name: &str) -> Cow<'_, str> {
    let fold = |c: char| {
        let c = private_use::public_form(c).unwrap_or(c);
        if c.is_ascii() { c.to_ascii_uppercase() } else { plain_letter(c).unwrap_or_else(|| simplify_char(c)) }
    };
    if name.chars().all(|c| fold(c) == c && !matches!(c, '·' | 'Ü' | '(' | ')') && two_letters(c).is_none()) {
        return Cow::Borrowed(name);
    }
    let mut key = String::with_capacity(name.len());
    // 张伟(子) is no 张伟, and hardly another name than his.
    for c in name.chars().filter(|c| !matches!(c, '(' | ')')) {
        if let Some(letters) = two_letters(c) {
            key.push_str(letters);
            continue;
        }
        let c = fold(c);
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

/// The two letters that travel documents print for one (ICAO Doc 9303, part 3, section 6).
const fn two_letters(c: char) -> Option<&'static str> {
    match c {
        'ß' | 'ẞ' => Some("SS"),
        'Æ' | 'æ' => Some("AE"),
        'Œ' | 'œ' => Some("OE"),
        'Þ' | 'þ' => Some("TH"),
        'Ĳ' | 'ĳ' => Some("IJ"),
        _ => None,
    }
}

/// A word in letters with ä, ö, ü, ø and å written as one letter, where it was written with two: MUELLER is MULLER. The ue of pinyin (XUE, LUE)
/// stays; JUERGEN and LUEDERS are told from it by what follows.
fn without_umlauts(word: &str) -> Cow<'_, str> {
    if !["AE", "OE", "UE", "AA"].iter().any(|pair| word.contains(pair)) {
        return Cow::Borrowed(word);
    }
    let mut plain = String::with_capacity(word.len());
    let letters: Vec<char> = word.chars().collect();
    for (at, &letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| letters[before]);
        let is_second = matches!((before, letter), (Some('A' | 'O' | 'U'), 'E') | (Some('A'), 'A'));
        let after = letters.get(at + 1);
        let is_pinyin = letter == 'E'
            && before == Some('U')
            && at.checked_sub(2).is_some_and(|first| matches!(letters[first], 'J' | 'Q' | 'X' | 'Y' | 'L' | 'N'))
            && after.is_none();
        if !is_second || is_pinyin {
            plain.push(letter);
        }
    }
    Cow::Owned(plain)
}

/// The ways in which a foreign name is run together: its words in the order of the alphabet, as written, and with the first word last or the
/// last one first, so that KIM MIN JUN meets KIM MINJUN and MINJUN KIM; each with and without the second letters of umlauts.
fn foreign_readings(words: &[&str], written: &[&str]) -> Vec<String> {
    let run = |words: &[&str]| {
        let mut run = String::new();
        words.iter().flat_map(|word| word.chars()).for_each(|c| reading::push(&mut run, c));
        run
    };
    let (mut forwards, mut backwards) = (written.to_vec(), written.to_vec());
    forwards.rotate_left(1);
    backwards.rotate_right(1);
    let mut readings: Vec<String> = [words, written, &forwards, &backwards].into_iter().map(run).collect();
    let plain: Vec<Cow<'_, str>> = written.iter().map(|word| without_umlauts(word)).collect();
    if plain.iter().any(|word| matches!(word, Cow::Owned(_))) {
        let mut plain: Vec<&str> = plain.iter().map(AsRef::as_ref).collect();
        readings.push(run(&plain));
        plain.sort_unstable();
        readings.push(run(&plain));
    }
    let shown = readings.remove(0);
    readings.sort_unstable();
    readings.dedup();
    readings.retain(|reading| *reading != shown);
    readings
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
    let mut words = words_of(name);
    let is_surname = |word: Option<&&str>| word.is_some_and(|word| surnames::is_reading(&reading::fold_typed(word)));
    if is_surname(words.first()) || is_surname(words.last()) {
        return None;
    }
    words.sort_unstable();
    Some(words)
}

fn words_of(name: &str) -> Vec<&str> {
    name.split([' ', ',']).filter(|word| !word.is_empty()).collect()
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

/// The other readings under which the name may be looked for, because its surname is read in two ways, because both ends of a name in letters
/// are read like a surname (WEI ZHANG, FANG WANG), or because a foreign name is written in several ways (KIM MINJUN, KIM MIN JUN; MÜLLER, MUELLER).
#[must_use]
pub fn other_readings(name: &str) -> Vec<String> {
    if let Some(words) = foreign_words(name) {
        return foreign_readings(&words, &words_of(name));
    }
    if !name.contains([' ', ',', '·']) && name.chars().all(|c| c.is_ascii_alphabetic()) {
        return foreign_readings(&[name], &[name]);
    }
    if let Some((first, last)) = name.split_once(' ').filter(|(_, last)| !name.chars().any(is_han) && !last.contains([' ', ','])) {
        let [first, last] = [first, last].map(reading::fold_typed);
        let is_surname = |word: &String| surnames::is_reading(word) || surnames::is_other_reading(word);
        if ![&first, &last].into_iter().all(is_surname) {
            return Vec::new();
        }
        let shown = full_reading(name);
        return [last.clone() + &first, first + &last].into_iter().filter(|reading| *reading != shown).collect();
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
            ("Groß", "GROSS"),
            ("張偉", "张伟"),
        ] {
            assert_eq!(comparison_key(name), key, "{name}");
        }
    }

    #[test]
    fn another_form_of_an_ideograph_is_the_ideograph_in_the_key() {
        for (name, plain) in [("王\u{2F800}", "王丽"), ("葛\u{E0100}明", "葛明"), ("\u{F9E1}明", "李明")] {
            assert_eq!(normalise(name), name);
            assert_eq!(read(name).name, name);
            assert_eq!(comparison_key(name), comparison_key(plain), "{name}");
            assert_eq!(crate::masking::name(name), crate::masking::name(plain));
        }
        assert_ne!(comparison_key("陈乾"), comparison_key("陈干"));
        assert_eq!((full_reading("陈乾"), full_reading("甯小满")), ("chenqian".to_owned(), "ningxiaoman".to_owned()));
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
        for (name, others) in [
            ("WEI ZHANG", vec!["zhangwei"]),
            ("ZHANG WEI", vec!["weizhang"]),
            ("LE JIA", vec!["lejia"]),
            ("ZHANG XIAOMING", vec![]),
            ("张伟", vec![]),
        ] {
            assert_eq!(other_readings(name), others, "{name}");
        }
    }

    #[test]
    fn a_foreign_name_is_one_however_its_words_are_joined_and_its_umlauts_written() {
        let readings = |name: &str| {
            let key = comparison_key(name);
            let mut readings = other_readings(&key);
            readings.push(full_reading(&key));
            readings
        };
        for (name, other, meet) in [
            ("KIM MIN JUN", "KIM MINJUN", true),
            ("KIM MIN JUN", "MINJUN KIM", true),
            ("MIN JUN KIM", "KIM MINJUN", true),
            ("Hans Müller", "MUELLER HANS", true),
            ("MÜLLER", "MUELLER", true),
            ("Jürgen Groß", "JUERGEN GROSS", true),
            ("Søren Ågård", "SOEREN AAGAARD", true),
            ("KIM MIN JUN", "KIM MIN HO", false),
            ("HANS MÜLLER", "HANS MILLER", false),
            ("LIXUE", "LIXU", false),
            ("ZHANG XUE", "ZHANG XU", false),
        ] {
            assert_eq!(readings(name).iter().any(|reading| readings(other).contains(reading)), meet, "{name} {other}");
            assert!(!meet || relate(name, other).is_candidate(), "{name} {other}");
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
