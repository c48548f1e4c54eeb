//! How good are clusters and scores, given the truth?

use std::collections::HashMap;
use std::hash::Hash;

/// How clusters compare with the truth.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// Records judged.
    pub records: u64,
    /// Pairs in one cluster and in one entity.
    pub right_pairs: u64,
    /// Pairs in one cluster.
    pub found_pairs: u64,
    /// Pairs in one entity.
    pub true_pairs: u64,
    /// B-cubed precision: the share of a record's cluster that belongs with it, averaged over records.
    pub b_cubed_precision: f64,
    /// B-cubed recall: the share of a record's entity that is in its cluster, averaged over records.
    pub b_cubed_recall: f64,
    /// Clusters found.
    pub clusters: u64,
    /// Entities there are.
    pub entities: u64,
    /// Clusters that are exactly one entity.
    pub exact_clusters: u64,
    /// Clusters that hold records of two entities or more.
    pub mixed_clusters: u64,
}

impl Evaluation {
    /// Compares two labels per record: the cluster found and the true entity.
    pub fn of<C: Eq + Hash, E: Eq + Hash>(labels: impl Iterator<Item = (C, E)>) -> Self {
        let (mut clusters, mut entities): (HashMap<C, u32>, HashMap<E, u32>) = (HashMap::new(), HashMap::new());
        let mut cells: HashMap<(u32, u32), u64> = HashMap::new();
        let mut records = 0;
        for (cluster, entity) in labels {
            let next = u32::try_from(clusters.len()).unwrap_or(u32::MAX);
            let cluster = *clusters.entry(cluster).or_insert(next);
            let next = u32::try_from(entities.len()).unwrap_or(u32::MAX);
            let entity = *entities.entry(entity).or_insert(next);
            *cells.entry((cluster, entity)).or_default() += 1;
            records += 1;
        }
        let mut by_cluster = vec![(0_u64, 0_u32); clusters.len()];
        let mut by_entity = vec![0_u64; entities.len()];
        for (&(cluster, entity), &count) in &cells {
            by_cluster[cluster as usize].0 += count;
            by_cluster[cluster as usize].1 += 1;
            by_entity[entity as usize] += count;
        }
        let pairs = |count: u64| count * count.saturating_sub(1) / 2;
        let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
        let mut found = Self {
            records,
            right_pairs: cells.values().map(|count| pairs(*count)).sum(),
            found_pairs: by_cluster.iter().map(|(count, _)| pairs(*count)).sum(),
            true_pairs: by_entity.iter().map(|count| pairs(*count)).sum(),
            clusters: by_cluster.len() as u64,
            entities: by_entity.len() as u64,
            mixed_clusters: by_cluster.iter().filter(|(_, kinds)| *kinds > 1).count() as u64,
            ..Self::default()
        };
        let mut ordered: Vec<(&(u32, u32), &u64)> = cells.iter().collect();
        ordered.sort_unstable();
        for (&(cluster, entity), &count) in ordered {
            let (in_cluster, in_entity) = (by_cluster[cluster as usize].0, by_entity[entity as usize]);
            found.b_cubed_precision += count as f64 * share(count, in_cluster) / records as f64;
            found.b_cubed_recall += count as f64 * share(count, in_entity) / records as f64;
            found.exact_clusters += u64::from(count == in_cluster && count == in_entity);
        }
        found
    }

    /// Of the pairs found, the share that is right.
    #[must_use]
    pub fn precision(&self) -> f64 {
        if self.found_pairs == 0 { 1.0 } else { self.right_pairs as f64 / self.found_pairs as f64 }
    }

    /// Of the true pairs, the share that was found.
    #[must_use]
    pub fn recall(&self) -> f64 {
        if self.true_pairs == 0 { 1.0 } else { self.right_pairs as f64 / self.true_pairs as f64 }
    }

    /// The harmonic mean of precision and recall over pairs.
    #[must_use]
    pub fn f1(&self) -> f64 {
        harmonic(self.precision(), self.recall())
    }

