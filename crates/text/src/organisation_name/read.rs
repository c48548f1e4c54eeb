//! What did the name field of an organisation say, and what in it is not the name?

use super::words::{FORM_REMARKS, FORMS};
use crate::characters::{is_bidi_control, is_han, is_placeholder, is_space, is_variation_selector, is_zero_width, narrow, without_radical};
use crate::identifier::CreditCode;
use crate::surnames;

/// Something in the name of an organisation that a steward should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NameIssue {
    /// A word that stands for "no name".
    Placeholder,
    /// Marks of lost characters that were decoded with another character set (锟斤拷).
    Mojibake,
    /// Nothing but a form.
    FormOnly,
    /// A division, with a form or without one, and no trade name.
    NoTradeName,
    /// A description (个体户张三), not a registered name.
    Description,
    /// A person's name.
    PersonName,
    /// A status remark was cut off (（已注销）).
    StatusRemark,
    /// A remark that tells the form, the owners or the seat was cut off (（自然人独资）, （本部）).
    FormRemark,
    /// A remark that names a person was cut off (（法人陈伟）).
    PersonRemark,
    /// Two or more organisations in one field.
    Several,
    /// A remark that tells the name of before or of today was cut off (（原…公司）, （现…公司）, 原…公司).
    FormerName,
    /// A code was glued on and cut off.
    CodeGlued,
    /// The name in letters stood behind the registered one and was cut off.
    Romanised,
    /// The end is missing.
    Truncated,
    /// Traditional characters: kept as written, compared simplified.
    Traditional,
}

/// The name of an organisation as read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameReading {
    /// The name, normalised; empty when the field holds none.
    pub name: String,
    /// The status that a remark told, as a code of [`crate::code_list::organisation_statuses`].
    pub status: Option<&'static str>,
    /// The unified social credit code that was glued on.
    pub code: Option<CreditCode>,
    /// The former name that a remark told, or the written one when the remark told the name of today.
    pub former: Option<String>,
    /// What was noticed, each thing once.
    pub issues: Vec<NameIssue>,
}

/// The name without spaces and quotation marks, brackets full-width as registers print them, letters narrow. A space
/// between two Latin words stays.
#[must_use]
pub fn normalise(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    let mut space = false;
    for c in text.chars() {
        let c = match without_radical(narrow(c)) {
            '“' | '”' | '"' | '\'' | '‘' | '’' | '「' | '」' | '『' | '』' | '《' | '》' => continue,
            c if is_variation_selector(c) && name.ends_with(is_han) => c,
            c if is_zero_width(c) || is_bidi_control(c) => continue,
            c if is_space(c) || c.is_control() => {
                space = true;
                continue;
            }
            '(' | '〔' | '[' | '【' | '﹙' | '<' | '〈' => '（',
            ')' | '〕' | ']' | '】' | '﹚' | '>' | '〉' => '）',
            c => c,
        };
        if space
            && c.is_ascii_alphanumeric()
            && name.ends_with(|last: char| last.is_ascii_alphanumeric() || matches!(last, '.' | ',' | '&'))
        {
            name.push(' ');
        }
        space = false;
        name.push(c);
    }
    name.truncate(name.trim_end_matches(['。', ',', '，', ';', '；', '、', ':', '：', ' ']).len());
    name
}

