//! Which calendar date does a text tell, and how much of it?

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta};

use crate::characters::{narrow, tidy};
use crate::numerals;

/// A Gregorian date of which the day, or month and day, may be unknown: `1980`, `1980-04`, `1980-04-06`.
///
/// `FromStr` reads and `Display` writes that form; [`PartialDate::read`] reads what forms and files hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartialDate {
    year: u16,
    month: u8,
    day: u8,
}

/// Why a text is no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DateError {
    /// Written in a way that names a date, but the calendar has no such day.
    Impossible,
    /// Could be read in several ways, or is of a calendar or form that only its source can explain.
    Unclear,
}

/// A date that was read, and whether its form was the canonical one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateReading {
    /// The date.
    pub date: PartialDate,
    /// Whether it was written as ISO 8601 has it.
    pub canonical: bool,
    /// Whether zeros stood for a month or a day that is not known: `1985-06-00`, `19850000`.
    pub zeros: bool,
    /// Whether a time of day was written without its offset from UTC: `1980-04-06T16:00:00` may be the seventh in China. Midnight, which
    /// databases write behind a date, is none.
    pub zone_missing: bool,
}

impl PartialDate {
    /// The date, when the calendar has it. Month 0 or day 0 mean unknown.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let possible = match (month, day) {
            (0, 0) => true,
            (1..=12, 0) => true,
            _ => NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day)).is_some(),
        };
        ((1..=9999).contains(&year) && possible).then_some(Self { year, month, day })
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, when known.
    #[must_use]
    pub const fn month(self) -> Option<u8> {
        if self.month == 0 { None } else { Some(self.month) }
    }

    /// The day, when known.
    #[must_use]
    pub const fn day(self) -> Option<u8> {
        if self.day == 0 { None } else { Some(self.day) }
    }

    /// The whole date, when nothing of it is unknown.
    #[must_use]
    pub fn full(self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(i32::from(self.year), u32::from(self.month), u32::from(self.day))
    }

    /// Whether even its earliest day lies after `day`.
    #[must_use]
    pub fn is_after(self, day: NaiveDate) -> bool {
        let earliest = NaiveDate::from_ymd_opt(i32::from(self.year), u32::from(self.month.max(1)), u32::from(self.day.max(1)));
        earliest.is_some_and(|earliest| earliest > day)
    }

    /// Whether the two dates do not contradict each other as far as both are known.
    #[must_use]
    pub const fn agrees_with(self, other: Self) -> bool {
        self.year == other.year
            && (self.month == 0 || other.month == 0 || self.month == other.month)
            && (self.day == 0 || other.day == 0 || self.day == other.day)
    }

    /// Reads a date as people and systems write it, as long as it can mean one day only: year first with any separator,
    /// eight digits, 1980年4月6日 also in Chinese numerals, a timestamp: its day is taken, and of an instant with an offset from UTC
    /// the day it was in China, summer time of 1986 to 1991 included.
    ///
    /// # Errors
    /// [`DateError::Impossible`] for a day the calendar lacks; [`DateError::Unclear`] for day-first and month-first
    /// forms, two-digit years, spreadsheet serial numbers, lunar and era dates.
    pub fn read(text: &str) -> Result<DateReading, DateError> {
        if let Ok(date) = text.parse::<Self>() {
            return Ok(DateReading { date, canonical: true, zeros: false, zone_missing: false });
        }
        let text = tidy(text);
        let text = text.as_ref();
        if let Some((day, time)) = text.split_once(['T', ' ', 't'])
            && time.starts_with(|c: char| c.is_ascii_digit())
            && is_time(time)
        {
            if !is_of_a_day(time) {
                return Err(DateError::Impossible);
            }
            let reading = Self::read(day)?;
            let date = reading.date.full().and_then(|day| day_in_china(day, time)).map_or(reading.date, Self::from);
            let zone_missing = !time.contains(['Z', 'z', '+', '-']) && time.contains(|c: char| matches!(c, '1'..='9'));
            return Ok(DateReading { date, canonical: false, zeros: reading.zeros, zone_missing });
        }
        if is_lunar(text) {
            return Err(DateError::Unclear);
        }
        // Registers that must hold a whole date write zeros for what they do not know; a day without its month tells nothing.
        let mut zeros = false;
        let mut written = |year: u32, [month, day]: [u32; 2], count: usize| {
            zeros = [month, day][..count].contains(&0);
            if month == 0 && day > 31 { None } else { Self::from_numbers(year, month, if month == 0 { 0 } else { day }) }
        };
        let parts = split(text).ok_or(DateError::Unclear)?;
        let date = match parts {
            Written::Compact(digits) if digits.len() == 8 => {
                let number: u32 = digits.parse().map_err(|_| DateError::Unclear)?;
                written(number / 10_000, [number / 100 % 100, number % 100], 2)
            }
            // 198004 is no day of a year of two digits, so it can only be a month.
            Written::Compact(digits) if digits.len() == 6 => {
                let number: u32 = digits.parse().map_err(|_| DateError::Unclear)?;
                let month = (1900..2100).contains(&(number / 100)).then(|| Self::from_numbers(number / 100, number % 100, 0)).flatten();
                let day = Self::from_numbers(2000 + number / 10_000, number / 100 % 100, number % 100).filter(|date| date.month != 0);
                Some(month.filter(|date| date.month != 0 && day.is_none()).ok_or(DateError::Unclear)?)
            }
            Written::Compact(_) => return Err(DateError::Unclear),
            Written::Parts { numbers, widths } => {
                if widths[0] != 4 {
                    return Err(if widths[0] > 4 && numbers[1] != 0 { DateError::Impossible } else { DateError::Unclear });
                }
                written(numbers[0], [numbers[1], numbers[2]], widths[1..].iter().filter(|width| **width > 0).count())
            }
        };
        date.map(|date| DateReading { date, canonical: false, zeros, zone_missing: false }).ok_or(DateError::Impossible)
    }

    fn from_numbers(year: u32, month: u32, day: u32) -> Option<Self> {
        Self::new(u16::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    }
}

