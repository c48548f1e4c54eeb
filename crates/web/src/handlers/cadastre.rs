//! How are parcels (宗地) made, changed, split, united, adjusted and ended?
//!
//! `merge` and `split` of a kind are about source records: who is the same. What happens to land has words of its own:
//! `/parcels/{id}/split`, `/parcels/unite`, `/parcels/adjust`.

use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use jiku_model::{DecisionId, EntityId, Kind, RawRecord};
use jiku_registry::{Cut, EditOptions, ParcelEdit, RightsPolicy, RightsQuery};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Answer, Json};
use crate::body::Body;
use crate::desk::Desk;
use crate::edit::{self, DryRun, EditRequest, OfOne, OfSeveral};
use crate::fields::Fields;
use crate::parameters::{Given, NoParameters, Parameters, Query, invalid};
use crate::place::Named;
use crate::problem::{self, Problem};
use crate::wire::{EditBody, HistoryBody, RightsBody, ValidityBody};

/// The most parcels of one edit.
const MOST_PARCELS: usize = 50;

/// What a parcel says. Columns that are computed (areas, division, scheme) are left out.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct ParcelValuesBody {
    /// Values by standard column. In a PATCH null empties a column.
    #[schema(value_type = Object)]
    values: Value,
    /// The boundary: GeoJSON, or a text with WKT or hexadecimal WKB.
    #[schema(value_type = Option<Object>)]
    geometry: Option<Value>,
    /// The system of the geometry; CGCS2000 longitude and latitude when absent.
    crs: Option<String>,
    /// The day in the world from which it holds.
    valid_on: Option<String>,
    comment: Option<String>,
}

/// How to divide a parcel: along a line, or into polygons that make it up.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct SplitParcelBody {
    /// GeoJSON LineString or MultiLineString; each line begins and ends outside the parcel, or is closed.
    #[schema(value_type = Option<Object>)]
    line: Option<Value>,
    /// Or: GeoJSON polygons, 1 to 50; what they leave over becomes parts too.
    #[schema(value_type = Option<Vec<Object>>)]
    polygons: Option<Vec<Value>>,
    /// The system of the line or polygons; CGCS2000 longitude and latitude when absent.
    crs: Option<String>,
    /// Values of the parts: in the order of the polygons, then from the south-west on.
    #[schema(value_type = Option<Vec<Object>>)]
    parts: Option<Vec<Value>>,
    /// `carry` (usual), `end` or `block`: what becomes of the rights.
    rights: Option<String>,
    valid_on: Option<String>,
    comment: Option<String>,
}

/// Which parcels to make one.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct UniteBody {
    /// Canonical ids, 2 to 50.
    parcels: Vec<Uuid>,
    /// Values of the new parcel; the largest one's stand where nothing is said.
    #[schema(value_type = Option<Object>)]
    values: Option<Value>,
    /// Whether it may have parts that do not touch.
    several_parts: Option<bool>,
    /// `carry` (usual), `end` or `block`.
    rights: Option<String>,
    valid_on: Option<String>,
    comment: Option<String>,
}

/// New boundaries of neighbours.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct AdjustBody {
    /// 2 to 50 parcels; all together stay the land they are.
    boundaries: Vec<BoundaryBody>,
    crs: Option<String>,
    valid_on: Option<String>,
    comment: Option<String>,
}

/// The new boundary of a parcel.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct BoundaryBody {
    parcel: Uuid,
    #[schema(value_type = Object)]
    geometry: Value,
}

/// Which edit to undo.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct UndoBody {
    /// The edit's `decision`.
    decision: Uuid,
    comment: Option<String>,
}

/// A parcel to look at.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct ValidateBody {
    /// The parcel it would change; absent for a new one.
    parcel: Option<Uuid>,
    /// Values by standard column.
    #[schema(value_type = Option<Object>)]
    values: Option<Value>,
    /// The boundary.
    #[schema(value_type = Object)]
    geometry: Value,
    crs: Option<String>,
}

/// How a parcel is ended: DELETE has no body.
pub(crate) struct RetireParameters {
    dry_run: bool,
    rights: RightsPolicy,
    valid_on: Option<NaiveDate>,
}

