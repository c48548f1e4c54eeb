//! Rows about the values of people and legal persons, by hand and in streams.

use serde_json::{Value, json};

use super::super::service::{Answer, Caller, Service, identity_number};
use super::{check, send, steward};

const PERSONS: &str = "/api/v1/persons/records";

fn by_hand(caller: &Caller, path: &str, key: &str, fields: Value) -> Answer {
    let mut body = json!({ "source": "gongan", "source_key": key });
    for (name, value) in fields.as_object().expect("fields") {
        body[name] = value.clone();
    }
    caller.post(path, &body)
}

/// One row of a CSV stream: its status and the codes of its problems.
fn in_a_stream(caller: &Caller, header: &str, row: &str) -> (String, Vec<String>) {
    let body = format!("source,source_key,{header}\ngongan,{row}\n");
    let report = send(caller, PERSONS, "text/csv; charset=utf-8", body.as_bytes());
    assert!(matches!(report.status, 200 | 202), "{row}: {}", report.text);
    let row = report.json()["rows"][0].clone();
    let codes = row["problems"].as_array().into_iter().flatten();
    (
        row["status"].as_str().unwrap_or_default().to_owned(),
        codes.filter_map(|problem| Some(problem["code"].as_str()?.to_owned())).collect(),
    )
}

#[track_caller]
fn flagged(row: &str, told: &(String, Vec<String>), status: &str, code: &str) {
    assert_eq!(told.0, status, "{row}: {told:?}");
    assert!(told.1.iter().any(|found| found == code), "{row}: {code} is told: {told:?}");
}

#[test]
fn values_typed_by_hand_are_refused_with_what_to_do() {
    let service = Service::sqlite();
    let caller = steward(&service);
    let (persons, companies, parcels) = (PERSONS, "/api/v1/legal-persons/records", "/api/v1/parcels/records");
    let cases: &[(&str, &str, Value, &str)] = &[
        ("B22", persons, json!({ "name": format!("e{}", "\u{301}".repeat(10_000)) }), "too-long"),
        ("B29", persons, json!({ "name": "张\r\n伟\u{1b}[31m" }), "control-character"),
        ("B35 letters", companies, json!({ "name": "金丝雀有限公司", "uscc": "91440101MA5CIOSV00" }), "id-checksum"),
        ("B35 check", companies, json!({ "name": "金丝雀有限公司", "uscc": "91440101MA5C123400" }), "id-checksum"),
        // The code alone is all this parcel has: without it nothing is left that names it.
        ("B36 parcel alone", parcels, json!({ "parcel_code": "440106001001GB0001" }), "required"),
        ("B36 unit", parcels, json!({ "parcel_code": "440106001001GB00001", "unit_code": "440106001001GB00001F001" }), "unit-code-length"),
        ("B36 number", persons, json!({ "name": "张伟", "id_type": "111", "id_number": "11010519491231002" }), "id-format"),
        ("B36 code", companies, json!({ "name": "金丝雀有限公司", "uscc": "91440101MA5C1" }), "id-format"),
        ("B42 zero", persons, json!({ "name": "张伟", "birth_date": "0000-00-00" }), "date-invalid"),
        ("B42 far", persons, json!({ "name": "张伟", "birth_date": "99999-01-01" }), "date-invalid"),
        ("B43 future", persons, json!({ "name": "张伟", "birth_date": "2099-01-01" }), "date-range"),
        ("B43 old", persons, json!({ "name": "张伟", "birth_date": "1850-01-01" }), "date-range"),
        ("B44 by hand", persons, json!({ "name": "张伟", "birth_date": "1980-04-06T10:00:00" }), "date-zone-missing"),
    ];
    for (row, path, fields, slug) in cases {
        let answer = by_hand(&caller, path, row, fields.clone());
        check(row, &answer, 422, slug);
        assert!(
            answer.json()["pointer"].is_string() && answer.json()["detail"].is_string(),
            "{row} tells where and what to do: {}",
            answer.text
        );
    }
}

