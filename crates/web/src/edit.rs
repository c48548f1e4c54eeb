//! How does a request become an edit of parcels, done once, on the versions its sender saw?

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use jiku_model::{EntityId, Kind};
use jiku_registry::{EditOptions, Expected, ParcelEdit, Registry, RegistryError, RightsPolicy};
use serde_json::Value;
use uuid::Uuid;

use crate::desk::Desk;
use crate::fields::Fields;
use crate::handlers::Answer;
use crate::idempotency::{Key, Reply, once};
use crate::parameters::{Given, Parameters};
use crate::precondition::{Seen, tag};
use crate::problem::{self, Problem};
use crate::sent::Sent;
use crate::wire::{BoundaryBody, EditBody};

/// Whether only to look: `?dry_run=true`; `Prefer: handling=dry-run` is the same.
#[derive(utoipa::IntoParams)]
#[into_params(names("dry_run"), parameter_in = Query)]
pub(crate) struct DryRun(
    /// only tell what would happen, with the full topology report
    #[param(required = false)]
    pub(crate) bool,
);

impl Parameters for DryRun {
    const NAMES: &'static [&'static str] = &["dry_run"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        Ok(Self(given.flag("dry_run")?))
    }
}

/// The headers of an edit of one parcel.
#[derive(utoipa::IntoParams)]
#[into_params(names("If-Match", "Prefer"), parameter_in = Header)]
#[expect(dead_code, reason = "it only describes the headers")]
pub(crate) struct OfOne(
    /// the parcel's entity tag; not needed in a dry run
    Option<String>,
    /// handling=dry-run
    Option<String>,
);

/// The headers of an edit of several parcels.
#[derive(utoipa::IntoParams)]
#[into_params(names("If-Match", "Prefer"), parameter_in = Header)]
#[expect(dead_code, reason = "it only describes the headers")]
pub(crate) struct OfSeveral(
    /// the entity tags of all parcels, or `if_match` of the dry run; not needed in a dry run
    Option<String>,
    /// handling=dry-run
    Option<String>,
);

/// A request to edit parcels.
pub(crate) type EditRequest = Sent<DryRun>;

impl EditRequest {
    /// Reads what every edit may say of itself, refuses a body that anything is wrong with, and does the edit.
    pub(crate) async fn send(mut self, edit: ParcelEdit) -> Answer<HttpResponse> {
        let options = read_options(&mut self.fields);
        self.fields.finish()?;
        send(&self.desk, &self.request, self.parameters.0, &self.bytes, edit, options).await
    }
}

fn read_options(fields: &mut Fields) -> EditOptions {
    let rights = fields.text("rights").map(|text| policy(&text));
    if rights == Some(None) {
        fields.report(problem::VALUE_INVALID, "rights", "carry, end or block");
    }
    let valid_on = fields.parsed("valid_on", problem::VALUE_INVALID, "a day, such as 2026-05-01");
    let comment = fields.text("comment");
    EditOptions { comment, rights: rights.flatten().unwrap_or_default(), valid_on, ..EditOptions::default() }
}

/// What becomes of rights, by its word.
pub(crate) fn policy(text: &str) -> Option<RightsPolicy> {
    match text {
        "carry" => Some(RightsPolicy::Carry),
        "end" => Some(RightsPolicy::End),
        "block" => Some(RightsPolicy::Block),
        _ => None,
    }
}

/// Does an edit; a new parcel has its address in `Location`, a single one its tag in `ETag`.
pub(crate) async fn send(
    desk: &Desk,
    request: &HttpRequest,
    dry_run: bool,
    bytes: &[u8],
    edit: ParcelEdit,
    mut options: EditOptions,
) -> Answer<HttpResponse> {
    let preferred = prefers_dry_run(request);
    options.dry_run = dry_run || preferred;
    options.expected = expected(request, &edit, options.dry_run)?;
    let has_values = !matches!(edit, ParcelEdit::Split { .. } | ParcelEdit::Adjust { .. });
    let done = perform(desk, request, bytes, edit, options).await;
    let done = if has_values { done.map_err(|problem| placed(problem, in_values))? } else { done? };
    let mut answer = HttpResponse::build(done.status);
    answer.insert_header((header::CONTENT_TYPE, "application/json"));
    if let Some((id, version)) = done.only {
        answer.insert_header((header::ETAG, format!("\"{}\"", tag(id, version))));
        if done.creates {
            answer.insert_header((header::LOCATION, format!("/api/v1/parcels/{id}")));
        }
    }
    if preferred {
        answer.insert_header(("preference-applied", "handling=dry-run"));
    }
    Ok(answer.body(done.text))
}

