//! Which code of a standard list does a text name, by code, name or common synonym?

mod lists;
mod synonyms;

use std::borrow::Cow;

pub use lists::{
    countries, country_by_alpha3, country_by_numeric, document_types, economic_types, ethnic_groups, industry, industry_section, land_uses,
    legal_forms, marital_statuses, organisation_statuses, person_statuses, sexes,
};

use crate::characters::{is_space, is_zero_width, narrow};
use crate::simplified::simplify_char;
use crate::table::{Table, table};

/// An entry of a code list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The code as the standard prints it; text, since `01` is not `1`.
    pub code: &'static str,
    /// The Chinese name.
    pub name_zh: &'static str,
    /// The English name; empty when the source has none.
    pub name_en: &'static str,
}

/// A code list with the words that name its entries.
#[derive(Debug)]
pub struct CodeList {
    codes: Vec<Code>,
    by_code: Table<&'static str, usize>,
    by_word: Table<Cow<'static, str>, usize>,
    dress: Dress,
    /// The codes in the order in which one of several in a text counts; none when a text tells one.
    order: &'static [&'static str],
}

/// Words around the name of an entry that say nothing of it.
#[derive(Clone, Copy, Debug, Default)]
struct Dress {
    before: &'static [&'static str],
    after: &'static [&'static str],
}

impl CodeList {
    fn new(codes: impl Iterator<Item = Code>, synonyms: &[(&'static str, &'static str)]) -> Self {
        let codes: Vec<Code> = codes.collect();
        let (mut by_code, mut by_word) = (table(codes.len()), table(codes.len() * 2));
        for (at, code) in codes.iter().enumerate() {
            by_code.insert(code.code, at);
            for name in [code.name_zh, code.name_en] {
                by_word.entry(Cow::Owned(word(name).into_owned())).or_insert(at);
            }
        }
        for (synonym, code) in synonyms {
            if let Some(&at) = by_code.get(code) {
                by_word.insert(Cow::Owned(word(synonym).into_owned()), at);
            }
        }
        by_word.remove("");
        Self { codes, by_code, by_word, dress: Dress::default(), order: &[] }
    }

    /// The list whose words may stand between others.
    fn dressed(self, dress: Dress) -> Self {
        Self { dress, ..self }
    }

    /// The list of which a text may tell several entries; the first of the order counts.
    fn compound(self, order: &'static [&'static str]) -> Self {
        Self { order, ..self }
    }

    /// The entry with exactly this code.
    #[must_use]
    pub fn find(&self, code: &str) -> Option<&Code> {
        self.by_code.get(code).map(|&at| &self.codes[at])
    }

    /// The entry that the text names: by code, by name or by a synonym, in any width and case, or by code and name beside each other
    /// (1-男, 01汉族) when both name one entry.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<&Code> {
        let word = word(text);
        self.find(text)
            .or_else(|| self.named(&word))
            .or_else(|| self.named_twice(&word))
            .or_else(|| self.undressed(&word))
            .or_else(|| {
                // 日本籍, 德国人.
                let stem = word.strip_suffix("籍").or_else(|| word.strip_suffix("人"))?;
                stem.chars().nth(1).and_then(|_| self.named(stem).or_else(|| self.undressed(stem)))
            })
            .or_else(|| self.told_among(&word))
    }

    /// The entry whose name stands between words that say nothing.
    fn undressed(&self, word: &str) -> Option<&Code> {
        let starts = std::iter::once(word).chain(self.dress.before.iter().filter_map(|dress| word.strip_prefix(dress)));
        let mut stems =
            starts.flat_map(|start| std::iter::once(start).chain(self.dress.after.iter().filter_map(|dress| start.strip_suffix(dress))));
        stems.find_map(|stem| stem.chars().nth(1).and_then(|_| self.named(stem)))
    }

    /// The entry that counts of those that the parts of a text name: 注销(吸收合并), 吊销-已注销. A part that denies (未注销) says nothing more.
    fn told_among(&self, word: &str) -> Option<&Code> {
        let mut best: Option<usize> = None;
        // 因被合并而注销, 清算后注销
        let parts = word.split(['(', ')', ',', '、', ';', '/', '-', '—', '而', '后']).filter(|part| !part.is_empty());
        for part in parts.filter(|part| !part.starts_with('未') && !part.starts_with("尚未")) {
            let code = self.named(part).or_else(|| self.undressed(part))?.code;
            let at = self.order.iter().position(|known| *known == code)?;
            best = Some(best.map_or(at, |before| before.min(at)));
        }
        self.find(self.order.get(best?)?)
    }

    fn named(&self, word: &str) -> Option<&Code> {
        self.by_word.get(word).or_else(|| self.by_code.get(word)).map(|&at| &self.codes[at])
    }

    /// The entry that the code and the word in a text both name.
    fn named_twice(&self, word: &str) -> Option<&Code> {
        let code = word.trim_matches(|c: char| !c.is_ascii_digit());
        let rest: String = word.chars().filter(|c| c.is_alphabetic()).collect();
        if code.is_empty() || rest.is_empty() || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (by_code, by_name) = (self.named(code)?, self.named(&rest)?);
        (by_code.code == by_name.code).then_some(by_code)
    }

    /// All entries in the order of the list.
    #[must_use]
    pub fn codes(&self) -> &[Code] {
        &self.codes
    }
}

