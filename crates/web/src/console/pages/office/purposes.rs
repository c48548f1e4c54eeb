//! For which purposes may a department read personal data?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_registry::Purpose;

use super::{Tab, tabs};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::pages::{Page, see};
use crate::console::render;
use crate::desk::Desk;
use crate::parameters::{NoParameters, Query};
use crate::problem::{self, Problem};

/// The purposes of use.
#[derive(Template)]
#[template(path = "office/purposes.html")]
struct PurposesPage {
    f: Frame,
    tabs: Vec<Tab>,
    purposes: Vec<Purpose>,
    departments: Vec<String>,
}

/// The purposes, by department.
pub(crate) async fn show(request: HttpRequest, desk: Desk, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let (purposes, sources) = desk.run(|registry, _| Ok((registry.purposes()?, registry.list_sources()?))).await?;
    let mut departments: Vec<String> =
        sources.into_iter().map(|source| source.department).filter(|department| !department.is_empty()).collect();
    departments.sort_unstable();
    departments.dedup();
    Ok(render(StatusCode::OK, &PurposesPage { tabs: tabs(&f, "/office/purposes"), purposes, departments, f }))
}

/// Registers a purpose, or takes one away.
pub(crate) async fn act(desk: Desk, form: Form) -> Page {
    let (department, code) = (form.text("department").to_owned(), form.text("code").to_owned());
    let department = if department.is_empty() { "*".to_owned() } else { department };
    match form.text("act") {
        "put" => {
            let purpose = Purpose { department, code, title: form.text("title").to_owned() };
            desk.run(move |registry, actor| registry.put_purpose(actor, &purpose)).await?;
        }
        "delete" => desk.run(move |registry, actor| registry.delete_purpose(actor, &department, &code)).await?,
        _ => return Err(Problem::new(problem::VALUE_INVALID).detail("act is put or delete")),
    }
    desk.state().forget_tokens();
    Ok(see("/office/purposes"))
}