fn is_time(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | '+' | '-' | 'Z' | 'z'))
}

/// Whether a day has such a time: hours to 24, which is midnight, minutes to 59, seconds to 60, which some minutes have.
fn is_of_a_day(time: &str) -> bool {
    let clock = time.split(['Z', 'z', '+', '-', '.']).next().unwrap_or_default();
    let number = |part: Option<&str>| part.map_or(Some(0), |part| part.parse::<u32>().ok());
    let mut parts = clock.split(':');
    let told = (number(parts.next()), number(parts.next()), number(parts.next()));
    let (Some(hours), Some(minutes), Some(seconds)) = told else { return true };
    // 160000 is written without signs.
    let (hours, minutes, seconds) = match clock.len() {
        4 if !clock.contains(':') => (hours / 100, hours % 100, 0),
        6 if !clock.contains(':') => (hours / 10_000, hours / 100 % 100, hours % 100),
        _ => (hours, minutes, seconds),
    };
    hours < 24 && minutes < 60 && seconds <= 60 || (hours, minutes, seconds) == (24, 0, 0)
}

/// Whether the day is told as the traditional calendar tells it: 二月廿一, 正月初三, 腊月.
fn is_lunar(text: &str) -> bool {
    text.contains(['农', '闰', '腊', '冬', '初', '正', '廿', '卅'])
}

/// The day in China at a time of day written with its offset from UTC; none without one. Systems that keep a birth date as the
/// instant of its midnight write `1980-04-06T16:00:00Z` for the seventh.
fn day_in_china(day: NaiveDate, time: &str) -> Option<NaiveDate> {
    let instant = chrono::DateTime::parse_from_rfc3339(&format!("{day}T{}", with_seconds_and_colon(time)?)).ok()?.naive_utc();
    let hours = if is_summer_time(instant) { 9 } else { 8 };
    Some((instant + TimeDelta::hours(hours)).date())
}

/// A time of day with an offset as RFC 3339 has it: `16:00Z`, `16:00:00+0000` and `16:00:00+00` are written by many machines.
fn with_seconds_and_colon(time: &str) -> Option<String> {
    let at = time.rfind(['Z', 'z', '+', '-'])?;
    let (clock, offset) = time.split_at(at);
    let seconds = if clock.matches(':').count() == 1 { ":00" } else { "" };
    let offset = match offset.len() {
        3 => format!("{offset}:00"),
        5 if !offset.contains(':') => format!("{}:{}", &offset[..3], &offset[3..]),
        _ => offset.to_owned(),
    };
    Some(format!("{clock}{seconds}{offset}"))
}

/// Whether clocks in China stood an hour ahead. From two in the morning of the first Sunday on or after 11 April (in 1986 of 4 May)
/// to that of the first Sunday on or after 11 September, 1986 to 1991 (IANA time zone database, rule `PRC`).
fn is_summer_time(instant: NaiveDateTime) -> bool {
    let year = instant.year();
    let sunday = |month, day| {
        let first = NaiveDate::from_ymd_opt(year, month, day)?;
        Some(first + TimeDelta::days(i64::from(7 - first.weekday().num_days_from_sunday()) % 7))
    };
    let start = if year == 1986 { NaiveDate::from_ymd_opt(1986, 5, 4) } else { sunday(4, 11) };
    // Two in the morning is six in the evening of the day before in UTC, and five in summer time.
    let bounds = start.zip(sunday(9, 11)).and_then(|(start, end)| Some((start.and_hms_opt(18, 0, 0)?, end.and_hms_opt(17, 0, 0)?)));
    let day = TimeDelta::days(1);
    (1986..=1991).contains(&year) && bounds.is_some_and(|(start, end)| (start - day..end - day).contains(&instant))
}

