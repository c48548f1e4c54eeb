//! What is a value's comparable form?

use jiku_text::characters::{is_masked, is_placeholder, tidy};
use jiku_text::dates::PartialDate;
use jiku_text::{person_name, surnames};

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

/// A number as people write it: with a sign of currency, with commas, points, spaces or apostrophes between thousands, and a point or a comma before the
/// decimals. What could be either, as in 1,234, stands before decimals when the column's decimals have a comma.
pub(crate) fn number(text: &str, decimal_comma: bool) -> Option<f64> {
    let bare = text.trim_matches(|c: char| matches!(c, '£' | '$' | '€' | '¥' | '￥' | '元') || c.is_whitespace());
    let bare: String = bare.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’')).collect();
    let written = match marks(&bare) {
        Marks::None => bare,
        Marks::Decimal(mark) => decimals_behind(&bare, mark),
        Marks::Either(',') if !decimal_comma => bare.replace(',', ""),
        Marks::Either('.') if decimal_comma => bare.replace('.', ""),
        Marks::Either(mark) => decimals_behind(&bare, mark),
        Marks::Thousands(mark) => bare.replace(mark, ""),
        Marks::Senseless => return None,
    };
    written.parse::<f64>().ok().filter(|number| number.is_finite())
}

/// Whether a column's numbers have a comma before their decimals, as far as they tell.
pub(crate) fn has_decimal_commas<'a>(values: impl Iterator<Item = &'a str>) -> bool {
    let (mut commas, mut points) = (0_u32, 0_u32);
    for value in values.filter(|value| number(value, false).is_some()) {
        match marks(value) {
            Marks::Decimal(',') => commas += 1,
            Marks::Decimal(_) => points += 1,
            _ => {}
        }
    }
    commas > points
}

/// What the commas and points in a number are.
enum Marks {
    None,
    /// This one stands before the decimals, and the other between thousands.
    Decimal(char),
    /// There is one, before three digits.
    Either(char),
    /// This one stands between thousands.
    Thousands(char),
    /// They are in places where no number has any.
    Senseless,
}

fn marks(text: &str) -> Marks {
    let Some(at) = text.rfind([',', '.']) else { return Marks::None };
    let mark = if text[at..].starts_with(',') { ',' } else { '.' };
    let other = if mark == ',' { '.' } else { ',' };
    let (before, after) = (&text[..at], &text[at + 1..]);
    let thousands = |text: &str, mark: char| {
        let mut groups = text.split(mark);
        let first = groups.next().map_or(0, |first| first.chars().filter(char::is_ascii_digit).count());
        (1..=3).contains(&first) && groups.all(|group| group.len() == 3)
    };
    let whole = before.trim_start_matches(['-', '+']);
    match (before.contains(mark), before.contains(other)) {
        (true, true) => Marks::Senseless,
        (true, false) => {
            if thousands(text, mark) {
                Marks::Thousands(mark)
            } else {
                Marks::Senseless
            }
        }
        (false, true) => {
            if thousands(before, other) {
                Marks::Decimal(mark)
            } else {
                Marks::Senseless
            }
        }
        (false, false) if after.len() == 3 && (1..=3).contains(&whole.len()) && whole != "0" => Marks::Either(mark),
        (false, false) => Marks::Decimal(mark),
    }
}

fn decimals_behind(text: &str, mark: char) -> String {
    if mark == ',' { text.replace('.', "").replace(',', ".") } else { text.replace(',', "") }
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

/// The last year that two digits mean where the column does not tell: 30 is 2030, 31 is 1931.
pub(crate) const LATEST_YEAR: u16 = 2030;
/// The last year of birth that two digits mean where the column does not tell: nobody is born in the future.
const LATEST_BIRTH: u16 = 2026;

/// A date in canonical form; dates that stand for "unknown" are none. Years of two digits are the last that end so, up to `latest_year`.
pub(crate) fn date(text: &str, order: DateOrder, latest_year: u16) -> Option<String> {
    let date = match PartialDate::read(text) {
        Ok(reading) => reading.date,
        Err(_) => year_last(text, order, latest_year)?,
    };
    let written = date.to_string();
    (!matches!(written.as_str(), "1900-01-01" | "1800-01-01" | "9999-12-31" | "1111-11-11" | "1970-01-01")).then_some(written)
}

/// The last year that two digits mean in a column, where it has such years. Births are not later than those whose years are told in full.
pub(crate) fn latest_year<'a>(values: impl Iterator<Item = &'a str>, of_birth: bool) -> Option<u16> {
    /// So many full years tell which is the last.
    const ENOUGH: usize = 30;
    let mut short = false;
    let mut years: Vec<u16> = Vec::new();
    for value in values.filter_map(plain) {
        match numbers(&value) {
            Some([_, _, year]) if year < 100 && PartialDate::read(&value).is_err() => short = true,
            _ => years.extend(date(&value, DateOrder::DayFirst, LATEST_YEAR).and_then(|date| date[..4].parse::<u16>().ok())),
        }
    }
    years.sort_unstable();
    // One in a thousand may be a slip.
    let told = years.len().checked_sub(1 + years.len() / 1_000).map(|at| years[at]);
    let latest = match told {
        Some(told) if of_birth && years.len() >= ENOUGH => told,
        _ if of_birth => LATEST_BIRTH,
        Some(told) => told.max(LATEST_YEAR),
        None => LATEST_YEAR,
    };
    short.then_some(latest.clamp(1_900, 2_199))
}

