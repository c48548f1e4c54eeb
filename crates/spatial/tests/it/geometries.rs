//! What is accepted as a parcel boundary, what is refused, and with which words?

use jiku_spatial::{AxisOrder, Crs, GeometryNotice, ParcelGeometry, RawGeometry};
use proptest::prelude::*;
use serde_json::{Value, json};

fn codes(read: Result<RawGeometry, jiku_spatial::GeometryProblem>) -> Vec<&'static str> {
    let raw = match read {
        Ok(raw) => raw,
        Err(problem) => return vec![problem.code()],
    };
    match ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst) {
        Ok(accepted) => accepted.notices.iter().map(|notice| notice.code()).collect(),
        Err(problems) => problems.iter().map(jiku_spatial::GeometryProblem::code).collect(),
    }
}

#[track_caller]
fn check(wkt: &str, expected: &[&str]) {
    let mut found = codes(RawGeometry::from_wkt(wkt));
    found.dedup();
    assert_eq!(found, expected, "{wkt}");
}

#[test]
fn good_polygons_pass_without_a_word() {
    for wkt in [
        "POLYGON((0 0,4 0,4 4,0 4,0 0))",
        "POLYGON ((0 0, 0 3, 3 3, 3 0, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))",
        "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((1 1, 2 1, 2 2, 1 1)))",
        "polygon((0 0,1 0,1 1,0 0))",
        "SRID=4490;POLYGON((0 0,1 0,1 1,0 0))",
        // A hole that touches the shell in one point, and an island in a hole.
        "POLYGON ((0 0, 3 0, 3 3, 0 3, 0 0), (0 0, 2 1, 1 2, 0 0))",
        "MULTIPOLYGON (((0 0, 3 0, 3 3, 0 3, 0 0), (0.5 0.5, 2.5 0.5, 2.5 2.5, 0.5 2.5, 0.5 0.5)), ((1 1, 2 1, 2 2, 1 2, 1 1)))",
        // An island that touches the rim of its hole in one point.
        "MULTIPOLYGON (((0 0, 3 0, 3 3, 0 3, 0 0), (0.5 0.5, 2.5 0.5, 2.5 2.5, 0.5 2.5, 0.5 0.5)), ((0.5 0.5, 2 1, 2 2, 1 2, 0.5 0.5)))",
    ] {
        check(wkt, &[]);
    }
}

#[test]
fn bad_rings_are_refused_with_their_reason() {
    check("POLYGON((0 0,2 2,2 0,0 2,0 0))", &["geometry-self-intersection"]);
    check("POLYGON((0 0,1 0,1 1,0 1))", &["geometry-ring"]);
    check("POLYGON((0 0,1 0,0 0))", &["geometry-ring"]);
    check("POLYGON((0 0,1 0,1 0,0 0))", &["geometry-degenerate"]);
    check("POLYGON((0 0,1 0,2 0,0 0))", &["geometry-degenerate"]);
    check("POLYGON((0 0,2 0,2 2,3 2,2 2,0 2,0 0))", &["geometry-degenerate", "geometry-self-intersection"]);
    check("POLYGON((0 0,2 0,1 1,2 2,0 2,1 1,0 0))", &["geometry-self-intersection"]);
    check("POLYGON((0 0,1 0,1 1,0 1,0 0),(2 2,3 2,3 3,2 2))", &["geometry-rings"]);
    check("POLYGON((0 0,3 0,3 3,0 3,0 0),(1 1,4 1,2 2,1 1))", &["geometry-rings"]);
    check("POLYGON((0 0,3 0,3 3,0 3,0 0),(0 1,1 1,1 2,0 2,0 1))", &["geometry-rings"]);
    check("MULTIPOLYGON(((0 0,2 0,2 2,0 2,0 0)),((0.5 0.5,1 0.5,1 1,0.5 0.5)))", &["geometry-rings"]);
    check("MULTIPOLYGON(((0 0,2 0,2 2,0 2,0 0)),((2 0,3 0,3 2,2 2,2 0)))", &["geometry-rings"]);
    check("MULTIPOLYGON(((0 0,2 0,2 2,0 2,0 0)),((0 0,2 0,2 2,0 2,0 0)))", &["geometry-rings"]);
    check("POLYGON((0 0,3 0,3 3,0 3,0 0),(0.5 0.5,2.5 0.5,2.5 2.5,0.5 2.5,0.5 0.5),(1 1,2 1,2 2,1 2,1 1))", &["geometry-rings"]);
    // What is wrong with one ring does not hide what is wrong with another.
    check("POLYGON((0 0,2 2,2 0,0 2,0 0),(2.5 2.5,2.8 2.5,2.8 2.8,2.5 2.5))", &["geometry-self-intersection", "geometry-rings"]);
    check(
        "MULTIPOLYGON(((0 0,1 1,1 0,0 1,0 0)),((2 0,3 0,3 1,2 1,2 0),(0.2 2,0.4 2,0.4 2.2,0.2 2)))",
        &["geometry-self-intersection", "geometry-rings"],
    );
    check("POLYGON((0 0,5 0,5 1,0 1,0 0))", &["outside-extent"]);
    check("POLYGON((179 0,-179 0,-179 1,179 1,179 0))", &["outside-extent"]);
    check("POLYGON EMPTY", &["geometry-empty"]);
    check("MULTIPOLYGON Z EMPTY", &["geometry-empty"]);
    check("POINT(1 1)", &["geometry-type"]);
    check("POLYGON((0 0,NaN 0,1 1,0 0))", &["geometry-nonfinite"]);
    check("POLYGON((0 0,1e999 0,1 1,0 0))", &["geometry-nonfinite"]);
    check("POLYGON((0 0,1e300 0,1 1,0 0))", &["coordinate-range"]);
}

