//! `jiku purpose`: for what may personal data be read?

use clap::{Args, Subcommand};
use jiku_registry::Purpose;
use serde_json::json;

use crate::console::Console;
use crate::failure::Outcome;
use crate::operator::operator;
use crate::settings::DatabaseArgs;
use crate::table::Table;

/// Register the purposes of use that departments may state, list them, take them away
#[derive(Args, Debug)]
pub(crate) struct PurposeArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(subcommand)]
    action: PurposeAction,
}

#[derive(Subcommand, Debug)]
enum PurposeAction {
    /// List them, by department; * is every department
    List,
    /// Register a purpose, or name it anew
    Add {
        /// The word for the header Purpose-Of-Use, as the access log will have it
        code: String,
        /// The department; every department unless told
        #[arg(long, default_value = "*")]
        department: String,
        /// What people read
        #[arg(long)]
        title: String,
    },
    /// Take a purpose away: it may not be stated any more within seconds
    Remove {
        /// The word
        code: String,
        /// The department it is registered for
        #[arg(long, default_value = "*")]
        department: String,
    },
}

pub(crate) fn run(args: &PurposeArgs, console: &Console) -> Outcome {
    let office = args.database.office()?;
    match &args.action {
        PurposeAction::List => {
            let purposes = office.purposes()?;
            let mut table = Table::new(["department", "purpose", "title"]);
            let mut body = Vec::new();
            for purpose in &purposes {
                table.row([purpose.department.clone(), purpose.code.clone(), purpose.title.clone()]);
                body.push(json!({ "department": purpose.department, "code": purpose.code, "title": purpose.title }));
            }
            console.answer(&json!(body), table.render());
        }
        PurposeAction::Add { code, department, title } => {
            let purpose = Purpose { department: department.clone(), code: code.clone(), title: title.clone() };
            office.put_purpose(&operator(), &purpose)?;
            console.answer(&json!({ "department": department, "code": code, "title": title }), format!("{code} may be stated."));
        }
        PurposeAction::Remove { code, department } => {
            office.delete_purpose(&operator(), department, code)?;
            console.answer(&json!({ "department": department, "code": code, "removed": true }), format!("{code} may be stated no longer."));
        }
    }
    office.close();
    Ok(())
}
