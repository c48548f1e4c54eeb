//! Which findings do parcels give that do not fit? Metres of EPSG:4526 from a corner in Guangzhou.

use jiku_spatial::topology::{Candidate, Division, Finding, Report, Rule, Stage, Surroundings, Tolerances, TopologySeverity, check};
use jiku_spatial::{AxisOrder, Crs, ParcelGeometry, RawGeometry, SpatialIndex, suspected_system};

use crate::geometries::real_parcels;

/// A polygon of metres east and north of the corner.
pub(crate) fn metres(ring: &[[f64; 2]]) -> ParcelGeometry {
    let closed = ring.iter().chain(ring.first()).map(|[east, north]| [38_424_600.0 + east, 2_559_000.0 + north]).collect();
    let raw = RawGeometry { parts: vec![vec![closed]], ..RawGeometry::default() };
    ParcelGeometry::try_new(&raw, Crs::from_epsg(4526).unwrap(), AxisOrder::EastFirst).unwrap().geometry
}

pub(crate) fn rectangle(west: f64, south: f64, east: f64, north: f64) -> ParcelGeometry {
    metres(&[[west, south], [east, south], [east, north], [west, north]])
}

fn report(candidate: &ParcelGeometry, others: &[ParcelGeometry]) -> Report {
    let index = SpatialIndex::bulk_load((0..).zip(others.iter().cloned()));
    let snapshot = index.snapshot();
    let around =
        Surroundings { snapshot: &snapshot, counts: &|_| true, beside: &[], divisions: &[], extent: None, former: None, complete: true };
    check(&Candidate { geometry: candidate, registered_area_m2: None, county: None }, &around, &Tolerances::default(), Stage::Registered)
}

fn told(findings: &[Finding]) -> Vec<(&'static str, Option<u32>, &'static str)> {
    findings.iter().map(|finding| (finding.rule.id(), finding.other, finding.severity.as_str())).collect()
}

#[track_caller]
fn check_told(candidate: &ParcelGeometry, others: &[ParcelGeometry], expected: &[(&'static str, Option<u32>, &'static str)]) -> Report {
    let report = report(candidate, others);
    assert_eq!(told(&report.findings), expected, "{:#?}", report.findings);
    report
}

#[test]
fn parcels_that_share_their_borders_fit() {
    let report = check_told(
        &rectangle(100.0, 0.0, 200.0, 50.0),
        &[rectangle(0.0, 0.0, 100.0, 50.0), rectangle(200.0, 0.0, 300.0, 50.0), rectangle(100.0, 50.0, 200.0, 90.0)],
        &[],
    );
    assert_eq!(report.snapped, None);
}

#[test]
fn a_parcel_that_lies_over_very_many_is_compared_with_fifty_of_them() {
    let overlapped = |candidate: &ParcelGeometry, others: &[ParcelGeometry]| {
        report(candidate, others).findings.iter().filter(|found| found.rule == Rule::Overlap).count()
    };
    assert_eq!(overlapped(&rectangle(10.0, 0.0, 200.0, 50.0), &vec![rectangle(0.0, 0.0, 100.0, 50.0); 300]), 50);
    // Neighbours that take none of its land do not count, however many they are.
    for count in [80, 1_600] {
        let strips = (0..count).map(f64::from).map(|south| rectangle(-10.0, south, 0.0, south + 1.0));
        let others: Vec<ParcelGeometry> = strips.chain([rectangle(90.0, 0.0, 120.0, 80.0)]).collect();
        assert_eq!(overlapped(&rectangle(0.0, 0.0, 100.0, f64::from(count)), &others), 1);
    }
}

#[test]
fn an_overlap_blocks_and_shows_its_place() {
    let report = check_told(
        &rectangle(98.0, 0.0, 200.0, 50.0),
        &[rectangle(0.0, 0.0, 100.0, 50.0)],
        &[("T1", Some(0), "block"), ("T3", Some(0), "warn")],
    );
    assert!(report.findings[0].message_en.contains("100.0"), "{}", report.findings[0].message_en);
    assert!(report.findings[0].message_zh.contains("重叠"));
    assert_eq!(report.findings[0].place.as_ref().unwrap()["type"], "Polygon");
}

