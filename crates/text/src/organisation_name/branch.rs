//! Of which organisation is a name the branch, and which of its branches?

use std::borrow::Cow;

use super::parse::{OrganisationName, parse};
use super::place::{take_division_of, whole_division};
use super::words::{BRANCHES, CHAIN_ENDS, OWN_BODIES, PARENT_ENDS, SHOP_ENDS, STORE};
use crate::divisions::{self, Division, Level};
use crate::numerals;

/// The name above all branches.
pub(super) fn root(mut name: &str) -> &str {
    while let Some((parent, _, _)) = split_branch(name) {
        name = parent;
    }
    name
}

pub(super) fn split_branch(name: &str) -> Option<(&str, &str, &str)> {
    let form = BRANCHES.iter().find(|suffix| name.ends_with(*suffix))?;
    let head = &name[..name.len() - form.len()];
    if *form == STORE {
        return split_store(name, head);
    }
    // A shop is no parent of what sells or serves beside it (…超市经营部), but of what is called its part.
    let shops = if form.starts_with('分') || OWN_BODIES.contains(form) { SHOP_ENDS } else { &[] };
    let end = PARENT_ENDS.iter().chain(shops).filter_map(|end| head.rfind(end).map(|at| at + end.len())).max();
    let end = end.filter(|end| name[..*end].chars().nth(3).is_some()).or_else(|| match *form {
        "分公司" => place_at_end(head),
        PART => end_of_chain(head).or_else(|| end_of_brand(head)).or_else(|| before_last_two(head)),
        _ => None,
    })?;
    Some((&name[..end], &name[end..], &name[name.len() - form.len()..]))
}

/// The company or chain of a store, its own part and the word for it: 有限公司天河一店, 便利店天河店. What a company's name has behind its form is a part of it; of a shop
/// (酒店用品店) only what tells a place or a count.
fn split_store<'n>(name: &'n str, head: &'n str) -> Option<(&'n str, &'n str, &'n str)> {
    let company = head.rfind("公司").map(|at| at + "公司".len()).filter(|end| name[..*end].chars().nth(3).is_some());
    let end = company.or_else(|| end_of_chain(head)).or_else(|| end_of_brand(head))?;
    let (parent, branch) = name.split_at(end);
    (branch.len() > STORE.len() && branch != "总店").then(|| (parent, branch, &name[name.len() - STORE.len()..]))
}

/// What a shop calls the others of its name.
const PART: &str = "分店";

/// Where the name of a chain of shops ends in front of what one of its stores is told by.
fn end_of_chain(head: &str) -> Option<usize> {
    let end = CHAIN_ENDS.iter().filter_map(|end| head.rfind(end).map(|at| at + end.len())).max()?;
    (head[..end].chars().nth(3).is_some() && tells_which_store(&head[end..])).then_some(end)
}

/// Where a brand of three characters or more ends in front of the county, town or road that one of its stores is told by: 钱大妈 of 钱大妈五山一.
fn end_of_brand(head: &str) -> Option<usize> {
    let place = head.trim_end_matches(is_count).trim_end_matches('第').trim_end_matches(['路', '街']);
    let is_place = |text: &str| {
        text.chars().nth(1).is_some()
            && (whole_division(text).is_some() || divisions::named(text).any(|found| found.level == Level::Township))
    };
    let starts = place.char_indices().map(|(at, _)| at).skip(3);
    starts.into_iter().find(|&at| is_place(&place[at..])).filter(|&at| whole_division(&place[..at]).is_none())
}

/// Where the last two characters begin, of which a place that no list has is mostly made: 大参林 of 大参林油城.
fn before_last_two(head: &str) -> Option<usize> {
    let stem = head.trim_end_matches(is_count).trim_end_matches('第');
    let (at, _) = stem.char_indices().rev().nth(1)?;
    stem[..at].chars().nth(2).is_some().then_some(at)
}

fn is_count(c: char) -> bool {
    numerals::is_chinese_numeral(c) || c.is_ascii_digit() || c == '号'
}

/// Whether a place or a count is what a store is told by: 天河一, 天河路, 12.
fn tells_which_store(own: &str) -> bool {
    let ends = own.char_indices().map(|(at, c)| at + c.len_utf8()).skip(1).take(3);
    own.ends_with(is_count) || own.ends_with(['路', '街']) || ends.into_iter().any(|end| divisions::named(&own[..end]).next().is_some())
}

/// Where the division begins that a text ends with: 深圳 of 云山科技深圳, whose company leaves its form out.
fn place_at_end(text: &str) -> Option<usize> {
    text.char_indices().map(|(at, _)| at).skip(4).find(|&at| text[at..].chars().nth(1).is_some() && whole_division(&text[at..]).is_some())
}

/// What stands behind the form of a company, where its name should end, and is no branch of more than a word: 控股 of 云山有限公司控股, 工会 of
/// 云山有限公司工会. Whoever wrote it meant another name, or a part of the company. Takes a comparison key.
#[must_use]
pub fn tail(key: &str) -> Option<&str> {
    if let Some((_, branch, _)) = split_branch(key) {
        return Some(branch).filter(|branch| branch.chars().nth(2).is_none());
    }
    let ends = ["有限公司", "股份公司", "集团公司", "总公司"].iter().filter_map(|form| key.rfind(form).map(|at| at + form.len()));
    Some(&key[ends.max()?..]).filter(|tail| !tail.is_empty())
}

