//! What waits for a steward, and what has been decided?

use ahash::{AHashMap, AHashSet};
use jiku_linkage::compare;
use jiku_model::{DecisionId, EntityId, Kind, RecordId, TaskId};
use jiku_store::{DecisionRow, Reader, RecordRow, RecordState, ReviewCursor, ReviewTaskRow, RevisionRow, TaskState, VersionRow};
use serde::Deserialize;

use super::find::check_kind;
use super::search::{MOST_ITEMS, bad_cursor, checked_limit};
use super::views::{fields, record_view, sources_for};
use crate::facade::{DecisionKind, DecisionView, OverrideView, Page, ReviewFilter, ReviewSide, ReviewState, ReviewView, SourceRecordView};
use crate::memory::Sources;
use crate::registry::Inner;
use crate::write::images::{read_golden, record_keys, values};
use crate::write::prepare::read_attributes;
use crate::write::reload::read_members;
use crate::{Actor, RegistryError, scope};

/// So many earlier revisions of a record are shown.
const EARLIER: usize = 10;

/// Tasks looked at for one page when few of them fit; the page then ends early and names where to go on.
const MOST_LOOKED_AT: usize = 5_000;

type Result<T> = std::result::Result<T, RegistryError>;

pub(crate) fn reviews(inner: &Inner, actor: &Actor, filter: &ReviewFilter) -> Result<Page<ReviewView>> {
    let limit = checked_limit(filter.limit, MOST_ITEMS)?;
    let (items, next) = inner.core.store.read(|reader| {
        let (rows, next) = matching_tasks(inner, reader, actor, filter, limit)?;
        let mut views = review_views(inner, reader, rows)?;
        if filter.explain {
            views.iter_mut().for_each(|view| explain(inner, view));
        }
        Ok::<_, RegistryError>((views, next))
    })?;
    let read: Vec<(EntityId, String)> =
        items.iter().flat_map(|view| [&view.left, &view.right]).map(|side| (side.entity, fields(&side.values))).collect();
    let kind = filter.kind.or_else(|| items.first().map(|view| view.kind)).unwrap_or(Kind::Person);
    inner.audit.log(actor, "reviews", kind, &read)?;
    Ok(Page { items, next })
}

/// The first task of a list, by its id alone: nothing of it is read that would leave a trace.
pub(crate) fn next(inner: &Inner, actor: &Actor, filter: &ReviewFilter) -> Result<Option<TaskId>> {
    let (rows, _) = inner.core.store.read(|reader| matching_tasks(inner, reader, actor, filter, 1))?;
    Ok(rows.first().map(|row| row.id))
}

/// A page of the tasks that fit, and where the next one begins.
fn matching_tasks(
    inner: &Inner,
    reader: &mut Reader<'_>,
    actor: &Actor,
    filter: &ReviewFilter,
    limit: usize,
) -> Result<(Vec<ReviewTaskRow>, Option<String>)> {
    let mut after = filter.cursor.as_deref().map(read_cursor).transpose()?;
    let asked = jiku_store::ReviewFilter {
        kind: filter.kind,
        state: filter.state.map(stored_state),
        reason: filter.reason.clone(),
        assigned_to: filter.assigned_to.clone(),
    };
    let fits = |row: &ReviewTaskRow| {
        let weight = row.weight.unwrap_or_default();
        filter.min_weight.is_none_or(|min| weight >= min) && filter.max_weight.is_none_or(|max| weight <= max)
    };
    let by_place = filter.source.is_some() || filter.department.is_some() || filter.division.is_some();
    let sieved = by_place || actor.limits.is_scoped() || filter.min_weight.is_some() || filter.max_weight.is_some();
    // Most sieves keep a good part; where they do not, more is read at a time.
    let mut size = if sieved { (limit + 1).max(100) } else { limit + 1 };
    let (mut rows, mut looked_at): (Vec<ReviewTaskRow>, usize) = (Vec::new(), 0);
    let unfinished = loop {
        let page = reader.review_page(&asked, after, i64::try_from(size).unwrap_or(i64::MAX))?;
        let end = page.len() < size;
        after = page.last().map(|row| ReviewCursor { priority: row.priority, id: row.id }).or(after);
        looked_at += page.len();
        let mut page: Vec<ReviewTaskRow> = page.into_iter().filter(fits).collect();
        if by_place {
            page = of_place(inner, reader, filter, page)?;
        }
        rows.extend(in_scope(reader, actor, page)?);
        if end || rows.len() > limit || looked_at >= MOST_LOOKED_AT {
            break !end;
        }
        size = (size * 2).min(1_000);
    };
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = match rows.last().filter(|_| more) {
        Some(row) => Some(cursor_of(row)),
        None => after.filter(|_| unfinished).map(|place| format!("{}.{}", place.priority, place.id)),
    };
    Ok((rows, next))
}

