//! Are parcels looked at as they lie: with what comes along, in time, in their system and in their layer?

use jiku_model::{EntityId, Kind};
use jiku_registry::{Area, Cut, EditOptions, Incoming, ParcelEdit, ParcelQuery, Registry, ReviewFilter};
use jiku_tests::stores::Database;
use serde_json::{Value, json};

use super::cadastre::{SOUTH, STEM, WEST, area, attempt, create, edit, raw, rectangle, refused, value};
use super::support::{actor, entity, open, record, take, verified};

jiku_tests::on_both_stores! {
    a_parcel_without_a_code_is_patched_by_what_changes;
    the_parcels_of_one_edit_are_looked_at_together;
    a_parcel_without_a_beginning_stood_before_its_change;
    a_file_in_another_system_than_it_says_is_told_of;
    a_few_rows_in_another_system_are_told_of_among_right_ones;
    owned_land_and_its_uses_lie_over_each_other;
    one_code_on_two_places_is_two_parcels_and_a_question;
    the_many_parcels_of_one_owner_raise_no_question;
    what_another_department_measured_joins_the_parcel_it_lies_on;
}

/// A code that was typed twice would else take the second parcel's land away: the first one's boundary would stand for both.
fn one_code_on_two_places_is_two_parcels_and_a_question(database: &Database) {
    let registry = open(database);
    let sent = |source: &str, key: &str, code: u32, place: [i32; 4]| {
        let fields = format!("parcel_code=440106001001GB{code:05}|land_use=0701|geometry={}", rectangle(place));
        take(&registry, record(Kind::Parcel, source, key, &fields))
    };
    let first = entity(&sent("ziran", "1", 1, [0, 0, 10, 10]));
    assert_eq!(entity(&sent("ziran", "2", 1, [1, 0, 11, 10])), first, "the same land, measured a little otherwise");
    assert_eq!(entity(&sent("guihua", "1", 1, [2, 0, 12, 10])), first, "and by another department");
    let asked = || registry.reviews(&actor(), &ReviewFilter { limit: 10, ..ReviewFilter::default() }).expect("reviews").items;
    assert_eq!(asked().len(), 0);
    for (number, source) in [(1, "ziran"), (2, "guihua")] {
        let other = entity(&sent(source, "9", 1, [100 * number, 0, 100 * number + 10, 10]));
        assert_ne!(other, first, "{source}");
        assert!(asked().len() >= usize::try_from(number).expect("a number"), "{:?}", asked());
        assert!(asked().iter().all(|task| (0.2..0.8).contains(&task.probability)), "nobody knows: {:?}", asked());
        let area = Area::Point { lon: WEST + f64::from(100 * number + 5) / 10_000.0, lat: SOUTH + 0.0005 };
        let there = registry.query_parcels(&actor(), &ParcelQuery { area, limit: 10, ..ParcelQuery::default() }).expect("query").items;
        assert_eq!(there.iter().map(|hit| hit.parcel.id).collect::<Vec<_>>(), [other], "its land is there");
    }
    // Of large parcels the middles may lie further apart.
    let large = entity(&sent("ziran", "20", 2, [0, 200, 200, 280]));
    assert_eq!(entity(&sent("guihua", "20", 2, [40, 200, 240, 280])), large);
    assert_ne!(entity(&sent("guihua", "21", 2, [800, 200, 1000, 280])), large);
    verified(&registry);
}

/// Plots of one size under one owner, as a housing estate has them, and more of them in other villages.
fn the_many_parcels_of_one_owner_raise_no_question(database: &Database) {
    let registry = open(database);
    let places = (0..6).flat_map(|row| (0..4).map(move |column| [column * 12, row * 12])).chain((1..9).map(|village| [village * 100, 0]));
    let sent = |key: usize, [west, south]: [i32; 2], location: &str| {
        let place = rectangle([west, south, west + 5, south + 5]);
        let owner = "right_holder=美的集团股份有限公司|right_holder_id=91440606722473344C";
        let fields = format!("foreign_key={key}|land_use=0701|registered_area_m2=2830|{owner}|location={location}|geometry={place}");
        take(&registry, record(Kind::Parcel, "kadaster", &key.to_string(), &fields))
    };
    let made: Vec<EntityId> = places.enumerate().map(|(key, place)| entity(&sent(key, place, ""))).collect();
    let mut distinct = made.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), made.len());
    let asked = || registry.reviews(&actor(), &ReviewFilter { limit: 10, ..ReviewFilter::default() }).expect("reviews").items;
    assert_eq!(asked(), []);
    // One of them drawn on a shifted map by somebody else: all but the boundary is the same.
    let first = entity(&sent(100, [300, 300], "佛山市顺德区北滘镇美的大道6号"));
    let shifted = entity(&sent(101, [350, 300], "佛山市顺德区北滘镇美的大道6号"));
    assert_ne!(first, shifted);
    assert_eq!(asked().len(), 1);
    verified(&registry);
}

