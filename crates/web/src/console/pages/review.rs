//! Are these two one?

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use jiku_model::{EntityId, Kind, SourceSystem, TaskId, Verdict};
use jiku_registry::{
    Actor, EntityView, Expected, Found, Include, Registry, RegistryError, ReviewSide, ReviewState, ReviewView, SourceRecordView, View,
};

use super::{Page, address_of, name_of, see};
use crate::console::difference::{self, Piece};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::queue::Queue;
use crate::console::shapes::{self, Picture};
use crate::console::values::{self, Value};
use crate::console::waterfall::{self, Waterfall};
use crate::console::{Language, reasons, render, words};
use crate::desk::Desk;
use crate::handlers::reviews::read_verdict;
use crate::parameters::{self, Given, Parameters, Query};
use crate::permission::Right;
use crate::place::Named;
use crate::precondition::Seen;
use crate::problem::{self, Problem};
use crate::wire::review_tag;

/// A review task with its evidence.
#[derive(Template)]
#[template(path = "review.html")]
struct ReviewPage {
    f: Frame,
    id: String,
    address: String,
    query: String,
    kind: &'static str,
    reason: String,
    probability: String,
    sides: [Side; 2],
    rows: Vec<PairRow>,
    clusters: Vec<Cluster>,
    household: Vec<Neighbour>,
    earlier: Vec<Earlier>,
    waterfall: Option<Waterfall>,
    picture: Option<Picture>,
    if_match: String,
    /// The place in the queue, to go on from.
    place: String,
    next: Option<String>,
    open: bool,
    taken_by: String,
    mine: bool,
    may_decide: bool,
    masked: bool,
    /// Whether the records changed between looking and deciding.
    changed: bool,
    /// What was done just now: a verdict on the page before, or the undoing of one.
    decided: Option<&'static str>,
    /// What is said after each verdict.
    verdicts: [&'static str; 3],
    /// Whether the page before was proposed to another steward.
    proposed: bool,
}

/// One side of a pair.
struct Side {
    source: String,
    department: String,
    trust: u8,
    key: String,
    revision: i64,
    received: String,
    problems: Vec<String>,
    address: String,
    members: usize,
}

/// One column of the kind on both sides.
struct PairRow {
    title: String,
    left: Vec<Piece>,
    right: Vec<Piece>,
    meanings: [String; 2],
    /// `same`, `other`, `none` when a side is empty, or `veiled` when a mask hides what could differ.
    class: &'static str,
}

/// What a side said before, where the next revision said something else.
struct Earlier {
    source: String,
    key: String,
    revision: i64,
    received: String,
    withdrawn: bool,
    /// The title of a column, what it said then, and what it said next.
    changes: Vec<(&'static str, [Vec<Piece>; 2])>,
}

/// The golden record of a side with all its records, when there are more than the one in question.
struct Cluster {
    name: String,
    address: String,
    /// The source and the key of each record.
    heads: Vec<(String, String)>,
    rows: Vec<(String, Vec<Value>)>,
}

/// Somebody who shares address or telephone with a side.
struct Neighbour {
    address: String,
    name: String,
    birth_date: String,
    /// With whom.
    with: String,
}

/// The queue one goes through, and what happened just now.
pub(crate) struct ReviewParameters {
    queue: Queue,
    changed: bool,
    decided: Option<Done>,
    proposed: bool,
}

/// What was done just before a page is shown.
#[derive(Clone, Copy)]
enum Done {
    Verdict(Verdict),
    Undone,
    NothingToUndo,
    Given,
}

impl Done {
    fn read(word: &str) -> Option<Self> {
        match word {
            "undone" => Some(Self::Undone),
            "none" => Some(Self::NothingToUndo),
            "given" => Some(Self::Given),
            word => read_verdict(word).map(Self::Verdict),
        }
    }

