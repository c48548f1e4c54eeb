//! Which purposes may be stated, how much was read, and what may a principal reach?

use actix_web::{HttpRequest, HttpResponse};
use jiku_registry::{Limits, Purpose, UsageView};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Answer, Json};
use crate::body::Body;
use crate::desk::Desk;
use crate::parameters::{self, NoParameters, Query};
use crate::problem::{self, Problem};

/// The purposes of use (使用目的), by department.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PurposesBody {
    purposes: Vec<PurposeBody>,
}

/// A purpose of use that may be stated.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PurposeBody {
    /// The department; `*` is every department.
    department: String,
    /// The word for `Purpose-Of-Use`.
    code: String,
    title: String,
}

/// Every registered purpose of use.
#[utoipa::path(get, path = "/api/v1/purposes", tag = "rights", responses((status = 200, body = PurposesBody)))]
pub(crate) async fn purposes(desk: Desk, _: Query<NoParameters>) -> Answer<Json<PurposesBody>> {
    let purposes = desk.run(|registry, _| registry.purposes()).await?;
    let body = |purpose: Purpose| PurposeBody { department: purpose.department, code: purpose.code, title: purpose.title };
    Ok(Json(PurposesBody { purposes: purposes.into_iter().map(body).collect() }))
}

/// What people read of a purpose.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct PurposePutBody {
    title: String,
}

/// A part of the path as text.
fn part(request: &HttpRequest, name: &str) -> Result<String, Problem> {
    Ok(parameters::decode(request.match_info().query(name))?.into_owned())
}

/// Registers a purpose of use for a department, or for every one (`*`); it may be stated within seconds.
#[utoipa::path(
    put, path = "/api/v1/purposes/{department}/{code}", tag = "rights",
    request_body = PurposePutBody, responses((status = 204, description = "it may be stated")),
)]
pub(crate) async fn put_purpose(desk: Desk, request: HttpRequest, _: Query<NoParameters>, body: Body) -> Answer<HttpResponse> {
    let mut fields = body.fields();
    let purpose =
        Purpose { department: part(&request, "department")?, code: part(&request, "code")?, title: fields.required_text("title") };
    fields.finish()?;
    desk.run(move |registry, actor| registry.put_purpose(actor, &purpose)).await?;
    desk.state().forget_tokens();
    Ok(HttpResponse::NoContent().finish())
}

/// Takes a purpose of use away.
#[utoipa::path(
    delete, path = "/api/v1/purposes/{department}/{code}", tag = "rights",
    responses((status = 204, description = "it may be stated no longer")),
)]
pub(crate) async fn delete_purpose(desk: Desk, request: HttpRequest, _: Query<NoParameters>) -> Answer<HttpResponse> {
    let (department, code) = (part(&request, "department")?, part(&request, "code")?);
    desk.run(move |registry, actor| registry.delete_purpose(actor, &department, &code)).await?;
    desk.state().forget_tokens();
    Ok(HttpResponse::NoContent().finish())
}

/// What principals read today, on all nodes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsagesBody {
    principals: Vec<UsageBody>,
}

/// What a principal read today; a day is one of Beijing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageBody {
    principal: String,
    department: String,
    /// Questions asked.
    requests: u64,
    /// Entities shown, each time counted.
    entities: u64,
    /// Different people shown.
    persons: u64,
    /// Until when it is kept out, for guessing ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    locked_until: Option<chrono::DateTime<chrono::Utc>>,
}

impl From<UsageView> for UsageBody {
    fn from(view: UsageView) -> Self {
        Self {
            principal: view.principal,
            department: view.department,
            requests: view.requests,
            entities: view.entities,
            persons: view.persons,
            locked_until: view.locked_until,
        }
    }
}

/// What every principal read today, for the security administrator.
#[utoipa::path(get, path = "/api/v1/usage", tag = "rights", responses((status = 200, body = UsagesBody)))]
pub(crate) async fn usage(desk: Desk, _: Query<NoParameters>) -> Answer<Json<UsagesBody>> {
    let views = desk.run(|registry, actor| registry.usage(actor)).await?;
    Ok(Json(UsagesBody { principals: views.into_iter().map(Into::into).collect() }))
}

/// What you read today.
#[utoipa::path(get, path = "/api/v1/usage/current", tag = "rights", responses((status = 200, body = UsageBody)))]
pub(crate) async fn own_usage(desk: Desk, _: Query<NoParameters>) -> Answer<Json<UsageBody>> {
    Ok(Json(desk.state().registry.own_usage(desk.actor()).into()))
}

/// What a principal may reach beyond its roles; what is absent is not limited.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct LimitsBody {
    /// Administrative divisions by prefix, such as `4401`.
    divisions: Option<Vec<String>>,
    /// `person`, `legal-person`, `parcel`.
    kinds: Option<Vec<String>>,
    /// Source systems that records may be sent for, by code, or `*` alone for every one. None: nothing may be sent.
    sources: Option<Vec<String>>,
    /// The highest class of field that is shown: `public`, `internal`, `personal`, `sensitive`.
    read: Option<String>,
    /// The highest class of field that may be sent or corrected.
    write: Option<String>,
    /// The highest class of field that may be searched by.
    filter: Option<String>,
    /// The highest class of field that lists may be ordered by.
    sort: Option<String>,
    /// Whether values are shown in full when asked for, whatever the roles.
    unmask: Option<bool>,
    /// Whether access beyond these rights may be asked for in an emergency.
    emergency: Option<bool>,
    /// Different people a day.
    daily_persons: Option<u64>,
    /// Questions a day.
    daily_requests: Option<u64>,
    /// Entities shown a day, each time counted.
    daily_entities: Option<u64>,
}

/// Sets what a principal may reach beyond its roles; it holds within seconds on every node.
#[utoipa::path(
    put, path = "/api/v1/principals/{name}/limits", tag = "rights",
    request_body = LimitsBody, responses((status = 204, description = "it holds")),
)]
pub(crate) async fn set_limits(desk: Desk, request: HttpRequest, _: Query<NoParameters>, body: Body) -> Answer<HttpResponse> {
    let name = part(&request, "name")?;
    let known =
        "known: divisions, kinds, sources, read, write, filter, sort, unmask, emergency, daily_persons, daily_requests, daily_entities";
    let limits: Limits = serde_json::from_value(serde_json::Value::Object(body.0.into_iter().collect()))
        .map_err(|_| Problem::new(problem::VALUE_INVALID).detail(known))?;
    desk.run(move |registry, actor| registry.set_limits(actor, &name, &limits)).await?;
    desk.state().forget_tokens();
    Ok(HttpResponse::NoContent().finish())
}

/// Takes a lost second factor away; the next sign-in needs none.
#[utoipa::path(
    delete, path = "/api/v1/principals/{name}/second-factor", tag = "rights",
    responses((status = 204, description = "it is gone")),
)]
pub(crate) async fn reset_second_factor(desk: Desk, request: HttpRequest, _: Query<NoParameters>) -> Answer<HttpResponse> {
    let name = part(&request, "name")?;
    desk.run(move |registry, actor| registry.reset_second_factor(actor, &name)).await?;
    Ok(HttpResponse::NoContent().finish())
}
