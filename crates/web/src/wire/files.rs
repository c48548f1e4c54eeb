//! How is told what is in a file, what is wrong with it, and whom its rows speak of?

use jiku_model::Problem;
use jiku_registry::Matched;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::ProblemBody;

/// The beginning of a file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewBody {
    /// The format it was found to be in.
    pub(crate) format: &'static str,
    /// The character set that was declared or found; absent when it is UTF-8 and nobody said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) charset: Option<&'static str>,
    /// Its columns, in the order of the file.
    pub(crate) columns: Vec<ColumnBody>,
    /// Its first rows as they stand there.
    #[schema(value_type = Vec<Object>)]
    pub(crate) rows: Vec<Map<String, Value>>,
}

/// A column of a file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ColumnBody {
    /// Its name there.
    pub(crate) name: String,
    /// The standard column it most likely means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) meaning: Option<&'static str>,
}

/// What would become of a stream of records, as far as the rows themselves tell; nothing was stored.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct CheckBody {
    /// Rows read.
    pub(crate) rows: u64,
    /// Rows that would be taken in.
    pub(crate) accepted: u64,
    /// Rows that would be rejected.
    pub(crate) rejected: u64,
    /// Rows that would be taken in with a flag: a value is kept and not used as evidence.
    pub(crate) flagged: u64,
    /// Rows whose source and key an earlier row of the file had: the last one counts.
    pub(crate) repeated: u64,
    /// Whether so many rows are bad that the import would stop.
    pub(crate) would_stop: bool,
    /// What was found, the most frequent first.
    pub(crate) found: Vec<FoundBody>,
    /// Columns that no standard knows; they are kept in the raw record.
    pub(crate) unknown_columns: Vec<String>,
}

/// A problem that was found, and how often.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundBody {
    #[serde(flatten)]
    pub(crate) problem: ProblemBody,
    /// In how many rows.
    pub(crate) rows: u64,
    /// The first lines it stands on, at most ten.
    pub(crate) lines: Vec<u64>,
}

impl FoundBody {
    /// Found for the first time.
    pub(crate) fn new(problem: Problem) -> Self {
        Self { problem: problem.into(), rows: 0, lines: Vec::new() }
    }
}

/// A row of a list, and whom it speaks of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatchedRowBody {
    /// The line of the list.
    line: u64,
    /// The row as received.
    #[schema(value_type = Object)]
    record: Value,
    /// `match` (one entity above the link threshold), `review` (a person should look), `none`, or `rejected`.
    decision: &'static str,
    /// The entities it may speak of, best first.
    candidates: Vec<MatchBody>,
    /// What was found wrong with the row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<ProblemBody>,
}

/// An entity a row may speak of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatchBody {
    /// The canonical id.
    id: Uuid,
    /// The match probability, 0 to 1.
    probability: f32,
    /// The match weight, log2 of the odds.
    weight: f32,
}

impl MatchedRowBody {
    /// A row and what became of it.
    pub(crate) fn new(line: u64, payload: &str, matched: Matched) -> Self {
        Self {
            line,
            record: serde_json::from_str(payload).unwrap_or_else(|_| Value::String(payload.to_owned())),
            decision: decision_of(&matched),
            candidates: matched
                .candidates
                .into_iter()
                .map(|candidate| MatchBody { id: candidate.entity.0, probability: candidate.probability, weight: candidate.weight })
                .collect(),
            problems: matched.problems.into_iter().map(Into::into).collect(),
        }
    }
}

/// What a row came to, in a word.
pub(crate) fn decision_of(matched: &Matched) -> &'static str {
    matched.decision.map_or("rejected", jiku_registry::ResolutionDecision::as_str)
}
