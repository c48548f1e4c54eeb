//! How do GIS programs create, replace, update and delete parcels (OGC 20-002r1, features part 4)?
//!
//! The registry's edits stand behind it, with their topology rules and their lineage. What a program writes here is what it
//! reads here: right holders are no part of these features, and a replacement leaves them alone.

use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use jiku_model::{EntityId, RawRecord};
use jiku_registry::{EditOptions, Expected, ParcelEdit, RightsPolicy};
use jiku_spatial::{AxisOrder, Crs};
use serde_json::{Map, Value};

use super::collections::Collection;
use super::features::Manner;
use super::items::{self, GEOJSON};
use super::map_desk::{MapDesk, base};
use super::properties::{is_read_only, seen};
use super::{collections, systems};
use crate::body::{Body, Holds};
use crate::desk::Desk;
use crate::edit::{perform, placed, prefers_dry_run};
use crate::fields::Fields;
use crate::handlers::Answer;
use crate::parameters::Given;
use crate::precondition::{Seen, caller_has};
use crate::problem::{self, Problem};

/// The encodings of a whole feature, and of a change to one (RFC 7396).
pub(crate) const WHOLE: &[&str] = &[GEOJSON, "application/json"];
pub(crate) const CHANGE: &[&str] = &["application/merge-patch+json", GEOJSON, "application/json"];

/// What a feature says beside its properties: by which it is known, for a replacement that does not say it.
const KNOWN_BY: [&str; 2] = ["parcel_code", "foreign_key"];

/// Makes a parcel of a feature.
pub(crate) async fn create(map: MapDesk, desk: Desk, request: HttpRequest, payload: web::Payload) -> Answer<HttpResponse> {
    let (body, crs) = received(&request, payload, WHOLE).await?;
    let bytes = body.1.clone();
    let mut fields = body.fields();
    let mut values = read_feature(&mut fields, crs, Change::New);
    fields.finish()?;
    values.retain(|_, value| !value.is_null());
    send(&map, &desk, &request, &bytes, crs, ParcelEdit::Create { values }).await
}

/// Says everything about a parcel anew that these features hold.
pub(crate) async fn replace(map: MapDesk, desk: Desk, request: HttpRequest, payload: web::Payload) -> Answer<HttpResponse> {
    let parcel = existing(&map, &request)?;
    let (body, crs) = received(&request, payload, WHOLE).await?;
    let bytes = body.1.clone();
    let mut fields = body.fields();
    let mut changes = read_feature(&mut fields, crs, Change::All);
    fields.finish()?;
    for property in seen(map.uses().read).filter(|property| !is_read_only(property.name) && !KNOWN_BY.contains(&property.name)) {
        changes.entry(property.name).or_insert(Value::Null);
    }
    send(&map, &desk, &request, &bytes, crs, ParcelEdit::Patch { parcel, changes }).await
}

/// Changes some properties of a parcel, or its boundary.
pub(crate) async fn update(map: MapDesk, desk: Desk, request: HttpRequest, payload: web::Payload) -> Answer<HttpResponse> {
    let parcel = existing(&map, &request)?;
    let (body, crs) = received(&request, payload, CHANGE).await?;
    let bytes = body.1.clone();
    let mut fields = body.fields();
    let changes = read_feature(&mut fields, crs, Change::Some);
    fields.finish()?;
    send(&map, &desk, &request, &bytes, crs, ParcelEdit::Patch { parcel, changes }).await
}

/// Ends a parcel, and the rights in it.
pub(crate) async fn delete(map: MapDesk, desk: Desk, request: HttpRequest) -> Answer<HttpResponse> {
    collections::known(&request)?;
    Given::parse(request.query_string(), &[])?;
    let parcel = existing(&map, &request)?;
    send(&map, &desk, &request, &[], Crs::Crs84, ParcelEdit::Retire { parcel }).await
}

/// How much of a parcel a feature speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    New,
    All,
    Some,
}

/// The body, and the system of its coordinates.
async fn received(request: &HttpRequest, payload: web::Payload, accepted: &[&str]) -> Result<(Body, Crs), Problem> {
    collections::known(request)?;
    Given::parse(request.query_string(), &[])?;
    let crs = match request.headers().get("content-crs") {
        None => Crs::Crs84,
        Some(value) => systems::read("Content-Crs", value.to_str().unwrap_or("?"))?,
    };
    Ok((Body::read(request, payload.into_inner(), accepted, Holds::Boundary).await?, crs))
}

