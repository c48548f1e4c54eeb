//! Who may take everything of a kind along, and what does it leave behind?
//!
//! Before a byte is written the export is an entry of its own in the access log, counted on the day's quota, and an alarm. Its id is the
//! watermark of the file.

use jiku_model::Kind;
use jiku_store::{NewAccess, UsageRow};
use uuid::Uuid;

use crate::facade::{Alarm, Watermark};
use crate::registry::Inner;
use crate::usage::PERSONS_OF_A_DEPARTMENT;
use crate::write::state::now;
use crate::{Actor, RegistryError, alarms};

/// The action under which the access log has it.
const ACTION: &str = "export";

/// Lets an export begin, or refuses it: people beyond the day's quota are exported only when the actor says so, and that is told.
pub(crate) fn begin(inner: &Inner, actor: &Actor, kind: Kind, beyond_quota: bool) -> Result<Watermark, RegistryError> {
    let at = now();
    let day = inner.usage.day();
    let entities = inner.core.state.lock().graphs[crate::write::reload::index(kind)].figures().entities;
    let persons = if kind == Kind::Person { entities } else { 0 };
    let rows = inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.usage(day)?))?;
    let before: u64 = rows.iter().filter(|row| row.principal == actor.principal).map(|row| u64::try_from(row.persons).unwrap_or(0)).sum();
    let over = persons > 0 && before + persons > PERSONS_OF_A_DEPARTMENT;
    if over && !beyond_quota {
        let message = format!(
            "{before} people were exported today and {persons} more are asked for, {PERSONS_OF_A_DEPARTMENT} are a day's quota; \
             wait until tomorrow, or say that you go beyond it, which is told to the security administrators"
        );
        return Err(RegistryError::Exhausted { code: "quota-exceeded", message: message.into(), retry_after_s: 86_400 });
    }
    let mark = Watermark {
        id: Uuid::now_v7(),
        kind,
        principal: actor.principal.clone(),
        at,
        purpose: actor.purpose.clone(),
        in_full: crate::rights::unmasking(actor) != crate::rights::Unmasking::Nothing,
    };
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let trace = NewAccess {
        at,
        principal: actor.principal.clone(),
        department: actor.department.clone(),
        purpose: actor.purpose.clone(),
        action: ACTION.to_owned(),
        kind,
        entity: None,
        fields: format!("{entities} entities{}", if mark.in_full { " in full" } else { " masked" }),
        request_id: Some(mark.id.to_string()),
    };
    let counted = UsageRow {
        day,
        principal: actor.principal.clone(),
        // Each export counts by itself, as a node does.
        node: mark.id.to_string(),
        department: actor.department.clone(),
        requests: 1,
        entities: signed(entities),
        persons: signed(persons),
        locked_until: None,
    };
    inner.core.store.log_accesses(&[trace], &[counted])?;
    let beyond = if over { ", beyond the quota" } else { "" };
    let sight = if mark.in_full { "in full" } else { "masked" };
    alarms::raise_alone(inner, Alarm::Exported, actor, format!("export {}: {entities} {}, {sight}{beyond}", mark.id, kind.plural()))?;
    Ok(mark)
}
