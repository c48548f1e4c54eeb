//! Do tiles show the parcels of this very moment, and only to those who may see them?

use jiku_registry::Role;
use serde_json::json;

use super::super::service::{Answer, Caller, Service};
use super::land;

/// The tile of level 16 in which the grid's first parcels lie.
const TILE: (u32, u32, u32) = (16, 53393, 28443);

fn tile(caller: &Caller<'_>) -> Answer {
    let (zoom, column, row) = TILE;
    caller.get(&format!("/ogc/tiles/{zoom}/{column}/{row}"))
}

#[test]
fn an_edit_shows_in_the_next_tile_and_others_stay_good() {
    let service = Service::sqlite();
    land::settle(&service, 4, 4);
    let caller = service.caller(&[Role::Reader]).without("Purpose-Of-Use");
    let first = tile(&caller);
    assert_eq!((first.status, first.header("content-type")), (200, "application/vnd.mapbox-vector-tile"), "{}", first.text);
    assert!(first.text.contains("440106001001GB00001") && first.text.contains("0501"));
    assert!(!first.text.contains("张测试"), "a tile names no right holder");
    let tag = first.header("etag").to_owned();
    let again = || caller.clone().with("If-None-Match", &tag);
    assert_eq!(tile(&again()).status, 304);
    let (zoom, column, row) = TILE;
    let by_row = again().get(&format!("/ogc/collections/parcels/tiles/WebMercatorQuad/{zoom}/{row}/{column}?f=mvt"));
    assert_eq!(by_row.status, 304, "the same tile by the words of the standard");
    let density = caller.get("/ogc/tiles/WebMercatorQuad/3/3/6");
    assert_eq!((density.status, density.header("content-type")), (200, "application/vnd.mapbox-vector-tile"));
    assert_eq!(caller.get("/ogc/tiles/16/0/0.mvt").status, 204, "nothing lies there");

    let mut changed = land::record(0, 0, 4);
    changed.insert("land_use".to_owned(), json!("1003"));
    land::resend(&service, "0-0", changed);
    let after = tile(&again());
    assert_eq!(after.status, 200, "the copy is stale at once");
    assert!(after.text.contains("1003"));
    let mut elsewhere = land::record(3, 3, 4);
    elsewhere.insert("parcel_code".to_owned(), json!("440106001001GB00099"));
    elsewhere.insert("geometry".to_owned(), json!({ "type": "Polygon", "coordinates": [land::ring(400, 400)] }));
    land::resend(&service, "far", elsewhere);
    assert_eq!(tile(&caller.clone().with("If-None-Match", after.header("etag"))).status, 304, "an edit far away touches nothing here");
}

#[test]
fn tile_sets_describe_themselves() {
    let service = Service::sqlite();
    land::settle(&service, 4, 4);
    let caller = service.caller(&[Role::GisEditor]);
    let host = format!("http://{}", service.address());
    let tile_json = caller.get("/ogc/tiles/parcels.json").expect(200);
    assert_eq!(tile_json["tiles"][0], format!("{host}/ogc/tiles/{{z}}/{{x}}/{{y}}.mvt"));
    assert!(tile_json["bounds"][0].as_f64().is_some_and(|west| (west - land::WEST).abs() < 1e-6), "{tile_json}");
    let set = caller.get("/ogc/collections/parcels/tiles/WebMercatorQuad").expect(200);
    let limits = &set["tileMatrixSetLimits"][16];
    assert_eq!((limits["minTileCol"].as_u64(), limits["maxTileRow"].as_u64()), (Some(53393), Some(28443)), "{set}");
    assert_eq!(set["layers"][0]["id"], "parcels");
    assert_eq!(caller.get("/ogc/collections/parcels/tiles").expect(200)["tilesets"][0]["dataType"], "vector");
    let matrices = service.stranger().get("/ogc/tileMatrixSets/WebMercatorQuad").expect(200);
    assert_eq!(matrices["tileMatrices"][2]["matrixWidth"], 4);
    let style = service.stranger().get("/ogc/styles/parcels").expect(200);
    assert_eq!((style["version"].as_u64(), style["layers"][2]["source-layer"].as_str()), (Some(8), Some("parcels")));
    for path in
        ["/ogc/tiles/WebMercatorQuad/25/0/0", "/ogc/tiles/2/4/0", "/ogc/tiles/2/-1/0", "/ogc/tiles/Other/0/0/0", "/ogc/collections/x/tiles"]
    {
        assert_eq!(caller.get(path).problem(), "not-found", "{path}");
    }
    assert_eq!(caller.get("/ogc/tiles/2/0/0?buffer=3").problem(), "parameter-unknown");
}

#[test]
fn parcels_are_public_only_where_that_is_said() {
    let closed = Service::sqlite();
    land::settle(&closed, 2, 2);
    let stranger = closed.stranger();
    assert_eq!(tile(&stranger).problem(), "unauthenticated");
    let key = closed.caller(&[Role::Reader]).head();
    let key = key.split("Bearer ").nth(1).and_then(|rest| rest.lines().next()).expect("a key").trim().to_owned();
    let basic = |text: &str| format!("Basic {}", base64(text.as_bytes()));
    assert_eq!(tile(&stranger.clone().with("Authorization", &basic(&format!("qgis:{key}")))).status, 200);
    for wrong in ["Basic !!", &basic("no colon"), &basic("qgis:wrong"), "Digest x"] {
        assert_eq!(tile(&stranger.clone().with("Authorization", wrong)).problem(), "token-invalid", "{wrong}");
    }
    assert_eq!(tile(&closed.caller(&[Role::SystemAdmin])).problem(), "forbidden", "administrators read no records");

    let open = Service::with_public_parcels();
    land::settle(&open, 2, 2);
    let answer = tile(&open.stranger());
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "*"));
    assert_eq!(tile(&open.stranger().with("Authorization", "Bearer jk_wrong")).problem(), "token-invalid", "a wrong key is not overlooked");
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        (0..=chunk.len()).for_each(|place| text.push(char::from(ALPHABET[(group >> (18 - 6 * place) & 63) as usize])));
        text.push_str(&"=".repeat(3 - chunk.len()));
    }
    text
}
