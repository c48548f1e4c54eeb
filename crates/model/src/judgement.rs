//! What was decided about two source records, by whom, and on what evidence?

use serde::{Deserialize, Serialize};

use crate::{DecisionId, JudgementId, RecordId, Timestamp};

/// Whether two source records speak of one entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The same entity.
    Positive,
    /// Two entities; holds whole clusters apart when a steward says so.
    Negative,
    /// Cannot be told; a steward should look, or has looked and cannot tell.
    Unsure,
}

impl Verdict {
    /// The word in JSON and SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Positive => "positive",
            Self::Negative => "negative",
            Self::Unsure => "unsure",
        }
    }
}

/// Who or what judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JudgementOrigin {
    /// The match model, by its thresholds.
    Model,
    /// A deterministic rule of the service.
    Rule,
    /// A data steward (数据管理员): outlives every model.
    Steward,
}

impl JudgementOrigin {
    /// The word in JSON and SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Rule => "rule",
            Self::Steward => "steward",
        }
    }
}

/// An entry of the ledger: appended, never rewritten. `left < right` always.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// Its id.
    pub id: JudgementId,
    /// The act it belongs to: undoing the act retracts all its judgements.
    pub decision: DecisionId,
    /// The record with the smaller id.
    pub left: RecordId,
    /// The record with the larger id.
    pub right: RecordId,
    /// What was decided.
    pub verdict: Verdict,
    /// Who or what decided.
    pub origin: JudgementOrigin,
    /// Match weight, log2 of the odds, as the model saw it then; for a steward's verdict what the model had said.
    pub weight: Option<f32>,
    /// Match probability, 0 to 1.
    pub probability: Option<f32>,
    /// The evidence as it was seen: an explanation in JSON.
    pub evidence: serde_json::Value,
    /// The model's name and version.
    pub model: Option<String>,
    /// The principal who decided, or `jiku` for the engine.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// The decision that took this judgement back, if any.
    pub retracted_by: Option<DecisionId>,
}
