//! How is an address taken apart?

use super::divisions_in::take_divisions;
use super::{Address, Remark, Rung, parts, words};
use crate::characters::{is_bidi_control, is_han, is_placeholder, is_space, is_zero_width, narrow, without_radical};
use crate::divisions::{self, Level};
use crate::numerals::{enclosed, is_chinese_numeral};
use crate::simplified::simplify_char;

/// The text narrow, simplified, without spaces and punctuation that carries nothing.
pub(super) fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let c = without_radical(c);
        let plain = simplify_char(narrow(c));
        // Names of places are listed as they are written (织篢镇): a simplified form beyond the basic plane is nobody's.
        let plain = if u32::from(plain) > 0xFFFF { narrow(c) } else { plain };
        match plain {
            // 1201、1202房 is two rooms.
            ',' | '，' | '、' if clean.ends_with(is_digit) && characters.peek().is_some_and(|&next| is_digit(narrow(next))) => {
                clean.push('、')
            }
            // 8号之2 303室: what follows the number of a part is another number.
            c if is_space(c) && ends_with_part(&clean) && characters.peek().is_some_and(|&next| is_digit(narrow(next))) => clean.push('、'),
            c if enclosed(c).is_some() => {
                // Of 3①号 the digits would run together.
                if clean.ends_with(is_digit) {
                    clean.push('-');
                }
                push_number(&mut clean, enclosed(c).unwrap_or_default());
            }
            'Ⅰ'..='Ⅻ' => push_number(&mut clean, u32::from(c) - u32::from('Ⅰ') + 1),
            'ⅰ'..='ⅻ' => push_number(&mut clean, u32::from(c) - u32::from('ⅰ') + 1),
            ',' | '，' | '。' | ';' | '；' | ':' | '：' | '"' | '“' | '”' | '、' | '\'' | '|' => {}
            '－' | '—' | '–' | '‐' | '~' | '～' => clean.push('-'),
            '（' | '【' | '[' | '〔' => clean.push('('),
            '）' | '】' | ']' | '〕' => clean.push(')'),
            c if is_space(c) || is_zero_width(c) || is_bidi_control(c) || c.is_control() => {}
            c => clean.push(c),
        }
    }
    clean
}

/// Whether the text ends with the number of a part: 8号之2, 12号附3.
fn ends_with_part(clean: &str) -> bool {
    clean.ends_with(is_digit) && clean.trim_end_matches(is_digit).ends_with(['之', '附'])
}

fn push_number(clean: &mut String, number: u32) {
    use std::fmt::Write;
    let _ = write!(clean, "{number}");
}

const fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

pub(super) fn parse(text: &str, division: Option<&str>) -> Address {
    let (mut address, rest) = parse_divisions(text, division);
    let rest = take_village(&mut address, &rest);
    let rest = take_road(&mut address, rest);
    take_detail(&mut address, rest);
    if address.code.is_none() && address.remarks.is_empty() {
        address.remark(Remark::NoDivision);
    }
    if address.is_division_only() && address.get(Rung::City).is_none() && address.code.is_some() {
        address.remark(Remark::TooShort);
    }
    address
}

/// The rungs down to the sub-district, and the clean text after them; of a placeholder nothing.
pub(super) fn parse_divisions(text: &str, division: Option<&str>) -> (Address, String) {
    let mut address = Address::default();
    let mut clean = clean(text);
    if clean.is_empty() || is_placeholder(&clean) {
        address.remark(Remark::Placeholder);
        return (address, String::new());
    }
    cut_postcode(&mut clean);
    // 天河路12号，邮编510620
    let characters = words::Characters::of(&clean);
    if let Some(at) = ["邮政编码", "邮编"].iter().find_map(|word| characters.find(&clean, word)).filter(|&at| at > 0)
        && clean[at..].trim_end_matches(is_digit).len() + 6 == clean.len() - at
    {
        clean.truncate(at);
    }
    cut_phone(&mut address, &mut clean);
    cut_brackets(&mut address, &mut clean);
    let hint = division.and_then(divisions::in_force);
    let rest = take_divisions(&mut address, &clean, hint).to_owned();
    (address, rest)
}

