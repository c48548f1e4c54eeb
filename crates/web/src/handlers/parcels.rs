//! Which parcels lie there, belong to them, or are numbered so?

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use jiku_model::EntityId;
use jiku_registry::{Area, ParcelQuery};
use serde_json::Value;

use super::{Answer, Json, json};
use crate::accept;
use crate::body::Body;
use crate::cursor;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::parameters::{NoParameters, Query, moment};
use crate::problem::{self, Problem};
use crate::wire::{GroupsBody, ParcelsBody, feature_collection};

/// The most parcels on a page.
const CEILING: usize = 1000;

/// The most vertices of a polygon that is searched by.
const MAX_VERTICES: usize = 5000;

/// The farthest a radius may reach, in metres.
const MAX_RADIUS_M: f64 = 100_000.0;

/// Where to look, or what for; all conditions hold together. Coordinates are longitude, latitude in degrees (CGCS2000).
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct ParcelQueryBody {
    /// `[lon, lat]`: parcels that contain the point; with `radius_m` or `nearest` those around it.
    point: Option<Vec<f64>>,
    /// Parcels within this many metres of the point, nearest first; at most 100,000.
    radius_m: Option<f64>,
    /// The k parcels nearest to the point, nearest first; 1 to 1,000.
    nearest: Option<usize>,
    /// `[west, south, east, north]`: parcels that intersect the box.
    bbox: Option<Vec<f64>>,
    /// A GeoJSON Polygon or MultiPolygon of at most 5,000 vertices: parcels that intersect it.
    #[schema(value_type = Option<Object>)]
    polygon: Option<Value>,
    /// An identity number, a credit code, or a name.
    right_holder: Option<String>,
    /// The beginning of the parcel code.
    code_prefix: Option<String>,
    /// Parcels beside this parcel.
    neighbours_of: Option<uuid::Uuid>,
    /// Land-use class of GB/T 21010-2017; two digits hold all classes below.
    land_use: Option<String>,
    /// At least so large, square metres.
    min_area_m2: Option<f64>,
    /// At most so large, square metres.
    max_area_m2: Option<f64>,
    /// As it stood in the world on this day; together with `as_of`, as that was recorded then.
    valid_at: Option<String>,
    /// As recorded at this moment.
    as_of: Option<String>,
    /// 1 to 1,000; 50 when absent.
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Parcels by point, box, polygon, radius in metres, nearest k, right holder or code; as JSON, or as GeoJSON when asked
/// for with `Accept: application/geo+json`.
#[utoipa::path(
    post, path = "/api/v1/parcels/query", tag = "parcels",
    request_body = ParcelQueryBody,
    responses((status = 200, content((ParcelsBody = "application/json"), (Object = "application/geo+json")))),
)]
pub(crate) async fn query(desk: Desk, _: Query<NoParameters>, body: Body, request: HttpRequest) -> Answer<HttpResponse> {
    // A polygon of many vertices takes a while to read, too.
    let answered = desk.weigh(move |registry, actor| {
        let list = format!("parcels {}", list_name(&body));
        let page = registry.query_parcels(actor, &read(body.fields(), &list)?)?;
        let next = page.next.as_deref().map(|position| cursor::wrap(&list, position));
        Ok((page, next))
    });
    let (page, next) = answered.await?;
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    if accept::prefers(accepted, &["application/json", "application/geo+json"]) == Some("application/geo+json") {
        return Ok(HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "application/geo+json"))
            .body(feature_collection(page, next).to_string()));
    }
    Ok(json(&ParcelsBody::new(page, next)))
}

/// Count and area of the parcels that fit, by division and land use. `limit` and `cursor` are for the parcels themselves.
#[utoipa::path(
    post, path = "/api/v1/parcels/aggregate", tag = "parcels",
    request_body = ParcelQueryBody, responses((status = 200, body = GroupsBody)),
)]
pub(crate) async fn aggregate(desk: Desk, _: Query<NoParameters>, body: Body) -> Answer<Json<GroupsBody>> {
    let groups = desk.weigh(move |registry, actor| Ok(registry.aggregate_parcels(actor, &read(body.fields(), "parcels")?)?));
    Ok(Json(groups.await?.into()))
}

/// What the cursors of a query belong to: the query without its paging.
fn list_name(body: &Body) -> String {
    let mut rest = body.0.clone();
    rest.retain(|name, _| name != "cursor" && name != "limit");
    Value::Object(rest).to_string()
}

