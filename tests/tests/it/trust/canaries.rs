//! Is anything of a person told beside the answers: in the log, the figures, exports, or by the commands?
//!
//! Invented people whose values occur nowhere else (canaries) go in, rightly and wrongly; everything that is told beside the answers is
//! searched for them.

use std::fs;

use jiku_tests::command::{Serving, jiku};
use jiku_tests::http::Caller;
use jiku_tests::long::setting;
use jiku_tests::stores::Database;
use serde_json::{Value, json};

use crate::web::service::identity_number;

jiku_tests::on_both_stores! {
    the_log_the_figures_and_exports_tell_nothing_of_a_person;
}

/// S9 and S25 in docs/reliability.md: by hand as many as `JIKU_CANARIES` says.
fn planted_count() -> u32 {
    u32::try_from(setting("JIKU_CANARIES", 40)).expect("small")
}

/// Name, identity number, telephone and address of somebody.
fn planted(index: u32) -> [String; 4] {
    let given: String = [0x7b00 + index, 0x7c00 + index].into_iter().filter_map(char::from_u32).collect();
    [
        format!("澹台{given}"),
        identity_number(&format!("4401061949{:02}{:02}{:03}", index % 12 + 1, index % 28 + 1, (300 + index) % 1000)),
        format!("1367532{index:04}"),
        format!("广东省广州市天河区画眉路{}号", 6000 + index),
    ]
}

/// Asks for somebody in every way, also in those that are refused.
fn asked_for(caller: &Caller, index: u32) {
    let [name, number, phone, address] = planted(index);
    let post = |path: &str, body: &Value| caller.post(path, "application/json", &body.to_string()).expect("an answer");
    let key = format!("k{index}");
    let fields = json!({ "name": name, "id_number": number, "phone": phone, "address": address });
    let mut record = json!({ "source": "gongan", "source_key": key });
    record.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    let taken = post("/api/v1/persons/records", &record);
    assert_eq!(taken.status, 200, "{}", taken.body);
    let id = taken.body["entity"].as_str().expect("an entity").to_owned();
    // Values in columns that are not theirs, an unknown source, and a body that breaks off.
    for (column, value) in [("birth_date", &phone), ("id_number", &address), ("sex", &name), ("nothing", &number), ("source", &name)] {
        let mut wrong = record.clone();
        wrong["source_key"] = json!(format!("{key}-{column}"));
        wrong[column] = json!(value);
        assert!(post("/api/v1/persons/records", &wrong).status < 500, "{column}");
    }
    let broken = record.to_string().replace('}', "");
    assert_eq!(caller.post("/api/v1/persons/records", "application/json", &broken).expect("an answer").status, 400);
    let stream = format!("{record}\n{{\"name\":\"{name}\",\"id_number\":\"{number}\" broken\n");
    caller.post("/api/v1/persons/records", "application/x-ndjson", &stream).expect("an answer");
    assert_eq!(post("/api/v1/persons/resolve", &fields).status, 200);
    assert_eq!(post("/api/v1/persons/search", &json!({ "number": number })).status, 200);
    assert_eq!(post("/api/v1/persons/search", &json!({ "name": name })).status, 200);
    post("/api/v1/persons/exists", &json!({ "record": fields }));
    for path in [
        format!("/api/v1/persons/{id}"),
        format!("/api/v1/sources/gongan/persons/{key}"),
        // Where nothing of a person belongs.
        format!("/api/v1/persons/{number}"),
        format!("/api/v1/sources/gongan/persons/{number}"),
        format!("/api/v1/stats?q={number}"),
        format!("/persons/{phone}"),
    ] {
        assert!(caller.get(&path).expect("an answer").status < 500, "{path}");
    }
}

fn the_log_the_figures_and_exports_tell_nothing_of_a_person(database: &Database) {
    let base = ["--database", database.url()];
    let roles = ["--role", "source", "--role", "reader", "--source", "gongan"];
    jiku(["migrate", "--database", database.url()]).well();
    let key = jiku([&["key"], &base[..], &["create", "tester", "--department", "test"], &roles].concat()).well().out;
    let log = database.folder().join("log");
    let server = Serving::telling_everything(database.url(), &log);
    let caller = Caller::new(server.address(), key.trim());
    (0..planted_count()).for_each(|index| asked_for(&caller, index));
    let figures = ureq::get(format!("{}/metrics", server.address())).call().expect("figures").into_body().read_to_string().expect("text");
    assert_eq!(server.terminate(), 0);
    let log = fs::read_to_string(log).expect("a log");
    let exported = jiku([&["-vv", "export"], &base[..], &["--kind", "person"]].concat()).well();
    let verified = jiku([&["-vv", "verify", "--json"], &base[..]].concat()).well();
    // What is searched is what it should be.
    assert!(log.contains("so many connections may be open at once") && figures.contains("jiku_entities{kind=\"person\"}"), "{log}");
    assert!(exported.out.lines().count() >= planted_count() as usize && exported.out.contains("澹台**"), "{}", exported.out);
    let told = [
        ("log", &log),
        ("figures", &figures),
        ("export", &exported.out),
        ("log of the export", &exported.err),
        ("verify", &verified.out),
        ("log of verify", &verified.err),
    ];
    let percent = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    for index in 0..planted_count() {
        for value in planted(index) {
            // An address is shown down to its district.
            let value = value.strip_prefix("广东省广州市天河区").unwrap_or(&value).to_owned();
            for (what, text) in told {
                assert!(!text.contains(&value) && !text.contains(&percent(&value)), "the {what} tells {value}");
            }
        }
    }
}
