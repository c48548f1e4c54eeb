//! Where is the API described, and what does a problem type mean?

use std::sync::{Arc, LazyLock};

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use utoipa_swagger_ui::Config;

use super::Answer;
use crate::openapi;
use crate::parameters::{NoParameters, Query};
use crate::problem::{self, Problem, SORTS};

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

/// What a problem type means.
pub(crate) async fn problem_type(request: HttpRequest, _: Query<NoParameters>) -> Answer<HttpResponse> {
    let slug = request.match_info().query("slug");
    let sort = SORTS
        .iter()
        .find(|sort| sort.slug == slug)
        .ok_or_else(|| Problem::new(problem::NOT_FOUND).detail("codes of records are listed in docs/reason-codes.md of the manual"))?;
    Ok(HttpResponse::Ok().json(json!({ "type": format!("/problems/{slug}"), "title": sort.title, "status": sort.status })))
}
