//! What is a pair's match weight? The one code path of batch, online and explanation.

use crate::condition::Condition;
use crate::dictionary::{Lexicon, PART, ValueId};
use crate::gate::{Gated, Part, Rest, Seen};
use crate::kernels::Scratch;
use crate::measure::{Sight, first_of, is_lost};
use crate::model::{Comparison, Model};
use crate::model_file::Effect;

/// The comparison could not be made: a value is missing.
pub(crate) const MISSING: u8 = u8::MAX;
/// The comparison would only repeat what another has said.
pub(crate) const SUPPRESSED: u8 = u8::MAX - 1;

/// What a pair that must be kept apart weighs at most: one chance in a million.
const APART: f32 = -20.0;
/// How far below the link threshold a pair stays that may not be linked without review.
const BELOW_LINK: f32 = 1.0 / 64.0;

/// What a pair scored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Outcome {
    /// log2 of the odds of a match against everything else.
    pub(crate) weight: f32,
    /// log2 of the odds of a match against two strangers.
    pub(crate) strangers: f32,
    /// The same after relations were taken into account, before conflicts.
    pub(crate) related: f32,
    /// The relation that explains the pair best, when one takes anything away.
    pub(crate) relation: Option<usize>,
    /// The conflict rule that decided.
    pub(crate) conflict: Option<usize>,
}

/// Scores pairs of rows one after the other.
pub(crate) struct Scorer<'a> {
    model: &'a Model,
    sight: Sight<'a>,
    scratch: Scratch,
    /// What the numbers of the pair at hand say.
    seen: Seen,
    taken: u128,
    values: Vec<f32>,
    /// The most each comparison of the last pair could weigh.
    most: Vec<f32>,
    /// The level of each comparison of the last pair.
    pub(crate) levels: Vec<u8>,
    against: Vec<f32>,
}

impl<'a> Scorer<'a> {
    pub(crate) fn new(model: &'a Model, lexicon: Lexicon<'a>) -> Self {
        Self {
            model,
            sight: Sight { lexicon, vocabulary: &model.vocabulary },
            scratch: Scratch::default(),
            seen: Seen::default(),
            taken: 0,
            values: vec![0.0; model.measures.len()],
            most: vec![0.0; model.comparisons.len()],
            levels: vec![MISSING; model.comparisons.len()],
            against: vec![0.0; model.relations.len()],
        }
    }

    /// Scores a pair. Every weight is a multiple of 1/2048, so the sums are exact and do not depend on their order.
    pub(crate) fn score(&mut self, left: &[ValueId], right: &[ValueId]) -> Outcome {
        self.compare(left, right);
        self.weigh(left, right)
    }

    /// As [`Scorer::score`], but gives up as soon as the pair can be told to stay below `limit`, with strangers alone against it
    /// and no conflict rule that would lift it.
    pub(crate) fn score_from(&mut self, left: &[ValueId], right: &[ValueId], limit: f32) -> Option<Outcome> {
        self.see(left, right);
        let model = self.model;
        let mut highest = model.prior;
        for (most, bound) in self.most.iter_mut().zip(&model.bounds) {
            *most = bound.between(left, right);
            highest += *most;
        }
        let mut rest = model.order.iter();
        while highest >= limit {
            let Some(&at) = rest.next() else { return Some(self.weigh(left, right)) };
            let comparison = &model.comparisons[at];
            let level = self.level(comparison, left, right);
            self.levels[at] = level;
            highest += self.weight(comparison, level, left, right) - self.most[at];
        }
        let lifts = |scorer: &mut Self| scorer.decisive(left, right).is_some_and(|at| model.conflicts[at].effect == Effect::Review);
        (model.review_threshold() >= limit && lifts(self)).then(|| self.score(left, right))
    }

    /// The rule of effect `unbridged` that holds of the pair that was scored last.
    pub(crate) fn unbridged(&mut self, left: &[ValueId], right: &[ValueId]) -> Option<usize> {
        let model = self.model;
        model.conflicts.iter().position(|conflict| conflict.effect == Effect::Unbridged && self.holds(&conflict.when, left, right))
    }

    /// Whether a record tells something in a field in which two others differ: 王晓明 between 王小明 and 王晓朋, not 何梓 or 何梓? between 何梓豪 and 何梓轩, which lack the very
    /// character in which these differ, nor what has both of them in it.
    pub(crate) fn tells(&self, field: usize, left: &[ValueId], right: &[ValueId], record: &[ValueId]) -> bool {
        let text = |row: &[ValueId]| self.sight.lexicon.text(self.model.dictionary_of[field], row[field]).split(PART);
        let (one, other) = (left[field], right[field]);
        one == 0
            || other == 0
            || one == other
            || record[field] != 0 && {
                let mut told = text(record);
                told.any(|told| text(left).any(|one| text(right).any(|other| tells_between(told, one, other))))
            }
    }

