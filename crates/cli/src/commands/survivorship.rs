//! `jiku survivorship`: which rules choose golden values, what would others change, and how do they come into use?

use std::io::Read as _;
use std::path::PathBuf;
use std::time::Duration;
use std::{fs, io, thread};

use clap::{Args, Subcommand};
use jiku_model::Kind;
use jiku_registry::{Composing, MAX_RULES_BYTES, Registry, RegistryError, RulesChange, RulesOutcome, RulesPreview, RulesRemark, ValueView};
use serde_json::{Value, json};

use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::operator::operator;
use crate::settings::DatabaseArgs;
use crate::table::{Table, count};

/// Look at the rules that choose golden values, and put others into use
#[derive(Args, Debug)]
pub(crate) struct SurvivorshipArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// Print the file of the rules in use; which version it is, since when and by whom is told on standard error
    Show(ShowArgs),
    /// Put a file of rules, or a former version, into use, and compose the golden records anew
    ///
    /// Every slip in the file is named with its line before anything is changed. Others read and write while golden records are composed
    /// anew; when it is stopped or killed meanwhile, the rules are in use all the same, and whoever opens the database next goes on.
    Set(SetArgs),
}

#[derive(Args, Debug)]
#[command(disable_version_flag = true)]
struct ShowArgs {
    /// The kind: person, legal-person or parcel
    kind: Kind,
    /// An earlier version
    #[arg(long)]
    version: Option<i32>,
}

#[derive(Args, Debug)]
#[command(disable_version_flag = true)]
struct SetArgs {
    /// The kind: person, legal-person or parcel
    kind: Kind,
    /// The file, TOML; - reads standard input
    #[arg(required_unless_present = "version")]
    file: Option<PathBuf>,
    /// A version that was in use before, in place of a file
    #[arg(long, conflicts_with = "file")]
    version: Option<i32>,
    /// Only tell what would change
    #[arg(long)]
    dry_run: bool,
    /// Why; it is kept with the decision
    #[arg(long)]
    comment: Option<String>,
}

impl SetArgs {
    fn change(&self) -> Result<RulesChange, Failure> {
        if let Some(version) = self.version {
            return Ok(RulesChange::Version(version));
        }
        let file = self.file.as_deref().ok_or_else(|| Failure::usage("name a file, or --version"))?;
        let mut bytes = Vec::new();
        // One byte more than a file of rules may have is enough to refuse it.
        let most = MAX_RULES_BYTES as u64 + 1;
        let read = if file.as_os_str() == "-" {
            io::stdin().take(most).read_to_end(&mut bytes)
        } else {
            fs::File::open(file).and_then(|file| file.take(most).read_to_end(&mut bytes))
        };
        let name = self.name();
        read.map_err(|error| Failure::input(format!("cannot read {name}: {error}")))?;
        if bytes.len() > MAX_RULES_BYTES {
            return Err(Failure::input(format!("{name} is too large: a file of rules has {MAX_RULES_BYTES} bytes (256 KiB) at most")));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
            Failure::input(format!("{name} is no text in UTF-8 (line {line}); save it in UTF-8"))
        })?;
        Ok(RulesChange::File(text))
    }

    /// What the rules are read from, as a person calls it.
    fn name(&self) -> String {
        match self.file.as_deref() {
            Some(file) if file.as_os_str() != "-" => file.display().to_string(),
            _ => "standard input".to_owned(),
        }
    }

    /// Why the rules cannot be used: the slips of a file under its name, and of a version which there are.
    fn refused(&self, registry: &Registry, error: RegistryError) -> Failure {
        match error {
            RegistryError::Invalid(problems) => {
                let slips: Vec<&str> = problems.iter().map(|problem| problem.advice.as_ref()).collect();
                Failure::input(format!("{}: {}", self.name(), slips.join("; ")))
            }
            RegistryError::NotFound { .. } => missing(registry, self.kind, self.version),
            error => error.into(),
        }
    }
}

/// There is no such version: which there are.
fn missing(registry: &Registry, kind: Kind, version: Option<i32>) -> Failure {
    let kept = registry.survivorship(&operator(), kind, None).map_or(0, |view| view.versions.len());
    let asked = version.unwrap_or_default();
    Failure::usage(format!("version {asked} of the survivorship rules of {kind} not found: there are versions 1 to {kept}"))
}

pub(crate) fn run(args: &SurvivorshipArgs, console: &Console) -> Outcome {
    match &args.what {
        What::Show(asked) => show(&args.database, asked, console),
        What::Set(asked) if asked.dry_run => preview(&args.database, asked, console),
        What::Set(asked) => set(&args.database, asked, console),
    }
}

fn show(database: &DatabaseArgs, args: &ShowArgs, console: &Console) -> Outcome {
    // Whoever only looks goes on with nothing.
    let registry = database.open_with(|options| options.goes_on_composing = false)?;
    let view = match registry.survivorship(&operator(), args.kind, args.version) {
        Err(RegistryError::NotFound { .. }) => return Err(missing(&registry, args.kind, args.version)),
        view => view?,
    };
    let version = |version: &jiku_registry::RulesVersionView| {
        json!({
            "version": version.version, "active": version.active, "since": version.created_at, "actor": version.actor,
            "decision": version.decision, "comment": version.comment, "digest": version.digest, "changed": version.changed,
            "composed_at": version.composed_at,
        })
    };
    let mut body = version(&view.version);
    body["kind"] = json!(view.kind);
    body["in_use"] = json!(view.in_use);
    body["toml"] = json!(view.toml);
    body["warnings"] = remarks(&view.warnings);
    body["composing"] = view
        .composing
        .map_or(Value::Null, |Composing { of, composed, changed }| json!({ "of": of, "composed": composed, "changed": changed }));
    body["versions"] = view.versions.iter().map(version).collect();
    let shown = &view.version;
    console.say(format!(
        "Survivorship rules of {}: version {}{}, since {} by {}{}; SHA-256 {}",
        view.kind,
        shown.version,
        if shown.active { " (in use)" } else { "" },
        shown.created_at.format("%Y-%m-%d %H:%M:%S UTC"),
        shown.actor,
        shown.comment.as_deref().map(|comment| format!(" ({comment})")).unwrap_or_default(),
        shown.digest,
    ));
    if let Some(Composing { of, composed, changed }) = view.composing {
        console.say(format!(
            "Golden records are being composed by version {}: {} of {}, {} changed so far",
            view.in_use,
            count(composed),
            count(of),
            count(changed)
        ));
    }
    warn(&view.warnings, console);
    console.answer(&body, &view.toml);
    Ok(())
}

