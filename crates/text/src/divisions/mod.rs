//! Which administrative division (行政区划) does a code or a name mean, now or in the past?

mod field;

use std::sync::LazyLock;

pub use field::{DivisionReading, Township, TownshipFault, read, township};

use smallvec::SmallVec;

use crate::autonomous;
use crate::table::{Table, rows, table};

/// How high a division stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Province, autonomous region, municipality, special administrative region.
    Province,
    /// City or prefecture.
    City,
    /// County, district, county-level city.
    County,
    /// Sub-district, town, township.
    Township,
}

impl Level {
    /// The level as the code list writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::City => "city",
            Self::County => "county",
            Self::Township => "township",
        }
    }
}

/// A division in force: all provinces, cities and counties, and the townships of Guangdong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Division {
    /// Its code: six digits, nine for a township.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// How high it stands.
    pub level: Level,
    /// The code of the division it belongs to; empty for a province.
    pub parent: &'static str,
}

impl Division {
    /// Whether the name is its own, or tells place and level of an autonomous division and leaves its peoples out: 连南县 is 连南瑶族自治县.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        self.name == name || (self.is_autonomous() && autonomous::goes_by(self.name, name))
    }

    /// Whether it is an autonomous prefecture, county or banner, or goes by a name that follows from no rule.
    fn is_autonomous(&self) -> bool {
        self.level != Level::Province && self.name.contains("自治")
    }

    /// Whether the name is the place alone of an autonomous division (三江 of 三江侗族自治县), which towns, villages and words have for a name too.
    pub(crate) fn is_place_of(&self, name: &str) -> bool {
        self.is_autonomous() && !self.is_named(name)
    }
}

/// A division code of the past, with the years it was in force as far as they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormerDivision {
    /// Its code.
    pub code: &'static str,
    /// Its name then.
    pub name: &'static str,
    /// The first year.
    pub start_year: Option<u16>,
    /// The last year.
    pub end_year: Option<u16>,
}

struct Divisions {
    list: Vec<Division>,
    by_code: Table<&'static str, u32>,
    by_name: Table<&'static str, SmallVec<[u32; 2]>>,
    /// How long the names in force are that begin with these two characters, a bit for each count of characters.
    lengths: Table<[char; 2], u32>,
    children: Table<&'static str, Vec<u32>>,
    former: Vec<FormerDivision>,
    former_by_code: Table<u32, SmallVec<[u32; 2]>>,
    former_by_name: Table<&'static str, SmallVec<[u32; 2]>>,
    /// By code and name, since codes were given out again: 442623 was 顺德县 in 1982 and another county later.
    successors: Table<(&'static str, &'static str), (&'static str, &'static str)>,
    /// The codes of the counties that were founded anew, not by another name of one that was, as far as the list of changes has them.
    founded: Vec<&'static str>,
    ever: Box<[u64]>,
    provinces: [bool; 100],
    /// Names of the townships of Guangdong by the codes of the National Bureau of Statistics, which are not those of the list.
    statistical: Table<&'static str, &'static str>,
}

static DIVISIONS: LazyLock<Divisions> = LazyLock::new(Divisions::build);