    /// Whether a record knows better what two others disagree in: the comparisons of these fields say something other of it and one of them
    /// than of it and the other, or are not needed beside a stronger one. What it does not tell, or tells so vaguely that it fits both
    /// alike, it does not know.
    pub(crate) fn knows_better(&mut self, fields: &[usize], left: &[ValueId], right: &[ValueId], record: &[ValueId]) -> bool {
        self.compare(left, record);
        let with_left = self.levels.clone();
        self.compare(right, record);
        let contested = self.model.comparisons.iter().zip(with_left.iter().zip(&self.levels));
        contested.filter(|(comparison, _)| fields.contains(&comparison.main)).all(|(_, levels)| match levels {
            (&SUPPRESSED, _) | (_, &SUPPRESSED) => true,
            (&MISSING, _) | (_, &MISSING) => false,
            (one, other) => one != other,
        })
    }

    /// What a comparison on this level weighs against strangers.
    fn weight(&self, comparison: &Comparison, level: u8, left: &[ValueId], right: &[ValueId]) -> f32 {
        let level = usize::from(level);
        let chosen = comparison.levels.get(level);
        chosen.map_or(0.0, |chosen| chosen.weight + frequency_weight(self.sight.lexicon, self.model, comparison, level, left, right))
    }

    /// Adds up what the levels found say.
    fn weigh(&mut self, left: &[ValueId], right: &[ValueId]) -> Outcome {
        let model = self.model;
        let mut strangers = model.prior;
        for (against, relation) in self.against.iter_mut().zip(&model.relations) {
            *against = relation.prior;
        }
        for (comparison, &level) in model.comparisons.iter().zip(&self.levels) {
            let Some(chosen) = comparison.levels.get(usize::from(level)) else { continue };
            let weight = self.weight(comparison, level, left, right);
            strangers += weight;
            for (against, known) in self.against.iter_mut().zip(&chosen.relations) {
                *against += known.unwrap_or(weight);
            }
        }
        let (related, relation) = against_relations(strangers, &self.against);
        let (weight, conflict) = self.conflicts(related, left, right);
        Outcome { weight, strangers, related, relation, conflict }
    }

    /// Finds the level of every comparison.
    pub(crate) fn compare(&mut self, left: &[ValueId], right: &[ValueId]) {
        self.see(left, right);
        let model = self.model;
        for (at, comparison) in model.comparisons.iter().enumerate() {
            self.levels[at] = self.level(comparison, left, right);
        }
    }

    fn level(&mut self, comparison: &Comparison, left: &[ValueId], right: &[ValueId]) -> u8 {
        let possible = match &comparison.applies {
            Some(condition) => self.holds(condition, left, right),
            None => left[comparison.main] != 0 && right[comparison.main] != 0,
        };
        if !possible {
            return MISSING;
        }
        if comparison.unless.as_ref().is_some_and(|condition| self.holds(condition, left, right)) {
            return SUPPRESSED;
        }
        let found = comparison.levels.iter().position(|level| match &level.when {
            Some(condition) => self.holds(condition, left, right),
            None => true,
        });
        found.and_then(|at| u8::try_from(at).ok()).unwrap_or(MISSING)
    }

    /// Turns to another pair.
    fn see(&mut self, left: &[ValueId], right: &[ValueId]) {
        self.taken = 0;
        self.seen = Seen::of(&self.model.views, left, right);
    }

    /// Most conditions are refused by the numbers of the values.
    #[inline]
    fn holds(&mut self, condition: &Gated, left: &[ValueId], right: &[ValueId]) -> bool {
        !condition.is_refused(&self.seen) && self.rest_holds(condition, left, right)
    }

    fn rest_holds(&mut self, condition: &Gated, left: &[ValueId], right: &[ValueId]) -> bool {
        match condition.rest(&self.seen) {
            Rest::Parts(parts) => parts.iter().all(|part| match part {
                Part::Any(parts) => parts.iter().any(|part| self.holds(part, left, right)),
                Part::Test { measure, relation, bound, wanted } => relation.holds(self.measure(*measure, left, right), *bound) == *wanted,
            }),
            Rest::Whole(condition) => self.holds_as_written(condition, left, right),
        }
    }

    pub(crate) fn holds_as_written(&mut self, condition: &Condition, left: &[ValueId], right: &[ValueId]) -> bool {
        match condition {
            Condition::All(parts) => parts.iter().all(|part| self.holds_as_written(part, left, right)),
            Condition::Any(parts) => parts.iter().any(|part| self.holds_as_written(part, left, right)),
            Condition::Not(inner) => !self.holds_as_written(inner, left, right),
            Condition::Test { measure, relation, bound } => relation.holds(self.measure(*measure, left, right), *bound),
        }
    }