enum Written {
    Compact(String),
    Parts { numbers: [u32; 3], widths: [usize; 3] },
}

/// The numbers of a date in the order written, each at most four digits wide unless it stands alone.
fn split(text: &str) -> Option<Written> {
    let mut runs: Vec<String> = vec![String::new()];
    let mut chars = text.chars().map(narrow).peekable();
    while let Some(c) = chars.next() {
        match c {
            '0'..='9' => runs.last_mut()?.push(c),
            '-' | '/' | '.' | '年' | '月' | '日' | '号' | '－' | '—' | ' ' => {
                if !runs.last()?.is_empty() && chars.peek().is_some() {
                    runs.push(String::new());
                } else if runs.last()?.is_empty() && c != ' ' {
                    return None;
                }
            }
            _ if numerals::is_chinese_numeral(c) => {
                let mut numeral = String::from(c);
                while let Some(next) = chars.next_if(|&next| numerals::is_chinese_numeral(next)) {
                    numeral.push(next);
                }
                runs.last_mut()?.push_str(&numerals::value(&numeral)?.to_string());
            }
            _ => return None,
        }
    }
    if runs.iter().any(String::is_empty) || runs.len() > 3 {
        return None;
    }
    if runs.len() == 1 && runs[0].len() != 4 {
        return Some(Written::Compact(runs.remove(0)));
    }
    let (mut numbers, mut widths) = ([0; 3], [0; 3]);
    for (at, run) in runs.iter().enumerate() {
        numbers[at] = run.parse().ok()?;
        widths[at] = run.len();
    }
    Some(Written::Parts { numbers, widths })
}

impl From<NaiveDate> for PartialDate {
    fn from(date: NaiveDate) -> Self {
        let narrow = |number: u32| u8::try_from(number).unwrap_or(0);
        Self { year: u16::try_from(date.year()).unwrap_or(0), month: narrow(date.month()), day: narrow(date.day()) }
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digit = |number: u16| char::from(b'0' + (number % 10) as u8);
        let mut text = [b'-'; 10];
        for (at, number) in [(0, self.year / 100), (2, self.year % 100), (5, u16::from(self.month)), (8, u16::from(self.day))] {
            text[at] = digit(number / 10) as u8;
            text[at + 1] = digit(number) as u8;
        }
        let length = if self.month == 0 {
            4
        } else if self.day == 0 {
            7
        } else {
            10
        };
        f.write_str(std::str::from_utf8(&text[..length]).unwrap_or_default())
    }
}

/// The text is not `1980`, `1980-04` or `1980-04-06` of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotCanonical;

impl fmt::Display for NotCanonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a date is written 1980, 1980-04 or 1980-04-06")
    }
}

impl std::error::Error for NotCanonical {}

impl FromStr for PartialDate {
    type Err = NotCanonical;

