//! How does a geometry lie in memory by the million?
//!
//! As 32-bit words: the south-west corner, the size of the box, then rings as offsets from the corner in nano-degrees.
//! A rectangle takes 64 bytes.

use crate::grid::GridPoint;
use crate::{BoundingBox, ParcelGeometry};

const SHELL: u32 = 1 << 31;
const HEADER: usize = 7;

/// Appends the packed form of a geometry, which spans at most 32 bits of nano-degrees.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "words hold halves of 64-bit numbers, offsets within a span of 32 bits, and counts far below"
)]
pub(crate) fn pack(geometry: &ParcelGeometry, words: &mut Vec<u32>) {
    let bbox = geometry.bbox();
    for value in [bbox.min.lon, bbox.min.lat] {
        words.extend([value as u32, (value >> 32) as u32]);
    }
    words.extend([bbox.width() as u32, bbox.height() as u32, geometry.rings().count() as u32]);
    for part in geometry.parts() {
        for (number, ring) in part.rings().iter().enumerate() {
            words.push(ring.len() as u32 | if number == 0 { SHELL } else { 0 });
            for point in ring {
                words.extend([(point.lon - bbox.min.lon) as u32, (point.lat - bbox.min.lat) as u32]);
            }
        }
    }
}

/// A packed geometry, read in place.
#[derive(Clone, Copy)]
pub(crate) struct Packed<'a> {
    words: &'a [u32],
    origin: GridPoint,
}

/// A ring of a packed geometry: open, the closing edge is understood.
#[derive(Clone, Copy)]
pub(crate) struct PackedRing<'a> {
    origin: GridPoint,
    offsets: &'a [u32],
    pub(crate) is_shell: bool,
}

impl<'a> Packed<'a> {
    /// The geometry that begins at the first word.
    #[expect(clippy::cast_possible_wrap, reason = "the two halves of a 64-bit number")]
    pub(crate) fn new(words: &'a [u32]) -> Self {
        let value = |at: usize| (u64::from(words[at]) | u64::from(words[at + 1]) << 32) as i64;
        Self { words, origin: GridPoint { lon: value(0), lat: value(2) } }
    }

    /// Its words alone.
    pub(crate) fn words(self) -> &'a [u32] {
        &self.words[..self.len()]
    }

    pub(crate) fn bbox(self) -> BoundingBox {
        let max = GridPoint { lon: self.origin.lon + i64::from(self.words[4]), lat: self.origin.lat + i64::from(self.words[5]) };
        BoundingBox { min: self.origin, max }
    }

    pub(crate) fn rings(self) -> impl Iterator<Item = PackedRing<'a>> + Clone {
        let mut rest = &self.words[HEADER..];
        (0..self.words[6]).map(move |_| {
            let length = (rest[0] & !SHELL) as usize * 2;
            let ring = PackedRing { origin: self.origin, offsets: &rest[1..=length], is_shell: rest[0] & SHELL != 0 };
            rest = &rest[1 + length..];
            ring
        })
    }

    /// How many words it takes.
    pub(crate) fn len(self) -> usize {
        HEADER + self.rings().map(|ring| 1 + ring.offsets.len()).sum::<usize>()
    }

    /// Every edge of every ring.
    pub(crate) fn edges(self) -> impl Iterator<Item = (GridPoint, GridPoint)> + Clone + 'a {
        self.rings().flat_map(PackedRing::edges)
    }

    pub(crate) fn unpack(self) -> ParcelGeometry {
        let mut parts: Vec<Vec<Vec<GridPoint>>> = Vec::new();
        for ring in self.rings() {
            let points = ring.points().collect();
            match parts.last_mut() {
                Some(part) if !ring.is_shell => part.push(points),
                _ => parts.push(vec![points]),
            }
        }
        ParcelGeometry::from_rings(parts)
    }
}

impl<'a> PackedRing<'a> {
    pub(crate) fn points(self) -> impl DoubleEndedIterator<Item = GridPoint> + Clone + 'a {
        let origin = self.origin;
        self.offsets
            .chunks_exact(2)
            .map(move |pair| GridPoint { lon: origin.lon + i64::from(pair[0]), lat: origin.lat + i64::from(pair[1]) })
    }

    pub(crate) fn edges(self) -> impl Iterator<Item = (GridPoint, GridPoint)> + Clone + 'a {
        let last = self.points().next_back();
        last.into_iter().chain(self.points()).zip(self.points())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AxisOrder, Crs, RawGeometry};

    #[test]
    fn a_geometry_comes_back_from_its_packed_form() {
        for wkt in [
            "POLYGON ((113 23, 113.001 23, 113.001 23.001, 113 23))",
            "POLYGON ((-70 -3, -67 -3, -67 0, -70 0, -70 -3), (-69 -2, -68 -2, -68 -1, -69 -2))",
            "MULTIPOLYGON (((0 0, 3 0, 3 3, 0 3, 0 0), (1 1, 2 1, 2 2, 1 1)), ((3.5 3.5, 4 3.5, 4 4, 3.5 3.5)))",
        ] {
            let geometry =
                ParcelGeometry::try_new(&RawGeometry::from_wkt(wkt).unwrap(), Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry;
            let mut words = vec![7];
            pack(&geometry, &mut words);
            let packed = Packed::new(&words[1..]);
            assert_eq!(packed.unpack(), geometry);
            assert_eq!((packed.bbox(), packed.len()), (geometry.bbox(), words.len() - 1));
        }
    }
}