/// The parcel of the path. One that is not there is not made by naming it; with `If-Match` its absence is what fails.
fn existing(map: &MapDesk, request: &HttpRequest) -> Result<EntityId, Problem> {
    collections::known(request)?;
    let found = items::found(map, request).map(|(view, slot)| view.get(slot).map(|parcel| (parcel.id, parcel.version))).ok().flatten();
    let (id, version) = found.ok_or_else(|| {
        let sort = if request.headers().contains_key(header::IF_MATCH) { problem::PRECONDITION_FAILED } else { problem::NOT_FOUND };
        Problem::new(sort).detail("there is no such parcel now")
    })?;
    // RFC 9110, clause 13.1.2: `*` asks that there be none.
    if caller_has(request, &format!("{id}.{version}")) {
        return Err(Problem::new(problem::PRECONDITION_FAILED).detail("the parcel is there, and If-None-Match asks that it be not"));
    }
    Ok(id)
}

/// Reads a feature, or the members of one that change, into values by column.
fn read_feature(fields: &mut Fields, crs: Crs, change: Change) -> RawRecord {
    let mut record = RawRecord::new();
    let kind = fields.text("type");
    if kind.as_deref().is_some_and(|kind| kind != "Feature") || (kind.is_none() && change != Change::Some) {
        fields.report(problem::VALUE_INVALID, "type", "send a single GeoJSON Feature");
    }
    if let Some(told) = fields.take("crs") {
        let named = told["properties"]["name"].as_str().and_then(|name| name.parse::<Crs>().ok());
        if named != Some(crs) {
            fields.report(problem::VALUE_INVALID, "crs", "say the coordinate system in the header Content-Crs and leave this member out");
        }
    }
    match fields.take_said("geometry") {
        Some(Value::Null) if change == Change::New => fields.report(problem::REQUIRED, "geometry", "a parcel has a boundary"),
        Some(mut geometry) => {
            if crs.is_north_first(AxisOrder::Authority)
                && let Some(coordinates) = geometry.get_mut("coordinates")
            {
                east_first(coordinates);
            }
            record.insert("geometry".to_owned(), geometry);
            record.insert("crs".to_owned(), crs.to_string().into());
        }
        None if change == Change::Some => {}
        None => fields.report(problem::REQUIRED, "geometry", "a Feature has a geometry"),
    }
    match fields.take("properties") {
        Some(Value::Object(properties)) => read_properties(fields, properties, change, &mut record),
        None => {}
        Some(_) => fields.report(problem::TYPE_MISMATCH, "properties", "write an object in curly brackets"),
    }
    // RFC 7946, clause 6.1: a Feature may have members of others, and its `id` is the server's to give.
    fields.forget_the_rest();
    record
}

fn read_properties(fields: &mut Fields, properties: Map<String, Value>, change: Change, record: &mut RawRecord) {
    for (name, value) in properties {
        let place = format!("properties/{name}");
        if is_read_only(&name) {
            // Whoever sends a feature back as they got it changes nothing of this; a patch of it is a mistake.
            if change == Change::Some {
                fields.report(problem::READ_ONLY_FIELD, &place, "the service computes it: leave it out");
            }
        } else if !seen(true).any(|property| property.name == name) {
            fields.report(
                problem::UNKNOWN_FIELD,
                &place,
                "the schema of the collection has no such property; rights are edited through /api/v1/parcels",
            );
        } else if value.is_array() || value.is_object() || value.is_boolean() {
            fields.report(problem::TYPE_MISMATCH, &place, "write it as a text or a number");
        } else {
            record.insert(name, value);
        }
    }
}

/// Brings positions with the northing, or the latitude, in front to the order of GeoJSON.
fn east_first(coordinates: &mut Value) {
    let Some(list) = coordinates.as_array_mut() else { return };
    if list.first().is_some_and(Value::is_number) {
        if list.len() >= 2 {
            list.swap(0, 1);
        }
    } else {
        list.iter_mut().for_each(east_first);
    }
}

/// The version the editor saw. Without `If-Match` it is the one of now, where the service is told to take edits so.
fn expected(map: &MapDesk, request: &HttpRequest, edit: &ParcelEdit, dry_run: bool) -> Result<Expected, Problem> {
    let (ParcelEdit::Patch { parcel, .. } | ParcelEdit::Retire { parcel }) = edit else { return Ok(Expected::new()) };
    if request.headers().contains_key(header::IF_MATCH) {
        let seen: Expected = Seen::required(request)?.into();
        let own = seen.get(parcel).map(|version| (*parcel, *version));
        return own.map(|own| Expected::from([own])).ok_or_else(|| {
            Problem::new(problem::PRECONDITION_FAILED).detail("the entity tag is that of another parcel; read this one again")
        });
    }
    if dry_run {
        return Ok(Expected::new());
    }
    if !map.takes_unversioned_edits() {
        return Err(Problem::new(problem::PRECONDITION_REQUIRED).detail(
            "send If-Match with the ETag of the feature you read; for programs that cannot, such as QGIS, the service is started with --unversioned-edits",
        ));
    }
    let (view, slot) = items::found(map, request)?;
    Ok(view.get(slot).map(|now| (now.id, i64::from(now.version))).into_iter().collect())
}

