//! `jiku dedupe`: which rows of a table speak of one and the same?

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::matching::{self, Cell, MatchingArgs, ResultArgs, TableFile};
use crate::console::Console;
use crate::failure::Outcome;
use crate::table::count;

/// Find the rows of a table that speak of one and the same, without a database
///
/// Takes CSV, NDJSON, JSON, XLSX or Parquet with any columns, and writes record_id and cluster_id as CSV or Parquet. Without --kind
/// and --model the columns are looked at, a model is proposed and fitted to the table, and what was done is told.
#[derive(Args, Debug)]
pub(crate) struct DedupeArgs {
    /// The table; several files of the same columns are taken as one table
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where the clusters go: CSV, or Parquet when it ends in .parquet; - for standard output
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// A source that tells each entity once: at most one of its records is in a cluster; the value of --source-column, or the name of
    /// a file when there are several; all for every source
    #[arg(long, value_name = "SOURCE", value_delimiter = ',')]
    duplicate_free: Vec<String>,
    #[command(flatten)]
    results: ResultArgs,
    #[command(flatten)]
    matching: MatchingArgs,
}

pub(crate) fn run(args: &DedupeArgs, console: &Console) -> Outcome {
    args.results.probe(&args.output)?;
    let mut prepared = matching::prepare(&args.matching, &args.files, console)?;
    prepared.left_count = None;
    prepared.duplicate_free = matching::duplicate_free(&args.duplicate_free, &prepared)?;
    console.say(matching::describe(&prepared));
    let pairs = matching::score(&prepared, args.results.floor(&prepared), args.results.weighing(), console);
    args.results.tell_blocking(&prepared, &pairs, console);
    let progress = console.spinner("forming clusters");
    let clusters = matching::find_clusters(&prepared, &pairs);
    progress.done();
    let progress = console.spinner("writing clusters");
    write_clusters(args, &prepared, &clusters)?;
    progress.done();
    let judged = matching::evaluate(&prepared, &clusters, &pairs);
    args.results.write(&args.matching, &args.files, &prepared, (&pairs, &clusters), judged.as_ref())?;
    let review = pairs.edges.iter().filter(|edge| prepared.model.verdict(edge.weight) == jiku_model::Verdict::Unsure).count();
    let mut body = json!({
        "records": prepared.records.len(),
        "clusters": clusters.count,
        "pairs_scored": pairs.scored,
        "review_pairs": review,
        "held_links": clusters.held.len(),
        "model": prepared.model.name(),
        "dirty_values": prepared.doubts.json(),
        "warnings": matching::warnings(&prepared),
        "output": args.output,
    });
    let mut text = format!(
        "{} records form {} clusters ({} pairs compared, {} pairs worth a review, {} links held back).",
        count(u64::from(prepared.records.len())),
        count(u64::from(clusters.count)),
        count(pairs.scored),
        count(review as u64),
        count(clusters.held.len() as u64)
    );
    if let Some((evaluation, scores)) = &judged {
        body["evaluation"] = matching::evaluation_json(evaluation);
        let reached = matching::blocking_recall(&prepared).unwrap_or(1.0);
        body["evaluation"]["blocking_recall"] = json!(reached);
        body["evaluation"]["calibration_error"] = json!(scores.calibration_error);
        text.push('\n');
        text.push_str(&matching::evaluation_text(evaluation));
        text.push_str(&format!(
            "Blocking reached {:.5} of the true pairs; the calibration error is {:.3}; the best threshold for pairs alone is {:.1} (F1 {:.5}).\n",
            reached, scores.calibration_error, scores.best.0, scores.best.1
        ));
    }
    args.results.tell_clusters(&prepared, &pairs, &clusters, &mut text, &mut body)?;
    if args.output.as_os_str() == "-" {
        console.say(text);
    } else {
        console.answer(&body, text);
    }
    Ok(())
}

fn write_clusters(args: &DedupeArgs, prepared: &matching::Prepared, clusters: &matching::Clusters) -> Outcome {
    let mut table = TableFile::create(&args.output, &[("record_id", Cell::Text), ("cluster_id", Cell::Whole)])?;
    for (id, label) in prepared.ids.iter().zip(&clusters.label) {
        table.row(&[id, &label.to_string()])?;
    }
    table.finish()
}
