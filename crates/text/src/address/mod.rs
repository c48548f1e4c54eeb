//! Where is an address, rung by rung from the province to the room?

mod compare;
mod divisions_in;
mod parse;
mod parts;
mod towns;
mod words;

use std::borrow::Cow;
use std::cell::RefCell;

use smallvec::SmallVec;

pub use compare::{Agreement, Comparison};
pub use parts::normalise_part;
pub use towns::{sub_district_of, township_marks};

use crate::characters::is_han;
use crate::divisions::{self, Division};
use crate::numerals;

/// A rung of the address ladder, from above (GB/T 23705-2009: area, local place, detail).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rung {
    /// 省
    Province,
    /// 市
    City,
    /// 区, 县
    County,
    /// 街道, 镇, 乡
    Township,
    /// 社区
    Community,
    /// 村
    Village,
    /// 自然村
    NaturalVillage,
    /// 组, 队
    Group,
    /// 路, 街, 巷
    Road,
    /// 号, with 号院
    Number,
    /// 之2, -2
    SubNumber,
    /// The name of an estate or a building
    Estate,
    /// 栋, 座
    Building,
    /// 单元
    Unit,
    /// 层
    Floor,
    /// 室
    Room,
}

impl Rung {
    /// Every rung from above.
    pub const ALL: [Self; 16] = [
        Self::Province,
        Self::City,
        Self::County,
        Self::Township,
        Self::Community,
        Self::Village,
        Self::NaturalVillage,
        Self::Group,
        Self::Road,
        Self::Number,
        Self::SubNumber,
        Self::Estate,
        Self::Building,
        Self::Unit,
        Self::Floor,
        Self::Room,
    ];

    /// The name of the rung in reports and test vectors.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::City => "city",
            Self::County => "county",
            Self::Township => "township",
            Self::Community => "community",
            Self::Village => "village",
            Self::NaturalVillage => "natural_village",
            Self::Group => "group",
            Self::Road => "road",
            Self::Number => "number",
            Self::SubNumber => "sub_number",
            Self::Estate => "estate",
            Self::Building => "building",
            Self::Unit => "unit",
            Self::Floor => "floor",
            Self::Room => "room",
        }
    }
}

/// Something in an address that a steward should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Remark {
    /// A word that stands for "no address".
    Placeholder,
    /// No division is named, and none is known from elsewhere.
    NoDivision,
    /// Several divisions have this name; none was chosen.
    AmbiguousDivision,
    /// The county does not lie in the city named before it.
    CountyParentConflict,
    /// A division is named twice; once was kept.
    DuplicateDivision,
    /// A division of the past, led to its successor where there is one.
    HistoricalDivision,
    /// A division and nothing below the province.
    TooShort,
    /// A phone number was glued on and cut off.
    PhoneGlued,
}

impl Remark {
    /// The reason code as test vectors name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Placeholder => "placeholder",
            Self::NoDivision => "no_division",
            Self::AmbiguousDivision => "ambiguous_division",
            Self::CountyParentConflict => "county_parent_conflict",
            Self::DuplicateDivision => "duplicate_division",
            Self::HistoricalDivision => "historical_division",
            Self::TooShort => "too_short",
            Self::PhoneGlued => "phone_glued",
        }
    }
}

thread_local! {
    /// The address of a record is asked for when it is read, compared and searched for, one after the other: it is taken apart once.
    static LAST: RefCell<Last> = RefCell::new(Last { text: String::new(), division: None, address: parse::parse("", None) });
}

/// The last text that a thread took apart, and what it said.
struct Last {
    text: String,
    division: Option<String>,
    address: Address,
}

