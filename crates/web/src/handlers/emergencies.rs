//! How is access in an emergency asked for, and looked at afterwards?

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use jiku_model::{EmergencyId, EntityId};
use jiku_registry::{EmergencyReach, NewEmergency};

use super::latest::Latest;
use super::{Answer, Json};
use crate::body::Body;
use crate::cursor;
use crate::desk::Desk;
use crate::idempotency::{Key, Reply, once};
use crate::parameters::{NoParameters, Query};
use crate::place::Named;
use crate::problem::{self, Problem};
use crate::wire::{EmergenciesBody, EmergencyBody};

/// An emergency that is asked for: for one person or one division.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct NewEmergencyBody {
    /// Why, in at least ten characters.
    reason: String,
    /// The person, by canonical id,
    person: Option<uuid::Uuid>,
    /// or the division, a county or smaller, by 6 to 12 digits of its code.
    division: Option<String>,
    /// For how many minutes; 30 when absent, 60 at most.
    minutes: Option<i64>,
}

/// Asks for access beyond the usual rights. Send its id as `Emergency-Access` with each request under it.
#[utoipa::path(
    post, path = "/api/v1/emergencies", tag = "rights",
    request_body = NewEmergencyBody, responses((status = 201, body = EmergencyBody)),
)]
pub(crate) async fn begin(desk: Desk, request: HttpRequest, _: Query<NoParameters>, body: Body) -> Answer<HttpResponse> {
    let bytes = body.1.clone();
    let mut fields = body.fields();
    let reason = fields.required_text("reason");
    let person: Option<EntityId> = fields.parsed("person", problem::VALUE_INVALID, "a canonical id, a UUID");
    let division = fields.text("division");
    let minutes = i64::try_from(fields.count("minutes", 30, 60)).unwrap_or(i64::MAX);
    fields.finish()?;
    let reach = match (person, division) {
        (Some(person), None) => EmergencyReach::Person(person),
        (None, Some(division)) => EmergencyReach::Division(division),
        _ => return Err(Problem::new(problem::REQUIRED).pointer("/person").detail("name one person or one division")),
    };
    once(&desk, Key::of(&request)?, &request, &bytes, move |registry, actor| {
        let made = registry.begin_emergency(actor, &NewEmergency { reason, reach, minutes })?;
        Ok(Reply::json(StatusCode::CREATED, &EmergencyBody::from(made)))
    })
    .await
    .map(Reply::into_response)
}

/// Accesses in emergencies, the latest first, for the auditor.
#[utoipa::path(
    get, path = "/api/v1/emergencies", tag = "rights",
    params(
        ("limit" = Option<usize>, Query, description = "1 to 100; 20 when absent", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "next_cursor of the page before"),
    ),
    responses((status = 200, body = EmergenciesBody)),
)]
pub(crate) async fn list(desk: Desk, Query(asked): Query<Latest>) -> Answer<Json<EmergenciesBody>> {
    let place = asked.place_in("emergencies")?;
    let page = desk.run(move |registry, actor| registry.emergencies(actor, asked.limit, place.as_deref())).await?;
    let next = page.next.as_deref().map(|position| cursor::wrap("emergencies", position));
    Ok(Json(EmergenciesBody::new(page, next)))
}

/// Ends an emergency of one's own before its time: nothing more is read under it.
#[utoipa::path(post, path = "/api/v1/emergencies/{id}/end", tag = "rights", responses((status = 200, body = EmergencyBody)))]
pub(crate) async fn end(desk: Desk, Named(id): Named<EmergencyId>, _: Query<NoParameters>) -> Answer<Json<EmergencyBody>> {
    Ok(Json(desk.run(move |registry, actor| registry.end_emergency(actor, id)).await?.into()))
}

/// What an auditor found.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct FindingBody {
    finding: String,
}

/// An auditor has looked at an emergency.
#[utoipa::path(
    post, path = "/api/v1/emergencies/{id}/review", tag = "rights",
    request_body = FindingBody, responses((status = 200, body = EmergencyBody)),
)]
pub(crate) async fn review(desk: Desk, Named(id): Named<EmergencyId>, _: Query<NoParameters>, body: Body) -> Answer<Json<EmergencyBody>> {
    let mut fields = body.fields();
    let finding = fields.required_text("finding");
    fields.finish()?;
    Ok(Json(desk.run(move |registry, actor| registry.review_emergency(actor, id, &finding)).await?.into()))
}
