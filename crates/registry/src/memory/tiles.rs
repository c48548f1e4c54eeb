//! Which tiles were made already, and are still true?
//!
//! A tile made from one edition of the parcels is kept until an edit touches it. An edit names the boxes it changed, and
//! their tiles of every level are dropped before the edit is acknowledged. What was made of an older edition than the
//! last edit is not put in: it may be stale already.

use std::mem::take;
use std::sync::Arc;

use ahash::{AHashMap, RandomState};
use jiku_spatial::BoundingBox;
use jiku_spatial::tile::TileAddress;
use parking_lot::Mutex;

/// About how many bytes of tiles are kept: two halves, the younger and the older.
const HALF_BYTES: usize = 64 << 20;
/// With more changed boxes than this everything is dropped: a bulk load.
const MOST_BOXES: usize = 256;
/// What a tile costs beside its bytes.
const OVERHEAD: usize = 160;

/// An encoded tile (Mapbox Vector Tile 2.1), not compressed; no bytes when nothing lies there.
#[derive(Debug, PartialEq, Eq)]
pub struct MapTile {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// A digest of the bytes: equal tiles, equal digests.
    pub digest: u64,
}

impl MapTile {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        let digest = RandomState::with_seeds(1, 2, 3, 4).hash_one(&bytes);
        Self { bytes, digest }
    }
}

/// The tiles that were made.
#[derive(Default)]
pub(crate) struct TileCache {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    young: AHashMap<TileAddress, Arc<MapTile>>,
    old: AHashMap<TileAddress, Arc<MapTile>>,
    young_bytes: usize,
    edition: u64,
}

impl TileCache {
    /// The tile, if it is there.
    pub(crate) fn get(&self, address: TileAddress) -> Option<Arc<MapTile>> {
        let mut kept = self.kept.lock();
        if let Some(tile) = kept.young.get(&address) {
            return Some(Arc::clone(tile));
        }
        let tile = kept.old.remove(&address)?;
        kept.put(address, &tile);
        Some(tile)
    }

    /// Keeps a tile that was made of this edition, unless an edit came after it. Parcels that were read at the start, or by an edit
    /// whose boxes are about to be dropped, are of a later edition than the last one told here.
    pub(crate) fn put(&self, address: TileAddress, tile: &Arc<MapTile>, edition: u64) {
        let mut kept = self.kept.lock();
        if edition >= kept.edition {
            kept.put(address, tile);
        }
    }

    /// Drops what these boxes touch; from now on only tiles of this edition come in.
    pub(crate) fn drop_touched(&self, boxes: &[BoundingBox], edition: u64) {
        let mut kept = self.kept.lock();
        kept.edition = edition;
        if kept.young.is_empty() && kept.old.is_empty() {
            return;
        }
        if boxes.len() > MOST_BOXES {
            *kept = Kept { edition, ..Kept::default() };
            return;
        }
        for bbox in boxes {
            for zoom in 0..=TileAddress::MAX_ZOOM {
                // A parcel as wide as a country has more tiles in deep levels than are kept.
                if TileAddress::touched(bbox, zoom).nth(1_024).is_some() {
                    let stale = |address: &TileAddress| address.parts().0 >= zoom && address.bbox(64).intersects(bbox);
                    kept.young.retain(|address, _| !stale(address));
                    kept.old.retain(|address, _| !stale(address));
                    break;
                }
                for address in TileAddress::touched(bbox, zoom) {
                    kept.young.remove(&address);
                    kept.old.remove(&address);
                }
            }
        }
    }
}

impl Kept {
    fn put(&mut self, address: TileAddress, tile: &Arc<MapTile>) {
        self.young_bytes += tile.bytes.len() + OVERHEAD;
        self.young.insert(address, Arc::clone(tile));
        if self.young_bytes > HALF_BYTES {
            self.old = take(&mut self.young);
            self.young_bytes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(zoom: u8, column: u32, row: u32) -> TileAddress {
        TileAddress::new(zoom, column, row).unwrap()
    }

    #[test]
    fn an_edit_drops_the_tiles_it_touches_and_keeps_the_others() {
        let cache = TileCache::default();
        let tile = Arc::new(MapTile::new(vec![1, 2, 3]));
        let here = TileAddress::touched(&BoundingBox::from_degrees(113.0, 23.0, 113.0, 23.0).unwrap(), 16).next().unwrap();
        let (zoom, column, row) = here.parts();
        let there = address(zoom, column + 5, row);
        for place in [address(0, 0, 0), here, there] {
            cache.put(place, &tile, 0);
        }
        cache.drop_touched(&[BoundingBox::from_degrees(112.9999, 22.9999, 113.0001, 23.0001).unwrap()], 1);
        assert!(cache.get(address(0, 0, 0)).is_none() && cache.get(here).is_none());
        assert_eq!(cache.get(there), Some(Arc::clone(&tile)));
        cache.put(here, &tile, 0);
        assert!(cache.get(here).is_none(), "made of an edition before the edit");
        cache.put(here, &tile, 1);
        assert!(cache.get(here).is_some());
        cache.drop_touched(&[BoundingBox::from_degrees(73.0, 3.0, 135.0, 53.0).unwrap()], 2);
        assert!(cache.get(here).is_none() && cache.get(there).is_none(), "a country-wide change reaches deep levels too");
    }

    #[test]
    fn tiles_are_kept_before_the_first_edit_after_a_start() {
        let cache = TileCache::default();
        let tile = Arc::new(MapTile::new(vec![1, 2, 3]));
        // What was read at the start counts as an edition or more, and nobody has told the cache of an edit.
        cache.put(address(16, 1, 1), &tile, 7);
        assert!(cache.get(address(16, 1, 1)).is_some());
    }

    #[test]
    fn the_cache_keeps_to_its_size_and_what_is_asked_for_stays() {
        let cache = TileCache::default();
        let tile = Arc::new(MapTile::new(vec![0; 1 << 20]));
        for column in 0..200 {
            cache.put(address(10, column, 0), &tile, 0);
            assert!(cache.get(address(10, 0, 0)).is_some(), "{column}");
        }
        let kept = cache.kept.lock();
        assert!(kept.young.len() + kept.old.len() <= 2 * (HALF_BYTES >> 20) + 2);
    }

    #[test]
    fn equal_tiles_have_equal_digests() {
        assert_eq!(MapTile::new(vec![7; 100]).digest, MapTile::new(vec![7; 100]).digest);
        assert_ne!(MapTile::new(vec![7; 100]).digest, MapTile::new(vec![7; 101]).digest);
    }
}
