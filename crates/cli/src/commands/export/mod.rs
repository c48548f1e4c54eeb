//! `jiku export`: how do golden records leave as a file?

mod csv;
mod geojson;
mod ndjson;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiku_model::Kind;
use jiku_registry::{EntityView, Include};
use serde_json::json;

use crate::console::{Console, create};
use crate::failure::{Failure, Outcome};
use crate::operator::operator;
use crate::settings::DatabaseArgs;
use crate::table::count;

/// Write every golden record of one kind to a file
///
/// Personal values are masked unless you say --unmask. The export is traced: the access log will name you and the purpose.
#[derive(Args, Debug)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// What to export: person, legal-person or parcel
    #[arg(long)]
    kind: Kind,
    /// The file to write; - for standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// The form of the file; by its ending unless told
    #[arg(long)]
    format: Option<ExportFormat>,
    /// What the data are for, as the access log will say it
    #[arg(long, default_value = "operation")]
    purpose: String,
    /// Write names, numbers and other personal values in full; the access log will say so
    #[arg(long)]
    unmask: bool,
    /// Leave out the quote that keeps a spreadsheet from running a CSV cell that begins with =, +, - or @
    #[arg(long)]
    unguarded: bool,
}

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ExportFormat {
    /// One JSON object on each line, with the source records and where each value comes from
    Ndjson,
    /// A table with a heading, for spreadsheets
    Csv,
    /// A GeoJSON feature collection; parcels only
    Geojson,
}

/// One form of export: a beginning, an item at a time, an end.
trait Sink {
    fn item(&mut self, entity: &EntityView) -> io::Result<()>;
    fn finish(self: Box<Self>) -> io::Result<()>;
}

pub(crate) fn run(args: &ExportArgs, console: &Console) -> Outcome {
    let format = args.format.or_else(|| by_ending(&args.output)).unwrap_or(ExportFormat::Ndjson);
    if format == ExportFormat::Geojson && args.kind != Kind::Parcel {
        return Err(Failure::usage("only parcels can be exported as GeoJSON; choose --format ndjson or csv"));
    }
    let registry = args.database.open()?;
    let total = registry.stats()?.kinds.iter().find(|of_kind| of_kind.kind == args.kind).map_or(0, |of_kind| of_kind.entities);
    let out = create(&args.output)?;
    let failed = |error: io::Error| Failure::place(format!("cannot write {}: {error}", args.output.display()));
    let mut sink: Box<dyn Sink> = match format {
        ExportFormat::Ndjson => Box::new(ndjson::Ndjson::new(out)),
        ExportFormat::Csv => Box::new(csv::Csv::new(out, args.kind, !args.unguarded).map_err(failed)?),
        ExportFormat::Geojson => Box::new(geojson::GeoJson::new(out).map_err(failed)?),
    };
    let include = Include { sources: format == ExportFormat::Ndjson, provenance: format == ExportFormat::Ndjson, ..Include::default() };
    let mut actor = operator();
    actor.purpose = Some(args.purpose.clone());
    actor.unmask = args.unmask;

    let progress = console.counted(&format!("exporting {}", args.kind.plural()), total);
    let mut broken = None;
    let exported = registry.export(&actor, args.kind, include, &mut |entity| {
        if let Err(error) = sink.item(&entity) {
            broken = Some(error);
        }
        progress.advance(1);
        broken.is_none() && !console.is_stopping()
    })?;
    progress.done();
    if let Some(error) = broken {
        return Err(failed(error));
    }
    console.check_stop()?;
    if !args.unmask {
        console.say("Personal values are masked; --unmask writes them in full.");
    }
    sink.finish().map_err(failed)?;
    registry.close();
    if args.output.as_os_str() != "-" {
        let body = json!({ "kind": args.kind, "exported": exported, "output": args.output });
        console.answer(&body, format!("{} {} written to {}.", count(exported), args.kind.plural(), args.output.display()));
    }
    Ok(())
}

fn by_ending(output: &std::path::Path) -> Option<ExportFormat> {
    match output.extension()?.to_str()? {
        "ndjson" | "jsonl" | "geojsonl" => Some(ExportFormat::Ndjson),
        "csv" => Some(ExportFormat::Csv),
        "geojson" | "json" => Some(ExportFormat::Geojson),
        _ => None,
    }
}

/// A line of text and its end.
fn line(out: &mut dyn Write, value: &serde_json::Value) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}
