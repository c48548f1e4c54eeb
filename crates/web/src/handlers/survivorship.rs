//! Which survivorship rules are in use, what would others change, and how do they come into use?

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use jiku_registry::RulesChange;
use serde_json::Value;

use super::{Answer, Json};
use crate::body::Body;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::idempotency::decide_in_use;
use crate::parameters::{Given, NoParameters, Parameters, Query};
use crate::place::OfKind;
use crate::precondition::{seen_in_use, tag_in_use};
use crate::previews::rules_in_turn;
use crate::problem::{self, Problem};
use crate::wire::{RulesAppliedBody, RulesBody, RulesPreviewBody};

/// Of which version.
pub(crate) struct OfVersion(Option<i32>);

impl Parameters for OfVersion {
    const NAMES: &'static [&'static str] = &["version"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        Ok(Self(given.value("version", "a version, counted from 1")?))
    }
}

/// The survivorship rules in use for a kind, or those of an earlier version: who put them into use and when, what they say, the file itself.
#[utoipa::path(
    get, path = "/api/v1/survivorship/{kind}", tag = "service",
    params(("version" = Option<i32>, Query, description = "an earlier version; the one in use when absent", minimum = 1)),
    responses((status = 200, body = RulesBody, headers(("ETag" = String, description = "the version in use, for If-Match"))))
)]
pub(crate) async fn one(desk: Desk, OfKind(kind): OfKind, Query(OfVersion(version)): Query<OfVersion>) -> Answer<HttpResponse> {
    let view = desk.run(move |registry, actor| registry.survivorship(actor, kind, version)).await?;
    let tag = tag_in_use(kind, view.in_use);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).json(RulesBody::from(view)))
}

/// The file of the rules, byte for byte as it was put into use: TOML.
#[utoipa::path(
    get, path = "/api/v1/survivorship/{kind}/toml", tag = "service",
    params(("version" = Option<i32>, Query, description = "an earlier version; the one in use when absent", minimum = 1)),
    responses((status = 200, body = String, content_type = "text/plain"))
)]
pub(crate) async fn toml(desk: Desk, OfKind(kind): OfKind, Query(OfVersion(version)): Query<OfVersion>) -> Answer<HttpResponse> {
    let view = desk.run(move |registry, actor| registry.survivorship(actor, kind, version)).await?;
    let file = format!("attachment; filename=\"survivorship-{kind}-{}.toml\"", view.version.version);
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, file))
        .insert_header((header::ETAG, tag_in_use(kind, view.in_use)))
        .body(view.toml))
}

/// What to put into use: a file of rules, or a version that was in use before. Exactly one of `toml`, `version`.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct RulesChangeBody {
    /// The file, TOML, at most 262,144 bytes (256 KiB); it is kept as it is.
    toml: Option<String>,
    /// A version that was in use before: history is added to, so it gets a new number.
    version: Option<u32>,
    /// Why; it is kept with the decision.
    comment: Option<String>,
}

/// Reads what to put into use, and why.
fn change(body: Body) -> Result<(RulesChange, Option<String>), Problem> {
    let mut fields: Fields = body.fields();
    // Not trimmed: lines are counted in it, and its digest is that of the file.
    let (toml, version, comment) = (fields.take("toml"), fields.number("version"), fields.text("comment"));
    let change = match (toml, version) {
        (Some(Value::String(toml)), None) => Some(RulesChange::File(toml)),
        (Some(Value::String(_)), Some(_)) => {
            fields.report(problem::VALUE_INVALID, "toml", "give a file or a version: one of them");
            None
        }
        (Some(_), _) => {
            fields.report(problem::TYPE_MISMATCH, "toml", "write the file as one text");
            None
        }
        (None, Some(version)) => {
            let whole = version.fract() == 0.0 && (1.0..=f64::from(i32::MAX)).contains(&version);
            #[expect(clippy::cast_possible_truncation, reason = "it was looked at")]
            let change = whole.then_some(RulesChange::Version(version as i32));
            if change.is_none() {
                fields.report(problem::VALUE_INVALID, "version", "versions are counted from 1");
            }
            change
        }
        (None, None) => {
            fields.report(problem::REQUIRED, "toml", "give the file of the rules, or version");
            None
        }
    };
    fields.finish()?;
    change.map(|change| (change, comment)).ok_or_else(|| Problem::new(problem::VALUE_INVALID))
}

/// What other rules would change: how many golden records, by attribute, with examples. Nothing is changed, and nobody waits.
#[utoipa::path(
    post, path = "/api/v1/survivorship/{kind}/preview", tag = "service", request_body = RulesChangeBody,
    responses((status = 200, body = RulesPreviewBody))
)]
pub(crate) async fn preview(desk: Desk, OfKind(kind): OfKind, _: Query<NoParameters>, body: Body) -> Answer<Json<RulesPreviewBody>> {
    let (change, _) = change(body)?;
    Ok(Json(rules_in_turn(&desk, kind, change).await?.into()))
}

/// Puts other rules into use. From then on every golden record that is composed, on any node, is composed by them; those that stand are composed
/// anew in portions while others read and write, and each that changes gets a new version and an entry of the feed. Putting the former version into
/// use again takes it back.
#[utoipa::path(
    put, path = "/api/v1/survivorship/{kind}", tag = "service",
    params(("If-Match" = String, Header, description = "the entity tag of the rules in use")),
    request_body = RulesChangeBody,
    responses((status = 200, body = RulesAppliedBody, headers(("ETag" = String, description = "the version in use now, for If-Match")))),
)]
pub(crate) async fn apply(
    desk: Desk,
    OfKind(kind): OfKind,
    _: Query<NoParameters>,
    body: Body,
    request: HttpRequest,
) -> Answer<HttpResponse> {
    let bytes = body.1.clone();
    let (change, comment) = change(body)?;
    let expected = seen_in_use(&request, kind, "the rules you saw")?;
    decide_in_use(&desk, &request, &bytes, kind, move |registry, actor| {
        registry.apply_survivorship(actor, kind, &change, Some(expected), comment.as_deref()).map(RulesAppliedBody::from)
    })
    .await
}
