//! How do records come in one by one or by the stream, and go again?

use std::collections::{BTreeMap, VecDeque};

use ahash::AHashMap;
use jiku_model::{Features, Kind, RecordKey};

use crate::facade::{Incoming, LinkDecision, RowOutcome, WithdrawOutcome};
use crate::imports::{Arriving, complete};
use crate::memory::Shelf;
use crate::registry::Inner;
use crate::write::batch::{Row, RowResult, withdraw as plan_withdrawal};
use crate::{Actor, RegistryError};

pub(crate) fn ingest(inner: &Inner, actor: &Actor, records: Vec<Incoming>) -> Result<Vec<RowOutcome>, RegistryError> {
    let (rows, outcomes) = Arriving::prepare(&inner.core, actor, records).split();
    let mut by_kind: BTreeMap<Kind, VecDeque<(usize, Row)>> = BTreeMap::new();
    for (place, row) in rows {
        by_kind.entry(row.prepared.key.kind).or_default().push_back((place, row));
    }
    let mut done = Vec::with_capacity(outcomes.len());
    for (kind, rows) in by_kind {
        let shown: AHashMap<usize, Features> = rows.iter().map(|(place, row)| (*place, row.prepared.content.features.clone())).collect();
        let arrived = inner.queue.arrive(kind, rows, None)?.0;
        notice(inner.core.shelf(kind), &shown, &arrived);
        done.extend(arrived);
    }
    Ok(complete(outcomes, done))
}

/// Notices that a record brought one name too many to a number. Who meets nobody brings none.
fn notice(shelf: &Shelf, shown: &AHashMap<usize, Features>, arrived: &[(usize, RowResult)]) {
    let met = arrived.iter().filter(|(_, result)| !matches!(result.decision, None | Some(LinkDecision::New)));
    let matching = shelf.matching.read();
    if met.filter_map(|(place, _)| shown.get(place)).any(|features| matching.shows_a_crowd(features)) {
        shelf.suspect();
    }
}

pub(crate) fn withdraw(inner: &Inner, actor: &Actor, key: &RecordKey) -> Result<WithdrawOutcome, RegistryError> {
    if key.source.as_str() == jiku_parcel::edit::SOURCE {
        return Err(RegistryError::conflict("source-reserved", "this source is the service's own: undo the edit, or retire the parcel"));
    }
    let (wanted, actor) = (key.clone(), actor.principal.clone());
    let (unchanged, entity) = inner.queue.act_alone(move |session| {
        let at = session.at;
        let (mut desk, reader) = session.desk(wanted.kind);
        let (draft, entity) = plan_withdrawal(&mut desk, reader, at, &wanted, &actor)?;
        let unchanged = draft.is_none();
        if let Some(draft) = draft {
            session.write(draft)?;
        }
        Ok((unchanged, entity))
    })?;
    Ok(WithdrawOutcome { key: key.clone(), unchanged, entity })
}
