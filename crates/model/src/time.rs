//! When did something happen, to the microsecond both databases keep?

use chrono::{DateTime, NaiveDate, SubsecRound, TimeDelta, Utc};

/// A moment in time, UTC, as precise as the databases keep it: microseconds.
pub type Timestamp = DateTime<Utc>;

/// The day of a moment where the records are kept: China's time, UTC+8 without summer time. What was born at half past midnight there was not
/// born tomorrow.
#[must_use]
pub fn civil_day(moment: Timestamp) -> NaiveDate {
    moment.checked_add_signed(TimeDelta::hours(8)).unwrap_or(moment).date_naive()
}

/// The moment as it comes back from a database: digits below the microsecond dropped.
#[must_use]
pub fn truncate_to_micros(moment: Timestamp) -> Timestamp {
    moment.trunc_subsecs(6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_china() {
        let day = |text: &str| civil_day(text.parse().expect("a moment")).to_string();
        assert_eq!([day("2026-11-26T15:59:59Z"), day("2026-11-26T16:00:00Z")], ["2026-11-26", "2026-11-27"]);
    }
}
