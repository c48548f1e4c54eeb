//! Do random walks of ingest, re-send, withdraw, merge, split, judge and undo end where a plain model says?
//!
//! Six people far apart, two sources each, so that the model links exactly the records of one person. Then the clusters
//! follow from three things a few lines can hold: which person each record tells of, which pairs stewards joined, and
//! which they parted. What two groups claim alike that cannot be one belongs to neither.

use std::collections::{BTreeMap, BTreeSet};

use jiku_model::{DecisionId, EntityId, Kind, RecordKey};
use jiku_registry::{Expected, Found, Incoming, Registry, RegistryError, Unmerge, View};
use jiku_tests::long::setting;
use jiku_tests::stores::Database;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::support::{actor, key, number, open, person, verified};

const PERSON: Kind = Kind::Person;
const SOURCES: [&str; 2] = ["gongan", "weijian"];
const NAMES: [&str; 6] = ["张伟强", "李秀英", "王建国", "欧阳慧敏", "司马光远", "诸葛孔明"];

/// A step; numbers choose among what there is.
#[derive(Clone, Debug)]
enum Step {
    /// The record of a slot tells of a person.
    Send {
        record: usize,
        person: usize,
    },
    Withdraw {
        record: usize,
    },
    Merge {
        one: usize,
        other: usize,
    },
    Split {
        record: usize,
    },
    Undo {
        decision: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..12_usize, 0..6_usize).prop_map(|(record, person)| Step::Send { record, person }),
        1 => (0..12_usize).prop_map(|record| Step::Withdraw { record }),
        3 => (0..12_usize, 0..12_usize).prop_map(|(one, other)| Step::Merge { one, other }),
        2 => (0..12_usize).prop_map(|record| Step::Split { record }),
        3 => (0..20_usize).prop_map(|decision| Step::Undo { decision }),
    ]
}

fn outside(record: usize) -> RecordKey {
    key(PERSON, SOURCES[record % 2], &format!("r{record}"))
}

fn telling(record: usize, of: usize) -> Incoming {
    let birth = format!("19{}0{}1{}", 40 + 9 * of, 1 + of, 1 + of);
    let number = number(&birth, 100 + u32::try_from(of).expect("small"));
    let date = format!("{}-{}-{}", &birth[..4], &birth[4..6], &birth[6..]);
    let sex = 1 + of % 2;
    person(
        SOURCES[record % 2],
        &format!("r{record}"),
        &format!("name={}|id_type=111|id_number={number}|sex={sex}|birth_date={date}|phone=1390013900{of}", NAMES[of]),
    )
}

/// Two records, and whether they were joined or parted.
type PlainVerdict = (usize, usize, bool);

/// The plain model.
#[derive(Default)]
struct Plain {
    /// Which person each record tells of.
    telling: BTreeMap<usize, usize>,
    /// The verdicts of each decision in their order.
    decisions: Vec<(DecisionId, Vec<PlainVerdict>)>,
    undone: BTreeSet<usize>,
}

impl Plain {
    /// The latest standing verdict on each pair.
    fn verdicts(&self) -> BTreeMap<(usize, usize), bool> {
        let standing = self.decisions.iter().enumerate().filter(|(at, _)| !self.undone.contains(at));
        standing
            .flat_map(|(_, (_, verdicts))| verdicts.iter().map(|(one, other, joined)| (((*one).min(*other), (*one).max(*other)), *joined)))
            .collect()
    }

