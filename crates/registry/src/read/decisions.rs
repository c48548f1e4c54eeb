//! What has been decided lately, and by whom?

use jiku_model::{DecisionId, Kind, Timestamp};
use uuid::Uuid;

use super::reviews::{decision_kind, decision_views};
use super::search::{MOST_ITEMS, bad_cursor, checked_limit};
use crate::audit::Seen;
use crate::facade::{DecisionCount, DecisionFilter, DecisionView, Page};
use crate::registry::Inner;
use crate::{Actor, RegistryError, scope};

type Result<T> = std::result::Result<T, RegistryError>;

pub(crate) fn recent(inner: &Inner, actor: &Actor, filter: &DecisionFilter) -> Result<Page<DecisionView>> {
    let limit = checked_limit(filter.limit, MOST_ITEMS)?;
    let before = filter.cursor.as_deref().map(|cursor| cursor.parse::<DecisionId>().map_err(|_| bad_cursor())).transpose()?;
    let asked = jiku_store::DecisionFilter {
        kind: filter.entity_kind,
        actor: filter.actor.clone(),
        actions: (!filter.acts.is_empty()).then(|| filter.acts.iter().map(|act| act.as_str().to_owned()).collect()),
    };
    if actor.limits.is_scoped() {
        // A page would have to be filled from many decisions about entities out of scope; the decisions of one entity can be asked for.
        return Err(RegistryError::Forbidden("the decisions of all entities are told to those without a scope only".into()));
    }
    let (items, next) = inner.core.store.read(|reader| {
        let mut rows = reader.decision_page(&asked, before, i64::try_from(limit + 1).unwrap_or(i64::MAX))?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
        Ok::<_, RegistryError>((decision_views(inner, reader, rows)?, next))
    })?;
    let seen = if items.iter().any(|view| !view.records.is_empty()) { Seen::Rows } else { Seen::Fields };
    inner.audit.log_seen(actor, "decisions", filter.entity_kind.unwrap_or(Kind::Person), &[], seen)?;
    Ok(Page { items, next })
}

pub(crate) fn one(inner: &Inner, actor: &Actor, id: DecisionId) -> Result<DecisionView> {
    let missing = RegistryError::NotFound { what: "decision" };
    let view = inner.core.store.read(|reader| {
        let rows = reader.decisions(&[id])?;
        let view = decision_views(inner, reader, rows)?.pop().ok_or(missing.clone())?;
        let reached = scope::within(reader, actor, view.entity_kind, &view.entities)?;
        if reached.len() == view.entities.len() { Ok(view) } else { Err(missing) }
    })?;
    let read: Vec<_> = view.entities.iter().map(|entity| (*entity, "records".to_owned())).collect();
    inner.audit.log(actor, "decisions", view.entity_kind, &read)?;
    Ok(view)
}

pub(crate) fn counts(inner: &Inner, since: Timestamp) -> Result<Vec<DecisionCount>> {
    // Ids are UUIDs of version 7: their first 48 bits are the milliseconds, so that the least one of a moment bounds a range.
    let milliseconds = u128::try_from(since.timestamp_millis()).unwrap_or_default();
    let least = DecisionId(Uuid::from_u128(milliseconds << 80));
    let rows = inner.core.store.read(|reader| Ok::<_, RegistryError>(reader.decision_counts(least)?))?;
    let count = |row: jiku_store::DecisionCount| {
        let kind = decision_kind(least, &row.action)?;
        Ok(DecisionCount { actor: row.actor, kind, count: u64::try_from(row.count).unwrap_or_default() })
    };
    rows.into_iter().map(count).collect()
}
