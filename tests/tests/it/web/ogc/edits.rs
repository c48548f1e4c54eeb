//! Are parcels created, replaced, updated and deleted as features part 4 (OGC 20-002r1, a draft) has it?

use jiku_registry::Role;
use serde_json::{Value, json};

use super::super::service::{Answer, Caller, Service};
use super::conformance::{Requirement, World};
use super::land::{self, ring};
use super::requirements::requirements as table_of;

const ITEMS: &str = "/ogc/collections/parcels/items";
const GEOJSON: &str = "application/geo+json";
const PATCH: &str = "application/merge-patch+json";

/// A feature in a column and row beyond the grid; each requirement has a row of its own.
fn feature(column: u32, row: u32) -> Value {
    json!({
        "type": "Feature", "geometry": { "type": "Polygon", "coordinates": [ring(column, row)] },
        "properties": { "parcel_code": "440106001002GB", "land_use": "0701", "location": "天河区测试路" },
    })
}

/// Other values for the parcel there, which keeps its code.
fn anew(column: u32, row: u32) -> Value {
    let mut told = feature(column, row);
    told["properties"] = json!({ "land_use": "0501" });
    told
}

fn editor<'a>(service: &'a Service) -> Caller<'a> {
    service.caller(&[Role::GisEditor]).without("Purpose-Of-Use")
}

fn send(caller: &Caller<'_>, method: &str, path: &str, media_type: &str, body: &Value) -> Answer {
    caller.clone().with("Content-Type", media_type).send(method, path, body.to_string().as_bytes())
}

/// Makes a parcel and gives its address and its tag.
#[track_caller]
fn made(caller: &Caller<'_>, column: u32, row: u32) -> (String, String) {
    let answer = send(caller, "POST", ITEMS, GEOJSON, &feature(column, row));
    assert_eq!(answer.status, 201, "{}", answer.text);
    let address = answer.header("location").split_once("/ogc").map(|(_, path)| format!("/ogc{path}")).expect("an address");
    (address, answer.header("etag").to_owned())
}

