//! Is no land won or lost when parcels are split, merged and adjusted?

use jiku_spatial::edit::{EditProblem, area_shares, dissolve, merge, split_by_lines, split_by_polygons, union_unchanged};
use jiku_spatial::topology::Tolerances;
use jiku_spatial::{AxisOrder, Crs, ParcelGeometry, RawGeometry};
use proptest::prelude::*;
use serde_json::Value;

use crate::geometries::real_parcels;
use crate::topology::{metres, rectangle};

fn split_by_line(parcel: &ParcelGeometry, line: &[[f64; 2]]) -> Result<Vec<ParcelGeometry>, EditProblem> {
    split_by_lines(parcel, &[line.to_vec()], Crs::Cgcs2000)
}

/// A line of metres east and north of the corner, as degrees.
fn line(places: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let crs = Crs::from_epsg(4526).unwrap();
    places.iter().map(|[east, north]| crs.to_lon_lat(38_424_600.0 + east, 2_559_000.0 + north).unwrap()).collect()
}

fn areas(parts: &[ParcelGeometry]) -> Vec<i64> {
    parts.iter().map(|part| part.planar_area().area_m2.round() as i64).collect()
}

#[test]
fn a_line_cuts_a_parcel_into_valid_parts() {
    let square = rectangle(0.0, 0.0, 100.0, 100.0);
    let horseshoe = metres(&[[0.0, 0.0], [90.0, 0.0], [90.0, 90.0], [60.0, 90.0], [60.0, 30.0], [30.0, 30.0], [30.0, 90.0], [0.0, 90.0]]);
    for (parcel, cut, expected) in [
        (&square, line(&[[50.0, -10.0], [50.0, 110.0]]), vec![5000, 5000]),
        (&square, line(&[[-10.0, 30.0], [40.0, 50.0], [110.0, 30.0]]), vec![4166, 5834]),
        (&square, line(&[[0.0, 0.0], [100.0, 100.0]]), vec![5000, 5000]),
        (&horseshoe, line(&[[-5.0, 60.0], [95.0, 60.0]]), vec![4500, 900, 900]),
        // Twice through: three parts. A loose end cuts nothing.
        (&square, line(&[[-10.0, 25.0], [110.0, 25.0], [110.0, 75.0], [50.0, 75.0], [-10.0, 75.0]]), vec![2500, 5000, 2500]),
    ] {
        let parts = split_by_line(parcel, &cut).unwrap();
        let (mut found, mut expected) = (areas(&parts), expected);
        found.sort_unstable();
        expected.sort_unstable();
        assert!(found.iter().zip(&expected).all(|(left, right)| (left - right).abs() <= 2), "{found:?} {expected:?}");
        assert_eq!(found.len(), expected.len());
        assert_eq!(split_by_polygons(parcel, &parts, &Tolerances::default()).as_ref(), Ok(&parts));
        // All but the first say where that one is.
        let rest = split_by_polygons(parcel, &parts[1..], &Tolerances::default()).unwrap();
        assert_eq!((&rest[..parts.len() - 1], &rest[parts.len() - 1]), (&parts[1..], &parts[0]));
        assert_eq!(
            &merge(&parts, false, &Tolerances::default()).unwrap().planar_area().area_m2.round(),
            &parcel.planar_area().area_m2.round()
        );
        let shares = area_shares(parcel, &parts).unwrap();
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-6, "{shares:?}");
    }
}

