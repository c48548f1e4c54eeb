//! Do edits of parcels keep the land, the codes, the ids and the history?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use jiku_model::{EntityId, Kind, RawRecord, Sensitivity, Verdict};
use jiku_registry::{
    Actor, Area, Cut, EditOptions, EditOutcome, Expected, Found, Incoming, Limits, ParcelEdit, ParcelQuery, Registry, RegistryError,
    ReviewFilter, RightsPolicy, Role, RowStatus, View,
};
use jiku_store::StoreError;
use jiku_tests::stores::Database;
use serde_json::{Value, json};

use super::support::{actor, entity, find, key, open, picture, record, take, verified};

jiku_tests::on_both_stores! {
    a_parcel_is_made_changed_and_ended;
    a_split_keeps_the_land_and_an_undo_brings_back_everything;
    parcels_are_united_and_their_codes_never_come_again;
    neighbours_exchange_land_and_keep_their_ids;
    an_edit_stands_over_what_sources_said_and_hears_what_they_say_later;
    what_does_not_fit_is_refused_with_its_place;
    an_edit_needs_the_versions_that_were_seen;
    a_look_at_an_edit_waits_for_no_writer;
    an_edit_writes_only_what_its_author_may_write;
    what_sources_send_is_told_when_it_does_not_fit;
    real_parcels_are_united_with_their_neighbours_and_come_back;
    a_walk_of_edits_leaves_nothing_that_verify_could_find;
}

/// The south-west corner of the land of these tests, degrees.
pub(super) const WEST: f64 = 113.3;
pub(super) const SOUTH: f64 = 23.1;

/// A rectangle in ten-thousandths of a degree from the corner.
pub(super) fn rectangle([west, south, east, north]: [i32; 4]) -> Value {
    let place = |east: i32, north: i32| json!([WEST + f64::from(east) / 10_000.0, SOUTH + f64::from(north) / 10_000.0]);
    json!({"type": "Polygon", "coordinates": [[
        place(west, south), place(east, south), place(east, north), place(west, north), place(west, south),
    ]]})
}

pub(super) fn raw(value: Value) -> RawRecord {
    let Value::Object(map) = value else { panic!("the values are an object") };
    map
}

pub(super) fn create(registry: &Registry, code: &str, place: [i32; 4]) -> EntityId {
    let values = raw(
        json!({ "parcel_code": code, "geometry": rectangle(place), "land_use": "0701", "right_holder": "张三", "valid_from": "2020-01-01" }),
    );
    let outcome = edit(registry, ParcelEdit::Create { values });
    outcome.parcels[0].id.expect("a new parcel has an id")
}

/// Does an edit on the versions that are current.
#[track_caller]
pub(super) fn edit(registry: &Registry, what: ParcelEdit) -> EditOutcome {
    attempt(registry, what, EditOptions::default()).expect("the edit is done")
}

pub(super) fn attempt(registry: &Registry, what: ParcelEdit, options: EditOptions) -> Result<EditOutcome, RegistryError> {
    let look = registry.edit_parcels(&actor(), &what, &EditOptions { dry_run: true, ..options.clone() })?;
    let done = registry.edit_parcels(&actor(), &what, &EditOptions { expected: look.seen.clone(), ..options })?;
    // What was foretold is what was done.
    let told = |outcome: &EditOutcome| {
        let parcels = outcome.parcels.iter().map(|parcel| {
            // A key of its own, by which a parcel without a code is known, is made anew each time.
            let said = parcel.values.iter().filter(|(column, _)| *column != "foreign_key");
            let said: Vec<(String, String)> = said.map(|(column, value)| (column.clone(), value.value.clone())).collect();
            (parcel.version, parcel.is_new, said, parcel.problems.clone())
        });
        let lineage: Vec<_> = outcome.lineage.iter().map(|step| (step.parent, step.operation.clone(), step.share)).collect();
        (parcels.collect::<Vec<_>>(), outcome.retired.clone(), lineage, outcome.report.clone())
    };
    assert_eq!(told(&look), told(&done));
    Ok(done)
}

#[track_caller]
pub(super) fn refused(outcome: Result<EditOutcome, RegistryError>, expected: &str) {
    let code = match outcome {
        Ok(outcome) => panic!("it was done: {outcome:?}"),
        Err(RegistryError::Conflict { code, .. }) => code.to_owned(),
        Err(RegistryError::Invalid(problems)) => problems[0].code.to_string(),
        Err(RegistryError::Topology(report)) => report.blocking().expect("something blocks").code.to_owned(),
        Err(other) => panic!("{other:?}"),
    };
    assert_eq!(code, expected);
}

pub(super) fn value(registry: &Registry, id: EntityId, column: &str) -> Option<String> {
    find(registry, Kind::Parcel, id).values.get(column).map(|value| value.value.clone())
}

