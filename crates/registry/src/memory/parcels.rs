//! What does a node hold of every parcel, so that maps never ask the database?
//!
//! Each parcel's values that are nobody's personal data, packed, under the slot of its first record: the slot it also has
//! in the spatial index. A [`ParcelView`] is the parcels of one moment, values and places together. Taking one costs a
//! pointer; an edit replaces the leaf it touches and leaves readers alone.

use std::collections::BTreeMap;
use std::io;
use std::ops::Bound;
use std::sync::Arc;

use ahash::RandomState;
use arc_swap::ArcSwap;
use chrono::NaiveDate;
use hashbrown::HashTable;
use jiku_model::{Attributes, Column, EntityId, ImageReader, ImageWriter, Kind, Sensitivity, Timestamp, unfit};
use jiku_spatial::{BoundingBox, Snapshot, SpatialIndex};
use parking_lot::RwLock;
use uuid::Uuid;

use super::past::{PastBook, PastViews, Superseded};
use crate::facade::Days;
use crate::kinds::columns;

/// Features of a leaf, and leaves of a branch: what an edit copies.
const WIDTH: usize = 64;

/// A current parcel: its canonical id, its version, and its values that are not personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParcelFeature {
    /// The canonical id.
    pub id: EntityId,
    /// The version.
    pub version: i32,
    recorded_at: i64,
    ended_at: i64,
    /// Column number, length in two bytes, text; in the order of columns.
    values: Box<[u8]>,
}

impl ParcelFeature {
    /// The feature of a golden record.
    pub(crate) fn new(id: EntityId, version: i32, recorded_at: Timestamp, golden: &Attributes) -> Self {
        let values = packed(|column| golden.get(column.name).filter(|_| is_kept(column)));
        Self { id, version, recorded_at: recorded_at.timestamp_micros(), ended_at: i64::MAX, values }
    }

    /// Since when this version is recorded, microseconds since 1970 UTC.
    #[must_use]
    pub const fn recorded_at_micros(&self) -> i64 {
        self.recorded_at
    }

    /// When another version, or the end of the parcel, was recorded in its place; none for the current version.
    #[must_use]
    pub const fn ended_at_micros(&self) -> Option<i64> {
        if self.ended_at == i64::MAX { None } else { Some(self.ended_at) }
    }

    /// The same version, superseded at a moment.
    pub(crate) fn ended(self, at: i64) -> Self {
        Self { ended_at: at, ..self }
    }

    /// The same version, which another one followed in the world from a day on, or which ended on it.
    pub(super) fn held_until(&self, day: &str) -> Self {
        if self.value("valid_to").is_some_and(|own| own <= day) {
            return self.clone();
        }
        let values = packed(|column| if column.name == "valid_to" { Some(day) } else { self.value(column.name) });
        Self { values, ..self.clone() }
    }

    /// Its values by column, in the order of columns.
    pub fn values(&self) -> impl Iterator<Item = (&'static Column, &str)> {
        self.texts().map(|(column, text)| (column, read(text)))
    }

    /// The value of a column.
    #[must_use]
    pub fn value(&self, column: &str) -> Option<&str> {
        self.texts().find(|(own, _)| own.name == column).map(|(_, text)| read(text))
    }

    /// Its values as they are kept.
    fn texts(&self) -> impl Iterator<Item = (&'static Column, &[u8])> {
        let columns = columns(Kind::Parcel);
        let mut rest: &[u8] = &self.values;
        std::iter::from_fn(move || {
            let [number, low, high, after @ ..] = rest else { return None };
            let (text, after) = after.split_at_checked(usize::from(u16::from_le_bytes([*low, *high])))?;
            rest = after;
            Some((columns.get(usize::from(*number))?, text))
        })
    }
}

fn read(text: &[u8]) -> &str {
    std::str::from_utf8(text).unwrap_or_default()
}

/// Values by column as a feature holds them.
fn packed<'a>(value: impl Fn(&Column) -> Option<&'a str>) -> Box<[u8]> {
    let mut values = Vec::with_capacity(192);
    for (number, column) in (0_u8..).zip(columns(Kind::Parcel)) {
        if let Some(value) = value(column) {
            let text = &value.as_bytes()[..value.floor_char_boundary(usize::from(u16::MAX))];
            values.push(number);
            values.extend(u16::try_from(text.len()).unwrap_or_default().to_le_bytes());
            values.extend_from_slice(text);
        }
    }
    values.into_boxed_slice()
}

