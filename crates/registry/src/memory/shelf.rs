//! What does a node keep in memory of one kind?

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use jiku_golden::Rules;
use jiku_linkage::{MatchIndex, Model};
use jiku_model::{EntityId, EntityKind, Features, ImageReader, ImageWriter, Kind, unfit};
use jiku_resolution::ClusterRules;
use jiku_spatial::{ParcelGeometry, SpatialIndex};
use parking_lot::RwLock;
use uuid::Uuid;

use super::parcels::{ParcelBook, ParcelChanges, read_features, write_features};
use super::tiles::TileCache;
use super::{Aliases, Appraisal, DivisionBook, Nobodys, Postings, Quality};
use crate::kinds::noun;

/// The rules of a kind and its indexes for readers. What the writer alone needs is in [`super::Graph`].
pub(crate) struct Shelf {
    pub(crate) kind: Kind,
    pub(crate) noun: &'static dyn EntityKind,
    in_use: ArcSwap<InUse>,
    /// The survivorship rules in use, and which of the kept versions they are.
    ruled_by: ArcSwap<(i32, Arc<Rules>)>,
    /// Whether golden records may stand that were composed by earlier rules.
    composing: AtomicBool,
    /// Whether a record came that brought one name too many to a number.
    crowded: AtomicBool,
    pub(crate) cluster_rules: ClusterRules,
    pub(crate) matching: RwLock<MatchIndex>,
    pub(crate) lookup: RwLock<Lookup>,
    /// Where parcels lie; empty for other kinds.
    pub(crate) spatial: SpatialIndex,
    /// What parcels say; empty for other kinds.
    pub(crate) parcels: ParcelBook,
    /// Tiles of the parcels that were made already.
    pub(crate) tiles: TileCache,
    /// The land of the parcels of each county.
    pub(crate) divisions: DivisionBook,
}

/// The model in use.
struct InUse {
    /// Which of the kept versions it is.
    version: i32,
    model: Arc<Model>,
    /// The numbers that it knows to be nobody's.
    nobodys: Arc<Nobodys>,
}

impl InUse {
    fn new(version: i32, model: Arc<Model>) -> Self {
        Self { version, nobodys: Arc::new(Nobodys::of(&model)), model }
    }
}

/// Where records belong and how they are searched for.
pub(crate) struct Lookup {
    /// The entity of each record by slot; nil where there is none.
    directory: Vec<EntityId>,
    pub(crate) postings: Postings,
    /// Who goes by several numbers.
    pub(crate) aliases: Aliases,
    /// How good the records are, by source.
    pub(crate) quality: Quality,
}

/// From so many records on, indexes take them over side by side.
const MANY: usize = 256;

const NOBODY: EntityId = EntityId(Uuid::nil());

impl Lookup {
    pub(crate) fn new() -> Self {
        Self { directory: Vec::new(), postings: Postings::new(), aliases: Aliases::default(), quality: Quality::new() }
    }

    /// The entity a record belongs to.
    pub(crate) fn entity(&self, slot: u32) -> Option<EntityId> {
        self.directory.get(slot as usize).copied().filter(|entity| *entity != NOBODY)
    }

    pub(crate) fn set_entity(&mut self, slot: u32, entity: Option<EntityId>) {
        let at = slot as usize;
        if self.directory.len() <= at {
            self.directory.resize(at + 1, NOBODY);
        }
        self.directory[at] = entity.unwrap_or(NOBODY);
    }

