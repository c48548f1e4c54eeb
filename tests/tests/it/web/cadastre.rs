//! Are parcels edited over HTTP as the description says, and is bad input told with its place?

use jiku_registry::Role;
use serde_json::{Value, json};

use super::service::{Answer, Caller, Service};

const WEST: f64 = 113.4;
const SOUTH: f64 = 23.2;

/// A rectangle in ten-thousandths of a degree.
fn rectangle([west, south, east, north]: [i32; 4]) -> Value {
    let place = |east: i32, north: i32| json!([WEST + f64::from(east) / 10_000.0, SOUTH + f64::from(north) / 10_000.0]);
    json!({"type": "Polygon", "coordinates": [[
        place(west, south), place(east, south), place(east, north), place(west, north), place(west, south),
    ]]})
}

fn parcel(place: [i32; 4]) -> Value {
    json!({ "geometry": rectangle(place), "values": { "parcel_code": "440106001002GB", "land_use": "0701", "right_holder": "张测试" } })
}

fn patch(caller: &Caller<'_>, path: &str, tag: &str, body: &Value) -> Answer {
    let caller = caller.clone().with("Content-Type", "application/merge-patch+json").with("If-Match", tag);
    caller.send("PATCH", path, body.to_string().as_bytes())
}

#[track_caller]
fn check(answer: &Answer, status: u16, slug: &str) {
    assert_eq!((answer.status, answer.problem().as_str()), (status, slug), "{}", answer.text);
}

#[test]
fn the_rights_in_a_parcel_have_an_address_of_their_own() {
    let service = Service::sqlite();
    let editor = service.caller(&[Role::GisEditor]);
    let mut body = parcel([200, 0, 210, 10]);
    body["values"].as_object_mut().expect("values").remove("right_holder");
    body["values"]["rights"] = json!([
        { "right_type": "宅基地使用权", "right_holder": "张测试", "right_share": "1/1" },
        { "right_type": "抵押权", "right_holder": "某银行", "valid_to": "2020-12-31" },
    ]);
    let place = editor.post("/api/v1/parcels", &body).header("location").to_owned();
    let rights = editor.get(&format!("{place}/rights")).expect(200);
    let told = ["/rights/0/category", "/rights/1/category", "/rights/0/right_share", "/rights/0/party"]
        .map(|place| rights.pointer(place).cloned().expect("a member"));
    assert_eq!(told, [json!("right"), json!("restriction"), json!("1/1"), Value::Null]);
    assert_eq!(rights["rights"][0]["right_holder"], "张**", "names of people are masked unless they are asked for");
    let today = editor.get(&format!("{place}/rights?valid_at=2026-01-01")).expect(200);
    assert_eq!(today["rights"].as_array().map(Vec::len), Some(1));
    check(&editor.get(&format!("{place}/rights?valid_at=yesterday")), 400, "parameter-invalid");
    check(&editor.get("/api/v1/parcels/019a0000-0000-7000-8000-000000000000/rights"), 404, "not-found");
    body["values"]["rights"] = json!([{ "right_type": "抵押权" }]);
    let refused = editor.post("/api/v1/parcels", &body);
    assert_eq!(
        (refused.status, refused.json()["errors"][0]["pointer"].as_str()),
        (422, Some("/values/rights/0/right_holder")),
        "{}",
        refused.text
    );
    body["values"] = json!({ "parcel_code": "440106001002GB", "land_use": "9999" });
    let refused = editor.post("/api/v1/parcels", &body);
    assert_eq!((refused.status, refused.json()["pointer"].as_str()), (422, Some("/values/land_use")), "{}", refused.text);
    let validity = editor.post("/api/v1/parcels/validate", &body).expect(200);
    assert_eq!(validity["problems"][0]["pointer"], "/values/land_use", "{validity}");
}

