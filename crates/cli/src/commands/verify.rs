//! `jiku verify`: is everything that is derived what it should be?

use clap::Args;
use serde_json::json;

use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::settings::DatabaseArgs;
use crate::table::count;

/// Recompute clusters, golden records, indexes and the hash chain, and print every difference; none is the good answer
///
/// Nothing is changed. Exit code 1 says that there are differences; `jiku rebuild` replaces what is derived.
#[derive(Args, Debug)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(crate) fn run(args: &VerifyArgs, console: &Console) -> Outcome {
    let registry = args.database.open_with(|options| (options.goes_on_composing, options.looks_for_generic) = (false, false))?;
    let working = console.spinner("recomputing everything that is derived");
    let report = registry.verify()?;
    working.done();
    let differences: Vec<_> =
        report.differences.iter().map(|found| json!({ "area": found.area, "subject": found.subject, "detail": found.detail })).collect();
    let body = json!({
        "clean": report.is_clean(), "differences_total": report.total, "differences": differences,
        "records": report.records, "entities": report.entities, "changes": report.changes, "position": report.position,
    });
    let looked = format!(
        "{} source records, {} entities and {} changes checked at position {}",
        count(report.records),
        count(report.entities),
        count(report.changes),
        report.position
    );
    if report.is_clean() {
        console.answer(&body, format!("All is well: {looked}, no difference."));
        return Ok(());
    }
    let mut text = String::new();
    for found in &report.differences {
        text.push_str(&format!("{}  {}  {}\n", found.area, found.subject, found.detail));
    }
    console.answer(&body, text);
    Err(Failure::check(format!("{} differences; {looked}; `jiku rebuild` replaces everything that is derived", count(report.total))))
}