pub(super) fn area(registry: &Registry, id: EntityId) -> f64 {
    value(registry, id, "planar_area_m2").expect("an area").parse().expect("a number")
}

fn at(registry: &Registry, east: i32, north: i32) -> Vec<EntityId> {
    let area = Area::Point { lon: WEST + f64::from(east) / 10_000.0, lat: SOUTH + f64::from(north) / 10_000.0 };
    let query = ParcelQuery { area, limit: 10, ..ParcelQuery::default() };
    registry.query_parcels(&actor(), &query).expect("query").items.iter().map(|hit| hit.parcel.id).collect()
}

/// The box around a parcel, degrees.
fn bounds(registry: &Registry, id: EntityId) -> [f64; 4] {
    let shape = registry.validate_parcel(&actor(), Some(id), &RawRecord::new()).expect("validate").geometry.expect("a boundary");
    let ring = shape["coordinates"][0].as_array().expect("a ring").clone();
    let of = |axis: usize| ring.iter().map(move |place| place[axis].as_f64().expect("a number")).collect::<Vec<_>>();
    let least = |values: Vec<f64>| values.into_iter().fold(f64::INFINITY, f64::min);
    let most = |values: Vec<f64>| values.into_iter().fold(f64::NEG_INFINITY, f64::max);
    [least(of(0)), least(of(1)), most(of(0)), most(of(1))]
}

pub(super) const STEM: &str = "440106001001GB";

fn a_parcel_is_made_changed_and_ended(database: &Database) {
    let registry = open(database);
    let first = create(&registry, STEM, [0, 0, 10, 10]);
    let second = create(&registry, STEM, [10, 0, 20, 10]);
    assert_eq!(value(&registry, first, "parcel_code").as_deref(), Some("440106001001GB00001"));
    assert_eq!(value(&registry, second, "parcel_code").as_deref(), Some("440106001001GB00002"));
    let patched = edit(
        &registry,
        ParcelEdit::Patch { parcel: first, changes: raw(json!({ "land_use": "0501", "right_holder": null, "location": "天河路1号" })) },
    );
    assert_eq!((patched.parcels[0].id, patched.parcels[0].version), (Some(first), 2));
    assert_eq!((value(&registry, first, "land_use").as_deref(), value(&registry, first, "right_holder")), (Some("0501"), None));
    assert_eq!(value(&registry, first, "valid_from").as_deref(), Some("2020-01-01"), "what is not named stays");
    let replacement = raw(json!({ "geometry": rectangle([0, 0, 10, 9]), "land_use": "0701" }));
    edit(&registry, ParcelEdit::Replace { parcel: first, values: replacement });
    assert_eq!((value(&registry, first, "location"), value(&registry, first, "valid_from")), (None, None), "what is not said is empty");
    assert_eq!(value(&registry, first, "parcel_code").as_deref(), Some("440106001001GB00001"), "the code stays");
    assert_eq!(at(&registry, 5, 5), [first]);
    assert!(at(&registry, 5, 10).is_empty(), "promise 11: the next query sees it");
    let same = edit(&registry, ParcelEdit::Patch { parcel: first, changes: raw(json!({ "land_use": "0701" })) });
    assert_eq!((same.decision, same.parcels.len()), (None, 0), "nothing changed, and nothing was written");
    edit(&registry, ParcelEdit::Retire { parcel: first });
    assert!(matches!(registry.find(&actor(), Kind::Parcel, first, &View::default()), Ok(Found::Retired { .. })));
    let history = registry.parcel_history(&actor(), first).expect("a retired parcel answers");
    assert_eq!((history.former[0].operation.as_str(), history.former[0].parcel_code.as_deref()), ("retire", Some("440106001001GB00001")));
    let again = raw(json!({ "parcel_code": "440106001001GB00001", "geometry": rectangle([0, 0, 10, 9]) }));
    refused(attempt(&registry, ParcelEdit::Create { values: again }, EditOptions::default()), "parcel-code-retired");
    let taken = raw(json!({ "parcel_code": "440106001001GB00002", "geometry": rectangle([0, 0, 10, 9]) }));
    refused(attempt(&registry, ParcelEdit::Create { values: taken }, EditOptions::default()), "parcel-code-taken");
    let foreign =
        edit(&registry, ParcelEdit::Create { values: raw(json!({ "geometry": rectangle([100, 0, 110, 10]), "foreign_key": "nl:NL-1" })) });
    assert_eq!(value(&registry, foreign.parcels[0].id.expect("an id"), "foreign_key").as_deref(), Some("nl:NL-1"));
    verified(&registry);
}

