//! How is the land of each county asked for?

use std::sync::{Arc, LazyLock};

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use jiku_ogc::cql2::{Queryable, Value};
use jiku_registry::{DivisionExtent, DivisionExtents};
use jiku_spatial::{AxisOrder, Crs};
use serde_json::json;

use super::answer::{Form, VARY, form};
use super::collections::Collection;
use super::features::write_text;
use super::filter::Filter;
use super::items::{GEOJSON, LIMIT, MOST, Written, boxes, finish, write_link};
use super::map_desk::{MapDesk, base};
use super::systems::{self, content_crs, refused};
use super::{items, pages, properties};
use crate::handlers::Answer;
use crate::parameters::{Given, invalid};
use crate::problem::{self, Problem};

/// The properties of a division, all of which filters may speak of.
pub(crate) const PROPERTIES: [(&str, &str, Queryable); 5] = [
    ("id", "行政区划代码", Queryable::Text),
    ("division", "行政区划代码", Queryable::Text),
    ("name", "名称", Queryable::Text),
    ("parcels", "宗地数", Queryable::Number),
    ("planar_area_m2", "宗地面积合计（平方米）", Queryable::Number),
];

/// Every parameter of a list of divisions. They hold at all times, so `datetime` leaves none out.
static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let own = ["f", "limit", "bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang", "filter-crs", "cursor"];
    own.into_iter().chain(PROPERTIES.map(|(name, ..)| name)).collect()
});

/// JSON Schema of a division.
pub(crate) fn schema(id: &str) -> serde_json::Value {
    let mut properties = serde_json::Map::new();
    properties.insert(
        "geometry".to_owned(),
        json!({ "title": "空间范围", "format": "geometry-polygon-or-multipolygon", "x-ogc-role": "primary-geometry" }),
    );
    for (name, title, kind) in PROPERTIES {
        let mut property = json!({ "title": title, "type": if kind == Queryable::Number { "number" } else { "string" }, "readOnly": true });
        match name {
            "id" => property["x-ogc-role"] = json!("id"),
            "parcels" => property["type"] = json!("integer"),
            _ => {}
        }
        properties.insert(name.to_owned(), property);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": id, "title": Collection::Divisions.title(), "type": "object",
        "properties": properties, "additionalProperties": false,
    })
}

fn value(one: &DivisionExtent, name: &str) -> Option<Value> {
    match name {
        "id" | "division" => Some(Value::Text(one.code.clone())),
        "name" => one.name.map(|name| Value::Text(name.to_owned())),
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 parcels")]
        "parcels" => Some(Value::Number(one.parcels as f64)),
        "planar_area_m2" => Some(Value::Number(hundredths(one.planar_area_m2))),
        _ => None,
    }
}

fn hundredths(area_m2: f64) -> f64 {
    (area_m2 * 100.0).round() / 100.0
}

/// The values that properties are to have by parameters of their own: `division=440106`.
fn wanted(given: &Given<'_>) -> Result<Vec<(&'static str, Value)>, Problem> {
    let read = |(name, _, kind): (&'static str, &str, Queryable)| {
        let text = given.text(name)?;
        let value = match kind {
            Queryable::Number => text.parse().map(Value::Number).map_err(|_| invalid(name, "a number")),
            _ => Ok(Value::Text(text.to_owned())),
        };
        Some(value.map(|value| (name, value)))
    };
    PROPERTIES.into_iter().filter_map(read).collect()
}

/// A page of divisions, by code.
pub(crate) async fn list(desk: MapDesk, request: HttpRequest) -> Answer<HttpResponse> {
    let given = Given::parse(request.query_string(), &NAMES)?;
    let form = form(&request, &given)?;
    let crs = given.text("crs").map_or(Ok(Crs::Crs84), |text| systems::read("crs", text))?;
    let (base, query, asked) = (base(&request), request.query_string().to_owned(), desk.clone());
    // Putting a million parcels together takes seconds the first time.
    desk.run(move || {
        let extents = asked.registry().division_extents(asked.actor())?;
        page(&extents, &query, (form, crs), &base)
    })
    .await
    .map(|written| match written {
        Written::Json(text) => answer(&desk, crs, text),
        Written::Html(page) => pages::answer(page),
    })
}