#[test]
fn a_parcel_goes_through_its_life_by_its_addresses() {
    let service = Service::sqlite();
    let editor = service.caller(&[Role::GisEditor]);
    let made = editor.post("/api/v1/parcels", &parcel([0, 0, 20, 10]));
    assert_eq!(made.status, 201, "{}", made.text);
    let (place, tag) = (made.header("location").to_owned(), made.header("etag").to_owned());
    assert_eq!(made.json()["parcels"][0]["values"]["parcel_code"], "440106001002GB00001");
    assert_eq!(editor.get(&place).header("etag"), tag);
    let changed = patch(&editor, &place, &tag, &json!({ "values": { "location": "测试路1号" }, "comment": "as surveyed" }));
    let edited = changed.header("etag").to_owned();
    assert_eq!(changed.expect(200)["parcels"][0]["version"], 2);
    check(&patch(&editor, &place, &tag, &json!({ "values": { "location": null } })), 412, "version-stale");

    let line = json!({ "line": { "type": "LineString", "coordinates": [[WEST + 0.001, SOUTH - 0.001], [WEST + 0.001, SOUTH + 0.002]] } });
    let look = editor.clone().with("Prefer", "handling=dry-run").post(&format!("{place}/split"), &line);
    assert_eq!(look.header("preference-applied"), "handling=dry-run");
    let look = look.expect(200);
    assert_eq!((look["dry_run"].as_bool(), look["accepted"].as_bool(), look["parcels"][0].get("id")), (Some(true), Some(true), None));
    assert_eq!(look["if_match"], json!(edited));
    // Several lines at once, in metres of a zone; one polygon, which leaves the rest over.
    let zone = jiku_spatial::Crs::from_epsg(4526).expect("a zone");
    let metres = |east: f64, north: f64| zone.from_lon_lat(WEST + east, SOUTH + north);
    let lines = json!({ "crs": "EPSG:4526", "line": { "type": "MultiLineString", "coordinates": [
        [metres(0.0005, -0.001), metres(0.0005, 0.002)], [metres(0.001, -0.001), metres(0.001, 0.002)],
    ] } });
    for (cut, parts) in [(lines, 3), (json!({ "polygons": [rectangle([0, 0, 5, 10])] }), 2)] {
        let look = editor.clone().with("Prefer", "handling=dry-run").post(&format!("{place}/split"), &cut).expect(200);
        assert_eq!(look["parcels"].as_array().map(Vec::len), Some(parts), "{look}");
    }
    let split = editor.clone().with("If-Match", &edited).post(&format!("{place}/split"), &line).expect(200);
    let parts: Vec<String> =
        split["parcels"].as_array().expect("parts").iter().map(|part| part["id"].as_str().expect("an id").to_owned()).collect();
    assert_eq!((parts.len(), split["lineage"].as_array().map(Vec::len)), (2, Some(2)));
    let gone = editor.get(&place);
    check(&gone, 410, "retired");
    let said = gone.json()["detail"].as_str().expect("a sentence").to_owned();
    assert!(said.starts_with("this parcel was split into ") && parts.iter().all(|part| said.contains(part.as_str())), "{said}");
    assert_eq!(gone.json()["lineage"]["children"].as_array().map(Vec::len), Some(2), "a parcel that is no more names its parts");
    assert_eq!(editor.get(&format!("{place}/lineage")).expect(200)["former"][0]["operation"], "split");

    let tags = format!("\"{}.1,{}.1\"", parts[0], parts[1]);
    let border = |at: i32| {
        json!({ "boundaries": [
        { "parcel": parts[0], "geometry": rectangle([0, 0, at, 10]) }, { "parcel": parts[1], "geometry": rectangle([at, 0, 20, 10]) },
    ] })
    };
    let adjusted = editor.clone().with("If-Match", &tags).post("/api/v1/parcels/adjust", &border(12)).expect(200);
    assert_eq!(adjusted["parcels"][0]["version"], 2);
    let tags = format!("\"{}.2,{}.2\"", parts[0], parts[1]);
    let united = editor.clone().with("If-Match", &tags).post("/api/v1/parcels/unite", &json!({ "parcels": parts })).expect(200);
    let (whole, decision) = (united["parcels"][0]["id"].as_str().expect("an id").to_owned(), united["decision"].clone());
    assert_eq!(united["parcels"][0]["values"]["parcel_code"], "440106001002GB00004");
    let undo = json!({ "decision": decision });
    check(&editor.post("/api/v1/parcels/undo", &undo), 428, "precondition-required");
    let seen = editor.post("/api/v1/parcels/undo?dry_run=true", &undo).expect(200)["if_match"].as_str().expect("a tag").to_owned();
    let undone = editor.clone().with("If-Match", &seen).post("/api/v1/parcels/undo", &undo).expect(200);
    assert_eq!(undone["retired"], json!([whole]));
    let ended =
        editor.clone().with("If-Match", &format!("\"{}.4\"", parts[0])).send("DELETE", &format!("/api/v1/parcels/{}", parts[0]), b"");
    let ended = ended.expect(200);
    assert_eq!(ended["retired"], json!([parts[0]]));
    // An undo that brings a parcel back: the dry run names the tag that the deed needs.
    let undo = json!({ "decision": ended["decision"] });
    let seen = editor.post("/api/v1/parcels/undo?dry_run=true", &undo).expect(200)["if_match"].as_str().expect("a tag").to_owned();
    assert_eq!(editor.clone().with("If-Match", &seen).post("/api/v1/parcels/undo", &undo).status, 200);
    assert!(service.registry.verify().expect("verify").is_clean());
}