/// The name without the word for its level, when two characters are left: 广州市 → 广州, 天河区 → 天河. The long names
/// of autonomous regions have short forms of their own, those of other autonomous divisions lose their peoples (连南瑶族自治县 → 连南).
#[must_use]
pub fn short_name(name: &str) -> &str {
    const REGIONS: [(&str, &str); 8] = [
        ("内蒙古自治区", "内蒙古"),
        ("广西壮族自治区", "广西"),
        ("西藏自治区", "西藏"),
        ("宁夏回族自治区", "宁夏"),
        ("新疆维吾尔自治区", "新疆"),
        ("香港特别行政区", "香港"),
        ("澳门特别行政区", "澳门"),
        ("台湾省", "台湾"),
    ];
    if let Some((_, short)) = REGIONS.iter().find(|(long, _)| *long == name) {
        return short;
    }
    if let Some((place, _)) = autonomous::place(name) {
        return place;
    }
    ["街道", "地区", "新区", "省", "市", "区", "县", "镇", "乡", "盟", "旗"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .filter(|rest| rest.chars().nth(1).is_some())
        .unwrap_or(name)
}

impl Divisions {
    fn build() -> Self {
        let list: Vec<Division> = rows(include_str!("../../../../fixtures/reference/divisions.csv"))
            .map(|row| Division {
                code: row[0],
                name: row[1],
                level: match row[2] {
                    "province" => Level::Province,
                    "city" => Level::City,
                    "county" => Level::County,
                    _ => Level::Township,
                },
                parent: row[3],
            })
            .collect();
        let mut built = Self {
            by_code: table(list.len()),
            by_name: table(list.len() * 2),
            lengths: table(list.len()),
            children: table(512),
            former: Vec::new(),
            former_by_code: table(8_192),
            former_by_name: table(8_192),
            successors: table(512),
            founded: Vec::new(),
            ever: vec![0; 1_000_000 / 64 + 1].into_boxed_slice(),
            provinces: [false; 100],
            statistical: table(2_048),
            list,
        };
        for at in 0..built.list.len() {
            let division = built.list[at];
            let index = u32::try_from(at).expect("a few thousand divisions");
            built.by_code.insert(division.code, index);
            built.children.entry(division.parent).or_default().push(index);
            built.name(division.name, index);
            let short = Some(short_name(division.name)).filter(|short| *short != division.name);
            let customary = autonomous::customary(division.name);
            for name in short.into_iter().filter(|short| !customary.contains(short)).chain(customary.iter().copied()) {
                built.name(name, index);
            }
            if division.level == Level::Province {
                built.provinces[number(&division.code[..2]) as usize] = true;
            }
            if division.code.len() == 6 {
                built.mark(number(division.code));
            }
        }
        built.statistical.extend(rows(include_str!("../../../../fixtures/reference/townships_nbs2023_44.csv")).map(|row| (row[0], row[1])));
        built.add_former();
        built
    }

    fn name(&mut self, name: &'static str, index: u32) {
        self.by_name.entry(name).or_default().push(index);
        if let Some(first) = first_two(name) {
            *self.lengths.entry(first).or_default() |= 1_u32.checked_shl(length(name)).unwrap_or_default();
        }
    }

    fn add_former(&mut self) {
        for row in rows(include_str!("../../../../fixtures/reference/divisions_history.csv")) {
            let former = FormerDivision { code: row[0], name: row[1], start_year: row[2].parse().ok(), end_year: row[3].parse().ok() };
            self.mark(number(former.code));
            let index = u32::try_from(self.former.len()).expect("a few thousand divisions");
            self.former_by_code.entry(number(former.code)).or_default().push(index);
            let in_force = self.by_code.get(former.code).is_some_and(|&at| self.list[at as usize].name == former.name);
            if !in_force {
                self.former_by_name.entry(former.name).or_default().push(index);
            }
            self.former.push(former);
        }
        for row in rows(include_str!("../../../../fixtures/reference/division_changes_44.csv")) {
            let (old, new) = (row[3], row[5]);
            if row[1] == "新设" {
                self.founded.push(new);
            }
            for code in [old, new].into_iter().filter(|code| !code.is_empty()) {
                self.mark(number(code));
            }
            if !old.is_empty() && !new.is_empty() && old != new {
                self.successors.insert((old, row[4]), (new, row[6]));
            }
        }
        // Abolished without a successor in the list of changes, because their land went into one neighbour.
        for (old, new) in [
            (("440102", "东山区"), ("440104", "越秀区")),
            (("440107", "芳村区"), ("440103", "荔湾区")),
            (("440116", "萝岗区"), ("440112", "黄埔区")),
        ] {
            self.successors.entry(old).or_insert(new);
        }
    }

    fn mark(&mut self, code: u32) {
        if let Some(word) = self.ever.get_mut(code as usize / 64) {
            *word |= 1 << (code % 64);
        }
    }

    fn at(&self, index: u32) -> &Division {
        &self.list[index as usize]
    }
}

fn number(digits: &str) -> u32 {
    digits.parse().unwrap_or(u32::MAX)
}

/// The division in force with this code.
#[must_use]
pub fn find(code: &str) -> Option<&'static Division> {
    DIVISIONS.by_code.get(code).map(|&index| DIVISIONS.at(index))
}