#[test]
fn a_sliver_of_three_centimetres_is_told_and_a_cure_proposed() {
    let neighbour = rectangle(0.0, 0.0, 100.0, 50.0);
    for west in [99.97, 100.03] {
        let report = check_told(&rectangle(west, 0.0, 200.0, 50.0), std::slice::from_ref(&neighbour), &[("T2", Some(0), "warn")]);
        let snapped = report.snapped.expect("a proposal");
        check_told(&snapped, std::slice::from_ref(&neighbour), &[]);
    }
    check_told(&rectangle(100.3, 0.0, 200.0, 50.0), &[neighbour], &[]);
}

#[test]
fn a_vertex_that_only_one_side_has_is_told_and_put_in() {
    let neighbours = [rectangle(0.0, 0.0, 100.0, 20.0), rectangle(0.0, 20.0, 100.0, 50.0)];
    let report = check_told(&rectangle(100.0, 0.0, 200.0, 50.0), &neighbours, &[("T3", Some(0), "warn"), ("T3", Some(1), "warn")]);
    let snapped = report.snapped.expect("a proposal");
    assert_eq!((snapped.vertex_count(), report.completed), (5, Vec::new()));
    check_told(&snapped, &neighbours, &[]);
    // A vertex that the neighbour lacks is put in there.
    let long = rectangle(0.0, 0.0, 100.0, 50.0);
    let report = check_told(&rectangle(100.0, 0.0, 200.0, 20.0), std::slice::from_ref(&long), &[("T3", Some(0), "warn")]);
    let [(0, completed)] = &report.completed[..] else { panic!("{:?}", report.completed) };
    assert_eq!((report.snapped, completed.vertex_count()), (None, 5));
    check_told(&rectangle(100.0, 0.0, 200.0, 20.0), std::slice::from_ref(completed), &[]);
}

#[test]
fn a_hole_between_parcels_is_a_gap() {
    let around = [
        rectangle(0.0, 0.0, 300.0, 100.0),
        metres(&[[0.0, 100.0], [100.0, 100.0], [100.0, 200.0], [0.0, 200.0]]),
        rectangle(0.0, 200.0, 300.0, 300.0),
    ];
    let candidate = metres(&[[110.0, 100.0], [300.0, 100.0], [300.0, 200.0], [110.0, 200.0]]);
    let report = report(&candidate, &around);
    let gap = report.findings.iter().find(|finding| finding.rule.id() == "T4").expect("a gap");
    assert_eq!(gap.severity, TopologySeverity::Note);
    assert!(gap.message_en.contains("1000.0"), "{}", gap.message_en);
    // Where the border has no vertices in which the others end on it, the gap is none the less there.
    let horseshoe =
        metres(&[[0.0, 0.0], [300.0, 0.0], [300.0, 300.0], [0.0, 300.0], [0.0, 200.0], [100.0, 200.0], [100.0, 100.0], [0.0, 100.0]]);
    let bar = rectangle(-50.0, 0.0, 0.0, 300.0);
    for (candidate, other) in [(&bar, &horseshoe), (&horseshoe, &bar)] {
        let found = self::report(candidate, std::slice::from_ref(other));
        let gaps: Vec<&Finding> = found.findings.iter().filter(|finding| finding.rule == Rule::Gap).collect();
        assert!(matches!(gaps[..], [gap] if gap.message_en.contains("a gap of 9999.99 m²")), "{:?}", found.findings);
    }
    // While more parcels may come it is none yet.
    let others: Vec<(u32, ParcelGeometry)> = (0..).zip(around.iter().cloned()).collect();
    let index = SpatialIndex::bulk_load(others);
    let snapshot = index.snapshot();
    let filling =
        Surroundings { snapshot: &snapshot, counts: &|_| true, beside: &[], divisions: &[], extent: None, former: None, complete: false };
    let candidate = Candidate { geometry: &candidate, registered_area_m2: None, county: None };
    let report = check(&candidate, &filling, &Tolerances::default(), Stage::Registered);
    assert!(report.findings.iter().all(|finding| finding.rule.id() != "T4"), "{:?}", told(&report.findings));
    assert_eq!(report.snapped, None);
}

