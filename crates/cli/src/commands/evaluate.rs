//! `jiku evaluate`: how good are clusters, given the truth?

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use clap::Args;
use jiku_linkage::{Evaluation, JudgedPair, ScoreEvaluation};

use super::matching::{self, Input};
use crate::console::Console;
use crate::failure::{Failure, Outcome};

/// Judge clusters by the truth: pairs, B-cubed, exact clusters
#[derive(Args, Debug)]
pub(crate) struct EvaluateArgs {
    /// The clusters, with the columns record_id and cluster_id
    #[arg(long, value_name = "FILE")]
    clusters: PathBuf,
    /// The truth: a table with the records' ids and the entity of each
    #[arg(long, value_name = "FILE")]
    truth: PathBuf,
    /// The column of the truth that names the entity
    #[arg(long, value_name = "COLUMN")]
    truth_column: String,
    /// The column of the truth that names the record; the first one when absent
    #[arg(long, value_name = "COLUMN")]
    id_column: Option<String>,
    /// Scored pairs, as `jiku dedupe --pairs` writes them: then also the precision–recall curve, calibration and what thresholds cost
    #[arg(long, value_name = "FILE")]
    pairs: Option<PathBuf>,
    /// Fail when F1 over pairs is below this
    #[arg(long, value_name = "F1")]
    at_least: Option<f64>,
}

pub(crate) fn run(args: &EvaluateArgs, console: &Console) -> Outcome {
    let clusters = labels(&args.clusters, Some("record_id"), "cluster_id")?;
    let truth = labels(&args.truth, args.id_column.as_deref(), &args.truth_column)?;
    let found: HashMap<&str, &str> = clusters.iter().map(|(id, cluster)| (id.as_str(), cluster.as_str())).collect();
    let known: Vec<(&str, &str)> = truth
        .iter()
        .filter_map(|(id, entity)| Some((*found.get(id.as_str())?, entity.as_str())))
        .filter(|(_, entity)| !entity.is_empty())
        .collect();
    if known.is_empty() {
        return Err(Failure::input("no record of the clusters is in the truth; is --id-column right?"));
    }
    if known.len() < clusters.len() {
        console.say(format!("{} of {} records are in the truth; the others are left out.", known.len(), clusters.len()));
    }
    let evaluation = Evaluation::of(known.into_iter());
    let (mut body, mut text) = (matching::evaluation_json(&evaluation), matching::evaluation_text(&evaluation));
    if let Some(path) = &args.pairs {
        let scores = ScoreEvaluation::of(scored(path, &truth)?, evaluation.true_pairs);
        body["scores"] = matching::scores_json(&scores);
        text.push_str(&matching::scores_text(&scores));
    }
    console.answer(&body, text);
    match args.at_least {
        Some(least) if evaluation.f1() < least => Err(Failure::check(format!("F1 is {:.5}, below {least}", evaluation.f1()))),
        _ => Ok(()),
    }
}

fn labels(path: &Path, id: Option<&str>, label: &str) -> Result<Vec<(String, String)>, Failure> {
    let mut input = Input::open(path, None)?;
    let id = id.map_or(Ok(0), |id| input.named_column(id))?;
    let label = input.named_column(label)?;
    let mut labels = Vec::new();
    loop {
        let chunk = input.chunk(1 << 16)?;
        if chunk.is_empty() {
            return Ok(labels);
        }
        let cell = |row: &csv::StringRecord, at: usize| row.get(at).unwrap_or_default().trim().to_owned();
        labels.extend(chunk.iter().map(|row| (cell(row, id), cell(row, label))));
    }
}

/// The scored pairs whose truth is known, with that truth.
fn scored(path: &Path, truth: &[(String, String)]) -> Result<Vec<JudgedPair>, Failure> {
    let entity: HashMap<&str, &str> =
        truth.iter().filter(|(_, entity)| !entity.is_empty()).map(|(id, entity)| (id.as_str(), entity.as_str())).collect();
    let mut input = Input::open(path, None)?;
    let places = (input.named_column("left_id")?, input.named_column("right_id")?);
    let (weight, probability) = (input.named_column("weight")?, input.named_column("probability")?);
    let mut scores = Vec::new();
    loop {
        let chunk = input.chunk(1 << 16)?;
        if chunk.is_empty() {
            return Ok(scores);
        }
        for row in &chunk {
            let cell = |at: usize| row.get(at).unwrap_or_default().trim();
            let (Some(left), Some(right)) = (entity.get(cell(places.0)), entity.get(cell(places.1))) else { continue };
            let number = |at: usize, what: &str| {
                cell(at).parse().map_err(|_| Failure::input(format!("{} has a {what} that is no number", path.display())))
            };
            let (weight, probability) = (number(weight, "weight")?, number(probability, "probability")?);
            scores.push(JudgedPair { weight, probability, truth: left == right });
        }
    }
}
