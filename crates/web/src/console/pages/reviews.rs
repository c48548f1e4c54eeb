//! What waits for a steward?

use std::collections::BTreeSet;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::{Kind, SourceSystem, TaskId, Verdict};
use jiku_registry::{
    Actor, DecisionCount, DecisionKind, Explanation, ProposalFilter, ProposalState, Registry, RegistryError, ReviewFilter, ReviewView,
    SourceRecordView,
};

use super::{Page, see};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::queue::Queue;
use crate::console::{Language, language, render, words};
use crate::cursor;
use crate::desk::Desk;
use crate::handlers::reviews::read_verdict;
use crate::parameters::{Given, NoParameters, Parameters, Query};
use crate::permission::Right;
use crate::place::id;
use crate::precondition::Seen;
use crate::problem::{self, Problem};
use crate::wire::review_tag;

/// Tasks of a page of the list.
const PAGE: usize = 25;
/// Tasks decided in one go at most.
const BULK: usize = 50;

/// The list of review tasks.
#[derive(Template)]
#[template(path = "reviews.html")]
struct ReviewsPage {
    f: Frame,
    tasks: Vec<TaskLine>,
    next: Option<String>,
    queue: Queue,
    query: String,
    kinds: Vec<(&'static str, &'static str)>,
    reasons: Vec<(&'static str, &'static str)>,
    departments: BTreeSet<String>,
    sources: Vec<(String, String)>,
    day: Day,
    notice: Option<String>,
    may_decide: bool,
    /// Merges that wait for a second steward, to a hundred.
    proposals: usize,
    /// Where one begins: in full when one may see that, since what is masked cannot be compared.
    begin: String,
}

/// A review task in the list.
struct TaskLine {
    id: String,
    address: String,
    kind: &'static str,
    left: String,
    right: String,
    /// The two sources.
    from: [String; 2],
    reason: String,
    /// The rule of the model that speaks against the pair.
    rule: String,
    risky: bool,
    weight: String,
    probability: String,
    opened: String,
    assigned: String,
}

/// The numbers of the day.
struct Day {
    own: Vec<(&'static str, String)>,
    own_total: String,
    everybody: String,
}

/// The filters, from which page of the list, and what a bulk decision did just now.
pub(crate) struct ReviewsParameters {
    queue: Queue,
    cursor: Option<String>,
    done: Option<u32>,
    left: Option<u32>,
}

impl Parameters for ReviewsParameters {
    const NAMES: &'static [&'static str] =
        &["kind", "reason", "source", "department", "division", "min", "max", "mine", "cursor", "done", "left"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let queue = Queue::read(given)?;
        let cursor = given.text("cursor").map(|text| cursor::unwrap(&list_of(&queue), text)).transpose()?;
        Ok(Self { queue, cursor, done: given.value("done", "a number")?, left: given.value("left", "a number")? })
    }
}

/// The list a cursor belongs to.
fn list_of(queue: &Queue) -> String {
    format!("console reviews{}", Queue { unmask: false, ..queue.clone() }.query())
}

/// The reasons one can ask for.
const REASONS: [&str; 10] = [
    "unsure",
    "rule",
    "parcel-overlap",
    "conflicting-identifier",
    "cannot-link",
    "contested",
    "out-voted",
    "too-large",
    "bridge",
    "duplicate-free-source",
];

/// Whether a wrong answer would join or part what identifiers or stewards speak against: decided one by one.
fn is_risky(reason: &str) -> bool {
    matches!(reason, "rule" | "parcel-overlap" | "conflicting-identifier" | "cannot-link" | "contested" | "too-large")
}

/// Whether a task is decided by itself: for its reason, or because a rule of the model speaks against its pair.
fn stands_alone(task: &ReviewView) -> bool {
    is_risky(&task.reason) || task.explanation.as_ref().is_some_and(|explanation| explanation.conflict.is_some())
}

