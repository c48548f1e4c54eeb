//! Which divisions does an address begin with?

use super::words::Characters;
use super::{Address, Remark, Rung};
use crate::divisions::{self, Division, Level};
use crate::{townships, zones};

/// The longest division name worth looking up, in characters.
const LONGEST_NAME: usize = 16;

/// Words that make a place of what stands before them: 广州大道 is no Guangzhou.
const PLACE_WORDS: [&str; 22] = [
    "大道", "大街", "大厦", "大桥", "路", "街", "巷", "道", "里", "弄", "桥", "花园", "广场", "小区", "新村", "公园", "大楼", "站", "酒店",
    "学院", "大学", "港",
];

/// Takes the divisions off the beginning of the text; the rest is returned. Every level may be missing.
pub(super) fn take_divisions<'t>(address: &mut Address, text: &'t str, hint: Option<&'static Division>) -> &'t str {
    let mut rest = text;
    let mut scope: Option<&'static Division> = None;
    loop {
        if let Some(zone) = zones::at_beginning(rest, scope).filter(|zone| !is_road_of(&rest[zone.length..])) {
            address.settle(zone.division);
            address.set(Rung::Township, zone.name);
            scope = Some(zone.division);
            rest = &rest[zone.length..];
            break;
        }
        for word in ["中国", "中华人民共和国", "市辖区", "省直辖县级行政区划", "自治区直辖县级行政区划"] {
            if let Some(after) = rest.strip_prefix(word)
                && (scope.is_some() == word.ends_with(['区', '划']))
            {
                rest = after;
            }
        }
        let Some(step) = next_division(address, rest, scope, hint) else { break };
        match step {
            Step::Found(division, length) => {
                address.settle(division);
                scope = Some(division);
                rest = &rest[length..];
            }
            Step::Skip(length) => rest = &rest[length..],
            Step::Undecided(length) => {
                rest = &rest[length..];
                break;
            }
        }
    }
    if scope.is_none()
        && address.candidates.is_empty()
        && let Some(division) = hint
    {
        address.settle(division);
        scope = Some(division);
    }
    if scope.is_none_or(|division| division.level < Level::County)
        && address.get(Rung::County).is_none()
        && let Some(after) = take_town_alone(address, rest, scope)
    {
        return after;
    }
    let below_county = scope.is_some_and(|division| division.level >= Level::City) || address.get(Rung::County).is_some();
    let rest = if below_county { take_township(address, rest, scope) } else { rest };
    if address.get(Rung::Township).is_some() {
        return rest;
    }
    let after = take_zone(address, rest);
    // 佛山高新区狮山镇: the zone lies in several districts, and the town in one of them.
    let city = scope.filter(|_| after.len() < rest.len() && address.get(Rung::County).is_none());
    city.and_then(|city| take_town_of_zone(address, after, city)).unwrap_or(after)
}

/// Takes a town that is told without its county: it is in that of the only town of the name, in the province or city where one is told; of several of
/// one name which one is not known.
fn take_town_alone<'t>(address: &mut Address, rest: &'t str, scope: Option<&'static Division>) -> Option<&'t str> {
    prefix_lengths_of(rest, divisions::name_lengths(rest)).find_map(|length| {
        let (name, after) = rest.split_at(length);
        if !townships::is_told(name) {
            return None;
        }
        match townships::only(name, scope) {
            Some(town) => address.settle(town),
            None if townships::of_name(name, scope).is_empty() => return None,
            None => address.set(Rung::Township, name.to_owned()),
        }
        Some(after)
    })
}

/// Takes the town behind a zone: 湛江经济技术开发区东山镇 is 东山街道 of 麻章区.
fn take_town_of_zone<'t>(address: &mut Address, rest: &'t str, city: &'static Division) -> Option<&'t str> {
    let end = ["街道", "镇", "乡"].iter().filter_map(|level| Some(rest.find(level)? + level.len())).min()?;
    let (told, after) = rest.split_at(end);
    address.settle(townships::only(told, Some(city)).or_else(|| townships::merged(city.code, told))?);
    Some(after)
}

/// Development zones stand where a township does, though no list has them: 空港经济区; in short, and without a name of its own what goes by that of its
/// city or county (佛山高新区).
fn take_zone<'t>(address: &mut Address, rest: &'t str) -> &'t str {
    const OTHERS: [(&str, &str); 2] = [("管理区", "管理区"), ("经济区", "经济区")];
    let characters = Characters::of(rest);
    for (word, short) in zones::KINDS.into_iter().chain(OTHERS) {
        let Some(at) = characters.find(rest, word) else { continue };
        let (name, after) = (&rest[..at], &rest[at + word.len()..]);
        let plain = name.chars().count() <= 4
            && !name.contains(|c: char| c.is_ascii_digit() || matches!(c, '路' | '街' | '号' | '村' | '巷' | '道'));
        if plain && address.code.is_some() && !is_road_of(after) {
            address.set(Rung::Township, format!("{name}{short}"));
            return after;
        }
    }
    rest
}