/// An address as understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    code: Option<&'static str>,
    /// The county that was told, where its township lies in another by now.
    split: Option<&'static str>,
    rungs: SmallVec<[(Rung, Cow<'static, str>); 10]>,
    alias: Option<String>,
    remarks: SmallVec<[Remark; 2]>,
    candidates: Vec<&'static Division>,
}

impl Address {
    /// Understands an address without knowing more.
    ///
    /// ```
    /// use jiku_text::address::{Address, Rung};
    /// let address = Address::parse("广州天河区天河路三百八十五号");
    /// assert_eq!(address.code(), Some("440106"));
    /// assert_eq!(address.to_string(), "广东省广州市天河区天河路385号");
    /// assert_eq!(address.get(Rung::Number), Some("385号"));
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self::parse_in(text, None)
    }

    /// Understands an address of a record that tells its division (a code) elsewhere: the hint completes an address
    /// without division and decides between divisions of one name, but never overrides what the text says.
    #[must_use]
    pub fn parse_in(text: &str, division: Option<&str>) -> Self {
        LAST.with_borrow_mut(|last| {
            if last.text != text || last.division.as_deref() != division {
                last.address = parse::parse(text, division);
                last.text.clear();
                last.text.push_str(text);
                last.division = division.map(str::to_owned);
            }
            last.address.clone()
        })
    }

    /// Understands only where an address lies, down to the sub-district: for those who ask no more, in half the time.
    #[must_use]
    pub fn parse_divisions(text: &str) -> Self {
        parse::parse_divisions(text, None).0
    }

    /// The code of the county or city that a text proves, for a record that tells its division nowhere else.
    #[must_use]
    pub fn division_of(text: &str) -> Option<&'static str> {
        Self::parse_divisions(text).code().filter(|code| !code.ends_with("0000"))
    }

    /// The code of the lowest division down to the county that the text (or the hint) proves.
    #[must_use]
    pub const fn code(&self) -> Option<&'static str> {
        self.code
    }

    /// The county in force in place of the one that a code beside the address tells, which has given the township to it since: 坪山区 for 坪山镇 of 龙岗区.
    #[must_use]
    pub fn instead_of(&self, told: &str) -> Option<&'static str> {
        let told = divisions::in_force(told)?;
        self.code.filter(|_| self.split == Some(told.code))
    }

    /// What stands on a rung, canonical.
    #[must_use]
    pub fn get(&self, rung: Rung) -> Option<&str> {
        self.rungs.iter().find(|(at, _)| *at == rung).map(|(_, text)| text.as_ref())
    }

    /// Another name of the road, told in brackets.
    #[must_use]
    pub fn alias(&self) -> Option<&str> {
        self.alias.as_deref()
    }

    /// What a steward should look at.
    #[must_use]
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// Whether there is such a remark.
    #[must_use]
    pub fn has(&self, remark: Remark) -> bool {
        self.remarks.contains(&remark)
    }

    /// The divisions that an ambiguous name may mean.
    #[must_use]
    pub fn candidates(&self) -> &[&'static Division] {
        &self.candidates
    }

    /// Whether it leads to a door or a house: a number, a building or a room below a road, a village or an estate.
    fn reaches_a_house(&self) -> bool {
        [Rung::Number, Rung::Building, Rung::Room].into_iter().any(|rung| self.get(rung).is_some())
    }

    /// The key of a house (`天河路385号`, `天河路385号之2`, of a lane that is only counted `大坑村一巷5号`), none for a whole road or village, in which hundreds live, and none for a dormitory.
    #[must_use]
    pub fn house_key(&self) -> Option<String> {
        let road = self.get(Rung::Road).map(|road| self.beyond_town(road));
        let mut key = self.key_on(road).filter(|_| self.reaches_a_house() && !self.is_collective())?;
        // Every village has a 一巷.
        if road.is_some_and(parts::is_counted_lane) {
            key.insert_str(0, self.village().or_else(|| self.town_today()).unwrap_or_default());
        }
        // 12号 and 12号之一 are two doors.
        if let Some(part) = self.get(Rung::SubNumber) {
            key.push('之');
            key.push_str(part.trim_start_matches('之'));
        }
        Some(key)
    }

    /// The village or community.
    fn village(&self) -> Option<&str> {
        [Rung::NaturalVillage, Rung::Village, Rung::Community].into_iter().find_map(|rung| self.get(rung))
    }

    /// Whether many live behind one door there, who are no household: a dormitory, a university, or the register that a town keeps for those
    /// who have no home.
    fn is_collective(&self) -> bool {
        const WORDS: [&str; 4] = ["集体户", "宿舍", "学生公寓", "员工公寓"];
        const INSTITUTIONS: [&str; 4] = ["大学", "学院", "监狱", "戒毒所"];
        self.rungs.iter().any(|(_, text)| words::holds_any(text, &WORDS))
            || self.get(Rung::Estate).is_some_and(|estate| INSTITUTIONS.iter().any(|end| estate.ends_with(end)))
    }

    /// Whether parts of it were hidden on the way.
    fn is_masked(&self) -> bool {
        self.rungs.iter().any(|(_, text)| crate::characters::is_masked(text) || text.contains('×'))
    }

    /// The key of a home or an office: house and room; the house alone where no room is told, as villages have it. What was hidden in
    /// part is none.
    #[must_use]
    pub fn home_key(&self) -> Option<String> {
        self.home_in(&self.house_key()?)
    }

    /// The key of a home in the house with this [`Address::house_key`], for those who want both.
    #[must_use]
    pub fn home_in(&self, house: &str) -> Option<String> {
        (!self.is_masked()).then(|| match self.detail_key() {
            Some(detail) => format!("{house}|{detail}"),
            None => house.to_owned(),
        })
    }

    /// What tells two houses apart whose addresses read nearly alike: the sides and numerals in the name of the road and
    /// the number of the house, or of the building or room where it has none (`东12号`, `五7号`).
    #[must_use]
    pub fn house_marks(&self) -> Option<String> {
        let place = self.get(Rung::Road).or_else(|| self.get(Rung::NaturalVillage)).or_else(|| self.get(Rung::Village));
        let is_mark =
            |c: &char| numerals::is_chinese_numeral(*c) || matches!(c, '东' | '西' | '南' | '北' | '中' | '上' | '下' | '前' | '后');
        let mut marks: String = place.unwrap_or_default().chars().filter(is_mark).collect();
        // Every village has a 一巷.
        if place.is_some_and(parts::is_counted_lane) {
            marks.insert_str(0, self.village().unwrap_or_default());
        }
        marks.push_str([Rung::Number, Rung::Building, Rung::Room].into_iter().find_map(|rung| self.get(rung)).unwrap_or_default());
        marks.push_str(self.get(Rung::SubNumber).unwrap_or_default().trim_start_matches('之'));
        (!marks.is_empty()).then_some(marks)
    }

    /// What is called by a name behind the number of a house: an estate, a building (朝阳阁), the words that lead to it. Two that differ are two doors.
    #[must_use]
    pub fn house_words(&self) -> Option<&str> {
        self.get(Rung::Estate).filter(|name| self.get(Rung::Number).is_some() && name.chars().filter(|c| is_han(*c)).count() >= 2)
    }

    /// Whether nothing below the county is told.
    #[must_use]
    pub fn is_division_only(&self) -> bool {
        self.rungs.iter().all(|(rung, _)| *rung <= Rung::County)
    }

    /// Whether it tells all that the other one tells, and more.
    ///
    /// ```
    /// use jiku_text::address::Address;
    /// let [city, house, room] = ["广州市", "广州市天河区天河路385号", "广州天河区天河路385号1201室"].map(Address::parse);
    /// assert!(room.completes(&house) && house.completes(&city) && !house.completes(&house));
    /// ```
    #[must_use]
    pub fn completes(&self, other: &Self) -> bool {
        let comparison = Comparison::of(self, other);
        let says = |address: &Self, rung: Rung| address.get(rung).is_some();
        Rung::ALL.into_iter().all(|rung| !says(other, rung) || comparison.on(rung) == Agreement::Same)
            && Rung::ALL.into_iter().any(|rung| says(self, rung) && !says(other, rung))
    }

    /// Road and number as one key (`天河路385号`), or village, group and number; with the estate where there is no road.
    #[must_use]
    pub fn road_key(&self) -> Option<String> {
        self.key_on(self.get(Rung::Road))
    }

    /// The key of a place on a road of this name.
    fn key_on(&self, road: Option<&str>) -> Option<String> {
        // The section is a part of the building's name.
        let estate = || self.get(Rung::Estate).map(|estate| self.get(Rung::Building).map_or(estate, |_| parts::without_section(estate)));
        let place = road.or_else(|| self.get(Rung::NaturalVillage)).or_else(|| self.get(Rung::Village)).or_else(estate).unwrap_or_default();
        let group = match self.get(Rung::Group).filter(|_| road.is_none()) {
            // 木京村民小组 and 木京村民组 are one.
            Some(group) if group.ends_with('组') => format!("{}组", compare::bare(Rung::Group, group)),
            group => group.unwrap_or_default().to_owned(),
        };
        let key = [place, &group, self.get(Rung::Number).unwrap_or_default()].concat();
        (!place.is_empty() || !group.is_empty()).then_some(key)
    }

    /// What tells the houses behind one number apart, where the address does: section and building (`1期-3`, `东`), without the words for a building.
    #[must_use]
    pub fn building_key(&self) -> Option<String> {
        let key = self.blocks().join("-");
        (!key.is_empty()).then_some(key)
    }

    /// Section and building: 一期3栋 and 二期3栋 of one estate are two houses. A section that is a letter and the number in it are one name, as A区3栋, A座3栋 and
    /// A3栋 are one house.
    fn blocks(&self) -> SmallVec<[String; 4]> {
        let mut blocks: SmallVec<[String; 4]> = SmallVec::new();
        let sections = self.get(Rung::Estate).into_iter().flat_map(parts::sections);
        for block in sections.chain(self.houses()) {
            match (blocks.last_mut(), parts::lettered_section(block)) {
                (Some(before), None) if parts::is_number(block) && parts::lettered_section(before).is_some() => {
                    before.truncate(before.len() - "区".len());
                    before.push_str(block);
                }
                _ => blocks.push(parts::without_tower(block)),
            }
        }
        blocks
    }

    /// The building and the tower of it, without the words for them: the letter in front of a room's number is that of its tower, 3栋B1802 is 3栋B座1802.
    fn houses(&self) -> impl Iterator<Item = &str> {
        let building = self.get(Rung::Building).map(|building| compare::bare(Rung::Building, building));
        building.into_iter().flat_map(|building| building.split('栋')).chain(self.room().0)
    }

    /// The letter of a tower that stands in front of the room's number, and the room without it.
    fn room(&self) -> (Option<&str>, Option<&str>) {
        let Some(room) = self.get(Rung::Room).map(|room| compare::bare(Rung::Room, room)) else { return (None, None) };
        let (tower, number) = room.split_at(usize::from(room.starts_with(|c: char| c.is_ascii_uppercase())));
        let is_number = number.len() >= 3 && number.bytes().all(|byte| byte.is_ascii_digit());
        if !tower.is_empty() && is_number { (Some(tower), Some(number)) } else { (None, Some(room)) }
    }

    /// Section, building, unit, floor and room as one key: `1-3201`. Words for building and room and leading zeros are left out, and a floor that
    /// the room tells (3楼301).
    #[must_use]
    pub fn detail_key(&self) -> Option<String> {
        let mut key = String::new();
        let mut put = |text: &str| {
            if !key.is_empty() {
                key.push('-');
            }
            key.push_str(text);
        };
        self.blocks().iter().for_each(|block| put(block));
        for rung in [Rung::Unit, Rung::Floor] {
            let Some(text) = self.get(rung) else { continue };
            if rung != Rung::Floor || !self.room_tells_floor(text) {
                put(compare::bare(rung, text));
            }
        }
        self.room().1.into_iter().for_each(&mut put);
        (!key.is_empty()).then_some(key)
    }

    /// Whether the number of the room begins with that of the floor.
    fn room_tells_floor(&self, floor: &str) -> bool {
        let number = |text: &str| text.parse::<u32>().ok();
        let room = self.get(Rung::Room).and_then(|room| number(compare::bare(Rung::Room, room)));
        room.filter(|room| *room > 100).is_some_and(|room| number(floor.trim_end_matches('层')) == Some(room / 100))
    }

    fn set(&mut self, rung: Rung, text: impl Into<Cow<'static, str>>) {
        let text = text.into();
        if text.is_empty() {
            return;
        }
        let at = self.rungs.iter().position(|(existing, _)| *existing >= rung).unwrap_or(self.rungs.len());
        match self.rungs.get_mut(at) {
            Some((existing, old)) if *existing == rung => *old = text,
            _ => self.rungs.insert(at, (rung, text)),
        }
    }

    fn remark(&mut self, remark: Remark) {
        if !self.has(remark) {
            self.remarks.push(remark);
        }
    }

    /// Puts a township on its rung that lies in another county than the one told.
    fn move_to(&mut self, township: &'static Division) {
        self.split = self.code;
        self.settle(township);
        self.remark(Remark::HistoricalDivision);
    }

    /// Puts a division and all above it on their rungs.
    fn settle(&mut self, division: &'static Division) {
        self.code = Some(if division.code.len() > 6 { division.parent } else { division.code });
        for rung in divisions::ladder(division.code) {
            match rung.level {
                divisions::Level::Province => {
                    self.set(Rung::Province, rung.name);
                    // A municipality is its own city.
                    if rung.name.ends_with('市') && division.level != divisions::Level::Province {
                        self.set(Rung::City, rung.name);
                    }
                }
                divisions::Level::City => self.set(Rung::City, rung.name),
                divisions::Level::County => self.set(Rung::County, rung.name),
                divisions::Level::Township => self.set(Rung::Township, rung.name),
            }
        }
    }
}

impl std::fmt::Display for Address {
    /// The canonical text: all rungs run together, a municipality once.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plain_sub_number = self.get(Rung::SubNumber).filter(|text| text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let mut above = "";
        for (at, (rung, text)) in self.rungs.iter().enumerate() {
            let runs_on = self.rungs.get(at + 1).is_some_and(|(_, next)| next.starts_with(|c: char| c.is_ascii_digit()));
            match rung {
                // 3号之二301: in digits it would run together with the room.
                Rung::SubNumber if runs_on && text.starts_with('之') => f.write_str(&parts::in_words(text))?,
                Rung::City if text == above => {}
                // A number behind a number would run together with what follows: 219-2号, not 219号2.
                Rung::Number if plain_sub_number.is_some() => {
                    let (digits, word) = text.split_at(text.find('号').unwrap_or(text.len()));
                    write!(f, "{digits}-{}{word}", plain_sub_number.unwrap_or_default())?;
                }
                Rung::SubNumber if plain_sub_number.is_some() => {}
                _ => f.write_str(text)?,
            }
            above = text;
        }
        Ok(())
    }
}