    /// The clusters: stewards' joins first, then the records of one person that no two groups claim, nothing across a parting.
    fn clusters(&self) -> BTreeSet<BTreeSet<usize>> {
        let verdicts = self.verdicts();
        let mut groups: Vec<BTreeSet<usize>> = self.telling.keys().map(|record| BTreeSet::from([*record])).collect();
        let parted = |one: &BTreeSet<usize>, other: &BTreeSet<usize>| {
            verdicts
                .iter()
                .any(|((a, b), joined)| !joined && ((one.contains(a) && other.contains(b)) || (one.contains(b) && other.contains(a))))
        };
        let join = |groups: &mut Vec<BTreeSet<usize>>, a: usize, b: usize| {
            let at = |record: usize, groups: &[BTreeSet<usize>]| groups.iter().position(|group| group.contains(&record));
            if let (Some(one), Some(other)) = (at(a, groups), at(b, groups))
                && one != other
                && !parted(&groups[one], &groups[other])
            {
                let (low, high) = (one.min(other), one.max(other));
                let moved = groups.remove(high);
                groups[low].extend(moved);
            }
        };
        for ((a, b), joined) in &verdicts {
            if *joined {
                join(&mut groups, *a, *b);
            }
        }
        let joined: BTreeSet<usize> = groups.iter().filter(|group| group.len() > 1).flatten().copied().collect();
        // Equal records link with equal weight: ties are broken by the records' orders.
        let mut pairs: Vec<(u64, u64, usize, usize)> = Vec::new();
        for (a, person) in &self.telling {
            for (b, other) in self.telling.range(a + 1..) {
                if person == other {
                    let (one, two) = (outside(*a).order(), outside(*b).order());
                    pairs.push((one.min(two), one.max(two), *a, *b));
                }
            }
        }
        pairs.sort_unstable();
        for (_, _, a, b) in pairs {
            let of = |record: usize| groups.iter().find(|group| group.contains(&record)).expect("every record is in a group");
            let (one, other) = (of(a), of(b));
            // Whether a group that no steward made is linked with a third one as well, which it could join and the claimant could not.
            let contested = |claimed: &BTreeSet<usize>, claimant: &BTreeSet<usize>| {
                let is_rival = |third: &BTreeSet<usize>| {
                    let linked = third.iter().any(|record| claimed.iter().any(|own| self.telling[own] == self.telling[record]));
                    let open = self.fit(third, claimed) && !parted(third, claimed);
                    third != claimed && third != claimant && linked && open && !self.fit(third, claimant)
                };
                claimed.is_disjoint(&joined) && groups.iter().any(is_rival)
            };
            if self.fit(one, other) && !contested(one, other) && !contested(other, one) {
                join(&mut groups, a, b);
            }
        }
        groups.into_iter().collect()
    }

    /// The model joins two groups only when the numbers in one are all in the other.
    fn fit(&self, one: &BTreeSet<usize>, other: &BTreeSet<usize>) -> bool {
        let numbers = |group: &BTreeSet<usize>| -> BTreeSet<usize> { group.iter().map(|record| self.telling[record]).collect() };
        let (one, other) = (numbers(one), numbers(other));
        one.is_subset(&other) || other.is_subset(&one)
    }
}

/// The registry's clusters by outside names.
fn clusters(registry: &Registry, plain: &Plain) -> BTreeSet<BTreeSet<usize>> {
    let mut groups: BTreeMap<EntityId, BTreeSet<usize>> = BTreeMap::new();
    for record in plain.telling.keys() {
        let id = registry.crosswalk(&actor(), &outside(*record)).expect("a known record").entity;
        groups.entry(id).or_default().insert(*record);
    }
    groups.into_values().collect()
}

fn entity(registry: &Registry, record: usize) -> EntityId {
    registry.crosswalk(&actor(), &outside(record)).expect("a known record").entity
}

fn members(plain: &Plain, record: usize) -> BTreeSet<usize> {
    plain.clusters().into_iter().find(|group| group.contains(&record)).unwrap_or_default()
}

/// The record with the smallest order stands for its entity.
fn anchor(group: &BTreeSet<usize>) -> usize {
    group.iter().copied().min_by_key(|record| outside(*record).order()).expect("a group has members")
}

/// Takes a step in both; whether the registry refused is left to the invariants.
fn take(registry: &Registry, plain: &mut Plain, step: &Step) {
    match *step {
        Step::Send { record, person } => {
            registry.ingest(&actor(), vec![telling(record, person)]).expect("ingest");
            plain.telling.insert(record, person);
        }
        Step::Withdraw { record } => {
            if plain.telling.remove(&record).is_some() {
                registry.withdraw(&actor(), &outside(record)).expect("withdraw");
            }
        }
        Step::Merge { one, other } => {
            if !plain.telling.contains_key(&one) || !plain.telling.contains_key(&other) || members(plain, one).contains(&other) {
                return;
            }
            let (left, right) = (anchor(&members(plain, one)), anchor(&members(plain, other)));
            let ids = [entity(registry, one), entity(registry, other)];
            match registry.merge(&actor(), PERSON, &ids, None, &Expected::new(), false) {
                Ok(done) => plain.decisions.push((done.decision.expect("a decision"), vec![(left, right, true)])),
                Err(error) => assert!(matches!(error, RegistryError::Conflict { code: "kept-apart", .. }), "{error:?}"),
            }
        }
        Step::Split { record } => {
            if !plain.telling.contains_key(&record) {
                return;
            }
            let group = members(plain, record);
            if group.len() < 2 {
                return;
            }
            let what = Unmerge::Records { entity: entity(registry, record), records: vec![outside(record)] };
            match registry.unmerge(&actor(), PERSON, &what, None, &Expected::new(), false) {
                Ok(done) => {
                    let verdicts = group.iter().filter(|other| **other != record).map(|other| (record, *other, false)).collect();
                    plain.decisions.push((done.decision.expect("a decision"), verdicts));
                }
                Err(error) => assert!(matches!(error, RegistryError::Conflict { code: "kept-apart", .. }), "{error:?}"),
            }
        }
        Step::Undo { decision } => {
            if plain.decisions.is_empty() {
                return;
            }
            let at = decision % plain.decisions.len();
            let undone = registry.unmerge(&actor(), PERSON, &Unmerge::Decision(plain.decisions[at].0), None, &Expected::new(), false);
            assert_eq!(undone.is_ok(), plain.undone.insert(at), "a decision is undone once: {undone:?}");
        }
    }
}

