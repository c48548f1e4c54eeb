//! Which records share a blocking key, rule by rule?

use rayon::prelude::*;
use smallvec::SmallVec;

use super::Records;
use super::keys::{ValueHashes, sort_by_key};
use crate::blocking::KeyRule;
use crate::model::Model;

/// What blocking found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BlockingReport {
    /// One per rule, in the model's order.
    pub rules: Vec<RuleReport>,
    /// All pairs there are.
    pub possible: u64,
}

/// What one blocking rule found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleReport {
    /// The rule's name.
    pub name: String,
    /// Its key.
    pub key: String,
    /// Pairs with an equal key.
    pub pairs: u64,
    /// Pairs that no earlier rule had.
    pub new_pairs: u64,
    /// The sizes of the largest blocks, largest first.
    pub largest: Vec<u32>,
    /// Hot blocks split by the rule's `refine`.
    pub refined: u32,
    /// Hot blocks that could not be split and were left out.
    pub dropped: u32,
    /// Records in blocks that were left out.
    pub dropped_records: u32,
}

/// The records that share a key, by rule: the candidates that training looks at and that are scored.
///
/// It depends on the blocking rules of the model only, so that a model that was fitted by it can use it too.
#[derive(Default)]
pub struct Blocking {
    pub(crate) rules: Vec<RuleBlocks>,
    pub(crate) report: BlockingReport,
    /// The block of each record under each rule, record after record: numbered from 1, 0 is none. With [`SEVERAL`] it is
    /// the first of several, which are all in the rule's `several`.
    blocks: Vec<u32>,
    /// How many numbers a record has in `blocks`.
    width: usize,
}

/// How many of the pairs that ought to be found are candidates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// The pairs asked for.
    pub pairs: u64,
    /// What each rule has of them, in the model's order.
    pub rules: Vec<RuleReach>,
}

/// What one blocking rule has of the pairs that ought to be found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleReach {
    /// Pairs with an equal key.
    pub pairs: u64,
    /// Of these, the pairs that no earlier rule has.
    pub new: u64,
    /// Of these, the pairs that no other rule has: what would be lost without this one.
    pub alone: u64,
}

/// Marks a record that is in several blocks of one rule.
const SEVERAL: u32 = 1 << 31;

/// The blocks of one rule, numbered from 1 in the order of their first records.
pub(crate) struct RuleBlocks {
    keys: Vec<u64>,
    ends: Vec<u32>,
    /// The records of all blocks, ascending in each.
    members: Vec<u32>,
    /// Records and their blocks, where they are in several.
    several: Vec<(u32, u32)>,
}

/// How many of the largest blocks are told.
const LARGEST: usize = 10;

/// How many numbers are compared at a time when two records are asked for a common block.
const LANES: usize = 4;

impl Blocking {
    /// Finds the blocks of every rule.
    #[must_use]
    pub fn new(model: &Model, records: &Records) -> Self {
        let hashes = ValueHashes::new(model, records);
        let found: Vec<(RuleBlocks, Vec<u32>, RuleReport)> = model
            .rules
            .par_iter()
            .zip(&model.file().blocking)
            .with_max_len(1)
            .map(|(rule, written)| {
                let mut report = RuleReport { name: written.name.clone(), key: written.key.clone(), ..RuleReport::default() };
                let entries = kept(rule, model, records, hashes.keys(rule, model, records), &mut report);
                let (blocks, of_records) = RuleBlocks::new(&entries, records.len(), &mut report);
                (blocks, of_records, report)
            })
            .collect();
        let width = found.len().next_multiple_of(LANES);
        let mut blocks = vec![0; records.len() as usize * width];
        blocks.par_chunks_mut(width.max(1)).with_min_len(4096).enumerate().for_each(|(record, row)| {
            row.iter_mut().zip(&found).for_each(|(block, (_, of_records, _))| *block = of_records[record]);
        });
        let (rules, reports) = found.into_iter().map(|(blocks, _, report)| (blocks, report)).unzip();
        let count = u64::from(records.len());
        Self { rules, report: BlockingReport { rules: reports, possible: count * count.saturating_sub(1) / 2 }, blocks, width }
    }

