//! How do new, changed and withdrawn records enter the ledger?

use std::collections::BTreeMap;
use std::sync::Arc;

use ahash::{AHashMap, AHashSet};
use jiku_linkage::{Explanation, Match, MatchIndex};
use jiku_model::{
    Attributes, DecisionId, EntityId, EntityKind, Features, JudgementId, JudgementOrigin, Kind, Problem, RecordId, RecordKey, SourceCode,
    Timestamp, Verdict,
};
use jiku_spatial::topology::Rule;
use jiku_store::{JudgementRow, Reader, RecordHead, RecordRow, RecordState, RevisionRow};
use rayon::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::cadastre;
use super::crowds::{self, full_around};
use super::draft::Draft;
use super::fingerprint::says_the_same;
use super::prepare::{Content, Prepared, read_attributes, tokens};
use super::settle::{Cause, Desk, Fresh, settle};
use crate::RegistryError;
use crate::facade::{LinkDecision, RowStatus};
use crate::generic;
use crate::memory::{Appraisal, Node};
use crate::rejudge::verdict;

/// A prepared record with who sent it.
pub(crate) struct Row {
    pub(crate) prepared: Prepared,
    pub(crate) actor: Arc<str>,
    /// When its content was received, for a revision that an undo brings back; now when absent.
    pub(crate) received_at: Option<Timestamp>,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RowResult {
    pub(crate) status: RowStatus,
    pub(crate) revision: i32,
    /// None when it was refused.
    pub(crate) entity: Option<EntityId>,
    pub(crate) decision: Option<LinkDecision>,
    /// What was found beside the problems that were known before.
    pub(crate) problems: Vec<Problem>,
    /// A refused row as it was received.
    pub(crate) refused: Option<String>,
}

/// Where a row's record stands: new, or known under this number.
pub(crate) struct Place {
    pub(crate) slot: u32,
    /// What was known before.
    pub(crate) head: Option<RecordHead>,
    pub(crate) unchanged: bool,
}

/// Plans the arrival of records of one kind, no key twice; the results are in the order of the rows.
pub(crate) fn arrive(
    desk: &mut Desk<'_>,
    reader: &mut Reader<'_>,
    at: Timestamp,
    rows: &[Row],
) -> Result<(Draft, Vec<RowResult>), RegistryError> {
    let mut draft = Draft::new(desk.shelf.kind, at, DecisionId(Uuid::now_v7()));
    let heads = heads(desk, reader, rows)?;
    let refusals = if desk.shelf.kind == Kind::Parcel { cadastre::refusals(desk.graph, reader, rows, &heads)? } else { BTreeMap::new() };
    let places: Vec<Option<Place>> = heads
        .into_iter()
        .zip(rows)
        .enumerate()
        .map(|(at, (head, row))| (!refusals.contains_key(&at)).then(|| Place::new(desk, head, row)))
        .collect();
    let Superseded { said, linked } = supersede(desk, reader, &mut draft, places.iter().flatten())?;
    let remembered = remember(desk.shelf.noun, said, rows, &places);
    let taken = rows.iter().zip(&places).filter_map(|(row, place)| Some((row, place.as_ref()?)));
    let changed: Vec<(&Row, &Place)> = taken.filter(|(_, place)| !place.unchanged).collect();
    let contents: Vec<&Content> = changed.iter().map(|(row, place)| remembered.get(&place.slot).unwrap_or(&row.prepared.content)).collect();
    let shown: Vec<Features> = contents.iter().map(|content| desk.core.with_ties(desk.shelf.kind, content)).collect();
    let pairs = find_pairs(desk, &changed.iter().zip(&shown).map(|((_, place), features)| (place.slot, features)).collect::<Vec<_>>());

    let cadastre::Examined { mut told, overlaps } = if desk.shelf.kind == Kind::Parcel {
        cadastre::examine(desk, &changed, &pairs)
    } else {
        cadastre::Examined { told: shared_values(desk, &changed, &shown), ..Default::default() }
    };

    let mut cause = Cause { judged: linked, actor: Arc::from("jiku"), ..Cause::default() };
    for (((row, place), content), features) in changed.iter().zip(contents).zip(shown) {
        take_in(desk, &mut draft, &mut cause, (row, content, features), place, told.get(&place.slot).map_or(&[], Vec::as_slice))?;
    }
    crowds::judge_all(desk, &mut draft, pairs)?;
    for (left, right) in overlaps {
        judge_by_rule(desk, &mut draft, left, right)?;
    }
    if !cause.fresh.is_empty() {
        settle(desk, reader, &mut draft, &cause)?;
    }
    let results = rows.iter().zip(&places).enumerate().map(|(at, (row, place))| match place {
        Some(place) => result(desk, place, told.remove(&place.slot).unwrap_or_default()),
        None => Ok(refused(row, refusals.get(&at).cloned())),
    });
    let results = results.collect::<Result<_, _>>()?;
    Ok((draft, results))
}

/// What is wrong with records whose numbers turned out to stand for nobody in particular, by slot.
fn shared_values(desk: &Desk<'_>, changed: &[(&Row, &Place)], shown: &[Features]) -> AHashMap<u32, Vec<Problem>> {
    let model = desk.shelf.model();
    if model.file().generic.is_empty() {
        return AHashMap::new();
    }
    let found = changed.iter().zip(shown).map(|((_, place), features)| (place.slot, generic::shared_values(features, &model)));
    found.filter(|(_, problems)| !problems.is_empty()).collect()
}

/// Plans that a record does not count any more. `None` when it was withdrawn before; the entity it belongs or belonged to.
pub(crate) fn withdraw(
    desk: &mut Desk<'_>,
    reader: &mut Reader<'_>,
    at: Timestamp,
    key: &RecordKey,
    actor: &str,
) -> Result<(Option<Draft>, EntityId), RegistryError> {
    let missing = RegistryError::NotFound { what: "record" };
    let Some(source) = desk.sources.number(&key.source) else { return Err(missing) };
    let head = reader.record_heads(key.kind, source, std::slice::from_ref(&key.key))?.pop().ok_or(missing)?;
    let entity = head.entity.ok_or_else(|| RegistryError::internal(format!("record {} belongs to no entity", head.id.0)))?;
    if head.state == RecordState::Withdrawn {
        return Ok((None, entity));
    }
    let mut draft = Draft::new(key.kind, at, DecisionId(Uuid::now_v7()));
    let old = reader.records(&[head.id])?.pop().ok_or_else(|| RegistryError::internal("a record vanished"))?;
    let neighbours = take_out(desk, &mut draft, old)?;
    let cause = Cause { gone: vec![(head.id.slot(), entity)], judged: neighbours, actor: Arc::from(actor), ..Cause::default() };
    settle(desk, reader, &mut draft, &cause)?;
    Ok((Some(draft), entity))
}

/// Drafts that an active record does not count any more; the records it was judged with.
pub(crate) fn take_out(desk: &mut Desk<'_>, draft: &mut Draft, old: RecordRow) -> Result<Vec<u32>, RegistryError> {
    let slot = old.id.slot();
    desk.touched.slots.insert(slot);
    draft.effects.forget_tokens.push((slot, tokens(desk.shelf.noun, &read_attributes(&old.parsed)?)));
    draft.effects.remove.push(slot);
    draft.effects.belong.push((slot, None));
    draft.retract_of.push(old.id);
    draft.revisions.push(superseded(&old, draft.at));
    draft.changed_records.push(RecordRow { revision: old.revision + 1, state: RecordState::Withdrawn, received_at: draft.at, ..old });
    touch_neighbours(desk, draft, slot);
    let neighbours: Vec<u32> = desk.graph.judged_with(slot).collect();
    desk.graph.drop_judgements(slot);
    desk.graph.remove_node(slot);
    Ok(neighbours)
}

/// What is known of the records of rows, by key, set by set.
pub(crate) fn heads(desk: &Desk<'_>, reader: &mut Reader<'_>, rows: &[Row]) -> Result<Vec<Option<RecordHead>>, RegistryError> {
    let mut by_source: BTreeMap<&SourceCode, Vec<String>> = BTreeMap::new();
    for row in rows {
        by_source.entry(&row.prepared.key.source).or_default().push(row.prepared.key.key.clone());
    }
    let mut known: AHashMap<(SourceCode, String), RecordHead> = AHashMap::new();
    for (source, keys) in by_source {
        let number = desk.sources.number(source).ok_or_else(|| RegistryError::internal(format!("source {source} was not made")))?;
        for head in reader.record_heads(desk.shelf.kind, number, &keys)? {
            known.insert((source.clone(), head.source_key.clone()), head);
        }
    }
    Ok(rows.iter().map(|Row { prepared, .. }| known.remove(&(prepared.key.source.clone(), prepared.key.key.clone()))).collect())
}

impl Place {
    /// Where a row's record stands; a new one gets the next slot.
    pub(crate) fn new(desk: &mut Desk<'_>, head: Option<RecordHead>, row: &Row) -> Self {
        let same = |head: &RecordHead| head.state == RecordState::Active && says_the_same(&head.fingerprint, &row.prepared.fingerprint);
        let unchanged = head.as_ref().is_some_and(same);
        let slot = head.as_ref().map_or_else(|| desk.graph.take_slot(), |head| head.id.slot());
        Self { slot, head, unchanged }
    }
}

/// What revised records say together with what they go on saying of the time before, by slot; those that say no more are left out.
fn remember(noun: &dyn EntityKind, before: Vec<(u32, Attributes)>, rows: &[Row], places: &[Option<Place>]) -> AHashMap<u32, Content> {
    let before: AHashMap<u32, Attributes> = before.into_iter().collect();
    let together = |(row, place): (&Row, &Option<Place>)| {
        let place = place.as_ref().filter(|place| !place.unchanged)?;
        let before = before.get(&place.slot)?;
        let mut attributes = row.prepared.content.attributes.clone();
        noun.remember(before, &mut attributes);
        (attributes != row.prepared.content.attributes).then(|| (place.slot, super::prepare::content(noun, attributes)))
    };
    rows.iter().zip(places).filter_map(together).collect()
}

/// What records that change were before.
#[derive(Default)]
pub(crate) struct Superseded {
    /// What the active ones said, by slot.
    said: Vec<(u32, Attributes)>,
    /// The records that the model had linked with them. Where such a link was not used they are of other entities, and yet what became
    /// of them may have hung on it: who claims a record holds others back from it.
    pub(crate) linked: Vec<u32>,
}

/// Takes back what the model said of records that change, and keeps their former revisions.
pub(crate) fn supersede<'p>(
    desk: &mut Desk<'_>,
    reader: &mut Reader<'_>,
    draft: &mut Draft,
    places: impl Iterator<Item = &'p Place>,
) -> Result<Superseded, RegistryError> {
    let revised: Vec<RecordId> =
        places.filter(|place| !place.unchanged).filter_map(|place| place.head.as_ref()).map(|head| head.id).collect();
    let mut before = Superseded::default();
    if revised.is_empty() {
        return Ok(before);
    }
    for old in reader.records(&revised)? {
        let slot = old.id.slot();
        if old.state == RecordState::Active {
            let said = read_attributes(&old.parsed)?;
            draft.effects.forget_tokens.push((slot, tokens(desk.shelf.noun, &said)));
            before.said.push((slot, said));
            before.linked.extend(desk.graph.linked_with(slot));
            draft.retract_of.push(old.id);
            touch_neighbours(desk, draft, slot);
            desk.graph.drop_judgements(slot);
        }
        draft.revisions.push(superseded(&old, draft.at));
    }
    Ok(before)
}

