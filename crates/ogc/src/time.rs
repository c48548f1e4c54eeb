//! Which moments and spans of time does a parameter name (OGC 17-069r4, clause 7.15.4)?

use chrono::{DateTime, NaiveDate};

/// A moment, microseconds since 1970 UTC; a day when only a date was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// A date: the whole day, UTC.
    Date(NaiveDate),
    /// A date and time.
    Instant(i64),
}

/// Microseconds of a day.
pub(crate) const DAY_MICROS: i64 = 86_400_000_000;

impl Moment {
    /// Reads `2026-11-23` or an RFC 3339 date and time.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        match text.len() {
            10 => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Self::Date),
            20..=40 => DateTime::parse_from_rfc3339(text).ok().map(|moment| Self::Instant(moment.timestamp_micros())),
            _ => None,
        }
    }

    /// The first microsecond.
    #[must_use]
    pub fn start(self) -> i64 {
        match self {
            Self::Date(date) => date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros(),
            Self::Instant(micros) => micros,
        }
    }

    /// The last microsecond.
    #[must_use]
    pub fn end(self) -> i64 {
        match self {
            Self::Date(_) => self.start() + DAY_MICROS - 1,
            Self::Instant(micros) => micros,
        }
    }
}

/// A span of time, ends included, microseconds since 1970 UTC; an open end is as far as the numbers go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeSpan {
    /// The first microsecond.
    pub start: i64,
    /// The last microsecond.
    pub end: i64,
}

impl TimeSpan {
    /// All of time.
    pub const OPEN: Self = Self { start: i64::MIN, end: i64::MAX };

    /// Reads a moment, or two with `/` between them of which one may be `..` or empty. None when it is neither, or ends
    /// before it starts.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        match text.split_once('/') {
            None => Moment::read(text).map(Self::from),
            Some((start, end)) => Self::between(start, end),
        }
    }

    /// The span from one moment to another; `..` and the empty text leave an end open, at most one.
    #[must_use]
    pub fn between(start: &str, end: &str) -> Option<Self> {
        let open = |text: &str| matches!(text, "" | "..");
        if open(start) && open(end) && !(start == ".." && end == "..") {
            return None;
        }
        let start = if open(start) { i64::MIN } else { Moment::read(start)?.start() };
        let end = if open(end) { i64::MAX } else { Moment::read(end)?.end() };
        (start <= end).then_some(Self { start, end })
    }

    /// Whether the two have a moment in common.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }
}

impl From<Moment> for TimeSpan {
    fn from(moment: Moment) -> Self {
        Self { start: moment.start(), end: moment.end() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_the_standard_writes_them() {
        let day = Moment::read("2026-11-23").unwrap();
        let noon = Moment::read("2026-11-23T12:00:00Z").unwrap();
        assert_eq!(Moment::read("2026-11-23T20:00:00+08:00"), Some(noon));
        for (text, expected) in [
            ("2026-11-23", Some((day.start(), day.end()))),
            ("2026-11-23T12:00:00Z", Some((noon.start(), noon.start()))),
            ("2026-11-23T12:00:00.000001Z", Some((noon.start() + 1, noon.start() + 1))),
            ("2026-11-23T12:00:00Z/..", Some((noon.start(), i64::MAX))),
            ("../2026-11-23", Some((i64::MIN, day.end()))),
            ("/2026-11-23", Some((i64::MIN, day.end()))),
            ("2026-11-23/", Some((day.start(), i64::MAX))),
            ("../..", Some((i64::MIN, i64::MAX))),
            ("", None),
            ("/", None),
            ("2026-11-24/2026-11-23", None),
            ("2026-02-30", None),
            ("23.11.2026", None),
            ("2026-11-23/2026-11-24/2026-11-25", None),
            ("yesterday", None),
        ] {
            assert_eq!(TimeSpan::read(text), expected.map(|(start, end)| TimeSpan { start, end }), "{text}");
        }
    }
}
