//! How does a node take over what it did not write itself, or did not get committed?
//!
//! The touched records and entities are read again and replace whatever the memory says of them.

use std::sync::Arc;

use ahash::{AHashMap, AHashSet};
use jiku_linkage::Model;
use jiku_model::{EntityId, JudgementOrigin, Kind, RecordId};
use jiku_spatial::ParcelGeometry;
use jiku_store::{ChangeRow, LedgerEntry, OverrideRow, Reader, RecordRow, RecordState, TaskState};
use serde::Deserialize;

use super::draft::shown;
use super::images::read_golden;
use super::parcels::{row_geometry, superseded};
use super::prepare::{read_attributes, strong, tokens};
use super::settle::Touched;
use super::state::{Core, State};
use super::ties::{naming, own_numbers, renamed};
use crate::RegistryError;
use crate::facade::EntityState;
use crate::memory::{Appraisal, Effects, Entity, Graph, Node, Override, ParcelFeature, Shelf, Sources, Task};
use crate::rejudge::indexed;
use crate::survivorship;

/// How many change-log rows are read at a time.
const STEP: i64 = 5_000;

/// What a change-log row tells followers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ChangeBody {
    /// The version that the change made.
    pub(crate) version: Option<i64>,
    pub(crate) records: Vec<RecordId>,
    /// Records that must be read again although their entity did not change.
    pub(crate) near: Vec<RecordId>,
    pub(crate) other: Option<EntityId>,
    /// The version of the model that came into use.
    pub(crate) model: Option<i32>,
    /// The version of the survivorship rules that came into use.
    pub(crate) survivorship: Option<i32>,
}

impl ChangeBody {
    pub(crate) fn read(row: &ChangeRow) -> Result<Self, RegistryError> {
        serde_json::from_str(&row.body)
            .map_err(|error| RegistryError::internal(format!("change {} is not readable: {error}", row.position)))
    }
}

/// Applies what others wrote since this node last looked, and reads again what it planned and did not commit. The
/// reader must be of one state.
pub(crate) fn catch_up(core: &Core, state: &mut State, reader: &mut Reader<'_>) -> Result<(), RegistryError> {
    if !core.follows {
        if let Some(last) = reader.last_change()? {
            (state.position, state.last_at) = (last.position, state.last_at.max(last.at));
        }
        core.set_sources(Sources::new(reader.sources()?)?);
        core.advance(state.position);
        return Ok(());
    }
    let last = reader.last_position()?;
    while state.position < last {
        let rows = reader.changes(state.position, STEP)?;
        let Some(end) = rows.last() else { break };
        let (position, at) = (end.position, end.at);
        for row in &rows {
            let Some(kind) = row.kind else { continue };
            let body = ChangeBody::read(row)?;
            let touched = &mut state.touched[index(kind)];
            touched.slots.extend(body.records.iter().chain(&body.near).map(|record| record.slot()));
            touched.entities.extend(row.entity.into_iter().chain(body.other));
            touched.model |= body.model.is_some();
            touched.rules |= body.survivorship.is_some();
        }
        state.position = position;
        state.last_at = state.last_at.max(at);
    }
    // What was read of the log before and could not be taken over is taken over now.
    if core.position() < state.position || state.touched.iter().any(|touched| !touched.is_empty()) {
        // What is found here is in the database already: who learns of it from the memory may look it up.
        core.store.renew();
        let sources = Sources::new(reader.sources()?)?;
        for kind in Kind::ALL {
            let touched = std::mem::take(&mut state.touched[index(kind)]);
            if let Err(error) = take_over(core, state, reader, &sources, kind, &touched) {
                state.touched[index(kind)] = touched;
                return Err(error);
            }
        }
        core.set_sources(sources);
        core.advance(state.position);
    }
    Ok(())
}

/// Takes over what others wrote of a kind.
fn take_over(
    core: &Core,
    state: &mut State,
    reader: &mut Reader<'_>,
    sources: &Sources,
    kind: Kind,
    touched: &Touched,
) -> Result<(), RegistryError> {
    reload(core, state, reader, sources, kind, touched)?;
    if touched.model {
        adopt(core, core.shelf(kind), reader)?;
    }
    if touched.rules {
        adopt_rules(core.shelf(kind), reader)?;
    }
    Ok(())
}

/// Puts the model into use that another node put into use.
fn adopt(core: &Core, shelf: &Shelf, reader: &mut Reader<'_>) -> Result<(), RegistryError> {
    let Some(row) = reader.active_model(shelf.kind)?.filter(|row| row.version != shelf.model_version()) else { return Ok(()) };
    let model = Model::from_toml(&row.toml)
        .map_err(|error| RegistryError::internal(format!("version {} of the model is not readable: {error}", row.version)))?;
    reader.takes_long()?;
    let (matching, _) = indexed(core, reader, shelf.kind, Arc::new(model))?;
    shelf.adopt(row.version, matching);
    Ok(())
}