/// Cuts off the six digits of a postcode in front, with or without the word for it.
fn cut_postcode(clean: &mut String) {
    let start = ["邮政编码", "邮编"].iter().find_map(|word| clean.strip_prefix(word)).unwrap_or(clean);
    let digits = start.bytes().take_while(u8::is_ascii_digit).count();
    let after = &start[digits..];
    let is_number = |c: char| !is_han(c) || matches!(c, '号' | '栋' | '座' | '幢' | '室' | '房' | '层' | '楼' | '单' | '弄');
    if digits == 6 && after.chars().next().is_some_and(|c| !is_number(c)) {
        *clean = after.to_owned();
    }
}

/// Cuts off a mobile number at the end.
fn cut_phone(address: &mut Address, clean: &mut String) {
    let digits = clean.bytes().rev().take_while(u8::is_ascii_digit).count();
    if digits >= 11 {
        let at = clean.len() - 11;
        if clean.as_bytes()[at] == b'1' && matches!(clean.as_bytes()[at + 1], b'3'..=b'9') {
            clean.truncate(at);
            for word in ["电话", "手机", "联系电话", "TEL", "Tel", "tel"] {
                clean.truncate(clean.trim_end_matches(word).len());
            }
            address.remark(Remark::PhoneGlued);
        }
    }
}

/// Brackets carry another name of the road before them, or a remark. Of `牌坊街(太平路)` the road inside is the official one.
fn cut_brackets(address: &mut Address, clean: &mut String) {
    let (Some(open), Some(close)) = (clean.find('('), clean.find(')')) else { return };
    if open > close {
        return;
    }
    let inside = clean[open + 1..close].to_owned();
    clean.replace_range(open..=close, "");
    if inside.ends_with(['路', '街', '巷']) || inside.ends_with("大道") {
        let start = clean[..open]
            .char_indices()
            .rev()
            .take_while(|&(_, c)| !matches!(c, '区' | '县' | '市' | '镇' | '乡' | '村'))
            .last()
            .map(|(at, _)| at);
        let start = start.map(|at| clean[at..open].rfind("街道").map_or(at, |found| at + found + "街道".len()));
        if let Some(start) = start.filter(|&start| start < open) {
            address.alias = Some(clean[start..open].to_owned());
            clean.replace_range(start..open, &inside);
        }
    } else if !inside.is_empty() {
        address.alias = Some(inside);
    }
}

/// What may follow a village name only if it is part of a longer one: 冼村路, 杏花新村小区.
const CONTINUES: [&str; 14] = ["路", "街", "大道", "巷", "社区", "小区", "花园", "大厦", "广场", "道", "桥", "站", "大街", "牌坊"];