fn page(extents: &DivisionExtents, query: &str, (form, crs): (Form, Crs), base: &str) -> Result<Written, Problem> {
    let given = Given::parse(query, &NAMES)?;
    let limit = jiku_ogc::parse_limit(given.text("limit"), LIMIT, MOST).map_err(refused)?;
    items::time_span(&given)?;
    let (boxes, wanted) = (boxes(&given)?, wanted(&given)?);
    let names = PROPERTIES.map(|(name, _, kind)| (name, kind));
    let queryables = properties::with_functions(names.into_iter().chain([("geometry", Queryable::Geometry)]).collect());
    let filter = items::filter(&given, &extents.places, &queryables, |_| None)?;
    filter.as_ref().map_or(Ok(()), |filter| filter.afford(extents.all.len()))?;
    let list = items::listed(Collection::Divisions, query);
    let after = given.text("cursor").map(|text| crate::cursor::unwrap(&list, text)).transpose()?;
    let is_chosen = |(number, one): &(u32, &DivisionExtent)| {
        boxes.as_ref().is_none_or(|boxes| extents.places.meets(*number, boxes))
            && wanted.iter().all(|(name, wanted)| value(one, name).as_ref() == Some(wanted))
            && filter.as_ref().is_none_or(|filter| filter.is_met(&extents.places, *number, &|name| value(one, name)))
    };
    let chosen: Vec<(u32, &DivisionExtent)> = (0..).zip(&extents.all).filter(is_chosen).collect();
    filter.as_ref().map_or(Ok(()), Filter::was_affordable)?;
    let rest = chosen.iter().copied().filter(|(_, one)| after.as_ref().is_none_or(|after| one.code > *after));
    let mut page: Vec<(u32, &DivisionExtent)> = rest.take(limit + 1).collect();
    let more = page.len() > limit;
    page.truncate(limit);
    let address = format!("{base}/collections/divisions/items");
    let next = page.last().filter(|_| more).map(|(_, one)| items::next_address(&address, query, &list, &one.code));
    if form == Form::Html {
        let in_json = format!("{address}?{}", items::join(query, &["f"], "f=json"));
        return Ok(Written::Html(pages::divisions(base, extents, &page, next.as_deref(), &in_json)));
    }
    let mut text = br#"{"type":"FeatureCollection","features":["#.to_vec();
    for (at, (number, one)) in page.iter().enumerate() {
        if at > 0 {
            text.push(b',');
        }
        write(extents, *number, one, crs, &mut text);
        text.push(b'}');
    }
    finish(page.len(), Some(chosen.len()), next, &address, query, &mut text);
    Ok(Written::Json(text))
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
        return Ok(pages::answer(pages::divisions(&base, &extents, &[(number, one)], None, "?f=json")));
    }
    let mut text = Vec::with_capacity(4_096);
    write(&extents, number, one, crs, &mut text);
    text.extend_from_slice(b",\"links\":[");
    let collection = format!("{base}/collections/divisions");
    write_link(&format!("{collection}/items/{code}"), "self", GEOJSON, &mut text);
    text.push(b',');
    write_link(&format!("{collection}/items/{code}?f=html"), "alternate", "text/html", &mut text);
    text.push(b',');
    write_link(&collection, "collection", "application/json", &mut text);
    text.extend_from_slice(b"]}");
    Ok(answer(&desk, crs, text))
}

/// The extents of now.
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
        "division": one.code, "name": one.name, "parcels": one.parcels, "planar_area_m2": hundredths(one.planar_area_m2),
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
