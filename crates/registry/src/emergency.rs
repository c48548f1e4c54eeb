//! How does somebody reach a record in an emergency that their rights do not reach?
//!
//! They say why, for one person or one division, and get at most an hour. What they then read is traced under the emergency, in
//! full; it opens nothing but reading. An auditor has three working days to look at it, and when nobody did, an alarm says so.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Datelike as _, TimeDelta, Weekday};
use jiku_model::{EmergencyId, Kind, Timestamp};
use jiku_store::{EmergencyRow, Reader};
use uuid::Uuid;

use crate::facade::{EmergencyReach, EmergencyView, NewEmergency, Page};
use crate::read::minimal::survivor;
use crate::read::search::{MOST_ITEMS, bad_cursor, checked_limit};
use crate::registry::Inner;
use crate::write::session::transact;
use crate::write::state::{Core, now};
use crate::{Actor, Alarm, AlarmView, Limits, RegistryError, Role, alarms, scope};

type Result<T> = std::result::Result<T, RegistryError>;

/// The shortest reason, in characters, and the longest.
const SHORTEST_REASON: usize = 10;
const LONGEST_REASON: usize = 1_000;

/// The longest emergency, in minutes.
const LONGEST_M: i64 = 60;

/// Digits of the smallest division that counts as one: a county.
const DIVISION_DIGITS: std::ops::RangeInclusive<usize> = 6..=12;

/// Working days an auditor has to look at it.
const REVIEW_DAYS: u32 = 3;

/// How often it is looked whether somebody has to be reminded.
const REMINDED_EVERY: Duration = Duration::from_secs(30);

/// Days are those of Beijing.
const OFFSET: TimeDelta = TimeDelta::hours(8);

const MISSING: RegistryError = RegistryError::NotFound { what: "emergency" };

pub(crate) fn begin(inner: &Inner, actor: &Actor, asked: &NewEmergency) -> Result<EmergencyView> {
    if !actor.limits.emergency && !actor.is_operator() {
        let message = "your account may not ask for access in an emergency; the security administrator grants it";
        return Err(RegistryError::Forbidden(message.into()));
    }
    let reason = asked.reason.trim();
    if !(SHORTEST_REASON..=LONGEST_REASON).contains(&reason.chars().count()) {
        return Err(RegistryError::invalid("reason", "value-invalid", "say in 10 to 1,000 characters what the emergency is"));
    }
    if !(1..=LONGEST_M).contains(&asked.minutes) {
        return Err(RegistryError::invalid("minutes", "value-invalid", "1 to 60 minutes"));
    }
    let (entity, division) = match &asked.reach {
        // Whoever this is merged into by now answers; the actor's own scope is what the emergency is to go beyond.
        EmergencyReach::Person(id) => {
            let everywhere = Actor { limits: Arc::default(), ..actor.clone() };
            (Some(survivor(inner, &everywhere, Kind::Person, *id)?), None)
        }
        EmergencyReach::Division(code) if DIVISION_DIGITS.contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit()) => {
            (None, Some(code.clone()))
        }
        EmergencyReach::Division(_) => {
            return Err(RegistryError::invalid("division", "value-invalid", "6 to 12 digits of one division's code, such as 440106"));
        }
    };
    let (principal, department, reason, minutes) = (actor.principal.clone(), actor.department.clone(), reason.to_owned(), asked.minutes);
    inner.queue.act(move |session| {
        let row = EmergencyRow {
            id: EmergencyId(Uuid::now_v7()),
            principal: principal.clone(),
            department: department.clone(),
            reason: reason.clone(),
            entity,
            division: division.clone(),
            begun_at: session.at,
            ends_at: session.at + TimeDelta::minutes(minutes),
            review_due_at: working_days_after(session.at, REVIEW_DAYS),
            reviewed_by: None,
            reviewed_at: None,
            review: None,
        };
        session.writer.put_emergency(&row)?;
        alarms::raise(session, Alarm::EmergencyBegun, &principal, &department, &format!("emergency {}", row.id))?;
        Ok(view(row))
    })
}

/// The actor as far as an emergency of theirs reaches: they read, in full, that person or division, and do nothing else.
pub(crate) fn entered(inner: &Inner, actor: &Actor, id: EmergencyId) -> Result<Actor> {
    let over = || RegistryError::Forbidden("there is no emergency of yours under this id, or it is over".into());
    let row = inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.emergency(id)?))?.ok_or_else(over)?;
    if row.principal != actor.principal || row.ends_at <= now() || !actor.limits.emergency {
        return Err(over());
    }
    let limits = Limits {
        divisions: row.division.into_iter().collect(),
        kinds: if row.entity.is_some() { vec![Kind::Person] } else { Vec::new() },
        only: row.entity,
        unmask: true,
        daily_persons: actor.limits.daily_persons,
        daily_requests: actor.limits.daily_requests,
        daily_entities: actor.limits.daily_entities,
        ..Limits::default()
    };
    Ok(Actor { roles: vec![Role::Reader], purpose: Some(format!("emergency:{id}")), limits: Arc::new(limits), ..actor.clone() })
}

/// Ends an emergency at once: nothing is read under it from then on. It is over for whoever has the id, also another session.
pub(crate) fn end(inner: &Inner, actor: &Actor, id: EmergencyId) -> Result<EmergencyView> {
    let principal = actor.principal.clone();
    inner.queue.act(move |session| {
        let row = session.writer.emergency(id)?.filter(|row| row.principal == principal).ok_or(MISSING)?;
        if row.ends_at <= session.at {
            return Ok(view(row));
        }
        let row = EmergencyRow { ends_at: session.at.max(row.begun_at), ..row };
        session.writer.put_emergency(&row)?;
        Ok(view(row))
    })
}