/// Whether maps show a column: geometry has a place of its own, and personal data is read from the database, with a trace.
fn is_kept(column: &Column) -> bool {
    matches!(column.sensitivity, Sensitivity::Public | Sensitivity::Internal) && !matches!(column.name, "geometry" | "crs")
}

type Leaf = [Option<Arc<ParcelFeature>>; WIDTH];
type Branch = [Option<Arc<Leaf>>; WIDTH];

/// Features by number, in a tree of which a change copies one leaf and one branch: what a view costs grows with a four-thousandth of the parcels.
#[derive(Clone, Debug, Default)]
pub(super) struct Pieces {
    branches: Vec<Option<Arc<Branch>>>,
    count: usize,
    /// How many of them have each `valid_to`: days are far fewer than parcels.
    ends: Arc<BTreeMap<Box<str>, usize>>,
}

impl Pieces {
    pub(super) fn get(&self, at: u32) -> Option<&Arc<ParcelFeature>> {
        let at = at as usize;
        let branch = self.branches.get(at / (WIDTH * WIDTH))?.as_ref()?;
        branch[at / WIDTH % WIDTH].as_ref()?[at % WIDTH].as_ref()
    }

    fn onward(&self, from: u32) -> impl Iterator<Item = (u32, &Arc<ParcelFeature>)> {
        let first = from as usize / (WIDTH * WIDTH);
        let branches = (first..).zip(self.branches.get(first..).unwrap_or_default());
        let leaves = branches.flat_map(|(number, branch)| (number * WIDTH..).zip(branch.iter().flat_map(|branch| branch.iter())));
        let ended = move |(number, _): &(usize, &Option<Arc<Leaf>>)| (number + 1) * WIDTH <= from as usize;
        let all = leaves.skip_while(ended).flat_map(|(number, leaf)| {
            let features = (number * WIDTH..).zip(leaf.iter().flat_map(|leaf| leaf.iter()));
            features.filter_map(|(at, feature)| Some((u32::try_from(at).ok()?, feature.as_ref()?)))
        });
        all.skip_while(move |(own, _)| *own < from)
    }

    pub(super) fn put(&mut self, at: u32, feature: Option<Arc<ParcelFeature>>) {
        if feature.is_none() && self.get(at).is_none() {
            return;
        }
        let at = at as usize;
        let branch = at / (WIDTH * WIDTH);
        if self.branches.len() <= branch {
            self.branches.resize(branch + 1, None);
        }
        let branch = self.branches[branch].get_or_insert_with(|| Arc::new([const { None }; WIDTH]));
        let leaf = Arc::make_mut(branch)[at / WIDTH % WIDTH].get_or_insert_with(|| Arc::new([const { None }; WIDTH]));
        let place = &mut Arc::make_mut(leaf)[at % WIDTH];
        self.count = self.count + usize::from(feature.is_some()) - usize::from(place.is_some());
        let [leaves, comes] = [&*place, &feature].map(|feature| feature.as_ref().and_then(|feature| feature.value("valid_to")));
        if leaves != comes {
            let ends = Arc::make_mut(&mut self.ends);
            if let Some(count) = leaves.and_then(|day| ends.get_mut(day)) {
                *count -= 1;
            }
            if let Some(day) = comes {
                *ends.entry(day.into()).or_default() += 1;
            }
        }
        *place = feature;
    }

    fn ended_by(&self, day: &str) -> usize {
        self.ends.range::<str, _>((Bound::Unbounded, Bound::Included(day))).map(|(_, count)| count).sum()
    }
}

/// Slots from here on are those of superseded versions, by their number in the book of the past.
pub(super) const PAST: u32 = 1 << 31;

/// The parcels of one moment.
#[derive(Clone, Debug)]
pub struct ParcelView {
    pub(super) now: Pieces,
    /// Superseded versions that are shown beside, or in place of, current ones.
    pub(super) past: Pieces,
    pub(super) places: Snapshot,
    /// Counts the changes this node has seen since its start.
    edition: u64,
    /// The last moment at which anything was recorded, microseconds since 1970 UTC.
    pub(super) moment: i64,
}

