//! How long does it take to read one record of a person and to draw its features?
//!
//! One core, records of eight columns with distinct names, numbers, phones and addresses of Guangdong.

use std::hint::black_box;
use std::time::Duration;

use chrono::NaiveDate;
use criterion::{Criterion, criterion_group, criterion_main};
use jiku_model::{EntityKind, ParseContext, RawRecord};
use jiku_person::{CitizenNumber, People};
use serde_json::Value;

fn records() -> Vec<RawRecord> {
    let surnames = ["王", "李", "张", "欧阳", "陈", "区"];
    let given = ["秀英", "伟", "建国", "子轩", "梓涵"];
    let roads = ["天河路", "中山五路", "体育西横街", "黄埔大道西", "科苑路"];
    (0..1_000_usize)
        .map(|at| {
            let month = at % 12 + 1;
            let day = at % 28 + 1;
            let number =
                CitizenNumber::from_parts(&format!("440106{}{month:02}{day:02}{:03}", 1950 + at % 60, at % 996)).expect("a valid number");
            let fields = [
                ("name", format!("{}{}", surnames[at % 6], given[at % 5])),
                ("id_type", "居民身份证".to_owned()),
                ("id_number", number.as_str().to_owned()),
                ("sex", if number.sex() == "1" { "男" } else { "女" }.to_owned()),
                ("birth_date", number.birth_date().to_string()),
                ("phone", format!("138{:08}", 12_345_678 + at * 7_919)),
                (
                    "address",
                    format!(
                        "广东省广州市天河区石牌街道{}{}号{}栋{}单元{}房",
                        roads[at % 5],
                        at % 400 + 1,
                        at % 9 + 1,
                        at % 3 + 1,
                        at % 30 * 100 + 1
                    ),
                ),
                ("ethnic_group", "汉族".to_owned()),
            ];
            fields.into_iter().map(|(column, value)| (column.to_owned(), Value::String(value))).collect()
        })
        .collect()
}

fn benches(criterion: &mut Criterion) {
    let context = ParseContext { today: NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day of the calendar") };
    let records = records();
    let parsed: Vec<_> = records.iter().map(|record| People.parse(record, &context)).collect();
    assert!(parsed.iter().all(|record| record.problems.is_empty()), "the records are clean");
    let mut next = (0..records.len()).cycle();
    criterion.bench_function("person/parse", |bencher| {
        bencher.iter(|| black_box(People.parse(&records[next.next().unwrap_or_default()], &context)))
    });
    criterion.bench_function("person/features", |bencher| {
        bencher.iter(|| black_box(People.features(&parsed[next.next().unwrap_or_default()].attributes)))
    });
    criterion.bench_function("person/search_tokens", |bencher| {
        bencher.iter(|| black_box(People.search_tokens(&parsed[next.next().unwrap_or_default()].attributes)))
    });
}

criterion_group! {
    name = group;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2)).without_plots();
    targets = benches
}
criterion_main!(group);
