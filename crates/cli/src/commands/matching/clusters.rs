//! Which records form one entity, given their scored pairs?

use jiku_linkage::{Explanation, Pairs, ScoredEdge, components, score_within};
use jiku_model::{JudgementOrigin, Kind, RecordId, Verdict};
use jiku_resolution::{ClusterRules, Edge, Held, Node, Step, cluster, retrace};
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
pub(crate) fn find_clusters(prepared: &Prepared, pairs: &Pairs) -> Clusters {
    let (model, records) = (&prepared.model, &prepared.records);
    let groups = components(records.len(), &pairs.edges, model.link_threshold());
    let within = score_within(model, records, &groups, &pairs.edges);
    let rules = rules_for(prepared);
    let found: Vec<(Vec<Vec<RecordId>>, Vec<Held>)> = groups
        .par_iter()
        .zip(&within)
        .with_min_len(64)
        .map(|(group, within)| {
            let strong = |number: u32| prepared.strong[number as usize];
            if prepared.left_count.is_none() && is_one(group, within, strong, model.link_threshold(), &rules) {
                return (vec![group.iter().copied().map(record).collect()], Vec::new());
            }
            let (nodes, edges) = seen(prepared, pairs, group, within);
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

/// The rules of clustering.
fn rules_for(prepared: &Prepared) -> ClusterRules {
    ClusterRules { duplicate_free: prepared.duplicate_free.clone(), ..ClusterRules::default() }
}

/// The kind only fills a record id; within one table any will do.
const fn record(number: u32) -> RecordId {
    RecordId::new(Kind::Person, number)
}

/// A group as the clustering sees it.
fn seen(prepared: &Prepared, pairs: &Pairs, group: &[u32], within: &[ScoredEdge]) -> (Vec<Node>, Vec<Edge>) {
    let model = &prepared.model;
    let is_right = |record: u32| prepared.left_count.is_some_and(|count| record >= count);
    let node = |&number: &u32| Node {
        record: record(number),
        order: hash(&prepared.ids[number as usize]),
        source: prepared.sources.of.get(number as usize).copied().unwrap_or(0),
        strong: prepared.strong[number as usize],
    };
    let edge = |left: u32, right: u32, weight: f32, apart: bool| Edge {
        left: record(left),
        right: record(right),
        verdict: if apart { Verdict::Negative } else { model.verdict(weight) },
        origin: if apart { JudgementOrigin::Rule } else { JudgementOrigin::Model },
        weight,
    };
    let crosses = |scored: &&ScoredEdge| prepared.left_count.is_none() || is_right(scored.left) != is_right(scored.right);
    let mut edges: Vec<Edge> =
        within.iter().filter(crosses).map(|scored| edge(scored.left, scored.right, scored.weight, scored.apart)).collect();
    if within.is_empty() {
        edges.extend(large(pairs, group).map(|(left, right, weight)| edge(left, right, weight, false)));
    }
    (group.iter().map(node).collect(), edges)
}

/// How the cluster of a record came to be, step by step: joins from the heaviest link down, and what was held apart and why.
pub(crate) fn explain_cluster(prepared: &Prepared, pairs: &Pairs, clusters: &Clusters, wanted: u32) -> String {
    let (model, records) = (&prepared.model, &prepared.records);
    let label = clusters.label[wanted as usize];
    let members: Vec<u32> = (0..).zip(&clusters.label).filter(|(_, other)| **other == label).map(|(number, _)| number).collect();
    let id = |record: RecordId| prepared.ids[record.slot() as usize].as_str();
    let mut text = format!("Cluster {label} has {} records:", members.len());
    members.iter().for_each(|number| text.push_str(&format!(" {}", prepared.ids[*number as usize])));
    text.push('\n');
    let groups = components(records.len(), &pairs.edges, model.link_threshold());
    let Some(group) = groups.into_iter().find(|group| group.binary_search(&wanted).is_ok()) else {
        let best =
            pairs.edges.iter().filter(|edge| edge.left == wanted || edge.right == wanted).max_by(|a, b| a.weight.total_cmp(&b.weight));
        return text
            + &best.map_or_else(
                || "No other record comes near it.\n".to_owned(),
                |best| {
                    let other = if best.left == wanted { best.right } else { best.left };
                    let (id, link) = (&prepared.ids[other as usize], model.link_threshold());
                    let why = waterfall(&records.explain(model, best.left, best.right).explain());
                    format!("No link reaches it; the nearest record is {id} with weight {:.1}, below {link:.1}: {why}\n", best.weight)
                },
            );
    };
    let within = score_within(model, records, std::slice::from_ref(&group), &pairs.edges).swap_remove(0);
    let (nodes, edges) = seen(prepared, pairs, &group, &within);
    let (_, steps) = retrace(&nodes, &edges, &rules_for(prepared));
    let concerns = |step: &&Step| clusters.label[step.left.slot() as usize] == label || clusters.label[step.right.slot() as usize] == label;
    for (number, step) in steps.iter().filter(concerns).enumerate() {
        let (left, right) = (id(step.left), id(step.right));
        let why = waterfall(&records.explain(model, step.left.slot(), step.right.slot()).explain());
        let sizes = step.sizes;
        text.push_str(&match step.held {
            None => {
                format!("{:>3}. {left} and {right} join {} + {} records, weight {:.1}: {why}\n", number + 1, sizes.0, sizes.1, step.weight)
            }
            Some(reason) => {
                let reason = reason.as_str();
                format!(
                    "{:>3}. {left} and {right} stay apart ({reason}), {} + {} records, weight {:.1}: {why}\n",
                    number + 1,
                    sizes.0,
                    sizes.1,
                    step.weight
                )
            }
        });
    }
    text
}

/// The prior, what speaks loudest for or against a pair, and what is left: together its weight, as far as a tenth of a bit tells.
fn waterfall(explanation: &Explanation) -> String {
    const LOUDEST: usize = 4;
    let tenths = |weight: f32| (weight * 10.0).round();
    let mut lines: Vec<_> = explanation.lines.iter().filter(|line| line.weight.abs() >= 1.0).collect();
    lines.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
    lines.truncate(LOUDEST);
    let mut rest = tenths(explanation.weight) - tenths(explanation.prior);
    let mut told = vec![format!("prior {:+.1}", explanation.prior)];
    for line in lines {
        told.push(format!("{} {} {:+.1}", line.comparison, line.level, line.weight));
        rest -= tenths(line.weight);
    }
    if rest != 0.0 {
        told.push(format!("all else {:+.1}", rest / 10.0));
    }
    told.join("; ")
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
    use jiku_linkage::ExplanationLine;
    use jiku_model::Verdict;

    use super::*;

    #[test]
    fn a_waterfall_begins_with_the_prior_and_sums_to_the_weight() {
        let line = |comparison: &str, weight: f32| ExplanationLine {
            comparison: comparison.to_owned(),
            comparison_zh: String::new(),
            level: "same".to_owned(),
            level_zh: String::new(),
            left: None,
            right: None,
            weight,
            note: None,
        };
        let lines = [("sex", 0.75), ("name", 7.25), ("born", 12.0), ("city", 2.0), ("phone", -3.5), ("street", 1.25)];
        let explanation = Explanation {
            model: String::new(),
            prior: -11.5,
            lines: lines.map(|(comparison, weight)| line(comparison, weight)).to_vec(),
            weight: 8.25,
            probability: 0.99,
            conflict: None,
            conflict_zh: None,
        };
        let told = waterfall(&explanation);
        assert_eq!(told, "prior -11.5; born same +12.0; name same +7.2; phone same -3.5; city same +2.0; all else +2.0");
        let sum: f32 = told.split("; ").filter_map(|term| term.rsplit(' ').next()?.parse::<f32>().ok()).sum();
        assert!((sum - explanation.weight).abs() < 0.06, "{told}");
    }

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
                    within.push(ScoredEdge { left: *left, right, weight, probability: 0.9, apart: draw(at + 50_000, 60) == 0 });
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
