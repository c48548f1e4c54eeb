//! One record's life through the API, on both databases: sent, resolved, found, judged, merged, taken apart, corrected,
//! withdrawn, and every step in the change feed.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use jiku_registry::Role;
use serde_json::{Value, json};

use super::service::{Caller, Service, identity_number};

#[test]
fn one_records_life_on_sqlite() {
    life(&Service::sqlite());
}

#[test]
fn one_records_life_on_postgres() {
    if let Some(service) = Service::postgres() {
        life(&service);
    }
}

fn id_of(answer: &Value) -> String {
    answer["entity"].as_str().expect("an entity").to_owned()
}

fn life(service: &Service) {
    let caller = service.caller(&[Role::Source, Role::Steward, Role::Reader, Role::DataOffice]);
    let number = identity_number("11010119900307003");
    let first = json!({ "source": "gongan", "source_key": "1", "name": "张伟", "id_number": number, "birth_date": "1990-03-07", "phone": "13800138000" });
    let second = json!({ "source": "weijian", "source_key": "W-1/9", "name": "张伟", "id_number": number, "birth_date": "1990-03-07", "address": "广州市天河区天河路100号" });
    let created = caller.post("/api/v1/persons/records", &first).expect(200);
    assert_eq!((created["status"].as_str(), created["decision"].as_str()), (Some("created"), Some("new")));
    let linked = caller.post("/api/v1/persons/records", &second).expect(200);
    assert_eq!((linked["decision"].as_str(), id_of(&linked)), (Some("linked"), id_of(&created)));
    assert_eq!(caller.post("/api/v1/persons/records", &second).expect(200)["status"], "unchanged");
    let person = id_of(&created);

    // Who is this?
    let asked = json!({ "name": "张伟", "id_number": number });
    let resolved = caller.post("/api/v1/persons/resolve?explain=true&limit=5", &asked).expect(200);
    assert_eq!((resolved["decision"].as_str(), resolved["candidates"][0]["id"].as_str()), (Some("match"), Some(person.as_str())));
    assert!(resolved["candidates"][0]["explanation"]["lines"].as_array().is_some_and(|lines| !lines.is_empty()));
    assert_eq!(resolved["candidates"][0]["golden"]["values"]["name"], "张*");
    assert_eq!(
        caller.post("/api/v1/persons/resolve", &json!({ "name": "独孤求败", "birth_date": "1955-05-05" })).expect(200)["decision"],
        "none"
    );

    // By id, by outside name, by search.
    let path = format!("/api/v1/persons/{person}");
    let golden = caller.get(&path);
    let tag = golden.header("etag").to_owned();
    let golden = golden.expect(200);
    assert_eq!((golden["values"]["phone"].as_str(), golden["member_count"].as_u64()), (Some("138****8000"), Some(2)));
    assert!(golden["provenance"].is_null() && golden["sources"].is_null());
    assert_eq!(caller.clone().with("If-None-Match", &tag).get(&path).status, 304);
    let whole = caller.get(&format!("{path}?include=sources,provenance,history,relationships,parcels")).expect(200);
    assert_eq!(whole["provenance"]["phone"]["source"], "gongan");
    assert_eq!(whole["sources"].as_array().map(Vec::len), Some(2));
    let before = whole["history"][1]["recorded_from"].as_str().expect("a moment").replace('+', "%2B");
    assert_eq!(caller.get(&format!("{path}?as_of={before}")).expect(200)["version"], 1);
    assert_eq!(caller.get("/api/v1/sources/weijian/persons/W-1%2F9").expect(200)["entity"], person.as_str());
    for query in [
        json!({ "name": "张伟" }),
        json!({ "pinyin": "zhangwei" }),
        json!({ "number": number }),
        json!({ "phone": "13800138000", "birth_date": "1990-03-07" }),
    ] {
        let found = caller.post("/api/v1/persons/search", &query).expect(200);
        assert_eq!(found["items"][0]["id"], person.as_str(), "{query}: {found}");
    }
    let explained = caller.get(&format!("{path}/explain?with={person}")).expect(200);
    assert_eq!(explained["pairs"].as_array().map(Vec::len), Some(1), "{explained}");
    assert_eq!(caller.get(&format!("{path}/versions")).expect(200)["versions"].as_array().map(Vec::len), Some(2));

    let reads = service.caller(&[Role::Auditor]).get(&format!("{path}/access")).expect(200);
    let actions: Vec<&str> = reads["reads"].as_array().expect("reads").iter().filter_map(|read| read["action"].as_str()).collect();
    for action in ["resolve", "find", "search", "crosswalk", "versions", "explain"] {
        assert!(actions.contains(&action), "{action} leaves a trace: {actions:?}");
    }
    assert!(!reads.to_string().contains("张伟"), "a trace names no value");

    let other = merge_and_undo(&caller, &person);
    judge(&caller);
    override_and_release(&caller, &path);
    withdraw(&caller, &other);
    follow(service, &caller);
}