impl Parameters for RetireParameters {
    const NAMES: &'static [&'static str] = &["dry_run", "rights", "valid_on"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let rights = given.text("rights").map(|text| edit::policy(text).ok_or_else(|| invalid("rights", "end or block"))).transpose()?;
        Ok(Self {
            dry_run: given.flag("dry_run")?,
            rights: rights.unwrap_or(RightsPolicy::End),
            valid_on: given.value("valid_on", "a day, such as 2026-05-01")?,
        })
    }
}

/// Makes a parcel. A `parcel_code` of 14 characters asks for the next serial of that sub-district.
#[utoipa::path(
    post, path = "/api/v1/parcels", tag = "parcels",
    params(
        ("dry_run" = Option<bool>, Query, description = "only tell what would happen, with the full topology report"),
        ("Prefer" = Option<String>, Header, description = "handling=dry-run is the same"),
    ),
    request_body = ParcelValuesBody,
    responses((status = 201, body = EditBody), (status = 200, body = EditBody), (status = 409, description = "a topology rule stands against it; `findings` tell all")),
)]
pub(crate) async fn create(mut asked: EditRequest) -> Answer<HttpResponse> {
    let values = read_values(&mut asked.fields);
    asked.send(ParcelEdit::Create { values }).await
}

/// Says everything about a parcel anew; what is not said is empty. Its id stays.
#[utoipa::path(
    put, path = "/api/v1/parcels/{id}", tag = "parcels",
    params(DryRun, OfOne),
    request_body = ParcelValuesBody, responses((status = 200, body = EditBody)),
)]
pub(crate) async fn replace(Named(parcel): Named<EntityId>, mut asked: EditRequest) -> Answer<HttpResponse> {
    let values = read_values(&mut asked.fields);
    asked.send(ParcelEdit::Replace { parcel, values }).await
}

/// Changes some values of a parcel (a JSON merge patch of `values` and `geometry`, RFC 7396).
#[utoipa::path(
    patch, path = "/api/v1/parcels/{id}", tag = "parcels",
    params(DryRun, OfOne),
    request_body(content((ParcelValuesBody = "application/merge-patch+json"), (ParcelValuesBody = "application/json"))),
    responses((status = 200, body = EditBody)),
)]
pub(crate) async fn patch(Named(parcel): Named<EntityId>, mut asked: EditRequest) -> Answer<HttpResponse> {
    let changes = read_values(&mut asked.fields);
    asked.send(ParcelEdit::Patch { parcel, changes }).await
}

/// Ends a parcel. Its id answers 410 with its lineage from then on, its code is not given out again.
#[utoipa::path(
    delete, path = "/api/v1/parcels/{id}", tag = "parcels",
    params(
        ("dry_run" = Option<bool>, Query, description = "only tell what would happen"),
        ("rights" = Option<String>, Query, description = "end (usual) or block: what becomes of the rights"),
        ("valid_on" = Option<String>, Query, description = "the day in the world; today when absent"),
        ("If-Match" = Option<String>, Header, description = "the parcel's entity tag; not needed in a dry run"),
        ("Prefer" = Option<String>, Header, description = "handling=dry-run"),
    ),
    responses((status = 200, body = EditBody)),
)]
pub(crate) async fn retire(
    desk: Desk,
    Named(parcel): Named<EntityId>,
    Query(asked): Query<RetireParameters>,
    request: HttpRequest,
) -> Answer<HttpResponse> {
    let options = EditOptions { rights: asked.rights, valid_on: asked.valid_on, ..EditOptions::default() };
    edit::send(&desk, &request, asked.dry_run, &[], ParcelEdit::Retire { parcel }, options).await
}

/// Divides a parcel: it ends, and its parts are new parcels with codes of their own.
#[utoipa::path(
    post, path = "/api/v1/parcels/{id}/split", tag = "parcels",
    params(DryRun, OfOne),
    request_body = SplitParcelBody, responses((status = 200, body = EditBody)),
)]
pub(crate) async fn split(Named(parcel): Named<EntityId>, mut asked: EditRequest) -> Answer<HttpResponse> {
    let fields = &mut asked.fields;
    let (line, polygons) = (fields.take("line"), fields.list("polygons", MOST_PARCELS));
    let parts = fields.list("parts", MOST_PARCELS).unwrap_or_default();
    let parts = parts.into_iter().enumerate().map(|(at, part)| read_part(fields, at, part)).collect();
    let crs = fields.text("crs");
    let by = match (line, polygons) {
        (Some(line), None) => Cut::Lines(read_lines(fields, &line)),
        (None, Some(polygons)) => Cut::Polygons(polygons),
        _ => {
            fields.report(problem::REQUIRED, "line", "give either a line or the polygons of the parts");
            Cut::Polygons(Vec::new())
        }
    };
    asked.send(ParcelEdit::Split { parcel, by, crs, parts }).await
}

