//! Are judgements, decisions, review tasks and overrides appended, retracted and found?

use jiku_model::{DecisionId, EntityId, JudgementOrigin, Kind};
use jiku_store::{DecisionEntityRow, OverrideRow, ReviewCursor, ReviewFilter, StoreError, TaskState};
use jiku_tests::stores::Database;

use super::samples::{Stored, decision, judgement, person, second, task, uuid};

jiku_tests::on_both_stores! {
    judgements_are_found_by_record_by_pair_and_by_decision;
    a_retracted_judgement_stays_in_the_ledger_but_is_not_live;
    the_model_has_one_live_judgement_on_a_pair_and_stewards_as_many_as_they_make;
    a_decision_is_found_by_what_it_touched_and_undone_once;
    review_pages_go_by_urgency_and_meet_every_task_once;
    a_pair_has_one_review_task_for_ever;
    an_override_holds_until_it_is_released;
}

fn judgements_are_found_by_record_by_pair_and_by_decision(database: &Database) {
    let store = database.store();
    let rows = [
        judgement(1, 1, 2, JudgementOrigin::Model, 100),
        judgement(2, 2, 3, JudgementOrigin::Steward, 200),
        judgement(3, 1, 3, JudgementOrigin::Steward, 200),
        judgement(4, 4, 5, JudgementOrigin::Model, 100),
    ];
    store.write(|writer| -> Stored<()> { writer.insert_judgements(&rows) }).unwrap();
    store
        .read(|reader| -> Stored<()> {
            assert_eq!(reader.judgements(&[rows[3].id])?, rows[3..]);
            assert_eq!(reader.judgements_of_records(&[person(2), person(1)])?, rows[..3]);
            assert_eq!(reader.judgements_of_pairs(&[(person(1), person(2)), (person(2), person(3))])?, rows[..2]);
            assert_eq!(reader.judgements_of_decision(DecisionId(uuid(200)))?, rows[1..3]);
            Ok(())
        })
        .unwrap();
}

fn a_retracted_judgement_stays_in_the_ledger_but_is_not_live(database: &Database) {
    let store = database.store();
    let rows = [
        judgement(1, 1, 2, JudgementOrigin::Model, 100),
        judgement(2, 1, 2, JudgementOrigin::Steward, 200),
        judgement(3, 1, 3, JudgementOrigin::Steward, 201),
    ];
    let undo = DecisionId(uuid(300));
    store.write(|writer| -> Stored<()> { writer.insert_judgements(&rows) }).unwrap();
    let live = || {
        store
            .read(|reader| -> Stored<_> {
                let mut seen = Vec::new();
                reader.scan_ledger(&mut |chunk| seen.extend(chunk.into_iter().map(|entry| entry.id)))?;
                assert_eq!(seen, reader.ledger_of_records(&[person(1)])?.into_iter().map(|entry| entry.id).collect::<Vec<_>>());
                Ok(seen)
            })
            .unwrap()
    };
    assert_eq!(live(), [rows[0].id, rows[1].id, rows[2].id]);
    assert_eq!(store.write(|writer| -> Stored<_> { writer.retract_decision(DecisionId(uuid(200)), undo) }).unwrap(), 1);
    assert_eq!(live(), [rows[0].id, rows[2].id]);
    assert_eq!(store.write(|writer| -> Stored<_> { writer.retract_decision(DecisionId(uuid(200)), undo) }).unwrap(), 0);
    assert_eq!(store.write(|writer| -> Stored<_> { writer.retract_of_records(&[person(2)], undo) }).unwrap(), 1);
    assert_eq!(live(), [rows[2].id]);
    assert_eq!(store.write(|writer| -> Stored<_> { writer.retract_judgements(&[rows[2].id], undo) }).unwrap(), 1);
    assert_eq!(live(), []);
    let all = store.read(|reader| -> Stored<_> { reader.judgements_of_records(&[person(1)]) }).unwrap();
    assert!(all.len() == 3 && all.iter().all(|row| row.retracted_by == Some(undo)), "{all:?}");
}

fn the_model_has_one_live_judgement_on_a_pair_and_stewards_as_many_as_they_make(database: &Database) {
    let store = database.store();
    store
        .write(|writer| -> Stored<()> {
            writer.insert_judgements(&[
                judgement(1, 1, 2, JudgementOrigin::Model, 100),
                judgement(2, 1, 2, JudgementOrigin::Steward, 200),
                judgement(3, 1, 2, JudgementOrigin::Steward, 201),
            ])
        })
        .unwrap();
    let again = store.write(|writer| -> Stored<()> { writer.insert_judgements(&[judgement(4, 1, 2, JudgementOrigin::Model, 101)]) });
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    let swapped = store.write(|writer| -> Stored<()> { writer.insert_judgements(&[judgement(5, 3, 2, JudgementOrigin::Steward, 101)]) });
    assert!(matches!(swapped, Err(StoreError::Conflict(_))), "left must be the smaller: {swapped:?}");
    store
        .write(|writer| -> Stored<()> {
            writer.retract_of_records(&[person(1)], DecisionId(uuid(9)))?;
            writer.insert_judgements(&[judgement(4, 1, 2, JudgementOrigin::Model, 101)])
        })
        .unwrap();
}

