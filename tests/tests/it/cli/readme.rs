//! Do the commands of the README work as they stand there?

use jiku_tests::binary::{jiku, repository};

use super::folder;

/// The lines of the fenced `sh` blocks of a page.
fn commands(page: &str) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match line {
            "```sh" => inside = true,
            "```" => inside = false,
            _ if inside && !line.trim().is_empty() && !line.starts_with('#') => {
                match commands.last_mut().filter(|last| last.ends_with('\\')) {
                    Some(last) => *last = format!("{}{}", last.trim_end_matches('\\'), line.trim()),
                    None => commands.push(line.to_owned()),
                }
            }
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
    let place = folder();
    let listed = commands(&page("README.md"));
    assert!(listed.contains(&"cargo test --workspace".to_owned()), "the one test command is named");
    let mut run = 0;
    for line in listed {
        // Cloning, building and testing is what has brought us here.
        if line.starts_with("git ") || line.starts_with("cd ") || line == "cargo test --workspace" || line == "cargo build --release" {
            continue;
        }
        // The server of the demo is tried in `demo.rs`; here its data are made, smaller.
        let line = match line.as_str() {
            "cargo run --release -- demo" => "target/release/jiku demo --once --people 400".to_owned(),
            _ => line,
        };
        let line = line.replace("target/release/jiku", &jiku().display().to_string());
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &line]).current_dir(place.path()).env_remove("JIKU_DATABASE");
        let output = shell.output().unwrap_or_else(|error| panic!("{line}: {error}"));
        assert!(
            output.status.success(),
            "{line}\n{}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        run += 1;
    }
    assert!(run >= 6, "the demo and five commands to try, got {run}");
}

#[test]
fn both_readmes_show_the_same_commands() {
    assert_eq!(commands(&page("README.md")), commands(&page("README.zh.md")));
}
