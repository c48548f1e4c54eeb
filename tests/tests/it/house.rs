//! Is there a reason for each outside crate?

use std::collections::BTreeSet;
use std::fs;

use jiku_tests::binary::repository;

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
