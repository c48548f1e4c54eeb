//! `jiku bench`: how fast is Jiku on this machine?
//!
//! In process, through the same registry as the server, on invented records; what HTTP costs comes on top of it.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use jiku_model::{EntityId, Kind, RawRecord, RecordKey};
use jiku_registry::{Actor, Incoming, KindStats, Registry, RegistryError, ResolveOptions, RowOutcome, View};
use jiku_synth::{Province, Settings, SynthRecord};
use serde_json::{Value, json};

use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::operator::{open_with, operator};
use crate::settings::DatabaseUrl;
use crate::table::{Table, count};

/// Records in one transaction, as `jiku ingest` sends them.
const BATCH: usize = 2_000;

/// The department whose records come last, into the full base.
const LATE: &str = "weijian";

/// Measure this machine: take invented records in, ask who they are, read golden records, start again
///
/// Records of one department come last: they show what a delivery into the full base takes. At the end the database is opened
/// twice: with the indexes as they were laid aside, and with all of them made anew.
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
    let aside = folder.path().join("index");
    let opened = |take_up| {
        open_with(&database, None, |options| {
            (options.index_folder, options.index_from, options.take_up_indexes) = (Some(aside.clone()), 1, take_up);
        })
    };
    let registry = opened(true)?;
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
    let timed = |work: &mut dyn FnMut() -> Outcome| {
        let started = Instant::now();
        work().map(|()| started.elapsed().as_secs_f64())
    };
    let close_s = timed(&mut || {
        registry.close();
        Ok(())
    })?;
    drop(registry);
    let start_s = timed(&mut || opened(true).map(|registry| registry.close()))?;
    let started = Instant::now();
    let anew = opened(false)?;
    let ends = Ends { close_s, start_s, anew_s: started.elapsed().as_secs_f64() };
    tell(console, &taken, &measured, threads, &ends, &anew)
}

/// How long the end and the start of a service take.
struct Ends {
    /// The end, with the indexes laid aside.
    close_s: f64,
    /// The start, with the indexes as they were laid aside.
    start_s: f64,
    /// The start with all indexes made from the database.
    anew_s: f64,
}

/// What went in, and what may be asked about it.
struct Taken {
    records: u64,
    seconds: f64,
    late_records: u64,
    late_seconds: f64,
    people: Vec<RawRecord>,
    ids: Vec<EntityId>,
}

fn take_in(args: &BenchArgs, console: &Console, registry: &Registry, actor: &Actor) -> Result<Taken, Failure> {
    let settings = Settings::new(1, args.people, args.people * 3 / 20, args.people / 4);
    let progress = console.counted("taking records in", args.people);
    // So many are kept as questions, at even distances; a person has about three records.
    let apart = (usize::try_from(args.people).unwrap_or(usize::MAX) * 3 / args.questions.max(1)).max(7);
    let mut taken = Taken { records: 0, seconds: 0.0, late_records: 0, late_seconds: 0.0, people: Vec::new(), ids: Vec::new() };
    let mut province = Province::new(settings);
    let mut late: Vec<SynthRecord> = Vec::new();
    loop {
        // Inventing is not what is measured.
        let batch: Vec<SynthRecord> = province.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        taken.people.extend(batch.iter().filter(|record| record.kind == Kind::Person).step_by(apart).map(SynthRecord::raw));
        let (later, now): (Vec<_>, Vec<_>) = batch.into_iter().partition(|record| record.kind == Kind::Person && record.source == LATE);
        late.extend(later.into_iter().step_by(apart.div_ceil(7)));
        let (outcomes, seconds) = ingest(registry, actor, &now)?;
        taken.seconds += seconds;
        taken.records += outcomes.len() as u64;
        let of_people = outcomes.iter().filter(|outcome| outcome.key.kind == Kind::Person);
        taken.ids.extend(of_people.filter_map(|outcome| outcome.entity).step_by(apart));
        progress.set(province.made().people);
        console.check_stop()?;
    }
    progress.done();
    let progress = console.counted("taking records into the full base", late.len() as u64);
    for batch in late.chunks(BATCH) {
        taken.late_seconds += ingest(registry, actor, batch)?.1;
        taken.late_records += batch.len() as u64;
        progress.advance(batch.len() as u64);
        console.check_stop()?;
    }
    progress.done();
    Ok(taken)
}

/// Takes records in, and how many seconds that took.
fn ingest(registry: &Registry, actor: &Actor, records: &[SynthRecord]) -> Result<(Vec<RowOutcome>, f64), Failure> {
    let incoming = records.iter().map(incoming).collect::<Result<Vec<_>, _>>()?;
    let started = Instant::now();
    let outcomes = registry.ingest(actor, incoming)?;
    Ok((outcomes, started.elapsed().as_secs_f64()))
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

fn tell(console: &Console, taken: &Taken, measured: &[Measured], threads: usize, ends: &Ends, registry: &Registry) -> Outcome {
    let stats = registry.stats()?;
    registry.close();
    let memory: u64 = stats.kinds.iter().map(|of_kind| of_kind.memory_bytes).sum();
    let each = |of_kind: &KindStats| of_kind.memory_bytes / of_kind.records.max(1);
    let whole = |rate: f64| format!("{rate:.0}");
    #[expect(clippy::cast_precision_loss, reason = "a rate on a screen")]
    let rate = |records: u64, seconds: f64| records as f64 / seconds.max(1e-9);
    let (ingest, late) = (rate(taken.records, taken.seconds), rate(taken.late_records, taken.late_seconds));
    let mut table = Table::new(["", "number", "a second", "median ms", "99 % within ms"]);
    for (what, records, rate) in
        [("records taken in, durable", taken.records, ingest), ("records into the full base", taken.late_records, late)]
    {
        table.row([what.to_owned(), count(records), whole(rate), String::new(), String::new()]);
    }
    for sort in measured {
        let times = [50, 99].map(|percent| format!("{:.2}", sort.within_ms(percent)));
        let [median, most] = times;
        table.row([sort.name.to_owned(), count(sort.answered as u64), whole(sort.per_second()), median, most]);
    }
    let sorts: Vec<Value> = measured
        .iter()
        .map(|sort| json!({ "name": sort.name, "answered": sort.answered, "per_second": sort.per_second(), "median_ms": sort.within_ms(50), "p99_ms": sort.within_ms(99) }))
        .collect();
    let bytes: serde_json::Map<String, Value> =
        stats.kinds.iter().map(|of_kind| (of_kind.kind.as_str().to_owned(), each(of_kind).into())).collect();
    let body = json!({
        "records": taken.records, "ingest_per_second": ingest, "late_records": taken.late_records, "late_per_second": late,
        "questions": sorts, "threads": threads, "close_s": ends.close_s, "start_s": ends.start_s, "start_anew_s": ends.anew_s,
        "index_bytes": memory, "bytes_per_record": bytes, "position": stats.position,
    });
    let per_record: Vec<String> = stats.kinds.iter().map(|of_kind| format!("{} {}", count(each(of_kind)), of_kind.kind.as_str())).collect();
    let text = format!(
        "{}\n  {threads} threads asked, in process. Indexes: {} MiB; bytes a record: {}.\n  A start: {:.1} s, with all indexes made \
         anew {:.1} s. The end, with the indexes laid aside: {:.1} s.",
        table.render(),
        count(memory.div_ceil(1 << 20)),
        per_record.join(", "),
        ends.start_s,
        ends.anew_s,
        ends.close_s
    );
    console.answer(&body, text);
    Ok(())
}