/// Merges another person in and takes the merge back; gives that other person.
fn merge_and_undo(caller: &Caller<'_>, person: &str) -> String {
    let third = json!({ "source": "gongan", "source_key": "3", "name": "欧阳修", "birth_date": "1971-07-21" });
    let other = id_of(&caller.post("/api/v1/persons/records", &third).expect(200));
    let body = json!({ "entities": [person, other], "comment": "the same man" });
    let preview = caller.post("/api/v1/persons/merge?dry_run=true", &body).expect(200);
    assert!(preview["decision"].is_null() && preview["dry_run"] == true);
    assert_eq!(preview["before"].as_array().map(Vec::len), Some(2));
    let done =
        caller.clone().with("If-Match", preview["if_match"].as_str().expect("tags")).post("/api/v1/persons/merge", &body).expect(200);
    assert_eq!(done["redirects"], json!([{ "from": other, "to": person }]), "the larger and older id survives");
    let moved = caller.get(&format!("/api/v1/persons/{other}"));
    assert_eq!((moved.status, moved.header("location")), (307, format!("/api/v1/persons/{person}").as_str()));
    assert_eq!(caller.get(&format!("/api/v1/persons/{person}/decisions")).expect(200)["decisions"][0]["action"], "merge");
    let undo = json!({ "decision": done["decision"] });
    let preview = caller.post("/api/v1/persons/unmerge?dry_run=true", &undo).expect(200);
    caller.clone().with("If-Match", preview["if_match"].as_str().expect("tags")).post("/api/v1/persons/unmerge", &undo).expect(200);
    assert_eq!(caller.get(&format!("/api/v1/persons/{other}?unmask=true")).expect(200)["values"]["name"], "欧阳修");
    other
}

/// A steward answers a task.
fn judge(caller: &Caller<'_>) {
    for (key, source, date) in [("21", "gongan", "1988-08-18"), ("22", "weijian", "1988-08-19")] {
        let body = json!({ "source": source, "source_key": key, "name": "慕容复", "birth_date": date });
        caller.post("/api/v1/persons/records", &body).expect(200);
    }
    let tasks = caller.get("/api/v1/reviews?kind=person&limit=10").expect(200);
    let Some(task) = tasks["items"].as_array().expect("tasks").first() else {
        panic!("nearly the same people wait for a steward: {tasks}")
    };
    let path = format!("/api/v1/reviews/{}", task["id"].as_str().expect("an id"));
    let seen = caller.get(&path);
    let tag = seen.header("etag").to_owned();
    let seen = seen.expect(200);
    assert_eq!(seen["if_match"], tag.as_str());
    assert!(seen["explanation"]["lines"].is_array());
    let verdict = json!({ "verdict": "negative", "comment": "cousins" });
    assert_eq!(caller.post(&format!("{path}/judgement"), &verdict).problem(), "precondition-required");
    assert_eq!(
        caller.clone().with("If-Match", &tag).post(&format!("{path}/judgement"), &json!({ "verdict": "perhaps" })).problem(),
        "value-invalid"
    );
    let keyed = caller.clone().with("If-Match", &tag).with("Idempotency-Key", "judge-1");
    let look = caller.post(&format!("{path}/judgement?dry_run=true"), &verdict).expect(200);
    assert!(look["dry_run"] == true && look["decision"].is_null() && look["if_match"] == tag.as_str(), "{look}");
    assert_eq!(caller.get(&path).expect(200)["state"], "open", "a look decides nothing");
    let decided = keyed.post(&format!("{path}/judgement"), &verdict).expect(200);
    assert_eq!(keyed.post(&format!("{path}/judgement"), &verdict).expect(200), decided, "sent again, answered again");
    assert_eq!(caller.get(&path).expect(200)["state"], "decided");
    assert_eq!(caller.get("/api/v1/reviews?kind=person").expect(200)["items"], json!([]));
}