#[test]
fn doubtful_values_are_kept_as_sent_and_flagged() {
    let service = Service::sqlite();
    let caller = steward(&service);
    let number = identity_number("11010119900307003");
    // What a record says, and what is told about it; nothing of it is lost.
    let cases: &[(&str, Value, Option<&str>)] = &[
        ("B20", json!({ "name": "\u{e000}伟" }), Some("pua-character")),
        ("B21 extension B", json!({ "name": "𠮷野家" }), None),
        ("B21 sequence", json!({ "name": "⿰亻尔" }), None),
        ("B28 full width", json!({ "name": "Ｌｉ　Ｍｉｎｇ" }), None),
        ("B31 fifteen", json!({ "name": "张伟", "id_number": "110101900307003" }), Some("id-legacy")),
        (
            "B31 full width",
            json!({ "name": "张伟", "id_number": number.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).expect("a digit")).collect::<String>() }),
            Some("id-normalised"),
        ),
        ("B34 zeros", json!({ "name": "李雷", "id_number": "000000000000000000" }), Some("id-placeholder")),
        ("B34 ones", json!({ "name": "韩梅梅", "id_number": "111111111111111111" }), Some("id-placeholder")),
    ];
    for (row, fields, code) in cases {
        let kept = by_hand(&caller, PERSONS, row, fields.clone()).expect(200);
        let told: Vec<&str> = kept["problems"].as_array().into_iter().flatten().filter_map(|problem| problem["code"].as_str()).collect();
        assert!(code.is_none_or(|code| told.contains(&code)), "{row}: {kept}");
        let held =
            caller.get(&format!("/api/v1/persons/{}?include=sources&unmask=true", kept["entity"].as_str().expect("an id"))).expect(200);
        let raw = held["sources"].as_array().expect("sources").iter().find(|source| source["source_key"] == *row).expect("the record");
        for (name, value) in fields.as_object().expect("fields") {
            assert_eq!(&raw["raw"][name], value, "{row}: byte for byte");
        }
    }
    let dotted = ["阿依古丽·买买提", "阿依古丽•买买提", "阿依古丽・买买提"].map(|name| {
        let kept = by_hand(&caller, PERSONS, name, json!({ "name": name, "birth_date": "1990-05-06", "phone": "13812345678" })).expect(200);
        kept["entity"].as_str().expect("an id").to_owned()
    });
    assert!(dotted.iter().all(|id| *id == dotted[0]), "B28: the dots are equal in matching: {dotted:?}");
    let dummies = ["B34 one", "B34 two"].map(|key| {
        let fields = json!({ "name": format!("司马{key}"), "id_number": "111111111111111111" });
        by_hand(&caller, PERSONS, key, fields).expect(200)["entity"].as_str().expect("an id").to_owned()
    });
    assert_ne!(dummies[0], dummies[1], "B34: filler never makes two people one");
}

