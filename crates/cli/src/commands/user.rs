//! `jiku user`: who may sign in?

use std::io::{BufRead, IsTerminal};

use clap::{Args, Subcommand};
use jiku_model::{Kind, Sensitivity};
use jiku_registry::{Limits, NewUser, Role};
use serde_json::json;

use super::key::named;
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
        /// What the user may do; several times for several roles: reader, verifier, source, steward, gis-editor, data-office, auditor, system-admin, security-admin
        #[arg(long = "role", value_name = "ROLE", required = true)]
        roles: Vec<Role>,
        /// The employer's number of the person: accounts that share one are one human, who cannot approve what they proposed
        #[arg(long, value_name = "NUMBER")]
        staff_number: Option<String>,
        /// A source system they may send records for, by code; several times for several, or * for every one. None: they send nothing
        #[arg(long = "source", value_name = "CODE")]
        sources: Vec<String>,
    },
    /// List users and the principals of keys
    List,
    /// Set what a principal (a user, or the system behind a key) may reach beyond its roles; what is left out is not limited, but for source systems
    Limits {
        /// The name
        name: String,
        /// An administrative division by prefix, such as 4401; several times for several
        #[arg(long = "division", value_name = "CODE")]
        divisions: Vec<String>,
        /// A kind: person, legal-person, parcel; several times for several
        #[arg(long = "kind", value_name = "KIND")]
        kinds: Vec<Kind>,
        /// A source system that records may be sent for, by code; several times for several, or * for every one. None: nothing may be sent
        #[arg(long = "source", value_name = "CODE")]
        sources: Vec<String>,
        /// The highest class of field that is shown: public, internal, personal, sensitive
        #[arg(long, value_name = "CLASS", value_parser = class, default_value = "sensitive")]
        read: Sensitivity,
        /// The highest class of field that may be sent or corrected
        #[arg(long, value_name = "CLASS", value_parser = class, default_value = "sensitive")]
        write: Sensitivity,
        /// The highest class of field that may be searched by
        #[arg(long, value_name = "CLASS", value_parser = class, default_value = "sensitive")]
        filter: Sensitivity,
        /// The highest class of field that lists may be ordered by
        #[arg(long, value_name = "CLASS", value_parser = class, default_value = "sensitive")]
        sort: Sensitivity,
        /// Show personal values in full when asked for, whatever the roles
        #[arg(long)]
        unmask: bool,
        /// Let the principal ask for access beyond these rights in an emergency
        #[arg(long)]
        emergency: bool,
        /// Different people a day; 2,000 for a user and 200,000 for a key unless told
        #[arg(long, value_name = "NUMBER")]
        daily_persons: Option<u64>,
        /// Questions a day
        #[arg(long, value_name = "NUMBER")]
        daily_requests: Option<u64>,
        /// Entities shown a day, each time counted
        #[arg(long, value_name = "NUMBER")]
        daily_entities: Option<u64>,
    },
    /// Take a lost second factor away: the next sign-in needs the password alone
    ResetSecondFactor {
        /// The name
        name: String,
    },
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
    let office = args.database.office()?;
    match &args.action {
        UserAction::Add { name, department, roles, staff_number, sources } => {
            let user = NewUser {
                name: name.clone(),
                department: department.clone(),
                roles: roles.clone(),
                password: password(console)?,
                staff_number: staff_number.clone(),
                sources: named(sources)?,
            };
            let made = office.create_user(&operator(), &user)?;
            console.answer(
                &json!({ "name": made.name, "department": made.department, "enabled": made.enabled }),
                format!("{} may sign in.", made.name),
            );
        }
        UserAction::List => {
            let principals = office.list_principals()?;
            let mut table = Table::new(["name", "department", "roles", "state"]);
            let mut body = Vec::new();
            for principal in &principals {
                let roles: Vec<&str> = principal.roles.iter().map(|role| role.as_str()).collect();
                let state = if principal.enabled { "enabled" } else { "disabled" };
                table.row([principal.name.clone(), principal.department.clone(), roles.join(" "), state.to_owned()]);
                body.push(json!({ "name": principal.name, "department": principal.department, "roles": roles, "enabled": principal.enabled, "created_at": principal.created_at, "limits": principal.limits, "second_factor": principal.second_factor, "staff_number": principal.staff_number }));
            }
            console.answer(&json!(body), table.render());
        }
        UserAction::Limits {
            name,
            divisions,
            kinds,
            sources,
            read,
            write,
            filter,
            sort,
            unmask,
            emergency,
            daily_persons,
            daily_requests,
            daily_entities,
        } => {
            let limits = Limits {
                divisions: divisions.clone(),
                kinds: kinds.clone(),
                sources: named(sources)?,
                read: *read,
                write: *write,
                filter: *filter,
                sort: *sort,
                unmask: *unmask,
                emergency: *emergency,
                only: None,
                daily_persons: *daily_persons,
                daily_requests: *daily_requests,
                daily_entities: *daily_entities,
            };
            office.set_limits(&operator(), name, &limits)?;
            console.answer(&json!({ "name": name, "limits": limits }), format!("The limits of {name} hold within seconds."));
        }
        UserAction::ResetSecondFactor { name } => {
            office.reset_second_factor(&operator(), name)?;
            console.answer(&json!({ "name": name, "second_factor": false }), format!("{name} signs in with the password alone."));
        }
        UserAction::Enable { name } => {
            office.enable_principal(&operator(), name, true)?;
            console.answer(&json!({ "name": name, "enabled": true }), format!("{name} is let in."));
        }
        UserAction::Disable { name } => {
            office.enable_principal(&operator(), name, false)?;
            console.answer(&json!({ "name": name, "enabled": false }), format!("{name} is kept out."));
        }
    }
    office.close();
    Ok(())
}

/// A class of fields.
fn class(text: &str) -> Result<Sensitivity, String> {
    let classes = [
        ("public", Sensitivity::Public),
        ("internal", Sensitivity::Internal),
        ("personal", Sensitivity::Personal),
        ("sensitive", Sensitivity::Sensitive),
    ];
    let found = classes.into_iter().find(|(word, _)| *word == text).map(|(_, class)| class);
    found.ok_or_else(|| "one of public, internal, personal, sensitive".to_owned())
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
