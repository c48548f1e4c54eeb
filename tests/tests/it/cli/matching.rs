//! Do the matching commands give the same bytes in every run?

use std::fs;
use std::path::Path;

use jiku_tests::command::{command, jiku};

use super::folder;

/// What `dedupe` writes of a file with so many threads: clusters, pairs and model.
fn written(folder: &Path, threads: &str, name: &str, options: &[&str]) -> [Vec<u8>; 3] {
    let place = |what: &str| folder.join(format!("{name}-{threads}-{what}"));
    let (clusters, pairs, model) = (place("clusters.csv"), place("pairs.csv"), place("model.toml"));
    let ran = command(["dedupe"])
        .env("RAYON_NUM_THREADS", threads)
        .arg(folder.join(format!("{name}.csv")))
        .args(options)
        .args([Path::new("--output"), &clusters, Path::new("--pairs"), &pairs, Path::new("--save-model"), &model])
        .output()
        .expect("the binary runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    [clusters, pairs, model].map(|path| fs::read(path).expect("a file was written"))
}

#[test]
fn one_input_gives_the_same_bytes_whatever_the_number_of_threads() {
    let folder = folder();
    let place = folder.path().to_str().expect("a path in Unicode");
    jiku(["synth", "--output", place, "--people", "100", "--companies", "0", "--parcels", "0"]).well();
    let rows = |source: &str| fs::read_to_string(folder.path().join(format!("{source}.csv"))).expect("a file of the province");
    let (police, health) = (rows("gongan"), rows("weijian"));
    let (header, rest) = health.split_once('\n').expect("a header");
    let all = format!("{police}{rest}");
    fs::write(folder.path().join("people.csv"), &all).expect("a file can be written");
    // Under titles that nobody knows the columns are understood by their values alone.
    let unknown: Vec<String> = (0..header.split(',').count()).map(|at| format!("c{at}")).collect();
    fs::write(folder.path().join("any.csv"), all.replacen(header, &unknown.join(","), 1)).expect("a file can be written");
    for (name, options) in
        [("people", &["--kind", "person", "--id-column", "source_key"][..]), ("any", &["--id-column", "c1", "--ignore", "c0,c4"][..])]
    {
        let one = written(folder.path(), "1", name, options);
        assert!(one.iter().all(|bytes| bytes.len() > 500), "{name}: there is something to compare");
        assert!(one == written(folder.path(), "2", name, options), "{name}: two threads");
    }
}
