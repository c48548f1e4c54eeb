//! What does a vector tile of the map hold?
//!
//! Mapbox Vector Tile 2.1 in the tile matrix set WebMercatorQuad (OGC 17-083r4, annex D.1). Every vertex goes to the grid
//! of the tile by itself, so that borders shared in the base are shared in the tile. Where parcels are too small or too
//! many to be drawn, the tile holds their density instead. A tile is a pure function of a snapshot.

mod address;
mod clip;
mod encode;

use std::collections::BTreeMap;

pub use address::TileAddress;
pub use encode::TileValue;

use clip::{clip, tidy};
use encode::{Layer, Polygons};

use crate::packed::Packed;
use crate::{BoundingBox, GridPoint, Snapshot};

/// Units of a tile's side.
pub const EXTENT: u32 = 4096;
/// Units around the tile that are drawn with it, so that borders do not end at its edge.
const BUFFER: u16 = 64;
/// More parcels than this are not drawn one by one.
const MOST_PARCELS: usize = 20_000;
/// Up to so many parcels are drawn as far as they fit, the largest first; of more, at most a quarter may be counted instead.
const MOST_LEFT_OUT: usize = 1_000;
/// Cells of a density tile, each way.
const CELLS: u32 = 64;
/// Units of a cell's side.
const CELL: i64 = (EXTENT / CELLS) as i64;
/// The most bytes of a cell in the encoded tile.
const CELL_BYTES: usize = 32;

/// How a tile is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileOptions {
    /// The most bytes of a tile, before compression.
    pub max_bytes: usize,
    /// About how many bytes the properties of a parcel take.
    pub property_bytes: usize,
}

impl Default for TileOptions {
    fn default() -> Self {
        Self { max_bytes: 500_000, property_bytes: 30 }
    }
}

/// A tile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tile {
    /// The encoded tile, not compressed; empty when nothing lies there.
    pub bytes: Vec<u8>,
    /// How many features it holds.
    pub features: usize,
    /// How many parcels are counted by cell beside those that are drawn, because they are smaller than the grid or the tile would have been too
    /// large.
    pub left_out: usize,
}

