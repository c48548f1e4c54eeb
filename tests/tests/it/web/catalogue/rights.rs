//! Rows about rights, quotas, filters and second persons.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use jiku_model::Sensitivity;
use jiku_registry::{Actor, Limits, Role};
use serde_json::json;

use super::super::service::{Caller, Service, identity_number};
use super::{check, send, steward};

/// Somebody with these limits.
fn limited<'a>(service: &'a Service, department: &str, limits: &Limits) -> Caller<'a> {
    let caller = service.caller_of(department, &[Role::Reader, Role::GisEditor, Role::DataOffice]);
    let name = caller.get("/api/v1/sessions/current").expect(200)["principal"].as_str().expect("a name").to_owned();
    service.registry.set_limits(&Actor::operator("test"), &name, limits).expect("limits");
    std::thread::sleep(Duration::from_millis(1_100));
    caller
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[test]
fn who_walks_is_stopped_and_who_reads_too_much_waits_for_tomorrow() {
    let service = Service::sqlite();
    let walker = service.caller_of("walker", &[Role::Reader]);
    let walk = |number: usize| walker.get(&format!("/api/v1/persons/0190a7a0-0000-7000-8000-0000000000{number:02x}"));
    let stopped = (0..60).map(walk).find(|answer| answer.status != 404).expect("it ends");
    check("B40 ids", &stopped, 429, "enumeration-suspected");
    let counting = service.caller_of("counting", &[Role::Verifier]);
    let ask = |number: usize| {
        let id_number = identity_number(&format!("44010619900101{number:03}"));
        counting.post("/api/v1/persons/exists", &json!({ "record": { "id_number": id_number } }))
    };
    let stopped = (0..60).map(ask).find(|answer| answer.status != 200).expect("it ends");
    check("B40 numbers", &stopped, 429, "enumeration-suspected");

    let caller = steward(&service);
    let mut ids = Vec::new();
    for (key, born) in [("1", "1981-01-01"), ("2", "1972-02-02"), ("3", "1993-03-03")] {
        let body = json!({ "source": "gongan", "source_key": key, "name": "司马相如", "birth_date": born });
        ids.push(caller.post("/api/v1/persons/records", &body).expect(200)["entity"].as_str().expect("an id").to_owned());
    }
    let reader = limited(&service, "bank", &Limits { daily_persons: Some(2), ..Limits::default() });
    for id in &ids[..2] {
        reader.get(&format!("/api/v1/persons/{id}")).expect(200);
    }
    let refused = reader.get(&format!("/api/v1/persons/{}", ids[2]));
    check("B84", &refused, 429, "quota-exceeded");
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0), "B84 tells when");
    let other = caller.clone().with("Purpose-Of-Use", "curiosity");
    check("B92 not registered", &other.post("/api/v1/persons/search", &json!({ "name": "司马相如" })), 403, "purpose-not-allowed");
}

#[test]
fn a_filter_is_checked_before_any_parcel_is_looked_at() {
    let service = Service::sqlite();
    let caller = steward(&service);
    let items = |query: &str| caller.get(&format!("/ogc/collections/parcels/items?{query}"));
    let filter = |text: &str| items(&format!("filter={}", encoded(text)));
    check("B45", &items("datetime=2026-02-01%2F2026-01-01"), 400, "parameter-invalid");
    check("B45 open at both ends", &items("datetime=..%2F..%2F.."), 400, "parameter-invalid");
    let syntax = filter("land_use = = '0701'");
    check("B76", &syntax, 400, "cql2-syntax");
    assert!(syntax.json()["detail"].as_str().is_some_and(|detail| detail.contains("at character")), "B76 tells the place: {}", syntax.text);
    check("B76 language", &items("filter=a%3D1&filter-lang=sql"), 400, "parameter-invalid");
    check("B77 property", &filter("favourite = 'red'"), 400, "cql2-invalid");
    check("B77 function", &filter("sleep(10) = 1"), 400, "cql2-invalid");
    check("B77 type", &filter("planar_area_m2 = 'large'"), 400, "cql2-invalid");
    // A column about people is no property of maps at all, for nobody: then the standard wants 400.
    for name in ["right_holder", "right_holder_id"] {
        check("B78 filter", &filter(&format!("{name} = 'x'")), 400, "cql2-invalid");
        check("B78 sort", &items(&format!("sortby=-{name}")), 400, "sortby-invalid");
    }
    let low = limited(&service, "low", &Limits { filter: Sensitivity::Public, sort: Sensitivity::Public, ..Limits::default() });
    let low_items = |query: &str| low.get(&format!("/ogc/collections/parcels/items?{query}"));
    assert_eq!(items("location=x").status, 200, "B78: who may, may");
    check("B78 filter by class", &low_items(&format!("filter={}", encoded("location = 'x'"))), 403, "field-forbidden");
    check("B78 parameter by class", &low_items("location=x"), 403, "field-forbidden");
    check("B78 sort by class", &low_items("sortby=location"), 403, "field-forbidden");
    assert_eq!(low_items("land_use=0701&sortby=land_use").status, 200, "B78: public columns are everybody's");
    let deep = format!("{}land_use = '0701'{}", "(".repeat(200), ")".repeat(200));
    check("B79 deep", &filter(&deep), 400, "cql2-too-complex");
    let nots = format!("{}land_use = '0701'", "NOT ".repeat(600));
    check("B79 nodes", &filter(&nots), 400, "cql2-too-complex");
    let list = format!("land_use IN ({})", vec!["'1'"; 2_000].join(","));
    check("B79 list", &items(&format!("filter={}", list.replace(' ', "%20").replace('\'', "%27"))), 414, "uri-too-long");
    let bomb = format!("land_use LIKE '{}'", "%a".repeat(400));
    let begun = Instant::now();
    let answer = filter(&bomb);
    // No measure of speed: a matcher that tries every division of the text would not end at all.
    assert!(matches!(answer.status, 200 | 400) && begun.elapsed() < Duration::from_secs(10), "B80: {}", answer.text);
}

