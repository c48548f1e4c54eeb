//! Every vector of `fixtures/reference/vectors/coordinates.json`.

use jiku_spatial::{AxisOrder, Crs, GaussKruger, ParcelGeometry, RawGeometry, from_bd09, from_gcj02, to_bd09, to_gcj02};
use serde_json::Value;

fn vectors() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/reference/vectors/coordinates.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[test]
fn the_zones_are_those_of_the_epsg_registry() {
    for entry in vectors()["crs"].as_array().unwrap() {
        let system = GaussKruger::from_epsg(u16::try_from(entry["epsg"].as_u64().unwrap()).unwrap()).unwrap();
        assert_eq!(system.zone().central_meridian, number(&entry["central_meridian"]), "{entry}");
        assert_eq!(system.zone().false_easting, number(&entry["false_easting"]), "{entry}");
    }
}

#[test]
fn gauss_kruger_agrees_with_proj_to_a_tenth_of_a_millimetre() {
    let vectors = vectors();
    let mut count = 0;
    for entry in ["gauss_kruger_3deg", "gauss_kruger_6deg"].into_iter().flat_map(|name| vectors[name].as_array().unwrap()) {
        let crs = Crs::from_epsg(u32::try_from(entry["epsg"].as_u64().unwrap()).unwrap()).unwrap();
        let (lon, lat) = (number(&entry["lon"]), number(&entry["lat"]));
        let [east, north] = crs.from_lon_lat(lon, lat);
        assert!((east - number(&entry["easting_y"])).abs() < 1e-4, "{entry}: {east}");
        assert!((north - number(&entry["northing_x"])).abs() < 1e-4, "{entry}: {north}");
        let [lon_back, lat_back] = crs.to_lon_lat(east, north).unwrap();
        assert!((lon_back - lon).abs() < 1e-10 && (lat_back - lat).abs() < 1e-10, "{entry}");
        count += 1;
    }
    assert_eq!(count, 20);
}

#[test]
fn shifted_datums_agree_and_come_back() {
    for entry in vectors()["gcj_bd"].as_array().unwrap() {
        let pair = |name: &str| entry.get(name).map(|value| [number(&value[0]), number(&value[1])]);
        let close =
            |left: [f64; 2], right: [f64; 2], within: f64| (left[0] - right[0]).abs() < within && (left[1] - right[1]).abs() < within;
        let [lon, lat] = pair("wgs84").unwrap();
        let gcj = to_gcj02(lon, lat);
        assert!(close(gcj, pair("gcj02").unwrap(), 2e-9), "{entry}: {gcj:?}");
        assert!(close(from_gcj02(gcj[0], gcj[1]), [lon, lat], 1e-9), "{entry}");
        if let Some(expected) = pair("bd09") {
            let bd = to_bd09(lon, lat);
            assert!(close(bd, expected, 2e-9), "{entry}: {bd:?}");
            assert!(close(from_bd09(bd[0], bd[1]), [lon, lat], 1e-9), "{entry}");
        }
    }
}

#[track_caller]
fn check_refused(crs: &str, first: [f64; 2], code: &str, says: &str) {
    let size = if first[0].abs() > 1000.0 { 10.0 } else { 1e-4 };
    let ring = [[0.0, 0.0], [size, 0.0], [size, size], [0.0, 0.0]].map(|[x, y]| [first[0] + x, first[1] + y]);
    let raw = RawGeometry { parts: vec![vec![ring.to_vec()]], ..RawGeometry::default() };
    let problems = ParcelGeometry::try_new(&raw, crs.parse().unwrap(), AxisOrder::EastFirst).unwrap_err();
    assert_eq!(problems[0].code(), code, "{problems:?}");
    assert!(problems[0].message_en().contains(says), "{}", problems[0].message_en());
}

#[test]
fn wrong_axes_zones_and_units_are_recognised_and_named() {
    check_refused("EPSG:4490", [23.13, 113.26], "coordinate-order-suspected", "swapped");
    check_refused("EPSG:4547", [38_424_654.0, 2_559_013.0], "coordinate-range", "EPSG:4526");
    check_refused("EPSG:4526", [527_080.0, 2_559_000.0], "coordinate-range", "EPSG:4547");
    check_refused("EPSG:4547", [2_559_000.0, 527_080.0], "coordinate-order-suspected", "swapped");
    check_refused("EPSG:4525", [38_500_000.0, 2_559_000.0], "coordinate-range", "EPSG:4526");
    check_refused("EPSG:4490", [38_424_654.0, 2_559_013.0], "coordinate-range", "EPSG:4526");
    check_refused("EPSG:4526", [113.26, 23.13], "coordinate-range", "EPSG:4490");
    check_refused("EPSG:4490", [1e300, 23.13], "coordinate-range", "");
    check_refused("EPSG:4490", [f64::NAN, 23.13], "geometry-nonfinite", "finite");
}

#[test]
fn authority_order_puts_latitude_and_northing_first() {
    let raw = RawGeometry::from_wkt("POLYGON ((23 113, 23 113.001, 23.001 113.001, 23 113))").unwrap();
    let geometry = ParcelGeometry::try_new(&raw, Crs::Cgcs2000, AxisOrder::Authority).unwrap().geometry;
    assert_eq!(geometry.bbox().degrees(), [113.0, 23.0, 113.001, 23.001]);
    let raw = RawGeometry::from_wkt("POLYGON ((2559013 424654, 2559013 424664, 2559023 424664, 2559013 424654))").unwrap();
    let geometry = ParcelGeometry::try_new(&raw, Crs::from_epsg(4547).unwrap(), AxisOrder::Authority).unwrap().geometry;
    assert!((geometry.planar_area().area_m2 - 50.0).abs() < 1e-2, "{:?}", geometry.planar_area());
}
