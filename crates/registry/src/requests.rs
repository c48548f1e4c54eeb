//! How is a repeated request known again?

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use jiku_model::{EntityId, Kind};
use jiku_store::IdempotencyRow;
use sha2::{Digest, Sha256};

use crate::facade::IdempotencyClaim;
use crate::registry::Inner;
use crate::{Actor, FieldUse, RegistryError, scope};

type Result<T> = std::result::Result<T, RegistryError>;

/// For how long an answer is kept.
pub(crate) const KEPT_FOR: TimeDelta = TimeDelta::hours(24);

/// A claim whose request died with its process, or was never confirmed by the database, is given to the next one after this time:
/// longer than any request runs, so that what is still under way is not done beside it.
const CLAIM_LASTS: TimeDelta = TimeDelta::minutes(5);

/// Keys are per department and principal, so that nobody learns of another's.
fn owner(actor: &Actor) -> String {
    format!("{}/{}", actor.department, actor.principal)
}

/// What the actor may do and see now, shortened.
fn rights(actor: &Actor) -> Result<[u8; 32]> {
    let roles: Vec<&str> = actor.roles.iter().map(|role| role.as_str()).collect();
    let told = serde_json::to_vec(&(roles, &*actor.limits)).map_err(|error| RegistryError::internal(error.to_string()))?;
    Ok(Sha256::digest(told).into())
}

/// `request` is the same for the same request only; beside it the claim keeps what the actor may see.
pub(crate) fn claim(inner: &Inner, actor: &Actor, key: &str, request: &[u8; 32]) -> Result<IdempotencyClaim> {
    let (owner, key, fingerprint) = (owner(actor), key.to_owned(), [*request, rights(actor)?].concat());
    inner.queue.act(move |session| {
        session.writer.forget_idempotency_keys(session.at - KEPT_FOR)?;
        let row = IdempotencyRow {
            owner: owner.clone(),
            key: key.clone(),
            fingerprint: fingerprint.clone(),
            status: None,
            answer: None,
            at: session.at,
        };
        let Some(known) = session.writer.claim_idempotency_key(&row)? else { return Ok(IdempotencyClaim::Fresh) };
        if known.fingerprint.get(..32) != fingerprint.get(..32) {
            return Ok(IdempotencyClaim::Reused);
        }
        match (known.status.map(u16::try_from), known.answer) {
            (Some(Ok(status)), Some(body)) => {
                Ok(IdempotencyClaim::Answered { status, body, with_these_rights: known.fingerprint == fingerprint })
            }
            _ if session.at - known.at > CLAIM_LASTS => {
                session.writer.release_idempotency_key(&owner, &key)?;
                session.writer.claim_idempotency_key(&row)?;
                Ok(IdempotencyClaim::Fresh)
            }
            _ => {
                let left = (known.at + CLAIM_LASTS - session.at).num_seconds();
                Ok(IdempotencyClaim::Running { free_in_s: u64::try_from(left).unwrap_or_default() + 1 })
            }
        }
    })
}

pub(crate) fn complete(inner: &Inner, actor: &Actor, key: &str, status: u16, body: &str) -> Result<()> {
    let (owner, key, body) = (owner(actor), key.to_owned(), body.to_owned());
    let status = i16::try_from(status).map_err(|_| RegistryError::internal("a status is no number of three digits"))?;
    inner.queue.act(move |session| Ok(session.writer.finish_idempotency_key(&owner, &key, status, &body).map(drop)?))
}

/// The action under which the access log has it.
const REPEATED: &str = "answer-repeated";

pub(crate) fn repeated(inner: &Inner, actor: &Actor, shown: &[(EntityId, Vec<String>)]) -> Result<()> {
    let ids: Vec<EntityId> = shown.iter().map(|(id, _)| *id).collect();
    let known = inner.core.store.read(|reader| Ok::<_, RegistryError>(reader.entities(&ids)?))?;
    for kind in Kind::ALL {
        let mut read: BTreeMap<EntityId, BTreeSet<&str>> = BTreeMap::new();
        for (id, columns) in shown.iter().filter(|(id, _)| known.iter().any(|row| row.id == *id && row.kind == kind)) {
            read.entry(*id).or_default().extend(columns.iter().map(String::as_str));
        }
        // What is shown may be classed higher by now.
        read.values().flatten().try_for_each(|column| scope::require_field(actor, FieldUse::Read, kind, column))?;
        if !read.is_empty() {
            let read: Vec<_> = read.into_iter().map(|(id, columns)| (id, columns.into_iter().collect::<Vec<_>>().join(","))).collect();
            inner.audit.log(actor, REPEATED, kind, &read)?;
        }
    }
    Ok(())
}

pub(crate) fn abandon(inner: &Inner, actor: &Actor, key: &str) -> Result<()> {
    let (owner, key) = (owner(actor), key.to_owned());
    inner.queue.act(move |session| Ok(session.writer.release_idempotency_key(&owner, &key).map(drop)?))
}