    /// Every record that belongs to an entity.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (u32, EntityId)> {
        (0..).zip(&self.directory).filter(|(_, entity)| **entity != NOBODY).map(|(slot, entity)| (slot, *entity))
    }

    fn write(&self, image: &mut ImageWriter<'_>) -> io::Result<()> {
        let Self { directory, postings, aliases, quality } = self;
        image.u128s(directory.iter().map(|entity| entity.0.as_u128()))?;
        postings.write(image)?;
        aliases.write(image)?;
        quality.write(image)
    }

    fn read(image: &mut ImageReader<'_>) -> io::Result<Self> {
        let directory = image.u128s()?.into_iter().map(|id| EntityId(Uuid::from_u128(id))).collect();
        let (postings, aliases, quality) = (Postings::read(image)?, Aliases::read(image)?, Quality::read(image)?);
        Ok(Self { directory, postings, aliases, quality })
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.directory.capacity() * size_of::<EntityId>()
            + self.postings.heap_bytes()
            + self.aliases.heap_bytes()
            + self.quality.heap_bytes()
    }
}

/// The indexes for readers of one kind, not yet in use.
pub(crate) struct Indexes {
    matching: MatchIndex,
    lookup: Lookup,
    spatial: SpatialIndex,
    parcels: ParcelBook,
}

/// What a committed write does to the indexes for readers.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// Records that are new, or say something else now.
    pub(crate) put: Vec<(u32, Features, Vec<u64>)>,
    /// How good these records are.
    pub(crate) appraise: Vec<(u32, Appraisal)>,
    /// Search tokens that records do not carry any more.
    pub(crate) forget_tokens: Vec<(u32, Vec<u64>)>,
    /// Records that were withdrawn.
    pub(crate) remove: Vec<u32>,
    /// Records that belong to another entity now; of one that comes twice the last counts.
    pub(crate) belong: Vec<(u32, Option<EntityId>)>,
    /// The numbers by which entities go now that got or lost records.
    pub(crate) aliases: Vec<(EntityId, Vec<u64>)>,
    /// Parcels that lie elsewhere now: under which slot the index has them, and where.
    pub(crate) places: Vec<(EntityId, Option<(u32, ParcelGeometry)>)>,
    /// What parcels say now, and what they said before.
    pub(crate) parcels: ParcelChanges,
}

impl Shelf {
    /// Empty indexes under a model and under rules, each the version of its number.
    pub(crate) fn new(kind: Kind, (version, model): (i32, Model), (rules_version, rules): (i32, Rules)) -> Self {
        let model = Arc::new(model);
        Self {
            kind,
            noun: noun(kind),
            matching: RwLock::new(MatchIndex::new(Arc::clone(&model))),
            in_use: ArcSwap::from_pointee(InUse::new(version, model)),
            ruled_by: ArcSwap::from_pointee((rules_version, Arc::new(rules))),
            composing: AtomicBool::new(false),
            crowded: AtomicBool::new(false),
            cluster_rules: ClusterRules::default(),
            lookup: RwLock::new(Lookup::new()),
            spatial: SpatialIndex::new(),
            parcels: ParcelBook::new(),
            tiles: TileCache::default(),
            divisions: DivisionBook::default(),
        }
    }

    /// The model in use.
    pub(crate) fn model(&self) -> Arc<Model> {
        Arc::clone(&self.in_use.load().model)
    }

    /// The numbers that the model in use knows to be nobody's.
    pub(crate) fn nobodys(&self) -> Arc<Nobodys> {
        Arc::clone(&self.in_use.load().nobodys)
    }

    /// Which of the kept versions of the model is in use.
    pub(crate) fn model_version(&self) -> i32 {
        self.in_use.load().version
    }

    /// The model's name and version, as they are written into the ledger.
    pub(crate) fn model_name(&self) -> String {
        let model = self.model();
        format!("{} {}", model.name(), model.version())
    }

