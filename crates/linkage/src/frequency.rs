//! How common is a value? A rare name in common says more than a frequent one.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::measure::is_lost;

/// A frequency table as the model file has it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FrequencyFile {
    /// The share of records that have a value, by value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, f64>,
    /// The share of a value that is not listed, and the smallest share there is: a unique slip of the pen must not
    /// count as a rare name.
    pub floor: f64,
    /// For Chinese personal names: surnames with their share in percent, `王 7.17 李 7.0 …`. The share of a name that
    /// is not listed in `values` is that of its surname times those of its other characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub surnames: String,
    /// For personal names: the smallest share of a name in letters, which says less than its characters would: ZHANG WEI is 张伟, 张薇 and 张维.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letters: Option<f64>,
    /// For Chinese personal names: how characters are read without their tones, and surnames as surnames: `zhang 张章 wei 伟维`. The share of a name in
    /// letters that reads like a Chinese one is that of all names that are read so, where that is more than `letters`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub readings: String,
    /// For personal names: the share of a name in characters that is not written like a Chinese one: with a dot, or of four characters and more
    /// without a compound surname.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transliterated: Option<f64>,
    /// For Chinese personal names: the smallest share, in percent, of a given name of two listed characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub common_given: Option<f64>,
    /// For Chinese personal names: the characters that most given names of two are made of, run together, and the share, in percent, of a
    /// given name of two of them, if its characters do not tell more.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub typical: String,
    /// See `typical`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typical_given: Option<f64>,
    /// For personal names: how many times commoner a name is among people of one age than among all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cohort: Option<f64>,
    /// For Chinese personal names: whole given names that are commoner than their characters tell, with their share in percent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub given_names: String,
    /// For Chinese personal names: characters of given names with their share in percent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub characters: String,
}

/// A frequency table ready for use: log2 shares.
#[derive(Clone, Debug)]
pub(crate) struct FrequencyTable {
    values: HashMap<String, f32>,
    floor: f32,
    letters: f32,
    transliterated: f32,
    common_given: Option<f32>,
    typical: HashSet<char>,
    typical_given: Option<f32>,
    cohort: f32,
    surnames: HashMap<String, f32>,
    given_names: HashMap<String, f32>,
    characters: HashMap<char, f32>,
    syllables: HashMap<String, Vec<char>>,
    rare_surname: f32,
    rare_character: f32,
}

impl FrequencyTable {
    /// Compiles a table; the text says what is wrong with it.
    pub(crate) fn new(file: &FrequencyFile) -> Result<Self, String> {
        let share = |share: f64| -> Result<f32, String> {
            if share > 0.0 && share <= 1.0 { Ok(log2(share)) } else { Err(format!("a share must be above 0 and at most 1, got {share}")) }
        };
        let values = file.values.iter().map(|(value, at)| Ok((value.clone(), share(*at)?))).collect::<Result<_, String>>()?;
        let surnames = percents(&file.surnames)?;
        let characters: Vec<(char, f32)> =
            percents(&file.characters)?.into_iter().filter_map(|(text, share)| text.chars().next().map(|c| (c, share))).collect();
        let rarest = |shares: &mut dyn Iterator<Item = f32>| shares.fold(0.0_f32, f32::min);
        Ok(Self {
            values,
            floor: share(file.floor)?,
            letters: share(file.letters.unwrap_or(file.floor))?,
            transliterated: share(file.transliterated.unwrap_or(file.floor))?,
            common_given: file.common_given.map(|percent| share(percent / 100.0)).transpose()?,
            typical: file.typical.chars().filter(|c| is_han(*c)).collect(),
            typical_given: file.typical_given.map(|percent| share(percent / 100.0)).transpose()?,
            cohort: match file.cohort.unwrap_or(1.0) {
                times if times >= 1.0 => log2(times),
                times => return Err(format!("a cohort is at least 1, got {times}")),
            },
            rare_surname: rarest(&mut surnames.iter().map(|(_, share)| *share)),
            rare_character: rarest(&mut characters.iter().map(|(_, share)| *share)),
            surnames: surnames.into_iter().collect(),
            given_names: percents(&file.given_names)?.into_iter().collect(),
            characters: characters.into_iter().collect(),
            syllables: syllables(&file.readings)?,
        })
    }

