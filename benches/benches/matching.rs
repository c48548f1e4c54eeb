//! How fast are pairs found and scored, over invented people with all comparisons, and over one measure alone?
//!
//! Divide by the number of elements for the time of one pair or record. Machine and figures: `docs/benchmarks.md`.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiku_linkage::{Blocking, Model, Records, Weighing, score_pairs};
use jiku_model::{EntityKind, Kind, ParseContext};
use jiku_person::People;
use jiku_synth::{Province, Settings};

/// How many people the blocks and the scores are of; about three records speak of each.
const PEOPLE: u64 = 10_000;

/// How many names are compared with each other, all with all.
const NAMES: u64 = 1_000;

fn people(model: &Model) -> Records {
    let settings = Settings::new(11, PEOPLE, 0, 0);
    let context = ParseContext { today: settings.today };
    let mut records = Records::new(model);
    for record in Province::new(settings).filter(|record| record.kind == Kind::Person) {
        records.push(model, &People.features(&People.parse(&record.raw(), &context).attributes));
    }
    records
}

fn batch(criterion: &mut Criterion) {
    let model = Model::from_toml(People.default_model()).expect("the shipped model is well formed");
    let records = people(&model);
    let mut group = criterion.benchmark_group("people");
    group.sample_size(10);
    group.throughput(Throughput::Elements(u64::from(records.len())));
    group.bench_function("blocking, records", |bench| bench.iter(|| Blocking::new(black_box(&model), &records)));
    let blocking = Blocking::new(&model, &records);
    group.throughput(Throughput::Elements(score_pairs(&model, &records, &blocking, None, 0.0, Weighing::UntilDecided).scored));
    for (what, weighing) in [("scoring, pairs", Weighing::UntilDecided), ("scoring to the end, pairs", Weighing::ToTheEnd)] {
        group.bench_function(what, |bench| bench.iter(|| score_pairs(black_box(&model), &records, &blocking, None, 0.0, weighing).scored));
    }
    group.finish();
}

/// A model of one measure over all pairs.
fn one_measure(measure: &str) -> Model {
    let text = format!(
        r#"
        name = "one measure"
        version = 1
        prior = 0.001
        link = 3.0
        review = 0.0
        max-block = 100000
        blocking = [{{ name = "all", key = "all()" }}]
        [[comparison]]
        name = "text"
        fields = ["text"]
        level = [{{ name = "like", when = "{measure}", m = 0.9, u = 0.01 }}, {{ name = "other", m = 0.1, u = 0.99 }}]
        "#
    );
    Model::from_toml(&text).expect("a model of one measure is well formed")
}

fn kernels(criterion: &mut Criterion) {
    let names: Vec<(String, String)> = Province::new(Settings::new(12, NAMES, 0, 0))
        .filter_map(|record| Some((record.get("name")?.to_owned(), record.get("id_number")?.to_owned())))
        .take(usize::try_from(NAMES).expect("few names"))
        .collect();
    let mut group = criterion.benchmark_group("one measure, pairs");
    group.sample_size(10);
    for (what, measure) in [
        ("names, Jaro-Winkler", "jaro_winkler(text) >= 0.9"),
        ("names, optimal string alignment", "osa(text) <= 1"),
        ("identity numbers, Jaro-Winkler", "jaro_winkler(text) >= 0.9"),
        ("identity numbers, optimal string alignment", "osa(text) <= 1"),
        ("identity numbers, equal", "same(text)"),
    ] {
        let model = one_measure(measure);
        let mut records = Records::new(&model);
        for (name, number) in &names {
            let text = if what.starts_with("names") { name } else { number };
            records.push(&model, &[("text", text.clone())]);
        }
        let blocking = Blocking::new(&model, &records);
        group.throughput(Throughput::Elements(u64::from(records.len()) * u64::from(records.len() - 1) / 2));
        group.bench_function(what, |bench| {
            bench.iter(|| score_pairs(black_box(&model), &records, &blocking, None, 100.0, Weighing::ToTheEnd).scored)
        });
    }
    group.finish();
}

criterion_group!(benches, batch, kernels);
criterion_main!(benches);
