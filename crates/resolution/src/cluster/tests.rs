//! Does clustering obey its constraints, in any order of input?

use jiku_model::Kind;
use proptest::prelude::*;

use super::*;

fn record(slot: u32) -> RecordId {
    RecordId::new(Kind::Person, slot)
}

fn node(slot: u32) -> Node {
    Node { record: record(slot), order: u64::from(slot).wrapping_mul(0x9e37_79b9_7f4a_7c15), source: 0, strong: None }
}

fn edge(left: u32, right: u32, verdict: Verdict, origin: JudgementOrigin, weight: f32) -> Edge {
    Edge { left: record(left), right: record(right), verdict, origin, weight }
}

fn link(left: u32, right: u32, weight: f32) -> Edge {
    edge(left, right, Verdict::Positive, JudgementOrigin::Model, weight)
}

fn steward(left: u32, right: u32, verdict: Verdict) -> Edge {
    edge(left, right, verdict, JudgementOrigin::Steward, 0.0)
}

/// Compares groups and the reasons of what was held, both as short texts.
#[track_caller]
fn check(nodes: &[Node], edges: &[Edge], rules: &ClusterRules, groups: &str, held: &str) {
    let clustering = cluster(nodes, edges, rules);
    let slots = |group: &Vec<RecordId>| group.iter().map(|record| record.slot().to_string()).collect::<Vec<_>>().join(" ");
    assert_eq!(clustering.groups.iter().map(slots).collect::<Vec<_>>().join(" | "), groups);
    let held_texts: Vec<String> =
        clustering.held.iter().map(|held| format!("{}-{} {}", held.left.slot(), held.right.slot(), held.reason.as_str())).collect();
    assert_eq!(held_texts.join(", "), held);
}

fn nodes(count: u32) -> Vec<Node> {
    (1..=count).map(node).collect()
}

#[test]
fn links_of_the_model_join_and_unsure_ones_do_not() {
    let unsure = edge(3, 4, Verdict::Unsure, JudgementOrigin::Model, 5.0);
    check(&nodes(4), &[link(1, 2, 9.0), link(2, 3, 8.0), unsure], &ClusterRules::default(), "1 2 3 | 4", "");
}

#[test]
fn a_stewards_negative_keeps_whole_clusters_apart() {
    let edges = [link(1, 2, 9.0), link(3, 4, 9.0), link(2, 3, 8.0), link(1, 4, 7.5), steward(1, 4, Verdict::Negative)];
    check(&nodes(4), &edges, &ClusterRules::default(), "1 2 | 3 4", "1-4 cannot-link, 2-3 cannot-link");
}

#[test]
fn a_positive_verdict_never_silently_overrides_a_negative_one() {
    let edges = [steward(1, 2, Verdict::Positive), steward(2, 3, Verdict::Positive), steward(1, 3, Verdict::Negative)];
    let clustering = cluster(&nodes(3), &edges, &ClusterRules::default());
    assert_eq!((clustering.groups.len(), clustering.held.len()), (2, 1));
}

#[test]
fn a_rule_holds_apart_what_a_third_record_resembles_and_gives_way_to_a_steward() {
    let apart = edge(1, 2, Verdict::Negative, JudgementOrigin::Rule, -20.0);
    check(&nodes(3), &[link(1, 3, 9.0), link(2, 3, 5.0), apart], &ClusterRules::default(), "1 3 | 2", "2-3 cannot-link");
    let joined = [link(1, 3, 9.0), link(2, 3, 8.0), apart, steward(1, 2, Verdict::Positive)];
    check(&nodes(3), &joined, &ClusterRules::default(), "1 2 3", "");
}

#[test]
fn two_different_strong_identifiers_are_not_joined_without_a_steward() {
    let mut nodes = nodes(3);
    nodes[0].strong = Some(7);
    nodes[2].strong = Some(8);
    let links = [link(1, 2, 9.0), link(2, 3, 5.0)];
    check(&nodes, &links, &ClusterRules::default(), "1 2 | 3", "2-3 conflicting-identifier");
    let forced = [link(1, 2, 9.0), link(2, 3, 8.0), steward(1, 3, Verdict::Positive)];
    check(&nodes, &forced, &ClusterRules::default(), "1 2 3", "");
}

#[test]
fn a_record_that_fits_two_nearly_alike_joins_neither() {
    let apart = edge(1, 2, Verdict::Negative, JudgementOrigin::Rule, -20.0);
    let both = [link(1, 3, 9.0), link(2, 3, 8.0), apart];
    check(&nodes(3), &both, &ClusterRules::default(), "1 | 2 | 3", "1-3 contested, 2-3 contested");
    // Two that cannot be told apart are one between themselves.
    let pair = [link(1, 3, 9.0), link(2, 3, 8.0), link(1, 4, 9.0), link(2, 4, 8.0), link(3, 4, 9.5), apart];
    check(&nodes(4), &pair, &ClusterRules::default(), "1 | 2 | 3 4", "1-3 contested, 1-4 contested, 2-3 contested, 2-4 contested");
    let decided = [link(1, 3, 9.0), link(2, 3, 8.0), apart, steward(2, 3, Verdict::Positive)];
    check(&nodes(3), &decided, &ClusterRules::default(), "1 | 2 3", "1-3 cannot-link");
}

#[test]
fn a_duplicate_free_source_gives_each_cluster_one_record() {
    let rules = ClusterRules { duplicate_free: [0].into(), ..ClusterRules::default() };
    check(&nodes(2), &[link(1, 2, 9.0)], &rules, "1 | 2", "1-2 duplicate-free-source");
}

