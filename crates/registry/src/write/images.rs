//! How do the touched entities look before and after a decision?

use std::collections::BTreeMap;

use ahash::AHashMap;
use jiku_golden::Golden;
use jiku_model::{EntityId, RecordId, RecordKey};
use jiku_store::Reader;

use super::draft::{Draft, shown};
use super::reload::read_members;
use crate::RegistryError;
use crate::facade::{EntityImage, EntityState, MergeOutcome, Redirect, ValueView};
use crate::memory::{Entity, Graph, Sources};

/// The entities a decision can reach, as they were.
pub(crate) struct Snapshot {
    entities: BTreeMap<EntityId, Entity>,
}

impl Snapshot {
    /// Taken after the verdicts were entered and before anything followed from them.
    pub(crate) fn take(graph: &Graph, seeds: &[u32]) -> Self {
        let slots = graph.component(seeds.iter().copied());
        let formers = graph.formers(&slots);
        let entities = formers.into_iter().filter_map(|former| Some((former.entity, graph.entity(former.entity)?.clone()))).collect();
        Self { entities }
    }
}

/// The images of everything the draft touches.
pub(crate) fn outcome(reader: &mut Reader<'_>, sources: &Sources, before: &Snapshot, draft: &Draft) -> Result<MergeOutcome, RegistryError> {
    let touched: Vec<(EntityId, &Entity)> =
        before.entities.iter().filter(|(id, _)| draft.entities.contains_key(id)).map(|(id, entity)| (*id, entity)).collect();
    let ids: Vec<EntityId> = touched.iter().map(|(id, _)| *id).collect();
    let mut goldens: AHashMap<EntityId, Golden> = AHashMap::new();
    for row in reader.current_versions(&ids)? {
        goldens.insert(row.entity, read_golden(&row.golden)?);
    }
    let mut records: Vec<RecordId> =
        touched.iter().flat_map(|(_, entity)| entity.members.iter().map(|slot| RecordId::new(draft.kind, *slot))).collect();
    records.extend(draft.entities.values().flat_map(|entity| entity.members.iter().map(|(record, _)| *record)));
    let keys = record_keys(reader, sources, &records)?;
    let crosswalk = |state: EntityState, members: &mut dyn Iterator<Item = RecordId>| -> Vec<RecordKey> {
        if state == EntityState::Active { members.filter_map(|record| keys.get(&record).cloned()).collect() } else { Vec::new() }
    };
    let before = touched
        .iter()
        .map(|(id, entity)| EntityImage {
            id: *id,
            version: i64::from(entity.version),
            state: entity.state,
            redirect: entity.redirect(),
            values: goldens.remove(id).map(|golden| values(golden, &keys)).unwrap_or_default(),
            records: crosswalk(entity.state, &mut entity.members.iter().map(|slot| RecordId::new(draft.kind, *slot))),
        })
        .collect();
    let after = draft
        .entities
        .iter()
        .map(|(id, entity)| EntityImage {
            id: *id,
            version: i64::from(entity.version),
            state: entity.state,
            redirect: entity.redirect,
            values: values(entity.golden.golden(), &keys),
            records: crosswalk(entity.state, &mut entity.members.iter().map(|(record, _)| *record)),
        })
        .collect();
    let redirects = draft.entities.iter().filter_map(|(id, entity)| Some(Redirect { from: *id, to: entity.redirect? })).collect();
    Ok(MergeOutcome { decision: None, before, after, redirects, risks: Vec::new(), position: 0 })
}

/// An entity as it stands.
pub(crate) fn standing(reader: &mut Reader<'_>, sources: &Sources, id: EntityId) -> Result<EntityImage, RegistryError> {
    let row = reader.current_versions(&[id])?.pop().ok_or(RegistryError::NotFound { what: "entity" })?;
    let members: Vec<RecordId> = read_members(&row.members)?.into_iter().map(|(record, _)| record).collect();
    let keys = record_keys(reader, sources, &members)?;
    Ok(EntityImage {
        id,
        version: i64::from(row.version),
        state: shown(row.state),
        redirect: row.redirect,
        values: values(read_golden(&row.golden)?, &keys),
        records: members.iter().filter_map(|record| keys.get(record).cloned()).collect(),
    })
}

/// A golden record as it is kept in the database.
pub(crate) fn read_golden(text: &str) -> Result<Golden, RegistryError> {
    serde_json::from_str(text).map_err(|error| RegistryError::internal(format!("a golden record is not readable: {error}")))
}

/// Golden values as they are shown, with the outside names of their source records.
pub(crate) fn values(golden: Golden, keys: &AHashMap<RecordId, RecordKey>) -> BTreeMap<String, ValueView> {
    let view = |(column, value): (String, jiku_golden::GoldenValue)| {
        let view = ValueView {
            value: value.value,
            source: value.record.and_then(|record| keys.get(&record).cloned()),
            rule: value.rule,
            agreeing: value.agreeing,
            differing: value.differing,
        };
        (column, view)
    };
    golden.values.into_iter().map(view).collect()
}

/// The outside names of records.
pub(crate) fn record_keys(
    reader: &mut Reader<'_>,
    sources: &Sources,
    records: &[RecordId],
) -> Result<AHashMap<RecordId, RecordKey>, RegistryError> {
    let mut records = records.to_vec();
    records.sort_unstable();
    records.dedup();
    reader.records(&records)?.into_iter().map(|row| Ok((row.id, sources.key(&row)?))).collect()
}