    fn of(&self, record: u32) -> &[u32] {
        &self.blocks[record as usize * self.width..(record as usize + 1) * self.width]
    }

    /// Whether a pair of rule `rule` within block `block` is met here for the first time: no earlier rule has the pair, and no
    /// earlier block of this rule.
    pub(crate) fn is_first(&self, rule: usize, block: u32, left: u32, right: u32) -> bool {
        let (lefts, rights) = (self.of(left), self.of(right));
        let (mut common, mut marks) = (false, 0);
        for (left, right) in lefts[..rule].iter().zip(&rights[..rule]) {
            common |= left == right && *left != 0;
            marks |= left | right;
        }
        if common {
            return false;
        }
        if marks & SEVERAL != 0 && (0..rule).any(|earlier| self.first_common(earlier, left, right).is_some()) {
            return false;
        }
        (lefts[rule] | rights[rule]) & SEVERAL == 0 || self.first_common(rule, left, right) == Some(block)
    }

    /// How many of these pairs each rule reaches: blocking recall, when they are the true ones.
    #[must_use]
    pub fn reach(&self, pairs: impl IntoIterator<Item = (u32, u32)>) -> Reach {
        let mut reach = Reach { pairs: 0, rules: vec![RuleReach::default(); self.rules.len()] };
        for (left, right) in pairs {
            reach.pairs += 1;
            let having: Vec<usize> = (0..self.rules.len()).filter(|rule| self.first_common(*rule, left, right).is_some()).collect();
            having.iter().for_each(|rule| reach.rules[*rule].pairs += 1);
            if let Some(first) = having.first() {
                reach.rules[*first].new += 1;
                reach.rules[*first].alone += u64::from(having.len() == 1);
            }
        }
        reach
    }

    /// How many of the pairs within these groups any rule reaches, and how many pairs there are; of two files only pairs across count, with
    /// `left_count` as [`crate::score_pairs`] has it.
    #[must_use]
    pub fn reached(&self, groups: &[Vec<u32>], left_count: Option<u32>) -> (u64, u64) {
        let crosses = |left: u32, right: u32| left_count.is_none_or(|count| (left < count) != (right < count));
        let of_group = |group: &Vec<u32>| {
            let (mut reached, mut all) = (0_u64, 0_u64);
            super::each_pair(group, |left, right| {
                if crosses(left, right) {
                    all += 1;
                    reached += u64::from((0..self.rules.len()).any(|rule| self.first_common(rule, left, right).is_some()));
                }
            });
            (reached, all)
        };
        groups.par_iter().with_min_len(256).map(of_group).reduce(|| (0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1))
    }

    /// The first block of a rule that has both records.
    fn first_common(&self, rule: usize, left: u32, right: u32) -> Option<u32> {
        let blocks = &self.rules[rule];
        let (lefts, rights) = (blocks.all_of(left, self.of(left)[rule]), blocks.all_of(right, self.of(right)[rule]));
        lefts.into_iter().find(|block| rights.contains(block))
    }
}