#[test]
fn a_parcel_lies_in_the_county_its_code_names() {
    let candidate = rectangle(90.0, 0.0, 120.0, 50.0);
    let (west, east) = (rectangle(-1000.0, -1000.0, 100.0, 1000.0), rectangle(100.0, -1000.0, 2000.0, 1000.0));
    let divisions = [Division::new("440106", west), Division::new("440112", east)];
    let index = SpatialIndex::new();
    let snapshot = index.snapshot();
    let around = Surroundings {
        snapshot: &snapshot,
        counts: &|_| true,
        beside: &[],
        divisions: &divisions,
        extent: None,
        former: None,
        complete: true,
    };
    let told_of = |geometry: &ParcelGeometry, county| {
        let report = check(
            &Candidate { geometry, registered_area_m2: None, county: Some(county) },
            &around,
            &Tolerances::default(),
            Stage::Registered,
        );
        told(&report.findings)
    };
    assert_eq!(told_of(&candidate, "440106"), [("T5", None, "block")]);
    assert_eq!(told_of(&rectangle(150.0, 0.0, 170.0, 50.0), "440106"), [("C1", None, "block")]);
    assert_eq!(told_of(&rectangle(150.0, 0.0, 170.0, 50.0), "440112"), []);
    assert_eq!(told_of(&rectangle(60.0, 0.0, 100.2, 50.0), "440106"), []);
}

#[test]
fn areas_are_compared_in_grades() {
    let (geometry, index) = (rectangle(0.0, 0.0, 100.0, 50.0), SpatialIndex::new());
    let snapshot = index.snapshot();
    let around =
        Surroundings { snapshot: &snapshot, counts: &|_| true, beside: &[], divisions: &[], extent: None, former: None, complete: true };
    for (registered, expected) in [(5000.0, None), (5010.0, Some("note")), (5100.0, Some("warn"))] {
        let candidate = Candidate { geometry: &geometry, registered_area_m2: Some(registered), county: None };
        let report = check(&candidate, &around, &Tolerances::default(), Stage::Registered);
        assert_eq!(report.findings.first().map(|finding| finding.severity.as_str()), expected);
    }
}

#[test]
fn real_neighbours_do_not_overlap() {
    let parcels: Vec<(u32, ParcelGeometry)> = (0_u32..)
        .zip(real_parcels())
        .map(|(slot, value)| {
            let raw = RawGeometry::from_geojson(&value["geometry"]).unwrap();
            (slot, ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry)
        })
        .collect();
    let index = SpatialIndex::bulk_load(parcels.clone());
    let snapshot = index.snapshot();
    for (slot, geometry) in &parcels {
        let counts = |other: u32| other != *slot;
        let around =
            Surroundings { snapshot: &snapshot, counts: &counts, beside: &[], divisions: &[], extent: None, former: None, complete: true };
        let report =
            check(&Candidate { geometry, registered_area_m2: None, county: None }, &around, &Tolerances::default(), Stage::Registered);
        assert!(report.findings.iter().all(|finding| finding.severity < TopologySeverity::Block), "{slot} {:?}", report.findings);
    }
}

#[test]
fn a_boundary_drawn_on_a_shifted_map_is_recognised() {
    let index = SpatialIndex::bulk_load([(0, rectangle(0.0, 0.0, 100.0, 50.0)), (1, rectangle(100.0, 50.0, 200.0, 90.0))]);
    let snapshot = index.snapshot();
    let parcel = rectangle(100.0, 0.0, 200.0, 50.0);
    assert_eq!(suspected_system(&parcel, None, &snapshot), None);
    for crs in [Crs::Gcj02, Crs::Bd09] {
        let shifted = |point: &jiku_spatial::GridPoint| crs.from_lon_lat(point.lon_degrees(), point.lat_degrees());
        let ring: Vec<[f64; 2]> = parcel.parts()[0].rings()[0].iter().chain(parcel.parts()[0].rings()[0].first()).map(shifted).collect();
        let raw = RawGeometry { parts: vec![vec![ring]], ..RawGeometry::default() };
        let moved = ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry;
        assert_eq!(suspected_system(&moved, None, &snapshot), Some(crs));
        let declared = ParcelGeometry::try_new(&raw, crs, AxisOrder::EastFirst).unwrap().geometry;
        assert_eq!(suspected_system(&declared, Some(crs), &snapshot), None);
    }
    assert_eq!(suspected_system(&rectangle(5000.0, 0.0, 5100.0, 50.0), None, &snapshot), None);
}