    /// No value has a smaller share (log2) than this.
    pub(crate) fn lowest(&self) -> f32 {
        (self.values.values().copied().fold(self.floor, f32::min) + self.cohort).min(0.0)
    }

    /// log2 of the share of records with this value, in steps of 1/1024.
    pub(crate) fn log2_share(&self, value: &str) -> f32 {
        let share = match self.values.get(value) {
            Some(share) => *share,
            None if self.surnames.is_empty() => self.floor,
            None => self.composed(value).max(self.floor),
        };
        (share + self.cohort).min(0.0)
    }

    /// Surname times given name, or its characters; of what is not written like a Chinese name the share of such names.
    /// A character that was lost may have been any.
    fn composed(&self, name: &str) -> f32 {
        let Some((surname, given)) = self.parts(name) else {
            return if name.chars().any(is_han) { self.transliterated } else { self.by_sound(name).max(self.letters) };
        };
        if given.chars().nth(2).is_some() {
            return self.transliterated;
        }
        self.surnames.get(surname).copied().unwrap_or(self.rare_surname) + self.of_given(given)
    }

    /// log2 of the share of a given name of one or two characters.
    fn of_given(&self, given: &str) -> f32 {
        let character = |c: char| if is_lost(c) { 0.0 } else { self.characters.get(&c).copied().unwrap_or(self.rare_character) };
        let by_characters = || {
            let product = given.chars().map(character).sum::<f32>();
            let is_double = given.chars().nth(1).is_some();
            let common = self.common_given.filter(|_| is_double && given.chars().all(|c| self.characters.contains_key(&c)));
            let typical = self.typical_given.filter(|_| is_double && given.chars().all(|c| self.typical.contains(&c)));
            common.into_iter().chain(typical).fold(product, f32::max)
        };
        self.given_names.get(given).copied().unwrap_or_else(by_characters)
    }

    /// log2 of the share of all names that are read like a name in letters; of one that is not read like a Chinese name nothing. Its surname stands
    /// first or last, and whatever is commoner counts.
    fn by_sound(&self, name: &str) -> f32 {
        let words: Vec<String> =
            name.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).collect();
        if self.syllables.is_empty() || !name.is_ascii() {
            return f32::NEG_INFINITY;
        }
        let share = |surname: &str, given: &str| self.surnames_read(surname) * self.given_read(given);
        let most = match &words[..] {
            [] => 0.0,
            [whole] => (1..whole.len()).map(|at| share(&whole[..at], &whole[at..])).fold(0.0, f64::max),
            [first, .., last] => {
                let before: String = words[..words.len() - 1].concat();
                share(first, &words[1..].concat()).max(share(last, &before))
            }
        };
        if most > 0.0 { log2(most.min(1.0)) } else { f32::NEG_INFINITY }
    }

    /// The share of all surnames that are read so.
    fn surnames_read(&self, reading: &str) -> f64 {
        let single = self.syllables.get(reading).into_iter().flatten().map(char::to_string);
        let double = self.halves(reading).flat_map(|(a, b)| a.iter().flat_map(move |a| b.iter().map(move |b| format!("{a}{b}"))));
        single.chain(double).filter_map(|surname| self.surnames.get(&surname)).map(|share| f64::from(*share).exp2()).sum()
    }

    /// The share of all given names of one or two characters that are read so.
    fn given_read(&self, reading: &str) -> f64 {
        // A character alone is a name as often as the list of names has it; of those that it lacks most stand in names of two.
        let alone = |c: &char| match self.given_names.get(&c.to_string()) {
            Some(share) => f64::from(*share).exp2(),
            None => self.characters.get(c).map_or(0.0, |share| OF_ONE_CHARACTER * f64::from(*share).exp2()),
        };
        let single: f64 = self.syllables.get(reading).into_iter().flatten().map(alone).sum();
        let double = self.halves(reading).flat_map(|(a, b)| a.iter().flat_map(move |a| b.iter().map(move |b| format!("{a}{b}"))));
        single + double.map(|given| f64::from(self.of_given(&given)).exp2()).sum::<f64>()
    }

    /// The characters of the two syllables that a text is read as, for each way to part it.
    fn halves<'s>(&'s self, reading: &'s str) -> impl Iterator<Item = (&'s Vec<char>, &'s Vec<char>)> {
        (1..reading.len()).filter_map(|at| Some((self.syllables.get(&reading[..at])?, self.syllables.get(&reading[at..])?)))
    }

    /// Surname and given name of what is written like a Chinese name.
    fn parts<'n>(&self, name: &'n str) -> Option<(&'n str, &'n str)> {
        let mut ends = name.char_indices().skip(1).map(|(at, _)| at);
        let first = ends.next().filter(|_| name.starts_with(is_han) && name.chars().all(|c| is_han(c) || is_lost(c)))?;
        let double = ends.next().filter(|end| self.surnames.contains_key(&name[..*end]));
        Some(name.split_at(double.unwrap_or(first)))
    }
}

