//! `jiku restore`: how does a copy become a database again?

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use jiku_registry::Office;
use serde_json::json;

use super::backup::{name_of, run_tool};
use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::operator::{operator, options};
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
    /// A drill: write down in this database, the one the copy is of, that its copy was restored and what the check said
    ///
    /// `jiku audit evidence` tells the assessor of it. The keys are those of --keys.
    #[arg(long, value_name = "URL")]
    drill_for: Option<DatabaseUrl>,
}

pub(crate) fn run(args: &RestoreArgs, console: &Console) -> Outcome {
    let (database, input) = (args.database.named()?, args.input.as_path());
    if !input.is_file() {
        return Err(Failure::input(format!("there is no file {}", input.display())));
    }
    let working = console.spinner("restoring");
    match database.file() {
        Some(file) => copy(input, file)?,
        None => load(database, input)?,
    }
    let registry = args.database.open_or_new(|_| {}).map_err(|failure| undone(database, failure))?;
    let report = registry.verify()?;
    registry.close();
    working.done();
    if let Some(of) = &args.drill_for {
        let found = if report.is_clean() { "no difference".to_owned() } else { format!("{} differences", report.total) };
        let outcome = format!("{found}, {} records at position {}", report.records, report.position);
        let office = Office::open_unchanged(&options(of, args.database.keys.as_deref()))?;
        office.restore_tried(&operator(), &name_of(input), &outcome)?;
        office.close();
    }
    if !report.is_clean() {
        return Err(Failure::check(format!("{database} was restored, but {} things differ; see `jiku verify`", report.total)));
    }
    let body =
        json!({ "database": database.to_string(), "records": report.records, "entities": report.entities, "position": report.position });
    console.answer(&body, format!("Restored {} records to {database}; the check found no difference.", report.records));
    Ok(())
}

/// What to say of a copy that cannot be opened where it was restored to, with the wrong keys for one. A file is taken away again, so that
/// the next attempt finds its place free.
fn undone(database: &DatabaseUrl, failure: Failure) -> Failure {
    let Some(file) = database.file() else {
        return failure.adding(&format!("the copy's tables are in {database} now: empty it before restoring again"));
    };
    for end in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        // What is not there need not be taken away, and what cannot be is named by the next attempt.
        drop(std::fs::remove_file(name));
    }
    failure.adding("nothing was restored")
}

/// Of what a copy was made.
enum Made {
    Sqlite,
    Postgres,
}

/// Of what this file is a copy, by its first bytes; none when it is no copy.
fn made_of(input: &Path) -> Result<Option<Made>, Failure> {
    let mut head = Vec::new();
    File::open(input)
        .and_then(|copy| copy.take(16).read_to_end(&mut head))
        .map_err(|error| Failure::input(format!("cannot read {}: {error}", input.display())))?;
    Ok(match head.as_slice() {
        b"SQLite format 3\0" => Some(Made::Sqlite),
        head if head.starts_with(b"PGDMP") => Some(Made::Postgres),
        _ => None,
    })
}

/// Copies beside the target and renames, so that a half-written file never looks like a database.
fn copy(input: &Path, file: &Path) -> Outcome {
    if file.exists() {
        return Err(Failure::place(format!("{} exists already; restore to a new file, then move it", file.display())));
    }
    match made_of(input)? {
        Some(Made::Sqlite) => {}
        Some(Made::Postgres) => {
            let input = input.display();
            return Err(Failure::input(format!(
                "{input} is the copy of a PostgreSQL database; restore it to one: --database postgres://…"
            )));
        }
        None => return Err(Failure::input(format!("{} is no SQLite copy made by `jiku backup`", input.display()))),
    }
    let part = file.with_extension("part");
    let written = std::fs::copy(input, &part).and_then(|_| File::open(&part)?.sync_all()).and_then(|()| std::fs::rename(&part, file));
    written.map_err(|error| Failure::place(format!("cannot write {}: {error}", file.display())))
}

/// How many tables a database has, of anybody.
const TABLES: &str = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()";

/// Loads a copy into a database that has no table of anybody, all of it or nothing.
fn load(database: &DatabaseUrl, input: &Path) -> Outcome {
    let copy = input.display();
    match made_of(input)? {
        Some(Made::Postgres) => {}
        Some(Made::Sqlite) => {
            return Err(Failure::input(format!("{copy} is the copy of an SQLite database; restore it to a file: --database sqlite://…")));
        }
        None => return Err(Failure::input(format!("{copy} is no copy made by `jiku backup`"))),
    }
    let mut looked = Command::new("psql");
    looked.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--command", TABLES]);
    let tables =
        run_tool(looked, database, "nothing was restored: the database cannot be looked at; make it first, or see how it is reached")?;
    if tables.trim() != "0" {
        return Err(Failure::database(format!("{database} holds tables already, and none was touched; restore to an empty database")));
    }
    let mut command = Command::new("pg_restore");
    command.args(["--no-owner", "--single-transaction", "--exit-on-error"]);
    command.arg(input);
    let happened =
        format!("{copy} was not restored, and nothing was changed: the copy is damaged, or pg_restore is older than what wrote it");
    run_tool(command, database, &happened).map(drop)
}
