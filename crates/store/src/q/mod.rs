//! Which queries are there?
//!
//! Compiled once for each database, as a child of `sqlite` and of `postgres`; nothing in here names one of them.

use diesel::QueryResult;

use super::{Conn, FEW, SET};
use crate::keys::Ahead;
use crate::keys::ring::{Look, looks_of, renew};

/// Loads by the keys of a column. A few are asked for one by one, by a statement that stays prepared; many by sets.
macro_rules! load_by {
    ($keys:expr, $column:expr, |$wanted:ident| $load:expr) => {
        load_by!($keys, $column, By, |$wanted| $load)
    };
    ($keys:expr, $column:expr, $bound:expr, |$wanted:ident| $load:expr) => {{
        let keys: &[_] = $keys;
        if keys.len() <= FEW {
            let mut rows = Vec::with_capacity(keys.len());
            for (_, key) in keys.iter().enumerate().filter(|(at, key)| !keys[..*at].contains(key)) {
                let $wanted = $column.eq($bound(key));
                rows.append(&mut $load?);
            }
            QueryResult::Ok(rows)
        } else {
            in_sets(keys, |set| {
                let $wanted = $column.eq_any(set.iter().map($bound));
                $load
            })
        }
    }};
}

/// Changes or deletes by the keys of a column, as [`load_by`] loads; how many rows were touched.
macro_rules! change_by {
    ($keys:expr, $column:expr, |$wanted:ident| $change:expr) => {{
        let keys: &[_] = $keys;
        if keys.len() <= FEW {
            keys.iter().try_fold(0, |count, key| {
                let $wanted = $column.eq(By(key));
                QueryResult::Ok(count + $change?)
            })
        } else {
            for_sets(keys, |set| {
                let $wanted = $column.eq_any(set.iter().map(By));
                $change
            })
        }
    }};
}

pub(crate) mod access;
pub(crate) mod accounts;
pub(crate) mod changes;
pub(crate) mod decisions;
pub(crate) mod entities;
pub(crate) mod golden;
pub(crate) mod jobs;
pub(crate) mod judgements;
pub(crate) mod oversight;
pub(crate) mod records;
pub(crate) mod reseal;
pub(crate) mod reviews;
pub(crate) mod settings;

/// How many rows a scan hands over at a time.
const CHUNK: i64 = 10_000;

/// Loads by sets of keys, as many statements as the database's limit on bound values asks for.
fn in_sets<K, R>(keys: &[K], mut load: impl FnMut(&[K]) -> QueryResult<Vec<R>>) -> QueryResult<Vec<R>> {
    let mut rows = Vec::with_capacity(keys.len());
    for set in keys.chunks(SET) {
        rows.append(&mut load(set)?);
    }
    Ok(rows)
}

/// Loads by texts that are looked up, under every key they may stand under. A process that has not heard of the newest key learns of it
/// here: it is looked for afterwards, since a row may be brought under a new key between two statements.
fn by_looks<R>(conn: &mut Conn, texts: &[String], load: impl Fn(&mut Conn, &[Look]) -> QueryResult<Vec<R>>) -> QueryResult<Vec<R>> {
    let refused = |error| diesel::result::Error::SerializationError(Box::new(error));
    loop {
        let (newest, looks) = looks_of(texts).map_err(refused)?;
        let rows = load(conn, &looks)?;
        if settings::last_lookup_key(conn)? <= newest {
            return Ok(rows);
        }
        renew().map_err(refused)?;
    }
}

/// Seals the long values of rows that are about to be written, in the order of rows and columns.
fn ahead<'a>(texts: impl Iterator<Item = &'a str>) -> QueryResult<Ahead<'a>> {
    Ahead::seal(texts).map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))
}

/// Changes or deletes by sets of keys; how many rows were touched.
fn for_sets<K>(keys: &[K], mut change: impl FnMut(&[K]) -> QueryResult<usize>) -> QueryResult<usize> {
    keys.chunks(SET).try_fold(0, |count, set| Ok(count + change(set)?))
}
