//! What happened since, and how much is there?

use jiku_model::{Kind, RecordId};
use jiku_store::{EntityState, RecordState, TaskState};

use super::find::check_kind;
use crate::RegistryError;
use crate::facade::{AccessView, Change, KindStats, Stats};
use crate::memory::Sources;
use crate::registry::Inner;
use crate::write::images::record_keys;
use crate::write::reload::{ChangeBody, index};

type Result<T> = std::result::Result<T, RegistryError>;

/// The most changes given at a time.
const MOST_CHANGES: usize = 10_000;

pub(crate) fn changes(inner: &Inner, after: i64, limit: usize) -> Result<Vec<Change>> {
    let limit = i64::try_from(limit.clamp(1, MOST_CHANGES)).unwrap_or(i64::MAX);
    inner.core.store.read(|reader| {
        let rows = reader.changes(after, limit)?;
        let bodies = rows.iter().map(ChangeBody::read).collect::<Result<Vec<_>>>()?;
        let records: Vec<RecordId> = bodies.iter().flat_map(|body| body.records.iter().copied()).collect();
        let sources = Sources::new(reader.sources()?)?;
        let keys = record_keys(reader, &sources, &records)?;
        let change = |(row, body): (jiku_store::ChangeRow, ChangeBody)| {
            Some(Change {
                position: row.position,
                at: row.at,
                actor: row.actor,
                kind: row.kind?,
                event: row.event,
                entity: row.entity?,
                version: body.version,
                other: body.other,
                records: body.records.iter().filter_map(|record| keys.get(record).cloned()).collect(),
            })
        };
        Ok(rows.into_iter().zip(bodies).filter_map(change).collect())
    })
}

pub(crate) fn stats(inner: &Inner) -> Result<Stats> {
    let (records, entities, reviews, position) = inner.core.store.read(|reader| {
        Ok::<_, RegistryError>((reader.record_counts()?, reader.entity_counts()?, reader.review_counts()?, reader.last_position()?))
    })?;
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    let state = inner.core.state.lock();
    let kinds = Kind::ALL.map(|kind| {
        let of = |wanted: RecordState| {
            records.iter().filter(|row| row.kind == kind && row.state == wanted).map(|row| count(row.count)).sum::<u64>()
        };
        let (held, withdrawn) = (of(RecordState::Active), of(RecordState::Withdrawn));
        let active =
            entities.iter().filter(|row| row.kind == kind && row.state == EntityState::Active).map(|row| count(row.count)).sum::<u64>();
        let open = reviews.iter().filter(|row| row.kind == kind && row.state == TaskState::Open).map(|row| count(row.count)).sum();
        let shelf = inner.core.shelf(kind);
        let bytes = shelf.matching.read().heap_bytes()
            + shelf.lookup.read().heap_bytes()
            + state.graphs[index(kind)].heap_bytes()
            + shelf.spatial.heap_bytes();
        KindStats {
            kind,
            records: held,
            withdrawn,
            entities: active,
            duplicates: held.saturating_sub(active),
            open_reviews: open,
            memory_bytes: bytes as u64,
        }
    });
    Ok(Stats { kinds: kinds.to_vec(), position })
}

pub(crate) fn access_of(inner: &Inner, kind: Kind, id: jiku_model::EntityId, limit: usize) -> Result<Vec<AccessView>> {
    let limit = i64::try_from(limit.clamp(1, 1_000)).unwrap_or(i64::MAX);
    let rows = inner.core.store.read(|reader| {
        check_kind(reader, kind, id)?;
        Ok::<_, RegistryError>(reader.accesses_of_entity(id, None, limit)?)
    })?;
    let view = |row: jiku_store::AccessRow| AccessView {
        at: row.at,
        principal: row.principal,
        department: row.department,
        purpose: row.purpose,
        action: row.action,
        fields: row.fields.split(',').filter(|field| !field.is_empty()).map(str::to_owned).collect(),
        request_id: row.request_id,
    };
    Ok(rows.into_iter().map(view).collect())
}