    fn told(self, l: Language) -> &'static str {
        match self {
            Self::Verdict(Verdict::Positive) => l.say("上一项判为：同一", "The one before was decided: same"),
            Self::Verdict(Verdict::Negative) => l.say("上一项判为：不同", "The one before was decided: different"),
            Self::Verdict(Verdict::Unsure) => l.say("上一项判为：不确定", "The one before was decided: unsure"),
            Self::Undone => l.say("已撤销对这一项的判定，请重新判断。", "Your verdict on this one is undone: decide again."),
            Self::Given => l.say("上一项已交给另一位数据管理员。", "The one before was given to another steward."),
            Self::NothingToUndo => l.say("没有可以撤销的判定了。", "There is no verdict of yours left to undo."),
        }
    }
}

impl Parameters for ReviewParameters {
    const NAMES: &'static [&'static str] =
        &["kind", "reason", "source", "department", "division", "min", "max", "mine", "changed", "decided"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let decided = given.text("decided").and_then(Done::read);
        let proposed = given.text("decided") == Some("proposed");
        Ok(Self { queue: Queue::read(given)?, changed: given.text("changed").is_some(), decided, proposed })
    }
}

/// What the page needs of the registry.
struct Known {
    view: ReviewView,
    entities: Vec<EntityView>,
    households: Vec<(EntityId, Vec<EntityView>)>,
    sources: Vec<SourceSystem>,
    next: Option<TaskId>,
}

/// One review task: the pair side by side, and why the model cannot tell.
pub(crate) async fn show(request: HttpRequest, desk: Desk, Named(task): Named<TaskId>, Query(asked): Query<ReviewParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let asked = ReviewParameters { queue: Queue { unmask: f.full, ..asked.queue }, ..asked };
    let queue = asked.queue.clone();
    let known = desk.run(move |registry, actor| look_up(registry, actor, task, &queue)).await?;
    let page = page(f, known, &asked, &desk.actor().principal);
    Ok(render(StatusCode::OK, &page))
}

fn look_up(registry: &Registry, actor: &Actor, task: TaskId, queue: &Queue) -> Result<Known, RegistryError> {
    let view = registry.review(actor, task)?;
    let mut ids = vec![view.left.entity, view.right.entity];
    ids.dedup();
    let include = Include { sources: true, ..Include::default() };
    let mut entities = Vec::new();
    for id in ids {
        if let Found::Record(entity) = registry.find(actor, view.kind, id, &View { as_of: None, include })? {
            entities.push(*entity);
        }
    }
    let mut households = Vec::new();
    for entity in &entities {
        let others = registry.household(actor, view.kind, entity.id)?;
        households.push((entity.id, others.into_iter().filter(|other| entities.iter().all(|entity| entity.id != other.id)).collect()));
    }
    let next = registry.next_review(actor, &queue.filter(actor, 1, Some(view.cursor())))?;
    Ok(Known { entities, households, sources: registry.list_sources()?, next, view })
}

fn page(f: Frame, known: Known, asked: &ReviewParameters, principal: &str) -> ReviewPage {
    let Known { view, entities, households, sources, next } = known;
    let (l, kind, query) = (f.l, view.kind, asked.queue.query());
    let rows = words::columns(l, kind).filter_map(|(column, title)| pair_row(l, kind, column, title, &view));
    let clusters = entities.iter().filter(|entity| entity.member_count > 1).map(|entity| cluster(l, entity, &sources));
    let homes = home_of(kind, &entities, &households);
    let picture = if kind == Kind::Parcel {
        let geometry = |side: &ReviewSide| side.record.attributes.get("geometry").map(str::to_owned);
        let shapes = [(&view.left, "this"), (&view.right, "other")].map(|(side, class)| (geometry(side), side, class));
        let wanted = shapes.iter().filter_map(|(geometry, side, class)| {
            let title = format!("{} {}", words::source(&sources, &side.record.key.source), side.record.key.key);
            Some(shapes::Wanted { geometry: geometry.as_deref()?, title, address: address_of(kind, side.entity), class })
        });
        shapes::draw(wanted.collect())
    } else {
        None
    };
    ReviewPage {
        id: view.id.to_string(),
        address: format!("/reviews/{}", view.id),
        kind: words::one(l, kind),
        reason: words::word(l, &view.reason).to_owned(),
        probability: l.probability(view.probability),
        sides: [side(l, &view.left, &view, &entities, &sources), side(l, &view.right, &view, &entities, &sources)],
        rows: rows.collect(),
        clusters: clusters.collect(),
        household: homes,
        earlier: [&view.left, &view.right].into_iter().flat_map(|side| earlier(l, kind, side, &sources)).collect(),
        waterfall: view.explanation.as_ref().map(|explanation| waterfall::draw(explanation, l)),
        picture,
        if_match: review_tag(&view),
        place: view.cursor(),
        next: next.map(|task| format!("/reviews/{task}{query}")),
        open: view.state == ReviewState::Open,
        mine: view.assigned_to.as_deref() == Some(principal),
        taken_by: view.assigned_to.clone().unwrap_or_default(),
        may_decide: f.may(Right::Steward),
        masked: view.left.record.masked || view.right.record.masked,
        changed: asked.changed,
        proposed: asked.proposed,
        decided: asked.decided.map(|done| done.told(l)),
        verdicts: [Verdict::Positive, Verdict::Negative, Verdict::Unsure].map(|verdict| Done::Verdict(verdict).told(l)),
        query,
        f,
    }
}

