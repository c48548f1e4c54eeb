//! Which numbers fit the pairs that were seen?

use std::collections::BTreeMap;

use super::alone::Alone;
use super::passes::{ENOUGH, Pass, recaptured};
use super::patterns::{Pattern, Patterns, STEP, STEPS, SharedPatterns};
use super::{Progress, Training, round};
use crate::model::{Comparison, Model};
use crate::model_file::{LevelFile, ModelFile, RelationFile};

/// Shares per comparison and level.
type Shares = Vec<Vec<f64>>;
/// Shares of relatives; none where they are those of strangers.
type Related = Vec<Vec<Option<f64>>>;

/// The numbers being fitted.
pub(super) struct Fit {
    pub(super) prior: f64,
    m: Shares,
    u: Shares,
    /// Per relation: pairs per match, and its shares.
    relations: Vec<(f64, Related)>,
    written_m: Shares,
    written_u: Shares,
    written_relations: Vec<f64>,
    written_related: Vec<Related>,
    /// By comparison that heeds how common values are: its place in patterns, the level its frequencies are measured against, and
    /// how much each level heeds them.
    heeded: Vec<Option<(usize, usize, Vec<f64>)>>,
    /// The one comparison that tells, whose numbers nothing could fit.
    pub(super) alone: Option<Alone>,
    /// How many matches are plain by the numbers so far.
    pub(super) plain: f64,
    /// Whether there are too few matches to learn from: what they agree in stays as it is written, and only plain ones are counted.
    pub(super) few: bool,
}

