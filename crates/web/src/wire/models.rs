//! How is a match model written?

use chrono::{DateTime, Utc};
use jiku_registry::{
    AccuracyBand, ComparisonView, LevelView, ModelOutcome, ModelView, RegroupView, SharedValue, ThresholdPoint, ThresholdPreview,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The match model (匹配模型) in use for a kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelBody {
    kind: &'static str,
    name: String,
    version: u32,
    /// Which of the kept versions it is.
    in_use: i32,
    about: String,
    about_zh: String,
    /// The share of random pairs that match.
    prior: f64,
    /// The weight, log2 of the odds, from which on pairs are linked.
    link: f32,
    /// How likely a pair of that weight is a match.
    link_probability: f32,
    /// The weight from which on pairs are reviewed.
    review: f32,
    comparisons: Vec<ComparisonBody>,
    relations: Vec<RelationBody>,
    conflicts: Vec<ConflictBody>,
    blocking: Vec<BlockingBody>,
    /// What other link thresholds would mean for the pairs known.
    thresholds: Vec<ThresholdBody>,
    /// Stewards' verdicts by weight.
    accuracy: Vec<AccuracyBody>,
    versions: Vec<ModelVersionBody>,
}

/// A comparison (比较项).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ComparisonBody {
    name: String,
    zh: String,
    fields: Vec<String>,
    /// When it would only repeat what another has said.
    #[serde(skip_serializing_if = "Option::is_none")]
    unless: Option<String>,
    levels: Vec<LevelBody>,
}

/// A comparison level.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LevelBody {
    name: String,
    zh: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<String>,
    m: f64,
    u: f64,
    weight: f32,
}

/// Pairs that look alike without being one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RelationBody {
    name: String,
    zh: String,
    per_match: f64,
}

/// What no weight overrules.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConflictBody {
    name: String,
    zh: String,
    when: String,
    /// `apart`, `review`, `not-linked` or `unbridged`.
    effect: &'static str,
    /// So many bits of the odds it takes away when the probability is told; the decision is the effect's.
    doubt: f32,
}

/// A blocking rule (分块规则).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BlockingBody {
    name: String,
    zh: String,
    key: String,
}

/// A link threshold and what it means.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ThresholdBody {
    link: f32,
    linked_pairs: u64,
    review_pairs: u64,
}

/// How often stewards found pairs of like weight to be one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccuracyBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<f32>,
    judged: u64,
    same: u64,
    /// The true share lies between these with 95 per cent confidence.
    low: f64,
    high: f64,
}

/// A version of the model.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelVersionBody {
    version: i32,
    active: bool,
    created_at: DateTime<Utc>,
    actor: String,
}

/// What came of putting another model into use.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelAppliedBody {
    /// The version that is in use now.
    version: i32,
    /// The decision in the ledger.
    decision: Uuid,
    entities_before: u64,
    entities_after: u64,
    /// Questions to stewards.
    tasks_before: u64,
    tasks_after: u64,
    /// Entities that got a new version.
    changed: u64,
    /// Pairs that were judged anew.
    judged: u64,
    /// Values that count as missing from now on, masked, those of most records first: what `redo` found.
    shared: Vec<SharedValueBody>,
    /// The change-log position after it.
    position: i64,
}

/// A value that turned out to stand for nobody in particular.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SharedValueBody {
    /// The column in which records tell it.
    column: String,
    /// The value, masked.
    value: String,
    /// How many records have it.
    records: u64,
}

impl From<SharedValue> for SharedValueBody {
    fn from(SharedValue { column, value, records }: SharedValue) -> Self {
        Self { column, value, records }
    }
}

/// What came of looking for generic values.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RedoBody {
    /// The version of the model that counts them as missing; none when no value turned out to be generic.
    pub(crate) applied: Option<ModelAppliedBody>,
}