fn override_and_release(caller: &Caller<'_>, path: &str) {
    let value = json!({ "value": "13700137000", "reason": "he called" });
    let with_tag = || caller.clone().with("If-Match", caller.get(path).header("etag"));
    assert_eq!(caller.put(&format!("{path}/overrides/phone"), &value).problem(), "precondition-required");
    // A look at it says what it would bring, needs no reason, and writes nothing.
    let before = caller.get(path).expect(200);
    let looked = caller.put(&format!("{path}/overrides/phone?dry_run=true"), &json!({ "value": "13700137000" })).expect(200);
    let told = |image: &Value| (image["values"]["phone"].clone(), image["version"].as_i64().expect("a version"));
    let (old, new) = (told(&looked["before"][0]), told(&looked["after"][0]));
    assert_eq!((old.0, new.0, new.1 - old.1), (json!("138****8000"), json!("137****7000"), 1));
    assert_eq!((&looked["dry_run"], looked.get("decision"), &caller.get(path).expect(200)), (&json!(true), None, &before));
    let other = format!("\"{}.1\"", "0190a7a0-0000-7000-8000-000000000001");
    let of_another = caller.clone().with("If-Match", &other).put(&format!("{path}/overrides/phone"), &value);
    assert_eq!(of_another.problem(), "precondition-required", "the tag of another entity is none of this one");
    let tag = looked["if_match"].as_str().expect("what to send back");
    let done = caller.clone().with("If-Match", tag).put(&format!("{path}/overrides/phone"), &value).expect(200);
    assert_eq!((&done["after"], done["decision"].is_string()), (&looked["after"], true), "exactly what was shown");
    let same = caller.put(&format!("{path}/overrides/phone?dry_run=true"), &json!({ "value": "13700137000" })).expect(200);
    assert_eq!((&same["before"], same["after"][0]["values"]["phone"].as_str()), (&done["after"], Some("137****7000")));
    let let_go = caller.post(&format!("{path}/overrides/phone/release?dry_run=true"), &json!({})).expect(200);
    assert_eq!(let_go["after"][0]["values"]["phone"], "138****8000");
    let set = caller.get(&format!("{path}?include=provenance")).expect(200);
    assert_eq!((set["values"]["phone"].as_str(), set["provenance"]["phone"]["rule"].as_str()), (Some("137****7000"), Some("override")));
    assert_eq!(caller.get(&format!("{path}/overrides")).expect(200)["overrides"][0]["reason"], "he called");
    with_tag().post(&format!("{path}/overrides/phone/release"), &json!({ "reason": "an error" })).expect(200);
    assert_eq!(caller.get(path).expect(200)["values"]["phone"], "138****8000");
}

fn withdraw(caller: &Caller<'_>, other: &str) {
    let record = "/api/v1/sources/gongan/persons/3";
    assert_eq!(caller.send("DELETE", record, b"").expect(200)["status"], "withdrawn");
    assert_eq!(caller.send("DELETE", record, b"").expect(200)["status"], "unchanged");
    let gone = caller.get(&format!("/api/v1/persons/{other}"));
    assert_eq!((gone.status, gone.problem().as_str()), (410, "retired"));
    assert!(gone.json()["retired_since"].is_string());
    assert_eq!(caller.get(record).expect(200)["withdrawn"], true);
}

/// The change feed has no holes but the acts of administrators, which the auditor is told, and the stream tells what the list tells.
fn follow(service: &Service, caller: &Caller<'_>) {
    let mut positions = Vec::new();
    let mut after = 0;
    loop {
        let page = caller.get(&format!("/api/v1/changes?after={after}&limit=4")).expect(200);
        let changes = page["changes"].as_array().expect("changes").clone();
        if changes.is_empty() {
            break;
        }
        positions.extend(changes.iter().map(|change| change["position"].as_i64().expect("a position")));
        after = page["next_after"].as_i64().expect("a position");
    }
    for path in ["changes", "changes/stream"] {
        let ahead = caller.get(&format!("/api/v1/{path}?after=999999999"));
        assert_eq!((ahead.status, ahead.problem().as_str()), (400, "parameter-invalid"), "{path}");
        assert!(ahead.json()["detail"].as_str().is_some_and(|detail| detail.contains(&format!("the newest is {after}"))), "{ahead:?}");
    }
    // Whose record it was is told to who may read records, of people with a purpose.
    let keys = |caller: &Caller<'_>| {
        let page = caller.get("/api/v1/changes?limit=1000").expect(200);
        let changes = page["changes"].as_array().expect("changes").clone();
        changes
            .iter()
            .filter(|change| change["kind"] == "person")
            .filter_map(|change| change["records"].as_array().map(Vec::len))
            .sum::<usize>()
    };
    assert!(keys(caller) > 0);
    assert_eq!((keys(&caller.without_purpose()), keys(&service.caller(&[Role::SystemAdmin]))), (0, 0));
    let acts = service.caller(&[Role::Auditor]).get("/api/v1/administration").expect(200);
    let last = *positions.last().expect("a change");
    let acts = acts["items"].as_array().expect("items").iter().filter_map(|act| act["position"].as_i64());
    let mut all: Vec<i64> = positions.iter().copied().chain(acts.filter(|position| *position < last)).collect();
    all.sort_unstable();
    assert!(positions.len() > 8 && all.iter().copied().eq(1..=last), "{positions:?} {all:?}");

    let mut socket = TcpStream::connect(service.address()).expect("a connection");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    let [.., start, next, last] = positions[..] else { panic!("{positions:?}") };
    write!(socket, "GET /api/v1/changes/stream?after=1 HTTP/1.1\r\nHost: localhost\r\n{}\r\nLast-Event-ID: {start}\r\n\r\n", caller.head())
        .expect("sent");
    let mut lines = BufReader::new(socket).lines().map(|line| line.expect("a line"));
    let mut next_id =
        || lines.by_ref().find_map(|line| line.strip_prefix("id: ").map(|id| id.parse::<i64>().expect("a position"))).expect("an event");
    assert_eq!((next_id(), next_id()), (next, last), "a client that reconnects goes on where it was");
    let body = json!({ "source": "gongan", "source_key": "99", "name": "东方不败", "birth_date": "1966-06-06" });
    caller.post("/api/v1/persons/records", &body).expect(200);
    assert!(next_id() > last, "a change arrives as it happens");
}