fn take_village<'t>(address: &mut Address, rest: &'t str) -> &'t str {
    let mut rest = rest;
    const COMMUNITY: [&str; 4] = ["社区居民委员会", "社区居委会", "社区", "居委会"];
    if let Some((name, after)) = take_named(rest, &COMMUNITY) {
        address.set(Rung::Community, format!("{name}社区"));
        rest = after;
    }
    const VILLAGE: [&str; 4] = ["村民委员会", "村委会", "行政村", "村"];
    if let Some((name, after)) = take_named(rest, &VILLAGE) {
        let name = take_town_in_short(address, name);
        address.set(Rung::Village, format!("{name}村"));
        rest = after;
        if let Some((name, after)) = take_named(rest, &["自然村", "村", "屯", "坑", "寨"]) {
            let word = rest[name.len()..].chars().next().filter(|&c| c != '自').unwrap_or('村');
            address.set(Rung::NaturalVillage, format!("{name}{word}"));
            rest = after;
        }
    }
    // 上围村小组12号: the group has the village's own name.
    if address.get(Rung::Village).is_some()
        && let Some(after) = ["村民小组", "小组"].iter().find_map(|word| rest.strip_prefix(word))
    {
        return after;
    }
    // A group that is called by a name is written as it is: 木京村民小组. 小组 alone follows a village.
    let words: &[&str] =
        if address.get(Rung::Village).is_some() { &["村民小组", "村民组", "小组", "组"] } else { &["村民小组", "村民组"] };
    if let Some((name, after)) = take_named(rest, words)
        && !name.chars().any(crate::numerals::is_chinese_numeral)
    {
        address.set(Rung::Group, rest[..rest.len() - after.len()].to_owned());
        return after;
    }
    let start = rest.strip_prefix('第').unwrap_or(rest);
    if let Some(numeral) = parts::numeral(start) {
        let after = &start[numeral.length..];
        const GROUPS: [(&str, &str); 9] = [
            ("村民小组", "组"),
            ("居民小组", "组"),
            ("小组", "组"),
            ("组", "组"),
            ("生产队", "队"),
            ("队", "队"),
            ("社", "社"),
            ("村民组", "组"),
            ("居民组", "组"),
        ];
        if let Some((word, canonical)) = GROUPS.iter().find(|(word, _)| after.starts_with(word)) {
            address.set(Rung::Group, format!("{numeral}{canonical}"));
            rest = &after[word.len()..];
        }
    }
    rest
}

/// Takes the town that stands in short before the name of a village, where none is told: of 西樵崇民村 the village is 崇民村. 沙头新村 is one that is
/// called after the town.
fn take_town_in_short<'t>(address: &mut Address, name: &'t str) -> &'t str {
    let Some(county) = address.code.filter(|_| address.get(Rung::Township).is_none()) else { return name };
    let is_a_village =
        |own: &str| own.chars().nth(1).is_some() && !own.starts_with(['新', '旧', '老', '东', '西', '南', '北', '上', '下', '大', '中']);
    let ends = name.char_indices().map(|(at, _)| at).skip(2).take(3);
    let town =
        |own: &str| divisions::named(own).find(|found| found.level == Level::Township && found.parent == county && found.name != own);
    let told = ends.map(|end| name.split_at(end)).filter(|(_, own)| is_a_village(own)).find_map(|(short, own)| Some((town(short)?, own)));
    match told {
        Some((town, own)) => {
            address.set(Rung::Township, town.name);
            own
        }
        None => name,
    }
}

/// A name at the beginning that ends with one of the words and is no road: its stem and what follows.
fn take_named<'t>(rest: &'t str, words: &[&str]) -> Option<(&'t str, &'t str)> {
    let (at, word) = words::first(rest, words)?;
    let (name, after) = (&rest[..at], &rest[at + word.len()..]);
    let plain = !name.is_empty()
        && name.chars().count() <= 8
        && !name.contains(|c: char| c.is_ascii_digit() || matches!(c, '路' | '街' | '巷' | '号' | '道'));
    // 木京村民小组 is a group, not a village.
    let is_group = word.ends_with('村') && (after.starts_with("民小组") || after.starts_with("民组"));
    let continues = is_group || word.len() <= 6 && CONTINUES.iter().any(|word| after.starts_with(word));
    (plain && !continues).then_some((name, after))
}

/// Words a road name ends with, the longest first.
const ROAD_WORDS: [&str; 20] = [
    "大马路",
    "大道",
    "大街",
    "公路",
    "国道",
    "省道",
    "县道",
    "胡同",
    "高速",
    "路",
    "街",
    "巷",
    "弄",
    "里",
    "段",
    "线",
    "坊",
    "径",
    "道",
    "围",
];