/// Of these tasks those whose both sides are in scope.
pub(crate) fn in_scope(reader: &mut Reader<'_>, actor: &Actor, tasks: Vec<ReviewTaskRow>) -> Result<Vec<ReviewTaskRow>> {
    if !actor.limits.is_scoped() {
        return Ok(tasks);
    }
    let ids: Vec<RecordId> = tasks.iter().flat_map(|task| [task.left_record, task.right_record]).collect();
    let entities: AHashMap<RecordId, EntityId> = reader.records(&ids)?.into_iter().filter_map(|row| Some((row.id, row.entity?))).collect();
    let sides = |task: &ReviewTaskRow| [task.left_record, task.right_record].map(|record| entities.get(&record).copied());
    let mut reached: AHashSet<EntityId> = AHashSet::new();
    for kind in Kind::ALL {
        let asked: Vec<EntityId> = tasks.iter().filter(|task| task.kind == kind).flat_map(sides).flatten().collect();
        reached.extend(scope::within(reader, actor, kind, &asked)?);
    }
    let in_reach = |task: &ReviewTaskRow| sides(task).iter().all(|side| side.is_some_and(|entity| reached.contains(&entity)));
    Ok(tasks.into_iter().filter(in_reach).collect())
}

/// Of these tasks those with a record of the source, the department and the division asked for.
fn of_place(inner: &Inner, reader: &mut Reader<'_>, filter: &ReviewFilter, tasks: Vec<ReviewTaskRow>) -> Result<Vec<ReviewTaskRow>> {
    let origins = origins(inner, reader, &tasks)?;
    let sources = sources_for(&inner.core, reader, origins.values().map(|(source, _)| source))?;
    let source = filter.source.as_ref().map(|code| sources.number(code));
    let of_source = |number: i16| {
        let department = || sources.get(number).map(|source| &source.department);
        source.is_none_or(|wanted| wanted == Some(number)) && filter.department.as_ref().is_none_or(|wanted| department() == Some(wanted))
    };
    let of_division = |code: &str| filter.division.as_ref().is_none_or(|prefix| code.starts_with(prefix.as_str()));
    let fits = |task: &ReviewTaskRow| {
        let sides = [task.left_record, task.right_record].map(|record| origins.get(&record));
        let known = || sides.iter().flatten();
        known().any(|(source, _)| of_source(*source)) && known().any(|(_, division)| of_division(division))
    };
    Ok(tasks.into_iter().filter(fits).collect())
}

/// The source and the division of each record of these tasks. Memory has nearly all of them; the database is asked for those that were
/// withdrawn, and for those that were written a moment ago.
fn origins(inner: &Inner, reader: &mut Reader<'_>, tasks: &[ReviewTaskRow]) -> Result<AHashMap<RecordId, (i16, String)>> {
    let mut known = AHashMap::with_capacity(2 * tasks.len());
    let mut unknown = Vec::new();
    for kind in Kind::ALL {
        let lookup = inner.core.shelf(kind).lookup.read();
        let sides = tasks.iter().filter(|task| task.kind == kind).flat_map(|task| [task.left_record, task.right_record]);
        for record in sides {
            match lookup.quality.origin(record.slot()) {
                Some((source, division)) => drop(known.insert(record, (source, division.to_owned()))),
                None => unknown.push(record),
            }
        }
    }
    for row in reader.records(&unknown)? {
        let division = read_attributes(&row.parsed)?.get("division").unwrap_or_default().to_owned();
        known.insert(row.id, (row.source, division));
    }
    Ok(known)
}

pub(crate) fn review(inner: &Inner, actor: &Actor, task: TaskId) -> Result<ReviewView> {
    let missing = RegistryError::NotFound { what: "review task" };
    let view = inner.core.store.read(|reader| {
        let rows = reader.review_tasks(&[task])?;
        let rows = in_scope(reader, actor, rows)?;
        let records = rows.first().map(|row| [row.left_record, row.right_record]);
        let mut view = review_views(inner, reader, rows)?.pop().ok_or(missing)?;
        explain(inner, &mut view);
        let revisions = reader.revisions(records.as_ref().map_or(&[], <[_; 2]>::as_slice))?;
        for (record, side) in records.into_iter().flatten().zip([&mut view.left, &mut view.right]) {
            let earlier = revisions.iter().rev().filter(|row| row.record == record).take(EARLIER);
            side.earlier = earlier.map(|row| revision_view(&side.record, row)).collect::<Result<_>>()?;
        }
        Ok::<_, RegistryError>(view)
    })?;
    let read: Vec<(EntityId, String)> = [&view.left, &view.right].iter().map(|side| (side.entity, fields(&side.values))).collect();
    inner.audit.log(actor, "review", view.kind, &read)?;
    Ok(view)
}