/// The tile at an address: layer `parcels` with the properties of each, and layer `parcel-density` with the number of
/// parcels (`count`) by cell of those that are not drawn; of the parcels that are to be shown.
pub fn parcel_tile(
    snapshot: &Snapshot,
    address: TileAddress,
    options: TileOptions,
    shown: &dyn Fn(u32) -> bool,
    properties: &dyn Fn(u32) -> Vec<(&'static str, TileValue)>,
) -> Tile {
    let bbox = address.bbox(BUFFER);
    if snapshot.expected(&[bbox]) > MOST_PARCELS {
        return density(snapshot, address, &bbox, shown);
    }
    let mut drawn: Vec<(u32, Polygons, i64)> = Vec::new();
    let mut collapsed: Vec<GridPoint> = Vec::new();
    let mut seen = 0;
    snapshot.visit(&bbox, |slot, shape| {
        if !shown(slot) {
            return;
        }
        seen += 1;
        let polygons = polygons(shape, address);
        let area = polygons.iter().map(|rings| clip::twice_area(&rings[0]).abs()).sum();
        if area > 0 {
            drawn.push((slot, polygons, area));
        } else if is_too_small(shape, address) {
            collapsed.push(shape.bbox().centre());
        }
    });
    // Where most are too small to be seen, their number tells more than the few that are not.
    if seen > MOST_PARCELS || collapsed.len() > drawn.len() {
        return density(snapshot, address, &bbox, shown);
    }
    // The largest first while space is counted, then in the order of slots, so that equal data make equal bytes.
    drawn.sort_unstable_by_key(|(slot, _, area)| (std::cmp::Reverse(*area), *slot));
    let fitting = |room: usize| {
        let mut budget = room;
        let fits = |(_, polygons, _): &&(u32, Polygons, i64)| {
            budget.checked_sub(encode::estimate(polygons) + options.property_bytes).map(|rest| budget = rest).is_some()
        };
        drawn.iter().take_while(fits).count()
    };
    let middle = |(slot, ..): &(u32, Polygons, i64)| snapshot.bbox(*slot).map(|own| own.centre());
    let mut count = fitting(options.max_bytes);
    // What is not drawn is counted beside it: every parcel is to be seen in the tile that its middle lies in. That takes room too.
    let counted = loop {
        let counted = Counts::of(address, collapsed.iter().copied().chain(drawn[count..].iter().filter_map(middle)));
        let fits = fitting(options.max_bytes.saturating_sub(CELL_BYTES * counted.0.len()));
        if fits >= count {
            break counted;
        }
        count = fits;
    };
    // A few small parcels may be counted where there are many; more of them would make another picture.
    if drawn.len() > MOST_LEFT_OUT && drawn.len() - count > drawn.len() / 4 {
        return density(snapshot, address, &bbox, shown);
    }
    let left_out = counted.parcels();
    drawn.truncate(count);
    drawn.sort_unstable_by_key(|(slot, ..)| *slot);
    let mut layer = Layer::new("parcels");
    for (slot, polygons, _) in &drawn {
        layer.add(u64::from(*slot) + 1, polygons, &properties(*slot));
    }
    let mut bytes = if drawn.is_empty() { Vec::new() } else { layer.finish() };
    bytes.extend(counted.layer());
    Tile { features: drawn.len(), left_out, bytes }
}

/// Whether a parcel has no area on the grid of the tile, clipped or not.
fn is_too_small(shape: Packed<'_>, address: TileAddress) -> bool {
    shape.rings().filter(|ring| ring.is_shell).all(|ring| {
        let mut points: Vec<[i64; 2]> = ring.points().map(|point| address.unit(point)).collect();
        tidy(&mut points);
        clip::twice_area(&points) == 0
    })
}

/// The rings of a parcel in units of the tile, clipped to it with its buffer.
fn polygons(shape: Packed<'_>, address: TileAddress) -> Polygons {
    let inside = address.inside(BUFFER).covers(&shape.bbox());
    let mut polygons: Polygons = Vec::new();
    let mut shell_drawn = false;
    for ring in shape.rings() {
        let mut points: Vec<[i64; 2]> = ring.points().map(|point| address.unit(point)).collect();
        if !inside {
            points = clip(&points, -i64::from(BUFFER), i64::from(EXTENT) + i64::from(BUFFER));
        }
        tidy(&mut points);
        let area = clip::twice_area(&points);
        if ring.is_shell {
            shell_drawn = area != 0;
        }
        if area == 0 || !shell_drawn {
            continue;
        }
        // Units run down: a shell turns clockwise on the screen, which is a positive area (MVT 2.1, section 4.3.4.4).
        if (area > 0) != ring.is_shell {
            points.reverse();
        }
        match polygons.last_mut() {
            Some(rings) if !ring.is_shell => rings.push(points),
            _ => polygons.push(vec![points]),
        }
    }
    polygons
}

/// How many parcels have their middle in each cell of the tile.
fn density(snapshot: &Snapshot, address: TileAddress, bbox: &BoundingBox, shown: &dyn Fn(u32) -> bool) -> Tile {
    let there = snapshot.onward(0).filter(|(slot, shape)| shape.bbox().intersects(bbox) && shown(*slot));
    let counts = Counts::of(address, there.map(|(_, shape)| shape.bbox().centre()));
    Tile { features: counts.0.len(), left_out: 0, bytes: counts.layer() }
}

/// Numbers of parcels by cell, row and column.
struct Counts(BTreeMap<(i64, i64), u64>);

impl Counts {
    /// Of the middles of parcels those that lie in the tile.
    fn of(address: TileAddress, middles: impl Iterator<Item = GridPoint>) -> Self {
        let mut counts: BTreeMap<(i64, i64), u64> = BTreeMap::new();
        let cells = 0..i64::from(CELLS);
        for middle in middles {
            let [x, y] = address.unit(middle).map(|unit| unit.div_euclid(CELL));
            if cells.contains(&x) && cells.contains(&y) {
                *counts.entry((y, x)).or_default() += 1;
            }
        }
        Self(counts)
    }

    fn parcels(&self) -> usize {
        self.0.values().map(|count| usize::try_from(*count).unwrap_or(usize::MAX)).sum()
    }

    /// The layer `parcel-density`; nothing where there is nothing to count.
    fn layer(&self) -> Vec<u8> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let mut layer = Layer::new("parcel-density");
        for (id, ((y, x), count)) in (1_u64..).zip(&self.0) {
            let (west, north) = (x * CELL, y * CELL);
            let ring = vec![[west, north], [west + CELL, north], [west + CELL, north + CELL], [west, north + CELL]];
            layer.add(id, &[vec![ring]], &[("count", TileValue::Unsigned(*count))]);
        }
        layer.finish()
    }
}
