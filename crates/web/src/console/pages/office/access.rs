//! Who read a record, when, and what for? For a person: the report they may ask for.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::{EntityId, Kind};
use jiku_registry::AccessView;

use super::{Tab, tabs};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::pages::Page;
use crate::console::pages::readers::{Reading, purpose, readings};
use crate::console::{render, words};
use crate::desk::Desk;
use crate::parameters::{NoParameters, Query};
use crate::place;

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
    report: Option<Report>,
}

/// What was read of one entity.
struct Report {
    made_at: String,
    /// The ids under which it was read, also those merged into it.
    ids: Vec<String>,
    total: String,
    /// How often, by department and purpose, the most frequent first.
    sums: Vec<(String, String, String)>,
    readings: Vec<Reading>,
    more: bool,
    /// The whole of it as JSON, for persons.
    download: Option<String>,
}

/// The form of the report.
pub(crate) async fn form(request: HttpRequest, desk: Desk, _: Query<NoParameters>) -> Page {
    Ok(page(Frame::of(&request, &desk), Kind::Person, String::new(), None))
}

/// The report on one entity. The id comes in a form and not in the address: addresses are kept in logs.
pub(crate) async fn show(request: HttpRequest, desk: Desk, form: Form) -> Page {
    let kind: Kind = form.text("kind").parse().unwrap_or(Kind::Person);
    let id = form.text("id").to_owned();
    let entity: EntityId = place::id(&id)?;
    let (ids, reads, more, now) = desk
        .run(move |registry, actor| {
            let now = registry.now();
            if kind == Kind::Person {
                let report = registry.person_report(actor, entity)?;
                let reads: Vec<AccessView> = report.reads.into_iter().map(|(_, reading)| reading).collect();
                return Ok((report.ids, reads, report.more, now));
            }
            let reads = registry.access_of(actor, kind, entity, READINGS)?;
            let more = reads.len() == READINGS;
            Ok((vec![entity], reads, more, now))
        })
        .await?;
    let f = Frame::of(&request, &desk);
    let mut sums: BTreeMap<(String, String), u64> = BTreeMap::new();
    for reading in &reads {
        *sums.entry((reading.department.clone(), purpose(f.l, reading.purpose.as_deref()))).or_default() += 1;
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let report = Report {
        made_at: f.l.moment(now),
        ids: ids.iter().map(ToString::to_string).collect(),
        total: f.l.count(reads.len() as u64),
        sums: sums.into_iter().map(|((department, purpose), count)| (department, purpose, f.l.count(count))).collect(),
        more: more || reads.len() > READINGS,
        readings: readings(f.l, kind, reads.into_iter().take(READINGS)),
        download: (kind == Kind::Person).then(|| format!("/api/v1/persons/{entity}/report")),
    };
    Ok(page(f, kind, id, Some(report)))
}

fn page(f: Frame, chosen: Kind, id: String, report: Option<Report>) -> actix_web::HttpResponse {
    let kinds = Kind::ALL.into_iter().map(|kind| (kind.as_str(), words::one(f.l, kind), kind == chosen)).collect();
    render(StatusCode::OK, &AccessPage { tabs: tabs(&f, "/office/access"), kinds, id, report, f })
}
