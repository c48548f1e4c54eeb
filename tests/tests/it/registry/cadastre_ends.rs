//! Do edits of parcels come apart again, last first, and does what has ended stay out of the way?

use jiku_model::{EntityId, Kind};
use jiku_registry::{Area, Cut, EditOptions, EditOutcome, Found, ParcelEdit, ParcelQuery, Registry, RegistryError, View};
use jiku_tests::stores::Database;
use serde_json::{Value, json};

use super::cadastre::{SOUTH, STEM, WEST, attempt, create, edit, raw, rectangle, refused, value};
use super::support::{actor, open, picture, verified};

jiku_tests::on_both_stores! {
    edits_are_undone_last_first_also_after_a_later_one_was;
    what_has_ended_blocks_nothing_and_is_not_found_today;
    no_edit_leaves_a_parcel_without_what_a_new_one_must_have;
    a_dry_look_and_the_deed_have_one_verdict;
    what_is_no_whole_says_where;
    the_nearest_of_a_use_are_looked_for_among_that_use;
}

fn undo(registry: &Registry, of: &EditOutcome) -> EditOutcome {
    edit(registry, ParcelEdit::Undo { decision: of.decision.expect("a decision") })
}

fn edits_are_undone_last_first_also_after_a_later_one_was(database: &Database) {
    let registry = open(database);
    let whole = create(&registry, STEM, [0, 0, 20, 10]);
    let before = picture(&registry, Kind::Parcel, &[whole]);
    let line = Cut::Lines(vec![vec![[WEST + 0.001, SOUTH - 0.001], [WEST + 0.001, SOUTH + 0.002]]]);
    let split = edit(&registry, ParcelEdit::Split { parcel: whole, by: line, crs: None, parts: Vec::new() });
    let parts: Vec<EntityId> = split.parcels.iter().map(|parcel| parcel.id.expect("an id")).collect();
    let united = edit(&registry, ParcelEdit::Unite { parcels: parts.clone(), values: raw(json!({})), several_parts: false });
    refused(attempt(&registry, ParcelEdit::Undo { decision: split.decision.expect("a decision") }, EditOptions::default()), "edited-since");
    undo(&registry, &united);
    let undone = undo(&registry, &split);
    assert_eq!(undone.retired.len(), 2);
    assert_eq!(picture(&registry, Kind::Parcel, &[whole]), before, "everything is as it was");
    verified(&registry);

    let made = edit(&registry, ParcelEdit::Create { values: raw(json!({ "parcel_code": STEM, "geometry": rectangle([40, 0, 50, 10]) })) });
    let id = made.parcels[0].id.expect("an id");
    let patched = edit(&registry, ParcelEdit::Patch { parcel: id, changes: raw(json!({ "location": "天河路1号" })) });
    undo(&registry, &patched);
    let unmade = undo(&registry, &made);
    assert_eq!(unmade.retired, [id]);
    // The dry run of an undo that brings a parcel back names the version it comes back from.
    let look = EditOptions { dry_run: true, ..EditOptions::default() };
    let looked =
        registry.edit_parcels(&actor(), &ParcelEdit::Undo { decision: unmade.decision.expect("a decision") }, &look).expect("a look");
    assert_eq!(looked.seen.get(&id), Some(&4), "{:?}", looked.seen);
    undo(&registry, &unmade);
    assert!(matches!(registry.find(&actor(), Kind::Parcel, id, &View::default()), Ok(Found::Record(_))));
    let ended = edit(&registry, ParcelEdit::Retire { parcel: id });
    undo(&registry, &ended);
    assert!(value(&registry, id, "parcel_code").is_some());
    verified(&registry);
}

fn found(registry: &Registry) -> Vec<EntityId> {
    let area = Area::Bbox { west: WEST, south: SOUTH, east: WEST + 0.01, north: SOUTH + 0.01 };
    let page = registry.query_parcels(&actor(), &ParcelQuery { area, limit: 10, ..ParcelQuery::default() }).expect("a page");
    page.items.iter().map(|hit| hit.parcel.id).collect()
}

