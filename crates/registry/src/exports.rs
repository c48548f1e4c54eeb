//! Who may take everything of a kind along, and what does it leave behind?
//!
//! Personal values in full, or more people than a day's quota, pass through two pairs of hands: the data office asks, a security
//! administrator who is another human approves, and the file is written once, before the request ends. Before a byte is written the export
//! is an entry of its own in the access log, counted on the day's quota, and an alarm; its id is the watermark of the file. Whom the file
//! tells of is in the access log before it does, page by page. When the file is whole, its hash is an entry of the change log.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use jiku_model::{EntityId, ExportId, Kind, Sensitivity, Timestamp};
use jiku_store::{ExportRow, ExportState, NewAccess, NewAccessPage, UsageRow};
use uuid::Uuid;

use crate::audit::{UNMASK, unavailable};
use crate::facade::{Act, Alarm, EntityView, ExportView, NewExport, Page, Watermark};
use crate::read::search::{MOST_ITEMS, bad_cursor, checked_limit};
use crate::registry::Inner;
use crate::rights::Right;
use crate::usage::PERSONS_OF_A_DEPARTMENT;
use crate::write::proposals::{may_be_same_human, require_a_person, same_hands};
use crate::write::session::Session;
use crate::write::state::now;
use crate::{Actor, FieldUse, RegistryError, acts, alarms, scope};

type Result<T> = std::result::Result<T, RegistryError>;

/// The action under which the access log has it.
const ACTION: &str = "export";

/// The shortest reason, in characters, and the longest.
const REASON: std::ops::RangeInclusive<usize> = 10..=1_000;

/// For how many hours a request may hold: a week at most.
const HOURS: std::ops::RangeInclusive<i64> = 1..=168;

const MISSING: RegistryError = RegistryError::NotFound { what: "export" };

/// Asks for an export.
pub(crate) fn ask(inner: &Inner, actor: &Actor, asked: &NewExport) -> Result<ExportView> {
    let reason = asked.reason.trim().to_owned();
    if !REASON.contains(&reason.chars().count()) {
        return Err(RegistryError::invalid("reason", "value-invalid", "say in 10 to 1,000 characters what the file is for"));
    }
    if !HOURS.contains(&asked.hours) {
        return Err(RegistryError::invalid("hours", "value-invalid", "1 to 168 hours"));
    }
    let most_rows = i64::try_from(asked.most_rows).ok().filter(|rows| *rows > 0);
    let most_rows = most_rows.ok_or_else(|| RegistryError::invalid("most_rows", "value-invalid", "the most entities the file may hold"))?;
    let Some(purpose) = actor.purpose.clone() else {
        return Err(RegistryError::invalid("purpose", "required", "state the purpose of use"));
    };
    let (kind, in_full, hours) = (asked.kind, asked.in_full, asked.hours);
    // A file holds everything of its kind: nobody asks for more than they may read.
    scope::require_all(actor, kind)?;
    if in_full && !actor.limits.allow(FieldUse::Read, Sensitivity::Sensitive) {
        return Err(RegistryError::Forbidden("your rights do not include every class of field, which a file in full holds".into()));
    }
    let (asks, requested_by, department) = (actor.clone(), actor.principal.clone(), actor.department.clone());
    inner.queue.act(move |session| {
        require_a_person(session.writer, &asks, "an export")?;
        let row = ExportRow {
            id: ExportId(Uuid::now_v7()),
            kind,
            in_full,
            most_rows,
            purpose: purpose.clone(),
            reason: reason.clone(),
            requested_by: requested_by.clone(),
            department: department.clone(),
            requested_at: session.at,
            ends_at: session.at + TimeDelta::hours(hours),
            state: ExportState::Open,
            decided_by: None,
            decided_at: None,
            answer: None,
            taken_at: None,
            sha256: None,
        };
        session.writer.put_export_request(&row)?;
        let sight = if in_full { "in full" } else { "masked" };
        let detail = format!("at most {most_rows} {}, {sight}, for {purpose}", kind.plural());
        acts::note(session, &requested_by, Act::ExportAsked, &format!("export {}", row.id), &detail)?;
        Ok(view(row))
    })
}

/// A security administrator lets it happen.
pub(crate) fn approve(inner: &Inner, actor: &Actor, id: ExportId, answer: Option<&str>) -> Result<ExportView> {
    let (approver, answer) = (actor.clone(), answer.map(str::to_owned));
    inner.queue.act(move |session| {
        let row = open(session, id)?;
        if may_be_same_human(session.writer, &row.requested_by, &approver)? {
            return Err(same_hands("asked for an export"));
        }
        decide(session, row, &approver.principal, ExportState::Approved, answer.clone())
    })
}

/// Ends a request: who asked takes it back, a security administrator rejects it.
pub(crate) fn refuse(inner: &Inner, actor: &Actor, id: ExportId, answer: Option<&str>) -> Result<ExportView> {
    let (by, answer, may_reject) = (actor.principal.clone(), answer.map(str::to_owned), Right::Accounts.is_held_by(actor));
    inner.queue.act(move |session| {
        let row = session.writer.export_request(id)?.ok_or(MISSING)?;
        let own = row.requested_by == by;
        if !own && !may_reject {
            return Err(MISSING);
        }
        // What was approved can still be stopped before it is taken.
        if !matches!(row.state, ExportState::Open | ExportState::Approved) {
            return Err(decided(&row));
        }
        let state = if own { ExportState::Withdrawn } else { ExportState::Rejected };
        decide(session, row, &by, state, answer.clone())
    })
}

