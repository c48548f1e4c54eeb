//! `jiku resolve`: who is this?

use std::io::Read;

use clap::Args;
use jiku_model::{Kind, RawRecord};
use jiku_registry::{Candidate, ResolveOptions};
use serde_json::{Value, json};

use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::operator::{advice, operator};
use crate::settings::DatabaseArgs;
use crate::table::Table;

/// Ask who a record speaks of; the record comes as JSON on standard input
///
/// Nothing is stored but the trace. For example: echo '{"name":"王芳","birth_date":"1990-02-01"}' | jiku resolve --kind person
#[derive(Args, Debug)]
pub(crate) struct ResolveArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// What the record speaks of: person, legal-person or parcel
    #[arg(long)]
    kind: Kind,
    /// How many candidates to show at most
    #[arg(long, default_value_t = 5)]
    limit: usize,
    /// What the answer is for, as the access log will say it
    #[arg(long, default_value = "operation")]
    purpose: String,
}

pub(crate) fn run(args: &ResolveArgs, console: &Console) -> Outcome {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|error| Failure::input(format!("standard input cannot be read: {error}")))?;
    let raw: RawRecord = serde_json::from_str(&text)
        .map_err(|error| Failure::input(format!("standard input is no JSON object (line {}, column {})", error.line(), error.column())))?;
    let registry = args.database.open()?;
    let mut actor = operator();
    actor.purpose = Some(args.purpose.clone());
    let options = ResolveOptions { limit: args.limit, floor: None, explain: true, golden: true };
    let resolution = registry.resolve(&actor, args.kind, &raw, &options)?;
    registry.close();

    let mut table = Table::new(["canonical id", "name", "probability", "weight"]);
    for candidate in &resolution.candidates {
        table.row([
            candidate.entity.to_string(),
            name(candidate),
            format!("{:.4}", candidate.probability),
            format!("{:+.1}", candidate.weight),
        ]);
    }
    let mut lines =
        vec![format!("{}; candidates: {}; model: {}", resolution.decision.as_str(), resolution.candidates.len(), resolution.model)];
    if !resolution.candidates.is_empty() {
        lines.push(table.render());
    }
    if !resolution.problems.is_empty() {
        lines.push(advice(&resolution.problems));
    }
    let candidates: Vec<Value> = resolution.candidates.iter().map(candidate).collect();
    let body = json!({
        "decision": resolution.decision.as_str(), "candidates": candidates, "problems": resolution.problems, "model": resolution.model,
        "position": resolution.position,
    });
    console.answer(&body, lines.join("\n"));
    Ok(())
}

fn name(candidate: &Candidate) -> String {
    let golden = candidate.golden.as_ref();
    golden
        .and_then(|entity| ["name", "location"].iter().find_map(|&column| entity.values.get(column)))
        .map_or_else(String::new, |value| value.value.clone())
}

fn candidate(candidate: &Candidate) -> Value {
    json!({
        "entity": candidate.entity, "weight": candidate.weight, "probability": candidate.probability, "explanation": candidate.explanation,
        "golden": candidate.golden.as_ref().map(|entity| entity.attributes()),
    })
}
