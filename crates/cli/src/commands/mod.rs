//! Which commands are there?

mod audit;
mod backup;
mod bench;
mod dedupe;
mod demo;
mod evaluate;
mod evidence;
mod export;
mod ingest;
mod key;
mod keyring;
mod link;
mod matching;
mod migrate;
mod model;
mod purpose;
mod quality;
mod rebuild;
mod resolve;
mod restore;
mod retention;
mod serve;
mod survivorship;
mod synth;
mod train;
mod user;
mod verify;

use clap::Subcommand;

use crate::console::Console;
use crate::failure::Outcome;

/// A command with its options.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Demo(demo::DemoArgs),
    Serve(serve::ServeArgs),
    Ingest(ingest::IngestArgs),
    Export(export::ExportArgs),
    Resolve(resolve::ResolveArgs),
    Dedupe(dedupe::DedupeArgs),
    Link(link::LinkArgs),
    Train(train::TrainArgs),
    Evaluate(evaluate::EvaluateArgs),
    Synth(synth::SynthArgs),
    Bench(bench::BenchArgs),
    Quality(quality::QualityArgs),
    Model(model::ModelArgs),
    Survivorship(survivorship::SurvivorshipArgs),
    Verify(verify::VerifyArgs),
    Rebuild(rebuild::RebuildArgs),
    Backup(backup::BackupArgs),
    Restore(restore::RestoreArgs),
    Migrate(migrate::MigrateArgs),
    User(user::UserArgs),
    Key(key::KeyArgs),
    Keyring(keyring::KeyringArgs),
    Audit(audit::AuditArgs),
    Purpose(purpose::PurposeArgs),
    Retention(retention::RetentionArgs),
}

impl Command {
    /// Whether it would leave aside a database or master keys that it is told of.
    pub(crate) const fn ignores(&self, database: bool, keys: bool) -> bool {
        match self {
            Self::Dedupe(_) | Self::Link(_) | Self::Train(_) | Self::Evaluate(_) | Self::Synth(_) => database || keys,
            Self::Demo(_) | Self::Bench(_) => keys,
            _ => false,
        }
    }

    pub(crate) fn run(self, console: &Console) -> Outcome {
        match self {
            Self::Demo(args) => demo::run(&args, console),
            Self::Dedupe(args) => dedupe::run(&args, console),
            Self::Link(args) => link::run(&args, console),
            Self::Train(args) => train::run(&args, console),
            Self::Evaluate(args) => evaluate::run(&args, console),
            Self::Ingest(args) => ingest::run(&args, console),
            Self::Bench(args) => bench::run(&args, console),
            Self::Synth(args) => synth::run(&args, console),
            Self::Serve(args) => serve::run(&args, console),
            Self::Export(args) => export::run(&args, console),
            Self::Resolve(args) => resolve::run(&args, console),
            Self::Model(args) => model::run(&args, console),
            Self::Survivorship(args) => survivorship::run(&args, console),
            Self::Quality(args) => quality::run(&args, console),
            Self::Verify(args) => verify::run(&args, console),
            Self::Rebuild(args) => rebuild::run(&args, console),
            Self::Backup(args) => backup::run(&args, console),
            Self::Restore(args) => restore::run(&args, console),
            Self::Migrate(args) => migrate::run(&args, console),
            Self::User(args) => user::run(&args, console),
            Self::Key(args) => key::run(&args, console),
            Self::Keyring(args) => keyring::run(&args, console),
            Self::Audit(args) => audit::run(&args, console),
            Self::Purpose(args) => purpose::run(&args, console),
            Self::Retention(args) => retention::run(&args, console),
        }
    }
}
