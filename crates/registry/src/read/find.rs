//! What is known under an id or a source's key?

use jiku_linkage::compare;
use jiku_model::{EntityId, JudgementOrigin, Kind, RecordId, RecordKey};
use jiku_store::{Reader, RecordRow, VersionRow};

use super::views::{entity_views, fields, plain_view, record_view, sources_for, trace, versions};
use crate::audit::Seen;
use crate::facade::{EntityState, EntityView, Found, Include, PairExplanation, SourceRecordView, VersionView, View};
use crate::registry::Inner;
use crate::scope;
use crate::write::draft::shown;
use crate::write::prepare::read_attributes;
use crate::write::reload::read_members;
use crate::{Actor, RegistryError};

type Result<T> = std::result::Result<T, RegistryError>;

const NO_ENTITY: RegistryError = RegistryError::NotFound { what: "entity" };

/// How many redirects are followed; a chain is as long as an id was merged again after it was merged.
const LONGEST_CHAIN: usize = 64;

/// At most this many records of an entity are compared in an explanation.
const MOST_COMPARED: usize = 30;

/// What answers to an id, now or at a moment.
enum Answer {
    Version(VersionRow),
    Moved(EntityId),
    Retired(VersionRow),
}

pub(crate) fn find(inner: &Inner, actor: &Actor, kind: Kind, id: EntityId, view: &View) -> Result<Found> {
    let found = match find_current(inner, actor, kind, id, view)? {
        Some(found) => found,
        None => find_any(inner, actor, kind, id, view)?,
    };
    if let Found::Record(entity) = &found {
        let sources = inner.core.sources();
        let is_own = entity.sources.iter().flatten().any(|record| sources.is_of(&record.key.source, &actor.department));
        let seen = if is_own { Seen::OwnRecords } else { Seen::Fields };
        inner.audit.log_seen(actor, "find", kind, &[(id, fields(&entity.values))], seen)?;
    }
    Ok(found)
}

/// What nearly everybody asks, the golden record as it is now and nothing beside it, by one question; `None` when it takes
/// more.
fn find_current(inner: &Inner, actor: &Actor, kind: Kind, id: EntityId, view: &View) -> Result<Option<Found>> {
    if view.as_of.is_some() || view.include != Include::default() {
        return Ok(None);
    }
    let (row, is_reached) = inner.core.store.glance(|reader| {
        let row = reader.current_version(id)?.ok_or(NO_ENTITY)?;
        let is_reached = scope::reaches(reader, &actor.limits, kind, &row)?;
        Ok::<_, RegistryError>((row, is_reached))
    })?;
    let members = read_members(&row.members)?;
    // What an active entity is of, its records are of.
    match members.first() {
        Some((record, _)) if shown(row.state) == EntityState::Active && record.kind() == kind => {}
        _ => return Ok(None),
    }
    if !is_reached {
        return Err(NO_ENTITY);
    }
    Ok(Some(Found::Record(Box::new(plain_view(kind, &row, members.len())?))))
}

fn find_any(inner: &Inner, actor: &Actor, kind: Kind, id: EntityId, view: &View) -> Result<Found> {
    inner.core.store.read(|reader| {
        scope::require(reader, actor, kind, id)?;
        Ok::<_, RegistryError>(match answer(reader, kind, id, view)? {
            Answer::Moved(target) => Found::Moved(target),
            Answer::Retired(row) => Found::Retired { since: row.recorded_from },
            Answer::Version(row) => {
                let recorded_to = match view.as_of {
                    Some(_) => reader.versions_at(&[(id, row.version + 1)])?.pop().map(|next| next.recorded_from),
                    None => None,
                };
                let mut views = entity_views(&inner.core, reader, kind, vec![row], view.include)?;
                let mut entity = views.pop().ok_or(NO_ENTITY)?;
                entity.recorded_to = recorded_to;
                for ties in [&mut entity.relationships, &mut entity.parcels].into_iter().flatten() {
                    scope::retain_ties(reader, actor, id, ties)?;
                }
                Found::Record(Box::new(entity))
            }
        })
    })
}

fn answer(reader: &mut Reader<'_>, kind: Kind, id: EntityId, view: &View) -> Result<Answer> {
    let look = |reader: &mut Reader<'_>, id: EntityId| -> Result<Option<VersionRow>> {
        Ok(match view.as_of {
            Some(moment) => reader.versions_as_of(&[id], moment)?.pop(),
            None => reader.current_versions(&[id])?.pop(),
        })
    };
    check_kind(reader, kind, id)?;
    let mut row = look(reader, id)?.ok_or(NO_ENTITY)?;
    let mut target = None;
    for _ in 0..LONGEST_CHAIN {
        match (shown(row.state), row.redirect) {
            (EntityState::Merged, Some(next)) => {
                target = Some(next);
                row = look(reader, next)?.ok_or(NO_ENTITY)?;
            }
            (state, _) => {
                return Ok(match (target, state) {
                    (Some(target), EntityState::Active) => Answer::Moved(target),
                    (None, EntityState::Active) => Answer::Version(row),
                    _ => Answer::Retired(row),
                });
            }
        }
    }
    Err(RegistryError::internal(format!("the redirects of entity {id} do not end")))
}

