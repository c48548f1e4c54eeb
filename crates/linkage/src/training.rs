//! How is a model fitted to a table without labels?
//!
//! The share u of strangers on each level comes from random pairs; the share m of matches and the prior come from
//! expectation–maximisation over the candidate pairs of all blocking rules together. The shares written of relations stay:
//! without labels, relatives and matches cannot be told from each other's pairs; only how many they are is fitted. Selecting
//! candidates by their keys does not bias the odds of a pair, for the keys are part of what is compared; taking every
//! rule's candidates leaves every comparison free to disagree in the candidates of some rule. The written model is
//! the prior belief: each of its shares counts as so many pairs seen before.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::batch::{Blocking, Records};
use crate::dictionary::{Lexicon, ValueId};
use crate::frequency::{self, FrequencyFile};
use crate::hash;
use crate::model::{Comparison, Model, ModelError};
use crate::model_file::{LevelFile, ModelFile, RelationFile};
use crate::score::{MISSING, SUPPRESSED, Scorer, frequency_share};

/// How a model is trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Training {
    /// The seed of the sampling; the same seed gives the same model.
    pub seed: u64,
    /// How many random pairs u is estimated from.
    pub random_pairs: u64,
    /// How many candidate pairs m is estimated from, at most.
    pub candidate_pairs: u64,
    /// How many pairs the written shares m count as.
    pub belief_m: f64,
    /// How many pairs more they count as for each matching pair that is expected. Namesakes and relatives are drawn
    /// into the matches when too little stands against it: then dates and names seem to differ among matches.
    pub belief_share: f64,
    /// How many pairs the written shares u count as.
    pub belief_u: f64,
    /// How many hits each written share u counts as besides: a rare level keeps its share until so many random pairs show otherwise,
    /// a common one follows the table.
    pub hits_u: f64,
    /// How many matching pairs the written numbers of related pairs count as.
    pub belief_relations: f64,
    /// How many rounds of expectation and maximisation.
    pub rounds: u32,
}

impl Default for Training {
    fn default() -> Self {
        Self {
            seed: 1,
            random_pairs: 2_000_000,
            candidate_pairs: 4_000_000,
            belief_m: 50.0,
            belief_share: 1.5,
            belief_u: 20.0,
            hits_u: 0.0,
            belief_relations: 50.0,
            rounds: 40,
        }
    }
}

/// What training found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingReport {
    /// The random pairs seen.
    pub random_pairs: u64,
    /// The candidate pairs seen.
    pub candidate_pairs: u64,
    /// Matches expected among all pairs.
    pub expected_matches: f64,
    /// Rounds until nothing moved any more.
    pub rounds: u32,
}

/// What the comparisons of a pair found: five bits for the level of each, and four for how common the value is on each level
/// that heeds it, among the first sixteen such comparisons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Pattern {
    levels: u128,
    common: u64,
}

/// Patterns, and how many pairs have each.
type Patterns = Vec<(Pattern, f64)>;

/// The most comparisons a model may have to be trained: a pattern has five bits for each.
const MAX_COMPARISONS: usize = 25;

/// How finely the share of a value is kept in a pattern, in bits of information.
const STEP: f32 = 1.5;
/// The most steps: shares below 2^-22.5 are one.
const STEPS: usize = 16;

/// Fits a model to records and their candidates: frequency tables, u, m and prior.
///
/// # Errors
/// When the model has too many comparisons, or the fitted numbers make no model.
pub fn train(
    model: &Model,
    records: &mut Records,
    blocking: &Blocking,
    training: &Training,
) -> Result<(Model, TrainingReport), ModelError> {
    if model.comparisons.len() > MAX_COMPARISONS || model.comparisons.iter().any(|comparison| comparison.levels.len() > 29) {
        let problem = format!("at most {MAX_COMPARISONS} comparisons of 29 levels can be trained");
        return Err(ModelError::Content { place: "the model".to_owned(), problem });
    }
    let mut file = model.file().clone();
    learn_frequencies(&mut file, model, records);
    let model = &Model::new(file.clone())?;
    records.take_frequencies(model);
    let random = random_patterns(model, records, training);
    let (candidates, seen, share_seen) = candidate_patterns(model, records, blocking, training);
    let mut fit = Fit::new(model);
    let possible = f64::from(records.len()) * (f64::from(records.len()) - 1.0) / 2.0;
    let mut report = TrainingReport {
        random_pairs: random.iter().map(|(_, count)| *count as u64).sum(),
        candidate_pairs: seen,
        ..TrainingReport::default()
    };
    for round in 1..=training.rounds {
        let before = fit.prior;
        fit.round(&random, &candidates, possible * share_seen, training);
        report.rounds = round;
        if round > 5 && (fit.prior / before - 1.0).abs() < 1e-6 {
            break;
        }
    }
    report.expected_matches = fit.prior * possible;
    fit.write(&mut file);
    file.version += 1;
    file.link = file.link_fitted.take().unwrap_or(file.link);
    file.calibration = file.calibration_fitted.take().or(file.calibration);
    let trained = Model::new(file)?;
    records.take_frequencies(&trained);
    Ok((trained, report))
}

