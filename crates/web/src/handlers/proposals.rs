//! How does a merge pass through the hands of two stewards?

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use jiku_model::{EntityId, ProposalId};
use jiku_registry::{Expected, ProposalFilter, ProposalState};

use super::decisions::{MergeBody, must_name};
use super::{Answer, Json};
use crate::body::Body;
use crate::cursor;
use crate::decision::DecisionRequest;
use crate::desk::Desk;
use crate::idempotency::{Key, Reply, once};
use crate::parameters::{Given, NoParameters, Parameters, Query, invalid};
use crate::place::{Named, OfKind};
use crate::precondition::Seen;
use crate::problem::{self, Problem};
use crate::wire::{OutcomeBody, ProposalBody, ProposalsBody};

/// Proposes a merge; another steward approves it. Needed for a merge that `needs_approval`, open to any.
#[utoipa::path(
    post, path = "/api/v1/{kind}/proposals", tag = "stewardship",
    params(("If-Match" = String, Header, description = "the entity tags of all entities named")),
    request_body = MergeBody, responses((status = 201, body = ProposalBody)),
)]
pub(crate) async fn propose(
    desk: Desk,
    OfKind(kind): OfKind,
    _: Query<NoParameters>,
    body: Body,
    request: HttpRequest,
) -> Answer<HttpResponse> {
    let bytes = body.1.clone();
    let mut fields = body.fields();
    let entities: Option<Vec<EntityId>> = fields.list_of("entities", 100, problem::VALUE_INVALID, "a canonical id, a UUID");
    let comment = fields.text("comment");
    if entities.is_none() {
        fields.report(problem::REQUIRED, "entities", "give the canonical ids to merge");
    }
    fields.finish()?;
    let entities = entities.unwrap_or_default();
    let seen: Expected = Seen::required(&request)?.into();
    must_name(&seen, &entities, false)?;
    once(&desk, Key::of(&request)?, &request, &bytes, move |registry, actor| {
        let made = registry.propose_merge(actor, kind, &entities, comment.as_deref(), &seen)?;
        Ok(Reply::json(StatusCode::CREATED, &ProposalBody::from(made)))
    })
    .await
    .map(Reply::into_response)
}

/// Which proposals to list.
pub(crate) struct ProposalParameters {
    filter: ProposalFilter,
    list: String,
}

impl Parameters for ProposalParameters {
    const NAMES: &'static [&'static str] = &["state", "kind", "limit", "cursor"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let words = "open, approved, rejected, withdrawn or stale";
        let state = given.text("state").map(|text| text.parse().map_err(|_| invalid("state", words))).transpose()?;
        let kind = given.value("kind", "person, legal-person or parcel")?;
        let list = format!("proposals\u{1}{}\u{1}{}", given.text("state").unwrap_or(""), given.text("kind").unwrap_or(""));
        let cursor = given.text("cursor").map(|text| cursor::unwrap(&list, text)).transpose()?;
        let filter = ProposalFilter { state: state.unwrap_or(ProposalState::Open), kind, limit: given.limit(20, 100)?, cursor };
        Ok(Self { filter, list })
    }
}

/// Proposed merges, oldest first.
#[utoipa::path(
    get, path = "/api/v1/proposals", tag = "stewardship",
    params(
        ("state" = Option<String>, Query, description = "open (when absent), approved, rejected, withdrawn or stale"),
        ("kind" = Option<String>, Query, description = "person, legal-person or parcel"),
        ("limit" = Option<usize>, Query, description = "1 to 100; 20 when absent", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "next_cursor of the page before"),
    ),
    responses((status = 200, body = ProposalsBody)),
)]
pub(crate) async fn list(desk: Desk, Query(asked): Query<ProposalParameters>) -> Answer<Json<ProposalsBody>> {
    let ProposalParameters { filter, list } = asked;
    let page = desk.run(move |registry, actor| registry.proposals(actor, &filter)).await?;
    let next = page.next.as_deref().map(|position| cursor::wrap(&list, position));
    Ok(Json(ProposalsBody::new(page, next)))
}

/// One proposed merge.
#[utoipa::path(get, path = "/api/v1/proposals/{id}", tag = "stewardship", responses((status = 200, body = ProposalBody)))]
pub(crate) async fn one(desk: Desk, Named(id): Named<ProposalId>, _: Query<NoParameters>) -> Answer<Json<ProposalBody>> {
    Ok(Json(desk.run(move |registry, actor| registry.proposal(actor, id)).await?.into()))
}

/// The words of who ends a proposal.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct AnswerBody {
    /// Why, for those who read it later.
    comment: Option<String>,
}

/// Carries out what another steward proposed, exactly as they saw it.
#[utoipa::path(
    post, path = "/api/v1/proposals/{id}/approval", tag = "stewardship",
    request_body = AnswerBody, responses((status = 200, body = OutcomeBody)),
)]
pub(crate) async fn approve(Named(id): Named<ProposalId>, mut request: DecisionRequest) -> Answer<HttpResponse> {
    let comment = request.fields.text("comment");
    request
        .finish()?
        .decide(move |registry, actor| {
            registry.approve_proposal(actor, id, comment.as_deref()).map(|outcome| OutcomeBody::new(outcome, false))
        })
        .await
}

/// Ends a proposal without carrying it out: who proposed it takes it back, another steward rejects it.
#[utoipa::path(
    post, path = "/api/v1/proposals/{id}/refusal", tag = "stewardship",
    request_body = AnswerBody, responses((status = 200, body = ProposalBody)),
)]
pub(crate) async fn refuse(Named(id): Named<ProposalId>, mut request: DecisionRequest) -> Answer<HttpResponse> {
    let comment = request.fields.text("comment");
    request.finish()?.decide(move |registry, actor| registry.refuse_proposal(actor, id, comment.as_deref()).map(ProposalBody::from)).await
}