impl From<ModelOutcome> for ModelAppliedBody {
    fn from(outcome: ModelOutcome) -> Self {
        Self {
            version: outcome.version,
            decision: outcome.decision.0,
            entities_before: outcome.entities.0,
            entities_after: outcome.entities.1,
            tasks_before: outcome.tasks.0,
            tasks_after: outcome.tasks.1,
            changed: outcome.changed,
            judged: outcome.judged,
            shared: outcome.shared.into_iter().map(SharedValueBody::from).collect(),
            position: outcome.position,
        }
    }
}

/// What other thresholds, or another model, would change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ThresholdPreviewBody {
    /// The version in use it was compared with.
    version: i32,
    link: f32,
    review: f32,
    entities_now: u64,
    entities_then: u64,
    /// Pairs of entities a steward is asked about.
    tasks_now: u64,
    tasks_then: u64,
    /// Groups of entities that would be put together anew.
    changes: u64,
    /// The first of them.
    examples: Vec<RegroupBody>,
}

/// Entities whose records would be put together anew.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegroupBody {
    entities: Vec<Uuid>,
    records_after: Vec<usize>,
}

impl From<ModelView> for ModelBody {
    fn from(view: ModelView) -> Self {
        Self {
            kind: view.kind.as_str(),
            name: view.name,
            version: view.version,
            in_use: view.in_use,
            about: view.about,
            about_zh: view.about_zh,
            prior: view.prior,
            link: view.link,
            link_probability: view.link_probability,
            review: view.review,
            comparisons: view.comparisons.into_iter().map(Into::into).collect(),
            relations: view
                .relations
                .into_iter()
                .map(|relation| RelationBody { name: relation.name, zh: relation.zh, per_match: relation.per_match })
                .collect(),
            conflicts: view
                .conflicts
                .into_iter()
                .map(|conflict| ConflictBody {
                    name: conflict.name,
                    zh: conflict.zh,
                    when: conflict.when,
                    effect: conflict.effect,
                    doubt: conflict.doubt,
                })
                .collect(),
            blocking: view.blocking.into_iter().map(|rule| BlockingBody { name: rule.name, zh: rule.zh, key: rule.key }).collect(),
            thresholds: view.thresholds.into_iter().map(Into::into).collect(),
            accuracy: view.accuracy.into_iter().map(Into::into).collect(),
            versions: view
                .versions
                .into_iter()
                .map(|version| ModelVersionBody {
                    version: version.version,
                    active: version.active,
                    created_at: version.created_at,
                    actor: version.actor,
                })
                .collect(),
        }
    }
}

impl From<ComparisonView> for ComparisonBody {
    fn from(view: ComparisonView) -> Self {
        let levels = view.levels.into_iter().map(Into::into).collect();
        Self { name: view.name, zh: view.zh, fields: view.fields, unless: view.unless, levels }
    }
}

impl From<LevelView> for LevelBody {
    fn from(view: LevelView) -> Self {
        Self { name: view.name, zh: view.zh, when: view.when, m: view.m, u: view.u, weight: view.weight }
    }
}

impl From<ThresholdPoint> for ThresholdBody {
    fn from(point: ThresholdPoint) -> Self {
        Self { link: point.link, linked_pairs: point.linked_pairs, review_pairs: point.review_pairs }
    }
}

impl From<AccuracyBand> for AccuracyBody {
    fn from(band: AccuracyBand) -> Self {
        let (low, high) = band.interval;
        Self { from: band.from, to: band.to, judged: band.judged, same: band.same, low, high }
    }
}

impl From<ThresholdPreview> for ThresholdPreviewBody {
    fn from(preview: ThresholdPreview) -> Self {
        Self {
            version: preview.version,
            link: preview.link,
            review: preview.review,
            entities_now: preview.entities.0,
            entities_then: preview.entities.1,
            tasks_now: preview.tasks.0,
            tasks_then: preview.tasks.1,
            changes: preview.changes,
            examples: preview.examples.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<RegroupView> for RegroupBody {
    fn from(view: RegroupView) -> Self {
        Self { entities: view.entities.into_iter().map(|id| id.0).collect(), records_after: view.records_after }
    }
}