/// A record as it was.
fn revision_view(now: &SourceRecordView, row: &RevisionRow) -> Result<SourceRecordView> {
    Ok(SourceRecordView {
        revision: i64::from(row.revision),
        withdrawn: row.state == RecordState::Withdrawn,
        payload: row.payload.clone(),
        attributes: read_attributes(&row.parsed)?,
        problems: Vec::new(),
        received_at: row.recorded_from,
        ..now.clone()
    })
}

/// Says how the weight of a task came about.
fn explain(inner: &Inner, view: &mut ReviewView) {
    let shelf = inner.core.shelf(view.kind);
    let features = |side: &ReviewSide| inner.core.features(view.kind, &side.record.attributes);
    view.explanation = Some(compare(&shelf.model(), &features(&view.left), &features(&view.right)).explain());
}

fn review_views(inner: &Inner, reader: &mut Reader<'_>, tasks: Vec<ReviewTaskRow>) -> Result<Vec<ReviewView>> {
    let ids: Vec<RecordId> = tasks.iter().flat_map(|task| [task.left_record, task.right_record]).collect();
    let records: AHashMap<RecordId, RecordRow> = reader.records(&ids)?.into_iter().map(|row| (row.id, row)).collect();
    let entities: Vec<EntityId> = records.values().filter_map(|row| row.entity).collect();
    let versions: AHashMap<EntityId, VersionRow> = reader.current_versions(&entities)?.into_iter().map(|row| (row.entity, row)).collect();
    let members: Vec<RecordId> = versions
        .values()
        .map(|row| read_members(&row.members))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .flatten()
        .map(|(record, _)| record)
        .collect();
    let sources = sources_for(&inner.core, reader, records.values().map(|row| &row.source))?;
    let keys = record_keys(reader, &sources, &members)?;
    let side = |record: RecordId| -> Result<ReviewSide> {
        let row =
            records.get(&record).ok_or_else(|| RegistryError::internal(format!("record {} of a review task is missing", record.0)))?;
        let record = record_view(&sources, row)?;
        let version =
            versions.get(&record.entity).ok_or_else(|| RegistryError::internal(format!("entity {} has no version", record.entity)))?;
        let values = values(read_golden(&version.golden)?, &keys);
        Ok(ReviewSide { entity: record.entity, version: i64::from(version.version), values, record, earlier: Vec::new() })
    };
    let view = |task: ReviewTaskRow| {
        Ok(ReviewView {
            id: task.id,
            kind: task.kind,
            reason: task.reason,
            priority: task.priority,
            weight: task.weight.unwrap_or_default(),
            probability: task.probability.unwrap_or_default(),
            state: shown_state(task.state),
            assigned_to: task.assigned_to,
            opened_at: task.opened_at,
            closed_at: task.closed_at,
            decision: task.decision,
            left: side(task.left_record)?,
            right: side(task.right_record)?,
            explanation: None,
        })
    };
    tasks.into_iter().map(view).collect()
}

/// The place of a task in the queue, to go on after it.
pub(crate) fn cursor_of(row: &ReviewTaskRow) -> String {
    format!("{}.{}", row.priority, row.id)
}

fn read_cursor(text: &str) -> Result<ReviewCursor> {
    let (priority, id) = text.split_once('.').ok_or_else(bad_cursor)?;
    Ok(ReviewCursor { priority: priority.parse().map_err(|_| bad_cursor())?, id: id.parse().map_err(|_| bad_cursor())? })
}

const fn stored_state(state: ReviewState) -> TaskState {
    match state {
        ReviewState::Open => TaskState::Open,
        ReviewState::Decided => TaskState::Decided,
        ReviewState::Closed => TaskState::Closed,
    }
}

const fn shown_state(state: TaskState) -> ReviewState {
    match state {
        TaskState::Open => ReviewState::Open,
        TaskState::Decided => ReviewState::Decided,
        TaskState::Closed => ReviewState::Closed,
    }
}

/// What a decision's row keeps of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DecisionBody {
    entities: Vec<EntityId>,
    records: Vec<RecordId>,
    task: Option<TaskId>,
    proposed_by: Option<String>,
    /// The version in use before, of a model or rules.
    from: Option<i32>,
}

