//! Which keys do departments' systems have?

use chrono::TimeDelta;
use jiku_store::{ApiKeyRow, PrincipalRow};

use super::accounts::{check_roles, limits_with, new_principal, write_roles};
use super::secrets::{digest, hex, random, same};
use super::{Result, refused};
use crate::facade::{Act, ApiKeyView, NewKey};
use crate::registry::Inner;
use crate::write::state::now;
use crate::{Actor, RegistryError, acts};

const KEY_PREFIX: &str = "jk_";

/// The longest life of a key, and how many of a principal may live beside each other: the old one and its successor.
const KEY_LIFE: TimeDelta = TimeDelta::days(365);
const LIVE_KEYS: usize = 2;

pub(crate) fn create_key(inner: &Inner, actor: &Actor, key: &NewKey) -> Result<(ApiKeyView, String)> {
    if key.principal.trim().is_empty() || key.principal.contains(char::is_control) {
        return Err(RegistryError::invalid("principal", "required", "give the key's principal a name without control characters"));
    }
    check_roles(&key.roles)?;
    if key.expires_at.is_some_and(|end| end > now() + KEY_LIFE) {
        return Err(RegistryError::invalid(
            "expires_at",
            "value-invalid",
            "a key works for a year at most; make its successor before it ends",
        ));
    }
    let prefix = format!("{KEY_PREFIX}{}", hex(&random::<5>()?));
    let secret = format!("{prefix}_{}", hex(&random::<32>()?));
    let hash = digest(&secret);
    let (key, actor) = (key.clone(), actor.principal.clone());
    let view = inner.queue.act(move |session| {
        let principal = session.writer.principal(&key.principal)?;
        let live =
            session.writer.api_keys(&key.principal)?.into_iter().filter(|row| row.revoked_at.is_none() && row.expires_at > session.at);
        if live.count() >= LIVE_KEYS {
            return Err(RegistryError::conflict("too-many-keys", "this principal has two keys that work; revoke one of them first"));
        }
        let limits = limits_with(principal.as_ref(), &key.sources)?;
        let row = principal.unwrap_or_else(|| new_principal(&key.principal, session.at));
        session.writer.put_principal(&PrincipalRow {
            department: key.department.clone(),
            roles: write_roles(&key.roles),
            limits,
            ..row
        })?;
        let row = ApiKeyRow {
            prefix: prefix.clone(),
            hash: hash.to_vec(),
            principal: key.principal.clone(),
            label: String::new(),
            created_at: session.at,
            expires_at: key.expires_at.unwrap_or(session.at + KEY_LIFE),
            revoked_at: None,
        };
        session.writer.put_api_key(&row)?;
        let detail = format!("{}: {}, until {}", key.department, write_roles(&key.roles), row.expires_at.format("%F"));
        acts::note(session, &actor, Act::KeyCreated, &format!("{} of {}", row.prefix, row.principal), &detail)?;
        Ok(key_view(&row))
    })?;
    Ok((view, secret))
}

pub(crate) fn list_keys(inner: &Inner) -> Result<Vec<ApiKeyView>> {
    inner.core.store.read(|reader| {
        let mut keys = Vec::new();
        for principal in reader.principals()? {
            keys.extend(reader.api_keys(&principal.name)?.iter().map(key_view));
        }
        Ok(keys)
    })
}

pub(crate) fn revoke_key(inner: &Inner, actor: &Actor, id: &str) -> Result<()> {
    let (id, actor) = (id.to_owned(), actor.principal.clone());
    inner.queue.act(move |session| {
        let row = session.writer.api_key(&id)?.ok_or(RegistryError::NotFound { what: "key" })?;
        let revoked_at = row.revoked_at.or(Some(session.at));
        let about = format!("{} of {}", row.prefix, row.principal);
        session.writer.put_api_key(&ApiKeyRow { revoked_at, ..row })?;
        acts::note(session, &actor, Act::KeyRevoked, &about, "")
    })?;
    inner.tokens.clear();
    Ok(())
}

pub(super) fn key_owner(inner: &Inner, token: &str, hash: &[u8; 32]) -> Result<String> {
    let prefix = token.rsplit_once('_').map(|(prefix, _)| prefix).filter(|prefix| prefix.starts_with(KEY_PREFIX)).ok_or_else(refused)?;
    let row = inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.api_key(prefix)?))?.ok_or_else(refused)?;
    let valid = same(&row.hash, hash) && row.revoked_at.is_none() && row.expires_at > now();
    if valid { Ok(row.principal) } else { Err(refused()) }
}

fn key_view(row: &ApiKeyRow) -> ApiKeyView {
    ApiKeyView {
        id: row.prefix.clone(),
        principal: row.principal.clone(),
        created_at: row.created_at,
        expires_at: Some(row.expires_at),
        revoked_at: row.revoked_at,
    }
}