#[test]
fn a_parcel_that_overlaps_another_is_refused() {
    let service = Service::sqlite();
    let editor = service.caller(&[Role::GisEditor, Role::Reader]);
    let parcel = |west: f64| {
        let ring = [[west, 23.2], [west + 0.002, 23.2], [west + 0.002, 23.201], [west, 23.201], [west, 23.2]];
        json!({ "geometry": { "type": "Polygon", "coordinates": [ring] },
            "values": { "parcel_code": "440106001002GB", "land_use": "0701", "right_holder": "张测试" } })
    };
    let made = editor.post("/api/v1/parcels", &parcel(113.4));
    assert_eq!(made.status, 201, "B72: the first fits: {}", made.text);
    let refused = editor.post("/api/v1/parcels", &parcel(113.401));
    assert_eq!((refused.status, refused.problem().as_str()), (409, "parcel-overlap"), "B72: {}", refused.text);
    let ring = json!([[113.401, 23.2], [113.403, 23.2], [113.403, 23.201], [113.401, 23.201], [113.401, 23.2]]);
    let row = json!({ "source": "ziran", "source_key": "1", "parcel_code": "440106001002GB00009",
        "geometry": { "type": "Polygon", "coordinates": [ring] } });
    let clerk = service.caller(&[Role::Source, Role::Steward, Role::Reader]);
    let taken = clerk.post("/api/v1/parcels/records", &row).expect(200);
    assert!(taken.to_string().contains("parcel-overlap"), "B72: a row is flagged: {taken}");
    let waiting = clerk.get("/api/v1/reviews?reason=parcel-overlap").expect(200);
    assert_eq!(waiting["items"].as_array().map(Vec::len), Some(1), "B72: and a steward is asked: {waiting}");
}

#[test]
fn nobody_approves_their_own_proposal_or_one_that_is_stale() {
    let service = Service::sqlite();
    let first = service.caller_of("north", &[Role::Steward, Role::Reader, Role::Source]);
    let second = service.caller_of("south", &[Role::Steward, Role::Reader]);
    let mut ids = Vec::new();
    for (key, name, born) in [("1", "司马相如", "1981-01-01"), ("2", "诸葛孔明", "1972-02-02"), ("3", "上官婉儿", "1993-03-03")]
    {
        let body = json!({ "source": "gongan", "source_key": key, "name": name, "birth_date": born });
        ids.push(first.post("/api/v1/persons/records", &body).expect(200)["entity"].as_str().expect("an id").to_owned());
    }
    let tags = |ids: &[String]| ids.iter().map(|id| format!("\"{id}.1\"")).collect::<Vec<_>>().join(", ");
    let propose = |ids: &[String]| {
        let made = first.clone().with("If-Match", &tags(ids)).post("/api/v1/persons/proposals", &json!({ "entities": ids })).expect(201);
        format!("/api/v1/proposals/{}/approval", made["id"].as_str().expect("an id"))
    };
    let approval = propose(&ids[..2]);
    check("B98 own", &first.post(&approval, &json!({})), 403, "separation-of-duties");
    let merge = json!({ "entities": ids[1..] });
    first.clone().with("If-Match", &tags(&ids[1..])).post("/api/v1/persons/merge", &merge).expect(200);
    check("B98 after a change", &second.post(&approval, &json!({})), 409, "proposal-stale");
}

#[test]
fn who_is_slow_is_given_up() {
    let service = Service::sqlite();
    let caller = steward(&service);
    let begin = |text: &str| {
        let mut socket = TcpStream::connect(service.address()).expect("a connection");
        socket.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
        socket.write_all(text.as_bytes()).expect("sent");
        socket
    };
    let mut silent = begin("");
    let mut head = begin("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: ");
    let body_head = format!(
        "POST /api/v1/persons/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n{}\r\n\r\n{{",
        caller.head()
    );
    let mut body = begin(&body_head);
    let mut dripping = begin(&body_head);
    // A byte a second is never silent for long, and far below what a body must come at.
    let dripped = std::thread::spawn(move || {
        let mut drops = 0;
        while drops < 40 && dripping.write_all(b" ").is_ok() {
            std::thread::sleep(Duration::from_secs(1));
            drops += 1;
        }
        drops
    });
    assert!(read(&mut silent).starts_with("HTTP/1.1 408"), "B90 silence");
    assert!(read(&mut head).starts_with("HTTP/1.1 408"), "B90 head");
    let answer = read(&mut body);
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("request-timeout"), "B90 body: {answer}");
    let drops = dripped.join().expect("it ends");
    assert!(drops < 40, "B90 dripping: the server closed before the body was at its end");
    assert_eq!(send(&caller, "/api/v1/persons/resolve", "application/json", "{\"name\":\"张伟\"}".as_bytes()).status, 200);
}

/// What comes until the other end closes.
fn read(socket: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // A connection that is reset is closed as well.
    let _ = socket.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
