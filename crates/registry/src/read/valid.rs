//! Which version of a parcel stood in the world on a day?
//!
//! Of the versions recorded by a moment the last one that holds from that day or before: a later version corrects an earlier
//! one that holds from the same day. A parcel that an edit has ended stood until the day of that edit.

use ahash::AHashMap;
use jiku_model::{EntityId, Timestamp};
use jiku_store::{EntityState, FormerParcelRow, Reader, VersionRow};

use crate::RegistryError;
use crate::write::images::read_golden;

/// The versions that held on `day`, an ISO date, as recorded at `moment`; `last` are the last ones recorded by then.
pub(crate) fn on_day(
    reader: &mut Reader<'_>,
    last: Vec<VersionRow>,
    moment: Timestamp,
    day: &str,
) -> Result<Vec<VersionRow>, RegistryError> {
    let mut held = Vec::with_capacity(last.len());
    let mut older: Vec<VersionRow> = Vec::new();
    for row in last {
        let begun = row.state == EntityState::Active && period(&row)?.0.is_none_or(|from| from.as_str() <= day);
        if begun { held.push(row) } else { older.push(row) }
    }
    let ids: Vec<EntityId> = older.iter().map(|row| row.entity).collect();
    let former: AHashMap<(EntityId, i32), FormerParcelRow> =
        reader.former_parcels(&ids)?.into_iter().map(|row| ((row.entity, row.version), row)).collect();
    for row in older {
        if row.state != EntityState::Active {
            let end = former.get(&(row.entity, row.version - 1)).filter(|end| end.operation != "undo");
            // What its source withdrew, or an undo took back, has not stood there at all.
            let Some(until) = end.and_then(|end| end.valid_to.as_deref()) else { continue };
            if until <= day {
                continue;
            }
        }
        let versions = reader.versions(row.entity)?;
        let earlier = versions.into_iter().rev().filter(|row| row.recorded_from <= moment && row.state == EntityState::Active);
        for (at, version) in earlier.enumerate() {
            // A version without a date says nothing about the time before one with a date.
            let begun = match period(&version)?.0 {
                Some(from) => from.as_str() <= day,
                None => at == 0,
            };
            if begun {
                held.push(version);
                break;
            }
        }
    }
    let mut valid = Vec::with_capacity(held.len());
    for row in held {
        if period(&row)?.1.is_none_or(|to| to.as_str() > day) {
            valid.push(row);
        }
    }
    Ok(valid)
}

/// From when until when a version says that it holds; dates may be of a year or a month, which sort before their days.
fn period(row: &VersionRow) -> Result<(Option<String>, Option<String>), RegistryError> {
    let mut golden = read_golden(&row.golden)?.values;
    let mut date = |column: &str| golden.remove(column).map(|value| value.value);
    Ok((date("valid_from"), date("valid_to")))
}