    fn from_str(text: &str) -> Result<Self, NotCanonical> {
        let bytes = text.as_bytes();
        let number = |from: usize, to: usize| {
            bytes[from..to].iter().try_fold(0_u16, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u16::from(byte - b'0')))
        };
        let part = |at: usize| (bytes[at - 1] == b'-').then(|| number(at, at + 2)).flatten().filter(|&n| n != 0);
        let date = match bytes.len() {
            4 => number(0, 4).and_then(|year| Self::new(year, 0, 0)),
            7 => number(0, 4).zip(part(5)).and_then(|(year, month)| Self::new(year, month as u8, 0)),
            10 => number(0, 4).zip(part(5).zip(part(8))).and_then(|(year, (month, day))| Self::new(year, month as u8, day as u8)),
            _ => None,
        };
        date.ok_or(NotCanonical)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, DateError>) {
        assert_eq!(PartialDate::read(text).map(|reading| reading.date.to_string()), expected.map(str::to_owned), "{text}");
    }

    #[test]
    fn dates_with_the_year_first_are_read_in_every_form() {
        for text in [
            "1980-04-06",
            "1980/4/6",
            "1980.4.6",
            "1980年4月6日",
            "一九八〇年四月六日",
            "19800406",
            "1980-04-06T10:00:00Z",
            "1980-04-06 00:00:00",
            "１９８０年０４月０６日",
            " 1980-4-6 ",
        ] {
            check(text, Ok("1980-04-06"));
        }
        check("1980年4月", Ok("1980-04"));
        check("198004", Ok("1980-04"));
        check("200104", Err(DateError::Unclear));
        check("1980", Ok("1980"));
        check("1980年", Ok("1980"));
        check("二〇〇〇年十二月三十一日", Ok("2000-12-31"));
    }

    #[test]
    fn days_the_calendar_lacks_are_impossible() {
        for text in ["2023-02-29", "0000-00-00", "1980-13-01", "19800431", "99999-01-01", "1900年2月29日"] {
            check(text, Err(DateError::Impossible));
        }
    }

    #[test]
    fn zeros_stand_for_what_is_not_known() {
        for (text, date) in [
            ("1985-06-00", "1985-06"),
            ("1985/6/0", "1985-06"),
            ("19850600", "1985-06"),
            ("1985-00-00", "1985"),
            ("19850000", "1985"),
            ("1985年00月00日", "1985"),
            ("1985-00-15", "1985"),
            ("1985-00", "1985"),
            ("1985-06-00 00:00:00", "1985-06"),
        ] {
            check(text, Ok(date));
            assert!(PartialDate::read(text).is_ok_and(|reading| reading.zeros), "{text}");
        }
        for text in ["1985-13-00", "00000600", "1985-00-32"] {
            check(text, Err(DateError::Impossible));
        }
        assert!(PartialDate::read("1985-06").is_ok_and(|reading| !reading.zeros));
    }

    #[test]
    fn an_instant_is_a_day_in_china() {
        for (text, day) in [
            ("1980-04-06T16:00:00Z", "1980-04-07"),
            ("1980-04-06T16:00:00.000Z", "1980-04-07"),
            ("1980-04-06T16:00:00.000+0000", "1980-04-07"),
            ("1980-04-06T16:00:00+00", "1980-04-07"),
            ("1980-04-06T16:00Z", "1980-04-07"),
            ("1980-04-07T00:00:00+08:00", "1980-04-07"),
            ("1980-04-06T15:59:59Z", "1980-04-06"),
            // Summer time: midnight of the first of June.
            ("1988-05-31T15:00:00Z", "1988-06-01"),
            ("1988-01-31T15:00:00Z", "1988-01-31"),
            ("1992-05-31T15:00:00Z", "1992-05-31"),
            ("1980-04-06T23:00:00", "1980-04-06"),
        ] {
            check(text, Ok(day));
        }
    }

    #[test]
    fn a_time_of_day_without_its_zone_is_told() {
        for (text, missing) in [
            ("1980-04-06T10:00:00", true),
            ("1980-04-06 16:00", true),
            ("1980-04-06T00:00:00", false),
            ("1980-04-06 00:00:00.000", false),
            ("1980-04-06T16:00:00Z", false),
            ("1980-04-06T16:00:00+08:00", false),
            ("1980-04-06", false),
        ] {
            assert_eq!(PartialDate::read(text).map(|reading| reading.zone_missing), Ok(missing), "{text}");
        }
    }

    #[test]
    fn a_time_that_no_day_has_is_no_date() {
        for text in ["1980-04-06T25:00:00+08:00", "1980-04-06 12:60", "1980-04-06T12:00:61Z", "1980-04-06T24:00:01", "1980-04-06 250000"] {
            check(text, Err(DateError::Impossible));
        }
        for text in ["1980-04-06T24:00:00", "1980-04-06T23:59:60", "1980-04-06 160000"] {
            check(text, Ok("1980-04-06"));
        }
    }

    #[test]
    fn what_only_the_source_can_explain_stays_unclear() {
        for text in [
            "36526",
            "04/06/1980",
            "6.4.80",
            "农历四月初六",
            "1980年二月廿一",
            "1980年正月十五",
            "民国69年4月6日",
            "昭和55年",
            "soon",
            "800406",
        ] {
            check(text, Err(DateError::Unclear));
        }
    }

    #[test]
    fn printing_and_reading_are_inverse() {
        for text in ["1980", "1980-04", "1980-04-06", "0001-01-01"] {
            assert_eq!(text.parse::<PartialDate>().map(|date| date.to_string()).as_deref(), Ok(text));
        }
        assert!("1980-00-06".parse::<PartialDate>().is_err());
    }

    #[test]
    fn partial_dates_agree_as_far_as_both_are_known() {
        let date = |text: &str| text.parse::<PartialDate>().unwrap();
        assert!(date("1980").agrees_with(date("1980-04-06")));
        assert!(!date("1980-05").agrees_with(date("1980-04-06")));
    }
}