/// The versions the sender saw: all parcels that the edit names must be among them, unless it only looks.
fn expected(request: &HttpRequest, edit: &ParcelEdit, dry_run: bool) -> Result<Expected, Problem> {
    let creates = matches!(edit, ParcelEdit::Create { .. });
    if creates || (dry_run && !request.headers().contains_key(header::IF_MATCH)) {
        return Ok(Expected::new());
    }
    let seen: Expected = Seen::required_unless_looking(request)?.into();
    if !dry_run && !named(edit).iter().all(|id| seen.contains_key(id)) {
        return Err(Problem::new(problem::PRECONDITION_REQUIRED).detail("If-Match must hold the entity tag of every parcel named"));
    }
    Ok(seen)
}

/// The parcels that an edit names.
fn named(edit: &ParcelEdit) -> Vec<EntityId> {
    match edit {
        ParcelEdit::Create { .. } | ParcelEdit::Undo { .. } => Vec::new(),
        ParcelEdit::Replace { parcel, .. }
        | ParcelEdit::Patch { parcel, .. }
        | ParcelEdit::Retire { parcel }
        | ParcelEdit::Split { parcel, .. } => vec![*parcel],
        ParcelEdit::Unite { parcels, .. } => parcels.clone(),
        ParcelEdit::Adjust { boundaries, .. } => boundaries.iter().map(|(id, _)| *id).collect(),
    }
}

/// An edit that was done, or looked at.
pub(crate) struct Done {
    /// The status of an answer that tells everything.
    pub(crate) status: StatusCode,
    /// Everything, as JSON.
    pub(crate) text: String,
    /// Whether it was to make a parcel.
    pub(crate) creates: bool,
    /// The one parcel that is new or changed, with its version; none in a dry run.
    pub(crate) only: Option<(EntityId, i64)>,
}

/// Does an edit once per idempotency key.
pub(crate) async fn perform(
    desk: &Desk,
    request: &HttpRequest,
    bytes: &[u8],
    edit: ParcelEdit,
    options: EditOptions,
) -> Result<Done, Problem> {
    let creates = matches!(edit, ParcelEdit::Create { .. });
    let status = if creates && !options.dry_run { StatusCode::CREATED } else { StatusCode::OK };
    let reply = once(desk, Key::of(request)?, request, bytes, move |registry, actor| {
        let outcome = registry.edit_parcels(actor, &edit, &options).map_err(|error| refusal(registry, &edit, error))?;
        Ok(Reply::json(status, &EditBody::new(outcome, options.dry_run)))
    })
    .await?;
    let (status, text) = reply.into_parts();
    let told: Value = serde_json::from_str(&text).unwrap_or_default();
    let only = told["parcels"].as_array().filter(|_| told["dry_run"] != true).and_then(|parcels| match parcels.as_slice() {
        [only] => Some((EntityId(only["id"].as_str()?.parse::<Uuid>().ok()?), only["version"].as_i64()?)),
        _ => None,
    });
    Ok(Done { status, text, creates, only })
}

/// Where the body of an edit tells a column, or a member of it: all but the boundary and its system stand in `values`.
pub(crate) fn in_values(place: &str) -> Option<String> {
    let column = place.split('/').next().unwrap_or(place);
    let is_value = !["geometry", "crs"].contains(&column) && jiku_registry::columns(Kind::Parcel).iter().any(|known| known.name == column);
    is_value.then(|| format!("/values/{place}"))
}

/// A problem of columns, pointing to where `place` says that the body tells them.
pub(crate) fn placed(problem: Problem, place: impl Fn(&str) -> Option<String>) -> Problem {
    let moved = |pointer: Option<&Value>| place(pointer?.as_str()?.strip_prefix('/')?);
    let told = moved(problem.member("pointer"));
    let mut errors = problem.member("errors").cloned().unwrap_or_default();
    for error in errors.as_array_mut().into_iter().flatten() {
        if let Some(place) = moved(error.get("pointer")) {
            error["pointer"] = place.into();
        }
    }
    let problem = if errors.is_null() { problem } else { problem.with("errors", errors) };
    match told {
        Some(place) => problem.pointer(place),
        None => problem,
    }
}

/// Why an edit was refused; of boundaries that are not valid every fault with its place, and what is proposed for them.
fn refusal(registry: &Registry, edit: &ParcelEdit, error: RegistryError) -> Problem {
    let invalid = matches!(error, RegistryError::Invalid(_));
    let problem = Problem::from(error);
    let boundaries: Vec<BoundaryBody> =
        if invalid { registry.boundary_problems(edit).into_iter().map(Into::into).collect() } else { Vec::new() };
    if boundaries.is_empty() { problem } else { problem.with("boundaries", serde_json::to_value(boundaries).unwrap_or_default()) }
}

/// Whether the caller prefers a dry run (RFC 7240).
pub(crate) fn prefers_dry_run(request: &HttpRequest) -> bool {
    let preferences = request.headers().get_all("prefer").filter_map(|value| value.to_str().ok());
    preferences.flat_map(|value| value.split([',', ';'])).any(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        name.trim().eq_ignore_ascii_case("handling") && value.trim().trim_matches('"').eq_ignore_ascii_case("dry-run")
    })
}
