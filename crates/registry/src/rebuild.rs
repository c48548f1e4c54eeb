//! How is everything derived made anew?
//!
//! All records are matched again by the model in use; what it said differently is retracted and judged again; clusters,
//! golden records, typed tables and indexes follow. Canonical ids and the decisions of stewards stay.

use std::sync::Arc;

use ahash::AHashMap;
use jiku_linkage::MatchIndex;
use jiku_model::{DecisionId, EntityId, JudgementId, JudgementOrigin, Kind, RecordId, Verdict};
use jiku_store::{JudgementRow, LedgerEntry, VersionRow};
use rayon::prelude::*;
use serde_json::json;
use uuid::Uuid;

use crate::facade::EntityState;
use crate::memory::{Appraisal, Lookup};
use crate::registry::Inner;
use crate::write::batch::compact;
use crate::write::draft::{Draft, Note, Typed};
use crate::write::images::read_golden;
use crate::write::prepare::{read_attributes, tokens};
use crate::write::reload::index;
use crate::write::session::Session;
use crate::write::settle::{Cause, settle};
use crate::{Actor, RegistryError};

type Result<T> = std::result::Result<T, RegistryError>;

/// How many entities' typed rows are written together.
const STEP: usize = 2_000;

pub(crate) fn rebuild(inner: &Inner, actor: &Actor) -> Result<()> {
    for kind in Kind::ALL {
        let actor = actor.principal.clone();
        inner.queue.act_alone(move |session| {
            reindex(session, kind)?;
            let draft = rejudge(session, kind, &actor)?;
            session.write(draft)?;
            retype(session, kind)
        })?;
    }
    Ok(())
}

/// Makes the match index and the search index of a kind anew from the records.
fn reindex(session: &mut Session<'_, '_>, kind: Kind) -> Result<()> {
    let shelf = session.core.shelf(kind);
    let mut matching = MatchIndex::new(Arc::clone(&shelf.model));
    let mut lookup = Lookup::new();
    let mut failure = None;
    session.writer.scan_records(kind, 0..u32::MAX, &mut |rows| {
        let read: Result<Vec<_>> = rows
            .par_iter()
            .map(|row| {
                let attributes = read_attributes(&row.parsed)?;
                let appraisal = Appraisal::of(shelf.noun, row.source, &attributes, &row.problems, row.received_at);
                Ok((row.id.slot(), row.entity, shelf.noun.features(&attributes), tokens(shelf.noun, &attributes), appraisal))
            })
            .collect();
        match read {
            Ok(read) => {
                matching.extend(read.iter().map(|(slot, _, features, ..)| (*slot, features.as_slice())));
                let carried = read.iter().flat_map(|(slot, _, _, tokens, _)| tokens.iter().map(|token| (*token, *slot)));
                lookup.postings.extend(&carried.collect::<Vec<_>>());
                for (slot, entity, _, _, appraisal) in read {
                    lookup.set_entity(slot, entity);
                    lookup.quality.put(slot, appraisal);
                }
            }
            Err(error) => failure = Some(error),
        }
    })?;
    if let Some(error) = failure {
        return Err(error);
    }
    lookup.take_places(&mut shelf.lookup.write());
    *shelf.matching.write() = matching;
    *shelf.lookup.write() = lookup;
    Ok(())
}

/// What the model says of a pair now.
struct Said {
    verdict: Verdict,
    weight: f32,
    probability: f32,
    evidence: String,
}

