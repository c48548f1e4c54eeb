//! Are files read as their senders mean them: seen before they go in, checked without a trace, matched and given back?

use jiku_registry::Role;
use serde_json::{Value, json};

use super::service::{Answer, Caller, Service, identity_number};

fn send(caller: &Caller<'_>, media_type: &str, path: &str, body: impl AsRef<[u8]>) -> Answer {
    caller.clone().with("Content-Type", media_type).send("POST", path, body.as_ref())
}

/// A query parameter's value.
fn encode(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

const MAPPING: &str = "[columns]\n\"编号\" = \"source_key\"\n\"身份证号码\" = \"id_number\"\n\"姓名\" = \"name\"\n\"生日\" = \"birth_date\"\n[dates]\nbirth_date = \"%Y%m%d\"";

fn list() -> String {
    let number = identity_number("44010619850512102");
    format!("编号,姓名,身份证号码,生日,备注\n1,张晓明,{number},19850512,\"a,b\"\n2,李不存在,,19700101,\n3,王坏行,123,1999,x\n")
}

#[test]
fn the_columns_of_a_file_are_seen_with_what_they_most_likely_mean() {
    let service = Service::sqlite();
    let caller = service.caller(&[Role::Source]);
    let seen = send(&caller, "application/octet-stream", "/api/v1/persons/preview?file_name=list.csv", list()).expect(200);
    assert_eq!((&seen["format"], &seen["rows"][0]["备注"]), (&json!("csv"), &json!("a,b")));
    let meanings: Vec<&Value> = seen["columns"].as_array().expect("columns").iter().map(|column| &column["meaning"]).collect();
    assert_eq!(meanings, [&json!("source_key"), &json!("name"), &json!("id_number"), &json!("birth_date"), &Value::Null]);

    // 姓名 and 张伟 in GB 18030, which nobody declared.
    let old = send(&caller, "text/csv", "/api/v1/persons/preview", b"\xd0\xd5\xc3\xfb\n\xd5\xc5\xce\xb0\n").expect(200);
    assert_eq!(
        (&old["charset"], &old["columns"][0]["meaning"], &old["rows"][0]["姓名"]),
        (&json!("gb18030"), &json!("name"), &json!("张伟"))
    );

    // The beginning of a file may end in the middle of a row, and of a value.
    let cut = send(&caller, "application/json", "/api/v1/persons/preview", r#"[{"name":"张伟"},{"name":"李"#).expect(200);
    assert_eq!(cut["rows"], json!([{ "name": "张伟" }]));
    let parcel = r#"{"type":"FeatureCollection","features":[{"type":"Feature","id":7,"geometry":null,"properties":{"宗地代码":"4401"}}]}"#;
    let seen = send(&caller, "application/geo+json", "/api/v1/parcels/preview", parcel).expect(200);
    assert_eq!(seen["rows"][0], json!({ "宗地代码": "4401", "source_key": 7 }));
    assert_eq!(send(&caller, "application/octet-stream", "/api/v1/persons/preview", b"%PDF-1.7").problem(), "content-mismatch");
}

#[test]
fn a_check_tells_what_an_import_would_find_and_stores_nothing() {
    let service = Service::sqlite();
    let caller = service.caller(&[Role::Source]);
    let path = format!("/api/v1/persons/records?source=gongan&mapping={}&file_name=list.csv", encode(MAPPING));
    let told = send(&caller, "text/csv", &format!("{path}&dry_run=true"), format!("{}3,王二,,19700101,\n", list())).expect(200);
    assert_eq!((&told["rows"], &told["repeated"], &told["unknown_columns"]), (&json!(4), &json!(1), &json!(["备注"])));
    let found = told["found"].as_array().expect("what was found");
    assert!(found.iter().any(|one| one["field"] == "id_number" && one["lines"] == json!([4])), "{told}");
    assert_eq!(caller.get("/api/v1/jobs").expect(200)["jobs"], json!([]), "no job, and no record");

    let done = send(&caller, "text/csv", &path, list()).expect(202);
    assert_eq!((&done["job"]["name"], &done["job"]["rows"]), (&json!("list.csv"), &json!(3)));
    let record = caller.get("/api/v1/sources/gongan/persons/1").expect(200);
    assert_eq!(
        record["attributes"]["birth_date"], "1985-**-**",
        "the mapping says how dates are written, and a source sees what it sent masked"
    );
    let refused = send(&caller, "text/csv", "/api/v1/persons/records?mapping=colums", list());
    assert_eq!((refused.status, refused.problem()), (400, "parameter-invalid".to_owned()));
}

#[test]
fn a_list_comes_back_with_canonical_ids_and_probabilities_row_by_row() {
    let service = Service::sqlite();
    let caller = service.caller(&[Role::Source]);
    let record = json!({ "source": "gongan", "source_key": "1", "name": "张晓明", "id_number": identity_number("44010619850512102"), "birth_date": "1985-05-12" });
    let entity = caller.post("/api/v1/persons/records", &record).expect(200)["entity"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/persons/match?mapping={}", encode(MAPPING));

    let answer = send(&caller.clone().with("Accept", "text/csv"), "text/csv", &path, list());
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/csv; charset=utf-8"));
    let lines: Vec<&str> = answer.text.lines().collect();
    assert_eq!(lines.len(), 4, "the header and every row\n{}", answer.text);
    assert!(lines[0].starts_with("编号,姓名,身份证号码,生日,备注,jiku_decision,jiku_id,jiku_probability"), "{}", lines[0]);
    assert!(lines[1].contains(&format!("\"a,b\",match,{entity},0.9999")), "{}", lines[1]);
    assert!(lines[2].contains(",none,,"), "{}", lines[2]);
    assert!(lines[3].starts_with("3,王坏行,123,1999,x,"), "{}", lines[3]);

    let lines = send(&caller.clone().with("Accept", "application/x-ndjson"), "text/csv", &path, list()).text;
    let first: Value = serde_json::from_str(lines.lines().next().expect("a line")).expect("JSON");
    assert_eq!((&first["decision"], &first["candidates"][0]["id"], &first["line"]), (&json!("match"), &json!(entity), &json!(2)));
    assert_eq!(first["record"]["备注"], "a,b", "the row as received");

    // A spreadsheet runs nothing of it; programs get the list as it was sent.
    let formulas = "name,=1+1\n=HYPERLINK(1),@x\n";
    let table = send(&caller.clone().with("Accept", "text/csv"), "text/csv", "/api/v1/persons/match", formulas).text;
    assert!(table.starts_with("name,'=1+1,jiku_decision") && table.contains("\n'=HYPERLINK(1),'@x,"), "{table}");
    let lines = send(&caller.clone().with("Accept", "application/x-ndjson"), "text/csv", "/api/v1/persons/match", formulas).text;
    assert!(lines.contains(r#""=HYPERLINK(1)""#) && lines.contains(r#""@x""#), "{lines}");

    // More rows than one piece, and a row that is no row.
    let many = format!("name\n{}x,y\n", "张晓明\n".repeat(1200));
    let many = send(&caller.clone().with("Accept", "application/x-ndjson"), "text/csv", "/api/v1/persons/match", many).text;
    assert_eq!(many.lines().count(), 1201);
    let last: Value = serde_json::from_str(many.lines().last().expect("a line")).expect("JSON");
    assert_eq!((&last["decision"], &last["problems"][0]["code"]), (&json!("rejected"), &json!("csv-columns")));
    let json_list = send(&caller.clone().with("Accept", "text/csv"), "application/json", "/api/v1/persons/match", r#"[{"name":"张三"}]"#);
    assert_eq!(json_list.status, 406, "only a table comes back as a table");
    assert_eq!(caller.without("Purpose-Of-Use").send("POST", "/api/v1/persons/match", b"name\n").problem(), "purpose-missing");
}

#[test]
fn bad_rows_of_a_body_on_one_line_are_told_one_by_one() {
    let service = Service::sqlite();
    let caller = service.caller(&[Role::Source]);
    let person = |key: usize| {
        let birth = if key < 10 { "1990-01-01" } else { "1990-02-30" };
        json!({ "source": "gongan", "source_key": key.to_string(), "name": "王小明", "birth_date": birth })
    };
    let people = Value::Array((0..12).map(person).collect()).to_string();
    let square = |at: f64, open: bool| {
        let end = if open { at + 0.0005 } else { at };
        json!({"type": "Polygon", "coordinates": [[[at, 23.1], [at + 0.001, 23.1], [at + 0.001, 23.101], [end, 23.1]]]})
    };
    let parcel = |key: u8| {
        let properties = json!({ "source": "ziran", "source_key": key.to_string() });
        json!({ "type": "Feature", "geometry": square(113.3 + f64::from(key) / 100.0, key >= 10), "properties": properties })
    };
    let parcels = json!({ "type": "FeatureCollection", "features": (0..12).map(parcel).collect::<Vec<_>>() }).to_string();
    for (media_type, path, body, code) in [
        ("application/json", "/api/v1/persons/records", people, "date-invalid"),
        ("application/geo+json", "/api/v1/parcels/records", parcels, "geometry-ring"),
    ] {
        let done = send(&caller, media_type, path, body).expect(202);
        assert_eq!((&done["job"]["created"], &done["job"]["rejected"]), (&json!(10), &json!(2)), "{done}");
        let id = done["job"]["id"].as_str().expect("an id");
        let told = caller.get(&format!("/api/v1/jobs/{id}/rejections")).text;
        let rows: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(rows.len(), 2, "{told}");
        assert!(rows.iter().all(|row| row["line"] == 1 && row["problems"][0]["code"] == code), "{told}");
    }
}