/// The most values a frequency table lists.
const LISTED_VALUES: usize = 20_000;

/// Counts values for every frequency table of the model; a value must occur five times to be listed.
fn learn_frequencies(file: &mut ModelFile, model: &Model, records: &Records) {
    let count = f64::from(records.len().max(1));
    for (field, table) in &mut file.term_frequency {
        let Some(number) = model.field(field) else { continue };
        let mut counts = records.counts(model, number);
        if !table.surnames.is_empty() {
            *table = frequency::of_names(table, &counts);
            continue;
        }
        counts.retain(|(_, count)| *count >= 5);
        counts.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        counts.truncate(LISTED_VALUES);
        let learned = counts.into_iter().map(|(value, seen)| (value.to_owned(), round(f64::from(seen) / count)));
        let floor = round((2.0 / count).clamp(1e-9, 0.5));
        *table = FrequencyFile { values: learned.collect(), floor, ..table.clone() };
    }
}

/// Four significant digits of what is nearer, the value or what is left to one: what a person can read.
fn round(value: f64) -> f64 {
    if value > 0.9 && value < 1.0 {
        return 1.0 - round(1.0 - value);
    }
    let scale = 10_f64.powi(3 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}

impl Pattern {
    /// The pattern of the pair a scorer has just compared.
    fn of(scorer: &Scorer<'_>, model: &Model, lexicon: Lexicon<'_>, left: &[ValueId], right: &[ValueId]) -> Self {
        let mut pattern = Self::default();
        let mut places = 0..16;
        for (at, (comparison, &level)) in model.comparisons.iter().zip(&scorer.levels).enumerate() {
            let code = match level {
                MISSING => 31,
                SUPPRESSED => 30,
                level => u128::from(level),
            };
            pattern.levels |= code << (5 * at);
            let Some(place) = comparison.frequency.and_then(|_| places.next()) else { continue };
            if comparison.levels.get(usize::from(level)).is_some_and(|level| level.frequency != 0.0)
                && let Some(share) = frequency_share(lexicon, model, comparison, left, right)
            {
                pattern.common |= ((-share / STEP).round().clamp(0.0, (STEPS - 1) as f32) as u64) << (4 * place);
            }
        }
        pattern
    }

    fn level(self, comparison: usize) -> Option<usize> {
        let code = (self.levels >> (5 * comparison)) & 31;
        (code < 30).then_some(code as usize)
    }

    /// How common the value is, in steps, by the place of the comparison among those that heed it.
    fn steps(self, place: usize) -> usize {
        (self.common >> (4 * place)) as usize & (STEPS - 1)
    }
}

fn sorted(counts: HashMap<Pattern, u64>) -> Patterns {
    let mut patterns: Patterns = counts.into_iter().map(|(pattern, count)| (pattern, count as f64)).collect();
    patterns.sort_unstable_by_key(|(pattern, _)| *pattern);
    patterns
}

fn merge(parts: Vec<HashMap<Pattern, u64>>) -> HashMap<Pattern, u64> {
    parts
        .into_iter()
        .reduce(|mut sum, part| {
            part.into_iter().for_each(|(pattern, count)| *sum.entry(pattern).or_default() += count);
            sum
        })
        .unwrap_or_default()
}

/// The patterns of random pairs; of all pairs when there are few.
fn random_patterns(model: &Model, records: &Records, training: &Training) -> Patterns {
    let count = u64::from(records.len());
    let possible = count * count.saturating_sub(1) / 2;
    let all = possible <= training.random_pairs;
    let pieces: u64 = 64;
    let parts: Vec<HashMap<Pattern, u64>> = (0..pieces)
        .into_par_iter()
        .map(|piece| {
            let mut scorer = Scorer::new(model, records.lexicon());
            let mut counts: HashMap<Pattern, u64> = HashMap::new();
            let mut take = |left: u64, right: u64| {
                let row = |number: u64| records.row(u32::try_from(number).expect("a record number"));
                let (left, right) = (row(left), row(right));
                scorer.compare(left, right);
                *counts.entry(Pattern::of(&scorer, model, records.lexicon(), left, right)).or_default() += 1;
            };
            if all {
                (0..count).filter(|left| left % pieces == piece).for_each(|left| (left + 1..count).for_each(|right| take(left, right)));
            } else {
                for number in (0..training.random_pairs).filter(|number| number % pieces == piece) {
                    let drawn = hash::mix(hash::fold(training.seed, number));
                    let (left, right) = (drawn % count, (drawn >> 32) % count);
                    if left != right {
                        take(left, right);
                    }
                }
            }
            counts
        })
        .collect();
    sorted(merge(parts))
}

/// The patterns of candidate pairs, how many pairs that is, and the share of all candidates they stand for. When there are
/// too many, whole blocks are left out by the hash of their key.
fn candidate_patterns(model: &Model, records: &Records, blocking: &Blocking, training: &Training) -> (Patterns, u64, f64) {
    let candidates: u64 = blocking.report.rules.iter().map(|rule| rule.pairs).sum();
    let share = (training.candidate_pairs as f64 / candidates.max(1) as f64).min(1.0);
    // Of 2^32 keys as many are taken.
    let taken = (share * 4_294_967_296.0) as u64;
    let mut total = HashMap::new();
    for rule in 0..blocking.rules.len() {
        let parts: Vec<HashMap<Pattern, u64>> = crate::batch::work(blocking, rule)
            .into_par_iter()
            .map(|piece| {
                let mut scorer = Scorer::new(model, records.lexicon());
                let mut counts: HashMap<Pattern, u64> = HashMap::new();
                for block in piece {
                    if hash::mix(block.key ^ training.seed) >> 32 >= taken {
                        continue;
                    }
                    crate::batch::each_pair(block.members, |left, right| {
                        if blocking.is_first(rule, block.number, left, right) {
                            let (left, right) = (records.row(left), records.row(right));
                            scorer.compare(left, right);
                            *counts.entry(Pattern::of(&scorer, model, records.lexicon(), left, right)).or_default() += 1;
                        }
                    });
                }
                counts
            })
            .collect();
        total = merge(vec![total, merge(parts)]);
    }
    let patterns = sorted(total);
    let seen = patterns.iter().map(|(_, count)| *count as u64).sum();
    (patterns, seen, share)
}

/// Shares per comparison and level.
type Shares = Vec<Vec<f64>>;

/// The numbers being fitted.
struct Fit {
    prior: f64,
    m: Shares,
    u: Shares,
    /// Per relation: pairs per match, and shares where they are not those of strangers.
    relations: Vec<(f64, Vec<Vec<Option<f64>>>)>,
    written_m: Shares,
    written_u: Shares,
    written_relations: Vec<f64>,
    /// By comparison that heeds how common values are: its place in patterns, the level its frequencies are measured against, and
    /// how much each level heeds them.
    heeded: Vec<Option<(usize, usize, Vec<f64>)>>,
}

impl Fit {
    fn new(model: &Model) -> Self {
        let file = model.file();
        let shares = |of: &dyn Fn(&LevelFile) -> f64| -> Shares {
            file.comparison.iter().map(|comparison| comparison.level.iter().map(of).collect()).collect()
        };
        let (m, u) = (shares(&|level| level.m), shares(&|level| level.u));
        let relation = |relation: &RelationFile| {
            let known = |level: &LevelFile| level.relations.get(&relation.name).copied();
            (relation.per_match, file.comparison.iter().map(|comparison| comparison.level.iter().map(known).collect()).collect())
        };
        let mut places = 0..16;
        let heeded = |comparison: &Comparison| {
            let place = comparison.frequency.and_then(|_| places.next())?;
            let against = comparison.levels.iter().position(|level| level.frequency != 0.0)?;
            Some((place, against, comparison.levels.iter().map(|level| f64::from(level.frequency)).collect()))
        };
        Self {
            prior: file.prior,
            written_m: m.clone(),
            written_u: u.clone(),
            m,
            u,
            relations: file.relation.iter().map(relation).collect(),
            written_relations: file.relation.iter().map(|relation| relation.per_match).collect(),
            heeded: model.comparisons.iter().map(heeded).collect(),
        }
    }

    /// What strangers' share on each level is multiplied by, by comparison, level and how common the value is: as the scorer does.
    fn rarities(&self) -> Vec<Vec<[f64; STEPS]>> {
        let rarity = |((_, against, heeds), u): (&(usize, usize, Vec<f64>), &Vec<f64>)| {
            let chance = u[*against].log2();
            let by_step = |heed: &f64| std::array::from_fn(|step| ((-f64::from(STEP) * step as f64 - chance) * heed).exp2());
            heeds.iter().map(by_step).collect()
        };
        self.heeded.iter().zip(&self.u).map(|(heeded, u)| heeded.as_ref().map_or_else(Vec::new, |heeded| rarity((heeded, u)))).collect()
    }

    /// How likely a pattern is in each class (matches, each relation, strangers), and what each comparison contributes.
    fn classes(&self, pattern: Pattern, rarities: &[Vec<[f64; STEPS]>], classes: &mut Classes) {
        let last = self.relations.len() + 1;
        classes.product[0] = self.prior;
        classes.product[last] = 1.0 - self.prior;
        self.relations.iter().zip(&mut classes.product[1..]).for_each(|((per_match, _), product)| *product = self.prior * per_match);
        for (at, own) in classes.own.iter_mut().enumerate() {
            let Some(level) = pattern.level(at) else {
                own.fill(1.0);
                continue;
            };
            let rarity = self.heeded[at].as_ref().map_or(1.0, |(place, _, _)| rarities[at][level][pattern.steps(*place)]);
            own[0] = self.m[at][level].max(1e-15);
            own[last] = (self.u[at][level] * rarity).max(1e-15);
            for (relation, (_, shares)) in self.relations.iter().enumerate() {
                own[relation + 1] = shares[at][level].unwrap_or(own[last]).max(1e-15);
            }
            classes.product.iter_mut().zip(own).for_each(|(product, own)| *product *= *own);
        }
    }

    /// One round: what the pairs are, given the numbers; the numbers, given what the pairs are. What a comparison says of itself
    /// does not count when its own shares are estimated: a level that is rare by accident would otherwise confirm itself.
    fn round(&mut self, random: &Patterns, candidates: &Patterns, possible: f64, training: &Training) {
        let last = self.relations.len() + 1;
        let rarities = self.rarities();
        let mut classes = Classes::new(last + 1, self.m.len());
        let mut totals = vec![0.0; last + 1];
        let (mut matches, mut strangers) = (none_of(&self.m), none_of(&self.u));
        for (pattern, pairs) in candidates {
            self.classes(*pattern, &rarities, &mut classes);
            let all: f64 = classes.product.iter().sum();
            if all > 0.0 {
                totals.iter_mut().zip(&classes.product).for_each(|(total, product)| *total += pairs * product / all);
            }
            classes.count(*pattern, *pairs, 0, &mut matches);
        }
        for (pattern, pairs) in random {
            self.classes(*pattern, &rarities, &mut classes);
            classes.count(*pattern, *pairs, last, &mut strangers);
        }
        let (found, belief) = (totals[0], training.belief_relations);
        for (((per_match, _), total), written) in self.relations.iter_mut().zip(&totals[1..]).zip(&self.written_relations) {
            *per_match = ((total + belief * written) / (found + belief)).clamp(1e-3, 100.0);
        }
        self.m = shares(&matches, &self.written_m, training.belief_m + training.belief_share * found);
        self.u = strangers_shares(&strangers, &self.written_u, training);
        // What was never seen in so many pairs may still be as common as once in so many.
        let least = 1.0 / random.iter().map(|(_, pairs)| pairs).sum::<f64>().max(1e3);
        self.u.iter_mut().flatten().zip(self.written_u.iter().flatten()).for_each(|(u, written)| *u = u.max(least.min(*written)));
        for (at, (m, u)) in self.m.iter_mut().zip(&self.u).enumerate() {
            monotone(m, u, &self.written_m[at], &self.written_u[at]);
        }
        self.prior = (found / possible.max(1.0)).clamp(1e-12, 0.3);
    }

    /// Writes the fitted numbers into the file.
    fn write(&self, file: &mut ModelFile) {
        file.prior = round(self.prior);
        for (relation, (per_match, _)) in file.relation.iter_mut().zip(&self.relations) {
            relation.per_match = round(*per_match);
        }
        for (at, comparison) in file.comparison.iter_mut().enumerate() {
            for (number, level) in comparison.level.iter_mut().enumerate() {
                let share = |value: f64| round(value.clamp(1e-12, 0.999_999));
                level.m = share(self.m[at][number]);
                level.u = share(self.u[at][number]);
            }
        }
    }
}

/// The likelihood of a pattern in each class, and what each comparison contributes to it.
struct Classes {
    product: Vec<f64>,
    /// By comparison, then by class.
    own: Vec<Vec<f64>>,
}

impl Classes {
    fn new(classes: usize, comparisons: usize) -> Self {
        Self { product: vec![0.0; classes], own: vec![vec![1.0; classes]; comparisons] }
    }

    /// Counts a pattern's pairs on the levels found, as far as they are of a class by what the other comparisons say.
    fn count(&self, pattern: Pattern, pairs: f64, class: usize, levels: &mut Shares) {
        for (at, (own, levels)) in self.own.iter().zip(levels).enumerate() {
            let Some(level) = pattern.level(at) else { continue };
            let all: f64 = self.product.iter().zip(own).map(|(product, own)| product / own).sum();
            if all > 0.0 {
                levels[level] += pairs * self.product[class] / own[class] / all;
            }
        }
    }
}

/// No pairs seen yet on any level.
fn none_of(like: &Shares) -> Shares {
    like.iter().map(|levels| vec![0.0; levels.len()]).collect()
}

/// The shares by comparison and level, with the written ones as `belief` pairs seen before.
fn shares(counts: &Shares, written: &Shares, belief: f64) -> Shares {
    let of_one = |(counts, written): (&Vec<f64>, &Vec<f64>)| {
        let total: f64 = counts.iter().sum::<f64>() + belief * written.iter().sum::<f64>();
        counts.iter().zip(written).map(|(count, share)| (count + belief * share) / total).collect()
    };
    counts.iter().zip(written).map(of_one).collect()
}

/// The shares u: of random pairs, with the written ones as so many pairs and so many hits seen before.
fn strangers_shares(counts: &Shares, written: &Shares, training: &Training) -> Shares {
    let (belief, hits) = (training.belief_u, training.hits_u);
    let of_one = |(counts, written): (&Vec<f64>, &Vec<f64>)| {
        let pairs = counts.iter().sum::<f64>() + belief * written.iter().sum::<f64>();
        let share = |(count, share): (&f64, &f64)| (count + belief * share + hits) / (pairs + hits / share);
        counts.iter().zip(written).map(share).collect()
    };
    counts.iter().zip(written).map(of_one).collect()
}

/// A closer level may not weigh less than a farther one, where the written model had them in order: neighbours that
/// break the order share their pairs.
fn monotone(m: &mut [f64], u: &[f64], written_m: &[f64], written_u: &[f64]) {
    for _ in 0..m.len() {
        let mut changed = false;
        for at in 1..m.len() {
            let in_order = written_m[at - 1] / written_u[at - 1] >= written_m[at] / written_u[at];
            if in_order && m[at - 1] * u[at] < m[at] * u[at - 1] * (1.0 - 1e-9) {
                let (both_m, both_u) = (m[at - 1] + m[at], u[at - 1] + u[at]);
                m[at - 1] = both_m * u[at - 1] / both_u;
                m[at] = both_m * u[at] / both_u;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
}
