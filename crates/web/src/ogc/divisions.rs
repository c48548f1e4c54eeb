//! How is the land of each county asked for?

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use jiku_registry::{DivisionExtent, DivisionExtents};
use jiku_spatial::{AxisOrder, Crs};
use serde_json::{Value, json};

use super::answer::{Form, VARY, form};
use super::collections::Collection;
use super::features::write_text;
use super::items::{GEOJSON, LIMIT, MOST, boxes, finish, write_link};
use super::map_desk::{MapDesk, base};
use super::systems::{self, content_crs, refused};
use super::{items, pages};
use crate::handlers::Answer;
use crate::parameters::Given;
use crate::problem::{self, Problem};

/// Every parameter of a list of divisions. They hold at all times, so `datetime` leaves none out.
static NAMES: &[&str] = &["f", "limit", "bbox", "bbox-crs", "crs", "datetime", "cursor"];

/// JSON Schema of a division.
pub(crate) fn schema(id: &str) -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": id, "title": Collection::Divisions.title(), "type": "object",
        "properties": {
            "geometry": { "title": "空间范围", "format": "geometry-multipolygon", "x-ogc-role": "primary-geometry" },
            "id": { "title": "行政区划代码", "type": "string", "x-ogc-role": "id" },
            "division": { "title": "行政区划代码", "type": "string" },
            "name": { "title": "名称", "type": "string" },
            "parcels": { "title": "宗地数", "type": "integer" },
            "planar_area_m2": { "title": "宗地面积合计（平方米）", "type": "number" },
        },
        "additionalProperties": false,
    })
}

/// A page of divisions, by code.
pub(crate) async fn list(desk: MapDesk, request: HttpRequest) -> Answer<HttpResponse> {
    let given = Given::parse(request.query_string(), NAMES)?;
    let form = form(&request, &given)?;
    let crs = given.text("crs").map_or(Ok(Crs::Crs84), |text| systems::read("crs", text))?;
    let limit = jiku_ogc::parse_limit(given.text("limit"), LIMIT, MOST).map_err(refused)?;
    items::time_span(&given)?;
    let boxes = boxes(&given)?;
    let list = "ogc divisions";
    let after = given.text("cursor").map(|text| crate::cursor::unwrap(list, text)).transpose()?;
    let extents = extents(&desk).await?;
    let inside = |number: u32| boxes.as_ref().is_none_or(|boxes| extents.places.meets(number, boxes));
    let chosen: Vec<(u32, &DivisionExtent)> = (0..).zip(&extents.all).filter(|(number, _)| inside(*number)).collect();
    let rest = chosen.iter().copied().filter(|(_, one)| after.as_ref().is_none_or(|after| one.code > *after));
    let mut page: Vec<(u32, &DivisionExtent)> = rest.take(limit + 1).collect();
    let more = page.len() > limit;
    page.truncate(limit);
    let base = base(&request);
    if form == Form::Html {
        return Ok(pages::answer(pages::divisions(&base, page.iter().map(|(_, one)| *one))));
    }
    let mut text = br#"{"type":"FeatureCollection","features":["#.to_vec();
    for (at, (number, one)) in page.iter().enumerate() {
        if at > 0 {
            text.push(b',');
        }
        write(&extents, *number, one, crs, &mut text);
        text.push(b'}');
    }
    let address = format!("{base}/collections/divisions/items");
    let next = page.last().filter(|_| more).map(|(_, one)| items::next_address(&address, request.query_string(), list, &one.code));
    finish(page.len(), Some(chosen.len()), next, &address, request.query_string(), &mut text);
    Ok(answer(&desk, crs, text))
}

/// One division.
pub(crate) async fn one(desk: MapDesk, request: HttpRequest) -> Answer<HttpResponse> {
    let given = Given::parse(request.query_string(), &["f", "crs"])?;
    let form = form(&request, &given)?;
    let crs = given.text("crs").map_or(Ok(Crs::Crs84), |text| systems::read("crs", text))?;
    let code = request.match_info().query("id");
    let extents = extents(&desk).await?;
    let found = (0..).zip(&extents.all).find(|(_, one)| one.code == code);
    let (number, one) = found.ok_or_else(|| Problem::new(problem::NOT_FOUND).detail("no parcel lies in such a county"))?;
    let base = base(&request);
    if form == Form::Html {
        return Ok(pages::answer(pages::divisions(&base, [one].into_iter())));
    }
    let mut text = Vec::with_capacity(4_096);
    write(&extents, number, one, crs, &mut text);
    text.extend_from_slice(b",\"links\":[");
    let collection = format!("{base}/collections/divisions");
    write_link(&format!("{collection}/items/{code}"), "self", GEOJSON, &mut text);
    text.push(b',');
    write_link(&collection, "collection", "application/json", &mut text);
    text.extend_from_slice(b"]}");
    Ok(answer(&desk, crs, text))
}

/// The extents of now; putting a million parcels together takes seconds the first time.
async fn extents(desk: &MapDesk) -> Result<Arc<DivisionExtents>, Problem> {
    let asked = desk.clone();
    desk.run(move || Ok(asked.registry().division_extents(asked.actor())?)).await
}

/// Appends a feature without its closing brace.
fn write(extents: &DivisionExtents, number: u32, one: &DivisionExtent, crs: Crs, text: &mut Vec<u8>) {
    text.extend_from_slice(br#"{"type":"Feature","id":"#);
    write_text(&one.code, text);
    text.extend_from_slice(br#","geometry":"#);
    if !extents.places.write_geojson(number, crs, AxisOrder::Authority, text) {
        text.extend_from_slice(b"null");
    }
    let properties = json!({
        "division": one.code, "name": one.name, "parcels": one.parcels, "planar_area_m2": (one.planar_area_m2 * 100.0).round() / 100.0,
    });
    text.extend_from_slice(format!(",\"properties\":{properties}").as_bytes());
}

fn answer(desk: &MapDesk, crs: Crs, text: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, desk.cache_control()))
        .insert_header((header::VARY, VARY))
        .insert_header((header::CONTENT_TYPE, GEOJSON))
        .insert_header(("Content-Crs", content_crs(crs)))
        .body(text)
}
