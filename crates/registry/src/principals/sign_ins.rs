//! Who signs in with a password, and how long does their session last?

use chrono::TimeDelta;
use jiku_store::{MetaRow, PrincipalRow, SessionRow};

use super::authentication::actor_of;
use super::passwords::{check_password, hash_password};
use super::secrets::{digest, hex, random};
use super::{Result, refused};
use crate::facade::SignedIn;
use crate::registry::Inner;
use crate::usage::PERSONS_OF_A_USER;
use crate::write::state::now;
use crate::{Alarm, RegistryError, alarms, totp};

/// The total life of a session, and how long it may lie idle (ASVS 7.3).
const SESSION_LIFE: TimeDelta = TimeDelta::hours(8);
const SESSION_IDLE: TimeDelta = TimeDelta::minutes(15);

/// How stale the note of a session's last use may get before it is written anew.
const SEEN_EVERY: TimeDelta = TimeDelta::minutes(1);

/// After so many failures sign-in is refused for a while.
const MOST_FAILURES: i32 = 5;
const LOCKED_FOR: TimeDelta = TimeDelta::minutes(15);

/// The fact in `store_meta` how many sign-ins were refused that count on no account.
const STRANGERS: &str = "sign_ins_of_nobody";

pub(super) const SESSION_PREFIX: &str = "js_";

pub(crate) fn sign_in(inner: &Inner, name: &str, password: &str, code: Option<&str>) -> Result<SignedIn> {
    let row = inner.core.store.read(|reader| Ok::<_, RegistryError>(reader.principal(name)?))?;
    let locked = row.as_ref().is_some_and(|row| row.locked_until.is_some_and(|until| until > now()));
    let hash = row.as_ref().and_then(|row| row.password_hash.clone());
    // The work is the same when there is no such user, so that time does not tell.
    let fits = match &hash {
        Some(hash) => check_password(password, hash)?,
        None => hash_password(password, &[0; 16]).map(|_| false)?,
    };
    let Some(row) = row.filter(|row| row.active && !locked) else {
        note_stranger(inner)?;
        return Err(refused());
    };
    let step = match (&row.totp_secret, code) {
        (None, _) => Some(row.totp_step),
        (Some(secret), Some(code)) => {
            let key = totp::read_secret(secret).ok_or_else(|| RegistryError::internal("a second factor is not readable"))?;
            totp::accept(&key, code, now().timestamp(), row.totp_step).map(Some)
        }
        (Some(_), None) => None,
    };
    let Some(totp_step) = step.filter(|_| fits) else {
        note_failure(inner, &row.name)?;
        return Err(refused());
    };
    let token = format!("{SESSION_PREFIX}{}", hex(&random::<32>()?));
    let hash = digest(&token);
    let actor = actor_of(inner, &row, PERSONS_OF_A_USER)?;
    let at = now();
    let expires_at = at + SESSION_LIFE;
    inner.queue.act(move |session| {
        // Checking a password takes a while: whoever was shut out, locked or has used this code meanwhile stays outside.
        let same = |now: &PrincipalRow| {
            now.active
                && now.locked_until.is_none_or(|until| until <= session.at)
                && now.password_hash == row.password_hash
                && (&now.totp_secret, now.totp_step) == (&row.totp_secret, row.totp_step)
        };
        let row = session.writer.principal(&row.name)?.filter(same).ok_or_else(refused)?;
        session.writer.put_principal(&PrincipalRow { failures: 0, locked_until: None, totp_step, ..row.clone() })?;
        session.writer.delete_expired_sessions(session.at)?;
        session.writer.put_session(&SessionRow {
            hash: hash.to_vec(),
            principal: row.name.clone(),
            created_at: at,
            last_seen_at: at,
            expires_at,
        })?;
        Ok(())
    })?;
    Ok(SignedIn { token, actor, expires_at })
}

/// Counts a sign-in that was refused on no account's name. Nobody needs the number: a wrong password is written down too, and the
/// time that takes would tell which names there are.
fn note_stranger(inner: &Inner) -> Result<()> {
    inner.queue.act(|session| {
        let known = session.writer.meta(STRANGERS)?.and_then(|count| count.parse::<u64>().ok()).unwrap_or(0);
        Ok(session.writer.put_meta(&MetaRow { name: STRANGERS.to_owned(), value: (known + 1).to_string() })?)
    })
}

pub(super) fn note_failure(inner: &Inner, name: &str) -> Result<()> {
    let name = name.to_owned();
    inner.queue.act(move |session| {
        let Some(row) = session.writer.principal(&name)? else { return Ok(()) };
        let failures = row.failures + 1;
        let locked_until = if failures >= MOST_FAILURES { Some(session.at + LOCKED_FOR) } else { row.locked_until };
        if failures >= MOST_FAILURES {
            alarms::raise(session, Alarm::SignInLocked, &row.name, &row.department, "")?;
        }
        let failures = if failures >= MOST_FAILURES { 0 } else { failures };
        session.writer.put_principal(&PrincipalRow { failures, locked_until, ..row })?;
        Ok(())
    })
}

pub(crate) fn sign_out(inner: &Inner, token: &str) -> Result<()> {
    let hash = digest(token);
    inner.queue.act(move |session| Ok(session.writer.delete_session(&hash).map(drop)?))?;
    inner.tokens.clear();
    Ok(())
}

/// Whose session it is, and its row when its last use should be noted.
pub(super) fn session_owner(inner: &Inner, hash: &[u8; 32]) -> Result<(String, Option<SessionRow>)> {
    let row = inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.session(hash)?))?.ok_or_else(refused)?;
    let at = now();
    if row.expires_at <= at || at - row.last_seen_at > SESSION_IDLE {
        return Err(refused());
    }
    let note = at - row.last_seen_at > SEEN_EVERY;
    Ok((row.principal.clone(), note.then_some(SessionRow { last_seen_at: at, ..row })))
}
