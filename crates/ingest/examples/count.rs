//! Counts the rows of a file and measures: `cargo run --release -p jiku-ingest --example count -- FILE`.

use std::path::PathBuf;
use std::time::Instant;

use jiku_ingest::{Options, Reader};

fn main() {
    for path in std::env::args_os().skip(1).map(PathBuf::from) {
        let start = Instant::now();
        let mut reader = match Reader::open_file(&path, Options::default()) {
            Ok(reader) => reader,
            Err(fault) => {
                println!("{}: {}: {fault}", path.display(), fault.code);
                continue;
            }
        };
        let (mut good, mut bad) = (0_u64, 0_u64);
        for row in reader.by_ref() {
            match row {
                Ok(_) => good += 1,
                Err(_) => bad += 1,
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        let rate = (good + bad) as f64 / seconds;
        println!("{}: {} {good} good, {bad} bad, {seconds:.2} s, {rate:.0} rows/s", path.display(), reader.format());
    }
}