fn take_road<'t>(address: &mut Address, rest: &'t str) -> &'t str {
    // The first house number decides: what stands before it is the road.
    for (at, c) in rest.char_indices() {
        let starts = c.is_ascii_digit() || is_chinese_numeral(c) || matches!(c, '甲' | '乙' | '丙' | '丁');
        if !starts || continues_number(rest, at) {
            continue;
        }
        let Some(found) = parts::house_number(&rest[at..]) else { continue };
        let before = &rest[..at];
        // 黄埔大道西4号: the side belongs to the road.
        let stem = before.strip_suffix(['东', '西', '南', '北', '中']).unwrap_or(before);
        let is_road = ROAD_WORDS.iter().any(|word| stem.ends_with(word) && stem.len() > word.len());
        if is_road {
            address.set(Rung::Road, parts::road_name(before).into_owned());
        } else if let Some((road, estate)) = split_road(before) {
            address.set(Rung::Road, parts::road_name(road).into_owned());
            take_detail(address, estate);
        } else if !before.is_empty() && before.chars().all(is_han) && address.get(Rung::Road).is_none() {
            // 岗顶5号, 翠湖花园12号: the house is counted within a place that no list has.
            address.set(Rung::Road, before.to_owned());
        } else {
            take_detail(address, before);
        }
        address.set(Rung::Number, found.number);
        address.set(Rung::SubNumber, found.sub_number.unwrap_or_default());
        return &rest[at + found.length..];
    }
    match split_road(rest) {
        Some((road, after)) => {
            address.set(Rung::Road, parts::road_name(road).into_owned());
            after
        }
        None => rest,
    }
}

/// Whether the character before continues a number or word in letters, so that none begins here.
fn continues_number(text: &str, at: usize) -> bool {
    // Of 东一5号 the 一 belongs to the lane: no number is written in both scripts.
    let is_digit_here = text[at..].starts_with(is_digit);
    text[..at]
        .chars()
        .next_back()
        .is_some_and(|c| c.is_ascii_alphanumeric() || (is_chinese_numeral(c) && !is_digit_here) || c == '-' || c == '之')
}

/// A road at the beginning, by the first road word that does not stand first, and what follows.
fn split_road(text: &str) -> Option<(&str, &str)> {
    let characters = words::Characters::of(text);
    let (at, word) = ROAD_WORDS[..12]
        .iter()
        .filter_map(|word| characters.find(text, word).filter(|&at| at > 0).map(|at| (at, *word)))
        .min_by_key(|&(at, word)| (at, usize::MAX - word.len()))?;
    let end = at + word.len();
    let end = if text[end..].starts_with('段') { end + '段'.len_utf8() } else { end };
    (text[..at].chars().count() <= 10).then(|| text.split_at(end))
}

