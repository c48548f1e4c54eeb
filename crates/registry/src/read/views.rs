//! How do rows of the database become what is shown?

use std::collections::BTreeMap;

use ahash::AHashMap;
use jiku_model::{EntityId, Kind, RecordId, RecordKey};
use jiku_store::{Reader, RecordRow, RecordState, RelationshipRow, VersionRow};

use crate::RegistryError;
use crate::facade::{EntityView, Include, Relationship, SourceRecordView, ValueView, VersionView};
use crate::kinds::noun;
use crate::memory::Sources;
use crate::write::draft::shown;
use crate::write::images::{read_golden, values};
use crate::write::prepare::read_attributes;
use crate::write::reload::read_members;
use crate::write::state::Core;

type Result<T> = std::result::Result<T, RegistryError>;

/// The source systems, read again when a record names one that is not known here yet.
pub(crate) fn sources_for<'a>(
    core: &Core,
    reader: &mut Reader<'_>,
    mut numbers: impl Iterator<Item = &'a i16>,
) -> Result<std::sync::Arc<Sources>> {
    let known = core.sources();
    if numbers.all(|number| known.get(*number).is_some()) {
        return Ok(known);
    }
    core.set_sources(Sources::new(reader.sources()?)?);
    Ok(core.sources())
}

/// A version as an entity view with nothing beside it.
pub(crate) fn plain_view(kind: Kind, row: &VersionRow, member_count: usize) -> Result<EntityView> {
    view_of(kind, row, member_count, &AHashMap::new())
}

fn view_of(kind: Kind, row: &VersionRow, member_count: usize, keys: &AHashMap<RecordId, RecordKey>) -> Result<EntityView> {
    Ok(EntityView {
        id: row.entity,
        kind,
        version: i64::from(row.version),
        state: shown(row.state),
        recorded_from: row.recorded_from,
        recorded_to: None,
        position: row.position,
        values: values(read_golden(&row.golden)?, keys),
        masked: false,
        member_count,
        sources: None,
        history: None,
        relationships: None,
        parcels: None,
    })
}

/// Versions as entity views with what is asked for beside them, all loaded set by set.
pub(crate) fn entity_views(
    core: &Core,
    reader: &mut Reader<'_>,
    kind: Kind,
    rows: Vec<VersionRow>,
    include: Include,
) -> Result<Vec<EntityView>> {
    let members: Vec<Vec<(RecordId, i32)>> = rows.iter().map(|row| read_members(&row.members)).collect::<Result<_>>()?;
    let mut records: AHashMap<RecordId, RecordRow> = AHashMap::new();
    if include.sources || include.provenance {
        let ids: Vec<RecordId> = members.iter().flatten().map(|(record, _)| *record).collect();
        records = reader.records(&ids)?.into_iter().map(|row| (row.id, row)).collect();
    }
    let sources = sources_for(core, reader, records.values().map(|row| &row.source))?;
    let keys: AHashMap<RecordId, RecordKey> = records.iter().map(|(id, row)| Ok((*id, sources.key(row)?))).collect::<Result<_>>()?;
    let mut views = Vec::with_capacity(rows.len());
    for (row, members) in rows.into_iter().zip(members) {
        let shown_sources = include.sources.then(|| {
            let own = members.iter().filter_map(|(record, _)| records.get(record));
            own.map(|row| record_view(&sources, row)).collect::<Result<Vec<_>>>()
        });
        let view = view_of(kind, &row, members.len(), &keys)?;
        views.push(EntityView { sources: shown_sources.transpose()?, ..view });
    }
    if include.relationships || include.parcels {
        add_relationships(core, reader, &mut views, include)?;
    }
    if include.history {
        for view in &mut views {
            view.history = Some(versions(core, reader, view.id)?);
        }
    }
    Ok(views)
}

/// A source record as it is shown.
pub(crate) fn record_view(sources: &Sources, row: &RecordRow) -> Result<SourceRecordView> {
    let entity = row.entity.ok_or_else(|| RegistryError::internal(format!("record {} belongs to no entity", row.id.0)))?;
    let problems = serde_json::from_str(&row.problems)
        .map_err(|error| RegistryError::internal(format!("the problems of record {} are not readable: {error}", row.id.0)))?;
    Ok(SourceRecordView {
        key: sources.key(row)?,
        revision: i64::from(row.revision),
        withdrawn: row.state == RecordState::Withdrawn,
        entity,
        masked: false,
        payload: row.payload.clone(),
        attributes: read_attributes(&row.parsed)?,
        problems,
        received_at: row.received_at,
    })
}