impl ParcelView {
    fn empty() -> Self {
        Self {
            now: Pieces::default(),
            past: Pieces::default(),
            places: SpatialIndex::new().snapshot(),
            edition: 0,
            moment: Timestamp::UNIX_EPOCH.timestamp_micros(),
        }
    }

    /// How many parcels there are, with a geometry or without.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.now.count + self.past.count
    }

    /// How many of them have ended by a day: those whose `valid_to` is that day or before.
    #[must_use]
    pub fn ended_by(&self, day: NaiveDate) -> usize {
        let day = day.to_string();
        self.now.ended_by(&day) + self.past.ended_by(&day)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
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

    /// When something was recorded last, microseconds since 1970 UTC. Asked for as of this moment, the parcels are always these.
    #[must_use]
    pub const fn moment_micros(&self) -> i64 {
        self.moment
    }

    /// The parcel in a slot.
    #[must_use]
    pub fn get(&self, slot: u32) -> Option<&ParcelFeature> {
        self.shared(slot).map(AsRef::as_ref)
    }

    pub(super) fn shared(&self, slot: u32) -> Option<&Arc<ParcelFeature>> {
        if slot < PAST { self.now.get(slot) } else { self.past.get(slot - PAST) }
    }

    /// Parcels from a slot on, in the order of slots.
    pub fn onward(&self, slot: u32) -> impl Iterator<Item = (u32, &ParcelFeature)> {
        let now = self.now.onward(slot);
        let past = self.past.onward(slot.saturating_sub(PAST)).map(|(number, feature)| (PAST + number, feature));
        now.chain(past).map(|(slot, feature)| (slot, feature.as_ref()))
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

/// How many parcels are taken up at a time: what is read is held once, and not all of it twice.
const TAKEN_UP: usize = 16_384;

/// What all parcels said when it was laid aside, as changes to an empty book, piece by piece.
pub(crate) fn read_features(image: &mut ImageReader<'_>, mut take: impl FnMut(Changes)) -> io::Result<()> {
    let (slots, ids, versions) = (image.u32s()?, image.u128s()?, image.i32s()?);
    let moments = image.i64s()?;
    if [ids.len(), versions.len(), moments.len()] != [slots.len(); 3] {
        return Err(unfit("what parcels say does not fit together"));
    }
    let mut piece = Changes::new();
    for (at, slot) in slots.into_iter().enumerate() {
        let (id, values) = (EntityId(Uuid::from_u128(ids[at])), image.bytes()?.into_boxed_slice());
        let feature = ParcelFeature { id, version: versions[at], recorded_at: moments[at], ended_at: i64::MAX, values };
        piece.push((id, Some((slot, feature))));
        if piece.len() == TAKEN_UP {
            take(std::mem::take(&mut piece));
        }
    }
    take(piece);
    Ok(())
}

/// Under which slot each parcel stands. It holds the slots alone: which parcel stands in one, the features say.
#[derive(Default)]
struct Slots {
    table: HashTable<u32>,
    hasher: RandomState,
}

impl Slots {
    fn get(&self, id: EntityId, now: &Pieces) -> Option<u32> {
        self.table.find(self.hasher.hash_one(id), |slot| stands_in(now, *slot, id)).copied()
    }

    fn take(&mut self, id: EntityId, now: &Pieces) -> Option<u32> {
        let found = self.table.find_entry(self.hasher.hash_one(id), |slot| stands_in(now, *slot, id)).ok()?;
        Some(found.remove().0)
    }

    /// Enters the slot of a parcel that stands in none, and in this one by now.
    fn put(&mut self, id: EntityId, slot: u32, now: &Pieces) {
        let Self { table, hasher } = self;
        let hash = |slot: &u32| now.get(*slot).map_or(0, |feature| hasher.hash_one(feature.id));
        table.insert_unique(hasher.hash_one(id), slot, hash);
    }
}

fn stands_in(now: &Pieces, slot: u32, id: EntityId) -> bool {
    now.get(slot).is_some_and(|feature| feature.id == id)
}

/// All parcels, as they change.
pub(crate) struct ParcelBook {
    current: ArcSwap<ParcelView>,
    slots: RwLock<Slots>,
    /// Locked for as long as it takes to take it, or to add to it: what is made of it is made of what was taken, and no edit waits for that.
    past: RwLock<Arc<PastBook>>,
    views: PastViews,
}

/// What happens to parcels in one step.
#[derive(Debug, Default)]
pub(crate) struct ParcelChanges {
    /// Parcels that say something else now, under the slot of their first record, or are no more.
    pub(crate) put: Changes,
    /// When that was recorded; none where it is taken from what is put.
    pub(crate) at: Option<Timestamp>,
    /// Until which day parcels that an edit ended stood in the world.
    pub(crate) stood: Vec<(EntityId, String)>,
    /// Superseded versions that this node has not seen as current ones.
    pub(crate) missed: Vec<Superseded>,
}

impl ParcelBook {
    pub(crate) fn new() -> Self {
        Self {
            current: ArcSwap::from_pointee(ParcelView::empty()),
            slots: RwLock::new(Slots::default()),
            past: RwLock::new(Arc::new(PastBook::new())),
            views: PastViews::default(),
        }
    }

    /// The parcels of now.
    pub(crate) fn view(&self) -> Arc<ParcelView> {
        self.current.load_full()
    }

    /// Under which slot a parcel stands.
    pub(crate) fn slot(&self, id: EntityId) -> Option<u32> {
        // The slots are locked until the features that go with them can be seen.
        let slots = self.slots.read();
        slots.get(id, &self.current.load().now)
    }

    /// Under which slot each parcel stands, in the order of slots.
    pub(crate) fn slots(&self) -> Vec<(u32, EntityId)> {
        let slots = self.slots.read();
        let view = self.current.load();
        let mut standing: Vec<(u32, EntityId)> = slots.table.iter().filter_map(|slot| Some((*slot, view.now.get(*slot)?.id))).collect();
        standing.sort_unstable();
        standing
    }

    /// The last superseded version of a parcel that is known here; 0 when none is.
    pub(crate) fn last_superseded(&self, id: EntityId) -> i32 {
        self.past.read().last_version(id)
    }

    /// How many superseded versions there are, and a digest of what they say, for comparisons.
    pub(crate) fn past_digest(&self) -> (usize, u64) {
        self.past.read().digest()
    }

    /// The past, and the parcels of now that go with it: it has everything that these lack, and nothing that came after them.
    fn past_and_now(&self) -> (Arc<PastBook>, Arc<ParcelView>) {
        let past = self.past.read();
        (Arc::clone(&past), self.view())
    }

    /// The parcels as they were recorded at a moment and stood in the world on one of these days.
    pub(crate) fn view_at(&self, moment: Option<i64>, days: Option<Days>) -> Arc<ParcelView> {
        let (past, now) = self.past_and_now();
        let moment = moment.filter(|moment| *moment < now.moment);
        if moment.is_none() && days.is_none() {
            return now;
        }
        self.views.get_or_make((moment, days, moment.map_or(now.edition, |_| 0)), || {
            let recorded = moment.map_or_else(|| Arc::clone(&now), |moment| Arc::new(past.as_of(&now, moment)));
            let moment = moment.unwrap_or(i64::MAX);
            days.map_or_else(|| Arc::clone(&recorded), |days| Arc::new(past.on_days(&recorded, &now, moment, days)))
        })
    }

    /// Every version that was recorded by a moment: those that were current then, and beside them those that were superseded.
    pub(crate) fn versions(&self, moment: Option<i64>) -> Arc<ParcelView> {
        let (past, now) = self.past_and_now();
        let moment = moment.filter(|moment| *moment < now.moment);
        let current = moment.map_or_else(|| ParcelView::clone(&now), |moment| past.as_of(&now, moment));
        Arc::new(past.beside(current, moment.unwrap_or(i64::MAX)))
    }

    /// Under which slot of a view a version of a parcel stands; without a number the version that the view shows in place of
    /// all others.
    pub(crate) fn slot_in(&self, view: &ParcelView, id: EntityId, version: Option<i32>) -> Option<u32> {
        let shown = |slot: &u32| view.get(*slot).is_some_and(|own| own.id == id && version.is_none_or(|version| own.version == version));
        self.slot(id).filter(shown).or_else(|| self.past.read().slots(id).find(shown))
    }

    /// Takes over what was committed; `spatial` has it already. Gives the boxes in which something changed, old and new.
    pub(crate) fn apply(&self, changes: ParcelChanges, spatial: &SpatialIndex) -> Applied {
        let mut past = self.past.write();
        let old = self.current.load();
        let mut view = ParcelView { places: spatial.snapshot(), edition: old.edition + 1, ..ParcelView::clone(&old) };
        let recorded = changes.put.iter().filter_map(|(_, put)| put.as_ref().map(|(_, feature)| feature.recorded_at));
        let at = changes.at.map(|at| at.timestamp_micros()).into_iter().chain(recorded).max();
        view.moment = view.moment.max(at.unwrap_or(view.moment));
        let mut touched: Vec<u32> = Vec::with_capacity(changes.put.len());
        let mut superseded = changes.missed;
        let mut slots = self.slots.write();
        for (id, change) in &changes.put {
            if let Some(before) = slots.take(*id, &view.now) {
                if let Some(feature) = view.now.get(before) {
                    let newer = change.as_ref().map(|(_, feature)| feature);
                    let told = superseded.iter().any(|one| one.feature.id == *id && one.feature.version == feature.version);
                    if !told && newer.is_none_or(|newer| newer.version > feature.version) {
                        let ended_at = newer.map(|newer| newer.recorded_at).or(at).unwrap_or(view.moment);
                        superseded.push(Superseded {
                            slot: before,
                            feature: ParcelFeature::clone(feature).ended(ended_at),
                            geometry: old.places.geometry(before),
                            followed_on: newer.and_then(|newer| newer.value("valid_from")).map(str::to_owned),
                            stood_until: changes.stood.iter().find(|(own, _)| own == id).map(|(_, day)| day.clone()),
                        });
                    }
                    view.now.put(before, None);
                }
                touched.push(before);
            }
        }
        if !superseded.is_empty() {
            // Copied where a question about the past is just being answered, and then not quite: its leaves are shared.
            Arc::make_mut(&mut past).add(superseded);
        }
        for (slot, feature) in changes.put.into_iter().filter_map(|(_, change)| change) {
            touched.push(slot);
            let id = feature.id;
            // Of a parcel that comes twice the last counts.
            if let Some(before) = slots.take(id, &view.now) {
                view.now.put(before, None);
            }
            view.now.put(slot, Some(Arc::new(feature)));
            slots.put(id, slot, &view.now);
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

    fn changes(put: Changes) -> ParcelChanges {
        ParcelChanges { put, ..ParcelChanges::default() }
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
    fn what_has_ended_is_counted_as_parcels_change() {
        let mut pieces = Pieces::default();
        let ending = |at: u32, to: Option<&str>| {
            let golden: Attributes = to.into_iter().map(|day| ("valid_to", day)).collect();
            Arc::new(ParcelFeature::new(EntityId(Uuid::from_u128(u128::from(at))), 1, Timestamp::UNIX_EPOCH, &golden))
        };
        let days = [None, Some("2019"), Some("2020-05"), Some("2020-05-31"), Some("2020-06-01"), Some("2020-06-01")];
        for turn in 0..3_u32 {
            for at in 0..600 {
                let feature = (at % 7 != turn).then(|| ending(at, days[(at as usize * 5 + turn as usize) % days.len()]));
                pieces.put(at, feature);
            }
            for day in ["2018-12-31", "2019-01-01", "2020-05-01", "2020-05-31", "2020-06-01", "2030-01-01"] {
                let counted = pieces.onward(0).filter(|(_, feature)| feature.value("valid_to").is_some_and(|to| to <= day)).count();
                assert_eq!(pieces.ended_by(day), counted, "{day}");
            }
        }
    }

    #[test]
    fn features_come_in_order_from_any_number_on() {
        let mut pieces = Pieces::default();
        let numbers = [0, 1, 63, 64, 4_095, 4_096, 8_191, 70_000];
        for at in numbers.into_iter().rev() {
            pieces.put(at, Some(Arc::new(feature(u128::from(at), "a"))));
        }
        let before = pieces.clone();
        pieces.put(4_096, None);
        pieces.put(500_000, None);
        for from in numbers.into_iter().flat_map(|at| [at.saturating_sub(1), at, at + 1]) {
            let onward = |pieces: &Pieces| pieces.onward(from).map(|(at, _)| at).collect::<Vec<_>>();
            let expected: Vec<u32> = numbers.into_iter().filter(|at| *at >= from).collect();
            assert_eq!(onward(&before), expected, "{from}");
            assert_eq!(onward(&pieces), expected.into_iter().filter(|at| *at != 4_096).collect::<Vec<_>>(), "{from}");
        }
        assert_eq!((before.count, pieces.count, pieces.get(4_096)), (8, 7, None));
        assert_eq!(pieces.get(70_000).map(|feature| feature.id.0.as_u128()), Some(70_000));
    }

    #[test]
    fn a_view_stays_as_it_was_and_the_next_one_has_the_edit() {
        let (book, spatial) = (ParcelBook::new(), SpatialIndex::new());
        let place = |wkt| ParcelGeometry::try_new(&RawGeometry::from_wkt(wkt).unwrap(), Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry;
        spatial.insert(700, place("POLYGON ((113 23, 113.001 23, 113.001 23.001, 113 23))"));
        let (one, two) = (feature(1, "a"), feature(2, "b"));
        book.apply(changes(vec![(one.id, Some((700, one.clone()))), (two.id, Some((3, two.clone())))]), &spatial);
        let before = book.view();
        spatial.remove(700);
        spatial.insert(9, place("POLYGON ((114 23, 114.001 23, 114.001 23.001, 114 23))"));
        // The first moves to the slot of the second, which goes.
        let applied = book.apply(changes(vec![(one.id, Some((3, one.clone()))), (two.id, None)]), &spatial);
        assert_eq!(applied.boxes.len(), 1, "the place that was left; slot 9 belongs to nobody named here");
        let slots = |view: &ParcelView, from| view.onward(from).map(|(slot, feature)| (slot, feature.id)).collect::<Vec<_>>();
        assert_eq!(slots(&before, 0), [(3, two.id), (700, one.id)]);
        assert_eq!((slots(&before, 4), slots(&before, 701)), (vec![(700, one.id)], vec![]));
        let now = book.view();
        assert_eq!((slots(&now, 0), now.len(), before.len()), (vec![(3, one.id)], 1, 2));
        assert_eq!((book.slot(one.id), book.slot(two.id)), (Some(3), None));
        assert!(now.edition() > before.edition() && before.places().bbox(700).is_some() && now.places().bbox(700).is_none());
    }

    #[test]
    fn an_edit_waits_for_no_question_about_the_past_and_changes_no_answer() {
        let (book, spatial) = (ParcelBook::new(), SpatialIndex::new());
        let recorded = |version: i32, code: &str| ParcelFeature { version, recorded_at: i64::from(version), ..feature(1, code) };
        let say = |version, code| drop(book.apply(changes(vec![(recorded(1, "").id, Some((7, recorded(version, code))))]), &spatial));
        say(1, "a");
        say(2, "b");
        // A question has just begun to be answered.
        let (past, now) = book.past_and_now();
        let codes = |view: &ParcelView| {
            view.onward(0).filter_map(|(_, feature)| feature.value("parcel_code").map(str::to_owned)).collect::<Vec<_>>()
        };
        let (first, all) = (past.as_of(&now, 1), past.beside(ParcelView::clone(&now), 2));
        say(3, "c");
        assert_eq!((codes(&past.as_of(&now, 1)), codes(&past.beside(ParcelView::clone(&now), 2))), (codes(&first), codes(&all)));
        assert_eq!((codes(&first), codes(&all)), (vec!["a".to_owned()], vec!["b".to_owned(), "a".to_owned()]));
        assert_eq!((codes(&book.view_at(Some(2), None)), codes(&book.view())), (vec!["b".to_owned()], vec!["c".to_owned()]));
        assert_eq!(codes(&book.versions(None)), ["c", "a", "b"]);
    }
}