table_of! {
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/create-replace-delete" => {
        "/req/create-replace-delete/post-op": |world| { assert!(allow(world, ITEMS).contains(&"POST".to_owned())); }
        "/req/create-replace-delete/post-body": |world| {
            let empty = world.caller.clone().with("Content-Type", GEOJSON);
            assert_eq!(editor(world.service).with("Content-Type", GEOJSON).send("POST", ITEMS, b"").status, 400);
            assert_eq!(empty.send("POST", ITEMS, b"{}").status, 403, "a reader's key edits nothing");
        }
        "/req/create-replace-delete/post-content-type": |world| { assert_eq!(send(&editor(world.service), "POST", ITEMS, "text/csv", &feature(0, 20)).status, 415); }
        "/req/create-replace-delete/post-response-rid": |world| {
            let mut told = feature(0, 21);
            told["id"] = json!("0190a7a0-0000-7000-8000-000000000001");
            let answer = send(&editor(world.service), "POST", ITEMS, GEOJSON, &told);
            assert!(answer.status == 201 && !answer.header("location").ends_with("000000000001"), "{}", answer.text);
        }
        "/req/create-replace-delete/post-response": |world| {
            let answer = send(&editor(world.service), "POST", ITEMS, GEOJSON, &feature(0, 22));
            assert_eq!((answer.status, answer.header("content-type")), (201, GEOJSON));
            let read = world.get(answer.header("location").split_once("/ogc").expect("an address").1).json();
            assert_eq!((&read, &read["properties"]["land_use"]), (&answer.json(), &json!("0701")));
        }
        "/req/create-replace-delete/put-op": |world| { let (item, _) = made(&editor(world.service), 0, 23); assert!(allow(world, &item).contains(&"PUT".to_owned())); }
        "/req/create-replace-delete/put-body": |world| {
            let editor = editor(world.service);
            let (item, tag) = made(&editor, 0, 24);
            let answer = send(&editor.with("If-Match", &tag), "PUT", &item, GEOJSON, &anew(0, 24)).expect(200);
            assert_eq!((&answer["properties"]["land_use"], &answer["properties"]["location"]), (&json!("0501"), &Value::Null), "what is not said is empty");
            assert_eq!(answer["properties"]["parcel_code"].as_str().map(str::len), Some(19), "the code stays");
        }
        "/req/create-replace-delete/put-content-type": |world| {
            let editor = editor(world.service);
            let (item, tag) = made(&editor, 0, 25);
            assert_eq!(send(&editor.with("If-Match", &tag), "PUT", &item, "application/gml+xml", &anew(0, 25)).status, 415);
        }
        "/req/create-replace-delete/put-response": |world| {
            let editor = editor(world.service);
            let (item, tag) = made(&editor, 0, 26);
            assert_eq!(send(&editor.with("If-Match", &tag), "PUT", &item, GEOJSON, &anew(0, 26)).status, 200);
        }
        "/req/create-replace-delete/put-rid": |world| {
            let editor = editor(world.service);
            let (item, tag) = made(&editor, 0, 27);
            let mut all = anew(0, 27);
            all["id"] = json!("another");
            for unless in ["*", tag.as_str()] {
                let unless = editor.clone().with("If-Match", &tag).with("If-None-Match", unless);
                assert_eq!(send(&unless, "PUT", &item, GEOJSON, &all).problem(), "version-stale", "it is there");
            }
            let answer = send(&editor.with("If-Match", &tag), "PUT", &item, GEOJSON, &all).expect(200);
            assert!(item.ends_with(answer["id"].as_str().expect("an id")));
        }
        "/req/create-replace-delete/put-rid-exception": |world| {
            let (editor, nobody) = (editor(world.service), "0190a7a0-0000-7000-8000-000000000001");
            let item = format!("{ITEMS}/{nobody}");
            assert_eq!(send(&editor, "PUT", &item, GEOJSON, &anew(0, 28)).status, 404);
            assert_eq!(send(&editor.with("If-Match", &format!("\"{nobody}.1\"")), "PUT", &item, GEOJSON, &anew(0, 28)).status, 412);
        }
        "/req/create-replace-delete/delete-op": |world| { let (item, _) = made(&editor(world.service), 0, 29); assert!(allow(world, &item).contains(&"DELETE".to_owned())); }
        "/req/create-replace-delete/delete-response": |world| {
            let editor = editor(world.service);
            let (item, tag) = made(&editor, 0, 30);
            assert_eq!(editor.clone().with("If-Match", &tag).send("DELETE", &item, b"").status, 204);
            assert_eq!((editor.get(&item).status, editor.send("DELETE", &item, b"").status), (404, 404));
        }
        "/req/create-replace-delete/options-op": |world| { for path in [ITEMS, &made(&editor(world.service), 0, 31).0] { assert_eq!(world.caller.send("OPTIONS", path, b"").status, 200); } }
        "/req/create-replace-delete/options-response": |world| {
            assert_eq!(allow(world, ITEMS), ["GET", "HEAD", "POST", "OPTIONS"]);
            assert_eq!(world.caller.send("OPTIONS", ITEMS, b"").header("allow"), "GET, HEAD, OPTIONS", "a reader may do less");
        }
    }
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/update" => {
        "/req/update/methods": |world| { let (item, _) = made(&editor(world.service), 0, 32); assert!(allow(world, &item).contains(&"PATCH".to_owned())); }
        "/req/update/update-patch-op": |world| {
            let editor = editor(world.service);
            let (item, tag) = made(&editor, 0, 33);
            let answer = send(&editor.with("If-Match", &tag), "PATCH", &item, PATCH, &json!({ "properties": { "land_use": "0501" } })).expect(200);
            assert_eq!((&answer["properties"]["land_use"], &answer["properties"]["location"]), (&json!("0501"), &json!("天河区测试路")));
        }
        "/req/update/update-patch-body": |world| {
            let editor = editor(world.service);
            let (item, tag) = made(&editor, 0, 34);
            assert_eq!(send(&editor.with("If-Match", &tag), "PATCH", &item, PATCH, &json!({ "properties": { "owner": "x" } })).problem(), "unknown-field");
        }
        "/req/update/update-patch-response": |world| {
            let editor = editor(world.service);
            let (item, tag) = made(&editor, 0, 35);
            let moved = json!({ "geometry": { "type": "Polygon", "coordinates": [ring(1, 35)] } });
            let answer = send(&editor.with("If-Match", &tag), "PATCH", &item, PATCH, &moved).expect(200);
            assert_eq!(answer["geometry"], moved["geometry"]);
        }
        "/req/update/rid": |world| {
            let editor = editor(world.service);
            let (item, tag) = made(&editor, 0, 36);
            let answer = send(&editor.with("If-Match", &tag), "PATCH", &item, PATCH, &json!({ "id": "another", "properties": { "land_use": "0501" } })).expect(200);
            assert!(item.ends_with(answer["id"].as_str().expect("an id")));
        }
    }
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/optimistic-locking-etags" => {
        "/req/optimistic-locking-etags/get-etag-response": |world| { let (item, tag) = made(&editor(world.service), 0, 37); assert_eq!(world.caller.get(&item).header("etag"), tag); }
        "/req/optimistic-locking-etags/put-etag-response": |world| {
            let editor = editor(world.service);
            let (item, tag) = made(&editor, 0, 38);
            let answer = send(&editor.with("If-Match", &tag), "PUT", &item, GEOJSON, &anew(0, 38));
            assert_eq!((answer.status, answer.header("etag")), (200, tag.replace(".1\"", ".2\"").as_str()));
        }
        "/req/optimistic-locking-etags/patch-etag-response": |world| {
            let editor = editor(world.service);
            let (item, tag) = made(&editor, 0, 39);
            let answer = send(&editor.with("If-Match", &tag), "PATCH", &item, PATCH, &json!({ "properties": { "land_use": "0501" } }));
            assert_eq!((answer.status, answer.header("etag")), (200, tag.replace(".1\"", ".2\"").as_str()));
        }
        "/req/optimistic-locking-etags/ifmatch-put-op": |world| { let editor = editor(world.service); let (item, _) = made(&editor, 0, 40); assert_eq!(send(&editor, "PUT", &item, GEOJSON, &anew(0, 40)).status, 428); }
        "/req/optimistic-locking-etags/ifmatch-put-eval": |world| { stale(world, "PUT", GEOJSON, 41, &anew(0, 41)); }
        "/req/optimistic-locking-etags/ifmatch-patch-op": |world| { let editor = editor(world.service); let (item, _) = made(&editor, 0, 42); assert_eq!(send(&editor, "PATCH", &item, PATCH, &json!({ "properties": {} })).status, 428); }
        "/req/optimistic-locking-etags/ifmatch-patch-eval": |world| { stale(world, "PATCH", PATCH, 43, &json!({ "properties": { "land_use": "0601" } })); }
    }
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/features" => {
        "/req/features/resources-endpoint": |world| { assert_eq!(send(&editor(world.service), "POST", "/ogc/collections/other/items", GEOJSON, &feature(0, 44)).status, 404); }
        "/req/features/resource-endpoint": |world| { assert!(made(&editor(world.service), 0, 45).0.starts_with(&format!("{ITEMS}/"))); }
        "/req/features/collection-endpoint": |world| { assert!(world.json("/collections/parcels").get("supportsNonAutogeneratedResourceIds").is_none(), "a PUT makes nothing"); }
        "/req/features/content-crs-header": |world| {
            let crs = "<http://www.opengis.net/def/crs/EPSG/0/4490>";
            let mut swapped = feature(0, 46);
            for position in swapped["geometry"]["coordinates"][0].as_array_mut().expect("positions") { position.as_array_mut().expect("a position").swap(0, 1); }
            let answer = send(&editor(world.service).with("Content-Crs", crs), "POST", ITEMS, GEOJSON, &swapped);
            assert_eq!((answer.status, answer.header("content-crs")), (201, crs), "{}", answer.text);
            let read = world.get(answer.header("location").split_once("/ogc").expect("an address").1).json();
            assert_eq!(read["geometry"], feature(0, 46)["geometry"], "latitude came first");
        }
        "/req/features/default-crs": |world| { let (item, _) = made(&editor(world.service), 0, 47); assert_eq!(world.caller.get(&item).json()["geometry"], feature(0, 47)["geometry"]); }
        "/req/features/crs-other-crs": |world| { assert_eq!(send(&editor(world.service).with("Content-Crs", "<http://www.opengis.net/def/crs/EPSG/0/3857>"), "POST", ITEMS, GEOJSON, &feature(0, 48)).problem(), "crs-unsupported"); }
        "/req/features/schema": |world| {
            let schema = world.json("/collections/parcels/schema");
            assert_eq!((&schema["additionalProperties"], &schema["properties"]["version"]["readOnly"]), (&json!(false), &json!(true)));
            let mut odd = feature(0, 49);
            odd["properties"]["right_holder"] = json!("张测试");
            assert_eq!(send(&editor(world.service), "POST", ITEMS, GEOJSON, &odd).problem(), "unknown-field");
        }
        "/req/features/update-json-merge-patch": |world| {
            let editor = editor(world.service);
            let (item, tag) = made(&editor, 0, 50);
            let editor = editor.with("If-Match", &tag);
            assert_eq!(send(&editor, "PATCH", &item, PATCH, &json!({ "properties": { "id": "x" } })).problem(), "read-only-field");
            let answer = send(&editor, "PATCH", &item, PATCH, &json!({ "properties": { "location": null } })).expect(200);
            assert_eq!(answer["properties"].get("location"), Some(&Value::Null), "null takes a value away");
        }
        "/req/features/geojson-create-replace": |world| {
            let editor = editor(world.service);
            let (item, tag) = made(&editor, 0, 51);
            let read = world.caller.get(&item).json();
            let answer = send(&editor.with("If-Match", &tag), "PUT", &item, GEOJSON, &read);
            assert_eq!((answer.status, answer.header("etag")), (200, tag.as_str()), "sent back as it was read it changes nothing: {}", answer.text);
        }
    }
}

