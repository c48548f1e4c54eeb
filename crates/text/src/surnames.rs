//! Which characters are surnames, and how are they read as such?

use std::sync::LazyLock;

use crate::reading::syllable;
use crate::table::{Table, rows, table};

/// A surname of the list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surname {
    /// One character, or two for a compound surname (复姓).
    pub text: &'static str,
    /// Its reading as a surname, ü as `v`.
    pub reading: &'static str,
    /// The share of the population in percent, where known: a relative weight.
    pub share_percent: f32,
}

struct Surnames {
    list: Vec<Surname>,
    single: Table<char, u32>,
    compound: Table<[char; 2], u32>,
    readings: Table<&'static str, ()>,
}

static SURNAMES: LazyLock<Surnames> = LazyLock::new(|| {
    let mut built = Surnames { list: Vec::new(), single: table(600), compound: table(120), readings: table(600) };
    let listed = rows(include_str!("../../../fixtures/reference/surnames.csv")).map(|row| (row[0], row[1], row[2]));
    // A standard character of its own, which the list has as 宁.
    for (text, reading, share) in listed.chain([("甯", "ning", "")]) {
        let reading = match reading {
            "lü" | "lyu" => "lv",
            reading => reading,
        };
        let index = u32::try_from(built.list.len()).expect("a few hundred surnames");
        built.list.push(Surname { text, reading, share_percent: share.parse().unwrap_or(0.0) });
        built.readings.insert(reading, ());
        let mut characters = text.chars();
        match (characters.next(), characters.next(), characters.next()) {
            (Some(first), None, _) => {
                built.single.insert(first, index);
            }
            (Some(first), Some(second), None) => {
                built.compound.insert([first, second], index);
            }
            // Manchu clan names of three and four characters: nobody is registered under them.
            _ => {}
        }
    }
    built
});

/// Second readings of surnames that are really used, besides the one of the list.
const OTHER_READINGS: [(char, &str); 19] = [
    ('覃', "tan"),
    ('盖', "gai"),
    ('翟', "di"),
    ('乐', "le"),
    ('曾', "ceng"),
    ('单', "dan"),
    ('解', "jie"),
    ('查', "cha"),
    ('仇', "chou"),
    ('区', "qu"),
    ('朴', "pu"),
    ('缪', "mou"),
    ('员', "yuan"),
    ('隗', "kui"),
    ('宓', "fu"),
    ('逄', "feng"),
    ('洗', "xi"),
    ('郗', "chi"),
    ('吕', "lu"),
];

/// The surname of one character.
#[must_use]
pub fn single(c: char) -> Option<&'static Surname> {
    SURNAMES.single.get(&c).map(|&index| &SURNAMES.list[index as usize])
}

/// The compound surname of two characters.
#[must_use]
pub fn compound(first: char, second: char) -> Option<&'static Surname> {
    SURNAMES.compound.get(&[first, second]).map(|&index| &SURNAMES.list[index as usize])
}

/// All surnames of the list, the commonest first.
#[must_use]
pub fn all() -> &'static [Surname] {
    &SURNAMES.list
}

/// Whether the letters are the reading of a surname.
#[must_use]
pub fn is_reading(letters: &str) -> bool {
    SURNAMES.readings.contains_key(letters)
}

/// Whether the letters are a second reading of a surname: LE of 乐, which the list reads YUE.
#[must_use]
pub fn is_other_reading(letters: &str) -> bool {
    OTHER_READINGS.iter().any(|(_, reading)| *reading == letters)
}

/// The reading of a character that stands as a surname: the list's, or its usual one.
#[must_use]
pub fn reading(c: char) -> Option<&'static str> {
    single(c).map(|surname| surname.reading).or_else(|| syllable(c))
}

/// Other readings under which a person of this surname may be looked for.
pub fn other_readings(c: char) -> impl Iterator<Item = &'static str> {
    OTHER_READINGS.iter().filter(move |(surname, _)| *surname == c).map(|(_, reading)| *reading)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surnames_are_read_as_surnames() {
        assert_eq!(reading('单'), Some("shan"));
        assert_eq!(reading('吕'), Some("lv"));
        assert_eq!(compound('万', '俟').map(|surname| surname.reading), Some("moqi"));
        assert!(is_reading("zhang") && !is_reading("smith"));
    }
}
