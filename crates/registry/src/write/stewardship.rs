//! What do a steward's merge, unmerge, split and judgement write into the ledger?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiku_model::{DecisionId, EntityId, JudgementId, JudgementOrigin, Kind, ProposalId, RecordId, RecordKey, TaskId, Verdict};
use jiku_store::{DecisionEntityRow, DecisionRow, JudgementRow, Reader, TaskState};
use serde_json::json;
use uuid::Uuid;

use super::batch::compact;
use super::crowds::full_around;
use super::draft::{Draft, Note};
use super::images::{Snapshot, outcome};
use super::prepare::read_attributes;
use super::proposals::require_second_person;
use super::session::Session;
use super::settle::{Cause, Desk, settle};
use crate::facade::{DecisionKind, EntityState, Expected, MergeOutcome, Unmerge};
use crate::memory::Graph;
use crate::read::reviews::decision_kind;
use crate::{Actor, RegistryError};

type Result<T> = std::result::Result<T, RegistryError>;

/// Who decides, why, on which versions, and whether only to look.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) actor: Actor,
    pub(crate) comment: Option<String>,
    pub(crate) expected: Expected,
    pub(crate) dry_run: bool,
    /// The proposal that is carried out, and who proposed it.
    pub(crate) proposal: Option<(ProposalId, String)>,
}

impl Order {
    pub(crate) fn new(actor: &Actor, comment: Option<&str>, expected: &Expected, dry_run: bool) -> Self {
        Self { actor: actor.clone(), comment: comment.map(str::to_owned), expected: expected.clone(), dry_run, proposal: None }
    }
}

/// A verdict about a pair of records, by slot.
#[derive(Clone, Copy)]
struct Judged {
    left: u32,
    right: u32,
    verdict: Verdict,
}

/// What a decision is about.
struct Act {
    kind: DecisionKind,
    entities: Vec<EntityId>,
    judged: Vec<Judged>,
    undoes: Option<DecisionId>,
    task: Option<TaskId>,
}

/// Makes entities one.
pub(crate) fn merge(session: &mut Session<'_, '_>, kind: Kind, entities: &[EntityId], order: &Order) -> Result<MergeOutcome> {
    let (desk, _) = session.desk(kind);
    let graph = &*desk.graph;
    check_versions(graph, &order.expected)?;
    let distinct: BTreeSet<EntityId> = entities.iter().copied().collect();
    if entities.len() < 2 || distinct.len() < entities.len() {
        return Err(RegistryError::invalid("entities", "merge-invalid", "name two or more different entities of one kind"));
    }
    let mut anchors = Vec::with_capacity(entities.len());
    for id in entities {
        anchors.push(anchor(graph, active(graph, *id)?));
    }
    for (at, one) in entities.iter().enumerate() {
        for other in &entities[at + 1..] {
            check_not_kept_apart(graph, *one, *other)?;
        }
    }
    let risks = require_second_person(graph, &desk.shelf.nobodys(), entities, order)?;
    let judged = anchors[1..].iter().map(|other| Judged { left: anchors[0], right: *other, verdict: Verdict::Positive }).collect();
    let act = Act { kind: DecisionKind::Merge, entities: entities.to_vec(), judged, undoes: None, task: None };
    Ok(MergeOutcome { risks, ..perform(session, kind, act, order)? })
}

/// Undoes a decision, or takes chosen records out of an entity.
pub(crate) fn unmerge(session: &mut Session<'_, '_>, kind: Kind, what: &Unmerge, order: &Order) -> Result<MergeOutcome> {
    let act = match what {
        Unmerge::Decision(id) => undo(session, kind, *id)?,
        Unmerge::Records { entity, records } => split(session, kind, *entity, records)?,
    };
    check_versions(session.desk(kind).0.graph, &order.expected)?;
    perform(session, kind, act, order)
}

