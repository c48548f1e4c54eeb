//! How is the API of maps described (OpenAPI 3.0.3)?
//!
//! Apart from the description of `/api/v1`, because GIS programs read it: parameters stand where they are used, nothing is
//! referred to elsewhere, and the server's address is absolute.

use jiku_ogc::cql2::Queryable;
use serde_json::{Map, Value, json};

use super::collections::Collection;
use super::divisions::PROPERTIES;
use super::edits;
use super::items::{LIMIT, MOST};
use super::properties;
use super::systems;
use crate::permission::Right;
use crate::routes::{Face, ROUTES};

/// The description, with this server.
pub(crate) fn document(base: &str) -> Value {
    let mut paths = Map::new();
    for entry in ROUTES.iter().filter(|entry| entry.face == Face::Map) {
        for collection in Collection::ALL.into_iter().filter(|collection| has(*collection, entry.method, entry.path)) {
            let path = entry.path.strip_prefix("/ogc").unwrap_or(entry.path).replace("{collection}", collection.id());
            let path = if path.is_empty() { "/".to_owned() } else { path };
            let Value::Object(operation) = operation(entry.method, &path, entry.right) else { continue };
            let methods = paths.entry(path).or_insert_with(|| json!({}));
            methods[entry.method.to_ascii_lowercase()] = Value::Object(operation);
        }
    }
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "Jiku 基库: parcels", "version": env!("CARGO_PKG_VERSION"), "license": { "name": "Apache-2.0" },
            "description": "Land parcels as OGC API – Features, with edits, and Tiles. Nothing here is personal data.",
        },
        "servers": [{ "url": base }],
        "paths": paths,
        "components": { "securitySchemes": {
            "bearer": { "type": "http", "scheme": "bearer", "description": "an API key" },
            "basic": { "type": "http", "scheme": "basic", "description": "any user name, an API key as password" },
        } },
    })
}

/// Whether a collection answers at an address; what is none's own is told once.
fn has(collection: Collection, method: &str, path: &str) -> bool {
    match collection {
        Collection::Parcels => true,
        _ if !path.contains("{collection}") || method != "GET" || path.contains("/tiles") => false,
        Collection::History => true,
        Collection::Divisions => !path.ends_with("/sortables"),
    }
}

fn operation(method: &str, path: &str, right: Right) -> Value {
    let mut parameters: Vec<Value> = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            let schema = if matches!(name, "zoom" | "row" | "column" | "x" | "y") { "integer" } else { "string" };
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": schema } })
        })
        .collect();
    if method == "GET" {
        parameters.extend(query_parameters(path));
    } else {
        parameters.extend(edit_headers(method));
    }
    let media_type = match path {
        _ if path.ends_with("/items") || path.ends_with("/items/{id}") => "application/geo+json",
        _ if ["/queryables", "/sortables", "/schema"].iter().any(|end| path.ends_with(end)) => "application/schema+json",
        "/api" => "application/vnd.oai.openapi+json;version=3.0",
        _ if path.ends_with("{column}") || path.ends_with("{y}") => "application/vnd.mapbox-vector-tile",
        _ => "application/json",
    };
    let schema = if media_type.ends_with("tile") { json!({ "type": "string", "format": "binary" }) } else { json!({ "type": "object" }) };
    let mut content = Map::new();
    content.insert(media_type.to_owned(), json!({ "schema": schema }));
    let is_for_programs = path.ends_with(".json") || path.starts_with("/styles/") || media_type.ends_with("tile");
    if method == "GET" && !is_for_programs {
        content.insert("text/html".to_owned(), json!({ "schema": { "type": "string" } }));
    }
    let problem = |description: &str| {
        json!({ "description": description, "content": { "application/problem+json": { "schema": {
            "type": "object", "properties": { "type": { "type": "string" }, "title": { "type": "string" }, "status": { "type": "integer" }, "detail": { "type": "string" } },
        } } } })
    };
    let name: String = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let security = match right {
        Right::Open => json!([]),
        Right::EditParcels => json!([{ "bearer": [] }, { "basic": [] }]),
        _ => json!([{ "bearer": [] }, { "basic": [] }, {}]),
    };
    let mut operation = json!({
        "operationId": format!("{}{name}", method.to_ascii_lowercase()),
        "summary": path,
        "parameters": parameters,
        "security": security,
        "responses": {
            "400": problem("a parameter is unknown or has a value it cannot have"),
            "401": problem("a key is needed here"),
            "404": problem("there is no such thing"),
            "default": problem("what went wrong, RFC 9457"),
        },
    });
    let (status, done) = match method {
        "POST" => ("201", json!({ "description": "the new parcel; Location has its address", "content": content })),
        "DELETE" => ("204", json!({ "description": "the parcel is no more" })),
        _ => ("200", json!({ "description": "what was asked for", "content": content })),
    };
    operation["responses"][status] = done;
    if method != "GET" {
        operation["responses"]["403"] = problem("the key is not for editing parcels");
        operation["responses"]["409"] = problem("a topology rule stands against it; `findings` tell all, with their places");
        operation["responses"]["412"] = problem("somebody has changed the parcel since");
        operation["responses"]["428"] = problem("If-Match is missing");
    }
    if let Some(media_types) = match method {
        "POST" | "PUT" => Some(edits::WHOLE),
        "PATCH" => Some(edits::CHANGE),
        _ => None,
    } {
        let content: Map<String, Value> =
            media_types.iter().map(|media_type| ((*media_type).to_owned(), json!({ "schema": { "type": "object" } }))).collect();
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    operation
}

