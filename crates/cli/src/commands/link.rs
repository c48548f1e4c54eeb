//! `jiku link`: which rows of one table speak of the same as rows of another?

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::matching::{self, Cell, Input, MatchingArgs, ResultArgs, TableFile};
use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::table::count;

/// Find the rows of two tables that speak of one and the same, without a database
///
/// Only pairs across the two tables are compared. Writes left_id, right_id, weight, probability and decision as CSV or Parquet: linked, or
/// through-others for a pair below the threshold that other links bring together. The columns of the left table count; those of the
/// right one are found by their names, by their values, or by --map. --id-column may name a column of each table: LEFT,RIGHT.
#[derive(Args, Debug)]
pub(crate) struct LinkArgs {
    /// The one table
    left: PathBuf,
    /// The other table
    right: PathBuf,
    /// Where the links go: CSV, or Parquet when it ends in .parquet; - for standard output
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// A column of the left table and what the right one calls it; may be given several times
    #[arg(long, value_name = "LEFT=RIGHT", value_parser = pair_of_names)]
    map: Vec<(String, String)>,
    /// Neither table has duplicates: link each row to one row at most
    #[arg(long)]
    one_to_one: bool,
    #[command(flatten)]
    results: ResultArgs,
    #[command(flatten)]
    matching: MatchingArgs,
}

/// Reads `left=right`.
fn pair_of_names(text: &str) -> Result<(String, String), String> {
    let (left, right) = text.split_once('=').ok_or_else(|| format!("write LEFT=RIGHT, not {text:?}"))?;
    Ok((left.trim().to_owned(), right.trim().to_owned()))
}

/// What both tables are told: columns of the right one go by the names of the left.
fn both(args: &LinkArgs) -> Result<MatchingArgs, Failure> {
    let mut matching = MatchingArgs { map: args.map.clone(), links: true, ..args.matching.clone() };
    if let Some((left, right)) = args.matching.id_column.as_deref().and_then(|column| column.split_once(',')) {
        matching.id_column = Some(left.trim().to_owned());
        matching.map.push((left.trim().to_owned(), right.trim().to_owned()));
    }
    for (path, column) in matching.map.iter().flat_map(|(left, right)| [(&args.left, left), (&args.right, right)]) {
        Input::open(path, matching.charset)?.named_column(column)?;
    }
    Ok(matching)
}

pub(crate) fn run(args: &LinkArgs, console: &Console) -> Outcome {
    let files = [args.left.clone(), args.right.clone()];
    let matching = both(args)?;
    args.results.probe(&args.output)?;
    let mut prepared = matching::prepare(&matching, &files, console)?;
    if args.one_to_one {
        prepared.duplicate_free = [0, 1].into();
    }
    console.say(matching::describe(&prepared));
    let pairs = matching::score(&prepared, args.results.floor(&prepared), args.results.weighing(), console);
    args.results.tell_blocking(&prepared, &pairs, console);
    let clusters = matching::find_clusters(&prepared, &pairs);
    let links = write_links(args, &prepared, &pairs, &clusters)?;
    args.results.write(&matching, &files, &prepared, (&pairs, &clusters), None)?;
    let judged = judge(&prepared, &clusters);
    let left = u64::from(prepared.left_count.unwrap_or(0));
    let right = u64::from(prepared.records.len()) - left;
    let mut body = json!({ "left": left, "right": right, "links": links, "pairs_scored": pairs.scored, "held_links": clusters.held.len(), "dirty_values": prepared.doubts.json(), "warnings": matching::warnings(&prepared), "output": args.output });
    let mut text = format!(
        "{} rows on the left and {} on the right: {} links ({} pairs compared, {} links held back).",
        count(left),
        count(right),
        count(links),
        count(pairs.scored),
        count(clusters.held.len() as u64)
    );
    if let Some((precision, recall)) = judged {
        let f1 = 2.0 * precision * recall / (precision + recall).max(f64::MIN_POSITIVE);
        body["evaluation"] = json!({ "precision": precision, "recall": recall, "f1": f1 });
        text.push_str(&format!("\nPairs across the tables: precision {precision:.5}, recall {recall:.5}, F1 {f1:.5}.\n"));
    }
    args.results.tell_clusters(&prepared, &pairs, &clusters, &mut text, &mut body)?;
    if args.output.as_os_str() == "-" {
        console.say(text);
    } else {
        console.answer(&body, text);
    }
    Ok(())
}

/// The records of each cluster that has both sides: left numbers and right numbers.
fn sides(prepared: &matching::Prepared, clusters: &matching::Clusters) -> Vec<(Vec<usize>, Vec<usize>)> {
    let left_count = prepared.left_count.unwrap_or(0) as usize;
    let mut sides = vec![(Vec::new(), Vec::new()); clusters.count as usize];
    for (number, label) in clusters.label.iter().enumerate() {
        let side = &mut sides[*label as usize];
        if number < left_count { side.0.push(number) } else { side.1.push(number) }
    }
    sides
}

fn write_links(
    args: &LinkArgs,
    prepared: &matching::Prepared,
    pairs: &jiku_linkage::Pairs,
    clusters: &matching::Clusters,
) -> Result<u64, Failure> {
    let columns =
        [("left_id", Cell::Text), ("right_id", Cell::Text), ("weight", Cell::Real), ("probability", Cell::Real), ("decision", Cell::Text)];
    let mut table = TableFile::create(&args.output, &columns)?;
    let mut links = 0;
    for (left, right) in sides(prepared, clusters) {
        for (a, b) in left.iter().flat_map(|a| right.iter().map(move |b| (*a, *b))) {
            let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let known = pairs.edges.binary_search_by_key(&(number(a), number(b)), |edge| (edge.left, edge.right)).ok();
            let (weight, probability) = match known.map(|at| &pairs.edges[at]) {
                Some(edge) => (edge.weight, edge.probability),
                None => {
                    let explained = prepared.records.explain(&prepared.model, number(a), number(b));
                    (explained.weight, explained.probability)
                }
            };
            let decision = if weight >= prepared.model.link_threshold() { "linked" } else { "through-others" };
            table.row(&[&prepared.ids[a], &prepared.ids[b], &format!("{weight:.3}"), &format!("{probability:.6}"), decision])?;
            links += 1;
        }
    }
    table.finish()?;
    Ok(links)
}

/// Precision and recall over the pairs across the tables, where the truth is told.
fn judge(prepared: &matching::Prepared, clusters: &matching::Clusters) -> Option<(f64, f64)> {
    let truth = prepared.truth.as_ref()?;
    let left_count = prepared.left_count? as usize;
    let (mut right, mut found) = (0_u64, 0_u64);
    for (left_side, right_side) in sides(prepared, clusters) {
        for (a, b) in left_side.iter().flat_map(|a| right_side.iter().map(move |b| (*a, *b))) {
            found += 1;
            right += u64::from(!truth[a].is_empty() && truth[a] == truth[b]);
        }
    }
    let mut counts: std::collections::HashMap<&str, (u64, u64)> = std::collections::HashMap::new();
    for (number, entity) in truth.iter().enumerate().filter(|(_, entity)| !entity.is_empty()) {
        let count = counts.entry(entity).or_default();
        if number < left_count { count.0 += 1 } else { count.1 += 1 }
    }
    let all: u64 = counts.values().map(|(left, right)| left * right).sum();
    Some((right as f64 / found.max(1) as f64, right as f64 / all.max(1) as f64))
}
