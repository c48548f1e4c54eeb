//! What must somebody be told of at once?
//!
//! An alarm is an entry of the change log that belongs to no kind of entity: chained and sealed with the rest, and unseen by those who
//! follow entities. It is also a line under the log target `jiku::alarm`, and counted.

use std::sync::atomic::{AtomicU64, Ordering};

use jiku_store::ChangeRow;
use serde::{Deserialize, Serialize};

use crate::facade::{Alarm, AlarmView, Page};
use crate::registry::Inner;
use crate::write::session::Session;
use crate::{Actor, RegistryError, notes};

type Result<T> = std::result::Result<T, RegistryError>;

/// The event under which the change log has alarms.
const EVENT: &str = "alarm";

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
    notes::append(session, EVENT, principal, &body)
}

/// Among so many of the latest alarms one is looked for that was raised before.
const LOOKED_THROUGH: i64 = 500;

/// Raises an alarm unless one of its sort among the latest is `known`.
pub(crate) fn raise_unless(
    session: &mut Session<'_, '_>,
    alarm: Alarm,
    principal: &str,
    department: &str,
    about: &str,
    known: impl Fn(&AlarmView) -> bool,
) -> Result<()> {
    let latest = session.writer.latest_of_none(EVENT, None, LOOKED_THROUGH)?;
    if notes::read(latest, view)?.iter().any(|told| told.alarm == alarm.as_str() && known(told)) {
        return Ok(());
    }
    raise(session, alarm, principal, department, about)
}

/// Raises an alarm about what an actor did, by a write of its own.
pub(crate) fn raise_alone(inner: &Inner, alarm: Alarm, actor: &Actor, about: String) -> Result<()> {
    let (principal, department) = (actor.principal.clone(), actor.department.clone());
    inner.queue.act(move |session| raise(session, alarm, &principal, &department, &about))
}

/// Alarms after a position of the change log, in order.
pub(crate) fn list(inner: &Inner, after: i64, limit: usize) -> Result<Vec<AlarmView>> {
    notes::list(inner, EVENT, after, limit, view)
}

/// Alarms, the latest first.
pub(crate) fn latest(inner: &Inner, limit: usize, cursor: Option<&str>) -> Result<Page<AlarmView>> {
    notes::latest(inner, EVENT, limit, cursor, view)
}

fn view(row: ChangeRow, body: Body) -> AlarmView {
    AlarmView {
        position: row.position,
        at: row.at,
        alarm: body.alarm,
        principal: row.actor,
        department: body.department,
        about: body.about,
    }
}
