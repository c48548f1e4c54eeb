//! What was changed, by whom, and is the chain of the log whole?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_registry::{Change, VerifyReport};

use super::{Tab, tabs};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::pages::Page;
use crate::console::{render, words};
use crate::desk::Desk;
use crate::parameters::{Given, Parameters, Query, invalid};
use crate::permission::Right;
use crate::problem::Problem;

/// Changes that a search looks through at a time, from the latest back.
const SEARCHED: usize = 4_000;

/// Changes that are listed.
const LISTED: usize = 100;

/// The change log.
#[derive(Template)]
#[template(path = "office/audit.html")]
struct AuditPage<'a> {
    f: Frame,
    tabs: Vec<Tab>,
    text: &'a str,
    position: i64,
    /// From which position to which one was looked.
    searched: (i64, i64),
    changes: Vec<Line>,
    /// The page of the changes before these.
    older: Option<i64>,
    chain: Option<Chain>,
}

/// One change.
struct Line {
    position: i64,
    at: String,
    actor: String,
    kind: &'static str,
    event: String,
    /// The address and the last part of the id; none where the change is about a whole kind.
    entity: Option<(String, String)>,
}

/// The state of the chain.
struct Chain {
    whole: bool,
    changes: u64,
    breaks: Vec<String>,
}

/// Before which position.
pub(crate) struct Asked(Option<i64>);

impl Parameters for Asked {
    const NAMES: &'static [&'static str] = &["before"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let before: Option<i64> = given.value("before", "a position of the change log")?;
        if before.is_some_and(|before| before < 1) { Err(invalid("before", "a position of the change log")) } else { Ok(Self(before)) }
    }
}

/// The latest changes, or those before a position.
pub(crate) async fn show(request: HttpRequest, desk: Desk, Query(Asked(before)): Query<Asked>) -> Page {
    page(&request, &desk, "", false, before).await
}

/// The changes that fit a text, or the state of the chain.
pub(crate) async fn search(request: HttpRequest, desk: Desk, form: Form) -> Page {
    page(&request, &desk, form.text("text"), form.text("act") == "verify", form.text("before").parse().ok().filter(|before| *before > 0))
        .await
}

async fn page(request: &HttpRequest, desk: &Desk, text: &str, verify: bool, before: Option<i64>) -> Page {
    let f = Frame::of(request, desk);
    let wanted = text.to_lowercase();
    // Where nothing is looked for, the latest are enough; some of them may be alarms, which have a page of their own.
    let among = if wanted.is_empty() { LISTED * 10 } else { SEARCHED };
    let (position, until, changes, older, chain) = desk
        .run(move |registry, actor| {
            let position = registry.position();
            let until = before.map_or(position, |before| before - 1).min(position);
            let from = until.saturating_sub(i64::try_from(among).unwrap_or(i64::MAX)).max(0);
            let changes = latest(|after, limit| registry.changes(actor, after, limit), (from, until), &wanted)?;
            let older = changes.last().filter(|_| changes.len() == LISTED).map_or(from + 1, |change| change.position);
            Ok((position, until, changes, older, verify.then(|| registry.verify_chain(actor)).transpose()?))
        })
        .await?;
    // Auditors look at who read a record, not at the record.
    let room = if f.may(Right::Read) { "" } else { "/readers" };
    let changes = changes.into_iter().map(|change| Line {
        position: change.position,
        at: f.l.moment(change.at),
        actor: change.actor,
        kind: words::one(f.l, change.kind),
        event: words::word(f.l, &change.event).to_owned(),
        entity: change.entity.map(|id| (format!("/{}/{id}{room}", change.kind.plural()), id.to_string().chars().skip(24).collect())),
    });
    let page = AuditPage {
        tabs: tabs(&f, "/office/audit"),
        text,
        position,
        searched: (older, until),
        changes: changes.collect(),
        older: Some(older).filter(|older| *older > 1),
        chain: chain.map(chain_state),
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

/// The latest changes after one position and up to another that fit a text, newest first.
fn latest<E>(read: impl Fn(i64, usize) -> Result<Vec<Change>, E>, (from, until): (i64, i64), wanted: &str) -> Result<Vec<Change>, E> {
    const PIECE: usize = 1_000;
    let (mut after, mut found) = (from, std::collections::VecDeque::new());
    while after < until {
        let piece = read(after, PIECE)?;
        let Some(last) = piece.last().map(|change| change.position) else { break };
        for change in piece.into_iter().filter(|change| change.position <= until) {
            if wanted.is_empty() || fits(&change, wanted) {
                found.push_front(change);
                found.truncate(LISTED);
            }
        }
        after = last;
    }
    Ok(found.into())
}

fn fits(change: &Change, wanted: &str) -> bool {
    let keys = change.records.iter().any(|key| format!("{}:{}", key.source, key.key).to_lowercase().contains(wanted));
    let entity = change.entity.map(|id| id.to_string()).unwrap_or_default();
    keys || [change.actor.to_lowercase(), change.event.clone(), entity, change.position.to_string()]
        .iter()
        .any(|value| value.contains(wanted))
}

fn chain_state(report: VerifyReport) -> Chain {
    let breaks = report.differences.iter().take(20).map(|one| format!("{}: {}", one.subject, one.detail)).collect();
    Chain { whole: report.is_clean(), changes: report.changes, breaks }
}
