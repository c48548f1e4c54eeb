//! `jiku synth`: where do files with invented records and known truth come from?

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use jiku_model::Kind;
use jiku_synth::{CsvFiles, Mistakes, Province, SOURCES, Settings, SynthRecord, feature};
use serde_json::json;

use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::table::count;

/// Write files as departments would send them, of invented people, companies and parcels, and the truth beside them
///
/// One CSV file for each department (parcels also as GeoJSON), and truth.csv, which says for each record which true person,
/// company or parcel it speaks of. The same settings write the same files, on every machine.
#[derive(Args, Debug)]
pub(crate) struct SynthArgs {
    /// The folder to write to; made when absent
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    /// How many people there are; about three records speak of each
    #[arg(long, default_value_t = 8_000)]
    people: u64,
    /// How many legal persons; three for twenty people unless told
    #[arg(long)]
    companies: Option<u64>,
    /// How many parcels; one for four people unless told
    #[arg(long)]
    parcels: Option<u64>,
    /// Another number gives another province
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where people live: the beginning of a division code, such as 4401; several times for several; all of Guangdong unless told
    #[arg(long = "division", value_name = "CODE")]
    divisions: Vec<String>,
    /// Write the files as the departments would unasked: own column names, dates and character sets, with a mapping file
    /// (SOURCE.toml) for each that needs one to be understood
    #[arg(long)]
    own_formats: bool,
    /// How many mistakes the departments make: 0 none, 1 as usual, 2 twice as many; or a mix of its own, such as names=3,stale=2
    ///
    /// Kinds: names, numbers, dates, places (addresses in other words), stale (records of years ago), copies (two in one register);
    /// those that are not named are as usual.
    #[arg(long, value_name = "MIX", default_value = "1")]
    mistakes: Mistakes,
}

pub(crate) fn run(args: &SynthArgs, console: &Console) -> Outcome {
    let (companies, parcels) = (args.companies.unwrap_or(args.people * 3 / 20), args.parcels.unwrap_or(args.people / 4));
    let mut settings = Settings::new(args.seed, args.people, companies, parcels);
    settings.divisions.clone_from(&args.divisions);
    settings.mistakes = args.mistakes;
    let progress = console.counted("inventing", args.people);
    let mut records = 0_u64;
    write(&args.output, settings, args.own_formats, |_, made| {
        records += 1;
        progress.set(made);
        console.check_stop()
    })?;
    progress.done();
    let body = json!({ "output": args.output, "records": records, "people": args.people, "companies": companies, "parcels": parcels, "seed": args.seed });
    console.answer(
        &body,
        format!(
            "{} records of {} people, {} legal persons and {} parcels written to {}.",
            count(records),
            count(args.people),
            count(companies),
            count(parcels),
            args.output.display()
        ),
    );
    Ok(())
}

/// Writes a province's files into `folder` and hands every record to `each`, with the number of people made so far.
pub(super) fn write(folder: &Path, settings: Settings, own_formats: bool, mut each: impl FnMut(&SynthRecord, u64) -> Outcome) -> Outcome {
    let failed = |error: io::Error| Failure::place(format!("cannot write into {}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(failed)?;
    let open = |name: &str| create(folder, &format!("{name}.csv"));
    let mut tables = if own_formats { CsvFiles::in_own_dress(open) } else { CsvFiles::new(open) };
    for (source, mapping) in
        SOURCES.iter().filter_map(|source| Some((source.code, jiku_synth::mapping(source.code)?))).filter(|_| own_formats)
    {
        fs::write(folder.join(format!("{source}.toml")), mapping).map_err(failed)?;
    }
    let mut map = create(folder, "ziran.geojson").map_err(failed)?;
    map.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[\n").map_err(failed)?;
    let mut features = 0_u64;
    let mut province = Province::new(settings);
    while let Some(record) = province.next() {
        tables.write(&record).map_err(failed)?;
        if record.kind == Kind::Parcel {
            let between = if features > 0 { ",\n" } else { "" };
            features += 1;
            write!(map, "{between}{}", feature(&record)).map_err(failed)?;
        }
        each(&record, province.made().people)?;
    }
    tables.finish().map_err(failed)?;
    map.write_all(b"\n]}\n").and_then(|()| map.flush()).map_err(failed)
}

fn create(folder: &Path, name: &str) -> io::Result<BufWriter<File>> {
    Ok(BufWriter::with_capacity(1 << 16, File::create(folder.join(name))?))
}
