//! How does a planned edit enter the ledger?

use std::collections::BTreeSet;
use std::sync::Arc;

use ahash::AHashMap;
use jiku_model::{DecisionId, EntityId, JudgementId, JudgementOrigin, Kind, RecordId, Verdict};
use jiku_store::{DecisionEntityRow, DecisionRow, JudgementRow, LineageRow};
use serde_json::json;
use uuid::Uuid;

use super::plan::{Plan, Put};
use super::undo::Touched;
use super::{Editing, Result};
use crate::RegistryError;
use crate::facade::{EditOutcome, EditedParcel, EntityState, LineageView, ParcelOperation, TopologyReport};
use crate::write::batch::{Found, Place, Row, find_pairs, heads, supersede, take_in, take_out};
use crate::write::crowds::judge_all;
use crate::write::draft::{Draft, Edit, Note};
use crate::write::images::values;
use crate::write::session::Session;
use crate::write::settle::{Cause, Desk, settle};
use crate::write::stewardship::anchor;

/// Enters an edit, unless it is a dry run, and tells what it did.
pub(super) fn enter(session: &mut Session<'_, '_>, plan: Plan, report: TopologyReport, editing: &Editing) -> Result<EditOutcome> {
    let (at, position, actor) = (session.at, session.state.position, editing.actor.principal.as_str());
    let (mut desk, reader) = session.desk(Kind::Parcel);
    let mut draft = Draft::new(Kind::Parcel, at, DecisionId(Uuid::now_v7()));
    let mut cause = Cause { actor: Arc::from(actor), ..Cause::default() };
    let mut touched: Vec<Touched> = Vec::new();

    let leaving: Vec<RecordId> = plan.out.iter().map(|(slot, _)| desk.graph.record(*slot)).collect();
    for old in reader.records(&leaving)? {
        touched.push(Touched { record: old.id, before: old.revision, after: old.revision + 1 });
        cause.judged.extend(take_out(&mut desk, &mut draft, old)?);
    }
    cause.gone.clone_from(&plan.out);
    cause.judged.retain(|slot| plan.out.iter().all(|(out, _)| out != slot));

    let (rows, puts): (Vec<Row>, Vec<Written>) = plan.puts.into_iter().map(Written::part).unzip();
    let heads = heads(&desk, reader, &rows)?;
    let places: Vec<Place> = heads.into_iter().zip(&rows).map(|(head, row)| Place::new(&mut desk, head, row)).collect();
    cause.judged.extend(supersede(&mut desk, reader, &mut draft, places.iter())?.linked);
    let changed: Vec<(&Row, &Place)> = rows.iter().zip(&places).filter(|(_, place)| !place.unchanged).collect();
    // What leaves in this very edit is still in the index that is asked.
    let mut pairs = find_pairs(&desk, &changed.iter().map(|(row, place)| (place.slot, &row.prepared.content.features)).collect::<Vec<_>>());
    for (row, place) in &changed {
        take_in(&mut desk, &mut draft, &mut cause, (row, &row.prepared.content, row.prepared.content.features.clone()), place, &[])?;
        let before = place.head.as_ref().map_or(0, |head| head.revision);
        touched.push(Touched { record: desk.graph.record(place.slot), before, after: before + 1 });
    }
    pairs.retain(|pair| desk.graph.node(pair.other).is_some());
    let verdicts = verdicts(&desk, &puts, &places, &pairs)?;
    judge_all(&mut desk, &mut draft, pairs)?;
    for (left, right, verdict) in verdicts {
        enter_verdict(&mut desk, &mut draft, left, right, verdict, actor);
        cause.judged.extend([left, right]);
    }
    if touched.is_empty() {
        return Ok(nothing(&plan.seen, plan.operation, report, position));
    }
    settle(&mut desk, reader, &mut draft, &cause)?;

    let ids: Vec<EntityId> = places
        .iter()
        .map(|place| {
            desk.graph.node(place.slot).map(|node| node.entity).ok_or_else(|| RegistryError::internal("an edit's record is no node"))
        })
        .collect::<Result<_>>()?;
    check_identities(&puts, &ids)?;
    let lineage: Vec<LineageRow> = plan
        .lineage
        .iter()
        .map(|step| LineageRow {
            child: ids[step.child],
            parent: step.parent,
            operation: plan.operation.as_str().to_owned(),
            decision: draft.decision,
            at,
            share: step.share,
        })
        .collect();
    let retired: Vec<EntityId> =
        draft.entities.iter().filter(|(_, entity)| entity.state == EntityState::Retired).map(|(id, _)| *id).collect();
    let seen = plan.seen.iter().map(|(id, version)| (*id, i64::from(*version))).collect();
    let dry_run = editing.options.dry_run;
    let view = |row: &LineageRow| LineageView {
        child: Some(row.child).filter(|child| !dry_run || !draft.entities.get(child).is_some_and(|entity| entity.new)),
        parent: row.parent,
        operation: row.operation.clone(),
        decision: (!dry_run).then_some(draft.decision),
        at: (!dry_run).then_some(at),
        share: row.share,
        undone_by: None,
    };
    let lineage_views: Vec<LineageView> = lineage.iter().map(view).collect();
    draft.edit = Some(Edit { operation: plan.operation.as_str(), valid_on: plan.valid_on, undoes: plan.undoes, lineage });
    decide(&mut draft, &plan.ends, &ids, &touched, plan.operation, plan.undoes, editing);

    let mut parcels: Vec<EditedParcel> = Vec::with_capacity(ids.len());
    let mut told: BTreeSet<EntityId> = BTreeSet::new();
    for (id, put) in ids.iter().zip(puts) {
        let Some(entity) = draft.entities.get(id).filter(|_| told.insert(*id)) else { continue };
        parcels.push(EditedParcel {
            id: (!dry_run || !entity.new).then_some(*id),
            version: i64::from(entity.version),
            is_new: entity.new,
            values: values(entity.golden.golden(), &AHashMap::new()),
            problems: put.problems,
        });
    }
    // An undone edit may leave a parcel with the records it had besides.
    for (id, entity) in draft.entities.iter().filter(|(id, entity)| entity.state == EntityState::Active && !told.contains(id)) {
        let values = values(entity.golden.golden(), &AHashMap::new());
        parcels.push(EditedParcel { id: Some(*id), version: i64::from(entity.version), is_new: false, values, problems: Vec::new() });
    }
    let mut outcome = EditOutcome {
        decision: None,
        operation: plan.operation,
        recorded_at: None,
        parcels,
        retired,
        lineage: lineage_views,
        report,
        seen,
        position,
    };
    if !dry_run {
        (outcome.decision, outcome.recorded_at) = (Some(draft.decision), Some(at));
        session.write(draft)?;
        outcome.position = session.writer.last_position()?;
    }
    Ok(outcome)
}