#[test]
fn a_line_that_cuts_nothing_is_refused() {
    let square = rectangle(0.0, 0.0, 100.0, 100.0);
    for (cut, problem) in [
        (line(&[[50.0, -10.0], [50.0, 50.0]]), EditProblem::LineEndsInside(line(&[[50.0, 50.0]])[0])),
        (line(&[[-50.0, -10.0], [-50.0, 50.0]]), EditProblem::NotCut),
        (line(&[[0.0, 0.0], [100.0, 0.0]]), EditProblem::NotCut),
        (line(&[[50.0, 50.0]]), EditProblem::LineTooShort),
        (vec![[f64::NAN, 0.0], [1.0, 1.0]], EditProblem::LineOffGlobe),
        (line(&[[50.0, -10.0], [50.0, 110.0]]).into_iter().map(|[lon, lat]| [lat, lon]).collect(), EditProblem::LineSwapped),
        (vec![[113.0, 23.0]; 10_001], EditProblem::LineTooLong),
    ] {
        match (split_by_line(&square, &cut), problem) {
            (Err(EditProblem::LineEndsInside(place)), EditProblem::LineEndsInside(expected)) => {
                assert!((place[0] - expected[0]).abs() < 1e-8 && (place[1] - expected[1]).abs() < 1e-8);
            }
            (found, expected) => assert_eq!(found, Err(expected)),
        }
    }
    let crossing = split_by_line(&square, &line(&[[-10.0, 50.0], [80.0, 50.0], [80.0, 80.0], [50.0, 80.0], [50.0, -10.0]]));
    assert_eq!(crossing.map(|parts| parts.len()), Ok(3), "a line may cross itself where what it cuts are parcels");
}

#[test]
fn several_lines_cut_at_once_and_a_closed_one_cuts_an_island_out() {
    let square = rectangle(0.0, 0.0, 100.0, 100.0);
    let cross = [line(&[[50.0, -10.0], [50.0, 110.0]]), line(&[[-10.0, 50.0], [110.0, 50.0]])];
    let parts = split_by_lines(&square, &cross, Crs::Cgcs2000).unwrap();
    assert_eq!(areas(&parts), [2500; 4]);
    let island = line(&[[20.0, 20.0], [80.0, 20.0], [80.0, 80.0], [20.0, 80.0], [20.0, 20.0]]);
    let parts = split_by_line(&square, &island).unwrap();
    assert_eq!((areas(&parts), parts.iter().map(|part| part.rings().count()).collect::<Vec<_>>()), (vec![6400, 3600], vec![2, 1]));
    // The same line in metres of the zone.
    let metres = vec![[38_424_650.0, 2_558_990.0], [38_424_650.0, 2_559_110.0]];
    let zone = Crs::from_epsg(4526).unwrap();
    assert_eq!(areas(&split_by_lines(&square, std::slice::from_ref(&metres), zone).unwrap()), [5000, 5000]);
    let turned = metres.into_iter().map(|[east, north]| [north, east]).collect();
    assert_eq!(split_by_lines(&square, &[turned], zone), Err(EditProblem::LineSwapped));
}

#[test]
fn polygons_of_a_parcel_become_parts_and_what_they_leave_over_too() {
    let (square, tolerances) = (rectangle(0.0, 0.0, 100.0, 100.0), Tolerances::default());
    let split = |polygons: &[ParcelGeometry]| split_by_polygons(&square, polygons, &tolerances);
    let rings = |parts: &[ParcelGeometry]| parts.iter().map(|part| part.rings().count()).collect::<Vec<_>>();
    for (polygons, areas_found, rings_found) in [
        (vec![rectangle(0.0, 0.0, 30.0, 100.0)], vec![3000, 7000], vec![1, 1]),
        // Across the middle: two pieces are left over.
        (vec![rectangle(30.0, 0.0, 60.0, 100.0)], vec![3000, 3000, 4000], vec![1, 1, 1]),
        (vec![rectangle(30.0, 30.0, 60.0, 60.0)], vec![900, 9100], vec![1, 2]),
        // A corner that is drawn two centimetres off leaves no hem.
        (vec![rectangle(0.02, 0.02, 30.0, 99.98)], vec![2997, 7000], vec![1, 1]),
    ] {
        let parts = split(&polygons).unwrap();
        assert_eq!((areas(&parts), rings(&parts)), (areas_found, rings_found));
        assert_eq!(&parts[..polygons.len()], &polygons[..], "the polygons stay as they are");
        assert_eq!(union_unchanged(std::slice::from_ref(&square), &parts, &tolerances), Ok(()));
    }
    assert_eq!(split(std::slice::from_ref(&square)), Err(EditProblem::NotDivided));
    let saw: Vec<[f64; 2]> = (0..=10_000).map(|at| [f64::from(at) / 200.0, if at % 2 == 0 { 40.0 } else { 40.5 }]).collect();
    let ragged = metres(
        &[&[[50.0, 0.0], [50.0, 40.0]][..], &saw[..saw.len() - 1].iter().rev().copied().collect::<Vec<_>>(), &[[0.0, 0.0]]].concat(),
    );
    assert_eq!(split(&[ragged]), Err(EditProblem::TooManyCorners));
    let strip = split(&[rectangle(0.0, 0.0, 30.0, 100.0), rectangle(30.3, 0.0, 100.0, 100.0)]);
    assert!(
        matches!(&strip, Err(EditProblem::StripLeft(area, width, _)) if (area - 30.0).abs() < 0.1 && (width - 0.3).abs() < 0.01),
        "{strip:?}"
    );
    let out = split(&[rectangle(0.0, 0.0, 30.0, 100.0), rectangle(30.0, 0.0, 120.0, 100.0)]);
    assert!(matches!(&out, Err(EditProblem::SticksOut(1, area, _)) if (area - 2000.0).abs() < 2.0), "{out:?}");
    let twice = split(&[rectangle(0.0, 0.0, 60.0, 100.0), rectangle(40.0, 0.0, 90.0, 100.0)]);
    assert!(matches!(&twice, Err(EditProblem::PartsOverlap(area, _)) if (area - 2000.0).abs() < 2.0), "{twice:?}");
}

