//! Is paging stable while somebody edits, and are answers open to scripts and closed to strangers?

use jiku_model::Kind;
use jiku_registry::{Actor, Limits, Role};
use serde_json::{Value, json};

use super::super::service::{Caller, Service};
use super::conformance::link;
use super::land;

/// Every parcel code of a list, page by page; between pages `meanwhile` happens.
fn walk(caller: &Caller<'_>, first: &str, mut meanwhile: impl FnMut(usize)) -> Vec<String> {
    let (mut codes, mut path, mut pages) = (Vec::new(), first.to_owned(), 0);
    loop {
        let page = caller.get(&path).expect(200);
        let features = page["features"].as_array().expect("features");
        codes.extend(features.iter().map(|feature| feature["properties"]["parcel_code"].as_str().expect("a code").to_owned()));
        let Some(next) = link(&page, "next", "application/geo+json") else { return codes };
        path = next[next.find("/ogc").expect("our own address")..].to_owned();
        meanwhile(pages);
        pages += 1;
    }
}

#[test]
fn pages_lose_and_repeat_nothing_while_parcels_are_edited() {
    let service = Service::sqlite();
    land::settle(&service, 6, 4);
    let caller = service.caller(&[Role::Reader]);
    for first in [
        "/ogc/collections/parcels/items?limit=5",
        "/ogc/collections/parcels/items?limit=5&bbox=113,23,114,24&crs=http://www.opengis.net/def/crs/EPSG/0/4490",
    ] {
        let mut codes = walk(&caller, first, |page| {
            // One that was shown and one that was not, elsewhere now and with another use.
            for (column, row) in [(0, 0), (5, 3)] {
                let mut changed = land::record(column, row, 6);
                changed.insert("land_use".to_owned(), json!(["1001", "1003", "1004", "1006"][page % 4]));
                land::resend(&service, &format!("{column}-{row}"), changed);
            }
        });
        codes.sort();
        let expected: Vec<String> = (1..=24).map(|number| format!("440106001001GB{number:05}")).collect();
        assert_eq!(codes, expected, "{first}");
    }
    let page = caller.get("/ogc/collections/parcels/items?limit=5").expect(200);
    let next = link(&page, "next", "application/geo+json").expect("a next page");
    let cursor = next.split("cursor=").nth(1).expect("a cursor");
    let elsewhere = caller.get(&format!("/ogc/collections/parcels/items?limit=5&land_use=0701&cursor={cursor}"));
    assert_eq!(elsewhere.problem(), "cursor-invalid", "a cursor of another list");
}

#[test]
fn features_carry_nothing_personal_and_strangers_see_what_is_public() {
    let service = Service::with_public_parcels();
    land::settle(&service, 3, 2);
    let (reader, stranger) = (service.caller(&[Role::Reader]).without("Purpose-Of-Use"), service.stranger());
    let properties = |caller: &Caller<'_>| -> Value {
        caller.get("/ogc/collections/parcels/items?limit=1").expect(200)["features"][0]["properties"].clone()
    };
    let (known, public) = (properties(&reader), properties(&stranger));
    assert_eq!((known["location"].as_str(), public["location"].is_null()), (Some("天河区测试路1号"), true));
    assert!(known["registered_area_m2"].is_number() && known["version"] == 1);
    for personal in ["right_holder", "right_holder_id"] {
        assert!(known[personal].is_null() && public[personal].is_null(), "{personal}");
        assert_eq!(reader.get(&format!("/ogc/collections/parcels/items?filter={personal}%3D%27x%27")).problem(), "cql2-invalid");
        assert_eq!(reader.get(&format!("/ogc/collections/parcels/items?sortby={personal}")).problem(), "sortby-invalid");
    }
    assert_eq!(stranger.get("/ogc/collections/parcels/items?location=x").problem(), "parameter-unknown");
    assert_eq!(
        stranger.get("/ogc/collections/parcels/items?filter=location%20LIKE%20%27%25%27").problem(),
        "cql2-invalid",
        "what is not shown is not asked by"
    );

    // Who reaches a part sees of all what anybody sees.
    for limits in [
        Limits { divisions: vec!["4403".to_owned()], ..Limits::default() },
        Limits { divisions: vec!["4401".to_owned()], ..Limits::default() },
        Limits { kinds: vec![Kind::Person], ..Limits::default() },
    ] {
        let part = service.caller_of("part", &[Role::Reader]);
        let name = part.get("/api/v1/sessions/current").expect(200)["principal"].as_str().expect("a name").to_owned();
        service.registry.set_limits(&Actor::operator("test"), &name, &limits).expect("limits");
        // Another key of the same principal, of which the server knows nothing yet.
        let part = service.caller_of("part", &[Role::Reader]);
        assert_eq!(properties(&part), public, "{limits:?}");
        assert_eq!(part.get("/ogc/collections/parcels/items?filter=location%20LIKE%20%27%25%27").status, 403);
    }

    let id = reader.get("/ogc/collections/parcels/items?limit=1").expect(200)["features"][0]["id"].as_str().expect("an id").to_owned();
    let one = stranger.get(&format!("/ogc/collections/parcels/items/{id}"));
    assert_eq!((one.header("etag"), one.header("access-control-allow-origin")), (format!("\"{id}.1\"").as_str(), "*"));
    assert!(one.header("access-control-expose-headers").contains("ETag"));
    assert_eq!(stranger.clone().with("If-None-Match", one.header("etag")).get(&format!("/ogc/collections/parcels/items/{id}")).status, 304);
    let asked = stranger.send("OPTIONS", "/ogc/collections/parcels/items", b"");
    assert!(
        asked.status == 200 && asked.header("allow").contains("GET") && asked.header("access-control-allow-methods").contains("OPTIONS")
    );
    assert_eq!(Service::sqlite().stranger().get("/ogc/collections/parcels/items").problem(), "unauthenticated");
}

