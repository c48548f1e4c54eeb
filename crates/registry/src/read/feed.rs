//! What happened since, and how much is there?

use ahash::AHashMap;
use chrono::{FixedOffset, NaiveDate, NaiveTime, TimeZone};
use jiku_model::{EntityId, Kind, RecordId, Timestamp};
use jiku_store::{ChangeRow, Reader};

use super::find::{check_kind, ids_of};
use crate::facade::{AccessView, Change, DayCount, KindStats, PersonReport, Stats};
use crate::memory::{Figures, Sources};
use crate::registry::Inner;
use crate::write::images::record_keys;
use crate::write::reload::{ChangeBody, index};
use crate::write::state::{State, now};
use crate::{Actor, RegistryError, scope};

type Result<T> = std::result::Result<T, RegistryError>;

/// The most changes given at a time.
const MOST_CHANGES: usize = 10_000;

/// The most days told of at a time.
const MOST_DAYS: usize = 92;

/// The action under which the access log has that somebody looked at who read an entity.
const ACCESS_LIST: &str = "access-list";

pub(crate) fn changes(inner: &Inner, after: i64, limit: usize) -> Result<Vec<Change>> {
    let limit = i64::try_from(limit.clamp(1, MOST_CHANGES)).unwrap_or(i64::MAX);
    inner.core.store.read(|reader| {
        let mut after = after;
        loop {
            let rows = reader.changes(after, limit)?;
            let full = rows.len() as i64 == limit;
            after = rows.last().map_or(after, |row| row.position);
            // Alarms belong to no entity and are told elsewhere; where nothing else is, whoever follows goes on behind them.
            let rows: Vec<_> = rows.into_iter().filter(|row| row.kind.is_some()).collect();
            if !rows.is_empty() || !full {
                return told(reader, rows);
            }
        }
    })
}

/// Changes with the outside names of their records.
fn told(reader: &mut Reader<'_>, rows: Vec<ChangeRow>) -> Result<Vec<Change>> {
    let bodies = rows.iter().map(ChangeBody::read).collect::<Result<Vec<_>>>()?;
    let records: Vec<RecordId> = bodies.iter().flat_map(|body| body.records.iter().copied()).collect();
    let sources = Sources::new(reader.sources()?)?;
    let keys = record_keys(reader, &sources, &records)?;
    let change = |(row, body): (ChangeRow, ChangeBody)| {
        Some(Change {
            position: row.position,
            at: row.at,
            actor: row.actor,
            kind: row.kind?,
            event: row.event,
            entity: row.entity,
            version: body.version,
            other: body.other,
            records: body.records.iter().filter_map(|record| keys.get(record).cloned()).collect(),
        })
    };
    Ok(rows.into_iter().zip(bodies).filter_map(change).collect())
}

pub(crate) fn stats(inner: &Inner) -> Stats {
    counted(inner, &inner.core.state.lock())
}

/// The figures as they stand; where somebody else has the graphs for longer, those that were counted last.
pub(crate) fn recent_stats(inner: &Inner) -> Stats {
    let Some(state) = inner.core.state_soon() else {
        let known = inner.last_stats.lock().clone();
        return known.unwrap_or_else(|| stats(inner));
    };
    let fresh = counted(inner, &state);
    *inner.last_stats.lock() = Some(fresh.clone());
    fresh
}

fn counted(inner: &Inner, state: &State) -> Stats {
    let kinds = Kind::ALL.map(|kind| {
        let graph = &state.graphs[index(kind)];
        let Figures { records, entities, open_tasks } = graph.figures();
        let shelf = inner.core.shelf(kind);
        let bytes = shelf.matching.read().heap_bytes() + shelf.lookup.read().heap_bytes() + graph.heap_bytes() + shelf.spatial.heap_bytes();
        KindStats {
            kind,
            records,
            // Every slot was given to a record, and none is taken back.
            withdrawn: u64::from(graph.slots()).saturating_sub(records),
            entities,
            duplicates: records.saturating_sub(entities),
            open_reviews: open_tasks,
            memory_bytes: bytes as u64,
        }
    });
    Stats { kinds: kinds.to_vec(), position: state.position }
}

