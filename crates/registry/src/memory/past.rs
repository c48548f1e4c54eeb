//! Which parcels were there at another moment, or stood in the world on another day?
//!
//! Every superseded version, in the order in which they were superseded, with an index of their places of its own. What was
//! there then is the parcels of now with the differences laid over them, values and places alike: every question that can be
//! asked of now can be asked of it. A question about now costs nothing for it.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use ahash::{AHashMap, AHashSet, RandomState};
use jiku_model::EntityId;
use jiku_spatial::{ParcelGeometry, SpatialIndex};
use parking_lot::Mutex;
use smallvec::SmallVec;

use super::parcels::{PAST, ParcelFeature, ParcelView, Pieces};
use crate::facade::Days;

/// How many views of the past are kept for the next question.
const KEPT: usize = 4;

/// A version of a parcel that is not the current one.
#[derive(Debug)]
pub(crate) struct Superseded {
    /// Under which slot it stood.
    pub(crate) slot: u32,
    pub(crate) feature: ParcelFeature,
    pub(crate) geometry: Option<ParcelGeometry>,
    /// From which day on the next version holds.
    pub(crate) followed_on: Option<String>,
    /// The last version of a parcel that an edit has ended: until which day the parcel stood in the world.
    pub(crate) stood_until: Option<String>,
}

/// Every superseded version. A copy shares almost all of it.
#[derive(Clone)]
pub(super) struct PastBook {
    features: Pieces,
    /// The same, each with the day until which it held in the world: known only since the next one is.
    whole: Pieces,
    /// By number: when it was superseded, and the slot it had.
    ends: Vec<(i64, u32)>,
    by_entity: ByEntity,
    stood_until: Arc<AHashMap<u32, String>>,
    places: SpatialIndex,
}

/// The numbers of each parcel's versions, oldest first, in parts that are copied when they change.
#[derive(Clone)]
struct ByEntity(Vec<Arc<AHashMap<EntityId, SmallVec<[u32; 2]>>>>);

impl ByEntity {
    const PARTS: usize = 256;

    fn new() -> Self {
        Self(std::iter::repeat_with(Arc::default).take(Self::PARTS).collect())
    }

    /// Ids are made one after the other, and end in what is random.
    const fn part(id: EntityId) -> usize {
        id.0.as_bytes()[15] as usize % Self::PARTS
    }

    fn get(&self, id: EntityId) -> &[u32] {
        self.0[Self::part(id)].get(&id).map_or(&[], SmallVec::as_slice)
    }

    fn push(&mut self, id: EntityId, number: u32) {
        Arc::make_mut(&mut self.0[Self::part(id)]).entry(id).or_default().push(number);
    }
}

impl PastBook {
    pub(super) fn new() -> Self {
        Self {
            features: Pieces::default(),
            whole: Pieces::default(),
            ends: Vec::new(),
            by_entity: ByEntity::new(),
            stood_until: Arc::default(),
            places: SpatialIndex::new(),
        }
    }

    /// Takes versions in that are not there yet.
    pub(super) fn add(&mut self, mut superseded: Vec<Superseded>) {
        let first = superseded.iter().filter_map(|one| one.feature.ended_at_micros()).min();
        if first.zip(self.ends.last()).is_some_and(|(first, (last, _))| first < *last) {
            // What comes late belongs before some that are there: at start, when others write meanwhile.
            superseded.extend(std::mem::replace(self, Self::new()).taken());
        }
        superseded.sort_by_key(|one| (one.feature.ended_at_micros(), one.feature.id, one.feature.version));
        let mut places = Vec::new();
        for one in superseded {
            let id = one.feature.id;
            if self.last_version(id) >= one.feature.version {
                continue;
            }
            let number = u32::try_from(self.ends.len()).expect("fewer than 2^31 superseded versions");
            self.ends.push((one.feature.ended_at_micros().unwrap_or(i64::MAX), one.slot));
            self.by_entity.push(id, number);
            let feature = Arc::new(one.feature);
            let until = one.followed_on.as_deref().or(one.stood_until.as_deref());
            self.whole.put(number, Some(until.map_or_else(|| Arc::clone(&feature), |day| Arc::new(feature.held_until(day)))));
            self.features.put(number, Some(feature));
            places.extend(one.geometry.map(|geometry| (PAST + number, Some(geometry))));
            if let Some(day) = one.stood_until {
                Arc::make_mut(&mut self.stood_until).insert(number, day);
            }
        }
        self.places.apply(places);
    }

    fn taken(self) -> Vec<Superseded> {
        let there = self.places.snapshot();
        let one = |(number, (_, slot)): (u32, &(i64, u32))| {
            Some(Superseded {
                slot: *slot,
                feature: ParcelFeature::clone(self.feature(number)?),
                geometry: there.geometry(PAST + number),
                followed_on: self.whole.get(number)?.value("valid_to").map(str::to_owned),
                stood_until: self.stood_until.get(&number).cloned(),
            })
        };
        (0..).zip(&self.ends).filter_map(one).collect()
    }

    fn feature(&self, number: u32) -> Option<&Arc<ParcelFeature>> {
        self.features.get(number)
    }