/// A word as the tables know it: narrow, upper case, simplified, without spaces.
fn word(text: &str) -> Cow<'_, str> {
    let plain = |c: char| !is_space(c) && !is_zero_width(c) && narrow(c) == c && !c.is_ascii_lowercase() && simplify_char(c) == c;
    if text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .filter(|&c| !is_space(c) && !is_zero_width(c))
            .map(|c| match narrow(c) {
                '（' => '(',
                '）' => ')',
                c => simplify_char(c.to_ascii_uppercase()),
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(list: &CodeList, cases: &[(&str, &str)]) {
        for (text, code) in cases {
            assert_eq!(list.read(text).map_or("-", |found| found.code), *code, "{text}");
        }
    }

    #[test]
    fn words_of_forms_and_clerks_are_read() {
        check(marital_statuses(), &[("已离婚", "40"), ("已丧偶", "30"), ("离", "40"), ("同居", "-")]);
        check(countries(), &[("南韩", "KOR"), ("北朝鲜", "PRK"), ("澳洲", "AUS"), ("象牙海岸", "CIV"), ("台湾地区", "TWN"), ("苏联", "-")]);
        check(document_types(), &[("台湾居民身份证", "990"), ("香港居民身份证", "990"), ("回乡证", "516")]);
        check(legal_forms(), &[("中外合资经营", "5110"), ("工会", "81")]);
        for (text, section) in [("软件", "I"), ("零售", "F"), ("银行", "J"), ("医疗卫生", "Q"), ("物业管理", "K")] {
            assert_eq!(industry(text).as_deref(), Some(section), "{text}");
        }
        assert_eq!(industry("其他"), None);
    }

    #[test]
    fn a_status_is_read_in_the_words_of_every_register() {
        let cases = [
            ("吸收合并注销", "deregistered"),
            ("吸收合并", "deregistered"),
            ("因合并注销", "deregistered"),
            ("因合并解散注销", "deregistered"),
            ("被兼并", "deregistered"),
            ("已被兼并", "deregistered"),
            ("列入另册", "revoked"),
            ("已列入另册", "revoked"),
            ("因吸收合并注销", "deregistered"),
            ("因被吸收合并", "deregistered"),
            ("合并（被吸收）", "deregistered"),
            ("被吸收合并", "deregistered"),
            ("吸收合并（被吸收方）", "deregistered"),
            ("吸收合并（存续方）", "active"),
            ("已吸收合并", "deregistered"),
            ("已告解散", "deregistered"),
            ("个体转企业", "deregistered"),
            ("注销（吸收合并）", "deregistered"),
            ("吊销－已注销", "deregistered"),
            ("Dissolved", "deregistered"),
            ("解散", "liquidating"),
            ("破产", "liquidating"),
            ("已宣告破产", "liquidating"),
            ("简易注销公告中", "liquidating"),
            ("撤销登记", "rescinded"),
            ("登记被撤销", "rescinded"),
            ("已被撤销", "rescinded"),
            ("依法取缔", "rescinded"),
            ("证书废止", "revoked"),
            ("吊销（未注销）", "revoked"),
            ("吊销，尚未注销", "revoked"),
            ("吊销企业", "revoked"),
            ("在业状态", "active"),
            ("存续（在营）", "active"),
            ("ACTIVE", "active"),
            ("active", "active"),
            ("歇业备案", "closed"),
            ("因被合并而注销", "deregistered"),
            ("因破产而注销", "deregistered"),
            ("清算后注销", "deregistered"),
            ("另册管理", "revoked"),
            ("已转入另册管理", "revoked"),
            ("因故而未注销", "-"),
            ("未注销", "-"),
            ("破产管理人", "-"),
            ("登记", "-"),
        ];
        check(organisation_statuses(), &cases);
    }

    #[test]
    fn a_country_is_read_by_its_full_name() {
        let cases = [
            ("日本国", "JPN"),
            ("日本国籍", "JPN"),
            ("法兰西共和国", "FRA"),
            ("德意志联邦共和国", "DEU"),
            ("越南社会主义共和国", "VNM"),
            ("朝鲜民主主义人民共和国", "PRK"),
            ("刚果民主共和国", "COD"),
            ("刚果共和国", "COG"),
            ("沙特阿拉伯王国", "SAU"),
            ("瑞士联邦", "CHE"),
            ("蒙古国", "MNG"),
            ("泰国人", "THA"),
            ("外国", "-"),
            ("共和国", "-"),
        ];
        check(countries(), &cases);
    }

    #[test]
    fn a_legal_form_is_read_in_the_words_of_the_law_and_of_offices() {
        let cases = [
            ("机关法人", "11"),
            ("事业单位法人", "12"),
            ("国有独资公司", "1110"),
            ("有限责任公司（法人独资）", "1150"),
            ("特殊的普通合伙企业", "4532"),
            ("农村集体经济组织", "N9"),
            ("村级集体经济组织", "N2"),
            ("有限责任公司（港澳台法人独资）", "6150"),
            ("19", "19"),
            ("其他", "9900"),
        ];
        check(legal_forms(), &cases);
    }

    #[test]
    fn who_belongs_to_no_recognised_group_is_one_of_the_others() {
        check(ethnic_groups(), &[("未识别", "97"), ("未定族称人口", "97"), ("穿青人", "97"), ("81", "97")]);
    }
}
