//! `jiku evaluate`: how good are clusters, given the truth?

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use clap::Args;
use jiku_linkage::{Evaluation, JudgedPair, ScoreEvaluation};
use jiku_model::Verdict;

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
    /// From which weight on pairs below the threshold are for review; that of the model that scored them when absent
    #[arg(long, value_name = "WEIGHT", allow_negative_numbers = true, requires = "pairs")]
    review: Option<f32>,
    /// Fail when F1 over pairs is below this
    #[arg(long, value_name = "F1")]
    at_least: Option<f64>,
}

pub(crate) fn run(args: &EvaluateArgs, console: &Console) -> Outcome {
    let clusters = labels(&args.clusters, Some("record_id"), "cluster_id")?;
    let truth = labels(&args.truth, args.id_column.as_deref(), &args.truth_column)?;
    once(&args.clusters, &clusters)?;
    once(&args.truth, &truth)?;
    let found: HashMap<&str, &str> = clusters.iter().map(|(id, cluster)| (id.as_str(), cluster.as_str())).collect();
    let told = || truth.iter().filter(|(_, entity)| !entity.is_empty());
    let known = told().filter(|(id, _)| found.contains_key(id.as_str())).count();
    if known == 0 {
        return Err(Failure::input("no record of the clusters is in the truth; is --id-column right?"));
    }
    if known < clusters.len() {
        console.say(format!("{known} of {} records are in the truth; the others are left out.", clusters.len()));
    }
    let alone = told().count() - known;
    if alone > 0 {
        console.say(format!("In no cluster, and so counted as found alone: {alone} of the truth's {} records.", told().count()));
    }
    // What is in no cluster is in one of its own.
    let label = |id: &'_ str| found.get(id).map_or(Err(id.to_owned()), |cluster| Ok((*cluster).to_owned()));
    let evaluation = Evaluation::of(told().map(|(id, entity)| (label(id), entity.as_str())));
    let (mut body, mut text) = (matching::evaluation_json(&evaluation), matching::evaluation_text(&evaluation));
    if let Some(path) = &args.pairs {
        let (pairs, review) = scored(path, &truth)?;
        let scores = ScoreEvaluation::of(pairs, evaluation.true_pairs);
        let review = args.review.unwrap_or(review);
        body["scores"] = matching::scores_json(&scores, review);
        text.push_str(&matching::scores_text(&scores, review));
    }
    console.answer(&body, text);
    match args.at_least {
        Some(least) if evaluation.f1() < least => Err(Failure::check(format!("F1 is {:.5}, below {least}", evaluation.f1()))),
        _ => Ok(()),
    }
}

/// Refuses a table that tells a record twice.
fn once(path: &Path, labels: &[(String, String)]) -> Outcome {
    let mut seen = HashSet::new();
    match labels.iter().find(|(id, _)| !seen.insert(id.as_str())) {
        Some((id, _)) => Err(Failure::input(format!("{} tells the record {id:?} twice", path.display()))),
        None => Ok(()),
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

/// The scored pairs whose truth is known, with that truth, and the least weight that is no verdict against a pair.
fn scored(path: &Path, truth: &[(String, String)]) -> Result<(Vec<JudgedPair>, f32), Failure> {
    let entity: HashMap<&str, &str> =
        truth.iter().filter(|(_, entity)| !entity.is_empty()).map(|(id, entity)| (id.as_str(), entity.as_str())).collect();
    let mut input = Input::open(path, None)?;
    let places = (input.named_column("left_id")?, input.named_column("right_id")?);
    let (weight, probability) = (input.named_column("weight")?, input.named_column("probability")?);
    let verdict = input.column("verdict");
    let (mut scores, mut review) = (Vec::new(), f32::INFINITY);
    loop {
        let chunk = input.chunk(1 << 16)?;
        if chunk.is_empty() {
            // Without verdicts every pair told is for review.
            let lowest = scores.iter().map(|pair: &JudgedPair| pair.weight).fold(f32::INFINITY, f32::min);
            return Ok((scores, if review.is_finite() { review } else { lowest }));
        }
        for row in &chunk {
            let cell = |at: usize| row.get(at).unwrap_or_default().trim();
            let (Some(left), Some(right)) = (entity.get(cell(places.0)), entity.get(cell(places.1))) else { continue };
            let number = |at: usize, what: &str| {
                cell(at).parse().map_err(|_| Failure::input(format!("{} has a {what} that is no number", path.display())))
            };
            let (weight, probability) = (number(weight, "weight")?, number(probability, "probability")?);
            if verdict.is_some_and(|at| cell(at) != Verdict::Negative.as_str()) {
                review = review.min(weight);
            }
            scores.push(JudgedPair { weight, probability, truth: left == right });
        }
    }
}
