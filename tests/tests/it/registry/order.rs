//! Does the order in which records come matter? (Promise 6.)

use std::collections::{BTreeMap, BTreeSet};

use jiku_model::{EntityId, Kind};
use jiku_registry::{Expected, Incoming, Registry, ReviewFilter};
use jiku_tests::stores::Database;

use super::support::{actor, crosswalk, incoming, number, open, person, province, record, take, verified};

jiku_tests::on_both_stores! {
    records_in_any_order_with_resends_and_withdrawals_give_the_same_clusters;
    what_a_rule_holds_apart_stays_apart_whoever_resembles_both;
    stewards_join_what_a_rule_holds_apart;
}

/// The clusters as sets of outside names.
fn clusters(registry: &Registry, records: &[Incoming]) -> BTreeSet<Vec<String>> {
    let mut members: BTreeMap<EntityId, Vec<String>> = BTreeMap::new();
    for record in records {
        let view = registry.crosswalk(&actor(), &record.key).expect("a known record");
        if !view.withdrawn {
            members.entry(view.entity).or_default().push(format!("{}/{}", record.key.source, record.key.key));
        }
    }
    members
        .into_values()
        .map(|mut keys| {
            keys.sort();
            keys
        })
        .collect()
}

/// A shuffle that needs no random numbers but these.
fn shuffled(records: &[Incoming], seed: u64) -> Vec<Incoming> {
    let mut keyed: Vec<(u64, &Incoming)> =
        records.iter().map(|record| (record.key.order().wrapping_mul(2 * seed + 1).rotate_left(17) ^ seed, record)).collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, record)| record.clone()).collect()
}

fn records_in_any_order_with_resends_and_withdrawals_give_the_same_clusters(database: &Database) {
    let people: Vec<Incoming> = province(11, 120, 15, 0).iter().map(incoming).collect();
    let withdrawn: Vec<_> = people.iter().step_by(9).map(|record| record.key.clone()).collect();
    let registry = open(database);
    registry.ingest(&actor(), people.clone()).expect("ingest");
    for key in &withdrawn {
        registry.withdraw(&actor(), key).expect("withdraw");
    }
    let expected = clusters(&registry, &people);
    verified(&registry);
    for seed in 1..3 {
        let other = Database::sqlite();
        let registry = open(&other);
        for piece in shuffled(&people, seed).chunks(37) {
            let first = piece[0].clone();
            // Another record's content under this key for a while, a withdrawal that is taken back, and a re-send.
            let disguised = Incoming { raw: piece[piece.len() - 1].raw.clone(), ..first.clone() };
            let same_kind = piece[piece.len() - 1].key.kind == first.key.kind;
            if same_kind {
                registry.ingest(&actor(), vec![disguised]).expect("ingest");
            }
            registry.ingest(&actor(), piece.to_vec()).expect("ingest");
            registry.withdraw(&actor(), &first.key).expect("withdraw");
            registry.ingest(&actor(), vec![first]).expect("ingest");
        }
        for key in &withdrawn {
            registry.withdraw(&actor(), key).expect("withdraw");
        }
        assert_eq!(clusters(&registry, &people), expected, "seed {seed}");
        assert!(people.iter().any(|record| record.key.kind == Kind::LegalPerson));
        verified(&registry);
    }
}