fn read(mut fields: Fields, list: &str) -> Result<ParcelQuery, Problem> {
    let point = fields.list("point", 2).map(|list| numbers(&list));
    let radius_m = fields.number("radius_m");
    let nearest = fields.take("nearest");
    let bbox = fields.take("bbox");
    let polygon = fields.take("polygon");
    let right_holder = fields.text("right_holder");
    let code_prefix = fields.text("code_prefix");
    let as_of = fields.text("as_of");
    let neighbours_of: Option<EntityId> = fields.parsed("neighbours_of", problem::VALUE_INVALID, "a canonical id, a UUID");
    let land_use = fields.text("land_use");
    let (min_area_m2, max_area_m2) = (fields.number("min_area_m2"), fields.number("max_area_m2"));
    let valid_at = fields.parsed("valid_at", problem::VALUE_INVALID, "a day, such as 2026-05-01");
    let limit = fields.count("limit", 50, CEILING);
    let cursor = fields.text("cursor");
    if [point.is_some(), bbox.is_some(), polygon.is_some(), neighbours_of.is_some()].iter().filter(|given| **given).count() > 1 {
        fields.report(problem::VALUE_INVALID, "point", "give one of point, bbox, polygon and neighbours_of");
    }
    if (radius_m.is_some() || nearest.is_some()) && point.is_none() {
        fields.report(problem::REQUIRED, "point", "radius_m and nearest are about a point");
    }
    if radius_m.is_some() && nearest.is_some() {
        fields.report(problem::VALUE_INVALID, "nearest", "give either radius_m or nearest");
    }
    if radius_m.is_some_and(|radius| !(0.0..=MAX_RADIUS_M).contains(&radius)) {
        fields.report(problem::VALUE_INVALID, "radius_m", format!("from 0 to {MAX_RADIUS_M} metres"));
    }
    let as_of = as_of.and_then(|text| {
        let read = moment(&text);
        if read.is_none() {
            fields.report(problem::VALUE_INVALID, "as_of", "a time with its offset, such as 2026-05-01T08:00:00+08:00");
        }
        read
    });
    let nearest = nearest.map(|value| value.as_u64().and_then(|k| usize::try_from(k).ok()).filter(|k| (1..=CEILING).contains(k)));
    if nearest == Some(None) {
        fields.report(problem::VALUE_INVALID, "nearest", format!("a whole number from 1 to {CEILING}"));
    }
    fields.finish()?;
    let area = match (point, bbox, polygon) {
        (Some(point), _, _) => around(point.as_deref(), radius_m, nearest.flatten())?,
        (_, Some(bbox), _) => read_bbox(&bbox)?,
        (_, _, Some(polygon)) => Area::Polygons(read_polygons(&polygon)?),
        _ => neighbours_of.map_or(Area::Everywhere, Area::Neighbours),
    };
    let cursor = cursor.map(|text| cursor::unwrap(list, &text)).transpose()?;
    Ok(ParcelQuery { area, right_holder, code_prefix, land_use, min_area_m2, max_area_m2, valid_at, as_of, limit, cursor })
}

/// The numbers of a list, if it holds nothing else.
fn numbers(list: &[Value]) -> Option<Vec<f64>> {
    list.iter().map(|value| value.as_f64().filter(|number| number.is_finite())).collect()
}

fn position(numbers: Option<&[f64]>) -> Option<(f64, f64)> {
    match numbers? {
        &[lon, lat] if (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat) => Some((lon, lat)),
        _ => None,
    }
}

fn around(point: Option<&[f64]>, radius_m: Option<f64>, nearest: Option<usize>) -> Result<Area, Problem> {
    let (lon, lat) = position(point).ok_or_else(|| {
        let swapped = position(point.map(|numbers| numbers.iter().rev().copied().collect::<Vec<_>>()).as_deref()).is_some();
        let (code, advice) = if swapped {
            ("coordinate-order-suspected", "write longitude first, then latitude")
        } else {
            ("coordinate-range", "a point is [longitude, latitude] in degrees")
        };
        Problem::domain(422, code, "the coordinates cannot be used").pointer("/point").detail(advice)
    })?;
    Ok(match (radius_m, nearest) {
        (Some(radius_m), _) => Area::Radius { lon, lat, radius_m },
        (_, Some(k)) => Area::Nearest { lon, lat, k },
        _ => Area::Point { lon, lat },
    })
}

fn read_bbox(value: &Value) -> Result<Area, Problem> {
    let numbers = value.as_array().and_then(|list| numbers(list));
    match numbers.as_deref() {
        Some(&[west, south, east, north])
            if south <= north && position(Some(&[west, south])).is_some() && position(Some(&[east, north])).is_some() =>
        {
            Ok(Area::Bbox { west, south, east, north })
        }
        _ => {
            Err(Problem::new(problem::BBOX_INVALID).pointer("/bbox").detail("[west, south, east, north] in degrees, south not above north"))
        }
    }
}

fn refused_polygon(code: &'static str, advice: &str) -> Problem {
    Problem::domain(422, code, "the geometry cannot be used").pointer("/polygon").detail(advice)
}

/// A polygon: rings of longitude and latitude, the shell first.
type Rings = Vec<Vec<(f64, f64)>>;

