//! How is the API described?
//!
//! From the code: `#[utoipa::path]` above each handler says what it takes and gives; rights, purpose, path variables and
//! the problems every route can answer with are added from the route table, so that they are written once.

use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use crate::permission::{Personal, Right};
use crate::routes::{Described, Entry, Face, ROUTES};

/// The description as JSON.
#[must_use]
pub fn json() -> String {
    serde_json::to_string_pretty(&document()).unwrap_or_default()
}

/// The description.
fn document() -> Value {
    let mut document = serde_json::to_value(Described::openapi()).unwrap_or_default();
    document["info"] = json!({
        "title": "Jiku 基库",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Master data of people, legal persons and land parcels: which records speak of the same one, and what is known of it. Errors are problem details (RFC 9457): [what each type means and what to do](/problems).",
        "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
    });
    document["externalDocs"] = json!({ "url": "/problems", "description": "every problem type: what it means and what to do" });
    document["servers"] = json!([{ "url": "/" }]);
    document["components"]["securitySchemes"] = json!({
        "bearer": { "type": "http", "scheme": "bearer", "description": "an API key, the token of a session, or one that the trusted identity provider signed" },
    });
    document["components"]["schemas"]["Problem"] = problem_schema();
    document["components"]["responses"] = json!({
        "Problem": { "description": "what went wrong, RFC 9457", "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } },
    });
    for entry in ROUTES {
        if let Some(operation) = document["paths"].get_mut(entry.path).and_then(|path| path.get_mut(entry.method.to_ascii_lowercase())) {
            complete(operation, entry);
        }
    }
    document
}

/// What the route table knows of an operation.
fn complete(operation: &mut Value, entry: &Entry) {
    let mut parameters: Vec<Value> = variables(entry.path).map(variable).collect();
    if entry.personal != Personal::No {
        let required = entry.personal == Personal::Always;
        parameters.push(json!({
            "name": "Purpose-Of-Use", "in": "header", "required": required, "schema": { "type": "string" },
            "description": "what the personal data is read for (使用目的); needed for persons",
        }));
        parameters.push(json!({
            "name": "Emergency-Access", "in": "header", "required": false, "schema": { "type": "string", "format": "uuid" },
            "description": "the id of an access in an emergency, in place of the purpose",
        }));
    }
    if let Some(own) = operation.get("parameters").and_then(Value::as_array) {
        parameters.extend(own.iter().filter(|parameter| parameter["in"] != "path").cloned());
    }
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    operation["security"] = if entry.right == Right::Open { json!([]) } else { json!([{ "bearer": [] }]) };
    operation["x-right"] = entry.right.as_str().into();
    if entry.right != Right::Open {
        operation["x-roles"] = entry.right.roles().iter().map(|role| role.as_str()).collect();
    }
    operation["operationId"] = operation_id(entry).into();
    for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        if response.get("description").is_none() && response.get("$ref").is_none() {
            response["description"] = outcome(status).into();
        }
    }
    if entry.face != Face::File {
        operation["responses"]["default"] = json!({ "$ref": "#/components/responses/Problem" });
    }
}

/// The name of an operation, by its route: it is one of a kind and outlives the names of functions.
fn operation_id(entry: &Entry) -> String {
    let words = entry.path.split(['/', '-']).filter(|word| !matches!(*word, "" | "api" | "v1"));
    let words = words.map(|word| word.trim_matches(['{', '}']));
    [entry.method.to_ascii_lowercase().as_str()].into_iter().chain(words).collect::<Vec<_>>().join("_")
}

/// What a status means where a handler says no more.
fn outcome(status: &str) -> &'static str {
    match status {
        "201" => "made",
        "202" => "taken in hand; ask for it later",
        "204" => "done; there is nothing to say",
        _ => "the answer",
    }
}

/// The names in braces of a path.
fn variables(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn variable(name: &str) -> Value {
    let (schema, description) = match name {
        "kind" => (json!({ "type": "string", "enum": ["persons", "legal-persons", "parcels"] }), "the kind"),
        "id" => (json!({ "type": "string", "format": "uuid" }), "the id"),
        "source" => (json!({ "type": "string", "pattern": "^[a-z0-9_-]{1,64}$" }), "the source system's code"),
        "key" => (json!({ "type": "string", "maxLength": 256 }), "the source's own key, percent-encoded"),
        _ => (json!({ "type": "string" }), "the column"),
    };
    json!({ "name": name, "in": "path", "required": true, "schema": schema, "description": description })
}

fn problem_schema() -> Value {
    let mut properties = Map::new();
    for (name, schema) in [
        ("type", json!({ "type": "string", "description": "/problems/<slug>, stable" })),
        ("title", json!({ "type": "string" })),
        ("status", json!({ "type": "integer" })),
        ("detail", json!({ "type": "string", "description": "what to do; never the value" })),
        ("pointer", json!({ "type": "string", "description": "the place in the body, a JSON pointer" })),
        ("parameter", json!({ "type": "string" })),
        ("line", json!({ "type": "integer" })),
        ("offset", json!({ "type": "integer", "description": "the byte of the body" })),
        (
            "errors",
            json!({ "type": "array", "items": { "type": "object", "properties": { "code": { "type": "string" }, "pointer": { "type": "string" }, "advice": { "type": "string" } } } }),
        ),
    ] {
        properties.insert(name.to_owned(), schema);
    }
    json!({ "type": "object", "required": ["type", "title", "status"], "properties": properties })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_api_route_is_described_and_nothing_else() {
        let document = document();
        let mut described: Vec<String> = document["paths"]
            .as_object()
            .expect("paths")
            .iter()
            .flat_map(|(path, operations)| {
                operations.as_object().expect("operations").keys().map(move |method| format!("{} {path}", method.to_uppercase()))
            })
            .collect();
        let mut served: Vec<String> = ROUTES
            .iter()
            .filter(|entry| !matches!(entry.face, Face::Page | Face::File | Face::Map))
            .map(|entry| format!("{} {}", entry.method, entry.path))
            .collect();
        described.sort();
        served.sort();
        assert_eq!(described, served);
        assert_eq!(document["openapi"], "3.1.0");
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_and_every_answer_a_description() {
        let document = document();
        let operations =
            document["paths"].as_object().expect("paths").values().flat_map(|path| path.as_object().expect("operations").values());
        let mut names = std::collections::BTreeSet::new();
        for operation in operations {
            assert!(names.insert(operation["operationId"].as_str().expect("a name")), "{operation}");
            for response in operation["responses"].as_object().expect("answers").values() {
                assert!(response.get("description").or(response.get("$ref")).is_some(), "{operation}");
            }
        }
    }
}
