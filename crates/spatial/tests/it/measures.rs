//! Do areas and distances agree with an independent implementation?

use geo::{Distance, Geodesic, GeodesicArea, LineString, Point, Polygon};
use jiku_spatial::{AxisOrder, Crs, GridPoint, ParcelGeometry, RawGeometry, distance_m};
use proptest::prelude::*;

use crate::geometries::real_parcels;

fn geometry(wkt: &str) -> ParcelGeometry {
    ParcelGeometry::try_new(&RawGeometry::from_wkt(wkt).unwrap(), Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry
}

/// The ring with its edges cut in 32: geodesics between its points are then straight in longitude and latitude, as ours are.
fn densified(ring: &[GridPoint]) -> LineString {
    let next = ring.iter().cycle().skip(1);
    let edges = ring.iter().zip(next).map(|(from, to)| (from.degrees(), to.degrees()));
    let step = |from: [f64; 2], to: [f64; 2], share: f64| [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
    edges.flat_map(|(from, to)| (0..32).map(move |at| step(from, to, f64::from(at) / 32.0))).collect::<Vec<_>>().into()
}

#[test]
fn areas_of_real_parcels_agree_with_the_geodesic_area() {
    for value in real_parcels() {
        let parcel = ParcelGeometry::try_new(&RawGeometry::from_geojson(&value["geometry"]).unwrap(), Crs::Crs84, AxisOrder::EastFirst);
        let parcel = parcel.unwrap().geometry;
        if parcel.rings().count() == 1 {
            let expected = Polygon::new(densified(&parcel.parts()[0].rings()[0]), vec![]).geodesic_area_unsigned();
            assert!((parcel.ellipsoidal_area_m2() - expected).abs() < 1e-3, "{} {expected}", parcel.ellipsoidal_area_m2());
        }
        // The plane of another system, at most 0.1 % away; stated to the hundredth.
        let stated = value["properties"]["computed_area_m2_epsg28992"].as_f64().unwrap();
        assert!((parcel.planar_area().area_m2 - stated).abs() < stated / 1000.0 + 0.01, "{:?} {stated}", parcel.planar_area());
    }
}

#[test]
fn the_area_of_a_degree_agrees_with_the_geodesic_area() {
    let parcel = geometry("POLYGON((113 23,114 23,114.5 24,113 24,113 23))");
    let expected = Polygon::new(densified(&parcel.parts()[0].rings()[0]), vec![]).geodesic_area_unsigned();
    // Chords of a thirty-second of a degree leave 2e-7.
    assert!((parcel.ellipsoidal_area_m2() / expected - 1.0).abs() < 1e-6, "{} {expected}", parcel.ellipsoidal_area_m2());
}

#[test]
fn planar_area_is_that_of_the_right_zone() {
    let crs = Crs::from_epsg(4526).unwrap();
    let raw =
        RawGeometry::from_wkt("POLYGON((38424654 2559013,38424754 2559013,38424754 2559063,38424654 2559063,38424654 2559013))").unwrap();
    let area = ParcelGeometry::try_new(&raw, crs, AxisOrder::EastFirst).unwrap().geometry.planar_area();
    assert!((area.area_m2 - 5000.0).abs() < 0.02, "{area:?}");
    assert_eq!((area.central_meridian, area.system.map(jiku_spatial::GaussKruger::epsg)), (114.0, Some(4547)));
}

#[test]
fn a_hole_is_not_part_of_the_area() {
    let whole = geometry("POLYGON((113 23,113.003 23,113.003 23.003,113 23.003,113 23))");
    let holed = geometry(
        "POLYGON((113 23,113.003 23,113.003 23.003,113 23.003,113 23),(113.001 23.001,113.002 23.001,113.002 23.002,113.001 23.001))",
    );
    let hole = geometry("POLYGON((113.001 23.001,113.002 23.001,113.002 23.002,113.001 23.001))");
    assert!((whole.planar_area().area_m2 - holed.planar_area().area_m2 - hole.planar_area().area_m2).abs() < 1e-6);
    assert!((whole.ellipsoidal_area_m2() - holed.ellipsoidal_area_m2() - hole.ellipsoidal_area_m2()).abs() < 1e-6);
}

proptest! {
    #[test]
    fn distances_agree_with_the_geodesic(lon in -180.0..180.0_f64, lat in -89.0..89.0_f64, east in -1.0..1.0_f64, north in -1.0..1.0_f64, reach in -5.0..0.0_f64) {
        let to = ((lon + east * 10_f64.powf(reach)).clamp(-180.0, 180.0), (lat + north * 10_f64.powf(reach)).clamp(-90.0, 90.0));
        let (from, to) = (GridPoint::from_degrees(lon, lat).unwrap(), GridPoint::from_degrees(to.0, to.1).unwrap());
        let expected = Geodesic.distance(Point::from(from.degrees()), Point::from(to.degrees()));
        let distance = distance_m(from, to);
        prop_assert!((distance - expected).abs() < 1e-3, "{distance} {expected}");
    }
}
