//! Who is this, and how do we know?

use jiku_linkage::Explanation;
use jiku_model::{EntityId, Problem, RecordKey};

use super::EntityView;

/// How to resolve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResolveOptions {
    /// At most this many candidates; the ceiling is 100.
    pub limit: usize,
    /// The smallest match weight to show; the model's review threshold when absent.
    pub floor: Option<f32>,
    /// Whether to explain each candidate's best pair.
    pub explain: bool,
    /// Whether to show each candidate's golden values.
    pub golden: bool,
}

impl Default for ResolveOptions {
    fn default() -> Self {
        Self { limit: 10, floor: None, explain: false, golden: true }
    }
}

/// What the best candidate amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResolutionDecision {
    /// One entity, above the link threshold, and no other.
    Match,
    /// Something, but a person should look.
    Review,
    /// Nobody the service knows.
    None,
}

impl ResolutionDecision {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Review => "review",
            Self::None => "none",
        }
    }
}

/// The answer to "who is this?".
#[derive(Clone, Debug, PartialEq)]
pub struct Resolution {
    /// What it amounts to.
    pub decision: ResolutionDecision,
    /// The candidates, best first.
    pub candidates: Vec<Candidate>,
    /// What was found wrong with the record asked about.
    pub problems: Vec<Problem>,
    /// The model's name and version.
    pub model: String,
    /// The change-log position the answer was read at.
    pub position: i64,
}

/// An entity the record may speak of.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Its canonical id.
    pub entity: EntityId,
    /// The match weight of its best record, log2 of the odds.
    pub weight: f32,
    /// The match probability.
    pub probability: f32,
    /// How the weight came about, when asked for.
    pub explanation: Option<Explanation>,
    /// The golden record, when asked for.
    pub golden: Option<Box<EntityView>>,
}

/// What the service knows of one record of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Matched {
    /// What the best candidate amounts to; none when the record cannot be used.
    pub decision: Option<ResolutionDecision>,
    /// The candidates above the review threshold, best first, without explanation and golden values.
    pub candidates: Vec<Candidate>,
    /// What was found wrong with the record.
    pub problems: Vec<Problem>,
}

/// Why two entities are, or are not, one: the pairs of their records, strongest first.
#[derive(Clone, Debug, PartialEq)]
pub struct PairExplanation {
    /// The record of the first entity.
    pub left: RecordKey,
    /// The record of the second.
    pub right: RecordKey,
    /// How their weight came about.
    pub explanation: Explanation,
    /// The standing verdict of the ledger on this pair, and whose it is: `positive by steward` …
    pub verdict: Option<(jiku_model::Verdict, jiku_model::JudgementOrigin)>,
}
