//! Who works on a review task?

use jiku_model::TaskId;
use jiku_store::{ReviewTaskRow, TaskState};

use crate::facade::{Assignees, Colleague};
use crate::read::reviews::{cursor_of, in_scope, review};
use crate::registry::Inner;
use crate::{Actor, RegistryError, principals};

type Result<T> = std::result::Result<T, RegistryError>;

const NO_TASK: RegistryError = RegistryError::NotFound { what: "review task" };

/// Who could be given a task. Nothing of its records is told, so nothing is traced.
pub(crate) fn assignees(inner: &Inner, actor: &Actor, task: TaskId) -> Result<Assignees> {
    let rows = inner.core.store.read(|reader| {
        let rows = reader.review_tasks(&[task])?;
        in_scope(reader, actor, rows)
    })?;
    let row = rows.into_iter().next().ok_or(NO_TASK)?;
    let mut stewards = Vec::new();
    for steward in principals::stewards(inner)? {
        if steward.principal != actor.principal && may_decide(inner, &steward, &row)? {
            stewards.push(Colleague { name: steward.principal, department: steward.department });
        }
    }
    Ok(Assignees { assigned_to: row.assigned_to.clone(), cursor: cursor_of(&row), stewards })
}

/// Takes a task, gives it to another steward, or gives it back.
pub(crate) fn assign(inner: &Inner, actor: &Actor, task: TaskId, to: Option<&str>) -> Result<()> {
    if actor.limits.is_scoped() {
        review(inner, actor, task)?;
    }
    if let Some(name) = to.filter(|name| *name != actor.principal) {
        let row = inner.core.store.read(|reader| Ok::<_, RegistryError>(reader.review_tasks(&[task])?))?.pop().ok_or(NO_TASK)?;
        let steward = principals::stewards(inner)?.into_iter().find(|steward| steward.principal == name);
        if !steward.map(|steward| may_decide(inner, &steward, &row)).transpose()?.unwrap_or(false) {
            let advice = "nobody of this name has an account as a steward who reaches this task; name one who does";
            return Err(RegistryError::invalid("assigned_to", "no-such-steward", advice));
        }
    }
    let to = to.map(str::to_owned);
    inner.queue.act(move |session| {
        let mut row = session.writer.review_tasks(&[task])?.pop().ok_or(NO_TASK)?;
        if to.is_some() && row.state != TaskState::Open {
            return Err(RegistryError::conflict("already-decided", "this review task has been answered; take one that is open"));
        }
        row.assigned_to.clone_from(&to);
        session.writer.put_review_tasks(&[row])?;
        Ok(())
    })
}

/// Whether both sides of a task are within a steward's reach.
fn may_decide(inner: &Inner, steward: &Actor, row: &ReviewTaskRow) -> Result<bool> {
    if !steward.limits.is_scoped() {
        return Ok(true);
    }
    inner.core.store.read(|reader| in_scope(reader, steward, vec![row.clone()])).map(|reached| !reached.is_empty())
}
