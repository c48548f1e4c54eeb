//! How are vector tiles asked for (OGC 20-057), and what is told about them (TileJSON 3.0)?
//!
//! A tile shows the parcels of this moment: an edit is in the next answer. Its entity tag is a digest of its bytes, so a
//! client's copy stays good exactly as long as nothing in it changed.

use std::sync::Arc;

use super::answer::{document, told};
use super::items::{is_interval, time_of};
use super::map_desk::{MapDesk, base};
use crate::handlers::Answer;
use crate::parameters::{Given, invalid};
use crate::precondition;
use crate::problem::{self, Problem};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use jiku_registry::MapTile;
use jiku_spatial::tile::TileAddress;
use serde_json::{Value, json};

/// The deepest level that is made; clients draw deeper ones from it.
pub(crate) const MAX_ZOOM: u8 = 18;
const SET: &str = "WebMercatorQuad";
const SET_URI: &str = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";
const VECTOR_TILE: &str = "application/vnd.mapbox-vector-tile";

/// Where the tiles of all parcels are, in the order zoom, column, row.
pub(crate) fn tile_template(base: &str) -> String {
    format!("{base}/tiles/{{z}}/{{x}}/{{y}}.mvt")
}

fn set_template(tileset: &str) -> String {
    format!("{tileset}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?f=mvt")
}

/// A tile by the words of the standard: tile matrix, row, column.
pub(crate) async fn by_row(desk: MapDesk, request: HttpRequest) -> Answer<HttpResponse> {
    known_collection(&request)?;
    known_set(&request)?;
    answer(&desk, &request, "row", "column").await
}

/// A tile by the template of most clients: zoom, column, row.
pub(crate) async fn by_column(desk: MapDesk, request: HttpRequest) -> Answer<HttpResponse> {
    answer(&desk, &request, "y", "x").await
}

async fn answer(desk: &MapDesk, request: &HttpRequest, row: &str, column: &str) -> Answer<HttpResponse> {
    let given = Given::parse(request.query_string(), &["f", "datetime", "as_of"])?;
    if given.text("f").is_some_and(|form| !matches!(form, "mvt" | "pbf" | VECTOR_TILE)) {
        return Err(invalid("f", "mvt"));
    }
    let number = |name: &str| {
        let text = request.match_info().query(name);
        text.strip_suffix(".mvt").or_else(|| text.strip_suffix(".pbf")).unwrap_or(text).parse::<u32>().ok()
    };
    let (zoom, column, row) = (number("zoom"), number(column), number(row));
    let address = zoom.zip(column).zip(row).and_then(|((zoom, column), row)| TileAddress::new(u8::try_from(zoom).ok()?, column, row));
    let address = address.filter(|address| address.parts().0 <= MAX_ZOOM).ok_or_else(|| {
        Problem::new(problem::NOT_FOUND).detail(format!("{SET} has levels 0 to {MAX_ZOOM}; a level z has rows and columns 0 to 2^z - 1"))
    })?;
    if is_interval(&given) {
        return Err(invalid("datetime", "one date or one RFC 3339 date and time: a tile shows the parcels of one day"));
    }
    let (moment, days) = time_of(&given)?;
    if moment.is_some() || days.is_some() {
        let asked = desk.clone();
        let draw = move || {
            let view = asked.parcels_at(moment, days)?;
            let over = moment.filter(|_| days.is_none()).and_then(chrono::DateTime::from_timestamp_micros).map(jiku_model::civil_day);
            Ok(asked.registry().draw_tile(&view, address, over))
        };
        let tile = desk.run(draw).await?;
        return Ok(whole(desk, request, &Arc::new(tile)));
    }
    // A tile of a few thousand parcels takes a millisecond; the first levels count them all.
    let tile = if address.parts().0 >= INLINE_FROM {
        desk.registry().parcel_tile(desk.actor(), address)?
    } else {
        let (state, actor) = (desk.clone(), desk.actor().cloned());
        desk.run(move || Ok(state.registry().parcel_tile(actor.as_ref(), address)?)).await?
    };
    Ok(whole(desk, request, &tile))
}

/// From this level on a tile is made at once and not on a thread of its own.
const INLINE_FROM: u8 = 15;

