//! `jiku quality`: how do the three bases stand?

use clap::Args;
use serde_json::json;

use crate::console::Console;
use crate::failure::Outcome;
use crate::operator::open;
use crate::settings::DatabaseArgs;
use crate::table::{Table, count};

/// Print the figures of the three bases: records, golden records, duplicates found, tasks waiting, sources
#[derive(Args, Debug)]
pub(crate) struct QualityArgs {
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(crate) fn run(args: &QualityArgs, console: &Console) -> Outcome {
    let registry = open(&args.database.database)?;
    let stats = registry.stats()?;
    let sources = registry.list_sources()?;
    let mut table = Table::new(["kind", "records", "withdrawn", "golden records", "duplicates", "tasks waiting", "memory MiB"]);
    let mut kinds = Vec::new();
    for of_kind in &stats.kinds {
        table.row([
            of_kind.kind.to_string(),
            count(of_kind.records),
            count(of_kind.withdrawn),
            count(of_kind.entities),
            count(of_kind.duplicates),
            count(of_kind.open_reviews),
            count(of_kind.memory_bytes.div_ceil(1 << 20)),
        ]);
        kinds.push(json!({
            "kind": of_kind.kind, "records": of_kind.records, "withdrawn": of_kind.withdrawn, "entities": of_kind.entities,
            "duplicates": of_kind.duplicates, "open_reviews": of_kind.open_reviews, "memory_bytes": of_kind.memory_bytes,
        }));
    }
    let mut systems = Table::new(["source", "trust", "department"]);
    for source in &sources {
        systems.row([format!("{} ({})", source.code, source.name), source.trust.to_string(), source.department.clone()]);
    }
    let body = json!({ "kinds": kinds, "sources": sources, "position": stats.position });
    console.answer(&body, format!("{}\n{}\n  change log at {}", table.render(), systems.render(), stats.position));
    Ok(())
}