fn what_has_ended_blocks_nothing_and_is_not_found_today(database: &Database) {
    let registry = open(database);
    let ended = create(&registry, STEM, [0, 0, 10, 10]);
    edit(&registry, ParcelEdit::Patch { parcel: ended, changes: raw(json!({ "valid_to": "2024-06-01" })) });
    assert_eq!(found(&registry), []);
    let then = ParcelQuery {
        area: Area::Point { lon: WEST + 0.0005, lat: SOUTH + 0.0005 },
        valid_at: "2023-01-01".parse().ok(),
        limit: 10,
        ..ParcelQuery::default()
    };
    assert_eq!(registry.query_parcels(&actor(), &then).expect("a page").items.len(), 1, "it stood there");
    let next = create(&registry, STEM, [0, 0, 10, 10]);
    assert_eq!(found(&registry), [next]);
    let tomorrow = (chrono::Utc::now() + chrono::TimeDelta::days(2)).date_naive().to_string();
    let values = raw(json!({ "parcel_code": STEM, "geometry": rectangle([20, 0, 30, 10]), "valid_to": tomorrow }));
    refused(attempt(&registry, ParcelEdit::Create { values: values.clone() }, EditOptions::default()), "date-range");
    refused(
        attempt(&registry, ParcelEdit::Patch { parcel: next, changes: raw(json!({ "valid_to": tomorrow })) }, EditOptions::default()),
        "date-range",
    );
    refused(attempt(&registry, ParcelEdit::Replace { parcel: next, values }, EditOptions::default()), "date-range");
    let later = EditOptions { valid_on: tomorrow.parse().ok(), ..EditOptions::default() };
    let patch = ParcelEdit::Patch { parcel: next, changes: raw(json!({ "location": "天河路1号" })) };
    refused(attempt(&registry, patch, later.clone()), "date-range");
    refused(attempt(&registry, ParcelEdit::Retire { parcel: next }, later), "date-range");
    verified(&registry);
}

fn no_edit_leaves_a_parcel_without_what_a_new_one_must_have(database: &Database) {
    let registry = open(database);
    let id = create(&registry, STEM, [0, 0, 10, 10]);
    for changes in [json!({ "geometry": null }), json!({ "geometry": "" }), json!({ "parcel_code": null })] {
        refused(attempt(&registry, ParcelEdit::Patch { parcel: id, changes: raw(changes) }, EditOptions::default()), "required");
    }
    refused(
        attempt(&registry, ParcelEdit::Replace { parcel: id, values: raw(json!({ "land_use": "0501" })) }, EditOptions::default()),
        "required",
    );
    edit(&registry, ParcelEdit::Patch { parcel: id, changes: raw(json!({ "land_use": null })) });
}

