//! Does the online index find one person among many?
//!
//! `cargo bench -p jiku-benches --bench recall -- 1000000`: the police's records of an invented province of so many people (100,000 unless
//! told) are indexed; records of the other departments ask. Told are the share of questions with the person among the first ten
//! candidates, and the time of one question on one thread.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use jiku_linkage::{MatchIndex, Model};
use jiku_model::{EntityKind, Features, Kind, ParseContext};
use jiku_person::People;
use jiku_synth::{Province, Settings, SynthRecord};

/// Below this weight nobody looks at a candidate.
const FLOOR: f32 = -20.0;
const FIRST: usize = 10;
const QUESTIONS: usize = 20_000;

fn main() {
    let people = std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(100_000);
    let province = || Province::new(Settings::new(41, people, 0, 0)).filter(|record| record.kind == Kind::Person);
    let context = ParseContext { today: Settings::new(41, people, 0, 0).today };
    let features = |record: &SynthRecord| -> Features { People.features(&People.parse(&record.raw(), &context).attributes) };
    let mut index = MatchIndex::new(Arc::new(Model::from_toml(People.default_model()).expect("the shipped model is well formed")));
    // The records of each person in the index.
    let mut slots: HashMap<u64, Vec<u32>> = HashMap::new();
    for (record, slot) in province().filter(|record| record.source == "gongan").zip(0..) {
        index.insert(slot, &features(&record));
        slots.entry(record.truth).or_default().push(slot);
    }
    let known: Vec<SynthRecord> = province().filter(|record| record.source != "gongan" && slots.contains_key(&record.truth)).collect();
    let step = (known.len() / QUESTIONS).max(1);
    let asked: Vec<(u64, Features)> = known.iter().step_by(step).map(|record| (record.truth, features(record))).collect();
    let start = Instant::now();
    let answers: Vec<_> = asked.iter().map(|(_, question)| index.matches(question, FLOOR)).collect();
    let each = start.elapsed() / u32::try_from(asked.len().max(1)).unwrap_or(1);
    let found = |(answer, (truth, _)): &(&Vec<jiku_linkage::Match>, &(u64, Features))| {
        answer.iter().take(FIRST).any(|candidate| slots[truth].contains(&candidate.slot))
    };
    let right = answers.iter().zip(&asked).filter(found).count();
    println!(
        "{} records indexed, {} questions: {:.3} % find the person among the first {FIRST}, {each:.1?} each",
        slots.values().map(Vec::len).sum::<usize>(),
        asked.len(),
        100.0 * right as f64 / asked.len().max(1) as f64
    );
}