fn a_split_keeps_the_land_and_an_undo_brings_back_everything(database: &Database) {
    let registry = open(database);
    // The parcel is known from two departments and was never edited here.
    let geometry = rectangle([0, 0, 20, 10]).to_string();
    let fields = |extra: &str| format!("parcel_code=440106001001GB00007|geometry={geometry}|land_use=0701|{extra}");
    let parent = entity(&take(&registry, record(Kind::Parcel, "ziran", "1", &fields("right_holder=张三|valid_from=2020-01-01"))));
    assert_eq!(entity(&take(&registry, record(Kind::Parcel, "zhujian", "9", &fields("location=天河路1号")))), parent);
    let (before, whole) = (picture(&registry, Kind::Parcel, &[parent]), area(&registry, parent));
    let line = Cut::Lines(vec![vec![[WEST + 0.0007, SOUTH - 0.0001], [WEST + 0.0012, SOUTH + 0.0011]]]);
    let split = edit(&registry, ParcelEdit::Split { parcel: parent, by: line, crs: None, parts: vec![raw(json!({ "land_use": "0501" }))] });
    let parts: Vec<EntityId> = split.parcels.iter().map(|parcel| parcel.id.expect("an id")).collect();
    assert_eq!(split.retired, [parent]);
    let codes: Vec<Option<String>> = parts.iter().map(|id| value(&registry, *id, "parcel_code")).collect();
    assert_eq!(codes, [Some("440106001001GB00008".to_owned()), Some("440106001001GB00009".to_owned())]);
    let sum: f64 = parts.iter().map(|id| area(&registry, *id)).sum();
    assert!((sum - whole).abs() < 0.01, "{sum} is {whole}");
    assert!((split.lineage.iter().map(|step| step.share).sum::<f64>() - 1.0).abs() < 1e-4);
    let uses: Vec<Option<String>> = parts.iter().map(|id| value(&registry, *id, "land_use")).collect();
    assert_eq!(uses, [Some("0501".to_owned()), Some("0701".to_owned())]);
    assert!(parts.iter().all(|id| value(&registry, *id, "right_holder").as_deref() == Some("张三")), "the right is carried");
    let history = registry.parcel_history(&actor(), parent).expect("history");
    let mut children: Vec<EntityId> = history.children.iter().filter_map(|step| step.child).collect();
    let mut sorted = parts.clone();
    children.sort_unstable();
    sorted.sort_unstable();
    assert_eq!(children, sorted, "the parent names its children");
    let versions = registry.versions(&actor(), Kind::Parcel, parts[0]).expect("versions");
    let retired = registry.versions(&actor(), Kind::Parcel, parent).expect("versions");
    assert_eq!(versions[0].recorded_from, retired[0].recorded_from, "one moment for all");
    verified(&registry);
    let undone = edit(&registry, ParcelEdit::Undo { decision: split.decision.expect("a decision") });
    assert_eq!(undone.retired.len(), 2);
    let taken_back = || {
        let history = registry.parcel_history(&actor(), parent).expect("history");
        history.children.iter().map(|step| step.undone_by).collect::<Vec<_>>()
    };
    assert_eq!(taken_back(), [undone.decision; 2], "the land has gone back");
    assert_eq!(picture(&registry, Kind::Parcel, &[parent]), before, "everything is as it was");
    assert_eq!(at(&registry, 15, 5), [parent]);
    verified(&registry);
    refused(
        attempt(&registry, ParcelEdit::Undo { decision: split.decision.expect("a decision") }, EditOptions::default()),
        "already-undone",
    );
    let redone = edit(&registry, ParcelEdit::Undo { decision: undone.decision.expect("a decision") });
    assert_eq!(redone.retired, [parent], "an undo is an edit like any other");
    assert_eq!(taken_back(), [None; 2]);
    assert!(parts.iter().all(|id| value(&registry, *id, "right_holder").is_some()));
    verified(&registry);
    // What the department sends again of the parcel that is no more does not bring it back.
    let again = registry.ingest(&actor(), vec![record(Kind::Parcel, "ziran", "1", &fields("right_holder=李四"))]).expect("ingest");
    assert_eq!(
        (again[0].status, again[0].problems.last().map(|problem| problem.code.as_ref())),
        (RowStatus::Rejected, Some("parcel-retired"))
    );
    let other = registry.ingest(&actor(), vec![record(Kind::Parcel, "linye", "5", &fields("right_holder=李四"))]).expect("ingest");
    assert_eq!(
        (other[0].status, other[0].problems.last().map(|problem| problem.code.as_ref())),
        (RowStatus::Rejected, Some("parcel-code-retired"))
    );
    verified(&registry);
}