pub(crate) fn decisions(inner: &Inner, actor: &Actor, kind: Kind, id: EntityId) -> Result<Vec<DecisionView>> {
    let views = inner.core.store.read(|reader| {
        check_kind(reader, kind, id)?;
        scope::require(reader, actor, kind, id)?;
        let rows = reader.decisions_of_entity(id)?;
        let mut views = decision_views(inner, reader, rows)?;
        if actor.limits.is_scoped() {
            views.iter_mut().try_for_each(|view| leave_out(inner, reader, actor, id, view))?;
        }
        views.sort_by_key(|view| std::cmp::Reverse((view.at, view.id)));
        Ok::<_, RegistryError>(views)
    })?;
    inner.audit.log(actor, "decisions", kind, &[(id, "records".to_owned())])?;
    Ok(views)
}

/// Leaves out whom a decision about an entity tells of besides, as far as they lie out of scope by now.
fn leave_out(inner: &Inner, reader: &mut Reader<'_>, actor: &Actor, own: EntityId, view: &mut DecisionView) -> Result<()> {
    let kind = view.entity_kind;
    let reached: AHashSet<EntityId> = scope::within(reader, actor, kind, &view.entities)?.into_iter().collect();
    view.entities.retain(|entity| *entity == own || reached.contains(entity));
    let sources = inner.core.sources();
    let mut kept = Vec::with_capacity(view.records.len());
    for key in std::mem::take(&mut view.records) {
        let Some(number) = sources.number(&key.source) else { continue };
        let head = reader.record_heads(kind, number, std::slice::from_ref(&key.key))?.pop();
        let entity = head.map(|head| reader.records(&[head.id])).transpose()?.and_then(|mut rows| rows.pop()).and_then(|row| row.entity);
        if let Some(entity) = entity
            && !scope::within(reader, actor, kind, &[entity])?.is_empty()
        {
            kept.push(key);
        }
    }
    view.records = kept;
    Ok(())
}

/// Decisions as they are shown, in the order of the rows.
pub(crate) fn decision_views(inner: &Inner, reader: &mut Reader<'_>, rows: Vec<DecisionRow>) -> Result<Vec<DecisionView>> {
    let mut bodies = Vec::with_capacity(rows.len());
    for row in &rows {
        let body: DecisionBody = serde_json::from_str(&row.body)
            .map_err(|error| RegistryError::internal(format!("decision {} is not readable: {error}", row.id)))?;
        bodies.push(body);
    }
    let records: Vec<RecordId> = bodies.iter().flat_map(|body| body.records.iter().copied()).collect();
    let sources = fresh_sources(inner, reader)?;
    let keys = record_keys(reader, &sources, &records)?;
    let view = |(row, body): (DecisionRow, DecisionBody)| {
        Ok(DecisionView {
            id: row.id,
            entity_kind: row.kind,
            kind: decision_kind(row.id, &row.action)?,
            actor: row.actor,
            proposed_by: body.proposed_by,
            at: row.at,
            comment: row.comment,
            entities: body.entities,
            records: body.records.iter().filter_map(|record| keys.get(record).cloned()).collect(),
            task: body.task,
            former_version: body.from,
            undone_by: row.undone_by,
        })
    };
    rows.into_iter().zip(bodies).map(view).collect()
}

fn fresh_sources(inner: &Inner, reader: &mut Reader<'_>) -> Result<Sources> {
    inner.core.set_sources(Sources::new(reader.sources()?)?);
    Ok((*inner.core.sources()).clone())
}

pub(crate) fn decision_kind(id: DecisionId, action: &str) -> Result<DecisionKind> {
    let known = DecisionKind::of(action);
    known.ok_or_else(|| RegistryError::internal(format!("decision {id} is of an unknown kind")))
}

pub(crate) fn overrides(inner: &Inner, actor: &Actor, kind: Kind, id: EntityId) -> Result<Vec<OverrideView>> {
    let views = inner.core.store.read(|reader| {
        check_kind(reader, kind, id)?;
        scope::require(reader, actor, kind, id)?;
        let version = reader.current_versions(&[id])?.pop().ok_or(RegistryError::NotFound { what: "entity" })?;
        let records: Vec<RecordId> = read_members(&version.members)?.into_iter().map(|(record, _)| record).collect();
        let mut rows = reader.overrides_of_records(&records)?;
        rows.sort_by_key(|row| std::cmp::Reverse((row.at, row.decision)));
        let view = |row: jiku_store::OverrideRow| OverrideView {
            decision: row.decision,
            column: row.column_name,
            value: row.value.unwrap_or_default(),
            actor: row.actor,
            reason: row.reason,
            at: row.at,
            released_at: row.released_at,
        };
        Ok::<_, RegistryError>(rows.into_iter().map(view).collect::<Vec<_>>())
    })?;
    let mut columns: Vec<&str> = views.iter().map(|view| view.column.as_str()).collect();
    columns.sort_unstable();
    columns.dedup();
    inner.audit.log(actor, "overrides", kind, &[(id, columns.join(","))])?;
    Ok(views)
}