#[test]
fn what_does_not_fit_and_what_cannot_be_read_is_told_with_its_place() {
    let service = Service::sqlite();
    let editor = service.caller(&[Role::GisEditor]);
    let made = editor.post("/api/v1/parcels", &parcel([0, 0, 10, 10]));
    let (place, tag) = (made.header("location").to_owned(), made.header("etag").to_owned());
    let over = editor.post("/api/v1/parcels", &parcel([5, 0, 15, 10]));
    check(&over, 409, "parcel-overlap");
    let told = over.json();
    let worst = &told["findings"][0];
    assert_eq!(
        (worst["rule"].as_str(), worst["severity"].as_str(), worst["geometry"]["type"].as_str()),
        (Some("T1"), Some("block"), Some("Polygon"))
    );
    assert_eq!(worst["other_code"], "440106001002GB00001");
    assert!(worst["message_zh"].as_str().is_some_and(|text| text.contains("重叠")) && told["tolerances"]["snap_m"] == 0.05);
    let validity = editor.post("/api/v1/parcels/validate", &parcel([5, 0, 15, 10])).expect(200);
    assert_eq!((validity["valid"].as_bool(), validity["report"]["findings"][0]["code"].as_str()), (Some(false), Some("parcel-overlap")));
    assert_eq!(validity["problems"], json!([]), "the beginning of a code is asked for, as when a parcel is made");
    let bow_tie =
        json!({"type": "Polygon", "coordinates": [[[113.0, 23.0], [113.002, 23.002], [113.002, 23.0], [113.0, 23.002], [113.0, 23.0]]]});
    let validity = editor.post("/api/v1/parcels/validate", &json!({ "geometry": bow_tie })).expect(200);
    assert_eq!(validity["problems"][0]["geometry"]["type"], "Point");
    assert_eq!(validity["repair"]["type"], "MultiPolygon", "a proposal, nothing more");
    // Whoever writes is told the same, on every way.
    let feature = json!({ "type": "Feature", "geometry": bow_tie, "properties": { "parcel_code": "440106001002GB" } });
    let as_feature = editor.clone().with("Content-Type", "application/geo+json").without("Purpose-Of-Use");
    let polygons = json!({ "polygons": [bow_tie, rectangle([0, 0, 5, 10])] });
    for (answer, pointer) in [
        (editor.post("/api/v1/parcels", &json!({ "geometry": bow_tie, "values": {} })), "/geometry"),
        (as_feature.send("POST", "/ogc/collections/parcels/items", feature.to_string().as_bytes()), "/geometry"),
        (editor.clone().with("If-Match", &tag).post(&format!("{place}/split"), &polygons), "/polygons/0/geometry"),
    ] {
        let told = answer.expect(422);
        let boundary = &told["boundaries"][0];
        assert_eq!(
            (&boundary["pointer"], &boundary["problems"][0]["geometry"]["type"], &boundary["repair"]["type"]),
            (&json!(pointer), &json!("Point"), &json!("MultiPolygon")),
            "{told}"
        );
    }

    let with = |geometry: Value| json!({ "geometry": geometry, "values": { "parcel_code": "440106001002GB" } });
    let ring = |places: &[[f64; 2]]| json!({"type": "Polygon", "coordinates": [places]});
    let many: Vec<[f64; 2]> = vec![[113.0, 23.0]; 30_000];
    for (row, body, status, slug) in [
        ("B58", with(bow_tie.clone()), 422, "geometry-self-intersection"),
        ("B59", with(ring(&[[113.0, 23.0], [113.1, 23.0], [113.1, 23.1], [113.0, 23.1]])), 422, "geometry-ring"),
        ("B61", with(ring(&[[1e300, 23.0], [113.1, 23.0], [113.1, 23.1], [1e300, 23.0]])), 422, "coordinate-range"),
        ("B62", with(ring(&[[23.0, 113.0], [23.0, 113.001], [23.001, 113.001], [23.0, 113.0]])), 422, "coordinate-order-suspected"),
        ("B63", json!({ "geometry": rectangle([50, 0, 60, 10]), "crs": "EPSG:9999", "values": {} }), 400, "crs-unsupported"),
        ("B66", with(ring(&[[113.0, 23.0], [113.1, 23.0], [113.0, 23.0], [113.0, 23.0]])), 422, "geometry-degenerate"),
        ("B67", with(ring(&[many.as_slice(), &many, &many, &many].concat())), 422, "geometry-too-complex"),
        ("B67", with(ring(&many.repeat(12))), 413, "payload-too-large"),
        ("B70", with(json!({"type": "polygon", "coordinates": []})), 422, "geojson-invalid"),
        ("no boundary", json!({ "values": { "parcel_code": "440106001002GB" } }), 422, "required"),
        ("B4", json!({ "values": { "planar_area_m2": "5" }, "geometry": rectangle([50, 0, 60, 10]) }), 422, "read-only-field"),
        ("B4", json!({ "values": { "colour": "red" }, "geometry": rectangle([50, 0, 60, 10]) }), 422, "unknown-field"),
        ("bad code", json!({ "values": { "parcel_code": "4401" }, "geometry": rectangle([50, 0, 60, 10]) }), 422, "parcel-code-length"),
        (
            "taken",
            json!({ "values": { "parcel_code": "440106001002GB00001" }, "geometry": rectangle([50, 0, 60, 10]) }),
            409,
            "parcel-code-taken",
        ),
    ] {
        let answer = editor.post("/api/v1/parcels", &body);
        assert_eq!((answer.status, answer.problem().as_str()), (status, slug), "{row}: {}", answer.text);
    }
    let beside = json!({ "line": { "type": "LineString", "coordinates": [[1.0, 1.0], [2.0, 2.0]] } });
    check(&editor.clone().with("If-Match", &tag).post(&format!("{place}/split"), &beside), 422, "split-line-misses");
    let swapped =
        json!({ "line": { "type": "LineString", "coordinates": [[SOUTH - 0.001, WEST + 0.001], [SOUTH + 0.002, WEST + 0.001]] } });
    check(&editor.clone().with("If-Match", &tag).post(&format!("{place}/split"), &swapped), 422, "coordinate-order-suspected");
    let whole = json!({ "polygons": [rectangle([0, 0, 10, 10])] });
    check(&editor.clone().with("If-Match", &tag).post(&format!("{place}/split"), &whole), 422, "split-polygons-invalid");
    check(&editor.clone().with("If-Match", &tag).post(&format!("{place}/split"), &json!({})), 422, "required");
    check(&editor.post(&format!("{place}/split"), &beside), 428, "precondition-required");
    check(&patch(&editor, &place, &tag, &json!({ "values": [] })), 422, "type-mismatch");
    check(
        &patch(
            &editor,
            "/api/v1/parcels/0190a7a0-0000-7000-8000-000000000001",
            "\"0190a7a0-0000-7000-8000-000000000001.1\"",
            &json!({ "values": {} }),
        ),
        404,
        "not-found",
    );
    check(&service.caller(&[Role::Steward, Role::Source]).post("/api/v1/parcels", &parcel([50, 0, 60, 10])), 403, "forbidden");
    let masked = patch(&editor, &place, &tag, &json!({ "values": { "right_holder": "张**" } }));
    check(&masked, 422, "masked-value");
}

