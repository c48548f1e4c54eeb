//! `jiku dedupe`: which rows of a table speak of one and the same?

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::matching::{self, Cell, Language, MatchingArgs, TableFile};
use crate::console::Console;
use crate::failure::{Failure, Outcome};
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
    /// Where the scored pairs go: CSV, or Parquet when it ends in .parquet
    #[arg(long, value_name = "FILE")]
    pairs: Option<PathBuf>,
    /// Where one row for each cluster goes, with the value that survives in each column: CSV or Parquet
    #[arg(long, value_name = "FILE")]
    golden: Option<PathBuf>,
    /// Survivorship rules for --golden, as TOML; those of the kind, or what most records say, when absent
    #[arg(long, value_name = "FILE", requires = "golden")]
    survivorship: Option<PathBuf>,
    /// Tell step by step how the cluster of this record came to be: joins in order of strength, what was held apart and why
    #[arg(long, value_name = "RECORD_ID")]
    explain: Vec<String>,
    /// Where the model goes, as TOML, to be read, edited and used again
    #[arg(long, value_name = "FILE")]
    save_model: Option<PathBuf>,
    /// Where a report to look at goes, as one HTML file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// The language of the report; that of the table when absent
    #[arg(long, value_enum, requires = "report")]
    language: Option<Language>,
    /// Tell what each blocking rule brings
    #[arg(long)]
    explain_blocking: bool,
    #[command(flatten)]
    matching: MatchingArgs,
}

pub(crate) fn run(args: &DedupeArgs, console: &Console) -> Outcome {
    let mut prepared = matching::prepare(&args.matching, &args.files, console)?;
    prepared.left_count = None;
    console.say(matching::describe(&prepared));
    let floor = if prepared.truth.is_some() || args.report.is_some() { -10.0 } else { prepared.model.review_threshold() };
    let weighing = matching::weighing(args.report.as_ref());
    let pairs = matching::score(&prepared, floor.min(prepared.model.review_threshold()), weighing, console)?;
    if args.explain_blocking {
        console.say(matching::blocking_table(&pairs.blocking));
    }
    let progress = console.spinner("forming clusters");
    let clusters = matching::find_clusters(&prepared, &pairs, false);
    progress.done();
    let progress = console.spinner("writing clusters");
    write_clusters(args, &prepared, &clusters)?;
    progress.done();
    if let Some(path) = &args.pairs {
        matching_pairs(path, &prepared, &pairs, &clusters)?;
    }
    if let Some(path) = &args.save_model {
        fs::write(path, prepared.model.to_toml()).map_err(|error| Failure::place(format!("cannot write {}: {error}", path.display())))?;
    }
    if let Some(path) = &args.golden {
        let survivorship = args.survivorship.as_ref();
        matching::write_golden(path, survivorship, &args.matching, &args.files, &prepared, &clusters, console)?;
    }
    let judged = matching::evaluate(&prepared, &clusters, &pairs);
    if let Some(path) = &args.report {
        matching::write_report(path, args.language, &prepared, &pairs, &clusters, judged.as_ref())?;
    }
    let review = pairs.edges.iter().filter(|edge| prepared.model.verdict(edge.weight) == jiku_model::Verdict::Unsure).count();
    let mut body = json!({
        "records": prepared.records.len(),
        "clusters": clusters.count,
        "pairs_scored": pairs.scored,
        "review_pairs": review,
        "held_links": clusters.held.len(),
        "model": prepared.model.name(),
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
        body["evaluation"]["blocking_recall"] = json!(scores.blocking_recall);
        body["evaluation"]["calibration_error"] = json!(scores.calibration_error);
        text.push('\n');
        text.push_str(&matching::evaluation_text(evaluation));
        text.push_str(&format!(
            "Blocking reached {:.5} of the true pairs; the calibration error is {:.3}; the best threshold for pairs alone is {:.1} (F1 {:.5}).\n",
            scores.blocking_recall, scores.calibration_error, scores.best.0, scores.best.1
        ));
    }
    matching::explain(&args.explain, &prepared, &pairs, &clusters, false, &mut text, &mut body)?;
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

/// The pairs worth telling: ids, weight, probability, verdict, and whether the two ended in one cluster.
pub(super) fn matching_pairs(
    path: &Path,
    prepared: &matching::Prepared,
    pairs: &jiku_linkage::Pairs,
    clusters: &matching::Clusters,
) -> Outcome {
    let columns = [
        ("left_id", Cell::Text),
        ("right_id", Cell::Text),
        ("weight", Cell::Real),
        ("probability", Cell::Real),
        ("verdict", Cell::Text),
        ("same_cluster", Cell::Text),
    ];
    let mut table = TableFile::create(path, &columns)?;
    for edge in &pairs.edges {
        let probability = 1.0 / (1.0 + (-f64::from(edge.weight)).exp2());
        let together = clusters.label[edge.left as usize] == clusters.label[edge.right as usize];
        table.row(&[
            &prepared.ids[edge.left as usize],
            &prepared.ids[edge.right as usize],
            &format!("{:.3}", edge.weight),
            &format!("{probability:.6}"),
            prepared.model.verdict(edge.weight).as_str(),
            if together { "true" } else { "false" },
        ])?;
    }
    table.finish()
}