/// A department that has no codes, and another one's boundary for each parcel, some decimetres beside the cadastre's.
fn what_another_department_measured_joins_the_parcel_it_lies_on(database: &Database) {
    let registry = open(database);
    let places = [[0, 0, 3, 4], [3, 0, 6, 4], [6, 0, 7, 4], [7, 0, 8, 4]];
    let known: Vec<EntityId> = (1..)
        .zip(places)
        .map(|(code, place)| {
            let fields = format!("parcel_code=440106001001GB{code:05}|land_use=0701|geometry={}", rectangle(place));
            entity(&take(&registry, record(Kind::Parcel, "ziran", &code.to_string(), &fields)))
        })
        .collect();
    for (key, place) in (1..).zip(places) {
        let mut measured = rectangle(place);
        for corner in measured["coordinates"][0].as_array_mut().expect("a ring") {
            corner[0] = json!(corner[0].as_f64().expect("a longitude") + 3e-6);
            corner[1] = json!(corner[1].as_f64().expect("a latitude") - 2e-6);
        }
        let sent = take(&registry, record(Kind::Parcel, "guihua", &key.to_string(), &format!("land_use=0701|geometry={measured}")));
        assert_eq!(entity(&sent), known[key - 1], "{key}");
    }
    verified(&registry);
}

fn a_parcel_without_a_code_is_patched_by_what_changes(database: &Database) {
    let registry = open(database);
    let values = raw(json!({ "geometry": rectangle([0, 0, 10, 10]), "land_use": "0701" }));
    let made = edit(&registry, ParcelEdit::Create { values }).parcels[0].id.expect("an id");
    let geometry = rectangle([20, 0, 30, 10]);
    let sent = entity(&take(&registry, record(Kind::Parcel, "kadaster", "7", &format!("land_use=0701|geometry={geometry}"))));
    for parcel in [made, sent] {
        let before = area(&registry, parcel);
        let patched = edit(&registry, ParcelEdit::Patch { parcel, changes: raw(json!({ "land_use": "0501" })) });
        assert_eq!((patched.parcels[0].id, patched.parcels[0].version), (Some(parcel), 2));
        assert_eq!(value(&registry, parcel, "land_use").as_deref(), Some("0501"));
        assert!((area(&registry, parcel) - before).abs() < 1e-9, "what is not named stays");
    }
    let nothing = record(Kind::Parcel, "kadaster", "8", "land_use=0701");
    assert_eq!(registry.ingest(&actor(), vec![nothing]).expect("ingest")[0].problems[0].code, "required", "a row tells what it speaks of");
    verified(&registry);
}

/// What a dry run finds: rule and part.
fn findings(registry: &Registry, what: &ParcelEdit) -> Vec<(String, usize)> {
    let look = registry.edit_parcels(&actor(), what, &EditOptions { dry_run: true, ..EditOptions::default() }).expect("a dry run");
    look.report.findings.iter().map(|finding| (finding.rule.to_owned(), finding.part)).collect()
}

