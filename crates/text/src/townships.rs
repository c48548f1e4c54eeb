//! Which township in force is meant by one that its county has under another name, or does not have any more?

use std::sync::LazyLock;

use smallvec::SmallVec;

use crate::divisions::{self, Division, Level};
use crate::table::{Table, rows, table};

/// Towns of Guangdong that went into another or to another county: the county that is told, the former town without the word for its level, and the code of
/// the township in force. Not complete: NOTICE tells what it covers.
const LIST: &str = include_str!("../../../fixtures/reference/township_changes_44.csv");

/// The codes of the townships that land belongs to today which once had a town of its own: by the county that is told, and the name of the town
/// without the word for its level.
static CHANGES: LazyLock<Table<(&'static str, &'static str), &'static str>> = LazyLock::new(|| {
    let mut changes = table(64);
    changes.extend(rows(LIST).map(|row| ((row[0], row[1]), row[2])));
    changes
});

/// Towns of the past: the code of the county of each, and its name.
type Former = SmallVec<[(&'static str, &'static str); 4]>;

/// The towns that townships in force have taken in, by the name of the township: the code of the county that has both, and the former town.
static TAKEN_IN: LazyLock<Table<&'static str, Former>> = LazyLock::new(|| {
    let mut taken_in: Table<_, Former> = table(32);
    for row in rows(LIST) {
        if let Some(township) = divisions::find(row[2]).filter(|township| township.parent == row[0]) {
            taken_in.entry(township.name).or_default().push((row[0], row[1]));
        }
    }
    taken_in
});

/// The township that a former town of the county belongs to today, whatever word for its level it is told with: of 盐步镇 in 南海区 大沥镇, of 陈江镇 in
/// 惠阳区 陈江街道 of 惠城区.
pub(crate) fn merged(county: &str, told: &str) -> Option<&'static Division> {
    CHANGES.get(&(county, divisions::short_name(told))).and_then(|code| divisions::find(code))
}

/// The former towns that a township of a county has taken in, without the words for their level: 盐步 and 黄岐 of 大沥镇.
pub(crate) fn taken_in(county: &str, township: &str) -> impl Iterator<Item = &'static str> {
    let former = TAKEN_IN.get(township).into_iter().flatten();
    former.filter(move |(of, _)| *of == county).map(|(_, former)| *former)
}

/// The township in force that a town of another time is or belongs to: one that was merged or went to another county, or that was split off with a
/// district founded since.
pub(crate) fn successor(county: &Division, told: &str) -> Option<&'static Division> {
    merged(county.code, told).or_else(|| split_off(county, told))
}

/// The township of a name, whatever the word for its level, that the county has not and one other of its city has, a district that was founded out of
/// others: it was split off with that, as 坪山 was from 龙岗区. 附城镇 of 罗定 is none that 新兴县 had.
fn split_off(county: &Division, told: &str) -> Option<&'static Division> {
    if county.level != Level::County {
        return None;
    }
    let is_in_city = |found: &&Division| divisions::find(found.parent).is_some_and(|of| of.parent == county.parent);
    let mut named = divisions::named(divisions::short_name(told)).filter(|found| found.level == Level::Township).filter(is_in_city);
    let only = named.next().filter(|only| only.parent != county.code && divisions::was_founded(only.parent))?;
    named.next().is_none().then_some(only)
}

/// The townships that a name may mean, in the division where one is told: 石湾镇 is a town of 博罗, and 石湾镇街道 of 禅城 is called so. The list has
/// those of Guangdong.
pub(crate) fn of_name(name: &str, scope: Option<&Division>) -> SmallVec<[&'static Division; 2]> {
    let is_in_scope = |found: &&Division| scope.is_none_or(|scope| divisions::is_within(found.code, scope.code));
    let mut found = SmallVec::new();
    for name in [name, divisions::short_name(name)] {
        for township in divisions::named(name).filter(|found| found.level == Level::Township).filter(is_in_scope) {
            if !found.contains(&township) {
                found.push(township);
            }
        }
    }
    found
}

/// The only township that a name may mean, in the division where one is told; without one it is called by its whole name.
pub(crate) fn only(name: &str, scope: Option<&Division>) -> Option<&'static Division> {
    match of_name(name, scope)[..] {
        [township] if scope.is_some() || township.name == name => Some(township),
        _ => None,
    }
}

/// Whether a text ends with a word for the level of a township.
pub(crate) fn is_told(name: &str) -> bool {
    ["街道", "镇", "乡"].iter().any(|level| name.ends_with(level))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_leads_from_a_county_to_a_township_of_the_list() {
        assert!(CHANGES.len() > 100);
        for ((county, former), township) in CHANGES.iter() {
            let county = divisions::find(county).expect("a division in force");
            assert!(divisions::find(township).is_some_and(|found| found.level == Level::Township), "{former}");
            // What the county has under the name is no former town.
            assert!(divisions::named(former).all(|found| found.parent != county.code), "{former}");
        }
    }

    #[test]
    fn a_township_knows_the_towns_that_it_has_taken_in() {
        let mut former: Vec<&str> = taken_in("440605", "大沥镇").collect();
        former.sort_unstable();
        assert_eq!(former, ["盐步", "黄岐"]);
        assert_eq!(taken_in("441302", "陈江街道").count(), 0);
    }

    #[test]
    fn the_only_township_of_a_name_is_known_by_it() {
        for (name, city, expected) in [
            ("虎门镇", None, Some("441900121")),
            ("石湾镇", None, None),
            ("石湾镇", Some("441300"), Some("441322121")),
            ("容桂镇", None, None),
            ("容桂镇", Some("440600"), Some("440606001")),
            ("太平镇", Some("440000"), None),
            ("虎门镇", Some("440600"), None),
        ] {
            let city = city.and_then(divisions::find);
            assert_eq!(only(name, city).map(|found| found.code), expected, "{name}");
        }
    }

    #[test]
    fn a_town_of_another_time_leads_to_the_township_of_today() {
        for (county, told, expected) in [
            ("440605", "盐步镇", Some("大沥镇")),
            ("440403", "小林镇", Some("红旗镇")),
            ("440117", "棋杆镇", Some("鳌头镇")),
            ("441900", "篁村镇", Some("南城街道")),
            ("441900", "附城镇", Some("东城街道")),
            ("441303", "陈江镇", Some("陈江街道")),
            ("440205", "犁市镇", Some("犁市镇")),
            ("440307", "坪山镇", Some("坪山街道")),
            ("440113", "大岗镇", Some("大岗镇")),
            ("440605", "大沥镇", None),
            ("445321", "附城镇", None),
        ] {
            let county = divisions::find(county).expect("a county");
            assert_eq!(successor(county, told).map(|found| found.name), expected, "{told}");
        }
    }
}
