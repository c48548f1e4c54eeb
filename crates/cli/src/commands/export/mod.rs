//! `jiku export`: how do golden records leave as a file?

mod csv;
mod geojson;
mod layer;
mod ndjson;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiku_model::Kind;
use jiku_registry::{EntityView, Include};
use jiku_spatial::Crs;
use serde_json::json;

use crate::console::{Console, create};
use crate::failure::{Failure, Outcome};
use crate::operator::operator;
use crate::settings::DatabaseArgs;
use crate::table::count;

/// Write every golden record of one kind to a file
///
/// Personal values are masked unless you say --unmask. The export is traced: the access log will name you and the purpose, an alarm tells
/// the security administrators, and the file carries the export's id.
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
    /// The coordinate system of the geometries: EPSG:4490 unless told, EPSG:4326, or a Gauss–Krüger zone such as EPSG:4526; for
    /// CSV and the formats of geographic information systems
    #[arg(long, value_parser = parse_crs)]
    crs: Option<Crs>,
    /// What the data are for, as the access log will say it
    #[arg(long, default_value = "operation")]
    purpose: String,
    /// Write names, numbers and other personal values in full; the access log will say so
    #[arg(long)]
    unmask: bool,
    /// Leave out the quote that keeps a spreadsheet from running a CSV cell that begins with =, +, - or @
    #[arg(long)]
    unguarded: bool,
    /// Export people beyond the day's quota; the security administrators are told
    #[arg(long)]
    beyond_quota: bool,
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
    /// One GeoJSON feature on each line; parcels only
    Geojsonseq,
    /// An OGC GeoPackage; parcels only
    Gpkg,
    /// An ESRI shapefile in a zip archive; parcels only
    Shp,
    /// FlatGeobuf; parcels only
    Fgb,
    /// GeoParquet; parcels only
    Geoparquet,
}

impl ExportFormat {
    /// The layer format of a geographic information system, if it is one.
    const fn layer(self) -> Option<jiku_geofile::Format> {
        match self {
            Self::Gpkg => Some(jiku_geofile::Format::GeoPackage),
            Self::Shp => Some(jiku_geofile::Format::Shapefile),
            Self::Fgb => Some(jiku_geofile::Format::FlatGeobuf),
            Self::Geoparquet => Some(jiku_geofile::Format::GeoParquet),
            Self::Ndjson | Self::Csv | Self::Geojson | Self::Geojsonseq => None,
        }
    }

    /// Whether it is for parcels alone.
    const fn is_geographic(self) -> bool {
        !matches!(self, Self::Ndjson | Self::Csv)
    }
}

/// One form of export: a beginning, an item at a time, an end.
trait Sink {
    fn item(&mut self, entity: &EntityView) -> io::Result<()>;
    fn finish(self: Box<Self>) -> io::Result<()>;
}

pub(crate) fn run(args: &ExportArgs, console: &Console) -> Outcome {
    let format = args.format.or_else(|| by_ending(&args.output)).unwrap_or(ExportFormat::Ndjson);
    if format.is_geographic() && args.kind != Kind::Parcel {
        return Err(Failure::usage("only parcels can be exported to a format of maps; choose --format ndjson or csv"));
    }
    if args.crs.is_some() && format.layer().is_none() && (format != ExportFormat::Csv || args.kind != Kind::Parcel) {
        return Err(Failure::usage("--crs is for parcels in CSV, gpkg, shp, fgb or geoparquet; GeoJSON is always longitude and latitude"));
    }
    if format.layer().is_some() && args.output.as_os_str() == "-" {
        return Err(Failure::usage("this format is not written to standard output; name a file with --output"));
    }
    let registry = args.database.open()?;
    let total = registry.stats()?.kinds.iter().find(|of_kind| of_kind.kind == args.kind).map_or(0, |of_kind| of_kind.entities);
    let crs = args.crs.unwrap_or(Crs::Cgcs2000);
    let mut actor = operator();
    actor.purpose = Some(args.purpose.clone());
    actor.unmask = args.unmask;
    let mark = registry.begin_export(&actor, args.kind, args.beyond_quota)?;
    let failed = |error: io::Error| Failure::place(format!("cannot write {}: {error}", args.output.display()));
    let mut sink: Box<dyn Sink> = match (format, format.layer()) {
        (_, Some(layer)) => Box::new(layer::Layer::create(layer, &args.output, crs, &mark).map_err(failed)?),
        (ExportFormat::Csv, _) => Box::new(csv::Csv::new(create(&args.output)?, args.kind, !args.unguarded, crs, &mark).map_err(failed)?),
        (ExportFormat::Geojson, _) => Box::new(geojson::GeoJson::new(create(&args.output)?, &mark).map_err(failed)?),
        (ExportFormat::Geojsonseq, _) => Box::new(geojson::Lines::new(create(&args.output)?, &mark)),
        (_, None) => Box::new(ndjson::Ndjson::new(create(&args.output)?, &mark)),
    };
    let include = Include { sources: format == ExportFormat::Ndjson, provenance: format == ExportFormat::Ndjson, ..Include::default() };
    let progress = console.counted(&format!("exporting {}", args.kind.plural()), total);
    let mut broken = None;
    let exported = registry.export(&actor, &mark, include, &mut |entity| {
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
        let body = json!({ "kind": args.kind, "exported": exported, "output": args.output, "export": mark.id });
        console.answer(&body, format!("{} {} written to {}.", count(exported), args.kind.plural(), args.output.display()));
    }
    Ok(())
}

fn by_ending(output: &std::path::Path) -> Option<ExportFormat> {
    match output.extension()?.to_str()? {
        "ndjson" | "jsonl" => Some(ExportFormat::Ndjson),
        "geojsonl" | "geojsons" | "geojsonseq" => Some(ExportFormat::Geojsonseq),
        "gpkg" => Some(ExportFormat::Gpkg),
        "zip" | "shz" => Some(ExportFormat::Shp),
        "fgb" => Some(ExportFormat::Fgb),
        "parquet" => Some(ExportFormat::Geoparquet),
        "csv" => Some(ExportFormat::Csv),
        "geojson" | "json" => Some(ExportFormat::Geojson),
        _ => None,
    }
}

fn parse_crs(text: &str) -> Result<Crs, String> {
    let crs: Crs = text.parse().map_err(|error: jiku_spatial::UnsupportedCrs| error.to_string())?;
    match crs {
        Crs::Gcj02 | Crs::Bd09 => Err("shifted coordinates are never written; choose EPSG:4490 or a Gauss–Krüger zone".to_owned()),
        crs => Ok(crs),
    }
}

/// A line of text and its end.
fn line(out: &mut dyn Write, value: &serde_json::Value) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}
