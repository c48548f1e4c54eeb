//! How are the figures told?

use jiku_registry::{KindStats, Stats};
use serde_json::{Value, json};

use super::ask::Measured;
use super::fill::Taken;
use super::http::{Memory, Served};
use crate::console::Console;
use crate::table::{Table, count};

/// Everything that was measured.
pub(super) struct Figures<'a> {
    pub(super) taken: &'a Taken,
    /// What was asked in process.
    pub(super) measured: &'a [Measured],
    pub(super) served: &'a Served,
    pub(super) threads: usize,
    pub(super) connections: usize,
    /// The end, with the indexes laid aside.
    pub(super) close_s: f64,
    /// The opening with all indexes made from the database.
    pub(super) anew_s: f64,
    pub(super) stats: &'a Stats,
}

/// Tells the figures to a person or a program.
pub(super) fn tell(console: &Console, figures: &Figures<'_>) {
    let Figures { taken, measured, served, threads, connections, close_s, anew_s, stats } = figures;
    let memory: u64 = stats.kinds.iter().map(|of_kind| of_kind.memory_bytes).sum();
    let each = |of_kind: &KindStats| of_kind.memory_bytes / of_kind.records.max(1);
    let whole = |rate: f64| format!("{rate:.0}");
    #[expect(clippy::cast_precision_loss, reason = "a rate on a screen")]
    let rate = |records: u64, seconds: f64| records as f64 / seconds.max(1e-9);
    let (ingest, late) = (rate(taken.records, taken.seconds), rate(taken.late_records, taken.late_seconds));
    let mut table = Table::new(["", "number", "a second", "median ms", "99 % within ms"]);
    for (what, records, rate) in
        [("records taken in, durable", taken.records, ingest), ("records into the full base", taken.late_records, late)]
    {
        table.row([what.to_owned(), count(records), whole(rate), String::new(), String::new()]);
    }
    let sorts = || measured.iter().chain(&served.measured);
    for sort in sorts() {
        let [median, most] = [50, 99].map(|percent| format!("{:.2}", sort.within_ms(percent)));
        table.row([sort.name.to_owned(), count(sort.answered as u64), whole(sort.per_second()), median, most]);
    }
    let questions: Vec<Value> = sorts()
        .map(|sort| json!({ "name": sort.name, "answered": sort.answered, "per_second": sort.per_second(), "median_ms": sort.within_ms(50), "p99_ms": sort.within_ms(99) }))
        .collect();
    let bytes: serde_json::Map<String, Value> =
        stats.kinds.iter().map(|of_kind| (of_kind.kind.as_str().to_owned(), each(of_kind).into())).collect();
    let resident = served.memory.map(|Memory { at_start, after, most }| json!({ "at_start": at_start, "after": after, "most": most }));
    let body = json!({
        "records": taken.records, "ingest_per_second": ingest, "late_records": taken.late_records, "late_per_second": late,
        "questions": questions, "threads": threads, "connections": connections, "close_s": close_s, "start_s": served.start_s,
        "start_anew_s": anew_s, "index_bytes": memory, "bytes_per_record": bytes, "resident_bytes": resident, "position": stats.position,
    });
    let per_record: Vec<String> = stats.kinds.iter().map(|of_kind| format!("{} {}", count(each(of_kind)), of_kind.kind.as_str())).collect();
    let mebibytes = |bytes: u64| count(bytes.div_ceil(1 << 20));
    let resident = served.memory.map_or_else(String::new, |Memory { at_start, after, most }| {
        format!(
            " The service holds {} MiB after its start, {} MiB after the questions, {} MiB at most.",
            mebibytes(at_start),
            mebibytes(after),
            mebibytes(most)
        )
    });
    let text = format!(
        "{}\n  {threads} threads asked in process, {connections} connections over HTTP. Indexes: {} MiB; bytes a record: {}.{resident}\n  \
         A start: {:.1} s, with all indexes made anew {anew_s:.1} s. The end, with the indexes laid aside: {close_s:.1} s.",
        table.render(),
        mebibytes(memory),
        per_record.join(", "),
        served.start_s,
    );
    console.answer(&body, text);
}
