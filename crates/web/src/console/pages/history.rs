//! How has an entity changed?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::{Kind, Timestamp};
use jiku_registry::{EntityState, VersionView};

use super::subject::Subject;
use super::{Page, address_of};
use crate::console::frame::Frame;
use crate::console::values::Value;
use crate::console::{Language, render, words};
use crate::desk::Desk;
use crate::parameters::{Given, Parameters, Query};
use crate::place::Entity;
use crate::problem::Problem;

/// The page.
#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage {
    f: Frame,
    s: Subject,
    versions: Vec<VersionLine>,
    /// The versions compared, the earlier first.
    between: Option<(i64, i64)>,
    rows: Vec<Row>,
    /// Source records that came and went between the two.
    came: Vec<String>,
    went: Vec<String>,
}

/// A version in the timeline.
struct VersionLine {
    version: i64,
    state: &'static str,
    class: &'static str,
    from: String,
    to: String,
    members: usize,
    /// What is different from the version before, in words.
    changed: String,
    /// The record page as of then.
    address: Option<String>,
    redirect: Option<String>,
}

/// A value in both versions.
struct Row {
    title: &'static str,
    earlier: Value,
    later: Value,
}

/// Which two versions to compare.
pub(crate) struct Between(Option<i64>, Option<i64>);

impl Parameters for Between {
    const NAMES: &'static [&'static str] = &["from", "to"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        Ok(Self(given.value("from", "the number of a version")?, given.value("to", "the number of a version")?))
    }
}

/// The page.
pub(crate) async fn show(request: HttpRequest, desk: Desk, Entity(kind, id): Entity, Query(Between(from, to)): Query<Between>) -> Page {
    let f = Frame::of(&request, &desk);
    let l = f.l;
    let (versions, sources) = desk.run(move |registry, actor| Ok((registry.versions(actor, kind, id)?, registry.list_sources()?))).await?;
    let numbered = |wanted: Option<i64>| versions.iter().find(|version| Some(version.version) == wanted);
    let newest = versions.first();
    let later = numbered(to).or(newest);
    let earlier = numbered(from).or_else(|| later.and_then(|later| numbered(Some(later.version - 1))));
    let mut page = HistoryPage {
        s: Subject::new(&f, kind, id, "/history"),
        versions: versions.iter().enumerate().map(|(at, version)| line(l, kind, version, versions.get(at + 1))).collect(),
        between: None,
        rows: Vec::new(),
        came: Vec::new(),
        went: Vec::new(),
        f,
    };
    if let (Some(mut earlier), Some(mut later)) = (earlier, later) {
        if earlier.version > later.version {
            (earlier, later) = (later, earlier);
        }
        let text = |version: &VersionView, column: &str| version.values.get(column).map(|value| value.value.clone()).unwrap_or_default();
        let rows = words::columns(l, kind).filter_map(|(column, title)| {
            let (before, after) = (text(earlier, column), text(later, column));
            (before != after).then(|| Row {
                title,
                earlier: Value::beside(l, kind, column, &before, &after),
                later: Value::beside(l, kind, column, &after, &before),
            })
        });
        page.rows = rows.collect();
        page.between = Some((earlier.version, later.version));
        let missing = |from: &VersionView, to: &VersionView| {
            let gone = from.members.iter().filter(|(key, _)| !to.members.iter().any(|(other, _)| other == key));
            gone.map(|(key, _)| format!("{} {}", words::source(&sources, &key.source), key.key)).collect()
        };
        page.came = missing(later, earlier);
        page.went = missing(earlier, later);
    }
    Ok(render(StatusCode::OK, &page))
}

fn line(l: Language, kind: Kind, version: &VersionView, before: Option<&VersionView>) -> VersionLine {
    let values = |version: &VersionView, column: &str| version.values.get(column).map(|value| value.value.clone());
    let changed = before.map_or_else(
        || l.say("首次出现", "first seen").to_owned(),
        |before| {
            let columns = words::columns(l, kind);
            let titles: Vec<&str> =
                columns.filter(|(column, _)| values(version, column) != values(before, column)).map(|(_, title)| title).collect();
            let members = version.members.len().abs_diff(before.members.len());
            match (titles.is_empty(), members) {
                (true, 0) => l.say("取值与来源未变", "no value changed").to_owned(),
                (true, _) => l.say("来源记录有增减", "other source records").to_owned(),
                (false, _) => titles.join(l.say("、", ", ")),
            }
        },
    );
    let moment = |moment: Timestamp| l.moment_to_the_second(moment);
    VersionLine {
        version: version.version,
        state: words::word(l, version.state.as_str()),
        class: if version.state == EntityState::Active { "good" } else { "bad" },
        from: moment(version.recorded_from),
        to: version.recorded_to.map_or_else(|| l.say("今", "now").to_owned(), moment),
        members: version.members.len(),
        changed,
        address: (version.state == EntityState::Active).then(|| {
            format!("{}?as_of={}", address_of(kind, version.id), version.recorded_from.to_rfc3339_opts(chrono::SecondsFormat::Micros, true))
        }),
        redirect: version.redirect.map(|to| address_of(kind, to)),
    }
}
