//! How are parcels found by place, while they are being edited?
//!
//! The index is a short list of immutable runs, the oldest and largest first; a newer run hides what it also names in
//! older ones. A reader takes the list (a [`Snapshot`]) and never waits; a writer puts a new list in its place. Small
//! runs are merged as they come, large ones by [`SpatialIndex::compact`], beside readers and writers.

mod outward;
mod run;
mod snapshot;

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::ParcelGeometry;
use run::{Run, Source};

pub use outward::Near;
pub use snapshot::{Neighbour, Place, Snapshot};

/// A run is merged with those after it when it is less than so many times as large as they are together.
const GROWTH: usize = 4;
/// The same where they are at least [`MANY`]: what comes by the thousand would be merged again and again.
const GROWTH_OF_MANY: usize = 2;
const MANY: usize = 512;
/// Runs up to this size are merged at once, in a millisecond or two.
const INLINE: usize = 4096;
/// From so many runs on a writer merges larger ones too, when nobody calls [`SpatialIndex::compact`].
const MOST_RUNS: usize = 8;

const fn growth(size: usize) -> usize {
    if size < MANY { GROWTH } else { GROWTH_OF_MANY }
}

/// All parcels by place.
///
/// ```
/// use jiku_spatial::{AxisOrder, Crs, ParcelGeometry, RawGeometry, SpatialIndex};
/// let raw = RawGeometry::from_wkt("POLYGON ((113 23, 113.001 23, 113.001 23.001, 113 23))").unwrap();
/// let parcel = ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry;
/// let index = SpatialIndex::new();
/// index.insert(7, parcel);
/// assert_eq!(index.snapshot().at_point(113.0008, 23.0002), [7]);
/// ```
#[derive(Debug)]
pub struct SpatialIndex {
    current: ArcSwap<Runs>,
    writer: Mutex<()>,
}

/// The runs of a moment, oldest first, and how many parcels they hold.
#[derive(Clone, Debug, Default)]
struct Runs {
    runs: Vec<Arc<Run>>,
    parcels: usize,
}

impl Default for SpatialIndex {
    fn default() -> Self {
        Self::new()
    }
}

impl Clone for SpatialIndex {
    /// An index of the same parcels, which goes on by itself. They are shared.
    fn clone(&self) -> Self {
        Self { current: ArcSwap::new(self.current.load_full()), writer: Mutex::new(()) }
    }
}

impl SpatialIndex {
    /// An index of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self { current: ArcSwap::from_pointee(Runs::default()), writer: Mutex::new(()) }
    }

    /// An index of many parcels at once. Of a slot that comes twice the last geometry counts.
    pub fn bulk_load<G: Borrow<ParcelGeometry>>(parcels: impl IntoIterator<Item = (u32, G)>) -> Self {
        let parcels = last_of_each(parcels);
        let run = Run::build(parcels.iter().map(|(slot, geometry)| (*slot, Some(Source::Geometry(geometry.borrow())))));
        let runs = if parcels.is_empty() { Vec::new() } else { vec![Arc::new(run)] };
        Self { current: ArcSwap::from_pointee(Runs { runs, parcels: parcels.len() }), writer: Mutex::new(()) }
    }

    /// An index of parcels as [`Snapshot::packed`] gave them, in the order of slots.
    pub fn from_packed<'a>(parcels: impl ExactSizeIterator<Item = (u32, &'a [u32])>) -> Self {
        let count = parcels.len();
        let run = Run::build(parcels.map(|(slot, words)| (slot, Some(Source::Packed(words)))));
        let runs = if count == 0 { Vec::new() } else { vec![Arc::new(run)] };
        Self { current: ArcSwap::from_pointee(Runs { runs, parcels: count }), writer: Mutex::new(()) }
    }

    /// What the index holds now; stays as it is while the index goes on.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::new(self.current.load_full())
    }

    /// Puts or replaces one parcel.
    pub fn insert(&self, slot: u32, geometry: ParcelGeometry) {
        self.apply([(slot, Some(geometry))]);
    }

    /// Takes a parcel out; says whether it was there.
    pub fn remove(&self, slot: u32) -> bool {
        let before = self.len();
        self.apply([(slot, None)]);
        self.len() < before
    }

    /// Puts (`Some`) and takes out (`None`) many parcels in one step: a reader sees all of it or nothing. Of a slot that
    /// comes twice the last change counts.
    pub fn apply(&self, changes: impl IntoIterator<Item = (u32, Option<ParcelGeometry>)>) {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let old = self.current.load_full();
        let Runs { mut runs, parcels } = old.with(changes);
        if runs.len() == old.runs.len() {
            return;
        }
        let ceiling = INLINE.max(64 * runs.last().map_or(0, |run| run.len()));
        // All that are to become one are merged at once, and not one after the other.
        let (mut from, mut size) = (runs.len() - 1, runs.last().map_or(0, |run| run.len()));
        while let Some(older) = from.checked_sub(1).map(|at| runs[at].len()) {
            let cheap = older + size <= ceiling || from >= MOST_RUNS;
            if older >= growth(size) * size || !cheap {
                break;
            }
            (from, size) = (from - 1, older + size);
        }
        if from < runs.len() - 1 {
            let merged = Arc::new(merge(&runs[from..], from == 0));
            runs.truncate(from);
            runs.push(merged);
        }
        runs.retain(|run| run.len() > 0);
        self.current.store(Arc::new(Runs { runs, parcels }));
    }

    /// Merges runs that have grown side by side; readers and writers go on meanwhile. Says whether there was anything to
    /// merge. To be called when there is time, from any thread.
    pub fn compact(&self) -> bool {
        let seen = self.current.load_full();
        let Some(from) = (1..seen.runs.len()).find(|&at| {
            let after: usize = seen.runs[at..].iter().map(|run| run.len()).sum();
            seen.runs[at - 1].len() < GROWTH * after
        }) else {
            return false;
        };
        let taken = &seen.runs[from - 1..];
        let merged = Arc::new(merge(taken, from == 1));
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.current.load_full();
        // Writers only append, or merge at the end: when the runs taken are still there, what came after stays.
        let unchanged = now
            .runs
            .get(from - 1..from - 1 + taken.len())
            .is_some_and(|runs| runs.iter().zip(taken).all(|(left, right)| Arc::ptr_eq(left, right)));
        if unchanged {
            let mut runs = now.runs.clone();
            runs.splice(from - 1..from - 1 + taken.len(), (merged.len() > 0).then_some(merged));
            self.current.store(Arc::new(Runs { runs, parcels: now.parcels }));
        }
        true
    }

    /// How many parcels it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.current.load().parcels
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes on the heap, estimated from the sizes of its parts.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.current.load().runs.iter().map(|run| run.heap_bytes()).sum()
    }
}