fn parcels_are_united_and_their_codes_never_come_again(database: &Database) {
    let registry = open(database);
    let ids = [create(&registry, STEM, [0, 0, 10, 10]), create(&registry, STEM, [10, 0, 20, 10]), create(&registry, STEM, [40, 0, 50, 10])];
    let unite =
        |parcels: &[EntityId], values: Value| ParcelEdit::Unite { parcels: parcels.to_vec(), values: raw(values), several_parts: false };
    refused(attempt(&registry, unite(&[ids[0], ids[2]], json!({})), EditOptions::default()), "merge-apart");
    refused(attempt(&registry, unite(&ids[..1], json!({})), EditOptions::default()), "merge-too-few");
    edit(&registry, ParcelEdit::Patch { parcel: ids[1], changes: raw(json!({ "right_holder": "李四" })) });
    refused(attempt(&registry, unite(&ids[..2], json!({})), EditOptions::default()), "rights-differ");
    let block = EditOptions { rights: RightsPolicy::Block, ..EditOptions::default() };
    refused(attempt(&registry, unite(&ids[..2], json!({})), block), "rights-block");
    let (left, right) = (area(&registry, ids[0]), area(&registry, ids[1]));
    let united = edit(&registry, unite(&ids[..2], json!({ "right_holder": "王五" })));
    let new = united.parcels[0].id.expect("an id");
    assert_eq!(value(&registry, new, "parcel_code").as_deref(), Some("440106001001GB00004"));
    assert_eq!(value(&registry, new, "right_holder").as_deref(), Some("王五"));
    assert!((area(&registry, new) - left - right).abs() < 0.01);
    assert_eq!(united.lineage.len(), 2);
    assert_eq!(create(&registry, STEM, [60, 0, 70, 10]), at(&registry, 65, 5)[0]);
    assert_eq!(value(&registry, at(&registry, 65, 5)[0], "parcel_code").as_deref(), Some("440106001001GB00005"));
    verified(&registry);
    edit(&registry, ParcelEdit::Undo { decision: united.decision.expect("a decision") });
    assert_eq!(value(&registry, ids[1], "right_holder").as_deref(), Some("李四"));
    assert_eq!(value(&registry, create(&registry, STEM, [80, 0, 90, 10]), "parcel_code").as_deref(), Some("440106001001GB00006"));
    verified(&registry);
}

fn neighbours_exchange_land_and_keep_their_ids(database: &Database) {
    let registry = open(database);
    let (left, right) = (create(&registry, STEM, [0, 0, 10, 10]), create(&registry, STEM, [10, 0, 20, 10]));
    let whole = area(&registry, left) + area(&registry, right);
    let adjust = |border: i32, end: i32| ParcelEdit::Adjust {
        boundaries: vec![(left, rectangle([0, 0, border, 10])), (right, rectangle([border, 0, end, 10]))],
        crs: None,
    };
    refused(attempt(&registry, adjust(12, 19), EditOptions::default()), "parcel-union-changed");
    let outcome = edit(&registry, adjust(12, 20));
    assert_eq!((outcome.parcels[0].id, outcome.parcels[1].id), (Some(left), Some(right)));
    assert!((area(&registry, left) + area(&registry, right) - whole).abs() < 0.01);
    assert_eq!(outcome.lineage.len(), 1, "the left parcel has land from the right one");
    assert!((outcome.lineage[0].share - 0.2).abs() < 1e-3);
    edit(&registry, adjust(8, 20));
    assert_eq!(at(&registry, 9, 5), [right]);
    // A third parcel has the corner that would move: it is named, by its code.
    create(&registry, STEM, [20, 0, 30, 10]);
    match attempt(&registry, adjust(8, 19), EditOptions::default()) {
        Err(RegistryError::Topology(report)) => {
            let message = &report.blocking().expect("something blocks").message_en;
            assert!(message.contains("440106001001GB00003: add that parcel"), "{message}");
        }
        other => panic!("{other:?}"),
    }
    verified(&registry);
    // One that is named and stays as it is, before two that exchange land.
    let row = [[100, 0, 110, 10], [110, 0, 120, 10], [120, 0, 130, 10]].map(|place| create(&registry, STEM, place));
    let adjusted = |places: [[i32; 4]; 3]| {
        let boundaries = row.iter().copied().zip(places.map(rectangle)).collect();
        edit(&registry, ParcelEdit::Adjust { boundaries, crs: None })
    };
    adjusted([[100, 0, 112, 10], [112, 0, 121, 10], [121, 0, 130, 10]]);
    let again = adjusted([[100, 0, 112, 10], [112, 0, 125, 10], [125, 0, 130, 10]]);
    assert_eq!(again.parcels.iter().filter_map(|parcel| parcel.id).collect::<Vec<_>>(), row[1..]);
    let steps: Vec<_> = again.lineage.iter().map(|step| (step.child, step.parent)).collect();
    assert_eq!(steps, [(Some(row[1]), row[2])], "the middle one has land of the eastern one");
    verified(&registry);
}

