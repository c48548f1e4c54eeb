//! What is a value's comparable form?

use jiku_text::characters::{is_masked, is_placeholder, tidy};
use jiku_text::dates::PartialDate;
use jiku_text::person_name;

/// In which order a column's dates name day and month when the year comes last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateOrder {
    /// 31/12/1980.
    #[default]
    DayFirst,
    /// 12/31/1980.
    MonthFirst,
}

/// Words that stand for no value in Latin tables, in lower case.
const NOTHING: [&str; 24] = [
    "na",
    "n/a",
    "n.a.",
    "nan",
    "none",
    "null",
    "nil",
    "unknown",
    "unk",
    "missing",
    "not known",
    "not available",
    "not applicable",
    "not stated",
    "undefined",
    "tbc",
    "tbd",
    "xxx",
    "xx",
    "test",
    "?",
    "-",
    "--",
    ".",
];

/// A text trimmed, in lower case and with single spaces; none when it stands for no value.
pub(crate) fn plain(text: &str) -> Option<String> {
    let text = tidy(text).to_lowercase();
    let text = text.trim_matches(|c: char| matches!(c, '"' | '\'' | ',' | ';'));
    let nothing = text.is_empty() || NOTHING.contains(&text) || is_placeholder(text) || is_masked(text);
    (!nothing).then(|| text.to_owned())
}

/// A number as people write it: with commas between thousands, and a sign of currency.
pub(crate) fn number(text: &str) -> Option<f64> {
    let bare = text.trim_matches(|c: char| matches!(c, '£' | '$' | '€' | '¥' | '￥' | '元') || c.is_whitespace());
    bare.replace(',', "").parse::<f64>().ok().filter(|number| number.is_finite())
}

/// The values of a cell that may hold several: `["a","b"]`, `a;b`, `a|b`, `a、b`.
pub(crate) fn parts(text: &str) -> impl Iterator<Item = &str> {
    let text = text.trim();
    let listed = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let is_list = listed.is_some();
    let separates = move |c: char| if is_list { c == ',' } else { matches!(c, ';' | '；' | '|' | '、') };
    listed.unwrap_or(text).split(separates).map(|part| part.trim().trim_matches('"')).filter(|part| !part.is_empty())
}

/// Letters, digits and single spaces only; apostrophes join, other marks separate.
pub(crate) fn words_only(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !matches!(c, '\'' | '’' | '`')) {
        if c.is_alphanumeric() || c == '·' {
            words.push(c);
        } else if !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
    }
    words.truncate(words.trim_end().len());
    words
}

/// Letters and digits only.
pub(crate) fn compact(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Digits of a phone number without country code and trunk prefix, so far as they tell: `+1 212…`, `0049 30…`, `86 138…`. Eleven digits without a
/// sign are a Chinese mobile number (13 to 19), unless the one stands alone or a two follows it, as in North America.
pub(crate) fn phone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let same = digits.bytes().all(|digit| Some(digit) == digits.bytes().next());
    if digits.len() < 5 || same {
        return None;
    }
    let first = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let signed = text.trim_start().trim_start_matches('(').starts_with('+');
    let national = if let Some(rest) = digits.strip_prefix("00") {
        without_country(rest)
    } else if signed || digits.len() > 11 && !digits.starts_with('0') {
        without_country(&digits)
    } else if digits.len() == 11
        && digits.starts_with('1')
        && (digits.starts_with("12") || !first[1..].starts_with(|c: char| c.is_ascii_digit()))
    {
        &digits[1..]
    } else {
        &digits
    };
    let national = national.trim_start_matches('0');
    Some(national[national.len().saturating_sub(11)..].to_owned()).filter(|national| national.len() >= 4)
}