#[test]
fn rows_of_a_stream_are_reported_and_the_others_stay() {
    let service = Service::sqlite();
    let caller = steward(&service);
    let told = in_a_stream(&caller, "name", &format!("B13,{}", "a".repeat(10_000_000)));
    assert_eq!(told.0, "rejected", "B13: {:?}", told.1);
    flagged("B13", &in_a_stream(&caller, "name", &format!("B13b,{}", "a".repeat(5_000))), "rejected", "too-long");
    flagged("B18", &in_a_stream(&caller, "name", "B18,张\u{202e}伟"), "created", "bidi-removed");
    flagged("B19", &in_a_stream(&caller, "name", "B19,李\u{200b}雷"), "created", "zero-width-removed");
    flagged("B30", &in_a_stream(&caller, "name,id_number", "B30,王五,110101199003070031"), "created", "id-checksum");
    flagged(
        "B32",
        &in_a_stream(&caller, "name,id_number", &format!("B32,王五,{}", identity_number("11010119900230003"))),
        "created",
        "id-invalid",
    );
    let conflict = format!("B33,王五,{},1991-03-07", identity_number("11010119900307003"));
    flagged("B33", &in_a_stream(&caller, "name,id_number,birth_date", &conflict), "created", "id-conflict");
    flagged("B43", &in_a_stream(&caller, "name,birth_date", "B43,王五,2099-01-01"), "created", "date-range");
    flagged("B48", &in_a_stream(&caller, "name", "B48,张\u{fffd}伟"), "created", "replacement-character");
    for date in ["36526", "庚辰年"] {
        flagged("B46", &in_a_stream(&caller, "name,birth_date", &format!("B46 {date},王五,{date}")), "created", "date-format");
    }
    let mixed = b"source,source_key,name\ngongan,m1,\xe5\xbc\xa0\xe4\xbc\x9f\ngongan,m2,\xd5\xc5\xce\xb0\ngongan,m3,\xe7\x8e\x8b\xe4\xba\x94\ngongan,m4,a\ngongan,m5,b\ngongan,m6,c\n";
    let report = send(&caller, PERSONS, "text/csv; charset=utf-8", mixed).expect(202);
    assert_eq!(
        (report["rows"][1]["problems"][0]["code"].as_str(), report["job"]["created"].as_u64()),
        (Some("encoding"), Some(5)),
        "B48: {report}"
    );
    let missing = send(&caller, PERSONS, "text/csv", b"source,name\ngongan,a\n").expect(202);
    assert_eq!(missing["rows"][0]["problems"][0]["code"], "required", "B50: each row lacks the key: {missing}");
    // A line beyond the limit is one bad row, not the end: the stream goes on behind it.
    let long = format!("{{\"source\":\"gongan\",\"source_key\":\"x\",\"name\":\"{}\"}}\n", "a".repeat(2_000_000));
    let rest: String =
        (0..5).map(|number| format!("{{\"source\":\"gongan\",\"source_key\":\"r{number}\",\"name\":\"王{number}\"}}\n")).collect();
    let report = send(&caller, PERSONS, "application/x-ndjson", (long + &rest).as_bytes()).expect(202);
    assert_eq!(
        (report["rows"][0]["problems"][0]["code"].as_str(), report["job"]["created"].as_u64()),
        (Some("too-long"), Some(5)),
        "B51: {report}"
    );
    check("B56", &send(&caller, PERSONS, "application/zip", b"PK\x03\x04"), 422, "archive-rejected");
    check("B57 zip", &send(&caller, PERSONS, "text/csv", b"PK\x03\x04aaaaaaaaaaaa"), 415, "content-mismatch");
    let entity = b"<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>";
    check("B57 entity", &send(&caller, PERSONS, "text/csv", entity), 422, "xml-entity");
}

#[test]
fn a_search_takes_every_character_as_itself() {
    let service = Service::sqlite();
    let caller = steward(&service);
    by_hand(&caller, PERSONS, "1", json!({ "name": "张伟" })).expect(200);
    for name in ["'; DROP TABLE person; --", "张%", "张_"] {
        let found = caller.post("/api/v1/persons/search", &json!({ "name": name })).expect(200);
        assert_eq!(found["items"], json!([]), "B25 {name}: nobody is called so");
    }
    for name in ["%", "_", "", " "] {
        let answer = caller.post("/api/v1/persons/search", &json!({ "name": name }));
        assert_eq!(answer.status, 422, "B26 {name:?}: {}", answer.text);
    }
    assert_eq!(caller.post("/api/v1/persons/search", &json!({ "name": "张伟" })).expect(200)["items"].as_array().map(Vec::len), Some(1));
}

#[test]
fn times_have_an_offset() {
    let service = Service::sqlite();
    let caller = steward(&service);
    let id = "0190a7a0-0000-7000-8000-000000000001";
    // A parameter, so it answers as every parameter does.
    check("B44", &caller.get(&format!("/api/v1/persons/{id}?as_of=2024-01-01T00:00:00")), 400, "parameter-invalid");
    check("B44 leap second", &caller.get(&format!("/api/v1/persons/{id}?as_of=2024-01-01T23:59:60Z")), 404, "not-found");
    // There is no PATCH: a record is sent again, a golden value is set through overrides.
    check("B15", &caller.send("PATCH", &format!("/api/v1/persons/{id}"), b"[]"), 405, "method-not-allowed");
}