    /// The survivorship rules in use.
    pub(crate) fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.ruled_by.load().1)
    }

    /// Which of the kept versions of the survivorship rules is in use.
    pub(crate) fn rules_version(&self) -> i32 {
        self.ruled_by.load().0
    }

    /// Puts another version of the survivorship rules into use; golden records may stand that earlier ones made.
    pub(crate) fn adopt_rules(&self, version: i32, rules: Rules) {
        self.ruled_by.store(Arc::new((version, Arc::new(rules))));
        self.compose_anew();
    }

    /// Has whoever composes golden records anew look for what is left to do.
    pub(crate) fn compose_anew(&self) {
        self.composing.store(true, Ordering::Release);
    }

    /// Has whoever takes decisions again look for values that turned out to be generic.
    pub(crate) fn suspect(&self) {
        self.crowded.store(true, Ordering::Release);
    }

    /// Whether it is time to look for such values, once for any number of suspicions.
    pub(crate) fn take_suspicion(&self) -> bool {
        self.crowded.swap(false, Ordering::AcqRel)
    }

    /// Whether golden records may stand that were composed by earlier rules.
    pub(crate) fn is_composing(&self) -> bool {
        self.composing.load(Ordering::Acquire)
    }

    /// Every golden record is composed by this version of the rules. Where another came into use meanwhile, there is more to do.
    pub(crate) fn composed(&self, version: i32) {
        self.composing.store(false, Ordering::Release);
        if self.rules_version() != version {
            self.compose_anew();
        }
    }

    /// Puts another version of the model into use, with the index that was made under it.
    pub(crate) fn adopt(&self, version: i32, matching: MatchIndex) {
        let model = Arc::clone(matching.model());
        *self.matching.write() = matching;
        self.in_use.store(Arc::new(InUse::new(version, model)));
    }

    /// Lays the indexes for readers aside.
    pub(crate) fn write(&self, image: &mut ImageWriter<'_>) -> io::Result<()> {
        let view = (self.kind == Kind::Parcel).then(|| self.parcels.view());
        if let Some(view) = &view {
            let packed: Vec<(u32, &[u32])> = view.places().packed().collect();
            image.u32s(packed.iter().map(|(slot, _)| *slot))?;
            image.u32s(packed.iter().map(|(_, words)| u32::try_from(words.len()).unwrap_or(u32::MAX)))?;
            let words: Vec<u32> = packed.iter().flat_map(|(_, words)| words.iter().copied()).collect();
            image.u32s(words.iter().copied())?;
        }
        self.matching.read().write(image)?;
        self.lookup.read().write(image)?;
        view.map_or(Ok(()), |view| write_features(&view, image))
    }

    /// The indexes for readers as they were laid aside; they come into use by [`Shelf::take_up`].
    pub(crate) fn read(&self, image: &mut ImageReader<'_>) -> io::Result<Indexes> {
        if self.kind != Kind::Parcel {
            let (matching, lookup) = (MatchIndex::read(self.model(), image)?, Lookup::read(image)?);
            return Ok(Indexes { matching, lookup, spatial: SpatialIndex::new(), parcels: ParcelBook::new() });
        }
        let (slots, lengths, words) = (image.u32s()?, image.u32s()?, image.u32s()?);
        // The trees are made while the rest is read, and what they are made of is let go with them.
        std::thread::scope(|scope| {
            let planted = scope.spawn(move || planted(&slots, &lengths, &words));
            let (matching, lookup) = (MatchIndex::read(self.model(), image)?, Lookup::read(image)?);
            // Where they lie is not known yet, and is told with the last, empty change.
            let (parcels, nowhere) = (ParcelBook::new(), SpatialIndex::new());
            read_features(image, |put| drop(parcels.apply(ParcelChanges { put, ..ParcelChanges::default() }, &nowhere)))?;
            let spatial = planted.join().map_err(|_| unfit("making the spatial index panicked"))??;
            parcels.apply(ParcelChanges::default(), &spatial);
            Ok(Indexes { matching, lookup, spatial, parcels })
        })
    }

    /// Puts indexes that were laid aside into use, in place of empty ones.
    pub(crate) fn take_up(&mut self, indexes: Indexes) {
        *self.matching.get_mut() = indexes.matching;
        *self.lookup.get_mut() = indexes.lookup;
        self.spatial = indexes.spatial;
        self.parcels = indexes.parcels;
    }

    /// Brings the indexes for readers to what was committed.
    pub(crate) fn apply(&self, effects: Effects) {
        let Effects { put, appraise, forget_tokens, remove, belong, aliases, places, parcels } = effects;
        let many = put.len() >= MANY;
        let (put, remove) = (put.as_slice(), remove.as_slice());
        let match_anew = || {
            if !put.is_empty() || !remove.is_empty() {
                let mut matching = self.matching.write();
                for slot in remove {
                    matching.remove(*slot);
                }
                matching.extend(put.iter().map(|(slot, features, _)| (*slot, features.as_slice())));
            }
        };
        let look_up_anew = || {
            let moved = moved(&self.parcels, places);
            let lie_anew = || self.lie_anew(moved, parcels);
            // Locked for as long as this itself takes: where parcels lie anew, runs of many of them may become one.
            let search_anew = || {
                let mut guard = self.lookup.write();
                let lookup = &mut *guard;
                for (slot, tokens) in &forget_tokens {
                    lookup.postings.remove(*slot, tokens);
                }
                let carried = put.iter().flat_map(|(slot, _, tokens)| tokens.iter().map(|token| (*token, *slot)));
                lookup.postings.extend(&carried.collect::<Vec<_>>());
                for slot in remove {
                    lookup.quality.remove(*slot);
                }
                for (slot, appraisal) in appraise {
                    lookup.quality.put(slot, appraisal);
                }
                for (slot, entity) in belong {
                    lookup.set_entity(slot, entity);
                }
                for (entity, numbers) in aliases {
                    lookup.aliases.put(entity, numbers);
                }
            };
            both(many, lie_anew, search_anew);
        };
        both(many, match_anew, look_up_anew);
    }

    /// Brings what maps are made of to what was committed.
    fn lie_anew(&self, moved: Vec<(u32, Option<ParcelGeometry>)>, parcels: ParcelChanges) {
        if !moved.is_empty() {
            self.spatial.apply(moved);
        }
        if !parcels.put.is_empty() || !parcels.missed.is_empty() {
            let applied = self.parcels.apply(parcels, &self.spatial);
            self.tiles.drop_touched(&applied.boxes, applied.edition);
        }
    }
}

