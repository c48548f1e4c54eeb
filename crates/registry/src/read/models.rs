//! What does the model in use say, how do stewards agree with it, and what would another one change?

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ahash::AHashMap;
use jiku_linkage::Model;
use jiku_model::{EntityId, JudgementOrigin, Kind, Verdict};
use jiku_resolution::{ClusterRules, Edge, Held, cluster};
use jiku_store::LedgerEntry;
use parking_lot::Mutex;

use crate::RegistryError;
use crate::facade::{
    AccuracyBand, BlockingView, ComparisonView, ConflictView, EntityState, LevelView, ModelChange, ModelVersionView, ModelView,
    RegroupView, RelationView, ThresholdPoint, ThresholdPreview,
};
use crate::memory::Graph;
use crate::registry::Inner;
use crate::remodel::Proposed;
use crate::write::crowds::kept;
use crate::write::reload::index;

type Result<T> = std::result::Result<T, RegistryError>;

/// How many groups a preview shows.
const EXAMPLES: usize = 50;

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
    view.thresholds = review_load(inner, kind, model);
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
        review: file.review,
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
#[derive(Default)]
pub(crate) struct Loads([Mutex<Option<Counted>>; Kind::ALL.len()]);

/// Figures, and the position of the change log and the version of the model they are of.
struct Counted {
    of: (i64, i32),
    points: Vec<ThresholdPoint>,
}

/// How long a reader waits for the pairs while a batch or a preview has them.
const PATIENCE: Duration = Duration::from_millis(20);

