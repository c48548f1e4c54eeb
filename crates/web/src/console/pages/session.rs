//! How do people sign in and out?

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{Page, see};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::{Language, render};
use crate::desk::Desk;
use crate::gate::{PURPOSE_COOKIE, session_cookie};
use crate::handlers::sessions;
use crate::parameters::{Given, Parameters, Query, encode};
use crate::problem::{self, Problem};
use crate::state::State;

/// What personal data is read for (使用目的): the word in the trace, in Chinese and English.
const PURPOSES: &[(&str, &str, &str)] = &[
    ("data-stewardship", "数据治理", "data stewardship"),
    ("public-service", "公共服务", "public service"),
    ("inspection", "监督检查", "inspection"),
];

/// The sign-in page.
#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    f: Frame,
    /// Whether name or password was wrong just now.
    failed: bool,
    /// Where one goes on.
    next: String,
    /// The word and the title of each purpose there is.
    purposes: Vec<(String, String)>,
}

/// Where one goes on after signing in.
pub(crate) struct Asked {
    next: String,
}

impl Parameters for Asked {
    const NAMES: &'static [&'static str] = &["next"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        Ok(Self { next: page_of_ours(given.text("next").unwrap_or("/")).to_owned() })
    }
}

/// The sign-in page that leads back to the page that was asked for; what was sent with a form is not sent again.
pub(crate) fn address_for(request: &HttpRequest) -> String {
    let asked = request.uri().path_and_query().map_or("/", |asked| asked.as_str());
    if *request.method() == Method::GET && asked != "/" { format!("/sign-in?next={}", encode(asked)) } else { "/sign-in".to_owned() }
}

/// An address within this service, or the first page: what stands in a link must not lead elsewhere.
fn page_of_ours(address: &str) -> &str {
    let second = address.as_bytes().get(1);
    let within = address.starts_with('/') && !matches!(second, Some(b'/' | b'\\')) && !address.contains(char::is_control);
    if within { address } else { "/" }
}

/// The sign-in page.
pub(crate) async fn form(request: HttpRequest, state: web::Data<State>, Query(Asked { next }): Query<Asked>) -> HttpResponse {
    let f = Frame::open(&request);
    let purposes = purposes(&state, f.l).await;
    render(StatusCode::OK, &SignInPage { purposes, failed: false, next, f })
}

/// The purposes that are registered for any department; those every installation begins with are told in both languages.
async fn purposes(state: &web::Data<State>, l: Language) -> Vec<(String, String)> {
    let registry = state.registry.clone();
    let registered = web::block(move || registry.purposes()).await.ok().and_then(Result::ok).unwrap_or_default();
    let mut found: Vec<(String, String)> = Vec::new();
    for purpose in registered {
        let title = PURPOSES.iter().find(|(word, ..)| *word == purpose.code).map_or(purpose.title, |(_, zh, en)| l.say(zh, en).to_owned());
        if found.iter().all(|(word, _)| *word != purpose.code) {
            found.push((purpose.code, title));
        }
    }
    // The usual one first: it is chosen unless another is.
    found.sort_by_key(|(word, _)| word != PURPOSES[0].0);
    found
}

/// Signs in: the session goes into a cookie that scripts cannot read.
pub(crate) async fn sign_in(request: HttpRequest, state: web::Data<State>, form: Form) -> Page {
    let known = purposes(&state, Language::of(&request)).await;
    let purpose =
        known.iter().map(|(word, _)| word.as_str()).find(|word| *word == form.text("purpose")).unwrap_or(PURPOSES[0].0).to_owned();
    let code = Some(form.text("code").to_owned()).filter(|code| !code.is_empty());
    let session = match sessions::open(&state, &request, form.text("name").to_owned(), form.text("password").to_owned(), code).await {
        Ok(session) => session,
        Err(problem) if problem.slug() == problem::SIGN_IN_FAILED.slug => {
            let page =
                SignInPage { f: Frame::open(&request), failed: true, next: page_of_ours(form.text("next")).to_owned(), purposes: known };
            return Ok(render(StatusCode::UNAUTHORIZED, &page));
        }
        Err(problem) => return Err(problem),
    };
    let cookie = |name, value: String| {
        Cookie::build(name, value)
            .path("/")
            .http_only(true)
            .same_site(SameSite::Strict)
            .secure(state.secure_cookies)
            .max_age(Duration::hours(8))
            .finish()
    };
    let mut answer = see(page_of_ours(form.text("next")));
    for cookie in [cookie(session_cookie(state.secure_cookies), session.token), cookie(PURPOSE_COOKIE, purpose)] {
        answer.add_cookie(&cookie).map_err(|_| Problem::new(problem::INTERNAL))?;
    }
    Ok(answer)
}

/// Signs out.
pub(crate) async fn sign_out(request: HttpRequest, desk: Desk) -> Page {
    sessions::close(&desk, &request).await?;
    let mut answer = see("/sign-in");
    let secure = desk.state().secure_cookies;
    for name in [session_cookie(secure), PURPOSE_COOKIE] {
        let mut gone = Cookie::build(name, "").path("/").secure(secure).finish();
        gone.make_removal();
        // An empty cookie always fits a header.
        let _ = answer.add_cookie(&gone);
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_led_back_to_pages_of_this_service_alone() {
        for (address, expected) in [
            ("/reviews?kind=person", "/reviews?kind=person"),
            ("", "/"),
            ("//elsewhere.example", "/"),
            ("/\\elsewhere.example", "/"),
            ("https://elsewhere.example", "/"),
            ("/reviews\r\nSet-Cookie: a=b", "/"),
        ] {
            assert_eq!(page_of_ours(address), expected, "{address}");
        }
    }
}
