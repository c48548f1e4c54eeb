//! How far is the work, how fast does it go, and how long will it take?

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

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
        bar.set_style(style("{prefix:<28} {bar:24} {percent:>3} %  {msg}  {eta} left"));
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

    /// Counts what is left from here: what lies before was done earlier.
    pub(crate) fn goes_on(&self) {
        self.bar.reset_eta();
    }

    /// Shows how many rows are done, and how many each second of those that this run did, beside the bytes of [`Progress::of_file`].
    pub(crate) fn rows(&self, rows: u64, of_this_run: u64) {
        let seconds = self.bar.elapsed().as_secs_f64().max(0.001);
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate on a screen")]
        let rate = (of_this_run as f64 / seconds) as u64;
        self.bar.set_message(format!("{} rows  {}/s", HumanCount(rows), HumanCount(rate)));
    }

    /// Removes the line: the result follows. With `-v` the log says how long it took.
    pub(crate) fn done(&self) {
        tracing::info!(took_ms = self.bar.elapsed().as_millis() as u64, "{}", self.label);
        self.bar.finish_and_clear();
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
            progress.goes_on();
            progress.rows(2, 1);
            progress.done();
        }
    }
}