/// Father and son of one name and home, two namesakes of one village and two of one house, one number under two names, twins under one number, a company and its
/// branch under one code, each with a third record that says less than they do and fits both alike: nothing, a name that was cut off before the character
/// in which the two differ or lost it, both names at once.
fn trios() -> [[Incoming; 3]; 10] {
    let father = "name=简世豪|birth_date=1950-10-01|address=佛山市禅城区福贤路12号301|phone=13811110001";
    let shared = number("19800315", 11);
    let code = "uscc=91440106MA5A000131";
    let company = |key: &str, fields: &str| record(Kind::LegalPerson, "scjg", key, fields);
    [
        [
            person("gongan", "father", father),
            person("renshe", "son", &father.replace("1950-10-01", "1980-03-15")),
            person("weijian", "either", &father.replace("birth_date=1950-10-01|", "")),
        ],
        [
            person("gongan", "lower", "name=麦永年|birth_date=1980-01-11|sex=男|address=清远市英德市望埠镇崩岗村下围12号"),
            person("renshe", "upper", "name=麦永年|birth_date=1980-05-25|sex=男|address=清远市英德市望埠镇崩岗村上围35号"),
            person("weijian", "year", "name=麦永年|birth_date=1980|sex=男|address=清远市英德市望埠镇崩岗村"),
        ],
        // Behind one door the model asks whether they are one; a record with the year alone is no answer.
        [
            person("gongan", "spring", "name=温建国|birth_date=1962-03-04|address=广州市从化区太平镇格塘村18号"),
            person("renshe", "autumn", "name=温建国|birth_date=1962-10-27|address=广州市从化区太平镇格塘村18号"),
            person("weijian", "born-in", "name=温建国|birth_date=1962|address=广州市从化区太平镇格塘村18号"),
        ],
        [
            person("gongan", "one", &format!("name=陈建国|id_number={shared}|phone=13811110002")),
            person("renshe", "other", &format!("name=李小红|id_number={shared}|phone=13922220003")),
            person("weijian", "masked", &format!("name=**|id_number={shared}")),
        ],
        under_one_number("20160408", ["何梓豪", "何梓轩", "何梓"]),
        under_one_number("20160409", ["何梓豪", "何梓轩", "何梓?"]),
        under_one_number("19710214", ["黎建新", "黎志新", "黎新"]),
        under_one_number("19600408", ["陈秀英", "林秀英", "秀英"]),
        under_one_number("19710215", ["黎建新", "黎志雄", "黎建新、黎志雄"]),
        [
            company("whole", &format!("name=广州启明星物流有限公司|{code}")),
            company("branch", &format!("name=广州启明星物流有限公司天河分公司|{code}")),
            company("nameless", code),
        ],
    ]
}

fn under_one_number(birth: &str, names: [&str; 3]) -> [Incoming; 3] {
    let shared = number(birth, 13);
    let of = |source: &str, at: usize| person(source, &format!("{birth}-{at}"), &format!("name={}|id_number={shared}", names[at]));
    [of("gongan", 0), of("jiaoyu", 1), of("weijian", 2)]
}

fn what_a_rule_holds_apart_stays_apart_whoever_resembles_both(database: &Database) {
    let registry = open(database);
    for trio in trios() {
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            for at in order {
                take(&registry, trio[at].clone());
            }
            let [one, other, third] = [0, 1, 2].map(|at| crosswalk(&registry, &trio[at].key));
            assert_ne!(one, other, "{:?} {order:?}", trio[0].key);
            assert!(third != one && third != other, "who fits both is neither's before a steward says so: {:?} {order:?}", trio[0].key);
            let waiting = registry.reviews(&actor(), &ReviewFilter { limit: 10, ..ReviewFilter::default() }).expect("reviews");
            let sides: BTreeSet<EntityId> = waiting.items.iter().flat_map(|task| [task.left.entity, task.right.entity]).collect();
            assert!(sides.is_superset(&[one, other, third].into()), "{:?} {order:?}: {:?}", trio[0].key, waiting.items);
            verified(&registry);
            for record in &trio {
                registry.withdraw(&actor(), &record.key).expect("withdraw");
            }
        }
    }
}

fn stewards_join_what_a_rule_holds_apart(database: &Database) {
    let registry = open(database);
    let [trio, ..] = trios();
    for record in &trio {
        take(&registry, record.clone());
    }
    let [one, other] = [0, 1].map(|at| crosswalk(&registry, &trio[at].key));
    registry.merge(&actor(), Kind::Person, &[one, other], None, &Expected::new(), false).expect("merge");
    let joined: BTreeSet<EntityId> = trio.iter().map(|record| crosswalk(&registry, &record.key)).collect();
    assert_eq!(joined.len(), 1);
    verified(&registry);
    // What comes later does not part them.
    take(&registry, person("jiaoyu", "fourth", "name=简世豪|address=佛山市禅城区福贤路12号301|phone=13811110001"));
    assert_eq!(joined.first(), Some(&crosswalk(&registry, &trio[0].key)));
    assert_eq!(crosswalk(&registry, &trio[0].key), crosswalk(&registry, &trio[1].key));
    verified(&registry);
}
