//! Do several nodes on one database behave as one service?

use std::sync::Barrier;
use std::time::{Duration, Instant};

use jiku_model::Kind;
use jiku_registry::{Expected, ResolveOptions};
use jiku_tests::stores::Database;

use super::support::{actor, entity, find, incoming, key, li, open, province, take, verified, zhang};

jiku_tests::on_both_stores! {
    two_nodes_that_take_in_one_new_person_at_once_make_one_entity;
    a_node_sees_what_another_wrote_within_two_seconds;
    nodes_that_write_in_turns_agree_about_everything;
    the_change_feed_has_no_holes_under_concurrent_writers;
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

fn a_node_sees_what_another_wrote_within_two_seconds(database: &Database) {
    let (writer, reader) = (open(database), open(database));
    let record = zhang("gongan", "1");
    let id = entity(&take(&writer, record.clone()));
    let deadline = Instant::now() + Duration::from_secs(2);
    assert!(reader.wait_for_change(0, Duration::from_secs(2)), "the change arrives");
    let found = reader.resolve(&actor(), Kind::Person, &record.raw, &ResolveOptions::default()).expect("resolve");
    assert_eq!(found.candidates.iter().map(|candidate| candidate.entity).collect::<Vec<_>>(), [id]);
    assert!(Instant::now() < deadline);
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

fn the_change_feed_has_no_holes_under_concurrent_writers(database: &Database) {
    let nodes = [open(database), open(database)];
    let records = province(5, 60, 0, 0);
    std::thread::scope(|scope| {
        for (at, node) in nodes.iter().enumerate() {
            let own: Vec<_> = records.iter().skip(at).step_by(2).map(incoming).collect();
            scope.spawn(move || {
                for piece in own.chunks(7) {
                    node.ingest(&actor(), piece.to_vec()).expect("ingest");
                }
            });
        }
        let mut seen = 0;
        while seen == 0 || nodes[0].wait_for_change(seen, Duration::from_millis(1500)) {
            for change in nodes[0].changes(seen, 50).expect("changes") {
                assert_eq!(change.position, seen + 1);
                seen = change.position;
            }
        }
        assert_eq!(seen, nodes[0].position());
    });
}