/// The household around the pair: each person once, with whom of the two they share a place.
fn home_of(kind: Kind, entities: &[EntityView], households: &[(EntityId, Vec<EntityView>)]) -> Vec<Neighbour> {
    let mut home: Vec<Neighbour> = Vec::new();
    for (id, others) in households {
        let with = entities.iter().find(|entity| entity.id == *id).map(name_of).unwrap_or_default();
        for other in others {
            let address = address_of(kind, other.id);
            match home.iter_mut().find(|known| known.address == address) {
                Some(known) => known.with = format!("{} · {with}", known.with),
                None => home.push(Neighbour {
                    address,
                    name: name_of(other),
                    birth_date: other.values.get("birth_date").map(|value| value.value.clone()).unwrap_or_default(),
                    with: with.clone(),
                }),
            }
        }
    }
    home
}

fn pair_row(l: Language, kind: Kind, column: &str, title: &str, view: &ReviewView) -> Option<PairRow> {
    let value = |side: &ReviewSide| side.record.attributes.get(column).unwrap_or_default().to_owned();
    let (left, right) = (value(&view.left), value(&view.right));
    let class = match (left.as_str(), right.as_str()) {
        ("", "") => return None,
        ("", _) | (_, "") => "none",
        (left, right) if difference::is_masked(left) || difference::is_masked(right) => "veiled",
        (left, right) if left == right => "same",
        _ if values::is_of_the_source(column) => "none",
        _ => "other",
    };
    let told = [&left, &right].map(|text| values::told(l, kind, column, text));
    let [left, right] = if class == "none" || class == "veiled" {
        told.each_ref().map(|(text, _)| difference::whole(text))
    } else {
        values::pieces(l, kind, column, [&left, &right])
    };
    let meanings = told.map(|(_, meaning)| meaning);
    Some(PairRow { title: title.to_owned(), left, right, meanings, class })
}

fn side(l: Language, side: &ReviewSide, view: &ReviewView, entities: &[EntityView], sources: &[SourceSystem]) -> Side {
    let source = sources.iter().find(|source| source.code == side.record.key.source);
    let entity = entities.iter().find(|entity| entity.id == side.entity);
    Side {
        source: source.map_or_else(|| side.record.key.source.to_string(), |source| source.name.clone()),
        department: source.map(|source| source.department.clone()).unwrap_or_default(),
        trust: source.map_or(0, |source| source.trust),
        key: side.record.key.key.clone(),
        revision: side.record.revision,
        received: l.moment(side.record.received_at),
        problems: side.record.problems.iter().map(|problem| reasons::in_words(l, problem)).collect(),
        address: address_of(view.kind, side.entity),
        members: entity.map_or(1, |entity| entity.member_count),
    }
}

/// The earlier revisions of a side, the latest first, each beside the one that followed.
fn earlier(l: Language, kind: Kind, side: &ReviewSide, sources: &[SourceSystem]) -> Vec<Earlier> {
    let next = std::iter::once(&side.record).chain(&side.earlier);
    let of = |(then, next): (&SourceRecordView, &SourceRecordView)| Earlier {
        source: words::source(sources, &side.record.key.source),
        key: side.record.key.key.clone(),
        revision: then.revision,
        received: l.moment(then.received_at),
        withdrawn: then.withdrawn,
        changes: words::columns(l, kind)
            .filter_map(|(column, title)| {
                let [said, says] = [then, next].map(|record| record.attributes.get(column).unwrap_or_default());
                let [left, right] = values::pieces(l, kind, column, [said, says]);
                let shown = [(said, left), (says, right)].map(|(text, pieces)| if text.is_empty() { Vec::new() } else { pieces });
                (said != says).then_some((title, shown))
            })
            .collect(),
    };
    side.earlier.iter().zip(next).map(of).collect()
}

