//! Is everything that is built from a place and under a licence that we accept?

use std::process::Command;

use jiku_tests::binary::repository;
use serde_json::Value;

/// What `deny.toml` says: the one list, for `cargo deny` and for this test.
struct Rules {
    /// Licences that allow everything we do.
    licences: Vec<String>,
    /// Crates that may not be there, each with its reason.
    banned: Vec<String>,
}

fn rules() -> Rules {
    let text = std::fs::read_to_string(repository().join("deny.toml")).expect("deny.toml");
    let rules: toml::Table = text.parse().expect("deny.toml is TOML");
    let list = |section: &str, name: &str| rules[section][name].as_array().expect("a list").clone();
    let denied = |word: &str| assert_eq!(rules["sources"][word].as_str(), Some("deny"), "{word}");
    ["unknown-registry", "unknown-git"].into_iter().for_each(denied);
    let text = |value: &toml::Value| value.as_str().expect("a text").to_owned();
    Rules {
        licences: list("licenses", "allow").iter().map(text).collect(),
        banned: list("bans", "deny").iter().map(|entry| text(&entry["crate"])).collect(),
    }
}

/// Whether an SPDX expression leaves a choice that is allowed: alternatives by OR, all of the parts joined by AND.
fn accepts(allowed: &[String], expression: &str) -> bool {
    let plain = expression.replace('/', " OR ").replace(['(', ')'], " ");
    let parts = plain.split(" AND ");
    parts.into_iter().all(|part| part.split(" OR ").any(|choice| allowed.iter().any(|known| known == choice.trim())))
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
    let rules = rules();
    let mut wrong = Vec::new();
    for package in packages() {
        let name = format!("{} {}", package["name"].as_str().unwrap_or_default(), package["version"].as_str().unwrap_or_default());
        let ours = package["source"].is_null();
        if rules.banned.iter().any(|banned| package["name"] == banned.as_str()) {
            wrong.push(format!("{name} may not be used"));
        }
        // An empty requirement takes whatever the registry has tomorrow.
        let any = |need: &&Value| need["req"] == "*" && need["path"].is_null();
        for need in package["dependencies"].as_array().into_iter().flatten().filter(|_| ours).filter(any) {
            wrong.push(format!("{name} takes any version of {}", need["name"]));
        }
        if !ours && !package["source"].as_str().is_some_and(|source| source.starts_with("registry+")) {
            wrong.push(format!("{name} comes from {}", package["source"]));
        }
        if !package["license"].as_str().is_some_and(|licence| accepts(&rules.licences, licence)) {
            wrong.push(format!("{name} is under {}", package["license"]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_licence_that_we_do_not_accept_is_seen() {
    let allowed = rules().licences;
    for good in ["MIT", "MIT OR GPL-3.0-only", "(MIT OR Apache-2.0) AND Unicode-3.0", "Unlicense/MIT"] {
        assert!(accepts(&allowed, good), "{good}");
    }
    for bad in ["GPL-3.0-only", "MIT AND GPL-3.0-only", "", "SSPL-1.0"] {
        assert!(!accepts(&allowed, bad), "{bad}");
    }
}

#[test]
fn the_bill_of_materials_names_what_is_compiled_in() {
    let made = || Command::new("python3").arg(repository().join("packaging/sbom.py")).output().expect("python3 is there");
    let output = made();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(made().stdout, output.stdout, "the same each time");
    let bill: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let components = bill["components"].as_array().expect("components");
    let version = |name: &str| components.iter().find(|component| component["name"] == name).and_then(|found| found["version"].as_str());
    // Up to 3.51.2 SQLite could damage a database; the crate around it has another number.
    let sqlite: Vec<u32> = version("sqlite").expect("SQLite").split('.').filter_map(|part| part.parse().ok()).collect();
    assert!(sqlite >= vec![3, 51, 3], "{sqlite:?}");
    for name in ["diesel", "actix-web", "rustls", "zstd", "maplibre-gl"] {
        assert!(version(name).is_some(), "{name}");
    }
    assert!(version("proptest").is_none(), "a tool of the tests is not in the program");
    assert!(
        components
            .iter()
            .all(|component| component["purl"].is_string() || component["name"].as_str().is_some_and(|name| name.starts_with("jiku-")))
    );
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