/// Puts the survivorship rules into use that another node put into use. Nothing is composed by this node between their commit and this: who
/// writes catches up first.
fn adopt_rules(shelf: &Shelf, reader: &mut Reader<'_>) -> Result<(), RegistryError> {
    let Some(row) = reader.active_survivorship(shelf.kind)?.filter(|row| row.version != shelf.rules_version()) else { return Ok(()) };
    shelf.adopt_rules(row.version, survivorship::read(&row)?);
    Ok(())
}

/// Where a kind's part lies in an array of all kinds.
pub(crate) const fn index(kind: Kind) -> usize {
    kind.number() as usize - 1
}

/// Reads these records and entities again.
fn reload(
    core: &Core,
    state: &mut State,
    reader: &mut Reader<'_>,
    sources: &Sources,
    kind: Kind,
    touched: &Touched,
) -> Result<(), RegistryError> {
    if touched.slots.is_empty() && touched.entities.is_empty() {
        return Ok(());
    }
    let shelf = core.shelf(kind);
    let slots: Vec<u32> = touched.slots.iter().copied().collect();
    let ids: Vec<RecordId> = slots.iter().map(|slot| RecordId::new(kind, *slot)).collect();
    let records = reader.records(&ids)?;
    let revisions = reader.revisions(&ids)?;
    let ledger = reader.ledger_of_records(&ids)?;
    let overrides = reader.overrides_of_records(&ids)?;
    let mut wanted: AHashSet<EntityId> = touched.entities.clone();
    wanted.extend(records.iter().filter_map(|record| record.entity));
    let wanted: Vec<EntityId> = wanted.into_iter().collect();
    let entities = load_entities(reader, &wanted)?;
    let mut effects = Effects { aliases: aliases(shelf, reader, &wanted, &entities)?, ..Effects::default() };
    let graph = &mut state.graphs[index(kind)];
    let mut pairs: Vec<(RecordId, RecordId)> = ledger.iter().map(|entry| (entry.left_record, entry.right_record)).collect();
    let known = graph.task_pairs(&touched.slots);
    pairs.extend(known.iter().map(|(left, right)| (RecordId::new(kind, *left), RecordId::new(kind, *right))));
    let tasks = reader.review_tasks_of_pairs(&pairs)?;
    let last = reader.last_record(kind)?;
    let parcels = if kind == Kind::Parcel { reader.parcels(&wanted)? } else { Vec::new() };

    for revision in revisions {
        effects.forget_tokens.push((revision.record.slot(), tokens(shelf.noun, &read_attributes(&revision.parsed)?)));
    }
    graph.forget(&slots);
    for slot in &slots {
        graph.remove_node(*slot);
    }
    for record in &records {
        let slot = record.id.slot();
        let attributes = read_attributes(&record.parsed)?;
        if record.state == RecordState::Active {
            graph.put_node(slot, node(sources, shelf.noun, record, &attributes)?);
            effects.put.push((slot, core.features(kind, &attributes), tokens(shelf.noun, &attributes)));
            effects.belong.push((slot, record.entity));
            let appraisal = Appraisal::of(shelf.noun, record.source, &attributes, &record.problems, record.received_at);
            effects.appraise.push((slot, appraisal));
        } else {
            effects.forget_tokens.push((slot, tokens(shelf.noun, &attributes)));
        }
    }
    let active: AHashSet<u32> = effects.put.iter().map(|(slot, ..)| *slot).collect();
    for slot in slots.iter().filter(|slot| !active.contains(slot)) {
        effects.remove.push(*slot);
        effects.belong.push((*slot, None));
    }
    for entry in ledger {
        put_judgement(graph, &entry);
    }
    for steward in overrides.into_iter().filter(|steward| steward.released_at.is_none()) {
        put_override(graph, steward);
    }
    for key in known {
        graph.remove_task(key);
    }
    for task in tasks {
        graph.put_task(task.left_record.slot(), task.right_record.slot(), Task { id: task.id, open: task.state == TaskState::Open });
    }
    let mut geometries: AHashMap<EntityId, ParcelGeometry> = AHashMap::new();
    for row in &parcels {
        geometries.extend(row_geometry(row)?.map(|geometry| (row.entity, geometry)));
    }
    if kind == Kind::Parcel {
        let lead: AHashMap<EntityId, u32> = entities.iter().filter_map(|(id, entity)| Some((*id, *entity.members.first()?))).collect();
        effects.places.extend(wanted.iter().map(|id| (*id, lead.get(id).copied().zip(geometries.remove(id)))));
        let mut features: AHashMap<EntityId, ParcelFeature> = AHashMap::new();
        for row in reader.current_versions(&wanted)?.iter().filter(|row| shown(row.state) == EntityState::Active) {
            let golden = read_golden(&row.golden)?.attributes();
            features.insert(row.entity, ParcelFeature::new(row.entity, row.version, row.recorded_from, &golden));
        }
        effects.parcels.put.extend(wanted.iter().map(|id| (*id, lead.get(id).copied().zip(features.remove(id)))));
        effects.parcels.missed = superseded(reader, wanted.iter().map(|id| (*id, shelf.parcels.last_superseded(*id))))?;
    }
    for id in wanted {
        graph.remove_entity(id);
    }
    for (id, entity) in entities {
        graph.put_entity(id, entity);
    }
    graph.set_next_slot(last.map_or(0, |record| record.slot() + 1));
    let numbers = renamed(&shelf.lookup.read().aliases, effects.aliases.iter().map(|(id, numbers)| (id, numbers)));
    shelf.apply(effects);
    for (other, slots) in naming(core, kind, &numbers) {
        state.touched[index(other)].slots.extend(slots);
    }
    Ok(())
}