fn cluster(l: Language, entity: &EntityView, sources: &[SourceSystem]) -> Cluster {
    let records = entity.sources.as_deref().unwrap_or_default();
    let rows = words::columns(l, entity.kind).filter_map(|(column, title)| {
        let golden = entity.values.get(column).map_or("", |value| value.value.as_str());
        let cells: Vec<Value> = std::iter::once(Value::new(l, entity.kind, column, golden))
            .chain(
                records
                    .iter()
                    .map(|record| Value::beside(l, entity.kind, column, record.attributes.get(column).unwrap_or_default(), golden)),
            )
            .collect();
        (!cells.iter().all(Value::is_empty)).then(|| (title.to_owned(), cells))
    });
    Cluster {
        name: name_of(entity),
        address: address_of(entity.kind, entity.id),
        heads: records.iter().map(|record| (words::source(sources, &record.key.source), record.key.key.clone())).collect(),
        rows: rows.collect(),
    }
}

/// What became of a verdict.
enum Judged {
    /// It stands: the next task, and the entities it touched.
    Stands(Option<TaskId>, Vec<String>),
    /// The records changed meanwhile.
    Changed,
    /// Two stewards are needed to make these one; the task after it.
    NeedsSecond(Kind, [EntityId; 2], Option<TaskId>),
}

/// A verdict from the review page; the next task follows. A script that has the next page at hand asks with `Console-Swap`
/// and is told its address and the entities that were touched in headers.
pub(crate) async fn judge(
    request: HttpRequest,
    desk: Desk,
    Named(task): Named<TaskId>,
    Query(asked): Query<ReviewParameters>,
    form: Form,
) -> Page {
    let verdict =
        read_verdict(form.text("verdict")).ok_or_else(|| Problem::new(problem::VALUE_INVALID).detail("positive, negative or unsure"))?;
    let seen: Expected = Seen::parse(form.text("if_match"))?.into();
    let comment = Some(form.text("comment").to_owned()).filter(|comment| !comment.is_empty());
    let queue = Queue { unmask: desk.actor().unmask, ..asked.queue };
    let (query, place) = (queue.query(), Some(form.text("place").to_owned()).filter(|place| !place.is_empty()));
    let joint = if query.is_empty() { '?' } else { '&' };
    let unmask = if queue.unmask { "&unmask=true" } else { "" };
    let decided = desk
        .run(move |registry, actor| {
            let outcome = match registry.judge(actor, task, verdict, comment.as_deref(), &seen, false) {
                Ok(outcome) => outcome,
                Err(RegistryError::Stale { .. }) => return Ok(Judged::Changed),
                // The preview of the merge says why, and takes the proposal to another steward.
                Err(RegistryError::Conflict { code: "approval-required", .. }) => {
                    let view = registry.review(actor, task)?;
                    let next = registry.next_review(actor, &queue.filter(actor, 1, place))?;
                    return Ok(Judged::NeedsSecond(view.kind, [view.left.entity, view.right.entity], next));
                }
                Err(error) => return Err(error),
            };
            let touched: Vec<String> = outcome.before.iter().map(|image| image.id.to_string()).collect();
            let after = registry.next_review(actor, &queue.filter(actor, 1, place))?;
            // At the end of the queue those that were skipped come again.
            let next = if after.is_some() { after } else { registry.next_review(actor, &queue.filter(actor, 1, None))? };
            Ok(Judged::Stands(next, touched))
        })
        .await?;
    let (next, touched) = match decided {
        Judged::Stands(next, touched) => (next, touched),
        Judged::Changed => return Ok(see(&format!("/reviews/{task}{query}{joint}changed=1"))),
        Judged::NeedsSecond(kind, [left, right], next) => {
            let then = next.map_or_else(String::new, |task| format!("&then={}", parameters::encode(&format!("/reviews/{task}{query}"))));
            return Ok(see(&format!("/{}/merge?ids={left},{right}{unmask}{then}", kind.plural())));
        }
    };
    let address =
        next.map_or_else(|| format!("/reviews{query}"), |task| format!("/reviews/{task}{query}{joint}decided={}", verdict.as_str()));
    if request.headers().contains_key("console-swap") {
        let mut answer = HttpResponse::NoContent();
        answer.insert_header((header::LOCATION, address)).insert_header(("Console-Touched", touched.join(" ")));
        return Ok(answer.finish());
    }
    Ok(see(&address))
}
