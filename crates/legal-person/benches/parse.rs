//! How long does it take to read one record of a legal person and to draw its features?
//!
//! One core, records of seven columns with distinct names, codes and addresses of Guangdong.

use std::hint::black_box;
use std::time::Duration;

use chrono::NaiveDate;
use criterion::{Criterion, criterion_group, criterion_main};
use jiku_legal_person::LegalPersons;
use jiku_model::{EntityKind, ParseContext, RawRecord};
use serde_json::Value;

fn records() -> Vec<RawRecord> {
    let brands = ["云山", "珠江", "南粤", "岭南", "东江", "鼎湖"];
    let trades = ["科技", "建筑工程", "信息技术", "餐饮管理", "物流"];
    let cities = ["广州", "深圳市", "佛山市南海区", "广东省", "东莞市"];
    (0..1_000_usize)
        .map(|at| {
            let fields = [
                ("name", format!("{}{}{}{}有限公司", cities[at % 5], brands[at % 6], at, trades[at % 5])),
                ("uscc", "91440101MA5000030P".to_owned()),
                ("legal_representative", "王秀英".to_owned()),
                ("registered_capital", format!("{}万元人民币", at + 1)),
                ("established_on", format!("20{:02}-0{}-1{}", at % 25, at % 9 + 1, at % 9)),
                ("address", format!("广东省广州市天河区天河路{}号太古汇一座{}室", at % 400 + 1, at % 3_000 + 101)),
                ("status", "存续".to_owned()),
            ];
            fields.into_iter().map(|(column, value)| (column.to_owned(), Value::String(value))).collect()
        })
        .collect()
}

fn benches(criterion: &mut Criterion) {
    let context = ParseContext { today: NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day of the calendar") };
    let records = records();
    let parsed: Vec<_> = records.iter().map(|record| LegalPersons.parse(record, &context)).collect();
    assert!(parsed.iter().all(|record| record.problems.is_empty()), "the records are clean");
    let mut next = (0..records.len()).cycle();
    criterion.bench_function("legal-person/parse", |bencher| {
        bencher.iter(|| black_box(LegalPersons.parse(&records[next.next().unwrap_or_default()], &context)))
    });
    criterion.bench_function("legal-person/features", |bencher| {
        bencher.iter(|| black_box(LegalPersons.features(&parsed[next.next().unwrap_or_default()].attributes)))
    });
}

criterion_group! {
    name = group;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2)).without_plots();
    targets = benches
}
criterion_main!(group);
