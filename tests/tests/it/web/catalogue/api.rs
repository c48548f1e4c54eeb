//! Rows about bodies, ids, lists, streams and decisions.

use jiku_registry::Role;
use serde_json::{Value, json};

use super::super::service::{Service, identity_number};
use super::{check, send, steward};

#[test]
fn json_that_is_none_is_refused_with_its_place() {
    let service = Service::sqlite();
    let caller = steward(&service);
    let deep = |depth: usize| format!("{{\"name\":{}1{}}}", "[".repeat(depth), "]".repeat(depth));
    let (just_too_deep, far_too_deep) = (deep(65), "[".repeat(100_000));
    let many = format!("{{{}}}", (0..100_000).map(|number| format!("\"{number:x}\":1")).collect::<Vec<_>>().join(","));
    let long = format!("{{\"name\":\"{}\"}}", "a".repeat(1024 * 1024));
    let utf16: Vec<u8> = "\u{feff}{\"name\":\"张伟\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: &[(&str, &[u8], u16, &str)] = &[
        ("B1 empty", b"", 400, "body-missing"),
        ("B1 spaces", b"  \n", 400, "body-missing"),
        ("B1 cut off", b"{\"name\":\"a\"", 400, "json-syntax"),
        ("B1 trailing", b"{\"name\":\"a\"} x", 400, "json-syntax"),
        ("B2 65 deep", just_too_deep.as_bytes(), 400, "json-too-deep"),
        ("B2 100,000 deep", far_too_deep.as_bytes(), 400, "json-too-deep"),
        ("B3", b"{\"name\":\"a\",\"name\":\"b\"}", 400, "json-duplicate-key"),
        ("B4 unknown", b"{\"nmae\":\"a\"}", 422, "unknown-field"),
        ("B4 server's", b"{\"name\":\"a\",\"canonicalId\":\"x\"}", 422, "read-only-field"),
        ("B4 role", b"{\"name\":\"a\",\"role\":\"x\"}", 422, "read-only-field"),
        ("B5 1e400", b"{\"name\":1e400}", 400, "json-number"),
        ("B5 NaN", b"{\"name\":NaN}", 400, "json-number"),
        ("B6", b"{\"name\":\"a\",\"id_number\":110101199003070038}", 422, "type-mismatch"),
        ("B7", b"{\"name\":\"  \"}", 422, "required"),
        ("B8 array", b"[1]", 422, "type-mismatch"),
        ("B8 many", many.as_bytes(), 400, "json-too-large"),
        ("B9 UTF-16", &utf16, 400, "encoding"),
        ("B10 overlong", b"{\"name\":\"\xc0\xaf\"}", 400, "encoding"),
        ("B10 surrogate", b"{\"name\":\"\xed\xa0\x80\"}", 400, "encoding"),
        ("B11 lone surrogate", b"{\"name\":\"\\ud800\"}", 422, "invalid-unicode"),
        ("B11 NUL", b"{\"name\":\"a\\u0000\"}", 422, "invalid-unicode"),
        ("B12", long.as_bytes(), 413, "payload-too-large"),
    ];
    for (row, body, status, slug) in cases {
        check(row, &send(&caller, "/api/v1/persons/resolve", "application/json", body), *status, slug);
    }
    let cut = send(&caller, "/api/v1/persons/resolve", "application/json", b"{\"name\":\"a\"").json();
    assert_eq!(cut["offset"], 11, "the place is told");
    let answer = send(&caller, "/api/v1/persons/resolve", "application/json", "\u{feff}{\"name\":\"张伟\"}".as_bytes());
    assert_eq!(answer.status, 200, "B9: a byte order mark is dropped: {}", answer.text);
}

