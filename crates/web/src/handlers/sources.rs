//! Which systems send records, and how are records withdrawn?

use actix_web::HttpRequest;
use jiku_model::{SourceCode, SourceSystem};

use super::entities::{SourceKeyBody, told_key};
use super::{Answer, Json};
use crate::body::Body;
use crate::desk::Desk;
use crate::parameters::{NoParameters, Query};
use crate::place::{OfSource, Record};
use crate::problem::{self, Problem};
use crate::wire::{SourceBody, SourcesBody, WithdrawBody};

/// Every source system (来源系统), by code.
#[utoipa::path(get, path = "/api/v1/sources", tag = "service", responses((status = 200, body = SourcesBody)))]
pub(crate) async fn list(desk: Desk, _: Query<NoParameters>) -> Answer<Json<SourcesBody>> {
    let sources = desk.run(|registry, _| registry.list_sources()).await?;
    Ok(Json(SourcesBody { sources: sources.into_iter().map(Into::into).collect() }))
}

/// What is known of a source system.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct SourcePutBody {
    name: String,
    department: String,
    /// 0 (not at all) to 100.
    trust: u8,
}

/// Makes or changes a source system.
#[utoipa::path(put, path = "/api/v1/sources/{source}", tag = "service", request_body = SourcePutBody, responses((status = 200, body = SourceBody)))]
pub(crate) async fn put(desk: Desk, _: Query<NoParameters>, body: Body, request: HttpRequest) -> Answer<Json<SourceBody>> {
    let code = SourceCode::try_from(request.match_info().query("source").to_owned())
        .map_err(|error| Problem::new(problem::ID_FORMAT).detail(error.to_string()))?;
    let mut fields = body.fields();
    let (name, department) = (fields.required_text("name"), fields.required_text("department"));
    let trust = fields
        .take("trust")
        .map_or(Some(50), |value| value.as_u64().and_then(|trust| u8::try_from(trust).ok()).filter(|trust| *trust <= 100));
    if trust.is_none() {
        fields.report(problem::VALUE_INVALID, "trust", "a whole number from 0 to 100");
    }
    fields.finish()?;
    let source = SourceSystem { code, name, department, trust: trust.unwrap_or_default() };
    let kept = source.clone();
    desk.run(move |registry, actor| registry.put_source(actor, &kept)).await?;
    Ok(Json(source.into()))
}

/// Withdraws the record of a key that is told in the body.
#[utoipa::path(
    post, path = "/api/v1/sources/{source}/{kind}/withdraw", tag = "records",
    request_body = SourceKeyBody, responses((status = 200, body = WithdrawBody)),
)]
pub(crate) async fn withdraw_told(
    desk: Desk,
    OfSource(source, kind): OfSource,
    _: Query<NoParameters>,
    body: Body,
) -> Answer<Json<WithdrawBody>> {
    let key = told_key(source, kind, body)?;
    Ok(Json(desk.run(move |registry, actor| registry.withdraw(actor, &key)).await?.into()))
}

/// Withdraws a source record: it leaves its entity and stays in history.
#[utoipa::path(delete, path = "/api/v1/sources/{source}/{kind}/{key}", tag = "records", responses((status = 200, body = WithdrawBody)))]
pub(crate) async fn withdraw(desk: Desk, Record(key): Record, _: Query<NoParameters>) -> Answer<Json<WithdrawBody>> {
    Ok(Json(desk.run(move |registry, actor| registry.withdraw(actor, &key)).await?.into()))
}
