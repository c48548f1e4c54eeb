//! What does the change log hold beside what happened to entities?
//!
//! Entries that belong to no kind of entity, each with a body in JSON: alarms, acts of administrators. They are chained and sealed with
//! the rest, in the transaction of what they tell of.

use jiku_store::{ChangeRow, NewChange};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::RegistryError;
use crate::facade::Page;
use crate::read::search::{MOST_ITEMS, bad_cursor, checked_limit};
use crate::registry::Inner;
use crate::write::session::Session;

type Result<T> = std::result::Result<T, RegistryError>;

/// The most entries told of at a time to those who follow.
const MOST: usize = 1_000;

/// Writes an entry down with the running write.
pub(crate) fn append<B: Serialize>(session: &mut Session<'_, '_>, event: &str, actor: &str, body: &B) -> Result<()> {
    let body =
        serde_json::to_string(body).map_err(|error| RegistryError::internal(format!("an entry {event} cannot be written: {error}")))?;
    let (at, actor, event) = (session.at, actor.to_owned(), event.to_owned());
    session.writer.append_changes(&[NewChange { at, actor, kind: None, event, entity: None, body }])?;
    Ok(())
}

/// Entries after a position of the change log, in order.
pub(crate) fn list<B: DeserializeOwned, V>(
    inner: &Inner,
    event: &str,
    after: i64,
    limit: usize,
    view: fn(ChangeRow, B) -> V,
) -> Result<Vec<V>> {
    let limit = i64::try_from(limit.clamp(1, MOST)).unwrap_or(i64::MAX);
    let rows = inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.changes_of_none(event, after, limit)?))?;
    read(rows, view)
}

/// Entries, the latest first.
pub(crate) fn latest<B: DeserializeOwned, V>(
    inner: &Inner,
    event: &str,
    limit: usize,
    cursor: Option<&str>,
    view: fn(ChangeRow, B) -> V,
) -> Result<Page<V>> {
    let limit = checked_limit(limit, MOST_ITEMS)?;
    let before = cursor.map(|cursor| cursor.parse::<i64>().map_err(|_| bad_cursor())).transpose()?;
    let wanted = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut rows = inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.latest_of_none(event, before, wanted)?))?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.position.to_string());
    Ok(Page { items: read(rows, view)?, next })
}

/// What these rows tell.
pub(crate) fn read<B: DeserializeOwned, V>(rows: Vec<ChangeRow>, view: fn(ChangeRow, B) -> V) -> Result<Vec<V>> {
    let one = |row: ChangeRow| {
        let unreadable = |error| RegistryError::internal(format!("entry {} of the change log is not readable: {error}", row.position));
        let body = serde_json::from_str(&row.body).map_err(unreadable)?;
        Ok(view(row, body))
    };
    rows.into_iter().map(one).collect()
}