/// Every version of an entity, newest first.
pub(crate) fn versions(core: &Core, reader: &mut Reader<'_>, id: EntityId) -> Result<Vec<VersionView>> {
    let mut rows = reader.versions(id)?;
    rows.sort_by_key(|row| std::cmp::Reverse(row.version));
    let members: Vec<Vec<(RecordId, i32)>> = rows.iter().map(|row| read_members(&row.members)).collect::<Result<_>>()?;
    let mut ids: Vec<RecordId> = members.iter().flatten().map(|(record, _)| *record).collect();
    ids.sort_unstable();
    ids.dedup();
    let records = reader.records(&ids)?;
    let sources = sources_for(core, reader, records.iter().map(|row| &row.source))?;
    let keys: AHashMap<RecordId, RecordKey> = records.iter().map(|row| Ok((row.id, sources.key(row)?))).collect::<Result<_>>()?;
    let mut views: Vec<VersionView> = Vec::with_capacity(rows.len());
    for (row, members) in rows.into_iter().zip(members) {
        let recorded_to = views.last().map(|later| later.recorded_from);
        views.push(VersionView {
            id,
            version: i64::from(row.version),
            state: shown(row.state),
            redirect: row.redirect,
            recorded_from: row.recorded_from,
            recorded_to,
            position: row.position,
            values: values(read_golden(&row.golden)?, &keys),
            members: members.into_iter().filter_map(|(record, revision)| Some((keys.get(&record)?.clone(), i64::from(revision)))).collect(),
        });
    }
    Ok(views)
}

/// Adds who an entity names and who names it.
fn add_relationships(core: &Core, reader: &mut Reader<'_>, views: &mut [EntityView], include: Include) -> Result<()> {
    let ids: Vec<EntityId> = views.iter().map(|view| view.id).collect();
    let numbers: Vec<Option<String>> = views.iter().map(|view| noun(view.kind).strong_identifier(&view.attributes())).collect();
    let asked: Vec<String> = numbers.iter().flatten().cloned().collect();
    let from = reader.relationships_from(&ids)?;
    let to = reader.relationships_to_numbers(&asked)?;
    for (view, number) in views.iter_mut().zip(numbers) {
        let named = to.iter().filter(|row| number.is_some() && row.to_number == number);
        if include.parcels {
            view.parcels = Some(named.clone().filter(|row| row.from_kind == Kind::Parcel).map(|row| relationship(core, row)).collect());
        }
        if include.relationships {
            let own = from.iter().filter(|row| row.from_entity == view.id);
            view.relationships = Some(own.chain(named).map(|row| relationship(core, row)).collect());
        }
    }
    Ok(())
}

fn relationship(core: &Core, row: &RelationshipRow) -> Relationship {
    Relationship {
        from: row.from_entity,
        from_kind: row.from_kind,
        role: row.role.clone(),
        number: row.to_number.clone(),
        name: row.to_name.clone(),
        to: row.to_number.as_deref().and_then(|number| entity_of_number(core, number)),
    }
}

/// The person or legal person that carries a number.
pub(crate) fn entity_of_number(core: &Core, number: &str) -> Option<(Kind, EntityId)> {
    [Kind::Person, Kind::LegalPerson].into_iter().find_map(|kind| {
        let shelf = core.shelf(kind);
        let lookup = shelf.lookup.read();
        shelf.noun.search_query("number", number).iter().find_map(|token| {
            let slots = lookup.postings.get(lookup.postings.hash(token));
            slots.iter().find_map(|slot| lookup.entity(*slot)).map(|entity| (kind, entity))
        })
    })
}

/// Which fields a reading showed, for its trace.
pub(crate) fn fields(values: &BTreeMap<String, ValueView>) -> String {
    values.keys().map(String::as_str).collect::<Vec<_>>().join(",")
}

/// What a reading of these entities leaves in the trace.
pub(crate) fn trace(views: &[EntityView]) -> Vec<(EntityId, String)> {
    views.iter().map(|view| (view.id, fields(&view.values))).collect()
}
