//! What is a match model made of, how does it do, and what would another threshold change?

use std::collections::{BTreeMap, BTreeSet};

use jiku_model::{DecisionId, EntityId, Kind, Timestamp};

/// The match model in use for a kind, in words and figures.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelView {
    /// The kind.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its version, as the model file counts.
    pub version: u32,
    /// Which of the kept versions it is: what a change expects.
    pub in_use: i32,
    /// What it is for.
    pub about: String,
    /// The same in Chinese; empty when the model has none.
    pub about_zh: String,
    /// The share of random pairs that match.
    pub prior: f64,
    /// The weight from which on pairs are linked.
    pub link: f32,
    /// How likely a pair of that weight is a match.
    pub link_probability: f32,
    /// The weight from which on pairs are reviewed.
    pub review: f32,
    /// The model's file, as a change takes it.
    pub toml: String,
    /// What is compared.
    pub comparisons: Vec<ComparisonView>,
    /// Pairs that look alike without being one, with how many there are for each match.
    pub relations: Vec<RelationView>,
    /// What no weight overrules.
    pub conflicts: Vec<ConflictView>,
    /// Which pairs are compared at all.
    pub blocking: Vec<BlockingView>,
    /// What other link thresholds would mean for links and review.
    pub thresholds: Vec<ThresholdPoint>,
    /// How often stewards agreed, by weight.
    pub accuracy: Vec<AccuracyBand>,
    /// Every version there is, newest first.
    pub versions: Vec<ModelVersionView>,
}

/// A blocking rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockingView {
    /// Its name.
    pub name: String,
    /// Its name in Chinese; empty when the model has none.
    pub zh: String,
    /// What two records must have in common to be compared.
    pub key: String,
}

/// A comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonView {
    /// Its name.
    pub name: String,
    /// Its name in Chinese.
    pub zh: String,
    /// The fields it looks at.
    pub fields: Vec<String>,
    /// When it would only repeat what another has said.
    pub unless: Option<String>,
    /// From the closest to the farthest.
    pub levels: Vec<LevelView>,
}

/// A level of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelView {
    /// Its name.
    pub name: String,
    /// Its name in Chinese.
    pub zh: String,
    /// Its condition; none for the last.
    pub when: Option<String>,
    /// The share of matching pairs on it.
    pub m: f64,
    /// The share of pairs of strangers on it.
    pub u: f64,
    /// log2(m/u).
    pub weight: f32,
}

/// A relation.
#[derive(Clone, Debug, PartialEq)]
pub struct RelationView {
    /// Its name.
    pub name: String,
    /// Its name in Chinese.
    pub zh: String,
    /// How many such pairs there are for each pair that matches.
    pub per_match: f64,
}

/// A conflict rule.
#[derive(Clone, Debug, PartialEq)]
pub struct ConflictView {
    /// Its name.
    pub name: String,
    /// Its name in Chinese.
    pub zh: String,
    /// Its condition.
    pub when: String,
    /// `apart`, `review` or `not-linked`.
    pub effect: &'static str,
    /// So many bits of the odds it takes away when the probability is told.
    pub doubt: f32,
}

/// What a link threshold means for the pairs known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThresholdPoint {
    /// The threshold.
    pub link: f32,
    /// Pairs of at least this weight.
    pub linked_pairs: u64,
    /// Pairs below it that a steward would be asked about.
    pub review_pairs: u64,
}

/// Stewards' verdicts on pairs of like weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AccuracyBand {
    /// The lower end; none for the lowest band.
    pub from: Option<f32>,
    /// The upper end; none for the highest band.
    pub to: Option<f32>,
    /// Pairs that were judged.
    pub judged: u64,
    /// Of these, judged to be one.
    pub same: u64,
    /// The interval in which the true share lies with 95 per cent confidence (Wilson 1927).
    pub interval: (f64, f64),
}

/// A version of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelVersionView {
    /// Counted from 1.
    pub version: i32,
    /// Whether it is in use.
    pub active: bool,
    /// When it was loaded.
    pub created_at: Timestamp,
    /// Who loaded it.
    pub actor: String,
}

/// What to change in the match model in use.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelChange {
    /// Other thresholds.
    Thresholds {
        /// The weight from which on pairs are linked.
        link: f32,
        /// The weight from which on pairs are reviewed; the one in use when absent.
        review: Option<f32>,
    },
    /// A model file, such as `jiku train` writes.
    Model(String),
    /// A version that was in use before.
    Version(i32),
    /// Values by field that count as missing from now on: they stand for nobody in particular.
    Generic(BTreeMap<String, BTreeSet<String>>),
}

impl ModelChange {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Thresholds { .. } => "thresholds",
            Self::Model(_) => "model",
            Self::Version(_) => "version",
            Self::Generic(_) => "generic-values",
        }
    }
}

/// What came of putting another model into use.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelOutcome {
    /// The kind.
    pub kind: Kind,
    /// The version that is in use now.
    pub version: i32,
    /// The decision in the ledger.
    pub decision: DecisionId,
    /// Active entities before and after.
    pub entities: (u64, u64),
    /// Questions to stewards before and after.
    pub tasks: (u64, u64),
    /// Entities that got a new version.
    pub changed: u64,
    /// Pairs that were judged anew.
    pub judged: u64,
    /// Values that count as missing from now on, where it was looked for such.
    pub shared: Vec<SharedValue>,
    /// The change-log position after it.
    pub position: i64,
}

/// A value that turned out to stand for nobody in particular.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedValue {
    /// The column in which records tell it.
    pub column: String,
    /// The value, masked.
    pub value: String,
    /// How many records have it.
    pub records: u64,
}

impl SharedValue {
    /// Values in a line, those of most records by themselves: `id_number 4****************3 (31 records)`.
    #[must_use]
    pub fn listed(shared: &[Self]) -> String {
        /// So many are named; of more their number is told.
        const NAMED: usize = 5;
        let mut listed: Vec<String> =
            shared.iter().take(NAMED).map(|shared| format!("{} {} ({} records)", shared.column, shared.value, shared.records)).collect();
        listed.extend(shared.len().checked_sub(NAMED).filter(|more| *more > 0).map(|more| format!("and {more} more")));
        listed.join(", ")
    }
}

impl ModelOutcome {
    /// What taking decisions again that leaned on shared values came to, in a sentence for who sent the records.
    pub(crate) fn told(&self) -> String {
        format!(
            "Values turned out to be shared by more than one person, household or desk explains: {}. They count as missing from version {} of \
             the model on, so decisions were taken again after these rows were counted: {} golden records instead of {}, {} questions \
             to stewards instead of {}.",
            SharedValue::listed(&self.shared),
            self.version,
            self.entities.1,
            self.entities.0,
            self.tasks.1,
            self.tasks.0
        )
    }
}

/// What other thresholds, or another model, would change.
#[derive(Clone, Debug, PartialEq)]
pub struct ThresholdPreview {
    /// The kind.
    pub kind: Kind,
    /// The version in use that it was compared with.
    pub version: i32,
    /// The link threshold looked at.
    pub link: f32,
    /// The review threshold looked at.
    pub review: f32,
    /// Entities as they are, and as they would be.
    pub entities: (u64, u64),
    /// Questions to stewards as they are, and as they would be.
    pub tasks: (u64, u64),
    /// How many groups of entities would be put together anew.
    pub changes: u64,
    /// The first of them, by canonical id.
    pub examples: Vec<RegroupView>,
}

/// Entities whose records would be put together anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegroupView {
    /// The entities the records belong to now.
    pub entities: Vec<EntityId>,
    /// How many records each entity would have, largest first.
    pub records_after: Vec<usize>,
}