fn undo(session: &mut Session<'_, '_>, kind: Kind, id: DecisionId) -> Result<Act> {
    let (_, reader) = session.desk(kind);
    let missing = RegistryError::NotFound { what: "decision" };
    let row = reader.decisions(&[id])?.pop().filter(|row| row.kind == kind).ok_or(missing)?;
    if row.undone_by.is_some() {
        return Err(RegistryError::conflict("not-merged", "this decision was undone before"));
    }
    if let Some(instead) = instead_of_undoing(decision_kind(id, &row.action)?, &row.body) {
        return Err(RegistryError::conflict("not-undoable", format!("only a merge, a split or a judgement is undone; {instead}")));
    }
    Ok(Act { kind: DecisionKind::Unmerge, entities: reader.entities_of_decision(id)?, judged: Vec::new(), undoes: Some(id), task: None })
}

/// How a decision is taken back that is not undone.
fn instead_of_undoing(kind: DecisionKind, body: &str) -> Option<String> {
    let again = |what: &str| {
        let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
        let former = body["from"].as_i64().map_or_else(|| "the former version".to_owned(), |from| format!("version {from}"));
        format!("to go back to {what} of before, put {former} into use again")
    };
    match kind {
        DecisionKind::Merge | DecisionKind::Split | DecisionKind::Judge => None,
        DecisionKind::Survivorship => Some(again("the survivorship rules")),
        DecisionKind::Model => Some(again("the match model")),
        DecisionKind::Override => Some("release the value that was set by hand".to_owned()),
        DecisionKind::Release => Some("set the value that was released again".to_owned()),
        DecisionKind::Unmerge => Some("merge, split or judge again".to_owned()),
        DecisionKind::Parcel(_) => Some("undo an edit of parcels as such".to_owned()),
    }
}

fn split(session: &mut Session<'_, '_>, kind: Kind, entity: EntityId, records: &[RecordKey]) -> Result<Act> {
    let sources = session.sources.clone();
    let (desk, reader) = session.desk(kind);
    let members: BTreeSet<u32> = active(desk.graph, entity)?.iter().copied().collect();
    let foreign = || RegistryError::conflict("not-merged", "a record that was named is not part of this entity");
    let mut chosen: BTreeSet<u32> = BTreeSet::new();
    for key in records {
        let number = sources.number(&key.source).filter(|_| key.kind == kind).ok_or_else(foreign)?;
        let head = reader.record_heads(kind, number, std::slice::from_ref(&key.key))?.pop().ok_or_else(foreign)?;
        if !members.contains(&head.id.slot()) {
            return Err(foreign());
        }
        chosen.insert(head.id.slot());
    }
    if chosen.is_empty() || chosen.len() == members.len() {
        return Err(RegistryError::invalid("records", "split-invalid", "name at least one record, and leave at least one"));
    }
    let chosen: Vec<u32> = chosen.into_iter().collect();
    let mut judged: Vec<Judged> =
        chosen[1..].iter().map(|other| Judged { left: chosen[0], right: *other, verdict: Verdict::Positive }).collect();
    for leaving in &chosen {
        let staying = members.iter().filter(|member| !chosen.contains(member));
        judged.extend(staying.map(|member| Judged { left: *leaving, right: *member, verdict: Verdict::Negative }));
    }
    Ok(Act { kind: DecisionKind::Split, entities: vec![entity], judged, undoes: None, task: None })
}

/// Decides a review task.
pub(crate) fn judge(session: &mut Session<'_, '_>, task: TaskId, verdict: Verdict, order: &Order) -> Result<(Kind, MergeOutcome)> {
    let row = session.writer.review_tasks(&[task])?.pop().ok_or(RegistryError::NotFound { what: "review task" })?;
    if row.state != TaskState::Open {
        let (code, message) = match row.state {
            TaskState::Decided => ("already-decided", "this review task was decided before; undo that decision first"),
            _ => ("task-closed", "this review task is closed: other decisions or records have answered it"),
        };
        return Err(RegistryError::conflict(code, message));
    }
    let (desk, _) = session.desk(row.kind);
    check_versions(desk.graph, &order.expected)?;
    let (left, right) = (row.left_record.slot(), row.right_record.slot());
    let entity = |slot| desk.graph.node(slot).map(|node| node.entity).ok_or(RegistryError::NotFound { what: "record" });
    let entities = vec![entity(left)?, entity(right)?];
    let mut risks = Vec::new();
    if verdict == Verdict::Positive {
        check_not_kept_apart(desk.graph, entities[0], entities[1])?;
        risks = require_second_person(desk.graph, &desk.shelf.nobodys(), &entities, order)?;
    }
    let act = Act { kind: DecisionKind::Judge, entities, judged: vec![Judged { left, right, verdict }], undoes: None, task: Some(task) };
    Ok((row.kind, MergeOutcome { risks, ..perform(session, row.kind, act, order)? }))
}

