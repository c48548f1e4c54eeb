//! Rows that the service answers otherwise than the catalogue thought, and why.

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
    let (mut cursor, mut seen) = (Value::Null, 0);
    loop {
        let told = page(&cursor);
        let items = told["items"].as_array().expect("items").len();
        assert!(items <= 100, "B27: a page is a page");
        seen += items;
        cursor = told["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert!(seen > 100, "B27: {seen}");
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
