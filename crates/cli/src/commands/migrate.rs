//! `jiku migrate`: how is a database brought to this version's schema?

use clap::Args;
use serde_json::json;

use crate::console::Console;
use crate::failure::Outcome;
use crate::settings::DatabaseArgs;

/// Make the tables of a new database, or bring those of an older version up to date
///
/// Every other command brings a database up to date when it opens it; this one does nothing else. A new database is begun by this one, by
/// `jiku serve`, `demo` and `restore`; other commands refuse an SQLite file that is not there.
#[derive(Args, Debug)]
pub(crate) struct MigrateArgs {
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(crate) fn run(args: &MigrateArgs, console: &Console) -> Outcome {
    let database = args.database.named()?;
    let office = args.database.office_or_new()?;
    let position = office.position();
    office.close();
    let body = json!({ "database": database.to_string(), "position": position });
    console.answer(&body, format!("{database} is up to date."));
    Ok(())
}
