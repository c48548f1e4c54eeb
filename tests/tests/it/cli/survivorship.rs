//! Does the command line show the rules that choose golden values, put others into use, and lose nothing when it is killed?

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use jiku_model::Kind;
use jiku_synth::{Province, Settings};
use jiku_tests::command::{command, jiku, jiku_reading};
use serde_json::{Value, json};

use super::{folder, stores};

fn ingest(database: &str, folder: &Path, rows: &str) {
    let file = folder.join("people.ndjson");
    fs::write(&file, rows).expect("a file");
    jiku(["ingest", "--database", database, "--kind", "person", file.to_str().expect("UTF-8")]).well();
}

/// The golden telephones of people, and by what rule they were chosen.
fn phones(database: &str) -> Vec<String> {
    let lines = jiku(["export", "--database", database, "--kind", "person"]).well().out;
    let told =
        lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).expect("JSON")["values"]["phone"].as_str().map(str::to_owned));
    let mut phones: Vec<String> = told.collect();
    phones.sort_unstable();
    phones
}

#[test]
fn rules_are_shown_tried_put_into_use_and_taken_back() {
    let folder = folder();
    for database in stores(folder.path()) {
        // The clinic first, so that what the police tell is later.
        for (source, phone) in [("weijian", "13800138000"), ("gongan", "13800138000;13900139000")] {
            let row = json!({
                "source": source, "source_key": "1", "name": "欧阳明", "birth_date": "1990-02-01", "address": "广州市天河区天河路1号",
                "phone": phone,
            });
            ingest(&database, folder.path(), &format!("{row}\n"));
        }
        let shown = jiku(["survivorship", "show", "person", "--database", &database]).well();
        assert!(shown.err.contains("version 1 (in use), since ") && shown.err.contains(" by jiku; SHA-256 "), "{}", shown.err);
        let rules = shown.out.replace(
            "columns = [\"phone\"]\norder = [\"recency\", \"trust\", \"frequency\"]",
            "columns = [\"phone\"]\norder = [\"trust\"]\ntrust = { weijian = 95, gogan = 5 }",
        );
        let file = folder.path().join("rules.toml");
        let file = file.to_str().expect("UTF-8");
        fs::write(file, &rules).expect("a file");
        let set = ["survivorship", "set", "person", file, "--database", &database];
        let before = phones(&database);
        let tried = jiku(set.into_iter().chain(["--dry-run"])).well();
        assert!(tried.out.contains("Nothing was changed") && tried.out.contains("phone"), "{}", tried.out);
        assert!(tried.err.contains("no department registered a source \"gogan\"; did you mean \"gongan\"?"), "{}", tried.err);
        assert_eq!(phones(&database), before);

        let done = jiku(set.into_iter().chain(["--comment", "the health office calls them", "--json"])).well().json();
        assert_eq!((done["version"].as_i64(), done["changed"].as_u64()), (Some(2), Some(1)), "{done}");
        assert_eq!(phones(&database).len(), 1);
        assert_ne!(phones(&database), before);
        let again = jiku(set).well();
        assert!(again.out.contains("in use already, as version 2"), "{}", again.out);
        let shown = jiku(["survivorship", "show", "person", "--database", &database]).well();
        assert_eq!(shown.out, rules, "the file is kept as it was given");
        assert!(shown.err.contains("version 2 (in use)") && shown.err.contains("(the health office calls them)"), "{}", shown.err);
        jiku(["verify", "--database", &database]).well();

        let back = jiku(["survivorship", "set", "person", "--version", "1", "--database", &database]).well();
        assert!(back.out.contains("Version 3 of the survivorship rules is in use; 1 golden records changed"), "{}", back.out);
        assert_eq!(phones(&database), before);
        let former = jiku(["survivorship", "show", "person", "--version", "2", "--database", &database]).well();
        assert_eq!(former.out, rules);

        // Slips are told with their lines, from a file and from standard input, and nothing is changed.
        let slips = rules.replace("[default]\norder", "[default]\nordr").replace("columns = [\"phone\"]", "columns = [\"fone\"]");
        let refused = jiku_reading(["survivorship", "set", "person", "-", "--database", &database], &slips);
        let told = ["standard input: line ", "there is no key \"ordr\" here; did you mean \"order\"?", "there is no attribute \"fone\""];
        refused.refused(3, &told);
        fs::write(file, &slips).expect("a file");
        jiku(set).refused(3, &[&format!("{file}: line "), told[1], told[2]]);
        fs::write(file, format!("{rules}\n#{}", "x".repeat(256 * 1024))).expect("a file");
        jiku(set).refused(3, &[file, "256 KiB"]);
        fs::write(file, [rules.as_bytes(), b"\n# \xd6\xd0\xce\xc4\n"].concat()).expect("a file");
        jiku(set.into_iter().chain(["--dry-run"]))
            .refused(3, &[file, &format!("(line {})", rules.lines().count() + 2), "save it in UTF-8"]);
        let unknown = jiku(["survivorship", "set", "persn", file, "--database", &database]);
        assert!(
            unknown.code == 2 && unknown.err.contains("kind must be person, legal-person or parcel"),
            "{} {}",
            unknown.code,
            unknown.err
        );
        jiku(["survivorship", "set", "person", "--version", "9", "--database", &database]).refused(2, &["not found", "versions 1 to 3"]);
        jiku(["survivorship", "show", "person", "--version", "99", "--database", &database]).refused(2, &["not found", "versions 1 to 3"]);
        jiku(["survivorship", "set", "person", "absent.toml", "--database", &database]).refused(3, &["absent.toml"]);
    }
}

#[test]
fn whoever_kills_it_in_the_middle_loses_nothing() {
    let folder = folder();
    for database in stores(folder.path()) {
        let province = Province::new(Settings::new(3, 700, 0, 0)).filter(|record| record.kind == Kind::Person);
        let lines: String = province
            .map(|record| {
                let mut row = record.raw();
                row.insert("source".to_owned(), record.source.into());
                row.insert("source_key".to_owned(), record.source_key.clone().into());
                Value::Object(row).to_string() + "\n"
            })
            .collect();
        ingest(&database, folder.path(), &lines);
        let shown = jiku(["survivorship", "show", "person", "--database", &database]).well().out;
        let file = folder.path().join("rules.toml");
        let other = "columns = [\"phone\"]\norder = [\"trust\", \"completeness\"]";
        fs::write(&file, shown.replace("columns = [\"phone\"]\norder = [\"recency\", \"trust\", \"frequency\"]", other)).expect("a file");
        let file = file.to_str().expect("UTF-8");
        let before = phones(&database);
        for (round, after) in [150, 300, 450, 600, 800, 1_000].into_iter().enumerate() {
            let set = ["survivorship", "set", "person", "--database", &database];
            let what: &[&str] = if round % 2 == 0 { &[file] } else { &["--version", "1"] };
            let mut setting = command(set.iter().chain(what)).spawn().expect("it starts");
            thread::sleep(Duration::from_millis(after));
            setting.kill().expect("SIGKILL");
            setting.wait().expect("it is gone");
            jiku(["verify", "--database", &database]).well();
        }
        jiku(["survivorship", "set", "person", file, "--database", &database]).well();
        jiku(["verify", "--database", &database]).well();
        assert_ne!(phones(&database), before, "the rules are in use, and followed");
        jiku(["survivorship", "set", "person", "--version", "1", "--database", &database]).well();
        assert_eq!(phones(&database), before);
        jiku(["verify", "--database", &database]).well();
    }
}
