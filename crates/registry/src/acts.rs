//! What did administrators do?
//!
//! Accounts, keys, limits, purposes, source systems, the keys of the database, what was forgotten: each act is an entry of the change log
//! that belongs to no kind of entity, chained and sealed with the rest, in the transaction of what it tells of. The auditor reads them.

use jiku_store::{ChangeRow, NewChange};
use serde::{Deserialize, Serialize};

use crate::RegistryError;
use crate::facade::{Act, ActView, Page};
use crate::read::search::{MOST_ITEMS, bad_cursor, checked_limit};
use crate::registry::Inner;
use crate::write::session::Session;

type Result<T> = std::result::Result<T, RegistryError>;

/// The event under which the change log has acts.
const EVENT: &str = "administration";

/// The most acts told of at a time.
const MOST_ACTS: usize = 1_000;

/// What an entry of the change log says of an act.
#[derive(Serialize, Deserialize)]
struct Body {
    act: String,
    about: String,
    detail: String,
}

/// Writes an act down with the running write: `about` is whom or what it changed, `detail` what that is now. Neither ever holds a secret.
pub(crate) fn note(session: &mut Session<'_, '_>, actor: &str, act: Act, about: &str, detail: &str) -> Result<()> {
    tracing::info!(target: "jiku::administration", actor, act = act.as_str(), about, detail, "an administrator acted");
    let body = Body { act: act.as_str().to_owned(), about: about.to_owned(), detail: detail.to_owned() };
    let body = serde_json::to_string(&body).map_err(|error| RegistryError::internal(format!("an act cannot be written: {error}")))?;
    let (at, actor, event) = (session.at, actor.to_owned(), EVENT.to_owned());
    session.writer.append_changes(&[NewChange { at, actor, kind: None, event, entity: None, body }])?;
    Ok(())
}

/// Acts after a position of the change log, in order.
pub(crate) fn list(inner: &Inner, after: i64, limit: usize) -> Result<Vec<ActView>> {
    let limit = i64::try_from(limit.clamp(1, MOST_ACTS)).unwrap_or(i64::MAX);
    let rows = inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.changes_of_none(EVENT, after, limit)?))?;
    rows.into_iter().map(view).collect()
}

/// Acts, the latest first.
pub(crate) fn latest(inner: &Inner, limit: usize, cursor: Option<&str>) -> Result<Page<ActView>> {
    let limit = checked_limit(limit, MOST_ITEMS)?;
    let before = cursor.map(|cursor| cursor.parse::<i64>().map_err(|_| bad_cursor())).transpose()?;
    let wanted = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut rows = inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.latest_of_none(EVENT, before, wanted)?))?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.position.to_string());
    Ok(Page { items: rows.into_iter().map(view).collect::<Result<_>>()?, next })
}

fn view(row: ChangeRow) -> Result<ActView> {
    let body: Body =
        serde_json::from_str(&row.body).map_err(|error| RegistryError::internal(format!("an act is not readable: {error}")))?;
    Ok(ActView { position: row.position, at: row.at, actor: row.actor, act: body.act, about: body.about, detail: body.detail })
}
