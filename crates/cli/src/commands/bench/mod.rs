//! `jiku bench`: how fast is Jiku on this machine?
//!
//! On invented records: in process, through the same registry as the server, and then over HTTP, as a service in a process of its own.

mod ask;
mod fill;
mod http;
mod tell;

use std::num::NonZero;
use std::thread;
use std::time::Instant;

use clap::Args;
use jiku_model::Kind;
use jiku_registry::{ResolveOptions, View};

use self::ask::Questions;
use self::tell::Figures;
use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::operator::{open_with, operator};
use crate::settings::DatabaseUrl;

/// Measure this machine: take invented records in, ask who they are, read golden records, start the service and ask it over HTTP
///
/// Records of one department come last: they show what a delivery into the full base takes. The service is started with the
/// indexes as they were laid aside; at the end the database is opened once more with all of them made anew.
#[derive(Args, Debug)]
pub(crate) struct BenchArgs {
    /// How many people to invent; companies follow
    #[arg(long, default_value_t = 20_000)]
    people: u64,
    /// How many parcels; one for four people unless told
    #[arg(long)]
    parcels: Option<u64>,
    /// How many questions of each sort to ask
    #[arg(long, default_value_t = 20_000)]
    questions: usize,
    /// Threads that ask in process; as many as the machine has cores unless told
    #[arg(long)]
    threads: Option<usize>,
    /// Connections that ask over HTTP at once
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// An empty database to measure on; a temporary SQLite file unless told
    #[arg(long, value_name = "URL")]
    database: Option<DatabaseUrl>,
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
    let taken = fill::take_in(args, console, &registry, &actor)?;
    let questions = Questions { threads, count: args.questions, console };
    let none = || Ok(());
    let measured = [
        questions.ask("resolve a person", &taken.people, none, |(), raw| {
            registry.resolve(&actor, Kind::Person, raw, &ResolveOptions::default()).map(drop).map_err(Failure::from)
        })?,
        questions.ask("golden record by id", &taken.ids, none, |(), id| {
            registry.find(&actor, Kind::Person, *id, &View::default()).map(drop).map_err(Failure::from)
        })?,
    ];
    let key = http::admit(&registry, &actor)?;
    let started = Instant::now();
    registry.close();
    let close_s = started.elapsed().as_secs_f64();
    drop(registry);
    let over_http = Questions { threads: args.connections.max(1), ..questions };
    let served = http::measure(&database, &aside, &key, &taken, &over_http)?;
    let started = Instant::now();
    let anew = opened(false)?;
    let anew_s = started.elapsed().as_secs_f64();
    let stats = anew.stats()?;
    anew.close();
    let (taken, measured, served, stats) = (&taken, measured.as_slice(), &served, &stats);
    tell::tell(console, &Figures { taken, measured, served, threads, connections: over_http.threads, close_s, anew_s, stats });
    Ok(())
}