/// Digits after the country code (ITU-T E.164, annex): of one digit, of two, else of three.
fn without_country(digits: &str) -> &str {
    const OF_TWO: [&str; 44] = [
        "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49", "51", "52", "53", "54",
        "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
    ];
    let code = match digits.get(..2) {
        Some(two) if two.starts_with(['1', '7']) => 1,
        Some(two) if OF_TWO.contains(&two) => 2,
        _ => 3,
    };
    digits.get(code..).unwrap_or(digits)
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A date in canonical form; dates that stand for "unknown" are none.
pub(crate) fn date(text: &str, order: DateOrder) -> Option<String> {
    let date = match PartialDate::read(text) {
        Ok(reading) => reading.date,
        Err(_) => year_last(text, order)?,
    };
    let written = date.to_string();
    (!matches!(written.as_str(), "1900-01-01" | "1800-01-01" | "9999-12-31" | "1111-11-11" | "1970-01-01")).then_some(written)
}

/// 31/12/1980, 31-Dec-80, December 31, 1980.
fn year_last(text: &str, order: DateOrder) -> Option<PartialDate> {
    let [a, b, year] = numbers(text)?;
    let year = if year < 100 { if year <= 30 { 2000 + year } else { 1900 + year } } else { year };
    let (day, month) = match (order, a, b) {
        (_, a, b) if a > 12 && b <= 12 => (a, b),
        (_, a, b) if b > 12 && a <= 12 => (b, a),
        (DateOrder::DayFirst, a, b) => (a, b),
        (DateOrder::MonthFirst, a, b) => (b, a),
    };
    PartialDate::new(u16::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
}

/// The three numbers of a date whose year comes last; a month by name is put where the order expects it.
fn numbers(text: &str) -> Option<[u32; 3]> {
    let lower = text.to_lowercase();
    let parts: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let [first, second, year] = parts[..] else { return None };
    let number = |part: &str| part.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse::<u32>().ok().filter(|n| *n <= 9999);
    let month = |part: &str| MONTHS.iter().zip(1..).find(|(name, _)| part.starts_with(**name)).map(|(_, number)| number);
    let year = number(year)?;
    // A day above 12 beside a month by name cannot be taken for the month; below, day first is meant.
    if let Some(month) = month(first) {
        return Some([number(second)?, month, year]);
    }
    if let Some(month) = month(second) {
        return Some([number(first)?, month, year]);
    }
    Some([number(first)?, number(second)?, year])
}

/// Which order the column's dates are in, as far as they tell: the share of days above 12 decides.
pub(crate) fn date_order<'a>(values: impl Iterator<Item = &'a str>) -> DateOrder {
    let (mut day_first, mut month_first) = (0, 0);
    for value in values {
        let mut parts = value.split(['/', '-', '.', ' ']).map(str::trim);
        if let (Some(Ok(a)), Some(Ok(b))) = (parts.next().map(str::parse::<u32>), parts.next().map(str::parse::<u32>)) {
            day_first += u32::from((13..=31).contains(&a) && b <= 12);
            month_first += u32::from((13..=31).contains(&b) && a <= 12);
        }
    }
    if month_first > day_first { DateOrder::MonthFirst } else { DateOrder::DayFirst }
}

/// A Chinese name's comparison form and its reading.
pub(crate) fn chinese_name(text: &str) -> (String, String) {
    let key = person_name::comparison_key(&compact(text)).into_owned();
    let reading = person_name::full_reading(&key);
    (key, reading)
}

/// Whether a text has Chinese characters.
pub(crate) fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| matches!(u32::from(c), 0x3400..=0x9fff | 0x2_0000..=0x3_ffff))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_every_common_format() {
        let formats =
            ["1980-12-31", "19801231", "31/12/1980", "31.12.1980", "31-Dec-1980", "December 31, 1980", "1980年12月31日", "31/12/80"];
        for text in formats {
            assert_eq!(date(text, DateOrder::DayFirst).as_deref(), Some("1980-12-31"), "{text}");
        }
        assert_eq!(date("04/06/1980", DateOrder::MonthFirst).as_deref(), Some("1980-04-06"));
        assert_eq!(date("04/06/1980", DateOrder::DayFirst).as_deref(), Some("1980-06-04"));
        assert_eq!(date_order(["04/06/1980", "04/26/1980"].into_iter()), DateOrder::MonthFirst);
    }

    #[test]
    fn a_phone_is_one_number_with_and_without_its_country_code() {
        for (number, written) in [
            ("2079460958", &["+44 (0)20 7946 0958", "020 7946 0958", "0044 20 7946 0958", "442079460958"][..]),
            ("2125550123", &["+1 212-555-0123", "(212) 555-0123", "12125550123", "1-212-555-0123", "212.555.0123"]),
            ("3125550123", &["+1 312-555-0123", "1 (312) 555-0123", "312.555.0123"]),
            ("301234567", &["+49 30 1234567", "030/1234567", "0049301234567", "(+49) 30 1234567"]),
            ("13800138000", &["13800138000", "+86 138 0013 8000", "0086-13800138000", "8613800138000", "138-0013-8000", "013800138000"]),
            ("1088886666", &["010-88886666", "+86 10 88886666"]),
            ("355512345", &["+351 355 512 345", "355512345"]),
        ] {
            written.iter().for_each(|text| assert_eq!(phone(text).as_deref(), Some(number), "{text}"));
        }
    }

    #[test]
    fn placeholders_are_no_values() {
        for text in ["", "  ", "N/A", "unknown", "NULL", "-", "不详"] {
            assert_eq!(plain(text), None, "{text:?}");
        }
        assert_eq!(date("1900-01-01", DateOrder::DayFirst), None);
        assert_eq!(phone("0000000000"), None);
    }

    #[test]
    fn case_spaces_and_marks_do_not_matter() {
        assert_eq!(plain("  Anna   MARIA "), Some("anna maria".to_owned()));
        assert_eq!(words_only("o'neill-smith, st."), "oneill smith st");
    }
}
