//! Which records form one entity, given their scored pairs?

use jiku_linkage::{Pairs, components, score_within};
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

/// The scored pairs inside a group that is too large to score every pair of it.
fn large<'a>(pairs: &'a Pairs, group: &'a [u32]) -> impl Iterator<Item = (u32, u32, f32)> + 'a {
    group.iter().flat_map(move |&left| {
        let start = pairs.edges.partition_point(|edge| edge.left < left);
        pairs.edges[start..].iter().take_while(move |edge| edge.left == left).map(|edge| (edge.left, edge.right, edge.weight))
    })
}
