//! Does a file go in the way its sender may expect?

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use jiku_model::Kind;
use jiku_registry::{Actor, NewExport, NewUser, Options, Registry, Role, Sources};
use jiku_tests::command::{Ran, command, jiku, made, sqlite_in};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{folder, stores};

fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, content).expect("a file");
    path
}

fn ingest(database: &str, kind: &str, file: &Path, more: &[&str]) -> Ran {
    let arguments = ["ingest", "--json", "--database", database, "--kind", kind, file.to_str().expect("a UTF-8 path")];
    jiku(arguments.iter().chain(more))
}

/// The people of a database in full, as a request that was approved lets them leave; each test asks once.
fn exported_in_full(folder: &Path, database: &str) -> String {
    let file = folder.join("in-full.ndjson");
    let out = file.to_str().expect("UTF-8").to_owned();
    let request = {
        let registry = Registry::open(Options::new(database)).expect("it opens");
        let staff = |name: &str, role: Role| {
            let (name, department, password) = (name.to_owned(), "省数据局".to_owned(), "correct horse battery".to_owned());
            let new = NewUser { name: name.clone(), department, roles: vec![role], password, staff_number: None, sources: Sources::Any };
            registry.create_user(&Actor::operator("test"), &new).expect("a user");
            Actor { roles: vec![role], ..Actor::operator(&name) }
        };
        let (office, security) = (staff("office", Role::DataOffice), staff("security", Role::SecurityAdmin));
        let reason = "what came in is looked at".to_owned();
        let asked = NewExport { kind: Kind::Person, in_full: true, most_rows: 10, hours: 1, reason };
        let request = registry.ask_for_export(&office, &asked).expect("asked").id.to_string();
        let arguments = ["export", "--database", database, "--request", &request, "--output", &out];
        jiku(arguments).refused(2, &["no security administrator has approved"]);
        jiku(&arguments[..5]).refused(2, &["--output"]);
        registry.approve_export(&security, request.parse().expect("an id"), None).expect("approved");
        registry.close();
        request
    };
    let told = jiku(["export", "--json", "--database", database, "--request", &request, "--output", &out]).well().json();
    let written = fs::read(&file).expect("a file");
    let hash: String = Sha256::digest(&written).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    assert_eq!(told["sha256"], json!(hash));
    jiku(["export", "--database", database, "--request", &request, "--output", &out]).refused(2, &["no longer open"]);
    String::from_utf8(written).expect("UTF-8")
}

/// The figures of one kind, from `jiku quality`.
fn figures(database: &str, kind: usize) -> Value {
    jiku(["quality", "--json", "--database", database]).well().json()["kinds"][kind].clone()
}

const PEOPLE: &str = "source,source_key,name,birth_date,phone,pet\n\
    gongan,1,欧阳明,1990-02-01,13800138000,猫\n\
    weijian,9,欧阳明,1990-02-01,13800138000,\n\
    gongan,2,李娜,1985-07-12,13900139000,狗\n";

#[test]
fn sending_again_changes_nothing_and_a_change_makes_a_revision() {
    let folder = folder();
    for database in stores(folder.path()) {
        let file = write(folder.path(), "people.csv", PEOPLE);
        let first = ingest(&database, "person", &file, &[]).well().json();
        assert_eq!((&first[0]["created"], &first[0]["rejected"]), (&json!(3), &json!(0)), "{first}");
        assert_eq!(first[0]["unknown_columns"], json!(["pet"]), "named once, kept in the raw record");
        let before = figures(&database, 0);
        assert_eq!((&before["records"], &before["entities"]), (&json!(3), &json!(2)));

        // The very same file is known by its digest; a copy with another line end is not, but its records are.
        ingest(&database, "person", &file, &[]).well();
        let other = write(folder.path(), "people-windows.csv", PEOPLE.replace('\n', "\r\n"));
        let again = ingest(&database, "person", &other, &[]).well().json();
        assert_eq!((&again[0]["created"], &again[0]["revised"], &again[0]["unchanged"]), (&json!(0), &json!(0), &json!(3)), "{again}");
        assert_eq!(figures(&database, 0), before);

        let changed = write(folder.path(), "changed.csv", PEOPLE.replace("13900139000", "13700137000"));
        let revised = ingest(&database, "person", &changed, &[]).well().json();
        assert_eq!((&revised[0]["revised"], &revised[0]["unchanged"]), (&json!(1), &json!(2)), "{revised}");
        assert_eq!(figures(&database, 0)["records"], json!(3));
    }
}

