//! How are readings found by whom they are about, on SQLite, without each of them paying for it?
//!
//! People are read in no order, so an index into which every reading goes at once costs a page of the write-ahead log for each: more
//! than everything else about it. Here the end of the log is sorted by entity when it has become long, and every commit of the log carries a
//! little of that along, so that readings of neighbours share pages and nobody waits. What is not indexed yet is read through.

use std::thread::JoinHandle;

use diesel::prelude::*;
use jiku_model::EntityId;
use parking_lot::Mutex;

use crate::rows::{AccessRow, MetaRow};
use crate::schema::access_log;
use crate::sqlite::{self, Conn, SET, q};
use crate::types::By;

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::types::sql::Guid;

    /// The readings up to the one that [`INDEXED`] names, by whom they are about.
    #[sql_name = "__access_by_entity"]
    access_by_entity (entity, id) {
        entity -> Guid,
        id -> BigInt,
    }
}

/// The fact in `store_meta` up to which reading the table is complete.
const INDEXED: &str = "access-indexed";

/// So many readings are sorted at a time: the more, the more of them go to one page of the table, and the more must be read through
/// that are not indexed yet.
const RUN: i64 = 262_144;

/// How often the end of the log is looked at, in readings.
const LOOKED_EVERY: usize = 16_384;

/// So many entries a commit carries along for each reading of its own: a run is through before the next is due, and no commit
/// carries much more than others.
const FOR_EACH: usize = 2;

/// A reading and whom it is about.
type Entry = (EntityId, i64);

/// Entries that one commit carries along.
#[derive(Debug, Default)]
pub(crate) struct Portion {
    entries: Vec<Entry>,
    /// Up to which reading the table is complete with them.
    complete: Option<i64>,
}

/// The end of the log, sorted: the last entry is the first to go.
#[derive(Debug)]
struct Run {
    entries: Vec<Entry>,
    until: i64,
}

#[derive(Default)]
struct State {
    run: Option<Run>,
    sorting: Option<JoinHandle<QueryResult<Option<Run>>>>,
    logged: usize,
    /// Readings whose own commits carried nothing along.
    owed: usize,
}

/// What is being indexed of one file.
pub(crate) struct AccessIndex {
    file: String,
    state: Mutex<State>,
}

impl AccessIndex {
    pub(crate) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), state: Mutex::default() }
    }

    /// What a commit of so many readings carries along.
    pub(crate) fn portion(&self, readings: usize) -> Portion {
        let mut state = self.state.lock();
        if let Some(sorting) = state.sorting.take_if(|sorting| sorting.is_finished()) {
            match sorting.join() {
                Ok(Ok(run)) => state.run = run,
                Ok(Err(error)) => tracing::debug!(error = &error as &dyn std::error::Error, "the end of the access log is not sorted yet"),
                // A panic there was told by the panic hook already.
                Err(_) => {}
            }
        }
        let readings = readings + std::mem::take(&mut state.owed);
        let Some(run) = &mut state.run else { return Portion::default() };
        let entries = run.entries.split_off(run.entries.len().saturating_sub(readings * FOR_EACH));
        let complete = run.entries.is_empty().then_some(run.until);
        if complete.is_some() {
            state.run = None;
        }
        Portion { entries, complete }
    }

    /// So many readings were logged with something else: the next commit of the log carries their share along.
    pub(crate) fn logged_beside(&self, readings: usize) {
        let mut state = self.state.lock();
        state.logged += readings;
        state.owed += readings;
    }

    /// So many readings were logged, or were not; the end of the log is sorted when it is long.
    pub(crate) fn logged(&self, readings: usize, committed: bool) {
        let mut state = self.state.lock();
        if !committed {
            // What was carried along is not there: the run is sorted again.
            state.run = None;
        }
        state.logged += readings;
        if state.logged >= LOOKED_EVERY && state.run.is_none() && state.sorting.is_none() {
            state.logged = 0;
            let file = self.file.clone();
            state.sorting = std::thread::Builder::new().name("jiku-access".to_owned()).spawn(move || sorted_end(&file, RUN)).ok();
        }
    }
}

/// Enters what a commit carries along. A run that was interrupted comes again: what is there stays.
pub(crate) fn carry(conn: &mut Conn, portion: &Portion) -> QueryResult<()> {
    use access_by_entity::{entity, id, table};
    let row = |(of, reading): Entry| (entity.eq(By(of)), id.eq(reading));
    let (chunks, rest) = portion.entries.as_chunks::<16>();
    for chunk in chunks {
        diesel::insert_or_ignore_into(table).values(chunk.map(row)).execute(conn)?;
    }
    for entry in rest {
        diesel::insert_or_ignore_into(table).values(row(*entry)).execute(conn)?;
    }
    portion.complete.map_or(Ok(()), |until| q::settings::put_meta(conn, &MetaRow { name: INDEXED.to_owned(), value: until.to_string() }))
}

/// The next readings that are not indexed, sorted; none while they are few.
fn sorted_end(file: &str, run: i64) -> QueryResult<Option<Run>> {
    let conn = &mut sqlite::connect(file)?;
    let indexed = indexed(conn)?;
    let last: Option<i64> = access_log::table.order(access_log::id.desc()).select(access_log::id).first(conn).optional()?;
    if last.unwrap_or(0) - indexed < run {
        return Ok(None);
    }
    let until = indexed + run;
    let end = access_log::table.filter(access_log::id.gt(indexed).and(access_log::id.le(until)).and(access_log::entity.is_not_null()));
    let found: Vec<(Option<EntityId>, i64)> = end.select((access_log::entity, access_log::id)).load(conn)?;
    let mut entries: Vec<Entry> = found.into_iter().filter_map(|(entity, id)| Some((entity?, id))).collect();
    entries.sort_unstable_by(|a, b| b.cmp(a));
    Ok(Some(Run { entries, until }))
}