/// The entries of a rule in blocks that are compared, sorted by key and record: blocks of one record are left out, hot ones
/// split or dropped.
fn kept(rule: &KeyRule, model: &Model, records: &Records, entries: Vec<(u64, u32)>, report: &mut RuleReport) -> Vec<(u64, u32)> {
    let max_block = model.file().max_block;
    let whole = rule.largest_whole(max_block);
    let mut dropped = |block: &[(u64, u32)]| {
        report.dropped += 1;
        report.dropped_records += u32::try_from(block.len()).unwrap_or(u32::MAX);
    };
    let mut entries = sort_by_key(entries);
    let mut hot: Vec<(u64, u32)> = Vec::new();
    let (mut split, mut end, mut start) = (0, 0, 0);
    while start < entries.len() {
        let size = entries[start..].iter().take_while(|(key, _)| *key == entries[start].0).count();
        let block = start..start + size;
        start += size;
        let before = hot.len();
        if size > whole && rule.has_refine() {
            for (key, record) in &entries[block.clone()] {
                let refined = rule.refined(*key, records.lexicon(), &model.dictionary_of, records.row(*record));
                hot.extend(refined.into_iter().map(|key| (key.max(1), *record)));
            }
        }
        if hot.len() > before {
            split += 1;
        } else if size > max_block {
            dropped(&entries[block]);
        } else if size > 1 {
            entries.copy_within(block, end);
            end += size;
        }
    }
    entries.truncate(end);
    let hot = sort_by_key(hot);
    for block in hot.chunk_by(|a, b| a.0 == b.0) {
        match block.len() {
            1 => {}
            size if size > max_block => dropped(block),
            _ => entries.extend_from_slice(block),
        }
    }
    if entries.len() > end {
        entries.sort_unstable();
        entries.dedup();
    }
    report.refined = split;
    entries
}

impl RuleBlocks {
    /// The blocks of sorted entries, and the block of each record.
    fn new(entries: &[(u64, u32)], count: u32, report: &mut RuleReport) -> (Self, Vec<u32>) {
        let number = |length: usize| u32::try_from(length).expect("a rule has fewer than 2^32 entries");
        let mut order: Vec<(u32, u32)> = Vec::new();
        let mut at = 0;
        for block in entries.chunk_by(|a, b| a.0 == b.0) {
            order.push((block[0].1, number(at)));
            report.largest.push(number(block.len()));
            at += block.len();
            let size = block.len() as u64;
            report.pairs += size * (size - 1) / 2;
            if report.largest.len() > 64 * LARGEST {
                keep_largest(&mut report.largest);
            }
        }
        keep_largest(&mut report.largest);
        // Blocks whose records lie near each other are scored one after the other.
        order.sort_unstable();
        let mut blocks =
            Self { keys: Vec::with_capacity(order.len()), ends: Vec::with_capacity(order.len()), members: Vec::new(), several: Vec::new() };
        blocks.members.reserve_exact(entries.len());
        let mut of_records = vec![0; count as usize];
        for ((_, start), block) in order.into_iter().zip(1..) {
            let key = entries[start as usize].0;
            for (_, record) in entries[start as usize..].iter().take_while(|(other, _)| *other == key) {
                blocks.members.push(*record);
                let of = &mut of_records[*record as usize];
                match *of {
                    0 => *of = block,
                    first => {
                        if first & SEVERAL == 0 {
                            blocks.several.push((*record, first));
                            *of |= SEVERAL;
                        }
                        blocks.several.push((*record, block));
                    }
                }
            }
            blocks.keys.push(key);
            blocks.ends.push(number(blocks.members.len()));
        }
        blocks.several.sort_unstable();
        (blocks, of_records)
    }

    /// All blocks of a record whose stored number is `first`.
    fn all_of(&self, record: u32, first: u32) -> SmallVec<[u32; 2]> {
        if first & SEVERAL == 0 {
            return (first != 0).then_some(first).into_iter().collect();
        }
        let start = self.several.partition_point(|(other, _)| *other < record);
        self.several[start..].iter().take_while(|(other, _)| *other == record).map(|(_, block)| *block).collect()
    }

    /// The blocks: number, key and records.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = Block<'_>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let members = |(start, end): (u32, &u32)| &self.members[start as usize..*end as usize];
        starts.zip(&self.ends).map(members).zip(&self.keys).zip(1..).map(|((members, key), number)| Block { number, key: *key, members })
    }
}

/// Records that share a key.
#[derive(Clone, Copy)]
pub(crate) struct Block<'a> {
    pub(crate) number: u32,
    pub(crate) key: u64,
    pub(crate) members: &'a [u32],
}

fn keep_largest(sizes: &mut Vec<u32>) {
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    sizes.truncate(LARGEST);
}
