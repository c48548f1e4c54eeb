//! Does another match model come into use over HTTP, and only by whom and when it may?

use jiku_registry::Role;
use serde_json::json;

use super::service::Service;

#[test]
fn thresholds_are_previewed_applied_once_and_taken_back() {
    let service = Service::sqlite();
    let office = service.caller(&[Role::DataOffice]);
    let source = service.caller(&[Role::Source]);
    source.post("/api/v1/persons/records", &json!({ "source": "gongan", "source_key": "1", "name": "张伟" })).expect(200);
    let path = "/api/v1/models/persons";
    let answer = office.get(path);
    let tag = answer.header("etag").to_owned();
    assert_eq!((tag.as_str(), answer.expect(200)["in_use"].as_i64()), ("\"person.1\"", Some(1)));
    let change = json!({ "link": 12, "comment": "fewer wrong links" });
    assert_eq!(office.put(&format!("{path}?dry_run=true"), &change).expect(200)["version"], 1);
    assert_eq!(office.get(path).expect(200)["link"], 7.0, "a dry run changes nothing");

    assert_eq!(office.put(path, &change).problem(), "precondition-required");
    assert_eq!(office.clone().with("If-Match", "person.1").put(path, &change).problem(), "if-match-invalid");
    assert_eq!(office.clone().with("If-Match", "\"person.9\"").put(path, &change).problem(), "version-stale");
    let steward = service.caller(&[Role::Steward]);
    assert_eq!(steward.with("If-Match", &tag).put(path, &change).status, 403);
    let applied = office.clone().with("If-Match", &tag).put(path, &change).expect(200);
    assert_eq!((applied["version"].as_i64(), office.get(path).expect(200)["link"].as_f64()), (Some(2), Some(12.0)));
    let second = office.clone().with("If-Match", &tag).put(path, &change);
    assert_eq!(second.status, 412, "another version is in use by now");

    for (body, slug) in [
        (json!({}), "required"),
        (json!({ "link": 3, "version": 1 }), "value-invalid"),
        (json!({ "version": 0.5 }), "value-invalid"),
        (json!({ "toml": "prior = " }), "model-invalid"),
        (json!({ "link": "high" }), "type-mismatch"),
    ] {
        let refused = office.clone().with("If-Match", "\"person.2\"").put(path, &body);
        assert_eq!((refused.status, refused.problem().as_str()), (422, slug), "{body}");
    }
    office.clone().with("If-Match", "\"person.2\"").put(path, &json!({ "version": 1 })).expect(200);
    assert_eq!(office.get(path).expect(200)["link"], 7.0);
    assert!(office.post(&format!("{path}/redo"), &json!({})).expect(200)["applied"].is_null());
    let changes = service.caller(&[Role::Reader]).get("/api/v1/changes?after=0").expect(200);
    let events: Vec<_> = changes["changes"].as_array().expect("changes").iter().filter_map(|change| change["event"].as_str()).collect();
    assert_eq!(events, ["created", "remodelled", "remodelled"]);
}