/// The figures as they stand; where somebody else has the pairs, those that were counted last with this model.
fn review_load(inner: &Inner, kind: Kind, model: &Model) -> Vec<ThresholdPoint> {
    let of = (inner.core.position(), inner.core.shelf(kind).model_version());
    let mut kept = inner.loads.0[index(kind)].lock();
    if let Some(counted) = kept.as_ref().filter(|counted| counted.of == of) {
        return counted.points.clone();
    }
    let known = kept.as_ref().filter(|counted| counted.of.1 == of.1);
    let state = match (inner.core.state.try_lock_for(PATIENCE), known) {
        (Some(state), _) => state,
        (None, Some(counted)) => return counted.points.clone(),
        (None, None) => inner.core.state.lock(),
    };
    let weights = weights(&state.graphs[index(kind)]);
    drop(state);
    let points = thresholds(&weights, model.link_threshold(), model.review_threshold());
    *kept = Some(Counted { of, points: points.clone() });
    points
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

/// What a change of the model would change. Nothing is written; writers wait only while what they know is copied.
pub(crate) fn preview(inner: &Inner, kind: Kind, change: &ModelChange) -> Result<ThresholdPreview> {
    let shelf = inner.core.shelf(kind);
    let (now_link, now_review) = (shelf.model().link_threshold(), shelf.model().review_threshold());
    let (link, review, version, anew) = match change {
        // The pairs the ledger holds are enough: a weight does not depend on the thresholds.
        ModelChange::Thresholds { link, review } => (*link, review.unwrap_or(now_review), shelf.model_version(), None),
        change => {
            let proposed = Proposed::of(inner, kind, change)?;
            let anew = proposed.ask(inner, shelf)?;
            (proposed.model.link_threshold(), proposed.model.review_threshold(), proposed.from, Some(anew))
        }
    };
    if anew.is_none() && !(link.is_finite() && review.is_finite() && review >= now_review && link > review) {
        return Err(RegistryError::conflict(
            "threshold-range",
            format!("review must be at least {now_review}, for pairs below are not kept, and link must be above review"),
        ));
    }
    let mut graph = inner.core.state.lock().graphs[index(kind)].sketch();
    let capped = anew.is_none();
    let verdict = |weight: f32, link: f32, review: f32| match weight {
        weight if capped && is_capped(weight, now_link) => Verdict::Unsure,
        weight if weight >= link => Verdict::Positive,
        weight if weight >= review => Verdict::Unsure,
        _ => Verdict::Negative,
    };
    let now = Grouping::of(&graph, &shelf.cluster_rules, |weight| verdict(weight, now_link, now_review)).questions(&graph);
    if let Some(anew) = anew {
        let known: Vec<((u32, u32), f32)> = match &anew.among {
            Some(among) => graph.model_pairs().filter(|((left, right), _)| !among.contains(left) && !among.contains(right)).collect(),
            None => Vec::new(),
        };
        // A record that came since is seen with the next look.
        let said = anew.said.into_iter().filter(|((left, right), _)| graph.node(*left).and(graph.node(*right)).is_some()).collect();
        let looked_at = |left, right| anew.among.as_ref().is_none_or(|among| among.contains(&left) || among.contains(&right));
        let said = kept(&graph, said, link, looked_at);
        graph.replace_model_edges(known.into_iter().chain(said));
    }
    let then = Grouping::of(&graph, &shelf.cluster_rules, |weight| verdict(weight, link, review));
    let (changes, examples) = regrouped(&graph, &then);
    let entities = graph.entities().filter(|(_, entity)| entity.state == EntityState::Active).count() as u64;
    let tasks = (now, then.questions(&graph));
    Ok(ThresholdPreview { kind, version, link, review, entities: (entities, then.groups.len() as u64), tasks, changes, examples })
}

/// How records are put together under some thresholds.
struct Grouping {
    groups: Vec<Vec<u32>>,
    group_of: AHashMap<u32, usize>,
    held: Vec<Held>,
    unsure: Vec<(u32, u32)>,
}

impl Grouping {
    fn of(graph: &Graph, rules: &ClusterRules, verdict: impl Fn(f32) -> Verdict) -> Self {
        let mut edges: AHashMap<u32, Vec<Edge>> = AHashMap::new();
        let mut neighbours: AHashMap<u32, Vec<u32>> = AHashMap::new();
        let mut unsure = Vec::new();
        let mut slots: Vec<u32> = graph.nodes().map(|(slot, _)| slot).collect();
        slots.sort_unstable();
        for &slot in &slots {
            let mut add = |other: u32, verdict, origin, weight| {
                edges.entry(slot).or_default().push(Edge { left: graph.record(slot), right: graph.record(other), verdict, origin, weight });
                if verdict == Verdict::Positive {
                    neighbours.entry(slot).or_default().push(other);
                    neighbours.entry(other).or_default().push(slot);
                }
            };
            for arc in graph.model_arcs(slot).iter().filter(|arc| slot < arc.other) {
                match verdict(arc.weight) {
                    Verdict::Positive => add(arc.other, Verdict::Positive, JudgementOrigin::Model, arc.weight),
                    Verdict::Unsure => unsure.push((slot, arc.other)),
                    Verdict::Negative => {}
                }
            }
            for arc in graph.steward_verdicts(slot).iter().filter(|arc| slot < arc.other) {
                add(arc.other, arc.verdict, JudgementOrigin::Steward, 0.0);
            }
        }
        let mut found = Self { groups: Vec::new(), group_of: AHashMap::new(), held: Vec::new(), unsure };
        let mut seen: BTreeSet<u32> = BTreeSet::new();
        for &start in &slots {
            if !seen.insert(start) {
                continue;
            }
            let (mut component, mut stack) = (Vec::new(), vec![start]);
            while let Some(slot) = stack.pop() {
                component.push(slot);
                stack.extend(neighbours.get(&slot).into_iter().flatten().copied().filter(|other| seen.insert(*other)));
            }
            component.sort_unstable();
            let of_component: Vec<Edge> = component.iter().filter_map(|slot| edges.get(slot)).flatten().copied().collect();
            let clustering = cluster(&graph.resolution_nodes(&component), &of_component, rules);
            found.held.extend(clustering.held);
            found.groups.extend(clustering.groups.into_iter().map(|group| group.into_iter().map(|record| record.slot()).collect()));
        }
        for (number, group) in found.groups.iter().enumerate() {
            found.group_of.extend(group.iter().map(|slot| (*slot, number)));
        }
        found
    }

    /// Pairs of groups a steward would be asked about: doubtful or held, and no steward has spoken.
    fn questions(&self, graph: &Graph) -> u64 {
        let mut asked: BTreeSet<(usize, usize)> = BTreeSet::new();
        let held = self.held.iter().map(|held| (held.left.slot(), held.right.slot()));
        for (left, right) in self.unsure.iter().copied().chain(held) {
            let (Some(&one), Some(&other)) = (self.group_of.get(&left), self.group_of.get(&right)) else { continue };
            if one != other {
                asked.insert((one.min(other), one.max(other)));
            }
        }
        let spoken = |one: usize, other: usize| {
            let verdicts = self.groups[one].iter().flat_map(|slot| graph.steward_verdicts(*slot));
            verdicts.into_iter().any(|arc| self.group_of.get(&arc.other) == Some(&other))
        };
        asked.into_iter().filter(|(one, other)| !spoken(*one, *other)).count() as u64
    }
}

/// Entities that exchange records: how many such groups there are, and the first.
fn regrouped(graph: &Graph, then: &Grouping) -> (u64, Vec<RegroupView>) {
    // A group that is not exactly one entity ties all entities it takes records from together.
    let mut tied: BTreeMap<EntityId, BTreeSet<usize>> = BTreeMap::new();
    let entity_of = |slot: &u32| graph.node(*slot).map(|node| node.entity);
    for (number, group) in then.groups.iter().enumerate() {
        let entities: BTreeSet<EntityId> = group.iter().filter_map(entity_of).collect();
        let whole = entities.len() == 1
            && entities.first().and_then(|id| graph.entity(*id)).is_some_and(|entity| entity.members.len() == group.len());
        if !whole {
            for id in entities {
                tied.entry(id).or_default().insert(number);
            }
        }
    }
    let (mut seen, mut total, mut examples): (BTreeSet<EntityId>, u64, Vec<RegroupView>) = (BTreeSet::new(), 0, Vec::new());
    for start in tied.keys() {
        if !seen.insert(*start) {
            continue;
        }
        let (mut entities, mut groups, mut stack) = (Vec::new(), BTreeSet::new(), vec![*start]);
        while let Some(id) = stack.pop() {
            entities.push(id);
            for &number in tied.get(&id).into_iter().flatten() {
                if groups.insert(number) {
                    stack.extend(then.groups[number].iter().filter_map(entity_of).filter(|other| seen.insert(*other)));
                }
            }
        }
        total += 1;
        if examples.len() < EXAMPLES {
            entities.sort_unstable();
            let mut records_after: Vec<usize> = groups.into_iter().map(|number| then.groups[number].len()).collect();
            records_after.sort_unstable_by(|a, b| b.cmp(a));
            examples.push(RegroupView { entities, records_after });
        }
    }
    (total, examples)
}
