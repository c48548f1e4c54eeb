//! Do clusters follow from the ledger, golden records from members, and typed tables from golden records?

use ahash::{AHashMap, AHashSet};
use jiku_golden::{Golden, Override, Rules};
use jiku_model::{Attributes, EntityId, Kind, RecordId, Timestamp};
use jiku_resolution::cluster;
use jiku_store::{Reader, RecordRow, RelationshipRow, VersionRow};

use super::Findings;
use super::chain::Moments;
use crate::RegistryError;
use crate::facade::EntityState;
use crate::memory::{Graph, Shelf, Sources, pair};
use crate::survivorship::earlier_rules;
use crate::write::draft::stored;
use crate::write::images::read_golden;
use crate::write::prepare::read_attributes;
use crate::write::reload::read_members;
use crate::write::settle::{Speaker, heard, member};
use crate::write::tasks::wanted;
use crate::write::typed::Typed;

/// How many entities are looked at together.
const STEP: usize = 2_000;

/// Clusters all records anew and compares members and review tasks.
pub(super) fn clusters(shelf: &Shelf, graph: &Graph, findings: &mut Findings) {
    let slots: Vec<u32> = graph.nodes().map(|(slot, _)| slot).collect();
    let (nodes, edges) = (graph.resolution_nodes(&slots, &shelf.nobodys()), graph.edges(&shelf.matching.read(), &slots, &[]));
    let clustering = cluster(&nodes, &edges, &shelf.cluster_rules);
    let mut seen: AHashSet<EntityId> = AHashSet::new();
    for group in &clustering.groups {
        let Some(id) = group.first().and_then(|record| graph.node(record.slot())).map(|node| node.entity) else { continue };
        seen.insert(id);
        let members: Vec<u32> = group.iter().map(|record| record.slot()).collect();
        let entity = graph.entity(id);
        if entity.is_none_or(|entity| entity.state != EntityState::Active || entity.members.as_slice() != members) {
            findings.add("cluster", id, format!("the ledger says {} records, beginning with {}", members.len(), group[0].0));
        }
    }
    for (id, _) in graph.entities().filter(|(id, entity)| entity.state == EntityState::Active && !seen.contains(id)) {
        findings.add("cluster", id, "the entity is active and no cluster is its own");
    }
    for (id, entity) in graph.entities().filter(|(_, entity)| entity.state == EntityState::Merged) {
        if !ends(graph, id) {
            findings.add("redirect", id, format!("leads through {:?} to no end", entity.redirect().map(|target| target.0)));
        }
    }
    let expected: AHashSet<(u32, u32)> = wanted(graph, &slots, &clustering.held).into_keys().collect();
    let open: AHashSet<(u32, u32)> = slots.iter().flat_map(|slot| graph.waiting(*slot).map(|other| pair(*slot, other))).collect();
    for (left, right) in expected.symmetric_difference(&open) {
        let detail = if open.contains(&(*left, *right)) { "the task is open and should not be" } else { "a task should be open" };
        findings.add("review-task", format!("{}-{}", graph.record(*left).0, graph.record(*right).0), detail);
    }
}

/// Whether the redirects from an id end.
fn ends(graph: &Graph, from: EntityId) -> bool {
    let mut id = from;
    let mut seen = AHashSet::new();
    while seen.insert(id) {
        match graph.entity(id) {
            None => return false,
            Some(entity) => match entity.redirect() {
                Some(next) if entity.state == EntityState::Merged => id = next,
                _ => return true,
            },
        }
    }
    false
}