/// Every requirement of part 4.
pub(super) fn requirements() -> Vec<Requirement> {
    table()
}

/// What an editor may do at an address.
fn allow(world: &World<'_>, path: &str) -> Vec<String> {
    editor(world.service).send("OPTIONS", path, b"").header("allow").split(", ").map(str::to_owned).collect()
}

/// Somebody else was first: 412, and nothing is changed.
#[track_caller]
fn stale(world: &World<'_>, method: &str, media_type: &str, row: u32, body: &Value) {
    let editor = editor(world.service);
    let (item, tag) = made(&editor, 0, row);
    let first = send(&editor.clone().with("If-Match", &tag), "PATCH", &item, PATCH, &json!({ "properties": { "land_use": "0501" } }));
    let second = send(&editor.with("If-Match", &tag), method, &item, media_type, body);
    assert_eq!((first.status, second.status, second.problem().as_str()), (200, 412, "version-stale"));
    assert_eq!(world.caller.get(&item).header("etag"), first.header("etag"));
}

#[test]
fn a_replacement_through_features_leaves_the_right_alone() {
    let service = Service::sqlite();
    land::settle(&service, 2, 1);
    let editor = editor(&service);
    let listed = editor.get(&format!("{ITEMS}?limit=1")).expect(200);
    let id = listed["features"][0]["id"].as_str().expect("an id").to_owned();
    let item = format!("{ITEMS}/{id}");
    let mut read = editor.get(&item);
    let tag = read.header("etag").to_owned();
    let mut all = std::mem::take(&mut read.text).parse::<Value>().expect("a feature");
    all["properties"]["location"] = json!("测试路99号");
    assert_eq!(
        send(&editor.clone().with("If-Match", &tag), "PUT", &item, GEOJSON, &all).expect(200)["properties"]["location"],
        "测试路99号"
    );
    // Read in metres of a zone and sent back so: nothing has changed.
    let zone = "http://www.opengis.net/def/crs/EPSG/0/4526";
    let read = editor.get(&format!("{item}?crs={zone}"));
    let (tag, told) = (read.header("etag").to_owned(), read.text.parse::<Value>().expect("a feature"));
    let back = editor.clone().with("If-Match", &tag).with("Content-Crs", &format!("<{zone}>"));
    assert_eq!(send(&back, "PUT", &item, GEOJSON, &told).header("etag"), tag);
    let reader = service.caller(&[Role::Reader, Role::GisEditor]);
    let values = &reader.get(&format!("/api/v1/parcels/{id}")).expect(200)["values"];
    assert!(values["right_holder"].is_string() && values["right_holder_id"].is_string(), "{values}");
}