#[test]
fn a_boundary_declared_in_the_wrong_zone_is_recognised_by_its_neighbours() {
    let index = SpatialIndex::bulk_load([(0, rectangle(0.0, 0.0, 100.0, 50.0)), (1, rectangle(100.0, 50.0, 200.0, 90.0))]);
    let (snapshot, parcel) = (index.snapshot(), rectangle(100.0, 0.0, 200.0, 50.0));
    let right: Crs = "EPSG:4547".parse().unwrap();
    let plane = |point: &jiku_spatial::GridPoint| right.from_lon_lat(point.lon_degrees(), point.lat_degrees());
    let ring: Vec<[f64; 2]> = parcel.parts()[0].rings()[0].iter().chain(parcel.parts()[0].rings()[0].first()).map(plane).collect();
    let raw = RawGeometry { parts: vec![vec![ring]], ..RawGeometry::default() };
    for (declared, expected) in [("EPSG:4547", None), ("EPSG:4546", Some(right)), ("EPSG:4549", Some(right))] {
        let declared: Crs = declared.parse().unwrap();
        let geometry = ParcelGeometry::try_new(&raw, declared, AxisOrder::EastFirst).unwrap().geometry;
        assert_eq!(suspected_system(&geometry, Some(declared), &snapshot), expected, "{declared}");
    }
}

/// What is told of a parcel that had another boundary before.
fn report_after(former: &ParcelGeometry, candidate: &ParcelGeometry, others: &[ParcelGeometry]) -> Report {
    let index = SpatialIndex::bulk_load((0..).zip(others.iter().cloned()));
    let snapshot = index.snapshot();
    let around = Surroundings {
        snapshot: &snapshot,
        counts: &|_| true,
        beside: &[],
        divisions: &[],
        extent: None,
        former: Some(former),
        complete: true,
    };
    check(&Candidate { geometry: candidate, registered_area_m2: None, county: None }, &around, &Tolerances::default(), Stage::Registered)
}

#[test]
fn land_that_a_parcel_leaves_open_is_a_gap_however_large_or_thin() {
    let former = rectangle(0.0, 0.0, 100.0, 100.0);
    let holed = {
        let ring = |west: f64, south: f64, east: f64, north: f64| {
            [[west, south], [east, south], [east, north], [west, north], [west, south]]
                .map(|[east, north]| [38_424_600.0 + east, 2_559_000.0 + north])
                .to_vec()
        };
        let raw = RawGeometry { parts: vec![vec![ring(0.0, 0.0, 100.0, 100.0), ring(40.0, 40.0, 41.0, 41.0)]], ..RawGeometry::default() };
        ParcelGeometry::try_new(&raw, Crs::from_epsg(4526).unwrap(), AxisOrder::EastFirst).unwrap().geometry
    };
    for (now, lost) in [
        (rectangle(0.0, 0.0, 50.0, 100.0), 5_000.0),
        (rectangle(3.0, 3.0, 97.0, 97.0), 1_164.0),
        (rectangle(0.2, 0.2, 99.8, 99.8), 79.84),
        (holed, 1.0),
    ] {
        let report = report_after(&former, &now, &[rectangle(100.0, 0.0, 200.0, 100.0)]);
        let gaps: Vec<&Finding> = report.findings.iter().filter(|finding| finding.rule.id() == "T4").collect();
        let [gap] = gaps.as_slice() else { panic!("{:?}", told(&report.findings)) };
        assert_eq!(gap.severity, TopologySeverity::Warn);
        assert!(gap.message_en.starts_with(&format!("{lost:.2} m²")), "{}", gap.message_en);
        assert_eq!(gap.place.as_ref().unwrap()["type"], "Polygon");
    }
    // What a neighbour holds is not open, nor is what a parcel gains.
    let half = rectangle(0.0, 0.0, 50.0, 100.0);
    assert_eq!(told(&report_after(&former, &half, &[rectangle(50.0, 0.0, 100.0, 100.0)]).findings), []);
    assert_eq!(told(&report_after(&half, &former, &[]).findings), []);
    assert_eq!(told(&report_after(&former, &rectangle(0.01, 0.0, 100.0, 100.0), &[]).findings), [], "thinner than the tolerance");
}

#[test]
fn what_rounds_to_nothing_blocks_and_a_strip_is_told() {
    for (candidate, expected) in [
        (metres(&[[0.0, 0.0], [0.000_2, 0.0], [0.0, 0.000_2]]), ("G5", None, "block")),
        (rectangle(0.0, 0.0, 10_000.0, 0.000_9), ("G5", None, "block")),
        (rectangle(0.0, 0.0, 10_000.0, 0.03), ("G6", None, "warn")),
    ] {
        let report = check_told(&candidate, &[], &[expected]);
        assert_eq!(report.findings[0].place.as_ref().unwrap()["type"], "Polygon");
    }
    check_told(&rectangle(0.0, 0.0, 10_000.0, 0.2), &[], &[]);
}