/// The numbers by which these entities go together with all their records.
fn aliases(
    shelf: &Shelf,
    reader: &mut Reader<'_>,
    wanted: &[EntityId],
    entities: &[(EntityId, Entity)],
) -> Result<Vec<(EntityId, Vec<u64>)>, RegistryError> {
    let active = || entities.iter().filter(|(_, entity)| entity.state == EntityState::Active);
    let members: Vec<RecordId> =
        active().flat_map(|(_, entity)| entity.members.iter().map(|slot| RecordId::new(shelf.kind, *slot))).collect();
    let mut numbers: AHashMap<u32, Vec<u64>> = AHashMap::new();
    for row in reader.records(&members)? {
        numbers.insert(row.id.slot(), own_numbers(shelf.noun, &read_attributes(&row.parsed)?));
    }
    let mut aliases: AHashMap<EntityId, Vec<u64>> = wanted.iter().map(|id| (*id, Vec::new())).collect();
    for (id, entity) in active() {
        let mut of_all: Vec<u64> = entity.members.iter().filter_map(|slot| numbers.get(slot)).flatten().copied().collect();
        of_all.sort_unstable();
        of_all.dedup();
        aliases.insert(*id, of_all);
    }
    Ok(aliases.into_iter().collect())
}

/// A record as a node.
pub(crate) fn node(
    sources: &Sources,
    noun: &dyn jiku_model::EntityKind,
    record: &RecordRow,
    attributes: &jiku_model::Attributes,
) -> Result<Node, RegistryError> {
    let entity = record.entity.ok_or_else(|| RegistryError::internal(format!("record {} belongs to no entity", record.id.0)))?;
    Ok(Node { order: sources.key(record)?.order(), strong: strong(noun, attributes), entity, source: record.source })
}

/// Entities with their members, as the graph wants them.
pub(crate) fn load_entities(reader: &mut Reader<'_>, ids: &[EntityId]) -> Result<Vec<(EntityId, Entity)>, RegistryError> {
    let versions = reader.current_versions(ids)?;
    let created: ahash::AHashMap<EntityId, jiku_model::Timestamp> =
        reader.entities(ids)?.into_iter().map(|row| (row.id, row.created_at)).collect();
    let entity = |row: jiku_store::VersionRow| {
        let members = read_members(&row.members)?;
        let slots = members.iter().map(|(record, _)| record.slot()).collect();
        let created = created.get(&row.entity).copied().unwrap_or(row.recorded_from);
        let entity = Entity::new(row.version, shown(row.state), row.redirect, created, slots);
        Ok((row.entity, entity))
    };
    versions.into_iter().map(entity).collect()
}

/// The members of a version: records with their revisions.
pub(crate) fn read_members(members: &str) -> Result<Vec<(RecordId, i32)>, RegistryError> {
    serde_json::from_str(members).map_err(|error| RegistryError::internal(format!("a version's members are not readable: {error}")))
}

/// Enters a live judgement into the graph.
pub(crate) fn put_judgement(graph: &mut Graph, entry: &LedgerEntry) {
    let (left, right) = (entry.left_record.slot(), entry.right_record.slot());
    match entry.origin {
        JudgementOrigin::Steward => {
            graph.drop_steward_edge(left, right, entry.decision);
            graph.put_steward_edge(left, right, entry.verdict, entry.at, entry.decision);
        }
        JudgementOrigin::Model => graph.put_model_edge(left, right, entry.verdict, entry.weight.unwrap_or_default()),
        JudgementOrigin::Rule => graph.hold(left, right),
    }
}

/// Enters a standing override into the graph.
pub(crate) fn put_override(graph: &mut Graph, row: OverrideRow) {
    let steward = Override { decision: row.decision, column: row.column_name, value: row.value.unwrap_or_default(), at: row.at };
    graph.put_override(row.record.slot(), steward);
}
