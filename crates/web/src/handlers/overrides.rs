//! How does a steward set a golden value by hand, and release it?

use actix_web::{HttpRequest, HttpResponse};
use jiku_registry::Expected;

use super::{Answer, Json};
use crate::body::Body;
use crate::desk::Desk;
use crate::idempotency::decide;
use crate::parameters::{NoParameters, Query};
use crate::place::{Column, Entity};
use crate::precondition::Seen;
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
pub(crate) async fn set(
    desk: Desk,
    Entity(kind, id): Entity,
    Column(column): Column,
    _: Query<NoParameters>,
    body: Body,
    request: HttpRequest,
) -> Answer<HttpResponse> {
    let bytes = body.1.clone();
    let mut fields = body.fields();
    let (value, reason) = (fields.required_text("value"), fields.required_text("reason"));
    fields.finish()?;
    let seen: Expected = Seen::required(&request)?.into();
    decide(&desk, &request, &bytes, move |registry, actor| {
        registry.override_value(actor, kind, id, &column, &value, &reason, &seen).map(|decision| OverrideSetBody { decision: decision.0 })
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
pub(crate) async fn release(
    desk: Desk,
    Entity(kind, id): Entity,
    Column(column): Column,
    _: Query<NoParameters>,
    body: Body,
    request: HttpRequest,
) -> Answer<HttpResponse> {
    let bytes = body.1.clone();
    let mut fields = body.fields();
    let reason = fields.required_text("reason");
    fields.finish()?;
    let seen: Expected = Seen::required(&request)?.into();
    decide(&desk, &request, &bytes, move |registry, actor| {
        registry.release_override(actor, kind, id, &column, &reason, &seen).map(|decision| OverrideSetBody { decision: decision.0 })
    })
    .await
}