impl Fit {
    pub(super) fn new(model: &Model) -> Self {
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
        let relations: Vec<(f64, Related)> = file.relation.iter().map(relation).collect();
        Self {
            prior: file.prior,
            written_related: relations.iter().map(|(_, shares)| shares.clone()).collect(),
            written_m: m.clone(),
            written_u: u.clone(),
            m,
            u,
            relations,
            written_relations: file.relation.iter().map(|relation| relation.per_match).collect(),
            heeded: model.comparisons.iter().map(heeded).collect(),
            alone: None,
            plain: 0.0,
            few: false,
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

    /// How many of these pairs match by the numbers so far, and how many there are.
    pub(super) fn matching(&self, patterns: &SharedPatterns) -> (f64, f64) {
        let rarities = self.rarities();
        let mut classes = Classes::new(self.relations.len() + 2, self.m.len());
        let (mut matching, mut seen) = (0.0, 0.0);
        for ((pattern, _), pairs) in patterns {
            self.classes(*pattern, &rarities, &mut classes);
            let all: f64 = classes.product.iter().sum();
            matching += if all > 0.0 { pairs * classes.product[0] / all } else { 0.0 };
            seen += pairs;
        }
        (matching, seen)
    }

    /// How large a share of the matches among these pairs lies in those of which it is neither nearly excluded nor nearly sure.
    pub(super) fn unsure(&self, patterns: &Patterns) -> f64 {
        let rarities = self.rarities();
        let mut classes = Classes::new(self.relations.len() + 2, self.m.len());
        let (mut unsure, mut matching) = (0.0, 0.0);
        for (pattern, pairs) in patterns {
            self.classes(*pattern, &rarities, &mut classes);
            let all: f64 = classes.product.iter().sum();
            let probability = if all > 0.0 { classes.product[0] / all } else { 0.0 };
            matching += pairs * probability;
            unsure += if (0.05..0.8).contains(&probability) { pairs * probability } else { 0.0 };
        }
        if matching >= ENOUGH { unsure / matching } else { 0.0 }
    }

    /// Whether a comparison tells a match from a relative: matches mostly agree in it, and members of no relation do.
    fn tells_relatives(&self, at: usize) -> bool {
        // Of relatives so large a share agrees, of matches so large a share or more.
        const RELATED: f64 = 0.05;
        const MATCHING: f64 = 0.3;
        let agree = |shares: &[Option<f64>]| -> Option<f64> {
            self.written_m[at].iter().zip(shares).filter(|(m, _)| **m >= MATCHING).map(|(_, share)| *share).sum()
        };
        !self.relations.is_empty() && self.written_related.iter().all(|shares| agree(&shares[at]).is_some_and(|share| share <= RELATED))
    }

    /// Takes the shares u from random pairs, so far as the numbers so far say that they are strangers.
    pub(super) fn take_strangers(&mut self, random: &Patterns, training: &Training) {
        let last = self.relations.len() + 1;
        let rarities = self.rarities();
        let mut classes = Classes::new(last + 1, self.m.len());
        let mut strangers = none_of(&self.u);
        let (every, unheard) = (vec![true; self.u.len()], vec![false; self.u.len()]);
        for (pattern, pairs) in random {
            self.classes(*pattern, &rarities, &mut classes);
            classes.count(*pattern, *pairs, (last, &unheard), &every, &mut strangers);
        }
        self.u = strangers_shares(&strangers, &self.written_u, training);
        // What was never seen in so many pairs may still be as common as once in so many.
        let least = 1.0 / random.iter().map(|(_, pairs)| pairs).sum::<f64>().max(1e3);
        self.u.iter_mut().flatten().zip(self.written_u.iter().flatten()).for_each(|(u, written)| *u = u.max(least.min(*written)));
    }

    /// Round after round until nothing moves any more; how many it took.
    pub(super) fn settle(
        &mut self,
        random: &Patterns,
        candidates: &Patterns,
        passes: &[Pass],
        among: (f64, f64),
        training: &Training,
        progress: Progress<'_>,
    ) -> u32 {
        for round in 1..=training.rounds {
            let before = self.prior;
            self.round(random, candidates, passes, among, training);
            progress(0.8 + 0.2 * f64::from(round) / f64::from(training.rounds));
            if round > 5 && (self.prior / before - 1.0).abs() < 1e-6 {
                return round;
            }
        }
        training.rounds
    }

    /// One round: what the pairs are, given the numbers; the numbers, given what the pairs are. What a comparison says of itself
    /// does not count when its own shares are estimated: a level that is rare by accident would otherwise confirm itself. The candidates
    /// stand for so large a share of all, among so many possible pairs.
    fn round(&mut self, random: &Patterns, candidates: &Patterns, passes: &[Pass], (possible, share): (f64, f64), training: &Training) {
        let last = self.relations.len() + 1;
        let rarities = self.rarities();
        let mut classes = Classes::new(last + 1, self.m.len());
        let mut totals = vec![0.0; last + 1];
        let mut plain = 0.0;
        let mut matches = none_of(&self.m);
        let mut related = vec![none_of(&self.m); self.relations.len()];
        let every = vec![true; self.m.len()];
        // By what else twins and spouses share they are matches: that they have different names is heard.
        let heard: Vec<bool> = (0..self.m.len()).map(|at| training.passes && self.tells_relatives(at)).collect();
        for (pattern, pairs) in candidates {
            self.classes(*pattern, &rarities, &mut classes);
            let all: f64 = classes.product.iter().sum();
            if all > 0.0 {
                totals.iter_mut().zip(&classes.product).for_each(|(total, product)| *total += pairs * product / all);
                let probability = classes.product[0] / all;
                plain += if probability >= PLAIN { pairs * probability } else { 0.0 };
            }
            classes.count(*pattern, *pairs, (0, &heard), &every, &mut matches);
            for (class, related) in related.iter_mut().enumerate() {
                classes.count_whole(*pattern, *pairs, class + 1, related);
            }
        }
        let mut of_passes = none_of(&self.m);
        // Of each pass: matches by the fields that are shared.
        let mut found_by = vec![BTreeMap::<u32, f64>::new(); passes.len()];
        for (pass, found) in passes.iter().zip(&mut found_by) {
            for ((pattern, shared), pairs) in &pass.patterns {
                self.classes(*pattern, &rarities, &mut classes);
                let all: f64 = classes.product.iter().sum();
                *found.entry(*shared).or_default() += if all > 0.0 { pairs * classes.product[0] / all / pass.share } else { 0.0 };
                classes.count(*pattern, *pairs, (0, &heard), &pass.free, &mut of_passes);
            }
        }
        let belief = |at: usize| if self.tells_relatives(at) { training.belief_kin } else { training.belief_share };
        let mut beliefs: Vec<f64> = (0..matches.len()).map(|at| training.belief_m + belief(at) * totals[0]).collect();
        for ((counts, of_passes), belief) in matches.iter_mut().zip(of_passes).zip(&mut beliefs) {
            if of_passes.iter().sum::<f64>() >= ENOUGH {
                (*counts, *belief) = (of_passes, training.belief_m);
            }
        }
        self.take_strangers(random, training);
        self.plain = plain / share;
        if self.few {
            totals[0] = plain + share;
        }
        let found = recaptured(passes, &found_by).map_or(totals[0], |all| all * share);
        let belief = training.belief_relations;
        for (((per_match, _), total), written) in self.relations.iter_mut().zip(&totals[1..]).zip(&self.written_relations) {
            *per_match = ((total + belief * written) / (found + belief)).clamp(1e-3, 1e5);
        }
        if training.passes {
            self.take_relatives(&related, belief);
        }
        self.m = if self.few { self.written_m.clone() } else { shares(&matches, &self.written_m, &beliefs) };
        for (at, (m, u)) in self.m.iter_mut().zip(&self.u).enumerate() {
            monotone(m, u, &self.written_m[at], &self.written_u[at]);
        }
        self.prior = ((found + training.unseen * share) / possible.max(1.0)).clamp(1e-12, 0.3);
        if let Some(Alone { at, prior, m, u }) = &self.alone {
            self.prior = *prior;
            self.m[*at].clone_from(m);
            self.u[*at].clone_from(u);
        }
    }

    /// Takes the shares of relatives from the pairs that are theirs, with the written ones as so many pairs seen before. What tells a match from a
    /// relative stays as it is written: whoever agrees in it is a match by it.
    fn take_relatives(&mut self, related: &[Shares], belief: f64) {
        let tells: Vec<bool> = (0..self.m.len()).map(|at| self.tells_relatives(at)).collect();
        for (((_, now), counts), written) in self.relations.iter_mut().zip(related).zip(&self.written_related) {
            for (at, written) in written.iter().enumerate().filter(|(at, _)| !tells[*at]) {
                let Some(written) = written.iter().copied().collect::<Option<Vec<f64>>>() else { continue };
                let total = counts[at].iter().sum::<f64>() + belief * written.iter().sum::<f64>();
                now[at] = counts[at].iter().zip(written).map(|(count, share)| Some((count + belief * share) / total)).collect();
            }
        }
    }

    /// Comparisons that strangers hardly agree in and matches seem to disagree in often, when there are several: one may be bad, several at once
    /// mean that other people are taken for matches. One is enough in which nearly all matches seem to disagree.
    pub(super) fn doubtful(&self, file: &ModelFile) -> Vec<(String, f64)> {
        let decisive = |(at, levels): (usize, &Vec<f64>)| {
            let closest = levels.iter().zip(&self.u[at]).map(|(m, u)| m / u).fold(0.0, f64::max);
            (levels.len() > 1 && closest > 1_000.0).then_some(at)
        };
        let decisive: Vec<usize> = self.m.iter().enumerate().filter_map(decisive).collect();
        let differing = |at: &usize| {
            let (m, written) = (*self.m[*at].last()?, *self.written_m[*at].last()?);
            (m > 0.2 && m > 2.0 * written).then(|| (file.comparison[*at].name.clone(), m))
        };
        let doubtful: Vec<(String, f64)> = decisive.iter().filter_map(differing).collect();
        let plain = doubtful.iter().any(|(_, m)| *m > PLAINLY);
        if plain || doubtful.len() >= 3 && doubtful.len() * 2 >= decisive.len() { doubtful } else { Vec::new() }
    }

    /// Writes the fitted numbers into the file.
    pub(super) fn write(&self, file: &mut ModelFile) {
        file.prior = round(self.prior);
        for (relation, (per_match, _)) in file.relation.iter_mut().zip(&self.relations) {
            relation.per_match = round(*per_match);
        }
        for (at, comparison) in file.comparison.iter_mut().enumerate() {
            for (number, level) in comparison.level.iter_mut().enumerate() {
                let share = |value: f64| round(value.clamp(1e-12, 0.999_999));
                level.m = share(self.m[at][number]);
                level.u = share(self.u[at][number]);
                for (relation, (_, shares)) in file.relation.iter().zip(&self.relations) {
                    if let (Some(written), Some(now)) = (level.relations.get_mut(&relation.name), shares[at][number]) {
                        *written = share(now);
                    }
                }
            }
        }
    }
}

/// From which probability on a match is plain.
const PLAIN: f64 = 0.9;

/// A number that differs in so large a share of the matches does not tell who is who, or they are none.
const PLAINLY: f64 = 0.6;

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

    /// Counts a pattern's pairs on the levels found, as far as they are of a class by all that is known of them.
    fn count_whole(&self, pattern: Pattern, pairs: f64, class: usize, levels: &mut Shares) {
        let all: f64 = self.product.iter().sum();
        let pairs = if all > 0.0 { pairs * self.product[class] / all } else { 0.0 };
        levels.iter_mut().enumerate().filter_map(|(at, levels)| Some(&mut levels[pattern.level(at)?])).for_each(|level| *level += pairs);
    }

    /// Counts a pattern's pairs on the levels found of the comparisons that are free, as far as they are of a class by what the other
    /// comparisons say; of a comparison that is heard, what speaks against a match counts too.
    fn count(&self, pattern: Pattern, pairs: f64, (class, heard): (usize, &[bool]), free: &[bool], levels: &mut Shares) {
        let whole: f64 = self.product.iter().sum();
        for (at, (own, levels)) in self.own.iter().zip(levels).enumerate().filter(|(at, _)| free[*at]) {
            let Some(level) = pattern.level(at) else { continue };
            let (part, all) = if heard[at] && own[0] < own[own.len() - 1] {
                (self.product[class], whole)
            } else {
                (self.product[class] / own[class], self.product.iter().zip(own).map(|(product, own)| product / own).sum())
            };
            if all > 0.0 {
                levels[level] += pairs * part / all;
            }
        }
    }
}

/// No pairs seen yet on any level.
fn none_of(like: &Shares) -> Shares {
    like.iter().map(|levels| vec![0.0; levels.len()]).collect()
}

/// The shares by comparison and level, with the written ones as so many pairs seen before as each comparison's belief says.
fn shares(counts: &Shares, written: &Shares, beliefs: &[f64]) -> Shares {
    let of_one = |((counts, written), belief): ((&Vec<f64>, &Vec<f64>), &f64)| {
        let total: f64 = counts.iter().sum::<f64>() + belief * written.iter().sum::<f64>();
        counts.iter().zip(written).map(|(count, share)| (count + belief * share) / total).collect()
    };
    counts.iter().zip(written).zip(beliefs).map(of_one).collect()
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

/// A closer level may not weigh less than a farther one, along each ladder of levels that the written model has in order: those that
/// break the order share their pairs (pooling of adjacent violators, Ayer and others 1955).
fn monotone(m: &mut [f64], u: &[f64], written_m: &[f64], written_u: &[f64]) {
    let in_order = |at: usize| written_m[at - 1] / written_u[at - 1] >= written_m[at] / written_u[at];
    let mut start = 0;
    for end in 1..=m.len() {
        if end == m.len() || !in_order(end) {
            pool(&mut m[start..end], &u[start..end]);
            start = end;
        }
    }
}

fn pool(m: &mut [f64], u: &[f64]) {
    // Sums of m and u, and how many levels share them.
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for (m, u) in m.iter().zip(u) {
        let mut last = (*m, *u, 1);
        while let Some(before) = pools.pop_if(|before| before.0 * last.1 < last.0 * before.1) {
            last = (before.0 + last.0, before.1 + last.1, before.2 + last.2);
        }
        pools.push(last);
    }
    let ratios = pools.into_iter().flat_map(|(m, u, levels)| std::iter::repeat_n(m / u, levels));
    m.iter_mut().zip(u).zip(ratios).for_each(|((m, u), ratio)| *m = u * ratio);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_closer_level_weighs_less_than_a_farther_one_of_its_ladder() {
        let written_m = [0.7, 0.05, 0.05, 0.05, 0.05, 0.1];
        // The fourth level begins a ladder of its own.
        let written_u = [0.001, 0.001, 0.002, 0.001, 0.01, 0.985];
        let u = [0.04, 0.002, 0.01, 0.001, 0.03, 0.917];
        let mut m = [0.5, 0.15, 0.1, 0.2, 0.02, 0.03];
        let before: f64 = m.iter().sum();
        monotone(&mut m, &u, &written_m, &written_u);
        let weights: Vec<f64> = m.iter().zip(u).map(|(m, u)| (m / u).log2()).collect();
        assert!(weights[..3].is_sorted_by(|a, b| *a >= *b - 1e-9) && weights[3..].is_sorted_by(|a, b| *a >= *b - 1e-9), "{weights:?}");
        assert!(weights[3] > weights[2], "another ladder is left alone: {weights:?}");
        assert!((m.iter().sum::<f64>() - before).abs() < 1e-12);
    }
}
