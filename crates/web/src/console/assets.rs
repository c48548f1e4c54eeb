//! Which files do the pages need?
//!
//! Few, ours, and inside the binary; their address carries a stamp of what is in them, so that a browser may keep them for
//! good and still sees a new one at once.

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

use crate::problem::{self, Problem};

const FILES: &[(&str, &str, &[u8])] = &[
    ("console.css", "text/css; charset=utf-8", include_bytes!("../../assets/console.css")),
    ("console.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/console.js")),
    ("jiku.svg", "image/svg+xml", include_bytes!("../../assets/jiku.svg")),
];

static STAMP: LazyLock<String> = LazyLock::new(|| {
    let mut digest = Sha256::new();
    for (.., bytes) in FILES {
        digest.update(bytes);
    }
    digest.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
});

/// What stands for the contents of all files: another one when any of them has changed.
pub(crate) fn stamp() -> &'static str {
    &STAMP
}

/// A file of the pages.
pub(crate) async fn file(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let name = request.match_info().query("file");
    let (_, media_type, bytes) = FILES.iter().find(|(known, ..)| *known == name).ok_or_else(|| Problem::new(problem::NOT_FOUND))?;
    let keep = if request.query_string().ends_with(stamp()) { "public, max-age=31536000, immutable" } else { "no-cache" };
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, *media_type)).insert_header((header::CACHE_CONTROL, keep)).body(*bytes))
}
