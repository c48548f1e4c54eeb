//! Is everything that was acknowledged there, once, after SIGKILL at any moment?
//!
//! A real server is killed again and again while a client sends records and writes down which were acknowledged. The
//! ledger is the client's own: it knows only what the answers said. `JIKU_CRASH_KILLS` and `JIKU_CRASH_SEED` set the
//! number of kills on each store and the moments; `just crash 1000` is the long run.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use jiku_model::Kind;
use jiku_store::{JobFilter, Store};
use jiku_synth::{Province, Settings, SynthRecord};
use jiku_tests::command::{Serving, command, jiku};
use jiku_tests::http::Caller;
use jiku_tests::long::{Numbers, setting};
use serde_json::{Value, json};

use super::{folder, stores};

const BATCH: usize = 8;

fn line(record: &SynthRecord) -> String {
    let mut body = record.raw();
    body.insert("source".to_owned(), record.source.into());
    body.insert("source_key".to_owned(), record.source_key.clone().into());
    Value::Object(body).to_string()
}

/// Sends batches from `from` on until the server dies, and says how many records were acknowledged.
fn send(caller: &Caller, records: &[SynthRecord], ledger: &mut BTreeSet<String>, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) && ledger.len() < records.len() {
        let end = records.len().min(ledger.len() + BATCH);
        let batch = &records[ledger.len()..end];
        let body: String = batch.iter().map(|record| line(record) + "\n").collect();
        let Ok(answer) = caller.post("/api/v1/persons/records", "application/x-ndjson", &body) else { return };
        assert!((200..300).contains(&answer.status), "{} {}", answer.status, answer.body);
        for (row, record) in answer.body["rows"].as_array().expect("a report on each row").iter().zip(batch) {
            assert_eq!(row["source_key"], json!(record.source_key), "rows are reported in order");
            // A retry of a batch whose answer was lost finds it unchanged.
            assert!(matches!(row["status"].as_str(), Some("created" | "unchanged")), "{row}");
            ledger.insert(record.source_key.clone());
        }
    }
}

fn check(database: &str, kills: u64, seed: u64) {
    let mut random = Numbers::new(seed);
    let people = 200 + 40 * kills;
    // One source, so that the source key alone names a record; nothing of its records is refused.
    let settings = Settings { sources: vec!["gongan".to_owned()], ..Settings::new(seed, people, 0, 0) };
    let records: Vec<SynthRecord> = Province::new(settings).filter(|record| record.kind == Kind::Person).collect();
    let key = jiku([
        "key",
        "--database",
        database,
        "create",
        "tester",
        "--department",
        "test",
        "--role",
        "source",
        "--role",
        "reader",
        "--source",
        "*",
    ])
    .well()
    .out;
    let key = key.trim();

    let mut ledger = BTreeSet::new();
    for _ in 0..kills {
        let server = Serving::on(database);
        let caller = Caller::new(server.address(), key);
        let dead = AtomicBool::new(false);
        thread::scope(|scope| {
            let sender = scope.spawn(|| send(&caller, &records, &mut ledger, &dead));
            thread::sleep(Duration::from_millis(20 + random.draw() % 600));
            server.kill();
            dead.store(true, Ordering::Relaxed);
            sender.join().expect("the client does not fail");
        });
    }
    let server = Serving::on(database);
    let caller = Caller::new(server.address(), key);
    send(&caller, &records, &mut ledger, &AtomicBool::new(false));
    assert_eq!(ledger.len(), records.len(), "the rest goes in when nobody kills");

    for record in &records {
        let answer = caller.get(&format!("/api/v1/sources/{}/persons/{}", record.source, record.source_key)).expect("an answer");
        assert_eq!((answer.status, &answer.body["revision"]), (200, &json!(1)), "{} {}", record.source_key, answer.body);
    }
    assert_eq!(server.terminate(), 0, "SIGTERM ends in good order");
    let figures = jiku(["quality", "--json", "--database", database]).well().json();
    assert_eq!(figures["kinds"][0]["records"], json!(records.len()), "each is there once");
    let verified = jiku(["verify", "--json", "--database", database]).well().json();
    assert_eq!(verified["clean"], json!(true));
}

#[test]
fn after_kills_every_acknowledged_record_is_there_once() {
    let (kills, seed) = (setting("JIKU_CRASH_KILLS", 6), setting("JIKU_CRASH_SEED", 1));
    let folder = folder();
    for database in stores(folder.path()) {
        check(&database, kills, seed);
    }
}

/// How many rows the file's import has counted so far.
fn counted(store: &Store) -> i64 {
    let jobs = store.read(|reader| reader.jobs(&JobFilter::default(), None, 10)).expect("jobs");
    jobs.iter().map(|job| job.line).max().unwrap_or(0)
}

