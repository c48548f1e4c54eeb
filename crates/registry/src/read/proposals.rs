//! Which merges wait for a second steward?

use jiku_model::ProposalId;
use jiku_store::{ProposalRow, Reader};

use super::search::{MOST_ITEMS, bad_cursor, checked_limit};
use crate::facade::{Page, ProposalFilter, ProposalView};
use crate::registry::Inner;
use crate::write::proposals::view;
use crate::{Actor, RegistryError, scope};

type Result<T> = std::result::Result<T, RegistryError>;

/// Proposals, oldest first. What reaches out of scope is left out, so that a page may be short.
pub(crate) fn list(inner: &Inner, actor: &Actor, filter: &ProposalFilter) -> Result<Page<ProposalView>> {
    let limit = checked_limit(filter.limit, MOST_ITEMS)?;
    let after = filter.cursor.as_deref().map(|cursor| cursor.parse::<ProposalId>().map_err(|_| bad_cursor())).transpose()?;
    inner.core.store.read(|reader| {
        let mut rows = reader.proposals(filter.state, filter.kind, after, i64::try_from(limit + 1).unwrap_or(i64::MAX))?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
        let mut items = Vec::with_capacity(rows.len());
        for row in rows {
            items.extend(reached(reader, actor, &row)?);
        }
        Ok(Page { items, next })
    })
}

/// One proposal.
pub(crate) fn one(inner: &Inner, actor: &Actor, id: ProposalId) -> Result<ProposalView> {
    const MISSING: RegistryError = RegistryError::NotFound { what: "proposal" };
    inner.core.store.read(|reader| {
        let row = reader.proposal(id)?.ok_or(MISSING)?;
        reached(reader, actor, &row)?.ok_or(MISSING)
    })
}

/// A proposal all of whose entities are in scope.
fn reached(reader: &mut Reader<'_>, actor: &Actor, row: &ProposalRow) -> Result<Option<ProposalView>> {
    let view = view(row)?;
    for (entity, _) in &view.entities {
        match scope::require(reader, actor, view.kind, *entity) {
            Err(RegistryError::NotFound { .. }) => return Ok(None),
            other => other?,
        }
    }
    Ok(Some(view))
}