/// Reads `zhang 张章 wei 伟维`: readings and their characters.
fn syllables(text: &str) -> Result<HashMap<String, Vec<char>>, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let known = words.chunks(2).map(|pair| match pair {
        [reading, characters] if reading.bytes().all(|byte| byte.is_ascii_lowercase()) => {
            Ok(((*reading).to_owned(), characters.chars().collect()))
        }
        _ => Err(format!("a list of readings is syllables in small letters with their characters, got {pair:?}")),
    });
    known.collect()
}

const fn is_han(c: char) -> bool {
    matches!(c as u32, 0x3400..=0x9fff | 0x2_0000..=0x3_ffff)
}

/// The share of given names that have one character.
const OF_ONE_CHARACTER: f64 = 0.2;
/// How many characters the written shares of surnames and characters count as.
const BELIEF: f64 = 2_000.0;
/// How many records with one name may be one person's.
const OF_ONE: f64 = 4.0;
/// The most names a table lists by themselves.
const LISTED: usize = 20_000;

/// The table of Chinese names that a population has: its surnames and characters, and names that more people bear than these tell.
/// `counts` are names with the number of their records.
pub(crate) fn of_names(written: &FrequencyFile, counts: &[(&str, u32)]) -> FrequencyFile {
    let Ok(known) = FrequencyTable::new(written) else { return written.clone() };
    let (mut surnames, mut characters): (BTreeMap<String, f64>, BTreeMap<String, f64>) = (BTreeMap::new(), BTreeMap::new());
    for (name, count) in counts {
        let Some((surname, given)) = known.parts(name) else { continue };
        *surnames.entry(surname.to_owned()).or_default() += f64::from(*count);
        given.chars().for_each(|c| *characters.entry(c.to_string()).or_default() += f64::from(*count));
    }
    let file = FrequencyFile {
        // A table says itself which names are common in it, and how much a birth date beside them tells.
        given_names: String::new(),
        common_given: None,
        typical: String::new(),
        typical_given: None,
        transliterated: None,
        cohort: None,
        surnames: learned(&written.surnames, surnames),
        characters: learned(&written.characters, characters),
        ..written.clone()
    };
    let Ok(composed) = FrequencyTable::new(&FrequencyFile { values: BTreeMap::new(), ..file.clone() }) else { return written.clone() };
    let records: f64 = counts.iter().map(|(_, count)| f64::from(*count)).sum();
    let mut common: Vec<(&str, f64)> = counts
        .iter()
        .map(|(name, count)| (*name, (f64::from(*count) - OF_ONE) / records))
        .filter(|(name, share)| *share > f64::from(composed.composed(name)).exp2())
        .collect();
    common.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    common.truncate(LISTED);
    let values = common.into_iter().map(|(name, share)| (name.to_owned(), significant(share))).collect();
    FrequencyFile { values, ..file }
}

