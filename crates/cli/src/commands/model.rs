//! `jiku model`: what does the match model in use say, what would another one change, and how does it come into use?

use std::fs;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiku_model::Kind;
use jiku_registry::{ModelChange, ModelOutcome, Registry, RegistryError, SharedValue};
use serde_json::{Value, json};

use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::operator::operator;
use crate::settings::DatabaseArgs;
use crate::table::{Table, count};

/// Look at the match model of a database, preview another one, and put it into use
#[derive(Args, Debug)]
pub(crate) struct ModelArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// Print thresholds with their review load, and how stewards agreed with the model; or, with --toml, its file
    Show(ShowArgs),
    /// Tell what other thresholds or another model would change, without changing anything
    Preview(PreviewArgs),
    /// Put other thresholds, another model or a former version into use, with everything that follows
    Apply(ApplyArgs),
    /// Take the decisions again that leaned on values which turned out to be generic, such as a telephone of hundreds
    Redo(RedoArgs),
}

#[derive(Args, Debug)]
struct ShowArgs {
    /// The kind: person, legal-person or parcel
    #[arg(long)]
    kind: Kind,
    /// Print the model in use as the file that `preview --model` and `apply --model` take, and `jiku dedupe --model`
    #[arg(long)]
    toml: bool,
}

#[derive(Args, Debug)]
struct PreviewArgs {
    /// The kind: person, legal-person or parcel
    #[arg(long)]
    kind: Kind,
    #[command(flatten)]
    change: ChangeArgs,
}

/// What to change in the model.
#[derive(Args, Debug)]
struct ChangeArgs {
    /// The weight (log2 of the odds) from which on pairs are linked
    #[arg(long, allow_negative_numbers = true, required_unless_present_any = ["model", "to_version"])]
    link: Option<f32>,
    /// The weight from which on pairs are reviewed; the one in use when absent
    #[arg(long, requires = "link", allow_negative_numbers = true)]
    review: Option<f32>,
    /// A model file, such as `jiku train` writes
    #[arg(long, value_name = "FILE", conflicts_with = "link")]
    model: Option<PathBuf>,
    /// A version that was in use before
    #[arg(long, conflicts_with_all = ["link", "model"])]
    to_version: Option<i32>,
}

impl ChangeArgs {
    fn read(&self) -> Result<ModelChange, Failure> {
        match (self.link, &self.model, self.to_version) {
            (Some(link), ..) => Ok(ModelChange::Thresholds { link, review: self.review }),
            (_, Some(path), _) => {
                let toml = fs::read_to_string(path).map_err(|error| Failure::input(format!("cannot read {}: {error}", path.display())))?;
                Ok(ModelChange::Model(toml))
            }
            (.., Some(version)) => Ok(ModelChange::Version(version)),
            _ => Err(Failure::usage("name --link, --model or --to-version")),
        }
    }
}

#[derive(Args, Debug)]
struct ApplyArgs {
    /// The kind: person, legal-person or parcel
    #[arg(long)]
    kind: Kind,
    #[command(flatten)]
    change: ChangeArgs,
    /// Why; it is kept with the decision
    #[arg(long)]
    comment: Option<String>,
}

#[derive(Args, Debug)]
struct RedoArgs {
    /// The kind: person, legal-person or parcel
    #[arg(long)]
    kind: Kind,
}

pub(crate) fn run(args: &ModelArgs, console: &Console) -> Outcome {
    match &args.what {
        What::Show(asked) => show(&args.database, asked, console),
        What::Preview(asked) => preview(&args.database, asked, console),
        What::Apply(asked) => apply(&args.database, asked, console),
        What::Redo(asked) => redo(&args.database, asked, console),
    }
}

fn show(database: &DatabaseArgs, args: &ShowArgs, console: &Console) -> Outcome {
    let view = database.open()?.model(&operator(), args.kind)?;
    if args.toml {
        console.answer(&json!({ "kind": view.kind, "name": view.name, "version": view.version, "toml": view.toml }), &view.toml);
        return Ok(());
    }
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

fn preview(database: &DatabaseArgs, args: &PreviewArgs, console: &Console) -> Outcome {
    let change = args.change.read()?;
    let registry = database.open()?;
    let preview = registry.preview_model(&operator(), args.kind, &change).map_err(|error| refused(&registry, args.kind, &change, error))?;
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

fn apply(database: &DatabaseArgs, args: &ApplyArgs, console: &Console) -> Outcome {
    let change = args.change.read()?;
    let registry = database.open()?;
    let progress = console.spinner("asking the model about all records, then writing what differs");
    let outcome = registry
        .apply_model(&operator(), args.kind, &change, None, args.comment.as_deref())
        .map_err(|error| refused(&registry, args.kind, &change, error))?;
    progress.done();
    console.answer(&body(&outcome), told(&outcome));
    Ok(())
}

/// Why a change cannot be looked at or made; of a version that is not there, which there are.
fn refused(registry: &Registry, kind: Kind, change: &ModelChange, error: RegistryError) -> Failure {
    match (change, error) {
        (ModelChange::Version(asked), RegistryError::NotFound { .. }) => {
            let kept = registry.model(&operator(), kind).map_or(0, |view| view.versions.len());
            Failure::usage(format!("version {asked} of the model of {kind} not found: there are versions 1 to {kept}"))
        }
        (_, error) => error.into(),
    }
}

fn redo(database: &DatabaseArgs, args: &RedoArgs, console: &Console) -> Outcome {
    match database.open()?.redo(&operator(), args.kind)? {
        Some(outcome) => {
            let shared = format!("Shared by too many: {}.", SharedValue::listed(&outcome.shared));
            console.answer(&json!({ "applied": body(&outcome) }), format!("{shared} {}", told(&outcome)));
        }
        None => {
            console.answer(&json!({ "applied": null }), "No value is shared by more records than the model allows; nothing was changed.")
        }
    }
    Ok(())
}

fn told(outcome: &ModelOutcome) -> String {
    format!(
        "Version {} of the model is in use. {} pairs were judged anew, {} entities changed: {} instead of {}; {} questions to stewards \
         instead of {}. To take it back: jiku model apply --to-version with the version before.",
        outcome.version,
        count(outcome.judged),
        count(outcome.changed),
        count(outcome.entities.1),
        count(outcome.entities.0),
        count(outcome.tasks.1),
        count(outcome.tasks.0)
    )
}

fn body(outcome: &ModelOutcome) -> Value {
    let shared = |value: &SharedValue| json!({ "column": value.column, "value": value.value, "records": value.records });
    let shared: Vec<Value> = outcome.shared.iter().map(shared).collect();
    json!({
        "kind": outcome.kind, "version": outcome.version, "decision": outcome.decision,
        "entities_before": outcome.entities.0, "entities_after": outcome.entities.1,
        "tasks_before": outcome.tasks.0, "tasks_after": outcome.tasks.1,
        "changed": outcome.changed, "judged": outcome.judged, "shared": shared, "position": outcome.position,
    })
}
