//! Do other survivorship rules come into use over HTTP, and only by whom and when they may?

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use jiku_registry::Role;
use serde_json::{Value, json};

use super::service::{Caller, Service, identity_number};

const PATH: &str = "/api/v1/survivorship/persons";

fn check(service: &Service) {
    let office = service.caller(&[Role::DataOffice]);
    let source = service.caller(&[Role::Source]);
    let reader = service.caller(&[Role::Reader]);
    let record = |source: &str, phone: &str| json!({ "source": source, "source_key": "1", "name": "张伟", "id_type": "111", "id_number": identity_number("44010619800102001"), "phone": phone });
    source.post("/api/v1/persons/records", &record("weijian", "13800000001")).expect(200);
    let taken = source.post("/api/v1/persons/records", &record("gongan", "13900000002")).expect(200);
    let person = format!("/api/v1/persons/{}?include=provenance", taken["entity"].as_str().expect("an entity"));
    let rule = |caller: &Caller<'_>| {
        let said = caller.get(&person).expect(200);
        let of = &said["provenance"]["phone"];
        (said["values"]["phone"].clone(), of["source"].clone(), of["rule"].clone())
    };
    assert_eq!(rule(&reader), (json!("139****0002"), json!("gongan"), json!("recency")));

    let answer = office.get(PATH);
    let tag = answer.header("etag").to_owned();
    let body = answer.expect(200);
    assert_eq!((tag.as_str(), body["in_use"].as_i64(), body["actor"].as_str()), ("\"person.1\"", Some(1), Some("jiku")));
    let clause = body["rules"].as_array().and_then(|rules| rules.iter().find(|rule| rule["attributes"] == json!(["phone"])));
    assert_eq!(clause.map(|clause| &clause["order"]), Some(&json!(["recency", "trust", "frequency"])));
    let file = office.get(&format!("{PATH}/toml"));
    assert_eq!((file.header("content-type"), file.text.as_str()), ("text/plain; charset=utf-8", body["toml"].as_str().expect("TOML")));
    let toml = file.text.replace(
        "columns = [\"phone\"]\norder = [\"recency\", \"trust\", \"frequency\"]",
        "columns = [\"phone\"]\norder = [\"trust\"]\ntrust = { weijian = 95, gongan = 5, shebao = 1 }",
    );

    let change = json!({ "toml": toml, "comment": "the health office calls them" });
    let preview = office.post(&format!("{PATH}/preview"), &change).expect(200);
    assert_eq!((preview["changed"].as_u64(), preview["looked_at"].as_u64(), preview["version"].as_i64()), (Some(1), Some(1), Some(1)));
    assert_eq!(preview["attributes"], json!([{ "attribute": "phone", "values": 1, "provenance": 0 }]));
    let (now, then) = (&preview["examples"][0]["now"], &preview["examples"][0]["then"]);
    assert_eq!(
        (&now["value"], &then["value"], &then["provenance"]["rule"]),
        (&json!("139****0002"), &json!("138****0001"), &json!("trust"))
    );
    let warned = preview["warnings"][0]["message"].as_str().expect("a warning");
    assert!(warned.starts_with("no department registered a source \"shebao\""), "{warned}");
    let purposeless = office.without_purpose().post(&format!("{PATH}/preview"), &change);
    assert_eq!((purposeless.status, purposeless.problem().as_str()), (400, "purpose-missing"), "it shows people");

    assert_eq!(office.put(PATH, &change).problem(), "precondition-required");
    assert_eq!(office.clone().with("If-Match", "person.1").put(PATH, &change).problem(), "if-match-invalid");
    assert_eq!(office.clone().with("If-Match", "\"person.9\"").put(PATH, &change).problem(), "version-stale");
    for role in [Role::Steward, Role::Reader, Role::Source] {
        assert_eq!(service.caller(&[role]).with("If-Match", &tag).put(PATH, &change).status, 403, "{role}");
    }
    let applied = office.clone().with("If-Match", &tag).put(PATH, &change);
    assert_eq!(applied.header("etag"), "\"person.2\"", "what to send with the next change");
    let applied = applied.expect(200);
    assert_eq!((applied["version"].as_i64(), &applied["digest"]), (Some(2), &preview["digest"]));
    assert_eq!(office.clone().with("If-Match", &tag).put(PATH, &change).status, 412, "another version is in use by now");
    let body = followed(&office);
    assert_eq!((body["version"].as_i64(), body["versions"][0]["changed"].as_u64()), (Some(2), Some(1)));
    assert_eq!((&body["toml"], &body["comment"], &body["decision"]), (&json!(toml), &change["comment"], &applied["decision"]));
    assert_eq!(rule(&reader), (json!("138****0001"), json!("weijian"), json!("trust")));

    for (body, slug) in [
        (json!({}), "required"),
        (json!({ "toml": toml, "version": 1 }), "value-invalid"),
        (json!({ "version": 0.5 }), "value-invalid"),
        (json!({ "toml": 7 }), "type-mismatch"),
        (json!({ "toml": "name = " }), "survivorship-invalid"),
    ] {
        let refused = office.clone().with("If-Match", "\"person.2\"").put(PATH, &body);
        assert_eq!((refused.status, refused.problem().as_str()), (422, slug), "{body}");
    }
    let slips = toml.replace("columns = [\"phone\"]", "columns = [\"phoen\"]").replace("frequency", "frequncy");
    let refused = office.post(&format!("{PATH}/preview"), &json!({ "toml": slips })).expect(422);
    let told: Vec<&str> = refused["errors"].as_array().expect("errors").iter().filter_map(|error| error["advice"].as_str()).collect();
    assert!(told.len() > 2 && told.iter().all(|advice| advice.starts_with("line ")), "{told:?}");
    assert!(told.iter().any(|advice| advice.ends_with("there is no attribute \"phoen\"; did you mean \"phone\"?")), "{told:?}");

    office.clone().with("If-Match", "\"person.2\"").put(PATH, &json!({ "version": 1 })).expect(200);
    followed(&office);
    assert_eq!(rule(&reader), (json!("139****0002"), json!("gongan"), json!("recency")));
    assert_eq!(office.get(&format!("{PATH}?version=2")).expect(200)["toml"], json!(toml), "what was in use is kept");
    let missing = office.get(&format!("{PATH}?version=9"));
    let said = missing.json()["detail"].as_str().unwrap_or_default().to_owned();
    assert!(missing.status == 404 && said.starts_with("there is no such version of the survivorship rules"), "{said}");
    // One limit, whoever sends the file, and no request is too large that holds one of that size.
    let filled = |bytes: usize| format!("{toml}\n#{}", "页".repeat((bytes - toml.len() - 2) / 3));
    office.post(&format!("{PATH}/preview"), &json!({ "toml": filled(256 * 1024) })).expect(200);
    let refused = office.post(&format!("{PATH}/preview"), &json!({ "toml": filled(256 * 1024 + 3) })).expect(422);
    assert!(refused["detail"].as_str().is_some_and(|said| said.ends_with("262144 (256 KiB) at most")), "{refused}");
    let changes = reader.get("/api/v1/changes?after=0").expect(200);
    let events: Vec<_> = changes["changes"].as_array().expect("changes").iter().filter_map(|change| change["event"].as_str()).collect();
    assert_eq!(events, ["created", "updated", "rules-changed", "updated", "rules-changed", "updated"]);
    let put = &changes["changes"][2];
    assert!(put.get("entity").is_none() && put.get("version").is_none(), "rules are of nobody in particular: {put}");
    assert_eq!(told_by_the_stream(service, &reader, put["position"].as_i64().expect("a position")), *put);
}

/// The change at a position, as somebody hears it who follows.
fn told_by_the_stream(service: &Service, caller: &Caller<'_>, position: i64) -> Value {
    let mut socket = TcpStream::connect(service.address()).expect("a connection");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    let after = position - 1;
    write!(socket, "GET /api/v1/changes/stream?after={after} HTTP/1.1\r\nHost: localhost\r\n{}\r\n\r\n", caller.head()).expect("sent");
    let mut lines = BufReader::new(socket).lines().map(|line| line.expect("a line"));
    let data = lines.find_map(|line| line.strip_prefix("data: ").map(str::to_owned)).expect("an event");
    serde_json::from_str(&data).expect("JSON")
}

/// The rules in use, when every golden record follows them.
fn followed(caller: &Caller<'_>) -> Value {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let body = caller.get(PATH).expect(200);
        if body.get("composing").is_none() {
            return body;
        }
        assert!(Instant::now() < until, "golden records are still being composed");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn rules_are_previewed_applied_once_and_taken_back() {
    check(&Service::sqlite());
}

#[test]
fn rules_are_previewed_applied_once_and_taken_back_on_postgres() {
    if let Some(service) = Service::postgres() {
        check(&service);
    }
}
