//! Where on the globe is a tile?

use std::f64::consts::PI;

use super::EXTENT;
use crate::{BoundingBox, GridPoint};

/// The place of a tile in WebMercatorQuad: zoom level, column from the west, row from the north.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileAddress {
    zoom: u8,
    column: u32,
    row: u32,
}

/// The latitude at which the square of the projection ends.
const MAX_LAT: f64 = 85.051_128_779_806_6;

impl TileAddress {
    /// The deepest level.
    pub const MAX_ZOOM: u8 = 24;

    /// A tile, none when the level has no such column or row.
    #[must_use]
    pub fn new(zoom: u8, column: u32, row: u32) -> Option<Self> {
        let side = 1_u32.checked_shl(u32::from(zoom)).filter(|_| zoom <= Self::MAX_ZOOM)?;
        (column < side && row < side).then_some(Self { zoom, column, row })
    }

    /// Level, column, row.
    #[must_use]
    pub const fn parts(self) -> (u8, u32, u32) {
        (self.zoom, self.column, self.row)
    }

    fn side(self) -> f64 {
        f64::from(1_u32 << self.zoom)
    }

    /// A place in units of the tile, from its north-west corner east and south.
    #[expect(clippy::cast_possible_truncation, reason = "at most 2^24 tiles of 4096 units")]
    #[must_use]
    pub fn unit(self, point: GridPoint) -> [i64; 2] {
        let [x, y] = mercator(point);
        let unit = |share: f64, tile: u32| ((share * self.side() - f64::from(tile)) * f64::from(EXTENT)).round() as i64;
        [unit(x, self.column), unit(y, self.row)]
    }

    /// The box of the tile and so many units (of 4096 to a side) around it.
    #[must_use]
    pub fn bbox(self, buffer: u16) -> BoundingBox {
        self.grown(f64::from(buffer))
    }

    /// The box in which nothing needs clipping: a unit less than the box with its buffer.
    pub(super) fn inside(self, buffer: u16) -> BoundingBox {
        self.grown(f64::from(buffer) - 1.0)
    }

    fn grown(self, buffer: f64) -> BoundingBox {
        let edge = |tile: f64| (tile / self.side()).clamp(0.0, 1.0);
        let share = buffer / f64::from(EXTENT);
        let (column, row) = (f64::from(self.column), f64::from(self.row));
        let lon = |x: f64| x * 360.0 - 180.0;
        let lat = |y: f64| (PI * (1.0 - 2.0 * y)).sinh().atan().to_degrees();
        let (west, east) = (lon(edge(column - share)), lon(edge(column + 1.0 + share)));
        let (south, north) = (lat(edge(row + 1.0 + share)), lat(edge(row - share)));
        BoundingBox::from_degrees(west, south, east, north).unwrap_or_default()
    }

    /// The tiles of a level that a box touches with its buffer: what an edit makes stale.
    pub fn touched(bbox: &BoundingBox, zoom: u8) -> impl Iterator<Item = Self> {
        let zoom = zoom.min(Self::MAX_ZOOM);
        let whole = Self { zoom, column: 0, row: 0 };
        let buffer = 64.0 / f64::from(EXTENT);
        let last = whole.side() - 1.0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the columns and rows of the level")]
        let tile = |share: f64, buffer: f64| (share * whole.side() + buffer).floor().clamp(0.0, last) as u32;
        let ([west, south], [east, north]) = (mercator(bbox.min), mercator(bbox.max));
        let (columns, rows) = (tile(west, -buffer)..=tile(east, buffer), tile(north, -buffer)..=tile(south, buffer));
        rows.flat_map(move |row| columns.clone().map(move |column| Self { zoom, column, row }))
    }
}

/// Shares of the square of the projection, from its north-west corner east and south.
fn mercator(point: GridPoint) -> [f64; 2] {
    let lat = point.lat_degrees().clamp(-MAX_LAT, MAX_LAT).to_radians();
    [(point.lon_degrees() + 180.0) / 360.0, 0.5 - lat.sin().atanh() / (2.0 * PI)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_lie_where_the_matrix_set_has_them() {
        let tile = TileAddress::new(1, 1, 0).unwrap();
        let [west, south, east, north] = tile.bbox(0).degrees();
        assert!(west.abs() < 1e-9 && south.abs() < 1e-9 && (east - 180.0).abs() < 1e-9 && (north - 85.051_128_78).abs() < 1e-8);
        assert_eq!(tile.unit(GridPoint::from_degrees(0.0, 0.0).unwrap()), [0, 4096]);
        assert_eq!(TileAddress::new(1, 2, 0), None);
        assert_eq!(TileAddress::new(25, 0, 0), None);
        let guangzhou = GridPoint::from_degrees(113.2644, 23.129).unwrap();
        let tiles: Vec<_> = TileAddress::touched(&BoundingBox { min: guangzhou, max: guangzhou }, 14).map(TileAddress::parts).collect();
        assert_eq!(tiles, [(14, 13346, 7109)]);
    }
}
