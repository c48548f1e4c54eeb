//! What does the match model say, what would another one change, and how does it come into use?

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use jiku_registry::ModelChange;

use super::{Answer, Json};
use crate::body::Body;
use crate::desk::Desk;
use crate::edit::DryRun;
use crate::fields::Fields;
use crate::idempotency::{decide, decide_in_use};
use crate::parameters::{NoParameters, Query};
use crate::place::OfKind;
use crate::precondition::{seen_in_use, tag_in_use};
use crate::previews::model_in_turn;
use crate::problem::{self, Problem};
use crate::wire::{ModelAppliedBody, ModelBody, RedoBody, ThresholdPreviewBody};

/// The match model in use for a kind: what it compares, what thresholds mean, how stewards agree.
#[utoipa::path(
    get, path = "/api/v1/models/{kind}", tag = "service",
    responses((status = 200, body = ModelBody, headers(("ETag" = String, description = "the version in use, for If-Match"))))
)]
pub(crate) async fn one(desk: Desk, OfKind(kind): OfKind, _: Query<NoParameters>) -> Answer<HttpResponse> {
    let view = desk.run(move |registry, actor| registry.model(actor, kind)).await?;
    let tag = tag_in_use(kind, view.in_use);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).json(ModelBody::from(view)))
}

/// What to change: thresholds, or a version that was in use before, or another model. Exactly one of `link`, `version`, `toml`.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct ModelChangeBody {
    /// The weight, log2 of the odds, from which on pairs are linked.
    link: Option<f64>,
    /// The weight from which on pairs are reviewed; the one in use when absent.
    review: Option<f64>,
    /// A version that was in use before: history is added to, so it gets a new number.
    version: Option<u32>,
    /// A model file, such as `jiku train` writes.
    toml: Option<String>,
    /// Why; it is kept with the decision.
    comment: Option<String>,
}

/// Reads what to change, and why.
fn change(body: Body) -> Result<(ModelChange, Option<String>), Problem> {
    let mut fields: Fields = body.fields();
    let (link, review, version, toml) = (fields.number("link"), fields.number("review"), fields.number("version"), fields.text("toml"));
    let comment = fields.text("comment");
    #[expect(clippy::cast_possible_truncation, reason = "a threshold needs no more precision")]
    let weight = |number: f64| number as f32;
    let change = match (link, version, toml) {
        (Some(link), None, None) => Some(ModelChange::Thresholds { link: weight(link), review: review.map(weight) }),
        (None, Some(version), None) if review.is_none() => {
            let whole = version.fract() == 0.0 && (1.0..=f64::from(i32::MAX)).contains(&version);
            #[expect(clippy::cast_possible_truncation, reason = "it was looked at")]
            let change = whole.then_some(ModelChange::Version(version as i32));
            if change.is_none() {
                fields.report(problem::VALUE_INVALID, "version", "versions are counted from 1");
            }
            change
        }
        (None, None, Some(toml)) if review.is_none() => Some(ModelChange::Model(toml)),
        (None, None, None) => {
            fields.report(problem::REQUIRED, "link", "give the weight from which on pairs are linked, or version, or toml");
            None
        }
        _ => {
            fields.report(problem::VALUE_INVALID, "link", "give thresholds, or a version, or a model: one of them");
            None
        }
    };
    fields.finish()?;
    change.map(|change| (change, comment)).ok_or_else(|| Problem::new(problem::VALUE_INVALID))
}

/// What a change of the model would change; nothing is changed, and nobody waits.
#[utoipa::path(
    post, path = "/api/v1/models/{kind}/preview", tag = "service", request_body = ModelChangeBody,
    responses((status = 200, body = ThresholdPreviewBody))
)]
pub(crate) async fn preview(desk: Desk, OfKind(kind): OfKind, _: Query<NoParameters>, body: Body) -> Answer<Json<ThresholdPreviewBody>> {
    let (change, _) = change(body)?;
    Ok(Json(model_in_turn(&desk, kind, change).await?.into()))
}

/// Puts another model into use, with everything that follows: judgements, clusters, golden records and questions to stewards. Ids
/// stay where most records stay. Applying the former version takes it back. A dry run answers as the preview does.
#[utoipa::path(
    put, path = "/api/v1/models/{kind}", tag = "service",
    params(
        ("dry_run" = Option<bool>, Query, description = "only tell what would happen"),
        ("If-Match" = Option<String>, Header, description = "the model's entity tag; not needed in a dry run"),
    ),
    request_body = ModelChangeBody,
    responses((status = 200, body = ModelAppliedBody, headers(("ETag" = String, description = "the version in use now, for If-Match")))),
)]
pub(crate) async fn apply(
    desk: Desk,
    OfKind(kind): OfKind,
    dry_run: Query<DryRun>,
    body: Body,
    request: HttpRequest,
) -> Answer<HttpResponse> {
    let bytes = body.1.clone();
    let (change, comment) = change(body)?;
    if dry_run.0.0 {
        return Ok(HttpResponse::Ok().json(ThresholdPreviewBody::from(model_in_turn(&desk, kind, change).await?)));
    }
    let expected = seen_in_use(&request, kind, "the model you saw, or dry_run=true")?;
    decide_in_use(&desk, &request, &bytes, kind, move |registry, actor| {
        registry.apply_model(actor, kind, &change, Some(expected), comment.as_deref()).map(ModelAppliedBody::from)
    })
    .await
}

/// Takes the decisions again that leaned on values which turned out to be generic, such as a telephone that hundreds share.
#[utoipa::path(post, path = "/api/v1/models/{kind}/redo", tag = "service", responses((status = 200, body = RedoBody)))]
pub(crate) async fn redo(desk: Desk, OfKind(kind): OfKind, _: Query<NoParameters>, request: HttpRequest) -> Answer<HttpResponse> {
    decide(&desk, &request, b"", move |registry, actor| {
        registry.redo(actor, kind).map(|outcome| RedoBody { applied: outcome.map(ModelAppliedBody::from) })
    })
    .await
}
