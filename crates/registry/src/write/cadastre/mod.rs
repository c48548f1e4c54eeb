//! How is a parcel edited?
//!
//! An edit is planned as revisions of source records of the service's own ([`jiku_parcel::edit`]), and records that are
//! taken out; checked against the topology rules; and entered into the ledger like everything else, as one decision at one
//! moment. So clusters, golden records and indexes follow from it as from any arrival of records, history is kept, and
//! another edit can undo it.

mod arrival;
mod check;
mod codes;
mod enter;
mod foretell;
mod known;
mod plan;
mod retired;
mod undo;

use std::collections::BTreeMap;
use std::time::Duration;

use jiku_model::{EntityId, JudgementOrigin, Kind, RecordId, Timestamp, Verdict};
use jiku_store::Reader;

use super::reload::read_members;
use super::session::Session;
use super::state::{Core, now};
use crate::facade::{EditOptions, EditOutcome, ParcelEdit};
use crate::memory::Sources;
use crate::{Actor, RegistryError};

pub(crate) use arrival::{Examined, examine, seems, seems_zh, suspicion};
pub(crate) use check::{Subject, is_over, judge};
pub(crate) use retired::refusals;

type Result<T> = std::result::Result<T, RegistryError>;

/// Who edits, and how.
#[derive(Clone, Debug)]
pub(crate) struct Editing {
    pub(crate) actor: Actor,
    pub(crate) options: EditOptions,
}

/// So long a look waits until the memory has what the database has.
const MEMORY_FOLLOWS: Duration = Duration::from_secs(1);

/// Where an edit is planned: what is stored, in one state, and what the memory holds of parcels.
struct Ground<'s, 'c> {
    core: &'s Core,
    reader: &'s mut Reader<'c>,
    sources: Sources,
    /// The moment of the edit.
    at: Timestamp,
}

impl<'s, 'c> Ground<'s, 'c> {
    fn of(session: &'s mut Session<'_, 'c>) -> Self
    where
        'c: 's,
    {
        Self { core: session.core, sources: session.sources.clone(), at: session.at, reader: session.writer }
    }
}

/// What an edit would do, and what would stand against it, looked at as it is done and without writing: no writer waits for it, and it waits for
/// none. None where only doing it tells.
pub(crate) fn look(core: &Core, reader: &mut Reader<'_>, edit: &ParcelEdit, editing: &Editing) -> Result<Option<EditOutcome>> {
    // What is stored may be a moment ahead of what the memory holds of parcels.
    core.wait_past(reader.last_position()? - 1, MEMORY_FOLLOWS);
    let named: Vec<EntityId> = editing.options.expected.keys().copied().collect();
    let known: BTreeMap<EntityId, i64> = reader.entities(&named)?.into_iter().map(|row| (row.id, i64::from(row.version))).collect();
    for (entity, expected) in &editing.options.expected {
        let actual = *known.get(entity).ok_or(RegistryError::NotFound { what: "entity" })?;
        if actual != *expected {
            return Err(RegistryError::Stale { entity: *entity, expected: *expected, actual });
        }
    }
    let sources = Sources::new(reader.sources()?)?;
    let mut ground = Ground { core, reader, sources, at: now() };
    let plan = plan::plan(&mut ground, edit, editing)?;
    let report = check::check(core, ground.at, &plan);
    if is_contested(ground.reader, &plan)? { Ok(None) } else { foretell::foretell(&mut ground, &plan, report) }
}

/// Whether stewards have kept records of the parcels of an edit apart, or it gives one of several records another code: then the ledger decides
/// whether they stay together.
fn is_contested(reader: &mut Reader<'_>, plan: &plan::Plan) -> Result<bool> {
    let ids: Vec<EntityId> = plan.puts.iter().filter_map(|put| put.of).collect();
    let mut members: Vec<RecordId> = Vec::new();
    for row in reader.current_versions(&ids)? {
        members.extend(read_members(&row.members)?.into_iter().map(|(record, _)| record));
    }
    let ledger = reader.ledger_of_records(&members)?;
    let inside = |record: &RecordId| members.contains(record);
    let apart = ledger.iter().filter(|said| said.origin == JudgementOrigin::Steward && said.verdict == Verdict::Negative);
    let code = |put: &plan::Put| put.row.prepared.content.attributes.get("parcel_code").map(str::to_owned);
    let known = reader.parcels(&ids)?;
    let recoded = plan.puts.iter().any(|put| known.iter().any(|row| put.of == Some(row.entity) && row.parcel_code != code(put)));
    Ok(apart.into_iter().any(|said| inside(&said.left_record) && inside(&said.right_record)) || (recoded && members.len() > ids.len()))
}

/// Does an edit, or with `dry_run` only tells what it would do.
pub(crate) fn edit(session: &mut Session<'_, '_>, edit: &ParcelEdit, editing: &Editing) -> Result<EditOutcome> {
    session.ensure_edit_source()?;
    super::stewardship::check_versions(session.desk(Kind::Parcel).0.graph, &editing.options.expected)?;
    let plan = plan::plan(&mut Ground::of(session), edit, editing)?;
    if !editing.options.dry_run && plan.seen.iter().any(|(id, _)| !editing.options.expected.contains_key(id)) {
        let message = "name the version of every parcel the edit touches, as a dry run tells them";
        return Err(RegistryError::conflict("precondition-required", message));
    }
    let report = check::check(session.core, session.at, &plan);
    if !editing.options.dry_run && report.blocking().is_some() {
        return Err(RegistryError::Topology(Box::new(report)));
    }
    enter::enter(session, plan, report, editing)
}
