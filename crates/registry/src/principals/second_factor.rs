//! How does an account get a second factor, and lose it?

use jiku_store::PrincipalRow;

use super::passwords::check_password;
use super::secrets::random;
use super::sign_ins::note_failure;
use super::{Result, refused};
use crate::facade::Act;
use crate::registry::Inner;
use crate::write::state::now;
use crate::{Actor, RegistryError, acts, totp};

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