/// The headers with which an edit is sent.
fn edit_headers(method: &str) -> Vec<Value> {
    let header = |name: &str, about: &str| json!({ "name": name, "in": "header", "required": false, "schema": { "type": "string" }, "description": about });
    let mut headers = vec![header("Prefer", "handling=dry-run: only tell what would happen, with every finding of the topology rules")];
    if method != "POST" {
        headers.push(header("If-Match", "the ETag of the feature the edit was made on"));
    }
    if method != "DELETE" {
        headers.push(header("Content-Crs", "the system of the coordinates in the body, a URI in angle brackets; CRS84 unless told"));
    }
    headers
}

/// Whether features are answered there.
fn is_about_items(path: &str) -> bool {
    path.ends_with("/items") || path.ends_with("/items/{id}")
}

fn query_parameters(path: &str) -> Vec<Value> {
    let query = |name: &str, schema: Value, about: &str| json!({ "name": name, "in": "query", "required": false, "style": "form", "explode": false, "schema": schema, "description": about });
    let text = || json!({ "type": "string" });
    let uris = || json!({ "type": "string", "format": "uri", "enum": systems::offered() });
    let mut parameters = vec![query("f", text(), "the form of the answer, in place of Accept")];
    if is_about_items(path) {
        parameters.push(query("crs", uris(), "the system of the coordinates in the answer; CRS84 unless told"));
    }
    let as_of = || query("as_of", json!({ "type": "string", "format": "date-time" }), "what was recorded at this moment");
    if path.ends_with("{column}") || path.ends_with("{y}") {
        parameters.extend([query("datetime", text(), "the parcels that stood on this day, one date or date and time"), as_of()]);
    }
    if !path.ends_with("/items") {
        return parameters;
    }
    let number = || json!({ "type": "number" });
    parameters.extend([
        query(
            "limit",
            json!({ "type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT }),
            "features of a page; more than the most counts as the most",
        ),
        query(
            "bbox",
            json!({ "type": "array", "minItems": 4, "maxItems": 6, "items": number() }),
            "features that have a point in common with the box",
        ),
        query("bbox-crs", uris(), "the system of bbox; CRS84 unless told"),
        query("datetime", text(), "parcels that stood on the day, or on any day of the interval, by valid_from and valid_to"),
        query("cursor", text(), "where the page begins; from the next link"),
    ]);
    parameters.extend([
        query("filter", text(), "a condition in CQL2"),
        query(
            "filter-lang",
            json!({ "type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text" }),
            "the encoding of filter",
        ),
        query("filter-crs", uris(), "the system of the geometries in filter; CRS84 unless told"),
    ]);
    let of_kind = |kind: Queryable| if kind == Queryable::Number { number() } else { text() };
    if path == "/collections/divisions/items" {
        parameters.extend(PROPERTIES.map(|(name, _, kind)| query(name, of_kind(kind), "divisions with this very value")));
        return parameters;
    }
    parameters.extend([
        as_of(),
        query(
            "sortby",
            json!({ "type": "array", "minItems": 1, "items": { "type": "string", "pattern": "[+|-]?[A-Za-z0-9_]+" } }),
            "properties, each with - in front to descend",
        ),
    ]);
    let collection = if path.contains("/parcel-history/") { Collection::History } else { Collection::Parcels };
    let names = properties::queryable_names(collection);
    parameters.extend(names.map(|name| query(name, of_kind(properties::kind_of(name)), "parcels with this very value")));
    parameters
}
