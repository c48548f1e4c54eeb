//! `jiku migrate`: how is a database brought to this version's schema?

use clap::Args;
use serde_json::json;

use crate::console::Console;
use crate::failure::Outcome;
use crate::settings::DatabaseArgs;

/// Make the tables of a new database, or bring those of an older version up to date
///
/// Every other command does the same when it opens a database; this one does nothing else.
#[derive(Args, Debug)]
pub(crate) struct MigrateArgs {
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(crate) fn run(args: &MigrateArgs, console: &Console) -> Outcome {
    let office = args.database.office()?;
    let position = office.position();
    office.close();
    let body = json!({ "database": args.database.database.to_string(), "position": position });
    console.answer(&body, format!("{} is up to date.", args.database.database));
    Ok(())
}