/// The polygons of a GeoJSON geometry.
fn read_polygons(value: &Value) -> Result<Vec<Rings>, Problem> {
    let refuse = |advice: &str| refused_polygon("geojson-invalid", advice);
    let list = || value.get("coordinates").and_then(Value::as_array).ok_or_else(|| refuse("coordinates are a list"));
    let polygons: Vec<&Vec<Value>> = match value.get("type").and_then(Value::as_str) {
        Some("Polygon") => vec![list()?],
        Some("MultiPolygon") => {
            let all: Option<_> = list()?.iter().map(Value::as_array).collect();
            all.ok_or_else(|| refuse("the coordinates of a MultiPolygon are a list of polygons"))?
        }
        _ => return Err(refuse("send a GeoJSON geometry of type Polygon or MultiPolygon")),
    };
    let rings = polygons.iter().flat_map(|polygon| polygon.iter());
    if rings.filter_map(Value::as_array).map(Vec::len).sum::<usize>() > MAX_VERTICES {
        return Err(Problem::new(problem::QUERY_TOO_EXPENSIVE)
            .pointer("/polygon")
            .detail(format!("at most {MAX_VERTICES} vertices; simplify the polygon")));
    }
    if polygons.is_empty() {
        return Err(refused_polygon("geometry-ring", "a MultiPolygon has at least one polygon"));
    }
    polygons.into_iter().map(|rings| read_polygon(rings)).collect()
}

fn read_polygon(rings: &[Value]) -> Result<Rings, Problem> {
    let refuse = refused_polygon;
    let mut read = Vec::with_capacity(rings.len());
    for ring in rings {
        let points: Option<Vec<(f64, f64)>> = ring.as_array().and_then(|ring| {
            ring.iter().map(|point| position(point.as_array().and_then(|point| numbers(point.get(..2)?)).as_deref())).collect()
        });
        let points = points.ok_or_else(|| refuse("coordinate-range", "positions are [longitude, latitude] in degrees"))?;
        if points.len() < 4 || points.first() != points.last() {
            return Err(refuse("geometry-ring", "a ring has at least four positions and ends where it begins"));
        }
        read.push(points);
    }
    if read.is_empty() { Err(refuse("geometry-ring", "a polygon has at least one ring")) } else { Ok(read) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(body: Value, expected: Result<Area, &str>) {
        let Value::Object(map) = body else { panic!("the case is an object") };
        let got = read(Fields::new(map), "parcels").map(|query| query.area);
        assert_eq!(got.as_ref().map_err(Problem::slug), expected.as_ref().map_err(|slug| *slug));
    }

    #[test]
    fn places_are_read_and_impossible_ones_refused() {
        check(json!({ "point": [113.3, 23.1] }), Ok(Area::Point { lon: 113.3, lat: 23.1 }));
        check(json!({ "point": [113.3, 23.1], "radius_m": 500 }), Ok(Area::Radius { lon: 113.3, lat: 23.1, radius_m: 500.0 }));
        check(json!({ "point": [113.3, 23.1], "nearest": 3 }), Ok(Area::Nearest { lon: 113.3, lat: 23.1, k: 3 }));
        check(json!({ "bbox": [113, 23, 114, 24] }), Ok(Area::Bbox { west: 113.0, south: 23.0, east: 114.0, north: 24.0 }));
        check(json!({ "bbox": [170, 23, -170, 24] }), Ok(Area::Bbox { west: 170.0, south: 23.0, east: -170.0, north: 24.0 }));
        check(json!({}), Ok(Area::Everywhere));
        check(json!({ "point": [23.1, 113.3] }), Err("coordinate-order-suspected"));
        check(json!({ "point": [1e300, 2] }), Err("coordinate-range"));
        check(json!({ "point": ["113.3", "23.1"] }), Err("coordinate-range"));
        check(json!({ "bbox": [113, 24, 114, 23] }), Err("bbox-invalid"));
        check(json!({ "bbox": [113, 24, 114] }), Err("bbox-invalid"));
        check(json!({ "bbox": "113,23,114,24" }), Err("bbox-invalid"));
        check(json!({ "radius_m": 5 }), Err("required"));
        check(json!({ "point": [113, 23], "radius_m": -1 }), Err("value-invalid"));
        check(json!({ "point": [113, 23], "bbox": [1, 2, 3, 4] }), Err("value-invalid"));
        check(json!({ "polygon": { "type": "polygon", "coordinates": [] } }), Err("geojson-invalid"));
        check(json!({ "polygon": { "type": "Polygon", "coordinates": [[[113, 23], [114, 23], [114, 24]]] } }), Err("geometry-ring"));
        let ring = json!([[113, 23], [114, 23], [114, 24], [113, 23]]);
        let triangle = vec![vec![(113.0, 23.0), (114.0, 23.0), (114.0, 24.0), (113.0, 23.0)]];
        let of = |kind: &str, coordinates: Value| json!({ "polygon": { "type": kind, "coordinates": coordinates } });
        check(of("Polygon", json!([ring])), Ok(Area::Polygons(vec![triangle.clone()])));
        check(of("MultiPolygon", json!([[ring], [ring]])), Ok(Area::Polygons(vec![triangle.clone(), triangle])));
        check(of("MultiPolygon", json!([])), Err("geometry-ring"));
        check(of("MultiPolygon", json!([[]])), Err("geometry-ring"));
        check(of("MultiPolygon", json!([3])), Err("geojson-invalid"));
        let many = vec![json!([113, 23]); MAX_VERTICES + 1];
        check(of("MultiPolygon", json!([[many.clone()], [ring]])), Err("query-too-expensive"));
        check(json!({ "polygon": { "type": "Polygon", "coordinates": [many] } }), Err("query-too-expensive"));
    }
}
