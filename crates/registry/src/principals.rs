//! Who may come in, and how are they known again?
//!
//! A password is kept as an argon2id hash, a key or session token as SHA-256 of its 256 random bits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ahash::AHashMap;
use argon2::{Algorithm, Argon2, Params, Version};
use chrono::TimeDelta;
use jiku_model::Timestamp;
use jiku_store::{ApiKeyRow, MetaRow, PrincipalRow, SessionRow};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use crate::facade::{Act, ApiKeyView, NewKey, NewUser, PrincipalView, SignedIn};
use crate::oidc::{Named, Provider};
use crate::registry::Inner;
use crate::rights::Right;
use crate::usage::{PERSONS_OF_A_SYSTEM, PERSONS_OF_A_USER};
use crate::write::state::now;
use crate::{Actor, Alarm, Limits, RegistryError, Role, Sources, acts, alarms, totp};

type Result<T> = std::result::Result<T, RegistryError>;

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

/// For how long a token that was looked up is believed without looking again.
const BELIEVED_FOR: Duration = Duration::from_secs(2);

/// More tokens than this are not remembered.
const MOST_REMEMBERED: usize = 10_000;

const KEY_PREFIX: &str = "jk_";
const SESSION_PREFIX: &str = "js_";

/// The longest life of a key, and how many of a principal may live beside each other: the old one and its successor.
const KEY_LIFE: TimeDelta = TimeDelta::days(365);
const LIVE_KEYS: usize = 2;

/// The shortest password.
const SHORTEST_PASSWORD: usize = 10;

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

pub(crate) fn create_user(inner: &Inner, actor: &Actor, user: &NewUser) -> Result<PrincipalView> {
    if user.name.trim().is_empty() || user.name.contains(char::is_control) {
        return Err(RegistryError::invalid("name", "required", "give the user a name without control characters"));
    }
    if user.password.chars().count() < SHORTEST_PASSWORD {
        return Err(RegistryError::invalid("password", "password-too-short", "use a password of at least 10 characters"));
    }
    check_roles(&user.roles)?;
    let hash = hash_password(&user.password, &random::<16>()?)?;
    let (user, actor) = (user.clone(), actor.principal.clone());
    let view = inner.queue.act(move |session| {
        let known = session.writer.principal(&user.name)?;
        let row = PrincipalRow {
            department: user.department.clone(),
            roles: write_roles(&user.roles),
            password_hash: Some(hash.clone()),
            active: true,
            failures: 0,
            locked_until: None,
            limits: limits_with(known.as_ref(), &user.sources)?,
            staff_number: user.staff_number.clone().or_else(|| known.as_ref().and_then(|row| row.staff_number.clone())),
            ..known.unwrap_or_else(|| new_principal(&user.name, session.at))
        };
        session.writer.put_principal(&row)?;
        // A new password ends what the old one opened.
        session.writer.delete_sessions_of(&row.name)?;
        acts::note(session, &actor, Act::UserPut, &row.name, &format!("{}: {}", row.department, row.roles))?;
        principal_view(&row)
    })?;
    inner.tokens.clear();
    Ok(view)
}

pub(crate) fn list_principals(inner: &Inner) -> Result<Vec<PrincipalView>> {
    let rows = inner.core.store.read(|reader| Ok::<_, RegistryError>(reader.principals()?))?;
    rows.iter().map(principal_view).collect()
}

/// Everybody who signs in with a password and may decide review tasks, as they would come in.
pub(crate) fn stewards(inner: &Inner) -> Result<Vec<Actor>> {
    let rows = inner.core.store.read(|reader| Ok::<_, RegistryError>(reader.principals()?))?;
    let actors = rows.iter().filter(|row| row.active && row.password_hash.is_some()).map(|row| actor_of(inner, row, PERSONS_OF_A_USER));
    actors.filter(|actor| actor.as_ref().map_or(true, |actor| Right::Steward.is_held_by(actor))).collect()
}

pub(crate) fn enable(inner: &Inner, actor: &Actor, name: &str, enabled: bool) -> Result<()> {
    let (name, actor) = (name.to_owned(), actor.principal.clone());
    inner.queue.act(move |session| {
        let row = session.writer.principal(&name)?.ok_or(RegistryError::NotFound { what: "principal" })?;
        session.writer.put_principal(&PrincipalRow { active: enabled, failures: 0, locked_until: None, ..row })?;
        if !enabled {
            session.writer.delete_sessions_of(&name)?;
        }
        let act = if enabled { Act::PrincipalEnabled } else { Act::PrincipalDisabled };
        acts::note(session, &actor, act, &name, "")
    })?;
    inner.tokens.clear();
    Ok(())
}

