//! What did administrators do?
//!
//! Accounts, keys, limits, purposes, source systems, the keys of the database, what was forgotten: each act is an entry of the change log
//! that belongs to no kind of entity, chained and sealed with the rest, in the transaction of what it tells of. The auditor reads them.

use jiku_store::ChangeRow;
use serde::{Deserialize, Serialize};

use crate::facade::{Act, ActView, Page};
use crate::registry::Inner;
use crate::write::session::Session;
use crate::{RegistryError, notes};

type Result<T> = std::result::Result<T, RegistryError>;

/// The event under which the change log has acts.
const EVENT: &str = "administration";

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
    notes::append(session, EVENT, actor, &body)
}

/// Acts after a position of the change log, in order.
pub(crate) fn list(inner: &Inner, after: i64, limit: usize) -> Result<Vec<ActView>> {
    notes::list(inner, EVENT, after, limit, view)
}

/// Acts, the latest first.
pub(crate) fn latest(inner: &Inner, limit: usize, cursor: Option<&str>) -> Result<Page<ActView>> {
    notes::latest(inner, EVENT, limit, cursor, view)
}

fn view(row: ChangeRow, body: Body) -> ActView {
    ActView { position: row.position, at: row.at, actor: row.actor, act: body.act, about: body.about, detail: body.detail }
}
