//! What does a model say of all records, and what follows where the ledger says something else?

use std::sync::Arc;

use ahash::{AHashMap, AHashSet};
use jiku_linkage::{MatchIndex, Model};
use jiku_model::{DecisionId, JudgementId, JudgementOrigin, Kind, RecordId, Verdict};
use jiku_store::{JudgementRow, LedgerEntry, Reader, RecordState};
use rayon::prelude::*;
use uuid::Uuid;

use crate::RegistryError;
use crate::memory::{Shelf, pair};
use crate::write::batch::compact;
use crate::write::crowds::kept;
use crate::write::draft::Draft;
use crate::write::prepare::read_attributes;
use crate::write::reload::{ChangeBody, index};
use crate::write::session::Session;
use crate::write::settle::{Cause, settle};
use crate::write::state::Core;

type Result<T> = std::result::Result<T, RegistryError>;

/// How many change-log rows are read at a time.
const STEP: i64 = 5_000;

/// The weights of the pairs a model thinks of, by slots, the smaller first.
pub(crate) type Said = AHashMap<(u32, u32), f32>;

/// What a model says of all records of a kind, found out while others go on writing.
pub(crate) struct Anew {
    pub(crate) index: MatchIndex,
    pub(crate) said: Said,
    /// Only pairs with one of these records were looked at; all when absent.
    pub(crate) among: Option<AHashSet<u32>>,
    /// The change-log position whose records it knows.
    position: i64,
}

/// What a model says of a pair of a weight from its review threshold on.
pub(crate) fn verdict(model: &Model, weight: f32) -> Verdict {
    if weight >= model.link_threshold() { Verdict::Positive } else { Verdict::Unsure }
}

/// Every pair with one of these records that the index's model thinks of.
pub(crate) fn said(index: &MatchIndex, slots: &[u32]) -> Said {
    let floor = index.model().review_threshold();
    let of = |slot: &u32| -> Vec<((u32, u32), f32)> {
        index.matches_of(*slot, floor).into_iter().map(|hit| (pair(*slot, hit.slot), hit.weight)).collect()
    };
    slots.par_iter().flat_map_iter(of).collect::<Vec<_>>().into_iter().collect()
}

impl Anew {
    /// Asks a model about all records, or about the pairs of those that `among` chooses. Holds no lock.
    pub(crate) fn of(core: &Core, shelf: &Shelf, model: Arc<Model>, among: Option<AHashSet<u32>>) -> Result<Self> {
        let (index, mut slots, position) = core.store.read(|reader| {
            // Taken before the scan: what is committed while it runs is looked at once more.
            let position = reader.last_position()?;
            let (index, slots) = indexed(core, reader, shelf.kind, model)?;
            Ok::<_, RegistryError>((index, slots, position))
        })?;
        slots.retain(|slot| among.as_ref().is_none_or(|among| among.contains(slot)));
        Ok(Self { said: said(&index, &slots), index, among, position })
    }

    /// Takes in what was written since.
    fn catch_up(&mut self, session: &mut Session<'_, '_>, shelf: &Shelf) -> Result<()> {
        let mut changed: AHashSet<u32> = AHashSet::new();
        loop {
            let rows = session.writer.changes(self.position, STEP)?;
            let Some(last) = rows.last() else { break };
            self.position = last.position;
            for row in rows.iter().filter(|row| row.kind == Some(shelf.kind)) {
                let body = ChangeBody::read(row)?;
                changed.extend(body.records.iter().chain(&body.near).map(|record| record.slot()));
            }
        }
        let ids: Vec<RecordId> = changed.iter().map(|slot| RecordId::new(shelf.kind, *slot)).collect();
        for row in session.writer.records(&ids)? {
            if row.state == RecordState::Active {
                self.index.insert(row.id.slot(), &session.core.features(shelf.kind, &read_attributes(&row.parsed)?));
            } else {
                self.index.remove(row.id.slot());
            }
        }
        self.said.retain(|(left, right), _| !changed.contains(left) && !changed.contains(right));
        let slots: Vec<u32> = changed.iter().copied().collect();
        self.said.extend(said(&self.index, &slots));
        if let Some(among) = &mut self.among {
            among.extend(changed);
        }
        Ok(())
    }

    /// Catches up and drafts everything that follows from what the model says.
    pub(crate) fn draft(&mut self, session: &mut Session<'_, '_>, kind: Kind, actor: &str) -> Result<Draft> {
        let shelf = session.core.shelf(kind);
        session.writer.takes_long()?;
        self.catch_up(session, shelf)?;
        draft(session, kind, &self.index, std::mem::take(&mut self.said), self.among.as_ref(), actor)
    }
}

