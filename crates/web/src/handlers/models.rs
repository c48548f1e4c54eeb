//! What does the match model say, and what would another threshold change?

use super::{Answer, Json};
use crate::body::Body;
use crate::desk::Desk;
use crate::parameters::{NoParameters, Query};
use crate::place::OfKind;
use crate::problem;
use crate::wire::{ModelBody, ThresholdPreviewBody};

/// The match model in use for a kind: what it compares, what thresholds mean, how stewards agree.
#[utoipa::path(get, path = "/api/v1/models/{kind}", tag = "service", responses((status = 200, body = ModelBody)))]
pub(crate) async fn one(desk: Desk, OfKind(kind): OfKind, _: Query<NoParameters>) -> Answer<Json<ModelBody>> {
    Ok(Json(desk.run(move |registry, actor| registry.model(actor, kind)).await?.into()))
}

/// The thresholds to look at.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct ThresholdsBody {
    /// The weight, log2 of the odds, from which on pairs are linked.
    link: f64,
    /// The weight from which on pairs are reviewed; the one in use when absent.
    review: Option<f64>,
}

/// What other thresholds would change; nothing is changed.
#[utoipa::path(
    post, path = "/api/v1/models/{kind}/preview", tag = "service", request_body = ThresholdsBody,
    responses((status = 200, body = ThresholdPreviewBody))
)]
pub(crate) async fn preview(desk: Desk, OfKind(kind): OfKind, _: Query<NoParameters>, body: Body) -> Answer<Json<ThresholdPreviewBody>> {
    let mut fields = body.fields();
    let (link, review) = (fields.number("link"), fields.number("review"));
    if link.is_none() {
        fields.report(problem::REQUIRED, "link", "give the weight from which on pairs are linked");
    }
    fields.finish()?;
    #[expect(clippy::cast_possible_truncation, reason = "a threshold needs no more precision")]
    let weight = |number: f64| number as f32;
    let (link, review) = (weight(link.unwrap_or_default()), review.map(weight));
    Ok(Json(desk.run(move |registry, actor| registry.preview_thresholds(actor, kind, link, review)).await?.into()))
}
