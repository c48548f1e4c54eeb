//! Do several nodes on one database behave as one service?

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiku_model::{EntityId, Kind};
use jiku_registry::{
    EditOptions, EditOutcome, Expected, MergeOutcome, ParcelEdit, Registry, RegistryError, ResolveOptions, ReviewFilter, Unmerge,
};
use jiku_tests::long::{Numbers, setting};
use jiku_tests::stores::Database;
use serde_json::json;

use super::cadastre::{STEM, raw, rectangle, value};
use super::support::{actor, entity, find, incoming, key, li, open, province, take, verified, zhang};

/// How long a node that follows may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(60);

jiku_tests::on_both_stores! {
    two_nodes_that_take_in_one_new_person_at_once_make_one_entity;
    a_node_sees_what_another_wrote_without_being_told;
    nodes_that_write_in_turns_agree_about_everything;
    the_change_feed_has_no_holes_under_concurrent_writers;
    two_nodes_that_take_in_one_person_without_a_number_join_them_or_ask;
    stewards_at_once_leave_every_record_in_one_cluster;
    two_nodes_that_edit_neighbours_at_once_keep_the_topology;
}

fn two_nodes_that_take_in_one_new_person_at_once_make_one_entity(database: &Database) {
    let nodes = [open(database), open(database)];
    let barrier = Barrier::new(2);
    for round in 0..10 {
        let birth = format!("19{:02}0115", 50 + round);
        let number = super::support::number(&birth, round);
        let fields = format!("name=赵子龙|id_type=111|id_number={number}|sex=1|birth_date=19{}-01-15", 50 + round);
        let entities: Vec<_> = std::thread::scope(|scope| {
            let taking: Vec<_> = nodes
                .iter()
                .zip(["gongan", "weijian"])
                .map(|(node, source)| {
                    let (barrier, fields) = (&barrier, &fields);
                    scope.spawn(move || {
                        barrier.wait();
                        entity(&take(node, super::support::person(source, &round.to_string(), fields)))
                    })
                })
                .collect();
            taking.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert_eq!(entities[0], entities[1], "round {round}");
    }
    for node in &nodes {
        verified(node);
    }
}

fn a_node_sees_what_another_wrote_without_being_told(database: &Database) {
    let (writer, reader) = (open(database), open(database));
    let record = zhang("gongan", "1");
    let id = entity(&take(&writer, record.clone()));
    assert!(reader.wait_for_change(0, PATIENCE), "the change arrives");
    let found = reader.resolve(&actor(), Kind::Person, &record.raw, &ResolveOptions::default()).expect("resolve");
    assert_eq!(found.candidates.iter().map(|candidate| candidate.entity).collect::<Vec<_>>(), [id]);
    assert_eq!(reader.position(), writer.position());
    verified(&reader);
}

fn nodes_that_write_in_turns_agree_about_everything(database: &Database) {
    let (one, other) = (open(database), open(database));
    for (at, piece) in province(3, 80, 10, 20).chunks(60).enumerate() {
        let node = if at % 2 == 0 { &one } else { &other };
        node.ingest(&actor(), piece.iter().map(incoming).collect()).expect("ingest");
    }
    let zhang = entity(&take(&one, zhang("gongan", "1")));
    let li = entity(&take(&other, li("gongan", "2")));
    other.merge(&actor(), Kind::Person, &[zhang, li], None, &Expected::new(), false).expect("merge");
    one.withdraw(&actor(), &key(Kind::Person, "gongan", "2")).expect("withdraw");
    assert_eq!(find(&other, Kind::Person, zhang).member_count, 1);
    verified(&one);
    verified(&other);
}

/// R8 in docs/reliability.md: by hand as many rounds as `JIKU_FEED_ROUNDS` says, each of so many people as `JIKU_FEED_PEOPLE`.
fn the_change_feed_has_no_holes_under_concurrent_writers(database: &Database) {
    let (writers, store) = ([open(database), open(database)], database.store());
    let mut follower = open(database);
    let mut seen = 0;
    for round in 0..setting("JIKU_FEED_ROUNDS", 1) {
        let records = province(5 + round, setting("JIKU_FEED_PEOPLE", 60), 0, 0);
        let mut restarts_at = Some(seen + i64::try_from(records.len() / 2).expect("a small number"));
        std::thread::scope(|scope| {
            let writing = [0, 1].map(|at| {
                let node = &writers[at];
                let own: Vec<_> = records.iter().skip(at).step_by(2).map(incoming).collect();
                scope.spawn(move || {
                    for piece in own.chunks(7) {
                        node.ingest(&actor(), piece.to_vec()).expect("ingest");
                    }
                })
            });
            loop {
                let ended = writing.iter().all(|thread| thread.is_finished());
                if ended && seen == store.read(|reader| reader.last_position()).expect("a position") {
                    break;
                }
                let moved = follower.wait_for_change(seen, if ended { PATIENCE } else { Duration::from_secs(5) });
                assert!(moved || !ended, "what was written after {seen} does not arrive");
                for change in follower.changes(&actor(), seen, 50).expect("changes") {
                    assert_eq!(change.position, seen + 1);
                    seen = change.position;
                }
                // In the middle of the round the node that follows begins anew.
                if restarts_at.take_if(|at| seen >= *at).is_some() {
                    follower = open(database);
                }
            }
        });
        assert!(restarts_at.is_none(), "the node that follows was started anew");
        // The feed is read from the database, which may be ahead of the nodes' memory.
        for node in writers.iter().chain([&follower]) {
            assert!(node.wait_for_change(seen - 1, PATIENCE), "the node follows");
            assert_eq!(seen, node.position());
        }
    }
}

fn two_nodes_that_take_in_one_person_without_a_number_join_them_or_ask(database: &Database) {
    let nodes = [open(database), open(database)];
    let barrier = Barrier::new(2);
    let surnames: Vec<char> = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许".chars().collect();
    let mut pairs: Vec<[EntityId; 2]> = Vec::new();
    for (round, surname) in surnames.iter().enumerate() {
        // The same person, once with a house number and once with a slip in the street.
        let birth = format!("19{}-{:02}-{:02}", 50 + round, round % 12 + 1, round + 1);
        let told = [
            format!(
                "name={surname}子龙|sex=1|birth_date={birth}|phone=13800138{round:03}|address=广东省广州市天河区天河路{}号",
                100 + round
            ),
            format!("name={surname}子龍|sex=1|birth_date={birth}|phone=13800138{round:03}|address=广东省广州市天河区天河北路"),
        ];
        let entities: Vec<EntityId> = std::thread::scope(|scope| {
            let taking: Vec<_> = nodes
                .iter()
                .zip(["gongan", "weijian"])
                .zip(&told)
                .map(|((node, source), fields)| {
                    let barrier = &barrier;
                    scope.spawn(move || {
                        barrier.wait();
                        entity(&take(node, super::support::person(source, &format!("n{round}"), fields)))
                    })
                })
                .collect();
            taking.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        pairs.push([entities[0], entities[1]]);
    }
    let waiting = nodes[0].reviews(&actor(), &ReviewFilter { limit: 100, ..ReviewFilter::default() }).expect("reviews").items;
    for [one, other] in &pairs {
        let asked = waiting.iter().any(|task| {
            let sides = [task.left.entity, task.right.entity];
            sides.contains(one) && sides.contains(other)
        });
        assert!(one == other || asked, "{one} and {other} are neither one nor in review: a silent duplicate");
    }
    nodes.iter().for_each(verified);
}

/// R16 in docs/reliability.md: by hand with so many stewards, acts of each, and people as `JIKU_STEWARDS`, `JIKU_STEWARD_ACTS` and
/// `JIKU_STEWARD_PEOPLE` say.
fn stewards_at_once_leave_every_record_in_one_cluster(database: &Database) {
    let (stewards, acts) = (setting("JIKU_STEWARDS", 4), setting("JIKU_STEWARD_ACTS", 24));
    let nodes = [open(database), open(database)];
    let stems: Vec<char> = "甲乙丙丁戊己庚辛壬癸".chars().collect();
    let keys: Vec<String> = (0..setting("JIKU_STEWARD_PEOPLE", 6)).map(|number| format!("c{number}")).collect();
    let ids: Vec<EntityId> = keys
        .iter()
        .enumerate()
        .map(|(number, at)| {
            let name: String = ['独', '孤', stems[number % 10], stems[number / 10 % 10]].into_iter().collect();
            let fields = format!("name={name}|birth_date={}-{:02}-03", 1930 + 7 * number % 80, number % 12 + 1);
            entity(&take(&nodes[0], super::support::person("gongan", at, &fields)))
        })
        .collect();
    let refused = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for (steward, node) in (0..stewards).zip(nodes.iter().cycle()) {
            let (ids, refused) = (&ids, &refused);
            scope.spawn(move || {
                let mut numbers = Numbers::new(steward);
                let mut done: Vec<MergeOutcome> = Vec::new();
                for act in 0..acts {
                    let outcome = match done.pop().filter(|_| act % 3 == 2).and_then(|outcome| outcome.decision) {
                        Some(decision) => {
                            node.unmerge(&actor(), Kind::Person, &Unmerge::Decision(decision), None, &Expected::new(), false).map(drop)
                        }
                        None => {
                            let pair = [ids[numbers.below(ids.len())], ids[numbers.below(ids.len())]];
                            node.merge(&actor(), Kind::Person, &pair, None, &Expected::new(), false).map(|outcome| done.push(outcome))
                        }
                    };
                    match outcome {
                        Ok(()) => {}
                        // Somebody was faster, or the two are the same by now.
                        Err(RegistryError::Conflict { .. } | RegistryError::Stale { .. } | RegistryError::Invalid(_)) => {
                            refused.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(other) => panic!("{other:?}"),
                    }
                }
            });
        }
    });
    assert!(refused.load(Ordering::Relaxed) < stewards * acts, "some of it was done");
    for node in &nodes {
        // Every record leads to one active entity that holds it, and all of them hold each record once.
        let mut held = std::collections::BTreeMap::new();
        for at in &keys {
            let id = super::support::crosswalk(node, &key(Kind::Person, "gongan", at));
            held.entry(id).or_insert_with(Vec::new).push(at.clone());
        }
        for (id, records) in &held {
            assert_eq!(find(node, Kind::Person, *id).member_count, records.len(), "{id} holds {records:?}");
        }
        verified(node);
    }
}

/// Does two edits at once, each on a node of its own.
fn at_once(nodes: &[Registry; 2], edits: [(ParcelEdit, Expected); 2]) -> [Result<EditOutcome, RegistryError>; 2] {
    let barrier = Barrier::new(2);
    std::thread::scope(|scope| {
        let editing: Vec<_> = nodes
            .iter()
            .zip(edits)
            .map(|(node, (what, expected))| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    node.edit_parcels(&actor(), &what, &EditOptions { expected, ..EditOptions::default() })
                })
            })
            .collect();
        let done: Vec<_> = editing.into_iter().map(|thread| thread.join().expect("no panic")).collect();
        done.try_into().expect("two outcomes")
    })
}

