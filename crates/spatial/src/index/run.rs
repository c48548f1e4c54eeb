//! What does one immutable layer of the index hold?

use rstar::{AABB, RStarInsertionStrategy, RTree, RTreeObject, RTreeParams};

use crate::packed::{Packed, pack};
use crate::{BoundingBox, GridPoint, ParcelGeometry};

/// Marks a slot that a newer layer takes out of the older ones.
const REMOVED: u32 = u32::MAX;

/// Parcels by slot, with a tree over their boxes. Never changed once built.
pub(crate) struct Run {
    /// Ascending, without repetition.
    slots: Vec<u32>,
    /// Where the packed geometry of each slot begins, or [`REMOVED`].
    starts: Vec<u32>,
    words: Vec<u32>,
    tree: RTree<Leaf, Params>,
    extent: Option<BoundingBox>,
}

/// A box of the tree, in single precision and rounded outwards, with the place of its parcel in the run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leaf {
    /// Put together once: making the tree asks for it again and again.
    envelope: AABB<[f32; 2]>,
    pub(crate) entry: u32,
}

/// Wide nodes: few of them, and the boxes of one node lie together in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Params;

impl RTreeParams for Params {
    const MIN_SIZE: usize = 4;
    const MAX_SIZE: usize = 12;
    const REINSERTION_COUNT: usize = 2;
    type DefaultInsertionStrategy = RStarInsertionStrategy;
}

impl RTreeObject for Leaf {
    type Envelope = AABB<[f32; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.envelope
    }
}

#[expect(clippy::cast_possible_truncation, reason = "rounded outwards right after")]
fn below(value: f64) -> f32 {
    let rounded = value as f32;
    if f64::from(rounded) > value { rounded.next_down() } else { rounded }
}

fn above(value: f64) -> f32 {
    -below(-value)
}

/// The box in the tree's precision, rounded outwards.
fn envelope(bbox: &BoundingBox) -> AABB<[f32; 2]> {
    let [west, south, east, north] = bbox.degrees();
    AABB::from_corners([below(west), below(south)], [above(east), above(north)])
}

/// West, south, east, north of a box of the tree.
pub(crate) fn envelope_degrees(envelope: &AABB<[f32; 2]>) -> [f64; 4] {
    let ([west, south], [east, north]) = (envelope.lower(), envelope.upper());
    [west, south, east, north].map(f64::from)
}

/// The box of a node of the tree; a little beyond the globe where rounding took it there.
pub(crate) fn envelope_box(envelope: &AABB<[f32; 2]>) -> BoundingBox {
    let point = |[lon, lat]: [f32; 2]| GridPoint::from_degrees(f64::from(lon).clamp(-180.0, 180.0), f64::from(lat).clamp(-90.0, 90.0));
    BoundingBox { min: point(envelope.lower()).unwrap_or_default(), max: point(envelope.upper()).unwrap_or_default() }
}

impl Run {
    /// A run of slots in ascending order, each with its geometry or none when it is removed.
    pub(crate) fn build<'a>(entries: impl Iterator<Item = (u32, Option<Source<'a>>)>) -> Self {
        let (mut slots, mut starts, mut words, mut leaves) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut extent: Option<BoundingBox> = None;
        for (slot, source) in entries {
            let entry = index(slots.len());
            slots.push(slot);
            let Some(source) = source else {
                starts.push(REMOVED);
                continue;
            };
            let start = words.len();
            starts.push(index(start));
            match source {
                Source::Geometry(geometry) => pack(geometry, &mut words),
                Source::Packed(packed) => words.extend_from_slice(packed),
            }
            let bbox = Packed::new(&words[start..]).bbox();
            extent = Some(extent.map_or(bbox, |extent| extent.union(&bbox)));
            leaves.push(Leaf { envelope: envelope(&bbox), entry });
        }
        slots.shrink_to_fit();
        starts.shrink_to_fit();
        words.shrink_to_fit();
        Self { slots, starts, words, tree: RTree::bulk_load_with_params(leaves), extent }
    }

    /// How many slots it speaks of, removed ones included.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(crate) const fn extent(&self) -> Option<BoundingBox> {
        self.extent
    }

    pub(crate) const fn tree(&self) -> &RTree<Leaf, Params> {
        &self.tree
    }

    pub(crate) fn slot(&self, entry: u32) -> u32 {
        self.slots[entry as usize]
    }

    /// The place of a slot in the run.
    pub(crate) fn entry(&self, slot: u32) -> Option<u32> {
        let first = *self.slots.first()?;
        // Slots are handed out densely: look where it would be without gaps before searching.
        let guess = slot.checked_sub(first)? as usize;
        let at = if self.slots.get(guess) == Some(&slot) { guess } else { self.slots.binary_search(&slot).ok()? };
        Some(index(at))
    }

    /// The packed geometry of an entry, none when the slot is removed.
    pub(crate) fn shape(&self, entry: u32) -> Option<Packed<'_>> {
        let start = self.starts[entry as usize];
        (start != REMOVED).then(|| Packed::new(&self.words[start as usize..]))
    }

    /// The words of an entry's packed geometry.
    pub(crate) fn packed(&self, entry: u32) -> Option<&[u32]> {
        let start = self.starts[entry as usize] as usize;
        self.shape(entry).map(|shape| &self.words[start..start + shape.len()])
    }

    /// Slots and entries from a slot on, ascending.
    pub(crate) fn onward(&self, slot: u32) -> impl Iterator<Item = (u32, u32)> {
        let at = self.slots.partition_point(|&own| own < slot);
        self.slots[at..].iter().zip(at..).map(|(&slot, entry)| (slot, index(entry)))
    }

    /// Entries whose box meets the given one.
    pub(crate) fn near(&self, bbox: &BoundingBox) -> impl Iterator<Item = u32> {
        self.tree.locate_in_envelope_intersecting(&envelope(bbox)).map(|leaf| leaf.entry)
    }

    /// Bytes on the heap; the tree's inner nodes are counted by their number.
    pub(crate) fn heap_bytes(&self) -> usize {
        let node = size_of::<rstar::RTreeNode<Leaf>>();
        // A node of at most MAX_SIZE children: a leaf level and, above it, one node for so many below.
        let nodes = self.tree.size() + self.tree.size() / (Params::MAX_SIZE - 1) + 1;
        4 * (self.slots.capacity() + self.starts.capacity() + self.words.capacity()) + node * nodes
    }
}

/// Where a geometry comes from when a run is built.
pub(crate) enum Source<'a> {
    Geometry(&'a ParcelGeometry),
    Packed(&'a [u32]),
}

/// A place in a run: entries and words are counted in 32 bits.
fn index(place: usize) -> u32 {
    u32::try_from(place).expect("a run holds fewer than 2^32 words")
}