/// Enters a decision into the ledger, draws the consequences, and writes all of it unless it is only a preview.
fn perform(session: &mut Session<'_, '_>, kind: Kind, act: Act, order: &Order) -> Result<MergeOutcome> {
    let at = session.at;
    let position = session.state.position;
    let sources = session.sources.clone();
    let (mut desk, reader) = session.desk(kind);
    let mut draft = Draft::new(kind, at, DecisionId(Uuid::now_v7()));
    let mut concerned: Vec<u32> = act.judged.iter().flat_map(|judged| [judged.left, judged.right]).collect();
    if let Some(undone) = act.undoes {
        draft.undo = Some(undone);
        for row in reader.judgements_of_decision(undone)?.into_iter().filter(|row| row.retracted_by.is_none()) {
            let (left, right) = (row.left_record.slot(), row.right_record.slot());
            concerned.extend([left, right]);
            desk.touched.slots.extend([left, right]);
            desk.graph.drop_steward_edge(left, right, undone);
        }
    }
    concerned.sort_unstable();
    concerned.dedup();
    let members = |slot: &u32| desk.graph.node(*slot).and_then(|node| desk.graph.entity(node.entity)).map(|entity| entity.members.clone());
    draft.thinned = full_around(desk.graph, concerned.iter().filter_map(members).flatten());
    enter(&mut desk, reader, &mut draft, &act, &order.actor)?;
    let before = Snapshot::take(desk.graph, &concerned);
    let cause = Cause { judged: concerned.clone(), actor: Arc::from(order.actor.principal.as_str()), ..Cause::default() };
    settle(&mut desk, reader, &mut draft, &cause)?;
    check_held(desk.graph, &act)?;
    if let Some(task) = act.task
        && let Some(row) = draft.tasks.iter_mut().find(|row| row.id == task)
    {
        (row.state, row.decision) = (TaskState::Decided, Some(draft.decision));
    }
    decide(&mut draft, desk.graph, &act, order, &concerned);
    let mut outcome = outcome(reader, &sources, &before, &draft)?;
    outcome.position = position;
    done(session, draft, order, outcome)
}

/// Writes what was decided, unless it is only looked at.
pub(super) fn done(session: &mut Session<'_, '_>, draft: Draft, order: &Order, mut outcome: MergeOutcome) -> Result<MergeOutcome> {
    if !order.dry_run {
        outcome.decision = Some(draft.decision);
        session.write(draft)?;
        outcome.position = session.writer.last_position()?;
    }
    Ok(outcome)
}

/// Writes the verdicts into the graph and the draft, with what the model thinks of each pair.
fn enter(desk: &mut Desk<'_>, reader: &mut Reader<'_>, draft: &mut Draft, act: &Act, actor: &Actor) -> Result<()> {
    let ids: BTreeSet<RecordId> = act.judged.iter().map(|judged| desk.graph.record(judged.left)).collect();
    let ids: Vec<RecordId> = ids.into_iter().collect();
    let mut features = BTreeMap::new();
    for row in reader.records(&ids)? {
        features.insert(row.id.slot(), desk.core.features(desk.shelf.kind, &read_attributes(&row.parsed)?));
    }
    let matching = desk.shelf.matching.read();
    for judged in &act.judged {
        let (left, right) = (judged.left.min(judged.right), judged.left.max(judged.right));
        desk.touched.slots.extend([left, right]);
        desk.graph.put_steward_edge(left, right, judged.verdict, draft.at, draft.decision);
        let scored = features.get(&judged.left).and_then(|features| matching.score(features, judged.right));
        draft.judgements.push(JudgementRow {
            id: JudgementId(Uuid::now_v7()),
            decision: draft.decision,
            left_record: desk.graph.record(left),
            right_record: desk.graph.record(right),
            verdict: judged.verdict,
            origin: JudgementOrigin::Steward,
            weight: scored.as_ref().map(|pair| pair.weight),
            probability: scored.as_ref().map(|pair| pair.probability),
            model: Some(desk.shelf.model_name()),
            actor: actor.principal.clone(),
            at: draft.at,
            retracted_by: None,
            evidence: scored.map_or_else(|| "{}".to_owned(), |pair| compact(&pair.explain())),
        });
    }
    Ok(())
}

