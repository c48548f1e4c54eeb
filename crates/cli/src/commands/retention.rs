//! `jiku retention`: what is forgotten, and when?

use clap::Args;
use jiku_registry::RetentionRules;
use serde_json::json;

use crate::console::Console;
use crate::failure::Outcome;
use crate::operator::operator;
use crate::settings::DatabaseArgs;

/// Forget what nobody needs any more: rejected rows, kept answers, ended sessions, old counts. Run it daily
///
/// Source records, their versions, decisions, the change log and the access log are history and are never forgotten.
#[derive(Args, Debug)]
pub(crate) struct RetentionArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Days that rejected rows, as they were received, are kept after their import last moved
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    rejections: i64,
    /// Days that the counts of quotas are kept
    #[arg(long, value_name = "DAYS", default_value_t = 31)]
    usage: i64,
}

pub(crate) fn run(args: &RetentionArgs, console: &Console) -> Outcome {
    let office = args.database.office()?;
    let rules = RetentionRules { rejections_days: args.rejections, usage_days: args.usage };
    let forgotten = office.forget(&operator(), &rules)?;
    console.answer(
        &json!({ "rejections": forgotten.rejections, "answers": forgotten.answers, "sessions": forgotten.sessions, "counts": forgotten.counts }),
        format!(
            "Forgotten: {} rejected rows, {} kept answers, {} sessions, {} counts.",
            forgotten.rejections, forgotten.answers, forgotten.sessions, forgotten.counts
        ),
    );
    office.close();
    Ok(())
}
