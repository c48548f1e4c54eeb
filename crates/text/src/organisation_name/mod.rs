//! What is an organisation called, and how is the name compared?
//!
//! A company name is division + trade name (字号) + industry + form; a branch adds its own part to its parent's name.

mod bodies;
mod branch;
mod local;
mod offices;
mod parse;
mod place;
mod read;
mod relation;
mod spoken;
mod words;

pub use bodies::second_name;
pub use branch::{branch_key, branch_place, tail};
pub use local::completed;
pub use offices::office;
pub use parse::{OrganisationName, is_authority, is_nationwide, is_official, parse, parse_beyond_county};
pub use read::{NameIssue, NameReading, normalise, read};
pub use relation::{OrganisationRelation, relate};
pub use spoken::other_meaning;

use crate::characters::{is_han, plain_ideographs};
use crate::numerals;
use crate::simplified::simplify;
use crate::zones;

/// The form in which names are compared for equality: simplified, upper case, 有限责任公司 as 有限公司 (registers drop
/// and add 责任), a form that was cut off (有限公) whole, short forms of authorities, banks and insurers written out (市监局, 农商银行, 人保财险), 街
/// of a sub-district as 街道, the place of an autonomous division by its name in full (连南县), a branch without the brackets that some put
/// around it (…公司（天河分公司）) and with its division in short, what counts in digits (第十六中学), sole traders without the brackets that
/// say so, Latin names without stops and with their form in short (LTD). Takes a normalised name.
#[must_use]
pub fn comparison_key(name: &str) -> String {
    let name = plain_ideographs(name);
    let key = simplify(name.strip_suffix("（个体工商户）").unwrap_or(&name));
    let mut key = if key.contains("有限责任公司") { key.replace("有限责任公司", "有限公司") } else { key.into_owned() };
    spoken::write_end_out(&mut key);
    write_roman_out(&mut key);
    if !key.chars().any(is_han) {
        return latin_key(&key);
    }
    spoken::write_university_out(&mut key);
    spoken::write_attached_out(&mut key);
    spoken::write_bank_out(&mut key);
    spoken::write_insurer_out(&mut key);
    spoken::write_power_out(&mut key);
    offices::write_office_out(&mut key);
    bodies::write_party_out(&mut key);
    if key.ends_with(['局', '委', '办', '会', '中', '小', '幼', '院', '校', '府', '联', '协', '心', '站', '医'])
        && !spoken::write_counted_out(&mut key)
        && let Some((short, long)) = words::SHORT_AUTHORITIES.iter().find(|(short, long)| key.ends_with(short) && !key.ends_with(long))
    {
        key.truncate(key.len() - short.len());
        key.push_str(long);
    }
    bodies::write_body_out(&mut key);
    write_alike(&mut key);
    local::write_autonomous_out(&mut key);
    branch::free_branch(&mut key);
    branch::shorten_branch(&mut key);
    count_in_digits(&mut key);
    if key.bytes().any(|byte| byte.is_ascii_lowercase()) { key.to_ascii_uppercase() } else { key }
}

/// A name in letters: upper case, without stops, the words for its form in short.
fn latin_key(name: &str) -> String {
    let mut key = name.to_ascii_uppercase();
    key.retain(|c| !matches!(c, '.' | ','));
    let short = |word| match word {
        "LIMITED" => "LTD",
        "COMPANY" => "CO",
        "COLTD" => "CO LTD",
        "CORPORATION" => "CORP",
        "INCORPORATED" => "INC",
        word => word,
    };
    key.split(' ').map(short).collect::<Vec<_>>().join(" ")
}

/// Writes in one way what is said in two: 街 and 街道, 村民委员会 and 村村民委员会, words that law added to a form (农民专业合作社,
/// （特殊普通合伙）) or an authority to its name (国家税务总局, 人民政府), banks' branches without 股份有限公司.
fn write_alike(key: &mut String) {
    if key.contains('街') {
        parse::write_streets_out(key);
    }
    for (long, short) in [
        ("特殊的普通合伙", "特殊普通合伙"),
        ("村村民委员会", "村民委员会"),
        ("农民专业合作社", "专业合作社"),
        ("信用合作", "信用"),
        ("社工服务", "社会工作服务"),
        ("事务所（特殊普通合伙）", "事务所"),
        ("事务所特殊普通合伙", "事务所"),
    ] {
        if key.contains(long) {
            *key = key.replace(long, short);
        }
    }
    // 广州经济技术开发区管理委员会 is that of 广州开发区.
    if let Some(zone) = key.strip_suffix("管理委员会")
        && let Some((word, short)) = zones::KINDS.iter().find(|(word, _)| zone.ends_with(word))
    {
        *key = format!("{}{short}管理委员会", &zone[..zone.len() - word.len()]);
    }
    if key.ends_with("街道办事处")
        && let Some(at) = key.find("人民政府").filter(|at| *at > 0)
    {
        key.replace_range(at..at + "人民政府".len(), "");
    }
    if key.ends_with("税务局")
        && let Some(own) = key.strip_prefix("国家税务总局")
    {
        *key = own.to_owned();
    }
    if !key.contains("公司")
        && words::BANK_BRANCHES.iter().any(|branch| key.ends_with(branch))
        && let Some(at) = key.find("银行").map(|at| at + "银行".len())
    {
        key.insert_str(at, "股份有限公司");
    }
}

/// Writes a Roman numeral that is one character in digits: Ⅱ期 is 2期.
fn write_roman_out(key: &mut String) {
    let value = |c: char| match c {
        'Ⅰ'..='Ⅻ' => Some(u32::from(c) - u32::from('Ⅰ') + 1),
        'ⅰ'..='ⅻ' => Some(u32::from(c) - u32::from('ⅰ') + 1),
        _ => None,
    };
    while let Some((at, c)) = key.char_indices().find(|(_, c)| value(*c).is_some()) {
        let digits = value(c).unwrap_or_default().to_string();
        key.replace_range(at..at + c.len_utf8(), &digits);
    }
}

/// Writes what counts schools and branches in digits: 第十六中学 is 第16中学, as is 16中学, 一号店 is 1号店, 二期 is 2期.
fn count_in_digits(key: &mut String) {
    let school = key.strip_suffix("中学").or_else(|| key.strip_suffix("小学"));
    if let Some(before) = school.filter(|before| before.ends_with(|c: char| c.is_ascii_digit())) {
        let at = before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        if !before[..at].ends_with('第') {
            key.insert(at, '第');
        }
    }
    let count = ['号', '期'].into_iter().filter_map(|word| key.find(word)).max();
    if let Some(end) = count {
        let before = &key[..end];
        let start = before.trim_end_matches(numerals::is_chinese_numeral).len();
        if let Some(number) = numerals::value(&before[start..]) {
            key.replace_range(start..end, &number.to_string());
        }
    }
    let Some(start) = key.find('第').map(|at| at + '第'.len_utf8()) else { return };
    let length = key[start..].find(|c| !numerals::is_chinese_numeral(c)).unwrap_or(key.len() - start);
    if let Some(number) = numerals::value(&key[start..start + length]) {
        key.replace_range(start..start + length, &number.to_string());
    }
}

#[cfg(test)]
mod tests;