/// Matches all records of a kind and drafts what differs from the ledger, with everything that follows.
fn rejudge(session: &mut Session<'_, '_>, kind: Kind, actor: &str) -> Result<Draft> {
    let shelf = session.core.shelf(kind);
    let mut draft = Draft::new(kind, session.at, DecisionId(Uuid::now_v7()));
    let mut said = match_all(session, kind)?;
    let mut ledger: Vec<LedgerEntry> = Vec::new();
    session.writer.scan_ledger(&mut |rows| {
        ledger.extend(rows.into_iter().filter(|row| row.left_record.kind() == kind && row.origin != JudgementOrigin::Steward));
    })?;
    let mut stale: Vec<JudgementId> = Vec::new();
    for entry in ledger {
        let pair = (entry.left_record, entry.right_record);
        let same = said
            .get(&pair)
            .is_some_and(|said| said.verdict == entry.verdict && entry.weight.map(f32::to_bits) == Some(said.weight.to_bits()));
        if same {
            said.remove(&pair);
        } else {
            stale.push(entry.id);
        }
    }
    session.writer.retract_judgements(&stale, draft.decision)?;
    let state = &mut *session.state;
    let graph = &mut state.graphs[index(kind)];
    let slots: Vec<u32> = graph.nodes().map(|(slot, _)| slot).collect();
    state.touched[index(kind)].slots.extend(slots.iter().copied());
    for row in session.writer.judgements(&stale)? {
        graph.drop_model_edge(row.left_record.slot(), row.right_record.slot());
    }
    draft.near = session.writer.judgements(&stale)?.into_iter().flat_map(|row| [row.left_record, row.right_record]).collect();
    draft.near.extend(said.keys().flat_map(|(left, right)| [*left, *right]));
    let mut said: Vec<((RecordId, RecordId), Said)> = said.into_iter().collect();
    said.sort_by_key(|(pair, _)| *pair);
    for ((left, right), said) in said {
        graph.put_model_edge(left.slot(), right.slot(), said.verdict, said.weight);
        draft.judgements.push(JudgementRow {
            id: JudgementId(Uuid::now_v7()),
            decision: draft.decision,
            left_record: left,
            right_record: right,
            verdict: said.verdict,
            origin: JudgementOrigin::Model,
            weight: Some(said.weight),
            probability: Some(said.probability),
            model: Some(shelf.model_name.clone()),
            actor: "jiku".to_owned(),
            at: draft.at,
            retracted_by: None,
            evidence: said.evidence,
        });
    }
    let cause = Cause { judged: slots, recompose: true, actor: Arc::from(actor), ..Cause::default() };
    let (mut desk, reader) = session.desk(kind);
    settle(&mut desk, reader, &mut draft, &cause)?;
    if let (true, Some(record)) = (draft.entities.is_empty(), draft.near.first()) {
        let entity = desk.graph.node(record.slot()).map(|node| node.entity);
        draft.notes.push(Note { actor: actor.to_owned(), event: "rejudged", entity, body: json!({ "records": [] }) });
    }
    Ok(draft)
}

/// Every pair the model thinks of, once, with the smaller record first.
fn match_all(session: &mut Session<'_, '_>, kind: Kind) -> Result<AHashMap<(RecordId, RecordId), Said>> {
    let shelf = session.core.shelf(kind);
    let (floor, link) = (shelf.model.review_threshold(), shelf.model.link_threshold());
    let matching = shelf.matching.read();
    let mut said = AHashMap::new();
    let mut failure = None;
    session.writer.scan_records(kind, 0..u32::MAX, &mut |rows| {
        let found: Result<Vec<Vec<_>>> = rows
            .par_iter()
            .map(|row| {
                let features = shelf.noun.features(&read_attributes(&row.parsed)?);
                let mut found = Vec::new();
                for hit in matching.matches(&features, floor).into_iter().filter(|hit| hit.slot != row.id.slot()) {
                    let other = RecordId::new(kind, hit.slot);
                    let verdict = if hit.weight >= link { Verdict::Positive } else { Verdict::Unsure };
                    let evidence = matching.score(&features, hit.slot).map_or_else(|| "{}".to_owned(), |pair| compact(&pair.explain()));
                    let said = Said { verdict, weight: hit.weight, probability: hit.probability, evidence };
                    found.push(((row.id.min(other), row.id.max(other)), said));
                }
                Ok(found)
            })
            .collect();
        match found {
            Ok(found) => said.extend(found.into_iter().flatten()),
            Err(error) => failure = Some(error),
        }
    })?;
    match failure {
        Some(error) => Err(error),
        None => Ok(said),
    }
}

/// Writes the typed rows of all entities of a kind anew.
fn retype(session: &mut Session<'_, '_>, kind: Kind) -> Result<()> {
    let mut ids: Vec<EntityId> = session.state.graphs[index(kind)].entities().map(|(id, _)| id).collect();
    ids.sort_unstable();
    for piece in ids.chunks(STEP) {
        let rows: Vec<VersionRow> = session.writer.current_versions(piece)?;
        let graph = &session.state.graphs[index(kind)];
        let active = |id: EntityId| graph.entity(id).is_some_and(|entity| entity.state == EntityState::Active);
        let mut goldens = Vec::with_capacity(rows.len());
        for row in rows.iter().filter(|row| active(row.entity)) {
            goldens.push((row.entity, read_golden(&row.golden)?));
        }
        session.writer.delete_golden(kind, piece)?;
        Typed::new(kind, goldens.iter().map(|(id, golden)| (*id, golden)))?.write(session.writer, piece)?;
    }
    Ok(())
}
