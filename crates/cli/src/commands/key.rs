//! `jiku key`: which department's systems may call?

use clap::{Args, Subcommand};
use jiku_model::Timestamp;
use jiku_registry::{ApiKeyView, NewKey, Role, Sources};
use serde_json::{Value, json};

use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::operator::operator;
use crate::settings::DatabaseArgs;
use crate::table::Table;

/// Make API keys for departments' systems, list them, revoke them
#[derive(Args, Debug)]
pub(crate) struct KeyArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(subcommand)]
    action: KeyAction,
}

#[derive(Subcommand, Debug)]
enum KeyAction {
    /// Make a key and print it, once: only its hash is kept
    Create {
        /// The name of the system that will use it
        principal: String,
        /// The department it works for
        #[arg(long)]
        department: String,
        /// What it may do; several times for several roles: reader, verifier, source, steward, gis-editor, data-office, auditor, system-admin, security-admin
        #[arg(long = "role", value_name = "ROLE", required = true)]
        roles: Vec<Role>,
        /// Until when it works, like 2027-06-30T00:00:00Z; a year unless told, and a year at most
        #[arg(long, value_name = "TIME")]
        expires: Option<Timestamp>,
        /// A source system it may send records for, by code; several times for several, or * for every one. None: it sends nothing
        #[arg(long = "source", value_name = "CODE")]
        sources: Vec<String>,
    },
    /// List the keys: never the keys themselves, only their short public names
    List,
    /// End a key, on every node within seconds
    Revoke {
        /// The key's short public name, as `jiku key list` prints it
        id: String,
    },
}

pub(crate) fn run(args: &KeyArgs, console: &Console) -> Outcome {
    let office = args.database.office()?;
    match &args.action {
        KeyAction::Create { principal, department, roles, expires, sources } => {
            let new = NewKey {
                principal: principal.clone(),
                department: department.clone(),
                roles: roles.clone(),
                expires_at: *expires,
                sources: named(sources)?,
            };
            let (view, secret) = office.create_key(&operator(), &new)?;
            let mut body = key(&view);
            body["key"] = secret.clone().into();
            console.answer(&body, secret);
            console.say(format!("This is the key {} of {principal}. It is shown this once.", view.id));
        }
        KeyAction::List => {
            let keys = office.list_keys()?;
            let mut table = Table::new(["key", "principal", "made", "works until", "revoked"]);
            let time = |time: Option<Timestamp>| time.map_or_else(|| "–".to_owned(), |time| time.format("%F %R").to_string());
            for view in &keys {
                table.row([
                    view.id.clone(),
                    view.principal.clone(),
                    time(Some(view.created_at)),
                    time(view.expires_at),
                    time(view.revoked_at),
                ]);
            }
            console.answer(&keys.iter().map(key).collect(), table.render());
        }
        KeyAction::Revoke { id } => {
            office.revoke_key(&operator(), id)?;
            console.answer(&json!({ "id": id, "revoked": true }), format!("The key {id} works no longer."));
        }
    }
    office.close();
    Ok(())
}

/// The source systems that options name.
pub(crate) fn named(words: &[String]) -> Result<Sources, Failure> {
    Sources::try_from(words.to_vec()).map_err(|error| Failure::input(format!("--source: {error}")))
}

fn key(view: &ApiKeyView) -> Value {
    json!({ "id": view.id, "principal": view.principal, "created_at": view.created_at, "expires_at": view.expires_at, "revoked_at": view.revoked_at })
}