/// Up to which reading the table is complete.
fn indexed(conn: &mut Conn) -> QueryResult<i64> {
    Ok(q::settings::meta(conn, INDEXED)?.and_then(|told| told.parse().ok()).unwrap_or(0))
}

/// Who read an entity's data, the latest first.
pub(crate) fn accesses_of_entity(conn: &mut Conn, entity: EntityId, before: Option<i64>, limit: i64) -> QueryResult<Vec<AccessRow>> {
    let (indexed, before) = (indexed(conn)?, before.unwrap_or(i64::MAX));
    let latest = access_log::table
        .filter(access_log::id.gt(indexed).and(access_log::id.lt(before)).and(access_log::entity.eq(By(Some(entity)))))
        .order(access_log::id.desc())
        .limit(limit)
        .select(AccessRow::as_select());
    let mut rows: Vec<AccessRow> = latest.load(conn)?;
    let left = limit - i64::try_from(rows.len()).unwrap_or(i64::MAX);
    if left > 0 {
        let of_entity = access_by_entity::table.filter(access_by_entity::entity.eq(By(entity)));
        let ids: Vec<i64> = of_entity
            .filter(access_by_entity::id.lt(before).and(access_by_entity::id.le(indexed)))
            .order(access_by_entity::id.desc())
            .limit(left)
            .select(access_by_entity::id)
            .load(conn)?;
        for set in ids.chunks(SET) {
            let found = access_log::table.filter(access_log::id.eq_any(set)).order(access_log::id.desc()).select(AccessRow::as_select());
            rows.append(&mut found.load(conn)?);
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use jiku_model::{Kind, Timestamp};
    use uuid::Uuid;

    use super::*;
    use crate::rows::NewAccess;

    fn entity(number: u32) -> EntityId {
        EntityId(Uuid::from_u128(u128::from(number.wrapping_mul(2_654_435_761)) << 64))
    }

    /// Logs readings of these entities, 0 for a question that found nobody, and carries a portion along.
    fn log(conn: &mut Conn, of: &[u32], portion: &Portion) {
        let reading = |number: &u32| NewAccess {
            at: Timestamp::UNIX_EPOCH,
            principal: "clerk".to_owned(),
            department: "office".to_owned(),
            purpose: None,
            action: "find".to_owned(),
            kind: Kind::Person,
            entity: (*number > 0).then(|| entity(*number)),
            fields: "name".to_owned(),
            request_id: None,
        };
        q::access::append_accesses(conn, &of.iter().map(reading).collect::<Vec<_>>()).expect("they are logged");
        carry(conn, portion).expect("they are carried along");
    }

    #[track_caller]
    fn check(conn: &mut Conn, logged: &[u32]) {
        for number in 1..8 {
            let mut expected: Vec<i64> = (1..).zip(logged).filter(|(_, of)| **of == number).map(|(id, _)| id).collect();
            expected.reverse();
            let found = |conn: &mut Conn, before, limit| -> Vec<i64> {
                let rows = accesses_of_entity(conn, entity(number), before, limit).expect("they are found");
                rows.into_iter().map(|row| row.id).collect()
            };
            assert_eq!(found(conn, None, i64::MAX), expected, "of {number} among {}", logged.len());
            let half = expected.len() / 2;
            assert_eq!(found(conn, None, i64::try_from(half).expect("few")), expected[..half]);
            if let Some(before) = expected.get(half) {
                assert_eq!(found(conn, Some(*before), i64::MAX), expected[half + 1..]);
            }
        }
    }

    #[test]
    fn who_was_read_is_found_whatever_part_of_the_log_is_indexed() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("base.db").display().to_string();
        drop(
            crate::Store::open_with(&format!("sqlite://{file}"), &crate::KeySource::File(folder.path().join("keys"))).expect("a database"),
        );
        let mut conn = Conn::establish(&file).expect("it opens");
        sqlite::prepare(&mut conn, true).expect("it is prepared");
        let (mut logged, mut number) = (Vec::new(), 0_u32);
        let mut more = |logged: &mut Vec<u32>, count: usize| -> Vec<u32> {
            let next: Vec<u32> = std::iter::repeat_with(|| {
                number += 1;
                number.wrapping_mul(2_246_822_519) >> 16 & 7
            })
            .take(count)
            .collect();
            logged.extend(&next);
            next
        };
        log(&mut conn, &more(&mut logged, 100), &Portion::default());
        check(&mut conn, &logged);
        let index = AccessIndex::new(&file);
        for _ in 0..3 {
            assert!(sorted_end(&file, 200).expect("it is looked at").is_none(), "the end is short");
            log(&mut conn, &more(&mut logged, 150), &Portion::default());
            // Interrupted half way, and begun again by another process.
            let mut half = sorted_end(&file, 200).expect("it is sorted").expect("it is long");
            let entries = half.entries.split_off(half.entries.len() / 2);
            log(&mut conn, &more(&mut logged, 10), &Portion { entries, complete: None });
            check(&mut conn, &logged);
            index.state.lock().run = sorted_end(&file, 200).expect("it is sorted");
            let mut carried = 0;
            while index.state.lock().run.is_some() {
                let portion = index.portion(20);
                carried += 1;
                log(&mut conn, &more(&mut logged, 1), &portion);
                check(&mut conn, &logged);
            }
            assert!(carried > 1 && carried < 10, "{carried}");
            log(&mut conn, &more(&mut logged, 30), &Portion::default());
        }
        assert_eq!(indexed(&mut conn).expect("it is told"), 600);
    }
}
