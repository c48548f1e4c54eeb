//! Writes the files of a province into a folder: `cargo run -p jiku-synth --example write -- FOLDER [PEOPLE]`.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use jiku_synth::{CsvFiles, Province, Settings};

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "province".to_owned()));
    let people = arguments.next().and_then(|text| text.parse().ok());
    let settings = people.map_or_else(Settings::demo, |people| Settings::new(1, people, people / 7, people / 4));
    std::fs::create_dir_all(&folder)?;
    let mut files = CsvFiles::new(|name| Ok(BufWriter::new(File::create(folder.join(format!("{name}.csv")))?)));
    let mut count = 0_u64;
    for record in Province::new(settings) {
        files.write(&record)?;
        count += 1;
    }
    files.finish()?;
    println!("{count} records in {}", folder.display());
    Ok(())
}
