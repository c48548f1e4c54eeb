//! Do maps show parcels of another day, every version they ever had, and the land of each county?

use jiku_registry::Role;
use serde_json::{Value, json};

use super::super::service::{Caller, Service};
use super::conformance::{Requirement, World, link};
use super::land::{self, ring};
use super::requirements::requirements as table_of;

table_of! {
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" => {
        "/req/core/sfc-md-op": |world| { for id in OTHERS { assert_eq!(world.json(&format!("/collections/{id}"))["id"], *id); } }
        "/req/core/sfc-md-success": |world| {
            for id in OTHERS {
                let collection = world.json(&format!("/collections/{id}"));
                assert!(link(&collection, "items", "application/geo+json").is_some() && collection["extent"]["spatial"]["bbox"][0].is_array(), "{id}");
            }
        }
        "/req/core/fc-op": |world| { for id in OTHERS { assert!(world.json("/api")["paths"][format!("/collections/{id}/items")]["get"].is_object(), "{id}"); } }
        "/req/core/fc-bbox-response": |world| {
            for (id, there) in [("parcel-history", 1), ("divisions", 1)] {
                let items = |bbox: &str| world.json(&format!("/collections/{id}/items?bbox={bbox}"))["features"].as_array().expect("features").len();
                assert_eq!((items("113.3001,23.1001,113.3004,23.1004"), items("10,10,11,11")), (there, 0), "{id}");
            }
        }
        "/req/core/fc-limit-response-1": |world| {
            for id in OTHERS {
                let page = world.json(&format!("/collections/{id}/items?limit=1"));
                assert_eq!((page["features"].as_array().map(Vec::len), page["numberReturned"].as_u64()), (Some(1), Some(1)), "{id}");
            }
        }
        "/req/core/query-param-unknown": |world| { for id in OTHERS { assert_eq!(world.get(&format!("/collections/{id}/items?unknown=1")).status, 400, "{id}"); } }
        "/req/core/query-param-invalid": |world| {
            for id in OTHERS {
                for bad in ["limit=0", "bbox=1,2,3", "datetime=yesterday", "crs=x"] { assert_eq!(world.get(&format!("/collections/{id}/items?{bad}")).status, 400, "{id} {bad}"); }
            }
        }
        "/req/core/f-success": |world| {
            for id in OTHERS {
                let first = world.json(&format!("/collections/{id}/items?limit=1"))["features"][0].clone();
                let one = world.json(&format!("/collections/{id}/items/{}", first["id"].as_str().expect("an id")));
                assert_eq!((&one["geometry"], &one["properties"]), (&first["geometry"], &first["properties"]), "{id}");
                assert!(link(&one, "self", "application/geo+json").is_some() && link(&one, "collection", "application/json").is_some(), "{id}");
                assert_eq!(world.get(&format!("/collections/{id}/items/none")).status, 404);
            }
        }
    }
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs" => {
        "/req/crs/ogc-crs-header": |world| {
            let crs = "http://www.opengis.net/def/crs/EPSG/0/4490";
            for id in OTHERS {
                let answer = world.get(&format!("/collections/{id}/items?limit=1&crs={crs}"));
                assert_eq!(answer.header("content-crs"), format!("<{crs}>"), "{id}");
                let text = answer.json()["features"][0]["geometry"]["coordinates"].to_string();
                assert!(text.trim_start_matches('[').starts_with("23."), "{id}: latitude first: {text}");
            }
        }
    }
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/returnables-and-receivables" => {
        "/req/returnables-and-receivables/success": |world| {
            for id in OTHERS {
                let schema = world.json(&format!("/collections/{id}/schema"));
                for (name, _) in world.json(&format!("/collections/{id}/items?limit=1"))["features"][0]["properties"].as_object().expect("properties") {
                    assert!(schema["properties"][name].is_object(), "{id}: {name} is in the schema");
                }
            }
        }
    }
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/datetime" => {
        "/req/datetime/tc-definition": |world| {
            let path = "/collections/parcels/tiles/{set}/{zoom}/{row}/{column}";
            let parameters = world.json("/api")["paths"][path]["get"]["parameters"].as_array().expect("parameters").clone();
            assert!(parameters.iter().any(|parameter| parameter["name"] == "datetime"));
        }
        "/req/datetime/tc-response": |world| {
            let tile = |datetime: &str| world.get(&format!("/tiles/WebMercatorQuad/16/28443/53393?datetime={datetime}"));
            assert_eq!((tile("2009-01-01").status, tile("2030-01-01T00:00:00Z").status, tile("2009-01-01/2010-01-01").status), (204, 200, 400));
        }
    }
}

