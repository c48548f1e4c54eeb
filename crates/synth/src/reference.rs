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
    /// Counties of the provinces that people come from, each province as often as its people come.
    pub(crate) elsewhere: Vec<&'static str>,
    pub(crate) xinjiang: Vec<&'static str>,
}

pub(crate) fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().skip(1).map(|line| line.split(',').collect())
}

fn single(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// Characters of given names that are not marked as men's or women's. Of the other unmarked ones of the list few would be chosen for a child: it was counted
/// from lists that hold titles and figures of novels too (爷, 侍, 抢).
const UNMARKED: &str = "道长汉石剑祖水方田朝传吉少廷贤开襄如其弟加得守延洪虎堂铁仲图湖白本仙定寿尚权知同培化修根锡斐喜炳誉声逊大兆禄麟应斯代侠向望\
                        北古年京勋佐台汝能孟辅甫昆渊烈津桥显鼎旗献常原丰观恭跃增佛环联运野千赞耕淳焕汉苏岳陶仕伟挺巍弼录彭柯劲展慎扬泽融熊耿羲";
/// Marked characters that no child is called by all the same.
const NOT_CHOSEN: &str = "帝会至令路听密单争基驾卷榜船轮材商豆醉";

fn given_names(own_sex: &str) -> CharTable {
    let weighted: Vec<(char, u32)> = rows(GIVEN_NAME_CHARS)
        .filter_map(|row| {
            let (char, weight) = (single(row[0]).filter(|char| !NOT_CHOSEN.contains(*char))?, row[2].parse::<u32>().ok()?);
            match row[3] {
                hint if hint == own_sex => Some((char, weight * 8)),
                "b" => Some((char, weight * 4)),
                "" if UNMARKED.contains(char) => Some((char, weight.div_ceil(2))),
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

/// Provinces from which most people come to Guangdong, with their shares among them in percent, rounded: Guangxi, Hunan, Sichuan, Jiangxi, Hubei, Henan, Guizhou,
/// Chongqing, in the order of the census of 2020 (Hunan and Guangxi nearly alike).
const SENDING_PROVINCES: [(&str, usize); 8] = [("43", 25), ("45", 24), ("51", 12), ("36", 11), ("41", 10), ("42", 9), ("52", 6), ("50", 3)];
/// Where Uyghurs are at home.
const XINJIANG: &str = "65";

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
            let counties = |province: &str| -> Vec<&'static str> {
                let of_province = |row: &Vec<&str>| row[2] == "county" && row[0].starts_with(province);
                rows(DIVISIONS).filter(of_province).map(|row| row[0]).collect()
            };
            let spread = |(province, count): (&str, usize)| {
                let counties = counties(province);
                (0..count).filter_map(|at| counties.get(at * counties.len() / count).copied()).collect::<Vec<_>>()
            };
            let elsewhere = SENDING_PROVINCES.into_iter().flat_map(spread).collect();
            Self {
                surname_sums: running_sums(surnames.iter().map(|&(_, weight)| weight)),
                surnames: surnames.into_iter().map(|(surname, _)| surname).collect(),
                male: given_names("m"),
                female: given_names("f"),
                confusions: confusions(),
                guangdong,
                elsewhere,
                xinjiang: counties(XINJIANG),
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