/// 31/12/1980, 31-Dec-80, December 31, 1980.
fn year_last(text: &str, order: DateOrder, latest_year: u16) -> Option<PartialDate> {
    let [a, b, year] = numbers(text)?;
    let latest = u32::from(latest_year);
    let year = if year < 100 { latest - (latest - year) % 100 } else { year };
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

/// Whether a text is written as the names of Chinese people are: a surname, and a given name of one or two characters.
pub(crate) fn is_chinese_person(text: &str) -> bool {
    let characters: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let of_characters = characters.iter().all(|c| is_chinese(c.encode_utf8(&mut [0; 4])));
    of_characters
        && match characters[..] {
            [surname, _] | [surname, _, _] => surnames::single(surname).is_some(),
            [first, second, _, _] => surnames::compound(first, second).is_some(),
            _ => false,
        }
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
            assert_eq!(date(text, DateOrder::DayFirst, LATEST_YEAR).as_deref(), Some("1980-12-31"), "{text}");
        }
        assert_eq!(date("04/06/1980", DateOrder::MonthFirst, LATEST_YEAR).as_deref(), Some("1980-04-06"));
        assert_eq!(date("04/06/1980", DateOrder::DayFirst, LATEST_YEAR).as_deref(), Some("1980-06-04"));
        assert_eq!(date_order(["04/06/1980", "04/26/1980"].into_iter()), DateOrder::MonthFirst);
    }

    #[test]
    fn years_of_two_digits_are_of_the_century_their_column_is_of() {
        #[track_caller]
        fn check(column: &[&str], of_birth: bool, short: &str, expected: &str) {
            let latest = latest_year(column.iter().copied(), of_birth).expect("there is a short year");
            assert_eq!(date(short, DateOrder::DayFirst, latest).as_deref(), Some(expected), "{latest}");
        }
        // Nobody was born in 2028, and where births end in 1999 nobody in 2005.
        check(&["01.02.28", "03.04.80"], true, "01.02.28", "1928-02-01");
        check(&["01.02.28", "03.04.80"], false, "01.02.28", "2028-02-01");
        let adults: Vec<String> = (0..60).map(|at| format!("03.04.{}", 1940 + at)).collect();
        let adults: Vec<&str> = adults.iter().map(String::as_str).chain(["01.02.05"]).collect();
        check(&adults, true, "01.02.05", "1905-02-01");
        check(&["01.02.05", "31/12/2044"], false, "01/02/44", "2044-02-01");
        assert_eq!(latest_year(["1980-12-31", "31.12.1980"].into_iter(), true), None);
    }

    #[test]
    fn decimals_have_a_point_or_a_comma() {
        for (text, decimal_comma, value) in [
            ("3,15", false, Some(3.15)),
            ("3.15", true, Some(3.15)),
            ("1.234,56", false, Some(1234.56)),
            ("€ 1,234.56", true, Some(1234.56)),
            ("1,234", false, Some(1234.0)),
            ("1,234", true, Some(1.234)),
            ("1.234", false, Some(1.234)),
            ("1.234", true, Some(1234.0)),
            ("0,125", false, Some(0.125)),
            ("1 234,5", false, Some(1234.5)),
            ("1'234.5", false, Some(1234.5)),
            ("-1.234.567", false, Some(-1_234_567.0)),
            ("12,345,678", true, Some(12_345_678.0)),
            ("1234,567", false, Some(1234.567)),
            ("10.1.2.3", false, None),
            ("31.12.1980", false, None),
            ("1,2,3", false, None),
        ] {
            assert_eq!(number(text, decimal_comma), value, "{text} {decimal_comma}");
        }
        assert!(has_decimal_commas(["3,5", "1.234", "7"].into_iter()));
        assert!(!has_decimal_commas(["3.5", "1,234", "7,25", "8.5"].into_iter()));
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
        assert_eq!(date("1900-01-01", DateOrder::DayFirst, LATEST_YEAR), None);
        assert_eq!(phone("0000000000"), None);
    }

    #[test]
    fn case_spaces_and_marks_do_not_matter() {
        assert_eq!(plain("  Anna   MARIA "), Some("anna maria".to_owned()));
        assert_eq!(words_only("o'neill-smith, st."), "oneill smith st");
    }
}