/// What is kept of a put while its row is written.
struct Written {
    of: Option<EntityId>,
    problems: Vec<jiku_model::Problem>,
}

impl Written {
    fn part(put: Put) -> (Row, Self) {
        let written = Self { of: put.of, problems: put.row.prepared.problems.clone() };
        (put.row, written)
    }
}

fn nothing(seen: &[(EntityId, i32)], operation: ParcelOperation, report: TopologyReport, position: i64) -> EditOutcome {
    EditOutcome {
        decision: None,
        operation,
        recorded_at: None,
        parcels: Vec::new(),
        retired: Vec::new(),
        lineage: Vec::new(),
        report,
        seen: seen.iter().map(|(id, version)| (*id, i64::from(*version))).collect(),
        position,
    }
}

/// What the editor says by the edit itself: a record of an existing parcel speaks of that one, and a new parcel is none of
/// those that the model would take it for.
fn verdicts(desk: &Desk<'_>, puts: &[Written], places: &[Place], pairs: &[Found]) -> Result<Vec<(u32, u32, Verdict)>> {
    let mut verdicts = Vec::new();
    for (put, place) in puts.iter().zip(places).filter(|(_, place)| !place.unchanged) {
        let Some(id) = put.of else { continue };
        let members: Vec<u32> = desk
            .graph
            .entity(id)
            .map(|entity| entity.members.iter().copied().filter(|slot| desk.graph.node(*slot).is_some()).collect())
            .unwrap_or_default();
        if place.head.is_none() && !members.is_empty() {
            verdicts.push((anchor(desk.graph, &members), place.slot, Verdict::Positive));
        }
    }
    let entity_of = |slot: u32| match places.iter().position(|place| place.slot == slot) {
        Some(at) => puts[at].of,
        None => desk.graph.node(slot).map(|node| node.entity),
    };
    for pair in pairs {
        let (own, other) = (entity_of(pair.slot), entity_of(pair.other));
        // A parcel that was there before may be doubtful still; an edit never joins it to another.
        let apart = own.is_none() || (own != other && pair.weight >= desk.shelf.model().link_threshold());
        if apart {
            verdicts.push((pair.slot, pair.other, Verdict::Negative));
        }
    }
    Ok(verdicts)
}