#[test]
fn an_interior_in_two_pieces_is_refused() {
    // A hole from side to side through two touching points; three holes in a ring around an island.
    check("POLYGON((0 0,2 0,2 2,0 2,0 0),(0 1,1 0.5,2 1,1 1.5,0 1))", &["geometry-interior-disconnected"]);
    check(
        "POLYGON((-3 -3,1 -3,1 1,-3 1,-3 -3),(-2 -1,-1 -1.5,0 -1,-1 -1.2,-2 -1),(0 -1,0.5 -0.5,-1 0,0.2 -0.5,0 -1),(-1 0,-2.5 -0.5,-2 -1,-2.2 -0.5,-1 0))",
        &["geometry-interior-disconnected"],
    );
}

#[test]
fn every_problem_is_told_at_once_with_its_place() {
    let raw = RawGeometry::from_wkt("MULTIPOLYGON(((0 0,2 2,2 0,0 2,0 0)),((3 0,4 1,4 0,3 1,3 0)))").unwrap();
    let problems = ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).unwrap_err();
    let places: Vec<_> = problems.iter().map(|problem| (problem.part, problem.place_geojson().unwrap()["coordinates"].clone())).collect();
    assert_eq!(places, [(Some(0), json!([1.0, 1.0])), (Some(1), json!([3.5, 0.5]))]);
}

#[test]
fn what_is_dropped_on_the_way_in_is_said() {
    check("POLYGON((0 0,1 0,1 0,1 1,0 0,0 0))", &["geometry-repeated-position"]);
    check("POLYGON Z((0 0 5,1 0 5,1 1 5,0 0 5))", &["geometry-dimension-dropped"]);
    check("POLYGONZM((0 0 5 1,1 0 5 1,1 1 5 1,0 0 5 1))", &["geometry-dimension-dropped"]);
    let raw = RawGeometry::from_wkt("POLYGON((113 23,113.1 23,113.1 23.1,113 23))").unwrap();
    let accepted = ParcelGeometry::try_new(&raw, Crs::Gcj02, AxisOrder::EastFirst).unwrap();
    assert_eq!(accepted.notices, [GeometryNotice::ApproximateDatum]);
}

#[test]
fn shells_run_counter_clockwise_and_holes_clockwise() {
    let raw = RawGeometry::from_wkt("POLYGON((0 0,0 3,3 3,3 0,0 0),(1 1,2 1,2 2,1 2,1 1))").unwrap();
    let geometry = ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry;
    assert_eq!(geometry.to_wkt(), "POLYGON ((0 0, 3 0, 3 3, 0 3, 0 0), (1 1, 1 2, 2 2, 2 1, 1 1))");
}

