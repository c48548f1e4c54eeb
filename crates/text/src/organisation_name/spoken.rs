//! How are organisations spoken of in short, and what are they called?

use super::place::whole_division;
use super::words;
use crate::divisions::{self, Division, Level};
use crate::numerals;

/// Writes the form out that a field of fixed length cut off: 有限公, 有限责任. Nothing else ends so.
pub(super) fn write_end_out(key: &mut String) {
    const CUT: [(&str, &str); 7] = [
        ("股份有", "股份有限公司"),
        ("有限责任公", "有限公司"),
        ("有限责任", "有限公司"),
        ("有限责", "有限公司"),
        ("有限公", "有限公司"),
        ("有限", "有限公司"),
        ("分公", "分公司"),
    ];
    if let Some((cut, whole)) = CUT.iter().find(|(cut, _)| key.strip_suffix(cut).is_some_and(|core| core.chars().nth(3).is_some())) {
        key.truncate(key.len() - cut.len());
        key.push_str(whole);
    }
    // Of a branch (…公司顺德分) what stands behind the place.
    let place = key.strip_suffix('分').and_then(|core| Some(core.rsplit_once("公司")?.1));
    if place.is_some_and(|place| place.chars().nth(1).is_some()) {
        key.push_str("公司");
    }
}

/// Writes the bank out that a branch of it is told by in short: 工行广州天河支行 is 中国工商银行广州天河支行. Of a company (中行科技有限公司) it
/// is the name.
pub(super) fn write_bank_out(key: &mut String) {
    for (short, long) in [("农商银行", "农村商业银行"), ("农商行", "农村商业银行"), ("农信社", "农村信用合作社")]
    {
        if let Some(at) = key.find(short).filter(|at| *at > 0) {
            key.replace_range(at..at + short.len(), long);
        }
    }
    write_rural_bank_out(key);
    if !words::BANK_BRANCHES.iter().any(|branch| key.ends_with(branch)) {
        return;
    }
    // 邮储 is the beginning of 邮储银行: the longer stands first.
    let is_bank = |short: &str| short.ends_with("银行") || !key.contains("公司");
    let bank =
        words::SHORT_BANKS.iter().find_map(|(short, long)| Some((*long, key.strip_prefix(short).filter(|_| is_bank(short))?.to_owned())));
    if let Some((long, branch)) = bank {
        *key = format!("{long}{branch}");
    }
}

/// Writes a rural commercial bank, which is a company of its own that is called after its place, in one way: 顺德农村商业银行 is
/// 广东顺德农村商业银行股份有限公司, and 顺德农村商业银行大良支行 a branch of it.
fn write_rural_bank_out(key: &mut String) {
    const RURAL: &str = "农村商业银行";
    const COMPANY: &str = "股份有限公司";
    let Some(at) = key.find(RURAL).filter(|at| *at > 0) else { return };
    let branch = &key[at + RURAL.len()..];
    let own = branch.strip_prefix(COMPANY).unwrap_or(branch);
    if !own.is_empty() && !words::BANK_BRANCHES.iter().any(|end| own.ends_with(end)) {
        return;
    }
    let told = &key[..at];
    let place = only_place(told).or_else(|| whole_division(told)).and_then(divisions::find);
    let place = place.filter(|place| matches!(place.level, Level::City | Level::County));
    let province = place.and_then(|place| divisions::find(&format!("{}0000", place.code.get(..2)?)));
    *key = match place.zip(province) {
        Some((place, province)) => {
            format!("{}{}{RURAL}{COMPANY}{own}", divisions::short_name(province.name), divisions::short_name(place.name))
        }
        None => format!("{told}{RURAL}{COMPANY}{own}"),
    };
}

/// Writes the insurer or carrier out that a branch of it is told by in short: 人保财险佛山分公司 is 中国人民财产保险股份有限公司佛山分公司.
pub(super) fn write_insurer_out(key: &mut String) {
    if key.contains("有限公司") || !["公司", "营业部", "服务部"].iter().any(|end| key.ends_with(end)) {
        return;
    }
    if let Some(whole) = mobile_branch(key) {
        *key = whole;
        return;
    }
    let own = key.strip_prefix("中国").or_else(|| beyond_province(key).filter(|own| own.chars().nth(5).is_some())).unwrap_or(key);
    let insurer = words::SHORT_INSURERS.iter().find_map(|(short, long)| Some((*long, own.strip_prefix(short)?)));
    // 人保财险公司 is the insurer, 中国人寿保险佛山分公司 a branch of it.
    if let Some((long, branch)) = insurer {
        let branch = branch.strip_prefix("保险").unwrap_or(branch);
        *key = if branch == "公司" { long.to_owned() } else { format!("{long}{branch}") };
    }
}

/// What follows the name of a carrier that is called after its province, with the carrier: 电信佛山分公司 of 广东电信佛山分公司.
fn beyond_province(key: &str) -> Option<&str> {
    let at = ["移动", "电信", "联通"].iter().filter_map(|carrier| key.find(carrier)).min()?;
    divisions::named(&key[..at]).any(|found| found.level == Level::Province).then_some(&key[at..])
}

