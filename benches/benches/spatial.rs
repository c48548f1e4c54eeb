//! How fast are questions about place over one million adjacent parcels?
//!
//! Each parcel has eight vertices and shares its borders with its neighbours. Machine and figures: `docs/benchmarks.md`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use jiku_spatial::{AxisOrder, BoundingBox, Crs, ParcelGeometry, RawGeometry, Region, SpatialIndex, SpatialQuery};

const SIDE: u32 = 1000;
/// A cell is about 30 metres wide.
const CELL: f64 = 0.0003;
const WEST: f64 = 113.0;
const SOUTH: f64 = 23.0;

/// A number from 0 to 1 that depends on its arguments alone.
fn noise(x: u32, y: u32, which: u32) -> f64 {
    let mut hash = u64::from(x) << 32 | u64::from(y) << 2 | u64::from(which);
    for _ in 0..2 {
        hash = (hash ^ (hash >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

/// A vertex of the net, in half cells, moved by up to a tenth of a cell.
fn vertex(x: u32, y: u32) -> [f64; 2] {
    let moved = |which| (noise(x, y, which) - 0.5) * 0.2;
    [WEST + (f64::from(x) / 2.0 + moved(0)) * CELL, SOUTH + (f64::from(y) / 2.0 + moved(1)) * CELL]
}

fn parcel(slot: u32) -> RawGeometry {
    let (x, y) = (slot % SIDE * 2, slot / SIDE * 2);
    let ring = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1), (0, 0)];
    RawGeometry { parts: vec![vec![ring.iter().map(|(east, north)| vertex(x + east, y + north)).collect()]], ..RawGeometry::default() }
}

fn accept(raw: &RawGeometry) -> ParcelGeometry {
    ParcelGeometry::try_new(raw, Crs::Crs84, AxisOrder::EastFirst).expect("synthetic parcels are valid").geometry
}

/// Positions all over the parcels, in an order that no cache likes.
struct Positions(u32);

impl Positions {
    fn next(&mut self) -> (f64, f64) {
        self.0 = self.0.wrapping_add(1);
        let span = f64::from(SIDE) * CELL;
        (WEST + noise(self.0, 1, 0) * span, SOUTH + noise(self.0, 2, 1) * span)
    }
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    println!("{what}: {:.2?}", start.elapsed());
    result
}

fn spatial(criterion: &mut Criterion) {
    let raw: Vec<RawGeometry> = (0..SIDE * SIDE).map(parcel).collect();
    let parcels: Vec<(u32, ParcelGeometry)> = timed("validate 1,000,000 parcels", || (0_u32..).zip(raw.iter().map(accept)).collect());
    let stored: Vec<Vec<u8>> = parcels.iter().map(|(_, geometry)| geometry.to_wkb()).collect();
    drop((raw, parcels));
    let index = timed("read 1,000,000 parcels from WKB and load the index", || {
        let read = |wkb: &Vec<u8>| ParcelGeometry::from_stored(wkb).expect("what was stored is readable");
        SpatialIndex::bulk_load((0_u32..).zip(stored.iter().map(read)))
    });
    drop(stored);
    println!("index: {} bytes a parcel", index.heap_bytes() / index.len());
    let mut positions = Positions(0);

    let snapshot = index.snapshot();
    criterion.bench_function("point in parcel", |bencher| {
        bencher.iter(|| {
            let (lon, lat) = positions.next();
            black_box(snapshot.at_point(lon, lat))
        });
    });
    criterion.bench_function("box of about 100 parcels", |bencher| {
        bencher.iter(|| {
            let (lon, lat) = positions.next();
            let bbox = BoundingBox::from_degrees(lon, lat, lon + 9.0 * CELL, lat + 9.0 * CELL).expect("a box");
            black_box(snapshot.in_bbox(&bbox))
        });
    });
    criterion.bench_function("10 nearest by true distance", |bencher| {
        bencher.iter(|| {
            let (lon, lat) = positions.next();
            black_box(snapshot.nearest(lon, lat, 10))
        });
    });
    criterion.bench_function("within 150 m by true distance", |bencher| {
        bencher.iter(|| {
            let (lon, lat) = positions.next();
            black_box(snapshot.page(&SpatialQuery::Radius { lon, lat, radius_m: 150.0 }, None, 1_000, &|_| true))
        });
    });
    let region = Region::from(&accept(&circle(0.0015, 200)));
    criterion.bench_function("inside a polygon of 200 vertices", |bencher| bencher.iter(|| black_box(snapshot.in_polygon(&region))));
    criterion.bench_function("neighbours", |bencher| {
        bencher.iter(|| {
            positions.next();
            black_box(snapshot.neighbours(positions.0.wrapping_mul(7919) % (SIDE * SIDE)))
        });
    });
    criterion.bench_function("replace one parcel", |bencher| {
        bencher.iter(|| {
            positions.next();
            let slot = positions.0.wrapping_mul(7919) % (SIDE * SIDE);
            index.insert(slot, snapshot.geometry(slot).expect("every slot is taken"));
        });
    });
    let snapshot = index.snapshot();
    criterion.bench_function("point in parcel after edits", |bencher| {
        bencher.iter(|| {
            let (lon, lat) = positions.next();
            black_box(snapshot.at_point(lon, lat))
        });
    });
}

fn circle(radius: f64, vertices: u32) -> RawGeometry {
    let (lon, lat) = (WEST + 0.15, SOUTH + 0.15);
    let at = |step: u32| (f64::from(step % vertices) / f64::from(vertices) * std::f64::consts::TAU).sin_cos();
    let ring = (0..=vertices).map(at).map(|(sin, cos)| [lon + radius * cos, lat + radius * sin]).collect();
    RawGeometry { parts: vec![vec![ring]], ..RawGeometry::default() }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = spatial
}
criterion_main!(benches);
