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
use crate::frequency::FrequencyFile;
use crate::hash;
use crate::model::{Model, ModelError};
use crate::model_file::{ComparisonFile, ModelFile};
use crate::score::{MISSING, SUPPRESSED, Scorer};

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

/// Pairs with the same level in every comparison, and how many there are.
type Patterns = Vec<(u128, f64)>;

/// The most comparisons a model may have to be trained: a pattern has five bits for each.
const MAX_COMPARISONS: usize = 25;

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
    let random = random_patterns(model, records, training);
    let (candidates, seen, share_seen) = candidate_patterns(model, records, blocking, training);
    let mut fit = Fit::new(&file);
    let possible = f64::from(records.len()) * (f64::from(records.len()) - 1.0) / 2.0;
    let mut report = TrainingReport {
        random_pairs: random.iter().map(|(_, count)| *count as u64).sum(),
        candidate_pairs: seen,
        ..TrainingReport::default()
    };
    for round in 1..=training.rounds {
        let before = fit.prior;
        fit.round(&file, &random, &candidates, possible * share_seen, training);
        report.rounds = round;
        if round > 5 && (fit.prior / before - 1.0).abs() < 1e-6 {
            break;
        }
    }
    report.expected_matches = fit.prior * possible;
    fit.write(&mut file);
    file.version += 1;
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
        counts.retain(|(_, count)| *count >= 5);
        counts.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        counts.truncate(LISTED_VALUES);
        let learned = counts.into_iter().map(|(value, seen)| (value.to_owned(), round(f64::from(seen) / count)));
        let floor = table.floor;
        *table = FrequencyFile { values: learned.collect(), ..table.clone() };
        table.floor = if table.surnames.is_empty() { round((2.0 / count).clamp(1e-9, 0.5)) } else { floor };
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

fn pack(levels: &[u8]) -> u128 {
    levels.iter().rev().fold(0, |pattern, &level| {
        let code = match level {
            MISSING => 31,
            SUPPRESSED => 30,
            level => u128::from(level),
        };
        (pattern << 5) | code
    })
}

fn level_of(pattern: u128, comparison: usize) -> Option<usize> {
    let code = (pattern >> (5 * comparison)) & 31;
    (code < 30).then_some(code as usize)
}

fn sorted(counts: HashMap<u128, u64>) -> Patterns {
    let mut patterns: Vec<(u128, f64)> = counts.into_iter().map(|(pattern, count)| (pattern, count as f64)).collect();
    patterns.sort_unstable_by_key(|(pattern, _)| *pattern);
    patterns
}

