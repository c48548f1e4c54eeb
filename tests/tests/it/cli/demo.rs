//! Does the first command a newcomer types do what the README says?

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use jiku_tests::command::{Ran, Serving, jiku};
use serde_json::{Value, json};

use super::folder;

fn demo(folder: &Path, more: &[&str]) -> Ran {
    let arguments = ["demo", "--once", "--json", "--dir", folder.to_str().expect("a UTF-8 path")];
    jiku(arguments.iter().chain(more))
}

/// The table adds up and the matching is no accident.
fn check_table(body: &Value) {
    let kinds = body["summary"]["kinds"].as_array().expect("a row for each kind");
    let names: Vec<&str> = kinds.iter().filter_map(|row| row["kind"].as_str()).collect();
    assert_eq!(names, ["person", "legal-person", "parcel"]);
    for row in kinds {
        let figure = |name: &str| row[name].as_u64().unwrap_or_else(|| panic!("{name} in {row}"));
        assert_eq!(figure("rows"), figure("records") + figure("rejected"), "{row}");
        assert_eq!(figure("records"), figure("golden_records") + figure("duplicates_found"), "{row}");
        assert!(row["precision"].as_f64() >= Some(0.98), "{row}");
        assert!(row["recall"].as_f64() >= Some(0.9), "{row}");
    }
    assert!(kinds[0]["duplicates_found"].as_u64() > Some(0));
}

#[test]
fn one_command_shows_the_whole_and_a_second_start_opens_it_at_once() {
    let home = folder();
    let first = demo(home.path(), &["--people", "400"]).well().json();
    check_table(&first);
    let second = demo(home.path(), &[]).well().json();
    assert_eq!(first, second, "the same table, sign-in and key");
    let otherwise = home.path().join("..").join(home.path().file_name().expect("a name"));
    assert_eq!(demo(&otherwise, &[]).well().json()["key"], first["key"], "however the folder is written");
    let anew = demo(home.path(), &["--people", "400", "--reset"]).well().json();
    assert_ne!(first["key"], anew["key"], "a reset begins anew");
    assert_eq!(without_seconds(&first), without_seconds(&anew), "the same province gives the same figures");
}

fn without_seconds(body: &Value) -> Vec<Value> {
    let mut kinds = body["summary"]["kinds"].as_array().expect("a row for each kind").clone();
    kinds.iter_mut().for_each(|row| row["seconds"] = Value::Null);
    kinds
}

#[test]
fn it_fills_and_resets_a_postgresql_database_too() {
    let home = folder();
    let Some(database) = jiku_tests::postgres::database() else { return };
    check_table(&demo(home.path(), &["--people", "200", "--database", &database]).well().json());
    jiku_tests::postgres::run(&database, "CREATE TABLE of_somebody_else (kept text); INSERT INTO of_somebody_else VALUES ('this')");
    check_table(&demo(home.path(), &["--people", "200", "--database", &database, "--reset"]).well().json());
    jiku_tests::postgres::run(&database, "SELECT 1 / count(*) FROM of_somebody_else WHERE kept = 'this'");
    let elsewhere = folder();
    demo(elsewhere.path(), &["--database", &database]).refused(2, &["holds records that are not the demo's"]);
    demo(elsewhere.path(), &["--database", &database, "--reset"]).refused(2, &["was not filled by the demo"]);
}

#[test]
fn a_reset_leaves_a_database_alone_that_no_demo_filled() {
    let home = folder();
    std::fs::write(home.path().join("jiku.db"), b"somebody's records").expect("a file");
    demo(home.path(), &["--reset"]).refused(2, &["was not filled by a demo, so it is not removed"]);
    assert_eq!(std::fs::read(home.path().join("jiku.db")).expect("still there"), b"somebody's records");
}

#[test]
fn the_commands_it_prints_can_be_copied() {
    let home = folder();
    let folder = home.path().to_str().expect("a UTF-8 path");
    demo(home.path(), &["--people", "400"]).well();
    let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port").port().to_string();
    let server = Serving::start(["demo", "--dir", folder, "--port", &port]);
    let commands: Vec<&str> = server.ready["commands"].as_array().expect("commands to copy").iter().filter_map(Value::as_str).collect();
    assert_eq!(commands.len(), 3, "{commands:?}");
    demo(home.path(), &["--reset"]).refused(5, &["is open", "stop it"]);
    let answers: Vec<Value> = commands.iter().map(|command| copied(command)).collect();
    assert_eq!(answers[0]["decision"], json!("match"), "{}", answers[0]);
    assert!(answers[1]["items"].is_array(), "{}", answers[1]);
    assert_eq!(answers[2]["items"].as_array().map(Vec::len), Some(1), "{}", answers[2]);
    assert_eq!(server.terminate(), 0);
}

fn copied(command: &str) -> Value {
    let ran = Command::new("sh").args(["-c", command]).output().expect("a shell runs");
    let text = String::from_utf8_lossy(&ran.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{command}\n{text}"))
}

#[test]
fn what_stands_in_its_way_is_told_in_a_sentence() {
    let home = folder();
    let folder = home.path().to_str().expect("a UTF-8 path");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("its address").port().to_string();
    jiku(["demo", "--dir", folder, "--port", &port]).refused(5, &[&port, "taken", "--port"]);
    // Also for root, who may write into any ordinary folder.
    jiku(["demo", "--once", "--dir", "/proc/jiku-demo"]).refused(5, &["/proc/jiku-demo", "cannot be written", "--dir"]);
    let nobody = ["demo", "--once", "--dir", folder, "--database", "postgres://nobody@127.0.0.1:1/nothing"];
    jiku(nobody).refused(4, &["127.0.0.1"]);
    jiku(["demo", "--once", "--dir", folder, "--database", "mysql://x"]).code_is_usage();
    let nobody = jiku(["demo", "--once", "--dir", folder, "--people", "0"]);
    assert!(nobody.code == 2 && nobody.err.contains("--people") && nobody.err.contains("0 is not in 1.."), "{}", nobody.err);
    // A folder that was made for nothing is not left behind.
    let made = home.path().join("new/and/deep");
    jiku(["demo", "--dir", made.to_str().expect("a UTF-8 path"), "--port", &port]).refused(5, &["taken"]);
    assert!(!home.path().join("new").exists() && home.path().exists());
}

trait Usage {
    fn code_is_usage(&self);
}

impl Usage for Ran {
    #[track_caller]
    fn code_is_usage(&self) {
        assert_eq!(self.code, 2, "{}", self.err);
        assert!(self.err.contains("sqlite://FILE"), "{}", self.err);
    }
}