/// In the order of slots, each once, of repeated ones the last. What comes in order, as it does at start-up, is left alone.
fn last_of_each<T>(pairs: impl IntoIterator<Item = (u32, T)>) -> Vec<(u32, T)> {
    let pairs: Vec<(u32, T)> = pairs.into_iter().collect();
    if pairs.is_sorted_by(|left, right| left.0 < right.0) {
        return pairs;
    }
    let last: BTreeMap<u32, T> = pairs.into_iter().collect();
    last.into_iter().collect()
}

/// One run of several, oldest first; marks of removal fall when nothing older is left for them to hide.
fn merge(runs: &[Arc<Run>], oldest: bool) -> Run {
    let mut entries: Vec<(u32, usize, u32)> = Vec::with_capacity(runs.iter().map(|run| run.len()).sum());
    for (age, run) in runs.iter().enumerate().rev() {
        entries.extend(run.onward(0).map(|(slot, entry)| (slot, age, entry)));
    }
    // Newest first among equal slots.
    entries.sort_by_key(|&(slot, age, _)| (slot, std::cmp::Reverse(age)));
    entries.dedup_by_key(|entry| entry.0);
    let sources = entries.into_iter().map(|(slot, age, entry)| (slot, runs[age].packed(entry).map(Source::Packed)));
    Run::build(sources.filter(|(_, source)| source.is_some() || !oldest))
}

impl Runs {
    /// With a run of changes on top, if they change anything.
    fn with(&self, changes: impl IntoIterator<Item = (u32, Option<ParcelGeometry>)>) -> Self {
        let changes = last_of_each(changes);
        let mut parcels = self.parcels;
        let mut kept = Vec::with_capacity(changes.len());
        for (slot, geometry) in &changes {
            let was_there = self.holds(*slot);
            parcels = parcels + usize::from(geometry.is_some()) - usize::from(was_there);
            // What was never there needs no mark that it is gone.
            if geometry.is_some() || was_there {
                kept.push((*slot, geometry.as_ref().map(Source::Geometry)));
            }
        }
        let mut runs = self.runs.clone();
        if !kept.is_empty() {
            runs.push(Arc::new(Run::build(kept.into_iter())));
        }
        Self { runs, parcels }
    }

    /// The newest run that speaks of a slot, with its place there.
    fn newest(&self, slot: u32) -> Option<(&Run, u32)> {
        self.runs.iter().rev().find_map(|run| Some((run.as_ref(), run.entry(slot)?)))
    }

    fn holds(&self, slot: u32) -> bool {
        self.newest(slot).is_some_and(|(run, entry)| run.shape(entry).is_some())
    }

    /// Whether no run after `age` speaks of the slot.
    fn is_newest(&self, age: usize, slot: u32) -> bool {
        self.runs[age + 1..].iter().all(|run| run.entry(slot).is_none())
    }
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Run({})", self.len())
    }
}