/// Makes several parcels one: they end, and what they are together is a new parcel with a code of its own.
#[utoipa::path(
    post, path = "/api/v1/parcels/unite", tag = "parcels",
    params(DryRun, OfSeveral),
    request_body = UniteBody, responses((status = 200, body = EditBody)),
)]
pub(crate) async fn unite(mut asked: EditRequest) -> Answer<HttpResponse> {
    let fields = &mut asked.fields;
    let parcels: Vec<EntityId> =
        fields.list_of("parcels", MOST_PARCELS, problem::VALUE_INVALID, "a canonical id, a UUID").unwrap_or_default();
    let several_parts = fields.flag("several_parts");
    let values = read_values(fields);
    if parcels.is_empty() {
        fields.report(problem::REQUIRED, "parcels", "give the canonical ids of the parcels");
    }
    asked.send(ParcelEdit::Unite { parcels, values, several_parts }).await
}

/// Moves the boundaries between neighbours: each keeps its id and code.
#[utoipa::path(
    post, path = "/api/v1/parcels/adjust", tag = "parcels",
    params(DryRun, OfSeveral),
    request_body = AdjustBody, responses((status = 200, body = EditBody)),
)]
pub(crate) async fn adjust(mut asked: EditRequest) -> Answer<HttpResponse> {
    let fields = &mut asked.fields;
    let boundaries = fields.objects("boundaries", MOST_PARCELS, |boundary| {
        let parcel: Option<EntityId> = boundary.required("parcel", problem::VALUE_INVALID, "a canonical id, a UUID");
        let geometry = boundary.take("geometry");
        if geometry.is_none() {
            boundary.report(problem::REQUIRED, "geometry", "give the new boundary");
        }
        parcel.zip(geometry)
    });
    let crs = fields.text("crs");
    if boundaries.is_none() {
        fields.report(problem::REQUIRED, "boundaries", "give two or more parcels with their new boundaries");
    }
    let boundaries = boundaries.unwrap_or_default().into_iter().flatten().collect();
    asked.send(ParcelEdit::Adjust { boundaries, crs }).await
}

/// Undoes an edit: its parcels get new versions that say what they said before.
#[utoipa::path(
    post, path = "/api/v1/parcels/undo", tag = "parcels",
    params(
        ("dry_run" = Option<bool>, Query, description = "only tell what would happen"),
        ("If-Match" = Option<String>, Header, description = "`if_match` of the dry run, or the entity tags of all parcels it touches"),
        ("Prefer" = Option<String>, Header, description = "handling=dry-run"),
    ),
    request_body = UndoBody, responses((status = 200, body = EditBody)),
)]
pub(crate) async fn undo(mut asked: EditRequest) -> Answer<HttpResponse> {
    let decision: Option<DecisionId> = asked.fields.required("decision", problem::VALUE_INVALID, "the id of an edit's decision, a UUID");
    // Without one the request is refused below, with everything else that is wrong with it.
    asked.send(ParcelEdit::Undo { decision: decision.unwrap_or(DecisionId(Uuid::nil())) }).await
}

/// Looks at a boundary and values without writing: every problem of the geometry with its place, and every topology rule.
#[utoipa::path(
    post, path = "/api/v1/parcels/validate", tag = "parcels",
    request_body = ValidateBody, responses((status = 200, body = ValidityBody)),
)]
pub(crate) async fn validate(desk: Desk, _: Query<NoParameters>, body: Body) -> Answer<Json<ValidityBody>> {
    let validity = desk.weigh(move |registry, actor| {
        let mut fields = body.fields();
        let parcel: Option<EntityId> = fields.parsed("parcel", problem::VALUE_INVALID, "a canonical id, a UUID");
        let values = read_values(&mut fields);
        fields.finish()?;
        Ok(registry.validate_parcel(actor, parcel, &values)?)
    });
    Ok(Json(validity.await?.into()))
}

/// Of when rights are asked.
pub(crate) struct RightsParameters(RightsQuery);