#[test]
fn a_bad_row_is_reported_and_stops_nothing() {
    let folder = folder();
    let database = made(sqlite_in(folder.path()));
    let mut rows = String::from("source,source_key,name,birth_date\n");
    for number in 0..40_usize {
        writeln!(rows, "gongan,{number},王小{},1990-01-{:02}", ["明", "红", "军", "丽"][number % 4], number % 28 + 1).expect("a string");
    }
    rows.push_str("gongan,,无键,1990-01-01\n");
    let file = write(folder.path(), "people.csv", rows);
    let report = folder.path().join("report.ndjson");
    let done = ingest(&database, "person", &file, &["--report", report.to_str().expect("UTF-8")]).well().json();
    assert_eq!((&done[0]["created"], &done[0]["rejected"]), (&json!(40), &json!(1)), "{done}");
    let told = fs::read_to_string(report).expect("a report");
    let rejected: Vec<Value> =
        told.lines().map(|line| serde_json::from_str(line).expect("JSON")).filter(|row: &Value| row["severity"] == "reject").collect();
    assert_eq!(rejected.len(), 1, "{told}");
    assert_eq!(rejected[0]["line"], json!(42));
    assert_eq!(rejected[0]["field"], json!("source_key"), "{told}");
    assert!(rejected[0]["advice"].is_string());
}

#[test]
fn several_files_have_one_report_and_a_file_that_is_in_has_it_again() {
    let folder = folder();
    for database in stores(folder.path()) {
        let rows = |key: &str| {
            let good = (0..9).map(|number| format!("gongan,{key}{number},王小明,199{number}-01-01\n"));
            format!("source,source_key,name,birth_date\n{}gongan,,无键,1990-01-01\n", good.collect::<String>())
        };
        let [one, other] = ["one", "other"].map(|name| write(folder.path(), &format!("{name}.csv"), rows(name)));
        let report = folder.path().join("report.ndjson");
        let files = [one.to_str().expect("UTF-8"), "--report", report.to_str().expect("UTF-8")];
        let told = || {
            let text = fs::read_to_string(&report).expect("a report");
            let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
            rows.map(|row| (row["file"].clone(), row["line"].as_u64(), row["code"].clone())).collect::<Vec<_>>()
        };
        ingest(&database, "person", &other, &files).well();
        let expected = ["other.csv", "one.csv"].map(|name| (json!(name), Some(11), json!("required")));
        assert_eq!(told(), expected, "both files, each by its name");
        fs::remove_file(&report).expect("it was there");
        let again = ingest(&database, "person", &one, &files[1..]).well().json();
        assert_eq!((&again[0]["unchanged_file"], told()), (&json!(true), vec![(Value::Null, Some(11), json!("required"))]));
    }
}

#[test]
fn bad_rows_of_a_file_on_one_line_are_reported_one_by_one() {
    let folder = folder();
    let square = |at: f64| json!({"type": "Polygon", "coordinates": [[[at, 23.1], [at + 0.001, 23.1], [at + 0.001, 23.101], [at, 23.1]]]});
    let bow_tie =
        json!({"type": "Polygon", "coordinates": [[[113.0, 23.0], [113.002, 23.002], [113.002, 23.0], [113.0, 23.002], [113.0, 23.0]]]});
    let parcel = |(key, shape): (usize, Value)| json!({"type": "Feature", "geometry": shape, "properties": {"source": "ziran", "source_key": key.to_string()}});
    let shapes = (0_u8..10).map(|number| square(113.3 + f64::from(number) / 100.0)).chain([bow_tie.clone(), bow_tie]);
    let parcels = json!({"type": "FeatureCollection", "features": shapes.enumerate().map(parcel).collect::<Vec<_>>()});
    let person = |key: usize| {
        let birth = if key < 10 { "1990-01-01" } else { "1990-02-30" };
        json!({"source": "gongan", "source_key": key.to_string(), "name": "王小明", "birth_date": birth})
    };
    let people = Value::Array((0..12).map(person).collect());
    let report = folder.path().join("report.ndjson");
    for database in stores(folder.path()) {
        for (kind, name, content, code) in
            [("person", "people.json", &people, "date-invalid"), ("parcel", "parcels.geojson", &parcels, "geometry-self-intersection")]
        {
            let file = write(folder.path(), name, content.to_string());
            let done = ingest(&database, kind, &file, &["--report", report.to_str().expect("UTF-8")]).well().json();
            assert_eq!((&done[0]["created"], &done[0]["rejected"]), (&json!(10), &json!(2)), "{done}");
            let told = fs::read_to_string(&report).expect("a report");
            let rows = told.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
            let rejected: Vec<Value> = rows.filter(|row| row["code"] == code).collect();
            let keys: Vec<&Value> = rejected.iter().map(|row| &row["source_key"]).collect();
            assert_eq!(keys, [&json!("10"), &json!("11")], "{told}");
            assert!(rejected.iter().all(|row| row["line"] == 1 && row["severity"] == "reject"), "{told}");
            let numbers: Vec<&Value> = rejected.iter().map(|row| &row["row"]).collect();
            assert_eq!(numbers, [&json!(11), &json!(12)], "the elements of the file, bad ones counted: {told}");
        }
    }
}

