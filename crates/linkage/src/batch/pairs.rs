//! Which pairs match, of all that share a blocking key?

use rayon::prelude::*;

use super::blocks::{Block, Blocking, BlockingReport};
use super::records::Records;
use crate::model::Model;
use crate::model_file::Effect;
use crate::score::{Outcome, Scorer};

/// A scored pair, `left < right`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoredEdge {
    /// The one record.
    pub left: u32,
    /// The other record.
    pub right: u32,
    /// The match weight.
    pub weight: f32,
    /// How likely the two are one.
    pub probability: f32,
    /// A conflict rule keeps the two apart, whatever else speaks for them.
    pub apart: bool,
}

/// How many pairs have each weight, in steps of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightHistogram {
    /// Pairs with a weight from [`WeightHistogram::LOWEST`] + the index up to the next; the ends take what lies beyond.
    pub counts: Vec<u64>,
}

impl WeightHistogram {
    /// The lower end of the first bin.
    pub const LOWEST: i32 = -60;
    const BINS: usize = 120;

    fn new() -> Self {
        Self { counts: vec![0; Self::BINS] }
    }

    fn add(&mut self, weight: f32) {
        #[expect(clippy::cast_possible_truncation, reason = "weights are small")]
        let bin = (weight.floor() as i32 - Self::LOWEST).clamp(0, 119);
        self.counts[usize::try_from(bin).unwrap_or(0)] += 1;
    }

    fn merge(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(sum, more)| *sum += more);
    }
}

/// Every pair that was found worth telling.
#[derive(Clone, Debug)]
pub struct Pairs {
    /// The pairs of at least the floor, and those kept apart by a conflict rule though strangers would not agree so
    /// far; sorted by left, then right.
    pub edges: Vec<ScoredEdge>,
    /// What blocking found.
    pub blocking: BlockingReport,
    /// How many pairs were scored.
    pub scored: u64,
    /// The weights of all pairs scored; of those weighed to the end, with [`Weighing::UntilDecided`].
    pub histogram: WeightHistogram,
}

/// How far a pair is weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weighing {
    /// Every pair to the end: the histogram is of all.
    ToTheEnd,
    /// Until nothing that has not been compared yet could bring the pair to the floor: the same pairs are kept, in less time.
    UntilDecided,
}

/// Scores every candidate pair once and keeps those of weight `floor` or more.
///
/// With `left_count`, the records before that number are one file and the rest another: only pairs across count.
#[must_use]
pub fn score_pairs(
    model: &Model,
    records: &Records,
    blocking: &Blocking,
    left_count: Option<u32>,
    floor: f32,
    weighing: Weighing,
) -> Pairs {
    // A pair below both is kept in no case.
    let limit = match weighing {
        Weighing::ToTheEnd => f32::NEG_INFINITY,
        Weighing::UntilDecided => floor.min(model.review_threshold()),
    };
    let mut report = blocking.report.clone();
    let mut edges = Vec::new();
    let mut histogram = WeightHistogram::new();
    for rule in 0..blocking.rules.len() {
        let found: Vec<Found> = work(blocking, rule)
            .into_par_iter()
            .map(|chunk| {
                let mut scorer = Scorer::new(model, records.lexicon());
                let mut found = Found { edges: Vec::new(), histogram: WeightHistogram::new(), pairs: 0 };
                for block in chunk {
                    each_pair(block.members, |left, right| {
                        let crosses = left_count.is_none_or(|count| (left < count) != (right < count));
                        if crosses && blocking.is_first(rule, block.number, left, right) {
                            found.take(model, left, right, scorer.score_from(records.row(left), records.row(right), limit), floor);
                        }
                    });
                }
                found
            })
            .collect();
        for part in found {
            report.rules[rule].new_pairs += part.pairs;
            histogram.merge(&part.histogram);
            edges.extend(part.edges);
        }
    }
    edges.par_sort_unstable_by_key(|edge| (edge.left, edge.right));
    let scored = report.rules.iter().map(|rule| rule.new_pairs).sum();
    Pairs { edges, blocking: report, scored, histogram }
}

/// What one piece of the work found.
struct Found {
    edges: Vec<ScoredEdge>,
    histogram: WeightHistogram,
    pairs: u64,
}

impl Found {
    fn take(&mut self, model: &Model, left: u32, right: u32, outcome: Option<Outcome>, floor: f32) {
        self.pairs += 1;
        let Some(outcome) = outcome else { return };
        self.histogram.add(outcome.weight);
        let apart = outcome.conflict.is_some_and(|at| model.conflicts[at].effect == Effect::Apart);
        // A pair that would be near a link but for a conflict rule must hold its clusters apart.
        if outcome.weight >= floor || (apart && outcome.related >= model.review_threshold()) {
            let probability = model.probability_of(&outcome);
            self.edges.push(ScoredEdge { left, right, weight: outcome.weight, probability, apart });
        }
    }
}

/// About how many pairs one piece of work has.
const PAIRS_PER_PIECE: usize = 1 << 16;

/// The blocks of a rule in pieces of like work. The pieces do not depend on the number of threads.
pub(crate) fn work(blocking: &Blocking, rule: usize) -> Vec<Vec<Block<'_>>> {
    let mut pieces = Vec::new();
    let (mut piece, mut size) = (Vec::new(), 0);
    for block in blocking.rules[rule].blocks() {
        piece.push(block);
        size += block.members.len() * block.members.len() / 2;
        if size >= PAIRS_PER_PIECE {
            pieces.push(std::mem::take(&mut piece));
            size = 0;
        }
    }
    pieces.push(piece);
    pieces
}

/// Calls `each` for every pair of a sorted block.
pub(crate) fn each_pair(members: &[u32], mut each: impl FnMut(u32, u32)) {
    for (at, &left) in members.iter().enumerate() {
        for &right in &members[at + 1..] {
            each(left, right);
        }
    }
}
