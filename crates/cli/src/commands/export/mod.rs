//! `jiku export`: how do golden records leave as a file?

mod csv;
mod geojson;
mod layer;
mod ndjson;

use std::io::{self, BufRead as _, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jiku_geofile::LeftOut;
use jiku_model::{ExportId, Kind};
use jiku_registry::{Actor, EntityView, ExportState, Include, Registry, RegistryError};
use jiku_spatial::Crs;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::console::{Console, create, probe};
use crate::failure::{Failure, Outcome};
use crate::operator::operator;
use crate::settings::DatabaseArgs;
use crate::table::count;

/// Write every golden record of one kind to a file
///
/// Personal values are masked, and people are within a day's quota, unless a security administrator approved more: the data office asks for
/// it (the page "exports" of the console, or POST /api/v1/exports), and --request writes its file, once. The export is traced: the access log
/// will name you and the purpose, an alarm tells the security administrators, and the file carries the export's id.
#[derive(Args, Debug)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// What to export: person, legal-person or parcel
    #[arg(long, required_unless_present = "request", conflicts_with = "request")]
    kind: Option<Kind>,
    /// Write the file of an export that was asked for and approved, by its id: personal values in full when they were asked for
    #[arg(long, value_name = "ID")]
    request: Option<ExportId>,
    /// The file to write; - for standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// The form of the file; by its ending unless told, and lines of JSON where it has none
    #[arg(long)]
    format: Option<ExportFormat>,
    /// The coordinate system of the geometries: EPSG:4490 unless told, EPSG:4326, or a Gauss–Krüger zone such as EPSG:4526; for
    /// CSV and the formats of geographic information systems
    #[arg(long, value_parser = parse_crs)]
    crs: Option<Crs>,
    /// What the data are for, as the access log will say it
    #[arg(long, default_value = "operation", conflicts_with = "request")]
    purpose: String,
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

/// One form of export: a beginning, an item at a time, an end that tells what the form had no room for.
trait Sink {
    fn item(&mut self, entity: &EntityView) -> io::Result<()>;
    fn finish(self: Box<Self>) -> io::Result<Vec<LeftOut>>;
}

pub(crate) fn run(args: &ExportArgs, console: &Console) -> Outcome {
    let to_file = args.output.as_os_str() != "-";
    let format = args.format.map_or_else(|| by_ending(&args.output), Ok)?;
    if let Some(kind) = args.kind {
        check(args, format, kind)?;
    }
    if format.layer().is_some() && !to_file {
        return Err(Failure::usage("this format is not written to standard output; name a file with --output"));
    }
    if args.request.is_some() && !to_file {
        return Err(Failure::usage("an approved export is written to a file, whose hash is kept; name it with --output"));
    }
    if to_file {
        // What cannot be written is no reason to leave traces of an export, or to use an approval up.
        probe(&args.output)?;
    }
    let registry = args.database.open()?;
    let crs = args.crs.unwrap_or(Crs::Cgcs2000);
    let mut actor = operator();
    actor.purpose = Some(args.purpose.clone());
    let mark = match (args.request, args.kind) {
        (Some(request), _) => {
            if let Some(kind) = approved_kind(&registry, &actor, request)? {
                check(args, format, kind)?;
            }
            registry.take_export(&actor, request)?
        }
        (None, Some(kind)) => registry.begin_export(&actor, kind)?,
        (None, None) => return Err(Failure::usage("name what to export with --kind")),
    };
    let kind = mark.kind;
    let total = registry.stats()?.kinds.iter().find(|of_kind| of_kind.kind == kind).map_or(0, |of_kind| of_kind.entities);
    let failed = |error: io::Error| Failure::place(format!("cannot write {}: {error}", args.output.display()));
    let mut sink: Box<dyn Sink> = match (format, format.layer()) {
        (_, Some(layer)) => Box::new(layer::Layer::create(layer, &args.output, crs, &mark).map_err(failed)?),
        (ExportFormat::Csv, _) => Box::new(csv::Csv::new(create(&args.output)?, kind, !args.unguarded, crs, &mark).map_err(failed)?),
        (ExportFormat::Geojson, _) => Box::new(geojson::GeoJson::new(create(&args.output)?, &mark).map_err(failed)?),
        (ExportFormat::Geojsonseq, _) => Box::new(geojson::Lines::new(create(&args.output)?, &mark)),
        (_, None) => Box::new(ndjson::Ndjson::new(create(&args.output)?, &mark)),
    };
    let include = Include { sources: format == ExportFormat::Ndjson, provenance: format == ExportFormat::Ndjson, ..Include::default() };
    let progress = console.counted(&format!("exporting {}", kind.plural()), total);
    let (mut broken, mut far) = (None, 0_u64);
    let exported = registry.export(&actor, &mark, include, &mut |entity| {
        if let Err(error) = sink.item(&entity) {
            broken = Some(error);
        }
        far += u64::from(layer::is_far(&entity, crs));
        progress.advance(1);
        broken.is_none() && !console.is_stopping()
    })?;
    progress.done();
    // A reader that has gone away (`jiku export … | head`) has what it wanted.
    let is_enough = |error: &io::Error| !to_file && error.kind() == io::ErrorKind::BrokenPipe;
    match broken {
        Some(error) if is_enough(&error) => {
            registry.close();
            return Ok(());
        }
        Some(error) => return Err(failed(error)),
        None => {}
    }
    console.check_stop()?;
    if !mark.in_full {
        console.say("Personal values are masked; a request that a security administrator approved writes them in full (--request).");
    }
    let left_out = match sink.finish() {
        Err(error) if is_enough(&error) => Vec::new(),
        finished => finished.map_err(failed)?,
    };
    for LeftOut { column, values } in &left_out {
        console.say(format!(
            "{} values of {column} are longer than this format can hold and were left empty; choose gpkg to have them.",
            count(*values)
        ));
    }
    if far > 0 {
        console.say(format!(
            "{} parcels lie more than 5 degrees from the central meridian of {crs}: their coordinates in it are no use to a survey; choose the zone they lie in.",
            count(far)
        ));
    }
    if to_file {
        let hash = sha256(&args.output).map_err(failed)?;
        registry.finish_export(&actor, &mark, exported, &hash)?;
        let left_out_body: serde_json::Map<String, serde_json::Value> =
            left_out.iter().map(|left| (left.column.clone(), left.values.into())).collect();
        let body = json!({ "kind": kind, "exported": exported, "output": args.output, "export": mark.id, "sha256": hash, "left_out": left_out_body, "far_from_zone": far });
        let told = format!("{} {} written to {}, SHA-256 {hash}.", count(exported), kind.plural(), args.output.display());
        console.answer(&body, told);
    }
    registry.close();
    Ok(())
}

/// Whether the form fits what is exported.
fn check(args: &ExportArgs, format: ExportFormat, kind: Kind) -> Outcome {
    if format.is_geographic() && kind != Kind::Parcel {
        return Err(Failure::usage("only parcels can be exported to a format of maps; choose --format ndjson or csv"));
    }
    let is_degrees = matches!(args.crs, Some(Crs::Crs84 | Crs::Wgs84 | Crs::Cgcs2000));
    let takes_any = format.layer().is_some() || (format == ExportFormat::Csv && kind == Kind::Parcel);
    if args.crs.is_some() && !takes_any && !(is_degrees && format.is_geographic()) {
        return Err(Failure::usage("--crs is for parcels in CSV, gpkg, shp, fgb or geoparquet; GeoJSON is always longitude and latitude"));
    }
    Ok(())
}

/// What an approved request asks for; none when there is no such request, or it is not approved.
fn approved_kind(registry: &Registry, actor: &Actor, request: ExportId) -> Result<Option<Kind>, RegistryError> {
    Ok(registry.export_request(actor, request)?.filter(|view| view.state == ExportState::Approved).map(|view| view.kind))
}

/// The SHA-256 of a file, hexadecimal.
fn sha256(file: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut reader = io::BufReader::with_capacity(1 << 18, std::fs::File::open(file)?);
    loop {
        let piece = reader.fill_buf()?;
        if piece.is_empty() {
            break;
        }
        hasher.update(piece);
        let read = piece.len();
        reader.consume(read);
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The form that a file's name asks for. A name that asks for another than there is would be a file that its programs cannot open.
fn by_ending(output: &Path) -> Result<ExportFormat, Failure> {
    let Some(ending) = output.extension() else { return Ok(ExportFormat::Ndjson) };
    match ending.to_string_lossy().to_ascii_lowercase().as_str() {
        "ndjson" | "jsonl" => Ok(ExportFormat::Ndjson),
        "geojsonl" | "geojsons" | "geojsonseq" => Ok(ExportFormat::Geojsonseq),
        "gpkg" => Ok(ExportFormat::Gpkg),
        "zip" | "shz" => Ok(ExportFormat::Shp),
        "fgb" => Ok(ExportFormat::Fgb),
        "parquet" => Ok(ExportFormat::Geoparquet),
        "csv" => Ok(ExportFormat::Csv),
        "geojson" | "json" => Ok(ExportFormat::Geojson),
        "shp" => Err(Failure::usage("a shapefile is several files, so it is written as a zip archive; end the name with .shp.zip")),
        other => Err(Failure::usage(format!(
            "no format is known by the ending .{other}; there are .ndjson, .csv, .geojson, .geojsonl, .gpkg, .shp.zip, .fgb and .parquet, and \
             --format says which under any name"
        ))),
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
