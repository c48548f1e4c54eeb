//! Do the crates keep to the arrows that the design draws?

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use jiku_tests::binary::repository;
use serde_json::Value;

/// Who may use whom; `docs/decisions.md` and `ARCHITECTURE.md` say why.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("text", &["model"]),
    ("person", &["model", "text"]),
    ("legal-person", &["model", "text"]),
    ("parcel", &["model", "text", "spatial"]),
    ("linkage", &["model", "text"]),
    ("resolution", &["model"]),
    ("golden", &["model"]),
    ("spatial", &["model"]),
    ("ogc", &[]),
    ("geofile", &[]),
    ("ingest", &["geofile", "model", "person", "legal-person", "parcel"]),
    ("store", &["model", "person", "legal-person", "parcel"]),
    ("registry", &["model", "text", "person", "legal-person", "parcel", "linkage", "resolution", "golden", "spatial", "ingest", "store"]),
    ("web", &["model", "registry", "ingest", "spatial", "ogc"]),
    ("synth", &["model", "person", "legal-person", "parcel"]),
    (
        "cli",
        &[
            "model",
            "text",
            "person",
            "legal-person",
            "parcel",
            "linkage",
            "resolution",
            "golden",
            "spatial",
            "ogc",
            "geofile",
            "ingest",
            "store",
            "registry",
            "web",
            "synth",
        ],
    ),
];

/// Outside libraries with one home.
const HOMES: &[(&str, &[&str])] = &[
    ("diesel", &["store"]),
    ("diesel_migrations", &["store"]),
    ("actix-web", &["web", "cli"]),
    ("rstar", &["spatial"]),
    ("rusqlite", &["geofile"]),
    ("shapefile", &["geofile"]),
    ("flatgeobuf", &["geofile"]),
    ("strsim", &["golden", "ingest", "linkage"]),
    ("rapidfuzz", &["linkage"]),
];

/// Engines are values in, values out.
const ENGINES: &[&str] = &["model", "text", "person", "legal-person", "parcel", "linkage", "resolution", "golden", "spatial", "ogc"];

/// How a source file would touch the world.
const WORLDLY: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "Utc::now",
    "Local::now",
    "SystemTime::now",
    "Instant::now",
    "getrandom",
    "now_v7",
    "new_v4",
];

/// What each of our crates uses of ours and of others; in the first, uses in tests do not count.
fn uses() -> (BTreeMap<String, BTreeSet<String>>, BTreeMap<String, BTreeSet<String>>) {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--no-deps", "--format-version", "1"])
        .current_dir(repository())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let text = |value: &Value| value.as_str().expect("a name").to_owned();
    let (mut ours, mut others) = (BTreeMap::new(), BTreeMap::new());
    for package in metadata["packages"].as_array().expect("packages") {
        let name = text(&package["name"]).strip_prefix("jiku-").expect("every package of ours is called jiku-…").to_owned();
        let dependencies = package["dependencies"].as_array().expect("dependencies");
        let (own, foreign): (Vec<&Value>, Vec<&Value>) =
            dependencies.iter().partition(|dependency| text(&dependency["name"]).starts_with("jiku-"));
        let own = own.into_iter().filter(|dependency| dependency["kind"].as_str() != Some("dev"));
        ours.insert(name.clone(), own.map(|dependency| text(&dependency["name"])["jiku-".len()..].to_owned()).collect());
        others.insert(name, foreign.into_iter().map(|dependency| text(&dependency["name"])).collect());
    }
    (ours, others)
}

/// The folders of the crates.
fn crates() -> BTreeSet<String> {
    let folders = std::fs::read_dir(repository().join("crates")).expect("crates/ can be listed");
    folders.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name in ASCII")).collect()
}

#[test]
fn every_crate_is_in_the_table() {
    let table: BTreeSet<String> = ARROWS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(table, crates());
}

#[test]
fn no_crate_uses_one_it_may_not() {
    let (ours, _) = uses();
    for (name, allowed) in ARROWS {
        let forbidden: Vec<&String> = ours[*name].iter().filter(|used| !allowed.contains(&used.as_str())).collect();
        assert!(forbidden.is_empty(), "{name} may not use {forbidden:?}");
    }
}

#[test]
fn outside_libraries_stay_in_their_homes() {
    let (_, others) = uses();
    for (library, homes) in HOMES {
        let strangers: Vec<&String> =
            others.iter().filter(|(name, used)| used.contains(*library) && !homes.contains(&name.as_str())).map(|(name, _)| name).collect();
        assert!(strangers.is_empty(), "{library} belongs to {homes:?}, found in {strangers:?}");
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("sources can be listed").map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| match path.extension() {
            _ if path.is_dir() => sources(&path),
            Some(ending) if ending == "rs" => vec![path],
            _ => vec![],
        })
        .collect()
}

#[test]
fn engines_touch_no_file_no_clock_and_no_chance() {
    for engine in ENGINES {
        for file in sources(&repository().join("crates").join(engine).join("src")) {
            let text = std::fs::read_to_string(&file).expect("a source file is UTF-8");
            // Tests of an engine may read fixtures.
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            let found: Vec<&str> = lines.filter(|line| WORLDLY.iter().any(|word| line.contains(word))).collect();
            let is_test = file.file_name().is_some_and(|name| name == "tests.rs");
            assert!(is_test || found.is_empty(), "{}: {found:?}", file.display());
        }
    }
}

#[test]
fn the_map_of_the_code_names_each_crate_and_no_other() {
    let Ok(text) = std::fs::read_to_string(repository().join("ARCHITECTURE.md")) else { return };
    let crates = crates();
    let missing: Vec<&String> =
        crates.iter().filter(|name| !text.contains(&format!("`{name}`")) && !text.contains(&format!("crates/{name}"))).collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md does not name {missing:?}");
    let named =
        text.split("crates/").skip(1).map(|rest| rest.split(|c: char| !c.is_ascii_lowercase() && c != '-').next().unwrap_or_default());
    let strangers: Vec<&str> = named.filter(|name| !name.is_empty() && !crates.contains(*name)).collect();
    assert!(strangers.is_empty(), "ARCHITECTURE.md names {strangers:?}");
}