#[test]
fn a_bridge_between_dense_parts_is_held() {
    let triangle = |a, b, c| [link(a, b, 9.0), link(b, c, 9.0), link(a, c, 9.0)];
    let edges: Vec<Edge> = [triangle(1, 2, 3), triangle(4, 5, 6)].concat().into_iter().chain([link(3, 4, 7.0)]).collect();
    check(&nodes(6), &edges, &ClusterRules::default(), "1 2 3 | 4 5 6", "3-4 bridge");
}

#[test]
fn the_way_to_a_cluster_is_told_from_the_heaviest_link_down() {
    let edges = [link(1, 2, 9.0), link(2, 3, 12.0), link(3, 4, 8.0), steward(1, 4, Verdict::Negative)];
    let (clustering, steps) = retrace(&nodes(4), &edges, &ClusterRules::default());
    assert_eq!(clustering, cluster(&nodes(4), &edges, &ClusterRules::default()));
    let told: Vec<_> = steps.iter().map(|step| (step.left.slot(), step.right.slot(), step.sizes, step.held)).collect();
    assert_eq!(told, [(2, 3, (1, 1), None), (1, 2, (1, 2), None), (3, 4, (3, 1), Some(HoldReason::CannotLink))]);
}

#[test]
fn a_join_that_most_pairs_speak_against_is_held() {
    let against = |left, right| edge(left, right, Verdict::Negative, JudgementOrigin::Model, -8.0);
    let edges = [link(1, 2, 9.0), link(3, 4, 9.0), link(2, 3, 7.0), against(1, 3), against(2, 4), against(1, 4)];
    check(&nodes(4), &edges, &ClusterRules::default(), "1 2 | 3 4", "2-3 out-voted");
    let fewer = [link(1, 2, 9.0), link(3, 4, 9.0), link(2, 3, 9.0), against(1, 3)];
    check(&nodes(4), &fewer, &ClusterRules::default(), "1 2 3 4", "");
}

#[test]
fn a_cluster_does_not_grow_beyond_the_limit() {
    let rules = ClusterRules { max_size: 2, ..ClusterRules::default() };
    check(&nodes(3), &[link(1, 2, 9.0), link(2, 3, 8.0)], &rules, "1 2 | 3", "2-3 too-large");
}

fn any_edge() -> impl Strategy<Value = Edge> {
    let verdict = prop_oneof![4 => Just(Verdict::Positive), 1 => Just(Verdict::Negative), 1 => Just(Verdict::Unsure)];
    let origin = prop_oneof![3 => Just(JudgementOrigin::Model), 1 => Just(JudgementOrigin::Steward), 1 => Just(JudgementOrigin::Rule)];
    (1..13_u32, 1..13_u32, verdict, origin, -2..12_i8)
        .prop_map(|(left, right, verdict, origin, weight)| edge(left, right, verdict, origin, f32::from(weight)))
}

fn any_nodes() -> impl Strategy<Value = Vec<Node>> {
    prop::collection::vec(prop::option::of(0..3_u64), 12)
        .prop_map(|strong| strong.into_iter().zip(1..).map(|(strong, slot)| Node { strong, ..node(slot) }).collect())
}

proptest! {
    #[test]
    fn input_order_does_not_matter(nodes in any_nodes(), edges in prop::collection::vec(any_edge(), 0..40), seed in any::<u64>()) {
        let mut shuffled = (nodes.clone(), edges.clone());
        let key = |n: u64| n.wrapping_mul(seed | 1) ^ (seed >> 7);
        shuffled.0.sort_by_key(|node| key(node.order));
        shuffled.1 = edges.iter().enumerate().map(|(at, edge)| (key(at as u64), Edge { left: edge.right, right: edge.left, ..*edge }))
            .collect::<BTreeMap<_, _>>().into_values().collect();
        prop_assume!(shuffled.1.len() == edges.len());
        let rules = ClusterRules::default();
        prop_assert_eq!(cluster(&nodes, &edges, &rules), cluster(&shuffled.0, &shuffled.1, &rules));
    }

    #[test]
    fn cannot_links_hold_and_every_record_is_in_one_group(nodes in any_nodes(), edges in prop::collection::vec(any_edge(), 0..40)) {
        let clustering = cluster(&nodes, &edges, &ClusterRules::default());
        let mut all: Vec<RecordId> = clustering.groups.concat();
        all.sort_unstable();
        prop_assert_eq!(all, nodes.iter().map(|node| node.record).collect::<Vec<_>>());
        // What a steward joins, a rule does not hold apart.
        let overruled = edges.iter().any(|edge| edge.verdict == Verdict::Positive && edge.origin == JudgementOrigin::Steward);
        let is_wall = |edge: &&Edge| match edge.origin {
            JudgementOrigin::Steward => true,
            JudgementOrigin::Rule => !overruled,
            JudgementOrigin::Model => false,
        };
        for wall in edges.iter().filter(|edge| edge.verdict == Verdict::Negative).filter(is_wall) {
            prop_assert!(wall.left == wall.right
                || !clustering.groups.iter().any(|group| group.contains(&wall.left) && group.contains(&wall.right)));
        }
    }

    #[test]
    fn only_a_steward_puts_two_strong_identifiers_together(nodes in any_nodes(), edges in prop::collection::vec(any_edge(), 0..40)) {
        let edges: Vec<Edge> = edges.into_iter().filter(|edge| edge.origin != JudgementOrigin::Steward).collect();
        for group in cluster(&nodes, &edges, &ClusterRules::default()).groups {
            let strong: BTreeSet<u64> = nodes.iter().filter(|node| group.contains(&node.record)).filter_map(|node| node.strong).collect();
            prop_assert!(strong.len() <= 1);
        }
    }
}