fn a_decision_is_found_by_what_it_touched_and_undone_once(database: &Database) {
    let store = database.store();
    let entity = EntityId(uuid(50));
    store
        .write(|writer| -> Stored<()> {
            writer.insert_decisions(&[decision(1), decision(2)], &[DecisionEntityRow { entity, decision: decision(2).id }])
        })
        .unwrap();
    store
        .read(|reader| -> Stored<()> {
            assert_eq!(reader.decisions(&[decision(1).id])?, [decision(1)]);
            assert_eq!(reader.decisions_of_entity(entity)?, [decision(2)]);
            assert_eq!(reader.entities_of_decision(decision(2).id)?, [entity]);
            Ok(())
        })
        .unwrap();
    let undo = || store.write(|writer| -> Stored<_> { writer.mark_undone(decision(2).id, decision(1).id) }).unwrap();
    assert_eq!((undo(), undo()), (true, false));
}

fn review_pages_go_by_urgency_and_meet_every_task_once(database: &Database) {
    let store = database.store();
    let tasks: Vec<_> = (0..23).map(|number| task(u64::from(number), number, number + 1, (number % 4).cast_signed())).collect();
    store.write(|writer| -> Stored<()> { writer.put_review_tasks(&tasks) }).unwrap();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store
            .read(|reader| -> Stored<_> {
                reader.review_page(&ReviewFilter { kind: Some(Kind::Person), ..ReviewFilter::default() }, after, 5)
            })
            .unwrap();
        let Some(last) = page.last() else { break };
        after = Some(ReviewCursor { priority: last.priority, id: last.id });
        seen.extend(page);
    }
    let mut expected = tasks.clone();
    expected.sort_by_key(|task| (-task.priority, task.id));
    assert_eq!(seen, expected);
    let none = store
        .read(|reader| -> Stored<_> {
            reader.review_page(&ReviewFilter { reason: Some("bridge".to_owned()), ..ReviewFilter::default() }, None, 5)
        })
        .unwrap();
    assert_eq!(none, []);
}

fn a_pair_has_one_review_task_for_ever(database: &Database) {
    let store = database.store();
    store.write(|writer| -> Stored<()> { writer.put_review_tasks(&[task(1, 1, 2, 0), task(2, 1, 3, 0)]) }).unwrap();
    let closed = jiku_store::ReviewTaskRow { state: TaskState::Closed, closed_at: Some(second(4)), ..task(1, 1, 2, 0) };
    store.write(|writer| -> Stored<()> { writer.put_review_tasks(std::slice::from_ref(&closed)) }).unwrap();
    let found =
        store.read(|reader| -> Stored<_> { reader.review_tasks_of_pairs(&[(person(1), person(2)), (person(2), person(3))]) }).unwrap();
    assert_eq!(found, [closed]);
    let second_task = store.write(|writer| -> Stored<()> { writer.put_review_tasks(&[task(9, 1, 2, 0)]) });
    assert!(matches!(second_task, Err(StoreError::Conflict(_))), "{second_task:?}");
    let counts = store.read(|reader| -> Stored<_> { reader.review_counts() }).unwrap();
    assert_eq!(counts.iter().map(|count| (count.state, count.count)).collect::<Vec<_>>(), [(TaskState::Closed, 1), (TaskState::Open, 1)]);
}

fn an_override_holds_until_it_is_released(database: &Database) {
    let store = database.store();
    let row = OverrideRow {
        decision: DecisionId(uuid(1)),
        record: person(1),
        column_name: "name".to_owned(),
        value: Some("张伟".to_owned()),
        actor: "wang".to_owned(),
        reason: "seen the document".to_owned(),
        at: second(1),
        released_at: None,
        released_by: None,
    };
    store.write(|writer| -> Stored<()> { writer.insert_overrides(std::slice::from_ref(&row)) }).unwrap();
    let live = || store.read(|reader| -> Stored<_> { reader.live_overrides() }).unwrap();
    assert_eq!(live(), std::slice::from_ref(&row));
    let release =
        || store.write(|writer| -> Stored<_> { writer.release_overrides(&[row.decision], DecisionId(uuid(2)), second(3)) }).unwrap();
    assert_eq!((release(), release()), (1, 0));
    assert_eq!(live(), []);
    let kept = store.read(|reader| -> Stored<_> { reader.overrides_of_records(&[person(1)]) }).unwrap();
    assert_eq!(kept[0].released_at, Some(second(3)));
}