impl Parameters for RightsParameters {
    const NAMES: &'static [&'static str] = &["as_of", "valid_at"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let valid_at: Option<NaiveDate> = given.value("valid_at", "a day, YYYY-MM-DD")?;
        Ok(Self(RightsQuery { as_of: given.moment("as_of")?, valid_at }))
    }
}

/// The rights, restrictions and responsibilities in a parcel (ISO 19152), each with the person or legal person who holds it.
#[utoipa::path(
    get, path = "/api/v1/parcels/{id}/rights", tag = "parcels",
    params(
        ("as_of" = Option<String>, Query, description = "as recorded at this moment, RFC 3339 with offset"),
        ("valid_at" = Option<String>, Query, description = "those that stand on this day, YYYY-MM-DD"),
    ),
    responses((status = 200, body = RightsBody)),
)]
pub(crate) async fn rights(desk: Desk, Named(id): Named<EntityId>, Query(asked): Query<RightsParameters>) -> Answer<Json<RightsBody>> {
    Ok(Json(desk.run(move |registry, actor| registry.parcel_rights(actor, id, &asked.0)).await?.into()))
}

/// Where a parcel has its land from, what became of it, and how it ended. Also of a parcel that is no more.
#[utoipa::path(get, path = "/api/v1/parcels/{id}/lineage", tag = "parcels", responses((status = 200, body = HistoryBody)))]
pub(crate) async fn lineage(desk: Desk, Named(id): Named<EntityId>, _: Query<NoParameters>) -> Answer<Json<HistoryBody>> {
    Ok(Json(desk.run(move |registry, actor| registry.parcel_history(actor, id)).await?.into()))
}

/// The values of a body, its boundary and its system, as one record.
fn read_values(fields: &mut Fields) -> RawRecord {
    let mut record = RawRecord::new();
    if let Some(values) = fields.take("values") {
        record = columns(fields, "values", values);
    }
    // Null is said here, and not the same as nothing.
    if let Some(geometry) = fields.take_said("geometry") {
        record.insert("geometry".to_owned(), geometry);
    }
    if let Some(crs) = fields.text("crs") {
        record.insert("crs".to_owned(), crs.into());
    }
    record
}

fn read_part(fields: &mut Fields, at: usize, part: Value) -> RawRecord {
    if part.is_null() { RawRecord::new() } else { columns(fields, &format!("parts/{at}"), part) }
}

/// An object of values by column that an editor may write.
fn columns(fields: &mut Fields, name: &str, values: Value) -> RawRecord {
    let Value::Object(values) = values else {
        fields.report(problem::TYPE_MISMATCH, name, "write an object in curly brackets");
        return RawRecord::new();
    };
    let mut record = Map::new();
    for (column, value) in values {
        let place = format!("{name}/{column}");
        let computed = jiku_registry::computed_parcel_columns().contains(&column.as_str());
        if computed || crate::fields::is_read_only(&column) || ["geometry", "crs"].contains(&column.as_str()) {
            fields.report(problem::READ_ONLY_FIELD, &place, "leave it out here");
        } else if !jiku_registry::columns(Kind::Parcel).iter().any(|known| known.name == column) {
            fields.report(problem::UNKNOWN_FIELD, &place, "no column has this name");
        } else if (value.is_array() && column != "rights") || value.is_object() || value.is_boolean() {
            fields.report(problem::TYPE_MISMATCH, &place, "write it as a text in double quotes");
        } else {
            record.insert(column, value);
        }
    }
    record
}

/// The positions of a GeoJSON LineString or MultiLineString.
fn read_lines(fields: &mut Fields, value: &Value) -> Vec<Vec<[f64; 2]>> {
    let position = |value: &Value| match value.as_array()?.as_slice() {
        [lon, lat, ..] => Some([lon.as_f64()?, lat.as_f64()?]),
        _ => None,
    };
    let line = |value: &Value| value.as_array()?.iter().map(position).collect::<Option<Vec<[f64; 2]>>>();
    let coordinates = value.get("coordinates");
    let lines = match value.get("type").and_then(Value::as_str) {
        Some("LineString") => coordinates.and_then(line).map(|line| vec![line]),
        Some("MultiLineString") => coordinates.and_then(|lines| lines.as_array()?.iter().map(line).collect()),
        _ => None,
    };
    if lines.is_none() {
        fields.report(
            problem::VALUE_INVALID,
            "line",
            "a GeoJSON LineString or MultiLineString: lists of [longitude, latitude], or of [east, north] of crs",
        );
    }
    lines.unwrap_or_default()
}
