//! What is known of one entity, and from where?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_registry::{EntityView, Found, Include, Relationship, SourceRecordView, ValueView, View};

use super::{Page, address_of, name_of, see};
use crate::console::frame::Frame;
use crate::console::{Language, render, words};
use crate::desk::Desk;
use crate::parameters::{NoParameters, Query};
use crate::place::Entity;
use crate::problem::{self, Problem};

/// The record page.
#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage {
    f: Frame,
    kind: &'static str,
    name: String,
    entity: EntityView,
    recorded: String,
    /// The source records, one column each.
    records: Vec<RecordHead>,
    rows: Vec<Row>,
    ties: Vec<Tie>,
    versions: Vec<VersionLine>,
}

/// The head of a source record's column.
struct RecordHead {
    source: String,
    key: String,
    received: String,
    problems: usize,
}

/// One column of the kind across the golden record and its sources.
struct Row {
    title: String,
    golden: String,
    origin: String,
    cells: Vec<Cell>,
}

/// What one source says.
struct Cell {
    text: String,
    /// `same`, `other` or `none`.
    class: &'static str,
}

/// A tie to another entity.
struct Tie {
    role: String,
    name: String,
    address: Option<String>,
}

/// A version in the timeline.
struct VersionLine {
    version: i64,
    state: &'static str,
    from: String,
    members: usize,
}

/// The record page: golden values with their sources side by side.
pub(crate) async fn show(request: HttpRequest, desk: Desk, Entity(kind, id): Entity, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let view = View { as_of: None, include: Include::ALL };
    match desk.run(move |registry, actor| registry.find(actor, kind, id, &view)).await? {
        Found::Record(entity) => Ok(render(StatusCode::OK, &record_page(f, *entity))),
        Found::Moved(survivor) => Ok(see(&address_of(kind, survivor))),
        Found::Retired { since } => {
            let since = f.l.moment(since);
            let detail = match f.l {
                Language::Zh => format!("自 {since} 起，所有来源记录均已撤回。"),
                Language::En => format!("All its source records were withdrawn; retired since {since}."),
            };
            Err(Problem::new(problem::GONE).detail(detail))
        }
    }
}

fn record_page(f: Frame, mut entity: EntityView) -> RecordPage {
    let l = f.l;
    let sources: Vec<SourceRecordView> = entity.sources.take().unwrap_or_default();
    let rows = words::columns(l, entity.kind).filter_map(|(name, title)| row(l, title, entity.values.get(name), name, &sources)).collect();
    let records = sources.iter().map(|record| RecordHead {
        source: record.key.source.to_string(),
        key: record.key.key.clone(),
        received: l.moment(record.received_at),
        problems: record.problems.len(),
    });
    let mut ties: Vec<Tie> = Vec::new();
    for tie in entity.relationships.take().into_iter().chain(entity.parcels.take()).flatten() {
        let tie = tie_line(l, &entity, tie);
        if !ties.iter().any(|other| other.role == tie.role && other.address == tie.address && other.name == tie.name) {
            ties.push(tie);
        }
    }
    let versions = entity.history.take().unwrap_or_default().into_iter().map(|version| VersionLine {
        version: version.version,
        state: words::word(l, version.state.as_str()),
        from: l.moment(version.recorded_from),
        members: version.members.len(),
    });
    RecordPage {
        kind: words::one(l, entity.kind),
        name: name_of(&entity),
        recorded: l.moment(entity.recorded_from),
        records: records.collect(),
        rows,
        ties,
        versions: versions.collect(),
        entity,
        f,
    }
}

/// A golden value across its sources.
fn row(language: Language, title: &str, golden: Option<&ValueView>, column: &str, records: &[SourceRecordView]) -> Option<Row> {
    let cells: Vec<Cell> = records
        .iter()
        .map(|record| {
            let text = record.attributes.get(column).unwrap_or_default();
            let class = match golden {
                _ if text.is_empty() => "none",
                Some(golden) if golden.value == text => "same",
                _ => "other",
            };
            Cell { text: text.to_owned(), class }
        })
        .collect();
    if golden.is_none() && cells.iter().all(|cell| cell.text.is_empty()) {
        return None;
    }
    let origin = golden.map_or_else(String::new, |golden| {
        let source = golden.source.as_ref().map_or(language.say("管理员", "steward"), |key| key.source.as_str());
        format!("{source} · {}", words::word(language, &golden.rule))
    });
    Some(Row { title: title.to_owned(), golden: golden.map(|golden| golden.value.clone()).unwrap_or_default(), origin, cells })
}

fn tie_line(l: Language, entity: &EntityView, tie: Relationship) -> Tie {
    let outward = tie.from == entity.id;
    let address = if outward { tie.to } else { Some((tie.from_kind, tie.from)) }.map(|(kind, id)| address_of(kind, id));
    let name = if outward { tie.name.or(tie.number) } else { None };
    Tie { role: words::word(l, &tie.role).to_owned(), name: name.unwrap_or_else(|| words::one(l, tie.from_kind).to_owned()), address }
}
