//! Which public tables are names, divisions and errors drawn from?
//!
//! Compiled in from `fixtures/reference` (sources and licences: `fixtures/reference/README.md`).

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::random::running_sums;

const SURNAMES: &str = include_str!("../../../fixtures/reference/surnames.csv");
const GIVEN_NAME_CHARS: &str = include_str!("../../../fixtures/reference/given_name_chars.csv");
const DIVISIONS: &str = include_str!("../../../fixtures/reference/divisions.csv");
const CONFUSABLE_CHARS: &str = include_str!("../../../fixtures/reference/confusable_chars.csv");

/// Surnames that Guangdong has more of, or less, than the whole country; factors by rough general knowledge.
const GUANGDONG_FACTORS: [(&str, f64); 22] = [
    ("陈", 2.2),
    ("黄", 2.4),
    ("梁", 3.4),
    ("林", 2.3),
    ("何", 2.3),
    ("吴", 1.6),
    ("罗", 1.6),
    ("叶", 2.2),
    ("邓", 2.3),
    ("曾", 2.2),
    ("谢", 1.6),
    ("蔡", 1.9),
    ("郑", 1.6),
    ("冯", 1.7),
    ("欧阳", 2.0),
    ("王", 0.35),
    ("张", 0.6),
    ("刘", 0.7),
    ("赵", 0.3),
    ("孙", 0.3),
    ("马", 0.4),
    ("高", 0.4),
];

/// How a mistaken character relates to the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Confusion {
    /// Looks alike (己, 已).
    Shape,
    /// Sounds alike (伟, 玮).
    Sound,
    /// The same name in other characters (闫, 阎; 钟, 鍾).
    Variant,
}

/// Characters of given names with the weight each is drawn by, as running sums.
#[derive(Debug)]
pub(crate) struct CharTable {
    pub(crate) chars: Vec<char>,
    pub(crate) sums: Vec<u32>,
}

/// A county or a city without counties, in Guangdong or a province people come from.
#[derive(Debug)]
pub(crate) struct Division {
    /// Six digits.
    pub(crate) code: &'static str,
    /// Its city's name.
    pub(crate) city: &'static str,
    /// Its own name; empty for Dongguan and Zhongshan, which have no counties.
    pub(crate) county: &'static str,
    /// Names of streets, towns and townships in it.
    pub(crate) townships: Vec<&'static str>,
}

/// The tables, read once.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) surnames: Vec<&'static str>,
    pub(crate) surname_sums: Vec<u32>,
    pub(crate) male: CharTable,
    pub(crate) female: CharTable,
    pub(crate) confusions: HashMap<char, Vec<(char, Confusion)>>,
    pub(crate) guangdong: Vec<Division>,
    pub(crate) elsewhere: Vec<&'static str>,
}

pub(crate) fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().skip(1).map(|line| line.split(',').collect())
}

fn single(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

fn given_names(own_sex: &str) -> CharTable {
    let weighted: Vec<(char, u32)> = rows(GIVEN_NAME_CHARS)
        .filter_map(|row| {
            let (char, weight) = (single(row[0])?, row[2].parse::<u32>().ok()?);
            match row[3] {
                hint if hint == own_sex => Some((char, weight * 8)),
                "b" => Some((char, weight * 4)),
                "" => Some((char, weight.div_ceil(2))),
                _ => None,
            }
        })
        .collect();
    CharTable { chars: weighted.iter().map(|&(char, _)| char).collect(), sums: running_sums(weighted.iter().map(|&(_, weight)| weight)) }
}

fn confusions() -> HashMap<char, Vec<(char, Confusion)>> {
    let mut table: HashMap<char, Vec<(char, Confusion)>> = HashMap::new();
    let mut add = |a: char, b: char, confusion| table.entry(a).or_default().push((b, confusion));
    for row in rows(CONFUSABLE_CHARS) {
        let (Some(a), Some(b)) = (single(row[0]), single(row[1])) else { continue };
        let confusion = match row[2] {
            "shape" => Confusion::Shape,
            "homophone" | "near-homophone" => Confusion::Sound,
            _ => Confusion::Variant,
        };
        add(a, b, confusion);
        add(b, a, confusion);
    }
    let mut by_sound: HashMap<&str, Vec<char>> = HashMap::new();
    for row in rows(GIVEN_NAME_CHARS) {
        by_sound.entry(row[1]).or_default().extend(single(row[0]));
    }
    for chars in by_sound.values() {
        for &a in chars {
            // Typists pick among the first choices the input method offers.
            chars.iter().filter(|&&b| b != a).take(4).for_each(|&b| add(a, b, Confusion::Sound));
        }
    }
    table
}

/// Provinces from which most people come to Guangdong.
const SENDING_PROVINCES: [&str; 7] = ["36", "41", "42", "43", "45", "51", "52"];

impl Reference {
    /// The tables.
    pub(crate) fn get() -> &'static Self {
        static TABLES: OnceLock<Reference> = OnceLock::new();
        TABLES.get_or_init(|| {
            let factor = |surname: &str| GUANGDONG_FACTORS.iter().find(|(name, _)| *name == surname).map_or(1.0, |&(_, factor)| factor);
            let surnames: Vec<(&str, u32)> = rows(SURNAMES)
                .filter_map(|row| {
                    let share = row[2].parse::<f64>().ok()?;
                    Some((row[0], ((share * factor(row[0]) * 100_000.0) as u32).max(1)))
                })
                .collect();
            let cities: HashMap<&str, &'static str> = rows(DIVISIONS).filter(|row| row[2] == "city").map(|row| (row[0], row[1])).collect();
            let mut townships: HashMap<&str, Vec<&'static str>> = HashMap::new();
            for row in rows(DIVISIONS).filter(|row| row[2] == "township") {
                townships.entry(row[3]).or_default().push(row[1]);
            }
            let is_leaf = |row: &Vec<&str>| row[0].starts_with("44") && (row[2] == "county" || matches!(row[0], "441900" | "442000"));
            let guangdong = rows(DIVISIONS)
                .filter(is_leaf)
                .map(|row| {
                    let whole_city = row[2] == "city";
                    let city = if whole_city { row[1] } else { cities.get(row[3]).copied().unwrap_or_default() };
                    let county = if whole_city { "" } else { row[1] };
                    Division { code: row[0], city, county, townships: townships.remove(row[0]).unwrap_or_default() }
                })
                .collect();
            let elsewhere = rows(DIVISIONS)
                .filter(|row| row[2] == "county" && SENDING_PROVINCES.contains(&&row[0][..2]))
                .map(|row| row[0])
                .step_by(11)
                .collect();
            Self {
                surname_sums: running_sums(surnames.iter().map(|&(_, weight)| weight)),
                surnames: surnames.into_iter().map(|(surname, _)| surname).collect(),
                male: given_names("m"),
                female: given_names("f"),
                confusions: confusions(),
                guangdong,
                elsewhere,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_hold_all_of_guangdong() {
        let tables = Reference::get();
        assert_eq!(tables.guangdong.len(), 122 + 2);
        assert!(tables.guangdong.iter().all(|division| !division.townships.is_empty() && !division.city.is_empty()));
        assert!(tables.surnames.len() > 400 && tables.elsewhere.len() > 40 && tables.confusions.contains_key(&'伟'));
    }
}
