//! Which collections are there, and what may be asked of them?

use actix_web::{HttpRequest, HttpResponse};
use jiku_ogc::MediaType;
use serde_json::{Value, json};

use super::answer::{Form, document, form, link};
use super::map_desk::{MapDesk, base};
use super::{pages, properties, systems};
use crate::handlers::Answer;
use crate::parameters::Given;
use crate::problem::{self, Problem};

/// Refuses the path of a collection that is not there.
pub(crate) fn known(request: &HttpRequest) -> Result<(), Problem> {
    match request.match_info().get("collection") {
        None | Some("parcels") => Ok(()),
        Some(_) => Err(Problem::new(problem::NOT_FOUND).detail("there is no such collection; /ogc/collections lists them")),
    }
}

/// Every collection.
pub(crate) async fn list(desk: MapDesk, request: HttpRequest) -> Answer<HttpResponse> {
    let given = Given::parse(request.query_string(), &["f"])?;
    let base = base(&request);
    let collection = described(&desk, &base)?;
    if form(&request, &given)? == Form::Html {
        return Ok(pages::answer(pages::collections(&base, &collection)));
    }
    let links = json!([
        link(&format!("{base}/collections"), "self", MediaType::Json, "集合 Collections"),
        link(&format!("{base}/collections?f=html"), "alternate", MediaType::Html, "集合 Collections"),
    ]);
    Ok(document("application/json", &json!({ "links": links, "crs": systems::offered(), "collections": [collection] })))
}

/// One collection.
pub(crate) async fn one(desk: MapDesk, request: HttpRequest) -> Answer<HttpResponse> {
    known(&request)?;
    let given = Given::parse(request.query_string(), &["f"])?;
    let base = base(&request);
    let collection = described(&desk, &base)?;
    if form(&request, &given)? == Form::Html {
        return Ok(pages::answer(pages::collections(&base, &collection)));
    }
    Ok(document("application/json", &collection))
}

fn described(desk: &MapDesk, base: &str) -> Result<Value, Problem> {
    let view = desk.parcels()?;
    let extent = view.places().extent().map(|extent| extent.degrees());
    let own = format!("{base}/collections/parcels");
    let mut told = json!({
        "id": "parcels", "title": "宗地 Parcels",
        "description": "现行宗地，不含权利人。Current land parcels, without right holders.",
        "itemType": "feature", "crs": systems::offered(), "storageCrs": systems::STORAGE,
        "links": [
            link(&own, "self", MediaType::Json, "宗地 Parcels"),
            link(&format!("{own}?f=html"), "alternate", MediaType::Html, "宗地 Parcels"),
            link(&format!("{own}/items"), "items", MediaType::GeoJson, "宗地要素 Items as GeoJSON"),
            link(&format!("{own}/items?f=html"), "items", MediaType::Html, "宗地要素 Items as HTML"),
            link(&format!("{own}/queryables"), "http://www.opengis.net/def/rel/ogc/1.0/queryables", MediaType::Schema, "可查询属性 Queryables"),
            link(&format!("{own}/sortables"), "http://www.opengis.net/def/rel/ogc/1.0/sortables", MediaType::Schema, "可排序属性 Sortables"),
            link(&format!("{own}/schema"), "http://www.opengis.net/def/rel/ogc/1.0/schema", MediaType::Schema, "结构 Schema"),
            link(&format!("{own}/schema"), "describedby", MediaType::Schema, "结构 Schema"),
            link(&format!("{own}/tiles"), "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", MediaType::Json, "瓦片 Tiles"),
        ],
    });
    if let Some(extent) = extent {
        told["extent"] = json!({ "spatial": { "bbox": [extent], "crs": systems::CRS84 } });
    }
    Ok(told)
}

/// What filters may speak of.
pub(crate) async fn queryables(desk: MapDesk, request: HttpRequest) -> Answer<HttpResponse> {
    schema(&desk, &request, "queryables")
}

/// What features hold.
pub(crate) async fn returnables(desk: MapDesk, request: HttpRequest) -> Answer<HttpResponse> {
    schema(&desk, &request, "schema")
}

fn schema(desk: &MapDesk, request: &HttpRequest, name: &str) -> Answer<HttpResponse> {
    known(request)?;
    Given::parse(request.query_string(), &["f"])?;
    let address = format!("{}/collections/parcels/{name}", base(request));
    let schema = properties::schema(desk.actor().is_some(), &address, "宗地 Parcels");
    Ok(document(MediaType::Schema.as_str(), &schema))
}

/// What pages may be sorted by.
pub(crate) async fn sortables(desk: MapDesk, request: HttpRequest) -> Answer<HttpResponse> {
    known(&request)?;
    Given::parse(request.query_string(), &["f"])?;
    let address = format!("{}/collections/parcels/sortables", base(&request));
    let mut schema = properties::schema(desk.actor().is_some(), &address, "宗地 Parcels");
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.retain(|name, _| name != "geometry");
    }
    Ok(document(MediaType::Schema.as_str(), &schema))
}