/// Whether the two digits are those of a province.
#[must_use]
pub fn is_province(two_digits: u32) -> bool {
    DIVISIONS.provinces.get(two_digits as usize).copied().unwrap_or(false)
}

/// Whether the six digits are or ever were the code of a division.
#[must_use]
pub fn was_ever(code: u32) -> bool {
    DIVISIONS.ever.get(code as usize / 64).is_some_and(|word| word >> (code % 64) & 1 == 1)
}

/// Whether the six digits stand for the districts of a city taken together (市辖区, `xx01` of GB/T 2260): no division of its own,
/// and yet the beginning of numbers that were issued in the city.
#[must_use]
pub fn groups_a_city(code: u32) -> bool {
    code % 100 == 1 && !(code / 100).is_multiple_of(100) && was_ever(code - 1)
}

/// The divisions that held this code, in the order of time as listed.
pub fn history(code: &str) -> impl Iterator<Item = &'static FormerDivision> {
    DIVISIONS.former_by_code.get(&number(code)).into_iter().flatten().map(|&index| &DIVISIONS.former[index as usize])
}

/// The divisions in force with this name, with or without the word for the level; an autonomous one also without its peoples (连南县, 连南).
pub fn named(name: &str) -> impl Iterator<Item = &'static Division> {
    DIVISIONS.by_name.get(name).into_iter().flatten().map(|&index| DIVISIONS.at(index))
}

/// Whether the name, told by itself, means this division of those that go by it: all others are in it.
pub(crate) fn is_sure(division: &Division, name: &str) -> bool {
    named(name).all(|other| is_within(other.code, division.code))
}

/// How many characters the names in force have, with or without the word for the level, that the text may begin with: a bit for each count.
/// Names of 32 characters and more, which no division has, are left out.
pub(crate) fn name_lengths(text: &str) -> u32 {
    first_two(text).and_then(|first| DIVISIONS.lengths.get(&first)).copied().unwrap_or_default()
}

fn first_two(text: &str) -> Option<[char; 2]> {
    let mut characters = text.chars();
    Some([characters.next()?, characters.next()?])
}

fn length(name: &str) -> u32 {
    u32::try_from(name.chars().count()).unwrap_or(u32::MAX)
}

/// Whether a county in force was founded anew, out of parts of others: 坪山区, not 三水区, which was 三水市. Known of Guangdong since 1981.
pub(crate) fn was_founded(code: &str) -> bool {
    DIVISIONS.founded.contains(&code)
}

/// The divisions directly below the one with this code.
pub fn children(code: &str) -> impl Iterator<Item = &'static Division> {
    DIVISIONS.children.get(code).into_iter().flatten().map(|&index| DIVISIONS.at(index))
}

/// Whether the first division is the second or lies in it.
#[must_use]
pub fn is_within(code: &str, ancestor: &str) -> bool {
    let mut current = find(code);
    while let Some(division) = current {
        if division.code == ancestor {
            return true;
        }
        current = find(division.parent);
    }
    false
}

/// The province, city and county of a division, from above, as far as it has them, and then itself when a township.
#[must_use]
pub fn ladder(code: &str) -> SmallVec<[&'static Division; 4]> {
    let mut rungs = SmallVec::new();
    let mut current = find(code);
    while let Some(division) = current {
        rungs.push(division);
        current = find(division.parent);
    }
    rungs.reverse();
    rungs
}

/// The names of a division and all above it, run together: 广东省广州市天河区.
#[must_use]
pub fn full_name(code: &str) -> String {
    ladder(code).iter().map(|division| division.name).collect()
}

/// The division in force that took the place of a former one: by the list of changes, or because it kept the name but
/// for the word of its level (番禺市 → 番禺区) within the same city or province.
#[must_use]
pub fn successor(code: &str, name: &str) -> Option<&'static Division> {
    let mut current = (code, name);
    for _ in 0..8 {
        match DIVISIONS.successors.get(&current) {
            Some(next) => current = *next,
            None => break,
        }
    }
    if current.0 != code
        && let Some(division) = find(current.0).filter(|division| division.name == current.1)
    {
        return Some(division);
    }
    // A city that another province has now (重庆市 of Sichuan, 海口市 of Guangdong), a prefecture that became a city.
    let city = |name: &str| named(name).find(|division| division.name == name && division.level <= Level::City);
    let of_prefecture = || name.strip_suffix("地区").and_then(|stem| city(&format!("{stem}市"))).filter(|city| city.code[..2] == code[..2]);
    if let Some(city) = city(name).or_else(of_prefecture) {
        return Some(city);
    }
    let stem = short_name(name);
    let mut close = named(stem).filter(|division| division.level == Level::County && code.len() == 6 && division.code[..2] == code[..2]);
    close.next().filter(|_| close.next().is_none())
}

