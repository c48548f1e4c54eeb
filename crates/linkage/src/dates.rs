//! Which day does a text in canonical form name, and how far apart are two?

/// A date as far as it is known: `1980`, `1980-04` or `1980-04-06`; unknown parts are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PartialDate {
    pub(crate) year: u16,
    pub(crate) month: u8,
    pub(crate) day: u8,
}

impl PartialDate {
    /// Reads the canonical form.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if let Ok(full) = <&[u8; 10]>::try_from(bytes) {
            return Self::parse_full(full);
        }
        let number = |range: std::ops::Range<usize>| {
            bytes.get(range)?.iter().try_fold(0_u16, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u16::from(byte - b'0')))
        };
        let small = |range| number(range).and_then(|value| u8::try_from(value).ok());
        let year = number(0..4)?;
        match bytes.len() {
            4 => Some(Self { year, month: 0, day: 0 }),
            7 if bytes[4] == b'-' => Some(Self { year, month: small(5..7)?, day: 0 }),
            _ => None,
        }
    }

    /// Reads `1980-04-06`, as most are.
    fn parse_full(bytes: &[u8; 10]) -> Option<Self> {
        let digit = |at: usize| bytes[at].wrapping_sub(b'0');
        let well_formed = bytes[4] == b'-' && bytes[7] == b'-' && [0, 1, 2, 3, 5, 6, 8, 9].iter().all(|at| digit(*at) <= 9);
        let two = |at: usize| digit(at) * 10 + digit(at + 1);
        well_formed.then(|| Self { year: u16::from(two(0)) * 100 + u16::from(two(2)), month: two(5), day: two(8) })
    }

    /// Whether the day is known.
    pub(crate) const fn is_full(self) -> bool {
        self.day != 0
    }

    /// Whether the date may stand for a year only: partial, or the first of January.
    pub(crate) const fn is_vague(self) -> bool {
        self.day == 0 || (self.day == 1 && self.month == 1)
    }

    /// Days since the first of March of year 0 (the proleptic Gregorian calendar); unknown parts count as the middle.
    pub(crate) fn day_number(self) -> i32 {
        let month = if self.month == 0 { 7 } else { i32::from(self.month) };
        let day = match (self.month, self.day) {
            (0, _) => 1,
            (_, 0) => 15,
            (_, day) => i32::from(day),
        };
        let year = i32::from(self.year) - i32::from(month <= 2);
        let shifted = (month + 9) % 12;
        365 * year + year / 4 - year / 100 + year / 400 + (153 * shifted + 2) / 5 + day - 1
    }

    /// The eight digits, unknown parts as zeros.
    fn digits(self) -> [u8; 8] {
        let two = |value: u8| [value / 10, value % 10];
        let century = u8::try_from(self.year / 100).unwrap_or(99);
        let rest = u8::try_from(self.year % 100).unwrap_or(99);
        let [[a, b], [c, d], [e, f], [g, h]] = [two(century), two(rest), two(self.month), two(self.day)];
        [a, b, c, d, e, f, g, h]
    }

    /// How many of the eight digits differ; two neighbours that changed places count once.
    pub(crate) fn digit_errors(self, other: Self) -> u8 {
        let (left, right) = (self.digits(), other.digits());
        let (mut errors, mut at) = (0, 0);
        while at < 8 {
            if left[at] == right[at] {
                at += 1;
            } else {
                let swapped = at < 7 && left[at] == right[at + 1] && left[at + 1] == right[at];
                errors += 1;
                at += if swapped { 2 } else { 1 };
            }
        }
        errors
    }

    /// Whether the two are one date with day and month in each other's place.
    pub(crate) const fn day_and_month_swapped(self, other: Self) -> bool {
        self.is_full() && self.year == other.year && self.month == other.day && self.day == other.month && self.month != self.day
    }

    /// How many of year, month and day are known in both and equal.
    pub(crate) fn equal_parts(self, other: Self) -> u8 {
        u8::from(self.year == other.year)
            + u8::from(self.month != 0 && self.month == other.month)
            + u8::from(self.day != 0 && self.day == other.day)
    }

    /// Whether nothing that both know differs.
    pub(crate) const fn is_compatible(self, other: Self) -> bool {
        self.year == other.year
            && (self.month == 0 || other.month == 0 || self.month == other.month)
            && (self.day == 0 || other.day == 0 || self.day == other.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> PartialDate {
        PartialDate::parse(text).expect("a date in canonical form")
    }

    #[test]
    fn days_are_counted_by_the_calendar() {
        for (left, right, days) in [("2000-02-28", "2000-03-01", 2), ("1900-02-28", "1900-03-01", 1), ("1979-12-31", "1980-01-01", 1)] {
            assert_eq!(date(right).day_number() - date(left).day_number(), days, "{left} {right}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_one_digit_error() {
        for (left, right, errors) in [
            ("1980-04-06", "1980-04-06", 0),
            ("1980-04-06", "1980-04-08", 1),
            ("1980-12-06", "1980-21-06", 1),
            ("1980-04-06", "1975-11-23", 6),
        ] {
            assert_eq!(date(left).digit_errors(date(right)), errors, "{left} {right}");
        }
        assert!(date("1980-04-06").day_and_month_swapped(date("1980-06-04")));
        assert!(!date("1980-04-04").day_and_month_swapped(date("1980-04-04")));
    }

    #[test]
    fn a_partial_date_is_compatible_with_what_it_may_stand_for() {
        assert!(date("1980").is_compatible(date("1980-04-06")));
        assert!(!date("1980-05").is_compatible(date("1980-04-06")));
    }

    #[test]
    fn only_the_canonical_form_is_a_date() {
        for text in ["", "80", "1980/04/06", "1980-4-6", "abcd"] {
            assert_eq!(PartialDate::parse(text), None, "{text:?}");
        }
    }
}