    /// The harmonic mean of B-cubed precision and recall.
    #[must_use]
    pub fn b_cubed_f1(&self) -> f64 {
        harmonic(self.b_cubed_precision, self.b_cubed_recall)
    }
}

fn harmonic(precision: f64, recall: f64) -> f64 {
    if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) }
}

/// The interval in which a share lies with 95 per cent confidence when `hits` of `all` were seen (Wilson 1927); everything when none.
#[must_use]
pub fn wilson(hits: u64, all: u64) -> (f64, f64) {
    if all == 0 {
        return (0.0, 1.0);
    }
    let (n, z) = (all as f64, 1.959_964_f64);
    let share = hits as f64 / n;
    let (middle, spread) = (share + z * z / (2.0 * n), z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt());
    let scale = 1.0 + z * z / n;
    (((middle - spread) / scale).max(0.0), ((middle + spread) / scale).min(1.0))
}

/// A point of the precision–recall curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// Pairs of at least this weight count as found.
    pub threshold: f32,
    /// Of these, the share that is right.
    pub precision: f64,
    /// Of the true pairs, the share among these.
    pub recall: f64,
    /// How many these are.
    pub pairs: u64,
}

/// A bin of the calibration: pairs of like probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalibrationBin {
    /// The mean probability the model gave.
    pub predicted: f64,
    /// The share that was true.
    pub observed: f64,
    /// How many pairs.
    pub pairs: u64,
}

/// A scored pair whose truth is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JudgedPair {
    /// The match weight.
    pub weight: f32,
    /// How likely the model holds it that the two are one.
    pub probability: f32,
    /// Whether they are.
    pub truth: bool,
}

/// How well scores tell true pairs from others.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreEvaluation {
    /// The share of the true pairs that are among the scored ones.
    pub recall: f64,
    /// From the highest threshold to the lowest.
    pub curve: Vec<CurvePoint>,
    /// The weights of all pairs, the highest first.
    weights: Vec<f32>,
    /// Ten bins of probability.
    pub calibration: Vec<CalibrationBin>,
    /// The mean distance of predicted and observed, weighted by pairs, among pairs between 0.01 and 0.99.
    pub calibration_error: f64,
    /// The threshold with the best F1, and that F1.
    pub best: (f32, f64),
}

impl ScoreEvaluation {
    /// Judges scored pairs; `true_pairs` is how many there are in all.
    #[must_use]
    pub fn of(mut scores: Vec<JudgedPair>, true_pairs: u64) -> Self {
        scores.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        let found_true = scores.iter().filter(|pair| pair.truth).count();
        let mut curve: Vec<CurvePoint> = Vec::new();
        let (mut seen, mut right) = (0_u64, 0_u64);
        let mut best = (0.0, 0.0);
        for (at, JudgedPair { weight, truth, .. }) in scores.iter().enumerate() {
            seen += 1;
            right += u64::from(*truth);
            // A threshold every half bit is enough for a curve; the last point closes it.
            let step = (weight * 2.0).floor();
            let ends = scores.get(at + 1).is_none_or(|next| (next.weight * 2.0).floor() < step);
            if ends {
                let (precision, recall) = (right as f64 / seen as f64, right as f64 / true_pairs.max(1) as f64);
                let f1 = harmonic(precision, recall);
                if f1 > best.1 {
                    best = (step / 2.0, f1);
                }
                curve.push(CurvePoint { threshold: step / 2.0, precision, recall, pairs: seen });
            }
        }
        let weights = scores.iter().map(|pair| pair.weight).collect();
        let (calibration, calibration_error) = calibrate(&scores);
        Self { recall: found_true as f64 / true_pairs.max(1) as f64, curve, weights, calibration, calibration_error, best }
    }

    /// How many pairs are for review when those from a point of the curve on are linked and those from the weight `review` on, and below it, are looked at.
    #[must_use]
    pub fn to_review(&self, point: &CurvePoint, review: f32) -> u64 {
        let from_review = self.weights.partition_point(|weight| *weight >= review) as u64;
        from_review.saturating_sub(point.pairs)
    }
}

