//! `jiku demo`: what does Jiku look like at work?

mod fill;
mod home;
mod summary;
mod truth;
mod welcome;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;

use clap::Args;
use jiku_registry::Registry;
use jiku_web::ServeOptions;
use serde_json::json;

use self::home::{Home, Memory};
use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::operator::open_with;
use crate::settings::DatabaseUrl;

/// How many people the demo invents unless told.
const PEOPLE: u64 = 8_000;

/// Invent a small city, take in what eleven systems of ten departments know of it, show how well it was matched, then serve it
///
/// The first start takes a minute or two; the next one opens what is there. Everything lies in one folder; delete it and
/// nothing is left. The server answers on this machine only.
#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    /// The port to listen on; 0 takes any free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The folder of the demo; made when absent
    #[arg(long, default_value = "./jiku-demo", value_name = "DIR")]
    dir: PathBuf,
    /// Throw away what an earlier start left, and begin anew
    #[arg(long)]
    reset: bool,
    /// Stop after the table, do not serve
    #[arg(long)]
    once: bool,
    /// Use this empty database in place of an SQLite file in the folder: postgres://USER@HOST/NAME
    ///
    /// JIKU_DATABASE is left alone here: a demo should never land in the database of a service.
    #[arg(long, value_name = "URL")]
    database: Option<DatabaseUrl>,
    /// How many people to invent; companies and parcels follow [default: 8000]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    people: Option<u64>,
}

pub(crate) fn run(args: &DemoArgs, console: &Console) -> Outcome {
    let home = Home::enter(&args.dir, args.reset)?;
    let shown = show(args, console, &home);
    if shown.is_err() {
        home.leave();
    }
    shown
}

fn show(args: &DemoArgs, console: &Console, home: &Home) -> Outcome {
    let listener = if args.once { None } else { Some(jiku_web::bind(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), args.port))?) };
    let database = args.database.clone().unwrap_or_else(|| home.database());
    if args.reset {
        home.clear(&database)?;
        home.share()?;
    }
    let earlier = home.recall()?;
    if let Some(memory) = &earlier {
        agree(args, memory, &database, home)?;
    }
    // The demo answers on this machine only and all its land is invented: a map needs no key.
    let registry = open_with(&database, None, |options| options.public_parcels = true)?;
    let memory = bring_up(args, console, home, &database, &registry, earlier)?;
    let summary = memory.summary.as_ref().ok_or_else(|| Failure::internal("the demo was filled and has no table"))?;
    let address = listener
        .as_ref()
        .map(TcpListener::local_addr)
        .transpose()
        .map_err(|error| Failure::place(format!("the port cannot be used: {error}")))?;
    let address = address.map(|address| format!("http://{address}"));
    let commands = address.as_deref().map_or_else(Vec::new, |address| welcome::commands(address, &memory));
    let body = json!({
        "folder": home.folder(), "database": database.to_string(), "summary": summary.as_json(), "address": address,
        "steward": memory.steward, "key": memory.key, "commands": commands.iter().map(|(_, command)| command).collect::<Vec<_>>(),
    });
    let text = match &address {
        None => format!("{}\n  The files and the database lie in {}.", summary.render(), home.folder().display()),
        Some(address) => format!("{}\n{}", summary.render(), welcome::text(address, &memory.steward, &commands)),
    };
    console.answer(&body, text);
    let served = match listener {
        None => Ok(()),
        Some(listener) => jiku_web::serve(ServeOptions::new(registry.clone(), listener)).map_err(Failure::from),
    };
    registry.close();
    served
}

/// Refuses to mix two demos.
fn agree(args: &DemoArgs, memory: &Memory, database: &DatabaseUrl, home: &Home) -> Outcome {
    let folder = home.folder().display();
    if memory.database != home.name_of(database) {
        return Err(Failure::usage(format!(
            "{folder} holds the demo of {}; choose another folder with --dir, or --reset",
            memory.database
        )));
    }
    match args.people {
        Some(people) if people != memory.people => {
            Err(Failure::usage(format!("the demo in {folder} has {} people; choose another folder with --dir, or --reset", memory.people)))
        }
        _ => Ok(()),
    }
}

/// The demo as it was left, or a new one, or the rest of an interrupted one.
fn bring_up(
    args: &DemoArgs,
    console: &Console,
    home: &Home,
    database: &DatabaseUrl,
    registry: &Registry,
    earlier: Option<Memory>,
) -> Result<Memory, Failure> {
    let empty = registry.stats()?.kinds.iter().all(|of_kind| of_kind.records + of_kind.withdrawn == 0);
    match earlier {
        Some(memory) if memory.summary.is_some() && !empty => return Ok(memory),
        None if !empty => {
            return Err(Failure::usage(format!(
                "{database} holds records that are not the demo's; give the demo an empty database, or none"
            )));
        }
        _ => {}
    }
    let mut memory = match earlier {
        Some(memory) => memory,
        None => Memory::new(home.name_of(database), args.people.unwrap_or(PEOPLE))?,
    };
    fill::fill(console, home, registry, &mut memory)?;
    Ok(memory)
}