#[test]
fn a_hole_stays_a_hole_or_becomes_border() {
    let raw = RawGeometry::from_wkt(
        "POLYGON((113 23,113.004 23,113.004 23.004,113 23.004,113 23),(113.001 23.001,113.001 23.002,113.002 23.002,113.002 23.001,113.001 23.001))",
    );
    let holed = ParcelGeometry::try_new(&raw.unwrap(), Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry;
    let beside = split_by_line(&holed, &[[112.9, 23.003], [113.1, 23.003]]).unwrap();
    assert_eq!(beside.iter().map(|part| part.rings().count()).collect::<Vec<_>>(), [2, 1]);
    let through = split_by_line(&holed, &[[112.9, 23.0015], [113.1, 23.0015]]).unwrap();
    assert_eq!(through.iter().map(|part| part.rings().count()).collect::<Vec<_>>(), [1, 1]);
    assert_eq!(merge(&beside, false, &Tolerances::default()).unwrap().rings().count(), 2);
    assert_eq!(merge(&through, false, &Tolerances::default()).unwrap().rings().count(), 2);
}

#[test]
fn a_merge_joins_what_shares_a_border_also_when_vertices_are_missing() {
    let tolerances = Tolerances::default();
    let (left, low, high) = (rectangle(0.0, 0.0, 100.0, 50.0), rectangle(100.0, 0.0, 150.0, 20.0), rectangle(100.0, 20.0, 150.0, 50.0));
    let merged = merge(&[left.clone(), low.clone(), high], false, &tolerances).unwrap();
    assert_eq!((merged.parts().len(), areas(std::slice::from_ref(&merged))), (1, vec![7500]));
    let far = rectangle(500.0, 0.0, 600.0, 50.0);
    let apart = merge(&[left.clone(), far.clone()], false, &tolerances).expect_err("they lie apart");
    assert!(matches!(&apart, EditProblem::Apart(2, place) if place["coordinates"].as_array().map(Vec::len) == Some(2)), "{apart:?}");
    assert_eq!(merge(&[left.clone(), far], true, &tolerances).unwrap().parts().len(), 2);
    assert_eq!(merge(std::slice::from_ref(&left), false, &tolerances), Err(EditProblem::TooFew));
    let overlapping = rectangle(50.0, 0.0, 150.0, 50.0);
    assert!(merge(&[left, overlapping, low], false, &tolerances).is_err());
}

#[test]
fn an_adjustment_keeps_the_land() {
    let tolerances = Tolerances::default();
    let old = [rectangle(0.0, 0.0, 100.0, 50.0), rectangle(100.0, 0.0, 200.0, 50.0)];
    let moved = [rectangle(0.0, 0.0, 110.0, 50.0), rectangle(110.0, 0.0, 200.0, 50.0)];
    assert_eq!(union_unchanged(&old, &moved, &tolerances), Ok(()));
    let lost = [rectangle(0.0, 0.0, 110.0, 50.0), rectangle(112.0, 0.0, 200.0, 50.0)];
    assert!(
        matches!(union_unchanged(&old, &lost, &tolerances), Err(EditProblem::UnionChanged(area, place)) if place["type"] == "MultiPolygon" && (area - 100.0).abs() < 1.0)
    );
    let doubled = [rectangle(0.0, 0.0, 110.0, 50.0), rectangle(108.0, 0.0, 200.0, 50.0)];
    assert!(
        matches!(union_unchanged(&old, &doubled, &tolerances), Err(EditProblem::PartsOverlap(area, place)) if place["type"] == "MultiPolygon" && (area - 100.0).abs() < 1.0)
    );
}

#[test]
fn real_parcels_merge_with_a_neighbour_and_keep_their_area() {
    let parcels: Vec<ParcelGeometry> = real_parcels()
        .iter()
        .map(|value| {
            ParcelGeometry::try_new(&RawGeometry::from_geojson(&value["geometry"]).unwrap(), Crs::Crs84, AxisOrder::EastFirst)
                .unwrap()
                .geometry
        })
        .collect();
    let index = jiku_spatial::SpatialIndex::bulk_load((0..).zip(parcels.clone()));
    let snapshot = index.snapshot();
    let mut merged = 0;
    for (slot, parcel) in (0_u32..).zip(&parcels) {
        let Some(neighbour) = snapshot.neighbours(slot).unwrap().into_iter().find(|neighbour| neighbour.shared_m > 5.0) else { continue };
        let other = &parcels[neighbour.slot as usize];
        let Ok(whole) = merge(&[parcel.clone(), other.clone()], false, &Tolerances::default()) else { continue };
        let expected = parcel.ellipsoidal_area_m2() + other.ellipsoidal_area_m2();
        assert!((whole.ellipsoidal_area_m2() - expected).abs() < 0.05, "{slot}: {} {expected}", whole.ellipsoidal_area_m2());
        merged += 1;
    }
    assert!(merged > 250, "{merged}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn united_and_adjusted_parcels_are_the_old_ones_together(
        first in prop::collection::vec(10.0..90.0_f64, 2..6), second in prop::collection::vec(10.0..90.0_f64, 2..6),
    ) {
        let (whole, tolerances) = (rectangle(0.0, 0.0, 100.0, 60.0), Tolerances::default());
        // A border from below to above, through places at equal heights.
        let border = |easts: &[f64]| {
            let step = 80.0 / (easts.len() - 1) as f64;
            line(&easts.iter().enumerate().map(|(at, east)| [*east, -10.0 + step * at as f64]).collect::<Vec<_>>())
        };
        let (before, after) = (split_by_line(&whole, &border(&first)).unwrap(), split_by_line(&whole, &border(&second)).unwrap());
        prop_assert_eq!((before.len(), after.len()), (2, 2));
        prop_assert_eq!(union_unchanged(&before, &after, &tolerances), Ok(()), "a border that moves wins and loses no land");
        let united = merge(&before, false, &tolerances);
        for together in [united.as_ref().ok(), dissolve(after, &tolerances).as_ref()] {
            let together = together.unwrap_or_else(|| panic!("{united:?}"));
            prop_assert_eq!(together.rings().count(), 1);
            prop_assert!((together.ellipsoidal_area_m2() - whole.ellipsoidal_area_m2()).abs() < 0.05);
        }
    }

    #[test]
    fn what_a_line_cuts_makes_the_parcel_again(
        angles in prop::collection::btree_set(0..360_u16, 4..12), radii in prop::collection::vec(20.0..100.0_f64, 12), cut in prop::collection::vec((-120.0..120.0_f64, -120.0..120.0_f64), 2..6),
    ) {
        let star: Vec<[f64; 2]> = angles.iter().zip(&radii).map(|(angle, radius)| {
            let (sin, cos) = f64::from(*angle).to_radians().sin_cos();
            [radius * cos, radius * sin]
        }).collect();
        let closed = star.iter().chain(star.first()).map(|[east, north]| [38_424_600.0 + east, 2_559_000.0 + north]).collect();
        let raw = RawGeometry { parts: vec![vec![closed]], ..RawGeometry::default() };
        let Ok(accepted) = ParcelGeometry::try_new(&raw, Crs::from_epsg(4526).unwrap(), AxisOrder::EastFirst) else { return Ok(()) };
        let parcel = accepted.geometry;
        let places: Vec<[f64; 2]> = cut.iter().map(|(east, north)| [*east, *north]).collect();
        match split_by_line(&parcel, &line(&places)) {
            Err(EditProblem::NotCut | EditProblem::LineEndsInside(_) | EditProblem::LineTooShort) => {}
            Err(EditProblem::LineCrossesItself(_)) => prop_assert!(places.len() > 3),
            Err(problem) => prop_assert!(false, "{problem:?}"),
            Ok(parts) => {
                prop_assert!(parts.len() > 1);
                let total: f64 = parts.iter().map(ParcelGeometry::ellipsoidal_area_m2).sum();
                prop_assert!((total - parcel.ellipsoidal_area_m2()).abs() < 0.05, "{total} {}", parcel.ellipsoidal_area_m2());
                prop_assert_eq!(union_unchanged(std::slice::from_ref(&parcel), &parts, &Tolerances::default()), Ok(()));
            }
        }
    }
}

#[test]
fn dissolved_parcels_keep_their_land_and_lose_their_borders() {
    let tolerances = Tolerances::default();
    // The long edge of the first has no vertex where the other two meet: they lie on its line within a centimetre.
    let uneven = [
        rectangle(0.0, 0.0, 100.0, 50.0),
        metres(&[[0.0, 50.0], [40.0, 50.01], [40.0, 80.0], [0.0, 80.0]]),
        metres(&[[40.0, 50.01], [100.0, 50.0], [100.0, 80.0], [40.0, 80.0]]),
    ];
    let land = dissolve(uneven, &tolerances).unwrap();
    assert_eq!((land.parts().len(), land.rings().count()), (1, 1), "{land:?}");
    assert!((land.planar_area().area_m2 - 8_000.0).abs() < 1.0);
    let ring: Vec<ParcelGeometry> =
        [[0.0, 0.0], [10.0, 0.0], [20.0, 0.0], [0.0, 10.0], [20.0, 10.0], [0.0, 20.0], [10.0, 20.0], [20.0, 20.0]]
            .map(|[east, north]| rectangle(east, north, east + 10.0, north + 10.0))
            .into();
    let land = dissolve(ring.clone(), &tolerances).unwrap();
    assert_eq!((land.parts().len(), land.rings().count()), (1, 2), "a hole in the middle");
    let twice = dissolve(ring.iter().chain(&ring).cloned(), &tolerances).unwrap();
    assert_eq!(twice.planar_area().area_m2.round(), land.planar_area().area_m2.round(), "what is there twice counts once");
    assert_eq!(dissolve([], &tolerances), None);
    let read = |value: &Value| {
        let raw = RawGeometry::from_geojson(&value["geometry"]).unwrap();
        ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry
    };
    let real: Vec<ParcelGeometry> = real_parcels().iter().map(read).collect();
    let land = dissolve(real.iter().cloned(), &tolerances).unwrap();
    let (sum, whole) = (real.iter().map(|parcel| parcel.planar_area().area_m2).sum::<f64>(), land.planar_area().area_m2);
    assert!(
        (sum - whole).abs() < sum * 1e-4 && land.vertex_count() < real.iter().map(ParcelGeometry::vertex_count).sum::<usize>() / 2,
        "{sum} {whole}"
    );
}
