//! Which merges wait for a second steward?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::ProposalId;
use jiku_registry::{Expected, MergeOutcome, ProposalFilter, ProposalState, ProposalView, RegistryError};

use super::{Page, address_of, see};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::outcome::{self, Outcome};
use crate::console::{render, words};
use crate::cursor;
use crate::desk::Desk;
use crate::parameters::{Given, NoParameters, Parameters, Query, invalid};
use crate::permission::Right;
use crate::place::Named;
use crate::problem::{self, Problem};

/// Proposals of a page of the list.
const PAGE: usize = 25;

/// The states, in the order of a proposal's life.
const STATES: [ProposalState; 5] =
    [ProposalState::Open, ProposalState::Approved, ProposalState::Rejected, ProposalState::Withdrawn, ProposalState::Stale];

/// The list.
#[derive(Template)]
#[template(path = "proposals.html")]
struct ProposalsPage {
    f: Frame,
    states: Vec<(&'static str, &'static str, bool)>,
    lines: Vec<Line>,
    next: Option<String>,
}

/// A proposed merge.
struct Line {
    address: String,
    kind: &'static str,
    entities: Vec<(String, String)>,
    risks: Vec<&'static str>,
    comment: String,
    proposed_by: String,
    proposed_at: String,
    state: &'static str,
    class: &'static str,
    open: bool,
    decided_by: String,
    decided_at: String,
    answer: String,
    decision: Option<String>,
}

/// One proposal, with what it would do as things stand.
#[derive(Template)]
#[template(path = "proposal.html")]
struct ProposalPage {
    f: Frame,
    line: Line,
    outcome: Option<Outcome>,
    own: bool,
    may_decide: bool,
}

/// Which proposals to list.
pub(crate) struct Asked {
    state: ProposalState,
    cursor: Option<String>,
}

impl Parameters for Asked {
    const NAMES: &'static [&'static str] = &["state", "cursor"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let words = "open, approved, rejected, withdrawn or stale";
        let state = given.text("state").map(|text| text.parse().map_err(|_| invalid("state", words))).transpose()?;
        let state = state.unwrap_or(ProposalState::Open);
        let cursor = given.text("cursor").map(|text| cursor::unwrap(&list_of(state), text)).transpose()?;
        Ok(Self { state, cursor })
    }
}

/// The list a cursor belongs to.
fn list_of(state: ProposalState) -> String {
    format!("console proposals {}", state.as_str())
}

/// The proposals of a state, the oldest first.
pub(crate) async fn list(request: HttpRequest, desk: Desk, Query(asked): Query<Asked>) -> Page {
    let f = Frame::of(&request, &desk);
    let state = asked.state;
    let filter = ProposalFilter { state, kind: None, limit: PAGE, cursor: asked.cursor };
    let page = desk.run(move |registry, actor| registry.proposals(actor, &filter)).await?;
    let next = page
        .next
        .as_deref()
        .map(|position| format!("/proposals?state={}&cursor={}", state.as_str(), cursor::wrap(&list_of(state), position)));
    let page = ProposalsPage {
        states: STATES.into_iter().map(|known| (known.as_str(), words::word(f.l, known.as_str()), known == state)).collect(),
        lines: page.items.into_iter().map(|view| line(&f, view)).collect(),
        next,
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

fn line(f: &Frame, view: ProposalView) -> Line {
    let short = |id: String| id.chars().skip(24).collect::<String>();
    let class = match view.state {
        ProposalState::Open => "info",
        ProposalState::Approved => "good",
        ProposalState::Rejected | ProposalState::Withdrawn | ProposalState::Stale => "bad",
    };
    Line {
        address: format!("/proposals/{}", view.id),
        kind: words::one(f.l, view.kind),
        entities: view.entities.iter().map(|(id, _)| (address_of(view.kind, *id), short(id.to_string()))).collect(),
        risks: view.risks.iter().map(|risk| words::word(f.l, risk.as_str())).collect(),
        comment: view.comment.unwrap_or_default(),
        proposed_by: view.proposed_by,
        proposed_at: f.l.moment(view.proposed_at),
        state: words::word(f.l, view.state.as_str()),
        class,
        open: view.state == ProposalState::Open,
        decided_by: view.decided_by.unwrap_or_default(),
        decided_at: view.decided_at.map(|at| f.l.moment(at)).unwrap_or_default(),
        answer: view.answer.unwrap_or_default(),
        decision: view.decision.map(|decision| format!("/decisions/{decision}")),
    }
}

/// One proposal, and what it would do.
pub(crate) async fn show(request: HttpRequest, desk: Desk, Named(id): Named<ProposalId>, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let steward = f.may(Right::Steward);
    let (view, preview, sources) = desk
        .run(move |registry, actor| {
            let view = registry.proposal(actor, id)?;
            let preview: Option<MergeOutcome> = if view.state == ProposalState::Open && steward {
                let ids: Vec<_> = view.entities.iter().map(|(entity, _)| *entity).collect();
                match registry.merge(actor, view.kind, &ids, None, &Expected::new(), true) {
                    Ok(outcome) => Some(outcome),
                    // What it was about is no longer there: the page says so, and the proposal can be refused.
                    Err(RegistryError::Conflict { .. } | RegistryError::NotFound { .. } | RegistryError::Stale { .. }) => None,
                    Err(error) => return Err(error),
                }
            } else {
                None
            };
            Ok((view, preview, registry.list_sources()?))
        })
        .await?;
    let page = ProposalPage {
        own: view.proposed_by == desk.actor().principal,
        may_decide: steward && view.state == ProposalState::Open,
        outcome: preview.map(|outcome| outcome::show(f.l, view.kind, &outcome, &sources)),
        line: line(&f, view),
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

/// Approves a proposal, or ends it.
pub(crate) async fn act(desk: Desk, Named(id): Named<ProposalId>, form: Form) -> Page {
    let words = Some(form.text("comment").to_owned()).filter(|comment| !comment.is_empty());
    match form.text("act") {
        "approve" => {
            let outcome = desk.run(move |registry, actor| registry.approve_proposal(actor, id, words.as_deref())).await?;
            let decision = outcome.decision.ok_or_else(|| Problem::new(problem::INTERNAL))?;
            Ok(see(&format!("/decisions/{decision}")))
        }
        "refuse" => {
            desk.run(move |registry, actor| registry.refuse_proposal(actor, id, words.as_deref())).await?;
            Ok(see(&format!("/proposals/{id}")))
        }
        _ => Err(Problem::new(problem::VALUE_INVALID).detail("act is approve or refuse")),
    }
}
