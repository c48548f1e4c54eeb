//! `jiku bench`: how fast is Jiku on this machine?
//!
//! In process, through the same registry as the server, on invented records; what HTTP costs comes on top of it.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use jiku_model::{EntityId, Kind, RawRecord, RecordKey};
use jiku_registry::{Actor, Incoming, Registry, RegistryError, ResolveOptions, View};
use jiku_synth::{Province, Settings, SynthRecord};
use serde_json::{Value, json};

use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::operator::{open, operator};
use crate::settings::DatabaseUrl;
use crate::table::{Table, count};

/// Records in one transaction, as `jiku ingest` sends them.
const BATCH: usize = 2_000;

/// Measure this machine: take invented records in, ask who they are, read golden records
#[derive(Args, Debug)]
pub(crate) struct BenchArgs {
    /// How many people to invent; companies and parcels follow
    #[arg(long, default_value_t = 20_000)]
    people: u64,
    /// How many questions of each sort to ask
    #[arg(long, default_value_t = 20_000)]
    questions: usize,
    /// Threads that ask; as many as the machine has cores unless told
    #[arg(long)]
    threads: Option<usize>,
    /// An empty database to measure on; a temporary SQLite file unless told
    #[arg(long, value_name = "URL")]
    database: Option<DatabaseUrl>,
}

/// How a sort of question was answered.
struct Measured {
    name: &'static str,
    answered: usize,
    seconds: f64,
    took: Vec<Duration>,
}

pub(crate) fn run(args: &BenchArgs, console: &Console) -> Outcome {
    let folder = tempfile::tempdir().map_err(|error| Failure::place(format!("no temporary folder can be made: {error}")))?;
    let database = args.database.clone().unwrap_or_else(|| DatabaseUrl::of_file(&folder.path().join("bench.db")));
    let registry = open(&database, None)?;
    if registry.stats()?.kinds.iter().any(|of_kind| of_kind.records + of_kind.withdrawn > 0) {
        return Err(Failure::usage(format!("{database} holds records; measure on an empty database")));
    }
    let actor = operator();
    let threads = args.threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, NonZero::get)).max(1);
    let taken = take_in(args, console, &registry, &actor)?;
    let questions = Questions { threads, count: args.questions, console };
    let measured = [
        questions.ask("resolve a person", &taken.people, |raw| {
            registry.resolve(&actor, Kind::Person, raw, &ResolveOptions::default()).map(drop)
        })?,
        questions.ask("golden record by id", &taken.ids, |id| registry.find(&actor, Kind::Person, *id, &View::default()).map(drop))?,
    ];
    let opening = Instant::now();
    registry.close();
    drop(registry);
    let reopened = open(&database, None)?;
    let reopen_s = opening.elapsed().as_secs_f64();
    tell(console, &taken, &measured, threads, reopen_s, &reopened)
}

/// What went in, and what may be asked about it.
struct Taken {
    records: u64,
    seconds: f64,
    people: Vec<RawRecord>,
    ids: Vec<EntityId>,
}

fn take_in(args: &BenchArgs, console: &Console, registry: &Registry, actor: &Actor) -> Result<Taken, Failure> {
    let settings = Settings::new(1, args.people, args.people * 3 / 20, args.people / 4);
    let progress = console.counted("taking records in", args.people);
    let mut taken = Taken { records: 0, seconds: 0.0, people: Vec::new(), ids: Vec::new() };
    let mut province = Province::new(settings);
    loop {
        // Inventing is not what is measured.
        let batch: Vec<SynthRecord> = province.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        taken.people.extend(batch.iter().filter(|record| record.kind == Kind::Person).step_by(7).map(SynthRecord::raw));
        let incoming = batch.iter().map(incoming).collect::<Result<Vec<_>, _>>()?;
        let started = Instant::now();
        let outcomes = registry.ingest(actor, incoming)?;
        taken.seconds += started.elapsed().as_secs_f64();
        taken.records += outcomes.len() as u64;
        let of_people = outcomes.iter().filter(|outcome| outcome.key.kind == Kind::Person);
        taken.ids.extend(of_people.filter_map(|outcome| outcome.entity).step_by(7));
        progress.set(province.made().people);
        console.check_stop()?;
    }
    progress.done();
    Ok(taken)
}

