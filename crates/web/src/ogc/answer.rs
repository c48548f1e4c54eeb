//! In which form is a resource answered?

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use jiku_ogc::{Link, MediaType};
use serde_json::Value;

use super::map_desk::base;
use super::pages;
use crate::accept;
use crate::parameters::{Given, invalid};
use crate::problem::Problem;

/// The forms of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// JSON, whatever its media type.
    Json,
    /// A page for people.
    Html,
}

/// The form a caller wants: `f` says so, else `Accept`. Programs that take anything get JSON.
pub(crate) fn form(request: &HttpRequest, given: &Given<'_>) -> Result<Form, Problem> {
    match given.text("f") {
        Some("json" | "geojson") => Ok(Form::Json),
        Some("html") => Ok(Form::Html),
        Some(_) => Err(invalid("f", "json or html")),
        None => Ok(accepted_form(request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or(""))),
    }
}

fn accepted_form(accept: &str) -> Form {
    let offered = ["application/json", "application/geo+json", "application/schema+json", "text/html"];
    if accept::prefers(accept, &offered) == Some("text/html") { Form::Html } else { Form::Json }
}

/// A link of a document.
pub(crate) fn link(href: &str, rel: &str, media_type: MediaType, title: &str) -> Link {
    Link::new(href, rel, media_type, title)
}

/// What an answer depends on beside its address: its form, and who asks. Callers with a key see more.
pub(crate) const VARY: &str = "Accept, Authorization";

/// A small document.
pub(crate) fn document(media_type: &str, body: &Value) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, media_type.to_owned()))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::VARY, VARY))
        .body(body.to_string())
}

/// A small document in the form that is wanted: for people a page with its links, and the whole as text.
pub(crate) fn told(request: &HttpRequest, given: &Given<'_>, media_type: &str, title: &str, body: &Value) -> Result<HttpResponse, Problem> {
    Ok(match form(request, given)? {
        Form::Json => document(media_type, body),
        Form::Html => pages::answer(pages::document(&base(request), title, body)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_get_json_and_browsers_pages() {
        for (accept, expected) in [
            ("", Form::Json),
            ("*/*", Form::Json),
            ("application/json", Form::Json),
            ("application/geo+json, application/json", Form::Json),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Form::Html),
        ] {
            assert_eq!(accepted_form(accept), expected, "{accept}");
        }
    }
}