/// A match index of all records under a model, and the slots it knows.
pub(crate) fn indexed(core: &Core, reader: &mut Reader<'_>, kind: Kind, model: Arc<Model>) -> Result<(MatchIndex, Vec<u32>)> {
    let mut index = MatchIndex::new(model);
    let (mut slots, mut failure) = (Vec::new(), None);
    reader.scan_records(kind, 0..u32::MAX, &mut |rows| {
        let read: Result<Vec<_>> =
            rows.par_iter().map(|row| Ok((row.id.slot(), core.features(kind, &read_attributes(&row.parsed)?)))).collect();
        match read {
            Ok(read) => {
                index.extend(read.iter().map(|(slot, features)| (*slot, features.as_slice())));
                slots.extend(read.iter().map(|(slot, _)| *slot));
            }
            Err(error) => failure = Some(error),
        }
    })?;
    failure.map_or(Ok((index, slots)), Err)
}

/// Drafts what differs between what the index's model says and what the ledger holds of the model, with everything that follows:
/// clusters, ids, golden records, review tasks. With `among`, only pairs of these records were asked about.
pub(crate) fn draft(
    session: &mut Session<'_, '_>,
    kind: Kind,
    matching: &MatchIndex,
    said: Said,
    among: Option<&AHashSet<u32>>,
    actor: &str,
) -> Result<Draft> {
    let mut draft = Draft::new(kind, session.at, DecisionId(Uuid::now_v7()));
    let looked_at = |left: u32, right: u32| among.is_none_or(|among| among.contains(&left) || among.contains(&right));
    let mut ledger: Vec<LedgerEntry> = Vec::new();
    session.writer.scan_ledger(&mut |rows| {
        ledger.extend(rows.into_iter().filter(|row| {
            row.left_record.kind() == kind
                && row.origin == JudgementOrigin::Model
                && looked_at(row.left_record.slot(), row.right_record.slot())
        }));
    })?;
    let verdict = |weight: f32| verdict(matching.model(), weight);
    let mut said = kept(&session.state.graphs[index(kind)], said, matching.model().link_threshold(), looked_at);
    let mut stale: Vec<(JudgementId, u32, u32)> = Vec::new();
    for entry in ledger {
        let (left, right) = (entry.left_record.slot(), entry.right_record.slot());
        let same = said
            .get(&pair(left, right))
            .is_some_and(|weight| verdict(*weight) == entry.verdict && entry.weight.map(f32::to_bits) == Some(weight.to_bits()));
        if same {
            said.remove(&pair(left, right));
        } else {
            stale.push((entry.id, left, right));
        }
    }
    let ids: Vec<JudgementId> = stale.iter().map(|(id, ..)| *id).collect();
    session.writer.retract_judgements(&ids, draft.decision)?;

    let state = &mut *session.state;
    let graph = &mut state.graphs[index(kind)];
    let mut concerned: AHashSet<u32> = stale.iter().flat_map(|(_, left, right)| [*left, *right]).collect();
    concerned.extend(said.keys().flat_map(|(left, right)| [*left, *right]));
    state.touched[index(kind)].slots.extend(concerned.iter().copied());
    for (_, left, right) in stale {
        graph.drop_model_edge(left, right);
    }
    draft.near = concerned.iter().map(|slot| RecordId::new(kind, *slot)).collect();
    draft.near.sort_unstable();
    let mut said: Vec<((u32, u32), f32)> = said.into_iter().collect();
    said.sort_unstable_by_key(|(pair, _)| *pair);
    let name = format!("{} {}", matching.model().name(), matching.model().version());
    let (decision, at) = (draft.decision, draft.at);
    let judged = |((left, right), weight): &((u32, u32), f32)| {
        let scored = matching.score_slots(*left, *right);
        JudgementRow {
            id: JudgementId(Uuid::now_v7()),
            decision,
            left_record: RecordId::new(kind, *left),
            right_record: RecordId::new(kind, *right),
            verdict: verdict(*weight),
            origin: JudgementOrigin::Model,
            weight: Some(*weight),
            probability: scored.as_ref().map(|pair| pair.probability),
            model: Some(name.clone()),
            actor: "jiku".to_owned(),
            at,
            retracted_by: None,
            evidence: scored.map_or_else(|| "{}".to_owned(), |pair| compact(&pair.explain())),
        }
    };
    draft.judgements = said.par_iter().map(judged).collect();
    for ((left, right), weight) in &said {
        graph.put_model_edge(*left, *right, verdict(*weight), *weight);
    }
    let cause = Cause {
        judged: graph.nodes().map(|(slot, _)| slot).collect(),
        recompose: true,
        matching: Some(matching),
        actor: Arc::from(actor),
        ..Cause::default()
    };
    let cause = match among {
        // A number of theirs that turned out to be nobody's holds them apart no more, also where no pair weighs anything else.
        Some(among) => Cause { judged: concerned.union(among).copied().collect(), recompose: false, ..cause },
        None => cause,
    };
    let (mut desk, reader) = session.desk(kind);
    settle(&mut desk, reader, &mut draft, &cause)?;
    Ok(draft)
}
