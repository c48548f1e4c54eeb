//! Who am I here, and with what do I sign in?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_registry::RegistryError;

use super::office::accounts::role_word;
use super::{Page, see};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::render;
use crate::desk::Desk;
use crate::handlers::sessions;
use crate::parameters::{NoParameters, Query};
use crate::problem::{self, Problem};

/// One's own account.
#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    f: Frame,
    roles: String,
    requests: String,
    entities: String,
    persons: String,
    protected: bool,
    enrolment: Option<Enrolment>,
}

/// A second factor on its way: told on this page alone, kept once a code of it is given.
struct Enrolment {
    secret: String,
    /// In groups of four, to be typed.
    grouped: String,
    uri: String,
    failed: bool,
}

/// One's own account.
pub(crate) async fn show(request: HttpRequest, desk: Desk, _: Query<NoParameters>) -> Page {
    page(&request, &desk, None).await
}

async fn page(request: &HttpRequest, desk: &Desk, enrolment: Option<Enrolment>) -> Page {
    let f = Frame::of(request, desk);
    let (usage, own) = desk
        .run(|registry, actor| {
            let own = registry.list_principals()?.into_iter().find(|known| known.name == actor.principal);
            Ok((registry.own_usage(actor), own))
        })
        .await?;
    let page = AccountPage {
        roles: desk.actor().roles.iter().map(|role| role_word(f.l, *role)).collect::<Vec<_>>().join(f.l.say("、", ", ")),
        requests: f.l.count(usage.requests),
        entities: f.l.count(usage.entities),
        persons: f.l.count(usage.persons),
        protected: own.is_some_and(|own| own.second_factor),
        enrolment,
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

/// Begins with a second factor, or confirms it by a code.
pub(crate) async fn act(request: HttpRequest, desk: Desk, form: Form) -> Page {
    let enrol = |secret: String, failed: bool| {
        let pieces: Vec<String> = secret.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect();
        let uri = sessions::otpauth(&desk.actor().principal, &secret);
        Some(Enrolment { grouped: pieces.join(" "), uri, secret, failed })
    };
    match form.text("act") {
        "begin" => {
            let secret = desk.run(|registry, _| registry.new_second_factor()).await?;
            page(&request, &desk, enrol(secret, false)).await
        }
        "confirm" => {
            let (secret, code) = (form.text("secret").to_owned(), form.text("code").to_owned());
            let proof = Some(form.text("proof").to_owned()).filter(|proof| !proof.is_empty());
            let given = secret.clone();
            let kept = desk
                .run(move |registry, actor| match registry.set_second_factor(actor, &given, &code, proof.as_deref()) {
                    Ok(()) => Ok(true),
                    Err(RegistryError::Invalid(_)) => Ok(false),
                    Err(error) => Err(error),
                })
                .await?;
            if kept { Ok(see("/account")) } else { page(&request, &desk, enrol(secret, true)).await }
        }
        _ => Err(Problem::new(problem::VALUE_INVALID).detail("act is begin or confirm")),
    }
}
