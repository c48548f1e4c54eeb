//! What are autonomous prefectures, counties and banners called in daily use, whose names in full tell the peoples that live there?

use std::sync::LazyLock;

use smallvec::SmallVec;

use crate::table::rows;

/// Short names that follow from no rule, and divisions of other kinds that have such a one. 巴州 is a district of Bazhong too.
const UNRULY: [(&str, &str); 8] = [
    ("巴音郭楞蒙古自治州", "巴州"),
    ("克孜勒苏柯尔克孜自治州", "克州"),
    ("博尔塔拉蒙古自治州", "博州"),
    ("前郭尔罗斯蒙古族自治县", "前郭县"),
    ("喀喇沁左翼蒙古族自治县", "喀左县"),
    ("和布克赛尔蒙古自治县", "和丰县"),
    ("莫力达瓦达斡尔族自治旗", "莫旗"),
    ("达尔罕茂明安联合旗", "达茂旗"),
];

/// The peoples as the names of their divisions tell them: 瑶族, 哈萨克族 and 哈萨克, and 各族 for all of them.
static PEOPLES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let listed = rows(include_str!("../../../fixtures/reference/ethnic_groups.csv")).filter_map(|row| row.get(3).copied());
    let peoples = listed.filter(|name| name.ends_with('族'));
    let spoken = |name: &'static str| name.strip_suffix('族').filter(|short| short.chars().nth(1).is_some());
    peoples.flat_map(|name| [Some(name), spoken(name)]).flatten().chain(["各族"]).collect()
});

/// The place in the name of an autonomous division, and the word for its level: 连南 and 县 of 连南瑶族自治县. Of 鄂伦春自治旗 and 东乡族自治县 the people
/// is the place.
///
/// Source: the names of the list of divisions (GB/T 2260) are place + peoples (GB/T 3304) + 自治州, 自治县 or 自治旗.
pub(crate) fn place(name: &str) -> Option<(&str, &'static str)> {
    let (mut place, level) =
        [("自治县", "县"), ("自治州", "州"), ("自治旗", "旗")].iter().find_map(|(end, level)| Some((name.strip_suffix(end)?, *level)))?;
    while let Some(rest) = without_a_people(place) {
        place = rest;
    }
    Some((place.strip_suffix('族').unwrap_or(place), level))
}

/// The text without the people that it ends with, when something is left.
fn without_a_people(place: &str) -> Option<&str> {
    let rests = PEOPLES.iter().filter_map(|people| place.strip_suffix(people));
    rests.filter(|rest| rest.chars().nth(1).is_some()).min_by_key(|rest| rest.len())
}

/// Whether an autonomous division goes by this name with the word for its level, without its peoples: 连南县 and 连南自治县 are 连南瑶族自治县.
pub(crate) fn goes_by(full: &str, name: &str) -> bool {
    let Some((place, level)) = place(full) else { return false };
    name.strip_prefix(place).is_some_and(|rest| rest == level || rest.strip_prefix("自治") == Some(level))
}

/// The names that a division goes by beside the one in full: 连南县, 连南自治县 and 连南.
pub(crate) fn customary(full: &'static str) -> SmallVec<[&'static str; 4]> {
    let mut names = SmallVec::new();
    if let Some((place, level)) = place(full) {
        // Once for each of 150 divisions, for as long as the list itself.
        names.extend([format!("{place}{level}"), format!("{place}自治{level}")].map(|name| &*name.leak()));
        names.push(place);
        names.retain(|name| *name != full);
    }
    names.extend(UNRULY.iter().filter(|(long, _)| *long == full).map(|(_, short)| *short));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peoples_are_no_part_of_the_place() {
        for (full, expected, level) in [
            ("连南瑶族自治县", "连南", "县"),
            ("连山壮族瑶族自治县", "连山", "县"),
            ("双江拉祜族佤族布朗族傣族自治县", "双江", "县"),
            ("龙胜各族自治县", "龙胜", "县"),
            ("三都水族自治县", "三都", "县"),
            ("东乡族自治县", "东乡", "县"),
            ("积石山保安族东乡族撒拉族自治县", "积石山", "县"),
            ("前郭尔罗斯蒙古族自治县", "前郭尔罗斯", "县"),
            ("塔什库尔干塔吉克自治县", "塔什库尔干", "县"),
            ("湘西土家族苗族自治州", "湘西", "州"),
            ("克孜勒苏柯尔克孜自治州", "克孜勒苏", "州"),
            ("西双版纳傣族自治州", "西双版纳", "州"),
            ("鄂伦春自治旗", "鄂伦春", "旗"),
            ("鄂温克族自治旗", "鄂温克", "旗"),
            ("莫力达瓦达斡尔族自治旗", "莫力达瓦", "旗"),
        ] {
            assert_eq!(place(full), Some((expected, level)), "{full}");
            assert!(goes_by(full, &format!("{expected}{level}")) && goes_by(full, &format!("{expected}自治{level}")), "{full}");
            assert!(!goes_by(full, expected), "{full}");
        }
        for other in ["内蒙古自治区", "龙门县", "鄂托克旗", "自治县"] {
            assert_eq!(place(other).filter(|(place, _)| !place.is_empty()), None, "{other}");
        }
    }

    #[test]
    fn every_autonomous_division_of_the_list_goes_by_its_place() {
        let names = rows(include_str!("../../../fixtures/reference/divisions.csv")).map(|row| row[1]).filter(|name| name.contains("自治"));
        let mut count = 0;
        for full in names.filter(|name| !name.ends_with("自治区")) {
            let (place, level) = place(full).unwrap_or_else(|| panic!("{full}"));
            assert!(place.chars().nth(1).is_some() && !place.ends_with('族'), "{full}");
            assert!(crate::divisions::named(&format!("{place}{level}")).any(|found| found.name == full), "{full}");
            count += 1;
        }
        assert_eq!(count, 150);
    }
}
