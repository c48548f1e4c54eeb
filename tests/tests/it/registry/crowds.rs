//! What becomes of people who nearly agree, all of them with all others?
//!
//! Their pairs grow by the square. So many of one record wait for a steward at a time; the others come when these are answered.

use std::collections::BTreeSet;

use jiku_model::{EntityId, Kind, Verdict};
use jiku_registry::{Expected, Incoming, ModelChange, Registry, ReviewFilter, ReviewView};
use jiku_tests::stores::Database;

use super::support::{actor, crosswalk, key, open, person, record, verified};

jiku_tests::on_both_stores! {
    of_a_crowd_in_doubt_each_waits_with_the_strongest_and_all_are_asked_in_the_end;
    a_look_at_all_pairs_anew_changes_nothing_in_a_crowd;
    parcels_on_one_place_are_asked_about_with_some_of_the_others;
}

/// So many nearly agree.
const CROWD: usize = 60;
/// As `write::crowds` has it.
const MOST_DOUBTS: usize = 20;

/// One rare name in one county, and nothing else: a doubt for each pair.
fn one_of_the_crowd(at: usize) -> Incoming {
    person("gongan", &at.to_string(), "name=赵钱孙|division=440106")
}

fn crowd(registry: &Registry) {
    for piece in (0..CROWD).collect::<Vec<_>>().chunks(25) {
        registry.ingest(&actor(), piece.iter().map(|at| one_of_the_crowd(*at)).collect()).expect("ingest");
    }
}

fn waiting(registry: &Registry) -> Vec<ReviewView> {
    let (mut tasks, mut cursor) = (Vec::new(), None);
    loop {
        let page = registry.reviews(&actor(), &ReviewFilter { limit: 100, cursor, ..ReviewFilter::default() }).expect("reviews");
        tasks.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            return tasks;
        }
    }
}

fn sides(task: &ReviewView) -> [EntityId; 2] {
    [task.left.entity, task.right.entity]
}

/// With whom each of the crowd waits: with all others, or with so many at least.
#[track_caller]
fn everybody_waits(registry: &Registry, crowd: &[EntityId], answered: usize) {
    let tasks = waiting(registry);
    assert!(tasks.len() <= crowd.len() * MOST_DOUBTS, "{} tasks grow with the crowd, not with its square", tasks.len());
    for one in crowd {
        let with = tasks.iter().filter(|task| sides(task).contains(one)).count();
        assert!(with >= MOST_DOUBTS.min(crowd.len() - 1 - answered), "{with} questions about one of them");
    }
}

fn of_a_crowd_in_doubt_each_waits_with_the_strongest_and_all_are_asked_in_the_end(database: &Database) {
    let (registry, other) = (open(database), open(database));
    crowd(&registry);
    let of = |at: usize| crosswalk(&registry, &key(Kind::Person, "gongan", &at.to_string()));
    let everybody: Vec<EntityId> = (0..CROWD).map(of).collect();
    assert_eq!(everybody.iter().collect::<BTreeSet<_>>().len(), CROWD, "all of them are doubtful");
    everybody_waits(&registry, &everybody, 0);
    verified(&registry);

    // A steward answers whatever is asked about one of them, until nothing is.
    let one = everybody[7];
    let mut answered = BTreeSet::new();
    while let Some(task) = waiting(&registry).into_iter().find(|task| sides(task).contains(&one)) {
        registry.judge(&actor(), task.id, Verdict::Negative, None, &Expected::new(), false).expect("an answer");
        answered.extend(sides(&task).into_iter().filter(|side| *side != one));
    }
    assert_eq!(answered.len(), CROWD - 1, "every one of the others was asked about");
    let rest: Vec<EntityId> = everybody.iter().copied().filter(|id| *id != one).collect();
    everybody_waits(&registry, &rest, 0);
    verified(&registry);

    // Withdrawals and revisions make room.
    for at in (0..CROWD).filter(|at| at % 2 == 0) {
        registry.withdraw(&actor(), &key(Kind::Person, "gongan", &at.to_string())).expect("withdrawn");
    }
    let left: Vec<EntityId> = (0..CROWD).filter(|at| at % 2 == 1 && *at != 7).map(of).collect();
    everybody_waits(&registry, &left, 0);
    let renamed = (0..CROWD).filter(|at| at % 4 == 1).map(|at| person("gongan", &at.to_string(), "name=钱塘江|division=440304"));
    registry.ingest(&actor(), renamed.collect()).expect("revised");
    let left: Vec<EntityId> = (0..CROWD).filter(|at| at % 4 == 3 && *at != 7).map(of).collect();
    let tasks = waiting(&registry);
    for one in &left {
        let with: BTreeSet<EntityId> = tasks.iter().map(sides).filter(|sides| sides.contains(one)).flatten().collect();
        assert!(left.iter().all(|other| with.contains(other)), "few are left, and each waits with all others");
    }
    verified(&registry);
    verified(&other);
}

fn a_look_at_all_pairs_anew_changes_nothing_in_a_crowd(database: &Database) {
    let registry = open(database);
    crowd(&registry);
    let before: BTreeSet<_> = waiting(&registry).iter().map(|task| task.id).collect();
    // The same model under another number asks about every pair again.
    let change = ModelChange::Version(1);
    let preview = registry.preview_model(&actor(), Kind::Person, &change).expect("a preview");
    assert_eq!(preview.tasks, (before.len() as u64, before.len() as u64));
    let outcome = registry.apply_model(&actor(), Kind::Person, &change, Some(preview.version), None).expect("applied");
    assert_eq!((outcome.judged, outcome.tasks), (0, preview.tasks));
    assert_eq!(waiting(&registry).iter().map(|task| task.id).collect::<BTreeSet<_>>(), before);
    verified(&registry);
}

fn parcels_on_one_place_are_asked_about_with_some_of_the_others(database: &Database) {
    const PARCELS: usize = 150;
    let registry = open(database);
    let square = "POLYGON ((113 23.1, 113.001 23.1, 113.001 23.101, 113 23.101, 113 23.1))";
    let parcel = |at: usize| {
        let fields = format!("geometry={square}|land_use=0701|parcel_code=440106001002GB{at:05}");
        record(Kind::Parcel, "ziran", &at.to_string(), &fields)
    };
    for piece in (0..PARCELS).collect::<Vec<_>>().chunks(40) {
        registry.ingest(&actor(), piece.iter().map(|at| parcel(*at)).collect()).expect("ingest");
    }
    let tasks = waiting(&registry).len();
    assert!((PARCELS..=PARCELS * MOST_DOUBTS).contains(&tasks), "{tasks} questions about {PARCELS} parcels");
    verified(&registry);
}