/// The collections beside the parcels, which `requirements.rs` asks about.
const OTHERS: &[&str] = &["parcel-history", "divisions"];

/// The requirements for the other collections, and for other times.
pub(super) fn requirements() -> Vec<Requirement> {
    table()
}

const ITEMS: &str = "/ogc/collections/parcels/items";

fn codes(caller: &Caller<'_>, path: &str) -> Vec<(String, String)> {
    let page = caller.get(path).expect(200);
    let text = |feature: &Value, name: &str| feature["properties"][name].as_str().unwrap_or_default().to_owned();
    let features = page["features"].as_array().expect("features");
    let mut found: Vec<_> = features.iter().map(|feature| (text(feature, "parcel_code"), text(feature, "land_use"))).collect();
    found.sort();
    found
}

/// Ends a parcel by an edit, as of today.
fn retire(service: &Service, id: &str, version: u32) {
    let editor = service.caller(&[Role::GisEditor]).without("Purpose-Of-Use").with("If-Match", &format!("\"{id}.{version}\""));
    assert_eq!(editor.send("DELETE", &format!("{ITEMS}/{id}"), b"").status, 204);
}

#[test]
fn a_day_and_a_moment_show_what_stood_and_what_was_recorded() {
    let service = Service::sqlite();
    land::settle(&service, 2, 1);
    let caller = service.caller(&[Role::Reader]).without("Purpose-Of-Use");
    let first = caller.get(&format!("{ITEMS}?parcel_code=440106001001GB00001")).expect(200)["features"][0].clone();
    let (id, recorded) =
        (first["id"].as_str().expect("an id").to_owned(), first["properties"]["recorded_at"].as_str().expect("a time").to_owned());
    // The use changes in 2020; then the second parcel is no more.
    let mut changed = land::record(0, 0, 2);
    changed.insert("land_use".to_owned(), json!("1003"));
    changed.insert("valid_from".to_owned(), json!("2020-05-01"));
    land::resend(&service, "0-0", changed);
    let second = caller.get(&format!("{ITEMS}?parcel_code=440106001001GB00002")).expect(200)["features"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    retire(&service, &second, 1);

    let both =
        |first: &str| vec![("440106001001GB00001".to_owned(), first.to_owned()), ("440106001001GB00002".to_owned(), "0701".to_owned())];
    assert_eq!(codes(&caller, ITEMS), both("1003")[..1]);
    assert_eq!(codes(&caller, &format!("{ITEMS}?datetime=2015-06-01")), both("0501"), "the retired one stood there then");
    assert_eq!(codes(&caller, &format!("{ITEMS}?datetime=2021-06-01T12:00:00Z")), both("1003"));
    assert_eq!(codes(&caller, &format!("{ITEMS}?datetime=2009-06-01")), []);
    assert_eq!(codes(&caller, &format!("{ITEMS}?as_of={recorded}")), both("0501"));
    assert_eq!(codes(&caller, &format!("{ITEMS}?as_of={recorded}&datetime=2021-06-01")), both("0501"), "what was known then of that day");
    // The day a version ends belongs to the next one, in both collections, for days and intervals.
    for (when, found) in [
        ("2020-05-01", "1003"),
        ("2020-05-01/2020-05-02", "1003"),
        ("2020-05-01/..", "1003"),
        ("2020-04-30", "0501"),
        ("2020-04-29/2020-04-30", "0501"),
    ] {
        let of_first = |list: &str| codes(&caller, &format!("{list}?parcel_code=440106001001GB00001&datetime={when}"));
        assert_eq!(of_first("/ogc/collections/parcel-history/items"), both(found)[..1], "{when}");
        assert_eq!(of_first(ITEMS), both(found)[..1], "{when}");
    }
    // An interval finds what has changed or ended since, each parcel once, as it held last in it.
    assert_eq!(codes(&caller, &format!("{ITEMS}?datetime=2015-01-01/2016-01-01")), both("0501"));
    assert_eq!(codes(&caller, &format!("{ITEMS}?datetime=2020-04-30/2020-05-01")), both("1003"));
    assert_eq!(codes(&caller, &format!("{ITEMS}?datetime=../2009-01-01")), []);
    assert_eq!(codes(&caller, &format!("{ITEMS}?datetime=2015-01-01/..")), both("1003"));
    assert_eq!(codes(&caller, &format!("{ITEMS}?datetime=2090-01-01/..")), both("1003")[..1], "the retired one is no more");
    assert_eq!(codes(&caller, &format!("{ITEMS}?datetime=2015-01-01/2016-01-01&as_of={recorded}&land_use=0501")), both("0501")[..1]);
    let page = caller.get(&format!("{ITEMS}?datetime=2015-01-01/2016-01-01&limit=1")).expect(200);
    assert_eq!((page["numberMatched"].as_u64(), page["numberReturned"].as_u64()), (Some(2), Some(1)));
    assert_eq!(
        codes(&caller, "/ogc/collections/parcel-history/items?parcel_code=440106001001GB00001&datetime=2020-04-30/2020-05-01").len(),
        2
    );
    let there = "bbox=113.3001,23.1001,113.3002,23.1002";
    assert_eq!(codes(&caller, &format!("{ITEMS}?as_of={recorded}&{there}&filter=land_use%3D%270501%27")), both("0501")[..1]);
    assert_eq!(caller.get(&format!("{ITEMS}?as_of=yesterday")).problem(), "parameter-invalid");
    let tile = |query: &str| caller.get(&format!("/ogc/tiles/16/53393/28443?{query}"));
    assert!(tile("datetime=2015-06-01").text.contains("0501") && !tile("datetime=2015-06-01").text.contains("1003"));
    assert!(tile("datetime=2021-06-01").text.contains("1003") && !tile("").text.contains("440106001001GB00002"));
    assert!(tile(&format!("as_of={recorded}")).text.contains("440106001001GB00002"));

    let history = "/ogc/collections/parcel-history/items";
    let versions = caller.get(&format!("{history}?filter=parcel%3D%27{id}%27")).expect(200);
    let told: Vec<(&str, &str, bool)> = versions["features"]
        .as_array()
        .expect("features")
        .iter()
        .map(|feature| {
            (
                feature["id"].as_str().unwrap_or_default(),
                feature["properties"]["land_use"].as_str().unwrap_or_default(),
                feature["properties"]["recorded_to"].is_null(),
            )
        })
        .collect();
    assert_eq!(told, [(format!("{id}.2").as_str(), "1003", true), (format!("{id}.1").as_str(), "0501", false)]);
    let until = |path: &str| caller.get(path).expect(200)["properties"]["valid_to"].clone();
    assert_eq!(until(&format!("{history}/{id}.1")), "2020-05-01", "until the next version holds");
    assert_eq!(until(&format!("{history}/{id}.2")), Value::Null);
    assert!(until(&format!("{history}/{second}.1")).is_string(), "until the day of the edit that ended it");
    // A list of another day tells the same of what stood on it.
    let on = |day: &str, code: &str| {
        let list = caller.get(&format!("{ITEMS}?datetime={day}&parcel_code={code}")).expect(200);
        list["features"][0]["properties"]["valid_to"].clone()
    };
    assert_eq!(on("2015-06-01", "440106001001GB00001"), "2020-05-01");
    assert_eq!(on("2021-06-01", "440106001001GB00001"), Value::Null);
    assert_eq!(on("2015-06-01", "440106001001GB00002"), until(&format!("{history}/{second}.1")));
    let then = caller.get(&format!("{ITEMS}?as_of={recorded}&parcel_code=440106001001GB00001")).expect(200);
    assert_eq!(then["features"][0]["properties"]["valid_to"], Value::Null, "what was known then");
    assert_eq!(caller.get(&format!("{history}?filter=recorded_to%20IS%20NULL")).expect(200)["features"].as_array().map(Vec::len), Some(1));
    assert_eq!(caller.get(&format!("{history}/{second}.1")).expect(200)["properties"]["parcel_code"], "440106001001GB00002");
    assert_eq!(caller.get(&format!("{history}/{second}.2")).problem(), "not-found", "the end is no version that stood");
    let aggregated =
        |body: Value| service.caller(&[Role::Reader]).post("/api/v1/parcels/aggregate", &body).expect(200)["groups"].to_string();
    let box_of = json!([113.29, 23.09, 113.31, 23.11]);
    assert!(aggregated(json!({ "bbox": box_of, "valid_at": "2015-06-01" })).contains("0501"));
    assert!(!aggregated(json!({ "bbox": box_of })).contains("0501"));
}

#[test]
fn pages_of_the_past_and_of_all_versions_are_stable_while_parcels_are_edited() {
    let service = Service::sqlite();
    land::settle(&service, 4, 3);
    let caller = service.caller(&[Role::Reader]).without("Purpose-Of-Use");
    let edit = |turn: usize| {
        for (column, row) in [(0, 0), (3, 2)] {
            let mut changed = land::record(column, row, 4);
            changed.insert("land_use".to_owned(), json!(["1001", "1003", "1004", "1006", "0601", "0602"][turn % 6]));
            land::resend(&service, &format!("{column}-{row}"), changed);
        }
    };
    edit(0);
    let mut edits = 1;
    // Two more versions by the first edit, and two by each of three edits between the pages of each list before.
    let versions = 12 + 2 + 2 * 3 * 3;
    for (first, expected) in [
        (format!("{ITEMS}?limit=3&datetime=2025-01-01"), 12),
        (format!("{ITEMS}?limit=3&datetime=2025-01-01&sortby=-land_use"), 12),
        (format!("{ITEMS}?limit=3&sortby=-land_use"), 12),
        ("/ogc/collections/parcel-history/items?limit=3".to_owned(), versions),
    ] {
        let (mut ids, mut path, mut turn) = (Vec::new(), first.clone(), 1);
        loop {
            let page = caller.get(&path).expect(200);
            ids.extend(page["features"].as_array().expect("features").iter().map(|feature| feature["id"].to_string()));
            let Some(next) = link(&page, "next", "application/geo+json") else { break };
            path = next[next.find("/ogc").expect("our own address")..].to_owned();
            if turn < 4 {
                edit(edits);
                edits += 1;
            }
            turn += 1;
        }
        let found = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!((found, ids.len()), (expected, expected), "each once: {first}");
    }
    assert!(service.registry.verify().expect("verify").differences.is_empty());
}

#[test]
fn the_land_of_a_county_has_no_borders_inside_and_follows_edits() {
    let service = Service::with_public_parcels();
    land::settle(&service, 4, 3);
    let caller = service.stranger();
    let items = "/ogc/collections/divisions/items";
    let page = caller.get(items).expect(200);
    let county = &page["features"][0];
    assert_eq!(
        (county["id"].as_str(), county["properties"]["name"].as_str(), county["properties"]["parcels"].as_u64()),
        (Some("440106"), Some("天河区"), Some(12))
    );
    let rings = county["geometry"]["coordinates"].as_array().expect("rings");
    assert_eq!(
        (county["geometry"]["type"].as_str(), rings.len(), rings[0].as_array().map(Vec::len)),
        (Some("Polygon"), 1, Some(15)),
        "{county}"
    );
    // One in the middle goes: a hole. One far away comes: a part.
    let middle = caller.get(&format!("{ITEMS}?bbox=113.3007,23.1007,113.3008,23.1008")).expect(200)["features"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    retire(&service, &middle, 1);
    let mut elsewhere = land::record(0, 0, 4);
    elsewhere.insert("parcel_code".to_owned(), json!("440106001001GB00099"));
    elsewhere.insert("geometry".to_owned(), json!({ "type": "Polygon", "coordinates": [ring(40, 40)] }));
    land::resend(&service, "far", elsewhere);
    let county = caller.get(&format!("{items}/440106")).expect(200);
    let parts = county["geometry"]["coordinates"].as_array().expect("parts");
    let mut holes: Vec<usize> = parts.iter().filter_map(Value::as_array).map(|rings| rings.len() - 1).collect();
    holes.sort_unstable();
    assert_eq!(
        (county["geometry"]["type"].as_str(), holes, county["properties"]["parcels"].as_u64()),
        (Some("MultiPolygon"), vec![0, 1], Some(12))
    );
    let page = caller.get(&format!("{items}?f=html")).text;
    assert!(page.contains("天河区") && page.contains("<path ") && page.contains("f=json"), "{page}");
    // By a value of its own, by a condition, by both together.
    let chosen = |query: &str| {
        let told = caller.get(&format!("{items}?{query}")).expect(200);
        let codes = told["features"].as_array().expect("features").iter().map(|one| one["id"].as_str().expect("a code").to_owned());
        (codes.collect::<Vec<_>>(), told["numberMatched"].as_u64())
    };
    let all = chosen("");
    let here: (Vec<String>, Option<u64>) = (vec!["440106".to_owned()], Some(1));
    for query in [
        "division=440106",
        "id=440106",
        "name=%E5%A4%A9%E6%B2%B3%E5%8C%BA",
        "filter=division%3D%27440106%27",
        "filter=name%20LIKE%20%27%E5%A4%A9%E6%B2%B3%25%27%20AND%20parcels%20%3E%200",
        "filter=nearest(geometry,POINT(113.3%2023.1),1)",
        "filter=%7B%22op%22%3A%22%3D%22%2C%22args%22%3A%5B%7B%22property%22%3A%22id%22%7D%2C%22440106%22%5D%7D&filter-lang=cql2-json",
    ] {
        assert_eq!(chosen(query), here, "{query}");
    }
    assert_eq!(chosen("filter=S_INTERSECTS(geometry,BBOX(113,23,114,24))%20AND%20parcels%3C0"), (Vec::new(), Some(0)));
    assert_eq!(chosen("filter=planar_area_m2%20%3E%201"), all);
    for (query, problem) in
        [("filter=land_use%3D%2707%27", "cql2-invalid"), ("parcels=many", "parameter-invalid"), ("land_use=07", "parameter-unknown")]
    {
        let answer = caller.get(&format!("{items}?{query}"));
        assert_eq!((answer.status, answer.problem().as_str()), (400, problem), "{query}: {}", answer.text);
    }
    let told = caller.get("/ogc/collections/divisions/queryables").expect(200);
    assert_eq!((&told["properties"]["parcels"]["type"], &told["properties"]["division"]["type"]), (&json!("integer"), &json!("string")));
    for (path, slug) in
        [("divisions/sortables", "not-found"), ("parcel-history/tiles", "not-found"), ("divisions/items?sortby=name", "parameter-unknown")]
    {
        assert_eq!(caller.get(&format!("/ogc/collections/{path}")).problem(), slug, "{path}");
    }
}