fn the_parcels_of_one_edit_are_looked_at_together(database: &Database) {
    let registry = open(database);
    let [west, east] = [[0, 0, 10, 10], [10, 0, 20, 10]].map(|place| create(&registry, STEM, place));
    // A ring of others around, so that a part that is not there would leave a hole.
    let rows = [-10, 0, 10, 20].into_iter().flat_map(|at| [[at, -10, at + 10, 0], [at, 10, at + 10, 20]]);
    for place in rows.chain([[-10, 0, 0, 10], [20, 0, 30, 10]]) {
        create(&registry, STEM, place);
    }
    let moved = |first: Value, second: Value| ParcelEdit::Adjust { boundaries: vec![(west, first), (east, second)], crs: None };
    let found = findings(&registry, &moved(rectangle([0, 0, 12, 10]), rectangle([12, 0, 20, 10])));
    assert!(found.iter().all(|(rule, _)| rule == "T3"), "the outer neighbours lack the new corner, and nothing is open: {found:?}");
    // The new border has a corner on one side alone.
    let mut bent = rectangle([0, 0, 12, 10]);
    let middle = json!([WEST + 0.0012, SOUTH + 0.0005]);
    bent["coordinates"][0].as_array_mut().expect("a ring").insert(2, middle);
    let one_sided = findings(&registry, &moved(bent, rectangle([12, 0, 20, 10])));
    assert!(one_sided.len() > found.len() && one_sided.iter().all(|(rule, _)| rule == "T3"), "{one_sided:?}");

    // Parts with three centimetres of nothing between them.
    let alone = create(&registry, STEM, [100, 0, 120, 10]);
    let mut left = rectangle([100, 0, 110, 10]);
    for corner in [1, 2] {
        left["coordinates"][0][corner][0] = json!(WEST + 0.011 - 3e-7);
    }
    let by = Cut::Polygons(vec![left, rectangle([110, 0, 120, 10])]);
    let split = ParcelEdit::Split { parcel: alone, by, crs: None, parts: Vec::new() };
    let look = registry.edit_parcels(&actor(), &split, &EditOptions { dry_run: true, ..EditOptions::default() }).expect("a dry run");
    assert_eq!(look.report.findings.iter().map(|finding| (finding.rule, finding.part)).collect::<Vec<_>>(), [("T2", 0)]);
    let [proposal] = look.report.proposals.as_slice() else { panic!("one part gives way: {:?}", look.report.proposals) };
    let by = Cut::Polygons(vec![proposal.geometry.clone(), rectangle([110, 0, 120, 10])]);
    assert_eq!(findings(&registry, &ParcelEdit::Split { parcel: alone, by, crs: None, parts: Vec::new() }), [], "the proposal cures it");

    // A corner on the edge of a third parcel: that one gets it, as one more boundary of the adjustment.
    let [left, right] = [[100, 20, 110, 30], [110, 20, 120, 30]].map(|place| create(&registry, STEM, place));
    let north = create(&registry, STEM, [100, 30, 120, 40]);
    let mut boundaries = vec![(left, rectangle([100, 20, 112, 30])), (right, rectangle([112, 20, 120, 30]))];
    let dry = EditOptions { dry_run: true, ..EditOptions::default() };
    let look = registry.edit_parcels(&actor(), &ParcelEdit::Adjust { boundaries: boundaries.clone(), crs: None }, &dry).expect("a dry run");
    let proposal = look.report.proposals.iter().rfind(|proposal| proposal.parcel == Some(north)).expect("a proposal for the third");
    boundaries.push((north, proposal.geometry.clone()));
    assert_eq!(findings(&registry, &ParcelEdit::Adjust { boundaries, crs: None }), []);
}

