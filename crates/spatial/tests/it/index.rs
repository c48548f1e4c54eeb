//! Does the index answer as a plain scan with an independent library does, also while it is edited?

use std::cell::Cell;
use std::collections::BTreeMap;

use geo::{Contains, Covers, Distance, Geodesic, Intersects, LineString, MultiPolygon, Point, Polygon};
use jiku_spatial::{
    AxisOrder, BoundingBox, Crs, ParcelGeometry, Place, QueryProblem, RawGeometry, Region, Snapshot, SpatialIndex, SpatialQuery,
};
use proptest::prelude::*;

use crate::geometries::real_parcels;

/// A step both the grid of nano-degrees and floating point hold exactly: the other library then sees the same lines.
const STEP: f64 = 1.0 / 512.0;

fn accept(parts: Vec<Vec<Vec<[f64; 2]>>>) -> Option<ParcelGeometry> {
    let raw = RawGeometry { parts, ..RawGeometry::default() };
    ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).ok().map(|accepted| accepted.geometry)
}

fn plain(geometry: &ParcelGeometry) -> MultiPolygon {
    let ring = |ring: &[jiku_spatial::GridPoint]| LineString::from(ring.iter().map(|point| point.degrees()).collect::<Vec<_>>());
    let parts = geometry.parts().iter().map(|part| {
        let mut rings = part.rings().iter().map(|points| ring(points));
        Polygon::new(rings.next().unwrap(), rings.collect())
    });
    MultiPolygon(parts.collect())
}

/// A shape of a few vertices on a coarse grid, so that borders, corners and holes meet often.
fn shape() -> impl Strategy<Value = ParcelGeometry> {
    let ring = prop::collection::vec((0..24_i32, 0..24_i32), 3..7);
    (ring, 0..3_u8).prop_filter_map("a valid polygon", |(points, holes)| {
        let mut positions: Vec<[f64; 2]> = points.iter().map(|&(x, y)| [113.0 + f64::from(x) * STEP, 23.0 + f64::from(y) * STEP]).collect();
        positions.push(positions[0]);
        let mut rings = vec![positions.clone()];
        if holes == 2 {
            // A hole drawn towards the first vertex, so that it sometimes touches.
            let middle = |position: &[f64; 2]| [f64::midpoint(position[0], positions[0][0]), f64::midpoint(position[1], positions[0][1])];
            let hole: Vec<[f64; 2]> = positions.iter().map(middle).collect();
            if let Some(holed) = accept(vec![vec![rings[0].clone(), hole]]) {
                return Some(holed);
            }
        }
        rings.truncate(1);
        accept(vec![rings])
    })
}

fn changes() -> impl Strategy<Value = Vec<Vec<(u32, Option<ParcelGeometry>)>>> {
    let change = (0..40_u32, prop::option::weighted(0.8, shape()));
    prop::collection::vec(prop::collection::vec(change, 1..12), 1..8)
}

