//! Who shows this token?

use std::sync::Arc;
use std::time::{Duration, Instant};

use ahash::AHashMap;
use jiku_store::PrincipalRow;
use parking_lot::Mutex;

use super::accounts::{check_roles, new_principal, read_roles, write_roles};
use super::api_keys::key_owner;
use super::secrets::digest;
use super::sign_ins::{SESSION_PREFIX, session_owner};
use super::{Result, refused};
use crate::oidc::{Named, Provider};
use crate::registry::Inner;
use crate::usage::{PERSONS_OF_A_SYSTEM, PERSONS_OF_A_USER};
use crate::write::state::now;
use crate::{Actor, Limits, RegistryError};

/// For how long a token that was looked up is believed without looking again.
const BELIEVED_FOR: Duration = Duration::from_secs(2);

/// More tokens than this are not remembered.
const MOST_REMEMBERED: usize = 10_000;

/// A division that no code begins with (GB/T 2260 begins at 11).
const NOWHERE: &str = "00";

/// Tokens that were looked up a moment ago.
#[derive(Default)]
pub(crate) struct Tokens {
    known: Mutex<AHashMap<[u8; 32], (Instant, Actor)>>,
}

impl Tokens {
    fn get(&self, hash: &[u8; 32]) -> Option<Actor> {
        self.known.lock().get(hash).filter(|(at, _)| at.elapsed() < BELIEVED_FOR).map(|(_, actor)| actor.clone())
    }

    fn put(&self, hash: [u8; 32], actor: Actor) {
        let mut known = self.known.lock();
        if known.len() >= MOST_REMEMBERED {
            known.retain(|_, (at, _)| at.elapsed() < BELIEVED_FOR);
        }
        if known.len() < MOST_REMEMBERED {
            known.insert(hash, (Instant::now(), actor));
        }
    }

    pub(crate) fn clear(&self) {
        self.known.lock().clear();
    }
}

pub(crate) fn authenticate(inner: &Inner, token: &str) -> Result<Actor> {
    let hash = digest(token);
    if let Some(actor) = inner.tokens.get(&hash) {
        return Ok(actor);
    }
    if Provider::may_have_signed(token)
        && let Some(provider) = &inner.provider
    {
        let actor = actor_of_provider(inner, &provider.read(token, now()).ok_or_else(refused)?)?;
        inner.tokens.put(hash, actor.clone());
        return Ok(actor);
    }
    let (principal, seen) =
        if token.starts_with(SESSION_PREFIX) { session_owner(inner, &hash)? } else { (key_owner(inner, token, &hash)?, None) };
    let row = inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.principal(&principal)?))?;
    let row = row.filter(|row| row.active).ok_or_else(refused)?;
    if let Some(row) = seen {
        inner.queue.act(move |session| Ok(session.writer.put_session(&row)?))?;
    }
    let persons = if token.starts_with(SESSION_PREFIX) { PERSONS_OF_A_USER } else { PERSONS_OF_A_SYSTEM };
    let mut actor = actor_of(inner, &row, persons)?;
    // A key is 256 random bits and no password; what is typed needs a second factor.
    actor.needs_second_factor = inner.strict_administrators
        && token.starts_with(SESSION_PREFIX)
        && row.totp_secret.is_none()
        && actor.roles.iter().any(|role| role.is_administrator());
    inner.tokens.put(hash, actor.clone());
    Ok(actor)
}

/// The actor of a principal, who sees `persons` different people a day unless its limits say otherwise.
pub(super) fn actor_of(inner: &Inner, row: &PrincipalRow, persons: u64) -> Result<Actor> {
    let mut limits = Limits::from_row(&row.limits)?;
    limits.daily_persons = limits.daily_persons.or(Some(persons));
    let purposes = inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.purposes()?))?;
    let own = purposes.into_iter().filter(|purpose| purpose.department == "*" || purpose.department == row.department);
    Ok(Actor {
        principal: row.name.clone(),
        department: row.department.clone(),
        purpose: None,
        request_id: None,
        roles: read_roles(&row.roles),
        unmask: false,
        limits: Arc::new(limits),
        needs_second_factor: false,
        purposes: Some(own.map(|purpose| purpose.code).collect()),
    })
}

/// The actor whom the identity provider names: its roles and department are the provider's. When there is an account of that
/// name here it must be let in, and its limits hold; the divisions of the token narrow them.
fn actor_of_provider(inner: &Inner, named: &Named) -> Result<Actor> {
    check_roles(&named.roles).map_err(|_| refused())?;
    let known = inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.principal(&named.principal)?))?;
    if known.as_ref().is_some_and(|row| !row.active) {
        return Err(refused());
    }
    let row = known.unwrap_or_else(|| new_principal(&named.principal, now()));
    let row = PrincipalRow { department: named.department.clone(), roles: write_roles(&named.roles), ..row };
    let mut actor = actor_of(inner, &row, PERSONS_OF_A_USER)?;
    if !named.divisions.is_empty() {
        let mut limits = Limits::clone(&actor.limits);
        limits.divisions = common_divisions(&limits.divisions, &named.divisions);
        limits.check().map_err(|_| refused())?;
        actor.limits = Arc::new(limits);
    }
    Ok(actor)
}

/// The divisions that lie in both lists; an empty list is everywhere. What lies in none is told as a division that nothing is in.
fn common_divisions(one: &[String], other: &[String]) -> Vec<String> {
    if one.is_empty() {
        return other.to_vec();
    }
    let inner = |a: &[String], b: &[String]| {
        a.iter().filter(|code| b.iter().any(|prefix| code.starts_with(prefix.as_str()))).cloned().collect::<Vec<_>>()
    };
    let mut common = [inner(one, other), inner(other, one)].concat();
    common.sort();
    common.dedup();
    if common.is_empty() { vec![NOWHERE.to_owned()] } else { common }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divisions_of_a_token_narrow_and_never_widen() {
        for (one, other, expected) in
            [("", "4401", "4401"), ("44", "4401 11", "4401"), ("440106", "4401", "440106"), ("44", "11", "00"), ("44 11", "11 44", "11 44")]
        {
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(common_divisions(&words(one), &words(other)), words(expected), "{one} and {other}");
        }
    }
}
