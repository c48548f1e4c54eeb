//! With which divisions does the name of an organisation begin?

use super::parse::{is_no_trade_name, leaves_trade_name};
use super::words::LOCAL_BODIES;
use crate::divisions::{self, Division, Level};
use crate::{townships, zones};

/// The code of the division that the text is, when it is nothing else; the first of several of one name.
pub(super) fn whole_division(text: &str) -> Option<&'static str> {
    whole_place(text)?.code
}

/// The division that the text is, when it is nothing else.
pub(super) fn whole_place(text: &str) -> Option<Place<'_>> {
    let place = take_division_of(text, 0);
    (place.rest.is_empty() && !place.text.is_empty()).then_some(place)
}

/// The divisions at the beginning of a text.
pub(super) struct Place<'n> {
    /// As written.
    pub(super) text: &'n str,
    /// The code of the lowest one down to the county; the first where several have the name.
    pub(super) code: Option<&'static str>,
    /// The name of the county, where counties of several cities have it and none of them is told.
    pub(super) shared: Option<&'static str>,
    /// The full name of the town below it, or the short one of a zone that the list has not.
    pub(super) town: Option<&'static str>,
    /// The former town that is told, which is a part of that town today: 盐步 of 大沥镇.
    pub(super) former_town: Option<&'n str>,
    /// What follows.
    pub(super) rest: &'n str,
}

/// Takes the divisions off the beginning, leaving at least as many characters as are to be kept.
pub(super) fn take_division_of(core: &str, keep: usize) -> Place<'_> {
    take_divisions(core, keep, is_no_trade_name)
}

/// Takes the divisions off the beginning of the name of an authority, whose task is all that is left: of 天河区教育局 教育.
pub(super) fn take_division_of_body(core: &str) -> Place<'_> {
    take_divisions(core, 2, |_| false)
}

/// Takes the divisions off the beginning, as long as what follows is a name.
fn take_divisions(core: &str, keep: usize, is_no_name: fn(&str) -> bool) -> Place<'_> {
    let mut rest = core;
    let mut scope: Option<&'static Division> = None;
    let mut is_first = false;
    let mut zone = None;
    let mut former_town = None;
    loop {
        if let Some(found) = zone_at(rest, scope, keep) {
            (zone, scope, is_first) = (Some(found.name), Some(found.division), false);
            rest = &rest[found.length..];
            continue;
        }
        let Some((division, length)) = next_division(rest, scope, keep, is_no_name) else { break };
        let told = Some(divisions::short_name(&rest[..length])).filter(|_| division.level == Level::Township);
        former_town = told.filter(|told| !division.name.starts_with(told));
        rest = &rest[length..];
        is_first = scope.is_none();
        // A division named twice is named once.
        while let Some(after) = rest.strip_prefix(division.name).filter(|after| after.chars().count() >= keep) {
            rest = after;
        }
        scope = Some(division);
    }
    if scope.is_none()
        && let Some(after) = rest.strip_prefix("中国").filter(|after| after.chars().count() >= keep)
    {
        let text = &core[..core.len() - after.len()];
        return Place { text, code: None, shared: None, town: None, former_town: None, rest: after };
    }
    let town = scope.filter(|division| division.level == Level::Township).map(|town| town.name).or(zone);
    let shared = scope.filter(|division| is_first && namesakes(division).nth(1).is_some()).map(|county| county.name);
    let code = scope.map(|division| if division.level == Level::Township { division.parent } else { division.code });
    Place { text: &core[..core.len() - rest.len()], code, shared, town, former_town, rest }
}

/// The zone that a text begins with, in the division told before it, in front of a name: 高新区块链 begins with none. What goes by its own name alone
/// (大亚湾) needs a name of its own with its trade behind it, for its hotel is called after the sea.
fn zone_at(text: &str, scope: Option<&'static Division>, keep: usize) -> Option<zones::Zone> {
    zones::at_beginning(text, scope).filter(|zone| {
        let after = &text[zone.length..];
        let least = if text[..zone.length].ends_with('区') { keep } else { keep + 2 };
        after.chars().count() >= least && !after.starts_with(['块', '域']) && after != "管理"
    })
}

