//! Which records share a blocking key, rule by rule?

use rayon::prelude::*;

use super::Records;
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

/// The keys of every record under one rule, and the records of every key.
pub(crate) struct RuleBlocks {
    keys: Keys,
    /// Records sorted by key, then number; `starts` divides them into blocks of two or more.
    members: Vec<u32>,
    starts: Vec<(u64, u32, u32)>,
}

/// A record's keys: one each for most rules.
enum Keys {
    /// 0 is no key.
    One(Vec<u64>),
    Many {
        ends: Vec<u32>,
        keys: Vec<u64>,
    },
}

impl Keys {
    fn of(&self, record: u32) -> &[u64] {
        let at = record as usize;
        match self {
            Self::One(keys) if keys[at] == 0 => &[],
            Self::One(keys) => &keys[at..=at],
            Self::Many { ends, keys } => {
                let start = if at == 0 { 0 } else { ends[at - 1] };
                &keys[start as usize..ends[at] as usize]
            }
        }
    }
}

/// The blocks of all rules.
pub(crate) struct Blocks {
    pub(crate) rules: Vec<RuleBlocks>,
    pub(crate) report: BlockingReport,
}

/// How many of the largest blocks are told.
const LARGEST: usize = 10;

impl Blocks {
    /// Finds the blocks of every rule.
    pub(crate) fn new(model: &Model, records: &Records) -> Self {
        let file = model.file();
        let found: Vec<(RuleBlocks, RuleReport)> = model
            .rules
            .iter()
            .zip(&file.blocking)
            .map(|(rule, written)| {
                let mut report = RuleReport { name: written.name.clone(), key: written.key.clone(), ..RuleReport::default() };
                (RuleBlocks::new(rule, model, records, file.max_block, &mut report), report)
            })
            .collect();
        let (rules, reports) = found.into_iter().unzip();
        let count = u64::from(records.len());
        Self { rules, report: BlockingReport { rules: reports, possible: count * count.saturating_sub(1) / 2 } }
    }

    /// Whether a pair of rule `rule` within the block of `key` is met here for the first time: no earlier rule has the
    /// pair, and no smaller common key of this rule.
    pub(crate) fn is_first(&self, rule: usize, key: u64, left: u32, right: u32) -> bool {
        self.rules[..rule].iter().all(|earlier| earlier.smallest_common(left, right).is_none())
            && (matches!(self.rules[rule].keys, Keys::One(_)) || self.rules[rule].smallest_common(left, right) == Some(key))
    }
}

impl RuleBlocks {
    fn new(rule: &KeyRule, model: &Model, records: &Records, max_block: usize, report: &mut RuleReport) -> Self {
        let keys_of = |record: u32| rule.keys(records.lexicon(), &model.dictionary_of, records.row(record));
        let mut entries: Vec<(u64, u32)> = (0..records.len())
            .into_par_iter()
            .with_min_len(4096)
            .flat_map_iter(|record| keys_of(record).into_iter().map(move |key| (key.max(1), record)))
            .collect();
        entries.par_sort_unstable();
        let mut kept: Vec<(u64, u32)> = Vec::with_capacity(entries.len());
        let mut hot: Vec<(u64, u32)> = Vec::new();
        for block in entries.chunk_by(|a, b| a.0 == b.0) {
            if block.len() <= max_block {
                kept.extend_from_slice(block);
                continue;
            }
            let before = hot.len();
            for (key, record) in block {
                let refined = rule.refined(*key, records.lexicon(), &model.dictionary_of, records.row(*record));
                hot.extend(refined.into_iter().map(|key| (key.max(1), *record)));
            }
            if hot.len() == before {
                report.dropped += 1;
                report.dropped_records += u32::try_from(block.len()).unwrap_or(u32::MAX);
            } else {
                report.refined += 1;
            }
        }
        drop(entries);
        hot.par_sort_unstable();
        for block in hot.chunk_by(|a, b| a.0 == b.0) {
            if block.len() <= max_block {
                kept.extend_from_slice(block);
            } else {
                report.dropped += 1;
                report.dropped_records += u32::try_from(block.len()).unwrap_or(u32::MAX);
            }
        }
        if !hot.is_empty() {
            kept.par_sort_unstable();
            kept.dedup();
        }
        Self::from_entries(&kept, records.len(), report)
    }

    fn from_entries(entries: &[(u64, u32)], count: u32, report: &mut RuleReport) -> Self {
        let mut starts = Vec::new();
        let members: Vec<u32> = entries.iter().map(|(_, record)| *record).collect();
        let mut start = 0_u32;
        for block in entries.chunk_by(|a, b| a.0 == b.0) {
            let size = u32::try_from(block.len()).expect("a block has fewer than 2^32 records");
            if size > 1 {
                starts.push((block[0].0, start, start + size));
                report.pairs += u64::from(size) * u64::from(size - 1) / 2;
                report.largest.push(size);
                if report.largest.len() > 64 * LARGEST {
                    keep_largest(&mut report.largest);
                }
            }
            start += size;
        }
        keep_largest(&mut report.largest);
        Self { keys: keys_of_records(entries, count), members, starts }
    }

    /// The smallest key two records have in common.
    fn smallest_common(&self, left: u32, right: u32) -> Option<u64> {
        match &self.keys {
            Keys::One(keys) => {
                let key = keys[left as usize];
                (key != 0 && key == keys[right as usize]).then_some(key)
            }
            keys @ Keys::Many { .. } => {
                let right = keys.of(right);
                keys.of(left).iter().copied().find(|key| right.contains(key))
            }
        }
    }

    /// The blocks of two records or more: key and records.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = (u64, &[u32])> {
        self.starts.iter().map(|(key, start, end)| (*key, &self.members[*start as usize..*end as usize]))
    }
}

fn keep_largest(sizes: &mut Vec<u32>) {
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    sizes.truncate(LARGEST);
}

/// The keys by record, from entries sorted by key.
fn keys_of_records(entries: &[(u64, u32)], count: u32) -> Keys {
    let mut ends = vec![0_u32; count as usize];
    entries.iter().for_each(|(_, record)| ends[*record as usize] += 1);
    if ends.iter().all(|number| *number <= 1) {
        let mut keys = vec![0; count as usize];
        entries.iter().for_each(|(key, record)| keys[*record as usize] = *key);
        return Keys::One(keys);
    }
    let mut next = 0;
    let mut place: Vec<u32> = ends
        .iter_mut()
        .map(|number| {
            let start = next;
            next += *number;
            *number = next;
            start
        })
        .collect();
    // Entries come sorted by key, so each record's keys are sorted too.
    let mut keys = vec![0; entries.len()];
    for (key, record) in entries {
        let at = &mut place[*record as usize];
        keys[*at as usize] = *key;
        *at += 1;
    }
    Keys::Many { ends, keys }
}