fn a_parcel_without_a_beginning_stood_before_its_change(database: &Database) {
    let registry = open(database);
    let place = |[west, south, east, north]: [i32; 4]| rectangle([west, south, east, north]).to_string();
    let sent = |key: &str, at: [i32; 4]| {
        record(Kind::Parcel, "ziran", key, &format!("parcel_code=440106001001GB0010{key}|land_use=0701|geometry={}", place(at)))
    };
    let [west, east, ended] =
        [("1", [0, 0, 10, 10]), ("2", [10, 0, 20, 10]), ("3", [40, 0, 50, 10])].map(|(key, at)| entity(&take(&registry, sent(key, at))));
    let on = |day: &str| EditOptions { valid_on: day.parse().ok(), ..EditOptions::default() };
    let boundaries = vec![(west, rectangle([0, 0, 12, 10])), (east, rectangle([12, 0, 20, 10]))];
    attempt(&registry, ParcelEdit::Adjust { boundaries, crs: None }, on("2024-06-01")).expect("adjusted");
    attempt(&registry, ParcelEdit::Patch { parcel: ended, changes: raw(json!({ "land_use": "0501" })) }, on("2024-03-01"))
        .expect("patched");
    attempt(&registry, ParcelEdit::Retire { parcel: ended }, on("2024-06-01")).expect("ended");
    let there = |east: i32, day: &str| -> Vec<EntityId> {
        let area = Area::Point { lon: WEST + f64::from(east) / 10_000.0, lat: SOUTH + 0.0005 };
        let query = ParcelQuery { area, limit: 10, valid_at: day.parse().ok(), ..ParcelQuery::default() };
        registry.query_parcels(&actor(), &query).expect("query").items.iter().map(|hit| hit.parcel.id).collect()
    };
    for day in ["2010-01-01", "2024-05-31"] {
        assert_eq!((there(11, day), there(45, day)), (vec![east], vec![ended]), "{day}: as it was always until then");
    }
    assert_eq!((there(11, "2024-06-01"), there(45, "2024-06-01")), (vec![west], vec![]));
    let future = attempt(&registry, ParcelEdit::Retire { parcel: west }, on("2999-01-01"));
    refused(future, "date-range");
}

fn a_file_in_another_system_than_it_says_is_told_of(database: &Database) {
    let registry = open(database);
    // A rug of parcels of uneven widths, so that no shift lays it on itself; half of it is known.
    let step = |steps: &[i32], at: i32| usize::try_from(at).map_or(0, |at| steps[at % steps.len()]);
    let wide = |at: i32| step(&[0, 7, 19, 24, 37, 41, 53, 66, 71, 88, 95], at) + 100 * (at / 11);
    let high = |at: i32| step(&[0, 9, 14, 27, 33], at);
    let cell = |(row, at): (i32, i32)| [wide(at), high(row), wide(at + 1), high(row + 1)];
    let cells = |rows: std::ops::Range<i32>| rows.flat_map(|row| (0..20).map(move |at| (row, at)));
    let sent = |name: &str, crs: Option<&str>, shapes: Vec<Value>| -> Vec<Incoming> {
        let declared = crs.map(|crs| format!("|crs={crs}")).unwrap_or_default();
        let one = |(at, shape): (usize, Value)| record(Kind::Parcel, name, &at.to_string(), &format!("geometry={shape}{declared}"));
        shapes.into_iter().enumerate().map(one).collect()
    };
    let told = |rows: Vec<Incoming>| -> Vec<String> {
        let outcomes = registry.ingest(&actor(), rows).expect("ingest");
        outcomes
            .iter()
            .flat_map(|outcome| &outcome.problems)
            .map(|problem| problem.code.to_string())
            .filter(|code| code.contains("-suspected"))
            .collect()
    };
    let known = cells(0..2).map(|at| rectangle(cell(at))).collect();
    assert_eq!(told(sent("base", None, known)), [""; 0]);
    let shifted = |crs: &str| -> Vec<Value> {
        let crs: jiku_spatial::Crs = crs.parse().expect("a system");
        let moved = |at: (i32, i32)| {
            let mut shape = rectangle(cell(at));
            for place in shape["coordinates"][0].as_array_mut().expect("a ring") {
                let [x, y] = crs.from_lon_lat(place[0].as_f64().expect("a number"), place[1].as_f64().expect("a number"));
                *place = json!([x, y]);
            }
            shape
        };
        cells(0..2).map(moved).collect()
    };
    for (name, declared, real, code) in [
        ("gcj", None, "GCJ02", "datum-suspected"),
        ("bd", None, "BD09", "datum-suspected"),
        ("zone", Some("EPSG:4548"), "EPSG:4547", "zone-suspected"),
    ] {
        let one = raw(json!({ "geometry": shifted(real)[0], "crs": declared }));
        let looked_at = registry.validate_parcel(&actor(), None, &one).expect("a look");
        let named = looked_at.problems.iter().find(|problem| problem.code == code).expect("the system is named");
        assert!(named.place.is_some() && named.message_zh.as_deref().is_some_and(|text| text.contains("请声明")), "{named:?}");
        let told = told(sent(name, declared, shifted(real)));
        assert!(told.len() >= 36 && told.iter().all(|told| told == code), "{name}: {told:?}");
    }
    let further = cells(2..4).map(|at| rectangle(cell(at))).collect();
    assert_eq!(told(sent("further", None, further)), [""; 0], "what goes on where the known parcels end is right");
}

