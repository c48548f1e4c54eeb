//! What do people see in a browser?
//!
//! Pages made on the server from the same use cases as the API; they work without scripts, and ask nothing of any other
//! host. The language follows the switch, then `Accept-Language`, then Chinese.

pub(crate) mod assets;
mod difference;
mod form;
mod language;
pub(crate) mod pages;
mod query;
pub(crate) mod vendor;
mod views;
mod waterfall;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use askama::Template;

pub(crate) use language::Language;

use crate::problem::Problem;

/// The policy of a page: everything from here, nothing inline.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page that says what went wrong.
#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage<'a> {
    l: Language,
    who: Option<&'a str>,
    status: u16,
    title: &'a str,
    detail: &'a str,
}

/// A refusal for people: those who are not signed in go to the sign-in page.
pub(crate) fn refusal(request: &HttpRequest, problem: &Problem) -> HttpResponse {
    let status = problem.status_code();
    if status == StatusCode::UNAUTHORIZED {
        return HttpResponse::SeeOther().insert_header((header::LOCATION, "/sign-in")).finish();
    }
    let page = RefusalPage {
        l: Language::of(request),
        who: None,
        status: status.as_u16(),
        title: problem.title(),
        detail: problem.told().unwrap_or_default(),
    };
    render(status, &page)
}

/// A page as an answer.
pub(crate) fn render(status: StatusCode, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(html) => HttpResponse::build(status)
            .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
            .insert_header((header::CONTENT_SECURITY_POLICY, CSP))
            .insert_header((header::REFERRER_POLICY, "same-origin"))
            .body(html),
        Err(error) => {
            tracing::error!(%error, "a page could not be made");
            HttpResponse::InternalServerError().finish()
        }
    }
}
