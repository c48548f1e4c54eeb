//! How does somebody reach, in an emergency, what their rights do not reach?

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use jiku_model::EmergencyId;
use jiku_registry::{EmergencyReach, EmergencyView, NewEmergency};

use super::{Page, see};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::render;
use crate::desk::Desk;
use crate::gate::EMERGENCY_COOKIE;
use crate::parameters::{NoParameters, Query};
use crate::place;
use crate::problem::{self, Problem};

/// The form, or the emergency that lasts.
#[derive(Template)]
#[template(path = "emergency.html")]
struct EmergencyPage {
    f: Frame,
}

/// The form, or the emergency that lasts.
pub(crate) async fn show(request: HttpRequest, desk: Desk, _: Query<NoParameters>) -> Page {
    Ok(render(StatusCode::OK, &EmergencyPage { f: Frame::of(&request, &desk) }))
}

/// Begins an emergency for one person or one division, or leaves the one that lasts.
pub(crate) async fn act(desk: Desk, form: Form) -> Page {
    match form.text("act") {
        "begin" => begin(&desk, &form).await,
        "leave" => {
            // Under an emergency the purpose is its id. Where it is over already there is nothing left to end.
            let lasting = desk.actor().purpose.as_deref().and_then(|purpose| purpose.strip_prefix("emergency:"));
            if let Some(id) = lasting.and_then(|id| place::id::<EmergencyId>(id).ok()) {
                desk.run(move |registry, actor| registry.end_emergency(actor, id)).await?;
            }
            let mut answer = see("/");
            let mut gone = cookie(&desk, String::new());
            gone.make_removal();
            add(&mut answer, &gone)?;
            Ok(answer)
        }
        _ => Err(Problem::new(problem::VALUE_INVALID).detail("act is begin or leave")),
    }
}

async fn begin(desk: &Desk, form: &Form) -> Page {
    let (person, division) = (form.text("person"), form.text("division").to_owned());
    let reach = match (person.is_empty(), division.is_empty()) {
        (false, true) => EmergencyReach::Person(place::id(person)?),
        (true, false) => EmergencyReach::Division(division),
        _ => return Err(Problem::new(problem::REQUIRED).detail("name one person or one division")),
    };
    let reason = form.text("reason").to_owned();
    let minutes = form.text("minutes").parse().map_err(|_| Problem::new(problem::VALUE_INVALID).detail("1 to 60 minutes"))?;
    let begun = desk.run(move |registry, actor| registry.begin_emergency(actor, &NewEmergency { reason, reach, minutes })).await?;
    let mut answer = see(&first_page(&begun));
    let lasting = Duration::minutes(minutes);
    let mut entered = cookie(desk, format!("{}.{}", begun.id, begun.ends_at.timestamp()));
    entered.set_max_age(lasting);
    add(&mut answer, &entered)?;
    Ok(answer)
}

/// Where one goes on: to the person, or to a search within the division.
fn first_page(begun: &EmergencyView) -> String {
    begun.entity.map_or_else(|| "/search?unmask=true".to_owned(), |person| format!("/persons/{person}?unmask=true"))
}

fn cookie(desk: &Desk, value: String) -> Cookie<'static> {
    let secure = desk.state().secure_cookies;
    Cookie::build(EMERGENCY_COOKIE, value).path("/").http_only(true).same_site(SameSite::Strict).secure(secure).finish()
}

fn add(answer: &mut HttpResponse, cookie: &Cookie<'_>) -> Result<(), Problem> {
    answer.add_cookie(cookie).map_err(|_| Problem::new(problem::INTERNAL))
}