/// Takes the brackets away that some write around a branch or a store: of …公司（天河分公司） the key is …公司天河分公司.
pub(super) fn free_branch(key: &mut String) {
    let Some(open) = key.strip_suffix('）').and_then(|rest| rest.rfind('（')) else { return };
    let inside = &key[open + '（'.len_utf8()..key.len() - '）'.len_utf8()];
    let is_branch = BRANCHES.iter().any(|form| inside.ends_with(form)) && PARENT_ENDS.iter().any(|end| key[..open].ends_with(end))
        || inside.strip_suffix(STORE).is_some_and(tells_which_store);
    if is_branch {
        *key = format!("{}{inside}", &key[..open]);
    } else if let Some(own) = inside.strip_suffix(STORE).filter(|own| own.chars().nth(1).is_some() && key[..open].ends_with(STORE)) {
        // 阿强烧腊店（富华店）
        *key = format!("{}{own}{PART}", &key[..open]);
    }
}

/// Names the division of a branch alone and short, with the town where one is told: of …公司广州市天河区分公司 the key is …公司天河分公司, of …公司东莞市长安镇分公司
/// …公司东莞长安分公司; and stores in one way: 天河第一分店 is 天河1店.
pub(super) fn shorten_branch(key: &mut String) {
    let Some((parent, branch, form)) = split_branch(key) else { return count_last(key) };
    let own = &branch[..branch.len() - form.len()];
    let place = take_division_of(own, 0);
    if !place.rest.trim_matches(is_count).is_empty() && place.town.is_none() && place.code.is_some_and(|code| is_own_city(code, parent)) {
        // 茂名油城 of a company of Maoming is 油城.
        *key = format!("{parent}{}{form}", place.rest);
    } else if let Some(division) = place.code.and_then(divisions::find) {
        let town = place.former_town.or(place.town.map(divisions::short_name)).unwrap_or_default();
        *key = format!("{parent}{}{town}{}{form}", divisions::short_name(division.name), place.rest);
    } else if let Some(county) = county_of_town(own, parent) {
        *key = format!("{parent}{}{}{form}", divisions::short_name(county.name), divisions::short_name(own));
    }
    if key.ends_with(STORE) {
        write_store_out(key);
    }
}

/// Whether a division is the city or province that the name of the parent begins with.
fn is_own_city(code: &str, parent: &str) -> bool {
    code.ends_with("00") && parse(parent).division_code.is_some_and(|own| divisions::is_within(own, code))
}

/// The county of the town that a branch is called after and by nothing else, where no other division has the name and the parent is of the same county,
/// city or province: 番禺区 of …大石分公司 of a company of Guangzhou.
fn county_of_town(own: &str, parent: &str) -> Option<&'static Division> {
    let mut named = divisions::named(own);
    let town = named.next().filter(|town| town.level == Level::Township)?;
    let is_only = named.next().is_none() && parse(parent).division_code.is_some_and(|of| divisions::is_within(town.code, of));
    divisions::find(town.parent).filter(|_| is_only)
}

/// Writes a store in one way, its count in digits: 天河一店, 天河第一分店 and 天河第1店 are 天河1店. What a shop has besides (…中心分店) is its 分店.
fn write_store_out(key: &mut String) {
    let Some((parent, ..)) = split_branch(key) else { return };
    let length = parent.len();
    let end = key.len() - if key.ends_with(PART) { PART.len() } else { STORE.len() };
    let own = &key[length..end];
    let start = length + own.trim_end_matches(|c: char| numerals::is_chinese_numeral(c) || c.is_ascii_digit()).len();
    let count = &key[start..end];
    let before = if count.is_empty() { &key[..start] } else { key[..start].strip_suffix('第').unwrap_or(&key[..start]) };
    let store = match numerals::value(count) {
        Some(number) => format!("{before}{number}{STORE}"),
        None => format!("{before}{count}{STORE}"),
    };
    if split_branch(&store).is_some_and(|(parent, ..)| parent.len() == length) {
        *key = store;
    }
}

/// Writes in digits what counts a shop of a name: 好邻便利二店 is 好邻便利2店. Of 张三店 it is the name.
fn count_last(key: &mut String) {
    let Some(own) = key.strip_suffix(STORE) else { return };
    let start = own.trim_end_matches(numerals::is_chinese_numeral).len();
    let is_count = own[start..].chars().all(|c| "一二三四五六七八九十".contains(c)) && key[..start].chars().nth(3).is_some();
    if let Some(number) = numerals::value(&own[start..]).filter(|_| is_count) {
        key.replace_range(start..key.len() - STORE.len(), &number.to_string());
    }
}

/// The code of the division that a branch is called after and by nothing else: 440600 of …公司佛山分公司.
#[must_use]
pub fn branch_place(parts: &OrganisationName<'_>) -> Option<&'static str> {
    whole_division(parts.branch?.strip_suffix(parts.form)?)
}

/// What a branch is told from others of its parent by, in one way for stores and offices, which companies register alike: 祖庙店 is 祖庙分公司.
#[must_use]
pub fn branch_key<'n>(parts: &OrganisationName<'n>) -> Option<Cow<'n, str>> {
    let branch = parts.branch?;
    let store = branch.strip_suffix(STORE);
    Some(store.map_or(Cow::Borrowed(branch), |own| Cow::Owned(format!("{own}分公司"))))
}
