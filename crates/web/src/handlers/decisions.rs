//! How do stewards merge (合并) and take apart (拆分)?

use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use jiku_model::{DecisionId, EntityId, Kind, RecordKey, SourceCode};
use jiku_registry::{Expected, Unmerge};

use super::Answer;
use crate::body::Body;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::idempotency::decide;
use crate::parameters::{Given, Parameters, Query};
use crate::place::OfKind;
use crate::precondition::Seen;
use crate::problem::{self, Problem};
use crate::wire::{KeyBody, OutcomeBody};

/// Whether only to look.
pub(crate) struct DryRun(pub(super) bool);

impl Parameters for DryRun {
    const NAMES: &'static [&'static str] = &["dry_run"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        Ok(Self(given.flag("dry_run")?))
    }
}

/// What the caller saw; in a preview they need not have seen anything.
pub(super) fn seen(request: &HttpRequest, dry_run: bool) -> Result<Expected, Problem> {
    match Seen::required_unless_looking(request) {
        Ok(seen) => Ok(seen.into()),
        Err(problem) if dry_run && problem.slug() == problem::PRECONDITION_REQUIRED.slug => Ok(Expected::new()),
        Err(problem) => Err(problem),
    }
}

/// A decision on these entities must say which version of each was seen.
pub(super) fn must_name(seen: &Expected, entities: &[EntityId], dry_run: bool) -> Result<(), Problem> {
    if dry_run || entities.iter().all(|entity| seen.contains_key(entity)) {
        return Ok(());
    }
    Err(Problem::new(problem::PRECONDITION_REQUIRED)
        .detail("If-Match must hold the entity tag of every entity named; a preview with dry_run=true gives it as if_match"))
}

/// Which entities to make one.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct MergeBody {
    /// Canonical ids, 2 to 100.
    entities: Vec<uuid::Uuid>,
    comment: Option<String>,
}

/// Makes several entities one. The oldest id with the largest overlap survives; the others redirect to it.
#[utoipa::path(
    post, path = "/api/v1/{kind}/merge", tag = "stewardship",
    params(
        ("dry_run" = Option<bool>, Query, description = "only tell what would be touched"),
        ("If-Match" = Option<String>, Header, description = "the entity tags of all entities named; not needed with dry_run"),
    ),
    request_body = MergeBody, responses((status = 200, body = OutcomeBody)),
)]
pub(crate) async fn merge(
    desk: Desk,
    OfKind(kind): OfKind,
    Query(DryRun(dry_run)): Query<DryRun>,
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
    let seen = seen(&request, dry_run)?;
    must_name(&seen, &entities, dry_run)?;
    decide(&desk, &request, &bytes, move |registry, actor| {
        registry.merge(actor, kind, &entities, comment.as_deref(), &seen, dry_run).map(|outcome| OutcomeBody::new(outcome, dry_run))
    })
    .await
}

/// What to take apart: one earlier decision, or chosen records of an entity.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct UnmergeBody {
    /// The decision to undo.
    decision: Option<uuid::Uuid>,
    /// Or: the entity that records leave,
    entity: Option<uuid::Uuid>,
    /// and the records that leave it together, at most 1,000.
    records: Option<Vec<KeyBody>>,
    comment: Option<String>,
}

/// Undoes a decision, or takes chosen records out of an entity. Later edits are kept.
#[utoipa::path(
    post, path = "/api/v1/{kind}/unmerge", tag = "stewardship",
    params(
        ("dry_run" = Option<bool>, Query, description = "only tell what would be touched"),
        ("If-Match" = Option<String>, Header, description = "`if_match` of the preview; not needed with dry_run"),
    ),
    request_body = UnmergeBody, responses((status = 200, body = OutcomeBody)),
)]
pub(crate) async fn unmerge(
    desk: Desk,
    OfKind(kind): OfKind,
    Query(DryRun(dry_run)): Query<DryRun>,
    body: Body,
    request: HttpRequest,
) -> Answer<HttpResponse> {
    let bytes = body.1.clone();
    let mut fields = body.fields();
    let decision: Option<DecisionId> = fields.parsed("decision", problem::VALUE_INVALID, "the id of a decision, a UUID");
    let what = match decision {
        Some(decision) => Some(Unmerge::Decision(decision)),
        None => records_to_leave(kind, &mut fields),
    };
    take_apart(desk, kind, what, fields, &bytes, request, dry_run).await
}

/// Takes chosen records out of an entity; they form one of their own.
#[utoipa::path(
    post, path = "/api/v1/{kind}/split", tag = "stewardship",
    params(
        ("dry_run" = Option<bool>, Query, description = "only tell what would be touched"),
        ("If-Match" = Option<String>, Header, description = "the entity's tag; not needed with dry_run"),
    ),
    request_body = UnmergeBody, responses((status = 200, body = OutcomeBody)),
)]
pub(crate) async fn split(
    desk: Desk,
    OfKind(kind): OfKind,
    Query(DryRun(dry_run)): Query<DryRun>,
    body: Body,
    request: HttpRequest,
) -> Answer<HttpResponse> {
    let bytes = body.1.clone();
    let mut fields = body.fields();
    let what = records_to_leave(kind, &mut fields);
    take_apart(desk, kind, what, fields, &bytes, request, dry_run).await
}

async fn take_apart(
    desk: Desk,
    kind: Kind,
    what: Option<Unmerge>,
    mut fields: Fields,
    bytes: &Bytes,
    request: HttpRequest,
    dry_run: bool,
) -> Answer<HttpResponse> {
    let comment = fields.text("comment");
    fields.finish()?;
    let what = what.ok_or_else(|| Problem::new(problem::REQUIRED).detail("give a decision, or an entity and its records"))?;
    let seen = seen(&request, dry_run)?;
    if let Unmerge::Records { entity, .. } = &what {
        must_name(&seen, &[*entity], dry_run)?;
    }
    decide(&desk, &request, bytes, move |registry, actor| {
        registry.unmerge(actor, kind, &what, comment.as_deref(), &seen, dry_run).map(|outcome| OutcomeBody::new(outcome, dry_run))
    })
    .await
}

fn records_to_leave(kind: Kind, fields: &mut Fields) -> Option<Unmerge> {
    let entity: Option<EntityId> = fields.required("entity", problem::VALUE_INVALID, "a canonical id, a UUID");
    let records = fields.objects("records", 1000, |record| {
        let source: Option<SourceCode> = record.required("source", problem::VALUE_INVALID, "lower-case letters, digits, - or _");
        let key = record.required_text("source_key");
        source.map(|source| RecordKey { kind, source, key })
    });
    if records.is_none() {
        fields.report(problem::REQUIRED, "records", "name the records that leave, each with source and source_key");
    }
    Some(Unmerge::Records { entity: entity?, records: records?.into_iter().flatten().collect() })
}
