//! What do people see in a browser?
//!
//! Pages made on the server from the same use cases as the API; they work without scripts, and ask nothing of any other
//! host. The language follows the switch, then `Accept-Language`, then Chinese.
//!
//! `pages` has one room per page; the rooms beside it are the furniture they share.

pub(crate) mod assets;
mod clauses;
mod difference;
mod form;
mod frame;
mod language;
pub(crate) mod modules;
mod outcome;
pub(crate) mod pages;
mod plots;
mod query;
mod queue;
mod reasons;
mod refusal;
mod shapes;
mod ties;
mod values;
pub(crate) mod vendor;
mod waterfall;
mod words;

use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use askama::Template;

pub(crate) use language::Language;
pub use reasons::reason_in_chinese;

use crate::gate::Caller;
use crate::problem::{self, Problem};
use frame::Frame;

/// The policy of a page: everything from here, nothing inline.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page that says what went wrong.
#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage<'a> {
    f: Frame,
    status: u16,
    happened: &'a str,
    to_do: &'a str,
    /// What is wrong in particular, in the language of the page.
    details: Vec<String>,
    /// The sentence of the API, where the page speaks another language and has no words of its own for it.
    english: &'a str,
    request: String,
    /// Whether the page asks again by itself, because the service will be back.
    again: bool,
}

/// A refusal for people: those who are not signed in go to the sign-in page, those who need a second factor to where it is made.
pub(crate) fn refusal(request: &HttpRequest, problem: &Problem, id: &str) -> HttpResponse {
    let status = problem.status_code();
    if status == StatusCode::UNAUTHORIZED {
        return HttpResponse::SeeOther().insert_header((header::LOCATION, pages::session::address_for(request))).finish();
    }
    // The account page is where a second factor is set up.
    if problem.slug() == problem::SECOND_FACTOR_REQUIRED.slug {
        return HttpResponse::SeeOther().insert_header((header::LOCATION, "/account")).finish();
    }
    lost(request, problem, id)
}

/// Whether a person with a browser asks, and nothing that is made for programs.
pub(crate) fn is_wanted(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    let programs = ["/api/", "/ogc", "/assets/"].iter().any(|start| request.path().starts_with(start));
    *request.method() == Method::GET && accepted.contains("text/html") && !programs
}

/// A page that says what went wrong, also to those who are not signed in.
pub(crate) fn lost(request: &HttpRequest, problem: &Problem, id: &str) -> HttpResponse {
    let status = problem.status_code();
    let caller = request.extensions().get::<Caller>().cloned();
    let f = caller.map_or_else(|| Frame::open(request), |caller| Frame::around(request, &caller.actor));
    let (happened, to_do) = refusal::advice(f.l, problem, status.as_u16());
    let details = refusal::details(f.l, problem);
    let page = RefusalPage {
        status: status.as_u16(),
        happened,
        to_do,
        english: problem.told().filter(|_| details.is_empty()).unwrap_or_default(),
        details,
        request: id.to_owned(),
        // What was sent is not sent again by itself.
        again: status == StatusCode::SERVICE_UNAVAILABLE && *request.method() == Method::GET,
        f,
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