/// The index after the changes, and what it should hold.
fn build(changes: &[Vec<(u32, Option<ParcelGeometry>)>]) -> (SpatialIndex, BTreeMap<u32, ParcelGeometry>) {
    let mut expected = BTreeMap::new();
    let mut index = SpatialIndex::new();
    for (number, batch) in changes.iter().enumerate() {
        for (slot, geometry) in batch {
            match geometry {
                Some(geometry) => drop(expected.insert(*slot, geometry.clone())),
                None => drop(expected.remove(slot)),
            }
        }
        match number % 3 {
            0 => index.apply(batch.clone()),
            1 => {
                for (slot, geometry) in batch.clone() {
                    match geometry {
                        Some(geometry) => index.insert(slot, geometry),
                        None => drop(index.remove(slot)),
                    }
                }
                index.compact();
            }
            _ => index = SpatialIndex::bulk_load(expected.clone()),
        }
    }
    (index, expected)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_query_agrees_with_a_plain_scan(changes in changes(), (x, y) in (-2..26_i32, -2..26_i32), (w, h) in (0..20_i32, 0..20_i32), region in shape()) {
        let (index, expected) = build(&changes);
        let snapshot = index.snapshot();
        prop_assert_eq!(snapshot.len(), expected.len());
        prop_assert_eq!(snapshot.slots().collect::<Vec<_>>(), expected.keys().copied().collect::<Vec<_>>());
        let scan = |wanted: &dyn Fn(&MultiPolygon) -> bool| -> Vec<u32> {
            expected.iter().filter(|(_, geometry)| wanted(&plain(geometry))).map(|(slot, _)| *slot).collect()
        };
        let [lon, lat] = [113.0 + f64::from(x) * STEP, 23.0 + f64::from(y) * STEP];
        let point = Point::new(lon, lat);
        prop_assert_eq!(snapshot.at_point(lon, lat), scan(&|shape| shape.intersects(&point)));

        let [east, north] = [lon + f64::from(w) * STEP, lat + f64::from(h) * STEP];
        let bbox = BoundingBox::from_degrees(lon, lat, east, north).unwrap();
        let rect = geo::Rect::new([lon, lat], [east, north]).to_polygon();
        let in_box = if w > 0 && h > 0 {
            scan(&|shape| shape.intersects(&rect))
        } else {
            scan(&|shape| shape.intersects(&geo::Line::new([lon, lat], [east, north])))
        };
        prop_assert_eq!(&snapshot.in_bbox(&bbox), &in_box);
        let mut pages = Vec::new();
        while let page = snapshot.page_in_boxes(&[bbox], pages.last().copied(), 3) && !page.is_empty() {
            pages.extend(page);
        }
        prop_assert_eq!(pages, in_box);

        let other = plain(&region);
        let prepared = Region::from(&region);
        prop_assert_eq!(snapshot.in_polygon(&prepared), scan(&|shape| shape.intersects(&other)));
        prop_assert_eq!(snapshot.within_polygon(&prepared), scan(&|shape| other.covers(shape)));
        for query in [
            SpatialQuery::Point { lon, lat },
            SpatialQuery::Boxes(vec![bbox]),
            SpatialQuery::Intersects(Box::new(prepared.clone())),
            SpatialQuery::Within(Box::new(prepared.clone())),
        ] {
            let all = snapshot.find(&query, &|slot| slot % 3 != 1).unwrap();
            prop_assert!(all.iter().all(|slot| slot % 3 != 1));
            let pages: Vec<u32> = paged_where(&snapshot, &query, 2, &|slot| slot % 3 != 1).iter().map(|(_, slot)| *slot).collect();
            prop_assert_eq!(pages, all);
        }

        // Distances: a plain scan of edges cut into small pieces is good to a millimetre at this size.
        let mut near: Vec<(u32, f64)> = expected.iter().map(|(slot, geometry)| (*slot, distance(point, &plain(geometry)))).collect();
        near.sort_by(|left, right| left.1.total_cmp(&right.1).then(left.0.cmp(&right.0)));
        let found = snapshot.nearest(lon, lat, 5);
        prop_assert_eq!(found.len(), near.len().min(5));
        for (found, expected) in found.iter().zip(&near) {
            prop_assert!((found.distance_m - expected.1).abs() < 0.002, "{found:?} {expected:?}");
            prop_assert!(found.slot == expected.0 || near.iter().any(|other| other.0 == found.slot && (other.1 - expected.1).abs() < 0.002));
        }
        let radius = 800.0;
        let query = SpatialQuery::radius(lon, lat, radius).unwrap();
        let places = paged(&snapshot, &query, 3);
        prop_assert!(places.is_sorted(), "{places:?}");
        let within: Vec<u32> = places.iter().map(|(_, slot)| *slot).collect();
        let mut by_slot = within.clone();
        by_slot.sort_unstable();
        prop_assert_eq!(snapshot.find(&query, &|_| true).unwrap(), by_slot);
        let mut sure: Vec<u32> = near.iter().filter(|(_, distance)| *distance < radius - 0.01).map(|(slot, _)| *slot).collect();
        sure.retain(|slot| !within.contains(slot));
        prop_assert_eq!(sure, Vec::<u32>::new());
        prop_assert!(within.iter().all(|slot| near.iter().any(|other| other.0 == *slot && other.1 < radius + 0.01)));
    }

    #[test]
    fn nearest_finds_the_same_far_away_and_across_the_antimeridian(
        lons in prop::collection::vec((-179.9..179.9_f64, -85.0..85.0_f64), 1..30), lon in -180.0..180.0_f64, lat in -90.0..90.0_f64,
    ) {
        let square = |(lon, lat): &(f64, f64)| accept(vec![vec![vec![[*lon, *lat], [lon + 0.01, *lat], [lon + 0.01, lat + 0.01], [*lon, *lat]]]]).unwrap();
        let parcels: Vec<(u32, ParcelGeometry)> = (0_u32..).zip(lons.iter().map(square)).collect();
        let index = SpatialIndex::bulk_load(parcels.clone());
        let point = Point::new(lon, lat);
        let mut expected: Vec<f64> = parcels.iter().map(|(_, geometry)| distance(point, &plain(geometry))).collect();
        expected.sort_by(f64::total_cmp);
        let found: Vec<f64> = index.snapshot().nearest(lon, lat, 100).iter().map(|near| near.distance_m).collect();
        prop_assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            // Within what the pieces of the plain scan leave.
            prop_assert!((found - expected).abs() < 2.0 + expected * 1e-6, "{found} {expected}");
        }
        let radius = expected[expected.len() / 2] + 5.0;
        let sure = expected.iter().filter(|distance| **distance < radius - 3.0 - radius * 1e-6).count();
        let query = SpatialQuery::Radius { lon, lat, radius_m: radius };
        let within = paged(&index.snapshot(), &query, 4);
        prop_assert!(within.len() >= sure && within.is_sorted());
        let mut slots: Vec<u32> = within.iter().map(|(_, slot)| *slot).collect();
        slots.sort_unstable();
        prop_assert_eq!(index.snapshot().find(&query, &|_| true).unwrap(), slots);
    }
}

