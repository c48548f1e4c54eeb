//! Who shall decide this one?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::TaskId;
use jiku_registry::Colleague;

use super::{Page, see};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::queue::Queue;
use crate::console::render;
use crate::desk::Desk;
use crate::parameters::{Given, Parameters, Query};
use crate::place::Named;
use crate::problem::Problem;

/// To whom a task is given; shown in a dialog of the review page where scripts run.
#[derive(Template)]
#[template(path = "assignment.html")]
struct AssignmentPage {
    f: Frame,
    address: String,
    query: String,
    stewards: Vec<Colleague>,
    /// Who works on it now, if anybody.
    taken_by: String,
}

/// The queue one goes through.
pub(crate) struct AssignmentParameters(Queue);

impl Parameters for AssignmentParameters {
    const NAMES: &'static [&'static str] = &Queue::NAMES;

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        Queue::read(given).map(Self)
    }
}

/// Asks to whom a task is to be given.
pub(crate) async fn show(
    request: HttpRequest,
    desk: Desk,
    Named(task): Named<TaskId>,
    Query(AssignmentParameters(queue)): Query<AssignmentParameters>,
) -> Page {
    let f = Frame::of(&request, &desk);
    let query = Queue { unmask: desk.actor().unmask, ..queue }.query();
    let known = desk.run(move |registry, actor| registry.assignees(actor, task)).await?;
    let page = AssignmentPage {
        address: format!("/reviews/{task}"),
        query,
        stewards: known.stewards,
        taken_by: known.assigned_to.unwrap_or_default(),
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

/// Takes the task or gives it back, and stays; or gives it to another steward, and goes on to the next.
pub(crate) async fn assign(
    desk: Desk,
    Named(task): Named<TaskId>,
    Query(AssignmentParameters(queue)): Query<AssignmentParameters>,
    form: Form,
) -> Page {
    let queue = Queue { unmask: desk.actor().unmask, ..queue };
    let query = queue.query();
    let to = form.text("to").trim().to_owned();
    if to.is_empty() {
        let take = form.text("take") == "1";
        desk.run(move |registry, actor| registry.assign_review(actor, task, take.then_some(actor.principal.as_str()))).await?;
        return Ok(see(&format!("/reviews/{task}{query}")));
    }
    let next = desk
        .run(move |registry, actor| {
            let place = registry.assignees(actor, task)?.cursor;
            registry.assign_review(actor, task, Some(&to))?;
            registry.next_review(actor, &queue.filter(actor, 1, Some(place)))
        })
        .await?;
    let joint = if query.is_empty() { '?' } else { '&' };
    Ok(see(&next.map_or_else(|| format!("/reviews{query}"), |task| format!("/reviews/{task}{query}{joint}decided=given"))))
}