#[test]
fn a_record_typed_by_hand_is_checked_whole() {
    let service = Service::sqlite();
    let caller = steward(&service);
    let wrong = identity_number("11010119900307003").replace('8', "1");
    let cases: &[(&str, Value, u16, &str)] = &[
        ("B7 source", json!({ "source_key": "1", "name": "a" }), 422, "required"),
        ("B7 key", json!({ "source": "gongan", "source_key": null, "name": "a" }), 422, "required"),
        ("B4", json!({ "source": "gongan", "source_key": "1", "name": "a", "nmae": "b" }), 422, "unknown-field"),
        ("B6", json!({ "source": "gongan", "source_key": "1", "id_number": 110101199003070038_i64 }), 422, "type-mismatch"),
        ("B30", json!({ "source": "gongan", "source_key": "1", "name": "张伟", "id_number": wrong }), 422, "id-checksum"),
        (
            "B32",
            json!({ "source": "gongan", "source_key": "1", "name": "张伟", "id_number": identity_number("11010119900230003") }),
            422,
            "id-invalid",
        ),
        (
            "B33",
            json!({ "source": "gongan", "source_key": "1", "name": "张伟", "id_number": identity_number("11010119900307003"), "birth_date": "1991-03-07" }),
            422,
            "id-conflict",
        ),
        ("B18", json!({ "source": "gongan", "source_key": "1", "name": "张\u{202e}伟" }), 422, "control-character"),
        ("B42", json!({ "source": "gongan", "source_key": "1", "name": "张伟", "birth_date": "2023-02-29" }), 422, "date-invalid"),
    ];
    for (row, body, status, slug) in cases {
        check(row, &caller.post("/api/v1/persons/records", body), *status, slug);
    }
    let doubtful = &cases[4].1;
    let kept = caller.post("/api/v1/persons/records?on_flag=accept", doubtful).expect(200);
    assert_eq!(
        (kept["status"].as_str(), kept["problems"][0]["code"].as_str()),
        (Some("created"), Some("id-checksum")),
        "a flag instead of a refusal"
    );
    let odd = json!({ "source": "gongan", "source_key": "odd", "name": "张伟", "sauce": "soy", "shoe": 42 });
    check("unknown fields", &caller.post("/api/v1/persons/records", &odd), 422, "unknown-field");
    let kept = caller.post("/api/v1/persons/records?on_flag=accept", &odd).expect(200);
    assert_eq!(kept["unknown_columns"], json!(["sauce", "shoe"]), "what is kept unread is told");
    for name in ["李\u{200b}雷", "𠮷野", "<script>", "=HYPERLINK(1)", "'; DROP TABLE person"] {
        let body = json!({ "source": "gongan", "source_key": name, "name": name });
        let answer = caller.post("/api/v1/persons/records?on_flag=accept", &body);
        assert_eq!(answer.status, 200, "B19–B25 {name}: {}", answer.text);
        let id = answer.json()["entity"].as_str().expect("an id").to_owned();
        let held = caller.get(&format!("/api/v1/persons/{id}?include=sources&unmask=true")).expect(200);
        assert_eq!(held["sources"][0]["raw"]["name"], name, "what was received is kept byte for byte");
    }
}

#[test]
fn media_types_and_codings_are_looked_at() {
    let service = Service::sqlite();
    let caller = steward(&service);
    let path = "/api/v1/persons/resolve";
    check("B16", &send(&caller, path, "text/plain", b"{\"name\":\"a\"}"), 415, "media-type");
    check(
        "B16 accept",
        &send(&caller.clone().with("Accept", "image/png"), path, "application/json", b"{\"name\":\"a\"}"),
        406,
        "not-acceptable",
    );
    let encoded = |coding: &str, body: &[u8]| send(&caller.clone().with("Content-Encoding", coding), path, "application/json", body);
    check("B17 raw", &encoded("gzip", b"{\"name\":\"a\"}"), 400, "content-encoding");
    check("B17 unknown", &encoded("br", b"{\"name\":\"a\"}"), 415, "content-coding");
    let (status, answer) = service.raw(
        format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10000000000\r\n{}\r\n\r\n",
            caller.head()
        )
        .as_bytes(),
    );
    assert!(status == 413 && answer.contains("payload-too-large"), "B12: {answer}");
    // What takes more is told where records come in.
    for (kind, mebibytes, way) in [("parcels", 4, "8 MiB"), ("persons", 1, "lines of at most 1 MiB")] {
        let long = format!("{{\"location\":\"{}\"}}", "路".repeat(mebibytes * 400_000));
        let refused = send(&caller, &format!("/api/v1/{kind}/records?source=a"), "application/json", long.as_bytes());
        check("B12 records", &refused, 413, "payload-too-large");
        assert!(refused.json()["detail"].as_str().is_some_and(|detail| detail.contains(way)), "{}", refused.text);
        assert_eq!(refused.json()["limit_bytes"], mebibytes * 1024 * 1024);
    }
}

