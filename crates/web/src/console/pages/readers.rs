//! Who read this entity?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;

use super::Page;
use super::subject::Subject;
use crate::console::frame::Frame;
use crate::console::{render, words};
use crate::desk::Desk;
use crate::parameters::{NoParameters, Query};
use crate::place::Entity;

/// Readings shown.
const READINGS: usize = 200;

/// The page.
#[derive(Template)]
#[template(path = "readers.html")]
struct ReadersPage {
    f: Frame,
    s: Subject,
    readings: Vec<Reading>,
    most: usize,
}

/// One reading.
struct Reading {
    at: String,
    principal: String,
    department: String,
    purpose: String,
    action: String,
    fields: String,
    request: String,
}

/// The page.
pub(crate) async fn show(request: HttpRequest, desk: Desk, Entity(kind, id): Entity, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let readings = desk.run(move |registry, actor| registry.access_of(actor, kind, id, READINGS)).await?;
    let titles: Vec<(&'static str, &'static str)> = words::columns(f.l, kind).collect();
    let title = |field: &String| titles.iter().find(|(column, _)| column == field).map_or(field.clone(), |(_, title)| (*title).to_owned());
    let lines = readings.into_iter().map(|reading| Reading {
        at: f.l.moment(reading.at),
        principal: reading.principal,
        department: reading.department,
        purpose: reading.purpose.unwrap_or_default(),
        action: words::word(f.l, &reading.action).to_owned(),
        fields: reading.fields.iter().map(title).collect::<Vec<_>>().join(f.say("、", ", ")),
        request: reading.request_id.unwrap_or_default(),
    });
    let page = ReadersPage { s: Subject::new(&f, kind, id, "/readers"), readings: lines.collect(), most: READINGS, f };
    Ok(render(StatusCode::OK, &page))
}