/// The county, city or province in force that a code of six or more digits means today: its own, or its successor's.
#[must_use]
pub fn in_force(code: &str) -> Option<&'static Division> {
    let county = code.get(..6)?;
    find(county).or_else(|| history(county).find_map(|former| successor(county, former.name)))
}

/// The four digits that the divisions of one city share; none for a province alone. Hong Kong and Macao are cities themselves.
///
/// ```
/// use jiku_text::divisions::city_of;
/// assert_eq!((city_of("440106"), city_of("440000"), city_of("810000")), (Some("4401"), None, Some("8100")));
/// ```
#[must_use]
pub fn city_of(code: &str) -> Option<&str> {
    code.get(..4).filter(|city| !city.ends_with("00") || city.starts_with("81") || city.starts_with("82"))
}

/// The former divisions of this name that are not in force any more, with what took their place.
pub fn formerly_named(name: &str) -> impl Iterator<Item = (&'static FormerDivision, Option<&'static Division>)> {
    DIVISIONS.former_by_name.get(name).into_iter().flatten().map(|&index| {
        let former = &DIVISIONS.former[index as usize];
        (former, successor(former.code, former.name))
    })
}

/// The divisions in force that bore a name which an autonomous one is customarily called by: 东乡县 is 东乡族自治县, and was what is 东乡区 today.
pub(crate) fn was_also(division: &Division, name: &str) -> SmallVec<[&'static Division; 2]> {
    if division.name == name || !division.is_named(name) {
        return SmallVec::new();
    }
    formerly_named(name).filter_map(|(_, successor)| successor).filter(|successor| successor.code != division.code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_every_name_is_told() {
        for division in &DIVISIONS.list {
            for name in [division.name, short_name(division.name)] {
                assert!((name_lengths(&format!("{name}一")) >> length(name)) & 1 == 1, "{name}");
            }
        }
        assert_eq!(name_lengths("穗"), 0);
    }

    #[test]
    fn codes_of_the_past_are_known() {
        assert!(find("440681").is_none() && was_ever(440_681));
        assert!(history("440681").any(|former| former.name == "顺德市"));
        assert!(!was_ever(990_000) && !was_ever(440_199));
    }

    #[test]
    fn a_former_division_leads_to_its_successor() {
        for (name, expected) in [("顺德市", "440606"), ("番禺市", "440113"), ("东山区", "440104"), ("增城市", "440118"), ("梅县", "441403")]
        {
            let successors: Vec<_> =
                formerly_named(name).filter_map(|(former, successor)| former.code.starts_with("44").then_some(successor?.code)).collect();
            assert!(successors.contains(&expected), "{name}: {successors:?}");
        }
    }

    #[test]
    fn a_code_of_the_past_means_its_successor_today() {
        let today = |code: &str| in_force(code).map(|division| division.code);
        assert_eq!(today("440681"), Some("440606"));
        assert_eq!(today("440102"), Some("440104"));
        assert_eq!(today("440106001"), Some("440106"));
        assert_eq!(today("999999"), None);
    }

    #[test]
    fn the_ladder_leads_from_the_province_down() {
        assert_eq!(full_name("440106"), "广东省广州市天河区");
        assert_eq!(full_name("441900"), "广东省东莞市");
        assert_eq!(full_name("110105"), "北京市朝阳区");
        assert!(is_within("441900003", "440000") && !is_within("440106", "440300"));
    }

    #[test]
    fn the_districts_of_a_city_together_are_the_city() {
        assert!(groups_a_city(440_301) && groups_a_city(510_101));
        assert!(!groups_a_city(440_302) && !groups_a_city(990_101) && !groups_a_city(440_001));
    }
}