/// A problem of a column as one of the property that told it.
fn of_feature(problem: Problem) -> Problem {
    placed(problem, |place| seen(true).any(|property| property.name == place).then(|| format!("/properties/{place}")))
}

/// Does the edit and answers with the feature as it is then; a dry run with the whole report.
async fn send(map: &MapDesk, desk: &Desk, request: &HttpRequest, bytes: &[u8], crs: Crs, edit: ParcelEdit) -> Answer<HttpResponse> {
    let dry_run = prefers_dry_run(request);
    let rights = if *request.method() == Method::DELETE { RightsPolicy::End } else { RightsPolicy::default() };
    let expected = expected(map, request, &edit, dry_run)?;
    let known = expected.keys().next().copied();
    let options = EditOptions { rights, expected, dry_run, ..EditOptions::default() };
    let done = perform(desk, request, bytes, edit, options).await.map_err(of_feature)?;
    if dry_run {
        let mut answer = HttpResponse::build(done.status);
        answer.insert_header((header::CONTENT_TYPE, "application/json")).insert_header(("preference-applied", "handling=dry-run"));
        return Ok(answer.body(done.text));
    }
    if *request.method() == Method::DELETE {
        return Ok(HttpResponse::NoContent().finish());
    }
    let id = done.only.map(|(id, _)| id).or(known).ok_or_else(|| Problem::new(problem::INTERNAL))?;
    let mut answer = HttpResponse::build(if done.creates { StatusCode::CREATED } else { StatusCode::OK });
    if done.creates {
        answer.insert_header((header::LOCATION, format!("{}/collections/parcels/items/{id}", base(request))));
    }
    let (view, slot) = items::find(map, id)?;
    let manner = Manner { collection: Collection::Parcels, crs, signed_in: map.uses().read };
    Ok(items::answer(map, &view, slot, manner, &base(request), answer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(body: Value, crs: Crs, change: Change, expected: Result<Value, &str>) {
        let Value::Object(members) = body else { panic!("the case is an object") };
        let mut fields = Fields::new(members);
        let record = read_feature(&mut fields, crs, change);
        let got = fields.finish().map(|()| Value::Object(record));
        assert_eq!(
            got.as_ref().map_err(|problem| problem.body()["pointer"].as_str().unwrap_or("").to_owned()),
            expected.as_ref().map_err(|place| (*place).to_owned())
        );
    }

    #[test]
    fn a_feature_sent_back_as_it_was_read_says_only_what_can_be_written() {
        let feature = json!({
            "type": "Feature", "id": "x", "links": [], "geometry": { "type": "Point", "coordinates": [113.3, 23.1] },
            "properties": { "land_use": "0701", "version": 3, "planar_area_m2": 2.5, "location": null },
        });
        let expected = json!({
            "geometry": { "type": "Point", "coordinates": [113.3, 23.1] }, "crs": "OGC:CRS84", "land_use": "0701", "location": null,
        });
        check(feature.clone(), Crs::Crs84, Change::All, Ok(expected));
        check(feature, Crs::Crs84, Change::Some, Err("/properties/version"));
    }

    #[test]
    fn positions_come_in_the_order_of_their_system() {
        let patch = json!({ "geometry": { "type": "Polygon", "coordinates": [[[23.1, 113.3], [23.2, 113.3]]] } });
        let expected = json!({ "geometry": { "type": "Polygon", "coordinates": [[[113.3, 23.1], [113.3, 23.2]]] }, "crs": "EPSG:4490" });
        check(patch, Crs::Cgcs2000, Change::Some, Ok(expected));
    }

    #[test]
    fn what_is_no_feature_or_no_property_is_told_with_its_place() {
        check(json!({ "type": "FeatureCollection", "features": [] }), Crs::Crs84, Change::New, Err("/type"));
        check(json!({ "type": "Feature", "geometry": null }), Crs::Crs84, Change::New, Err("/geometry"));
        check(json!({ "properties": { "right_holder": "某" } }), Crs::Crs84, Change::Some, Err("/properties/right_holder"));
        check(json!({ "properties": { "land_use": ["0701"] } }), Crs::Crs84, Change::Some, Err("/properties/land_use"));
        check(json!({ "crs": { "properties": { "name": "EPSG:4547" } } }), Crs::Crs84, Change::Some, Err("/crs"));
    }
}
