//! `jiku restore`: how does a copy become a database again?

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use serde_json::json;

use super::backup::run_tool;
use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::settings::{DatabaseArgs, DatabaseUrl};

/// Make a database of a copy that `jiku backup` wrote
///
/// The database must be new: an existing one is never overwritten. The copy is opened and checked before the command ends.
#[derive(Args, Debug)]
pub(crate) struct RestoreArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The copy
    #[arg(value_name = "COPY")]
    input: PathBuf,
}

pub(crate) fn run(args: &RestoreArgs, console: &Console) -> Outcome {
    let (database, input) = (&args.database.database, args.input.as_path());
    if !input.is_file() {
        return Err(Failure::input(format!("there is no file {}", input.display())));
    }
    let working = console.spinner("restoring");
    match database.file() {
        Some(file) => copy(input, file)?,
        None => load(database, input)?,
    }
    let registry = args.database.open()?;
    let report = registry.verify()?;
    registry.close();
    working.done();
    if !report.is_clean() {
        return Err(Failure::check(format!("{database} was restored, but {} things differ; see `jiku verify`", report.total)));
    }
    let body =
        json!({ "database": database.to_string(), "records": report.records, "entities": report.entities, "position": report.position });
    console.answer(&body, format!("Restored {} records to {database}; the check found no difference.", report.records));
    Ok(())
}

/// Copies beside the target and renames, so that a half-written file never looks like a database.
fn copy(input: &Path, file: &Path) -> Outcome {
    if file.exists() {
        return Err(Failure::place(format!("{} exists already; restore to a new file, then move it", file.display())));
    }
    let mut magic = [0_u8; 16];
    let is_sqlite = std::fs::File::open(input).and_then(|mut copy| std::io::Read::read_exact(&mut copy, &mut magic)).is_ok()
        && &magic == b"SQLite format 3\0";
    if !is_sqlite {
        return Err(Failure::input(format!("{} is no SQLite copy made by `jiku backup`", input.display())));
    }
    let part = file.with_extension("part");
    let written =
        std::fs::copy(input, &part).and_then(|_| std::fs::File::open(&part)?.sync_all()).and_then(|()| std::fs::rename(&part, file));
    written.map_err(|error| Failure::place(format!("cannot write {}: {error}", file.display())))
}

/// Refuses a database with tables of anybody, before anything is written to it.
const IS_EMPTY: &str = "DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema())
    THEN RAISE EXCEPTION 'the database holds tables already; restore to an empty one'; END IF; END $$";

fn load(database: &DatabaseUrl, input: &Path) -> Outcome {
    let mut looked = Command::new("psql");
    looked.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command", IS_EMPTY]);
    run_tool(looked, database)?;
    let mut command = Command::new("pg_restore");
    command.args(["--no-owner", "--single-transaction", "--exit-on-error"]);
    command.arg(input);
    run_tool(command, database)
}
