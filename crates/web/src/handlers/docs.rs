//! Where is the API described, and where is told what a problem type means?

use std::sync::{Arc, LazyLock};

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use utoipa_swagger_ui::Config;

use super::Answer;
use crate::accept;
use crate::openapi;
use crate::parameters::{NoParameters, Query};
use crate::problem::{self, Problem};
use crate::problem_types::{self, ProblemType};

/// The policy of the page that tries the API: its widgets set styles on elements.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

static DESCRIPTION: LazyLock<String> = LazyLock::new(openapi::json);
static SWAGGER: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    Arc::new(Config::from("/api/openapi.json").try_it_out_enabled(true).persist_authorization(false).validator_url("none"))
});

/// The description of this API, OpenAPI 3.1.
pub(crate) async fn description(_: Query<NoParameters>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(DESCRIPTION.as_str())
}

/// The page to read and try the API: all of it from this server.
pub(crate) async fn page(request: HttpRequest) -> Answer<HttpResponse> {
    let file = utoipa_swagger_ui::serve(request.match_info().query("file"), SWAGGER.clone()).map_err(|error| {
        tracing::error!(%error, "the API page cannot be made");
        Problem::new(problem::INTERNAL)
    })?;
    let file = file.ok_or_else(|| Problem::new(problem::NOT_FOUND))?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CONTENT_TYPE, file.content_type)).insert_header((header::CONTENT_SECURITY_POLICY, CSP));
    if file.gzpipped {
        answer.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    Ok(answer.body(file.bytes.into_owned()))
}

/// The same page without the slash: relative links need it.
pub(crate) async fn redirect() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/api/docs/")).finish()
}

/// The page of a problem type, or of all of them, needs no more than this.
const PROBLEMS_CSP: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Every problem type: a page for people, JSON for programs.
pub(crate) async fn problem_types(request: HttpRequest, _: Query<NoParameters>) -> HttpResponse {
    if !wants_page(&request) {
        return HttpResponse::Ok()
            .insert_header((header::VARY, "Accept"))
            .json(problem_types::problem_types().iter().map(told).collect::<Vec<_>>());
    }
    let row = |found: &ProblemType| {
        let (slug, title, advice) = (&found.slug, in_html(&found.title), in_html(&found.advice));
        format!(
            "<tr id=\"{slug}\"><td><a href=\"/problems/{slug}\"><code>{slug}</code></a></td><td>{}</td><td>{title}</td><td>{advice}</td></tr>",
            found.status
        )
    };
    let rows: String = problem_types::problem_types().iter().map(row).collect();
    problem_page(
        "Problem types",
        &format!(
            "<p>Every error is a problem (RFC 9457); its <code>type</code> is an address below this one. <a href=\"/api/docs/\">The programming \
             interface</a></p><table><thead><tr><th>type</th><th>status</th><th>what it means</th><th>what to do</th></tr></thead><tbody>{rows}</tbody></table>"
        ),
    )
}

/// What a problem type means and what to do: a page for people, JSON for programs.
pub(crate) async fn problem_type(request: HttpRequest, _: Query<NoParameters>) -> Answer<HttpResponse> {
    let slug = request.match_info().query("slug");
    let found = problem_types::problem_types().iter().find(|found| found.slug == slug);
    let found = found.ok_or_else(|| Problem::new(problem::NOT_FOUND).detail("there is no such problem type; GET /problems lists them"))?;
    if !wants_page(&request) {
        return Ok(HttpResponse::Ok().insert_header((header::VARY, "Accept")).json(told(found)));
    }
    let body = format!(
        "<dl><dt>status</dt><dd>{}</dd><dt>what it means</dt><dd>{}</dd><dt>what to do</dt><dd>{}</dd></dl><p><a href=\"/problems\">All problem types</a></p>",
        found.status,
        in_html(&found.title),
        in_html(&found.advice)
    );
    Ok(problem_page(&found.slug, &body))
}

fn told(found: &ProblemType) -> serde_json::Value {
    json!({ "type": format!("/problems/{}", found.slug), "title": found.title, "status": found.status, "advice": found.advice })
}

/// Whether a browser asks.
fn wants_page(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept::prefers(accept, &["application/json", "text/html"]) == Some("text/html")
}

fn problem_page(title: &str, body: &str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_SECURITY_POLICY, PROBLEMS_CSP))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::VARY, "Accept"))
        .body(format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
             <title>{title} · Jiku</title></head><body><h1>{title}</h1>{body}</body></html>\n"
        ))
}

/// A sentence of the list as HTML: its marks for code are those of a manual.
fn in_html(sentence: &str) -> String {
    let escaped = sentence.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let pieces = escaped.split('`').enumerate();
    pieces.map(|(at, piece)| if at % 2 == 1 { format!("<code>{piece}</code>") } else { piece.to_owned() }).collect()
}
