//! Does the built binary say what it can do?

use std::process::{Command, Output};

fn jiku(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jiku")).args(arguments).env_remove("JIKU_DATABASE").output().expect("the binary starts")
}

#[test]
fn help_names_the_commands_and_the_exit_codes() {
    let told = jiku(&["--help"]);
    let text = String::from_utf8_lossy(&told.stdout);
    assert!(told.status.success());
    for words in ["demo", "serve", "ingest", "verify", "Exit codes", "the same command again"] {
        assert!(text.contains(words), "{words:?} in\n{text}");
    }
}

#[test]
fn a_command_line_that_cannot_be_understood_ends_with_2() {
    for arguments in [&[][..], &["demmo"], &["verify"], &["ingest", "--kind", "vehicle", "--database", "sqlite://x.db", "x.csv"]] {
        assert_eq!(jiku(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn for_a_program_a_failure_is_json() {
    let told = jiku(&["ingest", "--json", "--database", "sqlite://unused.db", "--kind", "person", "no-such-file.csv"]);
    assert_eq!(told.status.code(), Some(3));
    let line = String::from_utf8_lossy(&told.stderr);
    let body: serde_json::Value = serde_json::from_str(&line).expect("one JSON object");
    assert_eq!((body["error"].as_str(), body["exit_code"].as_u64()), (Some("input"), Some(3)), "{line}");
}
