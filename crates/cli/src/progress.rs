//! How far is the work, how fast does it go, and how long will it take?

use std::collections::VecDeque;
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// A line on standard error that keeps itself up to date; silent when standard error is no terminal or JSON is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    label: String,
}

/// In how many parts a share done is shown.
const PARTS: u64 = 1_000;

impl Progress {
    /// Counts `total` rows, records or parcels.
    pub(crate) fn counted(label: &str, total: u64, quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), target(quiet));
        bar.set_style(style("{msg:<28} {bar:24} {human_pos:>10} / {human_len}  {rate}/s  {eta} left"));
        bar.set_message(label.to_owned());
        Self { bar, label: label.to_owned() }
    }

    /// Follows the bytes read of a file whose rows nobody has counted yet; `rows` are shown by [`Progress::rows`].
    pub(crate) fn of_file(label: &str, bytes: u64, quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(bytes), target(quiet));
        bar.set_style(style("{prefix:<28} {bar:24} {percent:>3} %  {msg}"));
        bar.set_prefix(label.to_owned());
        Self { bar, label: label.to_owned() }
    }

    /// Work whose share done is told by [`Progress::set_share`].
    pub(crate) fn of_share(label: &str, quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(PARTS), target(quiet));
        bar.set_style(style("{prefix:<28} {bar:24} {percent:>3} %  {elapsed}"));
        bar.set_prefix(label.to_owned());
        Self { bar, label: label.to_owned() }
    }

    /// Sets the share done, between 0 and 1.
    pub(crate) fn set_share(&self, done: f64) {
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share on a screen")]
        self.bar.set_position((done * PARTS as f64) as u64);
    }

    /// Work without a known end.
    pub(crate) fn spinner(label: &str, quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, target(quiet));
        bar.set_style(style("{spinner} {msg}  {elapsed}"));
        bar.set_message(label.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, label: label.to_owned() }
    }

    /// Sets the position: rows done, or bytes read.
    pub(crate) fn set(&self, position: u64) {
        self.bar.set_position(position);
    }

    /// Moves on by `delta`.
    pub(crate) fn advance(&self, delta: u64) {
        self.bar.inc(delta);
    }

    /// Shows how many rows are done, and how many each second.
    pub(crate) fn rows(&self, rows: u64) {
        self.bar.set_message(rate(rows, rows, self.bar.elapsed()));
    }

    /// Shows how far a file is in: the bytes up to the last row that is, the rows, how many each second of those that this run did, and the
    /// time that is left at their pace.
    pub(crate) fn rows_of_file(&self, pace: &mut Pace, bytes: u64, rows: u64, of_this_run: u64) {
        self.bar.set_position(bytes);
        let elapsed = self.bar.elapsed();
        let left = pace.left(elapsed, (bytes, self.bar.length().unwrap_or_default()), rows, of_this_run);
        let left = left.map_or_else(String::new, |left| format!("  {:#} left", HumanDuration(left)));
        self.bar.set_message(format!("{}{left}", rate(rows, of_this_run, elapsed)));
    }

    /// Removes the line: the result follows. With `-v` the log says how long it took.
    pub(crate) fn done(&self) {
        tracing::info!(took_ms = self.bar.elapsed().as_millis() as u64, "{}", self.label);
        self.bar.finish_and_clear();
    }
}

fn rate(rows: u64, of_this_run: u64, elapsed: Duration) -> String {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate on a screen")]
    let rate = (of_this_run as f64 / elapsed.as_secs_f64().max(0.001)) as u64;
    format!("{} rows  {}/s", HumanCount(rows), HumanCount(rate))
}

/// How fast this run of an import was lately. An index that grows slows it down, and what an earlier run did says nothing of this one.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// How many rows this run had done after which time.
    seen: VecDeque<(Duration, u64)>,
}

/// How far back it is looked for the pace.
const LATELY: Duration = Duration::from_secs(30);

impl Pace {
    /// The time that is left when so many rows are in, `of_this_run` of them after `elapsed`, and these bytes of so many hold them: the other
    /// bytes hold rows of the same length. None while nothing can be said.
    fn left(&mut self, elapsed: Duration, (bytes, total): (u64, u64), rows: u64, of_this_run: u64) -> Option<Duration> {
        if self.seen.is_empty() {
            self.seen.push_back((Duration::ZERO, 0));
        }
        self.seen.push_back((elapsed, of_this_run));
        while self.seen.len() > 2 && self.seen[1].0 + LATELY <= elapsed {
            self.seen.pop_front();
        }
        let (since, before) = self.seen[0];
        let done = of_this_run - before;
        if bytes == 0 || bytes >= total || done == 0 {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "an estimate on a screen")]
        let seconds = rows as f64 * ((total - bytes) as f64 / bytes as f64) / done as f64 * (elapsed - since).as_secs_f64();
        Duration::try_from_secs_f64(seconds.round()).ok()
    }
}

fn target(quiet: bool) -> ProgressDrawTarget {
    if quiet || !std::io::stderr().is_terminal() { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr_with_hz(8) }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .expect("the templates of this module are well-formed")
        .with_key("rate", |state: &ProgressState, line: &mut dyn std::fmt::Write| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate on a screen")]
            let rate = state.per_sec() as u64;
            // A progress line that cannot be formatted is no reason to stop the work.
            let _ = write!(line, "{}", HumanCount(rate));
        })
        .progress_chars("█▓░")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_well_formed() {
        let all = [
            Progress::counted("a", 10, true),
            Progress::of_file("b", 10, true),
            Progress::spinner("c", true),
            Progress::of_share("d", true),
        ];
        for progress in all {
            progress.advance(1);
            progress.rows(2);
            progress.rows_of_file(&mut Pace::default(), 5, 2, 1);
            progress.done();
        }
    }

    #[test]
    fn an_import_that_goes_on_is_as_fast_as_its_own_rows() {
        // 30,000 rows of 100 bytes; an earlier run did 14,000 of them, and this one does 200 a second.
        let mut pace = Pace::default();
        for second in (5..=75).step_by(5) {
            let (of_this_run, rows) = (second * 200, 14_000 + second * 200);
            let left = pace.left(Duration::from_secs(second), (rows * 100, 3_000_000), rows, of_this_run);
            assert_eq!(left, Some(Duration::from_secs(80 - second)), "after {second} s");
        }
        assert_eq!(pace.left(Duration::from_secs(80), (3_000_000, 3_000_000), 30_000, 16_000), None, "nothing is left");
    }

    #[test]
    fn an_import_that_slows_down_is_told_by_how_fast_it_was_lately() {
        let mut pace = Pace::default();
        let mut left = None;
        for second in 1..=100 {
            let rows = if second <= 50 { second * 1_000 } else { 50_000 + (second - 50) * 100 };
            left = pace.left(Duration::from_secs(second), (rows, 65_000), rows, rows);
        }
        assert_eq!(left, Some(Duration::from_secs(100)), "10,000 rows at 100 a second");
        assert_eq!(Pace::default().left(Duration::from_secs(1), (0, 10), 0, 0), None);
        assert_eq!(Pace::default().left(Duration::from_secs(1), (10, 10), 5, 5), None, "a workbook is read before its first row");
    }
}