fn take_detail(address: &mut Address, rest: &str) {
    let mut rest = rest;
    let mut estate = String::new();
    let mut behind_building = false;
    while !rest.is_empty() {
        let evidence = !estate.is_empty()
            || address.get(Rung::Road).is_some()
            || address.get(Rung::Number).is_some()
            || address.get(Rung::Estate).is_some();
        // 体育东路12-3-501: what follows a road is the house.
        if estate.is_empty()
            && address.get(Rung::Road).is_some()
            && address.get(Rung::Number).is_none()
            && let Some([number, building, room]) = parts::dashed(rest)
        {
            address.set(Rung::Number, number.replace('栋', "号"));
            address.set(Rung::Building, building.replace("单元", "栋"));
            address.set(Rung::Room, room);
            break;
        }
        if evidence && let Some([building, unit, room]) = parts::dashed(rest) {
            address.set(Rung::Building, building);
            address.set(Rung::Unit, unit);
            address.set(Rung::Room, room);
            break;
        }
        if evidence
            && address.get(Rung::Building).is_none()
            && let Some([building, room]) = parts::dashed_pair(rest)
        {
            address.set(Rung::Building, building);
            address.set(Rung::Room, room);
            break;
        }
        let free = |rung: Rung| address.get(rung).is_none();
        let part = (free(Rung::Building).then(|| parts::building(rest)).flatten().map(|part| (Rung::Building, part)))
            .or_else(|| free(Rung::Unit).then(|| parts::unit(rest)).flatten().map(|part| (Rung::Unit, part)))
            .or_else(|| free(Rung::Floor).then(|| parts::floor(rest)).flatten().map(|part| (Rung::Floor, part)))
            .or_else(|| free(Rung::Room).then(|| parts::room(rest)).flatten().map(|part| (Rung::Room, part)));
        if let Some((rung, (text, length))) = part {
            rest = &rest[length..];
            // 3楼之二: a part of the floor.
            match parts::sub_part(rest).filter(|_| matches!(rung, Rung::Floor | Rung::Room)) {
                Some((part, length)) => {
                    address.set(rung, text + &part);
                    rest = &rest[length..];
                }
                // 1802室B is 1802B室.
                None if rung == Rung::Room && text.ends_with('室') && matches!(rest.as_bytes(), [b'A'..=b'Z' | b'a'..=b'z']) => {
                    address.set(rung, format!("{}{}室", text.trim_end_matches('室'), rest.to_ascii_uppercase()));
                    rest = "";
                }
                None => address.set(rung, text),
            }
            behind_building = rung == Rung::Building;
            continue;
        }
        // 3栋C座: a tower of a block.
        if let (Some(block), Some((tower, length))) = (address.get(Rung::Building), parts::building(rest))
            && behind_building
        {
            let both = format!("{block}{tower}");
            address.set(Rung::Building, both);
            rest = &rest[length..];
            continue;
        }
        // A座3: the third house of A.
        if let Some(tower) = address.get(Rung::Building).filter(|tower| behind_building && tower.ends_with('座'))
            && rest.len() <= 2
            && rest.bytes().all(|byte| byte.is_ascii_digit())
        {
            let both = format!("{tower}{rest}栋");
            address.set(Rung::Building, both);
            break;
        }
        // 3栋B-1802
        if let (Some(block), Some([tower, room])) = (address.get(Rung::Building), parts::dashed_pair(rest))
            && behind_building
            && tower.starts_with(|c: char| c.is_ascii_uppercase())
        {
            let both = format!("{block}{}座", tower.trim_end_matches('栋'));
            address.set(Rung::Building, both);
            address.set(Rung::Room, room);
            break;
        }
        let bare = rest.trim_start_matches('-');
        let is_bare_room = (2..=6).contains(&bare.len())
            && bare.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && bare.bytes().any(|byte| byte.is_ascii_digit());
        if is_bare_room && free(Rung::Room) {
            address.set(Rung::Room, bare.to_owned());
            break;
        }
        // 301之一
        if free(Rung::Room)
            && let Some((number, part)) = bare.find('之').map(|at| bare.split_at(at))
            && (2..=6).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && let Some((part, _)) = parts::sub_part(part).filter(|(_, length)| *length == part.len())
        {
            address.set(Rung::Room, format!("{number}{part}"));
            break;
        }
        if let Some(number) = rest.strip_suffix('号')
            && !free(Rung::Building)
            && free(Rung::Room)
            && (1..=5).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_alphanumeric())
        {
            address.set(Rung::Room, format!("{number}室"));
            break;
        }
        behind_building = false;
        // Everything up to the next numeral belongs to the name of an estate or a building.
        let mut characters = rest.chars();
        estate.extend(characters.next());
        rest = characters.as_str();
        while rest.starts_with(|c: char| c.is_ascii_alphanumeric()) && estate.ends_with(|c: char| c.is_ascii_alphanumeric()) {
            let mut characters = rest.chars();
            estate.extend(characters.next());
            rest = characters.as_str();
        }
    }
    let estate = parts::count_in_digits(estate.trim_matches(['-', '、']));
    if !estate.is_empty() {
        let before = address.get(Rung::Estate).unwrap_or_default().to_owned();
        address.set(Rung::Estate, before + &estate);
    }
}
