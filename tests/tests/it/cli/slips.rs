//! What is somebody told who misspells a name, and what is left behind then?

use std::fs;
use std::process::Stdio;

use jiku_tests::command::{command, jiku, jiku_reading, made, sqlite_in};
use serde_json::json;

use super::{folder, stores};

#[test]
fn a_database_that_is_not_there_is_no_empty_one() {
    let folder = folder();
    let database = format!("sqlite://{}", folder.path().join("typo.db").display());
    let people = folder.path().join("people.csv");
    fs::write(&people, "source,source_key,name,birth_date\ngongan,1,欧阳明,1990-02-01\n").expect("a file");
    let people = people.to_str().expect("UTF-8");
    let seals = folder.path().to_str().expect("UTF-8");
    let output = folder.path().join("copy");
    let output = output.to_str().expect("UTF-8");
    for asked in [
        &["verify"][..],
        &["rebuild"],
        &["quality"],
        &["export", "--kind", "person"],
        &["ingest", "--kind", "person", people],
        &["backup", "--output", output],
        &["user", "list"],
        &["user", "disable", "li"],
        &["key", "list"],
        &["key", "create", "tax", "--department", "税务局", "--role", "reader"],
        &["keyring", "show"],
        &["purpose", "list"],
        &["retention"],
        &["model", "show", "--kind", "person"],
        &["survivorship", "show", "person"],
        &["audit", "verify"],
        &["audit", "verify", "--copy", "--seals", seals],
        &["audit", "administration"],
        &["audit", "evidence"],
    ] {
        let ran = jiku(asked.iter().copied().chain(["--database", &database]));
        ran.refused(4, &["there is no database", "typo.db", "jiku migrate"]);
    }
    jiku_reading(["resolve", "--kind", "person", "--database", &database], r#"{"name":"欧阳明"}"#).refused(4, &["there is no database"]);
    let add = ["user", "--database", &database, "add", "li", "--department", "数据管理局", "--role", "steward"];
    jiku_reading(add, "a long enough password\n").refused(4, &["there is no database"]);
    let left: Vec<_> = fs::read_dir(folder.path()).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(left, ["people.csv"], "neither a base nor keys are made");

    jiku(["migrate", "--database", &database]).well();
    jiku(["ingest", "--kind", "person", people, "--database", &database]).well();
    jiku(["verify", "--database", &database]).well();
}

#[test]
fn a_database_is_named_before_the_command_or_behind_it() {
    let folder = folder();
    for database in stores(folder.path()) {
        for asked in [
            &["--database", &database, "user", "list"][..],
            &["user", "--database", &database, "list"],
            &["user", "list", "--database", &database],
            &["--database", &database, "model", "show", "--kind", "person"],
            &["model", "show", "--kind", "person", "--database", &database],
            &["model", "show", "--kind", "person", "--index-from", "9", "--database", &database],
            &["survivorship", "--database", &database, "show", "person"],
            &["survivorship", "show", "person", "--database", &database],
            &["--json", "--database", &database, "quality"],
        ] {
            jiku(asked.iter().copied()).well();
        }
        // What is named goes before the environment.
        let mut named = command(["--database", &database, "key", "list"]);
        let told = named.env("JIKU_DATABASE", "sqlite:///nowhere/else.db").output().expect("it runs");
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        let mut from_outside = command(["key", "list"]);
        assert!(from_outside.env("JIKU_DATABASE", &database).output().expect("it runs").status.success());
    }
    let keys = folder.path().join("own.keys");
    let other = format!("sqlite://{}", folder.path().join("other.db").display());
    let keys = keys.to_str().expect("UTF-8");
    jiku(["--keys", keys, "--database", &other, "migrate"]).well();
    assert!(fs::metadata(keys).is_ok(), "the keys lie where they were told to");
    jiku(["user", "list", "--keys", keys, "--database", &other]).well();
    let synth = ["synth", "--output", "unused", "--people", "10", "--database", &other];
    jiku(synth).refused(2, &["does not take --database"]);
    jiku(["demo", "--once", "--keys", keys]).refused(2, &["does not take --database or --keys"]);
    jiku(["verify"]).refused(2, &["no database is named", "--database", "JIKU_DATABASE"]);
}

#[test]
fn a_file_is_written_in_the_form_that_its_name_says() {
    let folder = folder();
    let database = made(sqlite_in(folder.path()));
    let export = |name: &str, more: &[&str]| {
        let output = folder.path().join(name);
        let own = ["export", "--database", &database, "--kind", "parcel", "--output", output.to_str().expect("UTF-8")];
        (jiku(own.iter().chain(more)), output)
    };
    let (ran, file) = export("parcels.shp", &[]);
    ran.refused(2, &[".shp.zip"]);
    assert!(!file.exists());
    for name in ["parcels.xlsx", "parcels.txt", "parcels.geojson.gz"] {
        let (ran, file) = export(name, &[]);
        ran.refused(2, &["no format is known by the ending", ".gpkg", ".shp.zip", "--format"]);
        assert!(!file.exists(), "{name}");
    }
    for (name, more) in [("parcels.txt", &["--format", "csv"][..]), ("PARCELS.GPKG", &[]), ("a.shp.zip", &[]), ("plain", &[])] {
        let (ran, file) = export(name, more);
        ran.well();
        assert!(file.exists(), "{name}");
    }
    // Whatever cannot be written is told as a place, and the folder of a file as one.
    let (ran, _) = export("no/such/folder/a.csv", &[]);
    ran.refused(5, &["cannot write"]);
    let (ran, _) = export(".", &["--format", "csv"]);
    ran.refused(5, &["cannot write"]);
    let alarms = jiku(["audit", "--json", "--database", &database, "administration"]).well().json();
    let written = alarms.as_array().expect("acts").iter().filter(|act| act["act"] == "export-written").count();
    assert_eq!(written, 4, "what could not be written was no export: {alarms}");
    for asked in [&["backup", "--output", "no/such/folder/copy"][..], &["audit", "seal", "--seal-dir", "no/such/folder"]] {
        jiku(asked.iter().copied().chain(["--database", &database])).refused(5, &["no/such/folder"]);
    }
}

#[test]
fn what_is_not_there_is_told_with_what_is() {
    let folder = folder();
    let database = made(sqlite_in(folder.path()));
    let people = folder.path().join("people.csv");
    fs::write(&people, "source,source_key,name,birth_date\ngongan,1,欧阳明,1990-02-01\n").expect("a file");
    let people = people.to_str().expect("UTF-8");
    let named = |asked: &[&str]| jiku(asked.iter().copied().chain(["--database", &database]));
    named(&["ingest", "--kind", "person", people]).well();
    named(&["ingest", "--kind", "person", "-"]).refused(3, &["rows are read from files"]);
    named(&["ingest", "--kind", "person", folder.path().to_str().expect("UTF-8")]).refused(3, &["is a folder"]);
    named(&["quality", "--source", "gonganju"]).refused(2, &["no source system gonganju", "gongan"]);
    named(&["model", "apply", "--kind", "person", "--to-version", "9"]).refused(2, &["version 9", "versions 1 to 1"]);
    named(&["model", "preview", "--kind", "person", "--to-version", "9"]).refused(2, &["version 9", "versions 1 to 1"]);
    // A table is minutes of work; where the result cannot be written is told before it begins.
    for asked in [
        &["dedupe", people, "--kind", "person", "--output", "no/such/folder/a.csv"][..],
        &["link", people, people, "--kind", "person", "--output", "no/such/folder/a.csv"],
        &["train", people, "--kind", "person", "--output", "no/such/folder/a.toml"],
    ] {
        let ran = jiku(asked.iter().copied());
        ran.refused(5, &["cannot write no/such/folder/"]);
        assert!(ran.out.is_empty(), "{}", ran.out);
    }
}

#[test]
fn the_model_in_use_comes_out_as_the_file_that_is_taken() {
    let folder = folder();
    for database in stores(folder.path()) {
        for kind in ["person", "legal-person", "parcel"] {
            let toml = jiku(["model", "show", "--kind", kind, "--toml", "--database", &database]).well().out;
            let file = folder.path().join("model.toml");
            fs::write(&file, &toml).expect("a file");
            let file = file.to_str().expect("UTF-8");
            let told = jiku(["model", "preview", "--json", "--kind", kind, "--model", file, "--database", &database]).well().json();
            assert_eq!((&told["kind"], &told["changes"]), (&json!(kind), &json!(0)), "{told}");
            let body = jiku(["model", "show", "--json", "--kind", kind, "--toml", "--database", &database]).well().json();
            assert_eq!(body["toml"].as_str(), Some(toml.as_str()));
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = folder();
    let database = made(sqlite_in(folder.path()));
    let people = folder.path().join("people.csv");
    fs::write(&people, "source,source_key,name,birth_date\ngongan,1,欧阳明,1990-02-01\n").expect("a file");
    jiku(["ingest", "--kind", "person", people.to_str().expect("UTF-8"), "--database", &database]).well();
    for asked in [
        &["user", "list"][..],
        &["export", "--kind", "person", "--format", "csv"],
        &["export", "--kind", "person"],
        &["model", "show", "--kind", "person", "--toml"],
        &["export", "--kind", "parcel"],
        &["--help"],
    ] {
        let mut child = command(asked.iter().copied().chain(["--database", &database]))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        drop(child.stdout.take());
        let ended = child.wait_with_output().expect("it ends");
        let told = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success() && !told.contains("panicked"), "{asked:?}: {} {told}", ended.status);
    }
}
