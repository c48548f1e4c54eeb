//! Which scripts and sheets do single pages need?
//!
//! They are JavaScript modules that import each other by their names, so they lie under one address that carries a stamp of all of
//! them: a browser may keep them for good and still sees a new one at once.

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

use crate::problem::{self, Problem};

macro_rules! files {
    ($($folder:literal / $name:literal,)*) => {
        &[$(($name, include_bytes!(concat!("../../assets/", $folder, "/", $name)))),*]
    };
}

const FILES: &[(&str, &[u8])] = files! {
    "map" / "api.mjs",
    "map" / "choose.mjs",
    "map" / "edit.mjs",
    "map" / "geometry.mjs",
    "map" / "labels.mjs",
    "map" / "language.mjs",
    "map" / "main.mjs",
    "map" / "map.css",
    "map" / "overlay.mjs",
    "map" / "shapefile.mjs",
    "map" / "sketch.mjs",
    "map" / "style.mjs",
    "files" / "columns.mjs",
    "files" / "csv.mjs",
    "files" / "files.css",
    "files" / "import.mjs",
    "files" / "match.mjs",
};

static STAMP: LazyLock<String> = LazyLock::new(|| {
    let mut digest = Sha256::new();
    FILES.iter().for_each(|(_, bytes)| digest.update(bytes));
    digest.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
});

/// The folder of all modules in an address.
pub(crate) fn folder() -> String {
    format!("/assets/modules/{}", *STAMP)
}

/// A module or a sheet.
pub(crate) async fn file(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (stamp, name) = (request.match_info().query("stamp"), request.match_info().query("file"));
    let (_, bytes) = FILES.iter().find(|(known, _)| *known == name).ok_or_else(|| Problem::new(problem::NOT_FOUND))?;
    let media_type = if name.ends_with(".css") { "text/css; charset=utf-8" } else { "text/javascript; charset=utf-8" };
    let keep = if stamp == *STAMP { "public, max-age=31536000, immutable" } else { "no-cache" };
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, media_type)).insert_header((header::CACHE_CONTROL, keep)).body(*bytes))
}
