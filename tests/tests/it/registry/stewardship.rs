//! What do stewards decide, and can it be taken back?

use std::collections::BTreeMap;

use jiku_model::{EntityId, Kind, Verdict};
use jiku_registry::{DecisionKind, EntityState, Expected, RegistryError, ReviewFilter, ReviewState, Unmerge};
use jiku_tests::stores::Database;

use super::support::{actor, crosswalk, entity, find, key, li, open, person, picture, take, verified, wang, zhang};

jiku_tests::on_both_stores! {
    a_merge_is_previewed_done_and_undone_without_a_trace_in_what_is_seen;
    merges_are_undone_in_any_order_and_later_records_are_kept;
    what_cannot_be_merged_is_refused;
    a_stale_version_is_refused;
    chosen_records_are_split_off_and_stay_apart;
    a_review_task_is_judged_and_the_judgement_undone;
    a_value_set_by_hand_sticks_until_it_is_released;
}

const PERSON: Kind = Kind::Person;

fn three(database: &Database) -> (jiku_registry::Registry, [EntityId; 3]) {
    let registry = open(database);
    let ids = [zhang("gongan", "1"), li("gongan", "2"), wang("gongan", "3")].map(|record| entity(&take(&registry, record)));
    take(&registry, zhang("weijian", "a"));
    (registry, ids)
}

fn a_merge_is_previewed_done_and_undone_without_a_trace_in_what_is_seen(database: &Database) {
    let (registry, [zhang, li, wang]) = three(database);
    let before = picture(&registry, PERSON, &[zhang, li, wang]);
    let position = registry.position();
    let preview = registry.merge(&actor(), PERSON, &[li, zhang], None, &Expected::new(), true).expect("preview");
    assert_eq!((preview.decision, registry.position()), (None, position));
    assert_eq!(picture(&registry, PERSON, &[zhang, li, wang]), before, "a preview changes nothing");
    verified(&registry);

    let done = registry.merge(&actor(), PERSON, &[li, zhang], Some("same person"), &Expected::new(), false).expect("merge");
    assert_eq!((&done.before, &done.after, &done.redirects), (&preview.before, &preview.after, &preview.redirects), "as previewed");
    assert_eq!(picture(&registry, PERSON, &[li])[0], format!("{li} → {zhang}"), "the larger one keeps its id");
    assert_eq!(find(&registry, PERSON, zhang).member_count, 3);
    let merged = done.after.iter().find(|image| image.id == li).expect("the merged one is told");
    assert_eq!((merged.state, merged.redirect), (EntityState::Merged, Some(zhang)));
    verified(&registry);

    let decision = done.decision.expect("a decision");
    registry.unmerge(&actor(), PERSON, &Unmerge::Decision(decision), None, &Expected::new(), false).expect("unmerge");
    assert_eq!(picture(&registry, PERSON, &[zhang, li, wang]), before);
    let again = registry.unmerge(&actor(), PERSON, &Unmerge::Decision(decision), None, &Expected::new(), false);
    assert!(matches!(again, Err(RegistryError::Conflict { code: "not-merged", .. })));
    let told: Vec<_> =
        registry.decisions(&actor(), PERSON, zhang).expect("decisions").iter().map(|view| (view.kind, view.undone_by.is_some())).collect();
    assert_eq!(told, [(DecisionKind::Unmerge, false), (DecisionKind::Merge, true)]);
    verified(&registry);
}

fn merges_are_undone_in_any_order_and_later_records_are_kept(database: &Database) {
    let (registry, [first, second, third]) = three(database);
    let before = picture(&registry, PERSON, &[second, third]);
    let merge = |one, other| {
        let done = registry.merge(&actor(), PERSON, &[one, other], None, &Expected::new(), false).expect("merge");
        done.decision.expect("a decision")
    };
    let undo = |decision| registry.unmerge(&actor(), PERSON, &Unmerge::Decision(decision), None, &Expected::new(), false).expect("unmerge");
    let earlier = merge(first, second);
    let later = merge(first, third);
    assert_eq!(find(&registry, PERSON, first).member_count, 4);
    take(&registry, zhang("shebao", "late"));
    undo(earlier);
    assert_eq!(picture(&registry, PERSON, &[second, third]), [before[0].clone(), format!("{third} → {first}")]);
    undo(later);
    assert_eq!(picture(&registry, PERSON, &[second, third]), before);
    assert_eq!(find(&registry, PERSON, first).member_count, 3, "the record that came later is kept");
    verified(&registry);
}

fn what_cannot_be_merged_is_refused(database: &Database) {
    let (registry, [zhang, li, _]) = three(database);
    let merge = |ids: &[EntityId]| registry.merge(&actor(), PERSON, ids, None, &Expected::new(), false);
    assert!(matches!(merge(&[zhang, zhang]), Err(RegistryError::Invalid(_))));
    assert!(matches!(merge(&[zhang]), Err(RegistryError::Invalid(_))));
    assert!(matches!(merge(&[zhang, EntityId(uuid::Uuid::nil())]), Err(RegistryError::NotFound { .. })));
    merge(&[zhang, li]).expect("merge");
    assert!(matches!(merge(&[zhang, li]), Err(RegistryError::Conflict { code: "already-merged", .. })));
    let foreign = Unmerge::Records { entity: zhang, records: vec![key(PERSON, "gongan", "3")] };
    assert!(matches!(
        registry.unmerge(&actor(), PERSON, &foreign, None, &Expected::new(), false),
        Err(RegistryError::Conflict { code: "not-merged", .. })
    ));
    verified(&registry);
}

