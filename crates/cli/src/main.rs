//! The `jiku` binary: which command was asked for, and how did it end?

mod commands;
mod console;
mod failure;
mod operator;
mod progress;
mod settings;
mod signals;
mod table;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::commands::Command;
use crate::console::Console;
use crate::failure::Failure;
use crate::settings::DatabaseUrl;

/// Much that one thread makes another drops: rows on their way to the writer, answers. The system's allocator keeps a pool for
/// each thread and suffers from that, in time and in memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// 基库 Jiku keeps the basic databases of a province: people, legal persons and land parcels.
///
/// Departments send the records they hold; Jiku finds which of them speak of the same person, company or parcel, keeps one
/// golden record for each, and answers for it. To see it at work: jiku demo
///
/// Where a command works on a database, --database and --keys may stand before it or behind it.
#[derive(Parser, Debug)]
#[command(name = "jiku", version, propagate_version = true, arg_required_else_help = true, after_help = failure::EXIT_CODES)]
struct Cli {
    /// Print JSON, for programs, in place of text for people
    #[arg(long, global = true)]
    json: bool,
    /// Tell more on standard error; -vv tells everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// The database of the command, where it works on one
    #[arg(long, global = true, hide = true, value_name = "URL")]
    database: Option<DatabaseUrl>,
    /// The file of master keys of the command's database
    #[arg(long, global = true, hide = true, value_name = "FILE")]
    keys: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log(cli.verbose, cli.json, matches!(cli.command, Command::Demo(_)));
    let console = Console::new(cli.json);
    let asked = if cli.command.ignores(cli.database.is_some(), cli.keys.is_some()) {
        Err(Failure::usage("this command does not take --database or --keys; leave them out (--help tells its options)"))
    } else {
        cli.command.run(&console)
    };
    match asked {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(cli.json),
    }
}

/// Log lines go to standard error: warnings, more with `-v`, or what `RUST_LOG` says. A demo measures itself by taking its invented
/// people along, which is an alarm and no news. Colours are for terminals: a journal or a container's log would keep their codes.
fn start_log(verbose: u8, json: bool, is_demo: bool) {
    let level = match verbose {
        0 if is_demo => "warn,jiku::alarm=error",
        0 => "warn",
        1 => "info",
        _ => "debug",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json {
        lines.json().init();
    } else if std::io::stderr().is_terminal() {
        lines.init();
    } else {
        lines.with_ansi(false).init();
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_and_every_option_explains_itself() {
        fn check(command: &clap::Command) {
            assert!(command.get_about().is_some(), "{} has no help", command.get_name());
            for option in command.get_arguments() {
                assert!(option.get_help().is_some(), "{} of {} has no help", option.get_id(), command.get_name());
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}