#[test]
fn what_does_not_fit_is_refused_with_its_place_and_shown_in_a_dry_run() {
    let service = Service::sqlite();
    land::settle(&service, 3, 1);
    let editor = editor(&service);
    let over = feature(1, 0);
    let refused = send(&editor, "POST", ITEMS, GEOJSON, &over);
    assert_eq!((refused.status, refused.problem().as_str()), (409, "parcel-overlap"), "{}", refused.text);
    assert!(refused.json()["findings"][0]["geometry"].is_object());
    let look = send(&editor.clone().with("Prefer", "handling=dry-run"), "POST", ITEMS, GEOJSON, &over);
    assert_eq!((look.status, look.header("preference-applied")), (200, "handling=dry-run"));
    assert_eq!(
        (look.json()["accepted"].as_bool(), editor.get(&format!("{ITEMS}?limit=100")).json()["numberMatched"].as_u64()),
        (Some(false), Some(3))
    );
}

#[test]
fn edits_without_a_version_are_taken_where_the_service_is_told_to() {
    let service = Service::with_unversioned_edits();
    let editor = editor(&service);
    let (item, _) = made(&editor, 0, 0);
    for (land_use, version) in [("0501", 2), ("0601", 3)] {
        let answer = send(&editor, "PATCH", &item, PATCH, &json!({ "properties": { "land_use": land_use } })).expect(200);
        assert_eq!(answer["properties"]["version"], version);
    }
    let stale = format!("\"{}.1\"", item.rsplit('/').next().expect("an id"));
    let versioned = editor.clone().with("If-Match", &stale);
    assert_eq!(
        send(&versioned, "PATCH", &item, PATCH, &json!({ "properties": { "land_use": "0701" } })).status,
        412,
        "who names a version is held to it"
    );
    assert_eq!(editor.send("DELETE", &item, b"").status, 204);
}

