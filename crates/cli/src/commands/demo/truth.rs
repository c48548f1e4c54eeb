//! How well were the records matched, when the truth is known?

use std::collections::HashMap;

use jiku_model::{EntityId, Kind, RecordKey};
use jiku_registry::{Actor, Registry, RegistryError};
use serde::{Deserialize, Serialize};

/// Pairs of records that were put together, against those that belong together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Accuracy {
    /// Pairs of records in one entity.
    pub(crate) found: u64,
    /// Pairs of records that truly speak of one.
    pub(crate) true_pairs: u64,
    /// Pairs that are both.
    pub(crate) both: u64,
}

impl Accuracy {
    /// Of the pairs put together, the share that belongs together.
    pub(crate) fn precision(self) -> f64 {
        share(self.both, self.found)
    }

    /// Of the pairs that belong together, the share that was put together.
    pub(crate) fn recall(self) -> f64 {
        share(self.both, self.true_pairs)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of pairs are far below 2^52")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// Which true entity each record speaks of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Truth {
    of_record: HashMap<RecordKey, u64>,
}

impl Truth {
    pub(crate) fn insert(&mut self, key: RecordKey, entity: u64) {
        self.of_record.insert(key, entity);
    }

    /// How many true entities of `kind` the records speak of.
    pub(crate) fn entities(&self, kind: Kind) -> u64 {
        let entities: std::collections::HashSet<u64> = self.of_kind(kind).map(|(_, entity)| entity).collect();
        entities.len() as u64
    }

    fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (&RecordKey, u64)> {
        self.of_record.iter().filter(move |(key, _)| key.kind == kind).map(|(key, entity)| (key, *entity))
    }

    /// Compares with what the registry holds. A record it refused counts as one that stands alone.
    pub(crate) fn compare(&self, registry: &Registry, actor: &Actor, kind: Kind) -> Result<Accuracy, RegistryError> {
        let mut held: HashMap<RecordKey, EntityId> = HashMap::new();
        registry.memberships(actor, kind, &mut |entity, records| {
            held.extend(records.into_iter().map(|record| (record, entity)));
            true
        })?;
        Ok(accuracy(self.of_kind(kind).map(|(key, truth)| (truth, held.get(key).copied()))))
    }
}

/// Counts pairs without looking at pairs: from the sizes of the true entities, of the found ones, and of their overlaps.
fn accuracy<E: Copy + Eq + std::hash::Hash>(records: impl Iterator<Item = (u64, Option<E>)>) -> Accuracy {
    let (mut truths, mut founds, mut overlaps) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (truth, found) in records {
        *truths.entry(truth).or_insert(0_u64) += 1;
        if let Some(found) = found {
            *founds.entry(found).or_insert(0_u64) += 1;
            *overlaps.entry((truth, found)).or_insert(0_u64) += 1;
        }
    }
    let pairs = |size: &u64| size * (size - 1) / 2;
    Accuracy {
        found: founds.values().map(pairs).sum(),
        true_pairs: truths.values().map(pairs).sum(),
        both: overlaps.values().map(pairs).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(records: &[(u64, Option<u64>)], found: u64, true_pairs: u64, both: u64) {
        assert_eq!(accuracy(records.iter().copied()), Accuracy { found, true_pairs, both });
    }

    #[test]
    fn pairs_are_counted_by_overlap() {
        check(&[], 0, 0, 0);
        check(&[(1, Some(7)), (1, Some(7)), (1, Some(7))], 3, 3, 3);
        check(&[(1, Some(7)), (1, Some(8)), (2, Some(8))], 1, 1, 0);
        check(&[(1, Some(7)), (1, None), (2, Some(8))], 0, 1, 0);
    }

    #[test]
    fn without_pairs_nothing_is_wrong() {
        assert_eq!((Accuracy::default().precision(), Accuracy::default().recall()), (1.0, 1.0));
    }
}
