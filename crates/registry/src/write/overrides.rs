//! How does a steward set a golden value by hand, and let it go again?

use std::borrow::Cow;
use std::sync::Arc;

use jiku_model::DecisionId;
use jiku_model::{Dimension, EntityId, Kind, ParseContext, Problem, RawRecord, Severity};
use jiku_store::{DecisionEntityRow, DecisionRow, OverrideRow};
use serde_json::json;
use uuid::Uuid;

use super::draft::{Draft, Note};
use super::images::{Snapshot, outcome, read_golden, standing};
use super::session::Session;
use super::settle::{Cause, settle};
use super::stewardship::{Order, active, anchor, check_versions, done};
use crate::RegistryError;
use crate::facade::{DecisionKind, MergeOutcome};
use crate::kinds::noun;
use crate::memory::Override;

/// Sets a value; it follows the record that stands for the entity, wherever that goes.
pub(crate) fn set(
    session: &mut Session<'_, '_>,
    kind: Kind,
    id: EntityId,
    column: &str,
    value: &str,
    order: &Order,
) -> Result<MergeOutcome, RegistryError> {
    let at = session.at;
    let (desk, reader) = session.desk(kind);
    check_versions(desk.graph, &order.expected)?;
    let slot = anchor(desk.graph, active(desk.graph, id)?);
    let golden = reader.current_versions(&[id])?.pop().ok_or(RegistryError::NotFound { what: "entity" })?;
    let value = canonical(kind, &read_golden(&golden.golden)?.attributes(), column, value, at)?;
    let mut draft = Draft::new(kind, at, DecisionId(Uuid::now_v7()));
    desk.touched.slots.insert(slot);
    let reason = order.comment.clone().unwrap_or_default();
    draft.overrides.push(OverrideRow {
        decision: draft.decision,
        record: desk.graph.record(slot),
        column_name: column.to_owned(),
        value: Some(value.clone()),
        actor: order.actor.principal.clone(),
        reason,
        at,
        released_at: None,
        released_by: None,
    });
    desk.graph.put_override(slot, Override { decision: draft.decision, column: column.to_owned(), value, at });
    finish(session, draft, DecisionKind::Override, id, column, &[slot], order)
}

/// Releases every value set by hand for a column.
pub(crate) fn release(
    session: &mut Session<'_, '_>,
    kind: Kind,
    id: EntityId,
    column: &str,
    order: &Order,
) -> Result<MergeOutcome, RegistryError> {
    let at = session.at;
    let (desk, _) = session.desk(kind);
    check_versions(desk.graph, &order.expected)?;
    let mut draft = Draft::new(kind, at, DecisionId(Uuid::now_v7()));
    let mut slots = Vec::new();
    for slot in active(desk.graph, id)?.to_vec() {
        let standing: Vec<DecisionId> =
            desk.graph.overrides(slot).iter().filter(|known| known.column == column).map(|known| known.decision).collect();
        for decision in standing {
            desk.touched.slots.insert(slot);
            desk.graph.drop_override(slot, decision);
            draft.released.push(decision);
            slots.push(slot);
        }
    }
    if slots.is_empty() {
        return Err(RegistryError::NotFound { what: "override" });
    }
    finish(session, draft, DecisionKind::Release, id, column, &slots, order)
}

/// Draws the consequences, and writes all of it unless it is only a preview.
fn finish(
    session: &mut Session<'_, '_>,
    mut draft: Draft,
    kind: DecisionKind,
    id: EntityId,
    column: &str,
    slots: &[u32],
    order: &Order,
) -> Result<MergeOutcome, RegistryError> {
    let position = session.state.position;
    let sources = session.sources.clone();
    let (mut desk, reader) = session.desk(draft.kind);
    let before = Snapshot::take(desk.graph, slots);
    let actor: Arc<str> = Arc::from(order.actor.principal.as_str());
    let cause = Cause { judged: slots.to_vec(), overridden: slots.to_vec(), actor, ..Cause::default() };
    settle(&mut desk, reader, &mut draft, &cause)?;
    let records: Vec<_> = slots.iter().map(|slot| desk.graph.record(*slot)).collect();
    draft.decisions.push(DecisionRow {
        id: draft.decision,
        kind: draft.kind,
        action: kind.as_str().to_owned(),
        actor: order.actor.principal.clone(),
        at: draft.at,
        comment: order.comment.clone(),
        undone_by: None,
        body: json!({ "entities": [id], "records": records, "column": column }).to_string(),
    });
    draft.decision_entities.push(DecisionEntityRow { entity: id, decision: draft.decision });
    draft.notes.push(Note {
        actor: order.actor.principal.clone(),
        event: "decided",
        entity: Some(id),
        body: json!({ "records": records, "decision": draft.decision, "action": kind.as_str() }),
    });
    let mut outcome = outcome(reader, &sources, &before, &draft)?;
    if outcome.before.is_empty() {
        // What it says already it goes on saying, and is looked at all the same.
        let image = standing(reader, &sources, id)?;
        outcome.before.push(image.clone());
        outcome.after.push(image);
    }
    outcome.position = position;
    done(session, draft, order, outcome)
}

/// The value in its canonical form, read beside the golden values it will stand with.
fn canonical(
    kind: Kind,
    golden: &jiku_model::Attributes,
    column: &str,
    value: &str,
    at: jiku_model::Timestamp,
) -> Result<String, RegistryError> {
    let noun = noun(kind);
    if !noun.columns().iter().any(|known| known.name == column) {
        return Err(RegistryError::Invalid(vec![Problem {
            code: Cow::Borrowed("unknown-field"),
            severity: Severity::Reject,
            dimension: Dimension::Validity,
            field: Some(Cow::Owned(column.to_owned())),
            advice: Cow::Borrowed("name a standard column of this kind"),
        }]));
    }
    let mut raw: RawRecord = golden.iter().map(|(column, value)| (column.to_owned(), value.into())).collect();
    raw.insert(column.to_owned(), value.into());
    let parsed = noun.parse(&raw, &ParseContext { today: jiku_model::civil_day(at) });
    let about = |problem: &Problem| problem.field.as_deref() == Some(column);
    match parsed.attributes.get(column) {
        Some(value) if !parsed.problems.iter().any(|problem| about(problem) && problem.severity == Severity::Reject) => {
            Ok(value.to_owned())
        }
        _ => {
            let mut problems: Vec<Problem> = parsed.problems.into_iter().filter(about).collect();
            if problems.is_empty() {
                problems.push(Problem {
                    code: Cow::Borrowed("value-invalid"),
                    severity: Severity::Reject,
                    dimension: Dimension::Validity,
                    field: Some(Cow::Owned(column.to_owned())),
                    advice: Cow::Borrowed("give a value this column can hold; to clear an override, release it"),
                });
            }
            Err(RegistryError::Invalid(problems))
        }
    }
}