#[test]
fn neither_the_boundary_nor_the_code_is_taken_away_by_null() {
    let service = Service::sqlite();
    let editor = editor(&service);
    let (item, tag) = made(&editor, 0, 0);
    let seen = editor.clone().with("If-Match", &tag);
    let whole = |name: &str| {
        let mut told = anew(0, 0);
        if name == "geometry" {
            told["geometry"] = Value::Null
        } else {
            told["properties"][name] = Value::Null
        }
        told
    };
    for (method, media_type, body, pointer) in [
        ("PATCH", PATCH, json!({ "geometry": null }), "/geometry"),
        ("PATCH", PATCH, json!({ "properties": { "parcel_code": null } }), "/properties/parcel_code"),
        ("PATCH", PATCH, json!({ "properties": { "parcel_code": "" } }), "/properties/parcel_code"),
        ("PUT", GEOJSON, whole("geometry"), "/geometry"),
        ("PUT", GEOJSON, whole("parcel_code"), "/properties/parcel_code"),
    ] {
        for caller in [seen.clone(), seen.clone().with("Prefer", "handling=dry-run")] {
            let refused = send(&caller, method, &item, media_type, &body);
            assert_eq!((refused.status, refused.problem().as_str()), (422, "required"), "{method} {body}: {}", refused.text);
            assert_eq!(
                (&refused.json()["pointer"], &refused.json()["errors"][0]["pointer"]),
                (&json!(pointer), &json!(pointer)),
                "{method} {body}"
            );
            assert!(refused.json()["detail"].as_str().is_some_and(|detail| detail.contains("a parcel")), "{}", refused.text);
        }
    }
    let mut without = anew(0, 0);
    without.as_object_mut().expect("a feature").remove("geometry");
    assert_eq!(send(&seen, "PUT", &item, GEOJSON, &without).problem(), "required", "a feature has a geometry");
    let now = editor.get(&item);
    assert_eq!((now.header("etag"), now.json()["geometry"].is_object()), (tag.as_str(), true), "nothing was changed");
    let unknown = send(&seen, "PATCH", &item, PATCH, &json!({ "properties": { "land_use": "9999" } }));
    assert_eq!((unknown.status, &unknown.json()["pointer"]), (422, &json!("/properties/land_use")), "{}", unknown.text);
}
