//! Does the model in use explain itself, and does a preview tell what another threshold would do?

use jiku_model::Kind;
use jiku_registry::RegistryError;
use jiku_tests::stores::Database;

use super::support::{actor, incoming, open, province, verified};

jiku_tests::on_both_stores! {
    the_thresholds_in_use_would_change_nothing;
    a_higher_threshold_takes_entities_apart_only_in_the_preview;
    thresholds_below_what_is_kept_are_refused;
}

fn the_thresholds_in_use_would_change_nothing(database: &Database) {
    let registry = open(database);
    registry.ingest(&actor(), province(3, 150, 0, 0).iter().map(incoming).collect()).expect("ingest");
    let model = registry.model(&actor(), Kind::Person).expect("the model");
    assert!(model.comparisons.iter().all(|comparison| !comparison.zh.is_empty() && comparison.levels.len() > 1), "in words");
    assert!(model.thresholds.windows(2).all(|pair| pair[0].linked_pairs >= pair[1].linked_pairs), "a higher threshold links less");
    assert!(model.versions.iter().filter(|version| version.active).count() == 1);
    let preview = registry.preview_thresholds(&actor(), Kind::Person, model.link, None).expect("a preview");
    assert_eq!((preview.changes, preview.entities.0), (0, preview.entities.1), "{preview:?}");
    let waiting = registry.stats().expect("stats").kinds[0].open_reviews;
    assert_eq!(preview.tasks, (waiting, waiting), "the same questions as the queue");
}

fn a_higher_threshold_takes_entities_apart_only_in_the_preview(database: &Database) {
    let registry = open(database);
    registry.ingest(&actor(), province(3, 150, 0, 0).iter().map(incoming).collect()).expect("ingest");
    let position = registry.position();
    let preview = registry.preview_thresholds(&actor(), Kind::Person, 200.0, None).expect("a preview");
    assert!(preview.changes > 0 && preview.entities.1 > preview.entities.0, "{preview:?}");
    assert!(preview.tasks.1 > preview.tasks.0, "what is not linked is asked");
    assert!(preview.examples.iter().all(|example| example.records_after.len() > 1), "each falls apart");
    assert_eq!(registry.position(), position, "nothing was written");
    verified(&registry);
}

fn thresholds_below_what_is_kept_are_refused(database: &Database) {
    let registry = open(database);
    for (link, review) in [(5.0, Some(-5.0)), (1.0, Some(2.0)), (f32::NAN, None)] {
        let answer = registry.preview_thresholds(&actor(), Kind::Person, link, review);
        assert!(matches!(answer, Err(RegistryError::Conflict { code: "threshold-range", .. })), "{link} {review:?}: {answer:?}");
    }
}
