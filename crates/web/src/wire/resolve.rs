//! How is "who is this?" answered, and why?

use jiku_registry::{Explanation, PairExplanation, Resolution};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{EntityBody, KeyBody, ProblemBody};

/// The answer to "who is this?".
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResolutionBody {
    /// `match` (one entity above the link threshold), `review` (a person should look) or `none`.
    decision: &'static str,
    /// The entities the record may speak of, best first.
    candidates: Vec<CandidateBody>,
    /// What was found wrong with the record asked about.
    problems: Vec<ProblemBody>,
    /// The match model's name and version.
    model: String,
    /// The change-log position the answer was read at.
    position: i64,
}

/// An entity the record may speak of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CandidateBody {
    /// The canonical id.
    id: Uuid,
    /// The match weight, log2 of the odds.
    weight: f32,
    /// The match probability, 0 to 1.
    probability: f32,
    /// How the weight came about; with `explain=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<ExplanationBody>,
    /// The golden record; unless `golden=false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    golden: Option<EntityBody>,
}

/// How a match weight came about: the prior and one line per comparison add up to the weight.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExplanationBody {
    model: String,
    /// The log2 odds before anything was compared.
    prior: f32,
    lines: Vec<LineBody>,
    weight: f32,
    probability: f32,
    /// A rule that capped or vetoed the weight.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflict: Option<String>,
    /// The same in Chinese.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflict_zh: Option<String>,
}

/// One comparison.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineBody {
    /// What was compared.
    comparison: String,
    /// The same in Chinese.
    comparison_zh: String,
    /// The level reached.
    level: String,
    /// The same in Chinese.
    level_zh: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    right: Option<String>,
    /// What it adds, log2.
    weight: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// Why two entities are, or are not, one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExplainBody {
    /// Pairs of their records, strongest first.
    pub(crate) pairs: Vec<PairBody>,
}

/// One pair of records.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PairBody {
    left: KeyBody,
    right: KeyBody,
    explanation: ExplanationBody,
    /// The standing verdict on this pair: `positive`, `negative` or `unsure`.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
    /// Whose verdict it is: `model`, `rule` or `steward`.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'static str>,
}

impl From<Resolution> for ResolutionBody {
    fn from(resolution: Resolution) -> Self {
        Self {
            decision: resolution.decision.as_str(),
            candidates: resolution
                .candidates
                .into_iter()
                .map(|candidate| CandidateBody {
                    id: candidate.entity.0,
                    weight: candidate.weight,
                    probability: candidate.probability,
                    explanation: candidate.explanation.map(Into::into),
                    golden: candidate.golden.map(|view| EntityBody::new(*view, false)),
                })
                .collect(),
            problems: resolution.problems.into_iter().map(Into::into).collect(),
            model: resolution.model,
            position: resolution.position,
        }
    }
}

impl From<Explanation> for ExplanationBody {
    fn from(explanation: Explanation) -> Self {
        let lines = explanation.lines.into_iter().map(|line| LineBody {
            comparison: line.comparison,
            comparison_zh: line.comparison_zh,
            level: line.level,
            level_zh: line.level_zh,
            left: line.left,
            right: line.right,
            weight: line.weight,
            note: line.note,
        });
        Self {
            model: explanation.model,
            prior: explanation.prior,
            lines: lines.collect(),
            weight: explanation.weight,
            probability: explanation.probability,
            conflict: explanation.conflict,
            conflict_zh: explanation.conflict_zh,
        }
    }
}

impl From<PairExplanation> for PairBody {
    fn from(pair: PairExplanation) -> Self {
        Self {
            left: pair.left.into(),
            right: pair.right.into(),
            explanation: pair.explanation.into(),
            verdict: pair.verdict.map(|(verdict, _)| verdict.as_str()),
            origin: pair.verdict.map(|(_, origin)| origin.as_str()),
        }
    }
}
