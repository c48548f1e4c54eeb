//! How do people sign in and out?

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{Page, see};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::{Language, render};
use crate::desk::Desk;
use crate::gate::{PURPOSE_COOKIE, session_cookie};
use crate::handlers::sessions;
use crate::parameters::{NoParameters, Query};
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
    /// The word and the title of each purpose there is.
    purposes: Vec<(String, String)>,
}

/// The sign-in page.
pub(crate) async fn form(request: HttpRequest, state: web::Data<State>, _: Query<NoParameters>) -> HttpResponse {
    let f = Frame::open(&request);
    let purposes = purposes(&state, f.l).await;
    render(StatusCode::OK, &SignInPage { purposes, failed: false, f })
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
    let session = match sessions::open(&state, form.text("name").to_owned(), form.text("password").to_owned(), code).await {
        Ok(session) => session,
        Err(problem) if problem.slug() == problem::SIGN_IN_FAILED.slug => {
            let page = SignInPage { f: Frame::open(&request), failed: true, purposes: known };
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
    let mut answer = see("/");
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
