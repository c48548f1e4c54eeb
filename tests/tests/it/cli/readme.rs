//! Do the commands of the README work as they stand there?

use std::process::Command;

use jiku_tests::binary::{jiku, repository};

use super::folder;

/// The lines of the fenced `sh` blocks of a page, without comments.
fn commands(page: &str) -> Vec<String> {
    let mut inside = false;
    let mut commands = Vec::new();
    for line in page.lines() {
        match line {
            "```sh" => inside = true,
            "```" => inside = false,
            _ if inside && !line.trim().is_empty() && !line.starts_with('#') => commands.push(line.to_owned()),
            _ => {}
        }
    }
    commands
}

#[track_caller]
fn page(name: &str) -> String {
    std::fs::read_to_string(repository().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn every_command_of_the_readme_works_in_its_order() {
    let listed = commands(&page("README.md"));
    let [first, rest @ .., last] = listed.as_slice() else { panic!("a first, a last and some between: {listed:?}") };
    assert_eq!(first, "cargo run --release -- demo");
    assert_eq!(last, "cargo test --workspace", "which has brought us here");
    assert!(rest.len() >= 6, "five commands to try and their database: {rest:?}");

    // The server of the demo is tried in `demo.rs`; here its data are made, fewer.
    let mut script = "set -eu\ntarget/release/jiku demo --once --people 400\n".to_owned();
    rest.iter().for_each(|line| script.extend([line, "\n"]));
    let place = folder();
    let mut shell = Command::new("sh");
    shell.args(["-c", &script.replace("target/release/jiku", &jiku().display().to_string())]);
    let ran = shell.current_dir(place.path()).env_remove("JIKU_DATABASE").output().expect("a shell runs");
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{script}\n{out}\n{err}");
    assert!(out.contains("All is well"), "{out}");
    assert!(out.contains("\nmatch; candidates: ") && out.contains("何政东"), "the first households are the same in a smaller city: {out}");
    assert!(place.path().join("parcels.geojson").exists());
}

#[test]
fn both_readmes_show_the_same_commands() {
    assert_eq!(commands(&page("README.md")), commands(&page("README.zh.md")));
}
