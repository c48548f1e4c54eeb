//! What is a row of the ledger?

use diesel::prelude::*;
use jiku_model::{DecisionId, Judgement, JudgementId, JudgementOrigin, RecordId, Timestamp, Verdict};

row! {
    /// The ledger: what was decided about two source records, appended, never deleted.
    pub struct JudgementRow in judgement {
        /// Its id.
        pub id: JudgementId,
        /// The act it belongs to.
        pub decision: DecisionId,
        /// The record with the smaller id.
        pub left_record: RecordId,
        /// The record with the larger id.
        pub right_record: RecordId,
        /// Positive, negative or unsure.
        pub verdict: Verdict,
        /// Model, rule or steward.
        pub origin: JudgementOrigin,
        /// Match weight, log2 of the odds.
        pub weight: Option<f32>,
        /// Match probability, 0 to 1.
        pub probability: Option<f32>,
        /// The model's name and version.
        pub model: Option<String>,
        /// Who decided.
        pub actor: String,
        /// When.
        pub at: Timestamp,
        /// The decision that took it back, if any.
        pub retracted_by: Option<DecisionId>,
        /// The evidence as it was seen, a JSON document.
        pub evidence: String,
    }
}

impl JudgementRow {
    /// The row of a judgement.
    ///
    /// # Errors
    /// When the evidence does not print as JSON, which a value read from JSON always does.
    pub fn new(judgement: &Judgement) -> Result<Self, serde_json::Error> {
        Ok(Self {
            id: judgement.id,
            decision: judgement.decision,
            left_record: judgement.left,
            right_record: judgement.right,
            verdict: judgement.verdict,
            origin: judgement.origin,
            weight: judgement.weight,
            probability: judgement.probability,
            model: judgement.model.clone(),
            actor: judgement.actor.clone(),
            at: judgement.at,
            retracted_by: judgement.retracted_by,
            evidence: serde_json::to_string(&judgement.evidence)?,
        })
    }

    /// The judgement of the row.
    ///
    /// # Errors
    /// When the evidence is not JSON.
    pub fn judgement(self) -> Result<Judgement, serde_json::Error> {
        Ok(Judgement {
            id: self.id,
            decision: self.decision,
            left: self.left_record,
            right: self.right_record,
            verdict: self.verdict,
            origin: self.origin,
            weight: self.weight,
            probability: self.probability,
            evidence: serde_json::from_str(&self.evidence)?,
            model: self.model,
            actor: self.actor,
            at: self.at,
            retracted_by: self.retracted_by,
        })
    }
}

/// A judgement without its evidence: what clustering needs.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = crate::schema::judgement, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct LedgerEntry {
    /// Its id.
    pub id: JudgementId,
    /// The act it belongs to.
    pub decision: DecisionId,
    /// The record with the smaller id.
    pub left_record: RecordId,
    /// The record with the larger id.
    pub right_record: RecordId,
    /// What was decided.
    pub verdict: Verdict,
    /// Who or what decided.
    pub origin: JudgementOrigin,
    /// Match weight, log2 of the odds.
    pub weight: Option<f32>,
    /// Match probability, 0 to 1.
    pub probability: Option<f32>,
    /// When.
    pub at: Timestamp,
}
