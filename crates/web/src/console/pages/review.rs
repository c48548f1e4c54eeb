//! Are these two one?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::TaskId;
use jiku_registry::{Expected, ReviewFilter, ReviewSide, ReviewState};

use super::{Page, address_of, see};
use crate::console::difference::{self, Piece};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::waterfall::{self, Waterfall};
use crate::console::{render, words};
use crate::desk::Desk;
use crate::handlers::reviews::read_verdict;
use crate::parameters::{NoParameters, Query};
use crate::place::Named;
use crate::precondition::Seen;
use crate::problem::{self, Problem};
use crate::wire::review_tag;

/// A review task with its evidence.
#[derive(Template)]
#[template(path = "review.html")]
struct ReviewPage {
    f: Frame,
    address: String,
    kind: &'static str,
    reason: String,
    left: Side,
    right: Side,
    rows: Vec<PairRow>,
    picture: Option<Waterfall>,
    if_match: String,
    open: bool,
}

/// One side of a pair.
struct Side {
    source: String,
    key: String,
    address: String,
}

/// One column of the kind on both sides.
struct PairRow {
    title: String,
    left: Vec<Piece>,
    right: Vec<Piece>,
    /// `same`, `other` or `none` when a side is empty.
    class: &'static str,
}

/// One review task: the pair side by side, and why the model cannot tell.
pub(crate) async fn show(request: HttpRequest, desk: Desk, Named(task): Named<TaskId>, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let view = desk.run(move |registry, actor| registry.review(actor, task)).await?;
    let rows = words::columns(f.l, view.kind).filter_map(|(name, title)| {
        let (left, right) =
            (view.left.record.attributes.get(name).unwrap_or_default(), view.right.record.attributes.get(name).unwrap_or_default());
        let class = match (left, right) {
            ("", "") => return None,
            ("", _) | (_, "") => "none",
            (left, right) if left == right => "same",
            _ => "other",
        };
        let (left, right) =
            if class == "none" { (difference::whole(left), difference::whole(right)) } else { difference::pieces(left, right) };
        Some(PairRow { title: title.to_owned(), left, right, class })
    });
    let side = |side: &ReviewSide| Side {
        source: side.record.key.source.to_string(),
        key: side.record.key.key.clone(),
        address: address_of(view.kind, side.entity),
    };
    let page = ReviewPage {
        address: format!("/reviews/{}", view.id),
        kind: words::base(f.l, view.kind),
        reason: words::word(f.l, &view.reason).to_owned(),
        left: side(&view.left),
        right: side(&view.right),
        rows: rows.collect(),
        picture: view.explanation.as_ref().map(|explanation| waterfall::draw(explanation, f.l)),
        if_match: review_tag(&view),
        open: view.state == ReviewState::Open,
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

/// A verdict from the review page; the next task follows.
pub(crate) async fn judge(desk: Desk, Named(task): Named<TaskId>, form: Form) -> Page {
    let verdict =
        read_verdict(form.text("verdict")).ok_or_else(|| Problem::new(problem::VALUE_INVALID).detail("positive, negative or unsure"))?;
    let seen: Expected = Seen::parse(form.text("if_match"))?.into();
    let comment = Some(form.text("comment").to_owned()).filter(|comment| !comment.is_empty());
    let next = desk
        .run(move |registry, actor| {
            registry.judge(actor, task, verdict, comment.as_deref(), &seen)?;
            let waiting = registry.reviews(actor, &ReviewFilter { limit: 1, ..ReviewFilter::default() })?;
            Ok(waiting.items.first().map(|task| task.id))
        })
        .await?;
    Ok(see(&next.map_or_else(|| "/reviews".to_owned(), |task| format!("/reviews/{task}"))))
}
