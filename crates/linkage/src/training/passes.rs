//! From which pairs is m learned?
//!
//! A pass has the pairs that share the whole value of one field, such as a telephone or a birth date, when these mostly match.

use std::collections::BTreeMap;

use super::Training;
use super::fit::Fit;
use super::patterns::{Pattern, SharedPatterns, of_rule, sorted};
use crate::batch::{Blocking, Records};
use crate::condition::Condition;
use crate::dictionary::ValueId;
use crate::model::{Comparison, Model};

/// The pairs that share the whole value of one field, and the comparisons that do not look at it.
pub(super) struct Pass {
    pub(super) field: String,
    pub(super) patterns: SharedPatterns,
    /// Its bit in patterns.
    pub(super) bit: u32,
    /// The share of all pairs that share the field which the patterns stand for.
    pub(super) share: f64,
    /// The share of the pairs that match, by the written numbers.
    pub(super) purity: f64,
    /// By comparison: whether it is free to disagree.
    pub(super) free: Vec<bool>,
}

/// The least share of a pass's pairs that must match: fewer, and a wrong number would feed on the others.
const PURE: f64 = 0.65;
/// The fewest matching pairs that tell a share.
pub(super) const ENOUGH: f64 = 30.0;
/// Values that more records share tell no entity.
const LARGEST_BLOCK: usize = 50;

/// The passes in which m is estimated.
pub(super) fn passes(model: &Model, records: &Records, fit: &Fit, training: &Training) -> Vec<Pass> {
    let looks_at: Vec<Vec<usize>> = model.comparisons.iter().map(|comparison| looks_at(model, comparison)).collect();
    let mut fields: Vec<usize> = model.comparisons.iter().flat_map(|comparison| comparison.shown.iter().copied()).collect();
    fields.sort_unstable();
    fields.dedup();
    // A pattern has a bit for each.
    fields.truncate(32);
    let shared = |pattern: Pattern, left: &[ValueId], right: &[ValueId]| {
        let bits = fields.iter().zip(0..).filter(|(field, _)| left[**field] != 0 && left[**field] == right[**field]);
        (pattern, bits.fold(0_u32, |bits, (_, bit)| bits | 1 << bit))
    };
    let mut passes = Vec::new();
    for (&field, bit) in fields.iter().zip(0..) {
        let name = &model.fields[field];
        let blocking = Blocking::new(&model.blocked_by(field, LARGEST_BLOCK), records);
        let pairs = blocking.report.rules[0].pairs;
        let share = (training.candidate_pairs as f64 / 4.0 / pairs.max(1) as f64).min(1.0);
        let patterns: SharedPatterns = sorted(of_rule(model, records, (&blocking, 0, share), training.seed, &shared));
        let (matching, all) = fit.matching(&patterns);
        if matching >= ENOUGH && matching >= PURE * all {
            let free = looks_at.iter().map(|fields| !fields.contains(&field)).collect();
            passes.push(Pass { field: name.clone(), patterns, bit: 1 << bit, share, purity: matching / all, free });
        }
    }
    passes
}

/// How many matches there are, those in no pass included: what one pass finds of another's tells how much it finds of all (Lincoln 1930,
/// Petersen 1896). `found` has the matches of each pass by the fields they share; none when there are fewer than two passes.
pub(super) fn recaptured(passes: &[Pass], found: &[BTreeMap<u32, f64>]) -> Option<f64> {
    let (mut product, mut both) = (0.0, 0.0);
    let all: Vec<f64> = found.iter().map(|found| found.values().sum()).collect();
    for (at, found) in found.iter().enumerate() {
        for other in at + 1..passes.len() {
            let in_both: f64 = found.iter().filter(|(shared, _)| **shared & passes[other].bit != 0).map(|(_, pairs)| pairs).sum();
            product += all[at] * all[other];
            both += in_both;
        }
    }
    (both >= ENOUGH).then(|| product / both)
}

/// The fields that decide the level of a comparison.
fn looks_at(model: &Model, comparison: &Comparison) -> Vec<usize> {
    fn walk(condition: &Condition, measures: &mut Vec<usize>) {
        match condition {
            Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| walk(part, measures)),
            Condition::Not(inner) => walk(inner, measures),
            Condition::Test { measure, .. } => measures.push(*measure),
        }
    }
    let mut measures = Vec::new();
    comparison
        .applies
        .iter()
        .chain(comparison.levels.iter().filter_map(|level| level.when.as_ref()))
        .for_each(|when| walk(&when.condition, &mut measures));
    let of_measures =
        measures.iter().map(|measure| &model.measures[*measure]).flat_map(|measure| measure.fields.iter().chain(&measure.other));
    of_measures.chain(&comparison.shown).copied().collect()
}