/// How much changed on each of the last days, today included. Positions are in commit order, so that the first of a day is
/// found by halving: a handful of rows instead of an index or a scan.
pub(crate) fn activity(inner: &Inner, days: usize) -> Result<Vec<DayCount>> {
    let zone = FixedOffset::east_opt(8 * 3600).ok_or_else(|| RegistryError::internal("UTC+8 is a time zone"))?;
    let today = jiku_model::civil_day(now());
    let days: Vec<NaiveDate> = std::iter::successors(Some(today), NaiveDate::pred_opt).take(days.clamp(1, MOST_DAYS)).collect();
    let starts: Vec<Timestamp> = days
        .iter()
        .filter_map(|day| zone.from_local_datetime(&day.and_time(NaiveTime::MIN)).single())
        .map(|start| start.to_utc())
        .collect();
    let (firsts, last) = inner.core.store.read(|reader| {
        let last = reader.last_position()?;
        // For each day the least position it may begin at, and the least it certainly has begun at.
        let mut bounds = vec![(1_i64, last + 1); starts.len()];
        while bounds.iter().any(|(low, high)| low < high) {
            let middle = |(low, high): &(i64, i64)| low + (high - low) / 2;
            let mut asked: Vec<i64> = bounds.iter().filter(|(low, high)| low < high).map(middle).collect();
            asked.sort_unstable();
            asked.dedup();
            let moments: AHashMap<i64, Timestamp> = reader.change_moments(&asked)?.into_iter().collect();
            for (bound, start) in bounds.iter_mut().zip(&starts).filter(|((low, high), _)| low < high) {
                let at = middle(bound);
                // A position that is not there yet is later than any day.
                if moments.get(&at).is_some_and(|moment| moment < start) { bound.0 = at + 1 } else { bound.1 = at }
            }
        }
        Ok::<_, RegistryError>((bounds.into_iter().map(|(low, _)| low).collect::<Vec<_>>(), last))
    })?;
    let ends = std::iter::once(last + 1).chain(firsts.iter().copied());
    let count = |((day, first), end): ((&NaiveDate, &i64), i64)| DayCount {
        day: *day,
        changes: u64::try_from(end - first).unwrap_or_default(),
        until: end,
    };
    let mut counts: Vec<DayCount> = days.iter().zip(&firsts).zip(ends).map(count).collect();
    counts.reverse();
    Ok(counts)
}

pub(crate) fn access_of(inner: &Inner, actor: &Actor, kind: Kind, id: EntityId, limit: usize) -> Result<Vec<AccessView>> {
    let limit = i64::try_from(limit.clamp(1, 1_000)).unwrap_or(i64::MAX);
    let rows = inner.core.store.read(|reader| {
        check_kind(reader, kind, id)?;
        scope::require(reader, actor, kind, id)?;
        Ok::<_, RegistryError>(reader.accesses_of_entity(id, None, limit)?)
    })?;
    looked_at_readings(inner, actor, ACCESS_LIST, kind, id)?;
    Ok(rows.into_iter().map(access_view).collect())
}

/// Leaves the trace of looking at who read an entity, which shows no value of it, masked or in full.
fn looked_at_readings(inner: &Inner, actor: &Actor, action: &str, kind: Kind, id: EntityId) -> Result<()> {
    let by = Actor { unmask: false, ..actor.clone() };
    inner.audit.log(&by, action, kind, &[(id, "access".to_owned())])
}

fn access_view(row: jiku_store::AccessRow) -> AccessView {
    AccessView {
        at: row.at,
        principal: row.principal,
        department: row.department,
        purpose: row.purpose,
        action: row.action,
        fields: row.fields.split(',').filter(|field| !field.is_empty()).map(str::to_owned).collect(),
        request_id: row.request_id,
    }
}

/// The most readings of a report.
const MOST_READS: usize = 10_000;

pub(crate) fn person_report(inner: &Inner, actor: &Actor, id: EntityId) -> Result<PersonReport> {
    let report = inner.core.store.read(|reader| {
        check_kind(reader, Kind::Person, id)?;
        scope::require(reader, actor, Kind::Person, id)?;
        let ids = ids_of(reader, id)?;
        let mut reads = Vec::new();
        for id in &ids {
            let rows = reader.accesses_of_entity(*id, None, i64::try_from(MOST_READS + 1).unwrap_or(i64::MAX))?;
            reads.extend(rows.into_iter().map(|row| (row.id, *id, row)));
        }
        reads.sort_by_key(|(number, _, _)| std::cmp::Reverse(*number));
        let more = reads.len() > MOST_READS;
        reads.truncate(MOST_READS);
        let reads = reads.into_iter().map(|(_, id, row)| (id, access_view(row))).collect();
        Ok::<_, RegistryError>(PersonReport { ids, reads, more })
    })?;
    looked_at_readings(inner, actor, "person-report", Kind::Person, id)?;
    Ok(report)
}
