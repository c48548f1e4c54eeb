//! Which of the records at hand may be the one asked about? The online index.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hint::black_box;
use std::io;
use std::sync::Arc;

use jiku_model::{ImageReader, ImageWriter, unfit};
use rayon::prelude::*;
use smallvec::SmallVec;

use crate::batch::{LARGEST, ScoredEdge};
use crate::blocking::{Hashes, KeyRule};
use crate::compare::row;
use crate::crowd::is_crowd;
use crate::dictionary::{Dictionary, Lexicon, PART, Unseen, ValueId, has_parts};
use crate::explain::{Explanation, ScoredPair, scored_pair};
use crate::model::Model;
use crate::postings::Postings;
use crate::score::Scorer;
use crate::within::{Within, weigh_within};

/// A record found, with its score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// The record's slot.
    pub slot: u32,
    /// The match weight: log2 of the odds that it is the entity asked about.
    pub weight: f32,
    /// The match probability.
    pub probability: f32,
}

/// Records by slot, found by blocking keys and scored by the model.
///
/// A record takes four bytes per field of the model and about fifteen per blocking key; values are stored once. What a
/// removed record alone had stays in the dictionaries until the index is built anew.
///
/// ```
/// # use std::sync::Arc;
/// # let model = r#"
/// # name = "tiny"
/// # version = 1
/// # prior = 0.01
/// # link = 3.0
/// # review = 0.0
/// # [[blocking]]
/// # name = "phone"
/// # key = "phone"
/// # [[comparison]]
/// # name = "phone"
/// # fields = ["phone"]
/// # level = [{ name = "same", when = "same(phone)", m = 0.9, u = 0.0001 }, { name = "other", m = 0.1, u = 0.9999 }]
/// # "#;
/// use jiku_linkage::{MatchIndex, Model};
/// let mut index = MatchIndex::new(Arc::new(Model::from_toml(model)?));
/// index.insert(7, &[("phone", "13800001111".to_owned())]);
/// let found = index.matches(&[("phone", "13800001111".to_owned())], 0.0);
/// assert_eq!(found[0].slot, 7);
/// # Ok::<(), jiku_linkage::ModelError>(())
/// ```
pub struct MatchIndex {
    model: Arc<Model>,
    dictionaries: Vec<Dictionary>,
    rows: Vec<ValueId>,
    present: Vec<bool>,
    count: usize,
    postings: Postings,
}

/// The most candidates scored for one query: rarest keys first, a key that would exceed the limit is left out.
const MAX_CANDIDATES: usize = 2_000;

/// So many candidates' rows are read before the first of them is scored, since a processor fetches many places from memory at once.
const TOUCHED_AT_ONCE: usize = 64;

/// How many numbers of values a line of the processor's cache holds.
const IDS_OF_A_LINE: usize = 16;

/// From how many records on all processors are asked to help.
const WORTH_SHARING: usize = 4_000;

impl MatchIndex {
    /// An empty index for a model.
    #[must_use]
    pub fn new(model: Arc<Model>) -> Self {
        let dictionaries = model.dictionaries();
        Self { model, dictionaries, rows: Vec::new(), present: Vec::new(), count: 0, postings: Postings::default() }
    }