fn walk(database: &Database, steps: &[Step]) {
    let registry = open(database);
    let mut plain = Plain::default();
    let mut ids: BTreeSet<EntityId> = BTreeSet::new();
    for step in steps {
        take(&registry, &mut plain, step);
        assert_eq!(clusters(&registry, &plain), plain.clusters(), "after {step:?}");
        ids.extend(plain.telling.keys().map(|record| entity(&registry, *record)));
        for id in &ids {
            // Promise 5: an id that was given out answers, and a redirect leads to one that answers itself.
            if let Found::Moved(to) = registry.find(&actor(), PERSON, *id, &View::default()).expect("an id never dies") {
                assert!(matches!(registry.find(&actor(), PERSON, to, &View::default()), Ok(Found::Record(_))));
            }
        }
    }
    verified(&registry);
    // Promise 4: with every decision undone, in the order of the walk, the records of one person are together again.
    for at in 0..plain.decisions.len() {
        if plain.undone.insert(at) {
            registry.unmerge(&actor(), PERSON, &Unmerge::Decision(plain.decisions[at].0), None, &Expected::new(), false).expect("undo");
        }
    }
    assert_eq!(clusters(&registry, &plain), plain.clusters());
    verified(&registry);
}

/// Walks from a fixed seed, so that a failure can be seen again; more of them by hand with `JIKU_WALKS=1000`, others with `JIKU_WALK_SEED=1`.
fn walks(cases: u32, run: impl Fn(&[Step])) {
    let cases = u32::try_from(setting("JIKU_WALKS", cases.into())).expect("fewer than four milliards of walks");
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 300, ..Config::default() };
    let rng = match setting("JIKU_WALK_SEED", 0) {
        0 => TestRng::deterministic_rng(RngAlgorithm::ChaCha),
        seed => TestRng::from_seed(RngAlgorithm::ChaCha, &[seed.to_le_bytes(); 4].concat()),
    };
    let mut runner = TestRunner::new_with_rng(config, rng);
    if let Err(failure) = runner.run(&prop::collection::vec(step(), 1..40), |steps| {
        run(&steps);
        Ok(())
    }) {
        panic!("{failure}");
    }
}

#[test]
fn random_walks_end_where_the_plain_model_says_on_sqlite() {
    walks(16, |steps| walk(&Database::sqlite(), steps));
}

#[test]
fn random_walks_end_where_the_plain_model_says_on_postgres() {
    walks(3, |steps| {
        if let Some(database) = Database::postgres() {
            walk(&database, steps);
        }
    });
}

/// Three people merged one after the other: a record that only the model had linked with one of them stays with them, though no verdict names it and
/// the two others.
#[test]
fn who_is_like_one_of_several_merged_stays_with_them() {
    let sent = [(0, 2), (5, 0), (2, 3), (7, 2)].map(|(record, person)| Step::Send { record, person });
    let merged = [(7, 2), (5, 2)].map(|(one, other)| Step::Merge { one, other });
    let steps = [&sent[..], &merged[..]].concat();
    walk(&Database::sqlite(), &steps);
    if let Some(database) = Database::postgres() {
        walk(&database, &steps);
    }
}

/// A record that stewards parted from a second one is no question between its own group and the second's.
#[test]
fn who_was_parted_from_a_record_is_not_claimed_by_it() {
    let send = |record, person| Step::Send { record, person };
    let steps = [
        send(11, 3),
        send(7, 3),
        send(2, 0),
        send(3, 3),
        Step::Split { record: 7 },
        send(4, 0),
        send(10, 1),
        send(0, 0),
        Step::Merge { one: 2, other: 11 },
        Step::Merge { one: 7, other: 10 },
    ];
    walk(&Database::sqlite(), &steps);
}