#[test]
fn every_feature_has_every_property_of_the_schema() {
    let service = Service::with_public_parcels();
    land::settle(&service, 2, 1);
    // The first one of a page says hardly anything; a layer's columns are guessed from it.
    let bare = land::record(0, 0, 2).into_iter().filter(|(name, _)| matches!(name.as_str(), "parcel_code" | "geometry")).collect();
    land::resend(&service, "0-0", bare);
    for caller in [service.caller(&[Role::Reader]).without("Purpose-Of-Use"), service.stranger()] {
        for collection in ["parcels", "parcel-history"] {
            let schema = caller.get(&format!("/ogc/collections/{collection}/schema")).expect(200);
            let mut told: Vec<&String> = schema["properties"].as_object().expect("properties").keys().collect();
            told.retain(|name| !matches!(name.as_str(), "id" | "geometry"));
            told.sort();
            let page = caller.get(&format!("/ogc/collections/{collection}/items")).expect(200);
            for feature in page["features"].as_array().expect("features") {
                let mut names: Vec<&String> = feature["properties"].as_object().expect("properties").keys().collect();
                names.sort();
                assert_eq!(names, told, "{collection}");
            }
            let empty = page["features"].as_array().expect("features").iter().filter(|feature| feature["properties"]["land_use"].is_null());
            assert_eq!(empty.count(), 1, "{collection}: absent is null");
        }
    }
}

#[test]
fn questions_that_cannot_be_answered_are_refused_before_the_work() {
    let service = Service::sqlite();
    land::settle(&service, 3, 2);
    let caller = service.caller(&[Role::Reader]);
    for (query, slug) in [
        ("filter=dwithin(geometry,POINT(113%2023),1e9)", "radius-invalid"),
        ("filter=nearest(geometry,POINT(113%2023),0)", "nearest-invalid"),
        ("filter=nearest(POINT(113%2023),geometry,3)", "cql2-invalid"),
        ("filter=S_INTERSECTS(geometry,POINT(400%2023))", "coordinate-range"),
        ("filter=S_INTERSECTS(geometry,POLYGON((0%200,1%201,0%201,1%200,0%200)))", "geometry-self-intersection"),
        ("bbox=1,2,inf,4", "bbox-invalid"),
        ("filter=S_INTERSECTS(geometry,BBOX(113,24,114,23))", "bbox-invalid"),
        (
            "filter-lang=cql2-json&filter=%7B%22op%22:%22s_intersects%22,%22args%22:[%7B%22property%22:%22geometry%22%7D,%7B%22bbox%22:[113,24,114,23]%7D]%7D",
            "bbox-invalid",
        ),
        ("bbox=2e7,5e5,2.1e7,6e5&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4547", "bbox-invalid"),
        ("limit=1e3", "limit-invalid"),
        ("cursor=AAAA", "cursor-invalid"),
        ("f=xml", "parameter-invalid"),
        ("limit=5&limit=6", "parameter-repeated"),
    ] {
        let answer = caller.get(&format!("/ogc/collections/parcels/items?{query}"));
        assert_eq!((answer.status, answer.problem().as_str()), (400, slug), "{query}: {}", answer.text);
    }
}

#[test]
fn caches_are_told_what_an_answer_depends_on() {
    let service = Service::with_public_parcels();
    land::settle(&service, 2, 2);
    let reader = service.caller(&[Role::Reader]);
    let id = reader.get("/ogc/collections/parcels/items?limit=1").json()["features"][0]["id"].as_str().expect("an id").to_owned();
    for path in [
        "/ogc/collections",
        "/ogc/collections/parcels",
        "/ogc/collections/parcels/queryables",
        "/ogc/collections/parcels/schema",
        "/ogc/collections/parcels/items",
        &format!("/ogc/collections/parcels/items/{id}"),
        "/ogc/collections/parcels/items?f=html",
        "/ogc/collections/divisions/items",
        "/ogc/conformance",
    ] {
        for caller in [reader.clone(), service.stranger()] {
            let answer = caller.get(path);
            let vary: Vec<String> = answer.header("vary").split(',').map(|name| name.trim().to_lowercase()).collect();
            assert!(
                answer.status == 200 && ["accept", "authorization"].iter().all(|name| vary.iter().any(|told| told == name)),
                "{path}: {vary:?}"
            );
            assert!(answer.header("cache-control").contains("no-cache"), "{path}");
        }
    }
    // The reason: who shows a key sees more under the same address.
    let item = |caller: &Caller<'_>| caller.get(&format!("/ogc/collections/parcels/items/{id}")).json()["properties"].clone();
    assert_ne!(item(&reader), item(&service.stranger()));
}

#[test]
fn what_cannot_be_asked_is_told_in_words() {
    let service = Service::with_public_parcels();
    super::land::settle(&service, 2, 1);
    let caller = service.stranger();
    let told = |query: &str| {
        let answer = caller.get(&format!("/ogc/collections/parcels/items?{query}"));
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
        answer.text
    };
    assert!(told("datetime=2024-02-01/2024-01-01").contains("ends before it begins"));
    assert!(!told("datetime=yesterday").contains("ends before it begins"));
    for number in ["100000000", "-1", "2.5"] {
        let text = told(&format!("filter=nearest(geometry,POINT(113.3%2023.1),{number})"));
        assert!(text.contains(&format!("from 1 to 1000, got {number}")), "{text}");
    }
}