/// Reads a name field: normalises it, cuts off what is not name, and says what was noticed.
#[must_use]
pub fn read(text: &str) -> NameReading {
    let mut reading = NameReading { name: normalise(text), ..NameReading::default() };
    if reading.name.is_empty() {
        return reading;
    }
    let has_letters = reading.name.chars().any(|c| c.is_alphanumeric() || crate::characters::is_private_use(c));
    if is_placeholder(&reading.name) || !has_letters {
        return NameReading { issues: vec![NameIssue::Placeholder], ..NameReading::default() };
    }
    if crate::characters::tells_lost_characters(&reading.name) {
        return NameReading { issues: vec![NameIssue::Mojibake], ..NameReading::default() };
    }
    cut_code(&mut reading);
    cut_romanisation(&mut reading);
    cut_remark(&mut reading);
    cut_formerly(&mut reading);
    if is_placeholder(&reading.name) {
        reading.issues.push(NameIssue::Placeholder);
        reading.name.clear();
        return reading;
    }
    let name = reading.name.as_str();
    let mut issues = std::mem::take(&mut reading.issues);
    let is_whole = |part: &str| FORMS.iter().any(|form| part.strip_suffix(form).is_some_and(|core| core.chars().count() >= 4));
    if name.contains(['、', '，', ',', '；', ';', '/']) && name.split(['、', '，', ',', '；', ';', '/']).all(is_whole) {
        issues.push(NameIssue::Several);
    }
    let form = FORMS.iter().find_map(|form| name.strip_suffix(form));
    match form {
        Some("") => issues.push(NameIssue::FormOnly),
        Some(core) if super::place::whole_division(core).is_some() => issues.push(NameIssue::NoTradeName),
        Some(_) => {}
        None if ["个体户", "个体工商户", "个体经营者"].iter().any(|word| name.starts_with(word)) => {
            issues.push(NameIssue::Description)
        }
        None if super::place::whole_division(name).is_some() => issues.push(NameIssue::NoTradeName),
        None if is_person(name) && !super::spoken::is_university(name) => issues.push(NameIssue::PersonName),
        None if is_truncated(name) => issues.push(NameIssue::Truncated),
        None => {}
    }
    if name.chars().any(|c| is_han(c) && crate::simplified::simplify_char(c) != c) {
        issues.push(NameIssue::Traditional);
    }
    reading.issues = issues;
    reading
}