/// The whole answer, page by page.
fn paged_where(snapshot: &Snapshot, query: &SpatialQuery, limit: usize, counts: &dyn Fn(u32) -> bool) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    while let page = snapshot.page(query, places.last().copied(), limit, counts).unwrap()
        && !page.is_empty()
    {
        places.extend(page);
    }
    places
}

fn paged(snapshot: &Snapshot, query: &SpatialQuery, limit: usize) -> Vec<Place> {
    paged_where(snapshot, query, limit, &|_| true)
}

/// The distance by brute force: edges cut in pieces, the best piece cut again and again.
fn distance(point: Point, shape: &MultiPolygon) -> f64 {
    if shape.intersects(&point) {
        return 0.0;
    }
    let lines = shape.0.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors())).flat_map(LineString::lines);
    lines.map(|line| nearest_on(point, line.start_point(), line.end_point())).fold(f64::INFINITY, f64::min)
}

fn nearest_on(point: Point, mut start: Point, mut end: Point) -> f64 {
    let at = |start: Point, end: Point, share: f64| start + (end - start) * share;
    for _ in 0..5 {
        let best = (0..=16).map(f64::from).min_by(|left, right| {
            Geodesic.distance(point, at(start, end, left / 16.0)).total_cmp(&Geodesic.distance(point, at(start, end, right / 16.0)))
        });
        let best = best.unwrap() / 16.0;
        (start, end) = (at(start, end, (best - 1.0 / 16.0).max(0.0)), at(start, end, (best + 1.0 / 16.0).min(1.0)));
    }
    (0..=16).map(|step| Geodesic.distance(point, at(start, end, f64::from(step) / 16.0))).fold(f64::INFINITY, f64::min)
}

