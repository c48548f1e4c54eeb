//! Who reached beyond their rights in an emergency, and was it right?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_registry::EmergencyView;

use super::{Onward, Tab, following, tabs};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::pages::{Page, see};
use crate::console::{Language, render};
use crate::desk::Desk;
use crate::parameters::Query;
use crate::place;

/// Emergencies of a page.
const PAGE: usize = 50;

/// Where the page is.
const ADDRESS: &str = "/office/emergencies";

/// The page.
#[derive(Template)]
#[template(path = "office/emergencies.html")]
struct EmergenciesPage {
    f: Frame,
    tabs: Vec<Tab>,
    emergencies: Vec<Line>,
    next: Option<String>,
}

/// One access in an emergency.
struct Line {
    id: String,
    begun: String,
    ends: String,
    due: String,
    /// Nobody has looked at it, and the time for that is over.
    overdue: bool,
    principal: String,
    department: String,
    reason: String,
    /// The person's page of readings and their id in short, or a division.
    person: Option<(String, String)>,
    division: String,
    /// Who looked at it, when, and what they found.
    finding: Option<(String, String, String)>,
    /// Whose own it is cannot judge it.
    own: bool,
}

/// The latest first.
pub(crate) async fn show(request: HttpRequest, desk: Desk, Query(onward): Query<Onward>) -> Page {
    let (f, place) = (Frame::of(&request, &desk), onward.place_in(ADDRESS)?);
    let (page, now) = desk.run(move |registry, actor| Ok((registry.emergencies(actor, PAGE, place.as_deref())?, registry.now()))).await?;
    let me = &desk.actor().principal;
    let page = EmergenciesPage {
        tabs: tabs(&f, ADDRESS),
        next: following(ADDRESS, page.next),
        emergencies: page
            .items
            .into_iter()
            .map(|view| {
                let overdue = view.reviewed_at.is_none() && view.review_due_at < now;
                let own = view.principal == *me;
                line(f.l, view, overdue, own)
            })
            .collect(),
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

fn line(l: Language, view: EmergencyView, overdue: bool, own: bool) -> Line {
    Line {
        id: view.id.to_string(),
        begun: l.moment(view.begun_at),
        ends: l.moment(view.ends_at),
        due: l.moment(view.review_due_at),
        overdue,
        principal: view.principal,
        department: view.department,
        reason: view.reason,
        person: view.entity.map(|id| (format!("/persons/{id}/readers"), format!("…{}", &id.to_string()[24..]))),
        division: view.division.unwrap_or_default(),
        finding: view.reviewed_at.map(|at| (view.reviewed_by.unwrap_or_default(), l.moment(at), view.review.unwrap_or_default())),
        own,
    }
}

/// What the auditor found.
pub(crate) async fn review(desk: Desk, form: Form) -> Page {
    let (id, finding) = (place::id(form.text("id"))?, form.text("finding").to_owned());
    desk.run(move |registry, actor| registry.review_emergency(actor, id, &finding)).await?;
    Ok(see(ADDRESS))
}