    /// The superseded versions of a parcel, oldest first.
    fn versions(&self, id: EntityId) -> impl DoubleEndedIterator<Item = (u32, &Arc<ParcelFeature>)> {
        self.by_entity.get(id).iter().filter_map(|number| Some((*number, self.feature(*number)?)))
    }

    pub(super) fn last_version(&self, id: EntityId) -> i32 {
        self.versions(id).next_back().map_or(0, |(_, feature)| feature.version)
    }

    /// The slots under which superseded versions of a parcel may stand in a view.
    pub(super) fn slots(&self, id: EntityId) -> impl Iterator<Item = u32> {
        self.by_entity.get(id).iter().flat_map(|number| [PAST + number, self.ends[*number as usize].1])
    }

    pub(super) fn digest(&self) -> (usize, u64) {
        let hasher = RandomState::with_seeds(5, 6, 7, 8);
        let places = self.places.snapshot();
        let one = |number: u32, (_, slot): &(i64, u32)| {
            let mut hash = hasher.build_hasher();
            let feature = self.feature(number);
            feature.map(|feature| (feature.id, feature.version, feature.recorded_at_micros(), feature.ended_at_micros())).hash(&mut hash);
            feature.into_iter().flat_map(|feature| feature.values()).for_each(|(column, value)| (column.name, value).hash(&mut hash));
            (slot, self.stood_until.get(&number), places.geometry(PAST + number).map(|place| place.to_wkb())).hash(&mut hash);
            hash.finish()
        };
        let all = (0..).zip(&self.ends).fold(0_u64, |sum, (number, end)| sum.wrapping_add(one(number, end)));
        (self.ends.len(), all)
    }

    /// The number of the first version that was superseded after a moment.
    fn after(&self, moment: i64) -> u32 {
        u32::try_from(self.ends.partition_point(|(ended_at, _)| *ended_at <= moment)).unwrap_or(u32::MAX)
    }

    /// The parcels as they were recorded at a moment. A version stands under the slot it had, so that pages of a list go on
    /// wherever the version stands by then.
    pub(super) fn as_of(&self, now: &ParcelView, moment: i64) -> ParcelView {
        let mut view = now.clone();
        view.moment = moment;
        let mut places = Vec::new();
        for (slot, _) in now.onward(0).filter(|(_, feature)| feature.recorded_at_micros() > moment) {
            view.now.put(slot, None);
            places.push((slot, None));
        }
        let there = self.places.snapshot();
        for (number, (_, slot)) in (0..).zip(&self.ends).skip(self.after(moment) as usize) {
            let Some(feature) = self.feature(number).filter(|feature| feature.recorded_at_micros() <= moment) else { continue };
            view.now.put(*slot, Some(Arc::clone(feature)));
            places.push((*slot, there.geometry(PAST + number)));
        }
        view.places = now.places().with(places);
        view
    }

    /// Every version: beside those current at a moment the ones that were superseded by then.
    pub(super) fn beside(&self, mut view: ParcelView, moment: i64) -> ParcelView {
        view.past = self.whole.clone();
        let end = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        let later = self.after(moment)..end;
        let hidden: Vec<(u32, Option<ParcelGeometry>)> = later.clone().map(|number| (PAST + number, None)).collect();
        later.for_each(|number| view.past.put(number, None));
        view.places = view.places.beside(&self.places.snapshot().with(hidden));
        view
    }