fn a_stale_version_is_refused(database: &Database) {
    let (registry, [zhang, li, _]) = three(database);
    let seen = find(&registry, PERSON, zhang).version;
    take(&registry, super::support::zhang("shebao", "x"));
    let stale: Expected = BTreeMap::from([(zhang, seen)]);
    let refused = registry.merge(&actor(), PERSON, &[zhang, li], None, &stale, false);
    assert!(matches!(refused, Err(RegistryError::Stale { expected, actual, .. }) if expected == seen && actual == seen + 1));
    let fresh: Expected = BTreeMap::from([(zhang, seen + 1)]);
    registry.merge(&actor(), PERSON, &[zhang, li], None, &fresh, false).expect("merge");
}

fn chosen_records_are_split_off_and_stay_apart(database: &Database) {
    let registry = open(database);
    let id = entity(&take(&registry, zhang("gongan", "1")));
    take(&registry, zhang("weijian", "a"));
    take(&registry, zhang("shebao", "x"));
    let before = picture(&registry, PERSON, &[id]);
    let off = key(PERSON, "shebao", "x");
    let split = Unmerge::Records { entity: id, records: vec![off.clone()] };
    let done = registry.unmerge(&actor(), PERSON, &split, Some("another person"), &Expected::new(), false).expect("split");
    let apart = crosswalk(&registry, &off);
    assert_ne!(apart, id);
    verified(&registry);
    // Promise 3: the decision outlives new records, though this one resembles both sides.
    let late = take(&registry, zhang("minzheng", "m"));
    assert_ne!(crosswalk(&registry, &off), crosswalk(&registry, &key(PERSON, "gongan", "1")));
    assert!([id, apart].contains(&entity(&late)));
    let forced = registry.merge(&actor(), PERSON, &[id, apart], None, &Expected::new(), false);
    assert!(matches!(forced, Err(RegistryError::Conflict { code: "kept-apart", .. })));
    verified(&registry);
    registry.withdraw(&actor(), &key(PERSON, "minzheng", "m")).expect("withdraw");
    registry
        .unmerge(&actor(), PERSON, &Unmerge::Decision(done.decision.expect("a decision")), None, &Expected::new(), false)
        .expect("undo");
    assert_eq!(picture(&registry, PERSON, &[id]), before);
    verified(&registry);
}

fn a_review_task_is_judged_and_the_judgement_undone(database: &Database) {
    let registry = open(database);
    // One number and one name with different birth dates in the record: something for a person to look at.
    let one = entity(&take(&registry, zhang("gongan", "1")));
    let number = super::support::number("19800406", 11);
    let other = entity(&take(
        &registry,
        person("weijian", "a", &format!("name=陈丽华|id_type=111|id_number={number}|sex=2|birth_date=1995-11-30")),
    ));
    assert_ne!(one, other);
    let open_tasks = || registry.reviews(&actor(), &ReviewFilter { limit: 10, ..ReviewFilter::default() }).expect("reviews").items;
    let tasks = open_tasks();
    assert_eq!(tasks.len(), 1, "promise 10: a number with conflicting name and birth date goes to review");
    let task = registry.review(&actor(), tasks[0].id).expect("review");
    assert!(task.explanation.is_some());
    assert_eq!([task.left.entity, task.right.entity].iter().collect::<std::collections::BTreeSet<_>>(), [one, other].iter().collect());
    let expected: Expected = BTreeMap::from([(task.left.entity, task.left.version)]);

    // A look at both answers changes nothing, whatever was seen before.
    let look = |verdict| registry.judge(&actor(), task.id, verdict, None, &Expected::new(), true).expect("a look");
    let (joined, parted) = (look(Verdict::Positive), look(Verdict::Negative));
    assert_eq!((joined.decision, parted.decision), (None, None));
    assert_eq!((joined.after[0].records.len(), joined.redirects.len(), parted.redirects.len()), (2, 1, 0), "{joined:?} {parted:?}");
    assert_eq!(open_tasks().iter().map(|task| task.id).collect::<Vec<_>>(), [task.id], "the question is still open");
    assert_eq!(picture(&registry, PERSON, &[one, other]).len(), 2);
    verified(&registry);

    let apart = registry.judge(&actor(), task.id, Verdict::Negative, Some("two people"), &expected, false).expect("judge");
    assert!(open_tasks().is_empty());
    let decided = registry.review(&actor(), task.id).expect("review");
    assert_eq!((decided.state, decided.decision), (ReviewState::Decided, apart.decision));
    assert!(matches!(
        registry.judge(&actor(), task.id, Verdict::Positive, None, &Expected::new(), false),
        Err(RegistryError::Conflict { code: "already-decided", .. })
    ));
    verified(&registry);

    let undo = |decision: Option<jiku_model::DecisionId>| {
        registry.unmerge(&actor(), PERSON, &Unmerge::Decision(decision.expect("a decision")), None, &Expected::new(), false).expect("undo")
    };
    undo(apart.decision);
    assert_eq!(open_tasks().iter().map(|task| task.id).collect::<Vec<_>>(), [task.id], "the question is open again");
    let together = registry.judge(&actor(), task.id, Verdict::Positive, None, &Expected::new(), false).expect("judge");
    assert_eq!(find(&registry, PERSON, one).member_count, 2);
    verified(&registry);
    undo(together.decision);
    assert_eq!(picture(&registry, PERSON, &[one, other]).len(), 2);
    assert_eq!(find(&registry, PERSON, other).member_count, 1);
    verified(&registry);
}

