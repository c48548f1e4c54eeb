//! How does a steward set a golden value by hand, and release it?

use actix_web::HttpResponse;

use super::{Answer, Json};
use crate::decision::DecisionRequest;
use crate::desk::Desk;
use crate::parameters::{NoParameters, Query};
use crate::place::{Column, Entity};
use crate::wire::{OverrideSetBody, OverridesBody};

/// The values of an entity that were set by hand, newest first.
#[utoipa::path(get, path = "/api/v1/{kind}/{id}/overrides", tag = "stewardship", responses((status = 200, body = OverridesBody)))]
pub(crate) async fn list(desk: Desk, Entity(kind, id): Entity, _: Query<NoParameters>) -> Answer<Json<OverridesBody>> {
    let overrides = desk.run(move |registry, actor| registry.overrides(actor, kind, id)).await?;
    Ok(Json(OverridesBody { overrides: overrides.into_iter().map(Into::into).collect() }))
}

/// A value and why it is right.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct ValueBody {
    value: String,
    reason: String,
}

/// Sets a golden value by hand; it stands until it is released.
#[utoipa::path(
    put, path = "/api/v1/{kind}/{id}/overrides/{column}", tag = "stewardship",
    params(("If-Match" = String, Header, description = "the entity's tag")),
    request_body = ValueBody, responses((status = 200, body = OverrideSetBody)),
)]
pub(crate) async fn set(Entity(kind, id): Entity, Column(column): Column, mut request: DecisionRequest) -> Answer<HttpResponse> {
    let (value, reason) = (request.fields.required_text("value"), request.fields.required_text("reason"));
    request
        .finish()?
        .decide_on_seen(move |registry, actor, seen| {
            registry
                .override_value(actor, kind, id, &column, &value, &reason, seen)
                .map(|decision| OverrideSetBody { decision: decision.0 })
        })
        .await
}

/// Why a value is released.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct ReasonBody {
    reason: String,
}

/// Releases the value set by hand: the survivorship rules choose again.
#[utoipa::path(
    post, path = "/api/v1/{kind}/{id}/overrides/{column}/release", tag = "stewardship",
    params(("If-Match" = String, Header, description = "the entity's tag")),
    request_body = ReasonBody, responses((status = 200, body = OverrideSetBody)),
)]
pub(crate) async fn release(Entity(kind, id): Entity, Column(column): Column, mut request: DecisionRequest) -> Answer<HttpResponse> {
    let reason = request.fields.required_text("reason");
    request
        .finish()?
        .decide_on_seen(move |registry, actor, seen| {
            registry.release_override(actor, kind, id, &column, &reason, seen).map(|decision| OverrideSetBody { decision: decision.0 })
        })
        .await
}
