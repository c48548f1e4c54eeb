//! For which purposes of use (使用目的) may a department read personal data?

use jiku_store::PurposeRow;

use crate::facade::{Act, Purpose};
use crate::registry::Inner;
use crate::{Actor, RegistryError, acts};

type Result<T> = std::result::Result<T, RegistryError>;

/// The longest word and title.
const LONGEST: usize = 100;

pub(crate) fn list(inner: &Inner) -> Result<Vec<Purpose>> {
    let rows = inner.core.store.read(|reader| Ok::<_, RegistryError>(reader.purposes()?))?;
    Ok(rows.into_iter().map(|row| Purpose { department: row.department, code: row.code, title: row.title }).collect())
}

pub(crate) fn put(inner: &Inner, actor: &Actor, purpose: &Purpose) -> Result<()> {
    for (field, text) in [("department", &purpose.department), ("code", &purpose.code), ("title", &purpose.title)] {
        if text.trim().is_empty() || text.chars().count() > LONGEST || text.chars().any(char::is_control) {
            return Err(RegistryError::invalid(field, "value-invalid", "write one to 100 characters, none of them a control character"));
        }
    }
    let (purpose, actor) = (purpose.clone(), actor.principal.clone());
    inner.queue.act(move |session| {
        session.writer.put_purpose(&PurposeRow {
            department: purpose.department.clone(),
            code: purpose.code.clone(),
            title: purpose.title.clone(),
            created_at: session.at,
            actor: actor.clone(),
        })?;
        acts::note(session, &actor, Act::PurposePut, &format!("{} for {}", purpose.code, purpose.department), &purpose.title)
    })?;
    inner.tokens.clear();
    Ok(())
}

pub(crate) fn delete(inner: &Inner, actor: &Actor, department: &str, code: &str) -> Result<()> {
    let (department, code, actor) = (department.to_owned(), code.to_owned(), actor.principal.clone());
    inner.queue.act(move |session| {
        if !session.writer.delete_purpose(&department, &code)? {
            return Err(RegistryError::NotFound { what: "purpose" });
        }
        acts::note(session, &actor, Act::PurposeDeleted, &format!("{code} for {department}"), "")
    })?;
    inner.tokens.clear();
    Ok(())
}
