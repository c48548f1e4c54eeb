//! What is told when the storage under the database fails, or does not confirm?

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use jiku_registry::{Options, Role};
use jiku_tests::postgres;
use serde_json::{Value, json};

use super::service::Service;

fn person(key: &str) -> Value {
    json!({ "source": "gongan", "source_key": key, "name": "赵钱孙", "birth_date": "1980-04-06", "phone": "13800138000" })
}

/// The later half of the pages, where the rows are, as a disk gives them back that lost them.
fn lose_pages(file: &Path) {
    let mut bytes = fs::read(file).expect("the database");
    let page = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
    let half = bytes.len() / page / 2 * page;
    bytes[half..].fill(0xff);
    fs::write(file, bytes).expect("written");
}

#[test]
fn a_disk_that_fails_is_no_bug_of_ours_and_one_that_is_back_needs_no_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("base.db");
    let options = || Options::new(format!("sqlite://{}", file.display()));
    let key = {
        let service = Service::over(options(), None);
        let caller = service.caller(&[Role::Source, Role::Reader]);
        let rows: Vec<String> = (0..600).map(|number| person(&number.to_string()).to_string()).collect();
        let sent =
            caller.clone().with("Content-Type", "application/x-ndjson").send("POST", "/api/v1/persons/records", rows.join("\n").as_bytes());
        assert_eq!(sent.status, 202);
        caller.key()
    };
    let service = Service::over(options(), None);
    let caller = service.stranger().with("Authorization", &format!("Bearer {key}")).with("Purpose-Of-Use", "test");
    let ask = |number: usize| caller.get(&format!("/api/v1/sources/gongan/persons/{number}"));
    let whole = fs::read(&file).expect("the database");
    lose_pages(&file);
    let mut failed = 0;
    for number in (0..600).step_by(10) {
        let answer = ask(number);
        if answer.status == 200 {
            continue;
        }
        assert_eq!((answer.status, answer.header("retry-after")), (503, "1"), "{}", answer.text);
        assert!(["storage-failed", "audit-unavailable"].contains(&answer.problem().as_str()), "{}", answer.text);
        assert!(!answer.text.contains('赵') && !answer.text.contains("malformed"), "{}", answer.text);
        failed += 1;
    }
    assert!(failed > 20, "{failed} of 60 met a lost page");
    fs::write(&file, whole).expect("written");
    for number in (0..600).step_by(10) {
        ask(number).expect(200);
    }
    caller.post("/api/v1/persons/records", &person("new")).expect(200);
}

#[test]
fn a_request_by_key_that_was_not_confirmed_is_held_back_and_then_done_anew() {
    let Some(url) = postgres::database() else { return };
    let service = Service::over(Options::new(url.clone()), None);
    let caller = service.caller(&[Role::Source, Role::Reader]).with("Idempotency-Key", "k1");
    caller.clone().without("Idempotency-Key").post("/api/v1/persons/records", &person("0")).expect(200);
    // As when a synchronous standby is lost: no timeout of the database ends the wait at a commit.
    postgres::run(
        &url,
        "CREATE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(9); RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON change_log DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_at_commit();",
    );
    let told = caller.post("/api/v1/persons/records", &person("1"));
    assert_eq!((told.status, told.problem().as_str()), (503, "commit-unconfirmed"), "{}", told.text);
    let begun = Instant::now();
    while caller.get("/api/v1/sources/gongan/persons/1").status != 200 {
        assert!(begun.elapsed() < Duration::from_secs(60), "it is done in the end");
        std::thread::sleep(Duration::from_millis(200));
    }
    postgres::run(&url, "DROP TRIGGER waits ON change_log; DROP FUNCTION wait_at_commit()");
    let held = caller.post("/api/v1/persons/records", &person("1"));
    assert_eq!((held.status, held.problem().as_str()), (409, "request-running"), "{}", held.text);
    let seconds: u64 = held.header("retry-after").parse().expect("seconds");
    assert!((1..=301).contains(&seconds), "{seconds}");
    let other = caller.post("/api/v1/persons/records", &person("2"));
    assert_eq!((other.status, other.problem().as_str()), (422, "idempotency-key-reused"));
    // Five minutes later.
    postgres::run(&url, "UPDATE idempotency_key SET at = at - interval '301 seconds'");
    let again = caller.post("/api/v1/persons/records", &person("1")).expect(200);
    assert_eq!((&again["status"], &again["revision"]), (&json!("unchanged"), &json!(1)), "it had been done, once: {again}");
    assert_eq!(caller.post("/api/v1/persons/records", &person("1")).text, again.to_string(), "and now the answer is kept");
}
