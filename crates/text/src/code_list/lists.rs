//! Which code lists are there?

use std::sync::LazyLock;

use super::synonyms;
use super::{Code, CodeList};
use crate::table::{Table, rows, table};

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident from $file:literal as ($code:literal, $zh:literal, $en:expr) with $synonyms:expr$(, dressed $dress:expr)?;)*) => { $(
        $(#[$doc])*
        #[must_use]
        pub fn $name() -> &'static CodeList {
            static LIST: LazyLock<CodeList> = LazyLock::new(|| {
                let cell = |row: &[&'static str], at: usize| row.get(at).copied().unwrap_or_default();
                let codes = rows(include_str!(concat!("../../../../fixtures/reference/", $file)))
                    .map(|row| Code { code: cell(&row, $code), name_zh: cell(&row, $zh), name_en: cell(&row, $en) });
                CodeList::new(codes, $synonyms)$(.dressed($dress))?
            });
            &LIST
        }
    )* };
}

lists! {
    /// Sex, GB/T 2261.1-2003.
    sexes from "sex.csv" as (0, 1, 2) with &synonyms::SEX;
    /// Marital status, GB/T 2261.2-2003.
    marital_statuses from "marital_status.csv" as (0, 1, 2) with &synonyms::MARITAL_STATUS;
    /// Ethnic groups, GB/T 3304-1991.
    ethnic_groups from "ethnic_groups.csv" as (0, 3, 2) with &synonyms::ethnic_groups();
    /// Countries and regions, ISO 3166-1; the code is alpha-3.
    countries from "countries.csv" as (2, 3, 4) with &synonyms::countries(), dressed synonyms::COUNTRY_DRESS;
    /// Identity document types of the GA/T 517 family.
    document_types from "id_document_types.csv" as (0, 1, 2) with &synonyms::DOCUMENT_TYPE;
    /// Economic types, GB/T 12402-2000.
    economic_types from "economic_types.csv" as (0, 1, 2) with &[];
    /// Land use classes, GB/T 21010-2017.
    land_uses from "land_use_classes.csv" as (0, 3, 4) with &[];
}

/// The alpha-3 code of a country by its numeric code.
#[must_use]
pub fn country_by_numeric(numeric: u32) -> Option<&'static str> {
    static NUMERIC: LazyLock<Table<u32, &'static str>> = LazyLock::new(|| {
        let mut numeric = table(256);
        numeric.extend(
            rows(include_str!("../../../../fixtures/reference/countries.csv")).filter_map(|row| Some((row[0].parse().ok()?, row[2]))),
        );
        numeric
    });
    NUMERIC.get(&numeric).copied()
}

/// The country with this alpha-3 code.
#[must_use]
pub fn country_by_alpha3(code: &str) -> Option<&'static Code> {
    countries().find(code)
}

/// Legal forms: enterprise types of the market regulation (four digits), and for all others the department and the category of
/// GB 32100, the first two characters of their unified code (`51` 社会团体, `12` 事业单位).
#[must_use]
pub fn legal_forms() -> &'static CodeList {
    static LIST: LazyLock<CodeList> = LazyLock::new(|| {
        let enterprises = rows(include_str!("../../../../fixtures/reference/enterprise_types.csv")).map(|row| (row[0], row[1]));
        // Codes of two columns are put together once for the life of the process.
        let others = rows(include_str!("../../../../fixtures/reference/uscc_categories.csv")).filter(|row| row[0] != "9").map(|row| {
            // Each department has its others: 其他（农业农村）.
            let name = if row[3] == "其他" { &*format!("其他（{}）", row[1]).leak() } else { row[3] };
            (&*[row[0], row[2]].concat().leak(), name)
        });
        let codes = enterprises.chain(others).map(|(code, name_zh)| Code { code, name_zh, name_en: "" });
        CodeList::new(codes, synonyms::LEGAL_FORM)
    });
    &LIST
}

static INDUSTRY_SECTIONS: LazyLock<CodeList> = LazyLock::new(|| {
    let codes = rows(include_str!("../../../../fixtures/reference/industry_sections.csv")).map(|row| Code {
        code: row[0],
        name_zh: row[1],
        name_en: row[2],
    });
    CodeList::new(codes, &synonyms::INDUSTRY)
});

/// An industry of GB/T 4754-2017: a section by letter, name or synonym, or the code of a division, group or class with
/// or without the letter of its section (`I65`, `6510`); the canonical form carries the letter. The section must be
/// the one the division lies in; the list of classes below the divisions is not checked.
#[must_use]
pub fn industry(text: &str) -> Option<String> {
    if let Some(section) = INDUSTRY_SECTIONS.read(text) {
        return Some(section.code.to_owned());
    }
    let text = crate::characters::compact_number(text);
    let (letter, digits) = match text.strip_prefix(|c: char| c.is_ascii_uppercase()) {
        Some(digits) => (Some(&text[..1]), digits),
        None => (None, text.as_str()),
    };
    if !(2..=4).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let section = section_of_division(digits[..2].parse().ok()?)?;
    (letter.is_none() || letter == Some(section)).then(|| format!("{section}{digits}"))
}

/// The section in which the canonical code of an industry lies: its first letter.
#[must_use]
pub fn industry_section(code: &str) -> Option<&'static Code> {
    let letters = code.len() == 1 || code.get(1..).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    INDUSTRY_SECTIONS.find(code.get(..1)?).filter(|_| letters)
}

fn section_of_division(division: usize) -> Option<&'static str> {
    static SECTIONS: LazyLock<Vec<Option<&'static str>>> = LazyLock::new(|| {
        let mut sections = vec![None; 100];
        for row in rows(include_str!("../../../../fixtures/reference/industry_sections.csv")) {
            let (first, last) = row[3].split_once('-').unwrap_or((row[3], row[3]));
            let range = first.parse::<usize>().unwrap_or(0)..=last.parse::<usize>().unwrap_or(0);
            sections.iter_mut().enumerate().filter(|(at, _)| range.contains(at)).for_each(|(_, section)| *section = Some(row[0]));
        }
        sections
    });
    SECTIONS.get(division).copied().flatten()
}

/// What became of a person, as far as the register knows. There is no national code list: the codes are our own words.
#[must_use]
pub fn person_statuses() -> &'static CodeList {
    static LIST: LazyLock<CodeList> =
        LazyLock::new(|| CodeList::new(synonyms::PERSON_STATUS.iter().copied(), &synonyms::PERSON_STATUS_WORDS));
    &LIST
}

/// Of two statuses in one text (吊销-已注销) the one that came later in the life of an organisation is its own.
const FROM_THE_LAST: [&str; 8] = ["deregistered", "rescinded", "revoked", "liquidating", "closed", "suspended", "moved-away", "active"];

/// What became of a legal person. There is no national code list: the codes are our own words.
#[must_use]
pub fn organisation_statuses() -> &'static CodeList {
    static LIST: LazyLock<CodeList> = LazyLock::new(|| {
        let words = CodeList::new(synonyms::ORGANISATION_STATUS.iter().copied(), synonyms::ORGANISATION_STATUS_WORDS);
        words.dressed(synonyms::ORGANISATION_STATUS_DRESS).compound(&FROM_THE_LAST)
    });
    &LIST
}
