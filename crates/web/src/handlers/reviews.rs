//! What waits for a steward, and what do they say?

use actix_web::HttpResponse;
use actix_web::http::header;
use jiku_model::{TaskId, Verdict};
use jiku_registry::{ReviewFilter, ReviewState};

use super::decisions::{DryRun, seen};
use super::{Answer, Json, json};
use crate::body::Body;
use crate::cursor;
use crate::desk::Desk;
use crate::idempotency::decide;
use crate::parameters::{Given, NoParameters, Parameters, Query, invalid};
use crate::place::Named;
use crate::problem::{self, Problem};
use crate::sent::Sent;
use crate::wire::{OutcomeBody, ReviewBody, ReviewsBody};

/// Which review tasks to list.
pub(crate) struct ReviewParameters {
    filter: ReviewFilter,
    list: String,
}

impl Parameters for ReviewParameters {
    const NAMES: &'static [&'static str] =
        &["kind", "state", "reason", "assigned_to", "source", "department", "division", "min_weight", "max_weight", "limit", "cursor"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let state = given.text("state").map(|text| state(text).ok_or_else(|| invalid("state", "open, decided or closed"))).transpose()?;
        let mut list = "reviews".to_owned();
        for name in &Self::NAMES[..9] {
            list.push('\u{1}');
            list.push_str(given.text(name).unwrap_or(""));
        }
        let filter = ReviewFilter {
            explain: false,
            kind: given.value("kind", "person, legal-person or parcel")?,
            state,
            reason: given.text("reason").map(str::to_owned),
            assigned_to: given.text("assigned_to").map(str::to_owned),
            source: given.value("source", "the code of a source system")?,
            department: given.text("department").map(str::to_owned),
            division: given.text("division").map(str::to_owned),
            min_weight: given.value("min_weight", "a number")?,
            max_weight: given.value("max_weight", "a number")?,
            limit: given.limit(20, 100)?,
            cursor: given.text("cursor").map(|text| cursor::unwrap(&list, text)).transpose()?,
        };
        Ok(Self { filter, list })
    }
}

fn state(text: &str) -> Option<ReviewState> {
    [ReviewState::Open, ReviewState::Decided, ReviewState::Closed].into_iter().find(|state| state.as_str() == text)
}

/// Review tasks (待审任务), the most urgent first.
#[utoipa::path(
    get, path = "/api/v1/reviews", tag = "stewardship",
    params(
        ("kind" = Option<String>, Query, description = "person, legal-person or parcel"),
        ("state" = Option<String>, Query, description = "open (when absent), decided or closed"),
        ("reason" = Option<String>, Query, description = "unsure, rule, conflicting-identifier, cannot-link, contested, too-large, bridge …"),
        ("assigned_to" = Option<String>, Query),
        ("source" = Option<String>, Query, description = "with a record of this source system"),
        ("department" = Option<String>, Query, description = "with a record of a source system of this department"),
        ("division" = Option<String>, Query, description = "with a record whose division code begins so, such as 4401"),
        ("min_weight" = Option<f32>, Query),
        ("max_weight" = Option<f32>, Query),
        ("limit" = Option<usize>, Query, description = "1 to 100; 20 when absent", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "next_cursor of the page before"),
    ),
    responses((status = 200, body = ReviewsBody)),
)]
pub(crate) async fn list(desk: Desk, Query(asked): Query<ReviewParameters>) -> Answer<Json<ReviewsBody>> {
    let ReviewParameters { filter, list } = asked;
    let page = desk.run(move |registry, actor| registry.reviews(actor, &filter)).await?;
    let next = page.next.as_deref().map(|position| cursor::wrap(&list, position));
    Ok(Json(ReviewsBody::new(page, next)))
}

/// One review task with both records and its evidence.
#[utoipa::path(
    get, path = "/api/v1/reviews/{id}", tag = "stewardship",
    responses((status = 200, body = ReviewBody, headers(("ETag" = String, description = "both versions, for If-Match")))),
)]
pub(crate) async fn one(desk: Desk, Named(task): Named<TaskId>, _: Query<NoParameters>) -> Answer<HttpResponse> {
    let body = ReviewBody::from(desk.run(move |registry, actor| registry.review(actor, task)).await?);
    let mut answer = json(&body);
    if let Ok(tag) = body.if_match().parse() {
        answer.headers_mut().insert(header::ETAG, tag);
    }
    Ok(answer)
}

/// A steward's verdict.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct JudgementBody {
    /// `positive` (one entity), `negative` (two) or `unsure`.
    verdict: String,
    /// Why, for those who read it later.
    comment: Option<String>,
}

/// Records a steward's verdict on a review task, or tells what it would bring.
#[utoipa::path(
    post, path = "/api/v1/reviews/{id}/judgement", tag = "stewardship",
    params(
        ("dry_run" = Option<bool>, Query, description = "only tell what would be touched"),
        ("If-Match" = Option<String>, Header, description = "`if_match` of the task; not needed with dry_run"),
    ),
    request_body = JudgementBody, responses((status = 200, body = OutcomeBody)),
)]
pub(crate) async fn judge(Named(task): Named<TaskId>, mut sent: Sent<DryRun>) -> Answer<HttpResponse> {
    let verdict: Option<String> = sent.fields.required("verdict", problem::VALUE_INVALID, "positive, negative or unsure");
    let comment = sent.fields.text("comment");
    let verdict = verdict.and_then(|text| {
        let verdict = read_verdict(&text);
        if verdict.is_none() {
            sent.fields.report(problem::VALUE_INVALID, "verdict", "positive, negative or unsure");
        }
        verdict
    });
    let Sent { desk, request, parameters: DryRun(dry_run), bytes, fields } = sent;
    fields.finish()?;
    let verdict = verdict.ok_or_else(|| Problem::new(problem::REQUIRED).pointer("/verdict"))?;
    let seen = seen(&request, dry_run)?;
    decide(&desk, &request, &bytes, move |registry, actor| {
        let outcome = OutcomeBody::new(registry.judge(actor, task, verdict, comment.as_deref(), &seen, dry_run)?, dry_run);
        // A verdict that joins nothing touches no entity; what was seen is the task.
        if dry_run { Ok(outcome.seen_as(ReviewBody::from(registry.review(actor, task)?).if_match())) } else { Ok(outcome) }
    })
    .await
}

/// The verdict of this name.
pub(crate) fn read_verdict(text: &str) -> Option<Verdict> {
    [Verdict::Positive, Verdict::Negative, Verdict::Unsure].into_iter().find(|verdict| verdict.as_str() == text)
}

/// Takes a task, gives it to another steward who reaches it, or gives it back.
#[utoipa::path(
    put, path = "/api/v1/reviews/{id}/assignment", tag = "stewardship",
    request_body(content = Object, description = "`{\"assigned_to\": \"name\"}`, or null to give it back"),
    responses((status = 204, description = "done"), (status = 422, description = "nobody of this name is a steward who reaches the task")),
)]
pub(crate) async fn assign(desk: Desk, Named(task): Named<TaskId>, _: Query<NoParameters>, body: Body) -> Answer<HttpResponse> {
    let mut fields = body.fields();
    let to = fields.text("assigned_to");
    fields.finish()?;
    desk.run(move |registry, actor| registry.assign_review(actor, task, to.as_deref())).await?;
    Ok(HttpResponse::NoContent().finish())
}
