//! What of a personal value may be shown to those who need not see it?
//!
//! No national standard fixes the characters; these are the rules of practice. Masks leak when combined (the first six
//! and last four digits of an identity number and a birth date are the whole number), so a view decides for the record,
//! not for the field: [`IdMask::Strict`] is what a view with a birth date should use.

use std::iter::repeat_n;

use crate::address::{Address, Rung};
use crate::characters::plain_ideographs;
use crate::divisions::{self, Level};
use crate::identifier::{CitizenNumber, Phone, PhoneKind};
use crate::surnames;

/// How much of an identity number stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdMask {
    /// The first and the last character.
    Strict,
    /// The first three and the last four.
    Normal,
    /// The first six and the last four: everything but the birth date.
    BirthHidden,
}

/// Stars in place of all but the first `head` and last `tail` characters.
fn stars(text: &str, head: usize, tail: usize) -> String {
    let length = text.chars().count();
    if head + tail >= length {
        return "*".repeat(length);
    }
    text.chars().take(head).chain(repeat_n('*', length - head - tail)).chain(text.chars().skip(length - tail)).collect()
}

/// A person's name: the surname (both characters of a compound one) and a star for each further character; of a name
/// with `·` the first character. A name of one character is hidden.
#[must_use]
pub fn name(name: &str) -> String {
    let name = plain_ideographs(name);
    let mut characters = name.chars();
    let (Some(first), second) = (characters.next(), characters.next()) else { return String::new() };
    let Some(second) = second else { return "*".to_owned() };
    let compound = characters.next().is_some() && surnames::compound(first, second).is_some();
    let kept = if compound { 2 } else { 1 };
    name.chars().enumerate().map(|(at, c)| if at < kept || matches!(c, '·' | ' ') { c } else { '*' }).collect()
}

/// An identity number. One that has neither 18 nor 15 characters shows its first character only.
#[must_use]
pub fn id_number(number: &str, mask: IdMask) -> String {
    match (number.chars().count(), mask) {
        (18 | 15, IdMask::Strict) => stars(number, 1, 1),
        (18 | 15, IdMask::Normal) => stars(number, 3, 4),
        (18, IdMask::BirthHidden) => stars(number, 6, 4),
        (0, _) => String::new(),
        _ => stars(number, 1, 0),
    }
}

/// A telephone number in any form: a mobile keeps three and four digits, a fixed line its area code and four. What is
/// no telephone number is hidden whole.
#[must_use]
pub fn phone(text: &str) -> String {
    match Phone::read(text) {
        Ok(phone) if phone.kind() == PhoneKind::Mobile => stars(phone.as_str(), 3, 4),
        Ok(phone) => match phone.as_str().split_once('-') {
            Some((area, rest)) => format!("{area}-{}", stars(rest, 0, 4)),
            None => stars(phone.as_str(), 0, 4),
        },
        Err(_) => "*".repeat(text.chars().count()),
    }
}

/// An address: as written down to the county (or the city without counties), then six stars whatever followed.
#[must_use]
pub fn address(text: &str) -> String {
    let end = end_of_written_divisions(text).or_else(|| end_of_divisions(text));
    match (text.is_empty(), end) {
        (true, _) => String::new(),
        (false, Some(end)) => format!("{}******", &text[..end]),
        (false, None) => "******".to_owned(),
    }
}

/// Where the county ends (or the city without counties), of an address that names all its divisions in full from the province down, as golden
/// records do.
fn end_of_written_divisions(text: &str) -> Option<usize> {
    let (mut at, mut parent) = (0, "");
    loop {
        let mut below = divisions::children(parent).filter(|division| division.level < Level::Township).peekable();
        if at > 0 && below.peek().is_none() {
            return Some(at);
        }
        let next = below.find(|division| text[at..].starts_with(division.name))?;
        (at, parent) = (at + next.name.len(), next.code);
    }
}

/// Where the lowest division ends that an address leads to however it is written.
fn end_of_divisions(text: &str) -> Option<usize> {
    let parsed = Address::parse_divisions(text);
    let name = [Rung::County, Rung::City, Rung::Province].into_iter().find_map(|rung| parsed.get(rung))?;
    let short = divisions::short_name(name);
    text.find(name).map(|at| at + name.len()).or_else(|| text.find(short).map(|at| at + short.len()))
}

/// A bank card: the last four digits.
#[must_use]
pub fn bank_card(number: &str) -> String {
    stars(number, 0, 4)
}

/// An e-mail address: the first character of a name of several, and the domain.
#[must_use]
pub fn email(text: &str) -> String {
    match text.split_once('@') {
        Some((name, domain)) => {
            let mut characters = name.chars();
            match (characters.next(), characters.next()) {
                (Some(first), Some(_)) => format!("{first}***@{domain}"),
                _ => format!("*@{domain}"),
            }
        }
        None => "*".repeat(text.chars().count()),
    }
}

/// A date of birth: the year.
#[must_use]
pub fn birth_date(date: &str) -> String {
    match date.get(..4) {
        Some(year) if year.bytes().all(|byte| byte.is_ascii_digit()) => {
            year.chars().chain(date[4..].chars().map(|c| if c == '-' { '-' } else { '*' })).collect()
        }
        _ => "*".repeat(date.chars().count()),
    }
}

/// A number plate: the first two and last two characters.
#[must_use]
pub fn plate(text: &str) -> String {
    stars(text, 2, 2)
}

/// The coordinates of a home: two decimals, about a kilometre.
#[must_use]
pub fn coordinate(degrees: f64) -> f64 {
    (degrees * 100.0).round() / 100.0
}

/// Free text: identity numbers and mobile numbers that stand alone (no letter or digit before or after) are masked.
#[must_use]
pub fn free_text(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
        let (before, word_on) = rest.split_at(start);
        masked.push_str(before);
        let end = word_on.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(word_on.len());
        let (word, after) = word_on.split_at(end);
        if CitizenNumber::read(word).is_ok() {
            masked.push_str(&id_number(word, IdMask::Normal));
        } else if word.len() == 11 && Phone::read(word).is_ok_and(|phone| phone.kind() == PhoneKind::Mobile) {
            masked.push_str(&stars(word, 3, 4));
        } else {
            masked.push_str(word);
        }
        rest = after;
    }
    masked.push_str(rest);
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_written_out_is_cut_where_reading_it_would_cut_it() {
        let provinces = divisions::children("");
        let below =
            |division: &'static divisions::Division| divisions::children(division.code).filter(|found| found.level < Level::Township);
        let (mut told, mut seen) = (provinces.collect::<Vec<_>>(), 0);
        while let Some(division) = told.pop() {
            let text = format!("{}人民路8号", divisions::full_name(division.code));
            let written = end_of_written_divisions(&text);
            assert_eq!(written.is_some(), below(division).next().is_none(), "{text}");
            if written.is_some() {
                assert_eq!(written, end_of_divisions(&text), "{text}");
                seen += 1;
            }
            told.extend(below(division));
        }
        assert!(seen > 2_800, "{seen}");
    }
}