fn merge(parts: Vec<HashMap<u128, u64>>) -> HashMap<u128, u64> {
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
    let parts: Vec<HashMap<u128, u64>> = (0..pieces)
        .into_par_iter()
        .map(|piece| {
            let mut scorer = Scorer::new(model, records.lexicon());
            let mut counts: HashMap<u128, u64> = HashMap::new();
            let mut take = |left: u64, right: u64| {
                let row = |number: u64| records.row(u32::try_from(number).expect("a record number"));
                scorer.compare(row(left), row(right));
                *counts.entry(pack(&scorer.levels)).or_default() += 1;
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
        let parts: Vec<HashMap<u128, u64>> = crate::batch::work(blocking, rule)
            .into_par_iter()
            .map(|piece| {
                let mut scorer = Scorer::new(model, records.lexicon());
                let mut counts: HashMap<u128, u64> = HashMap::new();
                for block in piece {
                    if hash::mix(block.key ^ training.seed) >> 32 >= taken {
                        continue;
                    }
                    crate::batch::each_pair(block.members, |left, right| {
                        if blocking.is_first(rule, block.number, left, right) {
                            scorer.compare(records.row(left), records.row(right));
                            *counts.entry(pack(&scorer.levels)).or_default() += 1;
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
    /// Per relation: pairs per match, and shares.
    relations: Vec<(f64, Shares)>,
    written_m: Shares,
    written_u: Shares,
}

impl Fit {
    fn new(file: &ModelFile) -> Self {
        let shares = |of: &dyn Fn(&ComparisonFile, usize) -> f64| -> Shares {
            file.comparison.iter().map(|comparison| (0..comparison.level.len()).map(|level| of(comparison, level)).collect()).collect()
        };
        let m = shares(&|comparison, level| comparison.level[level].m);
        let u = shares(&|comparison, level| comparison.level[level].u);
        let relations: Vec<(f64, Shares)> = file
            .relation
            .iter()
            .map(|relation| {
                let of = |comparison: &ComparisonFile, level: usize| {
                    let level = &comparison.level[level];
                    level.relations.get(&relation.name).copied().unwrap_or(level.u)
                };
                (relation.per_match, shares(&of))
            })
            .collect();
        Self { prior: file.prior, written_m: m.clone(), written_u: u.clone(), m, u, relations }
    }

    /// What a pattern's pairs are: the probability of each class (match, each relation, strangers), given all comparisons
    /// but `left_out`. What a comparison says of itself must not count when its own shares are estimated: a level that
    /// is rare by accident would otherwise confirm itself.
    fn posterior(&self, pattern: u128, classes: &mut Classes) {
        let shares = [&self.m].into_iter().chain(self.relations.iter().map(|(_, shares)| shares)).chain([&self.u]);
        for (class, shares) in shares.enumerate() {
            let mut product = match class {
                0 => self.prior,
                last if last > self.relations.len() => 1.0 - self.prior,
                relation => self.prior * self.relations[relation - 1].0,
            };
            for (comparison, shares) in shares.iter().enumerate() {
                let share = level_of(pattern, comparison).map_or(1.0, |level| shares[level].max(1e-15));
                classes.own[class][comparison] = share;
                product *= share;
            }
            classes.product[class] = product;
        }
    }

    /// One round: what the pairs are, given the numbers; the numbers, given what the pairs are.
    fn round(&mut self, file: &ModelFile, random: &Patterns, candidates: &Patterns, possible: f64, training: &Training) {
        let count = self.relations.len() + 2;
        let mut classes = Classes::new(count, file.comparison.len());
        let mut counts: Vec<Counts> = (0..count).map(|_| Counts::new(&self.m)).collect();
        for (pattern, pairs) in candidates {
            self.posterior(*pattern, &mut classes);
            for (class, counts) in counts.iter_mut().enumerate().take(count - 1) {
                counts.total += pairs * classes.share(class, None);
                counts.add(*pattern, |comparison| pairs * classes.share(class, Some(comparison)));
            }
        }
        for (pattern, pairs) in random {
            self.posterior(*pattern, &mut classes);
            counts[count - 1].add(*pattern, |comparison| pairs * classes.share(count - 1, Some(comparison)));
        }
        let matches = counts[0].total;
        for (((per_match, _), counts), written) in self.relations.iter_mut().zip(&counts[1..]).zip(&file.relation) {
            let belief = training.belief_relations;
            *per_match = ((counts.total + belief * written.per_match) / (matches + belief)).clamp(1e-3, 100.0);
        }
        self.m = counts[0].shares(&self.written_m, training.belief_m + training.belief_share * matches);
        self.u = counts[count - 1].shares(&self.written_u, training.belief_u);
        // What was never seen in so many pairs may still be as common as once in so many.
        let least = 1.0 / random.iter().map(|(_, pairs)| pairs).sum::<f64>().max(1e3);
        self.u.iter_mut().flatten().zip(self.written_u.iter().flatten()).for_each(|(u, written)| *u = u.max(least.min(*written)));
        for (at, comparison) in file.comparison.iter().enumerate() {
            monotone(&mut self.m[at], &self.u[at], &self.written_m[at], &self.written_u[at], comparison.level.len());
        }
        self.prior = (matches / possible.max(1.0)).clamp(1e-12, 0.3);
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
    own: Vec<Vec<f64>>,
}

impl Classes {
    fn new(classes: usize, comparisons: usize) -> Self {
        Self { product: vec![0.0; classes], own: vec![vec![1.0; comparisons]; classes] }
    }

    /// The probability of a class, with one comparison left out.
    fn share(&self, class: usize, left_out: Option<usize>) -> f64 {
        let without = |class: usize| self.product[class] / left_out.map_or(1.0, |comparison| self.own[class][comparison]);
        let all: f64 = (0..self.product.len()).map(without).sum();
        if all > 0.0 { without(class) / all } else { 0.0 }
    }
}

/// Expected pairs per comparison and level.
struct Counts {
    levels: Shares,
    total: f64,
}

impl Counts {
    fn new(like: &Shares) -> Self {
        Self { levels: like.iter().map(|levels| vec![0.0; levels.len()]).collect(), total: 0.0 }
    }

    fn add(&mut self, pattern: u128, pairs: impl Fn(usize) -> f64) {
        for (comparison, levels) in self.levels.iter_mut().enumerate() {
            if let Some(level) = level_of(pattern, comparison) {
                levels[level] += pairs(comparison);
            }
        }
    }

    /// The shares, with the written ones as `belief` pairs seen before.
    fn shares(&self, written: &Shares, belief: f64) -> Shares {
        self.levels
            .iter()
            .zip(written)
            .map(|(counts, written)| {
                let total: f64 = counts.iter().sum::<f64>() + belief * written.iter().sum::<f64>();
                counts.iter().zip(written).map(|(count, share)| (count + belief * share) / total).collect()
            })
            .collect()
    }
}

/// A closer level may not weigh less than a farther one, where the written model had them in order: neighbours that
/// break the order share their pairs.
fn monotone(m: &mut [f64], u: &[f64], written_m: &[f64], written_u: &[f64], levels: usize) {
    for _ in 0..levels {
        let mut changed = false;
        for at in 1..levels {
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