fn decide(session: &mut Session<'_, '_>, row: ExportRow, by: &str, state: ExportState, answer: Option<String>) -> Result<ExportView> {
    let row = ExportRow { state, decided_by: Some(by.to_owned()), decided_at: Some(session.at), answer, ..row };
    session.writer.put_export_request(&row)?;
    acts::note(session, by, Act::ExportDecided, &format!("export {}", row.id), &state.to_string())?;
    Ok(view(row))
}

fn open(session: &mut Session<'_, '_>, id: ExportId) -> Result<ExportRow> {
    let row = session.writer.export_request(id)?.ok_or(MISSING)?;
    if row.state != ExportState::Open {
        return Err(decided(&row));
    }
    if row.ends_at <= session.at {
        return Err(over(&row));
    }
    Ok(row)
}

fn decided(row: &ExportRow) -> RegistryError {
    RegistryError::Conflict { code: "already-decided", message: format!("this export is no longer open: {}", row.state).into() }
}

fn over(row: &ExportRow) -> RegistryError {
    let message = format!("this request held until {}; ask for the export anew", row.ends_at.format("%FT%TZ"));
    RegistryError::Conflict { code: "export-expired", message: message.into() }
}

/// Requests, the latest first: those of the actor, or all for who decides about them and who looks at them afterwards.
pub(crate) fn list(inner: &Inner, actor: &Actor, limit: usize, cursor: Option<&str>) -> Result<Page<ExportView>> {
    let limit = checked_limit(limit, MOST_ITEMS)?;
    let before = cursor.map(|cursor| cursor.parse::<ExportId>().map_err(|_| bad_cursor())).transpose()?;
    let sees_all = Right::Alarms.is_held_by(actor);
    let of = (!sees_all).then_some(actor.principal.as_str());
    let wanted = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut rows = inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.export_requests(of, before, wanted)?))?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    Ok(Page { items: rows.into_iter().map(view).collect(), next })
}

/// One request, as far as the actor sees it.
pub(crate) fn one(inner: &Inner, actor: &Actor, id: ExportId) -> Result<Option<ExportView>> {
    let row = inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.export_request(id)?))?;
    Ok(row.filter(|row| row.requested_by == actor.principal || Right::Alarms.is_held_by(actor)).map(view))
}

/// Lets an export begin, or refuses it. Without a request it is masked and within the day's quota.
pub(crate) fn begin(inner: &Inner, actor: &Actor, kind: Kind) -> Result<Watermark> {
    let persons = if kind == Kind::Person { entities(inner, kind) } else { 0 };
    let before = exported_today(inner, actor)?;
    if persons > 0 && before + persons > PERSONS_OF_A_DEPARTMENT {
        let message = format!(
            "{before} people were exported today and {persons} more are asked for, {PERSONS_OF_A_DEPARTMENT} are a day's quota; \
             wait until tomorrow, or ask for an export that a second person approves"
        );
        return Err(RegistryError::Exhausted { code: "quota-exceeded", message: message.into(), retry_after_s: 86_400 });
    }
    traced(inner, actor, kind, None)
}

/// Lets the file of an approved request be written, once.
pub(crate) fn take(inner: &Inner, actor: &Actor, id: ExportId) -> Result<Watermark> {
    // Counted before the write begins, which holds the memory.
    let counts = Kind::ALL.map(|kind| entities(inner, kind));
    let request = inner.queue.act(move |session| {
        let row = session.writer.export_request(id)?.ok_or(MISSING)?;
        match row.state {
            ExportState::Approved => {}
            ExportState::Open => {
                return Err(RegistryError::conflict("approval-required", "no security administrator has approved this export yet"));
            }
            ExportState::Rejected | ExportState::Withdrawn | ExportState::Taken => return Err(decided(&row)),
        }
        if row.ends_at <= session.at {
            return Err(over(&row));
        }
        let held = counts[crate::write::reload::index(row.kind)];
        if i64::try_from(held).unwrap_or(i64::MAX) > row.most_rows {
            let message = format!("there are {held} {}, and {} were approved; ask for the export anew", row.kind.plural(), row.most_rows);
            return Err(RegistryError::Conflict { code: "export-too-large", message: message.into() });
        }
        let row = ExportRow { state: ExportState::Taken, taken_at: Some(session.at), ..row };
        session.writer.put_export_request(&row)?;
        Ok(view(row))
    })?;
    traced(inner, actor, request.kind, Some(request))
}

fn entities(inner: &Inner, kind: Kind) -> u64 {
    inner.core.state.lock().graphs[crate::write::reload::index(kind)].figures().entities
}

