//! Does the engine find the duplicates of tables it has never seen, without any configuration or label?

use std::collections::HashMap;

use jiku_linkage::{
    Blocking, Evaluation, JudgedPair, Model, Pairs, Profile, Records, ScoreEvaluation, ScoredEdge, Training, Weighing, components,
    propose_blocking, score_pairs, score_within, train,
};
use jiku_model::{JudgementOrigin, Kind, RecordId};
use jiku_resolution::{ClusterRules, Edge, Node, cluster};

struct Table {
    headers: Vec<String>,
    rows: Vec<Vec<String>>,
}

fn table(name: &str) -> Table {
    let path = format!("{}/../../fixtures/linkage/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::Reader::from_path(path).expect("the fixture is there");
    let headers = reader.headers().expect("the fixture has headers").iter().map(|header| header.trim().to_owned()).collect();
    let rows = reader.records().map(|row| row.expect("the fixture is well formed").iter().map(str::to_owned).collect()).collect();
    Table { headers, rows }
}

/// The whole way from a table to clusters: profile, propose, train, score, cluster.
fn clusters(table: &Table, not_compared: &[&str]) -> (Model, Pairs, Vec<usize>) {
    let profile = Profile::of(&table.headers, &table.rows, not_compared);
    let proposed = profile.propose("proposed");
    let first = Model::new(proposed.clone()).expect("a proposed model is well formed");
    let mut records = Records::new(&first);
    for row in &table.rows {
        records.push(&first, &profile.features(row));
    }
    let file = propose_blocking(&profile, &proposed, &records).expect("a proposed model is well formed");
    let model = Model::new(file).expect("a proposed model is well formed");
    // A quarter of the usual random pairs: enough for tables of this size, and quick without optimisation.
    let training = Training { random_pairs: 500_000, ..Training::default() };
    let blocking = Blocking::new(&model, &records);
    let (model, _) = train(&model, &mut records, &blocking, &training, &|_| {}).expect("a proposed model can be trained");
    let pairs = score_pairs(&model, &records, &blocking, None, -10.0, Weighing::UntilDecided);
    let all = score_pairs(&model, &records, &blocking, None, -10.0, Weighing::ToTheEnd);
    assert_eq!((&pairs.edges, pairs.scored), (&all.edges, all.scored), "giving up early changes nothing that is kept");
    assert!(all.scored < 1_000 || pairs.histogram.counts.iter().sum::<u64>() < all.scored, "no pair was given up");
    let record = |number: u32| RecordId::new(Kind::Person, number);
    let nodes: Vec<Node> =
        (0..records.len()).map(|number| Node { record: record(number), order: u64::from(number), source: 0, strong: None }).collect();
    let groups = components(records.len(), &pairs.edges, model.link_threshold());
    let edges: Vec<Edge> = score_within(&model, &records, &groups, &pairs.edges)
        .concat()
        .iter()
        .map(|edge| Edge {
            left: record(edge.left),
            right: record(edge.right),
            verdict: model.verdict(edge.weight),
            origin: if edge.apart { JudgementOrigin::Rule } else { JudgementOrigin::Model },
            weight: edge.weight,
        })
        .collect();
    let mut label = vec![0; table.rows.len()];
    for (at, group) in cluster(&nodes, &edges, &ClusterRules::default()).groups.iter().enumerate() {
        group.iter().for_each(|record| label[record.slot() as usize] = at);
    }
    (model, pairs, label)
}

fn evaluate(table: &Table, not_compared: &[&str], truth: impl Fn(&[String]) -> String) -> Evaluation {
    let truth: Vec<String> = table.rows.iter().map(|row| truth(row)).collect();
    let (_, pairs, label) = clusters(table, not_compared);
    let evaluation = Evaluation::of(label.into_iter().zip(&truth));
    let judged = |edge: &ScoredEdge| {
        let truth = truth[edge.left as usize] == truth[edge.right as usize];
        JudgedPair { weight: edge.weight, probability: edge.probability, truth }
    };
    let scores = pairs.edges.iter().map(judged).collect();
    let scores = ScoreEvaluation::of(scores, evaluation.true_pairs);
    eprintln!(
        "F1 {:.4} precision {:.4} recall {:.4} best pair threshold {:?} calibration {:.3} reached {:.4}",
        evaluation.f1(),
        evaluation.precision(),
        evaluation.recall(),
        scores.best,
        scores.calibration_error,
        scores.recall
    );
    evaluation
}

#[test]
fn febrl_3_is_found_nearly_without_error() {
    let table = table("febrl3.csv");
    let entity = |row: &[String]| row[0].split('-').nth(1).expect("rec-NUMBER-…").to_owned();
    let evaluation = evaluate(&table, &["rec_id"], entity);
    assert!(evaluation.f1() >= 0.999, "{evaluation:?}");
}

#[test]
fn fake_1000_is_found_better_than_by_a_tuned_model() {
    let table = table("fake_1000.csv");
    let evaluation = evaluate(&table, &["unique_id", "cluster"], |row| row[6].clone());
    assert!(evaluation.f1() >= 0.96, "{evaluation:?}");
}

#[test]
fn the_number_of_threads_does_not_show() {
    let mut table = table("fake_1000.csv");
    table.rows.truncate(300);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
        pool.install(|| {
            let (model, pairs, label) = clusters(&table, &["unique_id", "cluster"]);
            let bits: Vec<(u32, u32, u32)> = pairs.edges.iter().map(|edge| (edge.left, edge.right, edge.weight.to_bits())).collect();
            (model.to_toml(), bits, label)
        })
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn the_order_of_rows_does_not_show() {
    let mut table = table("fake_1000.csv");
    table.rows.truncate(300);
    let groups = |table: &Table| {
        let (_, _, label) = clusters(table, &["unique_id", "cluster"]);
        let mut groups: HashMap<usize, Vec<String>> = HashMap::new();
        for (row, label) in table.rows.iter().zip(label) {
            groups.entry(label).or_default().push(row[0].clone());
        }
        let mut groups: Vec<Vec<String>> = groups
            .into_values()
            .map(|mut group| {
                group.sort();
                group
            })
            .collect();
        groups.sort();
        groups
    };
    let before = groups(&table);
    table.rows.reverse();
    assert_eq!(groups(&table), before);
}

/// People of a few full names, whose e-mail addresses are made of these names, with one to three records each in which a fifth of the values is missing: every
/// hundredth pair of strangers agrees in both names and nearly in the e-mail address.
fn namesakes() -> Table {
    let drawn = |of: u64, below: u64| {
        let mixed = (of ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((mixed ^ (mixed >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33) % below
    };
    let (given, surnames) = (
        ["anna", "peter", "maria", "john", "lucy", "mark", "susan", "paul", "erik", "nina"],
        ["smith", "jones", "brown", "taylor", "wilson", "evans", "thomas", "roberts", "walker", "wright"],
    );
    let headers = ["entity", "first_name", "surname", "date_of_birth", "phone", "postcode", "email", "amount"];
    let mut rows = Vec::new();
    for entity in 0..300_u64 {
        let of = |what: u64, below: u64| drawn(entity * 64 + what, below);
        let (first, last) = (given[of(0, 10) as usize], surnames[of(1, 10) as usize]);
        let told = [
            entity.to_string(),
            first.to_owned(),
            last.to_owned(),
            format!("{}-{:02}-{:02}", 1940 + of(2, 65), 1 + of(3, 12), 1 + of(4, 28)),
            format!("07700{:06}", of(5, 1_000_000)),
            format!("ab{} {}gh", of(6, 20), of(7, 9)),
            format!("{first}.{last}{}@mail.org", of(8, 97)),
            format!("{}.{:02}", 10 + of(9, 9_000), of(10, 100)),
        ];
        for copy in 0..=of(11, 3).min(1) + of(12, 2) {
            let missing = |at: usize| at > 2 && drawn(entity * 64 + 16 + copy * 16 + at as u64, 5) == 0;
            rows.push(told.iter().enumerate().map(|(at, value)| if missing(at) { String::new() } else { value.clone() }).collect());
        }
    }
    Table { headers: headers.map(str::to_owned).to_vec(), rows }
}

#[test]
fn namesakes_are_kept_apart_where_full_names_are_few() {
    let evaluation = evaluate(&namesakes(), &["entity"], |row| row[0].clone());
    assert!(evaluation.f1() >= 0.99, "{evaluation:?}");
}

/// A number below `below`, always the same for `of`.
fn drawn(of: u64, below: u64) -> usize {
    let mixed = (of ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (((mixed ^ (mixed >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33) % below) as usize
}

#[test]
fn one_column_that_tells_is_enough() {
    let row = |entity: u64| {
        vec![entity.to_string(), format!("u{}@mail.org", drawn(entity, 1 << 30)), ["news", "blog"][drawn(entity + 9_000, 2)].to_owned()]
    };
    for columns in [2, 3] {
        let rows = (0..900).chain(0..300).map(|entity| row(entity)[..columns].to_vec()).collect();
        let table = Table { headers: ["entity", "email", "section"][..columns].iter().map(|header| (*header).to_owned()).collect(), rows };
        let evaluation = evaluate(&table, &["entity"], |row| row[0].clone());
        assert!(evaluation.f1() >= 0.99, "{columns}: {evaluation:?}");
    }
}

#[test]
fn a_household_is_told_from_one_person_without_birth_dates() {
    let given = [
        "anna", "peter", "maria", "john", "lucy", "mark", "susan", "paul", "erik", "nina", "olive", "rupert", "gwen", "hugo", "iris",
        "walter",
    ];
    let mut rows = Vec::new();
    for house in 0..400_u64 {
        let surname = format!(
            "{}{}",
            ["ash", "brook", "cliff", "dun", "elm", "fern"][drawn(house, 6)],
            ["ton", "ley", "ford", "by", "wick"][drawn(house + 1_000, 5)]
        );
        let home = [
            format!("{} {} street", 1 + drawn(house + 2_000, 90), ["high", "mill", "park", "church", "station"][drawn(house + 3_000, 5)]),
            format!("{}", 10_000 + drawn(house + 4_000, 400)),
            format!("212555{:04}", drawn(house + 5_000, 10_000)),
        ];
        for member in 0..1 + drawn(house + 6_000, 4) as u64 {
            let entity = house * 10 + member;
            let name = given[(drawn(house + 7_000, 16) + 3 * member as usize) % 16];
            // One in six has another surname, one in three another telephone.
            let last = if drawn(entity + 9_000, 6) == 0 { format!("{name}son") } else { surname.clone() };
            let mut home = home.clone();
            if drawn(entity + 10_000, 3) == 0 {
                home[2] = format!("212555{:04}", drawn(entity + 11_000, 10_000));
            }
            for copy in 0..1 + drawn(entity + 8_000, 2) as u64 {
                let mut row = vec![entity.to_string(), name.to_owned(), last.clone()];
                row.extend(
                    home.iter()
                        .enumerate()
                        .map(|(at, value)| if drawn(entity * 9 + copy * 4 + at as u64, 8) == 0 { String::new() } else { value.clone() }),
                );
                rows.push(row);
            }
        }
    }
    let headers = ["entity", "first_name", "last_name", "street", "zip", "phone"].map(str::to_owned).to_vec();
    let evaluation = evaluate(&Table { headers, rows }, &["entity"], |row| row[0].clone());
    assert!(evaluation.precision() >= 0.9 && evaluation.f1() >= 0.85, "{evaluation:?}");
}

#[test]
fn a_surname_in_common_does_not_make_one_person_of_two_whole_names() {
    let headers: Vec<String> = ["name", "address", "phone"].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> =
        (0..40).map(|at| vec![format!("person{at} family{at}"), format!("{at} high street"), format!("21255501{at:02}")]).collect();
    let profile = Profile::of(&headers, &rows, &[]);
    let file = profile.propose("proposed");
    assert!(file.relation.iter().any(|relation| relation.name == "family"), "whole names beside a home tell households");
    let mut names = file.clone();
    names.comparison.truncate(1);
    let model = Model::new(names).expect("well formed");
    let mut records = Records::new(&model);
    for name in ["mary smith", "john smith", "john bartholomew smith"] {
        records.push(&model, &[("name", name.to_owned())]);
    }
    let level = |left, right| records.explain(&model, left, right).explain().lines[0].level.clone();
    assert_eq!([level(0, 1), level(1, 2)], ["one word in common", "one contains the other"]);
    let line = records.explain(&model, 0, 1).explain().lines[0].clone();
    assert!(line.weight <= 1.0, "{line:?}");
}

#[test]
fn a_generation_apart_stays_apart_where_no_number_tells_more() {
    let headers: Vec<String> = ["first_name", "last_name", "dob", "street", "tax_id"].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = (0..40)
        .map(|at| {
            [
                format!("given{at}"),
                format!("family{at}"),
                format!("19{}-04-06", 40 + at),
                format!("{at} high street"),
                format!("{}", 70_112_233 + at * 7_919),
            ]
            .to_vec()
        })
        .collect();
    let held = |columns: usize| {
        let profile = Profile::of(&headers[..columns], &rows.iter().map(|row| row[..columns].to_vec()).collect::<Vec<_>>(), &[]);
        let model = Model::new(profile.propose("proposed")).expect("well formed");
        let mut records = Records::new(&model);
        for dob in ["1950-04-06", "1975-11-28", "1975-04-28"] {
            let row: Vec<String> =
                ["john", "smith", dob, "1 high street", "70112233"][..columns].iter().map(|cell| (*cell).to_owned()).collect();
            records.push(&model, &profile.features(&row));
        }
        [(0, 1), (0, 2)].map(|(left, right)| records.explain(&model, left, right).explain().conflict)
    };
    assert_eq!(held(4), [Some("a generation apart".to_owned()), None]);
    assert_eq!(held(5), [None, None]);
}

#[test]
fn a_few_rows_are_enough() {
    let headers = ["entity", "name", "city", "born"].map(str::to_owned).to_vec();
    let twice = [
        ["a", "Anna Miller", "Leeds", "1980-04-06"],
        ["a", "Ana Miller", "Leeds", "06/04/1980"],
        ["b", "Bob Stone", "York", "1971-01-02"],
        ["b", "Robert Stone", "York", "1971-01-02"],
        ["c", "Carl Fox", "Hull", "1990-12-31"],
        ["d", "Eve Long", "York", "1962-11-08"],
        ["e", "Otto Baum", "Leeds", "1955-04-06"],
        ["f", "Jane Marsh", "Hull", "1949-07-19"],
        ["f", "Jane Marsch", "Hull", "1949-07-19"],
        ["g", "Ivan Petrov", "York", "1988-02-23"],
        ["h", "Gina Rossi", "Leeds", "1977-09-30"],
        ["i", "Nils Holm", "Hull", "1993-06-15"],
    ];
    let once: Vec<[&str; 4]> = twice.iter().enumerate().filter(|(at, _)| ![1, 3, 8].contains(at)).map(|(_, row)| *row).collect();
    for rows in [&twice[..3], &twice[..5], &twice[..], &once[..3], &once[..5], &once[..]] {
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect();
        let evaluation = evaluate(&Table { headers: headers.clone(), rows }, &["entity"], |row| row[0].clone());
        assert!(evaluation.found_pairs == evaluation.true_pairs && evaluation.right_pairs == evaluation.true_pairs, "{evaluation:?}");
    }
}

#[test]
fn orders_of_one_customer_are_not_one_order() {
    let headers = ["entity", "order_no", "customer", "email", "order_date", "amount", "status"].map(str::to_owned).to_vec();
    let order = |number: u64| {
        let customer = drawn(number, 100);
        vec![
            number.to_string(),
            format!("ORD{}", 100_000 + number),
            format!(
                "{} {}",
                ["Ada", "Bob", "Cleo", "Dirk", "Eva"][customer % 5],
                ["Stone", "Miller", "Fox"][customer % 3].to_owned() + &"e".repeat(customer / 15)
            ),
            format!("c{customer}@shop.org"),
            format!("202{}-{:02}-{:02}", drawn(number + 5_000, 5), 1 + drawn(number + 10_000, 12), 1 + drawn(number + 15_000, 28)),
            format!("{}.{:02}", 5 + drawn(number + 20_000, 495), drawn(number + 25_000, 100)),
            ["paid", "open", "refunded"][drawn(number + 30_000, 3)].to_owned(),
        ]
    };
    let evaluation = evaluate(&Table { headers, rows: (0..2_000).map(order).collect() }, &["entity"], |row| row[0].clone());
    assert!(evaluation.found_pairs <= 5, "{evaluation:?}");
}

#[test]
fn a_chinese_household_is_told_from_one_person_by_names_alone() {
    let character = |text: &str, at: usize| text.chars().nth(at % text.chars().count()).expect("a character").to_string();
    let mut rows = Vec::new();
    for house in 0..350_u64 {
        let home =
            format!("幸福市和平区{}路{}号", ["中山", "人民", "解放", "建设", "文化"][drawn(house, 5)], 1 + drawn(house + 1_000, 900));
        let phone = format!("138{:08}", drawn(house + 2_000, 100_000_000));
        for member in 0..1 + drawn(house + 3_000, 4) as u64 {
            let entity = house * 10 + member;
            let family = if member == 1 { entity } else { house };
            let name = character("王李张刘陈杨黄赵周吴徐孙", drawn(family + 20_000, 997))
                + &character("伟芳娜敏静丽强磊军洋勇艳杰涛明超", drawn(entity + 30_000, 991))
                + &if drawn(entity + 40_000, 2) == 0 {
                    String::new()
                } else {
                    character("华国英平玉春文志红云", drawn(entity + 50_000, 983))
                };
            let own = if drawn(entity + 60_000, 5) < 3 { phone.clone() } else { format!("139{:08}", drawn(entity + 70_000, 100_000_000)) };
            for copy in 0..1 + drawn(entity + 80_000, 2) as u64 {
                let told = |value: &str, at: u64| if drawn(entity * 9 + copy * 4 + at, 10) == 0 { String::new() } else { value.to_owned() };
                rows.push(vec![entity.to_string(), name.clone(), told(&own, 0), told(&home, 1)]);
            }
        }
    }
    let headers = ["entity", "客户", "联系电话", "家庭地址"].map(str::to_owned).to_vec();
    let evaluation = evaluate(&Table { headers, rows }, &["entity"], |row| row[0].clone());
    assert!(evaluation.precision() >= 0.9 && evaluation.f1() >= 0.9, "{evaluation:?}");
}