fn enter_verdict(desk: &mut Desk<'_>, draft: &mut Draft, left: u32, right: u32, verdict: Verdict, actor: &str) {
    let (left, right) = (left.min(right), left.max(right));
    desk.touched.slots.extend([left, right]);
    desk.graph.put_steward_edge(left, right, verdict, draft.at, draft.decision);
    draft.judgements.push(JudgementRow {
        id: JudgementId(Uuid::now_v7()),
        decision: draft.decision,
        left_record: desk.graph.record(left),
        right_record: desk.graph.record(right),
        verdict,
        origin: JudgementOrigin::Steward,
        weight: None,
        probability: None,
        model: None,
        actor: actor.to_owned(),
        at: draft.at,
        retracted_by: None,
        evidence: "{}".to_owned(),
    });
}

/// A parcel that was edited is still itself, and a new one is none that was there.
fn check_identities(puts: &[Written], ids: &[EntityId]) -> Result<()> {
    let moved = puts.iter().zip(ids).any(|(put, id)| put.of.is_some_and(|of| of != *id));
    let shared = puts.iter().zip(ids).enumerate().any(|(at, (put, id))| put.of.is_none() && ids[..at].contains(id));
    if moved || shared {
        let message = "decisions of stewards about the records of a parcel stand against this; look at its decisions first";
        return Err(RegistryError::conflict("kept-apart", message));
    }
    Ok(())
}

/// Drafts the decision's own rows.
fn decide(
    draft: &mut Draft,
    ends: &[EntityId],
    ids: &[EntityId],
    touched: &[Touched],
    operation: ParcelOperation,
    undoes: Option<DecisionId>,
    editing: &Editing,
) {
    let mut entities: BTreeSet<EntityId> = ends.iter().chain(ids).copied().collect();
    entities.extend(draft.entities.keys());
    let records: Vec<RecordId> = touched.iter().map(|touched| touched.record).collect();
    let actor = editing.actor.principal.clone();
    draft.decisions.push(DecisionRow {
        id: draft.decision,
        kind: Kind::Parcel,
        action: operation.action().to_owned(),
        actor: actor.clone(),
        at: draft.at,
        comment: editing.options.comment.clone(),
        undone_by: None,
        body: json!({ "entities": entities, "records": records, "touched": touched, "undoes": undoes }).to_string(),
    });
    draft.decision_entities.extend(entities.iter().map(|entity| DecisionEntityRow { entity: *entity, decision: draft.decision }));
    draft.notes.push(Note {
        actor,
        event: "decided",
        entity: ends.first().or_else(|| ids.first()).or_else(|| entities.first()).copied(),
        body: json!({ "records": records, "decision": draft.decision, "action": operation.action() }),
    });
}