#[test]
fn ids_and_addresses_have_one_form() {
    let service = Service::sqlite();
    let caller = steward(&service);
    for id in ["..%2F..", "%2e%2e%2f", "%00", "1", &"1".repeat(5000), "0190a7a0-0000-7000-8000-00000000000g"] {
        let answer = caller.get(&format!("/api/v1/persons/{id}"));
        assert_eq!(answer.status, 400, "B37 {id}: {}", answer.text);
        assert!(["id-format", "encoding"].contains(&answer.problem().as_str()), "B37 {id}: {}", answer.text);
    }
    check("B10 path", &caller.get("/api/v1/sources/gongan/persons/%ED%A0%80"), 400, "encoding");
    check("B39", &caller.get("/api/v1/persons/0190a7a0-0000-7000-8000-000000000001"), 404, "not-found");
    check("kind", &caller.get("/api/v1/vehicles/0190a7a0-0000-7000-8000-000000000001"), 404, "not-found");
    let number = identity_number("11010119900307003");
    check("B41", &caller.get(&format!("/api/v1/reviews?reason={number}")), 400, "sensitive-in-url");
    check("B41", &caller.get(&format!("/api/v1/sources/gongan/persons/{number}")), 400, "sensitive-in-url");
    check(
        "B41",
        &caller.get(&format!("/api/v1/sources/gongan/persons/{}%{:x}", &number[..17], number.as_bytes()[17])),
        400,
        "sensitive-in-url",
    );
    check("B85 URL", &caller.get(&format!("/api/v1/changes?after={}", "0".repeat(9 * 1024))), 414, "uri-too-long");
    let (status, answer) = service.raw(
        format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: {}\r\nConnection: close\r\n\r\n", "a".repeat(20 * 1024)).as_bytes(),
    );
    assert!(status == 431 && answer.contains("headers-too-large"), "B85 head: {status}");
    let (status, answer) = service.raw(b"TRACE /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert!(status == 405 && answer.to_lowercase().contains("allow: get, head"), "B89: {answer}");
}

#[test]
fn lists_are_paged_by_limit_and_cursor() {
    let service = Service::sqlite();
    let caller = steward(&service);
    for limit in ["0", "-1", "abc", "1001", "1e9"] {
        check(&format!("B81 {limit}"), &caller.get(&format!("/api/v1/changes?limit={limit}")), 400, "parameter-invalid");
    }
    check("B81 after", &caller.get("/api/v1/changes?after=-1"), 400, "parameter-invalid");
    check("B82 offset", &caller.get("/api/v1/reviews?offset=1000000000000"), 400, "use-cursor");
    check("B82 cursor", &caller.get("/api/v1/reviews?cursor=abc"), 400, "cursor-invalid");
    check("B83 unknown", &caller.get("/api/v1/stats?x=1"), 400, "parameter-unknown");
    check("B83 repeated", &caller.get("/api/v1/changes?limit=1&limit=2"), 400, "parameter-repeated");
    for number in 0..7 {
        let body = json!({ "source": "gongan", "source_key": format!("{number}"), "name": "欧阳娜娜", "birth_date": format!("199{number}-01-02") });
        caller.post("/api/v1/persons/records", &body).expect(200);
    }
    let mut found = Vec::new();
    let mut asked = json!({ "name": "欧阳娜娜", "limit": 3 });
    loop {
        let page = caller.post("/api/v1/persons/search", &asked).expect(200);
        found.extend(page["items"].as_array().expect("items").iter().map(|item| item["id"].as_str().expect("an id").to_owned()));
        match page["next_cursor"].as_str() {
            Some(cursor) => asked["cursor"] = cursor.into(),
            None => break,
        }
    }
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 7, "each once");
    asked["name"] = "欧阳娜".into();
    check("B82 foreign", &caller.post("/api/v1/persons/search", &asked), 400, "cursor-invalid");
    check("B26", &caller.post("/api/v1/persons/search", &json!({})), 422, "query-too-broad");
    check("B26 one character", &caller.post("/api/v1/persons/search", &json!({ "name": "张" })), 422, "query-too-broad");
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

    lines.remove(20);
    let again = send(&caller, path, "application/x-ndjson", lines.join("\n").as_bytes());
    assert_eq!(again.status, 200, "B55: {}", again.text);
    assert_eq!(again.json()["job"]["unchanged"], 49);

    let gbk = b"source,source_key,name\ngongan,1,\xd5\xc5\xce\xb0\n";
    check("B47", &send(&caller, path, "text/csv", gbk), 422, "encoding-undeclared");
    let read = send(&caller, path, "text/csv; charset=gb18030", gbk).expect(202);
    let id = read["rows"][0]["entity"].as_str().expect("an id").to_owned();
    assert_eq!(caller.get(&format!("/api/v1/persons/{id}?unmask=true")).expect(200)["values"]["name"], "张伟");
    assert_eq!(send(&caller, &format!("{path}?charset=gb18030"), "text/csv", gbk).status, 200);
    check("B50 header", &send(&caller, path, "text/csv", b"source,source_key,name,name\ngongan,2,a,b\n"), 422, "csv-header");
    let ragged = send(
        &caller,
        path,
        "text/csv",
        "source,source_key,name\ngongan,3,李雷,x\ngongan,4,韩梅梅\ngongan,5,王五\ngongan,6,赵六\ngongan,7,孙七\n".as_bytes(),
    )
    .expect(202);
    assert_eq!(
        (ragged["rows"][0]["problems"][0]["code"].as_str(), ragged["job"]["created"].as_u64()),
        (Some("csv-columns"), Some(4)),
        "{ragged}"
    );
    let open = format!("source,source_key,name\ngongan,8,\"{}", "a\n".repeat(100_000));
    check("B49", &send(&caller, path, "text/csv", open.as_bytes()), 422, "csv-structure");
    check("B57", &send(&caller, path, "text/csv", b"\x7fELF\x02\x01\x01"), 415, "content-mismatch");
    check("B48", &send(&caller, path, "application/vnd.ms-excel", b"x"), 415, "media-type");
    let unknown = send(&caller, path, "text/csv", "source,source_key,name,favourite\ngongan,9,周八,red\n".as_bytes()).expect(202);
    assert_eq!(unknown["unknown_columns"], json!(["favourite"]));
    let mostly_bad: String = (0..200)
        .map(|number| {
            if number % 2 == 0 {
                "{}\n".to_owned()
            } else {
                format!("{{\"source\":\"a\",\"source_key\":\"{number}\",\"name\":\"周{number}\"}}\n")
            }
        })
        .collect();
    assert_eq!(
        send(&caller, path, "application/x-ndjson", mostly_bad.as_bytes()).expect(202)["job"]["state"],
        "too-many-row-errors",
        "B53"
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
    let other = json!({ "source": "gongan", "source_key": "2", "name": "李雷" });
    check("B93 reused", &caller.clone().with("Idempotency-Key", "k1").post(path, &other), 422, "idempotency-key-reused");
    for malformed in ["", "a b", &"k".repeat(256)] {
        check("B93 malformed", &caller.clone().with("Idempotency-Key", malformed).post(path, &other), 400, "idempotency-key-invalid");
    }
    let elsewhere = service.caller_of("another", &[Role::Source]);
    assert_eq!(
        elsewhere.with("Idempotency-Key", "k1").post(path, &other).expect(200)["status"],
        "created",
        "B94: keys belong to a department"
    );
    let refused = json!({ "source": "gongan", "source_key": "3", "name": " " });
    let keyed = caller.with("Idempotency-Key", "k2");
    assert_eq!(keyed.post(path, &refused).status, 422);
    assert_eq!(keyed.post(path, &body).status, 200, "a refused request used nothing up");
}

#[test]
fn decisions_say_which_version_they_saw() {
    let service = Service::sqlite();
    let caller = steward(&service);
    let mut ids = Vec::new();
    for (key, name, date) in [("1", "司马相如", "1981-01-01"), ("2", "诸葛孔明", "1972-02-02"), ("3", "上官婉儿", "1993-03-03")]
    {
        let body = json!({ "source": "gongan", "source_key": key, "name": name, "birth_date": date });
        ids.push(caller.post("/api/v1/persons/records", &body).expect(200)["entity"].as_str().expect("an id").to_owned());
    }
    let merge = "/api/v1/persons/merge";
    let body = json!({ "entities": [ids[0], ids[1]] });
    let tags = format!("\"{}.1\", \"{}.1\"", ids[0], ids[1]);
    check("B95 missing", &caller.post(merge, &body), 428, "precondition-required");
    check("B95 half", &caller.clone().with("If-Match", &format!("\"{}.1\"", ids[0])).post(merge, &body), 428, "precondition-required");
    check("B95 stale", &caller.clone().with("If-Match", &tags.replace(".1", ".7")).post(merge, &body), 412, "version-stale");
    check("B95 weak", &caller.clone().with("If-Match", &format!("W/{tags}")).post(merge, &body), 412, "version-stale");
    check("B95 star", &caller.clone().with("If-Match", "*").post(merge, &body), 412, "version-stale");
    check("B95 malformed", &caller.clone().with("If-Match", "1").post(merge, &body), 400, "if-match-invalid");
    let one = caller.clone().with("If-Match", &format!("\"{}.1\"", ids[0]));
    check("B96 with itself", &one.post(merge, &json!({ "entities": [ids[0], ids[0]] })), 422, "merge-invalid");
    check("B96 alone", &one.post(merge, &json!({ "entities": [ids[0]] })), 422, "merge-invalid");
    check("B14", &one.post(merge, &json!({ "entities": vec![ids[0].clone(); 101] })), 422, "too-many-items");
    check("B96 kinds", &caller.clone().with("If-Match", &tags).post("/api/v1/parcels/merge", &body), 404, "not-found");
    let preview = caller.post(&format!("{merge}?dry_run=true"), &body).expect(200);
    let done = caller.clone().with("If-Match", preview["if_match"].as_str().expect("tags")).post(merge, &body).expect(200);
    let survivor = done["redirects"][0]["to"].as_str().expect("a survivor").to_owned();
    let gone = done["redirects"][0]["from"].as_str().expect("a merged id").to_owned();
    let moved = caller.get(&format!("/api/v1/persons/{gone}?include=provenance"));
    assert_eq!((moved.status, moved.header("location")), (307, format!("/api/v1/persons/{survivor}?include=provenance").as_str()), "B38");
    let again = caller.clone().with("If-Match", &format!("\"{gone}.2,{}.1\"", ids[2])).post(merge, &json!({ "entities": [gone, ids[2]] }));
    check("B96 already", &again, 409, "already-merged");
    let unmerge = "/api/v1/persons/unmerge";
    let undo = json!({ "decision": done["decision"] });
    let preview = caller.post(&format!("{unmerge}?dry_run=true"), &undo).expect(200);
    let tags = preview["if_match"].as_str().expect("tags");
    check("B95 unmerge", &caller.post(unmerge, &undo), 428, "precondition-required");
    caller.clone().with("If-Match", tags).post(unmerge, &undo).expect(200);
    assert_eq!(caller.get(&format!("/api/v1/persons/{gone}")).status, 200, "the old id answers for itself again");
    let version = caller.get(&format!("/api/v1/persons/{survivor}")).header("etag").to_owned();
    check("B97 twice", &caller.clone().with("If-Match", &version).post(unmerge, &undo), 409, "not-merged");
    let foreign = json!({ "entity": survivor, "records": [{ "source": "gongan", "source_key": "3" }] });
    check("B97 foreign", &caller.clone().with("If-Match", &version).post("/api/v1/persons/split", &foreign), 409, "not-merged");
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
