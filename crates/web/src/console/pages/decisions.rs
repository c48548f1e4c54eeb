//! What have stewards decided, and can it be taken back?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::{DecisionId, Kind, SourceSystem};
use jiku_registry::{DecisionFilter, DecisionKind, DecisionView, Expected, Unmerge};

use super::subject::Subject;
use super::{Page, address_of, see};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::outcome::{self, Outcome};
use crate::console::{Language, render, words};
use crate::cursor;
use crate::desk::Desk;
use crate::parameters::{Given, NoParameters, Parameters, Query, invalid};
use crate::permission::Right;
use crate::place::{Entity, Named};
use crate::precondition::Seen;
use crate::problem::Problem;

/// Decisions of a page of the list.
const PAGE: usize = 30;

/// The list of past decisions.
#[derive(Template)]
#[template(path = "decisions.html")]
struct DecisionsPage {
    f: Frame,
    /// The entity they are about, when they are about one.
    s: Option<Subject>,
    lines: Vec<Line>,
    kinds: Vec<(&'static str, &'static str, bool)>,
    acts: Vec<(&'static str, &'static str, bool)>,
    mine: bool,
    next: Option<String>,
    done: bool,
}

/// A decision in the list.
struct Line {
    address: String,
    act: &'static str,
    kind: &'static str,
    actor: String,
    proposed_by: Option<String>,
    at: String,
    comment: String,
    entities: usize,
    records: usize,
    undone: bool,
}

/// One decision, and what undoing it would do.
#[derive(Template)]
#[template(path = "decision.html")]
struct DecisionPage {
    f: Frame,
    line: Line,
    entities: Vec<(String, String)>,
    /// The source and the key of each record.
    records: Vec<(String, String)>,
    undone_by: Option<String>,
    undoable: bool,
    /// How it is taken back where it is not undone, and the address and the name of the page for that.
    instead: Option<(String, String, &'static str)>,
    preview: Option<Outcome>,
}

/// Which decisions, and from which page of the list.
pub(crate) struct DecisionsParameters {
    kind: Option<Kind>,
    act: Option<DecisionKind>,
    mine: bool,
    cursor: Option<String>,
    done: bool,
}

const ACTS: [DecisionKind; 8] = [
    DecisionKind::Merge,
    DecisionKind::Split,
    DecisionKind::Judge,
    DecisionKind::Unmerge,
    DecisionKind::Override,
    DecisionKind::Release,
    DecisionKind::Model,
    DecisionKind::Survivorship,
];

impl DecisionsParameters {
    fn query(&self) -> String {
        let kind = self.kind.map_or("", Kind::as_str);
        let act = self.act.map_or("", DecisionKind::as_str);
        format!("?kind={kind}&act={act}{}", if self.mine { "&mine=1" } else { "" })
    }
}

impl Parameters for DecisionsParameters {
    const NAMES: &'static [&'static str] = &["kind", "act", "mine", "cursor", "done"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let text = |name| given.text(name).filter(|text| !text.is_empty());
        let act = |text: &str| {
            ACTS.into_iter()
                .find(|act| act.as_str() == text)
                .ok_or_else(|| invalid("act", "merge, split, judge, unmerge, override, release, model or survivorship"))
        };
        let mut asked = Self {
            kind: text("kind").map(|text| text.parse().map_err(|_| invalid("kind", "person, legal-person or parcel"))).transpose()?,
            act: text("act").map(act).transpose()?,
            mine: text("mine").is_some(),
            cursor: None,
            done: given.text("done").is_some(),
        };
        asked.cursor = given.text("cursor").map(|text| cursor::unwrap(&asked.query(), text)).transpose()?;
        Ok(asked)
    }
}