/// Sets what a principal may reach beyond its roles; holds within seconds, also for what it has open.
pub(crate) fn set_limits(inner: &Inner, actor: &Actor, name: &str, limits: &Limits) -> Result<()> {
    limits.check()?;
    let (name, limits, actor) = (name.to_owned(), limits.to_row()?, actor.principal.clone());
    inner.queue.act(move |session| {
        let row = session.writer.principal(&name)?.ok_or(RegistryError::NotFound { what: "principal" })?;
        session.writer.put_principal(&PrincipalRow { limits: limits.clone(), ..row })?;
        acts::note(session, &actor, Act::LimitsSet, &name, &limits)
    })?;
    inner.tokens.clear();
    Ok(())
}

/// Gives one's own account a second factor. Where it has one already, the code that it shows or the password must come along: whoever found a
/// session open shall not make the account theirs. A wrong proof counts as a refused sign-in.
pub(crate) fn change_second_factor(inner: &Inner, actor: &Actor, secret: &str, code: &str, proof: Option<&str>) -> Result<()> {
    let name = &actor.principal;
    let row = inner.core.store.read(|reader| Ok::<_, RegistryError>(reader.principal(name)?))?;
    let row = row.ok_or(RegistryError::NotFound { what: "principal" })?;
    if let Some(known) = &row.totp_secret {
        let wrong =
            || RegistryError::invalid("proof", "proof-invalid", "give the code that the present authenticator shows now, or the password");
        let proof = proof.ok_or_else(wrong)?;
        if row.locked_until.is_some_and(|until| until > now()) {
            return Err(refused());
        }
        let key = totp::read_secret(known).ok_or_else(|| RegistryError::internal("a second factor is not readable"))?;
        let step = totp::accept(&key, proof, now().timestamp(), row.totp_step);
        let fits = step.is_some() || row.password_hash.as_ref().map_or(Ok(false), |hash| check_password(proof, hash))?;
        if !fits {
            note_failure(inner, name)?;
            return Err(wrong());
        }
    }
    set_second_factor(inner, actor, name, Some((secret, code)))
}

/// Keeps a second factor once a code shows that it works, or takes it away.
pub(crate) fn set_second_factor(inner: &Inner, actor: &Actor, name: &str, factor: Option<(&str, &str)>) -> Result<()> {
    let accepted = match factor {
        None => None,
        Some((secret, code)) => {
            let wrong = || RegistryError::invalid("code", "code-invalid", "type the six digits that the authenticator shows now");
            let key = totp::read_secret(secret)
                .ok_or_else(|| RegistryError::invalid("secret", "value-invalid", "send back the secret you were given"))?;
            Some((secret.to_owned(), totp::accept(&key, code, now().timestamp(), None).ok_or_else(wrong)?))
        }
    };
    let (name, actor) = (name.to_owned(), actor.principal.clone());
    inner.queue.act(move |session| {
        let row = session.writer.principal(&name)?.ok_or(RegistryError::NotFound { what: "principal" })?;
        let act = if accepted.is_some() { Act::SecondFactorSet } else { Act::SecondFactorReset };
        let (totp_secret, totp_step) = accepted.clone().unzip();
        session.writer.put_principal(&PrincipalRow { totp_secret, totp_step, ..row })?;
        acts::note(session, &actor, act, &name, "")
    })?;
    inner.tokens.clear();
    Ok(())
}

pub(crate) fn new_secret() -> Result<String> {
    Ok(totp::write_secret(&random::<20>()?))
}

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

fn note_failure(inner: &Inner, name: &str) -> Result<()> {
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

/// Whose session it is, and its row when its last use should be noted.
fn session_owner(inner: &Inner, hash: &[u8; 32]) -> Result<(String, Option<SessionRow>)> {
    let row = inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.session(hash)?))?.ok_or_else(refused)?;
    let at = now();
    if row.expires_at <= at || at - row.last_seen_at > SESSION_IDLE {
        return Err(refused());
    }
    let note = at - row.last_seen_at > SEEN_EVERY;
    Ok((row.principal.clone(), note.then_some(SessionRow { last_seen_at: at, ..row })))
}

fn key_owner(inner: &Inner, token: &str, hash: &[u8; 32]) -> Result<String> {
    let prefix = token.rsplit_once('_').map(|(prefix, _)| prefix).filter(|prefix| prefix.starts_with(KEY_PREFIX)).ok_or_else(refused)?;
    let row = inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.api_key(prefix)?))?.ok_or_else(refused)?;
    let valid = same(&row.hash, hash) && row.revoked_at.is_none() && row.expires_at > now();
    if valid { Ok(row.principal) } else { Err(refused()) }
}

/// One answer to every wrong name, password or token.
fn refused() -> RegistryError {
    RegistryError::Forbidden("the name, password, session or key is not valid".into())
}

