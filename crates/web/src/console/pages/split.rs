//! Which source records do not belong to this entity?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::{Kind, RecordKey, SourceSystem};
use jiku_registry::{EntityView, Expected, Found, Include, SourceRecordView, Unmerge, View};

use super::subject::Subject;
use super::{Page, name_of, see};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::outcome::{self, Outcome};
use crate::console::values::Value;
use crate::console::{Language, render, words};
use crate::desk::Desk;
use crate::parameters::{NoParameters, Query};
use crate::place::Entity;
use crate::precondition::Seen;
use crate::problem::{self, Problem};

/// The page where one chooses the records that leave.
#[derive(Template)]
#[template(path = "split_choose.html")]
struct ChoosePage {
    f: Frame,
    s: Subject,
    name: String,
    records: Vec<Record>,
    titles: Vec<&'static str>,
}

/// A source record to choose.
struct Record {
    value: String,
    source: String,
    key: String,
    cells: Vec<Value>,
}

/// The page that shows what the split would do.
#[derive(Template)]
#[template(path = "split.html")]
struct SplitPage {
    f: Frame,
    s: Subject,
    chosen: Vec<String>,
    outcome: Outcome,
}

/// The records of an entity, to choose from.
pub(crate) async fn choose(request: HttpRequest, desk: Desk, Entity(kind, id): Entity, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let view = View { as_of: None, include: Include { sources: true, ..Include::default() } };
    let (found, systems) = desk.run(move |registry, actor| Ok((registry.find(actor, kind, id, &view)?, registry.list_sources()?))).await?;
    let Found::Record(entity) = found else {
        return Err(Problem::new(problem::NOT_FOUND));
    };
    let sources: &[SourceRecordView] = entity.sources.as_deref().unwrap_or_default();
    let told = |column: &str| sources.iter().any(|record| record.attributes.get(column).is_some());
    let columns: Vec<(&'static str, &'static str)> = words::columns(f.l, kind).filter(|(column, _)| told(column)).collect();
    let page = ChoosePage {
        s: Subject::new(&f, kind, id, "/split"),
        name: name_of(&entity),
        records: sources.iter().map(|record| line(f.l, &entity, record, &columns, &systems)).collect(),
        titles: columns.iter().map(|(_, title)| *title).collect(),
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

fn line(
    l: Language,
    entity: &EntityView,
    record: &SourceRecordView,
    columns: &[(&'static str, &'static str)],
    systems: &[SourceSystem],
) -> Record {
    let golden = |column: &str| entity.values.get(column).map_or("", |value| value.value.as_str());
    let cell = |(column, _): &(&'static str, &'static str)| {
        Value::beside(l, entity.kind, column, record.attributes.get(column).unwrap_or_default(), golden(column))
    };
    Record {
        value: write_key(&record.key),
        source: words::source(systems, &record.key.source),
        key: record.key.key.clone(),
        cells: columns.iter().map(cell).collect(),
    }
}

/// Splits the chosen records off: first what that would do, then, confirmed, exactly that.
pub(crate) async fn split(request: HttpRequest, desk: Desk, Entity(kind, id): Entity, form: Form) -> Page {
    let f = Frame::of(&request, &desk);
    let chosen: Vec<String> = form.all("record").map(str::to_owned).collect();
    let records = chosen.iter().map(|text| read_key(kind, text)).collect::<Result<Vec<_>, _>>()?;
    if records.is_empty() {
        return Ok(see(&format!("/{}/{id}/split", kind.plural())));
    }
    let confirmed = !form.text("if_match").is_empty();
    let seen: Expected = if confirmed { Seen::parse(form.text("if_match"))?.into() } else { Expected::new() };
    let comment = Some(form.text("comment").to_owned()).filter(|comment| !comment.is_empty());
    let (outcome, sources) = desk
        .run(move |registry, actor| {
            let what = Unmerge::Records { entity: id, records };
            Ok((registry.unmerge(actor, kind, &what, comment.as_deref(), &seen, !confirmed)?, registry.list_sources()?))
        })
        .await?;
    if let Some(decision) = outcome.decision {
        return Ok(see(&format!("/decisions/{decision}")));
    }
    let page = SplitPage { s: Subject::new(&f, kind, id, "/split"), chosen, outcome: outcome::show(f.l, kind, &outcome, &sources), f };
    Ok(render(StatusCode::OK, &page))
}

/// A record's outside name as one word of a form: a code holds no slash.
fn write_key(key: &RecordKey) -> String {
    format!("{}/{}", key.source, key.key)
}

fn read_key(kind: Kind, text: &str) -> Result<RecordKey, Problem> {
    let invalid = || Problem::new(problem::VALUE_INVALID).detail("a record is named by its source, a slash and its key");
    let (source, key) = text.split_once('/').ok_or_else(invalid)?;
    Ok(RecordKey { kind, source: source.parse().map_err(|_| invalid())?, key: key.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_keeps_its_name_through_a_form() {
        let key = RecordKey { kind: Kind::Person, source: "gongan".parse().expect("a code"), key: "GA/1".to_owned() };
        assert_eq!(read_key(Kind::Person, &write_key(&key)).expect("its own name"), key);
        assert!(read_key(Kind::Person, "gongan").is_err());
    }
}
