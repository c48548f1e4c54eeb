//! Which accounts are there, and what may each?

use jiku_model::Timestamp;
use jiku_store::PrincipalRow;

use super::Result;
use super::authentication::actor_of;
use super::passwords::hash_password;
use super::secrets::random;
use crate::facade::{Act, NewUser, PrincipalView};
use crate::registry::Inner;
use crate::rights::Right;
use crate::usage::PERSONS_OF_A_USER;
use crate::{Actor, Limits, RegistryError, Role, Sources, acts};

/// The shortest password.
const SHORTEST_PASSWORD: usize = 10;

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

/// Nobody is two of the three administrators, and no administrator reads or changes records.
pub(super) fn check_roles(roles: &[Role]) -> Result<()> {
    let administrators = roles.iter().filter(|role| role.is_administrator()).collect::<std::collections::BTreeSet<_>>().len();
    if administrators > 1 || (administrators == 1 && roles.iter().any(|role| !role.is_administrator())) {
        let message = "an auditor, a system administrator or a security administrator has this role alone; make an account for each";
        return Err(RegistryError::conflict("separation-of-duties", message));
    }
    Ok(())
}

/// The limits of a principal as they are kept, with the source systems that were named just now.
pub(super) fn limits_with(known: Option<&PrincipalRow>, sources: &Sources) -> Result<String> {
    let limits = known.map_or_else(|| Ok(Limits::default()), |row| Limits::from_row(&row.limits))?;
    let sources = if sources.is_none() { limits.sources } else { sources.clone() };
    Limits { sources, ..limits }.to_row()
}

pub(super) fn new_principal(name: &str, at: Timestamp) -> PrincipalRow {
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

pub(super) fn write_roles(roles: &[Role]) -> String {
    let mut roles: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    roles.sort_unstable();
    roles.dedup();
    roles.join(",")
}

/// A role this version does not know grants nothing.
pub(super) fn read_roles(roles: &str) -> Vec<Role> {
    roles.split(',').filter_map(|role| role.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_survive_the_database_and_unknown_ones_grant_nothing() {
        let roles = [Role::Steward, Role::Reader, Role::Steward];
        assert_eq!(write_roles(&roles), "reader,steward");
        assert_eq!(read_roles("reader,emperor,steward"), [Role::Reader, Role::Steward]);
        assert_eq!(read_roles(""), []);
    }
}