/// The actor of a principal, who sees `persons` different people a day unless its limits say otherwise.
fn actor_of(inner: &Inner, row: &PrincipalRow, persons: u64) -> Result<Actor> {
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

/// A division that no code begins with (GB/T 2260 begins at 11).
const NOWHERE: &str = "00";

/// Nobody is two of the three administrators, and no administrator reads or changes records.
fn check_roles(roles: &[Role]) -> Result<()> {
    let administrators = roles.iter().filter(|role| role.is_administrator()).collect::<std::collections::BTreeSet<_>>().len();
    if administrators > 1 || (administrators == 1 && roles.iter().any(|role| !role.is_administrator())) {
        let message = "an auditor, a system administrator or a security administrator has this role alone; make an account for each";
        return Err(RegistryError::conflict("separation-of-duties", message));
    }
    Ok(())
}

/// The limits of a principal as they are kept, with the source systems that were named just now.
fn limits_with(known: Option<&PrincipalRow>, sources: &Sources) -> Result<String> {
    let limits = known.map_or_else(|| Ok(Limits::default()), |row| Limits::from_row(&row.limits))?;
    let sources = if sources.is_none() { limits.sources } else { sources.clone() };
    Limits { sources, ..limits }.to_row()
}

fn new_principal(name: &str, at: Timestamp) -> PrincipalRow {
    PrincipalRow {
        name: name.to_owned(),
        display_name: name.to_owned(),
        department: String::new(),
        roles: String::new(),
        password_hash: None,
        active: true,
        failures: 0,
        locked_until: None,
        created_at: at,
        limits: "{}".to_owned(),
        totp_secret: None,
        totp_step: None,
        staff_number: None,
    }
}

fn principal_view(row: &PrincipalRow) -> Result<PrincipalView> {
    Ok(PrincipalView {
        name: row.name.clone(),
        department: row.department.clone(),
        roles: read_roles(&row.roles),
        enabled: row.active,
        created_at: row.created_at,
        limits: Limits::from_row(&row.limits)?,
        second_factor: row.totp_secret.is_some(),
        staff_number: row.staff_number.clone(),
    })
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

fn write_roles(roles: &[Role]) -> String {
    let mut roles: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    roles.sort_unstable();
    roles.dedup();
    roles.join(",")
}

/// A role this version does not know grants nothing.
fn read_roles(roles: &str) -> Vec<Role> {
    roles.split(',').filter_map(|role| role.parse().ok()).collect()
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| RegistryError::internal(format!("the system gives no random numbers: {error}")))?;
    Ok(bytes)
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

/// Compares without telling by time where the difference lies.
fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |difference, (one, other)| difference | (one ^ other)) == 0
}

/// `argon2id$m,t,p$salt$hash`, with the parameters of the day so that they can grow.
fn hash_password(password: &str, salt: &[u8]) -> Result<String> {
    let params = Params::default();
    let hash = argon2id(password, salt, params.clone())?;
    Ok(format!("argon2id${},{},{}${}${}", params.m_cost(), params.t_cost(), params.p_cost(), hex(salt), hex(&hash)))
}

fn check_password(password: &str, kept: &str) -> Result<bool> {
    let broken = || RegistryError::internal("a password hash is not readable");
    let parts: Vec<&str> = kept.split('$').collect();
    let ["argon2id", params, salt, hash] = parts.as_slice() else { return Err(broken()) };
    let params: Vec<u32> = params.split(',').filter_map(|number| number.parse().ok()).collect();
    let [memory, time, lanes] = params.as_slice() else { return Err(broken()) };
    let params = Params::new(*memory, *time, *lanes, None).map_err(|_| broken())?;
    let (salt, hash) = (unhex(salt).ok_or_else(broken)?, unhex(hash).ok_or_else(broken)?);
    Ok(same(&argon2id(password, &salt, params)?, &hash))
}

fn argon2id(password: &str, salt: &[u8], params: Params) -> Result<[u8; 32]> {
    let mut hash = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, &mut hash)
        .map_err(|error| RegistryError::internal(format!("a password cannot be hashed: {error}")))?;
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_another_is_not() {
        let kept = hash_password("correct horse", &[7; 16]).expect("hashes");
        assert!(kept.starts_with("argon2id$") && !kept.contains("horse"));
        assert!(check_password("correct horse", &kept).expect("readable"));
        assert!(!check_password("correct hose", &kept).expect("readable"));
        assert!(check_password("x", "md5$1$2").is_err());
    }

    #[test]
    fn divisions_of_a_token_narrow_and_never_widen() {
        for (one, other, expected) in
            [("", "4401", "4401"), ("44", "4401 11", "4401"), ("440106", "4401", "440106"), ("44", "11", "00"), ("44 11", "11 44", "11 44")]
        {
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(common_divisions(&words(one), &words(other)), words(expected), "{one} and {other}");
        }
    }

    #[test]
    fn roles_survive_the_database_and_unknown_ones_grant_nothing() {
        let roles = [Role::Steward, Role::Reader, Role::Steward];
        assert_eq!(write_roles(&roles), "reader,steward");
        assert_eq!(read_roles("reader,emperor,steward"), [Role::Reader, Role::Steward]);
        assert_eq!(read_roles(""), []);
    }
}