/// Composes every golden record anew and compares it, its version and its typed rows; how many entities there are.
pub(super) fn golden(
    shelf: &Shelf,
    graph: &Graph,
    sources: &Sources,
    reader: &mut Reader<'_>,
    findings: &mut Findings,
) -> Result<u64, RegistryError> {
    let mut ids: Vec<EntityId> = graph.entities().map(|(id, _)| id).collect();
    ids.sort_unstable();
    let (rules, earlier) = (shelf.rules(), earlier_rules(reader, shelf.kind)?);
    for piece in ids.chunks(STEP) {
        let versions: AHashMap<EntityId, VersionRow> = reader.current_versions(piece)?.into_iter().map(|row| (row.entity, row)).collect();
        let members: Vec<RecordId> = piece
            .iter()
            .filter_map(|id| graph.entity(*id))
            .flat_map(|entity| entity.members.iter().map(|slot| graph.record(*slot)))
            .collect();
        let records: AHashMap<RecordId, RecordRow> = reader.records(&members)?.into_iter().map(|row| (row.id, row)).collect();
        let mut composed: Vec<(EntityId, Golden)> = Vec::new();
        for id in piece {
            let Some(version) = versions.get(id) else {
                findings.add("version", id, "the entity has no current version");
                continue;
            };
            let Some(entity) = graph.entity(*id) else { continue };
            if version.version != entity.version || version.state != stored(entity.state) || version.redirect != entity.redirect() {
                findings.add("version", id, "the current version contradicts the entity");
            }
            if entity.state != EntityState::Active {
                continue;
            }
            let listed = read_members(&version.members)?;
            let held: Vec<(RecordId, i32)> = entity
                .members
                .iter()
                .map(|slot| graph.record(*slot))
                .map(|record| (record, records.get(&record).map_or(0, |row| row.revision)))
                .collect();
            if listed != held {
                findings.add("version", id, "the version lists other members or revisions");
            }
            let stands = read_golden(&version.golden)?;
            let by = |rules: &Rules| recompose(rules, graph, sources, &entity.members, &records);
            let mut golden = by(&rules)?;
            if stands != golden {
                if earlier.iter().map(by).collect::<Result<Vec<_>, _>>()?.contains(&stands) {
                    golden = stands;
                } else {
                    findings.add("golden", id, "the members and rules say something else");
                }
            }
            composed.push((*id, golden));
        }
        typed(shelf.kind, piece, &composed, reader, findings)?;
    }
    Ok(ids.len() as u64)
}

/// Compares the moments at which entities and their versions were made with each other and with the change log.
pub(super) fn moments(graph: &Graph, moments: &Moments, reader: &mut Reader<'_>, findings: &mut Findings) -> Result<(), RegistryError> {
    let mut ids: Vec<EntityId> = graph.entities().map(|(id, _)| id).collect();
    ids.sort_unstable();
    for piece in ids.chunks(STEP) {
        let entities = reader.entities(piece)?;
        let made: AHashMap<EntityId, Timestamp> = entities.iter().map(|row| (row.id, row.created_at)).collect();
        let first: Vec<(EntityId, i32)> = piece.iter().map(|id| (*id, 1)).collect();
        let later = entities.iter().filter(|row| row.version > 1).map(|row| (row.id, row.version));
        let wanted: Vec<(EntityId, i32)> = first.into_iter().chain(later).collect();
        for version in reader.versions_at(&wanted)? {
            if moments.of(version.position) != Some(version.recorded_from) {
                findings.add("version", version.entity, format!("the change log says another moment for version {}", version.version));
            }
            if version.version == 1 && made.get(&version.entity) != Some(&version.recorded_from) {
                findings.add("entity", version.entity, "it was not made when its first version was");
            }
        }
    }
    Ok(())
}

fn recompose(
    rules: &Rules,
    graph: &Graph,
    sources: &Sources,
    members: &[u32],
    records: &AHashMap<RecordId, RecordRow>,
) -> Result<Golden, RegistryError> {
    let mut contents: Vec<(&RecordRow, Attributes)> = Vec::with_capacity(members.len());
    for slot in members {
        let row = records
            .get(&graph.record(*slot))
            .ok_or_else(|| RegistryError::internal(format!("record {} is missing", graph.record(*slot).0)))?;
        contents.push((row, read_attributes(&row.parsed)?));
    }
    let speaking: Vec<Speaker<'_>> = contents
        .iter()
        .filter_map(|(row, attributes)| {
            let node = graph.node(row.id.slot())?;
            let member = member(row.id, node.order, sources.standing(node.source), node.strong.is_some(), row.received_at, attributes);
            Some(Speaker { member, source: node.source, edit: sources.is_of_edits(node.source) })
        })
        .collect();
    let overrides: Vec<Override<'_>> = members
        .iter()
        .flat_map(|slot| graph.overrides(*slot))
        .map(|steward| Override { column: &steward.column, value: &steward.value, at: steward.at })
        .collect();
    Ok(heard(rules, &speaking, &overrides))
}