#[test]
fn a_snapshot_does_not_see_what_is_written_later() {
    let square = |lon: f64| accept(vec![vec![vec![[lon, 23.0], [lon + 0.001, 23.0], [lon + 0.001, 23.001], [lon, 23.0]]]]).unwrap();
    let index = SpatialIndex::bulk_load([(1, square(113.0))]);
    let before = index.snapshot();
    index.apply([(1, Some(square(114.0))), (2, Some(square(113.0)))]);
    assert_eq!(before.at_point(113.0005, 23.0002), [1]);
    assert_eq!(index.snapshot().at_point(113.0005, 23.0002), [2]);
    assert_eq!(index.snapshot().at_point(114.0005, 23.0002), [1]);
    assert!(index.remove(2));
    assert!(!index.remove(2));
    assert!(index.snapshot().at_point(113.0005, 23.0002).is_empty());
    assert_eq!((before.len(), index.len()), (1, 1));
}

#[test]
fn readers_see_whole_steps_while_a_writer_writes() {
    let square = |lon: f64| accept(vec![vec![vec![[lon, 23.0], [lon + 0.001, 23.0], [lon + 0.001, 23.001], [lon, 23.0]]]]).unwrap();
    let index = SpatialIndex::bulk_load((0..50).map(|slot| (slot, square(113.0))));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..200 {
                let lon = if round % 2 == 0 { 114.0 } else { 113.0 };
                index.apply((0..50).map(|slot| (slot, Some(square(lon)))));
                index.compact();
            }
        });
        scope.spawn(|| {
            for _ in 0..2000 {
                let snapshot = index.snapshot();
                let (here, there) = (snapshot.at_point(113.0005, 23.0002).len(), snapshot.at_point(114.0005, 23.0002).len());
                assert!(matches!((here, there), (50, 0) | (0, 50)), "{here} {there}");
            }
        });
    });
}

#[test]
fn real_parcels_know_their_neighbours() {
    let parcels: Vec<(u32, ParcelGeometry)> = real_parcels()
        .iter()
        .map(|value| {
            let raw = RawGeometry::from_geojson(&value["geometry"]).unwrap();
            let slot = u32::try_from(value["id"].as_u64().unwrap()).unwrap();
            (slot, ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry)
        })
        .collect();
    let index = SpatialIndex::bulk_load(parcels.clone());
    let snapshot = index.snapshot();
    let pairs: usize = parcels.iter().map(|(slot, _)| snapshot.neighbours(*slot).unwrap().len()).sum();
    let shared = snapshot.neighbours(2).unwrap().into_iter().find(|neighbour| neighbour.slot == 1).unwrap().shared_m;
    assert!((30.0..40.0).contains(&shared), "{shared}");
    assert!(pairs > 600, "{pairs}");
    for (slot, geometry) in &parcels {
        for neighbour in snapshot.neighbours(*slot).unwrap() {
            let back = snapshot.neighbours(neighbour.slot).unwrap().into_iter().find(|other| other.slot == *slot);
            assert!(back.is_some_and(|back| (back.shared_m - neighbour.shared_m).abs() < 1e-6), "{slot} {neighbour:?} {back:?}");
        }
        assert_eq!(snapshot.geometry(*slot).as_ref(), Some(geometry));
        let centre = plain(geometry);
        assert!(
            centre.contains(&Point::from(geometry.parts()[0].rings()[0][0].degrees())) || snapshot.in_bbox(&geometry.bbox()).contains(slot)
        );
    }
}

