//! `jiku verify`: is everything that is derived what it should be?

use clap::Args;
use jiku_registry::{OpenError, Registry, RegistryError, VerifyReport};
use serde_json::json;

use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::settings::DatabaseArgs;
use crate::table::count;

/// Recompute clusters, golden records, indexes and the hash chain, and print every difference; none is the good answer
///
/// Nothing is changed. Exit code 1 says that there are differences; `jiku rebuild` replaces what is derived. What cannot be read is named by its table:
/// restore a backup then.
#[derive(Args, Debug)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(crate) fn run(args: &VerifyArgs, console: &Console) -> Outcome {
    let options = args.database.options(|options| (options.goes_on_composing, options.looks_for_generic) = (false, false))?;
    let working = console.spinner("recomputing everything that is derived");
    let report = match Registry::open(options.clone()) {
        Ok(registry) => registry.verify(),
        Err(OpenError::Load(why)) => Err(why),
        Err(other) => return Err(other.into()),
    };
    let (report, advice) = match report {
        Ok(report) => (report, Advice::Rebuild),
        Err(why) if is_of_the_database(&why) => (jiku_registry::damage(&options, &why)?, Advice::Restore),
        Err(other) => return Err(other.into()),
    };
    working.done();
    tell(&report, advice, console)
}

/// What helps.
#[derive(Clone, Copy, Debug)]
enum Advice {
    Rebuild,
    Restore,
}

/// Whether it may be what the database holds that stopped the check.
fn is_of_the_database(error: &RegistryError) -> bool {
    matches!(error, RegistryError::Internal(_) | RegistryError::Unavailable { code: "storage-failed", .. })
}

fn tell(report: &VerifyReport, advice: Advice, console: &Console) -> Outcome {
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
    let total = count(report.total);
    Err(Failure::check(match advice {
        Advice::Rebuild => format!("{total} differences; {looked}; `jiku rebuild` replaces everything that is derived"),
        Advice::Restore => {
            format!("{total} findings, and no more can be checked: the database is damaged; restore a backup (`jiku restore`)")
        }
    }))
}
