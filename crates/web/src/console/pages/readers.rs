//! Who read this entity?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::Kind;
use jiku_registry::AccessView;

use super::Page;
use super::subject::Subject;
use crate::console::frame::Frame;
use crate::console::{Language, render, words};
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
pub(crate) struct Reading {
    pub(crate) at: String,
    pub(crate) principal: String,
    pub(crate) department: String,
    pub(crate) purpose: String,
    pub(crate) action: String,
    pub(crate) fields: String,
    pub(crate) request: String,
}

/// Readings in the words of a page.
pub(crate) fn readings(l: Language, kind: Kind, readings: impl IntoIterator<Item = AccessView>) -> Vec<Reading> {
    let titles: Vec<(&'static str, &'static str)> = words::columns(l, kind).collect();
    let title = |field: &String| {
        titles.iter().find(|(column, _)| column == field).map_or_else(|| words::word(l, field).to_owned(), |(_, title)| (*title).to_owned())
    };
    let line = |reading: AccessView| Reading {
        at: l.moment(reading.at),
        principal: reading.principal,
        department: reading.department,
        purpose: purpose(l, reading.purpose.as_deref()),
        action: words::word(l, &reading.action).to_owned(),
        fields: reading.fields.iter().map(title).collect::<Vec<_>>().join(l.say("、", ", ")),
        request: reading.request_id.unwrap_or_default(),
    };
    readings.into_iter().map(line).collect()
}

/// A purpose of use, or that it was an emergency.
pub(crate) fn purpose(l: Language, purpose: Option<&str>) -> String {
    match purpose {
        Some(purpose) if purpose.starts_with("emergency:") => l.say("紧急访问", "emergency").to_owned(),
        other => other.unwrap_or("—").to_owned(),
    }
}

/// The page.
pub(crate) async fn show(request: HttpRequest, desk: Desk, Entity(kind, id): Entity, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let found = desk.run(move |registry, actor| registry.access_of(actor, kind, id, READINGS)).await?;
    let page = ReadersPage { s: Subject::new(&f, kind, id, "/readers"), readings: readings(f.l, kind, found), most: READINGS, f };
    Ok(render(StatusCode::OK, &page))
}