/// The spatial index of geometries as they were laid aside: slots, how many words each has, and the words.
fn planted(slots: &[u32], lengths: &[u32], words: &[u32]) -> io::Result<SpatialIndex> {
    let mut rest = words;
    let mut packed = Vec::with_capacity(slots.len());
    for (slot, length) in slots.iter().zip(lengths) {
        let (own, after) = rest.split_at_checked(*length as usize).ok_or_else(|| unfit("a geometry is cut off"))?;
        packed.push((*slot, own));
        rest = after;
    }
    Ok(SpatialIndex::from_packed(packed.into_iter()))
}

/// What changes in the spatial index when parcels lie elsewhere. Of a slot that comes twice the last change counts: what was taken out may
/// come back under another entity.
fn moved(known: &ParcelBook, places: Vec<(EntityId, Option<(u32, ParcelGeometry)>)>) -> Vec<(u32, Option<ParcelGeometry>)> {
    let mut changes: Vec<(u32, Option<ParcelGeometry>)> =
        places.iter().filter_map(|(entity, _)| Some((known.slot(*entity)?, None))).collect();
    changes.extend(places.into_iter().filter_map(|(_, place)| place).map(|(slot, geometry)| (slot, Some(geometry))));
    changes
}

/// Does two things that do not lean on one another, side by side when there is enough to do. On a thread of its own and not in the pool:
/// locks are held meanwhile, for which other work of the pool may wait.
fn both(side_by_side: bool, one: impl FnOnce() + Send, other: impl FnOnce()) {
    if side_by_side {
        std::thread::scope(|scope| {
            scope.spawn(one);
            other();
        });
    } else {
        one();
        other();
    }
}
