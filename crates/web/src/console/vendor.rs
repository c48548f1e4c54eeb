//! Which files of others do the pages need?
//!
//! They lie in `assets/vendor` exactly as published, with a manifest of versions, licences and sums, and are inside the
//! binary: the network this runs in may have no way out. Their address carries the version, so a browser may keep them for
//! good. They are large, and compressed once, when they are first asked for.

use std::io::Write;
use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::problem::{self, Problem};

/// The folder of the map library in an address.
pub(crate) const MAP_LIBRARY: &str = "maplibre-gl-6.17.0";

/// The policy of a worker is that of its own script: the map's asks for tiles here.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'";

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Folder, file, media type, content.
const FILES: &[(&str, &str, &str, &[u8])] = &[
    (MAP_LIBRARY, "maplibre-gl.mjs", SCRIPT, include_bytes!("../../assets/vendor/maplibre-gl/maplibre-gl.mjs")),
    (MAP_LIBRARY, "maplibre-gl-worker.mjs", SCRIPT, include_bytes!("../../assets/vendor/maplibre-gl/maplibre-gl-worker.mjs")),
    (MAP_LIBRARY, "maplibre-gl.css", "text/css; charset=utf-8", include_bytes!("../../assets/vendor/maplibre-gl/maplibre-gl.css")),
    (MAP_LIBRARY, "LICENSE.txt", "text/plain; charset=utf-8", include_bytes!("../../assets/vendor/maplibre-gl/LICENSE.txt")),
];

static COMPRESSED: LazyLock<Vec<Bytes>> = LazyLock::new(|| FILES.iter().map(|(.., content)| compress(content)).collect());

/// The content in gzip; as it is when it cannot be compressed, which memory alone can prevent.
fn compress(content: &[u8]) -> Bytes {
    let mut gzip = GzEncoder::new(Vec::with_capacity(content.len() / 3), Compression::default());
    gzip.write_all(content).and_then(|()| gzip.finish()).map_or_else(|_| Bytes::new(), Bytes::from)
}

/// A file of others.
pub(crate) async fn file(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (folder, name) = (request.match_info().query("folder"), request.match_info().query("file"));
    let place = FILES.iter().position(|(known, file, ..)| *known == folder && *file == name);
    let place = place.ok_or_else(|| Problem::new(problem::NOT_FOUND))?;
    let (_, _, media_type, content) = FILES[place];
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, media_type))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::VARY, "Accept-Encoding"));
    let compressed = COMPRESSED[place].clone();
    if takes_gzip(accepted) && !compressed.is_empty() {
        return Ok(answer.insert_header((header::CONTENT_ENCODING, "gzip")).body(compressed));
    }
    Ok(answer.body(content))
}

/// Whether an `Accept-Encoding` header (RFC 9110, section 12.5.3) names gzip and does not refuse it.
fn takes_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|weight| weight.trim().parse() == Ok(0.0_f32));
        matches!(name.trim(), "gzip" | "x-gzip" | "*") && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        for (accepted, expected) in [
            ("gzip, deflate, br, zstd", true),
            ("gzip;q=0.5", true),
            ("*", true),
            ("br;q=1.0, gzip;q=0", false),
            ("identity", false),
            ("", false),
        ] {
            assert_eq!(takes_gzip(accepted), expected, "{accepted:?}");
        }
    }

    #[test]
    fn the_address_carries_the_version_of_the_manifest() {
        let manifest = include_str!("../../assets/vendor/manifest.toml");
        let version = MAP_LIBRARY.rsplit('-').next().unwrap_or_default();
        assert!(manifest.contains(&format!("version = \"{version}\"")), "{version}");
    }
}