fn an_edit_stands_over_what_sources_said_and_hears_what_they_say_later(database: &Database) {
    let registry = open(database);
    let geometry = rectangle([0, 0, 10, 10]).to_string();
    let sent = |extra: &str| record(Kind::Parcel, "ziran", "1", &format!("parcel_code=440106001001GB00001|geometry={geometry}|{extra}"));
    let id = entity(&take(&registry, sent("location=天河路1号|right_holder=张三|valid_from=2020-01-01")));
    edit(
        &registry,
        ParcelEdit::Patch { parcel: id, changes: raw(json!({ "location": null, "right_holder": "李四", "valid_from": "2021-01-01" })) },
    );
    assert_eq!((value(&registry, id, "location"), value(&registry, id, "right_holder").as_deref()), (None, Some("李四")));
    take(&registry, sent("location=天河路1号|right_holder=张三|valid_from=2020-01-01"));
    assert_eq!(value(&registry, id, "right_holder").as_deref(), Some("李四"), "the same row sent again says nothing new");
    take(&registry, sent("location=天河路1号|right_holder=王五|valid_from=2024-01-01"));
    assert_eq!(value(&registry, id, "right_holder").as_deref(), Some("王五"), "a later transfer is heard");
    edit(&registry, ParcelEdit::Patch { parcel: id, changes: raw(json!({ "land_use": "0701" })) });
    assert_eq!(value(&registry, id, "right_holder").as_deref(), Some("王五"), "and stays when something else is edited");
    verified(&registry);
    registry.rebuild(&actor()).expect("rebuild");
    assert_eq!(value(&registry, id, "right_holder").as_deref(), Some("王五"));
    verified(&registry);
}

fn what_does_not_fit_is_refused_with_its_place(database: &Database) {
    let registry = open(database);
    let known = create(&registry, STEM, [0, 0, 10, 10]);
    let over = |stage: &str| ParcelEdit::Create {
        values: raw(json!({ "parcel_code": STEM, "geometry": rectangle([8, 0, 18, 10]), "stage": stage })),
    };
    let look = registry.edit_parcels(&actor(), &over("registered"), &EditOptions { dry_run: true, ..EditOptions::default() });
    let report = look.expect("a dry run tells all").report;
    let worst = report.blocking().expect("an overlap blocks");
    assert_eq!((worst.rule, worst.code, worst.other, worst.tolerance), ("T1", "parcel-overlap", Some(known), Some(0.05)));
    assert_eq!(worst.other_code.as_deref(), Some("440106001001GB00001"));
    assert_eq!(worst.place.as_ref().map(|place| place["type"].clone()), Some(json!("Polygon")));
    assert!(worst.message_zh.contains("重叠"), "{}", worst.message_zh);
    refused(attempt(&registry, over("registered"), EditOptions::default()), "parcel-overlap");
    let draft = edit(&registry, over("draft")).parcels[0].id.expect("a draft may overlap");
    refused(
        attempt(&registry, ParcelEdit::Patch { parcel: draft, changes: raw(json!({ "stage": null })) }, EditOptions::default()),
        "parcel-overlap",
    );
    edit(&registry, ParcelEdit::Patch { parcel: draft, changes: raw(json!({ "stage": null, "geometry": rectangle([10, 0, 20, 10]) })) });
    // A border two centimetres off: told, with the boundary that would fit.
    let mut off = rectangle([20, 0, 30, 10]);
    for corner in [0, 3, 4] {
        off["coordinates"][0][corner][0] = json!(WEST + 0.002 + 2e-7);
    }
    let sliver = ParcelEdit::Create { values: raw(json!({ "parcel_code": STEM, "geometry": off })) };
    let look = registry.edit_parcels(&actor(), &sliver, &EditOptions { dry_run: true, ..EditOptions::default() }).expect("a dry run");
    assert_eq!(look.report.findings[0].code, "parcel-sliver");
    let snapped = look.report.proposals[0].geometry.clone();
    let fitting = registry
        .validate_parcel(&actor(), None, &raw(json!({ "parcel_code": format!("{STEM}00009"), "geometry": snapped })))
        .expect("validate");
    assert!(fitting.valid && fitting.report.findings.is_empty(), "{:?}", fitting.report.findings);
    let bow_tie =
        json!({"type": "Polygon", "coordinates": [[[113.5, 23.0], [113.502, 23.002], [113.502, 23.0], [113.5, 23.002], [113.5, 23.0]]]});
    let crossed = registry.validate_parcel(&actor(), None, &raw(json!({ "geometry": bow_tie.clone() }))).expect("validate");
    assert!(!crossed.valid && crossed.repair.is_some(), "{crossed:?}");
    assert_eq!(crossed.problems[0].code, "geometry-self-intersection");
    assert_eq!(crossed.problems[0].place, Some(json!({"type": "Point", "coordinates": [113.501, 23.001]})));
    refused(
        attempt(&registry, ParcelEdit::Create { values: raw(json!({ "geometry": bow_tie })) }, EditOptions::default()),
        "geometry-self-intersection",
    );
    refused(
        attempt(&registry, ParcelEdit::Patch { parcel: known, changes: raw(json!({ "land_use": "xyz" })) }, EditOptions::default()),
        "code-unknown",
    );
    let early = EditOptions { valid_on: "2019-01-01".parse().ok(), ..EditOptions::default() };
    refused(attempt(&registry, ParcelEdit::Retire { parcel: known }, early), "backdated");
    let beside = Cut::Lines(vec![vec![[WEST - 1.0, SOUTH], [WEST - 0.9, SOUTH]]]);
    refused(
        attempt(&registry, ParcelEdit::Split { parcel: known, by: beside, crs: None, parts: Vec::new() }, EditOptions::default()),
        "split-line-misses",
    );
    verified(&registry);
}

