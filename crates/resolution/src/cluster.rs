//! Which records belong together, given everything that was judged about pairs of them?

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiku_model::{JudgementOrigin, RecordId, Verdict};

use crate::groups::{Facts, Groups};

/// A source record as the clustering sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// The record.
    pub record: RecordId,
    /// A number that depends on the record's outside name only ([`jiku_model::RecordKey::order`]): ties are broken by
    /// it, so that the order of arrival never shows.
    pub order: u64,
    /// The number of its source system.
    pub source: u16,
    /// A hash of its verified strong identifier, if it has one.
    pub strong: Option<u64>,
}

/// A live judgement about two records.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// One record.
    pub left: RecordId,
    /// The other.
    pub right: RecordId,
    /// What was judged.
    pub verdict: Verdict,
    /// Who judged.
    pub origin: JudgementOrigin,
    /// The match weight, log2 of the odds; a steward's verdict does not need one.
    pub weight: f32,
}

/// What the clustering is not allowed to do by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterRules {
    /// The largest group that edges of the model may form.
    pub max_size: usize,
    /// Sources that are free of duplicates: at most one record of each in a group.
    pub duplicate_free: BTreeSet<u16>,
    /// Two groups of at least this many records each are dense parts: a single edge between them is a bridge.
    pub bridge_size: usize,
    /// The share of the pairs across two dense parts that must be judged positive, or the edge is a bridge.
    pub bridge_density: f32,
    /// How much one pair across two groups counts at most, for or against joining them: when the pairs that were scored
    /// speak against it on the whole, the groups stay apart. 0 leaves this out.
    pub vote: f32,
    /// How many bits the stronger of two links must weigh more, where a group is linked with two that cannot be one: it belongs to one of
    /// them at most, and what weighs nearly alike does not tell which.
    pub margin: f32,
}

impl Default for ClusterRules {
    /// Groups of up to 200 records, no source free of duplicates, bridges between parts of three or more, eight to one between rivals.
    fn default() -> Self {
        Self { max_size: 200, duplicate_free: BTreeSet::new(), bridge_size: 3, bridge_density: 0.12, vote: 10.0, margin: 3.0 }
    }
}

/// Why a positive edge was not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HoldReason {
    /// A negative judgement holds the two groups apart.
    CannotLink,
    /// The two groups hold different verified identifiers.
    ConflictingIdentifier,
    /// The group would become too large.
    TooLarge,
    /// The edge is the only support between two dense parts.
    Bridge,
    /// The pairs across the two groups speak against it on the whole.
    OutVoted,
    /// Another group that cannot be one with this one is linked nearly as well.
    Contested,
    /// Both groups have a record of a source that is free of duplicates.
    DuplicateFreeSource,
}

impl HoldReason {
    /// The word in JSON and SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CannotLink => "cannot-link",
            Self::ConflictingIdentifier => "conflicting-identifier",
            Self::TooLarge => "too-large",
            Self::Bridge => "bridge",
            Self::OutVoted => "out-voted",
            Self::Contested => "contested",
            Self::DuplicateFreeSource => "duplicate-free-source",
        }
    }
}

/// A positive edge that was not used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Held {
    /// The record with the smaller id.
    pub left: RecordId,
    /// The record with the larger id.
    pub right: RecordId,
    /// Why it was not used.
    pub reason: HoldReason,
    /// The edge's weight.
    pub weight: f32,
}

/// The groups that follow from the judgements.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clustering {
    /// Every node is in exactly one group; each group is sorted, the groups are ordered by their first record.
    pub groups: Vec<Vec<RecordId>>,
    /// Positive edges that were not used, ordered by their records: work for a steward.
    pub held: Vec<Held>,
}

/// Folds judgements into groups.
///
/// Negative verdicts of stewards and of rules hold whole groups apart. Positive verdicts of stewards join first and
/// obey only those of stewards. Then positive verdicts of the model and of rules join in descending weight, ties by the records'
/// orders, where no rule of [`ClusterRules`] and no second strong identifier stands against it; what stands against it is
/// reported. Unsure verdicts never join. Negative verdicts of the model are no wall: they are votes against a join, as
/// positive and unsure ones are votes for it. Edges that name unknown records are left out.
///
/// ```
/// use jiku_model::{JudgementOrigin::Model, Kind, RecordId, Verdict::Positive};
/// use jiku_resolution::{ClusterRules, Edge, Node, cluster};
/// let record = |slot| RecordId::new(Kind::Person, slot);
/// let nodes = [1, 2, 3].map(|slot| Node { record: record(slot), order: u64::from(slot), source: 0, strong: None });
/// let edges = [Edge { left: record(1), right: record(3), verdict: Positive, origin: Model, weight: 9.0 }];
/// assert_eq!(cluster(&nodes, &edges, &ClusterRules::default()).groups, [vec![record(1), record(3)], vec![record(2)]]);
/// ```
#[must_use]
pub fn cluster(nodes: &[Node], edges: &[Edge], rules: &ClusterRules) -> Clustering {
    fold(nodes, edges, rules, |_| {})
}

