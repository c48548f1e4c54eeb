//! `jiku ingest`: how do a department's files go in?

mod import;
mod rows;
mod summary;

use std::path::PathBuf;

use clap::Args;
use jiku_ingest::{Charset, Format, Mapping};
use jiku_model::{Kind, SourceCode};
use jiku_spatial::Crs;
use serde_json::Value;

pub(crate) use self::import::{Import, import};
pub(crate) use self::rows::ReportFile;
use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::operator::operator;
use crate::settings::DatabaseArgs;

/// Take files in: read, check, match and keep every record
///
/// A row that cannot be used is reported and stops nothing; more than one in five stop the file, and what was good stays.
/// Interrupted and started again, an import goes on where it stopped. A file that is in already changes nothing.
#[derive(Args, Debug)]
pub(crate) struct IngestArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// What the files speak of: person, legal-person or parcel
    #[arg(long)]
    kind: Kind,
    /// The files: CSV, NDJSON, JSON, XLSX, Parquet; for parcels also GeoJSON and its text
    /// sequences, GeoPackage, zipped shapefiles, FlatGeobuf and GeoParquet
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The code of the source system, for rows that do not name theirs
    #[arg(long, value_name = "CODE")]
    source: Option<SourceCode>,
    /// A mapping file that says what the columns of this source mean
    #[arg(long, value_name = "TOML")]
    mapping: Option<PathBuf>,
    /// The character set of text files: utf-8 unless told, or gb18030
    #[arg(long)]
    charset: Option<Charset>,
    /// The format, when neither the content nor the name of a file shows it
    #[arg(long)]
    format: Option<Format>,
    /// The layer of a GeoPackage, the shapefile of an archive or the sheet of a workbook, when there are several
    #[arg(long, value_name = "NAME", alias = "sheet")]
    layer: Option<String>,
    /// The coordinate system of geometry that does not tell its own, such as EPSG:4526
    #[arg(long)]
    crs: Option<Crs>,
    /// Write what was wrong with which row to this file, one problem a line, as NDJSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Send the rows once more even if the very same file went in before
    #[arg(long)]
    again: bool,
}

pub(crate) fn run(args: &IngestArgs, console: &Console) -> Outcome {
    let mapping = args.mapping.as_deref().map(read_mapping).transpose()?;
    if let Some(absent) = args.files.iter().find(|file| !file.is_file()) {
        let shown = absent.display();
        return Err(Failure::input(if absent.as_os_str() == "-" {
            "rows are read from files, so that an import that was interrupted goes on: write them to one first".to_owned()
        } else if absent.is_dir() {
            format!("{shown} is a folder; name the files in it")
        } else {
            format!("there is no file {shown}")
        }));
    }
    let registry = args.database.open()?;
    let mut report = ReportFile::create(args.report.as_deref(), args.files.len() > 1)?;
    let (mut bodies, mut lines) = (Vec::new(), Vec::new());
    let mut ended = Ok(());
    for path in &args.files {
        let what = Import {
            source: args.source.clone(),
            mapping: mapping.as_ref(),
            charset: args.charset,
            format: args.format,
            layer: args.layer.as_deref(),
            crs: args.crs,
            again: args.again,
            ..Import::plain(path, args.kind)
        };
        match import(console, &registry, &operator(), &what, &mut report) {
            Ok(done) => {
                bodies.push(summary::json(&done));
                lines.push(summary::text(&done));
            }
            Err(failure) => {
                ended = Err(failure);
                break;
            }
        }
    }
    registry.close();
    if !bodies.is_empty() {
        console.answer(&Value::Array(bodies), lines.join("\n"));
    }
    ended
}

/// A mapping file with its text: another mapping makes another import of the same file.
fn read_mapping(path: &std::path::Path) -> Result<(Mapping, String), Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::input(format!("the mapping file {} cannot be read: {error}", path.display())))?;
    let mapping =
        Mapping::from_toml(&text).map_err(|error| Failure::input(format!("{}: {}", path.display(), in_one_line(&error.to_string()))))?;
    Ok((mapping, text))
}

/// A TOML error draws the place over several lines: its first line says where, its last what.
fn in_one_line(drawn: &str) -> String {
    let mut lines = drawn.lines().filter(|line| !line.trim().is_empty());
    match (lines.next(), lines.next_back()) {
        (Some(place), Some(fault)) => format!("{place}: {fault}"),
        (place, _) => place.unwrap_or_default().to_owned(),
    }
}