fn whole(desk: &MapDesk, request: &HttpRequest, tile: &Arc<MapTile>) -> HttpResponse {
    let tag = format!("{:016x}", tile.digest);
    let quoted = HeaderValue::from_str(&format!("\"{tag}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"\""));
    let status = if precondition::caller_has(request, &tag) {
        StatusCode::NOT_MODIFIED
    } else if tile.bytes.is_empty() {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::OK
    };
    let mut answer = HttpResponse::build(status);
    answer.insert_header((header::ETAG, quoted)).insert_header((header::CACHE_CONTROL, desk.cache_control()));
    if status != StatusCode::OK {
        return answer.finish();
    }
    answer.insert_header((header::CONTENT_TYPE, VECTOR_TILE));
    answer.body(Bytes::from_owner(TileBytes(Arc::clone(tile))))
}

/// The bytes of a tile that the cache holds too.
struct TileBytes(Arc<MapTile>);

impl AsRef<[u8]> for TileBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0.bytes
    }
}

/// The tile sets there are: of the collection, or of everything.
pub(crate) async fn list(desk: MapDesk, request: HttpRequest) -> Answer<HttpResponse> {
    known_collection(&request)?;
    let given = Given::parse(request.query_string(), &["f"])?;
    let tileset = tileset_address(&request);
    let parent = tileset.trim_end_matches(&format!("/{SET}")).to_owned();
    let summary = json!({
        "title": "宗地 Parcels", "dataType": "vector", "crs": "http://www.opengis.net/def/crs/EPSG/0/3857", "tileMatrixSetURI": SET_URI,
        "links": [
            { "href": tileset, "rel": "self", "type": "application/json" },
            { "href": set_template(&tileset), "rel": "item", "type": VECTOR_TILE, "templated": true },
        ],
    });
    desk.parcels()?;
    told(
        &request,
        &given,
        "application/json",
        "瓦片 Tiles",
        &json!({ "links": [{ "href": parent, "rel": "self", "type": "application/json" }], "tilesets": [summary] }),
    )
}