/// A positive edge between two groups, and what became of it when its turn came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The record with the smaller id.
    pub left: RecordId,
    /// The record with the larger id.
    pub right: RecordId,
    /// The edge's weight.
    pub weight: f32,
    /// Who judged.
    pub origin: JudgementOrigin,
    /// How many records the groups of the left and of the right record had.
    pub sizes: (usize, usize),
    /// Why the groups were not joined; none when they were.
    pub held: Option<HoldReason>,
}

/// As [`cluster`], with the way there: the edges in the order in which they were looked at.
#[must_use]
pub fn retrace(nodes: &[Node], edges: &[Edge], rules: &ClusterRules) -> (Clustering, Vec<Step>) {
    let mut steps = Vec::new();
    let clustering = fold(nodes, edges, rules, |step| steps.push(step));
    (clustering, steps)
}

fn fold(nodes: &[Node], edges: &[Edge], rules: &ClusterRules, mut each: impl FnMut(Step)) -> Clustering {
    let nodes = distinct(nodes);
    let number: HashMap<RecordId, u32> = nodes.iter().zip(0..).map(|(node, at)| (node.record, at)).collect();
    let edges = known(edges, &number);
    let mut groups = Groups::new(nodes.iter().zip(0..).map(|(node, at)| facts(node, at, rules)).collect());
    let mut held = Vec::new();

    for edge in edges.iter().filter(|edge| edge.is_wall()) {
        groups.forbid(edge.left, edge.right, edge.origin == JudgementOrigin::Steward);
    }
    let mut positive: Vec<&Numbered> = edges.iter().filter(|edge| edge.verdict == Verdict::Positive).collect();
    positive.sort_by(|a, b| {
        let rank = |edge: &Numbered| edge.origin != JudgementOrigin::Steward;
        rank(a).cmp(&rank(b)).then(b.weight.total_cmp(&a.weight)).then((a.left, a.right).cmp(&(b.left, b.right)))
    });
    let links = Links::new(nodes.len(), &edges);
    for edge in positive {
        let (left, right) = (groups.root(edge.left), groups.root(edge.right));
        if left == right {
            continue;
        }
        let objection = objection(&mut groups, left, right, edge.origin, rules, &links).or_else(|| {
            (edge.origin != JudgementOrigin::Steward && links.contested(&mut groups, left, right, edge.weight - rules.margin))
                .then_some(HoldReason::Contested)
        });
        let size = |root: u32| groups.facts(root).members.len();
        let (one, other) = (nodes[edge.left as usize].record, nodes[edge.right as usize].record);
        let (sizes, swapped) = ((size(left), size(right)), one > other);
        each(Step {
            left: one.min(other),
            right: one.max(other),
            weight: edge.weight,
            origin: edge.origin,
            sizes: if swapped { (sizes.1, sizes.0) } else { sizes },
            held: objection,
        });
        match objection {
            None => {
                if edge.origin == JudgementOrigin::Steward {
                    groups.joined_by_steward(left);
                }
                groups.join(left, right);
            }
            Some(reason) => held.push((edge, reason)),
        }
    }

    // What was held early may have been joined later by another way: then there is nothing left to decide.
    held.retain(|(edge, _)| groups.root(edge.left) != groups.root(edge.right));
    let name = |at: u32| nodes[at as usize].record;
    let mut held: Vec<Held> = held
        .into_iter()
        .map(|(edge, reason)| {
            let (left, right) = (name(edge.left).min(name(edge.right)), name(edge.left).max(name(edge.right)));
            Held { left, right, reason, weight: edge.weight }
        })
        .collect();
    held.sort_by_key(|held| (held.left, held.right));
    held.dedup_by_key(|held| (held.left, held.right));
    let mut members: Vec<Vec<RecordId>> = groups.into_members().map(|group| group.into_iter().map(name).collect()).collect();
    members.iter_mut().for_each(|group| group.sort_unstable());
    members.sort_unstable_by_key(|group| group[0]);
    Clustering { groups: members, held }
}

/// The nodes, each record once, numbered by their order: from here on numbers stand for records and break ties.
fn distinct(nodes: &[Node]) -> Vec<Node> {
    let mut nodes = nodes.to_vec();
    nodes.sort_unstable_by_key(|node| (node.order, node.record));
    nodes.dedup_by_key(|node| node.record);
    nodes
}

/// An edge between numbered nodes, `left < right`.
#[derive(Clone, Copy)]
struct Numbered {
    left: u32,
    right: u32,
    verdict: Verdict,
    origin: JudgementOrigin,
    weight: f32,
}

