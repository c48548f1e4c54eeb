//! What happens to records that come, change and go?

use jiku_registry::RowStatus;
use jiku_tests::stores::Database;

use super::support::{actor, incoming, open, province, verified};

jiku_tests::on_both_stores! {
    a_province_goes_in_and_sending_it_again_changes_nothing;
}

fn a_province_goes_in_and_sending_it_again_changes_nothing(database: &Database) {
    let registry = open(database);
    let records: Vec<_> = province(1, 300, 40, 60).iter().map(incoming).collect();
    let outcomes = registry.ingest(&actor(), records.clone()).expect("ingest");
    let count = |status| outcomes.iter().filter(|outcome| outcome.status == status).count();
    eprintln!("{} rows, {} created, {} rejected", outcomes.len(), count(RowStatus::Created), count(RowStatus::Rejected));
    for outcome in outcomes.iter().filter(|o| o.status==RowStatus::Rejected).take(5) { eprintln!("{:?}", outcome); }
    eprintln!("{:#?}", registry.stats().unwrap());
    let position = registry.position();
    let again = registry.ingest(&actor(), records).expect("ingest");
    assert!(again.iter().all(|outcome| matches!(outcome.status, RowStatus::Unchanged | RowStatus::Rejected)));
    assert_eq!(registry.position(), position);
    verified(&registry);
}
