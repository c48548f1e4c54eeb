//! Do areas and distances agree with an independent implementation?

use geo::{Distance, Geodesic, GeodesicArea, LineString, Point, Polygon};
use jiku_spatial::{AxisOrder, Crs, GridPoint, ParcelGeometry, RawGeometry, SpatialQuery, distance_m};
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

#[test]
fn parts_inside_and_outside_make_up_the_parcel() {
    let parcels: Vec<ParcelGeometry> = real_parcels()
        .iter()
        .map(|value| {
            let raw = RawGeometry::from_geojson(&value["geometry"]).unwrap();
            ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry
        })
        .collect();
    // A border that is cut has a corner more, on the line that is straight in degrees and not in the plane.
    let near = |left: f64, right: f64| (left - right).abs() < 0.01 + right * 1e-4;
    for parcel in &parcels {
        let whole = parcel.planar_area().area_m2;
        let [west, south, east, north] = {
            let bbox = parcel.bbox();
            let ([west, south], [east, north]) = (bbox.min.degrees(), bbox.max.degrees());
            [west - 1e-4, south - 1e-4, east + 1e-4, north + 1e-4]
        };
        let (lon, lat) = (west + (east - west) * 0.4, south + (north - south) * 0.55);
        // Four boxes that meet in the parcel.
        let quarters = [[west, south, lon, lat], [lon, south, east, lat], [west, lat, lon, north], [lon, lat, east, north]];
        let sum: f64 = quarters
            .iter()
            .map(|[west, south, east, north]| {
                let bbox = SpatialQuery::bbox(*west, *south, *east, *north).unwrap();
                assert!(!bbox.takes_in(&parcel.bbox()));
                bbox.area_within_m2(parcel).unwrap()
            })
            .sum();
        assert!(near(sum, whole), "{sum} {whole}");
        // A triangle and the frame around it that has it as a hole, with corners far away.
        let triangle = vec![[west, lat], [lon, south], [east, north], [west, lat]];
        let frame = vec![
            [west - 3.0, south - 2.0],
            [east + 1.0, south - 2.0],
            [east + 1.0, north + 5.0],
            [west - 3.0, north + 5.0],
            [west - 3.0, south - 2.0],
        ];
        let polygon = |rings: Vec<Vec<[f64; 2]>>| {
            let raw = RawGeometry { parts: vec![rings], ..RawGeometry::default() };
            SpatialQuery::intersects(&raw, Crs::Crs84, AxisOrder::EastFirst).unwrap()
        };
        let inside = polygon(vec![triangle.clone()]).area_within_m2(parcel).unwrap();
        let outside = polygon(vec![frame.clone(), triangle]).area_within_m2(parcel).unwrap();
        assert!(near(inside + outside, whole) && inside > 0.0, "{inside} {outside} {whole}");
        assert!(polygon(vec![frame]).takes_in(&parcel.bbox()));
        assert_eq!(SpatialQuery::point(lon, lat).unwrap().area_within_m2(parcel), None);
    }
}
