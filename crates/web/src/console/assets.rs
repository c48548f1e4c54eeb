//! Which files do the pages need?
//!
//! Few, ours, and inside the binary; their address carries the version, so that a browser may keep them.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};

use crate::problem::{self, Problem};

const FILES: &[(&str, &str, &str)] = &[
    ("console.css", "text/css; charset=utf-8", include_str!("../../assets/console.css")),
    ("console.js", "text/javascript; charset=utf-8", include_str!("../../assets/console.js")),
    ("jiku.svg", "image/svg+xml", include_str!("../../assets/jiku.svg")),
];

/// A file of the pages.
pub(crate) async fn file(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let name = request.match_info().query("file");
    let (_, media_type, text) = FILES.iter().find(|(known, ..)| *known == name).ok_or_else(|| Problem::new(problem::NOT_FOUND))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, *media_type))
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"))
        .body(*text))
}