/// Shares in percent, the written ones as so many seen before.
fn learned(written: &str, mut counts: BTreeMap<String, f64>) -> String {
    let Ok(written) = percents(written) else { return written.to_owned() };
    let of_written: f64 = written.iter().map(|(_, share)| f64::from(*share).exp2()).sum();
    for (name, share) in written {
        *counts.entry(name).or_default() += BELIEF * f64::from(share).exp2() / of_written;
    }
    let all: f64 = counts.values().sum();
    let mut shares: Vec<(String, f64)> = counts.into_iter().map(|(name, count)| (name, 100.0 * count / all)).collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    shares.into_iter().map(|(name, percent)| format!("{name} {}", significant(percent))).collect::<Vec<_>>().join(" ")
}

/// Four significant digits: what a person can read.
fn significant(value: f64) -> f64 {
    let scale = 10_f64.powi(3 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}

/// Reads `王 7.17 李 7.0 …`: names and shares in percent.
fn percents(text: &str) -> Result<Vec<(String, f32)>, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    words
        .chunks(2)
        .map(|pair| match pair {
            [name, percent] => match percent.parse::<f64>() {
                Ok(percent) if percent > 0.0 && percent <= 100.0 => Ok(((*name).to_owned(), log2(percent / 100.0))),
                _ => Err(format!("the share of {name:?} must be a percentage, got {percent:?}")),
            },
            _ => Err("every name in a frequency list needs its percentage".to_owned()),
        })
        .collect()
}