#[test]
fn parcels_are_asked_for_by_use_area_and_neighbours_and_counted() {
    let service = Service::sqlite();
    let editor = service.caller(&[Role::GisEditor]);
    let mut ids = Vec::new();
    for (at, land_use) in [(0, "0701"), (10, "0501"), (20, "0702")] {
        let mut body = parcel([at, 0, at + 10, 10]);
        body["values"]["land_use"] = json!(land_use);
        ids.push(editor.post("/api/v1/parcels", &body).expect(201)["parcels"][0]["id"].clone());
    }
    let ask = |body: Value| -> Vec<Value> {
        let page = editor.post("/api/v1/parcels/query", &body).expect(200);
        page["items"].as_array().expect("items").iter().map(|item| item["id"].clone()).collect()
    };
    assert_eq!(ask(json!({ "neighbours_of": ids[1] })), [ids[0].clone(), ids[2].clone()]);
    assert_eq!(ask(json!({ "land_use": "07" })), [ids[0].clone(), ids[2].clone()], "a first-level class holds its second-level ones");
    assert_eq!(ask(json!({ "land_use": "07", "point": [WEST + 0.0005, SOUTH + 0.0005] })), [ids[0].clone()]);
    assert!(ask(json!({ "min_area_m2": 1e6 })).is_empty());
    assert_eq!(ask(json!({ "max_area_m2": 1e6 })).len(), 3);
    let first = editor.post("/api/v1/parcels/query", &json!({ "max_area_m2": 1e6, "limit": 2 })).expect(200);
    let rest = json!({ "max_area_m2": 1e6, "limit": 2, "cursor": first["next_cursor"] });
    assert_eq!(ask(rest), [ids[2].clone()], "pages go on where they ended");
    let around = json!({ "bbox": [WEST - 0.01, SOUTH - 0.01, WEST + 0.01, SOUTH + 0.01] });
    let counted = editor.post("/api/v1/parcels/aggregate", &around).expect(200);
    let groups = counted["groups"].as_array().expect("groups");
    let uses: Vec<(&str, u64)> =
        groups.iter().map(|group| (group["land_use"].as_str().expect("a class"), group["count"].as_u64().expect("a count"))).collect();
    assert_eq!(uses, [("0501", 1), ("0701", 1), ("0702", 1)]);
    assert!(
        groups.iter().all(|group| group["division"] == "440106" && group["planar_area_m2"].as_f64().is_some_and(|area| area > 10_000.0))
    );
    assert!(groups.iter().all(|group| group["planar_area_within_m2"] == group["planar_area_m2"]), "all of it lies inside: {counted}");
    // The middle of the first parcel on: half of its land, whole parcels all the same.
    let half = json!({ "land_use": "0701", "bbox": [WEST + 0.0005, SOUTH - 0.01, WEST + 0.01, SOUTH + 0.01] });
    let counted = editor.post("/api/v1/parcels/aggregate", &half).expect(200);
    let group = &counted["groups"][0];
    let share = group["planar_area_within_m2"].as_f64().expect("an area") / group["planar_area_m2"].as_f64().expect("an area");
    assert!((share - 0.5).abs() < 1e-6 && group["count"] == 1 && counted["counted"] == "whole-parcels", "{counted}");
    let by_use = editor.post("/api/v1/parcels/aggregate", &json!({ "land_use": "07" })).expect(200);
    assert_eq!(by_use["groups"][0]["planar_area_within_m2"], Value::Null, "nothing was asked with that has an inside");
    check(&editor.post("/api/v1/parcels/query", &json!({ "land_use": "0" })), 422, "query-too-broad");
    check(&editor.post("/api/v1/parcels/query", &json!({ "valid_at": "yesterday", "land_use": "07" })), 422, "value-invalid");
    check(&editor.post("/api/v1/parcels/aggregate", &json!({ "bbox": [1, 2, 3] })), 400, "bbox-invalid");
    // In the world's time: what stood there on a day.
    let tag = format!("\"{}.1\"", ids[0].as_str().expect("an id"));
    let path = format!("/api/v1/parcels/{}", ids[0].as_str().expect("an id"));
    patch(&editor, &path, &tag, &json!({ "values": { "valid_from": "2020-01-01" } })).expect(200);
    let retired = editor.clone().with("If-Match", &tag.replace(".1\"", ".2\"")).send("DELETE", &format!("{path}?valid_on=2024-06-01"), b"");
    retired.expect(200);
    let on = |day: &str| ask(json!({ "point": [WEST + 0.0005, SOUTH + 0.0005], "valid_at": day }));
    let own = vec![ids[0].clone()];
    assert_eq!((on("2023-01-01"), on("2024-06-01"), on("2019-12-31")), (own.clone(), vec![], own), "without a date it was always there");
    assert!(ask(json!({ "point": [WEST + 0.0005, SOUTH + 0.0005] })).is_empty());
}

