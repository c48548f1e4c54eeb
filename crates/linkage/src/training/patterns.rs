//! What do the comparisons of pairs find, counted?

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::{Progress, Training};
use crate::batch::{Blocking, Records};
use crate::dictionary::{Lexicon, ValueId};
use crate::hash;
use crate::model::Model;
use crate::score::{MISSING, SUPPRESSED, Scorer, frequency_share};

/// What the comparisons of a pair found: five bits for the level of each, and four for how common the value is on each level
/// that heeds it, among the first sixteen such comparisons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Pattern {
    levels: u128,
    common: u64,
}

/// Patterns, and how many pairs have each.
pub(super) type Patterns = Vec<(Pattern, f64)>;

/// Patterns with the fields that pass for passes and are shared, as bits, and how many pairs have each.
pub(super) type SharedPatterns = Vec<((Pattern, u32), f64)>;

/// The most comparisons a model may have to be trained: a pattern has five bits for each.
pub(crate) const MAX_COMPARISONS: usize = 25;

/// How finely the share of a value is kept in a pattern, in bits of information.
pub(super) const STEP: f32 = 1.5;
/// The most steps: shares below 2^-22.5 are one.
pub(super) const STEPS: usize = 16;

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

    pub(super) fn level(self, comparison: usize) -> Option<usize> {
        let code = (self.levels >> (5 * comparison)) & 31;
        (code < 30).then_some(code as usize)
    }

    /// How common the value is, in steps, by the place of the comparison among those that heed it.
    pub(super) fn steps(self, place: usize) -> usize {
        (self.common >> (4 * place)) as usize & (STEPS - 1)
    }
}

pub(super) fn sorted<K: Ord + Copy>(counts: HashMap<K, u64>) -> Vec<(K, f64)> {
    let mut patterns: Vec<(K, f64)> = counts.into_iter().map(|(pattern, count)| (pattern, count as f64)).collect();
    patterns.sort_unstable_by_key(|(pattern, _)| *pattern);
    patterns
}

fn merge<K: Eq + std::hash::Hash>(parts: Vec<HashMap<K, u64>>) -> HashMap<K, u64> {
    parts
        .into_iter()
        .reduce(|mut sum, part| {
            part.into_iter().for_each(|(pattern, count)| *sum.entry(pattern).or_default() += count);
            sum
        })
        .unwrap_or_default()
}

/// The patterns of random pairs; of all pairs when there are few.
pub(super) fn random_patterns(model: &Model, records: &Records, training: &Training, progress: Progress<'_>) -> Patterns {
    let count = u64::from(records.len());
    let possible = count * count.saturating_sub(1) / 2;
    let all = possible <= training.random_pairs;
    let pieces: u64 = 64;
    let done = AtomicU64::new(0);
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
            progress((done.fetch_add(1, Ordering::Relaxed) + 1) as f64 / pieces as f64);
            counts
        })
        .collect();
    sorted(merge(parts))
}

/// Pairs that share a key, as patterns.
pub(super) struct Seen {
    pub(super) patterns: Patterns,
    /// How many pairs these are.
    pub(super) pairs: u64,
    /// The share of all candidates they stand for.
    pub(super) share: f64,
}

impl Seen {
    /// The candidates of all rules, each once. When there are too many, whole blocks are left out by the hash of their key.
    pub(super) fn new(model: &Model, records: &Records, blocking: &Blocking, training: &Training, progress: Progress<'_>) -> Self {
        let candidates: u64 = blocking.report.rules.iter().map(|rule| rule.pairs).sum();
        let share = (training.candidate_pairs as f64 / candidates.max(1) as f64).min(1.0);
        let rules = blocking.rules.len();
        let mut total = HashMap::new();
        for rule in 0..rules {
            let part = of_rule(model, records, (blocking, rule, share), training.seed, &|pattern, _, _| pattern);
            total = merge(vec![total, part]);
            progress((rule + 1) as f64 / rules as f64);
        }
        Self::of(total, share)
    }

    fn of(counts: HashMap<Pattern, u64>, share: f64) -> Self {
        let patterns = sorted(counts);
        let pairs = patterns.iter().map(|(_, count)| *count as u64).sum();
        Self { patterns, pairs, share }
    }
}

/// What a pair is counted by: its pattern and its rows tell.
pub(super) type CountedBy<'a, K> = &'a (dyn Fn(Pattern, &[ValueId], &[ValueId]) -> K + Sync);

/// The patterns of those pairs of a rule that no earlier rule has, in about a share of its blocks; `key` makes of a pattern and its pair what is
/// counted.
pub(super) fn of_rule<K: Eq + std::hash::Hash + Send>(
    model: &Model,
    records: &Records,
    (blocking, rule, share): (&Blocking, usize, f64),
    seed: u64,
    key: CountedBy<'_, K>,
) -> HashMap<K, u64> {
    // Of 2^32 keys as many are taken.
    let taken = (share * 4_294_967_296.0) as u64;
    let parts: Vec<HashMap<K, u64>> = crate::batch::work(blocking, rule)
        .into_par_iter()
        .map(|piece| {
            let mut scorer = Scorer::new(model, records.lexicon());
            let mut counts: HashMap<K, u64> = HashMap::new();
            for block in piece {
                if hash::mix(block.key ^ seed) >> 32 >= taken {
                    continue;
                }
                crate::batch::each_pair(block.members, |left, right| {
                    if blocking.is_first(rule, block.number, left, right) {
                        let (left, right) = (records.row(left), records.row(right));
                        scorer.compare(left, right);
                        let pattern = Pattern::of(&scorer, model, records.lexicon(), left, right);
                        *counts.entry(key(pattern, left, right)).or_default() += 1;
                    }
                });
            }
            counts
        })
        .collect();
    merge(parts)
}
