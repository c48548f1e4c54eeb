//! What should a golden value be, when the steward knows better than the rules?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::{EntityId, Kind};
use jiku_registry::{Expected, Found, Include, MergeOutcome, View};

use super::subject::Subject;
use super::{Page, address_of, name_of, see};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::outcome::{self, Outcome};
use crate::console::values::Value;
use crate::console::{clauses, render, words};
use crate::desk::Desk;
use crate::parameters::{NoParameters, Query};
use crate::place::{Column, Entity};
use crate::precondition::{Seen, joint_tag};
use crate::problem::{self, Problem};

/// The page.
#[derive(Template)]
#[template(path = "set_value.html")]
struct SetValuePage {
    f: Frame,
    s: Subject,
    name: String,
    title: &'static str,
    golden: Value,
    rule: String,
    /// What the sources say, each text once, with who says so.
    told: Vec<(String, Value, String)>,
    asked: Asked,
    /// What the golden record would be.
    preview: Option<Outcome>,
    set: Vec<SetLine>,
    is_set: bool,
    masked: bool,
    if_match: String,
}

/// What the form said that is looked at.
#[derive(Default)]
struct Asked {
    /// What a source says.
    value: String,
    /// Or another value.
    own: String,
    reason: String,
}

/// A value that was set by hand, then or now.
struct SetLine {
    value: String,
    actor: String,
    at: String,
    reason: String,
    released: String,
}

/// The page of one value.
pub(crate) async fn show(
    request: HttpRequest,
    desk: Desk,
    Entity(kind, id): Entity,
    Column(column): Column,
    _: Query<NoParameters>,
) -> Page {
    page(&request, &desk, (kind, id), column, Asked::default(), None).await
}

async fn page(
    request: &HttpRequest,
    desk: &Desk,
    (kind, id): (Kind, EntityId),
    column: String,
    asked: Asked,
    looked: Option<MergeOutcome>,
) -> Page {
    let f = Frame::of(request, desk);
    let Some((_, title)) = words::columns(f.l, kind).find(|(known, _)| *known == column) else {
        return Err(Problem::new(problem::NOT_FOUND).detail("this kind has no such column"));
    };
    let view = View { as_of: None, include: Include { sources: true, provenance: true, ..Include::default() } };
    let (found, overrides, systems, rules) = desk
        .run(move |registry, actor| {
            let found = registry.find(actor, kind, id, &view)?;
            Ok((found, registry.overrides(actor, kind, id)?, registry.list_sources()?, registry.clauses_in_use(kind)))
        })
        .await?;
    let entity = match found {
        Found::Record(entity) => entity,
        Found::Moved(survivor) => return Ok(see(&address_of(kind, survivor))),
        Found::Retired { .. } => return Err(Problem::new(problem::GONE)),
    };
    let golden = entity.values.get(&column);
    let between = f.say("、", ", ");
    let mut told: Vec<(String, Value, String)> = Vec::new();
    for record in entity.sources.iter().flatten() {
        let Some(text) = record.attributes.get(&column) else { continue };
        let source = words::source(&systems, &record.key.source);
        match told.iter_mut().find(|(known, ..)| known == text) {
            Some((.., sources)) if sources.split(between).any(|known| known == source) => {}
            Some((.., sources)) => *sources = format!("{sources}{between}{source}"),
            None => told.push((text.to_owned(), Value::new(f.l, kind, &column, text), source)),
        }
    }
    let set: Vec<SetLine> = overrides
        .iter()
        .filter(|value| value.column == column)
        .map(|value| SetLine {
            value: value.value.clone(),
            actor: value.actor.clone(),
            at: f.l.moment(value.at),
            reason: value.reason.clone(),
            released: value.released_at.map(|at| f.l.moment(at)).unwrap_or_default(),
        })
        .collect();
    let page = SetValuePage {
        s: Subject::new(&f, kind, id, ""),
        name: name_of(&entity),
        title,
        golden: Value::new(f.l, kind, &column, golden.map_or("", |value| value.value.as_str())),
        rule: golden.map(|value| clauses::rule(f.l, kind, &rules, &column, &value.rule)).unwrap_or_default(),
        told,
        asked,
        preview: looked.map(|looked| outcome::show(f.l, kind, &looked, &systems)),
        masked: entity.masked,
        is_set: set.iter().any(|line| line.released.is_empty()),
        set,
        if_match: joint_tag([(entity.id, entity.version)]),
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

/// Sets the value, releases what was set, or shows what either would do: the golden record with the value, or without one where none is told.
pub(crate) async fn set(request: HttpRequest, desk: Desk, Entity(kind, id): Entity, Column(column): Column, form: Form) -> Page {
    let seen: Expected = Seen::parse(form.text("if_match"))?.into();
    let reason = form.text("reason").to_owned();
    if form.text("act") == "look" {
        let asked = Asked { value: form.text("value").to_owned(), own: form.text("own").to_owned(), reason };
        let value = if asked.own.is_empty() { asked.value.clone() } else { asked.own.clone() };
        let of = column.clone();
        let looked = desk
            .run(move |registry, actor| {
                if value.is_empty() {
                    registry.release_override(actor, kind, id, &of, "", &seen, true)
                } else {
                    registry.override_value(actor, kind, id, &of, &value, "", &seen, true)
                }
            })
            .await?;
        return page(&request, &desk, (kind, id), column, asked, Some(looked)).await;
    }
    if reason.is_empty() {
        return Err(Problem::new(problem::REQUIRED).detail("say why: the reason stays with the value"));
    }
    let release = form.text("act") == "release";
    let value = Some(form.text("own")).filter(|own| !own.is_empty()).unwrap_or_else(|| form.text("value")).to_owned();
    desk.run(move |registry, actor| {
        if release {
            registry.release_override(actor, kind, id, &column, &reason, &seen, false)
        } else {
            registry.override_value(actor, kind, id, &column, &value, &reason, &seen, false)
        }
    })
    .await?;
    Ok(see(&address_of(kind, id)))
}
