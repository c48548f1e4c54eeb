//! What did the demo find?

use jiku_model::Kind;
use jiku_registry::Stats;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::truth::{Accuracy, Truth};
use crate::table::{Table, count};

/// The demo's figures, as they were when the data had gone in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Summary {
    pub(super) kinds: Vec<KindSummary>,
    /// From the first row of the first file to the last acknowledged one.
    pub(super) ingest_seconds: f64,
}

/// The figures of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct KindSummary {
    pub(super) kind: Kind,
    /// Rows of the departments' files.
    pub(super) rows: u64,
    /// Rows that were refused.
    pub(super) rejected: u64,
    pub(super) records: u64,
    pub(super) golden_records: u64,
    pub(super) duplicates_found: u64,
    pub(super) tasks_waiting: u64,
    /// How many people, companies, parcels there truly are among the records.
    pub(super) truly: u64,
    pub(super) accuracy: Accuracy,
    pub(super) seconds: f64,
}

/// What was counted while the files of a kind went in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ingested {
    pub(super) rows: u64,
    pub(super) rejected: u64,
    pub(super) seconds: f64,
}

impl Summary {
    pub(super) fn new(stats: &Stats, truth: &Truth, measured: &[(Kind, Ingested, Accuracy)]) -> Self {
        let kinds: Vec<KindSummary> = measured
            .iter()
            .filter_map(|(kind, ingested, accuracy)| {
                let held = stats.kinds.iter().find(|held| held.kind == *kind)?;
                Some(KindSummary {
                    kind: *kind,
                    rows: ingested.rows,
                    rejected: ingested.rejected,
                    records: held.records,
                    golden_records: held.entities,
                    duplicates_found: held.duplicates,
                    tasks_waiting: held.open_reviews,
                    truly: truth.entities(*kind),
                    accuracy: *accuracy,
                    seconds: ingested.seconds,
                })
            })
            .collect();
        Self { ingest_seconds: kinds.iter().map(|of_kind| of_kind.seconds).sum(), kinds }
    }

    /// The same figures for a program.
    pub(super) fn as_json(&self) -> Value {
        let kinds = self.kinds.iter().map(|of_kind| {
            let mut body = json!(of_kind);
            body["precision"] = of_kind.accuracy.precision().into();
            body["recall"] = of_kind.accuracy.recall().into();
            body
        });
        json!({ "kinds": kinds.collect::<Vec<_>>(), "ingest_seconds": self.ingest_seconds })
    }

    /// The table that the demo prints.
    pub(super) fn render(&self) -> String {
        let heading = ["", "records", "golden records", "truly", "duplicates found", "tasks waiting", "precision", "recall", "seconds"];
        let mut table = Table::new(heading);
        for of_kind in &self.kinds {
            table.row([
                of_kind.kind.plural().replace('-', " "),
                count(of_kind.records),
                count(of_kind.golden_records),
                count(of_kind.truly),
                count(of_kind.duplicates_found),
                count(of_kind.tasks_waiting),
                format!("{:.4}", of_kind.accuracy.precision()),
                format!("{:.4}", of_kind.accuracy.recall()),
                format!("{:.1}", of_kind.seconds),
            ]);
        }
        let total = |value: fn(&KindSummary) -> u64| count(self.kinds.iter().map(value).sum());
        table.row([
            "together".to_owned(),
            total(|of_kind| of_kind.records),
            total(|of_kind| of_kind.golden_records),
            total(|of_kind| of_kind.truly),
            total(|of_kind| of_kind.duplicates_found),
            total(|of_kind| of_kind.tasks_waiting),
            String::new(),
            String::new(),
            format!("{:.1}", self.ingest_seconds),
        ]);
        let rejected: u64 = self.kinds.iter().map(|of_kind| of_kind.rejected).sum();
        format!(
            "{}  {} rows were refused. Precision: of two records put together, how often rightly; recall: of two that belong together, how often found.\n",
            table.render(),
            count(rejected)
        )
    }
}