enum Step {
    /// Names a division.
    Found(&'static Division, usize),
    /// Names nothing new.
    Skip(usize),
    /// Names one of several divisions.
    Undecided(usize),
}

/// The byte lengths of the first two to sixteen characters, the longest first.
fn prefix_lengths(text: &str) -> impl Iterator<Item = usize> {
    prefix_lengths_of(text, u32::MAX)
}

/// Those of them of which as many characters are among these: a bit for each count.
fn prefix_lengths_of(text: &str, counts: u32) -> impl Iterator<Item = usize> {
    let mut ends = [0; LONGEST_NAME + 1];
    let mut count = 0;
    for (at, c) in text.char_indices().take(LONGEST_NAME) {
        if c.is_ascii_digit() {
            break;
        }
        count += 1;
        ends[count] = at + c.len_utf8();
    }
    (2..=count).rev().filter(move |characters| (counts >> characters) & 1 == 1).map(move |characters| ends[characters])
}

fn next_division(address: &mut Address, rest: &str, scope: Option<&'static Division>, hint: Option<&'static Division>) -> Option<Step> {
    if let Some(scope) = scope.filter(|division| division.level >= Level::County) {
        // 广州市天河区广州市天河区: told twice.
        let ladder = divisions::ladder(scope.code);
        let is_told = |length: &usize| ladder.iter().any(|above| above.is_named(&rest[..*length])) && !is_place(&rest[*length..]);
        let again = prefix_lengths_of(rest, divisions::name_lengths(rest)).find(is_told)?;
        address.remark(Remark::DuplicateDivision);
        return Some(Step::Skip(again));
    }
    for length in prefix_lengths_of(rest, divisions::name_lengths(rest)) {
        let (name, after) = rest.split_at(length);
        if let Some(step) = new_district(address, name, after, scope) {
            return Some(step);
        }
        let mut fitting: smallvec::SmallVec<[&'static Division; 4]> = divisions::named(name)
            .filter(|found| found.level != Level::Township && (found.is_named(name) || !is_place(after)))
            // 东区街道 is a sub-district, whatever county is called 东区 elsewhere.
            .filter(|found| is_complete(found, name, after) && !after.starts_with("街道"))
            .collect();
        if fitting.is_empty() {
            continue;
        }
        if let Some(scope) = scope {
            if scope.name == name || divisions::ladder(scope.code).iter().any(|above| above.is_named(name)) {
                let municipality = scope.level == Level::Province && name.ends_with('市');
                if !municipality {
                    address.remark(Remark::DuplicateDivision);
                }
                return Some(Step::Skip(length));
            }
            let outside = fitting.clone();
            fitting.retain(|found| found.level > scope.level && divisions::is_within(found.code, scope.code));
            if fitting.is_empty() {
                // The city may have had a county of this name once, as another has now.
                if let Some(step) = historical(address, rest, Some(scope)) {
                    return Some(step);
                }
                let county = outside.iter().find(|found| found.level == Level::County && found.is_named(name))?;
                address.remark(Remark::CountyParentConflict);
                address.set(Rung::County, county.name);
                return Some(Step::Skip(length));
            }
        }
        if scope.is_none() {
            if let Some(step) = place_of(&mut fitting, name, after, hint) {
                return Some(step);
            }
            let former: smallvec::SmallVec<[_; 2]> = fitting.iter().flat_map(|found| divisions::was_also(found, name)).collect();
            fitting.extend(former);
            if fitting.is_empty() {
                continue;
            }
        }
        // A higher division is meant before a lower one of the same name (吉林 the province, not the city).
        let highest = fitting.iter().map(|found| found.level).min()?;
        fitting.retain(|found| found.level == highest);
        if fitting.len() > 1
            && let Some(hint) = hint
            && let Some(hinted) = fitting.iter().find(|found| divisions::is_within(hint.code, found.code))
        {
            return Some(Step::Found(hinted, length));
        }
        if fitting.len() > 1
            && let Some(telling) = fitting.iter().find(|found| divisions::children(found.code).any(|child| after.starts_with(child.name)))
        {
            return Some(Step::Found(telling, length));
        }
        if fitting.len() > 1 {
            address.remark(Remark::AmbiguousDivision);
            address.candidates.extend(fitting);
            address.set(Rung::County, name.to_owned());
            return Some(Step::Undecided(length));
        }
        return Some(Step::Found(fitting[0], length));
    }
    historical(address, rest, scope)
}

/// Without a province or city before it the place of an autonomous division (三江, 湘西) is that division where one of its own follows, or the
/// record tells so elsewhere; else what is called so besides goes first, and alone it counts in front of a town.
fn place_of(
    fitting: &mut smallvec::SmallVec<[&'static Division; 4]>,
    name: &str,
    after: &str,
    hint: Option<&'static Division>,
) -> Option<Step> {
    if !fitting.iter().any(|found| found.is_place_of(name)) {
        return None;
    }
    let begins = |part: &Division| after.starts_with(part.name) || after.starts_with(divisions::short_name(part.name));
    let leads_on = |found: &Division| divisions::children(found.code).any(begins);
    let is_told = |found: &Division| hint.is_some_and(|hint| divisions::is_within(hint.code, found.code));
    if let Some(found) = fitting.iter().find(|found| found.is_place_of(name) && (leads_on(found) || is_told(found))) {
        return Some(Step::Found(found, name.len()));
    }
    let is_free = after.is_empty() || begins_with_town(after);
    fitting.retain(|found| !found.is_place_of(name) || is_free && divisions::is_sure(found, name));
    None
}

/// Whether a town or sub-district follows, by the word for its level.
fn begins_with_town(text: &str) -> bool {
    let name = |end: usize| {
        let plain = |c: char| crate::characters::is_han(c) && !matches!(c, '路' | '街' | '号' | '村' | '巷' | '道');
        (2..=5).contains(&text[..end].chars().count()) && text[..end].chars().all(plain)
    };
    ["街道", "镇", "乡", "苏木"].iter().any(|word| text.find(word).is_some_and(name))
}

/// 光明新区 became 光明区: a district of the city whose name the former management zone had.
fn new_district(address: &mut Address, name: &str, after: &str, scope: Option<&'static Division>) -> Option<Step> {
    if !after.starts_with("新区") || scope.is_some_and(|scope| scope.level >= Level::County) {
        return None;
    }
    let district = zones::district(name, scope)?;
    address.remark(Remark::HistoricalDivision);
    Some(Step::Found(district, name.len() + "新区".len()))
}

/// A short name stands for its division only when what follows does not continue another word (顺德市 is not 顺德区).
fn is_complete(found: &Division, name: &str, after: &str) -> bool {
    found.is_named(name)
        || !(after.starts_with(['省', '市', '县', '区', '盟', '旗'])
            || after.starts_with("地区")
            || (found.level == Level::County || found.is_place_of(name)) && after.starts_with(['村', '镇', '乡', '社', '街'])
            || name == "大理" && after.starts_with('石'))
}

/// Whether a place word follows, perhaps after a direction or a number (中山五路, 北京东路).
fn is_place(after: &str) -> bool {
    begins_with_word(after, &PLACE_WORDS)
}

/// Whether a road is called after what stands before it: 开发区大道, 大亚湾二路.
fn is_road_of(after: &str) -> bool {
    begins_with_word(after, &["大道", "大街", "路", "街", "巷", "道"])
}

fn begins_with_word(after: &str, words: &[&str]) -> bool {
    let mut rest = after;
    for _ in 0..3 {
        if words.iter().any(|word| rest.starts_with(word)) {
            return true;
        }
        match rest.chars().next() {
            Some(c)
                if matches!(c, '东' | '西' | '南' | '北' | '中' | '新' | '上' | '下' | '大') || crate::numerals::is_chinese_numeral(c) =>
            {
                rest = &rest[c.len_utf8()..]
            }
            _ => return false,
        }
    }
    false
}

/// Whether the text is a road by itself: 同庆路, 南海大道北, but not 东路 or 一街, which continue the name before them.
pub(super) fn is_road(text: &str) -> bool {
    let road = text.strip_suffix(['东', '西', '南', '北', '中']).unwrap_or(text);
    let stem = road.strip_suffix(['路', '街', '巷']).or_else(|| road.strip_suffix("大道"));
    stem.is_some_and(|stem| stem.chars().nth(1).is_some()) && !is_place(text)
}

/// Whether the text is a street as every market town has one: 中街. A city calls no road after another town so.
pub(super) fn is_market_street(text: &str) -> bool {
    ["中街", "正街", "上街", "下街", "老街", "旧街", "横街", "直街"].contains(&text)
}

/// A county named after its former prefecture (惠阳地区东莞县), whatever took the prefecture's place.
fn in_former_prefecture(rest: &str, scope: Option<&'static Division>) -> Option<(&'static Division, usize)> {
    const WORD: &str = "地区";
    let end = prefix_lengths(rest).find(|length| rest[..*length].ends_with(WORD))?;
    let (name, after) = rest.split_at(end);
    let in_scope = |code: &str| scope.is_none_or(|scope| code.starts_with(&scope.code[..2]));
    let prefectures: smallvec::SmallVec<[&str; 2]> =
        divisions::formerly_named(name).map(|(former, _)| &former.code[..4]).filter(|digits| in_scope(digits)).collect();
    prefix_lengths(after).find_map(|length| {
        let county = &after[..length];
        let mut successors = divisions::formerly_named(county)
            .filter(|(former, _)| prefectures.contains(&&former.code[..4]))
            .filter_map(|(_, successor)| successor);
        let first = successors.next()?;
        successors.all(|other| other.code == first.code).then_some((first, end + length))
    })
}

fn historical(address: &mut Address, rest: &str, scope: Option<&'static Division>) -> Option<Step> {
    if let Some((division, length)) = in_former_prefecture(rest, scope) {
        address.remark(Remark::HistoricalDivision);
        return Some(Step::Found(division, length));
    }
    for length in prefix_lengths(rest).filter(|length| *length >= 6) {
        let name = &rest[..length];
        if !name.ends_with(['市', '县', '区']) || !name.is_char_boundary(length) {
            continue;
        }
        let digits = match scope {
            Some(Division { level: Level::Province, code, .. }) => &code[..2],
            Some(Division { code, .. }) => &code[..4],
            None => "",
        };
        let mut successors: smallvec::SmallVec<[&'static Division; 2]> = smallvec::SmallVec::new();
        let mut known = false;
        for (former, successor) in divisions::formerly_named(name) {
            if former.code.starts_with(digits) || successor.is_some_and(|division| division.code.starts_with(digits)) {
                known = true;
                if let Some(division) = successor
                    && !successors.contains(&division)
                {
                    successors.push(division);
                }
            }
        }
        if !known {
            continue;
        }
        address.remark(Remark::HistoricalDivision);
        return Some(match successors[..] {
            [division] => Step::Found(division, length),
            _ => {
                address.set(Rung::County, name.to_owned());
                address.candidates.extend(successors);
                Step::Skip(length)
            }
        });
    }
    None
}

/// Takes the township: by the list where there is one, else by the words townships end with.
fn take_township<'t>(address: &mut Address, rest: &'t str, scope: Option<&'static Division>) -> &'t str {
    if scope.is_some_and(|division| division.level == Level::Township) {
        return rest;
    }
    let parent = scope.map_or("", |division| division.code);
    let names = divisions::name_lengths(rest);
    for length in prefix_lengths_of(rest, names | (names << 1)) {
        let (name, after) = rest.split_at(length);
        // 街 is short for 街道: 大石街 is listed as 大石街道, known as 大石 too. Where a city has no districts its sub-districts were called so: 南城区 of Dongguan.
        let name = match name.strip_suffix(['街', '区']) {
            Some(stem) if !after.starts_with('道') => stem,
            _ => name,
        };
        let in_scope = |found: &&'static Division| found.level == Level::Township && found.parent == parent;
        let listed = divisions::named(name)
            .filter(in_scope)
            .find(|found| found.name == name || (name.len() < length && found.name.ends_with("街道")));
        if let Some(township) = listed {
            address.set(Rung::Township, township.name);
            return after.strip_prefix("办事处").unwrap_or(after);
        }
    }
    let characters = Characters::of(rest);
    for suffix in ["街道办事处", "街道办", "街道", "镇", "乡", "苏木"] {
        let Some(at) = characters.find(rest, suffix).filter(|&at| at > 0) else { continue };
        let (name, after) = (&rest[..at], &rest[at + suffix.len()..]);
        // 街口镇 became 街口街道: the county has the name.
        let is_known = || divisions::named(name).any(|found| found.level == Level::Township && found.parent == parent);
        let plain = name.chars().count() <= 6
            && !name.contains(|c: char| c.is_ascii_digit() || matches!(c, '路' | '号' | '村' | '巷'))
            && (!name.contains('街') || is_known())
            && !zones::KINDS.iter().any(|(word, _)| name.contains(word));
        if !plain || name.chars().count() == 1 && suffix == "乡" {
            continue;
        }
        let word = if suffix.starts_with("街道") { "街道" } else { suffix };
        let told = format!("{name}{word}");
        let successor = scope.and_then(|county| townships::successor(county, &told));
        // Behind a name that no list has, 中街 and 大道 make a road of it.
        if successor.is_none() && is_place(after) && !is_known() {
            continue;
        }
        match successor.filter(|township| Some(township.parent) != scope.map(|county| county.code)) {
            Some(township) => address.move_to(township),
            None => address.set(Rung::Township, told),
        }
        return after;
    }
    rest
}
