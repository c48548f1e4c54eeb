//! How are parcels drawn?
//!
//! A MapLibre style (version 8) that draws the tiles: colours by land-use class of GB/T 21010-2017, borders, parcel codes
//! where there is room for them, and the number of parcels by cell where single ones are too small.

use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::answer::{document, told};
use super::map_desk::base;
use super::tiles::{MAX_ZOOM, tile_template};
use crate::handlers::Answer;
use crate::parameters::Given;
use crate::problem::{self, Problem};

/// First-level classes with the colour of each.
pub(crate) const LAND_USES: [(&str, &str); 12] = [
    ("01", "#f5e6a3"),
    ("02", "#d6e39a"),
    ("03", "#8fbf7f"),
    ("04", "#c3e0a6"),
    ("05", "#e8837a"),
    ("06", "#b59a8c"),
    ("07", "#f2c48d"),
    ("08", "#e7a3c2"),
    ("09", "#9aa58c"),
    ("10", "#c9c9c9"),
    ("11", "#9cc9e3"),
    ("12", "#e4dccf"),
];

/// The styles there are.
pub(crate) async fn list(request: HttpRequest) -> Answer<HttpResponse> {
    let given = Given::parse(request.query_string(), &["f"])?;
    let base = base(&request);
    told(
        &request,
        &given,
        "application/json",
        "样式 Styles",
        &json!({
            "default": "parcels",
            "styles": [{ "id": "parcels", "title": "宗地 Parcels", "links": [
                { "href": format!("{base}/styles/parcels"), "rel": "stylesheet", "type": "application/vnd.mapbox.style+json" },
            ] }],
            "links": [{ "href": format!("{base}/styles"), "rel": "self", "type": "application/json" }],
        }),
    )
}

/// One style.
pub(crate) async fn one(request: HttpRequest) -> Answer<HttpResponse> {
    Given::parse(request.query_string(), &["f"])?;
    if request.match_info().query("style") != "parcels" {
        return Err(Problem::new(problem::NOT_FOUND).detail("the style is called parcels"));
    }
    Ok(document("application/vnd.mapbox.style+json", &style(&base(&request))))
}

fn style(base: &str) -> Value {
    let mut colour = vec![json!("match"), json!(["slice", ["get", "land_use"], 0, 2])];
    for (class, shade) in LAND_USES {
        colour.extend([json!(class), json!(shade)]);
    }
    colour.push(json!("#dddddd"));
    json!({
        "version": 8,
        "name": "宗地 Parcels",
        "sources": { "parcels": {
            "type": "vector", "tiles": [tile_template(base)], "minzoom": 0, "maxzoom": MAX_ZOOM, "attribution": "Jiku",
        } },
        "layers": [
            { "id": "background", "type": "background", "paint": { "background-color": "#f7f5f0" } },
            { "id": "parcel-density", "type": "fill", "source": "parcels", "source-layer": "parcel-density", "paint": {
                "fill-color": ["interpolate", ["linear"], ["ln", ["max", 1, ["get", "count"]]], 0, "#efe9dc", 4, "#d9b98a", 8, "#a8683f"],
                "fill-opacity": 0.8, "fill-antialias": false,
            } },
            { "id": "parcel-fill", "type": "fill", "source": "parcels", "source-layer": "parcels", "paint": {
                "fill-color": ["case", ["has", "land_use"], colour, "#dddddd"], "fill-opacity": 0.7,
            } },
            { "id": "parcel-border", "type": "line", "source": "parcels", "source-layer": "parcels", "minzoom": 13, "paint": {
                "line-color": "#6b5b4b", "line-width": ["interpolate", ["linear"], ["zoom"], 13, 0.2, 16, 0.8, 19, 1.6],
            } },
            { "id": "parcel-code", "type": "symbol", "source": "parcels", "source-layer": "parcels", "minzoom": 17, "layout": {
                "text-field": ["get", "parcel_code"], "text-size": 11, "text-font": ["Noto Sans Regular"],
            }, "paint": { "text-color": "#3d342a", "text-halo-color": "#ffffff", "text-halo-width": 1.2 } },
        ],
    })
}
