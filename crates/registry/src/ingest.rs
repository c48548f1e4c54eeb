//! How do records come in one by one or by the stream, and go again?

use std::collections::{BTreeMap, VecDeque};

use jiku_model::{Kind, RecordKey};

use crate::facade::{Incoming, RowOutcome, WithdrawOutcome};
use crate::imports::{Arriving, complete};
use crate::registry::Inner;
use crate::write::batch::{Row, withdraw as plan_withdrawal};
use crate::{Actor, RegistryError};

pub(crate) fn ingest(inner: &Inner, actor: &Actor, records: Vec<Incoming>) -> Result<Vec<RowOutcome>, RegistryError> {
    let (rows, outcomes) = Arriving::prepare(actor, records).split();
    let mut by_kind: BTreeMap<Kind, VecDeque<(usize, Row)>> = BTreeMap::new();
    for (place, row) in rows {
        by_kind.entry(row.prepared.key.kind).or_default().push_back((place, row));
    }
    let mut done = Vec::with_capacity(outcomes.len());
    for (kind, rows) in by_kind {
        done.extend(inner.queue.arrive(kind, rows, None)?.0);
    }
    Ok(complete(outcomes, done))
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
