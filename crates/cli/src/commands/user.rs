//! `jiku user`: who may sign in?

use std::io::{BufRead, IsTerminal};

use clap::{Args, Subcommand};
use jiku_registry::{NewUser, Role};
use serde_json::json;

use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::operator::operator;
use crate::settings::DatabaseArgs;
use crate::table::Table;

/// Make users, list them, let them in or keep them out
#[derive(Args, Debug)]
pub(crate) struct UserArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(subcommand)]
    action: UserAction,
}

#[derive(Subcommand, Debug)]
enum UserAction {
    /// Make a user, or change one; the password is read from standard input, one line
    Add {
        /// The sign-in name
        name: String,
        /// The department the user works for
        #[arg(long)]
        department: String,
        /// What the user may do; several times for several roles: reader, source, steward, gis-editor, data-office, auditor, system-admin, security-admin
        #[arg(long = "role", value_name = "ROLE", required = true)]
        roles: Vec<Role>,
    },
    /// List users and the principals of keys
    List,
    /// Let a principal in again
    Enable {
        /// The name
        name: String,
    },
    /// Keep a principal out, at once
    Disable {
        /// The name
        name: String,
    },
}

pub(crate) fn run(args: &UserArgs, console: &Console) -> Outcome {
    let registry = args.database.open()?;
    match &args.action {
        UserAction::Add { name, department, roles } => {
            let user = NewUser { name: name.clone(), department: department.clone(), roles: roles.clone(), password: password(console)? };
            let made = registry.create_user(&operator(), &user)?;
            console.answer(
                &json!({ "name": made.name, "department": made.department, "enabled": made.enabled }),
                format!("{} may sign in.", made.name),
            );
        }
        UserAction::List => {
            let principals = registry.list_principals()?;
            let mut table = Table::new(["name", "department", "roles", "state"]);
            let mut body = Vec::new();
            for principal in &principals {
                let roles: Vec<&str> = principal.roles.iter().map(|role| role.as_str()).collect();
                let state = if principal.enabled { "enabled" } else { "disabled" };
                table.row([principal.name.clone(), principal.department.clone(), roles.join(" "), state.to_owned()]);
                body.push(json!({ "name": principal.name, "department": principal.department, "roles": roles, "enabled": principal.enabled, "created_at": principal.created_at }));
            }
            console.answer(&json!(body), table.render());
        }
        UserAction::Enable { name } => {
            registry.enable_principal(&operator(), name, true)?;
            console.answer(&json!({ "name": name, "enabled": true }), format!("{name} is let in."));
        }
        UserAction::Disable { name } => {
            registry.enable_principal(&operator(), name, false)?;
            console.answer(&json!({ "name": name, "enabled": false }), format!("{name} is kept out."));
        }
    }
    registry.close();
    Ok(())
}

/// A password never stands on a command line, where everybody can read it.
fn password(console: &Console) -> Result<String, Failure> {
    let input = std::io::stdin();
    if input.is_terminal() {
        console.say("Password (it will be seen as you type; to hide it, pipe it in from a password manager):");
    }
    let mut line = String::new();
    input.lock().read_line(&mut line).map_err(|error| Failure::input(format!("the password cannot be read: {error}")))?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.is_empty() {
        return Err(Failure::input("the password is empty; give it as one line on standard input"));
    }
    Ok(password)
}