/// The open review tasks, the most urgent first.
pub(crate) async fn list(request: HttpRequest, desk: Desk, Query(asked): Query<ReviewsParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let ReviewsParameters { queue, cursor, done, left } = asked;
    let queue = Queue { unmask: desk.actor().unmask, ..queue };
    let wanted = queue.clone();
    let open = ProposalFilter { state: ProposalState::Open, kind: None, limit: 100, cursor: None };
    let (page, sources, counts, proposals) = desk
        .run(move |registry, actor| {
            let page = registry.reviews(actor, &ReviewFilter { explain: true, ..wanted.filter(actor, PAGE, cursor) })?;
            let counts = registry.decision_counts(actor, language::midnight(registry.now()))?;
            Ok((page, registry.list_sources()?, counts, registry.proposals(actor, &open)?.items.len()))
        })
        .await?;
    let query = queue.query();
    let next = page.next.as_deref().map(|position| {
        let joint = if query.is_empty() { "?" } else { "&" };
        format!("/reviews{query}{joint}cursor={}", cursor::wrap(&list_of(&queue), position))
    });
    let notice = done.map(|done| match (f.l, left.unwrap_or(0)) {
        (Language::Zh, 0) => format!("已判定 {done} 项。"),
        (Language::Zh, left) => format!("已判定 {done} 项；{left} 项须逐项查看。"),
        (Language::En, 0) => format!("{done} decided."),
        (Language::En, left) => format!("{done} decided; {left} wait to be looked at one by one."),
    });
    let page = ReviewsPage {
        tasks: page.items.iter().map(|task| line(f.l, task, &query, &sources)).collect(),
        next,
        kinds: Kind::ALL.into_iter().map(|kind| (kind.as_str(), words::base(f.l, kind))).collect(),
        reasons: REASONS.into_iter().map(|reason| (reason, words::word(f.l, reason))).collect(),
        departments: sources.iter().map(|source| source.department.clone()).filter(|name| !name.is_empty()).collect(),
        sources: sources.into_iter().map(|source| (source.code.as_str().to_owned(), source.name)).collect(),
        day: day(f.l, &counts, &desk.actor().principal),
        notice,
        may_decide: f.may(Right::Steward),
        proposals,
        begin: format!("/reviews/first{}", Queue { unmask: f.may_unmask, ..queue.clone() }.query()),
        queue,
        query,
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

fn line(l: Language, task: &ReviewView, query: &str, sources: &[SourceSystem]) -> TaskLine {
    let source = |record: &SourceRecordView| words::source(sources, &record.key.source);
    let rule = |explanation: &Explanation| match l {
        Language::Zh => explanation.conflict_zh.clone(),
        Language::En => explanation.conflict.clone(),
    };
    TaskLine {
        id: task.id.to_string(),
        address: format!("/reviews/{}{query}", task.id),
        kind: words::one(l, task.kind),
        left: name(&task.left.record),
        right: name(&task.right.record),
        from: [source(&task.left.record), source(&task.right.record)],
        weight: l.weight(task.weight),
        probability: l.probability(task.probability),
        opened: l.moment(task.opened_at),
        reason: words::word(l, &task.reason).to_owned(),
        rule: task.explanation.as_ref().and_then(rule).unwrap_or_default(),
        risky: is_risky(&task.reason),
        assigned: task.assigned_to.clone().unwrap_or_default(),
    }
}

/// What a record is called in the list.
fn name(record: &SourceRecordView) -> String {
    let value = ["name", "parcel_code", "location"].iter().find_map(|column| record.attributes.get(column));
    value.unwrap_or(&record.key.key).to_owned()
}

fn day(l: Language, counts: &[DecisionCount], principal: &str) -> Day {
    let acts = [DecisionKind::Judge, DecisionKind::Merge, DecisionKind::Split, DecisionKind::Unmerge, DecisionKind::Override];
    let own = |kind: DecisionKind| {
        counts.iter().filter(|count| count.actor == principal && count.kind == kind).map(|count| count.count).sum::<u64>()
    };
    Day {
        own: acts.into_iter().filter(|kind| own(*kind) > 0).map(|kind| (words::word(l, kind.as_str()), l.count(own(kind)))).collect(),
        own_total: l.count(counts.iter().filter(|count| count.actor == principal).map(|count| count.count).sum()),
        everybody: l.count(counts.iter().map(|count| count.count).sum()),
    }
}

/// What a decision about several tasks would do.
#[derive(Template)]
#[template(path = "reviews_bulk.html")]
struct BulkPage {
    f: Frame,
    verdict: &'static str,
    verdict_name: &'static str,
    tasks: Vec<(TaskLine, String)>,
    /// Those that are decided one by one.
    single: Vec<TaskLine>,
    query: String,
    comment: String,
}

/// A decision about several tasks: first what it would do, then, confirmed, each with the versions that were seen.
pub(crate) async fn bulk(request: HttpRequest, desk: Desk, form: Form) -> Page {
    let f = Frame::of(&request, &desk);
    let verdict =
        read_verdict(form.text("verdict")).ok_or_else(|| Problem::new(problem::VALUE_INVALID).detail("positive, negative or unsure"))?;
    let query = form.text("query").to_owned();
    let query = if query.starts_with('?') { query } else { String::new() };
    let comment = form.text("comment").to_owned();
    if form.text("confirm").is_empty() {
        let ids: Vec<TaskId> = form.all("task").take(BULK).map(id).collect::<Result<_, _>>()?;
        if ids.is_empty() {
            return Ok(see(&format!("/reviews{query}")));
        }
        let (views, sources) = desk
            .run(move |registry, actor| {
                let views = ids.iter().map(|task| registry.review(actor, *task)).collect::<Result<Vec<_>, _>>()?;
                Ok((views, registry.list_sources()?))
            })
            .await?;
        let (single, together): (Vec<_>, Vec<_>) = views.iter().partition(|view| stands_alone(view));
        let page = BulkPage {
            verdict: verdict.as_str(),
            verdict_name: verdict_name(f.l, verdict),
            tasks: together
                .into_iter()
                .map(|view| (line(f.l, view, &query, &sources), format!("{}|{}", view.id, review_tag(view))))
                .collect(),
            single: single.into_iter().map(|view| line(f.l, view, &query, &sources)).collect(),
            query,
            comment,
            f,
        };
        return Ok(render(StatusCode::OK, &page));
    }
    let mut orders = Vec::new();
    for text in form.all("task").take(BULK) {
        let (task, tag) = text.split_once('|').ok_or_else(|| Problem::new(problem::ID_FORMAT))?;
        orders.push((id::<TaskId>(task)?, Seen::parse(tag)?));
    }
    let (done, left) = desk.run(move |registry, actor| decide_all(registry, actor, orders, verdict, &comment)).await?;
    let joint = if query.is_empty() { "?" } else { "&" };
    Ok(see(&format!("/reviews{query}{joint}done={done}&left={left}")))
}

/// Decides each task that is still as it was seen; how many were, and how many were not.
fn decide_all(
    registry: &Registry,
    actor: &Actor,
    orders: Vec<(TaskId, Seen)>,
    verdict: Verdict,
    comment: &str,
) -> Result<(u32, u32), RegistryError> {
    let comment = Some(comment).filter(|comment| !comment.is_empty());
    let (mut done, mut left) = (0, 0);
    for (task, seen) in orders {
        if stands_alone(&registry.review(actor, task)?) {
            left += 1;
            continue;
        }
        match registry.judge(actor, task, verdict, comment, &seen.into(), false) {
            Ok(_) => done += 1,
            Err(RegistryError::Stale { .. } | RegistryError::Conflict { .. }) => left += 1,
            Err(error) => return Err(error),
        }
    }
    Ok((done, left))
}

/// What a verdict is called.
fn verdict_name(l: Language, verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Positive => l.say("同一", "same"),
        Verdict::Negative => l.say("不同", "different"),
        Verdict::Unsure => l.say("不确定", "unsure"),
    }
}

/// On to the first task of the queue.
pub(crate) struct FirstOf(Queue);

impl Parameters for FirstOf {
    const NAMES: &'static [&'static str] = &Queue::NAMES;

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        Queue::read(given).map(Self)
    }
}

