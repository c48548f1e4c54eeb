//! Does every hot query use an index?

use jiku_model::{DecisionId, EntityId, JobId, JudgementId, Kind, TaskId};
use jiku_store::{Backend, DecisionFilter, JobFilter, Plan, Reader, ReviewCursor, ReviewFilter};
use jiku_tests::stores::Database;

use super::samples::{Stored, person, second, uuid};

/// Every query that an answer or a write waits for. Not here: counts and start-up scans, which read everything by nature.
fn hot(reader: &mut Reader<'_>) -> Stored<()> {
    let (entities, records) = ([EntityId(uuid(1)), EntityId(uuid(2))], [person(1), person(2)]);
    let (decision, job, pairs) = (DecisionId(uuid(1)), JobId(uuid(1)), [(person(1), person(2))]);
    let words = ["a".to_owned(), "b".to_owned()];
    reader.record_heads(Kind::Person, 1, &words)?;
    reader.records(&records)?;
    reader.revisions(&records)?;
    reader.last_record(Kind::Person)?;
    reader.entities(&entities)?;
    reader.current_versions(&entities)?;
    reader.versions_as_of(&entities, second(0))?;
    reader.versions_at(&[(entities[0], 1)])?;
    reader.versions(entities[0])?;
    reader.judgements(&[JudgementId(uuid(1))])?;
    reader.judgements_of_records(&records)?;
    reader.judgements_of_pairs(&pairs)?;
    reader.judgements_of_decision(decision)?;
    reader.ledger_of_records(&records)?;
    reader.decisions(&[decision])?;
    reader.decisions_of_entity(entities[0])?;
    reader.decision_page(&DecisionFilter::default(), Some(decision), 10)?;
    reader.decision_page(&DecisionFilter { actor: Some("a".to_owned()), ..DecisionFilter::default() }, None, 10)?;
    reader.decision_counts(decision)?;
    reader.overrides(&[decision])?;
    reader.overrides_of_records(&records)?;
    reader.review_tasks(&[TaskId(uuid(1))])?;
    reader.review_tasks_of_pairs(&pairs)?;
    reader.review_page(&ReviewFilter::default(), None, 10)?;
    reader.review_page(&ReviewFilter::default(), Some(ReviewCursor { priority: 1, id: TaskId(uuid(1)) }), 10)?;
    reader.changes(5, 10)?;
    reader.change_moments(&[1, 5])?;
    reader.last_change()?;
    reader.last_position()?;
    reader.accesses_of_entity(entities[0], None, 10)?;
    reader.accesses(Some(7), 10)?;
    reader.job(job)?;
    reader.jobs(&JobFilter { digest: Some("d".to_owned()), ..JobFilter::default() }, None, 1)?;
    reader.rejections(job, (0, 0), 10)?;
    reader.idempotency_key("a", "b")?;
    reader.principal("a")?;
    reader.usage(20_000)?;
    reader.usage_between(19_970, 20_000)?;
    reader.entities_merged_into(entities[0])?;
    reader.api_key("a")?;
    reader.api_keys("a")?;
    reader.session(&[1])?;
    reader.active_model(Kind::Person)?;
    reader.active_survivorship(Kind::Person)?;
    reader.persons(&entities)?;
    reader.legal_persons(&entities)?;
    reader.parcels(&entities)?;
    reader.relationships_from(&entities)?;
    reader.relationships_to_numbers(&words)?;
    reader.rights_of_parcels(&entities)?;
    reader.lineage_of(&entities)?;
    reader.parcels_by_code(&words)?;
    reader.codes_of_parcels(&entities)?;
    reader.last_code("110105001001GB00000", "110105001001GB99999")?;
    reader.former_parcels(&entities)?;
    reader.former_parcels_by_code(&words).map(|_| ())
}

/// Whether a step reads a whole table or sorts where an index has the order.
fn reads_all(backend: Backend, step: &str) -> bool {
    match backend {
        // "SCAN table USING INDEX" walks an index in its order, which a page with a limit may do.
        Backend::Sqlite => step.starts_with("SCAN") && !step.contains("USING"),
        Backend::Postgres => step.contains("Seq Scan"),
    }
}

jiku_tests::on_both_stores! {
    no_hot_query_reads_a_whole_table;
    pages_of_reviews_are_not_sorted;
}

fn no_hot_query_reads_a_whole_table(database: &Database) {
    let store = database.store();
    let plans = store.explain(hot).unwrap();
    assert!(plans.len() >= 50, "every question sends a statement, got {}", plans.len());
    let bad: Vec<&Plan> = plans.iter().filter(|plan| plan.steps.iter().any(|step| reads_all(store.backend(), step))).collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

fn pages_of_reviews_are_not_sorted(database: &Database) {
    let plans = database.store().explain(|reader| reader.review_page(&ReviewFilter::default(), None, 10).map(|_| ())).unwrap();
    let sorts = |step: &String| step.contains("TEMP B-TREE") || step.contains("Sort");
    assert!(!plans.iter().any(|plan| plan.steps.iter().any(sorts)), "{plans:#?}");
}