/// People an actor has read or taken along today.
fn exported_today(inner: &Inner, actor: &Actor) -> Result<u64> {
    let day = inner.usage.day();
    let rows = inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.usage(day)?))?;
    Ok(rows.iter().filter(|row| row.principal == actor.principal).map(|row| u64::try_from(row.persons).unwrap_or(0)).sum())
}

/// Leaves the traces of an export that begins.
fn traced(inner: &Inner, actor: &Actor, kind: Kind, request: Option<ExportView>) -> Result<Watermark> {
    let at = now();
    let entities = entities(inner, kind);
    let mark = Watermark {
        id: Uuid::now_v7(),
        kind,
        principal: actor.principal.clone(),
        at,
        purpose: request.as_ref().map(|request| request.purpose.clone()).or_else(|| actor.purpose.clone()),
        in_full: request.as_ref().is_some_and(|request| request.in_full),
        request,
    };
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let trace = reading(actor, &mark, at, format!("{entities} entities{}", if mark.in_full { " in full" } else { " masked" }));
    let counted = UsageRow {
        day: inner.usage.day(),
        principal: actor.principal.clone(),
        // Each export counts by itself, as a node does.
        node: mark.id.to_string(),
        department: actor.department.clone(),
        requests: 1,
        entities: signed(entities),
        persons: if kind == Kind::Person { signed(entities) } else { 0 },
        locked_until: None,
    };
    inner.core.store.log_accesses(&[trace], &[counted], &[])?;
    let sight = if mark.in_full { "in full" } else { "masked" };
    let by = mark.request.as_ref().map_or(String::new(), |request| format!(", by request {}", request.id));
    alarms::raise_alone(inner, Alarm::Exported, actor, format!("export {}: {entities} {}, {sight}{by}", mark.id, kind.plural()))?;
    Ok(mark)
}

/// A reading of an export, of nobody yet.
fn reading(actor: &Actor, mark: &Watermark, at: Timestamp, fields: String) -> NewAccess {
    NewAccess {
        at,
        principal: actor.principal.clone(),
        department: mark.request.as_ref().map_or(&actor.department, |request| &request.department).clone(),
        purpose: mark.purpose.clone(),
        action: ACTION.to_owned(),
        kind: mark.kind,
        entity: None,
        fields,
        request_id: Some(mark.id.to_string()),
    }
}

/// Writes down whom the next page of a file tells of, durably, before anybody has a byte of it. Millions of people are in a file: a page of
/// them is one row with their ids, by which each one's own list finds it. In full it is an unmasking too, and tells of the people whom
/// companies and parcels name.
pub(crate) fn trace_page(inner: &Inner, actor: &Actor, mark: &Watermark, views: &[EntityView]) -> Result<()> {
    if views.is_empty() {
        return Ok(());
    }
    let shown: BTreeSet<&str> = views.iter().flat_map(|view| view.values.keys().map(String::as_str)).collect();
    let read = reading(actor, mark, now(), shown.into_iter().collect::<Vec<_>>().join(","));
    let ids: Vec<EntityId> = views.iter().map(|view| view.id).collect();
    let (mut readings, mut beside) = (vec![read.clone()], Vec::new());
    if mark.in_full {
        if mark.kind != Kind::Person {
            for (person, role) in inner.audit.named(mark.kind, &ids)? {
                let named = NewAccess { kind: Kind::Person, entity: Some(person), fields: role, ..read.clone() };
                beside.extend([NewAccess { action: UNMASK.to_owned(), ..named.clone() }, named]);
            }
        }
        readings.push(NewAccess { action: UNMASK.to_owned(), ..read });
    }
    let pages: Vec<NewAccessPage> = readings.into_iter().map(|reading| NewAccessPage::new(reading, ids.clone())).collect();
    inner.core.store.log_pages(&pages, &beside).map_err(|error| unavailable(Some(Arc::new(error))))
}

/// The file of an export is whole: its size and its SHA-256, hexadecimal, are written down.
pub(crate) fn finish(inner: &Inner, actor: &Actor, mark: &Watermark, rows: u64, sha256: &str) -> Result<()> {
    let (by, mark, sha256) = (actor.principal.clone(), mark.clone(), sha256.to_owned());
    inner.queue.act(move |session| {
        if let Some(request) = &mark.request
            && let Some(row) = session.writer.export_request(request.id)?
        {
            session.writer.put_export_request(&ExportRow { sha256: Some(sha256.clone()), ..row })?;
        }
        let detail = format!("{rows} {}, sha256 {sha256}", mark.kind.plural());
        acts::note(session, &by, Act::ExportWritten, &format!("export {}", mark.id), &detail)
    })
}

fn view(row: ExportRow) -> ExportView {
    ExportView {
        id: row.id,
        kind: row.kind,
        in_full: row.in_full,
        most_rows: u64::try_from(row.most_rows).unwrap_or(0),
        purpose: row.purpose,
        reason: row.reason,
        requested_by: row.requested_by,
        department: row.department,
        requested_at: row.requested_at,
        ends_at: row.ends_at,
        state: row.state,
        decided_by: row.decided_by,
        decided_at: row.decided_at,
        answer: row.answer,
        taken_at: row.taken_at,
        sha256: row.sha256,
    }
}
