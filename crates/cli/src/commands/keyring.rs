//! `jiku keyring`: under which keys are values of people encrypted?

use clap::{Args, Subcommand};
use jiku_registry::{KeyReport, KeyUse};
use serde_json::{Value, json};

use crate::console::Console;
use crate::failure::Outcome;
use crate::operator::operator;
use crate::settings::DatabaseArgs;
use crate::table::{Table, count};

/// Show and change the keys that identity numbers, phones and addresses are encrypted under
///
/// Data keys stand in the database, wrapped by a master key that stands in a file outside it (--keys). Both can be changed
/// while the service runs.
#[derive(Args, Debug)]
pub(crate) struct KeyringArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(subcommand)]
    action: KeyringAction,
}

#[derive(Subcommand, Debug)]
enum KeyringAction {
    /// Show the keys: their numbers, algorithms and ages, never the keys themselves
    Show,
    /// Make a new data key and encrypt every value anew under it, while the service runs
    Rotate {
        /// Make a new key for the values that are looked up (numbers of people and companies, keys of source records) instead
        #[arg(long)]
        lookup: bool,
        /// Make no new key: go on with a rotation that was interrupted
        #[arg(long, conflicts_with = "lookup")]
        resume: bool,
    },
    /// Add a new master key to the key file and wrap the data keys with it
    ///
    /// Give the new file to every node before it starts the next time. Backups made before still need the earlier line.
    Rewrap,
}

pub(crate) fn run(args: &KeyringArgs, console: &Console) -> Outcome {
    let office = args.database.office()?;
    match &args.action {
        KeyringAction::Show => {
            let encryption = office.encryption()?;
            let mut table = Table::new(["key", "for", "algorithm", "master", "made", "retired"]);
            for key in &encryption.keys {
                table.row([
                    key.number.to_string(),
                    key.purpose.clone(),
                    key.algorithm.clone(),
                    key.master.clone(),
                    key.created_at.format("%F").to_string(),
                    key.retired_at.map_or_else(|| "–".to_owned(), |at| at.format("%F").to_string()),
                ]);
            }
            let body = json!({ "key_file": encryption.key_file, "keys": encryption.keys.iter().map(key).collect::<Vec<_>>() });
            console.answer(&body, format!("{}\nMaster keys: {}", table.render(), encryption.key_file));
        }
        KeyringAction::Rotate { lookup, resume } => {
            let working = console.spinner("encrypting anew");
            let of = if *lookup { KeyUse::Lookup } else { KeyUse::Data };
            let rows = match resume {
                true => office.resume_rotation(&operator(), &mut |_| {})?,
                false => office.rotate_key(&operator(), of, &mut |_| {})?,
            };
            working.done();
            let newest = office.encryption()?.keys.last().map_or(0, |key| key.number);
            console.answer(
                &json!({ "key": newest, "rows": rows }),
                format!("{} rows were encrypted anew; the newest key is {newest}.", count(rows)),
            );
        }
        KeyringAction::Rewrap => {
            let master = office.change_master_key(&operator())?;
            let place = office.encryption()?.key_file;
            console.answer(
                &json!({ "master": master, "key_file": place }),
                format!("The master key {master} was added to {place} and wraps the data keys. Give the file to every node, and keep a copy apart from the backups."),
            );
        }
    }
    office.close();
    Ok(())
}

fn key(key: &KeyReport) -> Value {
    json!({
        "number": key.number, "purpose": key.purpose, "algorithm": key.algorithm, "master": key.master,
        "created_at": key.created_at, "retired_at": key.retired_at,
    })
}
