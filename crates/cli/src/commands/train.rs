//! `jiku train`: which model fits a table?

use std::fs;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::matching::{self, MatchingArgs};
use crate::console::{Console, probe};
use crate::failure::{Failure, Outcome};

/// Fit a match model to a table, without labels, and write it as TOML
///
/// With --model that model is fitted, with its comparisons and blocking rules as they are written and its numbers as the belief to begin with; with
/// --kind the shipped model of the kind; otherwise a model is proposed from the columns.
#[derive(Args, Debug)]
pub(crate) struct TrainArgs {
    /// The table; several files of the same columns are taken as one table
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where the model goes
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    matching: MatchingArgs,
}

pub(crate) fn run(args: &TrainArgs, console: &Console) -> Outcome {
    let matching = MatchingArgs { as_shipped: false, refit: true, ..args.matching.clone() };
    probe(&args.output)?;
    let prepared = matching::prepare(&matching, &args.files, console)?;
    fs::write(&args.output, prepared.model.to_toml())
        .map_err(|error| Failure::place(format!("cannot write {}: {error}", args.output.display())))?;
    let training = prepared.training.clone().unwrap_or_default();
    let body = json!({
        "model": prepared.model.name(),
        "version": prepared.model.version(),
        "records": prepared.records.len(),
        "random_pairs": training.random_pairs,
        "candidate_pairs": training.candidate_pairs,
        "expected_matches": training.expected_matches,
        "warnings": matching::warnings(&prepared),
        "output": args.output,
    });
    console.answer(&body, format!("{}The model is written to {}.", matching::describe(&prepared), args.output.display()));
    Ok(())
}