fn two_nodes_that_edit_neighbours_at_once_keep_the_topology(database: &Database) {
    let nodes = [open(database), open(database)];
    let create = |place: [i32; 4]| {
        let values = raw(json!({ "parcel_code": STEM, "land_use": "0701", "geometry": rectangle(place) }));
        (ParcelEdit::Create { values }, Expected::new())
    };
    let made = |outcome: &Result<EditOutcome, RegistryError>| outcome.as_ref().expect("it is done").parcels[0].id.expect("an id");
    let mut standing: Vec<EntityId> = Vec::new();
    for round in 0..6 {
        let east = 40 * round;
        // Each takes half of the land that the other one takes.
        let outcomes = at_once(&nodes, [create([east, 0, east + 10, 10]), create([east + 5, 0, east + 15, 10])]);
        let refused = outcomes.iter().filter(|outcome| matches!(outcome, Err(RegistryError::Topology(_)))).count();
        assert_eq!(refused, 1, "round {round}: {outcomes:?}");
        standing.extend(outcomes.iter().flatten().filter_map(|outcome| outcome.parcels[0].id));
        // Beside each other both have room, and codes of their own.
        let outcomes = at_once(&nodes, [create([east, 20, east + 10, 30]), create([east + 10, 20, east + 20, 30])]);
        let (west, other) = (made(&outcomes[0]), made(&outcomes[1]));
        assert_ne!(value(&nodes[0], west, "parcel_code"), value(&nodes[0], other, "parcel_code"));
        standing.extend([west, other]);
        // The border moves on one node, while the other gives the eastern parcel another shape, on what was seen before.
        let boundaries = vec![(west, rectangle([east, 20, east + 12, 30])), (other, rectangle([east + 12, 20, east + 20, 30]))];
        let changes = raw(json!({ "geometry": rectangle([east + 10, 20, east + 20, 32]) }));
        let outcomes = at_once(
            &nodes,
            [
                (ParcelEdit::Adjust { boundaries, crs: None }, Expected::from([(west, 1), (other, 1)])),
                (ParcelEdit::Patch { parcel: other, changes }, Expected::from([(other, 1)])),
            ],
        );
        let refused = outcomes.iter().filter(|outcome| matches!(outcome, Err(RegistryError::Stale { .. }))).count();
        assert_eq!(refused, 1, "round {round}: {outcomes:?}");
    }
    for node in &nodes {
        assert!(node.wait_for_change(nodes.iter().map(|node| node.position()).max().unwrap_or_default() - 1, PATIENCE), "the node follows");
        for id in &standing {
            let looked_at = node.validate_parcel(&actor(), Some(*id), &jiku_model::RawRecord::new()).expect("validated");
            assert!(looked_at.valid, "{:?}", looked_at.report);
        }
        verified(node);
    }
}