#[test]
fn questions_out_of_bounds_are_refused_before_work() {
    let code = |query: Result<SpatialQuery, jiku_spatial::QueryProblem>| query.err().map(|problem| problem.code());
    assert_eq!(code(SpatialQuery::point(f64::NAN, 0.0)), Some("coordinate-range"));
    assert_eq!(code(SpatialQuery::point(1e300, 0.0)), Some("coordinate-range"));
    assert_eq!(code(SpatialQuery::bbox(0.0, 1.0, 1.0, 0.0)), Some("bbox-invalid"));
    assert_eq!(code(SpatialQuery::bbox(0.0, 0.0, f64::INFINITY, 0.0)), Some("bbox-invalid"));
    assert_eq!(code(SpatialQuery::radius(0.0, 0.0, -1.0)), Some("radius-invalid"));
    assert_eq!(code(SpatialQuery::radius(0.0, 0.0, 1e9)), Some("radius-invalid"));
    assert_eq!(code(SpatialQuery::radius(0.0, 0.0, f64::NAN)), Some("radius-invalid"));
    assert_eq!(code(SpatialQuery::nearest(0.0, 0.0, 0)), Some("nearest-invalid"));
    assert_eq!(code(SpatialQuery::nearest(0.0, 0.0, 1_000_000)), Some("nearest-invalid"));
    let circle: Vec<[f64; 2]> = (0..=50_000)
        .map(|step| f64::from(step % 50_000) / 50_000.0 * std::f64::consts::TAU)
        .map(|angle| [angle.cos(), angle.sin()])
        .collect();
    let raw = RawGeometry { parts: vec![vec![circle]], ..RawGeometry::default() };
    assert_eq!(code(SpatialQuery::intersects(&raw, Crs::Crs84, AxisOrder::EastFirst)), Some("query-too-expensive"));
    let bow_tie = RawGeometry::from_wkt("POLYGON((0 0,2 2,2 0,0 2,0 0))").unwrap();
    assert_eq!(code(SpatialQuery::within(&bow_tie, Crs::Crs84, AxisOrder::EastFirst)), Some("geometry-self-intersection"));
}

#[test]
fn a_box_across_the_antimeridian_is_two_boxes() {
    let square = |lon: f64| accept(vec![vec![vec![[lon, 0.0], [lon + 1.0, 0.0], [lon + 1.0, 1.0], [lon, 1.0], [lon, 0.0]]]]).unwrap();
    let index = SpatialIndex::bulk_load([(1, square(179.0)), (2, square(-180.0)), (3, square(0.0))]);
    let found = |query: SpatialQuery| index.snapshot().find(&query, &|_| true).unwrap();
    assert_eq!(found(SpatialQuery::bbox(178.0, -1.0, -178.0, 1.0).unwrap()), [1, 2]);
    assert_eq!(found(SpatialQuery::radius(179.99, 0.5, 3_000.0).unwrap()), [1, 2]);
}

#[test]
fn the_nearest_are_those_of_the_parcels_that_count() {
    let square = |slot: u32| {
        let west = 113.0 + f64::from(slot) * 0.001;
        let ring =
            [[0.0, 0.0], [0.0005, 0.0], [0.0005, 0.0005], [0.0, 0.0005], [0.0, 0.0]].map(|[east, north]| [west + east, 23.0 + north]);
        let raw = RawGeometry { parts: vec![vec![ring.to_vec()]], ..RawGeometry::default() };
        ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry
    };
    let snapshot = SpatialIndex::bulk_load((0..40).map(|slot| (slot, square(slot)))).snapshot();
    let query = SpatialQuery::nearest(113.0, 23.0, 3).unwrap();
    let slots = |counts: &dyn Fn(u32) -> bool| snapshot.find(&query, counts).unwrap();
    assert_eq!((slots(&|_| true), slots(&|slot| slot % 10 == 9)), (vec![0, 1, 2], vec![9, 19, 29]));
}