fn incoming(record: &SynthRecord) -> Result<Incoming, Failure> {
    let source = record.source.parse().map_err(|error| Failure::internal(format!("source {}: {error}", record.source)))?;
    let raw = record.raw();
    let payload = Value::Object(raw.clone()).to_string();
    Ok(Incoming { key: RecordKey { kind: record.kind, source, key: record.source_key.clone() }, raw, payload, line: None })
}

struct Questions<'a> {
    threads: usize,
    count: usize,
    console: &'a Console,
}

impl Questions<'_> {
    /// Asks on all threads until enough was asked; every answer is timed.
    fn ask<T: Sync>(
        &self,
        name: &'static str,
        about: &[T],
        one: impl Fn(&T) -> Result<(), RegistryError> + Sync,
    ) -> Result<Measured, Failure> {
        let next = AtomicUsize::new(0);
        let progress = self.console.counted(name, self.count as u64);
        let started = Instant::now();
        let took = thread::scope(|scope| {
            let asking = || {
                let mut took = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= self.count || self.console.is_stopping() || about.is_empty() {
                        return Ok(took);
                    }
                    let asked = Instant::now();
                    one(&about[number % about.len()])?;
                    took.push(asked.elapsed());
                    progress.advance(1);
                }
            };
            let asking: Vec<_> = (0..self.threads).map(|_| scope.spawn(asking)).collect();
            let mut all = Vec::new();
            for thread in asking {
                let took: Result<Vec<Duration>, RegistryError> =
                    thread.join().map_err(|_| Failure::internal("a thread that asked panicked"))?;
                all.extend(took?);
            }
            Ok::<_, Failure>(all)
        })?;
        let seconds = started.elapsed().as_secs_f64();
        progress.done();
        self.console.check_stop()?;
        Ok(Measured { name, answered: took.len(), seconds, took: sorted(took) })
    }
}

fn sorted(mut took: Vec<Duration>) -> Vec<Duration> {
    took.sort_unstable();
    took
}

impl Measured {
    #[expect(clippy::cast_precision_loss, reason = "a rate on a screen")]
    fn per_second(&self) -> f64 {
        self.answered as f64 / self.seconds.max(1e-9)
    }

    /// The time within which this share of the answers came, in milliseconds.
    fn within_ms(&self, percent: usize) -> f64 {
        self.took.get((self.took.len() * percent / 100).min(self.took.len().saturating_sub(1))).map_or(0.0, |took| took.as_secs_f64() * 1e3)
    }
}

fn tell(console: &Console, taken: &Taken, measured: &[Measured], threads: usize, reopen_s: f64, registry: &Registry) -> Outcome {
    let stats = registry.stats()?;
    registry.close();
    let memory: u64 = stats.kinds.iter().map(|of_kind| of_kind.memory_bytes).sum();
    let whole = |rate: f64| format!("{rate:.0}");
    #[expect(clippy::cast_precision_loss, reason = "a rate on a screen")]
    let ingest = taken.records as f64 / taken.seconds.max(1e-9);
    let mut table = Table::new(["", "number", "a second", "median ms", "99 % within ms"]);
    table.row(["records taken in, durable".to_owned(), count(taken.records), whole(ingest), String::new(), String::new()]);
    for sort in measured {
        let times = [50, 99].map(|percent| format!("{:.2}", sort.within_ms(percent)));
        let [median, most] = times;
        table.row([sort.name.to_owned(), count(sort.answered as u64), whole(sort.per_second()), median, most]);
    }
    let sorts: Vec<Value> = measured
        .iter()
        .map(|sort| json!({ "name": sort.name, "answered": sort.answered, "per_second": sort.per_second(), "median_ms": sort.within_ms(50), "p99_ms": sort.within_ms(99) }))
        .collect();
    let body = json!({
        "records": taken.records, "ingest_per_second": ingest, "questions": sorts, "threads": threads, "reopen_s": reopen_s,
        "index_bytes": memory, "position": stats.position,
    });
    let text = format!(
        "{}\n  {threads} threads asked, in process. Indexes: {} MiB. Opening the database again: {reopen_s:.1} s.",
        table.render(),
        count(memory.div_ceil(1 << 20))
    );
    console.answer(&body, text);
    Ok(())
}
