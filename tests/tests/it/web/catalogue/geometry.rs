//! Rows about geometries, boxes and coordinate systems.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::super::service::Service;
use super::{check, steward};

fn ring(points: usize) -> String {
    let mut text = String::from("POLYGON((");
    for number in 0..points {
        let angle = number as f64 / points as f64 * std::f64::consts::TAU;
        write!(text, "{:.9} {:.9},", 113.0 + 0.4 * angle.cos(), 23.0 + 0.4 * angle.sin()).expect("a string takes all");
    }
    text + "113.400000000 23.000000000))"
}

#[test]
fn a_geometry_that_is_none_is_refused_with_its_place() {
    let service = Service::sqlite();
    let caller = steward(&service);
    let nested = format!("{}POINT(113 23){}", "GEOMETRYCOLLECTION(".repeat(1000), ")".repeat(1000));
    // Text in a JSON body cannot be longer than the body, so that a hundred thousand vertices come in a file.
    let closed = |corners: &str| format!("POLYGON(({corners}))");
    let polygon =
        |kind: &str, west: Value| json!({ "type": kind, "coordinates": [[[west, 23], [113.01, 23], [113.01, 23.01], [west, 23]]] });
    let mut crs = polygon("Polygon", json!(113));
    crs["crs"] = json!({ "type": "name", "properties": { "name": "EPSG:3857" } });
    let cases: &[(&str, Value, u16, &str)] = &[
        ("B58", closed("113 23,113.01 23.01,113.01 23,113 23.01,113 23").into(), 422, "geometry-self-intersection"),
        ("B59 open", closed("113 23,113.01 23,113.01 23.01,113 23.02").into(), 422, "geometry-ring"),
        ("B59 short", closed("113 23,113.01 23,113 23").into(), 422, "geometry-ring"),
        ("B60 NaN", closed("113 23,NaN 23,113.01 23.01,113 23").into(), 422, "geometry-nonfinite"),
        ("B60 infinity", closed("113 23,Infinity 23,113.01 23.01,113 23").into(), 422, "geometry-nonfinite"),
        ("B60 binary", format!("01030000000100000004000000{}", "000000000000f87f".repeat(8)).into(), 422, "geometry-nonfinite"),
        ("B61", closed("113 23,1e300 23,113.01 23.01,113 23").into(), 422, "coordinate-range"),
        ("B62", closed("23 113,23.01 113,23.01 113.01,23 113").into(), 422, "coordinate-order-suspected"),
        ("B63 unknown", format!("SRID=999999;{}", closed("113 23,113.01 23,113.01 23.01,113 23")).into(), 400, "crs-unsupported"),
        ("B63 metres", closed("38412345 2543210,38412445 2543210,38412445 2543310,38412345 2543210").into(), 422, "coordinate-range"),
        ("B64", closed("179 23,-179 23,-179 24,179 24,179 23").into(), 422, "outside-extent"),
        (
            "B65",
            "POLYGON((113 23,113.01 23,113.01 23.01,113 23.01,113 23),(114 24,114.01 24,114.01 24.01,114 24))".into(),
            422,
            "geometry-rings",
        ),
        ("B66", closed("113 23,113.01 23,113.02 23,113 23").into(), 422, "geometry-degenerate"),
        // No parcel is a collection, whatever is in it: nothing is unfolded.
        ("B68", nested.into(), 422, "geometry-type"),
        ("B69 count", "0103000000FFFFFFFF".into(), 422, "wkb-invalid"),
        ("B69 cut", "010300000001000000".into(), 422, "wkb-invalid"),
        ("B69 curve", "010A000000010000000400000000000000".into(), 422, "geometry-type"),
        // The body is good JSON; what is wrong is a value in it.
        ("B70 text", "(".repeat(100_000).into(), 422, "wkt-syntax"),
        ("B70 case", polygon("polygon", json!(113)), 422, "geojson-invalid"),
        ("B70 words", polygon("Polygon", json!("113")), 422, "geojson-invalid"),
        ("B71 system", crs, 400, "crs-unsupported"),
    ];
    for (number, (row, geometry, status, slug)) in cases.iter().enumerate() {
        let body =
            json!({ "source": "ziran", "source_key": row, "parcel_code": format!("440106001001GB{number:05}"), "geometry": geometry });
        let answer = caller.post("/api/v1/parcels/records", &body);
        check(row, &answer, *status, slug);
        assert_eq!(answer.json()["pointer"], "/geometry", "{row}: {}", answer.text);
        assert!(
            !answer.text.contains("NaN") && !answer.text.contains("0000000000000000"),
            "{row}: the value is not repeated: {}",
            answer.text
        );
    }
    let stats = caller.get("/api/v1/stats").expect(200);
    assert_eq!(stats["kinds"][2]["records"], 0, "nothing of it is held");
}

#[test]
fn a_geometry_that_can_be_mended_is_taken_with_a_notice() {
    let service = Service::sqlite();
    let caller = steward(&service);
    for (row, geometry, code) in [
        ("B66", "POLYGON((113 23,113.001 23,113.001 23,113.001 23.001,113 23.001,113 23))", "geometry-repeated-position"),
        ("B71", "POLYGON Z((113.2 23 5,113.201 23 5,113.201 23.001 5,113.2 23.001 5,113.2 23 5))", "geometry-dimension-dropped"),
    ] {
        let body = json!({ "source": "ziran", "source_key": row, "location": "金丝雀路", "geometry": geometry });
        let kept = caller.post("/api/v1/parcels/records", &body).expect(200);
        assert_eq!(kept["problems"][0]["code"], code, "{row}: {kept}");
    }
}

#[test]
fn too_many_vertices_are_refused_before_any_work() {
    let service = Service::sqlite();
    let caller = steward(&service);
    let geometry = ring(100_001);
    let body = format!("source,source_key,geometry\nziran,B67,\"{geometry}\"\n");
    let answer = super::send(&caller, "/api/v1/parcels/records", "text/csv", body.as_bytes());
    let code = answer.json()["rows"][0]["problems"][0]["code"].as_str().unwrap_or_default().to_owned();
    // In a table the row is over its limit before a vertex is counted.
    assert!(answer.status == 422 || code == "too-long" || code == "geometry-too-complex", "B67: {}", answer.text);
    let points: Vec<[f64; 2]> = (0..=50_000).map(|number| [113.0 + f64::from(number % 50_000) * 1e-6, 23.0]).collect();
    let body = json!({ "polygon": { "type": "Polygon", "coordinates": [points] } });
    let answer = caller.post("/api/v1/parcels/query", &body);
    check("B75", &answer, 422, "query-too-expensive");
}

#[test]
fn a_box_is_four_numbers() {
    let service = Service::sqlite();
    let caller = steward(&service);
    for bbox in [json!([1, 2, 3]), json!([1, 2, 3, 4, 5]), json!(["a", 2, 3, 4]), json!([113, 24, 114, 23]), json!(null), json!("1,2,3,4")]
    {
        let answer = caller.post("/api/v1/parcels/query", &json!({ "bbox": bbox }));
        assert!(matches!(answer.status, 400 | 422), "B74 {bbox}: {} {}", answer.status, answer.text);
    }
    check("B74", &caller.post("/api/v1/parcels/query", &json!({ "bbox": [1, 2, 3] })), 400, "bbox-invalid");
    for bbox in [json!([179, 20, -179, 24]), json!([70, 10, 140, 55])] {
        caller.post("/api/v1/parcels/query", &json!({ "bbox": bbox })).expect(200);
    }
}