fn next_division(
    rest: &str,
    scope: Option<&'static Division>,
    keep: usize,
    is_no_name: fn(&str) -> bool,
) -> Option<(&'static Division, usize)> {
    let ends: smallvec::SmallVec<[usize; 12]> = rest.char_indices().take(16).map(|(at, c)| at + c.len_utf8()).collect();
    for &end in ends.iter().skip(1).rev() {
        let (name, after) = rest.split_at(end);
        if after.chars().count() < keep || (keep > 0 && is_no_name(after)) {
            continue;
        }
        let found = match scope {
            None => divisions::named(name)
                .filter(|found| match found.level {
                    Level::Province | Level::City => !found.is_place_of(name) || is_place_alone(found, name, after),
                    Level::County => found.is_named(name) && divisions::was_also(found, name).is_empty(),
                    Level::Township => false,
                })
                .min_by_key(|found| found.level)
                .map(|found| namesakes(found).find(|county| begins_with_town(after, county)).unwrap_or(found))
                .or_else(|| only_township(name))
                .or_else(|| only_township_in_short(name, after)),
            Some(scope) => divisions::named(name)
                .filter(|found| found.level > scope.level && divisions::is_within(found.code, scope.code))
                // 佛山顺德 of a branch is 顺德.
                .find(|found| found.is_named(name) || leaves_trade_name(after) || keep == 0 && after.is_empty())
                .or_else(|| township_today(name, scope))
                .or_else(|| if townships::is_told(name) { townships::successor(scope, name) } else { None }),
        };
        if let Some(division) = found.or_else(|| successor_of(name, scope)).or_else(|| new_district(name, scope)) {
            return Some((division, end));
        }
    }
    None
}

/// Whether the place of an autonomous prefecture begins the name and no other division or word does: 大理石 is a stone.
fn is_place_alone(found: &Division, name: &str, after: &str) -> bool {
    divisions::is_sure(found, name) && !(name == "大理" && after.starts_with('石'))
}

/// The counties of this whole name.
pub(super) fn counties_named(name: &'static str) -> impl Iterator<Item = &'static Division> {
    divisions::named(name).filter(move |found| found.level == Level::County && found.name == name)
}

/// The counties of the name of this one, itself among them; none for a higher division.
fn namesakes(county: &Division) -> impl Iterator<Item = &'static Division> {
    let name = (county.level == Level::County).then_some(county.name);
    name.into_iter().flat_map(counties_named)
}

/// Whether a text begins with the name of a town of the county.
fn begins_with_town(text: &str, county: &Division) -> bool {
    divisions::children(county.code).any(|town| text.starts_with(town.name))
}

/// The only town or township of this name without the word for its level, in front of what every town has: 那务卫生院.
fn only_township_in_short(name: &str, after: &str) -> Option<&'static Division> {
    if !LOCAL_BODIES.iter().any(|body| after.starts_with(body)) {
        return None;
    }
    let mut towns = divisions::named(name).filter(|found| found.level == Level::Township && found.name != name);
    let only = towns.next()?;
    towns.next().is_none().then_some(only)
}

/// The only town or township of this whole name: 望埠镇. 街道 and names that several have are no division by themselves.
fn only_township(name: &str) -> Option<&'static Division> {
    if name.ends_with(['镇', '乡']) { townships::only(name, None) } else { None }
}

/// The only township below the division that has the name of a town and another level by now: 容桂镇 of 顺德 is 容桂街道.
fn township_today(name: &str, scope: &Division) -> Option<&'static Division> {
    let stem = divisions::short_name(name);
    let is_town = stem.len() < name.len() && ["街道", "镇", "乡"].iter().any(|level| name.ends_with(level));
    let in_scope = |found: &&'static Division| found.level == Level::Township && divisions::is_within(found.code, scope.code);
    let mut towns = divisions::named(stem).filter(|_| is_town).filter(in_scope);
    let only = towns.next()?;
    towns.next().is_none().then_some(only)
}

/// The district that the new zone of this name became: 光明区 of 光明新区. 三水新区 is a part of 三水区, which is older.
fn new_district(name: &str, scope: Option<&'static Division>) -> Option<&'static Division> {
    let district = zones::district(name.strip_suffix("新区")?, scope)?;
    divisions::was_founded(district.code).then_some(district)
}

/// What took the place of the former county or city of this name, when that is certain: 顺德市 is 顺德区 of Foshan.
fn successor_of(name: &str, scope: Option<&'static Division>) -> Option<&'static Division> {
    if !name.ends_with(['市', '县', '区']) || divisions::named(name).next().is_some() {
        return None;
    }
    let within = |division: &&'static Division| scope.is_none_or(|scope| divisions::is_within(division.code, scope.code));
    let mut successors = divisions::formerly_named(name).filter_map(|(_, successor)| successor).filter(within);
    let first = successors.next()?;
    successors.all(|other| other.code == first.code).then_some(first)
}
