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
mod known;
mod plan;
mod retired;
mod undo;

use super::session::Session;
use crate::facade::{EditOptions, EditOutcome, ParcelEdit};
use crate::{Actor, RegistryError};

pub(crate) use arrival::{Examined, examine, suspicion};
pub(crate) use check::{Subject, is_over, judge};
pub(crate) use retired::refusals;

type Result<T> = std::result::Result<T, RegistryError>;

/// Who edits, and how.
#[derive(Clone, Debug)]
pub(crate) struct Editing {
    pub(crate) actor: Actor,
    pub(crate) options: EditOptions,
}

/// Does an edit, or with `dry_run` only tells what it would do.
pub(crate) fn edit(session: &mut Session<'_, '_>, edit: &ParcelEdit, editing: &Editing) -> Result<EditOutcome> {
    session.ensure_edit_source()?;
    super::stewardship::check_versions(session.desk(jiku_model::Kind::Parcel).0.graph, &editing.options.expected)?;
    let plan = plan::plan(session, edit, editing)?;
    if !editing.options.dry_run && plan.seen.iter().any(|(id, _)| !editing.options.expected.contains_key(id)) {
        let message = "name the version of every parcel the edit touches, as a dry run tells them";
        return Err(RegistryError::conflict("precondition-required", message));
    }
    let report = check::check(session, &plan)?;
    if !editing.options.dry_run && report.blocking().is_some() {
        return Err(RegistryError::Topology(Box::new(report)));
    }
    enter::enter(session, plan, report, editing)
}