fn preview(database: &DatabaseArgs, args: &SetArgs, console: &Console) -> Outcome {
    let change = args.change()?;
    let registry = database.open()?;
    let progress = console.spinner("composing the golden records by these rules");
    let preview = registry.preview_survivorship(&operator(), args.kind, &change).map_err(|error| args.refused(&registry, error))?;
    progress.done();
    warn(&preview.warnings, console);
    let said = |view: &Option<ValueView>| {
        view.as_ref().map(|view| {
            let (source, key) = view.source.as_ref().map(|key| (key.source.to_string(), key.key.clone())).unzip();
            json!({ "value": view.value, "source": source, "source_key": key, "rule": view.rule })
        })
    };
    let body = json!({
        "kind": preview.kind, "version": preview.version, "digest": preview.digest, "warnings": remarks(&preview.warnings),
        "looked_at": preview.looked_at, "changed": preview.changed,
        "attributes": preview.attributes.iter().map(|change| json!({
            "attribute": change.column, "values": change.values, "provenance": change.provenance,
        })).collect::<Vec<_>>(),
        "examples": preview.examples.iter().map(|example| json!({
            "entity": example.entity, "attribute": example.column, "now": said(&example.now), "then": said(&example.then),
        })).collect::<Vec<_>>(),
    });
    console.answer(&body, told(&preview));
    Ok(())
}

fn told(preview: &RulesPreview) -> String {
    let mut text = format!(
        "Beside version {}: {} of the {} golden records that rules can change (of several records, or with a value set by hand) would get a \
         new version. Nothing was changed.\n",
        preview.version,
        count(preview.changed),
        count(preview.looked_at)
    );
    if !preview.attributes.is_empty() {
        let mut table = Table::new(["attribute", "another value", "the same from elsewhere"]);
        for change in &preview.attributes {
            table.row([change.column.clone(), count(change.values), count(change.provenance)]);
        }
        text.push_str(&table.render());
    }
    let said = |view: &Option<ValueView>| match view {
        None => "nothing".to_owned(),
        Some(view) => {
            let source = view.source.as_ref().map_or_else(String::new, |key| format!("{}, ", key.source));
            format!("{} ({source}{})", view.value, view.rule)
        }
    };
    for example in &preview.examples {
        text.push_str(&format!("  {} {}: {} → {}\n", example.entity, example.column, said(&example.now), said(&example.then)));
    }
    text
}

fn set(database: &DatabaseArgs, args: &SetArgs, console: &Console) -> Outcome {
    let change = args.change()?;
    let registry = database.open()?;
    let outcome = registry
        .apply_survivorship(&operator(), args.kind, &change, None, args.comment.as_deref())
        .map_err(|error| args.refused(&registry, error))?;
    warn(&outcome.warnings, console);
    let changed = follow(&registry, args.kind, console)?;
    let body = json!({
        "kind": outcome.kind, "version": outcome.version, "digest": outcome.digest, "decision": outcome.decision,
        "warnings": remarks(&outcome.warnings), "changed": changed, "position": outcome.position,
    });
    console.answer(&body, told_set(&outcome, changed));
    Ok(())
}

/// How often it is looked how far golden records are composed.
const LOOKED_EVERY: Duration = Duration::from_millis(100);

/// Waits until every golden record follows the rules in use; how many changed.
fn follow(registry: &Registry, kind: Kind, console: &Console) -> Result<u64, Failure> {
    let mut progress = None;
    loop {
        let view = registry.survivorship(&operator(), kind, None)?;
        let Some(Composing { of, composed, .. }) = view.composing else { return Ok(view.version.changed) };
        if console.is_stopping() {
            console.say("The rules are in use; whoever opens the database next goes on composing golden records.");
            return Err(Failure::interrupted());
        }
        progress.get_or_insert_with(|| console.counted("composing golden records", of)).set(composed);
        thread::sleep(LOOKED_EVERY);
    }
}

fn told_set(outcome: &RulesOutcome, changed: u64) -> String {
    if outcome.decision.is_none() {
        return format!("Exactly these rules are in use already, as version {}; nothing was changed.", outcome.version);
    }
    format!(
        "Version {} of the survivorship rules is in use; {} golden records changed. To take it back: jiku survivorship set {} --version {}",
        outcome.version,
        count(changed),
        outcome.kind,
        outcome.version - 1
    )
}

fn warn(warnings: &[RulesRemark], console: &Console) {
    for RulesRemark { line, message } in warnings {
        console.say(format!("Warning: line {line}: {message}"));
    }
}

fn remarks(remarks: &[RulesRemark]) -> Value {
    remarks.iter().map(|remark| json!({ "line": remark.line, "message": remark.message })).collect()
}