/// The arcs of a record are about to go: its neighbours must be read again when this is not committed, and may have room for others.
pub(crate) fn touch_neighbours(desk: &mut Desk<'_>, draft: &mut Draft, slot: u32) {
    draft.thinned.extend(full_around(desk.graph, std::iter::once(slot)));
    desk.touched.slots.insert(slot);
    desk.touched.slots.extend(desk.graph.judged_with(slot));
}

fn superseded(old: &RecordRow, at: Timestamp) -> RevisionRow {
    RevisionRow {
        record: old.id,
        revision: old.revision,
        state: old.state,
        recorded_from: old.received_at,
        recorded_to: at.max(old.received_at),
        fingerprint: old.fingerprint.clone(),
        parsed: old.parsed.clone(),
        problems: old.problems.clone(),
        payload: old.payload.clone(),
    }
}

/// A pair the model thinks of, from the record that came later.
pub(crate) struct Found {
    pub(crate) slot: u32,
    pub(crate) other: u32,
    pub(crate) weight: f32,
    pub(crate) probability: f32,
    pub(crate) evidence: String,
}

/// Matches changed records, each with what it shows, against the base and against each other, in parallel. A pair within the batch is found once.
pub(crate) fn find_pairs(desk: &Desk<'_>, changed: &[(u32, &Features)]) -> Vec<Found> {
    let shelf = desk.shelf;
    let floor = shelf.model().review_threshold();
    let replaced: AHashSet<u32> = changed.iter().map(|(slot, _)| *slot).collect();
    let base = shelf.matching.read();
    let mut overlay = MatchIndex::new(shelf.model());
    for (at, (_, features)) in (0..).zip(changed) {
        overlay.insert(at, features);
    }
    changed
        .par_iter()
        .enumerate()
        .map(|(at, (slot, features))| {
            let found = |other: u32, (hit, explanation): (Match, Explanation)| Found {
                slot: *slot,
                other,
                weight: hit.weight,
                probability: hit.probability,
                evidence: compact(&explanation),
            };
            let own = u32::try_from(at).unwrap_or(u32::MAX);
            let known = if base.may_match(&overlay, own) {
                base.explained_matches(features, floor, |slot| !replaced.contains(&slot))
            } else {
                Vec::new()
            };
            let before = overlay.explained_matches_of(own, floor, |slot| slot < own);
            let mut pairs: Vec<Found> = known.into_iter().map(|hit| found(hit.0.slot, hit)).collect();
            pairs.extend(before.into_iter().map(|hit| found(changed[hit.0.slot as usize].0, hit)));
            pairs
        })
        .flatten_iter()
        .collect()
}