    /// Of parcels as recorded at a moment those that stood in the world on one of these days, each with the last version that held on one.
    ///
    /// The last version that holds from the last day or before: a later one corrects an earlier one that holds from the same day.
    /// A version without a date holds from always on. A parcel that an edit has ended stood until
    /// the day of that edit. Each of them tells as its `valid_to` until when it held, by what is recorded: until a later version did, or the parcel ended. `now` are the parcels that these versions were superseded by. Dates may be of a year or a month, which sort before their days.
    pub(super) fn on_days(&self, recorded: &ParcelView, now: &ParcelView, moment: i64, days: Days) -> ParcelView {
        let [first, last] = [days.first, days.last].map(|day| day.map(|day| day.to_string()));
        let is_over = |to: &str| first.as_deref().is_some_and(|first| to <= first);
        let mut view = recorded.clone();
        let mut places = Vec::new();
        let there = self.places.snapshot();
        let begun =
            |feature: &ParcelFeature| last.as_deref().is_none_or(|last| feature.value("valid_from").is_none_or(|from| from <= last));
        let over = |feature: &ParcelFeature| feature.value("valid_to").is_some_and(is_over);
        let show = |view: &mut ParcelView, places: &mut Vec<(u32, Option<ParcelGeometry>)>, number: u32, until: Option<&str>| {
            if let Some(feature) = self.feature(number).filter(|feature| !over(feature)) {
                let told = until.map_or_else(|| Arc::clone(feature), |day| Arc::new(feature.held_until(day)));
                view.past.put(number, Some(told));
                places.push((PAST + number, there.geometry(PAST + number)));
            }
        };
        for (slot, feature) in recorded.onward(0) {
            let begun_here = begun(feature);
            if begun_here && !over(feature) {
                continue;
            }
            view.now.put(slot, None);
            places.push((slot, None));
            if !begun_here {
                let mut earlier = self.versions(feature.id).rev().filter(|(_, earlier)| earlier.version < feature.version);
                let mut until = feature.value("valid_from");
                if let Some((number, _)) = earlier.find(|(_, earlier)| holds_before(&mut until, earlier, begun)) {
                    show(&mut view, &mut places, number, until);
                }
            }
        }
        let ended: AHashSet<EntityId> = self.stood_until.keys().filter_map(|number| Some(self.feature(*number)?.id)).collect();
        let current_since: AHashMap<EntityId, i64> = if ended.is_empty() {
            AHashMap::new()
        } else {
            let current = now.onward(0).filter(|(_, feature)| ended.contains(&feature.id));
            current.map(|(_, feature)| (feature.id, feature.recorded_at_micros())).collect()
        };
        for id in &ended {
            let known: SmallVec<[(u32, &Arc<ParcelFeature>); 4]> =
                self.versions(*id).rev().filter(|(_, feature)| feature.recorded_at_micros() <= moment).collect();
            let Some((last, feature)) = known.first() else { continue };
            let Some(until) = self.stood_until.get(last) else { continue };
            let ended = feature.ended_at_micros().is_some_and(|at| at <= moment);
            if !ended || is_over(until) || current_since.get(id).is_some_and(|since| *since <= moment) {
                continue;
            }
            let mut until = Some(until.as_str());
            if let Some((number, _)) = known.iter().find(|(_, version)| holds_before(&mut until, version, begun)) {
                show(&mut view, &mut places, *number, until);
            }
        }
        view.places = recorded.places().with(places);
        view
    }
}

/// Whether a version had begun; if not, those before it hold no longer than until it does.
fn holds_before<'f>(until: &mut Option<&'f str>, version: &'f ParcelFeature, begun: impl Fn(&ParcelFeature) -> bool) -> bool {
    let has_begun = begun(version);
    if !has_begun {
        *until = version.value("valid_from").into_iter().chain(*until).min();
    }
    has_begun
}

type Key = (Option<i64>, Option<Days>, u64);

/// The views of the past that were asked for last.
#[derive(Default)]
pub(super) struct PastViews {
    kept: Mutex<Vec<(Key, Arc<ParcelView>)>>,
    /// Held while one is made.
    making: Mutex<()>,
}

impl PastViews {
    /// The view of a moment and of days in an edition of now, made if it is not there. A moment in the past stays what it was,
    /// whatever the edition.
    pub(super) fn get_or_make(&self, key: Key, make: impl FnOnce() -> Arc<ParcelView>) -> Arc<ParcelView> {
        let find = || self.kept.lock().iter().find(|(own, _)| *own == key).map(|(_, view)| Arc::clone(view));
        if let Some(view) = find() {
            return view;
        }
        // A map asks for its tiles side by side, and all of them want the same view: it is made once. Nor do views that are made at the same
        // time take all processors.
        let _making = self.making.lock();
        if let Some(view) = find() {
            return view;
        }
        let view = make();
        let mut kept = self.kept.lock();
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push((key, Arc::clone(&view)));
        view
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use jiku_model::{Attributes, Timestamp};
    use uuid::Uuid;

    use super::super::parcels::ParcelBook;
    use super::*;

    fn version(id: u128, version: i32, ended_at: i64) -> Superseded {
        let feature = ParcelFeature::new(EntityId(Uuid::from_u128(id)), version, Timestamp::UNIX_EPOCH, &Attributes::default());
        Superseded { slot: 0, feature: feature.ended(ended_at), geometry: None, followed_on: None, stood_until: None }
    }

    #[test]
    fn what_is_told_late_or_twice_stands_once_and_in_its_place() {
        let (mut late, mut whole) = (PastBook::new(), PastBook::new());
        late.add(vec![version(1, 1, 30), version(2, 1, 50)]);
        late.add(vec![version(3, 1, 10), version(2, 1, 50), version(3, 2, 40)]);
        whole.add(vec![version(1, 1, 30), version(3, 2, 40), version(2, 1, 50), version(3, 1, 10)]);
        assert_eq!(late.ends.iter().map(|(ended_at, _)| *ended_at).collect::<Vec<_>>(), [10, 30, 40, 50]);
        assert_eq!(late.digest(), whole.digest());
        assert_eq!((late.after(30), late.after(9), late.last_version(EntityId(Uuid::from_u128(3)))), (2, 0, 2));
    }

    #[test]
    fn who_asks_for_the_same_view_at_once_waits_for_one() {
        let (views, made) = (PastViews::default(), AtomicUsize::new(0));
        let all = Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    all.wait();
                    views.get_or_make((Some(1), None, 0), || {
                        made.fetch_add(1, Ordering::Relaxed);
                        std::thread::sleep(Duration::from_millis(20));
                        ParcelBook::new().view()
                    })
                });
            }
        });
        assert_eq!(made.into_inner(), 1);
    }
}
