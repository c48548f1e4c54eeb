//! `jiku rebuild`: how is everything derived made anew?

use std::time::Instant;

use clap::Args;
use serde_json::json;

use crate::console::Console;
use crate::failure::Outcome;
use crate::operator::operator;
use crate::settings::DatabaseArgs;

/// Make everything that is derived anew: the model's judgements, clusters, golden records, indexes
///
/// Source records, stewards' decisions and canonical ids stay as they are.
#[derive(Args, Debug)]
pub(crate) struct RebuildArgs {
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(crate) fn run(args: &RebuildArgs, console: &Console) -> Outcome {
    let started = Instant::now();
    // What is laid aside may be the very thing that is wrong.
    let registry = args.database.open_with(|options| options.take_up_indexes = false)?;
    let working = console.spinner("rebuilding");
    registry.rebuild(&operator())?;
    working.done();
    let position = registry.position();
    registry.close();
    let seconds = started.elapsed().as_secs_f64();
    console.answer(
        &json!({ "position": position, "seconds": seconds }),
        format!("Rebuilt in {seconds:.1} s; the change log is at {position}."),
    );
    Ok(())
}