/// A record that two groups claim alike, which stewards made and which cannot be one, belongs to neither.
#[test]
fn who_two_groups_claim_stays_alone() {
    let send = |record, person| Step::Send { record, person };
    let first = [send(0, 2), send(3, 4), send(9, 0), Step::Merge { one: 9, other: 3 }];
    let second = [send(1, 1), send(2, 1), Step::Merge { one: 1, other: 0 }, send(9, 1)];
    walk(&Database::sqlite(), &[first, second].concat());
}

/// A record that two groups claimed alike goes to the one that is left when a record of the other tells of somebody else, though that one was of
/// neither its cluster nor the first's.
#[test]
fn who_is_claimed_no_more_by_one_of_two_goes_to_the_other() {
    let send = |record, person| Step::Send { record, person };
    let merge = |one, other| Step::Merge { one, other };
    let first = [send(0, 0), send(7, 5), send(3, 5), send(6, 0), merge(0, 3), send(0, 1), send(11, 5), merge(6, 3), send(11, 2)];
    let second = [send(7, 2), send(0, 2), send(11, 0), merge(7, 11), send(10, 1), send(4, 2), Step::Split { record: 7 }, merge(4, 10)];
    let second = [&second[..], &[Step::Undo { decision: 19 }, send(7, 0)]].concat();
    for steps in [&first[..], &second] {
        walk(&Database::sqlite(), steps);
        if let Some(database) = Database::postgres() {
            walk(&database, steps);
        }
    }
}

/// What a registry tells of everything that happened, in an order and by names that do not depend on the ids it gave.
fn told(registry: &Registry) -> Vec<String> {
    let mut names: BTreeMap<EntityId, usize> = BTreeMap::new();
    let mut told = Vec::new();
    let mut after = 0;
    loop {
        let changes = registry.changes(&actor(), after, 5_000).expect("changes");
        let Some(last) = changes.last() else { return told };
        after = last.position;
        for change in changes {
            let mut name = |id: EntityId| {
                let next = names.len();
                *names.entry(id).or_insert(next)
            };
            let (entity, other) = (change.entity.map(&mut name), change.other.map(&mut name));
            let mut records: Vec<String> = change.records.iter().map(|record| format!("{}/{}", record.source, record.key)).collect();
            records.sort();
            told.push(format!("{} {} {entity:?} {other:?} {:?} {records:?}", change.position, change.event, change.version));
        }
    }
}

/// What a registry shows of the records of the walk.
fn shows(registry: &Registry, plain: &Plain) -> Vec<String> {
    let of = |record: &usize| {
        let id = entity(registry, *record);
        let Ok(Found::Record(view)) = registry.find(&actor(), PERSON, id, &View::default()) else { panic!("a record") };
        let values: BTreeMap<&String, &String> = view.values.iter().map(|(column, value)| (column, &value.value)).collect();
        format!("{record} version {} of {} records: {values:?}", view.version, view.member_count)
    };
    plain.telling.keys().map(of).collect()
}

/// R34 in docs/reliability.md: as many steps as `JIKU_STEPS` says by hand.
#[test]
fn the_same_steps_on_both_stores_give_the_same_answers() {
    let Some(postgres) = Database::postgres() else { return };
    let sqlite = Database::sqlite();
    let count = usize::try_from(setting("JIKU_STEPS", 400)).expect("fewer than a milliard of steps");
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let twins = [open(&sqlite), open(&postgres)];
    let mut plains = [Plain::default(), Plain::default()];
    for number in 0..count {
        let step = step().new_tree(&mut runner).expect("a step").current();
        for (registry, plain) in twins.iter().zip(&mut plains) {
            take(registry, plain, &step);
        }
        if number % 50 == 0 {
            assert_eq!(shows(&twins[0], &plains[0]), shows(&twins[1], &plains[1]), "after step {number}, {step:?}");
        }
    }
    assert_eq!(shows(&twins[0], &plains[0]), shows(&twins[1], &plains[1]));
    let (one, two) = (told(&twins[0]), told(&twins[1]));
    assert!(one.len() > count / 4, "steps that changed something: {}", one.len());
    for (line, (left, right)) in one.iter().zip(&two).enumerate() {
        assert_eq!(left, right, "line {line} of the change log");
    }
    assert_eq!(one.len(), two.len());
    twins.iter().for_each(verified);
}
