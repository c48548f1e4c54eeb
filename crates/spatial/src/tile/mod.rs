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
use crate::{BoundingBox, Snapshot};

/// Units of a tile's side.
pub const EXTENT: u32 = 4096;
/// Units around the tile that are drawn with it, so that borders do not end at its edge.
const BUFFER: u16 = 64;
/// More parcels than this are not drawn one by one.
const MOST_PARCELS: usize = 20_000;
/// Up to so many parcels are drawn as far as they fit, the largest first; of more, at most a tenth may be missing.
const MOST_LEFT_OUT: usize = 1_000;
/// Cells of a density tile, each way.
const CELLS: u32 = 64;

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
    /// How many parcels were left out because they were smaller than the grid, or the tile would have been too large.
    pub left_out: usize,
}

/// The tile at an address: layer `parcels` with the properties of each, or layer `parcel-density` with the number of
/// parcels (`count`) by cell.
pub fn parcel_tile(
    snapshot: &Snapshot,
    address: TileAddress,
    options: TileOptions,
    properties: &dyn Fn(u32) -> Vec<(&'static str, TileValue)>,
) -> Tile {
    let bbox = address.bbox(BUFFER);
    if snapshot.expected(&[bbox]) > MOST_PARCELS {
        return density(snapshot, address, &bbox);
    }
    let mut drawn: Vec<(u32, Polygons, i64)> = Vec::new();
    let mut left_out = 0;
    let mut seen = 0;
    snapshot.visit(&bbox, |slot, shape| {
        seen += 1;
        let polygons = polygons(shape, address);
        let area = polygons.iter().map(|rings| clip::twice_area(&rings[0]).abs()).sum();
        if area > 0 {
            drawn.push((slot, polygons, area));
        } else {
            left_out += 1;
        }
    });
    // Where most are too small to be seen, their number tells more than the few that are not.
    if seen > MOST_PARCELS || left_out > drawn.len() {
        return density(snapshot, address, &bbox);
    }
    // The largest first while space is counted, then in the order of slots, so that equal data make equal bytes.
    drawn.sort_unstable_by_key(|(slot, _, area)| (std::cmp::Reverse(*area), *slot));
    let mut budget = options.max_bytes;
    let fitting = drawn
        .iter()
        .take_while(|(_, polygons, _)| {
            budget.checked_sub(encode::estimate(polygons) + options.property_bytes).map(|rest| budget = rest).is_some()
        })
        .count();
    // A few small parcels may be missing where there are many; a map with holes would tell a lie.
    if drawn.len() > MOST_LEFT_OUT && drawn.len() - fitting > drawn.len() / 10 {
        return density(snapshot, address, &bbox);
    }
    left_out += drawn.len() - fitting;
    drawn.truncate(fitting);
    drawn.sort_unstable_by_key(|(slot, ..)| *slot);
    let mut layer = Layer::new("parcels");
    for (slot, polygons, _) in &drawn {
        layer.add(u64::from(*slot) + 1, polygons, &properties(*slot));
    }
    Tile { features: drawn.len(), left_out, bytes: if drawn.is_empty() { Vec::new() } else { layer.finish() } }
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
fn density(snapshot: &Snapshot, address: TileAddress, bbox: &BoundingBox) -> Tile {
    let size = i64::from(EXTENT / CELLS);
    let mut counts: BTreeMap<(i64, i64), u64> = BTreeMap::new();
    for (_, shape) in snapshot.onward(0) {
        let own = shape.bbox();
        if own.intersects(bbox) {
            let [x, y] = address.unit(own.centre()).map(|unit| unit.div_euclid(size));
            *counts.entry((y, x)).or_default() += 1;
        }
    }
    let mut layer = Layer::new("parcel-density");
    let cells = 0..i64::from(CELLS);
    counts.retain(|(y, x), _| cells.contains(y) && cells.contains(x));
    for (id, ((y, x), count)) in (1_u64..).zip(&counts) {
        let (west, north) = (x * size, y * size);
        let ring = vec![[west, north], [west + size, north], [west + size, north + size], [west, north + size]];
        layer.add(id, &[vec![ring]], &[("count", TileValue::Unsigned(*count))]);
    }
    Tile { features: counts.len(), left_out: 0, bytes: if counts.is_empty() { Vec::new() } else { layer.finish() } }
}
