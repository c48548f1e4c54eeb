//! How does everything of a kind leave through the hands of two people?

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use jiku_model::{ExportId, Kind};
use jiku_registry::NewExport;

use super::latest::Latest;
use super::proposals::AnswerBody;
use super::{Answer, Json};
use crate::body::Body;
use crate::cursor;
use crate::decision::DecisionRequest;
use crate::desk::Desk;
use crate::idempotency::{Key, Reply, once};
use crate::parameters::{NoParameters, Query};
use crate::place::Named;
use crate::problem::{self, Problem};
use crate::wire::{ExportBody, ExportsBody};

/// The most entities a file may hold.
const MOST_ROWS: usize = 1_000_000_000;

/// An export that is asked for.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct NewExportBody {
    /// person, legal-person or parcel.
    kind: String,
    /// Why, in at least ten characters.
    reason: String,
    /// The most entities the file may hold.
    most_rows: u64,
    /// Personal values in full; masked when absent.
    in_full: Option<bool>,
    /// For how many hours it can be approved and taken; 72 when absent, 168 at most.
    hours: Option<u64>,
}

/// Asks for everything of a kind as a file: personal values in full, or more people than a day's quota. A security administrator approves,
/// then `jiku export --request ID` writes the file on the server, once.
#[utoipa::path(
    post, path = "/api/v1/exports", tag = "rights",
    request_body = NewExportBody, responses((status = 201, body = ExportBody)),
)]
pub(crate) async fn ask(desk: Desk, request: HttpRequest, _: Query<NoParameters>, body: Body) -> Answer<HttpResponse> {
    let bytes = body.1.clone();
    let mut fields = body.fields();
    let kind: Option<Kind> = fields.required("kind", problem::VALUE_INVALID, "person, legal-person or parcel");
    let reason = fields.required_text("reason");
    let most_rows = fields.count("most_rows", 0, MOST_ROWS) as u64;
    let in_full = fields.flag("in_full");
    let hours = i64::try_from(fields.count("hours", 72, 168)).unwrap_or(i64::MAX);
    fields.finish()?;
    let kind = kind.ok_or_else(|| Problem::new(problem::REQUIRED).pointer("/kind"))?;
    once(&desk, Key::of(&request)?, &request, &bytes, move |registry, actor| {
        let made = registry.ask_for_export(actor, &NewExport { kind, in_full, most_rows, hours, reason })?;
        Ok(Reply::json(StatusCode::CREATED, &ExportBody::from(made)))
    })
    .await
    .map(Reply::into_response)
}

/// Exports that were asked for, the latest first: the caller's own, or all for security administrators and auditors.
#[utoipa::path(
    get, path = "/api/v1/exports", tag = "rights",
    params(
        ("limit" = Option<usize>, Query, description = "1 to 100; 20 when absent", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "next_cursor of the page before"),
    ),
    responses((status = 200, body = ExportsBody)),
)]
pub(crate) async fn list(desk: Desk, Query(asked): Query<Latest>) -> Answer<Json<ExportsBody>> {
    let place = asked.place_in("exports")?;
    let page = desk.run(move |registry, actor| registry.exports(actor, asked.limit, place.as_deref())).await?;
    let next = page.next.as_deref().map(|position| cursor::wrap("exports", position));
    Ok(Json(ExportsBody::new(page, next)))
}

/// Approves an export that another asked for.
#[utoipa::path(
    post, path = "/api/v1/exports/{id}/approval", tag = "rights",
    request_body = AnswerBody, responses((status = 200, body = ExportBody)),
)]
pub(crate) async fn approve(Named(id): Named<ExportId>, mut request: DecisionRequest) -> Answer<HttpResponse> {
    let comment = request.fields.text("comment");
    request.finish()?.decide(move |registry, actor| registry.approve_export(actor, id, comment.as_deref()).map(ExportBody::from)).await
}

/// Ends an export before its file is written: who asked takes it back, a security administrator rejects it.
#[utoipa::path(
    post, path = "/api/v1/exports/{id}/refusal", tag = "rights",
    request_body = AnswerBody, responses((status = 200, body = ExportBody)),
)]
pub(crate) async fn refuse(Named(id): Named<ExportId>, mut request: DecisionRequest) -> Answer<HttpResponse> {
    let comment = request.fields.text("comment");
    request.finish()?.decide(move |registry, actor| registry.refuse_export(actor, id, comment.as_deref()).map(ExportBody::from)).await
}