/// A positive verdict must have joined, and a negative one parted.
fn check_held(graph: &Graph, act: &Act) -> Result<()> {
    for judged in &act.judged {
        let (Some(left), Some(right)) = (graph.node(judged.left), graph.node(judged.right)) else { continue };
        let together = left.entity == right.entity;
        if together != (judged.verdict == Verdict::Positive) && judged.verdict != Verdict::Unsure {
            let message = "other decisions of stewards stand against this; undo them first";
            return Err(RegistryError::conflict("kept-apart", message));
        }
    }
    Ok(())
}

/// Drafts the decision's own rows.
fn decide(draft: &mut Draft, graph: &Graph, act: &Act, order: &Order, concerned: &[u32]) {
    let records: Vec<RecordId> = concerned.iter().map(|slot| graph.record(*slot)).collect();
    let mut touched: BTreeSet<EntityId> = act.entities.iter().copied().collect();
    touched.extend(draft.entities.keys().copied());
    let mut body = json!({ "entities": act.entities, "records": records, "undoes": act.undoes, "task": act.task });
    if let Some((proposal, proposed_by)) = &order.proposal {
        body["proposal"] = json!(proposal);
        body["proposed_by"] = json!(proposed_by);
    }
    draft.decisions.push(DecisionRow {
        id: draft.decision,
        kind: draft.kind,
        action: act.kind.as_str().to_owned(),
        actor: order.actor.principal.clone(),
        at: draft.at,
        comment: order.comment.clone(),
        undone_by: None,
        body: body.to_string(),
    });
    draft.decision_entities.extend(touched.iter().map(|entity| DecisionEntityRow { entity: *entity, decision: draft.decision }));
    let body = json!({ "records": records, "decision": draft.decision, "action": act.kind.as_str() });
    draft.notes.push(Note {
        actor: order.actor.principal.clone(),
        event: "decided",
        entity: act.entities.first().copied().or_else(|| touched.first().copied()),
        body,
    });
}

/// Every entity the caller names must have the version they saw.
pub(crate) fn check_versions(graph: &Graph, expected: &Expected) -> Result<()> {
    for (entity, expected) in expected {
        let actual = graph.entity(*entity).map(|entity| i64::from(entity.version)).ok_or(RegistryError::NotFound { what: "entity" })?;
        if actual != *expected {
            return Err(RegistryError::Stale { entity: *entity, expected: *expected, actual });
        }
    }
    Ok(())
}

/// The records of an entity that must be active.
pub(crate) fn active(graph: &Graph, id: EntityId) -> Result<&[u32]> {
    let entity = graph.entity(id).ok_or(RegistryError::NotFound { what: "entity" })?;
    must_be_active(entity.state).map(|()| entity.members.as_slice())
}

/// Refuses an entity that answers no more.
pub(crate) fn must_be_active(state: EntityState) -> Result<()> {
    match state {
        EntityState::Active => Ok(()),
        EntityState::Merged => {
            Err(RegistryError::conflict("already-merged", "an entity that was named has been merged into another; name that one"))
        }
        EntityState::Retired => Err(RegistryError::conflict("retired", "an entity that was named has no records any more")),
    }
}

/// The record that stands for an entity: the one with the smallest order.
pub(crate) fn anchor(graph: &Graph, members: &[u32]) -> u32 {
    let order = |slot: &u32| graph.node(*slot).map(|node| node.order);
    members.iter().copied().min_by_key(order).expect("an active entity has members")
}

fn check_not_kept_apart(graph: &Graph, one: EntityId, other: EntityId) -> Result<()> {
    let members = active(graph, one)?;
    let apart = members.iter().any(|slot| {
        let verdicts = graph.steward_verdicts(*slot);
        verdicts.iter().any(|arc| arc.verdict == Verdict::Negative && graph.node(arc.other).is_some_and(|node| node.entity == other))
    });
    if apart {
        return Err(RegistryError::conflict("kept-apart", "a steward has decided that these are different; undo that decision first"));
    }
    Ok(())
}