fn calibrate(scores: &[JudgedPair]) -> (Vec<CalibrationBin>, f64) {
    let mut bins = vec![(0.0_f64, 0_u64, 0_u64); 10];
    for JudgedPair { probability, truth, .. } in scores {
        let probability = f64::from(*probability);
        if (0.01..=0.99).contains(&probability) {
            let bin = &mut bins[((probability * 10.0) as usize).min(9)];
            *bin = (bin.0 + probability, bin.1 + u64::from(*truth), bin.2 + 1);
        }
    }
    let all: u64 = bins.iter().map(|bin| bin.2).sum();
    let bins: Vec<CalibrationBin> = bins
        .into_iter()
        .filter(|bin| bin.2 > 0)
        .map(|(sum, right, pairs)| CalibrationBin { predicted: sum / pairs as f64, observed: right as f64 / pairs as f64, pairs })
        .collect();
    // A sum of nothing would be −0.
    let error = bins.iter().fold(0.0, |sum, bin| sum + (bin.predicted - bin.observed).abs() * bin.pairs as f64);
    (bins, error / all.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perfect_clusters_are_perfect() {
        let evaluation = Evaluation::of([(1, 'a'), (1, 'a'), (2, 'b')].into_iter());
        assert_eq!((evaluation.f1(), evaluation.b_cubed_f1(), evaluation.exact_clusters), (1.0, 1.0, 2));
    }

    #[test]
    fn a_joined_and_a_split_entity_cost_precision_and_recall() {
        let evaluation = Evaluation::of([(1, 'a'), (1, 'a'), (1, 'b'), (2, 'b')].into_iter());
        assert_eq!((evaluation.right_pairs, evaluation.found_pairs, evaluation.true_pairs), (1, 3, 2));
        assert_eq!((evaluation.mixed_clusters, evaluation.exact_clusters), (1, 0));
        assert!((evaluation.b_cubed_precision - (2.0 / 3.0 + 2.0 / 3.0 + 1.0 / 3.0 + 1.0) / 4.0).abs() < 1e-12);
        assert!((evaluation.b_cubed_recall - 0.75).abs() < 1e-12);
    }

    #[test]
    fn scores_are_judged_along_the_threshold() {
        let pair = |weight, truth| JudgedPair { weight, probability: 0.5, truth };
        let evaluation = ScoreEvaluation::of(vec![pair(10.0, true), pair(5.0, true), pair(0.0, false), pair(-3.0, true)], 4);
        assert_eq!(evaluation.recall, 0.75);
        assert_eq!(evaluation.best, (-3.0, 0.75));
        assert_eq!(evaluation.curve.last().map(|point| point.pairs), Some(4));
        let to_review: Vec<u64> = evaluation.curve.iter().map(|point| evaluation.to_review(point, 0.0)).collect();
        assert_eq!(to_review, [2, 1, 0, 0], "what weighs less than nothing is for nobody to look at");
    }

    #[test]
    fn few_judgements_leave_a_wide_interval() {
        let near = |(low, high): (f64, f64), expected: (f64, f64)| (low - expected.0).abs() < 5e-4 && (high - expected.1).abs() < 5e-4;
        assert!(near(wilson(9, 10), (0.5958, 0.9821)));
        assert!(near(wilson(0, 20), (0.0, 0.1611)));
        assert_eq!(wilson(0, 0), (0.0, 1.0));
    }

    #[test]
    fn an_honest_half_is_well_calibrated() {
        let pair = |probability, truth| JudgedPair { weight: 0.0, probability, truth };
        let scores = (0..100).map(|number| pair(0.5, number % 2 == 0)).collect();
        assert!(ScoreEvaluation::of(scores, 50).calibration_error < 1e-9);
        let error = ScoreEvaluation::of((0..100).map(|number| pair(0.7, number % 2 == 0)).collect(), 50).calibration_error;
        assert!((error - 0.2).abs() < 1e-6, "{error}");
        assert_eq!(format!("{:.3}", ScoreEvaluation::of(vec![pair(0.999, true)], 1).calibration_error), "0.000");
    }
}
