//! What does a node hold of every parcel, so that maps never ask the database?
//!
//! Each parcel's values that are nobody's personal data, packed, under the slot of its first record: the slot it also has
//! in the spatial index. A [`ParcelView`] is the parcels of one moment, values and places together. Taking one costs a
//! pointer; an edit replaces the piece it touches and leaves readers alone.

use std::io;
use std::sync::Arc;

use ahash::AHashMap;
use arc_swap::ArcSwap;
use jiku_model::{Attributes, Column, EntityId, ImageReader, ImageWriter, Kind, Sensitivity, Timestamp, unfit};
use jiku_spatial::{BoundingBox, Snapshot, SpatialIndex};
use parking_lot::RwLock;
use uuid::Uuid;

use crate::kinds::columns;

/// Parcels of a piece: what an edit copies.
const PIECE: usize = 256;

/// A current parcel: its canonical id, its version, and its values that are not personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParcelFeature {
    /// The canonical id.
    pub id: EntityId,
    /// The version.
    pub version: i32,
    recorded_at: i64,
    /// Column number, length in two bytes, text; in the order of columns.
    values: Box<[u8]>,
}

impl ParcelFeature {
    /// The feature of a golden record.
    pub(crate) fn new(id: EntityId, version: i32, recorded_at: Timestamp, golden: &Attributes) -> Self {
        let mut values = Vec::with_capacity(192);
        for (number, column) in (0_u8..).zip(columns(Kind::Parcel)) {
            if let Some(value) = golden.get(column.name).filter(|_| is_kept(column)) {
                let text = &value.as_bytes()[..value.floor_char_boundary(usize::from(u16::MAX))];
                values.push(number);
                values.extend(u16::try_from(text.len()).unwrap_or_default().to_le_bytes());
                values.extend_from_slice(text);
            }
        }
        Self { id, version, recorded_at: recorded_at.timestamp_micros(), values: values.into_boxed_slice() }
    }

    /// Since when this version is recorded, microseconds since 1970 UTC.
    #[must_use]
    pub const fn recorded_at_micros(&self) -> i64 {
        self.recorded_at
    }

    /// Its values by column, in the order of columns.
    pub fn values(&self) -> impl Iterator<Item = (&'static Column, &str)> {
        let columns = columns(Kind::Parcel);
        let mut rest: &[u8] = &self.values;
        std::iter::from_fn(move || {
            let [number, low, high, after @ ..] = rest else { return None };
            let (text, after) = after.split_at_checked(usize::from(u16::from_le_bytes([*low, *high])))?;
            rest = after;
            Some((columns.get(usize::from(*number))?, std::str::from_utf8(text).unwrap_or_default()))
        })
    }

    /// The value of a column.
    #[must_use]
    pub fn value(&self, column: &str) -> Option<&str> {
        self.values().find(|(own, _)| own.name == column).map(|(_, value)| value)
    }
}

/// Whether maps show a column: geometry has a place of its own, and personal data is read from the database, with a trace.
fn is_kept(column: &Column) -> bool {
    matches!(column.sensitivity, Sensitivity::Public | Sensitivity::Internal) && !matches!(column.name, "geometry" | "crs")
}

type Piece = [Option<Arc<ParcelFeature>>; PIECE];

/// The parcels of one moment.
#[derive(Clone, Debug)]
pub struct ParcelView {
    pieces: Vec<Option<Arc<Piece>>>,
    count: usize,
    places: Snapshot,
    /// Counts the changes this node has seen since its start.
    edition: u64,
}

impl ParcelView {
    fn empty() -> Self {
        Self { pieces: Vec::new(), count: 0, places: SpatialIndex::new().snapshot(), edition: 0 }
    }

    /// How many parcels there are, with a geometry or without.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Where they lie.
    #[must_use]
    pub const fn places(&self) -> &Snapshot {
        &self.places
    }

    /// How many changes this node had seen when the view was taken: equal numbers, equal parcels.
    #[must_use]
    pub const fn edition(&self) -> u64 {
        self.edition
    }

