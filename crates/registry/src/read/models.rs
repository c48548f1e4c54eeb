//! What does the model in use say, and how do stewards agree with it?

use jiku_linkage::Model;
use jiku_model::{Kind, Verdict};
use jiku_store::LedgerEntry;
use parking_lot::Mutex;

use crate::RegistryError;
use crate::facade::{
    AccuracyBand, BlockingView, ComparisonView, ConflictView, LevelView, ModelVersionView, ModelView, RelationView, ThresholdPoint,
};
use crate::memory::Graph;
use crate::registry::Inner;
use crate::write::reload::index;
use crate::write::state::Core;

type Result<T> = std::result::Result<T, RegistryError>;

/// The model in use for a kind.
pub(crate) fn model(inner: &Inner, kind: Kind) -> Result<ModelView> {
    let model = &inner.core.shelf(kind).model();
    let (mut steward, versions) =
        inner.core.store.read(|reader| Ok::<_, RegistryError>((reader.ledger_of_stewards()?, reader.models(kind)?)))?;
    steward.retain(|row| row.left_record.kind() == kind);
    let mut versions: Vec<ModelVersionView> = versions
        .into_iter()
        .map(|row| ModelVersionView { version: row.version, active: row.active, created_at: row.created_at, actor: row.actor })
        .collect();
    versions.sort_by_key(|version| std::cmp::Reverse(version.version));
    let mut view = described(kind, model);
    view.in_use = inner.core.shelf(kind).model_version();
    view.thresholds = review_load(inner, kind);
    view.accuracy = accuracy(&steward, model.link_threshold(), model.review_threshold());
    view.versions = versions;
    Ok(view)
}

fn described(kind: Kind, model: &Model) -> ModelView {
    let file = model.file();
    #[expect(clippy::cast_possible_truncation, reason = "weights are small")]
    let weight = |m: f64, u: f64| (m / u).log2() as f32;
    let level = |level: &jiku_linkage::LevelFile| LevelView {
        name: level.name.clone(),
        zh: level.zh.clone(),
        when: level.when.clone(),
        m: level.m,
        u: level.u,
        weight: weight(level.m, level.u),
    };
    ModelView {
        kind,
        name: file.name.clone(),
        version: file.version,
        in_use: 0,
        about: file.about.clone(),
        about_zh: file.about_zh.clone(),
        prior: file.prior,
        link: file.link,
        link_probability: model.probability(file.link),
        review: file.review,
        toml: model.to_toml(),
        comparisons: file
            .comparison
            .iter()
            .map(|comparison| ComparisonView {
                name: comparison.name.clone(),
                zh: comparison.zh.clone(),
                fields: comparison.fields.clone(),
                unless: comparison.unless.clone(),
                levels: comparison.level.iter().map(level).collect(),
            })
            .collect(),
        relations: file
            .relation
            .iter()
            .map(|relation| RelationView { name: relation.name.clone(), zh: relation.zh.clone(), per_match: relation.per_match })
            .collect(),
        conflicts: file
            .conflict
            .iter()
            .map(|conflict| ConflictView {
                name: conflict.name.clone(),
                zh: conflict.zh.clone(),
                when: conflict.when.clone(),
                effect: match conflict.effect {
                    jiku_linkage::Effect::Apart => "apart",
                    jiku_linkage::Effect::Review => "review",
                    jiku_linkage::Effect::NotLinked => "not-linked",
                    jiku_linkage::Effect::Unbridged => "unbridged",
                },
                doubt: conflict.doubt,
            })
            .collect(),
        blocking: file
            .blocking
            .iter()
            .map(|rule| BlockingView { name: rule.name.clone(), zh: rule.zh.clone(), key: rule.key.clone() })
            .collect(),
        thresholds: Vec::new(),
        accuracy: Vec::new(),
        versions: Vec::new(),
    }
}

/// What each threshold would link and leave to stewards, kind by kind, as it was counted last.
pub(crate) struct Loads([Mutex<Counted>; Kind::ALL.len()]);

