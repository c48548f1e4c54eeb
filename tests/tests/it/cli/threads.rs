//! Do the threads of long questions step back behind all others, and only those?

use std::collections::BTreeMap;
use std::fs;

use jiku_tests::command::{Serving, jiku};
use jiku_tests::http::Caller;
use serde_json::json;

use super::{folder, stores};

/// How far each thread of a process steps back: its `nice`, the nineteenth field of proc_pid_stat(5), by name.
fn steps_back(process: u32) -> BTreeMap<String, Vec<i32>> {
    let mut found: BTreeMap<String, Vec<i32>> = BTreeMap::new();
    for thread in fs::read_dir(format!("/proc/{process}/task")).expect("its threads") {
        // A thread that ended meanwhile says nothing.
        let Ok(stat) = fs::read_to_string(thread.expect("a thread").path().join("stat")) else { continue };
        let (head, rest) = stat.rsplit_once(") ").expect("a name in brackets");
        let name = head.split_once('(').expect("a name in brackets").1.to_owned();
        let nice = rest.split(' ').nth(16).expect("a field").parse().expect("a number");
        found.entry(name).or_default().push(nice);
    }
    found
}

#[test]
fn threads_of_long_questions_step_back_and_those_they_start_do_not() {
    let folder = folder();
    for database in stores(folder.path()) {
        let key = jiku(
            ["key", "--database", &database, "create", "tester", "--department", "test"]
                .into_iter()
                .chain(["--role", "source", "--role", "reader", "--source", "gongan"]),
        );
        let key = key.well().out;
        let server = Serving::on(&database);
        let caller = Caller::new(server.address(), key.trim());
        let post = |path: &str, body: &serde_json::Value| {
            let answer = caller.post(path, "application/json", &body.to_string()).expect("an answer");
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        };
        post("/api/v1/persons/records", &json!({ "source": "gongan", "source_key": "1", "name": "欧阳明", "birth_date": "1990-02-01" }));
        for _ in 0..20 {
            post("/api/v1/persons/search", &json!({ "name": "欧阳明" }));
        }
        post("/api/v1/parcels/query", &json!({ "bbox": [113.0, 23.0, 113.1, 23.1] }));
        let found = steps_back(server.process());
        let own = found["jiku"][0];
        let (behind, others): (Vec<_>, Vec<_>) = found.iter().partition(|(name, _)| name.as_str() == "jiku-behind");
        assert!(behind.iter().any(|(_, nice)| nice.iter().all(|nice| *nice == (own + 5).min(19))), "{found:?}");
        assert!(others.iter().all(|(_, nice)| nice.iter().all(|nice| *nice == own)), "{found:?}");
    }
}