#[test]
fn an_import_that_is_killed_again_and_again_counts_each_row_as_what_it_was() {
    let folder = folder();
    for (number, database) in stores(folder.path()).into_iter().enumerate() {
        let mut random = Numbers::new(7);
        let (rows, doubled) = (9_000, 40);
        let mut text = String::from("source,source_key,name,birth_date\n");
        for row in 0..rows {
            text.push_str(&format!("gongan,{row},王小{},19{:02}-{:02}-{:02}\n", row % 97, row % 90 + 10, row % 12 + 1, row % 28 + 1));
            // Now and then a key comes twice: its second row is a revision.
            if row % (rows / doubled) == 0 {
                text.push_str(&format!("gongan,{row},李小{},19{:02}-{:02}-{:02}\n", row % 97, row % 90 + 10, row % 12 + 1, row % 28 + 1));
            }
        }
        let file = folder.path().join(format!("people-{number}.csv"));
        std::fs::write(&file, text).expect("a file");
        let arguments = ["ingest", "--json", "--database", &database, "--kind", "person", file.to_str().expect("UTF-8")];
        let store = Store::open(&database).expect("the base opens");
        for _ in 0..4 {
            let before = counted(&store);
            let mut child =
                command(arguments).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().expect("it starts");
            while counted(&store) == before && child.try_wait().expect("it is asked").is_none() {
                thread::sleep(Duration::from_millis(5));
            }
            thread::sleep(Duration::from_millis(random.draw() % 150));
            // It may have come to its end.
            let _ = child.kill();
            child.wait().expect("it ends");
        }
        let done = jiku(arguments).well().json()[0].clone();
        let told = ["rows", "created", "revised", "unchanged", "rejected"].map(|figure| done[figure].as_u64());
        assert_eq!(told, [Some(rows + doubled), Some(rows), Some(doubled), Some(0), Some(0)], "{done}");
    }
}

/// A file of people of whom some rows cannot be read, some are refused and some flagged.
fn with_bad_rows(rows: u64) -> String {
    let mut text = String::from("source,source_key,name,birth_date\n");
    for row in 0..rows {
        let key = if row % 53 == 7 { String::new() } else { row.to_string() };
        let mark = if row % 61 == 3 { "\u{200b}" } else { "" };
        let born =
            if row % 59 == 5 { "1990-02-30".to_owned() } else { format!("19{:02}-{:02}-{:02}", row % 90 + 10, row % 12 + 1, row % 28 + 1) };
        let ragged = if row % 67 == 11 { ",and,more" } else { "" };
        text.push_str(&format!("gongan,{key},王{mark}小{},{born}{ragged}\n", row % 97));
    }
    text
}

#[test]
fn the_report_of_an_import_that_is_killed_tells_every_row_once() {
    let folder = folder();
    let file = folder.path().join("people.csv");
    std::fs::write(&file, with_bad_rows(9_000)).expect("a file");
    let report = folder.path().join("report.ndjson");
    let arguments = |database: &str| {
        let [file, report] = [&file, &report].map(|path| path.to_str().expect("UTF-8").to_owned());
        ["ingest", "--database", database, "--kind", "person", &file, "--report", &report].map(str::to_owned)
    };
    let told = || {
        let text = std::fs::read_to_string(&report).expect("a report");
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    for (number, database) in stores(folder.path()).into_iter().enumerate() {
        // What a run tells that nobody disturbs.
        let undisturbed =
            jiku_tests::command::made(format!("sqlite://{}", folder.path().join(format!("undisturbed-{number}.db")).display()));
        jiku(arguments(&undisturbed)).well();
        let expected = told();
        assert!(expected.len() > 400, "rows of every sort: {}", expected.len());
        std::fs::remove_file(&report).expect("it was there");

        let store = Store::open(&database).expect("the base opens");
        let mut random = Numbers::new(11);
        for _ in 0..3 {
            let before = counted(&store);
            let mut child = command(arguments(&database))
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()
                .expect("it starts");
            while counted(&store) == before && child.try_wait().expect("it is asked").is_none() {
                thread::sleep(Duration::from_millis(5));
            }
            thread::sleep(Duration::from_millis(random.draw() % 100));
            // It may have come to its end.
            let _ = child.kill();
            child.wait().expect("it ends");
        }
        jiku(arguments(&database)).well();
        assert_eq!(told(), expected);
        // Whoever lost it has it again.
        std::fs::remove_file(&report).expect("it was there");
        jiku(arguments(&database)).well();
        assert_eq!(told(), expected);
    }
}
