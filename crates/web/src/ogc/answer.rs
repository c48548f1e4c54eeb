//! In which form is a resource answered?

use actix_web::HttpResponse;
use actix_web::http::header;
use serde_json::Value;

/// A small document.
pub(crate) fn document(media_type: &str, body: &Value) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, media_type.to_owned()))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::VARY, "Accept"))
        .body(body.to_string())
}
