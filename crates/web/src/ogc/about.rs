//! What does the service say of itself: landing page, conformance, functions, description?

use actix_web::{HttpRequest, HttpResponse};
use jiku_ogc::{MediaType, conformance};
use serde_json::json;

use super::answer::{Form, document, form, link, told};
use super::map_desk::base;
use super::{description, pages};
use crate::handlers::Answer;
use crate::parameters::Given;

/// Every conformance class that is claimed: each has its requirements in the tests.
pub(crate) fn classes() -> Vec<&'static str> {
    let mut classes = [conformance::COMMON, conformance::FEATURES, conformance::CRS, conformance::FILTERING, conformance::CQL2].concat();
    classes.extend(conformance::TRANSACTIONS);
    classes.extend(conformance::SCHEMAS_AND_SORTING);
    classes.extend(conformance::TILES);
    classes
}

/// The way in.
pub(crate) async fn landing(request: HttpRequest) -> Answer<HttpResponse> {
    let given = Given::parse(request.query_string(), &["f"])?;
    let base = base(&request);
    if form(&request, &given)? == Form::Html {
        return Ok(pages::answer(pages::landing(&base)));
    }
    Ok(document(
        "application/json",
        &json!({
            "title": "基库 · 宗地 Jiku parcels",
            "description": "宗地基础数据：要素、过滤与矢量瓦片。Land parcels: features, filters and vector tiles.",
            "links": [
                link(&base, "self", MediaType::Json, "本页 This document"),
                link(&format!("{base}/?f=html"), "alternate", MediaType::Html, "本页 This document as HTML"),
                link(&format!("{base}/api"), "service-desc", MediaType::OpenApi, "接口描述 API description"),
                link(&format!("{base}/api?f=html"), "service-doc", MediaType::Html, "接口说明 API documentation"),
                link(&format!("{base}/conformance"), "conformance", MediaType::Json, "符合性 Conformance"),
                link(&format!("{base}/conformance"), "http://www.opengis.net/def/rel/ogc/1.0/conformance", MediaType::Json, "符合性 Conformance"),
                link(&format!("{base}/collections"), "data", MediaType::Json, "集合 Collections"),
                link(&format!("{base}/functions"), "http://www.opengis.net/def/rel/ogc/1.0/functions", MediaType::Json, "函数 Functions"),
                link(&format!("{base}/tiles"), "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", MediaType::Json, "瓦片 Tiles"),
                link(&format!("{base}/tileMatrixSets"), "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes", MediaType::Json, "瓦片矩阵集 Tile matrix sets"),
                link(&format!("{base}/styles"), "http://www.opengis.net/def/rel/ogc/1.0/styles", MediaType::Json, "样式 Styles"),
            ],
        }),
    ))
}

/// The conformance classes.
pub(crate) async fn conformance(request: HttpRequest) -> Answer<HttpResponse> {
    let given = Given::parse(request.query_string(), &["f"])?;
    if form(&request, &given)? == Form::Html {
        return Ok(pages::answer(pages::conformance(&base(&request), &classes())));
    }
    Ok(document("application/json", &json!({ "conformsTo": classes() })))
}

/// The functions of filters.
pub(crate) async fn functions(request: HttpRequest) -> Answer<HttpResponse> {
    let given = Given::parse(request.query_string(), &["f"])?;
    let argument = |title: &str, kind: &str| json!({ "title": title, "type": [kind] });
    let function = |name: &str, description: &str, last: serde_json::Value| {
        json!({
            "name": name, "description": description, "returns": ["boolean"],
            "arguments": [argument("geometry", "geometry"), argument("point", "geometry"), last],
        })
    };
    told(
        &request,
        &given,
        "application/json",
        "函数 Functions",
        &json!({ "functions": [
            function("dwithin", "the parcel lies at most so many metres from the point, measured over the ellipsoid to its boundary; at most 100000", argument("metres", "number")),
            function("nearest", "the parcel is among the so many nearest to the point by distance to the boundary; at most 1000", argument("count", "number")),
        ] }),
    )
}

/// The description of the API.
pub(crate) async fn api(request: HttpRequest) -> Answer<HttpResponse> {
    let given = Given::parse(request.query_string(), &["f"])?;
    let base = base(&request);
    if form(&request, &given)? == Form::Html {
        return Ok(pages::answer(pages::api(&base, &description::document(&base))));
    }
    Ok(document(MediaType::OpenApi.as_str(), &description::document(&base)))
}