/// Figures, and the position of the change log and the version of the model they are of.
struct Counted {
    of: (i64, i32),
    points: Vec<ThresholdPoint>,
}

impl Loads {
    /// Counts once: whoever looks while somebody else has the pairs is shown what was counted before.
    pub(crate) fn of(core: &Core) -> Self {
        Self(Kind::ALL.map(|kind| Mutex::new(Counted::of(core, kind, &core.state.lock().graphs[index(kind)]))))
    }

    /// Counts anew, after another model came into use.
    pub(crate) fn count(&self, core: &Core, kind: Kind) {
        let counted = Counted::of(core, kind, &core.state.lock().graphs[index(kind)]);
        *self.0[index(kind)].lock() = counted;
    }
}

impl Counted {
    fn of(core: &Core, kind: Kind, graph: &Graph) -> Self {
        let shelf = core.shelf(kind);
        let (model, of) = (shelf.model(), (core.position(), shelf.model_version()));
        Self { of, points: thresholds(&weights(graph), model.link_threshold(), model.review_threshold()) }
    }
}

/// The figures as they stand; where somebody else has the pairs, those that were counted last.
fn review_load(inner: &Inner, kind: Kind) -> Vec<ThresholdPoint> {
    let of = (inner.core.position(), inner.core.shelf(kind).model_version());
    let mut kept = inner.loads.0[index(kind)].lock();
    if kept.of != of
        && let Some(state) = inner.core.state_soon()
    {
        *kept = Counted::of(&inner.core, kind, &state.graphs[index(kind)]);
    }
    kept.points.clone()
}

/// The weights of all pairs the ledger holds of the model.
fn weights(graph: &Graph) -> Vec<f32> {
    graph.model_pairs().map(|(_, weight)| weight).collect()
}

/// Thresholds in whole steps around the one in use. A pair that a conflict rule keeps just below the threshold stays below any.
fn thresholds(weights: &[f32], link: f32, review: f32) -> Vec<ThresholdPoint> {
    let floor = review.ceil();
    let steps: Vec<f32> = (0_u8..=24).map(|step| floor + f32::from(step)).filter(|at| *at > review).collect();
    // Each pair is counted at the highest step it reaches; what lies below is the sum of these.
    let mut reached = vec![0_u64; steps.len()];
    for weight in weights.iter().filter(|weight| !is_capped(**weight, link)) {
        if let Some(step) = steps.partition_point(|at| at <= weight).checked_sub(1) {
            reached[step] += 1;
        }
    }
    let mut linked_pairs = 0;
    let mut points: Vec<ThresholdPoint> = steps
        .iter()
        .zip(reached)
        .rev()
        .map(|(at, count)| {
            linked_pairs += count;
            ThresholdPoint { link: *at, linked_pairs, review_pairs: weights.len() as u64 - linked_pairs }
        })
        .collect();
    points.reverse();
    points
}

/// Whether a conflict rule put the pair just below the link threshold.
fn is_capped(weight: f32, link: f32) -> bool {
    weight.to_bits() == (link - 1.0 / 64.0).to_bits()
}

/// Stewards' verdicts in four bands: below review, in review, linked, and linked by far.
fn accuracy(steward: &[LedgerEntry], link: f32, review: f32) -> Vec<AccuracyBand> {
    let bands = [(None, Some(review)), (Some(review), Some(link)), (Some(link), Some(link + 10.0)), (Some(link + 10.0), None)];
    bands
        .into_iter()
        .map(|(from, to)| {
            let inside = |weight: f32| from.is_none_or(|from| weight >= from) && to.is_none_or(|to| weight < to);
            let judged = steward.iter().filter(|row| row.weight.is_some_and(inside) && row.verdict != Verdict::Unsure);
            let (mut all, mut same) = (0, 0);
            for row in judged {
                all += 1;
                same += u64::from(row.verdict == Verdict::Positive);
            }
            AccuracyBand { from, to, judged: all, same, interval: jiku_linkage::wilson(same, all) }
        })
        .collect()
}
