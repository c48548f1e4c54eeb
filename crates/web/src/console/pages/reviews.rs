//! What waits for a steward?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_registry::{ReviewFilter, SourceRecordView};

use super::Page;
use crate::console::frame::Frame;
use crate::console::{render, words};
use crate::cursor;
use crate::desk::Desk;
use crate::parameters::{Given, Parameters, Query};
use crate::problem::Problem;

/// The list of review tasks.
#[derive(Template)]
#[template(path = "reviews.html")]
struct ReviewsPage {
    f: Frame,
    tasks: Vec<TaskLine>,
    next: Option<String>,
}

/// A review task in the list.
struct TaskLine {
    address: String,
    kind: &'static str,
    left: String,
    right: String,
    reason: String,
    weight: String,
    probability: String,
    opened: String,
}

/// From which page of the list.
pub(crate) struct ReviewsParameters(Option<String>);

/// The list the cursors of the review page belong to.
const REVIEWS: &str = "console reviews";

impl Parameters for ReviewsParameters {
    const NAMES: &'static [&'static str] = &["cursor"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        given.text("cursor").map(|text| cursor::unwrap(REVIEWS, text)).transpose().map(Self)
    }
}

/// The open review tasks, the most urgent first.
pub(crate) async fn list(request: HttpRequest, desk: Desk, Query(ReviewsParameters(cursor)): Query<ReviewsParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let filter = ReviewFilter { limit: 25, cursor, ..ReviewFilter::default() };
    let page = desk.run(move |registry, actor| registry.reviews(actor, &filter)).await?;
    let next = page.next.as_deref().map(|position| cursor::wrap(REVIEWS, position));
    let tasks = page.items.into_iter().map(|task| TaskLine {
        address: format!("/reviews/{}", task.id),
        kind: words::base(f.l, task.kind),
        left: name(&task.left.record),
        right: name(&task.right.record),
        weight: f.l.weight(task.weight),
        probability: f.l.percent(f64::from(task.probability)),
        opened: f.l.moment(task.opened_at),
        reason: words::word(f.l, &task.reason).to_owned(),
    });
    let page = ReviewsPage { tasks: tasks.collect(), next, f };
    Ok(render(StatusCode::OK, &page))
}

/// What a record is called in the list.
fn name(record: &SourceRecordView) -> String {
    let value = ["name", "parcel_code", "location"].iter().find_map(|column| record.attributes.get(column));
    value.unwrap_or(&record.key.key).to_owned()
}
