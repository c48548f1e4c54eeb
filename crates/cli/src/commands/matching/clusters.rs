//! Which records form one entity, given their scored pairs?

use jiku_linkage::{Pairs, ScoredEdge, components, score_within};
use jiku_model::{JudgementOrigin, Kind, RecordId};
use jiku_resolution::{ClusterRules, Edge, Held, Node, cluster};
use rayon::prelude::*;

use super::prepare::{Prepared, hash};

/// The clusters of a table.
pub(crate) struct Clusters {
    /// The cluster of each record: counted from 0 in the order of first records.
    pub(crate) label: Vec<u32>,
    /// How many clusters there are.
    pub(crate) count: u32,
    /// Links that were not used, with their records' numbers.
    pub(crate) held: Vec<Held>,
}

/// Constrained clustering: records that links hang together, then every pair among them weighed.
pub(crate) fn find_clusters(prepared: &Prepared, pairs: &Pairs, one_to_one: bool) -> Clusters {
    let (model, records) = (&prepared.model, &prepared.records);
    let groups = components(records.len(), &pairs.edges, model.link_threshold());
    let within = score_within(model, records, &groups, &pairs.edges);
    let is_right = |record: u32| prepared.left_count.is_some_and(|count| record >= count);
    let rules = ClusterRules {
        duplicate_free: if one_to_one { [0, 1].into() } else { ClusterRules::default().duplicate_free },
        ..ClusterRules::default()
    };
    // The kind only fills a record id; within one table any will do.
    let record = |number: u32| RecordId::new(Kind::Person, number);
    let found: Vec<(Vec<Vec<RecordId>>, Vec<Held>)> = groups
        .par_iter()
        .zip(&within)
        .with_min_len(64)
        .map(|(group, within)| {
            let strong = |number: u32| prepared.strong[number as usize];
            if prepared.left_count.is_none() && is_one(group, within, strong, model.link_threshold(), &rules) {
                return (vec![group.iter().copied().map(record).collect()], Vec::new());
            }
            let node = |&number: &u32| Node {
                record: record(number),
                order: hash(&prepared.ids[number as usize]),
                source: u16::from(is_right(number)),
                strong: prepared.strong[number as usize],
            };
            let nodes: Vec<Node> = group.iter().map(node).collect();
            let mut edges: Vec<Edge> = within
                .iter()
                .filter(|edge| prepared.left_count.is_none() || is_right(edge.left) != is_right(edge.right))
                .map(|edge| Edge {
                    left: record(edge.left),
                    right: record(edge.right),
                    verdict: model.verdict(edge.weight),
                    origin: if edge.apart { JudgementOrigin::Rule } else { JudgementOrigin::Model },
                    weight: edge.weight,
                })
                .collect();
            if within.is_empty() {
                edges.extend(large(pairs, group).map(|(left, right, weight)| Edge {
                    left: record(left),
                    right: record(right),
                    verdict: model.verdict(weight),
                    origin: JudgementOrigin::Model,
                    weight,
                }));
            }
            let clustering = cluster(&nodes, &edges, &rules);
            (clustering.groups, clustering.held)
        })
        .collect();
    let mut clusters = Clusters { label: vec![u32::MAX; records.len() as usize], count: 0, held: Vec::new() };
    let mut group_of: Vec<Option<(usize, usize)>> = vec![None; records.len() as usize];
    for (component, (groups, held)) in found.iter().enumerate() {
        for (at, group) in groups.iter().enumerate() {
            group.iter().for_each(|record| group_of[record.slot() as usize] = Some((component, at)));
        }
        clusters.held.extend_from_slice(held);
    }
    for (number, group) in group_of.iter().enumerate() {
        if clusters.label[number] != u32::MAX {
            continue;
        }
        match *group {
            Some((component, at)) => {
                found[component].0[at].iter().for_each(|record| clusters.label[record.slot() as usize] = clusters.count);
            }
            None => clusters.label[number] = clusters.count,
        }
        clusters.count += 1;
    }
    clusters
}

/// Whether nothing stands against a group, as most have it: every pair of it is a link and there is one verified number at most.
/// [`cluster`] gives the same, with more work.
fn is_one(group: &[u32], within: &[ScoredEdge], strong: impl Fn(u32) -> Option<u64>, link: f32, rules: &ClusterRules) -> bool {
    let mut numbers = group.iter().filter_map(|record| strong(*record));
    let first = numbers.next();
    // A negative threshold would count links as votes against.
    link >= 0.0
        && rules.duplicate_free.is_empty()
        && group.len() <= rules.max_size
        && within.len() == group.len() * (group.len() - 1) / 2
        && within.iter().all(|edge| edge.weight >= link && !edge.apart)
        && numbers.all(|number| Some(number) == first)
}

/// The scored pairs inside a group that is too large to score every pair of it.
fn large<'a>(pairs: &'a Pairs, group: &'a [u32]) -> impl Iterator<Item = (u32, u32, f32)> + 'a {
    group.iter().flat_map(move |&left| {
        let start = pairs.edges.partition_point(|edge| edge.left < left);
        pairs.edges[start..].iter().take_while(move |edge| edge.left == left).map(|edge| (edge.left, edge.right, edge.weight))
    })
}

#[cfg(test)]
mod tests {
    use jiku_model::Verdict;

    use super::*;

    #[test]
    fn a_group_that_nothing_stands_against_is_what_clustering_makes_of_it() {
        let (rules, link) = (ClusterRules::default(), 5.0);
        let record = |number: u32| RecordId::new(Kind::Person, number);
        let mut whole = 0;
        for case in 0..2_000_u64 {
            let draw = |what: u64, below: u64| hash(&format!("{case} {what}")) % below;
            let group: Vec<u32> = (0..2 + draw(0, 6) as u32).collect();
            let numbers: Vec<Option<u64>> =
                group.iter().map(|at| (draw(100 + u64::from(*at), 3) > 0).then(|| draw(200 + u64::from(*at), 8) / 7)).collect();
            let mut within = Vec::new();
            for left in &group {
                for right in left + 1..group.len() as u32 {
                    let at = 1_000 + u64::from(*left) * 100 + u64::from(right);
                    let weight = if draw(at, 40) == 0 { 1.0 } else { 5.0 + draw(at, 9) as f32 };
                    within.push(ScoredEdge { left: *left, right, weight, apart: draw(at + 50_000, 60) == 0 });
                }
            }
            if !is_one(&group, &within, |number| numbers[number as usize], link, &rules) {
                continue;
            }
            whole += 1;
            let nodes: Vec<Node> = group
                .iter()
                .map(|&number| Node {
                    record: record(number),
                    order: draw(u64::from(number), 1 << 40),
                    source: 0,
                    strong: numbers[number as usize],
                })
                .collect();
            let edge = |edge: &ScoredEdge| Edge {
                left: record(edge.left),
                right: record(edge.right),
                verdict: Verdict::Positive,
                origin: JudgementOrigin::Model,
                weight: edge.weight,
            };
            let edges: Vec<Edge> = within.iter().map(edge).collect();
            let found = cluster(&nodes, &edges, &rules);
            assert_eq!((found.groups.len(), found.held.len()), (1, 0));
        }
        assert!(whole > 100 && whole < 2_000, "{whole} groups");
    }
}