    /// The parcel in a slot.
    #[must_use]
    pub fn get(&self, slot: u32) -> Option<&ParcelFeature> {
        let slot = slot as usize;
        self.pieces.get(slot / PIECE)?.as_ref()?[slot % PIECE].as_deref()
    }

    /// Parcels from a slot on, in the order of slots.
    pub fn onward(&self, slot: u32) -> impl Iterator<Item = (u32, &ParcelFeature)> {
        let first = slot as usize / PIECE;
        let pieces = (first..).zip(self.pieces.get(first..).unwrap_or_default());
        let all = pieces.flat_map(|(number, piece)| {
            let features = (number * PIECE..).zip(piece.iter().flat_map(|piece| piece.iter()));
            features.filter_map(|(slot, feature)| Some((u32::try_from(slot).ok()?, feature.as_deref()?)))
        });
        all.skip_while(move |(own, _)| *own < slot)
    }

    fn put(&mut self, slot: u32, feature: Option<ParcelFeature>) {
        let slot = slot as usize;
        if self.pieces.len() <= slot / PIECE {
            if feature.is_none() {
                return;
            }
            self.pieces.resize(slot / PIECE + 1, None);
        }
        let piece = self.pieces[slot / PIECE].get_or_insert_with(|| Arc::new([const { None }; PIECE]));
        let place = &mut Arc::make_mut(piece)[slot % PIECE];
        self.count = self.count + usize::from(feature.is_some()) - usize::from(place.is_some());
        *place = feature.map(Arc::new);
    }
}

/// What an edit does to the book: parcels by id, with the slot and what they say, or gone.
pub(crate) type Changes = Vec<(EntityId, Option<(u32, ParcelFeature)>)>;

/// Lays aside what all parcels say.
pub(crate) fn write_features(view: &ParcelView, image: &mut ImageWriter<'_>) -> io::Result<()> {
    let features: Vec<(u32, &ParcelFeature)> = view.onward(0).collect();
    image.u32s(features.iter().map(|(slot, _)| *slot))?;
    image.u128s(features.iter().map(|(_, feature)| feature.id.0.as_u128()))?;
    image.i32s(features.iter().map(|(_, feature)| feature.version))?;
    image.i64s(features.iter().map(|(_, feature)| feature.recorded_at))?;
    features.iter().try_for_each(|(_, feature)| image.bytes(&feature.values))
}

/// What all parcels said when it was laid aside, as changes to an empty book.
pub(crate) fn read_features(image: &mut ImageReader<'_>) -> io::Result<Changes> {
    let (slots, ids, versions) = (image.u32s()?, image.u128s()?, image.i32s()?);
    let moments = image.i64s()?;
    if [ids.len(), versions.len(), moments.len()] != [slots.len(); 3] {
        return Err(unfit("what parcels say does not fit together"));
    }
    let rest = versions.into_iter().zip(moments);
    let read = |((slot, id), (version, recorded_at))| {
        let id = EntityId(Uuid::from_u128(id));
        let values = image.bytes()?.into_boxed_slice();
        Ok((id, Some((slot, ParcelFeature { id, version, recorded_at, values }))))
    };
    slots.into_iter().zip(ids).zip(rest).map(read).collect()
}

/// All current parcels, as they change.
pub(crate) struct ParcelBook {
    current: ArcSwap<ParcelView>,
    slots: RwLock<AHashMap<EntityId, u32>>,
}

impl ParcelBook {
    pub(crate) fn new() -> Self {
        Self { current: ArcSwap::from_pointee(ParcelView::empty()), slots: RwLock::new(AHashMap::new()) }
    }

    /// The parcels of now.
    pub(crate) fn view(&self) -> Arc<ParcelView> {
        self.current.load_full()
    }

    /// Under which slot a parcel stands.
    pub(crate) fn slot(&self, id: EntityId) -> Option<u32> {
        self.slots.read().get(&id).copied()
    }