#[test]
fn text_errors_say_where() {
    for (wkt, says) in [
        ("POLYGON((0 0,1 x,1 1,0 0))", "a number at byte 15"),
        ("POLYGON((0 0,1 0,1 1,0 0)", ") or , at byte 25"),
        ("POLYGON((0 0,1 0,1 1,0 0))x", "the end at byte 26"),
        ("CIRCLE(0 0)", "POLYGON or MULTIPOLYGON at byte 0"),
        ("", "POLYGON or MULTIPOLYGON at byte 0"),
        ("POLYGON((113°15'52\" 23))", "a number at byte 12"),
    ] {
        let message = RawGeometry::from_wkt(wkt).unwrap_err().message_en();
        assert!(message.contains(says), "{wkt}: {message}");
    }
    assert_eq!(codes(RawGeometry::from_wkt(&"(".repeat(100_000))), ["wkt-syntax"]);
    assert_eq!(codes(RawGeometry::from_wkt(&format!("POLYGON{}", "(".repeat(100_000)))), ["wkt-syntax"]);
}

#[test]
fn geojson_is_read_strictly() {
    let square = json!([[[0, 0], [1, 0], [1, 1], [0, 0]]]);
    let cases: [(Value, &[&str]); 10] = [
        (json!({"type": "Polygon", "coordinates": square}), &[]),
        (json!({"type": "MultiPolygon", "coordinates": [square]}), &[]),
        (json!({"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": square}}), &[]),
        (json!({"type": "polygon", "coordinates": square}), &["geojson-invalid"]),
        (json!({"type": "Polygon", "coordinates": [[["0", 0], [1, 0], [1, 1], [0, 0]]]}), &["geojson-invalid"]),
        (json!({"type": "Polygon"}), &["geojson-invalid"]),
        (json!({"type": "GeometryCollection", "geometries": []}), &["geometry-type"]),
        (json!({"type": "Polygon", "coordinates": []}), &["geometry-empty"]),
        (
            json!({"type": "Polygon", "coordinates": square, "crs": {"type": "name", "properties": {"name": "EPSG:3857"}}}),
            &["crs-unsupported"],
        ),
        (json!({"type": "Feature", "geometry": {"type": "Feature", "geometry": null}}), &["geojson-invalid"]),
    ];
    for (value, expected) in cases {
        assert_eq!(codes(RawGeometry::read(&value)), expected, "{value}");
    }
    let with_crs =
        json!({"type": "Polygon", "coordinates": square, "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4526"}}});
    assert_eq!(RawGeometry::read(&with_crs).unwrap().srid, Some(4526));
}

#[test]
fn hostile_binary_is_refused_without_large_allocations() {
    let huge_count = [&[1, 3, 0, 0, 0][..], &[0xFF; 4]].concat();
    let huge_ring = [&[1, 3, 0, 0, 0, 1, 0, 0, 0][..], &[0xFF; 4]].concat();
    for bytes in [&[][..], &[1], &[2, 3, 0, 0, 0], &[1, 3, 0, 0], &huge_count, &huge_ring, &[1, 3, 0, 0, 0, 0, 0, 0, 0, 0]] {
        assert_eq!(codes(RawGeometry::from_wkb(bytes)), ["wkb-invalid"], "{bytes:?}");
    }
    assert_eq!(codes(RawGeometry::from_wkb(&[1, 10, 0, 0, 0, 0, 0, 0, 0])), ["geometry-type"]);
    for text in ["01", "0G", "010", "01é"] {
        assert_eq!(codes(RawGeometry::from_hex_wkb(text)), ["wkb-invalid"], "{text}");
    }
}

#[test]
fn too_many_vertices_are_refused_while_reading() {
    let ring = vec!["0 0"; 1_000_001].join(",");
    check(&format!("POLYGON(({ring}))"), &["geometry-too-complex"]);
    let parts = vec!["((0 0,1 0,1 1,0 0))"; 100_000].join(",");
    check(&format!("MULTIPOLYGON({parts})"), &["geometry-too-complex"]);
}

#[test]
fn big_endian_and_extended_binary_are_read() {
    let raw = RawGeometry::from_wkt("POLYGON((0 0,1 0,1 1,0 0))").unwrap();
    let geometry = ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry;
    let mut big = vec![0, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 4];
    for [x, y] in [[0.0_f64, 0.0_f64], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]] {
        big.extend(x.to_be_bytes());
        big.extend(y.to_be_bytes());
    }
    assert_eq!(RawGeometry::from_wkb(&big).unwrap().parts, raw.parts);
    let mut extended = geometry.to_wkb();
    extended[4] = 0x20;
    extended.splice(5..5, 4326_u32.to_le_bytes());
    assert_eq!(RawGeometry::from_wkb(&extended).unwrap().srid, Some(4326));
    assert_eq!(ParcelGeometry::from_stored_hex(&geometry.to_hex_wkb().to_lowercase()), Ok(geometry));
}