    /// The model.
    #[must_use]
    pub const fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// Puts a record at a slot, in place of the one that was there.
    ///
    /// # Panics
    /// When the slot is 2^31 - 1 or more.
    pub fn insert(&mut self, slot: u32, features: &[(&'static str, String)]) {
        self.put_row(slot, features);
        for key in self.all_keys(self.row(slot)) {
            self.postings.insert(key, slot);
        }
    }

    /// Puts many records at their slots, as [`MatchIndex::insert`] one after the other would; the work on their keys is
    /// shared by all processors.
    ///
    /// # Panics
    /// As [`MatchIndex::insert`].
    pub fn extend<'a>(&mut self, records: impl IntoIterator<Item = (u32, &'a [(&'static str, String)])>) {
        let mut slots = Vec::new();
        for (slot, features) in records {
            self.put_row(slot, features);
            slots.push(slot);
        }
        slots.sort_unstable();
        slots.dedup();
        let (this, part) = (&*self, slots.len().div_ceil(64).max(64));
        let keys_of = |slots: &[u32]| {
            let keys = |slot: &u32| this.all_keys(this.row(*slot)).into_iter().map(|key| (key, *slot)).collect::<Vec<_>>();
            slots.iter().flat_map(keys).collect::<Vec<(u64, u32)>>()
        };
        // A few records are entered sooner than other processors are found free, and readers wait for that long.
        let pairs: Vec<(u64, u32)> =
            if slots.len() < WORTH_SHARING { keys_of(&slots) } else { slots.par_chunks(part).flat_map_iter(keys_of).collect() };
        self.postings.extend(&pairs);
    }

    /// Puts a record's row at a slot, without its keys.
    fn put_row(&mut self, slot: u32, features: &[(&'static str, String)]) {
        assert!(slot < (1 << 31) - 1, "a slot is below 2^31 - 1, got {slot}");
        self.remove(slot);
        let at = slot as usize;
        if at >= self.present.len() {
            self.present.resize(at + 1, false);
            self.rows.resize((at + 1) * self.model.fields.len(), 0);
        }
        let dictionaries = &mut self.dictionaries;
        let row = row(&self.model, features, |dictionary, value| dictionaries[dictionary].intern(value));
        self.rows[at * row.len()..(at + 1) * row.len()].copy_from_slice(&row);
        self.present[at] = true;
        self.count += 1;
    }

    /// Takes the record at a slot away; false when there was none.
    pub fn remove(&mut self, slot: u32) -> bool {
        if !self.contains(slot) {
            return false;
        }
        let row = self.row(slot).to_vec();
        for key in self.all_keys(&row) {
            self.postings.remove(key, slot);
        }
        self.present[slot as usize] = false;
        self.count -= 1;
        true
    }

    /// Whether there is a record at a slot.
    #[must_use]
    pub fn contains(&self, slot: u32) -> bool {
        self.present.get(slot as usize).copied().unwrap_or(false)
    }

    /// How many records there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there is no record.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The records that share a blocking key with `features` and weigh at least `floor`: best first, ties by slot.
    #[must_use]
    pub fn matches(&self, features: &[(&'static str, String)], floor: f32) -> Vec<Match> {
        let (unseen, query) = self.query(features);
        self.found(Lexicon { base: &self.dictionaries, unseen: Some(&unseen) }, &query, floor, |_| true)
    }

    /// As [`MatchIndex::matches`], among the slots that are `wanted`, each with how its weight came about.
    #[must_use]
    pub fn explained_matches(
        &self,
        features: &[(&'static str, String)],
        floor: f32,
        wanted: impl Fn(u32) -> bool,
    ) -> Vec<(Match, Explanation)> {
        let (unseen, query) = self.query(features);
        let lexicon = Lexicon { base: &self.dictionaries, unseen: Some(&unseen) };
        let explained = |hit: Match| (hit, scored_pair(&self.model, lexicon, &query, self.row(hit.slot)).explain());
        self.found(lexicon, &query, floor, wanted).into_iter().map(explained).collect()
    }

    /// As [`MatchIndex::explained_matches`], for the record at a slot.
    #[must_use]
    pub fn explained_matches_of(&self, slot: u32, floor: f32, wanted: impl Fn(u32) -> bool) -> Vec<(Match, Explanation)> {
        if !self.contains(slot) {
            return Vec::new();
        }
        let lexicon = Lexicon { base: &self.dictionaries, unseen: None };
        let explained = |hit: Match| (hit, scored_pair(&self.model, lexicon, self.row(slot), self.row(hit.slot)).explain());
        self.found(lexicon, self.row(slot), floor, wanted).into_iter().map(explained).collect()
    }

    /// Whether a record here may share a blocking key with the one at a slot of another index under the same model: if not, no match is here.
    #[must_use]
    pub fn may_match(&self, other: &Self, slot: u32) -> bool {
        other.contains(slot) && other.all_keys(other.row(slot)).into_iter().any(|key| !self.postings.get(key).is_empty())
    }

    fn found(&self, lexicon: Lexicon<'_>, query: &[ValueId], floor: f32, wanted: impl Fn(u32) -> bool) -> Vec<Match> {
        let candidates = self.candidates(lexicon, query);
        if candidates.is_empty() {
            return Vec::new();
        }
        let mut scorer = Scorer::new(&self.model, lexicon);
        let mut found: Vec<Match> = Vec::new();
        for near in candidates.chunks(TOUCHED_AT_ONCE) {
            let touched = near.iter().flat_map(|slot| self.row(*slot).iter().step_by(IDS_OF_A_LINE)).fold(0, |touched, id| touched ^ id);
            black_box(touched);
            let scored = near.iter().filter(|slot| wanted(**slot)).filter_map(|slot| {
                let outcome = scorer.score_from(query, self.row(*slot), floor).filter(|outcome| outcome.weight >= floor)?;
                Some(Match { slot: *slot, weight: outcome.weight, probability: self.model.probability_of(&outcome) })
            });
            found.extend(scored);
        }
        found.sort_unstable_by(|a, b| b.weight.total_cmp(&a.weight).then(a.slot.cmp(&b.slot)));
        found
    }

    /// The score of `features` against the record at a slot.
    #[must_use]
    pub fn score(&self, features: &[(&'static str, String)], slot: u32) -> Option<ScoredPair> {
        if !self.contains(slot) {
            return None;
        }
        let (unseen, query) = self.query(features);
        Some(scored_pair(&self.model, Lexicon { base: &self.dictionaries, unseen: Some(&unseen) }, &query, self.row(slot)))
    }

    /// As [`MatchIndex::matches`], for the record at a slot: the others that weigh at least `floor` against it.
    #[must_use]
    pub fn matches_of(&self, slot: u32, floor: f32) -> Vec<Match> {
        if !self.contains(slot) {
            return Vec::new();
        }
        let lexicon = Lexicon { base: &self.dictionaries, unseen: None };
        self.found(lexicon, self.row(slot), floor, |other| other != slot)
    }

    /// The score of the records at two slots.
    #[must_use]
    pub fn score_slots(&self, left: u32, right: u32) -> Option<ScoredPair> {
        let lexicon = Lexicon { base: &self.dictionaries, unseen: None };
        (self.contains(left) && self.contains(right)).then(|| scored_pair(&self.model, lexicon, self.row(left), self.row(right)))
    }

    /// What the records at two slots weigh under a model of the same fields, such as the index's own at other thresholds.
    ///
    /// # Panics
    /// When the model has other fields.
    #[must_use]
    pub fn weigh(&self, model: &Model, left: u32, right: u32) -> Option<f32> {
        self.assert_fields(model);
        let lexicon = Lexicon { base: &self.dictionaries, unseen: None };
        let present = self.contains(left) && self.contains(right);
        present.then(|| Scorer::new(model, lexicon).score(self.row(left), self.row(right)).weight)
    }

    fn assert_fields(&self, model: &Model) {
        assert!(model.fields == self.model.fields, "a model that weighs the rows of an index has its fields");
    }

    /// What every pair among these records weighs that hang together by links, as [`crate::score_within`] says it of a table: pairs that
    /// shared no blocking key speak for or against a cluster too. Records that are not in the index yet, or say something else
    /// now, are `shown`; of the pairs that `link` knows to be links the weight is given by it. Groups of more than 200 records are left
    /// out. The model may be another of the same fields, as for [`MatchIndex::weigh`].
    ///
    /// # Panics
    /// When the model has other fields.
    #[must_use]
    pub fn within<'f>(
        &self,
        model: &Model,
        group: &[u32],
        shown: impl Fn(u32) -> Option<&'f [(&'static str, String)]>,
        link: impl Fn(u32, u32) -> Option<f32>,
    ) -> Vec<ScoredEdge> {
        self.assert_fields(model);
        if group.len() > LARGEST {
            return Vec::new();
        }
        let mut unseen = Unseen::new(&model.frequencies);
        let mut known: Vec<(u32, Vec<ValueId>)> = Vec::with_capacity(group.len());
        for &slot in group {
            let of_features = |features| row(model, features, |dictionary, value| unseen.number(&self.dictionaries, dictionary, value));
            match shown(slot).map(of_features) {
                Some(row) => known.push((slot, row.to_vec())),
                None if self.contains(slot) => known.push((slot, self.row(slot).to_vec())),
                None => {}
            }
        }
        let rows: Vec<&[ValueId]> = known.iter().map(|(_, row)| row.as_slice()).collect();
        let mut scorer = Scorer::new(model, Lexicon { base: &self.dictionaries, unseen: Some(&unseen) });
        let pairs = weigh_within(model, &mut scorer, &rows, |left, right| link(known[left].0, known[right].0));
        let edge = |Within { left, right, weight, apart }| ScoredEdge {
            left: known[left].0,
            right: known[right].0,
            weight,
            probability: model.probability(weight),
            apart,
        };
        pairs.into_iter().map(edge).collect()
    }

    /// Values that turned out to stand for nobody in particular, by field: blocking keys by themselves that more records share than
    /// the model's `generic-above`, and identifiers that come with more different names than its `[[shared]]` allows.
    #[must_use]
    pub fn turned_generic(&self) -> BTreeMap<String, BTreeSet<String>> {
        let file = self.model.file();
        let mut values: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut add = |field: usize, found: HashSet<&str>| {
            if !found.is_empty() {
                values.entry(self.model.fields[field].clone()).or_default().extend(found.into_iter().map(str::to_owned));
            }
        };
        for field in self.model.key_fields() {
            add(field, self.values_above(&[field], file.generic_above));
        }
        for shared in &file.shared {
            let (Some(field), Some(by)) = (self.model.field(&shared.field), self.model.field(&shared.by)) else { continue };
            let fields = self.model.alike(field);
            // Who comes with many names has as many records at least.
            let mut seen: HashMap<&str, HashSet<ValueId>> =
                self.values_above(&fields, shared.above).into_iter().map(|value| (value, HashSet::new())).collect();
            if seen.is_empty() {
                continue;
            }
            for slot in self.slots() {
                for part in fields.iter().flat_map(|field| self.parts(slot, *field)) {
                    if let Some(others) = seen.get_mut(part) {
                        others.extend(Some(self.row(slot)[by]).filter(|value| *value != 0));
                    }
                }
            }
            let dictionary = &self.dictionaries[self.model.dictionary_of[by]];
            let names = |others: &HashSet<ValueId>| others.iter().map(|name| dictionary.text(*name)).collect();
            add(field, seen.into_iter().filter(|(_, others)| is_crowd(shared, names(others))).map(|(value, _)| value).collect());
        }
        values
    }

    /// Whether an identifier that a record shows comes with more different names than the model's `[[shared]]` allows, its own among them when
    /// it is in the index: asked of each record as it comes, for [`MatchIndex::turned_generic`] looks through all of them.
    #[must_use]
    pub fn shows_a_crowd(&self, features: &[(&'static str, String)]) -> bool {
        let (unseen, row) = self.query(features);
        let mut near: Option<Vec<u32>> = None;
        self.model.file().shared.iter().any(|shared| {
            let (Some(field), Some(by)) = (self.model.field(&shared.field), self.model.field(&shared.by)) else { return false };
            let fields = self.model.alike(field);
            let mut shown = features.iter().filter(|(name, value)| {
                self.model.field(name).is_some_and(|field| fields.contains(&field) && !self.model.is_generic(field, value))
            });
            shown.any(|(_, value)| {
                let near = near.get_or_insert_with(|| self.candidates(Lexicon { base: &self.dictionaries, unseen: Some(&unseen) }, &row));
                let with = near.iter().filter(|slot| fields.iter().any(|field| self.parts(**slot, *field).any(|part| part == value)));
                let names: HashSet<ValueId> = with.map(|slot| self.row(*slot)[by]).filter(|name| *name != 0).collect();
                let dictionary = &self.dictionaries[self.model.dictionary_of[by]];
                is_crowd(shared, names.into_iter().map(|name| dictionary.text(name)).collect())
            })
        })
    }

    /// The values that more than `above` records have in these fields.
    fn values_above(&self, fields: &[usize], above: usize) -> HashSet<&str> {
        // A value is counted by its number in the dictionary of the first field; by its text where it is one of several, or in another dictionary.
        let known = self.model.dictionary_of[fields[0]];
        let dictionary = &self.dictionaries[known];
        let mut by_number = vec![0_usize; dictionary.len() as usize];
        let mut by_text: HashMap<&str, usize> = HashMap::new();
        for slot in self.slots() {
            for field in fields {
                let id = self.row(slot)[*field];
                if self.model.dictionary_of[*field] == known && !has_parts(id) {
                    by_number[Dictionary::index(id)] += 1;
                } else {
                    self.parts(slot, *field).for_each(|part| *by_text.entry(part).or_default() += 1);
                }
            }
        }
        let alone = |text: &str| dictionary.find(text).map_or(0, |id| by_number[Dictionary::index(id)]);
        let many = by_text.into_iter().filter(|(text, count)| count + alone(text) > above).map(|(text, _)| text);
        // Number 0 is no value.
        let numbers = (0..).zip(&by_number).skip(1).filter(|(_, count)| **count > above).map(|(number, _)| dictionary.text(number));
        many.chain(numbers).collect()
    }

    /// The slots of the records that have one of these values, given by field, there or in a field that tells the same.
    #[must_use]
    pub fn slots_with<S: FromIterator<u32>>(&self, values: &BTreeMap<String, BTreeSet<String>>) -> S {
        let known = values.iter().filter_map(|(field, values)| Some((self.model.field(field)?, values)));
        let wanted: Vec<(usize, &BTreeSet<String>)> =
            known.flat_map(|(field, values)| self.model.alike(field).into_iter().map(move |field| (field, values))).collect();
        let has = |slot: &u32| wanted.iter().any(|(field, values)| self.parts(*slot, *field).any(|part| values.contains(part)));
        self.slots().filter(has).collect()
    }

    /// How many records have each of these values, given by field, there or in a field that tells the same.
    #[must_use]
    pub fn counts_of<'v>(&self, values: &'v BTreeMap<String, BTreeSet<String>>) -> BTreeMap<(&'v str, &'v str), u64> {
        let mut counts = BTreeMap::new();
        for (name, values) in values {
            let fields = self.model.field(name).map_or_else(Vec::new, |field| self.model.alike(field));
            for slot in self.slots() {
                for value in fields.iter().flat_map(|field| self.parts(slot, *field)).filter_map(|part| values.get(part)) {
                    *counts.entry((name.as_str(), value.as_str())).or_default() += 1;
                }
            }
        }
        counts
    }

    fn slots(&self) -> impl Iterator<Item = u32> {
        (0..).zip(&self.present).filter(|(_, present)| **present).map(|(slot, _)| slot)
    }

    /// The values a record has of a field.
    fn parts(&self, slot: u32, field: usize) -> impl Iterator<Item = &str> {
        let dictionary = &self.dictionaries[self.model.dictionary_of[field]];
        dictionary.text(self.row(slot)[field]).split(PART).filter(|part| !part.is_empty())
    }

    /// Lays the index aside, all but the model.
    ///
    /// # Errors
    /// When the image cannot be written.
    pub fn write(&self, image: &mut ImageWriter<'_>) -> io::Result<()> {
        let Self { model: _, dictionaries, rows, present, count: _, postings } = self;
        dictionaries.iter().try_for_each(|dictionary| dictionary.write(image))?;
        image.u32s(rows.iter().copied())?;
        image.bytes(&present.iter().map(|present| u8::from(*present)).collect::<Vec<_>>())?;
        postings.write(image)
    }

    /// Takes up again what [`MatchIndex::write`] laid aside under the same model.
    ///
    /// # Errors
    /// When the image cannot be read, or is of something else.
    pub fn read(model: Arc<Model>, image: &mut ImageReader<'_>) -> io::Result<Self> {
        let mut dictionaries = model.dictionaries();
        dictionaries.iter_mut().try_for_each(|dictionary| dictionary.read(image))?;
        let rows = image.u32s()?;
        let present: Vec<bool> = image.bytes()?.into_iter().map(|present| present != 0).collect();
        if rows.len() != present.len() * model.fields.len() {
            return Err(unfit("rows of another width"));
        }
        let count = present.iter().filter(|present| **present).count();
        Ok(Self { model, dictionaries, rows, present, count, postings: Postings::read(image)? })
    }

    /// The bytes the index holds.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let dictionaries: usize = self.dictionaries.iter().map(Dictionary::heap_bytes).sum();
        dictionaries + self.rows.capacity() * 4 + self.present.capacity() + self.postings.heap_bytes()
    }

    fn row(&self, slot: u32) -> &[ValueId] {
        let width = self.model.fields.len();
        &self.rows[slot as usize * width..(slot as usize + 1) * width]
    }

    /// A query as a row; values the index has never seen go into dictionaries of its own.
    fn query(&self, features: &[(&'static str, String)]) -> (Unseen<'_>, Vec<ValueId>) {
        let dictionary = |name: &str| Some(&self.dictionaries[self.model.dictionary_of[self.model.field(name)?]]);
        Dictionary::touch(features.iter().filter_map(|(name, value)| Some((dictionary(name)?, value.as_str()))));
        let mut unseen = Unseen::new(&self.model.frequencies);
        let row = row(&self.model, features, |dictionary, value| unseen.number(&self.dictionaries, dictionary, value));
        (unseen, row)
    }

    /// Every key of a stored record, with the refined ones.
    fn all_keys(&self, row: &[ValueId]) -> Vec<u64> {
        let lexicon = Lexicon { base: &self.dictionaries, unseen: None };
        let mut keys = Vec::new();
        for rule in &self.model.rules {
            for key in rule.keys(lexicon, &self.model.dictionary_of, row) {
                keys.push(key);
                keys.extend(rule.refined(key, lexicon, &self.model.dictionary_of, row));
            }
        }
        keys
    }

    /// The slots that share a key with the row: rarest keys first, hot keys refined, at most [`MAX_CANDIDATES`].
    fn candidates(&self, lexicon: Lexicon<'_>, row: &[ValueId]) -> Vec<u32> {
        let hot = self.model.file().max_block;
        let keys_of = |rule: &'_ KeyRule| rule.keys(lexicon, &self.model.dictionary_of, row);
        let keys: SmallVec<[(u64, &KeyRule); 64]> =
            self.model.rules.iter().flat_map(|rule| keys_of(rule).into_iter().map(move |key| (key, rule))).collect();
        let mut lists: SmallVec<[&[u32]; 64]> = SmallVec::new();
        for ((key, rule), list) in keys.iter().zip(self.postings.get_each(keys.iter().map(|(key, _)| *key))) {
            if list.len() <= hot {
                lists.push(list);
            } else {
                let refined: Hashes = rule.refined(*key, lexicon, &self.model.dictionary_of, row);
                lists.extend(refined.iter().map(|key| self.postings.get(*key)).filter(|list| list.len() <= hot));
            }
        }
        lists.sort_by_key(|list| list.len());
        let mut slots = Vec::new();
        for list in lists {
            if slots.len() + list.len() > MAX_CANDIDATES {
                break;
            }
            slots.extend_from_slice(list);
        }
        slots.sort_unstable();
        slots.dedup();
        slots
    }
}
