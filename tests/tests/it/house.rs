//! Is there a reason for each outside crate, and is each file of others what its manifest says?

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use jiku_tests::binary::repository;
use serde::Deserialize;
use sha2::{Digest, Sha256};

#[test]
fn every_outside_crate_has_its_reason() {
    let manifest = fs::read_to_string(repository().join("Cargo.toml")).expect("Cargo.toml");
    let reasons = fs::read_to_string(repository().join("docs/dependencies.md")).expect("docs/dependencies.md");
    let rows = reasons.lines().filter_map(|line| line.strip_prefix("| ")).filter_map(|line| line.split(" |").next());
    let explained: BTreeSet<&str> = rows.flat_map(|names| names.split(", ")).filter(|name| *name != "crate").collect();
    let section = manifest.split("[workspace.dependencies]").nth(1).and_then(|rest| rest.split("\n[").next()).expect("dependencies");
    let names = section.lines().filter_map(|line| line.split(" = ").next()).filter(|name| !name.is_empty());
    let used: BTreeSet<&str> = names.filter(|name| !name.starts_with("jiku-")).collect();
    assert_eq!(used, explained);
}

#[test]
fn every_level_of_the_default_models_has_its_reason() {
    for model in ["crates/person/model.toml", "crates/legal-person/model.toml"] {
        let text = fs::read_to_string(repository().join(model)).expect("a model file");
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let levels = (1..lines.len()).filter(|at| lines[*at] == "[[comparison.level]]");
        let bare: Vec<&str> = levels.filter(|at| !lines[at - 1].starts_with("# ")).map(|at| lines[at + 1]).collect();
        assert!(bare.is_empty(), "{model}: say in a comment above why there is the level {bare:?}");
    }
}

/// An entry of a manifest of files that others made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Package {
    version: String,
    licence: String,
    source: String,
    purpose: String,
    files: BTreeMap<String, String>,
}

fn names_in(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("a folder that can be listed");
    entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a UTF-8 name")).collect()
}

#[test]
fn files_of_others_are_as_published_and_under_a_licence_we_may_use() {
    let notice = fs::read_to_string(repository().join("NOTICE")).expect("NOTICE");
    for (folder, licences) in [
        ("crates/web/assets/vendor", &["BSD-3-Clause", "BSD-2-Clause", "MIT", "0BSD", "ISC", "Apache-2.0"][..]),
        ("tests/vendor", &["MPL-2.0"]),
    ] {
        let folder = repository().join(folder);
        let manifest = fs::read_to_string(folder.join("manifest.toml")).expect("a manifest");
        let packages: BTreeMap<String, Package> = toml::from_str(&manifest).expect("a manifest that can be read");
        let mut told: BTreeSet<String> = packages.keys().cloned().collect();
        told.insert("manifest.toml".to_owned());
        assert_eq!(names_in(&folder), told, "the manifest names every package");
        for (name, package) in packages {
            assert!(licences.contains(&package.licence.as_str()), "{name}: {}", package.licence);
            assert!(!package.source.is_empty() && !package.purpose.is_empty(), "{name}");
            assert!(notice.contains(&format!("{name} {}", package.version)), "NOTICE names {name} {}", package.version);
            assert_eq!(names_in(&folder.join(&name)), package.files.keys().cloned().collect(), "{name}");
            assert!(package.files.keys().any(|file| file.starts_with("LICENSE")), "{name} comes with its licence");
            for (file, sum) in &package.files {
                let bytes = fs::read(folder.join(&name).join(file)).expect("a file");
                assert!(bytes.len() < 2_000_000, "{name}/{file} is too large for the repository");
                let found: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(found, *sum, "{name}/{file} is not as published");
            }
        }
    }
}
