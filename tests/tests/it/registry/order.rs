//! Does the order in which records come matter? (Promise 6.)

use std::collections::{BTreeMap, BTreeSet};

use jiku_model::{EntityId, Kind};
use jiku_registry::{Incoming, Registry};
use jiku_tests::stores::Database;

use super::support::{actor, incoming, open, province, verified};

jiku_tests::on_both_stores! {
    records_in_any_order_with_resends_and_withdrawals_give_the_same_clusters;
}

/// The clusters as sets of outside names.
fn clusters(registry: &Registry, records: &[Incoming]) -> BTreeSet<Vec<String>> {
    let mut members: BTreeMap<EntityId, Vec<String>> = BTreeMap::new();
    for record in records {
        let view = registry.crosswalk(&actor(), &record.key).expect("a known record");
        if !view.withdrawn {
            members.entry(view.entity).or_default().push(format!("{}/{}", record.key.source, record.key.key));
        }
    }
    members
        .into_values()
        .map(|mut keys| {
            keys.sort();
            keys
        })
        .collect()
}

/// A shuffle that needs no random numbers but these.
fn shuffled(records: &[Incoming], seed: u64) -> Vec<Incoming> {
    let mut keyed: Vec<(u64, &Incoming)> =
        records.iter().map(|record| (record.key.order().wrapping_mul(2 * seed + 1).rotate_left(17) ^ seed, record)).collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, record)| record.clone()).collect()
}

fn records_in_any_order_with_resends_and_withdrawals_give_the_same_clusters(database: &Database) {
    let people: Vec<Incoming> = province(11, 120, 15, 0).iter().map(incoming).collect();
    let withdrawn: Vec<_> = people.iter().step_by(9).map(|record| record.key.clone()).collect();
    let registry = open(database);
    registry.ingest(&actor(), people.clone()).expect("ingest");
    for key in &withdrawn {
        registry.withdraw(&actor(), key).expect("withdraw");
    }
    let expected = clusters(&registry, &people);
    verified(&registry);
    for seed in 1..3 {
        let other = Database::sqlite();
        let registry = open(&other);
        for piece in shuffled(&people, seed).chunks(37) {
            let first = piece[0].clone();
            // Another record's content under this key for a while, a withdrawal that is taken back, and a re-send.
            let disguised = Incoming { raw: piece[piece.len() - 1].raw.clone(), ..first.clone() };
            let same_kind = piece[piece.len() - 1].key.kind == first.key.kind;
            if same_kind {
                registry.ingest(&actor(), vec![disguised]).expect("ingest");
            }
            registry.ingest(&actor(), piece.to_vec()).expect("ingest");
            registry.withdraw(&actor(), &first.key).expect("withdraw");
            registry.ingest(&actor(), vec![first]).expect("ingest");
        }
        for key in &withdrawn {
            registry.withdraw(&actor(), key).expect("withdraw");
        }
        assert_eq!(clusters(&registry, &people), expected, "seed {seed}");
        assert!(people.iter().any(|record| record.key.kind == Kind::LegalPerson));
        verified(&registry);
    }
}