/// Whether an auditor's scope reaches what an emergency was for: a person, or a division.
fn reached(reader: &mut Reader<'_>, actor: &Actor, row: &EmergencyRow) -> Result<bool> {
    match (row.entity, &row.division) {
        (Some(person), _) => match scope::require(reader, actor, Kind::Person, person) {
            Err(RegistryError::NotFound { .. }) => Ok(false),
            reached => reached.map(|()| true),
        },
        // A division has people, and whoever is told of what was done to them must reach people there.
        (None, division) => Ok(actor.limits.reach(Kind::Person, division.as_deref())),
    }
}

/// Emergencies, the latest first, within the actor's scope; a page may hold fewer of them than were asked for.
pub(crate) fn list(inner: &Inner, actor: &Actor, limit: usize, cursor: Option<&str>) -> Result<Page<EmergencyView>> {
    let limit = checked_limit(limit, MOST_ITEMS)?;
    let before = cursor.map(|cursor| cursor.parse::<EmergencyId>().map_err(|_| bad_cursor())).transpose()?;
    inner.core.store.read(|reader| {
        let mut rows = reader.emergencies(before, i64::try_from(limit + 1).unwrap_or(i64::MAX))?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
        let mut items = Vec::with_capacity(rows.len());
        for row in rows {
            if reached(reader, actor, &row)? {
                items.push(view(row));
            }
        }
        Ok(Page { items, next })
    })
}

/// An auditor has looked at it.
pub(crate) fn review(inner: &Inner, actor: &Actor, id: EmergencyId, finding: &str) -> Result<EmergencyView> {
    let finding = finding.trim().to_owned();
    if finding.is_empty() || finding.chars().count() > LONGEST_REASON {
        return Err(RegistryError::invalid("finding", "value-invalid", "say in 1 to 1,000 characters what you found"));
    }
    let auditor = actor.principal.clone();
    inner.core.store.read(|reader| {
        let row = reader.emergency(id)?.ok_or(MISSING)?;
        if reached(reader, actor, &row)? { Ok(()) } else { Err(MISSING) }
    })?;
    inner.queue.act(move |session| {
        let row = session.writer.emergency(id)?.ok_or(MISSING)?;
        if row.reviewed_at.is_some() {
            return Err(RegistryError::conflict("already-decided", "an auditor has looked at this emergency before"));
        }
        if row.principal == auditor {
            return Err(RegistryError::SameHands("who had the access cannot review it".into()));
        }
        let (reviewed_by, reviewed_at) = (Some(auditor.clone()), Some(session.at));
        let row = EmergencyRow { reviewed_by, reviewed_at, review: Some(finding.clone()), ..row };
        session.writer.put_emergency(&row)?;
        Ok(view(row))
    })
}

/// Who is told of.
#[derive(Default)]
pub(crate) struct Reminder {
    looked: Option<Instant>,
    told: HashSet<EmergencyId>,
}

impl Reminder {
    /// Raises an alarm about each emergency that nobody has looked at in time, once, whichever node notices.
    pub(crate) fn look(&mut self, core: &Core) -> Result<()> {
        if self.looked.is_some_and(|looked| looked.elapsed() < REMINDED_EVERY) {
            return Ok(());
        }
        self.looked = Some(Instant::now());
        let due = core.store.peek(|reader| Ok::<_, RegistryError>(reader.emergencies_unreviewed(now())?))?;
        for row in due.into_iter().filter(|row| !self.told.contains(&row.id)).collect::<Vec<_>>() {
            let about = format!("emergency {}", row.id);
            transact(core, |session| {
                let same = |known: &AlarmView| known.about == about;
                alarms::raise_unless(session, Alarm::EmergencyUnreviewed, &row.principal, &row.department, &about, same)
            })?;
            self.told.insert(row.id);
        }
        Ok(())
    }
}

fn view(row: EmergencyRow) -> EmergencyView {
    EmergencyView {
        id: row.id,
        principal: row.principal,
        department: row.department,
        reason: row.reason,
        entity: row.entity,
        division: row.division,
        begun_at: row.begun_at,
        ends_at: row.ends_at,
        review_due_at: row.review_due_at,
        reviewed_by: row.reviewed_by,
        reviewed_at: row.reviewed_at,
        review: row.review,
    }
}

/// The same time of day so many working days later; public holidays are not known here.
fn working_days_after(at: Timestamp, days: u32) -> Timestamp {
    let mut there: DateTime<chrono::Utc> = at + OFFSET;
    for _ in 0..days {
        there += TimeDelta::days(1);
        while matches!(there.weekday(), Weekday::Sat | Weekday::Sun) {
            there += TimeDelta::days(1);
        }
    }
    there - OFFSET
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weekend_is_no_working_day() {
        for (at, expected) in [
            ("2026-11-23T02:00:00Z", "2026-11-26T02:00:00Z"),
            ("2026-11-26T02:00:00Z", "2026-12-01T02:00:00Z"),
            ("2026-11-28T02:00:00Z", "2026-12-02T02:00:00Z"),
            // Saturday in Beijing already.
            ("2026-11-27T17:00:00Z", "2026-12-01T17:00:00Z"),
        ] {
            let (at, expected): (Timestamp, Timestamp) = (at.parse().expect("a time"), expected.parse().expect("a time"));
            assert_eq!(working_days_after(at, REVIEW_DAYS), expected, "{at}");
        }
    }
}
