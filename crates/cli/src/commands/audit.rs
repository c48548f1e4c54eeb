//! `jiku audit`: can the traces be trusted, and what do they say?

use clap::{Args, Subcommand};
use jiku_model::{EntityId, Kind};
use serde_json::json;

use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::operator::{open, operator};
use crate::settings::DatabaseArgs;
use crate::table::{Table, count};

/// Check the chain of changes, and tell who read an entity
#[derive(Args, Debug)]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(subcommand)]
    action: AuditAction,
}

#[derive(Subcommand, Debug)]
enum AuditAction {
    /// Recompute the hash chain of the change log; exit code 1 when a row was changed, taken out or put in
    Verify,
    /// Tell everything that was read about a person, also under ids merged into theirs: for the person's own request
    Person {
        /// The canonical id
        id: EntityId,
    },
    /// List who read one entity, newest first
    Access {
        /// What it is: person, legal-person or parcel
        #[arg(long)]
        kind: Kind,
        /// Its canonical id
        id: EntityId,
        /// How many readings to list at most
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
}

pub(crate) fn run(args: &AuditArgs, console: &Console) -> Outcome {
    let registry = open(&args.database.database)?;
    match &args.action {
        AuditAction::Verify => {
            let working = console.spinner("recomputing the chain");
            let report = registry.verify_chain()?;
            working.done();
            let places: Vec<_> =
                report.differences.iter().map(|found| json!({ "subject": found.subject, "detail": found.detail })).collect();
            let body = json!({ "intact": report.is_clean(), "changes": report.changes, "position": report.position, "broken": places });
            let lines: Vec<String> = report.differences.iter().map(|found| format!("{}: {}", found.subject, found.detail)).collect();
            if report.is_clean() {
                console.answer(&body, format!("The chain of {} changes is whole.", count(report.changes)));
            } else {
                console.answer(&body, lines.join("\n"));
                return Err(Failure::check(format!(
                    "the chain of {} changes is broken in {} places",
                    count(report.changes),
                    count(report.total)
                )));
            }
        }
        AuditAction::Person { id } => {
            let report = registry.person_report(&operator(), *id)?;
            let mut table = Table::new(["when", "department", "purpose", "how", "fields", "under the id"]);
            let mut reads = Vec::new();
            for (id, read) in &report.reads {
                let purpose = read.purpose.clone().unwrap_or_default();
                table.row([
                    read.at.format("%F %T").to_string(),
                    read.department.clone(),
                    purpose,
                    read.action.clone(),
                    read.fields.join(" "),
                    id.to_string(),
                ]);
                reads.push(json!({
                    "id": id, "at": read.at, "principal": read.principal, "department": read.department, "purpose": read.purpose,
                    "action": read.action, "fields": read.fields, "request_id": read.request_id,
                }));
            }
            console.answer(&json!({ "ids": report.ids, "reads": reads, "more": report.more }), table.render());
        }
        AuditAction::Access { kind, id, limit } => {
            let readings = registry.access_of(&operator(), *kind, *id, *limit)?;
            let mut table = Table::new(["when", "who", "department", "purpose", "how"]);
            let mut body = Vec::new();
            for reading in &readings {
                let purpose = reading.purpose.clone().unwrap_or_default();
                table.row([
                    reading.at.format("%F %T").to_string(),
                    reading.principal.clone(),
                    reading.department.clone(),
                    purpose,
                    reading.action.clone(),
                ]);
                body.push(json!({
                    "at": reading.at, "principal": reading.principal, "department": reading.department, "purpose": reading.purpose,
                    "action": reading.action, "fields": reading.fields, "request_id": reading.request_id,
                }));
            }
            console.answer(&json!(body), table.render());
        }
    }
    registry.close();
    Ok(())
}