fn a_dry_look_and_the_deed_have_one_verdict(database: &Database) {
    let registry = open(database);
    let id = create(&registry, STEM, [0, 0, 10, 10]);
    let with = |values: Value| {
        let mut values = raw(values);
        values.entry("geometry").or_insert_with(|| rectangle([20, 0, 30, 10]));
        values
    };
    for values in [
        with(json!({ "parcel_code": STEM })),
        with(json!({ "parcel_code": "4401" })),
        with(json!({ "parcel_code": STEM, "land_use": "XX" })),
        with(json!({ "parcel_code": STEM, "right_holder_id": "12" })),
        with(json!({ "parcel_code": STEM, "registered_area_m2": "9" })),
        with(json!({ "parcel_code": STEM, "registered_area_m2": "many" })),
        with(json!({ "parcel_code": "440106001001GB00001" })),
        with(json!({ "parcel_code": STEM, "geometry": rectangle([5, 0, 15, 10]) })),
        with(json!({ "parcel_code": STEM, "valid_from": "2999-01-01" })),
        with(json!({ "parcel_code": STEM, "right_holder": "张**" })),
        raw(json!({ "parcel_code": STEM })),
        with(json!({})),
    ] {
        let told = registry.validate_parcel(&actor(), None, &values).expect("a look");
        let done = attempt(&registry, ParcelEdit::Create { values: values.clone() }, EditOptions::default());
        assert_eq!(told.valid, done.is_ok(), "{values:?}: {:?} {done:?}", told.problems);
        if !told.valid {
            let named = told.problems.iter().any(|problem| problem.severity == "reject") || told.report.blocking().is_some();
            assert!(named, "{values:?}: {told:?}");
        }
        if let Ok(done) = done {
            edit(&registry, ParcelEdit::Undo { decision: done.decision.expect("a decision") });
        }
    }
    for changes in
        [json!({ "land_use": "XX" }), json!({ "land_use": "0501" }), json!({ "geometry": null }), json!({ "location": "天河路1号" })]
    {
        let told = registry.validate_parcel(&actor(), Some(id), &raw(changes.clone())).expect("a look");
        let done = attempt(&registry, ParcelEdit::Patch { parcel: id, changes: raw(changes.clone()) }, EditOptions::default());
        assert_eq!(told.valid, done.is_ok(), "{changes}: {:?} {done:?}", told.problems);
    }
    // Of a boundary that is not valid, what can be told of its neighbours is told of what is proposed for it.
    let bow_tie = json!({"type": "Polygon", "coordinates": [[
        [WEST, SOUTH], [WEST + 0.001, SOUTH + 0.001], [WEST + 0.001, SOUTH], [WEST, SOUTH + 0.001], [WEST, SOUTH],
    ]]});
    let told = registry.validate_parcel(&actor(), None, &with(json!({ "parcel_code": STEM, "geometry": bow_tie }))).expect("a look");
    assert!(!told.valid && told.problems.iter().any(|problem| problem.code == "geometry-self-intersection"));
    assert!(told.report.findings.iter().any(|finding| finding.code == "parcel-overlap"), "{:?}", told.report);
    // A parcel that gives land up says that nobody has it now.
    let told = registry.validate_parcel(&actor(), Some(id), &raw(json!({ "geometry": rectangle([0, 0, 5, 10]) }))).expect("a look");
    let gap = told.report.findings.iter().find(|finding| finding.rule == "T4").expect("a gap");
    assert_eq!((gap.severity, told.valid), ("warn", true));
}

fn what_is_no_whole_says_where(database: &Database) {
    let registry = open(database);
    let (left, right, far) =
        (create(&registry, STEM, [0, 0, 10, 10]), create(&registry, STEM, [10, 0, 20, 10]), create(&registry, STEM, [40, 0, 50, 10]));
    let place = |what: ParcelEdit| match attempt(&registry, what, EditOptions::default()) {
        Err(RegistryError::Topology(report)) => {
            let worst = report.blocking().expect("something blocks").clone();
            (worst.code, worst.place.expect("a place")["type"].clone())
        }
        other => panic!("{other:?}"),
    };
    let apart = ParcelEdit::Unite { parcels: vec![left, far], values: raw(json!({})), several_parts: false };
    assert_eq!(place(apart), ("merge-apart", json!("MultiPolygon")));
    let lost = vec![(left, rectangle([0, 0, 9, 10])), (right, rectangle([10, 0, 20, 10]))];
    assert_eq!(place(ParcelEdit::Adjust { boundaries: lost, crs: None }), ("parcel-union-changed", json!("MultiPolygon")));
    let twice = Cut::Polygons(vec![rectangle([0, 0, 6, 10]), rectangle([5, 0, 10, 10])]);
    assert_eq!(
        place(ParcelEdit::Split { parcel: left, by: twice, crs: None, parts: Vec::new() }),
        ("parcel-overlap", json!("MultiPolygon"))
    );
}

fn the_nearest_of_a_use_are_looked_for_among_that_use(database: &Database) {
    let registry = open(database);
    for at in 0..6 {
        create(&registry, STEM, [at * 10, 0, at * 10 + 10, 10]);
    }
    let values = raw(json!({ "parcel_code": STEM, "geometry": rectangle([100, 0, 110, 10]), "land_use": "0501" }));
    let other = edit(&registry, ParcelEdit::Create { values }).parcels[0].id;
    let query = ParcelQuery {
        area: Area::Nearest { lon: WEST, lat: SOUTH, k: 3 },
        land_use: Some("05".to_owned()),
        limit: 10,
        ..ParcelQuery::default()
    };
    let page = registry.query_parcels(&actor(), &query).expect("a page");
    assert_eq!(page.items.iter().map(|hit| Some(hit.parcel.id)).collect::<Vec<_>>(), [other]);
}