    /// Takes over what was committed; `spatial` has it already. Gives the boxes in which something changed, old and new.
    pub(crate) fn apply(&self, changes: Changes, spatial: &SpatialIndex) -> Applied {
        let old = self.current.load();
        let mut view = ParcelView { places: spatial.snapshot(), edition: old.edition + 1, ..ParcelView::clone(&old) };
        let mut touched: Vec<u32> = Vec::with_capacity(changes.len());
        let mut slots = self.slots.write();
        for (id, change) in &changes {
            let before = match change {
                Some((slot, _)) => slots.insert(*id, *slot),
                None => slots.remove(id),
            };
            if let Some(before) = before {
                // Only its own: the slot may have gone to another parcel in the same change.
                if view.get(before).is_some_and(|feature| feature.id == *id) {
                    view.put(before, None);
                }
                touched.push(before);
            }
        }
        for (slot, feature) in changes.into_iter().filter_map(|(_, change)| change) {
            touched.push(slot);
            view.put(slot, Some(feature));
        }
        let boxes = touched.iter().flat_map(|slot| [old.places.bbox(*slot), view.places.bbox(*slot)]).flatten().collect();
        let edition = view.edition;
        self.current.store(Arc::new(view));
        Applied { boxes, edition }
    }
}

/// What a change did.
pub(crate) struct Applied {
    /// Boxes of the parcels that changed, before and after.
    pub(crate) boxes: Vec<BoundingBox>,
    /// The edition that has the change.
    pub(crate) edition: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiku_spatial::{AxisOrder, Crs, ParcelGeometry, RawGeometry};

    fn feature(id: u128, code: &str) -> ParcelFeature {
        let golden: Attributes =
            [("parcel_code", code), ("right_holder", "张伟"), ("location", "天河路100号"), ("geometry", "00")].into_iter().collect();
        ParcelFeature::new(EntityId(Uuid::from_u128(id)), 3, Timestamp::UNIX_EPOCH, &golden)
    }

    #[test]
    fn a_feature_holds_what_is_not_personal() {
        let feature = feature(1, "440106001001GB00001");
        let values: Vec<(&str, &str)> = feature.values().map(|(column, value)| (column.name, value)).collect();
        assert_eq!(values, [("parcel_code", "440106001001GB00001"), ("location", "天河路100号")]);
        assert_eq!(
            (feature.value("location"), feature.value("right_holder"), feature.value("geometry")),
            (Some("天河路100号"), None, None)
        );
    }

    #[test]
    fn a_view_stays_as_it_was_and_the_next_one_has_the_edit() {
        let (book, spatial) = (ParcelBook::new(), SpatialIndex::new());
        let place = |wkt| ParcelGeometry::try_new(&RawGeometry::from_wkt(wkt).unwrap(), Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry;
        spatial.insert(700, place("POLYGON ((113 23, 113.001 23, 113.001 23.001, 113 23))"));
        let (one, two) = (feature(1, "a"), feature(2, "b"));
        book.apply(vec![(one.id, Some((700, one.clone()))), (two.id, Some((3, two.clone())))], &spatial);
        let before = book.view();
        spatial.remove(700);
        spatial.insert(9, place("POLYGON ((114 23, 114.001 23, 114.001 23.001, 114 23))"));
        // The first moves to the slot of the second, which goes.
        let applied = book.apply(vec![(one.id, Some((3, one.clone()))), (two.id, None)], &spatial);
        assert_eq!(applied.boxes.len(), 1, "the place that was left; slot 9 belongs to nobody named here");
        let slots = |view: &ParcelView, from| view.onward(from).map(|(slot, feature)| (slot, feature.id)).collect::<Vec<_>>();
        assert_eq!(slots(&before, 0), [(3, two.id), (700, one.id)]);
        assert_eq!((slots(&before, 4), slots(&before, 701)), (vec![(700, one.id)], vec![]));
        let now = book.view();
        assert_eq!((slots(&now, 0), now.len(), before.len()), (vec![(3, one.id)], 1, 2));
        assert_eq!((book.slot(one.id), book.slot(two.id)), (Some(3), None));
        assert!(now.edition() > before.edition() && before.places().bbox(700).is_some() && now.places().bbox(700).is_none());
    }
}