/// A tile set: its levels, limits and layers, or TileJSON when that is asked for.
pub(crate) async fn set(desk: MapDesk, request: HttpRequest) -> Answer<HttpResponse> {
    known_collection(&request)?;
    known_set(&request)?;
    let given = Given::parse(request.query_string(), &["f"])?;
    match given.text("f") {
        Some("tilejson") => return tilejson(&desk, &request),
        Some("json" | "html") | None => {}
        Some(_) => return Err(invalid("f", "json, html or tilejson")),
    }
    let base = base(&request);
    let tileset = tileset_address(&request);
    let extent = desk.parcels()?.places().extent().map_or([-180.0, -90.0, 180.0, 90.0], |extent| extent.degrees());
    let [west, south, east, north] = extent;
    let layer = |id: &str, about: &str, properties: Value| {
        json!({
            "id": id, "dataType": "vector", "geometryDimension": 2, "description": about, "propertiesSchema": { "type": "object", "properties": properties },
        })
    };
    told(
        &request,
        &given,
        "application/json",
        "瓦片 Tiles",
        &json!({
            "title": "宗地 Parcels", "dataType": "vector", "crs": "http://www.opengis.net/def/crs/EPSG/0/3857", "tileMatrixSetURI": SET_URI,
            "boundingBox": { "lowerLeft": [west, south], "upperRight": [east, north], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84" },
            "tileMatrixSetLimits": limits(extent),
            "layers": [
                layer("parcels", "parcels one by one", json!({ "id": { "type": "string" }, "parcel_code": { "type": "string" }, "land_use": { "type": "string" } })),
                layer("parcel-density", "how many parcels lie in a cell, where single ones are too small", json!({ "count": { "type": "integer" } })),
            ],
            "links": [
                { "href": tileset, "rel": "self", "type": "application/json" },
                { "href": format!("{tileset}?f=tilejson"), "rel": "describedby", "type": "application/json", "title": "TileJSON" },
                { "href": format!("{base}/tileMatrixSets/{SET}"), "rel": "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", "type": "application/json" },
                { "href": set_template(&tileset), "rel": "item", "type": VECTOR_TILE, "templated": true },
            ],
        }),
    )
}

/// TileJSON of all parcels.
pub(crate) async fn tile_json(desk: MapDesk, request: HttpRequest) -> Answer<HttpResponse> {
    Given::parse(request.query_string(), &["f"])?;
    tilejson(&desk, &request)
}

fn tilejson(desk: &MapDesk, request: &HttpRequest) -> Answer<HttpResponse> {
    let extent = desk.parcels()?.places().extent().map_or([-180.0, -85.0, 180.0, 85.0], |extent| extent.degrees());
    let [west, south, east, north] = extent;
    Ok(document(
        "application/json",
        &json!({
            "tilejson": "3.0.0", "name": "parcels", "scheme": "xyz", "tiles": [tile_template(&base(request))],
            "minzoom": 0, "maxzoom": MAX_ZOOM, "bounds": extent, "center": [west.midpoint(east), south.midpoint(north), 14],
            "vector_layers": [
                { "id": "parcels", "minzoom": 0, "maxzoom": MAX_ZOOM, "fields": {
                    "id": "canonical id, from level 14 on", "parcel_code": "parcel code, from level 14 on", "land_use": "class of GB/T 21010-2017",
                } },
                { "id": "parcel-density", "minzoom": 0, "maxzoom": MAX_ZOOM, "fields": { "count": "number of parcels in the cell" } },
            ],
        }),
    ))
}

/// Rows and columns of each level that hold something.
fn limits([west, south, east, north]: [f64; 4]) -> Vec<Value> {
    let Some(extent) = jiku_spatial::BoundingBox::from_degrees(west, south, east, north) else { return Vec::new() };
    let corner = |point, zoom| TileAddress::touched(&jiku_spatial::BoundingBox { min: point, max: point }, zoom).next();
    let level = |zoom: u8| {
        let (_, least_column, most_row) = corner(extent.min, zoom)?.parts();
        let (_, most_column, least_row) = corner(extent.max, zoom)?.parts();
        Some(json!({
            "tileMatrix": zoom.to_string(), "minTileRow": least_row, "maxTileRow": most_row.max(least_row), "minTileCol": least_column,
            "maxTileCol": most_column.max(least_column),
        }))
    };
    (0..=MAX_ZOOM).filter_map(level).collect()
}

/// The tile matrix sets there are.
pub(crate) async fn matrix_sets(request: HttpRequest) -> Answer<HttpResponse> {
    let given = Given::parse(request.query_string(), &["f"])?;
    let href = format!("{}/tileMatrixSets/{SET}", base(&request));
    told(
        &request,
        &given,
        "application/json",
        "瓦片矩阵集 Tile matrix sets",
        &json!({ "tileMatrixSets": [{ "id": SET, "title": "Google Maps Compatible for the World", "uri": SET_URI, "links": [{ "href": href, "rel": "self", "type": "application/json" }] }] }),
    )
}

/// The matrix set of web maps (OGC 17-083r4, annex D.1).
pub(crate) async fn matrix_set(request: HttpRequest) -> Answer<HttpResponse> {
    let given = Given::parse(request.query_string(), &["f"])?;
    known_set(&request)?;
    const SIDE: f64 = 20_037_508.342_789_244;
    let matrices: Vec<Value> = (0..=MAX_ZOOM)
        .map(|zoom| {
            let count = 1_u32 << zoom;
            let cell = 2.0 * SIDE / 256.0 / f64::from(count);
            json!({
                "id": zoom.to_string(), "scaleDenominator": cell / 0.000_28, "cellSize": cell, "pointOfOrigin": [-SIDE, SIDE],
                "tileWidth": 256, "tileHeight": 256, "matrixWidth": count, "matrixHeight": count,
            })
        })
        .collect();
    told(
        &request,
        &given,
        "application/json",
        "瓦片矩阵集 Tile matrix set",
        &json!({
            "id": SET, "title": "Google Maps Compatible for the World", "uri": SET_URI, "crs": "http://www.opengis.net/def/crs/EPSG/0/3857",
            "orderedAxes": ["X", "Y"], "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible", "tileMatrices": matrices,
        }),
    )
}

fn tileset_address(request: &HttpRequest) -> String {
    let base = base(request);
    match request.match_info().get("collection") {
        Some(_) => format!("{base}/collections/parcels/tiles/{SET}"),
        None => format!("{base}/tiles/{SET}"),
    }
}

fn known_collection(request: &HttpRequest) -> Result<(), Problem> {
    match request.match_info().get("collection") {
        None | Some("parcels") => Ok(()),
        Some(_) => Err(Problem::new(problem::NOT_FOUND).detail("tiles are made of the collection parcels")),
    }
}

fn known_set(request: &HttpRequest) -> Result<(), Problem> {
    if request.match_info().query("set") == SET {
        Ok(())
    } else {
        Err(Problem::new(problem::NOT_FOUND).detail(format!("tiles are made in the tile matrix set {SET}")))
    }
}
