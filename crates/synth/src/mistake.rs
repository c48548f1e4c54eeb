//! Which mistakes do departments make when they write a value down?

use chrono::{Datelike, NaiveDate};

use crate::random::Random;
use crate::reference::{Confusion, Reference};

/// A name as it is heard, read and typed wrongly.
pub(crate) fn name(random: &mut Random, name: &str) -> String {
    let mut chars: Vec<char> = name.chars().collect();
    if chars.len() < 2 || name.is_ascii() {
        return latin(random, name);
    }
    match random.below(100) {
        0..=39 => confuse(random, &mut chars, &[Confusion::Sound]),
        40..=61 => confuse(random, &mut chars, &[Confusion::Shape, Confusion::Sound]),
        62..=76 => confuse(random, &mut chars, &[Confusion::Variant, Confusion::Shape]),
        77..=82 if chars.len() > 2 => chars.swap(1, 2),
        83..=88 if chars.len() > 2 => {
            chars.remove(1 + random.index(chars.len() - 1));
        }
        89..=92 => chars.insert(1, '\u{3000}'),
        93..=96 => chars.insert(1, ' '),
        _ => confuse(random, &mut chars, &[Confusion::Sound, Confusion::Shape, Confusion::Variant]),
    }
    chars.into_iter().map(|char| if char == '·' && random.chance(0.6) { random_dot(random) } else { char }).collect()
}

fn random_dot(random: &mut Random) -> char {
    ['•', '・', '．', '.', '‧'][random.index(5)]
}

/// Puts a confusable character in the place of one that has such: in the given name more often than in the surname.
fn confuse(random: &mut Random, chars: &mut [char], confusions: &[Confusion]) {
    let table = &Reference::get().confusions;
    let start = if random.chance(0.2) { 0 } else { 1 };
    for place in (start..chars.len()).chain(0..start) {
        let choices: Vec<char> = table
            .get(&chars[place])
            .map(|found| found.iter().filter(|(_, confusion)| confusions.contains(confusion)).map(|&(char, _)| char).collect())
            .unwrap_or_default();
        if !choices.is_empty() && (place + 1 == chars.len() || random.chance(0.6)) {
            chars[place] = choices[random.index(choices.len())];
            return;
        }
    }
}

/// A Latin name with its parts in the other order, or with a letter wrong.
fn latin(random: &mut Random, name: &str) -> String {
    match name.split_once(' ') {
        Some((surname, given)) if random.chance(0.6) => format!("{given} {surname}"),
        _ => letters(random, name),
    }
}

/// One letter dropped, doubled or swapped with its neighbour.
fn letters(random: &mut Random, text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    if chars.len() > 2 {
        let place = random.index(chars.len() - 1);
        match random.below(3) {
            0 => {
                chars.remove(place);
            }
            1 => chars.insert(place, chars[place]),
            _ => chars.swap(place, place + 1),
        }
    }
    chars.into_iter().collect()
}

/// The name of an organisation with a mistake of its own kind: half-width brackets, 责任 added or dropped, a cut end, a
/// look-alike character, the city's 市 forgotten.
pub(crate) fn organisation_name(random: &mut Random, name: &str) -> String {
    match random.below(6) {
        0 if name.contains('（') => name.replace('（', "(").replace('）', ")"),
        0 | 1 if name.contains("有限责任公司") => name.replace("有限责任公司", "有限公司"),
        1 if name.contains("有限公司") && !name.contains("分公司") => name.replace("有限公司", "有限责任公司"),
        2 if name.contains('市') => name.replacen('市', "", 1),
        3 => {
            let mut chars: Vec<char> = name.chars().collect();
            confuse(random, &mut chars, &[Confusion::Shape, Confusion::Sound]);
            chars.into_iter().collect()
        }
        4 => name.trim_end_matches("公司").to_owned(),
        _ => format!("{name} "),
    }
}

/// A number with one digit wrong or two neighbours swapped.
pub(crate) fn digits(random: &mut Random, number: &str) -> String {
    let mut bytes = number.as_bytes().to_vec();
    let digits: Vec<usize> = (0..bytes.len()).filter(|&i| bytes[i].is_ascii_digit()).collect();
    if digits.len() < 2 {
        return number.to_owned();
    }
    let place = digits[random.index(digits.len() - 1)];
    if random.chance(0.4) && bytes[place] != bytes[place + 1] {
        bytes.swap(place, place + 1);
    } else {
        let wrong = (bytes[place] - b'0' + 1 + u8::try_from(random.below(9)).unwrap_or(0)) % 10;
        bytes[place] = b'0' + wrong;
    }
    String::from_utf8(bytes).unwrap_or_else(|_| number.to_owned())
}

/// A date with day and month swapped, a digit wrong, or the century wrong.
pub(crate) fn date(random: &mut Random, date: NaiveDate) -> NaiveDate {
    let changed = match random.below(10) {
        0..=3 => NaiveDate::from_ymd_opt(date.year(), date.day(), date.month()),
        4 if date.year() >= 2000 => date.with_year(date.year() - 100),
        4..=6 => date.with_day(u32::try_from(random.between(1, 28)).unwrap_or(1)),
        7 => date.with_month(u32::try_from(random.between(1, 12)).unwrap_or(1)),
        _ => date.with_year(date.year() + i32::try_from(random.between(-1, 1)).unwrap_or(0)),
    };
    changed.unwrap_or(date)
}

/// The same text in full-width digits and letters.
pub(crate) fn full_width(text: &str) -> String {
    text.chars().map(|char| if char.is_ascii_graphic() { char::from_u32(u32::from(char) + 0xfee0).unwrap_or(char) } else { char }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_number_differs_in_one_digit_or_a_swap() {
        let mut random = Random::new(1, 1);
        for _ in 0..500 {
            let wrong = digits(&mut random, "440106198004061234");
            let places = wrong.bytes().zip(b"440106198004061234").filter(|(a, b)| a != *b).count();
            assert!((1..=2).contains(&places), "{wrong}");
        }
    }

    #[test]
    fn most_mistaken_names_differ_from_the_right_one() {
        let mut random = Random::new(2, 2);
        let changed = (0..500).filter(|_| name(&mut random, "陈伟强") != "陈伟强").count();
        assert!(changed > 450, "{changed}");
    }
}
