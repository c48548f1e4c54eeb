//! What must somebody be told of at once?
//!
//! An alarm is an entry of the change log that belongs to no kind of entity: chained and sealed with the rest, and unseen by those who
//! follow entities. It is also a line under the log target `jiku::alarm`, and counted.

use std::sync::atomic::{AtomicU64, Ordering};

use jiku_store::{ChangeRow, NewChange};
use serde::{Deserialize, Serialize};

use crate::facade::{Alarm, AlarmView, Page};
use crate::read::search::{MOST_ITEMS, bad_cursor, checked_limit};
use crate::registry::Inner;
use crate::write::session::Session;
use crate::{Actor, RegistryError};

type Result<T> = std::result::Result<T, RegistryError>;

/// The event under which the change log has alarms.
const EVENT: &str = "alarm";

/// The most alarms told of at a time.
const MOST_ALARMS: usize = 1_000;

/// How many alarms of each sort this node has raised since it started.
#[derive(Default)]
pub(crate) struct Raised([AtomicU64; Alarm::ALL.len()]);

impl Raised {
    fn count(&self, alarm: Alarm) {
        self.0[alarm as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// By sort.
    pub(crate) fn counts(&self) -> [(Alarm, u64); Alarm::ALL.len()] {
        Alarm::ALL.map(|alarm| (alarm, self.0[alarm as usize].load(Ordering::Relaxed)))
    }
}

/// What an entry of the change log says of an alarm.
#[derive(Serialize, Deserialize)]
struct Body {
    alarm: String,
    department: String,
    about: String,
}

/// Raises an alarm with the running write: `about` says what it is about by ids and numbers, never by a person's values.
pub(crate) fn raise(session: &mut Session<'_, '_>, alarm: Alarm, principal: &str, department: &str, about: &str) -> Result<()> {
    tracing::warn!(target: "jiku::alarm", alarm = alarm.as_str(), principal, department, about, "{}", alarm.words());
    session.core.alarms.count(alarm);
    let body = Body { alarm: alarm.as_str().to_owned(), department: department.to_owned(), about: about.to_owned() };
    let body = serde_json::to_string(&body).map_err(|error| RegistryError::internal(format!("an alarm cannot be written: {error}")))?;
    let (at, actor, event) = (session.at, principal.to_owned(), EVENT.to_owned());
    session.writer.append_changes(&[NewChange { at, actor, kind: None, event, entity: None, body }])?;
    Ok(())
}

/// Raises an alarm about what an actor did, by a write of its own.
pub(crate) fn raise_alone(inner: &Inner, alarm: Alarm, actor: &Actor, about: String) -> Result<()> {
    let (principal, department) = (actor.principal.clone(), actor.department.clone());
    inner.queue.act(move |session| raise(session, alarm, &principal, &department, &about))
}

/// Alarms after a position of the change log, in order.
pub(crate) fn list(inner: &Inner, after: i64, limit: usize) -> Result<Vec<AlarmView>> {
    let limit = i64::try_from(limit.clamp(1, MOST_ALARMS)).unwrap_or(i64::MAX);
    let rows = inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.changes_of_none(EVENT, after, limit)?))?;
    rows.into_iter().map(view).collect()
}

/// Alarms, the latest first.
pub(crate) fn latest(inner: &Inner, limit: usize, cursor: Option<&str>) -> Result<Page<AlarmView>> {
    let limit = checked_limit(limit, MOST_ITEMS)?;
    let before = cursor.map(|cursor| cursor.parse::<i64>().map_err(|_| bad_cursor())).transpose()?;
    let wanted = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut rows = inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.latest_of_none(EVENT, before, wanted)?))?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.position.to_string());
    Ok(Page { items: rows.into_iter().map(view).collect::<Result<_>>()?, next })
}

fn view(row: ChangeRow) -> Result<AlarmView> {
    let body: Body =
        serde_json::from_str(&row.body).map_err(|error| RegistryError::internal(format!("an alarm is not readable: {error}")))?;
    Ok(AlarmView {
        position: row.position,
        at: row.at,
        alarm: body.alarm,
        principal: row.actor,
        department: body.department,
        about: body.about,
    })
}