#[test]
fn too_many_bad_rows_stop_a_file() {
    let folder = folder();
    let database = made(sqlite_in(folder.path()));
    let file = write(folder.path(), "people.csv", "source,source_key,name\ngongan,1,李娜\ngongan,,a\ngongan,,b\n");
    let sentence = ["people.csv", "too many rows", "(2 of 3)", "Most often (2): source_key: give the key"];
    ingest(&database, "person", &file, &[]).refused(3, &sentence);
    assert_eq!(figures(&database, 0)["records"], json!(1), "what was good stays");
}

#[test]
fn a_declared_encoding_is_read_and_an_undeclared_one_is_refused() {
    let folder = folder();
    let database = made(sqlite_in(folder.path()));
    // 李娜 and 欧阳明 in GB 18030.
    let mut bytes = b"source,source_key,name\ngongan,1,".to_vec();
    bytes.extend([0xc0, 0xee, 0xc4, 0xc8, b'\n']);
    let file = write(folder.path(), "gbk.csv", bytes);
    ingest(&database, "person", &file, &[]).refused(3, &["gbk.csv"]);
    ingest(&database, "person", &file, &["--charset", "gb18030"]).well();
    let exported = jiku(["export", "--database", &database, "--kind", "person"]).well().out;
    assert!(exported.contains("李*") && !exported.contains("李娜"), "{exported}");
    let exported = exported_in_full(folder.path(), &database);
    assert!(exported.contains("李娜"), "{exported}");
}

#[test]
fn a_file_that_is_not_there_is_told_in_a_sentence() {
    let folder = folder();
    let database = made(sqlite_in(folder.path()));
    ingest(&database, "person", &folder.path().join("nothing.csv"), &[]).refused(3, &["nothing.csv"]);
    assert_eq!(ingest(&database, "vehicle", &folder.path().join("nothing.csv"), &[]).code, 2);
}

#[test]
fn parcels_come_as_geojson_and_leave_as_geojson() {
    let folder = folder();
    let database = made(sqlite_in(folder.path()));
    let feature = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"source":"ziran","source_key":"1","location":"天河区1号"},
        "geometry":{"type":"Polygon","coordinates":[[[113.3,23.1],[113.301,23.1],[113.301,23.101],[113.3,23.101],[113.3,23.1]]]}}]}"#;
    let file = write(folder.path(), "in.geojson", feature);
    ingest(&database, "parcel", &file, &[]).well();
    let out = folder.path().join("out.geojson");
    jiku(["export", "--database", &database, "--kind", "parcel", "--output", out.to_str().expect("UTF-8")]).well();
    let collection: Value = serde_json::from_str(&fs::read_to_string(out).expect("a file")).expect("JSON");
    assert_eq!(collection["features"].as_array().map(Vec::len), Some(1));
    assert_eq!(collection["features"][0]["geometry"]["type"], json!("Polygon"));
    assert_eq!(collection["features"][0]["properties"]["location"], json!("天河区1号"));
    jiku(["export", "--database", &database, "--kind", "person", "--format", "geojson"]).refused(2, &["only parcels"]);
}