/// log2 in steps of 1/1024: sums of such numbers are exact in `f32`, whatever their order.
#[expect(clippy::cast_possible_truncation, reason = "weights are small")]
pub(crate) fn log2(value: f64) -> f32 {
    ((value.log2() * 1024.0).round() / 1024.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> FrequencyTable {
        let file = FrequencyFile {
            values: [("陈伟".to_owned(), 0.25)].into(),
            floor: 1e-9,
            transliterated: Some(1e-6),
            surnames: "王 12.5 欧阳 0.05 欧 0.1".to_owned(),
            characters: "伟 25 芳 6.25".to_owned(),
            ..FrequencyFile::default()
        };
        FrequencyTable::new(&file).expect("the table is well formed")
    }

    #[test]
    fn a_name_is_as_common_as_its_surname_and_characters_together() {
        let shares = [
            ("王伟", -5.0),
            ("王伟芳", -9.0),
            ("陈伟", -2.0),
            ("欧阳伟", log2(0.0005) - 2.0),
            ("Ann", log2(1e-9)),
            ("王伟伟伟", log2(1e-6)),
        ];
        for (name, share) in shares {
            assert_eq!(table().log2_share(name), share, "{name}");
        }
    }

    #[test]
    fn two_common_characters_are_a_common_given_name() {
        let file = FrequencyFile {
            floor: 1e-12,
            common_given: Some(0.1),
            surnames: "王 50".to_owned(),
            characters: "伟 0.5 芳 0.5".to_owned(),
            ..FrequencyFile::default()
        };
        let table = FrequencyTable::new(&file).expect("the table is well formed");
        assert_eq!(table.log2_share("王伟芳"), log2(0.5) + log2(0.001));
        // A character that is not listed is not common, and one character is as common as it is.
        assert_eq!(table.log2_share("王伟薇"), log2(0.5) + 2.0 * log2(0.005));
        assert_eq!(table.log2_share("王伟"), log2(0.5) + log2(0.005));
        let typical = FrequencyFile { typical: "伟 芳\n强".to_owned(), typical_given: Some(0.4), ..file };
        let table = FrequencyTable::new(&typical).expect("the table is well formed");
        assert_eq!(table.log2_share("王伟强"), log2(0.5) + log2(0.004));
        assert_eq!(table.log2_share("王伟"), log2(0.5) + log2(0.005), "one character is as common as it is");
    }

    #[test]
    fn names_are_as_common_as_their_table_has_them() {
        let file = FrequencyFile {
            floor: 1e-9,
            given_names: String::new(),
            surnames: "王 50 李 50".to_owned(),
            characters: "伟 50 芳 50".to_owned(),
            ..FrequencyFile::default()
        };
        // Nobody is called 李芳 but one person of four records; 王伟 are many.
        let learned = of_names(&file, &[("王伟", 60_000), ("王芳", 20_000), ("李伟", 20_000), ("李芳", 4), ("Ann", 9)]);
        let table = FrequencyTable::new(&learned).expect("the table is well formed");
        let share = |name| f64::from(table.log2_share(name)).exp2();
        assert_eq!(learned.values.keys().collect::<Vec<_>>(), ["Ann", "李伟", "王芳"], "their parts tell less of them");
        assert!(
            (share("王伟") - 0.8 * 0.8).abs() < 0.02 && (share("李芳") - 0.2 * 0.2).abs() < 0.01,
            "{} {}",
            share("王伟"),
            share("李芳")
        );
        assert!(
            learned.surnames.starts_with("王 79.") && learned.characters.starts_with("伟 79."),
            "{} {}",
            learned.surnames,
            learned.characters
        );
    }

    #[test]
    fn a_name_in_letters_stands_for_many_and_a_lost_character_for_any() {
        let file = FrequencyFile {
            floor: 1e-9,
            letters: Some(1e-4),
            surnames: "王 12.5".to_owned(),
            characters: "伟 2 薇 0.5".to_owned(),
            ..FrequencyFile::default()
        };
        let share = |file: &FrequencyFile, name: &str| f64::from(FrequencyTable::new(file).expect("well formed").log2_share(name)).exp2();
        let near = |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 0.01, "{found} for {expected}");
        near(share(&file, "WANG WEI"), 1e-4);
        near(share(&file, "王?"), 0.125);
        near(share(&file, "王?伟"), 0.125 * 0.02);
        let cohort = FrequencyFile { cohort: Some(5.0), ..file };
        near(share(&cohort, "王薇"), 5.0 * 0.125 * 0.005);
        assert!(FrequencyTable::new(&FrequencyFile { cohort: Some(0.5), ..cohort }).is_err());
    }

    #[test]
    fn a_name_in_letters_is_as_common_as_all_names_read_so() {
        let file = FrequencyFile {
            floor: 1e-9,
            letters: Some(1e-6),
            surnames: "张 6 章 1 王 12.5 欧阳 0.5".to_owned(),
            characters: "伟 2 薇 0.5 小 1 欧 1".to_owned(),
            given_names: "小伟 0.1".to_owned(),
            readings: "zhang 张章 wang 王 wei 伟薇 xiao 小 ou 欧 yang 阳".to_owned(),
            ..FrequencyFile::default()
        };
        let table = FrequencyTable::new(&file).expect("the table is well formed");
        for (name, expected) in [
            ("ZHANG WEI", 0.07 * 0.025 * 0.2),
            ("WEI ZHANG", 0.07 * 0.025 * 0.2),
            ("ZHANGWEI", 0.07 * 0.025 * 0.2),
            ("WANG XIAOWEI", 0.125 * (0.001 + 0.01 * 0.005)),
            ("WANG XIAO WEI", 0.125 * (0.001 + 0.01 * 0.005)),
            ("OUYANG WEI", 0.005 * 0.025 * 0.2),
            ("SMITH JOHN", 1e-6),
            ("WEI", 1e-6),
        ] {
            let found = f64::from(table.log2_share(name)).exp2();
            assert!((found / expected - 1.0).abs() < 0.01, "{name}: {found} for {expected}");
        }
        assert!(FrequencyTable::new(&FrequencyFile { readings: "zhang".to_owned(), ..file }).is_err());
    }

    #[test]
    fn a_share_beyond_one_is_refused() {
        assert!(FrequencyTable::new(&FrequencyFile { floor: 2.0, ..FrequencyFile::default() }).is_err());
        let odd = FrequencyFile { floor: 0.1, surnames: "王".to_owned(), ..FrequencyFile::default() };
        assert!(FrequencyTable::new(&odd).is_err());
    }
}