/// The active entity that answers for an id now; none when it is retired.
pub(crate) fn current_of(reader: &mut Reader<'_>, kind: Kind, id: EntityId) -> Result<Option<EntityId>> {
    Ok(match answer(reader, kind, id, &View::default())? {
        Answer::Version(row) => Some(row.entity),
        Answer::Moved(target) => Some(target),
        Answer::Retired(_) => None,
    })
}

/// An id and every id that was merged into it, also by way of others.
pub(crate) fn ids_of(reader: &mut Reader<'_>, id: EntityId) -> Result<Vec<EntityId>> {
    let mut ids = vec![id];
    let mut at = 0;
    while at < ids.len() {
        for merged in reader.entities_merged_into(ids[at])? {
            if !ids.contains(&merged) {
                ids.push(merged);
            }
        }
        at += 1;
    }
    Ok(ids)
}

/// An id of another kind is not found.
pub(crate) fn check_kind(reader: &mut Reader<'_>, kind: Kind, id: EntityId) -> Result<()> {
    reader.entities(&[id])?.pop().filter(|row| row.kind == kind).map(|_| ()).ok_or(NO_ENTITY)
}

pub(crate) fn crosswalk(inner: &Inner, actor: &Actor, key: &RecordKey) -> Result<SourceRecordView> {
    let missing = RegistryError::NotFound { what: "record" };
    let view = inner.core.store.read(|reader| {
        let mut sources = inner.core.sources();
        if sources.number(&key.source).is_none() {
            sources = std::sync::Arc::new(crate::memory::Sources::new(reader.sources()?)?);
        }
        let number = sources.number(&key.source).ok_or(missing.clone())?;
        let head = reader.record_heads(key.kind, number, std::slice::from_ref(&key.key))?.pop().ok_or(missing.clone())?;
        let row = reader.records(&[head.id])?.pop().ok_or(missing)?;
        let view = record_view(&sources, &row)?;
        scope::require(reader, actor, key.kind, view.entity)?;
        Ok::<_, RegistryError>(view)
    })?;
    let fields = view.attributes.iter().map(|(column, _)| column).collect::<Vec<_>>().join(",");
    let seen = if inner.core.sources().is_of(&key.source, &actor.department) { Seen::OwnRecords } else { Seen::Fields };
    inner.audit.log_seen(actor, "crosswalk", key.kind, &[(view.entity, fields)], seen)?;
    Ok(view)
}

pub(crate) fn all_versions(inner: &Inner, actor: &Actor, kind: Kind, id: EntityId) -> Result<Vec<VersionView>> {
    let views = inner.core.store.read(|reader| {
        check_kind(reader, kind, id)?;
        scope::require(reader, actor, kind, id)?;
        versions(&inner.core, reader, id)
    })?;
    let shown = views.iter().find(|view| !view.values.is_empty()).map(|view| fields(&view.values)).unwrap_or_default();
    inner.audit.log(actor, "versions", kind, &[(id, shown)])?;
    Ok(views)
}

pub(crate) fn relationships(inner: &Inner, actor: &Actor, kind: Kind, id: EntityId) -> Result<Vec<crate::Relationship>> {
    let include = Include { relationships: true, ..Include::default() };
    match find(inner, actor, kind, id, &View { as_of: None, include })? {
        Found::Record(entity) => Ok(entity.relationships.unwrap_or_default()),
        Found::Moved(_) | Found::Retired { .. } => Ok(Vec::new()),
    }
}

/// The strongest pairs between the records of two entities, or within one.
pub(crate) fn explain(
    inner: &Inner,
    actor: &Actor,
    kind: Kind,
    left: EntityId,
    right: EntityId,
    limit: usize,
) -> Result<Vec<PairExplanation>> {
    let shelf = inner.core.shelf(kind);
    let pairs = inner.core.store.read(|reader| {
        scope::require(reader, actor, kind, left)?;
        scope::require(reader, actor, kind, right)?;
        let (one, other) = (records_of(reader, kind, left)?, records_of(reader, kind, right)?);
        let sources = sources_for(&inner.core, reader, one.iter().chain(&other).map(|row| &row.source))?;
        let features = |rows: &[RecordRow]| {
            rows.iter().map(|row| Ok(inner.core.features(kind, &read_attributes(&row.parsed)?))).collect::<Result<Vec<_>>>()
        };
        let (one_features, other_features) = (features(&one)?, features(&other)?);
        let mut scored = Vec::new();
        for (at, (row, features)) in one.iter().zip(&one_features).enumerate() {
            let from = if left == right { at + 1 } else { 0 };
            for (partner, partner_features) in other.iter().zip(&other_features).skip(from) {
                scored.push((row, partner, compare(&shelf.model(), features, partner_features)));
            }
        }
        scored.sort_by(|a, b| b.2.weight.total_cmp(&a.2.weight).then((a.0.id, a.1.id).cmp(&(b.0.id, b.1.id))));
        scored.truncate(limit);
        let pairs: Vec<(RecordId, RecordId)> = scored.iter().map(|(a, b, _)| (a.id.min(b.id), a.id.max(b.id))).collect();
        let judgements = reader.judgements_of_pairs(&pairs)?;
        let explained = scored.iter().zip(&pairs).map(|((one, other, score), pair)| {
            let standing = judgements.iter().filter(|row| row.retracted_by.is_none() && (row.left_record, row.right_record) == *pair);
            let verdict =
                standing.max_by_key(|row| (row.origin == JudgementOrigin::Steward, row.at, row.id)).map(|row| (row.verdict, row.origin));
            Ok(PairExplanation { left: sources.key(one)?, right: sources.key(other)?, explanation: score.explain(), verdict })
        });
        explained.collect::<Result<Vec<_>>>()
    })?;
    inner.audit.log(actor, "explain", kind, &[(left, "explanation".to_owned()), (right, "explanation".to_owned())])?;
    Ok(pairs)
}

