//! Which source systems are there, and how far is each trusted?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::SourceSystem;

use super::{Tab, tabs};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::pages::{Page, see};
use crate::console::render;
use crate::desk::Desk;
use crate::parameters::{NoParameters, Query};
use crate::problem::{self, Problem};

/// The source systems.
#[derive(Template)]
#[template(path = "office/sources.html")]
struct SourcesPage {
    f: Frame,
    tabs: Vec<Tab>,
    sources: Vec<SourceSystem>,
}

/// The source systems and their trust.
pub(crate) async fn show(request: HttpRequest, desk: Desk, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let sources = desk.run(|registry, _| registry.list_sources()).await?;
    Ok(render(StatusCode::OK, &SourcesPage { tabs: tabs(&f, "/office/sources"), sources, f }))
}

/// Makes or changes one.
pub(crate) async fn put(desk: Desk, form: Form) -> Page {
    let wrong = |detail: &str| Problem::new(problem::VALUE_INVALID).detail(detail);
    let code = form.text("code").parse().map_err(|_| wrong("a code is lower-case letters, digits, - or _"))?;
    let trust =
        form.text("trust").parse().ok().filter(|trust| *trust <= 100).ok_or_else(|| wrong("trust is a whole number from 0 to 100"))?;
    let (name, department) = (form.text("name").to_owned(), form.text("department").to_owned());
    if name.is_empty() || department.is_empty() {
        return Err(wrong("give the name and the department"));
    }
    let source = SourceSystem { code, name, department, trust };
    desk.run(move |registry, actor| registry.put_source(actor, &source)).await?;
    Ok(see("/office/sources"))
}