/// The name of a branch of China Mobile, which has a company in each province: 中国移动佛山分公司 is 中国移动通信集团广东有限公司佛山分公司, and
/// 中国移动广东公司 that company.
fn mobile_branch(key: &str) -> Option<String> {
    let branch = key.strip_prefix("中国移动").or_else(|| beyond_province(key)?.strip_prefix("移动"))?;
    let branch = branch.strip_prefix("通信集团").or_else(|| branch.strip_prefix("通信")).unwrap_or(branch);
    let name = |province: &Division| format!("中国移动通信集团{}有限公司", divisions::short_name(province.name));
    let whole = branch.strip_suffix("分公司").or_else(|| branch.strip_suffix("公司"));
    if let Some(province) = whole.and_then(|own| divisions::named(own).find(|found| found.level == Level::Province)) {
        return Some(name(province));
    }
    let ends = branch.char_indices().map(|(at, c)| at + c.len_utf8()).skip(1).take(5);
    let place = ends.filter_map(|end| only_place(&branch[..end])).last()?;
    Some(format!("{}{branch}", name(divisions::find(&format!("{}0000", &place[..2]))?)))
}

/// Writes the company out to which an office for the supply of power belongs: 广东电网佛山供电局.
pub(super) fn write_power_out(key: &mut String) {
    const GRID: &str = "电网";
    let Some(at) = key.strip_suffix("供电局").and_then(|own| own.find(GRID)).map(|at| at + GRID.len()) else { return };
    if key[at..].chars().nth(3).is_some() && !key[at..].contains("公司") {
        key.insert_str(at, "有限公司");
    }
}

/// The code of the county or city that goes by a name, with or without the word for its level, where no other does.
fn only_place(name: &str) -> Option<&'static str> {
    let mut found = divisions::named(name).filter(|found| matches!(found.level, Level::City | Level::County));
    let only = found.next()?;
    found.next().is_none().then_some(only.code)
}

/// Whether the name is how a university is spoken of.
pub(super) fn is_university(name: &str) -> bool {
    words::SHORT_UNIVERSITIES.iter().any(|(short, _)| *short == name)
}

/// Writes a university or its hospital out that is told in short and by nothing else: 华工, 珠江医院. 人大 is a congress as well.
pub(super) fn write_university_out(key: &mut String) {
    let mut told = words::SHORT_UNIVERSITIES.iter().chain(words::OWN_NAMED_HOSPITALS);
    if let Some((_, long)) = told.find(|(short, _)| key == short && *short != "人大") {
        *key = (*long).to_owned();
    }
}

/// Writes the university out to which a school or clinic is attached: 北大附中, 华南师大附属小学, 中大附一院.
pub(super) fn write_attached_out(key: &mut String) {
    let Some(at) = key.find('附').filter(|&at| at > 0) else { return };
    let of = &key[..at];
    let whole = words::SHORT_UNIVERSITIES.iter().find(|(short, _)| *short == of).map(|(_, long)| (*long).to_owned());
    let longer = || {
        let (short, long) = words::SHORT_IN_UNIVERSITIES.iter().find(|(short, _)| of.ends_with(short) && of.len() > short.len())?;
        Some(format!("{}{long}", of.strip_suffix(short)?))
    };
    if let Some(long) = whole.or_else(longer) {
        key.replace_range(..at, &long);
    }
}

/// Writes the name of a school or clinic out that is told by its count: 佛山一中 is 佛山第一中学, 附一院 is 附属第一医院. Whether it was one.
pub(super) fn write_counted_out(key: &mut String) -> bool {
    for (short, long) in words::SHORT_COUNTED {
        let Some(before) = key.strip_suffix(short) else { continue };
        let stem = before.trim_end_matches(|c: char| numerals::is_chinese_numeral(c) || c.is_ascii_digit());
        let of = stem.strip_suffix('第').unwrap_or(stem);
        let attached = of.strip_suffix("附属").or_else(|| of.strip_suffix('附'));
        // 医院 are counted as they are called (第二医院), but for those that are attached.
        let is_told_so = stem.len() < before.len() && of.chars().nth(1).is_some() && (attached.is_some() || !long.ends_with("医院"));
        // 广医一院 is the first hospital of its university, and 中山一院 that of 中山大学.
        let of_university = words::SHORT_UNIVERSITIES.iter().find(|(name, _)| *name == of && long.ends_with("医院")).map(|(_, long)| *long);
        let university = of_university.or((of == "中山" && *short == "院").then_some("中山大学"));
        if let Some(university) = university.filter(|_| stem.len() < before.len()) {
            *key = format!("{university}附属第{}{long}", &before[stem.len()..]);
            return true;
        }
        // 佛山二院, 佛山市二医院: of the hospitals of a place those of the people are spoken of by their count.
        let is_peoples = attached.is_none() && long.ends_with("医院") && stem == of && only_place(of).is_some();
        if is_peoples && stem.len() < before.len() {
            *key = format!("{of}第{}人民医院", &before[stem.len()..]);
            return true;
        }
        if is_told_so {
            let count = &before[stem.len()..];
            *key = match attached {
                Some(of) => format!("{of}附属第{count}{long}"),
                None => format!("{of}第{count}{long}"),
            };
            return true;
        }
    }
    false
}

/// What else a name in short may mean, beside what its comparison key says: 中山三院 is the hospital of 中山大学, and in 中山 the third of that city.
///
/// ```
/// use jiku_text::organisation_name::{comparison_key, other_meaning};
/// assert_eq!(other_meaning("中山三院"), Some(comparison_key("中山市第三人民医院")));
/// assert_eq!(other_meaning("佛山三院"), None);
/// ```
#[must_use]
pub fn other_meaning(name: &str) -> Option<String> {
    let count = name.strip_prefix("中山")?.strip_suffix('院')?;
    numerals::value(count).map(|number| format!("中山市第{number}人民医院"))
}