/// The evidence of a judgement as it is kept: which level each comparison reached and what it weighed, without values.
pub(crate) fn compact(explanation: &Explanation) -> String {
    let lines: Vec<_> = explanation.lines.iter().map(|line| json!([line.comparison, line.level, rounded(line.weight)])).collect();
    let mut evidence = json!({ "prior": rounded(explanation.prior), "lines": lines });
    if let Some(conflict) = &explanation.conflict {
        evidence["conflict"] = json!(conflict);
    }
    evidence.to_string()
}

fn rounded(weight: f32) -> f64 {
    (f64::from(weight) * 1000.0).round() / 1000.0
}

/// Makes a record, with what it shows to the matching engine, a node and drafts its row.
pub(crate) fn take_in<'r>(
    desk: &mut Desk<'_>,
    draft: &mut Draft,
    cause: &mut Cause<'r>,
    (row, content, features): (&'r Row, &'r Content, Features),
    place: &Place,
    told: &[Problem],
) -> Result<(), RegistryError> {
    let prepared = &row.prepared;
    let problems = if told.is_empty() {
        prepared.problems_json.clone()
    } else {
        let all: Vec<&Problem> = prepared.problems.iter().chain(told).collect();
        serde_json::to_string(&all).expect("problems are plain values")
    };
    let source = desk.sources.number(&prepared.key.source).ok_or_else(|| RegistryError::internal("a source vanished"))?;
    let id = RecordId::new(draft.kind, place.slot);
    let former = place.head.as_ref();
    let revision = former.map_or(1, |head| head.revision + 1);
    desk.touched.slots.insert(place.slot);
    let entity = former.and_then(|head| head.entity).unwrap_or(EntityId(Uuid::nil()));
    desk.graph.put_node(place.slot, Node { order: prepared.order, strong: content.strong, entity, source });
    let record = RecordRow {
        id,
        kind: draft.kind,
        source,
        source_key: prepared.key.key.clone(),
        revision,
        state: RecordState::Active,
        entity: None,
        fingerprint: prepared.fingerprint.clone(),
        received_at: row.received_at.unwrap_or(draft.at),
        position: 0,
        parsed: content.parsed.clone(),
        problems,
        payload: prepared.payload.clone(),
    };
    let received_at = record.received_at;
    let appraisal = Appraisal::of(desk.shelf.noun, source, &content.attributes, &record.problems, received_at);
    draft.effects.appraise.push((place.slot, appraisal));
    if former.is_some() {
        draft.changed_records.push(record)
    } else {
        draft.new_records.push(record)
    }
    draft.effects.put.push((place.slot, features, content.tokens.clone()));
    let fresh =
        Fresh { attributes: &content.attributes, survey: content.survey.as_ref(), received_at, revision, actor: Arc::clone(&row.actor) };
    cause.fresh.insert(place.slot, fresh);
    Ok(())
}

