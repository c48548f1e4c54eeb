//! What does a remark on a name tell: who is meant, what one was called before, what became of one?

use super::read::{NameIssue, normalise};
use crate::characters::{is_han, is_space};

/// The words that announce what somebody was called before, or is called too.
const OTHER_NAMES: [&str; 5] = ["曾用名", "又名", "原名", "别名", "化名"];

/// The words that announce what somebody is called today.
const PRESENT_NAMES: [&str; 2] = ["现名", "现用名"];

/// What a remark told.
#[derive(Default)]
pub(super) struct Told {
    pub(super) former: Option<String>,
    pub(super) status: Option<&'static str>,
    pub(super) sex: Option<&'static str>,
}

/// Remarks that tell two people of one name apart, or whose name it is that stands there.
const WHICH_ONE: [&str; 34] = [
    "父",
    "母",
    "子",
    "儿",
    "儿子",
    "女儿",
    "夫",
    "妻",
    "妻子",
    "丈夫",
    "长子",
    "次子",
    "长女",
    "次女",
    "大",
    "小",
    "老",
    "大双",
    "小双",
    "甲",
    "乙",
    "丙",
    "一",
    "二",
    "三",
    "1",
    "2",
    "3",
    "A",
    "B",
    "监护人",
    "代",
    "代签",
    "代办",
];

/// Cuts off a remark in brackets at the end; gives back the former name, the status or the sex that it told. A remark that tells which of two
/// people it is stays.
pub(super) fn cut_remark(name: &mut String, issues: &mut Vec<NameIssue>) -> Told {
    if let Some((former, present)) = told_both(name) {
        *name = present;
        issues.push(NameIssue::Remark);
        return Told { former: Some(former), ..Told::default() };
    }
    let announced = |word: &&str| {
        let (before, after) = name.split_once(*word)?;
        let is_told = before.chars().nth(1).is_some() && after.chars().nth(1).is_some();
        (is_told && !before.contains(['(', '（', '[', '【', '〔'])).then_some(before.len())
    };
    if let Some(at) = OTHER_NAMES.iter().filter_map(announced).min() {
        let remark = name.split_off(at);
        name.truncate(name.trim_end_matches([' ', '·', ',', '，', ';', '；']).len());
        issues.push(NameIssue::Remark);
        return Told { former: told_former(&remark), ..Told::default() };
    }
    // 张（王+月）: a character that was spelt in its parts.
    if name.contains('+') {
        issues.push(NameIssue::LostCharacter);
        return Told::default();
    }
    let Some(open) = name.find(['(', '（', '[', '【', '〔']).filter(|&open| open > 0 && name.ends_with([')', '）', ']', '】', '〕']))
    else {
        return Told::default();
    };
    let remark = name.split_off(open);
    name.truncate(name.trim_end().len());
    let inside = remark.trim_matches(|c: char| is_space(c) || "()（）[]【】〔〕".contains(c));
    if WHICH_ONE.contains(&inside) {
        name.push_str(&format!("({inside})"));
        issues.push(NameIssue::WhichOne);
        return Told::default();
    }
    issues.push(NameIssue::Remark);
    // 莫强（现名莫伟）: the name of today is the one in brackets.
    if let Some(present) = told_name(inside, &["现名", "现用名", "改名", "改名为", "更名为"]) {
        return Told { former: Some(std::mem::replace(name, present)), ..Told::default() };
    }
    let status = crate::code_list::person_statuses().read(inside).map(|code| code.code);
    Told { former: told_former(inside), status, sex: sex_of(inside) }
}

/// The former name and that of today, where the text tells both one after the other: 曾用名张招娣 现名张春梅, 张招娣 现名张春梅.
fn told_both(text: &str) -> Option<(String, String)> {
    let (before, after) = PRESENT_NAMES.iter().find_map(|word| text.split_once(word))?;
    if before.contains(['(', '（', '[', '【', '〔']) {
        return None;
    }
    let before = before.trim_end_matches([' ', '·', ',', '，', '、', ';', '；']);
    let former = OTHER_NAMES.iter().find_map(|word| told_name(before, &[word])).or_else(|| told_name(before, &[""]))?;
    Some((former, told_name(after, &[""])?))
}

/// The names behind a word that announces former ones, separated by semicolons.
fn told_former(remark: &str) -> Option<String> {
    let rest = OTHER_NAMES.iter().find_map(|word| remark.strip_prefix(word))?;
    let names: Option<Vec<String>> = rest.split(['、', ',', '，', ';', '；', '/']).map(|part| told_name(part, &[""])).collect();
    names.map(|names| names.join(";"))
}

/// The name behind a word that announces it.
fn told_name(remark: &str, words: &[&str]) -> Option<String> {
    let rest = words.iter().filter_map(|word| remark.strip_prefix(word)).min_by_key(|rest| rest.len())?;
    let name = normalise(rest.trim_start_matches([':', '：', '为', '是', ' ']));
    (name.chars().nth(1).is_some() && name.chars().all(|c| c.is_alphabetic() || matches!(c, '·' | ' '))).then_some(name)
}

/// The names that a field of former names lists, without the words that announce them: 曾用名：张强, 张强 张刚; none for 无曾用名.
#[must_use]
pub fn former_names(text: &str) -> Vec<String> {
    let text = text.trim();
    let text = OTHER_NAMES.iter().find_map(|word| text.strip_prefix(word)).unwrap_or(text).trim_start_matches([':', '：', '为', '是', ' ']);
    let text = text.trim_matches(|c: char| is_space(c) || "()（）[]【】〔〕".contains(c));
    if OTHER_NAMES.iter().any(|word| text.strip_prefix('无') == Some(word)) {
        return Vec::new();
    }
    let split = |signs: &[char]| text.split(signs).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<&str>>();
    let is_name = |part: &&str| (2..=4).contains(&part.chars().count()) && part.chars().all(is_han);
    let with_spaces = split(&[';', '；', '、', '|', ',', '，', '/', ' ', '\u{3000}']);
    let parts = if with_spaces.iter().all(is_name) {
        with_spaces
    } else {
        let listed = split(&[';', '；', '、', '|', ',', '，']);
        // SMITH, JOHN is one name in letters.
        if listed.iter().all(|part| part.starts_with(is_han)) { listed } else { split(&[';', '；', '、', '|']) }
    };
    parts.into_iter().map(str::to_owned).collect()
}

/// The sex that a word names.
pub(super) fn sex_of(word: &str) -> Option<&'static str> {
    match word {
        "男" | "女" => crate::code_list::sexes().read(word).map(|code| code.code),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn former_names_are_listed_in_many_ways() {
        for (text, names) in [
            ("张强", vec!["张强"]),
            ("曾用名：张强", vec!["张强"]),
            ("原名张强、张刚", vec!["张强", "张刚"]),
            ("(张强)", vec!["张强"]),
            ("张强 张刚", vec!["张强", "张刚"]),
            ("无曾用名", vec![]),
            ("SMITH, JOHN", vec!["SMITH, JOHN"]),
            ("迪丽热巴·艾山江", vec!["迪丽热巴·艾山江"]),
        ] {
            assert_eq!(former_names(text), names, "{text}");
        }
    }
}
