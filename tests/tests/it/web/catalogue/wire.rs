//! Rows about the wire: framing, heads, hosts, tokens, purposes.

use jiku_registry::Role;
use serde_json::json;

use super::super::service::Service;
use super::{check, steward};

#[test]
fn a_request_that_could_be_read_two_ways_is_refused_and_the_connection_closed() {
    let service = Service::sqlite();
    let search = "POST /api/v1/persons/search HTTP/1.1\r\nHost: localhost\r\n";
    let cases: &[(&str, String)] = &[
        ("B86 length and chunks", format!("{search}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")),
        ("B86 two lengths", format!("{search}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")),
        ("B86 signed length", format!("{search}Content-Length: +3\r\n\r\nabc")),
        ("B86 folded", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n c\r\n\r\n".to_owned()),
        ("B87 none", "GET /healthz HTTP/1.1\r\n\r\n".to_owned()),
        ("B87 two", "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_owned()),
        ("another protocol", "\x16\x03\x01\x02\x00\x01\r\n\r\n".to_owned()),
    ];
    for (row, bytes) in cases {
        // The connection ends by itself, or this would wait; the answer has no body, since no route has seen a request.
        let (status, answer) = service.raw(bytes.as_bytes());
        assert_eq!(status, 400, "{row}: {answer}");
        assert!(answer.to_lowercase().contains("connection: close"), "{row}: {answer}");
    }
    let (status, answer) = service.raw(format!("{search}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n\r\n").as_bytes());
    assert!(matches!(status, 400 | 401), "B86 chunk size: {answer}");
    let many: String = (0..101).map(|number| format!("X-{number}: 1\r\n")).collect();
    let (status, answer) = service.raw(format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{many}Connection: close\r\n\r\n").as_bytes());
    assert_eq!(status, 431, "B85 fields: {answer}");
    let (status, answer) = service.raw(b"BREW /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert!(status == 405 && answer.contains("method-not-allowed"), "B89: {answer}");
    assert_eq!(service.stranger().get("/healthz").status, 200, "and the service answers the next one");
}

#[test]
fn a_token_that_is_none_is_told_no_reason() {
    let service = Service::sqlite();
    let caller = service.stranger();
    for token in ["abc", "jk_0000000000_1111", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "", "a b", &"x".repeat(8000)] {
        let answer = caller.clone().with("Authorization", &format!("Bearer {token}")).get("/api/v1/stats");
        assert_eq!(answer.status, 401, "B91 {token}: {}", answer.text);
        assert!(!answer.text.contains("detail"), "B91: {}", answer.text);
    }
    check("B91 scheme", &caller.with("Authorization", "Basic YTpi").get("/api/v1/stats"), 401, "token-invalid");
    let without = steward(&service).without("Purpose-Of-Use");
    check("B92", &without.post("/api/v1/persons/search", &json!({ "name": "张伟" })), 400, "purpose-missing");
    let two = format!("{}\r\nPurpose-Of-Use: another", steward(&service).head());
    let path = "/api/v1/persons/0190a7a0-0000-7000-8000-000000000001";
    let (status, answer) = service.raw(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{two}\r\nConnection: close\r\n\r\n").as_bytes());
    assert!(status == 403 && answer.contains("purpose-not-allowed"), "B92 two purposes: {answer}");
}

#[test]
fn what_a_header_claims_about_the_caller_is_not_believed() {
    let service = Service::sqlite();
    let caller = steward(&service);
    let body = json!({ "source": "gongan", "source_key": "1", "name": "张伟" });
    let id = caller.post("/api/v1/persons/records", &body).expect(200)["entity"].as_str().expect("an id").to_owned();
    let forged = caller.clone().with("X-User-Id", "mayor").with("X-Forwarded-For", "10.0.0.1").with("X-Forwarded-User", "mayor");
    forged.get(&format!("/api/v1/persons/{id}")).expect(200);
    let auditor = service.caller(&[Role::Auditor]);
    let log = auditor.get(&format!("/api/v1/persons/{id}/access")).expect(200);
    assert!(log.to_string().contains("test-") && !log.to_string().contains("mayor"), "B88: {log}");
}
