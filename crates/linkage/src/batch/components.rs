//! Which records hang together, and what do all pairs among them say?

use rayon::prelude::*;

use super::pairs::ScoredEdge;
use super::records::Records;
use crate::dictionary::ValueId;
use crate::model::Model;
use crate::score::Scorer;
use crate::within::{Within, weigh_within};

/// Records that edges of at least `threshold` hang together, each group sorted and two records or more, ordered by the
/// first.
#[must_use]
pub fn components(count: u32, edges: &[ScoredEdge], threshold: f32) -> Vec<Vec<u32>> {
    let mut parent: Vec<u32> = (0..count).collect();
    for edge in edges.iter().filter(|edge| edge.weight >= threshold) {
        let (left, right) = (root(&mut parent, edge.left), root(&mut parent, edge.right));
        // The smaller number is the root, so that groups come out ordered.
        parent[left.max(right) as usize] = left.min(right);
    }
    let mut place = vec![u32::MAX; count as usize];
    let mut groups: Vec<Vec<u32>> = Vec::new();
    for record in 0..count {
        let root = root(&mut parent, record);
        if root != record {
            if place[root as usize] == u32::MAX {
                place[root as usize] = u32::try_from(groups.len()).expect("fewer groups than records");
                groups.push(vec![root]);
            }
            groups[place[root as usize] as usize].push(record);
        }
    }
    groups
}

fn root(parent: &mut [u32], record: u32) -> u32 {
    let mut at = record;
    while parent[at as usize] != at {
        parent[at as usize] = parent[parent[at as usize] as usize];
        at = parent[at as usize];
    }
    at
}

/// The largest group whose pairs are all scored.
pub(crate) const LARGEST: usize = 200;

/// What every pair within each group weighs: pairs that shared no blocking key speak for or against a cluster too. Links among
/// `edges`, sorted as [`super::Pairs`] has them, need not be scored again. Groups of more than 200 records are left out.
#[must_use]
pub fn score_within(model: &Model, records: &Records, groups: &[Vec<u32>], edges: &[ScoredEdge]) -> Vec<Vec<ScoredEdge>> {
    let mut starts = vec![0_u32; records.len() as usize + 1];
    edges.iter().for_each(|edge| starts[edge.left as usize + 1] += 1);
    (1..starts.len()).for_each(|at| starts[at] += starts[at - 1]);
    groups
        .par_iter()
        .with_min_len(256)
        .map_init(
            || Scorer::new(model, records.lexicon()),
            |scorer, group| {
                if group.len() > LARGEST {
                    return Vec::new();
                }
                let rows: Vec<&[ValueId]> = group.iter().map(|record| records.row(*record)).collect();
                let link = |left: usize, right: usize| {
                    let left = group[left] as usize;
                    let known = &edges[starts[left] as usize..starts[left + 1] as usize];
                    let edge = known.iter().find(|edge| edge.right == group[right])?;
                    (edge.weight >= model.link_threshold()).then_some(edge.weight)
                };
                let within = weigh_within(model, scorer, &rows, link).into_iter();
                let edge = |Within { left, right, weight, apart }| ScoredEdge {
                    left: group[left],
                    right: group[right],
                    weight,
                    probability: model.probability(weight),
                    apart,
                };
                within.map(edge).collect()
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_hang_together_by_edges_above_the_threshold() {
        let edge = |left, right, weight| ScoredEdge { left, right, weight, probability: 0.9, apart: false };
        let edges = [edge(4, 5, 9.0), edge(1, 3, 9.0), edge(3, 4, 1.0), edge(1, 6, 5.0)];
        assert_eq!(components(7, &edges, 5.0), [vec![1, 3, 6], vec![4, 5]]);
    }
}