    /// A measure is taken at most once for a pair.
    fn measure(&mut self, at: usize, left: &[ValueId], right: &[ValueId]) -> f32 {
        if self.taken & (1 << at) == 0 {
            self.values[at] = self.model.measures[at].take(&self.sight, &mut self.scratch, left, right);
            self.taken |= 1 << at;
        }
        self.values[at]
    }

    /// The first conflict rule that holds and says something of the pair itself.
    fn decisive(&mut self, left: &[ValueId], right: &[ValueId]) -> Option<usize> {
        let model = self.model;
        model.conflicts.iter().position(|conflict| conflict.effect != Effect::Unbridged && self.holds(&conflict.when, left, right))
    }

    fn conflicts(&mut self, weight: f32, left: &[ValueId], right: &[ValueId]) -> (f32, Option<usize>) {
        let decisive = self.decisive(left, right);
        let highest = self.model.link_threshold() - BELOW_LINK;
        let capped = match decisive.map(|at| self.model.conflicts[at].effect) {
            Some(Effect::Apart) => weight.min(APART),
            Some(Effect::NotLinked) => weight.min(highest),
            Some(Effect::Review) => weight.max(self.model.review_threshold()).min(highest),
            Some(Effect::Unbridged) | None => weight,
        };
        (capped, decisive)
    }
}

/// Whether a text is one of two others, or neither a part of both nor made of both: the one fits both alike for what it lacks, the other for what it adds.
fn tells_between(told: &str, one: &str, other: &str) -> bool {
    told == one || told == other || !(is_part(told, one) && is_part(told, other) || is_part(one, told) && is_part(other, told))
}

/// Whether the characters of a text stand in another in their order, where one that was lost is any.
fn is_part(part: &str, whole: &str) -> bool {
    let mut rest = whole.chars();
    part.chars().all(|c| rest.any(|other| c == other || is_lost(c)))
}

/// What the frequency of the values adds on a level: the commoner of the two counts.
pub(crate) fn frequency_weight(
    lexicon: Lexicon<'_>,
    model: &Model,
    comparison: &Comparison,
    level: usize,
    left: &[ValueId],
    right: &[ValueId],
) -> f32 {
    let level = &comparison.levels[level];
    if level.frequency == 0.0 {
        return 0.0;
    }
    frequency_share(lexicon, model, comparison, left, right).map_or(0.0, |share| comparison.frequency_weight(level, share))
}

/// log2 of the share of records with the commoner of the two values, if the comparison heeds it.
pub(crate) fn frequency_share(
    lexicon: Lexicon<'_>,
    model: &Model,
    comparison: &Comparison,
    left: &[ValueId],
    right: &[ValueId],
) -> Option<f32> {
    let field = comparison.frequency?;
    let (dictionary, table) = (model.dictionary_of[field], model.table_of[field]?);
    let share = |row: &[ValueId]| match first_of(row, &[field]) {
        0 => None,
        id => lexicon.share(dictionary, table, id),
    };
    Some(share(left)?.max(share(right)?))
}

/// The odds against strangers and all relations together, and the relation that takes most away.
#[expect(clippy::cast_possible_truncation, reason = "weights are small")]
fn against_relations(strangers: f32, against: &[f32]) -> (f32, Option<usize>) {
    let Some((closest, lowest)) = against.iter().enumerate().min_by(|(_, a), (_, b)| a.total_cmp(b)) else { return (strangers, None) };
    // A relation that is a million times less likely than strangers changes nothing that is seen.
    if *lowest > strangers + 20.0 {
        return (strangers, None);
    }
    let odds: f64 = std::iter::once(&strangers).chain(against).map(|weight| (-f64::from(*weight)).exp2()).sum();
    let weight = (((-odds.log2()) * 1024.0).round() / 1024.0) as f32;
    let takes = strangers - weight >= 0.25;
    (weight.min(strangers), takes.then_some(closest))
}

#[cfg(test)]
mod tests {
    use super::tells_between;

    #[test]
    fn what_was_cut_off_tells_nothing_between_two_names() {
        for (told, one, other, tells) in [
            ("何梓豪", "何梓豪", "何梓轩", true),
            ("王晓明", "王小明", "王晓朋", true),
            ("陈书卿", "陈卿书", "陈术卿", true),
            ("井彦和", "井彦", "井延和", true),
            ("何梓", "何梓豪", "何梓轩", false),
            ("何梓?", "何梓豪", "何梓轩", false),
            ("何?豪", "何子豪", "何梓豪", false),
            ("黎新", "黎建新", "黎志新", false),
            ("秀英", "陈秀英", "林秀英", false),
            ("SMITH JOHN MARY", "SMITH JOHN", "SMITH MARY", false),
        ] {
            assert_eq!(tells_between(told, one, other), tells, "{told}");
        }
    }
}