fn records_of(reader: &mut Reader<'_>, kind: Kind, id: EntityId) -> Result<Vec<RecordRow>> {
    check_kind(reader, kind, id)?;
    let version = reader.current_versions(&[id])?.pop().ok_or(NO_ENTITY)?;
    let members: Vec<RecordId> = read_members(&version.members)?.into_iter().map(|(record, _)| record).take(MOST_COMPARED).collect();
    let mut rows = reader.records(&members)?;
    rows.sort_by_key(|row| row.id);
    Ok(rows)
}

/// Every active entity in scope, by canonical id, until `each` says stop. `page` has each thousand of them before `each` has the first.
pub(crate) fn export(
    inner: &Inner,
    actor: &Actor,
    kind: Kind,
    include: Include,
    page: &mut dyn FnMut(&mut [EntityView]) -> Result<()>,
    each: &mut dyn FnMut(EntityView) -> bool,
) -> Result<u64> {
    let mut count = 0;
    // Ids first and views by the piece: a view may need more queries, which a running scan does not allow.
    let mut ids: Vec<EntityId> = Vec::new();
    inner.core.store.read(|reader| {
        reader.scan_entities(&mut |rows| {
            ids.extend(rows.into_iter().filter(|row| row.kind == kind && shown(row.state) == EntityState::Active).map(|row| row.id));
        })?;
        for piece in ids.chunks(1_000) {
            let mut rows = Vec::with_capacity(piece.len());
            for row in reader.current_versions(piece)? {
                if scope::reaches(reader, &actor.limits, kind, &row)? {
                    rows.push(row);
                }
            }
            rows.sort_by_key(|row| row.entity);
            let mut views = entity_views(&inner.core, reader, kind, rows, include)?;
            page(&mut views)?;
            for view in views {
                count += 1;
                if !each(view) {
                    return Ok(count);
                }
            }
        }
        Ok(count)
    })
}

/// An entity that is active now, for a question of our own: nothing of it is shown, so nothing is traced.
pub(crate) fn active_view(inner: &Inner, kind: Kind, id: EntityId) -> Result<EntityView> {
    inner.core.store.read(|reader| {
        check_kind(reader, kind, id)?;
        let rows = reader.current_versions(&[id])?.into_iter().filter(|row| shown(row.state) == EntityState::Active).collect();
        entity_views(&inner.core, reader, kind, rows, Include::default())?.pop().ok_or(NO_ENTITY)
    })
}

/// Views of entities that are active now and in scope, in the order of the ids, traced under `action`.
pub(crate) fn views_of(
    inner: &Inner,
    actor: &Actor,
    action: &str,
    kind: Kind,
    ids: &[EntityId],
    include: Include,
) -> Result<Vec<EntityView>> {
    let active = |reader: &mut Reader<'_>| {
        let rows = reader.current_versions(ids)?;
        let mut reached = Vec::with_capacity(rows.len());
        for row in rows.into_iter().filter(|row| shown(row.state) == EntityState::Active) {
            if scope::reaches(reader, &actor.limits, kind, &row)? {
                reached.push(row);
            }
        }
        Ok::<_, RegistryError>(reached)
    };
    let mut views = if include == Include::default() {
        inner
            .core
            .store
            .glance(active)?
            .iter()
            .map(|row| plain_view(kind, row, read_members(&row.members)?.len()))
            .collect::<Result<Vec<_>>>()?
    } else {
        inner.core.store.read(|reader| {
            let rows = active(reader)?;
            entity_views(&inner.core, reader, kind, rows, include)
        })?
    };
    let place = |id: EntityId| ids.iter().position(|known| *known == id);
    views.sort_by_key(|view| place(view.id));
    inner.audit.log(actor, action, kind, &trace(&views))?;
    Ok(views)
}