fn what_sources_send_is_told_when_it_does_not_fit(database: &Database) {
    let registry = open(database);
    create(&registry, STEM, [0, 0, 10, 10]);
    let sent = |key: &str, place: [i32; 4]| {
        let geometry = rectangle(place);
        record(Kind::Parcel, "ziran", key, &format!("parcel_code=440106001001GB0010{key}|land_use=0701|geometry={geometry}"))
    };
    let batch = vec![sent("1", [5, 0, 15, 10]), sent("2", [10, 20, 20, 30]), sent("3", [18, 20, 28, 30]), sent("4", [40, 0, 50, 10])];
    let outcomes = registry.ingest(&actor(), batch).expect("ingest");
    let codes = |at: usize| {
        let flags = outcomes[at].problems.iter().filter(|problem| problem.severity == jiku_model::Severity::Flag);
        flags.map(|problem| problem.code.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(codes(0), ["parcel-overlap"], "against the base");
    assert_eq!((codes(1), codes(2)), (vec!["parcel-overlap".to_owned()], vec!["parcel-overlap".to_owned()]), "and within the file");
    assert!(codes(3).is_empty());
    assert!(outcomes.iter().all(|outcome| outcome.status == RowStatus::Created), "all are loaded: who is right is for people to say");
    let kept = registry.crosswalk(&actor(), &super::support::key(Kind::Parcel, "ziran", "1")).expect("crosswalk").problems;
    assert_eq!(kept, outcomes[0].problems, "and kept with the record");
    assert!(kept[0].advice.contains("(at 113.3"), "{}", kept[0].advice);
    // Another source's record of the same parcel does not stand against it.
    let geometry = rectangle([40, 0, 50, 10]);
    let same = take(&registry, record(Kind::Parcel, "zhujian", "x", &format!("parcel_code=440106001001GB00104|geometry={geometry}")));
    assert!(same.problems.is_empty(), "{:?}", same.problems);

    let waiting =
        |registry: &Registry| registry.reviews(&actor(), &ReviewFilter { limit: 10, ..ReviewFilter::default() }).expect("reviews").items;
    let reasons: Vec<String> = waiting(&registry).into_iter().map(|task| task.reason).collect();
    assert_eq!(reasons, ["parcel-overlap", "parcel-overlap"], "each pair that overlaps waits for a steward, once");
    verified(&registry);
    drop(registry);
    let registry = open(database);
    assert_eq!(waiting(&registry).len(), 2, "also after a start");
    take(&registry, sent("3", [20, 20, 30, 30]));
    let left: Vec<_> = waiting(&registry);
    let [task] = left.as_slice() else { panic!("a row sent again without the overlap waits no more: {left:?}") };
    take(&registry, sent("1", [6, 0, 15, 10]));
    let again = waiting(&registry);
    assert_eq!(again.iter().map(|task| task.id).collect::<Vec<_>>(), [task.id], "a pair has one task, however often its rows come");
    verified(&registry);
    registry.judge(&actor(), task.id, Verdict::Negative, Some("two parcels"), &Expected::new(), false).expect("judge");
    assert!(waiting(&registry).is_empty(), "a steward has said that they are two");
    verified(&registry);
}

fn an_edit_writes_only_what_its_author_may_write(database: &Database) {
    let registry = open(database);
    let parcel = create(&registry, STEM, [0, 0, 10, 10]);
    let limited = Actor { limits: Arc::new(Limits { write: Sensitivity::Public, ..Limits::default() }), ..actor() };
    let change = |changes: Value| ParcelEdit::Patch { parcel, changes: raw(changes) };
    let options = EditOptions { dry_run: true, ..EditOptions::default() };
    let seen = registry.edit_parcels(&limited, &change(json!({ "land_use": "0501" })), &options).expect("a public value").seen;
    for (changes, allowed) in [
        (json!({ "location": "天河路1号" }), false),
        (json!({ "right_holder": "李四" }), false),
        (json!({ "land_use": "0601", "right_holder": null }), false),
        (json!({ "land_use": "0601" }), true),
    ] {
        let options = EditOptions { expected: seen.clone(), ..EditOptions::default() };
        match registry.edit_parcels(&limited, &change(changes.clone()), &options) {
            Ok(_) => assert!(allowed, "{changes}"),
            Err(RegistryError::FieldForbidden { .. }) => assert!(!allowed, "{changes}"),
            other => panic!("{changes}: {other:?}"),
        }
    }
    assert_eq!(
        (value(&registry, parcel, "land_use").as_deref(), value(&registry, parcel, "right_holder").as_deref()),
        (Some("0601"), Some("张三"))
    );
}

/// Does something while another writer holds the database; whether it was done before that one went on.
fn beside_a_writer<T: Send>(database: &Database, work: impl FnOnce() -> T + Send) -> (T, bool) {
    let store = database.store();
    let ((hold, go_on), (begun, has_begun)) = (channel::<()>(), channel());
    std::thread::scope(|scope| {
        scope.spawn(move || {
            store.write(|_| {
                begun.send(()).expect("somebody waits");
                let _ = go_on.recv();
                Ok::<_, StoreError>(())
            })
        });
        has_begun.recv().expect("the writer has begun");
        let working = scope.spawn(work);
        let until = Instant::now() + Duration::from_secs(10);
        while !working.is_finished() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        let was_done = working.is_finished();
        drop(hold);
        (working.join().expect("no panic"), was_done)
    })
}

fn a_look_at_an_edit_waits_for_no_writer(database: &Database) {
    let registry = open(database);
    let id = create(&registry, STEM, [0, 0, 10, 10]);
    create(&registry, STEM, [10, 0, 20, 10]);
    let over = raw(json!({ "geometry": rectangle([0, 0, 15, 10]) }));
    let moved = raw(json!({ "geometry": rectangle([0, 0, 10, 8]) }));
    for (values, accepted) in [(&over, false), (&moved, true)] {
        let (told, was_done) = beside_a_writer(database, || registry.validate_parcel(&actor(), Some(id), values));
        assert_eq!((told.expect("validated").valid, was_done), (accepted, true));
    }
    let (new, was_done) = beside_a_writer(database, || registry.validate_parcel(&actor(), None, &over));
    assert_eq!((new.expect("validated").valid, was_done), (false, true));
    let options = EditOptions { dry_run: true, ..EditOptions::default() };
    // Who sees the holder in full leaves a trace, as with every reading in full.
    let editor = Actor { unmask: false, ..actor() };
    for what in [ParcelEdit::Patch { parcel: id, changes: moved }, ParcelEdit::Create { values: over }, ParcelEdit::Retire { parcel: id }] {
        let (told, was_done) = beside_a_writer(database, || registry.edit_parcels(&editor, &what, &options));
        assert!(told.is_ok() && was_done, "{what:?} {told:?}");
    }
    let stale = EditOptions { expected: Expected::from([(id, 7)]), ..options };
    let told = registry.edit_parcels(&actor(), &ParcelEdit::Retire { parcel: id }, &stale);
    assert!(matches!(told, Err(RegistryError::Stale { actual: 1, .. })), "{told:?}");
}

fn an_edit_needs_the_versions_that_were_seen(database: &Database) {
    let registry = open(database);
    let id = create(&registry, STEM, [0, 0, 10, 10]);
    let patch = ParcelEdit::Patch { parcel: id, changes: raw(json!({ "land_use": "0501" })) };
    refused(registry.edit_parcels(&actor(), &patch, &EditOptions::default()), "precondition-required");
    let seen = |version: i64| EditOptions { expected: BTreeMap::from([(id, version)]), ..EditOptions::default() };
    let stale = registry.edit_parcels(&actor(), &patch, &seen(7));
    assert!(matches!(stale, Err(RegistryError::Stale { actual: 1, expected: 7, .. })), "{stale:?}");
    let made = registry.edit_parcels(&actor(), &patch, &seen(1)).expect("the version was seen").decision.expect("a decision");
    edit(&registry, ParcelEdit::Patch { parcel: id, changes: raw(json!({ "land_use": "0701" })) });
    refused(attempt(&registry, ParcelEdit::Undo { decision: made }, EditOptions::default()), "edited-since");
    let clerk = jiku_registry::Actor { roles: vec![Role::Steward, Role::Source, Role::Reader], ..actor() };
    let outcome = registry.edit_parcels(&clerk, &patch, &seen(3));
    assert!(matches!(outcome, Err(RegistryError::Forbidden(_))), "only GIS editors edit: {outcome:?}");
}

fn a_walk_of_edits_leaves_nothing_that_verify_could_find(database: &Database) {
    let registry = open(database);
    let mut parcels: Vec<EntityId> = (0..4).map(|at| create(&registry, STEM, [at * 10, 0, at * 10 + 10, 10])).collect();
    let total: f64 = parcels.iter().map(|id| area(&registry, *id)).sum();
    let mut decisions = Vec::new();
    for step in 0..6_u32 {
        let which = parcels[step as usize % parcels.len()];
        let [west, south, east, north] = bounds(&registry, which);
        let middle = (west + east) / 2.0 + 1e-6;
        let line = if step % 2 == 0 {
            vec![[middle, south - 0.001], [middle, north + 0.001]]
        } else {
            vec![[west - 0.001, (south + north) / 2.0], [east + 0.001, (south + north) / 2.0 + 1e-5]]
        };
        let split = edit(&registry, ParcelEdit::Split { parcel: which, by: Cut::Lines(vec![line]), crs: None, parts: Vec::new() });
        parcels.retain(|id| *id != which);
        let parts: Vec<EntityId> = split.parcels.iter().filter_map(|parcel| parcel.id).collect();
        if step % 3 == 2 {
            let unite = ParcelEdit::Unite { parcels: parts, values: RawRecord::new(), several_parts: false };
            let united = edit(&registry, unite);
            parcels.extend(united.parcels.iter().filter_map(|parcel| parcel.id));
            decisions.push(united.decision.expect("a decision"));
        } else {
            parcels.extend(parts);
        }
        let sum: f64 = parcels.iter().map(|id| area(&registry, *id)).sum();
        assert!((sum - total).abs() < 0.02, "no land is won or lost: {sum} and {total}");
    }
    verified(&registry);
    // The last union can be undone: nothing has happened to its parcels since.
    edit(&registry, ParcelEdit::Undo { decision: decisions.pop().expect("two unions were made") });
    verified(&registry);
    drop(registry);
    verified(&open(database));
}

/// Parcels of another country's cadastre, as they lie there: uneven, with corners of three and four.
fn real_parcels_are_united_with_their_neighbours_and_come_back(database: &Database) {
    let registry = open(database);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/parcels/nl_parcels_316.geojson");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(file).expect("the parcels")).expect("GeoJSON");
    let features = file["features"].as_array().expect("features");
    let sent: Vec<_> = features
        .iter()
        .enumerate()
        .map(|(number, feature)| {
            let raw = raw(json!({ "geometry": feature["geometry"] }));
            Incoming {
                key: key(Kind::Parcel, "kadaster", &number.to_string()),
                payload: Value::Object(raw.clone()).to_string(),
                raw,
                line: None,
                row: None,
            }
        })
        .collect();
    let taken = registry.ingest(&actor(), sent).expect("ingest");
    let ids: Vec<EntityId> = taken.iter().map(entity).collect();
    assert_eq!(ids.len(), 316);
    let (mut done, mut gone) = (Vec::new(), BTreeSet::new());
    for id in ids.iter().step_by(20) {
        let query = ParcelQuery { area: Area::Neighbours(*id), limit: 50, ..ParcelQuery::default() };
        let beside = registry.query_parcels(&actor(), &query).expect("neighbours").items;
        let Some(other) = beside.iter().map(|hit| hit.parcel.id).find(|other| !gone.contains(other)) else { continue };
        let before = area(&registry, *id) + area(&registry, other);
        let unite = ParcelEdit::Unite { parcels: vec![*id, other], values: RawRecord::new(), several_parts: false };
        // Some only touch in a corner; those cannot be one.
        let Ok(outcome) = attempt(&registry, unite, EditOptions::default()) else { continue };
        let united = outcome.parcels.iter().find_map(|parcel| parcel.id.filter(|own| own != id && *own != other)).expect("the new parcel");
        assert!((area(&registry, united) - before).abs() < 0.1, "no land is won or lost");
        gone.extend([*id, other, united]);
        done.push((outcome.decision.expect("a decision"), before, *id, other));
    }
    assert!(done.len() > 5, "{}", done.len());
    verified(&registry);
    for (decision, before, left, right) in done {
        edit(&registry, ParcelEdit::Undo { decision });
        assert!((area(&registry, left) + area(&registry, right) - before).abs() < 1e-6);
    }
    let everywhere =
        ParcelQuery { area: Area::Bbox { west: 3.0, south: 50.0, east: 8.0, north: 54.0 }, limit: 1_000, ..ParcelQuery::default() };
    assert_eq!(registry.query_parcels(&actor(), &everywhere).expect("query").items.len(), 316, "all are back");
    verified(&registry);
}
