//! What is known of an entity, now and then, and by its outside name?

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use jiku_model::{EntityId, Kind, RecordKey, SourceCode};
use jiku_registry::{Found, Include, ParcelHistory, View};

use super::{Answer, Json, json};
use crate::body::Body;
use crate::desk::Desk;
use crate::parameters::{Given, NoParameters, Parameters, Query, invalid};
use crate::place::{self, Entity, Named, OfSource, Record, record_key};
use crate::precondition;
use crate::problem::{self, Problem};
use crate::wire::{AccessesBody, DecisionsBody, EntityBody, ExplainBody, HistoryBody, PersonReportBody, RecordBody, VersionsBody};

/// How to look at an entity.
pub(crate) struct ViewParameters {
    view: View,
    as_asked: String,
}

impl Parameters for ViewParameters {
    const NAMES: &'static [&'static str] = &["as_of", "include"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let mut include = Include::default();
        let asked = given.text("include").unwrap_or("");
        for part in asked.split(',').filter(|part| !part.is_empty()) {
            match part.trim() {
                "sources" => include.sources = true,
                "provenance" => include.provenance = true,
                "history" => include.history = true,
                "relationships" => include.relationships = true,
                "parcels" => include.parcels = true,
                _ => return Err(invalid("include", "a list of sources, provenance, history, relationships, parcels")),
            }
        }
        let as_of: Option<DateTime<Utc>> = given.moment("as_of")?;
        let mut as_asked = Vec::new();
        if let Some(moment) = as_of {
            as_asked.push(format!("as_of={}", moment.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)));
        }
        if !asked.is_empty() {
            as_asked.push(format!("include={}", asked.replace(' ', "")));
        }
        Ok(Self { view: View { as_of, include }, as_asked: as_asked.join("&") })
    }
}

/// The golden record of a canonical id. A merged id answers 307 with the survivor, a retired one 410 with the moment.
#[utoipa::path(
    get, path = "/api/v1/{kind}/{id}", tag = "entities",
    params(
        ("as_of" = Option<String>, Query, description = "as recorded at this moment, RFC 3339 with offset"),
        ("include" = Option<String>, Query, description = "comma-separated: sources, provenance, history, relationships, parcels"),
    ),
    responses(
        (status = 200, body = EntityBody, headers(("ETag" = String, description = "the version, for If-Match"))),
        (status = 304, description = "your copy, named in If-None-Match, is still good"),
        (status = 307, description = "merged; Location names the survivor"),
        (status = 410, description = "retired: all its records were withdrawn, or an edit ended the parcel"),
    ),
)]
pub(crate) async fn find(
    desk: Desk,
    Entity(kind, id): Entity,
    Query(asked): Query<ViewParameters>,
    request: HttpRequest,
) -> Answer<HttpResponse> {
    let view = asked.view;
    let found = if view == View::default() {
        desk.read(move |registry, actor| registry.find(actor, kind, id, &view)).await?
    } else {
        desk.run(move |registry, actor| registry.find(actor, kind, id, &view)).await?
    };
    match found {
        Found::Record(entity) => {
            let tag = precondition::tag(entity.id, entity.version);
            // A masked copy has the same tag, so that If-Match may name it; it is no copy of full values.
            if view.include == Include::default() && !desk.actor().unmask && precondition::caller_has(&request, &tag) {
                return Ok(HttpResponse::NotModified().insert_header((header::ETAG, format!("\"{tag}\""))).finish());
            }
            let mut answer = json(&EntityBody::new(*entity, view.include.provenance));
            if let Ok(tag) = format!("\"{tag}\"").parse() {
                answer.headers_mut().insert(header::ETAG, tag);
            }
            Ok(answer)
        }
        Found::Moved(survivor) => {
            let unmask = desk.actor().unmask.then_some("unmask=true");
            let asked =
                [asked.as_asked.as_str(), unmask.unwrap_or_default()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
            let query = if asked.is_empty() { String::new() } else { format!("?{}", asked.join("&")) };
            let location = format!("/api/v1/{}/{survivor}{query}", kind.plural());
            Ok(HttpResponse::TemporaryRedirect().insert_header((header::LOCATION, location)).finish())
        }
        Found::Retired { since } => {
            let gone = Problem::new(problem::GONE)
                .detail("all records of this entity were withdrawn; its versions can still be read")
                .with("retired_since", since.to_rfc3339());
            if kind != Kind::Parcel {
                return Err(gone);
            }
            // What became of the land is what whoever asks for an old parcel wants to know.
            let history = desk.run(move |registry, actor| registry.parcel_history(actor, id)).await?;
            Err(gone.detail(what_ended(&history)).with("lineage", serde_json::to_value(HistoryBody::from(history)).unwrap_or_default()))
        }
    }
}

/// What ended a parcel, and which have its land now.
fn what_ended(history: &ParcelHistory) -> String {
    let children: Vec<String> = history.children.iter().filter_map(|line| line.child).map(|id| id.to_string()).collect();
    let into = if children.is_empty() { String::new() } else { format!(" into {}", children.join(", ")) };
    let happened = match history.former.last().map(|former| former.operation.as_str()) {
        Some("split") => format!("this parcel was split{into}"),
        Some("unite") => format!("this parcel was united with its neighbours{into}"),
        Some("retire") => "this parcel was ended by an edit".to_owned(),
        Some("undo") => "the edit that made this parcel was undone".to_owned(),
        _ => "all records of this parcel were withdrawn".to_owned(),
    };
    format!("{happened}; its versions can still be read")
}

/// Every version of an entity, newest first.
#[utoipa::path(get, path = "/api/v1/{kind}/{id}/versions", tag = "entities", responses((status = 200, body = VersionsBody)))]
pub(crate) async fn versions(desk: Desk, Entity(kind, id): Entity, _: Query<NoParameters>) -> Answer<Json<VersionsBody>> {
    let versions = desk.run(move |registry, actor| registry.versions(actor, kind, id)).await?;
    Ok(Json(VersionsBody { versions: versions.into_iter().map(Into::into).collect() }))
}

/// The decisions of stewards about an entity, newest first: those that are undoable can be undone by their id.
#[utoipa::path(get, path = "/api/v1/{kind}/{id}/decisions", tag = "stewardship", responses((status = 200, body = DecisionsBody)))]
pub(crate) async fn decisions(desk: Desk, Entity(kind, id): Entity, _: Query<NoParameters>) -> Answer<Json<DecisionsBody>> {
    let decisions = desk.run(move |registry, actor| registry.decisions(actor, kind, id)).await?;
    Ok(Json(DecisionsBody { decisions: decisions.into_iter().map(Into::into).collect() }))
}

/// How many reads to tell.
pub(crate) struct AccessParameters(usize);

impl Parameters for AccessParameters {
    const NAMES: &'static [&'static str] = &["limit"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        Ok(Self(given.limit(100, 1000)?))
    }
}