#[test]
fn of_a_stack_over_the_point_no_more_is_measured_than_tells_that_it_is_nearest() {
    let square = |lon: f64| accept(vec![vec![vec![[lon, 23.0], [lon + STEP, 23.0], [lon + STEP, 23.0 + STEP], [lon, 23.0]]]]).unwrap();
    let stack = (1..20_001).map(|slot| (slot, square(113.0)));
    let index = SpatialIndex::bulk_load(stack.chain([(0, square(113.0 + 4.0 * STEP)), (20_001, square(113.0 + 2.0 * STEP))]));
    let nearest = |lon: f64, k: usize| {
        let asked = Cell::new(0);
        let counts = |_| {
            asked.set(asked.get() + 1);
            true
        };
        let found = index.snapshot().page(&SpatialQuery::nearest(lon, 23.0, k).unwrap(), None, k, &counts).unwrap();
        (found, asked.get())
    };
    let (found, asked) = nearest(113.0 + STEP / 2.0, 10);
    assert!(found.len() == 10 && found.iter().all(|(distance, slot)| (1..20_001).contains(slot) && *distance == Some(0.0)), "{found:?}");
    assert!(asked <= 5_000, "{asked}");
    // What is nearer than the stack comes first; how far the stack is shows by measuring it.
    let (found, _) = nearest(113.0 + 1.75 * STEP, 3);
    assert_eq!(found.iter().map(|(_, slot)| *slot).collect::<Vec<_>>(), [20_001, 1, 2]);
}

#[test]
fn a_stack_costs_no_more_than_a_page_or_is_refused() {
    let square = |lon: f64| accept(vec![vec![vec![[lon, 23.0], [lon + STEP, 23.0], [lon + STEP, 23.0 + STEP], [lon, 23.0]]]]).unwrap();
    let most = u32::try_from(SpatialQuery::MOST_MEASURED).unwrap();
    let index = SpatialIndex::bulk_load((0..=most).map(|slot| (slot, square(113.0))));
    let snapshot = index.snapshot();
    let asked = Cell::new(0_u32);
    let counts = |_| {
        asked.set(asked.get() + 1);
        true
    };
    let slots = |found: Vec<Place>| found.into_iter().map(|(_, slot)| slot).collect::<Vec<_>>();
    let point = SpatialQuery::point(113.0 + STEP / 2.0, 23.0).unwrap();
    assert_eq!(slots(snapshot.page(&point, Some((None, 70_000)), 3, &counts).unwrap()), [70_001, 70_002, 70_003]);
    assert!(asked.get() <= 20_000, "{}", asked.get());
    // All of them are as far from a place beside them: which come first nobody knows before all are measured.
    for query in [SpatialQuery::radius(112.999, 23.0, 500.0).unwrap(), SpatialQuery::nearest(112.999, 23.0, 3).unwrap()] {
        assert_eq!(snapshot.page(&query, None, 3, &counts), Err(QueryProblem::TooMany));
    }
    assert_eq!(
        slots(snapshot.page(&SpatialQuery::radius(112.999, 23.0, 500.0).unwrap(), None, 3, &|slot| slot > most - 3).unwrap()).len(),
        3
    );
    assert_eq!(
        snapshot.find(&SpatialQuery::radius(112.999, 23.0, 500.0).unwrap(), &|_| true).unwrap().len(),
        SpatialQuery::MOST_MEASURED + 1
    );
}

#[test]
fn the_nearest_that_count_are_found_behind_thousands_that_do_not() {
    let square = |at: u32| {
        let (lon, lat) = (113.0 + f64::from(at % 100) * STEP, 23.0 + f64::from(at / 100) * STEP);
        accept(vec![vec![vec![[lon, lat], [lon + STEP, lat], [lon + STEP, lat + STEP], [lon, lat]]]]).unwrap()
    };
    let snapshot = SpatialIndex::bulk_load((0..10_000).map(|slot| (slot, square(slot)))).snapshot();
    let few = |slot: u32| slot % 2_500 == 2_499;
    let query = SpatialQuery::nearest(113.0, 23.0, 3).unwrap();
    assert_eq!(snapshot.find(&query, &few).unwrap(), [2_499, 4_999, 7_499]);
    let query = SpatialQuery::radius(113.0, 23.0, 100_000.0).unwrap();
    assert_eq!(paged_where(&snapshot, &query, 1, &few).len(), 4);
}
