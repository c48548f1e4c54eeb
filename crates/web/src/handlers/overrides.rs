//! How does a steward set a golden value by hand, and release it?

use actix_web::HttpResponse;
use jiku_model::EntityId;
use jiku_registry::{Actor, Expected, MergeOutcome, Registry, RegistryError};

use super::decisions::{DryRun, must_name, seen};
use super::{Answer, Json};
use crate::desk::Desk;
use crate::idempotency::decide;
use crate::parameters::{NoParameters, Query};
use crate::place::{Column, Entity};
use crate::sent::Sent;
use crate::wire::{OutcomeBody, OverridesBody};

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
    /// Kept with the value; not needed with `dry_run`.
    reason: Option<String>,
}

/// Sets a golden value by hand, or tells what the golden record would be; it stands until it is released.
#[utoipa::path(
    put, path = "/api/v1/{kind}/{id}/overrides/{column}", tag = "stewardship",
    params(
        ("dry_run" = Option<bool>, Query, description = "only tell what would be touched"),
        ("If-Match" = Option<String>, Header, description = "the entity's tag; not needed with dry_run"),
    ),
    request_body = ValueBody, responses((status = 200, body = OutcomeBody)),
)]
pub(crate) async fn set(Entity(kind, id): Entity, Column(column): Column, mut sent: Sent<DryRun>) -> Answer<HttpResponse> {
    let (value, reason) = (sent.fields.required_text("value"), reason(&mut sent));
    decide_on(id, sent, move |registry, actor, seen, dry_run| {
        registry.override_value(actor, kind, id, &column, &value, &reason, seen, dry_run)
    })
    .await
}

/// Why a value is released.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct ReasonBody {
    /// Kept with the decision; not needed with `dry_run`.
    reason: Option<String>,
}

/// Releases the value set by hand, or tells what the golden record would be: the survivorship rules choose again.
#[utoipa::path(
    post, path = "/api/v1/{kind}/{id}/overrides/{column}/release", tag = "stewardship",
    params(
        ("dry_run" = Option<bool>, Query, description = "only tell what would be touched"),
        ("If-Match" = Option<String>, Header, description = "the entity's tag; not needed with dry_run"),
    ),
    request_body = ReasonBody, responses((status = 200, body = OutcomeBody)),
)]
pub(crate) async fn release(Entity(kind, id): Entity, Column(column): Column, mut sent: Sent<DryRun>) -> Answer<HttpResponse> {
    let reason = reason(&mut sent);
    decide_on(id, sent, move |registry, actor, seen, dry_run| registry.release_override(actor, kind, id, &column, &reason, seen, dry_run))
        .await
}

/// Why, which who only looks need not say.
fn reason(sent: &mut Sent<DryRun>) -> String {
    let DryRun(dry_run) = sent.parameters;
    if dry_run { sent.fields.text("reason").unwrap_or_default() } else { sent.fields.required_text("reason") }
}

/// Decides on the version of an entity that the sender saw, or only looks.
async fn decide_on<F>(id: EntityId, sent: Sent<DryRun>, work: F) -> Answer<HttpResponse>
where
    F: FnOnce(&Registry, &Actor, &Expected, bool) -> Result<MergeOutcome, RegistryError> + Send + 'static,
{
    let Sent { desk, request, parameters: DryRun(dry_run), bytes, fields } = sent;
    fields.finish()?;
    let seen = seen(&request, dry_run)?;
    must_name(&seen, &[id], dry_run)?;
    decide(&desk, &request, &bytes, move |registry, actor| {
        work(registry, actor, &seen, dry_run).map(|outcome| OutcomeBody::new(outcome, dry_run))
    })
    .await
}
