//! Which files with everything of a kind were asked for, and who lets them leave?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::{ExportId, Kind};
use jiku_registry::{ExportState, ExportView, NewExport};

use super::{Onward, Tab, following, tabs};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::pages::{Page, see};
use crate::console::{render, words};
use crate::desk::Desk;
use crate::parameters::Query;
use crate::permission::Right;
use crate::place;
use crate::problem::{self, Problem};

/// Exports of a page.
const PAGE: usize = 50;

/// Where the page is.
const ADDRESS: &str = "/office/exports";

/// The page.
#[derive(Template)]
#[template(path = "office/exports.html")]
struct ExportsPage {
    f: Frame,
    tabs: Vec<Tab>,
    kinds: Vec<(&'static str, &'static str)>,
    may_ask: bool,
    lines: Vec<Line>,
    next: Option<String>,
}

/// One export that was asked for.
struct Line {
    id: String,
    kind: &'static str,
    in_full: bool,
    most_rows: String,
    purpose: String,
    reason: String,
    requested_by: String,
    department: String,
    requested_at: String,
    ends_at: String,
    state: &'static str,
    class: &'static str,
    /// Who decided, when, and their words.
    decided: Option<(String, String, String)>,
    /// When the file was begun, and its hash when it is whole.
    taken: Option<(String, Option<String>)>,
    /// What whoever looks may do about it.
    may_approve: bool,
    may_refuse: bool,
    may_withdraw: bool,
    /// Approved and neither taken nor over.
    ready: bool,
}

/// The latest first.
pub(crate) async fn show(request: HttpRequest, desk: Desk, Query(onward): Query<Onward>) -> Page {
    let (f, place) = (Frame::of(&request, &desk), onward.place_in(ADDRESS)?);
    let (page, now) = desk.run(move |registry, actor| Ok((registry.exports(actor, PAGE, place.as_deref())?, registry.now()))).await?;
    let me = &desk.actor().principal;
    let lines = page.items.into_iter().map(|view| {
        let over = view.ends_at < now;
        let own = view.requested_by == *me;
        line(&f, view, own, over)
    });
    let page = ExportsPage {
        tabs: tabs(&f, ADDRESS),
        kinds: Kind::ALL.into_iter().map(|kind| (kind.as_str(), words::one(f.l, kind))).collect(),
        may_ask: f.may(Right::Export),
        lines: lines.collect(),
        next: following(ADDRESS, page.next),
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

fn line(f: &Frame, view: ExportView, own: bool, over: bool) -> Line {
    let lasts = !over && matches!(view.state, ExportState::Open | ExportState::Approved);
    let expired = over && matches!(view.state, ExportState::Open | ExportState::Approved);
    let class = match view.state {
        _ if expired => "bad",
        ExportState::Open => "info",
        ExportState::Approved | ExportState::Taken => "good",
        ExportState::Rejected | ExportState::Withdrawn => "bad",
    };
    let decides = f.may(Right::Accounts) && !own;
    Line {
        id: view.id.to_string(),
        kind: words::one(f.l, view.kind),
        in_full: view.in_full,
        most_rows: f.l.count(view.most_rows),
        purpose: view.purpose,
        reason: view.reason,
        requested_by: view.requested_by,
        department: view.department,
        requested_at: f.l.moment(view.requested_at),
        ends_at: f.l.moment(view.ends_at),
        state: if expired { f.l.say("已过期", "expired") } else { words::word(f.l, view.state.as_str()) },
        class,
        decided: view.decided_at.map(|at| (view.decided_by.unwrap_or_default(), f.l.moment(at), view.answer.unwrap_or_default())),
        taken: view.taken_at.map(|at| (f.l.moment(at), view.sha256)),
        may_approve: lasts && decides && view.state == ExportState::Open,
        may_refuse: lasts && decides,
        may_withdraw: lasts && own,
        ready: lasts && view.state == ExportState::Approved,
    }
}

/// Asks for an export, approves one, or ends one.
pub(crate) async fn act(desk: Desk, form: Form) -> Page {
    let answer = Some(form.text("answer").to_owned()).filter(|text| !text.is_empty());
    match form.text("act") {
        "ask" => {
            let number = |name: &'static str| {
                form.text(name).parse::<u32>().map_err(|_| Problem::new(problem::VALUE_INVALID).detail(format!("{name} is a whole number")))
            };
            let kind = form.text("kind").parse().map_err(|_| Problem::new(problem::VALUE_INVALID).detail("choose a kind"))?;
            let asked = NewExport {
                kind,
                in_full: form.text("in_full") == "true",
                most_rows: u64::from(number("most_rows")?),
                hours: i64::from(number("hours")?),
                reason: form.text("reason").to_owned(),
            };
            desk.run(move |registry, actor| registry.ask_for_export(actor, &asked)).await?;
        }
        "approve" => {
            let id: ExportId = place::id(form.text("id"))?;
            desk.run(move |registry, actor| registry.approve_export(actor, id, answer.as_deref())).await?;
        }
        "refuse" => {
            let id: ExportId = place::id(form.text("id"))?;
            desk.run(move |registry, actor| registry.refuse_export(actor, id, answer.as_deref())).await?;
        }
        _ => return Err(Problem::new(problem::VALUE_INVALID).detail("act is ask, approve or refuse")),
    }
    Ok(see(ADDRESS))
}
