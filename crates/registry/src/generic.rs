//! Which values turned out to be nobody's, and what follows for those who have them?
//!
//! A number under many names, or a telephone of hundreds, counts as missing from the next version of the model on. Who sent the records, and whoever
//! reads the decision, is told which values these are: once each, masked, with the number of their records.

pub(crate) mod watch;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiku_linkage::{MatchIndex, Model};
use jiku_model::{Dimension, Features, Kind, Problem, RecordId, Severity};
use jiku_store::{RecordRow, RecordState};
use jiku_text::masking::{self, IdMask};

use crate::facade::{ModelChange, ModelOutcome, SharedValue};
use crate::memory::Appraisal;
use crate::remodel::{Proposed, apply};
use crate::write::draft::Draft;
use crate::write::prepare::read_attributes;
use crate::write::session::Session;
use crate::write::state::Core;
use crate::{Actor, RegistryError};

type Result<T> = std::result::Result<T, RegistryError>;

/// Values that turned out to stand for nobody in particular.
pub(crate) fn values(core: &Core, kind: Kind) -> BTreeMap<String, BTreeSet<String>> {
    core.shelf(kind).matching.read().turned_generic()
}

/// Takes the decisions again that leaned on values which turned out to be generic; nothing when there are none.
pub(crate) fn redo(core: &Core, actor: &Actor, kind: Kind) -> Result<Option<ModelOutcome>> {
    let values = values(core, kind);
    if values.is_empty() {
        return Ok(None);
    }
    let shared = told(&core.shelf(kind).matching.read(), &values);
    let listed = SharedValue::listed(&shared);
    let comment = format!("values that more records share than one household or desk explains count as missing from now on: {listed}");
    let outcome = apply(core, actor, kind, &ModelChange::Generic(values), None, Some(&comment))?;
    Ok(Some(ModelOutcome { shared, ..outcome }))
}

/// The values as they may be shown, those of most records first.
fn told(matching: &MatchIndex, values: &BTreeMap<String, BTreeSet<String>>) -> Vec<SharedValue> {
    let counts = matching.counts_of(values);
    let mut told: Vec<SharedValue> = counts
        .into_iter()
        .map(|((field, value), records)| {
            let value = match column(field) {
                Some("phone") => masking::phone(value),
                Some("id_number") => masking::id_number(value, IdMask::Strict),
                Some(_) => value.to_owned(),
                None => "*".repeat(value.chars().count()),
            };
            SharedValue { column: column(field).unwrap_or(field).to_owned(), value, records }
        })
        .collect();
    told.sort_by(|one, other| (Reverse(one.records), &one.column, &one.value).cmp(&(Reverse(other.records), &other.column, &other.value)));
    told
}

/// Notes at records that came before it was known that a value of theirs stands for nobody in particular.
pub(crate) fn flag(session: &mut Session<'_, '_>, draft: &mut Draft, proposed: &Proposed) -> Result<()> {
    let noun = session.core.shelf(draft.kind).noun;
    let ids: Vec<RecordId> = proposed.among.iter().flatten().map(|slot| RecordId::new(draft.kind, *slot)).collect();
    for row in session.writer.records(&ids)? {
        if row.state != RecordState::Active {
            continue;
        }
        let attributes = read_attributes(&row.parsed)?;
        let mut problems: Vec<Problem> = serde_json::from_str(&row.problems)
            .map_err(|error| RegistryError::internal(format!("the problems of record {} are not readable: {error}", row.id.0)))?;
        let found = shared_values(&session.core.features(draft.kind, &attributes), &proposed.model);
        let before = problems.len();
        for problem in found {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        if problems.len() > before {
            let row = RecordRow { problems: serde_json::to_string(&problems).expect("problems are plain values"), ..row };
            let appraisal = Appraisal::of(noun, row.source, &attributes, &row.problems, row.received_at);
            draft.effects.appraise.push((row.id.slot(), appraisal));
            draft.near.push(row.id);
            draft.changed_records.push(row);
        }
    }
    draft.near.sort_unstable();
    draft.near.dedup();
    Ok(())
}

/// What is wrong with a record that shows values which stand for nobody in particular.
pub(crate) fn shared_values(features: &Features, model: &Model) -> Vec<Problem> {
    let generic = features.iter().filter(|(field, value)| model.is_nobodys(field, value));
    let mut problems: Vec<Problem> = generic.filter_map(|(field, _)| shared_value(field)).collect();
    problems.dedup();
    problems
}

/// The problem of a record whose value of a field is shared by too many.
fn shared_value(field: &str) -> Option<Problem> {
    let column = column(field)?;
    Some(if column == "phone" {
        let advice = "send the person's own number: more records have this one than one household or desk explains, so it is not used";
        Problem::new(Severity::Note, Dimension::Uniqueness, column, "phone-shared", advice)
    } else {
        let advice = "send the holder's own number: many different names come with this one, so it stands for nobody and is not used";
        Problem::new(Severity::Flag, Dimension::Uniqueness, column, "id-placeholder", advice)
    })
}

/// The column in which records tell the values of a feature, of those that are numbers.
fn column(field: &str) -> Option<&'static str> {
    match field {
        "id_number" | "id_borrowed" | "id_raw" | "id_other" => Some("id_number"),
        "uscc" => Some("uscc"),
        "registration_number" => Some("registration_number"),
        "org_code" => Some("organisation_code"),
        "phone" => Some("phone"),
        _ => None,
    }
}