#[test]
fn a_boundary_of_many_vertices_is_taken_wherever_one_is() {
    let service = Service::sqlite();
    let editor = service.caller(&[Role::GisEditor]);
    // A circle, each vertex apart from the next.
    let circle = |vertices: u32, radius: f64| {
        let place = |at: u32| {
            let angle = f64::from(at % vertices) / f64::from(vertices) * std::f64::consts::TAU;
            json!([WEST + radius * angle.cos(), SOUTH + radius * angle.sin()])
        };
        json!({"type": "Polygon", "coordinates": [(0..=vertices).map(place).collect::<Vec<_>>()]})
    };
    let body = |geometry: &Value| json!({ "geometry": geometry, "values": { "parcel_code": "440106001002GB" } });
    let large = circle(12_000, 0.01);
    let validity = editor.post("/api/v1/parcels/validate", &body(&large)).expect(200);
    assert_eq!(validity["valid"], true, "{}", validity["problems"]);
    let made = editor.post("/api/v1/parcels", &body(&large));
    assert_eq!(made.status, 201, "{}", made.text);
    let feature = json!({ "type": "Feature", "geometry": circle(11_000, 0.01), "properties": { "parcel_code": "440106001002GB" } });
    let tag = made.header("etag").to_owned();
    let id = made.header("location").rsplit('/').next().expect("an id").to_owned();
    let replaced = editor.clone().with("Content-Type", "application/geo+json").with("If-Match", &tag).send(
        "PUT",
        &format!("/ogc/collections/parcels/items/{id}"),
        feature.to_string().as_bytes(),
    );
    assert!((200..300).contains(&replaced.status), "{}", replaced.text);
    let found = editor.post("/api/v1/parcels/query", &json!({ "polygon": circle(4_900, 0.02) })).expect(200);
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
    let refused = editor.post("/api/v1/parcels/query", &json!({ "polygon": circle(5_100, 0.02) }));
    assert!(refused.text.contains("5000 vertices"), "{}", refused.text);
}