/// The first task of the queue.
pub(crate) async fn first(desk: Desk, Query(FirstOf(queue)): Query<FirstOf>) -> Page {
    let query = Queue { unmask: desk.actor().unmask, ..queue.clone() }.query();
    let task = desk.run(move |registry, actor| registry.next_review(actor, &queue.filter(actor, 1, None))).await?;
    Ok(see(&task.map_or_else(|| format!("/reviews{query}"), |task| format!("/reviews/{task}{query}"))))
}

/// Undoes one's own latest verdict that stands, and goes back to its task; where there is none, to the task one came from.
pub(crate) async fn undo(desk: Desk, _: Query<NoParameters>, form: Form) -> Page {
    let query = form.text("query").to_owned();
    let query = if query.starts_with('?') { query } else { String::new() };
    let joint = if query.is_empty() { '?' } else { '&' };
    let from: Option<TaskId> = Some(form.text("task")).filter(|task| !task.is_empty()).map(id).transpose()?;
    Ok(see(&match (desk.run(undo_last).await?, from) {
        (Some(task), _) => format!("/reviews/{task}{query}{joint}decided=undone"),
        (None, Some(from)) => format!("/reviews/{from}{query}{joint}decided=none"),
        (None, None) => format!("/reviews{query}"),
    }))
}

/// Undoes the latest verdict of the actor that stands; its task.
fn undo_last(registry: &Registry, actor: &Actor) -> Result<Option<TaskId>, RegistryError> {
    use jiku_registry::{DecisionFilter, Expected, Unmerge};
    let filter =
        DecisionFilter { actor: Some(actor.principal.clone()), acts: vec![DecisionKind::Judge], limit: 50, ..DecisionFilter::default() };
    let last = registry.recent_decisions(actor, &filter)?.items.into_iter().find(|decision| decision.undone_by.is_none());
    let Some(last) = last else { return Ok(None) };
    registry.unmerge(actor, last.entity_kind, &Unmerge::Decision(last.id), None, &Expected::new(), false)?;
    Ok(last.task)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_told_in_words() {
        for reason in REASONS {
            assert!(!words::word(Language::Zh, reason).is_ascii() && words::word(Language::En, reason).contains(' '), "{reason}");
        }
    }
}