fn a_few_rows_in_another_system_are_told_of_among_right_ones(database: &Database) {
    let registry = open(database);
    let step = |steps: &[i32], at: i32| usize::try_from(at).map_or(0, |at| steps[at % steps.len()]);
    let wide = |at: i32| step(&[0, 7, 19, 24, 37, 41, 53, 66, 71, 88, 95], at) + 100 * (at / 11);
    let high = |at: i32| step(&[0, 9, 14, 27], at) + 33 * (at / 4);
    let cell = |row: i32, at: i32| rectangle([wide(at), high(row), wide(at + 1), high(row + 1)]);
    let moved = |crs: &str, mut shape: Value| {
        let crs: jiku_spatial::Crs = crs.parse().expect("a system");
        for place in shape["coordinates"][0].as_array_mut().expect("a ring") {
            let [x, y] = crs.from_lon_lat(place[0].as_f64().expect("a number"), place[1].as_f64().expect("a number"));
            *place = json!([x, y]);
        }
        shape
    };
    let told = |rows: Vec<(String, Value)>| -> Vec<(String, String)> {
        let rows = rows.into_iter().map(|(key, shape)| record(Kind::Parcel, "land", &key, &format!("geometry={shape}"))).collect();
        let outcomes = registry.ingest(&actor(), rows).expect("ingest");
        let codes = outcomes.iter().flat_map(|outcome| outcome.problems.iter().map(|problem| (outcome.key.key.clone(), problem)));
        codes.filter(|(_, problem)| problem.code.contains("-suspected")).map(|(key, problem)| (key, problem.advice.to_string())).collect()
    };
    let key = |row: i32, at: i32| format!("{row}-{at}");
    let base = (0..4).flat_map(|row| (0..20).map(move |at| (row, at)));
    assert_eq!(told(base.map(|(row, at)| (key(row, at), cell(row, at))).collect()), []);
    // Further rows of the rug; a run of them was digitised on a shifted map, and lies over parcels of others.
    for (rows, run, system) in [(4..8, 5, "GCJ02"), (8..12, 10, "GCJ02"), (12..20, 13, "BD09")] {
        let is_run = |row: i32, at: i32| row == run && (2..7).contains(&at);
        let cells = rows.flat_map(|row| (0..20).map(move |at| (row, at)));
        let shape = |row, at| if is_run(row, at) { moved(system, cell(row, at)) } else { cell(row, at) };
        let found = told(cells.map(|(row, at)| (key(row, at), shape(row, at))).collect());
        let expected: Vec<String> = (2..7).map(|at| key(run, at)).collect();
        assert_eq!(found.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>(), expected, "{found:?}");
        assert!(found.iter().all(|(_, advice)| advice.contains(&system.to_lowercase())), "{found:?}");
    }
    // Rows that lie over others by a mistake of a surveyor, or as a source has them twice elsewhere, are not said to be shifted.
    let mistaken = (0..20).map(|at| (format!("off-{at}"), rectangle([wide(at) + 3, high(1) + 2, wide(at + 1) + 3, high(2) + 2])));
    assert_eq!(told(mistaken.collect()), []);
    let twice = (2..7).map(|at| (format!("twice-{at}"), moved("GCJ02", cell(6, at))));
    assert_eq!(told(twice.collect()), [], "there it would lie over a current parcel");
}

fn owned_land_and_its_uses_lie_over_each_other(database: &Database) {
    let registry = open(database);
    let made = |stem: &str| create(&registry, stem, [0, 0, 10, 10]);
    let (owned, _used) = (made("440106001001JA"), made("440106001001JC"));
    for stem in ["440106001001JA", "440106001001JC"] {
        let values = raw(json!({ "parcel_code": stem, "geometry": rectangle([5, 0, 15, 10]) }));
        refused(attempt(&registry, ParcelEdit::Create { values }, EditOptions::default()), "parcel-overlap");
    }
    assert!(value(&registry, owned, "parcel_code").is_some_and(|code| code.starts_with("440106001001JA")));
    verified(&registry);
}
