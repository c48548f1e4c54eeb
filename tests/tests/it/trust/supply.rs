//! Is everything that is built from a place and under a licence that we accept?

use std::process::Command;

use jiku_tests::binary::repository;
use serde_json::Value;

/// Licences that allow everything we do; an expression is good when one of its alternatives is.
const ACCEPTED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "PostgreSQL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "bzip2-1.0.6",
];

/// Whether an SPDX expression leaves a choice that we accept: alternatives by OR, all of the parts joined by AND.
fn accepts(expression: &str) -> bool {
    let plain = expression.replace('/', " OR ").replace(['(', ')'], " ");
    let parts = plain.split(" AND ");
    parts.into_iter().all(|part| part.split(" OR ").any(|choice| ACCEPTED.contains(&choice.trim())))
}

fn packages() -> Vec<Value> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--locked", "--offline"]);
    // What other systems would need was not downloaded here.
    cargo.args(["--filter-platform", &format!("{}-unknown-linux-gnu", std::env::consts::ARCH)]).current_dir(repository());
    let output = cargo.output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata is JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

#[test]
fn every_crate_has_a_licence_that_we_accept_and_comes_from_the_registry() {
    let mut wrong = Vec::new();
    for package in packages() {
        let name = format!("{} {}", package["name"].as_str().unwrap_or_default(), package["version"].as_str().unwrap_or_default());
        let ours = package["source"].is_null();
        if !ours && !package["source"].as_str().is_some_and(|source| source.starts_with("registry+")) {
            wrong.push(format!("{name} comes from {}", package["source"]));
        }
        if !package["license"].as_str().is_some_and(accepts) {
            wrong.push(format!("{name} is under {}", package["license"]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_licence_that_we_do_not_accept_is_seen() {
    for good in ["MIT", "MIT OR GPL-3.0-only", "(MIT OR Apache-2.0) AND Unicode-3.0", "Unlicense/MIT"] {
        assert!(accepts(good), "{good}");
    }
    for bad in ["GPL-3.0-only", "MIT AND GPL-3.0-only", "", "SSPL-1.0"] {
        assert!(!accepts(bad), "{bad}");
    }
}

/// The unit that we ship gives the service no right that it does not need.
#[test]
fn the_systemd_unit_keeps_its_restrictions() {
    let unit = std::fs::read_to_string(repository().join("packaging/jiku.service")).expect("the unit");
    for line in [
        "DynamicUser=yes",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "ProtectSystem=strict",
        "PrivateDevices=yes",
        "MemoryDenyWriteExecute=yes",
        "SystemCallFilter=@system-service",
        "RestrictNamespaces=yes",
        "UMask=0077",
    ] {
        assert!(unit.lines().any(|found| found == line), "{line}");
    }
}
