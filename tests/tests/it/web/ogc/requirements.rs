//! What do the standards require, by the identifiers they give their requirements?
//!
//! OGC 17-069r4 (Features part 1), 18-058r1 (part 2), 19-079r2 (part 3), 21-065r2 (CQL2), 20-057 (Tiles), and the drafts of
//! parts 4 (20-002r1, in `edits`), 5 and 8.

use serde_json::Value;

use super::conformance::{Requirement, World, link};

const CORE: &str = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core";
const GEOJSON: &str = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson";
const HTML: &str = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html";
const OAS: &str = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30";
const CRS: &str = "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs";
const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
const CGCS2000: &str = "http://www.opengis.net/def/crs/EPSG/0/4490";
const ZONE: &str = "http://www.opengis.net/def/crs/EPSG/0/4547";

/// A table of requirements by class.
macro_rules! requirements {
    ($($class:expr => { $($id:literal: |$world:ident| $check:block)* })*) => {
        /// Every requirement of the table.
        pub(super) fn table() -> Vec<Requirement> {
            vec![$($(Requirement { class: $class, id: $id, check: |$world: &World<'_>| $check },)*)*]
        }
    };
}
pub(super) use requirements;

/// Every requirement.
pub(super) fn all() -> Vec<Requirement> {
    let mut all = table();
    all.extend(cql2());
    all.extend(super::edits::requirements());
    all.extend(super::history::requirements());
    all
}

/// The position of the first vertex.
fn first(page: &Value) -> [f64; 2] {
    let position = &page["features"][0]["geometry"]["coordinates"][0][0];
    [position[0].as_f64().expect("a number"), position[1].as_f64().expect("a number")]
}

/// Every queryable with a simple value is described as a parameter of items, finds the features that have a value of it, and no other.
fn every_queryable_is_a_parameter(world: &World<'_>) {
    let api = world.json("/api");
    for collection in ["parcels", "parcel-history"] {
        let described = api["paths"][format!("/collections/{collection}/items")]["get"]["parameters"].as_array().expect("parameters");
        let all = world.json(&format!("/collections/{collection}/items?limit=1000"));
        let features = all["features"].as_array().expect("features");
        let queryables = world.json(&format!("/collections/{collection}/queryables"));
        for (name, _) in queryables["properties"].as_object().expect("properties").iter().filter(|(name, _)| *name != "geometry") {
            let own = described.iter().find(|parameter| parameter["name"] == **name).unwrap_or_else(|| panic!("{collection}: {name}"));
            query_parameter(own);
            let value_of = |feature: &Value| if name == "id" { feature["id"].clone() } else { feature["properties"][name].clone() };
            let value = features.iter().map(value_of).find(|value| !value.is_null());
            let wanted = value
                .clone()
                .unwrap_or_else(|| if name == "recorded_to" || name.starts_with("valid") { "2001-01-01".into() } else { "x".into() });
            let text = wanted.as_str().map_or_else(|| wanted.to_string(), str::to_owned);
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let found = world.json(&format!("/collections/{collection}/items?limit=1000&{name}={encoded}"));
            let found: Vec<&Value> = found["features"].as_array().expect("features").iter().map(|feature| &feature["id"]).collect();
            let expected: Vec<&Value> =
                features.iter().filter(|feature| value.as_ref() == Some(&value_of(feature))).map(|feature| &feature["id"]).collect();
            assert_eq!(found, expected, "{collection}: {name}={text}");
        }
    }
}

fn query_parameter(parameter: &Value) {
    assert_eq!((parameter["in"].as_str(), parameter["required"].as_bool()), (Some("query"), Some(false)), "{parameter}");
    assert_eq!((parameter["style"].as_str(), parameter["explode"].as_bool()), (Some("form"), Some(false)), "{parameter}");
}

requirements! {
    CORE => {
        "/req/core/root-op": |world| { assert_eq!(world.get("/").status, 200); assert_eq!(world.get("").status, 200); }
        "/req/core/root-success": |world| {
            let landing = world.json("/");
            for (rel, media_type) in [("service-desc", "application/vnd.oai.openapi+json;version=3.0"), ("conformance", "application/json"), ("data", "application/json")] {
                assert!(link(&landing, rel, media_type).is_some(), "{rel}: {landing}");
            }
        }
        "/req/core/api-definition-op": |world| { assert_eq!(world.get("/api").header("content-type"), "application/vnd.oai.openapi+json;version=3.0"); }
        "/req/core/api-definition-success": |world| { assert_eq!(world.json("/api")["openapi"], "3.0.3"); }
        "/req/core/conformance-op": |world| { assert_eq!(world.get("/conformance").status, 200); }
        "/req/core/conformance-success": |world| { assert!(world.json("/conformance")["conformsTo"].as_array().is_some_and(|classes| classes.len() > 10)); }
        "/req/core/http": |world| { assert_eq!(world.caller.send("PUT", "/ogc/conformance", b"{}").status, 405); }
        "/req/core/query-param-unknown": |world| { world.refused("unknown_parameter=1"); assert_eq!(world.get("/collections?unknown=1").status, 400); }
        "/req/core/query-param-invalid": |world| { for bad in ["limit=abc", "limit=0", "limit=-1", "bbox=1,2,3", "datetime=yesterday", "crs=x"] { world.refused(bad); } }
        "/req/core/crs84": |world| { let [lon, lat] = first(&world.items("limit=1")); assert!(lon > 113.0 && lat < 24.0); }
        "/req/core/fc-md-op": |world| { assert_eq!(world.get("/collections").status, 200); }
        "/req/core/fc-md-success": |world| { assert_eq!(world.json("/collections")["collections"][0]["id"], "parcels"); }
        "/req/core/fc-md-links": |world| {
            let collections = world.json("/collections");
            assert!(link(&collections, "self", "application/json").is_some() && link(&collections, "alternate", "text/html").is_some());
        }
        "/req/core/fc-md-items-links": |world| {
            let collection = &world.json("/collections")["collections"][0];
            assert!(link(collection, "items", "application/geo+json").is_some_and(|href| href.ends_with("/ogc/collections/parcels/items")));
        }
        "/req/core/fc-md-extent": |world| {
            let bbox = &world.json("/collections/parcels")["extent"]["spatial"]["bbox"][0];
            assert_eq!((bbox[0].as_f64(), bbox[3].as_f64()), (Some(113.3), Some(23.102)), "the extent is tight: {bbox}");
        }
        "/req/core/sfc-md-op": |world| { assert_eq!(world.get("/collections/parcels").status, 200); assert_eq!(world.get("/collections/dUmmYColLection").status, 404); }
        "/req/core/sfc-md-success": |world| { assert_eq!(world.json("/collections/parcels"), world.json("/collections")["collections"][0]); }
        "/req/core/fc-op": |world| { assert_eq!(world.get("/collections/parcels/items").status, 200); assert_eq!(world.get("/collections/other/items").status, 404); }
        "/req/core/fc-limit-definition": |world| {
            let limit = world.parameter("limit");
            query_parameter(&limit);
            assert_eq!((limit["schema"]["type"].as_str(), limit["schema"]["minimum"].as_u64()), (Some("integer"), Some(1)));
            assert!(limit["schema"]["default"].is_u64() && limit["schema"]["maximum"].is_u64());
        }
        "/req/core/fc-limit-response-1": |world| {
            assert_eq!(world.items("limit=7")["features"].as_array().map(Vec::len), Some(7));
            assert_eq!(world.items("limit=999999")["features"].as_array().map(Vec::len), Some(24), "a limit beyond the most is clamped");
        }
        "/req/core/fc-bbox-definition": |world| {
            let bbox = world.parameter("bbox");
            query_parameter(&bbox);
            let schema = &bbox["schema"];
            assert_eq!((schema["type"].as_str(), schema["minItems"].as_u64(), schema["maxItems"].as_u64(), schema["items"]["type"].as_str()), (Some("array"), Some(4), Some(6), Some("number")));
        }
        "/req/core/fc-bbox-response": |world| {
            assert_eq!(world.count("bbox=113.3001,23.1001,113.3004,23.1004"), 1);
            assert_eq!(world.count("bbox=113.3001,23.1001,0,113.3006,23.1004,10"), 2, "heights are not looked at");
            assert_eq!(world.count("bbox=0,0,1,1"), 0);
            assert_eq!(world.count("bbox=113,23,-170,24"), 24, "a box across the antimeridian");
        }
        "/req/core/fc-time-definition": |world| { let datetime = world.parameter("datetime"); query_parameter(&datetime); assert_eq!(datetime["schema"]["type"], "string"); }
        "/req/core/fc-time-response": |world| {
            for (datetime, expected) in [("2014-12-31", 14), ("../2010-05-01", 2), ("2010-05-01/2010-05-02", 2), ("2030-01-01T00:00:00Z/..", 24), ("/2009-01-01", 0), ("2026-01-01T08:00:00%2B08:00", 24)] {
                assert_eq!(world.count(&format!("datetime={datetime}")), expected, "{datetime}");
            }
        }
        "/req/core/fc-response": |world| { assert_eq!(world.count("bbox=113,23,114,24&land_use=0701&datetime=2030-01-01"), 12); }
        "/req/core/fc-links": |world| {
            let page = world.items("limit=5&land_use=0701");
            let own = link(&page, "self", "application/geo+json").expect("self");
            let next = link(&page, "next", "application/geo+json").expect("next");
            assert!(own.ends_with("limit=5&land_use=0701") && next.contains("limit=5") && next.contains("land_use=0701"), "{next}");
        }
        "/req/core/fc-rel-type": |world| { for link in world.items("limit=5")["links"].as_array().expect("links") { assert!(link["rel"].is_string() && link["type"].is_string()); } }
        "/req/core/fc-timeStamp": |world| { let stamp = world.items("")["timeStamp"].as_str().expect("a moment").to_owned(); assert!(chrono::DateTime::parse_from_rfc3339(&stamp).is_ok() && stamp.ends_with('Z'), "{stamp}"); }
        "/req/core/fc-numberMatched": |world| { assert_eq!(world.items("limit=5")["numberMatched"], 24); assert_eq!(world.items("land_use=0701&limit=1000")["numberMatched"], 12); }
        "/req/core/fc-numberReturned": |world| { let page = world.items("limit=5"); assert_eq!(page["numberReturned"].as_u64(), Some(page["features"].as_array().expect("features").len() as u64)); }
        "/req/core/f-op": |world| {
            let id = world.items("limit=1")["features"][0]["id"].as_str().expect("an id").to_owned();
            assert_eq!(world.get(&format!("/collections/parcels/items/{id}")).status, 200);
            assert_eq!(world.get("/collections/parcels/items/nobody").status, 404);
        }
        "/req/core/f-success": |world| {
            let listed = world.items("limit=1")["features"][0].clone();
            let one = world.json(&format!("/collections/parcels/items/{}", listed["id"].as_str().expect("an id")));
            assert_eq!((&one["geometry"], &one["properties"]), (&listed["geometry"], &listed["properties"]));
        }
        "/req/core/f-links": |world| {
            let id = world.items("limit=1")["features"][0]["id"].as_str().expect("an id").to_owned();
            let one = world.json(&format!("/collections/parcels/items/{id}"));
            for (rel, media_type) in [("self", "application/geo+json"), ("alternate", "text/html"), ("collection", "application/json")] { assert!(link(&one, rel, media_type).is_some(), "{rel}"); }
        }
    }
    GEOJSON => {
        "/req/geojson/content": |world| { let page = world.items("limit=3"); assert_eq!((page["type"].as_str(), page["features"][0]["type"].as_str(), page["features"][0]["geometry"]["type"].as_str()), (Some("FeatureCollection"), Some("Feature"), Some("Polygon"))); }
        "/req/geojson/definition": |world| {
            let accepted = world.caller.clone().with("Accept", "application/geo+json, application/json").get("/ogc/collections/parcels/items");
            assert_eq!(accepted.header("content-type"), "application/geo+json");
            assert_eq!(world.caller.clone().with("Accept", "*/*").get("/ogc/collections").header("content-type"), "application/json");
        }
    }
    HTML => {
        "/req/html/definition": |world| {
            let browser = world.caller.clone().with("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
            for path in [
                "/", "/collections", "/collections/parcels", "/collections/parcels/items", "/collections/divisions/items", "/conformance", "/api", "/functions", "/styles",
                "/tiles", "/collections/parcels/tiles", "/tiles/WebMercatorQuad", "/tileMatrixSets", "/tileMatrixSets/WebMercatorQuad", "/collections/parcels/queryables",
                "/collections/parcels/sortables", "/collections/parcel-history/schema", "/collections/divisions/queryables",
            ] {
                for answer in [browser.get(&format!("/ogc{path}")), world.get(&format!("{path}?f=html"))] {
                    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path}");
                    assert!(answer.text.contains("rel=\"alternate\" type=\"application/json\""), "{path}: {}", answer.text);
                }
            }
        }
        "/req/html/content": |world| {
            let page = world.get("/collections/parcels/items?limit=3&f=html").text;
            assert!(page.contains("440106001001GB00001") && page.contains("<svg") && page.contains("cursor="), "{page}");
            assert!(!page.contains("<script") && !page.contains("style="));
        }
    }
    OAS => {
        "/req/oas30/oas-definition-1": |world| { assert!(world.json("/api")["paths"]["/collections/parcels/items"]["get"]["operationId"].is_string()); }
        "/req/oas30/oas-definition-2": |world| { assert!(!world.get("/api").text.contains("\"$ref\""), "nothing is referred to elsewhere"); }
        "/req/oas30/oas-impl": |world| {
            let api = world.json("/api");
            assert_eq!(api["servers"][0]["url"], format!("http://{}/ogc", world.service.address()));
            for (path, methods) in api["paths"].as_object().expect("paths").iter().filter(|(path, _)| !path.contains('{')) {
                assert!(methods["get"].is_null() || world.get(path).status == 200, "{path}");
            }
        }
        "/req/oas30/completeness": |world| { for name in ["bbox", "limit", "datetime", "crs", "bbox-crs", "filter", "filter-lang", "filter-crs", "sortby", "f"] { query_parameter(&world.parameter(name)); } }
        "/req/oas30/exceptions-codes": |world| { let responses = &world.json("/api")["paths"]["/collections/parcels/items"]["get"]["responses"]; for status in ["200", "400", "401", "404"] { assert!(responses[status].is_object(), "{status}"); } }
        "/req/oas30/security": |world| { assert!(world.json("/api")["components"]["securitySchemes"]["bearer"].is_object()); }
    }
    CRS => {
        "/req/crs/crs-uri": |world| { for uri in world.json("/collections/parcels")["crs"].as_array().expect("systems") { assert!(uri.as_str().is_some_and(|uri| uri.starts_with("http://www.opengis.net/def/crs/"))); } }
        "/req/crs/fc-md-crs-list": |world| { assert_eq!(world.json("/collections/parcels")["crs"][0], CRS84); }
        "/req/crs/fc-md-storageCrs": |world| { assert_eq!(world.json("/collections/parcels")["storageCrs"], CGCS2000); }
        "/req/crs/fc-md-storageCrs-valid-value": |world| { assert!(world.json("/collections/parcels")["crs"].as_array().expect("systems").contains(&CGCS2000.into())); }
        "/req/crs/fc-bbox-crs-definition": |world| { query_parameter(&world.parameter("bbox-crs")); }
        "/req/crs/fc-bbox-crs-valid-value": |world| { world.refused("bbox=1,2,3,4&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/3857"); }
        "/req/crs/fc-bbox-crs-valid-defaultValue": |world| { assert_eq!(world.count("bbox=113.3001,23.1001,113.3004,23.1004"), world.count(&format!("bbox=113.3001,23.1001,113.3004,23.1004&bbox-crs={CRS84}"))); }
        "/req/crs/fc-bbox-crs-action": |world| {
            assert_eq!(world.count(&format!("bbox=23.1001,113.3001,23.1004,113.3004&bbox-crs={CGCS2000}")), 1);
            let [north, east] = first(&world.items(&format!("limit=1&crs={ZONE}")));
            assert_eq!(world.count(&format!("bbox={},{},{},{}&bbox-crs={ZONE}", north + 1.0, east + 1.0, north + 2.0, east + 2.0)), 1);
        }
        "/req/crs/fc-crs-definition": |world| { query_parameter(&world.parameter("crs")); }
        "/req/crs/fc-crs-valid-value": |world| { world.refused("crs=http://www.opengis.net/def/crs/EPSG/0/3857"); }
        "/req/crs/fc-crs-default-value": |world| { assert_eq!(world.items("limit=1")["features"], world.items(&format!("limit=1&crs={CRS84}"))["features"]); }
        "/req/crs/fc-crs-action": |world| {
            assert_eq!(first(&world.items(&format!("limit=1&crs={CGCS2000}"))), [23.1, 113.3], "latitude first");
            let [north, east] = first(&world.items(&format!("limit=1&crs={ZONE}")));
            assert!((2_500_000.0..2_600_000.0).contains(&north) && (400_000.0..500_000.0).contains(&east), "northing first: {north} {east}");
        }
        "/req/crs/ogc-crs-header": |world| {
            let id = world.items("limit=1")["features"][0]["id"].as_str().expect("an id").to_owned();
            for path in ["/collections/parcels/items".to_owned(), format!("/collections/parcels/items/{id}")] { assert_eq!(world.get(&path).header("content-crs"), format!("<{CRS84}>")); }
        }
        "/req/crs/ogc-crs-header-value": |world| { assert_eq!(world.get(&format!("/collections/parcels/items?crs={ZONE}")).header("content-crs"), format!("<{ZONE}>")); }
    }
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core" => { "/req/core/query-param-name-unknown": |world| { assert_eq!(world.get("/?unknown=1").status, 400); } }
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/landing-page" => { "/req/landing-page/root-success": |world| { assert!(world.json("/")["title"].is_string()); } }
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/json" => { "/req/json/definition": |world| { assert_eq!(world.get("/conformance?f=json").header("content-type"), "application/json"); } }
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/html" => { "/req/html/definition": |world| { assert!(world.get("/?f=html").text.starts_with("<!DOCTYPE html>")); } }
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/oas30" => { "/req/oas30/oas-common": |world| { assert!(world.json("/api")["info"]["title"].is_string()); } }
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections" => { "/req/collections/rc-md-success": |world| { assert!(link(&world.json("/collections/parcels"), "self", "application/json").is_some()); } }
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter" => {
        "/req/filter/filter-param": |world| { assert_eq!(world.count("filter=land_use%3D%270701%27"), 12); world.refused("filter=land_use%3D"); }
        "/req/filter/filter-lang-param": |world| { assert_eq!(world.count(r#"filter-lang=cql2-json&filter={"op":"=","args":[{"property":"land_use"},"0701"]}"#.replace('"', "%22").replace('{', "%7B").replace('}', "%7D").as_str()), 12); world.refused("filter-lang=ecql&filter=version%3D1"); }
        "/req/filter/filter-crs-wgs84": |world| { assert_eq!(world.count("filter=S_INTERSECTS(geometry,POINT(113.3002%2023.1002))"), 1); }
        "/req/filter/filter-crs-param": |world| { assert_eq!(world.count(&format!("filter-crs={CGCS2000}&filter=S_INTERSECTS(geometry,POINT(23.1002%20113.3002))")), 1); world.refused("filter-crs=x&filter=version%3D1"); }
        "/req/filter/response": |world| {
            let answer = world.get("/collections/parcels/items?filter=owner%3D%27x%27");
            assert_eq!(answer.status, 400);
            assert!(answer.text.contains("character 1"), "the place is told: {}", answer.text);
        }
    }
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter" => { "/req/features-filter/filter-param": |world| { query_parameter(&world.parameter("filter")); assert_eq!(world.count("bbox=113.3001,23.1001,113.3006,23.1004&filter=land_use%3D%270701%27"), 1); } }
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables" => {
        "/req/queryables/link": |world| { assert!(link(&world.json("/collections/parcels"), "http://www.opengis.net/def/rel/ogc/1.0/queryables", "application/schema+json").is_some()); }
        "/req/queryables/get-queryables-response": |world| {
            let queryables = world.json("/collections/parcels/queryables");
            assert_eq!((queryables["type"].as_str(), queryables["$schema"].as_str()), (Some("object"), Some("https://json-schema.org/draft/2020-12/schema")));
            assert_eq!((queryables["properties"]["land_use"]["type"].as_str(), queryables["properties"]["right_holder"].is_null()), (Some("string"), true));
        }
    }
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters" => { "/req/queryables-query-parameters/parameters": |world| { every_queryable_is_a_parameter(world); assert_eq!(world.count("parcel_code=440106001001GB00003"), 1); assert_eq!(world.count("registered_area_m2=2803.00"), 1); world.refused("registered_area_m2=large"); } }
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/schemas" => { "/req/schemas/schema-link": |world| { assert!(link(&world.json("/collections/parcels"), "http://www.opengis.net/def/rel/ogc/1.0/schema", "application/schema+json").is_some()); } }
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/core-roles-features" => { "/req/core-roles-features/roles": |world| { let schema = world.json("/collections/parcels/schema"); assert_eq!((schema["properties"]["geometry"]["x-ogc-role"].as_str(), schema["properties"]["id"]["x-ogc-role"].as_str()), (Some("primary-geometry"), Some("id"))); } }
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/returnables-and-receivables" => {
        "/req/returnables-and-receivables/success": |world| {
            let schema = world.json("/collections/parcels/schema");
            for (name, _) in world.items("limit=1")["features"][0]["properties"].as_object().expect("properties") { assert!(schema["properties"][name].is_object(), "{name} is in the schema"); }
        }
    }
    "http://www.opengis.net/spec/ogcapi-features-8/1.0/conf/sorting" => {
        "/req/sorting/sortby-definition": |world| { query_parameter(&world.parameter("sortby")); world.refused("sortby=right_holder"); }
        "/req/sorting/sortby-response": |world| {
            let areas = |query: &str| world.items(query)["features"].as_array().expect("features").iter().map(|feature| feature["properties"]["registered_area_m2"].as_f64().expect("a number")).collect::<Vec<_>>();
            assert_eq!(areas("limit=3&sortby=-registered_area_m2"), [2824.0, 2823.0, 2822.0]);
            assert_eq!(areas("limit=3&sortby=land_use,registered_area_m2"), [2801.0, 2803.0, 2805.0]);
        }
    }
    "http://www.opengis.net/spec/ogcapi-features-8/1.0/conf/features-sorting" => {
        "/req/features-sorting/paging": |world| {
            let mut seen = Vec::new();
            let mut path = "/collections/parcels/items?limit=5&sortby=-land_use,registered_area_m2".to_owned();
            loop {
                let page = world.json(&path);
                seen.extend(page["features"].as_array().expect("features").iter().map(|feature| feature["properties"]["parcel_code"].as_str().expect("a code").to_owned()));
                let Some(next) = link(&page, "next", "application/geo+json") else { break };
                path = next.split("/ogc").nth(1).expect("our own address").to_owned();
            }
            let mut once = seen.clone();
            once.sort();
            once.dedup();
            assert_eq!((seen.len(), once.len()), (24, 24), "each once");
        }
    }
    "http://www.opengis.net/spec/ogcapi-features-8/1.0/conf/sortables" => { "/req/sortables/success": |world| { assert!(world.json("/collections/parcels/sortables")["properties"]["registered_area_m2"].is_object()); } }
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core" => { "/req/core/tc-success": |world| { assert_eq!(world.get("/tiles/WebMercatorQuad/16/28443/53393").header("content-type"), "application/vnd.mapbox-vector-tile"); assert_eq!(world.get("/tiles/WebMercatorQuad/16/0/0").status, 204); assert_eq!(world.get("/tiles/WebMercatorQuad/16/99999/0").status, 404); } }
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset" => { "/req/tileset/success": |world| { let set = world.json("/tiles/WebMercatorQuad"); assert_eq!(set["dataType"], "vector"); assert!(set["tileMatrixSetLimits"].is_array()); } }
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list" => { "/req/tilesets-list/success": |world| { assert!(world.json("/tiles")["tilesets"][0]["links"].is_array()); } }
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets" => { "/req/geodata-tilesets/links": |world| { assert!(link(&world.json("/collections/parcels"), "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", "application/json").is_some()); } }
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/dataset-tilesets" => { "/req/dataset-tilesets/landing-page": |world| { assert!(link(&world.json("/"), "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", "application/json").is_some()); } }
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt" => { "/req/mvt/tile": |world| { assert!(world.get("/tiles/WebMercatorQuad/16/28443/53393").text.contains("parcels")); } }
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/oas30" => { "/req/oas30/tiles": |world| { assert!(world.json("/api")["paths"]["/tiles/{set}/{zoom}/{row}/{column}"]["get"].is_object()); } }
}

/// Filters by class of CQL2, and how many of the 24 parcels meet each.
const FILTERS: &[(&str, &str, usize)] = &[
    ("cql2-text", "land_use = '0701'", 12),
    ("basic-cql2", "land_use <> '0701' AND NOT (version > 1 OR location IS NULL)", 12),
    ("basic-cql2", "registered_area_m2 >= 2802.5 AND registered_area_m2 < 2805", 2),
    ("advanced-comparison-operators", "parcel_code LIKE '440106001001GB0002%'", 5),
    ("advanced-comparison-operators", "registered_area_m2 BETWEEN 2803 AND 2805", 3),
    ("advanced-comparison-operators", "land_use IN ('0501', '1001')", 12),
    ("case-insensitive-comparison", "CASEI(parcel_code) = CASEI('440106001001gb00001')", 1),
    ("accent-insensitive-comparison", "ACCENTI(parcel_code) = ACCENTI('440106001001GB00001')", 1),
    ("basic-spatial-functions", "S_INTERSECTS(geometry, POINT(113.3002 23.1002))", 1),
    ("basic-spatial-functions", "S_INTERSECTS(geometry, BBOX(113.3001, 23.1001, 113.3006, 23.1004))", 2),
    (
        "basic-spatial-functions-plus",
        "S_INTERSECTS(geometry, POLYGON((113.3001 23.1001, 113.3006 23.1001, 113.3006 23.1004, 113.3001 23.1001)))",
        2,
    ),
    (
        "basic-spatial-functions-plus",
        "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(113.3002 23.1002), LINESTRING(113.3002 23.1002, 113.3006 23.1002)))",
        2,
    ),
    ("basic-spatial-functions", "S_INTERSECTS(geometry, BBOX(-180, -90, 180, 90))", 24),
    ("basic-spatial-functions", "S_INTERSECTS(geometry, BBOX(113, 23, -170, 24))", 24),
    ("basic-spatial-functions", "S_INTERSECTS(geometry, BBOX(113.3006, 23.1001, 113.3001, 23.1004))", 6),
    ("basic-spatial-functions", "S_INTERSECTS(geometry, BBOX(113.4, 23, 113.2, 24))", 0),
    ("spatial-functions", "S_WITHIN(geometry, POLYGON((-180 -90, 180 -90, 180 90, -180 90, -180 -90)))", 24),
    ("spatial-functions", "S_DISJOINT(geometry, GEOMETRYCOLLECTION(POINT(113.3002 23.1002), POINT(113.3007 23.1002)))", 22),
    ("spatial-functions", "S_DISJOINT(geometry, BBOX(113.3001, 23.1001, 113.3006, 23.1004))", 22),
    ("spatial-functions", "S_WITHIN(geometry, BBOX(113.2999, 23.0999, 113.3011, 23.1006))", 2),
    ("spatial-functions", "S_CONTAINS(geometry, POINT(113.3002 23.1002))", 1),
    ("spatial-functions", "S_TOUCHES(geometry, POINT(113.3005 23.1005))", 4),
    ("spatial-functions", "S_CROSSES(geometry, LINESTRING(113.2 23.1002, 113.4 23.1002))", 6),
    ("basic-cql2", "valid_from > '2018-12-31'", 2),
    ("temporal-functions", "T_AFTER(valid_from, DATE('2018-12-31'))", 2),
    ("temporal-functions", "T_DURING(valid_from, INTERVAL('2010-01-01', '2011-12-31'))", 5),
    ("temporal-functions", "T_INTERSECTS(INTERVAL(valid_from, valid_to), INTERVAL('2018-12-31', '..'))", 24),
    ("temporal-functions", "T_AFTER(INTERVAL(valid_from, '..'), DATE('2018-12-31'))", 2),
    ("property-property", "registered_area_m2 = registered_area_m2", 24),
    ("functions", "dwithin(geometry, POINT(113.3002 23.1002), 1)", 1),
    ("functions", "nearest(geometry, POINT(113.3002 23.1002), 3)", 3),
    ("functions", "nearest(geometry, POINT(113.3002 23.1002), 4) AND land_use = '0701'", 2),
    ("arithmetic", "registered_area_m2 * 2 = 5602 + 2", 1),
];

/// The classes of CQL2: each filter of the table finds what it should.
fn cql2() -> Vec<Requirement> {
    macro_rules! classes {
        ($($class:literal)*) => { vec![
            $(Requirement {
                class: concat!("http://www.opengis.net/spec/cql2/1.0/conf/", $class),
                id: concat!("/req/", $class),
                check: |world| FILTERS.iter().filter(|(class, ..)| *class == $class).for_each(|(_, filter, expected)| {
                    let encoded: String = filter.bytes().map(|byte| format!("%{byte:02X}")).collect();
                    assert_eq!(world.count(&format!("filter={encoded}")), *expected, "{filter}");
                }),
            },)*
            Requirement {
                class: "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
                id: "/req/cql2-json",
                check: |world| {
                    let filter = serde_json::json!({ "op": "and", "args": [
                        { "op": "in", "args": [{ "property": "land_use" }, ["0701", "0501"]] },
                        { "op": "s_intersects", "args": [{ "property": "geometry" }, { "type": "Point", "coordinates": [113.3002, 23.1002] }] },
                    ] });
                    let encoded: String = filter.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
                    assert_eq!(world.count(&format!("filter-lang=cql2-json&filter={encoded}")), 1);
                },
            },
        ] };
    }
    classes! {
        "cql2-text" "basic-cql2" "advanced-comparison-operators" "case-insensitive-comparison" "accent-insensitive-comparison" "basic-spatial-functions"
        "basic-spatial-functions-plus" "spatial-functions" "temporal-functions" "property-property" "functions" "arithmetic"
    }
}
