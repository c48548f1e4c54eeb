//! Which nodes are together so far, and what does each group hold?

use std::collections::BTreeSet;

/// A union-find over dense node numbers; each root carries what the constraints look at.
pub(crate) struct Groups {
    parent: Vec<u32>,
    facts: Vec<Facts>,
}

/// A node that must not be in a group.
#[derive(Clone, Copy)]
pub(crate) struct Wall {
    node: u32,
    /// A steward says so, whom nothing overrules.
    firm: bool,
}

/// What a group holds.
#[derive(Clone, Default)]
pub(crate) struct Facts {
    /// Its nodes.
    pub(crate) members: Vec<u32>,
    /// Nodes that must not be in this group.
    pub(crate) never: Vec<Wall>,
    /// The different strong identifiers of its members.
    pub(crate) strong: BTreeSet<u64>,
    /// The duplicate-free sources its members come from.
    pub(crate) sources: BTreeSet<u16>,
    /// A steward joined some of its members.
    pub(crate) by_steward: bool,
}

impl Groups {
    /// Every node alone.
    pub(crate) fn new(facts: Vec<Facts>) -> Self {
        let count = u32::try_from(facts.len()).expect("a component has fewer than 2^32 records");
        Self { parent: (0..count).collect(), facts }
    }

    /// The root of the group of `node`.
    pub(crate) fn root(&mut self, node: u32) -> u32 {
        let mut at = node;
        while self.parent[at as usize] != at {
            let up = self.parent[self.parent[at as usize] as usize];
            self.parent[at as usize] = up;
            at = up;
        }
        at
    }

    /// What the group with this root holds.
    pub(crate) fn facts(&self, root: u32) -> &Facts {
        &self.facts[root as usize]
    }

    /// Forbids the two nodes to share a group.
    pub(crate) fn forbid(&mut self, left: u32, right: u32, firm: bool) {
        let (left_root, right_root) = (self.root(left), self.root(right));
        self.facts[left_root as usize].never.push(Wall { node: right, firm });
        self.facts[right_root as usize].never.push(Wall { node: left, firm });
    }

    /// Whether a cannot-link holds the two groups apart; with `firm`, one of a steward.
    pub(crate) fn forbidden(&mut self, left: u32, right: u32, firm: bool) -> bool {
        self.is_walled(left, right, |wall| wall.firm || !firm)
    }

    fn is_walled(&mut self, left: u32, right: u32, counts: impl Fn(Wall) -> bool) -> bool {
        let (scan, other) = if self.facts(left).never.len() <= self.facts(right).never.len() { (left, right) } else { (right, left) };
        (0..self.facts(scan).never.len()).any(|at| {
            let wall = self.facts(scan).never[at];
            counts(wall) && self.root(wall.node) == other
        })
    }

    /// Whether each of the two groups holds a strong identifier that the other does not.
    pub(crate) fn identifiers_conflict(&self, left: u32, right: u32) -> bool {
        let (left, right) = (&self.facts(left).strong, &self.facts(right).strong);
        !left.is_subset(right) && !right.is_subset(left)
    }

    /// Whether the two groups hold different strong identifiers, or a rule that no steward made holds them apart.
    pub(crate) fn are_apart(&mut self, left: u32, right: u32) -> bool {
        self.identifiers_conflict(left, right) || self.is_walled(left, right, |wall| !wall.firm)
    }

    /// Joins two groups given by their roots.
    pub(crate) fn join(&mut self, left: u32, right: u32) {
        let (small, large) = if self.facts(left).members.len() <= self.facts(right).members.len() { (left, right) } else { (right, left) };
        let taken = std::mem::take(&mut self.facts[small as usize]);
        self.parent[small as usize] = large;
        let facts = &mut self.facts[large as usize];
        facts.members.extend(taken.members);
        facts.never.extend(taken.never);
        facts.strong.extend(taken.strong);
        facts.sources.extend(taken.sources);
        facts.by_steward |= taken.by_steward;
    }

    /// Notes that a steward joined members of the group with this root.
    pub(crate) fn joined_by_steward(&mut self, root: u32) {
        self.facts[root as usize].by_steward = true;
    }

    /// The members of every group that has any.
    pub(crate) fn into_members(self) -> impl Iterator<Item = Vec<u32>> {
        self.facts.into_iter().map(|facts| facts.members).filter(|members| !members.is_empty())
    }
}
