//! When did something happen, to the microsecond both databases keep?

use chrono::{DateTime, SubsecRound, Utc};

/// A moment in time, UTC, as precise as the databases keep it: microseconds.
pub type Timestamp = DateTime<Utc>;

/// The moment as it comes back from a database: digits below the microsecond dropped.
#[must_use]
pub fn truncate_to_micros(moment: Timestamp) -> Timestamp {
    moment.trunc_subsecs(6)
}
