//! What do records say by naming somebody else?
//!
//! The legal representative's number ties a company to a person. One who goes by several numbers is one all the same, so
//! what a company's record shows to the matching engine depends on the records of people. When those change, the decisions
//! that leaned on it are taken again, in the same transaction.

use std::sync::Arc;

use ahash::{AHashMap, AHashSet};
use jiku_model::{Attributes, DecisionId, EntityId, EntityKind, Features, Kind, RecordId, SearchToken, Tie};
use jiku_store::RecordRow;
use serde_json::json;
use uuid::Uuid;

use super::batch::{find_pairs, touch_neighbours};
use super::crowds::judge_all;
use super::draft::{Draft, Note};
use super::prepare::{Content, read_attributes, tokens};
use super::reload::index;
use super::session::Session;
use super::settle::{Cause, settle};
use super::state::Core;
use crate::RegistryError;
use crate::memory::{Aliases, Revised, Shelf, hash_token, token_hasher};

/// The hashes of the numbers a record goes by.
pub(crate) fn own_numbers(noun: &dyn EntityKind, attributes: &Attributes) -> Vec<u64> {
    hashes(noun.own_numbers(attributes).iter())
}

fn hashes<'a>(numbers: impl Iterator<Item = &'a SearchToken>) -> Vec<u64> {
    let hasher = token_hasher();
    let mut hashes: Vec<u64> = numbers.map(|number| hash_token(&hasher, number)).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// What a record's ties add to its features.
fn tied(ties: &[Tie], entity: impl Fn(&Tie, u64) -> Option<EntityId>) -> Features {
    let hasher = token_hasher();
    let feature = |tie: &Tie| Some((tie.feature, entity(tie, hash_token(&hasher, &tie.number))?.0.simple().to_string()));
    ties.iter().filter_map(feature).collect()
}

/// What a record shows to the matching engine: what it says, and whom it names.
pub(crate) fn features(shelves: &[Shelf; 3], kind: Kind, attributes: &Attributes) -> Features {
    let noun = shelves[index(kind)].noun;
    let mut features = noun.features(attributes);
    features.extend(standing_ties(shelves, kind, attributes));
    features
}

fn standing_ties(shelves: &[Shelf; 3], kind: Kind, attributes: &Attributes) -> Features {
    let ties = shelves[index(kind)].noun.ties(attributes);
    tied(&ties, |tie, number| shelves[index(tie.to)].lookup.read().aliases.entity(number))
}

impl Core {
    /// A record's features with what its ties add to them.
    pub(crate) fn with_ties(&self, kind: Kind, content: &Content) -> Features {
        let mut features = content.features.clone();
        features.extend(standing_ties(self.shelves(), kind, &content.attributes));
        features
    }

    /// As [`features`].
    pub(crate) fn features(&self, kind: Kind, attributes: &Attributes) -> Features {
        features(self.shelves(), kind, attributes)
    }
}

/// The records of other kinds that name these numbers of a kind.
pub(crate) fn naming(core: &Core, to: Kind, numbers: &AHashSet<u64>) -> Vec<(Kind, Vec<u32>)> {
    let others = Kind::ALL.into_iter().filter(|kind| *kind != to);
    let naming = others.map(|kind| {
        let lookup = core.shelf(kind).lookup.read();
        let mut slots: Vec<u32> = numbers.iter().flat_map(|number| lookup.postings.get(*number)).copied().collect();
        slots.sort_unstable();
        slots.dedup();
        (kind, slots)
    });
    naming.filter(|(_, slots)| !slots.is_empty()).collect()
}

/// The numbers that may name somebody else, now that these entities go by these.
pub(crate) fn renamed<'a>(standing: &Aliases, changed: impl IntoIterator<Item = (&'a EntityId, &'a Vec<u64>)>) -> AHashSet<u64> {
    let mut numbers = AHashSet::new();
    for (id, after) in changed {
        let (before, after) = (standing.numbers(*id), if after.len() > 1 { after.as_slice() } else { &[] });
        if before != after {
            numbers.extend(before.iter().chain(after).copied());
        }
    }
    numbers
}

