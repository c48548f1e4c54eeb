//! How is the language of the pages changed?

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};

use super::see;
use crate::console::{Language, language};

/// The language switch: a cookie, and back to where one was.
pub(crate) async fn switch(request: HttpRequest) -> HttpResponse {
    let code = request.match_info().query("code");
    let here = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let referer = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or("");
    let back = referer
        .split_once("://")
        .and_then(|(_, rest)| rest.strip_prefix(here))
        .filter(|path| path.starts_with('/') && !path.starts_with("//"));
    let mut answer = see(back.unwrap_or("/"));
    if Language::parse(code).is_some() {
        let cookie = Cookie::build(language::COOKIE, code.to_owned())
            .path("/")
            .same_site(SameSite::Lax)
            .http_only(true)
            .max_age(Duration::days(365))
            .finish();
        // The cookie is made of two letters we know: it always fits a header.
        let _ = answer.add_cookie(&cookie);
    }
    answer
}