/// Past decisions, the latest first.
pub(crate) async fn list(request: HttpRequest, desk: Desk, Query(asked): Query<DecisionsParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let filter = DecisionFilter {
        entity_kind: asked.kind,
        actor: asked.mine.then(|| desk.actor().principal.clone()),
        acts: asked.act.into_iter().collect(),
        limit: PAGE,
        cursor: asked.cursor.clone(),
    };
    let page = desk.run(move |registry, actor| registry.recent_decisions(actor, &filter)).await?;
    let query = asked.query();
    let page = DecisionsPage {
        s: None,
        lines: page.items.iter().map(|decision| line(f.l, decision)).collect(),
        kinds: Kind::ALL.into_iter().map(|kind| (kind.as_str(), words::base(f.l, kind), asked.kind == Some(kind))).collect(),
        acts: ACTS.into_iter().map(|act| (act.as_str(), words::word(f.l, act.as_str()), asked.act == Some(act))).collect(),
        mine: asked.mine,
        next: page.next.as_deref().map(|position| format!("/decisions{query}&cursor={}", cursor::wrap(&query, position))),
        done: asked.done,
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

/// The decisions that touched one entity.
pub(crate) async fn of_entity(request: HttpRequest, desk: Desk, Entity(kind, id): Entity, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let decisions = desk.run(move |registry, actor| registry.decisions(actor, kind, id)).await?;
    let page = DecisionsPage {
        s: Some(Subject::new(&f, kind, id, "/decisions")),
        lines: decisions.iter().map(|decision| line(f.l, decision)).collect(),
        kinds: Vec::new(),
        acts: Vec::new(),
        mine: false,
        next: None,
        done: false,
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

/// One decision.
pub(crate) async fn show(request: HttpRequest, desk: Desk, Named(id): Named<DecisionId>, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let (decision, sources) = desk.run(move |registry, actor| Ok((registry.decision(actor, id)?, registry.list_sources()?))).await?;
    Ok(render(StatusCode::OK, &page(f, &decision, &sources, None)))
}

/// Undoes a decision: first what that would do, then, confirmed, exactly that.
pub(crate) async fn undo(request: HttpRequest, desk: Desk, Named(id): Named<DecisionId>, form: Form) -> Page {
    let f = Frame::of(&request, &desk);
    let confirmed = !form.text("if_match").is_empty();
    let seen: Expected = if confirmed { Seen::parse(form.text("if_match"))?.into() } else { Expected::new() };
    let comment = Some(form.text("comment").to_owned()).filter(|comment| !comment.is_empty());
    let (decision, outcome, sources) = desk
        .run(move |registry, actor| {
            let decision = registry.decision(actor, id)?;
            let kind = decision.entity_kind;
            let outcome = registry.unmerge(actor, kind, &Unmerge::Decision(id), comment.as_deref(), &seen, !confirmed)?;
            Ok((decision, outcome, registry.list_sources()?))
        })
        .await?;
    if let Some(made) = outcome.decision {
        return Ok(see(&format!("/decisions/{made}")));
    }
    let preview = outcome::show(f.l, decision.entity_kind, &outcome, &sources);
    Ok(render(StatusCode::OK, &page(f, &decision, &sources, Some(preview))))
}

fn page(f: Frame, decision: &DecisionView, sources: &[SourceSystem], preview: Option<Outcome>) -> DecisionPage {
    DecisionPage {
        line: line(f.l, decision),
        entities: decision.entities.iter().map(|id| (address_of(decision.entity_kind, *id), id.to_string())).collect(),
        records: decision.records.iter().map(|key| (words::source(sources, &key.source), key.key.clone())).collect(),
        undone_by: decision.undone_by.map(|by| format!("/decisions/{by}")),
        undoable: decision.is_undoable() && f.may(Right::Steward),
        instead: if decision.undone_by.is_none() { instead(f.l, decision) } else { None },
        preview,
        f,
    }
}

/// How a decision is taken back that is not undone.
fn instead(l: Language, decision: &DecisionView) -> Option<(String, String, &'static str)> {
    let kind = decision.entity_kind;
    let about = decision.entities.first().map_or_else(|| "/search".to_owned(), |id| address_of(kind, *id));
    let record = l.say("打开记录", "Open the record");
    let said = |zh: &str, en: &str| l.say(zh, en).to_owned();
    let again = |page: &str, title: &'static str| {
        let version = decision.former_version.map_or_else(String::new, |version| version.to_string());
        let sentence = match l {
            Language::Zh => format!("要恢复原状，请重新启用版本 {version}。"),
            Language::En => format!("To take it back, put version {version} into use again."),
        };
        (sentence, format!("/{page}?kind={kind}"), title)
    };
    match decision.kind {
        DecisionKind::Merge | DecisionKind::Split | DecisionKind::Judge => None,
        DecisionKind::Survivorship => Some(again("survivorship", l.say("存活规则", "Survivorship rules"))),
        DecisionKind::Model => Some(again("models", l.say("匹配模型", "Match model"))),
        DecisionKind::Override => Some((
            said("要收回，请在记录页面上解除这个值。", "To take it back, release the value on the page of the record."),
            about,
            record,
        )),
        DecisionKind::Release => Some((
            said("要收回，请在记录页面上重新设定这个值。", "To take it back, set the value again on the page of the record."),
            about,
            record,
        )),
        DecisionKind::Unmerge => Some((
            said("撤销本身不能撤销：请重新合并、拆分或判定。", "An undoing is not undone: merge, split or judge again."),
            about,
            record,
        )),
        DecisionKind::Parcel(_) => Some((
            said("宗地编辑在地图上撤销，最后一次编辑在先。", "An edit of parcels is undone on the map, the last one first."),
            "/map".to_owned(),
            l.say("地图", "The map"),
        )),
    }
}

fn line(l: Language, decision: &DecisionView) -> Line {
    Line {
        address: format!("/decisions/{}", decision.id),
        act: words::word(l, decision.kind.as_str()),
        kind: words::base(l, decision.entity_kind),
        actor: decision.actor.clone(),
        proposed_by: decision.proposed_by.clone(),
        at: l.moment(decision.at),
        comment: decision.comment.clone().unwrap_or_default(),
        entities: decision.entities.len(),
        records: decision.records.len(),
        undone: decision.undone_by.is_some(),
    }
}