#[test]
fn real_parcels_pass_and_come_back_from_every_form() {
    for value in real_parcels() {
        let raw = RawGeometry::from_geojson(&value["geometry"]).unwrap();
        let geometry = ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry;
        assert_eq!(ParcelGeometry::from_stored(&geometry.to_wkb()).unwrap(), geometry);
        for again in [RawGeometry::from_wkt(&geometry.to_wkt()).unwrap(), RawGeometry::from_geojson(&geometry.to_geojson()).unwrap()] {
            assert_eq!(ParcelGeometry::try_new(&again, Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry, geometry);
        }
    }
}

pub(crate) fn real_parcels() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/parcels/nl_parcels_316.geojson");
    let value: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    value["features"].as_array().unwrap().clone()
}

proptest! {
    #[test]
    fn no_bytes_break_the_readers(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "(POLYGON|MULTIPOLYGON|SRID=|Z|M|EMPTY|[(),;. 0-9eE+-]|nan|inf){0,40}") {
        codes(RawGeometry::from_wkb(&bytes));
        codes(RawGeometry::from_wkt(&text));
        codes(RawGeometry::read(&json!(text)));
        codes(RawGeometry::read(&json!(format!("01{text}"))));
    }

    #[test]
    fn a_damaged_geometry_is_refused_or_valid(which in 0..316_usize, flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut in any::<prop::sample::Index>()) {
        let value = &real_parcels()[which];
        let raw = RawGeometry::from_geojson(&value["geometry"]).unwrap();
        let mut bytes = ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry.to_wkb();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        for bytes in [&bytes[..], &bytes[..cut.index(bytes.len())]] {
            if let Ok(raw) = RawGeometry::from_wkb(bytes)
                && let Ok(accepted) = ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst)
            {
                prop_assert_eq!(ParcelGeometry::from_stored(&accepted.geometry.to_wkb()), Ok(accepted.geometry));
            }
            let _ = ParcelGeometry::from_stored(bytes);
        }
    }
}

#[test]
fn a_costly_geometry_is_refused_in_time() {
    // Two parts of thirty thousand vertices each that touch: where each vertex lies is more than is worked out.
    let comb = |flip: f64| -> Vec<[f64; 2]> {
        let mut ring: Vec<[f64; 2]> = (0..15_000)
            .flat_map(|tooth| {
                let east = f64::from(tooth) * 1e-5;
                [[east, 0.1 * flip], [east + 5e-6, 0.0]]
            })
            .collect();
        ring.extend([[0.2, 0.2 * flip], [0.0, 0.2 * flip], [0.0, 0.1 * flip]]);
        ring
    };
    let raw = RawGeometry { parts: vec![vec![comb(1.0)], vec![comb(-1.0)]], ..RawGeometry::default() };
    let problems = ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).unwrap_err();
    assert_eq!(problems[0].code(), "geometry-too-complex");
}

#[test]
fn one_fault_does_not_hide_another_and_each_has_its_place() {
    let told = |wkt: &str| {
        let raw = RawGeometry::from_wkt(wkt).expect("well-known text");
        let problems = ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).expect_err(wkt);
        assert!(problems.iter().all(|problem| problem.place_geojson().is_some()), "{problems:?}");
        problems.iter().map(jiku_spatial::GeometryProblem::code).collect::<Vec<_>>()
    };
    let bow_tie = "(113 23, 113.002 23.002, 113.002 23, 113 23.002";
    assert_eq!(told(&format!("POLYGON ({bow_tie}))")), ["geometry-ring", "geometry-self-intersection"], "not closed");
    assert_eq!(
        told(&format!("MULTIPOLYGON ((({}, {})), ((114 23, 114.001 23, 114 23)))", &bow_tie[1..], "113 23")),
        ["geometry-ring", "geometry-self-intersection"],
        "another part is none"
    );
    let square = "(113 23, 113.004 23, 113.004 23.004, 113 23.004, 113 23)";
    assert_eq!(
        told(&format!("POLYGON ({square}, (113.001 23.001, 113.001 23.001, 113.001 23.001, 113.001 23.001))")),
        ["geometry-degenerate"]
    );
    assert_eq!(told("POLYGON ((113 23, 113.001 23, 118.001 23.001, 113 23))"), ["outside-extent"]);
    assert_eq!(told("POLYGON ((23 113, 23 113.001, 23.001 113.001, 23 113))"), ["coordinate-order-suspected"]);
}
