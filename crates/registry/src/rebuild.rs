//! How is everything derived made anew?
//!
//! All records are matched again by the model in use; what it said differently is retracted and judged again; clusters,
//! golden records, typed tables and indexes follow. Canonical ids and the decisions of stewards stay.

use jiku_linkage::MatchIndex;
use jiku_model::{EntityId, Kind};
use jiku_store::VersionRow;
use rayon::prelude::*;
use serde_json::json;

use crate::facade::EntityState;
use crate::memory::{Appraisal, Lookup, gather};
use crate::registry::Inner;
use crate::rejudge::{draft, said};
use crate::write::draft::{Draft, Note};
use crate::write::images::read_golden;
use crate::write::prepare::{read_attributes, tokens};
use crate::write::reload::index;
use crate::write::session::Session;
use crate::write::ties::own_numbers;
use crate::write::typed::Typed;
use crate::{Actor, RegistryError, survivorship};

type Result<T> = std::result::Result<T, RegistryError>;

/// How many entities' typed rows are written together.
const STEP: usize = 2_000;

pub(crate) fn rebuild(inner: &Inner, actor: &Actor) -> Result<()> {
    inner.keeper.outdate();
    for kind in Kind::ALL {
        let actor = actor.principal.clone();
        inner.queue.act_alone(move |session| {
            reindex(session, kind)?;
            let draft = rejudge(session, kind, &actor)?;
            session.write(draft)?;
            survivorship::all_composed(session, kind)?;
            retype(session, kind)
        })?;
    }
    Ok(())
}

/// Makes the match index and the search index of a kind anew from the records.
fn reindex(session: &mut Session<'_, '_>, kind: Kind) -> Result<()> {
    let shelf = session.core.shelf(kind);
    let mut matching = MatchIndex::new(shelf.model());
    let mut lookup = Lookup::new();
    let mut named = Vec::new();
    let mut failure = None;
    session.writer.scan_records(kind, 0..u32::MAX, &mut |rows| {
        let read: Result<Vec<_>> = rows
            .par_iter()
            .map(|row| {
                let attributes = read_attributes(&row.parsed)?;
                let appraisal = Appraisal::of(shelf.noun, row.source, &attributes, &row.problems, row.received_at);
                Ok((
                    row.id.slot(),
                    row.entity,
                    session.core.features(kind, &attributes),
                    tokens(shelf.noun, &attributes),
                    appraisal,
                    own_numbers(shelf.noun, &attributes),
                ))
            })
            .collect();
        match read {
            Ok(read) => {
                matching.extend(read.iter().map(|(slot, _, features, ..)| (*slot, features.as_slice())));
                let carried = read.iter().flat_map(|(slot, _, _, tokens, ..)| tokens.iter().map(|token| (*token, *slot)));
                lookup.postings.extend(&carried.collect::<Vec<_>>());
                for (slot, entity, _, _, appraisal, numbers) in read {
                    named.extend(numbers.into_iter().filter_map(|number| Some((entity?, number))));
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
    lookup.aliases = gather(named);
    *shelf.matching.write() = matching;
    *shelf.lookup.write() = lookup;
    Ok(())
}

/// Matches all records of a kind and drafts what differs from the ledger, with everything that follows.
fn rejudge(session: &mut Session<'_, '_>, kind: Kind, actor: &str) -> Result<Draft> {
    let core = session.core;
    let matching = core.shelf(kind).matching.read();
    let slots: Vec<u32> = session.state.graphs[index(kind)].nodes().map(|(slot, _)| slot).collect();
    let said = said(&matching, &slots);
    let mut draft = draft(session, kind, &matching, said, None, actor)?;
    if draft.entities.is_empty() && !draft.near.is_empty() {
        draft.notes.push(Note { actor: actor.to_owned(), event: "rejudged", entity: None, body: json!({ "records": [] }) });
    }
    Ok(draft)
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
        Typed::new(kind, goldens.iter().map(|(id, golden)| (*id, golden)))?.write(session.writer, kind, piece)?;
    }
    Ok(())
}