/// Enters a judgement of the model into the ledger.
pub(crate) fn judge_by_model(desk: &mut Desk<'_>, draft: &mut Draft, found: Found) -> Result<(), RegistryError> {
    let verdict = verdict(&desk.shelf.model(), found.weight);
    let said = (Some(found.weight), Some(found.probability), Some(desk.shelf.model_name()));
    judge(desk, draft, (found.slot, found.other), (verdict, JudgementOrigin::Model), said, found.evidence)?;
    desk.graph.put_model_edge(found.slot, found.other, verdict, found.weight);
    Ok(())
}

/// Enters into the ledger that two parcels overlap: a steward says whether they are one.
fn judge_by_rule(desk: &mut Desk<'_>, draft: &mut Draft, left: u32, right: u32) -> Result<(), RegistryError> {
    let evidence = json!({ "rule": Rule::Overlap.code() }).to_string();
    judge(desk, draft, (left, right), (Verdict::Unsure, JudgementOrigin::Rule), (None, None, None), evidence)?;
    desk.graph.hold(left, right);
    Ok(())
}

fn judge(
    desk: &mut Desk<'_>,
    draft: &mut Draft,
    (one, other): (u32, u32),
    (verdict, origin): (Verdict, JudgementOrigin),
    (weight, probability, model): (Option<f32>, Option<f32>, Option<String>),
    evidence: String,
) -> Result<(), RegistryError> {
    let (left, right) = (one.min(other), one.max(other));
    if desk.graph.node(left).is_none() || desk.graph.node(right).is_none() {
        return Err(RegistryError::internal(format!("an index of {} holds a record that is not active", draft.kind)));
    }
    desk.touched.slots.extend([left, right]);
    draft.judgements.push(JudgementRow {
        id: JudgementId(Uuid::now_v7()),
        decision: draft.decision,
        left_record: RecordId::new(draft.kind, left),
        right_record: RecordId::new(draft.kind, right),
        verdict,
        origin,
        weight,
        probability,
        model,
        actor: "jiku".to_owned(),
        at: draft.at,
        retracted_by: None,
        evidence,
    });
    Ok(())
}

fn result(desk: &Desk<'_>, place: &Place, problems: Vec<Problem>) -> Result<RowResult, RegistryError> {
    let node = desk.graph.node(place.slot).ok_or_else(|| RegistryError::internal("an accepted record is no node"))?;
    let alone = desk.graph.entity(node.entity).is_none_or(|entity| entity.members.len() < 2);
    let decision = match (alone, desk.graph.waiting(place.slot).next().is_none()) {
        (false, _) => LinkDecision::Linked,
        (true, false) => LinkDecision::Review,
        (true, true) => LinkDecision::New,
    };
    let (status, revision) = match (&place.head, place.unchanged) {
        (None, _) => (RowStatus::Created, 1),
        (Some(head), true) => (RowStatus::Unchanged, head.revision),
        (Some(head), false) => (RowStatus::Revised, head.revision + 1),
    };
    Ok(RowResult { status, revision, entity: Some(node.entity), decision: Some(decision), problems, refused: None })
}

fn refused(row: &Row, problem: Option<Problem>) -> RowResult {
    RowResult {
        status: RowStatus::Rejected,
        revision: 0,
        entity: None,
        decision: None,
        problems: problem.into_iter().collect(),
        refused: Some(row.prepared.payload.clone()),
    }
}
