//! Who read a record, when, and what for?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::{EntityId, Kind};
use jiku_registry::AccessView;

use super::{Tab, tabs};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::pages::Page;
use crate::console::{render, words};
use crate::desk::Desk;
use crate::parameters::{NoParameters, Query};
use crate::problem::{self, Problem};

/// Readings that are listed.
const READINGS: usize = 500;

/// The access report.
#[derive(Template)]
#[template(path = "office/access.html")]
struct AccessPage {
    f: Frame,
    tabs: Vec<Tab>,
    kinds: Vec<(&'static str, &'static str, bool)>,
    id: String,
    /// When, and the reading.
    readings: Option<Vec<(String, AccessView)>>,
}

/// The form of the report.
pub(crate) async fn form(request: HttpRequest, desk: Desk, _: Query<NoParameters>) -> Page {
    Ok(page(Frame::of(&request, &desk), Kind::Person, String::new(), None))
}

/// The report on one entity. The id comes in a form and not in the address: addresses are kept in logs.
pub(crate) async fn show(request: HttpRequest, desk: Desk, form: Form) -> Page {
    let kind: Kind = form.text("kind").parse().unwrap_or(Kind::Person);
    let id = form.text("id").to_owned();
    let entity: EntityId = id.parse().map_err(|_| Problem::new(problem::ID_FORMAT).detail("a canonical id is a UUID"))?;
    let readings = desk.run(move |registry, actor| registry.access_of(actor, kind, entity, READINGS)).await?;
    Ok(page(Frame::of(&request, &desk), kind, id, Some(readings)))
}

fn page(f: Frame, chosen: Kind, id: String, readings: Option<Vec<AccessView>>) -> actix_web::HttpResponse {
    let kinds = Kind::ALL.into_iter().map(|kind| (kind.as_str(), words::one(f.l, kind), kind == chosen)).collect();
    let readings = readings.map(|readings| readings.into_iter().map(|reading| (f.l.moment(reading.at), reading)).collect());
    render(StatusCode::OK, &AccessPage { tabs: tabs(&f, "/office/access"), kinds, id, readings, f })
}