#[test]
fn parcels_are_found_by_place_holder_and_code() {
    let service = Service::sqlite();
    let caller = service.caller(&[Role::Source, Role::Reader]);
    let square = |west: f64, south: f64| {
        let (east, north) = (west + 0.001, south + 0.001);
        json!({ "type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]] })
    };
    let mut ids = Vec::new();
    for (number, west) in [(1, 113.300), (2, 113.301), (3, 113.400)] {
        let body = json!({
            "source": "ziran", "source_key": number.to_string(), "parcel_code": format!("440106001001GB0000{number}"), "land_use": "0701",
            "location": "天河路", "right_holder": if number == 1 { "广州某某有限公司" } else { "张伟" }, "geometry": square(west, 23.1),
        });
        ids.push(id_of(&caller.post("/api/v1/parcels/records?on_flag=accept", &body).expect(200)));
    }
    let ask = |body: &Value| {
        let answer = caller.post("/api/v1/parcels/query", body).expect(200);
        let mut found: Vec<usize> = answer["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|item| ids.iter().position(|id| item["id"] == id.as_str()).expect("ours") + 1)
            .collect();
        found.sort_unstable();
        found
    };
    let triangle =
        json!({ "type": "Polygon", "coordinates": [[[113.2995, 23.0995], [113.3005, 23.0995], [113.2995, 23.1005], [113.2995, 23.0995]]] });
    for (question, expected) in [
        (json!({ "point": [113.3005, 23.1005] }), vec![1]),
        (json!({ "bbox": [113.2, 23.0, 113.35, 23.2] }), vec![1, 2]),
        (json!({ "polygon": triangle }), vec![1]),
        (json!({ "point": [113.299, 23.1005], "radius_m": 150 }), vec![1]),
        (json!({ "point": [113.299, 23.1005], "nearest": 2 }), vec![1, 2]),
        (json!({ "right_holder": "张伟" }), vec![2, 3]),
        (json!({ "right_holder": "张伟", "bbox": [113.2, 23.0, 113.35, 23.2] }), vec![2]),
        (json!({ "code_prefix": "440106001001" }), vec![1, 2, 3]),
        (json!({ "point": [0, 0] }), vec![]),
    ] {
        assert_eq!(ask(&question), expected, "{question}");
    }
    let features = caller
        .clone()
        .with("Accept", "application/geo+json")
        .post("/api/v1/parcels/query", &json!({ "point": [113.299, 23.1005], "nearest": 1 }));
    assert_eq!(features.header("content-type"), "application/geo+json");
    let features = features.expect(200);
    assert_eq!(
        (features["type"].as_str(), features["features"][0]["geometry"]["type"].as_str()),
        (Some("FeatureCollection"), Some("Polygon"))
    );
    let distance = features["features"][0]["properties"]["distance_m"].as_f64().expect("a distance");
    assert!((95.0..110.0).contains(&distance), "{distance}");
    assert_eq!(caller.get(&format!("/api/v1/parcels/{}", ids[0])).expect(200)["geometry"]["type"], "Polygon");
}
