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
        Self { codes, by_code, by_word }
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
        self.find(text).or_else(|| self.named(&word)).or_else(|| self.named_twice(&word)).or_else(|| {
            // 日本籍, 德国人.
            let stem = word.strip_suffix("籍").or_else(|| word.strip_suffix("人"))?;
            stem.chars().nth(1).and_then(|_| self.named(stem))
        })
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
