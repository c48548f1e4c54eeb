//! How are source records and the reports on them written?

use chrono::{DateTime, Utc};
use jiku_model::{Problem, RecordKey};
use jiku_registry::{RejectedRow, RowOutcome, SourceRecordView, WithdrawOutcome};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// The outside name of a source record.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct KeyBody {
    /// The source system's code.
    pub(crate) source: String,
    /// The source's own key.
    pub(crate) source_key: String,
}

/// Something found wrong with a record; the value itself is never told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemBody {
    /// A stable reason code; docs/reason-codes.md lists them.
    code: String,
    /// `note`, `flag` (accepted, used with care) or `reject`.
    #[schema(value_type = String)]
    severity: jiku_model::Severity,
    /// The data-quality dimension (GB/T 36344).
    #[schema(value_type = String)]
    dimension: jiku_model::Dimension,
    /// The column concerned; absent when the whole record is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What to do.
    advice: String,
}

/// What became of a record that was sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RowBody {
    /// The source system's code; absent when the row could not be read that far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    /// The source's own key; absent when the row could not be read that far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_key: Option<String>,
    /// The line of the stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u64>,
    /// Its number among the rows of the stream, from 1, bad ones counted: a stream may have all its rows on one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) row: Option<u64>,
    /// `created`, `revised`, `unchanged` or `rejected`.
    pub(crate) status: &'static str,
    /// The canonical id of the entity it belongs to; absent when rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) entity: Option<Uuid>,
    /// `linked`, `review` or `new`; absent when rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decision: Option<&'static str>,
    /// The revision held now; 0 when rejected.
    pub(crate) revision: i64,
    /// What was found wrong with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) problems: Vec<ProblemBody>,
    /// Of one record that was accepted in spite of them: fields that no standard knows; they are kept in the raw record. Of a stream they are told
    /// once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) unknown_columns: Vec<String>,
}

/// What records that were sent are answered with: one told, or the report on a stream.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it only describes the answer")]
pub(crate) enum TakenBody {
    Row(RowBody),
    Stream(StreamBody),
    Check(super::CheckBody),
}

/// The report on a stream of records.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StreamBody {
    /// The import; `GET /api/v1/jobs/{id}/rejections` has its rejected rows, also later.
    pub(crate) job: super::JobBody,
    /// The rows in the order they came, at most 10,000.
    pub(crate) rows: Vec<RowBody>,
    /// How many rows are left out of `rows`.
    pub(crate) rows_left_out: u64,
    /// Columns that no standard knows; they are kept in the raw record.
    pub(crate) unknown_columns: Vec<String>,
}

/// A source record (来源记录).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordBody {
    #[serde(flatten)]
    key: KeyBody,
    kind: &'static str,
    /// The canonical id it belongs to: the crosswalk.
    entity: Uuid,
    /// The revision, counted from 1.
    revision: i64,
    /// Whether the source withdrew it.
    withdrawn: bool,
    /// Whether personal values are masked; `unmask=true` shows them to those who may.
    masked: bool,
    /// What was received.
    #[schema(value_type = Object)]
    raw: Value,
    /// The canonical values that were understood.
    attributes: BTreeMap<String, String>,
    problems: Vec<ProblemBody>,
    received_at: DateTime<Utc>,
}

/// What a withdrawal did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WithdrawBody {
    #[serde(flatten)]
    key: KeyBody,
    /// `withdrawn`, or `unchanged` when it had been before.
    status: &'static str,
    /// The entity it belonged to.
    entity: Uuid,
}

impl From<RecordKey> for KeyBody {
    fn from(key: RecordKey) -> Self {
        Self { source: key.source.into(), source_key: key.key }
    }
}

impl From<Problem> for ProblemBody {
    fn from(problem: Problem) -> Self {
        Self {
            code: problem.code.into_owned(),
            severity: problem.severity,
            dimension: problem.dimension,
            field: problem.field.map(std::borrow::Cow::into_owned),
            advice: problem.advice.into_owned(),
        }
    }
}

impl RowBody {
    /// A row that never became a record.
    pub(crate) fn refused(row: &RejectedRow) -> Self {
        Self {
            source: None,
            source_key: None,
            line: Some(row.line),
            row: Some(row.row),
            status: "rejected",
            entity: None,
            decision: None,
            revision: 0,
            problems: row.problems.iter().cloned().map(Into::into).collect(),
            unknown_columns: Vec::new(),
        }
    }
}

impl From<RowOutcome> for RowBody {
    fn from(row: RowOutcome) -> Self {
        Self {
            source: Some(row.key.source.into()),
            source_key: Some(row.key.key),
            line: row.line,
            row: row.row,
            status: row.status.as_str(),
            entity: row.entity.map(|id| id.0),
            decision: row.decision.map(jiku_registry::LinkDecision::as_str),
            revision: row.revision,
            problems: row.problems.into_iter().map(Into::into).collect(),
            unknown_columns: Vec::new(),
        }
    }
}

impl From<SourceRecordView> for RecordBody {
    fn from(view: SourceRecordView) -> Self {
        Self {
            kind: view.key.kind.as_str(),
            key: view.key.into(),
            entity: view.entity.0,
            revision: view.revision,
            withdrawn: view.withdrawn,
            masked: view.masked,
            raw: serde_json::from_str(&view.payload).unwrap_or(Value::String(view.payload)),
            attributes: view.attributes.iter().map(|(column, value)| (column.to_owned(), value.to_owned())).collect(),
            problems: view.problems.into_iter().map(Into::into).collect(),
            received_at: view.received_at,
        }
    }
}

impl From<WithdrawOutcome> for WithdrawBody {
    fn from(outcome: WithdrawOutcome) -> Self {
        Self { key: outcome.key.into(), status: if outcome.unchanged { "unchanged" } else { "withdrawn" }, entity: outcome.entity.0 }
    }
}