impl Session<'_, '_> {
    /// Takes the decisions again that leaned on who goes by which numbers, where this transaction changes that.
    pub(crate) fn reopen(&mut self) -> Result<(), RegistryError> {
        for to in Kind::ALL {
            let changed: AHashMap<EntityId, Vec<u64>> = self.effects_on(to).flat_map(|effects| effects.aliases.iter().cloned()).collect();
            let numbers = renamed(&self.core.shelf(to).lookup.read().aliases, &changed);
            for (kind, slots) in naming(self.core, to, &numbers) {
                let entity = |number: u64| {
                    let lookup = self.core.shelf(to).lookup.read();
                    let changed = changed.iter().map(|(id, numbers)| (*id, numbers.as_slice())).collect();
                    Revised { standing: &lookup.aliases, changed }.entity(number)
                };
                let records = self.show_others(to, kind, &slots, entity)?;
                self.judge_again(kind, records)?;
            }
        }
        Ok(())
    }

    /// Those of the records that show something else to the engine now, with what they show.
    fn show_others(
        &mut self,
        to: Kind,
        kind: Kind,
        slots: &[u32],
        entity: impl Fn(u64) -> Option<EntityId>,
    ) -> Result<Vec<(RecordRow, Attributes, Features)>, RegistryError> {
        let graph = &self.state.graphs[index(kind)];
        let ids: Vec<RecordId> = slots.iter().filter(|slot| graph.node(**slot).is_some()).map(|slot| RecordId::new(kind, *slot)).collect();
        let shelf = self.core.shelf(kind);
        let mut others = Vec::new();
        for row in self.writer.records(&ids)? {
            let attributes = read_attributes(&row.parsed)?;
            let ties = shelf.noun.ties(&attributes);
            let standing = |tie: &Tie, number: u64| self.core.shelf(tie.to).lookup.read().aliases.entity(number);
            let before = tied(&ties, standing);
            let after = tied(&ties, |tie, number| if tie.to == to { entity(number) } else { standing(tie, number) });
            if before != after {
                let features = shelf.noun.features(&attributes).into_iter().chain(after).collect();
                others.push((row, attributes, features));
            }
        }
        others.sort_by_key(|(row, ..)| row.id);
        Ok(others)
    }

    /// Judges records anew that show other features than before.
    fn judge_again(&mut self, kind: Kind, records: Vec<(RecordRow, Attributes, Features)>) -> Result<(), RegistryError> {
        let Some((first, ..)) = records.first() else { return Ok(()) };
        let entity = first.entity;
        let at = self.at;
        let (mut desk, reader) = self.desk(kind);
        let mut draft = Draft::new(kind, at, DecisionId(Uuid::now_v7()));
        let mut judged = Vec::new();
        for (row, attributes, features) in &records {
            let slot = row.id.slot();
            judged.push(slot);
            judged.extend(desk.graph.judged_with(slot));
            touch_neighbours(&mut desk, &mut draft, slot);
            desk.graph.drop_judgements(slot);
            draft.retract_of.push(row.id);
            draft.near.push(row.id);
            draft.effects.put.push((slot, features.clone(), tokens(desk.shelf.noun, attributes)));
        }
        let shown: Vec<(u32, &Features)> = records.iter().map(|(row, _, features)| (row.id.slot(), features)).collect();
        let pairs = find_pairs(&desk, &shown);
        judged.extend(pairs.iter().map(|found| found.other));
        judge_all(&mut desk, &mut draft, pairs)?;
        let cause = Cause { judged, actor: Arc::from("jiku"), ..Cause::default() };
        settle(&mut desk, reader, &mut draft, &cause)?;
        if draft.entities.is_empty() {
            draft.notes.push(Note { actor: "jiku".to_owned(), event: "rejudged", entity, body: json!({ "records": [] }) });
        }
        self.write(draft)
    }
}