/// Who read an entity, newest first: whom, for which department, what for, which fields. Never the values.
#[utoipa::path(
    get, path = "/api/v1/{kind}/{id}/access", tag = "entities",
    params(("limit" = Option<usize>, Query, description = "1 to 1,000; 100 when absent", minimum = 1, maximum = 1000)),
    responses((status = 200, body = AccessesBody)),
)]
pub(crate) async fn access(
    desk: Desk,
    Entity(kind, id): Entity,
    Query(AccessParameters(limit)): Query<AccessParameters>,
) -> Answer<Json<AccessesBody>> {
    let reads = desk.run(move |registry, actor| registry.access_of(actor, kind, id, limit)).await?;
    Ok(Json(AccessesBody { reads: reads.into_iter().map(Into::into).collect() }))
}

/// Everything that was read about a person, also under ids that were merged into theirs: what the person may ask for.
#[utoipa::path(get, path = "/api/v1/persons/{id}/report", tag = "rights", responses((status = 200, body = PersonReportBody)))]
pub(crate) async fn report(desk: Desk, Named(id): Named<EntityId>, _: Query<NoParameters>) -> Answer<Json<PersonReportBody>> {
    Ok(Json(desk.run(move |registry, actor| registry.person_report(actor, id)).await?.into()))
}

/// With whom to compare.
pub(crate) struct ExplainParameters {
    with: EntityId,
    limit: usize,
}

impl Parameters for ExplainParameters {
    const NAMES: &'static [&'static str] = &["with", "limit"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let with =
            given.text("with").ok_or_else(|| invalid("with", "the id of another entity, or the same to see why its records are one"))?;
        Ok(Self { with: place::id(with)?, limit: given.limit(20, 100)? })
    }
}

/// Why two entities are, or are not, one; with the same id twice: why its records are one.
#[utoipa::path(
    get, path = "/api/v1/{kind}/{id}/explain", tag = "entities",
    params(
        ("with" = String, Query, description = "the other entity's id"),
        ("limit" = Option<usize>, Query, description = "at most this many pairs, 1 to 100", minimum = 1, maximum = 100),
    ),
    responses((status = 200, body = ExplainBody)),
)]
pub(crate) async fn explain(desk: Desk, Entity(kind, id): Entity, Query(asked): Query<ExplainParameters>) -> Answer<Json<ExplainBody>> {
    let pairs = desk.run(move |registry, actor| registry.explain(actor, kind, id, asked.with, asked.limit)).await?;
    Ok(Json(ExplainBody { pairs: pairs.into_iter().map(Into::into).collect() }))
}

/// The crosswalk: the source record of an outside name, with the canonical id it belongs to.
#[utoipa::path(get, path = "/api/v1/sources/{source}/{kind}/{key}", tag = "records", responses((status = 200, body = RecordBody)))]
pub(crate) async fn crosswalk(desk: Desk, Record(key): Record, _: Query<NoParameters>) -> Answer<Json<RecordBody>> {
    Ok(Json(desk.run(move |registry, actor| registry.crosswalk(actor, &key)).await?.into()))
}

/// Which record is meant, where its key must not stand in a URL: some systems call a person by the identity number.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct SourceKeyBody {
    source_key: String,
}

/// The crosswalk by a key that is told in the body.
#[utoipa::path(
    post, path = "/api/v1/sources/{source}/{kind}/lookup", tag = "records",
    request_body = SourceKeyBody, responses((status = 200, body = RecordBody)),
)]
pub(crate) async fn look_up(desk: Desk, OfSource(source, kind): OfSource, _: Query<NoParameters>, body: Body) -> Answer<Json<RecordBody>> {
    let key = told_key(source, kind, body)?;
    Ok(Json(desk.run(move |registry, actor| registry.crosswalk(actor, &key)).await?.into()))
}

/// The outside name of a record whose key is told in a body.
pub(crate) fn told_key(source: SourceCode, kind: Kind, body: Body) -> Answer<RecordKey> {
    let mut fields = body.fields();
    let key = fields.required_text("source_key");
    fields.finish()?;
    record_key(source, kind, key)
}
