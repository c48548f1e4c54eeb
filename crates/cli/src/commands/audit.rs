//! `jiku audit`: can the traces be trusted, and what do they say?

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiku_model::{EntityId, Kind};
use jiku_registry::{Extent, check_traces};
use serde_json::json;

use super::evidence;
use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::operator::operator;
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
    /// Check the traces of a database or a copy of one, without its keys and without a running service
    ///
    /// The hash chain of the change log is recomputed; with --seals its end and the access log are compared with what was sealed.
    /// Exit code 1 when a row was changed, taken out or put in.
    Verify {
        /// The seals: a file, or a folder of them
        #[arg(long, value_name = "PLACE")]
        seals: Option<PathBuf>,
        /// The public key that signs them, in hexadecimal; the first seal's unless told
        #[arg(long, value_name = "HEX", requires = "seals")]
        public_key: Option<String>,
        /// The database is a copy of an earlier time: compare it with the seals up to where it ends, and count those of later
        ///
        /// A copy ends where it was made, and so does a log whose end was cut off: this check cannot tell the two apart.
        #[arg(long, requires = "seals")]
        copy: bool,
    },
    /// Sign the end of the change log and of the access log, in the day's file of a folder
    ///
    /// Take the folder where who administers the database cannot write. `jiku serve --seal-dir` does it by itself.
    Seal {
        /// The folder
        #[arg(long, value_name = "FOLDER")]
        seal_dir: PathBuf,
    },
    /// List what administrators did: accounts, keys, limits, purposes, source systems, keys of the database, retention
    Administration {
        /// Go on after this position of the change log
        #[arg(long, value_name = "POSITION", default_value_t = 0)]
        after: i64,
        /// How many to list at most
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Write what an assessor wants to see of this database, as JSON: who may do what, accounts and keys, the check of the traces, copies
    ///
    /// It names no person, no account and no record. Exit code 1 when the traces are broken; the pack is written all the same.
    Evidence {
        /// The seals: a file, or a folder of them
        #[arg(long, value_name = "PLACE")]
        seals: Option<PathBuf>,
        /// The public key that signs them, in hexadecimal; the first seal's unless told
        #[arg(long, value_name = "HEX", requires = "seals")]
        public_key: Option<String>,
    },
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
    if let AuditAction::Verify { seals, public_key, copy } = &args.action {
        return verify(args, (seals.as_deref(), public_key.as_deref()), *copy, console);
    }
    let office = args.database.office()?;
    match &args.action {
        AuditAction::Verify { .. } => {}
        AuditAction::Evidence { seals, public_key } => {
            let database = args.database.present()?;
            let working = console.spinner("recomputing the chain");
            let traces = check_traces(database.secret(), seals.as_deref(), public_key.as_deref(), Extent::Whole)?;
            let pack = evidence::pack(&office, database, &traces)?;
            working.done();
            // Whoever asks for a pack is a program, or keeps a file: it is JSON without --json too.
            console.answer(&pack, serde_json::to_string_pretty(&pack).expect("plain values"));
            if traces.total > 0 {
                return Err(Failure::check(format!("the traces are broken in {} places", count(traces.total))));
            }
        }
        AuditAction::Seal { seal_dir } => match office.seal_traces(seal_dir)? {
            Some(seal) => console.answer(
                &json!({ "position": seal.position, "access_to": seal.access_to, "public_key": seal.public_key }),
                format!("Sealed up to change {} and reading {}; the public key is {}.", seal.position, seal.access_to, seal.public_key),
            ),
            None => console.answer(&json!({ "position": null }), "The last seal there says the same."),
        },
        AuditAction::Administration { after, limit } => {
            let mut table = Table::new(["position", "when", "who", "did", "about", "now"]);
            let mut body = Vec::new();
            for act in office.acts(&operator(), *after, *limit)? {
                body.push(json!({
                    "position": act.position, "at": act.at, "actor": act.actor, "act": act.act, "about": act.about, "detail": act.detail,
                }));
                table.row([act.position.to_string(), act.at.format("%F %T").to_string(), act.actor, act.act, act.about, act.detail]);
            }
            console.answer(&json!(body), table.render());
        }
        AuditAction::Person { id } => {
            let report = office.person_report(&operator(), *id)?;
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
            let readings = office.access_of(&operator(), *kind, *id, *limit)?;
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
    office.close();
    Ok(())
}

/// Checks the traces; the registry is not opened, since that needs the keys.
fn verify(args: &AuditArgs, (seals, public_key): (Option<&Path>, Option<&str>), is_copy: bool, console: &Console) -> Outcome {
    let database = args.database.present()?;
    let working = console.spinner("recomputing the chain");
    let report = check_traces(database.secret(), seals, public_key, if is_copy { Extent::Copy } else { Extent::Whole })?;
    working.done();
    let places: Vec<_> =
        report.findings.iter().map(|found| json!({ "area": found.area, "subject": found.subject, "detail": found.detail })).collect();
    let body = json!({
        "intact": report.total == 0, "changes": report.changes, "seals": report.seals, "readings": report.readings,
        "public_key": report.public_key, "broken": places, "position": report.position, "later_seals": report.later_seals,
    });
    if report.total > 0 {
        let lines = report.findings.iter().map(|found| format!("{} {}: {}", found.area, found.subject, found.detail));
        console.answer(&body, lines.collect::<Vec<_>>().join("\n"));
        let failure = Failure::check(format!("the traces are broken in {} places", count(report.total)));
        return Err(if report.later_seals > 0 && !is_copy {
            failure.adding("a copy of an earlier time lacks what came later: check it with --copy")
        } else {
            failure
        });
    }
    let sealed = match (&report.public_key, report.seals) {
        (Some(key), 1..) => format!(" {} seals by {key} agree, over {} readings.", count(report.seals), count(report.readings)),
        _ => String::new(),
    };
    let later = if report.later_seals > 0 {
        format!(
            " {} seals are of later than this copy, which ends at position {}: whether more was in it and was cut off, it cannot tell.",
            count(report.later_seals),
            report.position
        )
    } else {
        String::new()
    };
    console.answer(&body, format!("The chain of {} changes is whole.{sealed}{later}", count(report.changes)));
    Ok(())
}
