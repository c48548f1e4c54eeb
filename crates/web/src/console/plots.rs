//! How are figures drawn?
//!
//! Small pictures made on the server: the places are computed here, the templates write them down as SVG. Each picture
//! stands beside its figures, so that nobody depends on seeing it.

use chrono::NaiveDate;

use super::Language;

/// A bar that lies.
pub(crate) struct Bar {
    pub(crate) title: String,
    /// The figure as text.
    pub(crate) figure: String,
    /// How long, of 100.
    pub(crate) length: f64,
    /// `accent`, `for`, `against`, `blue` or `quiet`.
    pub(crate) class: &'static str,
    /// Where a click leads.
    pub(crate) address: Option<String>,
}

/// Bars on one scale: the longest takes all the room.
pub(crate) fn bars(l: Language, rows: Vec<(String, u64, &'static str, Option<String>)>) -> Vec<Bar> {
    let most = rows.iter().map(|row| row.1).max().unwrap_or(0).max(1);
    let bar = |(title, number, class, address)| Bar { title, figure: l.count(number), length: share(number, most) * 100.0, class, address };
    rows.into_iter().map(bar).collect()
}

/// A part of a whole, between 0 and 1; nothing of nothing is 0.
#[expect(clippy::cast_precision_loss, reason = "a picture needs no more than 53 bits")]
pub(crate) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Columns over days.
pub(crate) struct Days {
    pub(crate) columns: Vec<DayColumn>,
    pub(crate) most: String,
    pub(crate) total: String,
}

/// One day.
pub(crate) struct DayColumn {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) height: f64,
    /// The day and its figure, to read.
    pub(crate) title: String,
    /// The day of the month, where there is room for it.
    pub(crate) label: Option<String>,
    /// Where to go on from it.
    pub(crate) address: Option<String>,
}

/// A day to draw: its figure, and where to go on from it.
pub(crate) struct Day {
    pub(crate) day: NaiveDate,
    pub(crate) number: u64,
    pub(crate) address: Option<String>,
}

/// The room of the columns: 14 days of 24 units, 80 units high.
const DAY: f64 = 24.0;
const HIGH: f64 = 80.0;

/// The room of a step.
const STEP: f64 = 16.0;

/// Draws figures day by day.
pub(crate) fn days(l: Language, counts: &[Day]) -> Days {
    let most = counts.iter().map(|day| day.number).max().unwrap_or(0);
    let column = |(at, day): (usize, &Day)| {
        let height = share(day.number, most.max(1)) * HIGH;
        // A day on which anything happened is seen.
        let height = if day.number > 0 { height.max(1.5) } else { 0.0 };
        DayColumn {
            #[expect(clippy::cast_precision_loss, reason = "a few dozen days")]
            x: at as f64 * DAY,
            y: HIGH - height,
            height,
            title: format!("{}: {}", date(l, day.day), l.count(day.number)),
            label: (at % 2 == counts.len().saturating_sub(1) % 2).then(|| day.day.format("%-d").to_string()),
            address: day.address.clone().filter(|_| day.number > 0),
        }
    };
    Days {
        columns: counts.iter().enumerate().map(column).collect(),
        most: l.count(most),
        total: l.count(counts.iter().map(|day| day.number).sum()),
    }
}

/// A column over a step of a scale.
pub(crate) struct Step {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) height: f64,
    pub(crate) title: String,
    /// The step, where there is room for it.
    pub(crate) label: Option<String>,
    pub(crate) class: &'static str,
}

/// Draws figures over the steps of a scale: the name of each, its figure, and whether it is the one that holds.
pub(crate) fn steps(l: Language, points: Vec<(String, u64, bool)>) -> Vec<Step> {
    let most = points.iter().map(|point| point.1).max().unwrap_or(0).max(1);
    let in_use = points.iter().position(|point| point.2);
    // A word takes the room of about three columns: the one that holds is named before any other.
    let is_free = |at: usize| in_use.is_none_or(|in_use| at.abs_diff(in_use) > 2);
    let column = |(at, (name, number, holds)): (usize, (String, u64, bool))| {
        let height = (share(number, most) * HIGH).max(if number > 0 { 1.5 } else { 0.0 });
        Step {
            #[expect(clippy::cast_precision_loss, reason = "a few dozen steps")]
            x: at as f64 * STEP,
            y: HIGH - height,
            height,
            title: format!("{name}: {}", l.count(number)),
            label: (holds || at % 6 == 0 && is_free(at)).then_some(name),
            class: if holds { "accent" } else { "quiet" },
        }
    };
    points.into_iter().enumerate().map(column).collect()
}

/// A day, without its year.
pub(crate) fn date(l: Language, day: NaiveDate) -> String {
    day.format(l.say("%-m月%-d日", "%-d %b")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_takes_the_room_and_nothing_breaks_at_zero() {
        let row = |number| ("a".to_owned(), number, "blue", None);
        let lengths =
            |rows: Vec<u64>| bars(Language::En, rows.into_iter().map(row).collect()).iter().map(|bar| bar.length).collect::<Vec<_>>();
        assert_eq!(lengths(vec![50, 100, 0]), [50.0, 100.0, 0.0]);
        assert_eq!(lengths(vec![0, 0]), [0.0, 0.0]);
        assert!(lengths(vec![]).is_empty());
    }

    #[test]
    fn a_day_with_one_change_is_seen_beside_a_busy_one() {
        let day =
            |day, number| Day { day: NaiveDate::from_ymd_opt(2026, 11, day).expect("a day"), number, address: Some("/office".to_owned()) };
        let drawn = days(Language::En, &[day(1, 0), day(2, 1), day(3, 100_000)]);
        let heights: Vec<f64> = drawn.columns.iter().map(|column| column.height).collect();
        assert_eq!(heights, [0.0, 1.5, 80.0]);
        assert!(drawn.columns[0].address.is_none() && drawn.columns[1].address.is_some(), "nothing leads nowhere");
        assert_eq!((drawn.most.as_str(), drawn.total.as_str(), drawn.columns[1].title.as_str()), ("100,000", "100,001", "2 Nov: 1"));
    }
}
