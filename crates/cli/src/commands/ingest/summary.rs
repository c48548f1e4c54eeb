//! What is told of an import that came to its end?

use serde_json::{Value, json};

use super::import::Imported;
use crate::table::count;

pub(super) fn json(done: &Imported) -> Value {
    let progress = &done.progress;
    json!({
        "file": done.name, "job": done.job, "unchanged_file": done.known, "rows": progress.rows, "rows_before": done.earlier_rows,
        "created": progress.created, "revised": progress.revised, "unchanged": progress.unchanged, "rejected": progress.rejected,
        "flagged": progress.flagged, "linked": progress.linked, "review": progress.review, "unknown_columns": done.unknown_columns,
        "message": done.message, "seconds": done.seconds,
    })
}

pub(super) fn text(done: &Imported) -> String {
    let progress = &done.progress;
    if done.known {
        return format!("{}: this very file is in already; nothing to do (--again sends its rows once more).", done.name);
    }
    let rows = progress.rows - done.earlier_rows;
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate on a screen")]
    let rate = (rows as f64 / done.seconds.max(0.001)) as u64;
    let mut text = format!(
        "{}: {} rows in {:.1} s ({} a second): {} created, {} revised, {} unchanged, {} rejected, {} flagged; {} linked, {} for review.",
        done.name,
        count(rows),
        done.seconds,
        count(rate),
        count(progress.created),
        count(progress.revised),
        count(progress.unchanged),
        count(progress.rejected),
        count(progress.flagged),
        count(progress.linked),
        count(progress.review)
    );
    if done.earlier_rows > 0 {
        text.push_str(&format!(
            " It went on after {} rows of an interrupted import, which are counted among these.",
            count(done.earlier_rows)
        ));
    }
    if !done.unknown_columns.is_empty() {
        text.push_str(&format!(" Columns no standard knows, kept as received: {}.", done.unknown_columns.join(", ")));
    }
    if let Some(message) = &done.message {
        text.push(' ');
        text.push_str(message);
    }
    text
}