fn a_value_set_by_hand_sticks_until_it_is_released(database: &Database) {
    let registry = open(database);
    let id = entity(&take(&registry, zhang("gongan", "1")));
    let (before, position) = (find(&registry, PERSON, id), registry.position());
    let shown = registry.override_value(&actor(), PERSON, id, "name", "张伟全", "", &Expected::new(), true).expect("a look");
    let named = |image: &jiku_registry::EntityImage| (image.id, image.values["name"].value.clone(), image.records.len());
    assert_eq!(shown.before.iter().map(named).collect::<Vec<_>>(), [(id, "张伟强".to_owned(), 1)]);
    assert_eq!(shown.after.iter().map(named).collect::<Vec<_>>(), [(id, "张伟全".to_owned(), 1)]);
    assert_eq!((shown.decision, registry.position(), find(&registry, PERSON, id)), (None, position, before), "nothing is written");
    take(&registry, zhang("gongan", "1"));
    verified(&registry);
    let set =
        registry.override_value(&actor(), PERSON, id, "name", "张伟全", "seen on the card", &Expected::new(), false).expect("override");
    assert_eq!((set.decision.is_some(), set.before, set.after), (true, shown.before, shown.after), "exactly what was shown");
    let undo = Unmerge::Decision(set.decision.expect("a decision"));
    let refused = registry.unmerge(&actor(), PERSON, &undo, None, &Expected::new(), true).expect_err("it is released");
    assert!(refused.to_string().ends_with("release the value that was set by hand"), "{refused}");
    let let_go = registry.release_override(&actor(), PERSON, id, "name", "", &Expected::new(), true).expect("a look");
    assert_eq!(let_go.after.iter().map(named).collect::<Vec<_>>(), [(id, "张伟强".to_owned(), 1)]);
    let again = registry.override_value(&actor(), PERSON, id, "name", "张伟全", "", &Expected::new(), true).expect("a look");
    assert_eq!(
        again.before.iter().map(named).collect::<Vec<_>>(),
        [(id, "张伟全".to_owned(), 1)],
        "it is told although nothing would change"
    );
    let name = |registry: &jiku_registry::Registry| find(registry, PERSON, id).values["name"].clone();
    assert_eq!((name(&registry).value.as_str(), name(&registry).rule.as_ref(), name(&registry).source), ("张伟全", "override", None));
    take(&registry, zhang("weijian", "a"));
    assert_eq!(name(&registry).value, "张伟全", "it sticks when records come");
    verified(&registry);
    let again = open(database);
    assert_eq!(name(&again).value, "张伟全", "and after a new start");
    assert!(matches!(
        registry.override_value(&actor(), PERSON, id, "colour", "red", "", &Expected::new(), false),
        Err(RegistryError::Invalid(_))
    ));
    assert!(matches!(
        registry.override_value(&actor(), PERSON, id, "birth_date", "2023-02-29", "", &Expected::new(), false),
        Err(RegistryError::Invalid(_))
    ));
    registry.release_override(&actor(), PERSON, id, "name", "the source is right now", &Expected::new(), false).expect("release");
    assert_eq!(name(&registry).value, "张伟强");
    assert!(registry.overrides(&actor(), PERSON, id).expect("overrides")[0].released_at.is_some());
    assert!(matches!(
        registry.release_override(&actor(), PERSON, id, "name", "", &Expected::new(), false),
        Err(RegistryError::NotFound { .. })
    ));
    verified(&registry);
    // The division belongs to the address.
    let lives = "address=广东省广州市越秀区北京路1号|division=440104";
    let id = entity(&take(&registry, person("gongan", "9", &format!("name=欧阳慧敏|birth_date=1971-02-03|{lives}"))));
    let moved = "广东省广州市番禺区市桥街道1号";
    registry.override_value(&actor(), PERSON, id, "address", moved, "seen there", &Expected::new(), false).expect("override");
    let division = find(&registry, PERSON, id).values["division"].clone();
    assert_eq!((division.value.as_str(), division.rule.as_ref(), division.source), ("440113", "address", None));
    registry.release_override(&actor(), PERSON, id, "address", "wrong", &Expected::new(), false).expect("released");
    assert_eq!(find(&registry, PERSON, id).values["division"].value, "440104");
    verified(&registry);
}
