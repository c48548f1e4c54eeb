//! How fast does the online index answer? Invented people, as many as the argument says (200,000 unless told).
//!
//! `cargo run --release -p jiku-linkage --example online -- 1000000`

use std::sync::Arc;
use std::time::Instant;

use jiku_linkage::{MatchIndex, Model};

/// A small generator of its own (SplitMix64): the same people every time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % below
    }
}

/// A person's features; sounds are stood for by the characters themselves.
fn person(number: u64) -> Vec<(&'static str, String)> {
    let mut numbers = Numbers(number);
    let surnames: Vec<char> = "王李张刘陈杨黄吴赵周徐孙马朱胡林郭何高罗".chars().collect();
    let surname = surnames[(numbers.next(20) * numbers.next(20) / 20) as usize].to_string();
    let given: String = (0..1 + numbers.next(4).min(1)).filter_map(|_| char::from_u32(0x4e00 + numbers.next(900) as u32)).collect();
    let date = format!("{}-{:02}-{:02}", 1940 + numbers.next(80), 1 + numbers.next(12), 1 + numbers.next(28));
    let division = format!("4401{:02}", 1 + numbers.next(20));
    let id = format!("{division}{}{:04}", date.replace('-', ""), numbers.next(10_000));
    let road = format!("天河路{}号", numbers.next(40_000));
    vec![
        ("name", format!("{surname}{given}")),
        ("name_pinyin", format!("{surname}{given}")),
        ("surname", surname),
        ("given", given),
        ("id_number", id),
        ("birth_date", date),
        ("sex", (1 + numbers.next(2)).to_string()),
        ("phone", format!("138{:08}", numbers.next(100_000_000))),
        ("address", format!("{road}{}房", numbers.next(60))),
        ("address_road", road),
        ("division", division),
    ]
}

fn main() {
    let count: u64 = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(200_000);
    let model = Model::from_toml(include_str!("../../person/model.toml")).expect("the shipped model is well formed");
    let mut index = MatchIndex::new(Arc::new(model));
    let start = Instant::now();
    for slot in 0..count {
        index.insert(u32::try_from(slot).expect("fewer than 2^32 people"), &person(slot));
    }
    let took = start.elapsed();
    println!("{count} records in {took:.1?}, {} bytes each", index.heap_bytes() as u64 / count.max(1));
    let queries: Vec<_> = (0..20_000).map(|number| person(number * 7_919 % count)).collect();
    let start = Instant::now();
    let found = queries.iter().filter(|query| !index.matches(query, 0.0).is_empty()).count();
    let each = start.elapsed() / u32::try_from(queries.len()).expect("few queries");
    println!("{} of {} found, {each:.1?} each", found, queries.len());
}