fn cut_code(reading: &mut NameReading) {
    let trimmed = reading.name.trim_end_matches('）');
    let code =
        trimmed.len().checked_sub(18).and_then(|at| trimmed.get(at..)).filter(|tail| tail.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if let Some(read) = code.and_then(|tail| CreditCode::read(tail).ok()) {
        let at = trimmed.len() - 18;
        reading.code = Some(read.value);
        reading.name.truncate(at);
        cut_code_word(&mut reading.name);
        reading.issues.push(NameIssue::CodeGlued);
    } else if let Some(tail) = code.filter(|tail| tail.bytes().filter(u8::is_ascii_digit).count() >= 10 && trimmed.len() > 18) {
        // A code with a slip is no code, and no part of the name either.
        reading.name.truncate(trimmed.len() - tail.len());
        cut_code_word(&mut reading.name);
        reading.issues.push(NameIssue::CodeGlued);
    }
}

/// Cuts off the word that announced a code, with the signs around it: （统一社会信用代码：.
fn cut_code_word(name: &mut String) {
    let signs = ['（', ' ', ':', '：', '-', ','];
    name.truncate(name.trim_end_matches(signs).len());
    for word in ["统一社会信用代码", "社会信用代码", "信用代码", "组织机构代码", "代码"] {
        if let Some(rest) = name.strip_suffix(word) {
            name.truncate(rest.trim_end_matches(signs).len());
            return;
        }
    }
}

/// Cuts off the name in letters that stands behind a whole name: 广州云山科技有限公司 YUNSHAN TECHNOLOGY CO., LTD.
fn cut_romanisation(reading: &mut NameReading) {
    let is_latin = |c: char| c.is_ascii_alphabetic() || matches!(c, ' ' | '.' | ',' | '&' | '-' | '/' | '（' | '）' | ':');
    let whole = reading.name.trim_end_matches(is_latin);
    let letters = reading.name[whole.len()..].chars().filter(char::is_ascii_alphabetic).count();
    if letters >= 4 && FORMS.iter().any(|form| whole.ends_with(form)) {
        reading.name.truncate(whole.len());
        reading.issues.push(NameIssue::Romanised);
    }
}

/// Brackets at the end tell a status, a former name, or are part of the name.
fn cut_remark(reading: &mut NameReading) {
    let status_of = |word: &str| crate::code_list::organisation_statuses().read(word).map(|code| code.code);
    // （已注销）… in front, …-注销 behind.
    let in_front = reading.name.strip_prefix('（').and_then(|rest| rest.split_once('）'));
    let behind = reading.name.rsplit_once(['-', '—', '－']).map(|(rest, word)| (word, rest));
    let told = [in_front, behind].into_iter().flatten().find_map(|(word, rest)| Some((status_of(word)?, rest.to_owned())));
    if let Some((status, rest)) = told.filter(|(_, rest)| rest.chars().count() >= 4) {
        reading.status = Some(status);
        reading.name = rest;
        reading.issues.push(NameIssue::StatusRemark);
    }
    if let Some(rest) = ["总部", "本部"].iter().find_map(|seat| reading.name.strip_suffix(seat)).filter(|rest| rest.ends_with("有限公司"))
    {
        reading.name.truncate(rest.len());
        reading.issues.push(NameIssue::FormRemark);
        return;
    }
    let Some(open) = reading.name.rfind('（').filter(|&open| open > 0 && reading.name.ends_with('）')) else { return };
    let inside = &reading.name[open + '（'.len_utf8()..reading.name.len() - '）'.len_utf8()];
    if let Some(status) = crate::code_list::organisation_statuses().read(inside) {
        reading.status = Some(status.code);
        reading.name.truncate(open);
        reading.issues.push(NameIssue::StatusRemark);
    } else if FORM_REMARKS.contains(&inside) && FORMS.iter().any(|form| reading.name[..open].ends_with(form)) {
        reading.name.truncate(open);
        reading.issues.push(NameIssue::FormRemark);
    } else if ["法人", "法定代表人", "负责人", "经营者", "联系人"].iter().any(|word| inside.starts_with(word)) {
        reading.name.truncate(open);
        reading.issues.push(NameIssue::PersonRemark);
    } else if let Some(former) = name_after(inside, &["原名称", "原名", "曾用名称", "曾用名", "前称", "原"]) {
        reading.former = Some(former.to_owned());
        reading.name.truncate(open);
        reading.issues.push(NameIssue::FormerName);
    } else if let Some(present) =
        name_after(inside, &["已更名为", "更名为", "现已更名为", "现更名为", "已变更为", "变更为", "现名称", "现名", "现"])
    {
        let present = present.to_owned();
        reading.name.truncate(open);
        reading.former = Some(std::mem::replace(&mut reading.name, present));
        reading.issues.push(NameIssue::FormerName);
    }
}

/// Cuts off the word in front that says that the name is of the past: 原广州青山科技有限公司. Of 原力科技有限公司 it is the name.
fn cut_formerly(reading: &mut NameReading) {
    let past = reading.name.strip_prefix('原').filter(|rest| !super::parse::parse(rest).division.is_empty());
    if let Some(rest) = past.and_then(whole_name) {
        reading.name = rest.to_owned();
        reading.issues.push(NameIssue::FormerName);
    }
}

/// The whole name after a word that announces one: 原广州青山科技有限公司, 曾用名：….
fn name_after<'r>(remark: &'r str, words: &[&str]) -> Option<&'r str> {
    let name = words.iter().find_map(|word| remark.strip_prefix(word))?;
    let name = name.trim_start_matches([':', '：', '为', '是']);
    whole_name([",已更名", "，已更名", "、已更名", "已更名"].iter().find_map(|word| name.strip_suffix(word)).unwrap_or(name))
}

/// The text, when it has a form and something before it.
fn whole_name(name: &str) -> Option<&str> {
    FORMS.iter().any(|form| name.strip_suffix(form).is_some_and(|core| core.chars().nth(1).is_some())).then_some(name)
}

fn is_person(name: &str) -> bool {
    let mut characters = name.chars();
    let known = characters.next().is_some_and(|first| surnames::single(first).is_some());
    known && (2..=3).contains(&name.chars().count()) && name.chars().all(is_han)
}

/// Whether the name ends in the middle of a form: 有限公, 有限责任公.
fn is_truncated(name: &str) -> bool {
    ["有限公", "有限", "责任公", "有限责任", "股份有限", "股份有", "有限责"].iter().any(|end| name.ends_with(end))
}
