//! `jiku backup`: how is a copy made while the service runs?

use std::fs;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use jiku_registry::{AsItIs, Office};
use serde_json::json;

use crate::console::{Console, probe};
use crate::failure::{Failure, Outcome};
use crate::operator::{operator, options};
use crate::settings::{DatabaseArgs, DatabaseUrl};

/// Copy the whole database to one file while the service runs
///
/// An SQLite database becomes another SQLite file. A PostgreSQL database is dumped by PostgreSQL's own pg_dump, which must be
/// installed; to restore to a point in time use PostgreSQL's base backups and WAL archive. That a copy was made is written down among the
/// acts of administrators (`jiku audit administration`), after it was made.
#[derive(Args, Debug)]
pub(crate) struct BackupArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The file to write; it must not exist yet
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

pub(crate) fn run(args: &BackupArgs, console: &Console) -> Outcome {
    let (database, output) = (args.database.present()?, args.output.as_path());
    if output.exists() {
        return Err(Failure::place(format!("{} exists already; choose another file", output.display())));
    }
    probe(output)?;
    let working = console.spinner("copying");
    match database.file() {
        Some(_) => AsItIs::open(database.secret())?.backup(output)?,
        None => dump(database, output)?,
    }
    working.done();
    let bytes = output.metadata().map_or(0, |file| file.len());
    let size = format!("{:.1} MiB", bytes.div_ceil(1 << 10) as f64 / 1024.0);
    // Whoever copies before a new version comes wants the database left as it is.
    let office = Office::open_unchanged(&options(database, args.database.keys.as_deref()));
    let noted = office.map_err(Failure::from).and_then(|office| {
        office.backup_made(&operator(), &name_of(output), &size)?;
        office.close();
        Ok(())
    });
    let body = json!({ "output": output, "bytes": bytes, "noted": noted.is_ok() });
    let mut told = format!("Copied {database} to {} ({size}).", output.display());
    if let Err(failure) = noted {
        told.push_str(&format!("\nThe copy is good; that it was made could not be written down in the database: {failure}"));
    }
    console.answer(&body, told);
    Ok(())
}

/// A copy as the traces name it: its file, without the folders.
pub(crate) fn name_of(copy: &Path) -> String {
    copy.file_name().unwrap_or(copy.as_os_str()).to_string_lossy().into_owned()
}

/// Only the owner may read a copy: `pg_dump` keeps the mode of a file that is there.
fn dump(database: &DatabaseUrl, output: &Path) -> Outcome {
    let made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(output);
    made.map_err(|error| Failure::place(format!("cannot write {}: {error}", output.display())))?;
    let mut command = Command::new("pg_dump");
    command.args(["--format=custom", "--no-owner", "--file"]).arg(output);
    let happened = "the database was not copied; see that it can be reached and that pg_dump is as new as the server";
    run_tool(command, database, happened).map(drop).inspect_err(|_| {
        // What is left of a copy that failed would pass for one; why it failed is told.
        let _ = fs::remove_file(output);
    })
}

/// Runs one of PostgreSQL's tools; what it prints. When it fails, `happened` says what that means and what to do, and the tool's first line
/// stands behind. A password goes through the environment: everybody can read a command line.
pub(crate) fn run_tool(mut command: Command, database: &DatabaseUrl, happened: &str) -> Result<String, Failure> {
    let tool = command.get_program().to_string_lossy().into_owned();
    command.arg("--dbname").arg(database.to_string());
    if let Some(password) = database.password() {
        command.env("PGPASSWORD", password);
    }
    let ended = command.output().map_err(|error| {
        Failure::place(format!("{tool} cannot be started ({error}); install PostgreSQL's client programs (Debian: postgresql-client)"))
    })?;
    if ended.status.success() {
        return Ok(String::from_utf8_lossy(&ended.stdout).into_owned());
    }
    let told = String::from_utf8_lossy(&ended.stderr);
    // It says its name itself, and its sort of line.
    let said = told.lines().next().unwrap_or("it says nothing");
    let said = said.strip_prefix(&format!("{tool}: ")).unwrap_or(said);
    let said = said.strip_prefix("error: ").or_else(|| said.strip_prefix("ERROR:  ")).unwrap_or(said);
    Err(Failure::database(format!("{happened} ({tool} says: {said})")))
}