/// Compares the typed rows and relationships of some entities with those that follow from their golden records.
fn typed(
    kind: Kind,
    ids: &[EntityId],
    composed: &[(EntityId, Golden)],
    reader: &mut Reader<'_>,
    findings: &mut Findings,
) -> Result<(), RegistryError> {
    let expected = Typed::new(kind, composed.iter().map(|(id, golden)| (*id, golden)))?;
    let wrong: Vec<EntityId> = match kind {
        Kind::Person => differing(expected.persons, reader.persons(ids)?, |row| row.entity),
        Kind::LegalPerson => differing(expected.legal_persons, reader.legal_persons(ids)?, |row| row.entity),
        Kind::Parcel => differing(expected.parcels, reader.parcels(ids)?, |row| row.entity),
    };
    for id in wrong {
        findings.add("typed-table", id, "the typed row is not the golden record");
    }
    if kind == Kind::Parcel {
        let mut rights = expected.rights;
        rights.sort_by_key(|row| (row.parcel, row.ordinal));
        let mut held = reader.rights_of_parcels(ids)?;
        held.sort_by_key(|row| (row.parcel, row.ordinal));
        let strange: AHashSet<EntityId> = rights
            .iter()
            .filter(|row| !held.contains(row))
            .chain(held.iter().filter(|row| !rights.contains(row)))
            .map(|row| row.parcel)
            .collect();
        for id in strange {
            findings.add("typed-table", id, "the rights are not those of the golden record");
        }
        former(ids, reader, findings)?;
    }
    let sorted = |mut rows: Vec<RelationshipRow>| {
        rows.sort_by_key(|row| (row.from_entity, row.ordinal));
        rows
    };
    let (expected, held) = (sorted(expected.relationships), sorted(reader.relationships_from(ids)?));
    if expected != held {
        let strange = expected.iter().filter(|row| !held.contains(row)).chain(held.iter().filter(|row| !expected.contains(row)));
        let strange: AHashSet<EntityId> = strange.map(|row| row.from_entity).collect();
        for id in strange {
            findings.add("typed-table", id, "the relationships are not those of the golden record");
        }
    }
    Ok(())
}

/// Compares what is kept of parcels that are no more, and of codes they lost, with their versions.
fn former(ids: &[EntityId], reader: &mut Reader<'_>, findings: &mut Findings) -> Result<(), RegistryError> {
    let rows = reader.former_parcels(ids)?;
    let wanted: Vec<(EntityId, i32)> = rows.iter().map(|row| (row.entity, row.version)).collect();
    let versions: AHashMap<(EntityId, i32), VersionRow> =
        reader.versions_at(&wanted)?.into_iter().map(|row| ((row.entity, row.version), row)).collect();
    for row in rows {
        let code = match versions.get(&(row.entity, row.version)) {
            Some(version) => read_golden(&version.golden)?.values.remove("parcel_code").map(|value| value.value),
            None => None,
        };
        if !versions.contains_key(&(row.entity, row.version)) || code != row.parcel_code {
            findings.add("former-parcel", row.entity, "its last version says another code, or there is none");
        }
    }
    Ok(())
}

/// The ids whose rows are not the same on both sides.
fn differing<R: PartialEq>(expected: Vec<R>, held: Vec<R>, id: impl Fn(&R) -> EntityId) -> Vec<EntityId> {
    let mut held: AHashMap<EntityId, R> = held.into_iter().map(|row| (id(&row), row)).collect();
    let mut wrong: Vec<EntityId> =
        expected.into_iter().filter(|row| held.remove(&id(row)).as_ref() != Some(row)).map(|row| id(&row)).collect();
    wrong.extend(held.into_keys());
    wrong
}
