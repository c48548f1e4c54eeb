//! Do the matching commands give the same bytes in every run?

use std::fs;
use std::path::Path;

use jiku_tests::command::{command, jiku};

use super::folder;

/// What `dedupe` writes with so many threads: clusters, pairs and model.
fn written(folder: &Path, threads: &str, name: &str, options: &[&str]) -> [Vec<u8>; 3] {
    let place = |what: &str| folder.join(format!("{name}-{threads}-{what}"));
    let (clusters, pairs, model) = (place("clusters.csv"), place("pairs.csv"), place("model.toml"));
    let ran = command(["dedupe"])
        .env("RAYON_NUM_THREADS", threads)
        .arg(folder.join("gongan.csv"))
        .arg(folder.join("weijian.csv"))
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
    for (name, options) in [
        ("kind", &["--kind", "person", "--id-column", "source_key"][..]),
        ("any", &["--id-column", "source_key", "--ignore", "source,name,id_type,id_number,guardian,guardian_id"][..]),
    ] {
        let one = written(folder.path(), "1", name, options);
        assert!(one.iter().all(|bytes| bytes.len() > 500), "{name}: there is something to compare");
        assert!(one == written(folder.path(), "2", name, options), "{name}: two threads");
    }
}
