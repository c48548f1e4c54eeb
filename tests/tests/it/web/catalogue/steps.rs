//! Rows of the catalogue that take more than one request and its answer: streams, repeated requests, slow callers.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use jiku_registry::Role;
use serde_json::{Value, json};

use super::super::service::Service;
use super::{check, send, steward};

/// B27 asks for a refusal. A name that everybody has is answered page by page instead: the work for a page is bounded, the caller sees that
/// there is more, and every page is traced and counted on the quota. A clerk at the counter types the name first.
#[test]
fn a_name_that_everybody_has_is_answered_page_by_page() {
    let service = Service::sqlite();
    let caller = steward(&service);
    let rows: Vec<String> = (0..600)
        .map(|number| {
            let birth = format!("19{:02}-{:02}-{:02}", 40 + number % 60, number % 12 + 1, number % 28 + 1);
            json!({ "source": "gongan", "source_key": number.to_string(), "name": "张伟", "birth_date": birth, "phone": format!("138{number:08}") }).to_string()
        })
        .collect();
    assert_eq!(send(&caller, "/api/v1/persons/records", "application/x-ndjson", rows.join("\n").as_bytes()).status, 202);
    let page = |cursor: &Value| {
        let mut asked = json!({ "name": "张伟", "limit": 100 });
        if !cursor.is_null() {
            asked["cursor"] = cursor.clone();
        }
        caller.post("/api/v1/persons/search", &asked).expect(200)
    };
    let (mut cursor, mut seen) = (Value::Null, std::collections::HashSet::new());
    loop {
        let told = page(&cursor);
        let items = told["items"].as_array().expect("items");
        assert!(items.len() <= 100, "B27: a page is a page");
        for item in items {
            assert!(seen.insert(item["id"].to_string()), "B27: each once");
        }
        cursor = told["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert!(seen.len() > 100, "B27: {}", seen.len());
    // Whom such a record speaks of is not guessed.
    let resolved = caller.post("/api/v1/persons/resolve", &json!({ "name": "张伟" })).expect(200);
    assert_ne!(resolved["decision"], "match", "B27: {resolved}");
    assert!(resolved["candidates"].as_array().is_some_and(|candidates| candidates.len() <= 100), "B27");
}

/// B73 asks for a quarantine. Geometry here is whole numbers and code of our own, without the libraries whose panics the row has in mind: the
/// shapes that are known to bring those down are answered as any other, and the node answers the next question.
#[test]
fn shapes_that_bring_libraries_down_are_answered() {
    let service = Service::sqlite();
    let caller = steward(&service);
    let closed = |corners: &str| format!("POLYGON(({corners}))");
    let comb: String = (0..400)
        .map(|tooth| format!("{:.6} {},", 113.0 + f64::from(tooth) * 1e-4, if tooth % 2 == 0 { "23.0" } else { "23.05" }))
        .collect();
    let spiral: String = (0..300)
        .map(|step| {
            let (angle, radius) = (f64::from(step) * 0.2, f64::from(step) * 1e-4);
            format!("{:.9} {:.9},", 113.2 + radius * angle.cos(), 23.2 + radius * angle.sin())
        })
        .collect();
    let shapes = [
        closed("113 23,113 23,113 23,113 23"),
        closed("113 23,113.01 23,113.01 23.01,113 23.01,113 23,113.01 23,113.01 23.01,113 23.01,113 23"),
        closed("113 23,113.01 23,113.005 23.0000000001,113 23.01,113 23"),
        closed("113 23,113.01 23.00000000000001,113.01 23.00000000000002,113 23"),
        closed("113 23,113.02 23,113.02 23.02,113 23.02,113 23.01,113.01 23.01,113 23.01,113 23"),
        "POLYGON((113 23,113.03 23,113.03 23.03,113 23.03,113 23),(113 23,113.03 23,113.03 23.03,113 23.03,113 23))".to_owned(),
        "POLYGON((113 23,113.03 23,113.03 23.03,113 23.03,113 23),(113.01 23.01,113.02 23.01,113.01 23.01,113.01 23.01))".to_owned(),
        "MULTIPOLYGON(((113 23,113.01 23,113.01 23.01,113 23)),((113 23,113.01 23,113.01 23.01,113 23)))".to_owned(),
        "MULTIPOLYGON(((113 23,113.01 23,113.01 23.01,113 23)),((113.01 23.01,113.02 23.01,113.02 23.02,113.01 23.01)))".to_owned(),
        closed(&format!("{comb}113.05 22.9,113.0 22.9,113.0 23.0")),
        closed(&format!("{spiral}113.2 23.2")),
        closed("113 23,1.7976931348623157e308 23,113.01 23.01,113 23"),
        closed("113 23,-0.0 23,5e-324 23.01,113 23"),
        "POLYGON EMPTY".to_owned(),
        "POLYGON(EMPTY)".to_owned(),
    ];
    for (number, shape) in shapes.iter().enumerate() {
        let record = json!({ "source": "ziran", "source_key": number.to_string(), "location": "天河区", "geometry": shape });
        for path in ["records", "resolve"] {
            let answer = caller.post(&format!("/api/v1/parcels/{path}"), &record);
            assert!(matches!(answer.status, 200 | 400 | 422), "B73 {number} {path}: {} {}", answer.status, answer.text);
        }
        let query = json!({ "within": shape });
        assert!(caller.post("/api/v1/parcels/query", &query).status < 500, "B73 {number} asked with");
    }
    let good = json!({ "source": "ziran", "source_key": "good", "location": "天河区", "geometry": closed("113 23,113.01 23,113.01 23.01,113 23") });
    caller.post("/api/v1/parcels/records", &good).expect(200);
    let metrics = service.stranger().get("/metrics").text;
    assert!(!metrics.contains("status=\"5xx\""), "B73: nothing was a fault of ours");
}

/// B99 and B100 ask what a webhook may reach. There are none: the service calls nobody, followers fetch changes and alarms. So there is no address
/// to send a target to, and none of the described bodies takes one.
#[test]
fn there_is_nothing_that_makes_the_service_call_somebody() {
    let service = Service::sqlite();
    let caller = steward(&service);
    for target in
        ["http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest/meta-data/", "http://2130706433/", "file:///etc/passwd"]
    {
        for path in ["/api/v1/webhooks", "/api/v1/subscriptions", "/api/v1/callbacks"] {
            check("B99–B100", &caller.post(path, &json!({ "url": target })), 404, "not-found");
        }
    }
    let description = service.stranger().get("/api/openapi.json").expect(200);
    let mut names = Vec::new();
    collect(&description["components"]["schemas"], &mut names);
    assert!(names.len() > 100, "the description has bodies");
    let calling: Vec<&String> =
        names.iter().filter(|name| ["url", "webhook", "callback", "endpoint", "target_url"].contains(&name.as_str())).collect();
    assert!(calling.is_empty(), "B99–B100: {calling:?}");
    assert!(description.get("webhooks").is_none());
}

/// The names of the properties of all bodies.
fn collect(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                if name == "properties" {
                    names.extend(inner.as_object().into_iter().flat_map(|properties| properties.keys().cloned()));
                }
                collect(inner, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        _ => {}
    }
}

#[test]
fn streams_report_row_by_row() {
    let service = Service::sqlite();
    let caller = steward(&service);
    let path = "/api/v1/persons/records";
    let mut lines: Vec<String> =
        (0..50).map(|number| json!({ "source": "weijian", "source_key": format!("{number}"), "name": format!("赵{}", char::from_u32(0x4e00 + number).expect("a character")) }).to_string()).collect();
    lines[20] = "{\"source\":".to_owned();
    lines.insert(30, String::new());
    let body = lines.join("\n");
    let report = send(&caller, path, "application/x-ndjson", body.as_bytes()).expect(202);
    assert_eq!((report["job"]["created"].as_u64(), report["job"]["rejected"].as_u64()), (Some(49), Some(1)), "B52: {report}");
    assert_eq!(report["rows"].as_array().map(Vec::len), Some(50));
    let bad: Vec<&Value> = report["rows"].as_array().expect("rows").iter().filter(|row| row["status"] == "rejected").collect();
    assert_eq!((bad[0]["line"].as_u64(), bad[0]["problems"][0]["code"].as_str()), (Some(21), Some("json-syntax")));
    let job = report["job"]["id"].as_str().expect("a job");
    assert_eq!(caller.get(&format!("/api/v1/jobs/{job}")).expect(200)["state"], "finished");
    let rejections = caller.get(&format!("/api/v1/jobs/{job}/rejections"));
    assert!(rejections.text.lines().count() == 1 && rejections.text.contains("\"line\":21"), "{}", rejections.text);

    let named = |row: usize| {
        if row % 10 == 3 { String::new() } else { format!("王{}", char::from_u32(0x4e20 + row as u32).expect("a character")) }
    };
    let array: Vec<Value> =
        (1..=20).map(|row| json!({ "source": "weijian", "source_key": format!("a{row}"), "name": named(row) })).collect();
    let report = send(&caller, path, "application/json", Value::Array(array).to_string().as_bytes()).expect(202);
    let bad = report["rows"].as_array().expect("rows").iter().filter(|row| row["status"] == "rejected");
    assert_eq!(bad.map(|row| (row["line"].as_u64(), row["row"].as_u64())).collect::<Vec<_>>(), [(Some(1), Some(3)), (Some(1), Some(13))]);
    let rejections = caller.get(&format!("/api/v1/jobs/{}/rejections", report["job"]["id"].as_str().expect("a job")));
    let kept: Vec<Value> = rejections.text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(
        kept.iter().map(|row| row["row"].as_u64()).collect::<Vec<_>>(),
        [Some(3), Some(13)],
        "elements of the array: {}",
        rejections.text
    );
}

#[test]
fn an_idempotency_key_names_one_request() {
    let service = Service::sqlite();
    let caller = steward(&service);
    let path = "/api/v1/persons/records";
    let body = json!({ "source": "gongan", "source_key": "1", "name": "张伟" });
    let first = caller.clone().with("Idempotency-Key", "k1").post(path, &body);
    let again = caller.clone().with("Idempotency-Key", "\"k1\"").post(path, &body);
    assert_eq!((first.status, &first.text), (again.status, &again.text), "the same answer, although the record is there by now");
    assert_eq!(first.json()["status"], "created");
    let refused = json!({ "source": "gongan", "source_key": "3", "name": " " });
    let keyed = caller.with("Idempotency-Key", "k2");
    assert_eq!(keyed.post(path, &refused).status, 422);
    assert_eq!(keyed.post(path, &body).status, 200, "a refused request used nothing up");
}

#[test]
fn a_stream_that_broke_off_goes_on_where_it_was() {
    let service = Service::sqlite();
    let caller =
        service.caller(&[Role::Source, Role::Reader]).with("Idempotency-Key", "upload-7").with("Content-Type", "application/x-ndjson");
    let lines: Vec<String> = (0..1200)
        .map(|number| {
            json!({ "source": "gongan", "source_key": format!("{number}"), "name": "赵钱孙", "phone": format!("138{number:08}") })
                .to_string()
                + "\n"
        })
        .collect();
    let head =
        format!("POST /api/v1/persons/records HTTP/1.1\r\nHost: localhost\r\n{}\r\nTransfer-Encoding: chunked\r\n\r\n", caller.head());
    // 900 rows and half of the next, then the client is gone.
    let part = lines[..900].concat() + &lines[900][..20];
    service.send_and_hang_up(format!("{head}{:x}\r\n{part}\r\n", part.len()).as_bytes());
    let rows = || {
        let jobs = caller.get("/api/v1/jobs").expect(200);
        (jobs["jobs"][0]["state"].clone(), jobs["jobs"][0]["rows"].as_u64().unwrap_or(0), jobs["jobs"].as_array().map_or(0, Vec::len))
    };
    for _ in 0..200 {
        if rows().1 >= 900 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(rows(), ("running".into(), 900, 1), "B54: what was written is counted, the half row is not");
    let whole = lines.concat();
    let (status, answer) = service.raw(
        format!("{head}{:x}\r\n{whole}\r\n0\r\n\r\n", whole.len())
            .replace("Host: localhost", "Host: localhost\r\nConnection: close")
            .as_bytes(),
    );
    assert_eq!(status, 202, "{answer}");
    assert_eq!(rows(), ("finished".into(), 1200, 1), "the same import, finished");
    let stats = caller.get("/api/v1/stats").expect(200);
    assert_eq!(stats["kinds"][0]["records"], 1200, "each once");
    let (status, _) = service.raw(
        format!("{head}{:x}\r\n{whole}\r\n0\r\n\r\n", whole.len())
            .replace("Host: localhost", "Host: localhost\r\nConnection: close")
            .as_bytes(),
    );
    assert_eq!(status, 200, "and once more changes nothing");
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
    let started = Instant::now();
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
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    let drops = dripped.join().expect("it ends");
    assert!(drops <= 10, "B90 dripping: the server closed after {drops} seconds");
    assert_eq!(send(&caller, "/api/v1/persons/resolve", "application/json", "{\"name\":\"张伟\"}".as_bytes()).status, 200);
}

/// So much of a body has come that its sender may be silent for a while.
const MUCH: usize = 20_000;

#[test]
fn bodies_on_their_way_keep_nobody_out() {
    let service = Service::sqlite();
    let (slow, other) = (steward(&service), service.caller_of("other", &[Role::Source, Role::Reader]));
    // More than a node works on at a time.
    let many = 256 * std::thread::available_parallelism().map_or(1, usize::from) + 8;
    let head = format!(
        "POST /api/v1/persons/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{}\r\n\r\n{{\"name\":\"{}",
        MUCH + 10,
        slow.head(),
        " ".repeat(MUCH - 10),
    );
    let begun: Vec<TcpStream> = (0..many).map(|_| begun(&service, &head)).collect();
    for number in 0..30 {
        let answer = other.post("/api/v1/persons/search", &json!({ "name": "欧阳修" }));
        assert_eq!(answer.status, 200, "{number}: {}", answer.text);
    }
    drop(begun);
}

fn begun(service: &Service, text: &str) -> TcpStream {
    let mut socket = TcpStream::connect(service.address()).expect("a connection");
    socket.write_all(text.as_bytes()).expect("sent");
    socket
}

#[test]
fn streams_on_their_way_are_a_part_for_each_sender() {
    const MOST: usize = 32;
    let service = Service::sqlite();
    let (slow, other) = (steward(&service), service.caller_of("other", &[Role::Source, Role::Reader]));
    let path = "/api/v1/persons/records";
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nContent-Length: {}\r\n{}\r\n\r\n{}",
        MUCH + 10,
        slow.head(),
        "\n".repeat(MUCH),
    );
    let mut waiting: Vec<TcpStream> = (0..MOST + 3).map(|_| begun(&service, &head)).collect();
    let mut refused = Vec::new();
    while refused.len() < 3 {
        waiting.retain_mut(|socket| {
            socket.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout");
            let mut answer = [0; 4096];
            let Ok(length) = socket.read(&mut answer) else { return true };
            refused.push(String::from_utf8_lossy(&answer[..length]).into_owned());
            false
        });
    }
    for answer in &refused {
        assert!(answer.starts_with("HTTP/1.1 429") && answer.to_lowercase().contains("retry-after: "), "{answer}");
    }
    let line = json!({ "source": "gongan", "source_key": "1", "name": "欧阳修" }).to_string();
    assert_eq!(send(&other, path, "application/x-ndjson", line.as_bytes()).status, 202, "another sender's comes in");
    drop(waiting);
}

/// What comes until the other end closes.
fn read(socket: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // A connection that is reset is closed as well.
    let _ = socket.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