impl Numbered {
    /// Whether it holds whole groups apart.
    fn is_wall(&self) -> bool {
        self.verdict == Verdict::Negative && self.origin != JudgementOrigin::Model
    }
}

fn known(edges: &[Edge], number: &HashMap<RecordId, u32>) -> Vec<Numbered> {
    let numbered = |edge: &Edge| {
        let (left, right) = (*number.get(&edge.left)?, *number.get(&edge.right)?);
        let (left, right) = (left.min(right), left.max(right));
        (left != right).then_some(Numbered { left, right, verdict: edge.verdict, origin: edge.origin, weight: edge.weight })
    };
    edges.iter().filter_map(numbered).collect()
}

fn facts(node: &Node, at: u32, rules: &ClusterRules) -> Facts {
    Facts {
        members: vec![at],
        never: Vec::new(),
        strong: node.strong.into_iter().collect(),
        sources: Some(node.source).filter(|source| rules.duplicate_free.contains(source)).into_iter().collect(),
        by_steward: false,
    }
}

/// What was judged about each pair: its weight, and whether it is positive.
struct Links(Vec<BTreeMap<u32, (f32, bool)>>);

/// What the pairs across two groups say.
struct Across {
    /// The share of the pairs that are positive.
    density: f32,
    /// The sum of the weights of the pairs that were scored, each limited.
    votes: f32,
}

impl Links {
    fn new(count: usize, edges: &[Numbered]) -> Self {
        let mut links = vec![BTreeMap::new(); count];
        for edge in edges {
            let positive = edge.verdict == Verdict::Positive;
            for (from, to) in [(edge.left, edge.right), (edge.right, edge.left)] {
                let known: &mut (f32, bool) = links[from as usize].entry(to).or_insert((f32::NEG_INFINITY, false));
                *known = (known.0.max(edge.weight), known.1 || positive);
            }
        }
        Self(links)
    }

    /// Whether one of two groups is linked by at least `from` with a third one that it could join, and that a rule or another strong
    /// identifier holds apart from the other. What a steward put together is nobody's question: it may hold two that were apart.
    fn contested(&self, groups: &mut Groups, left: u32, right: u32, from: f32) -> bool {
        [(left, right), (right, left)].into_iter().any(|(claimed, claimant)| {
            if groups.facts(claimed).by_steward {
                return false;
            }
            let links = groups.facts(claimed).members.iter().flat_map(|&node| &self.0[node as usize]);
            let rivals: Vec<u32> = links.filter(|(_, (weight, positive))| *positive && *weight >= from).map(|(&other, _)| other).collect();
            rivals.into_iter().any(|rival| {
                let rival = groups.root(rival);
                let is_third = rival != claimed && rival != claimant;
                let is_open = !groups.are_apart(rival, claimed) && !groups.forbidden(rival, claimed, true);
                is_third && is_open && groups.are_apart(rival, claimant)
            })
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "group sizes are small")]
    fn across(&self, left: &Facts, right: &Facts, limit: f32) -> Across {
        let of_right: HashSet<u32> = right.members.iter().copied().collect();
        let (mut linked, mut votes) = (0_usize, 0.0_f64);
        for &node in &left.members {
            for (_, (weight, positive)) in self.0[node as usize].iter().filter(|(other, _)| of_right.contains(other)) {
                linked += usize::from(*positive);
                votes += f64::from(weight.clamp(-limit, limit));
            }
        }
        let pairs = left.members.len() * right.members.len();
        Across { density: linked as f32 / pairs as f32, votes: votes as f32 }
    }
}

/// What stands against joining the groups with these roots, if anything does.
fn objection(
    groups: &mut Groups,
    left: u32,
    right: u32,
    origin: JudgementOrigin,
    rules: &ClusterRules,
    links: &Links,
) -> Option<HoldReason> {
    let of_steward = origin == JudgementOrigin::Steward;
    if groups.forbidden(left, right, of_steward) {
        return Some(HoldReason::CannotLink);
    }
    if of_steward {
        return None;
    }
    let identifiers_conflict = groups.identifiers_conflict(left, right);
    let (left, right) = (groups.facts(left), groups.facts(right));
    if identifiers_conflict {
        return Some(HoldReason::ConflictingIdentifier);
    }
    if !left.sources.is_disjoint(&right.sources) {
        return Some(HoldReason::DuplicateFreeSource);
    }
    if left.members.len() + right.members.len() > rules.max_size {
        return Some(HoldReason::TooLarge);
    }
    if left.members.len() == 1 && right.members.len() == 1 {
        return None;
    }
    let across = links.across(left, right, rules.vote);
    if rules.vote > 0.0 && across.votes < 0.0 {
        return Some(HoldReason::OutVoted);
    }
    let dense = left.members.len().min(right.members.len()) >= rules.bridge_size;
    (dense && across.density < rules.bridge_density).then_some(HoldReason::Bridge)
}

#[cfg(test)]
mod tests;