#[test]
fn an_interrupted_import_goes_on_without_doubling() {
    let folder = folder();
    let files = folder.path().join("files");
    jiku(["synth", "--people", "1500", "--output", files.to_str().expect("UTF-8")]).well();
    let file = files.join("gongan.csv");
    let rows = fs::read_to_string(&file).expect("a file").lines().count() - 1;
    for database in stores(folder.path()) {
        let arguments = ["ingest", "--database", &database, "--kind", "person", file.to_str().expect("UTF-8")];
        let mut interrupted = 0;
        for pause_ms in [150, 300, 450] {
            let mut child = command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts");
            thread::sleep(Duration::from_millis(pause_ms));
            // Again and again: where a signal is ignored until the program listens, the first may come too early.
            let code = loop {
                if let Some(status) = child.try_wait().expect("it can be asked") {
                    break status.code();
                }
                Command::new("kill").args(["-INT", &child.id().to_string()]).stderr(Stdio::null()).status().expect("kill runs");
                thread::sleep(Duration::from_millis(20));
            };
            assert!(matches!(code, Some(0 | 130)) || code.is_none(), "{code:?}");
            interrupted += u32::from(code != Some(0));
        }
        assert!(interrupted > 0, "at least one import was interrupted");
        ingest(&database, "person", &file, &[]).well();
        assert_eq!(figures(&database, 0)["records"], json!(rows), "each record is there once");
        let verified = jiku(["verify", "--json", "--database", &database]).well().json();
        assert_eq!(verified["clean"], json!(true));
    }
}

#[test]
fn of_two_who_send_one_file_the_slower_is_told_that_the_other_does() {
    let folder = folder();
    for database in stores(folder.path()) {
        let mut overtaken = 0;
        for round in 0..6 {
            let mut rows = String::from("source,source_key,name,birth_date\n");
            for number in 0..6_000 {
                writeln!(rows, "gongan,{round}-{number},欧阳{number},19{:02}-01-{:02}", number % 90 + 10, number % 28 + 1)
                    .expect("a string");
            }
            let file = write(folder.path(), "people.csv", rows);
            let ended = thread::scope(|scope| {
                let both = [(); 2].map(|()| scope.spawn(|| ingest(&database, "person", &file, &[])));
                both.map(|one| one.join().expect("it ends"))
            });
            for ran in ended.iter().filter(|ran| ran.code != 0) {
                ran.refused(6, &["another process ", "nothing is lost or doubled", "tart again to see what came of it", "\"overtaken\""]);
                overtaken += 1;
            }
            assert!(ended.iter().any(|ran| ran.code == 0), "{ended:?}");
            assert_eq!(figures(&database, 0)["records"], json!((round + 1) * 6_000));
            if overtaken > 0 {
                break;
            }
        }
        assert!(overtaken > 0, "two were at it at once");
        jiku(["verify", "--database", &database]).well();
    }
}

#[test]
fn a_mapping_file_says_what_the_columns_mean() {
    let folder = folder();
    let database = made(sqlite_in(folder.path()));
    let file = write(folder.path(), "people.csv", "编号;姓名;出生日期;性别\n7;李娜;19850712;F\n");
    let mapping = "source = \"weijian\"\n[columns]\n\"编号\" = \"source_key\"\n\"姓名\" = \"name\"\n\"出生日期\" = \"birth_date\"\n\"性别\" = \"sex\"\n\
                   [dates]\nbirth_date = \"%Y%m%d\"\n[codes.sex]\nF = \"2\"\n";
    let mapping = write(folder.path(), "weijian.toml", mapping);
    let mapped = ["--mapping", mapping.to_str().expect("UTF-8")];
    ingest(&database, "person", &file, &[]).refused(3, &["too many rows", "编号, 姓名, 出生日期, 性别", "--mapping"]);
    let done = ingest(&database, "person", &file, &mapped).well().json();
    assert_eq!(done[0]["created"], json!(1), "another mapping is another import of the same file: {done}");
    let exported: Value = serde_json::from_str(&exported_in_full(folder.path(), &database)).expect("one person");
    assert_eq!(exported["sources"][0]["source"], json!("weijian"));
    assert_eq!((&exported["values"]["birth_date"], &exported["values"]["sex"]), (&json!("1985-07-12"), &json!("2")), "{exported}");

    let wrong = write(folder.path(), "wrong.toml", "colums = 1\n");
    ingest(&database, "person", &file, &["--mapping", wrong.to_str().expect("UTF-8")]).refused(3, &["wrong.toml", "colums"]);
}
