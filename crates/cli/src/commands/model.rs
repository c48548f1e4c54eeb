//! `jiku model`: what does the match model in use say, and what would other thresholds change?

use clap::{Args, Subcommand};
use jiku_model::Kind;
use serde_json::json;

use crate::console::Console;
use crate::failure::Outcome;
use crate::operator::operator;
use crate::settings::DatabaseArgs;
use crate::table::{Table, count};

/// Look at the match model of a database, and preview other thresholds
#[derive(Args, Debug)]
pub(crate) struct ModelArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// Print thresholds with their review load, and how stewards agreed with the model
    Show(ShowArgs),
    /// Tell what other thresholds would change, without changing anything
    Preview(PreviewArgs),
}

#[derive(Args, Debug)]
struct ShowArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The kind: person, legal-person or parcel
    #[arg(long)]
    kind: Kind,
}

#[derive(Args, Debug)]
struct PreviewArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The kind: person, legal-person or parcel
    #[arg(long)]
    kind: Kind,
    /// The weight (log2 of the odds) from which on pairs would be linked
    #[arg(long)]
    link: f32,
    /// The weight from which on pairs would be reviewed; the one in use when absent
    #[arg(long)]
    review: Option<f32>,
}

pub(crate) fn run(args: &ModelArgs, console: &Console) -> Outcome {
    match &args.what {
        What::Show(args) => show(args, console),
        What::Preview(args) => preview(args, console),
    }
}

fn show(args: &ShowArgs, console: &Console) -> Outcome {
    let view = args.database.open()?.model(&operator(), args.kind)?;
    let mut thresholds = Table::new(["link from weight", "pairs linked", "pairs for review"]);
    for point in &view.thresholds {
        thresholds.row([format!("{:.1}", point.link), count(point.linked_pairs), count(point.review_pairs)]);
    }
    let mut accuracy = Table::new(["weight", "judged", "one", "between (95 %)"]);
    let end = |end: Option<f32>| end.map_or_else(|| "…".to_owned(), |weight| format!("{weight:.1}"));
    for band in &view.accuracy {
        let (low, high) = band.interval;
        accuracy.row([
            format!("{} to {}", end(band.from), end(band.to)),
            count(band.judged),
            count(band.same),
            format!("{low:.3} and {high:.3}"),
        ]);
    }
    let body = json!({
        "kind": view.kind, "name": view.name, "version": view.version, "link": view.link, "review": view.review,
        "thresholds": view.thresholds.iter().map(|point| json!({
            "link": point.link, "linked_pairs": point.linked_pairs, "review_pairs": point.review_pairs,
        })).collect::<Vec<_>>(),
        "accuracy": view.accuracy.iter().map(|band| json!({
            "from": band.from, "to": band.to, "judged": band.judged, "same": band.same, "low": band.interval.0, "high": band.interval.1,
        })).collect::<Vec<_>>(),
    });
    let text = format!(
        "Model {} {}: links from weight {:.1}, review from {:.1}; {} comparisons, {} blocking rules.\n{}\nStewards' verdicts:\n{}",
        view.name,
        view.version,
        view.link,
        view.review,
        view.comparisons.len(),
        view.blocking.len(),
        thresholds.render(),
        accuracy.render()
    );
    console.answer(&body, text);
    Ok(())
}

fn preview(args: &PreviewArgs, console: &Console) -> Outcome {
    let preview = args.database.open()?.preview_thresholds(&operator(), args.kind, args.link, args.review)?;
    let mut text = format!(
        "With links from weight {:.1} and review from {:.1}: {} entities instead of {}, {} questions to stewards instead of {}; {} groups of \
         entities would be put together anew.\n",
        preview.link,
        preview.review,
        count(preview.entities.1),
        count(preview.entities.0),
        count(preview.tasks.1),
        count(preview.tasks.0),
        count(preview.changes)
    );
    for example in preview.examples.iter().take(10) {
        let ids: Vec<String> = example.entities.iter().map(|id| id.0.to_string()).collect();
        let sizes: Vec<String> = example.records_after.iter().map(usize::to_string).collect();
        text.push_str(&format!("  {}: then {} records\n", ids.join(", "), sizes.join(" + ")));
    }
    let body = json!({
        "kind": preview.kind, "link": preview.link, "review": preview.review,
        "entities_now": preview.entities.0, "entities_then": preview.entities.1,
        "tasks_now": preview.tasks.0, "tasks_then": preview.tasks.1, "changes": preview.changes,
        "examples": preview.examples.iter().map(|example| json!({
            "entities": example.entities, "records_after": example.records_after,
        })).collect::<Vec<_>>(),
    });
    console.answer(&body, text);
    Ok(())
}
