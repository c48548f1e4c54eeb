//! How does a person sign in and out?

use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use jiku_registry::RegistryError;

use super::{Answer, Json};
use crate::body::Body;
use crate::desk::Desk;
use crate::gate::Caller;
use crate::parameters::{self, NoParameters, Query};
use crate::problem::{self, Problem};
use crate::state::State;
use crate::wire::{SessionBody, WhoBody};

/// Name and password.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct SignInBody {
    name: String,
    password: String,
    /// The six digits of the authenticator, when the account has a second factor.
    code: Option<String>,
}

/// Opens a session; its token is sent as `Authorization: Bearer …`.
#[utoipa::path(
    post, path = "/api/v1/sessions", tag = "sessions",
    request_body = SignInBody, responses((status = 201, body = SessionBody), (status = 401, description = "name or password is wrong")),
)]
pub(crate) async fn sign_in(state: web::Data<State>, _: Query<NoParameters>, body: Body, request: HttpRequest) -> Answer<HttpResponse> {
    let mut fields = body.fields();
    let (name, password) = (fields.required_text("name"), fields.required_text("password"));
    let code = fields.text("code");
    fields.finish()?;
    let session = open(&state, &request, name, password, code).await?;
    let body = SessionBody { token: session.token, expires_at: session.expires_at, who: WhoBody::from(&session.actor) };
    Ok(HttpResponse::Created().insert_header((header::LOCATION, "/api/v1/sessions/current")).json(body))
}

/// Opens a session; a wrong name, password and code get one answer.
pub(crate) async fn open(
    state: &web::Data<State>,
    request: &HttpRequest,
    name: String,
    password: String,
    code: Option<String>,
) -> Result<jiku_registry::SignedIn, Problem> {
    let turn = state.sign_ins.turn(request.peer_addr().map(|address| address.ip())).await;
    let _turn = turn.ok_or_else(|| Problem::new(problem::TOO_MANY_REQUESTS).detail("too many sign-ins wait already; try again"))?;
    let registry = state.registry.clone();
    match web::block(move || registry.sign_in(&name, &password, code.as_deref())).await {
        Ok(Ok(session)) => Ok(session),
        Ok(Err(RegistryError::Forbidden(_) | RegistryError::NotFound { .. })) => Err(Problem::new(problem::SIGN_IN_FAILED)),
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Err(Problem::new(problem::UNAVAILABLE)),
    }
}

/// Who you are, as the service sees it.
#[utoipa::path(get, path = "/api/v1/sessions/current", tag = "sessions", responses((status = 200, body = WhoBody)))]
pub(crate) async fn current(desk: Desk, _: Query<NoParameters>) -> Answer<Json<WhoBody>> {
    Ok(Json(desk.actor().into()))
}

/// A secret for an authenticator app.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct SecondFactorBody {
    /// Base32, to type in.
    secret: String,
    /// The same for a QR code.
    uri: String,
}

/// A new secret for a second factor of your own account; nothing is kept until you confirm it.
#[utoipa::path(post, path = "/api/v1/sessions/current/second-factor", tag = "sessions", responses((status = 200, body = SecondFactorBody)))]
pub(crate) async fn new_second_factor(desk: Desk, _: Query<NoParameters>) -> Answer<Json<SecondFactorBody>> {
    let secret = desk.run(|registry, _| registry.new_second_factor()).await?;
    let uri = otpauth(&desk.actor().principal, &secret);
    Ok(Json(SecondFactorBody { secret, uri }))
}

/// How authenticators are told of a secret.
pub(crate) fn otpauth(principal: &str, secret: &str) -> String {
    format!("otpauth://totp/Jiku:{}?secret={secret}&issuer=Jiku", parameters::encode(principal))
}

/// The secret and a code of it.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct ConfirmBody {
    secret: String,
    /// The six digits that the authenticator shows now.
    code: String,
    /// Where the account has a second factor already: a code of that one, or the password.
    proof: Option<String>,
}

/// Gives your own account the second factor: from now on signing in needs a code. To put another one in its place takes a `proof`, a code of the
/// present one or the password; without a right one it is 422 `proof-invalid`, and five wrong ones shut the sign-in for 15 minutes.
#[utoipa::path(
    put, path = "/api/v1/sessions/current/second-factor", tag = "sessions",
    request_body = ConfirmBody, responses((status = 204, description = "signing in needs a code from now on")),
)]
pub(crate) async fn confirm_second_factor(desk: Desk, _: Query<NoParameters>, body: Body) -> Answer<HttpResponse> {
    let mut fields = body.fields();
    let (secret, code) = (fields.required_text("secret"), fields.required_text("code"));
    let proof = fields.text("proof");
    fields.finish()?;
    desk.run(move |registry, actor| registry.set_second_factor(actor, &secret, &code, proof.as_deref())).await?;
    desk.state().forget_tokens();
    Ok(HttpResponse::NoContent().finish())
}

/// Ends the session; its token is refused from now on. A key is revoked by an administrator instead.
#[utoipa::path(delete, path = "/api/v1/sessions/current", tag = "sessions", responses((status = 204, description = "the session has ended")))]
pub(crate) async fn sign_out(desk: Desk, _: Query<NoParameters>, request: HttpRequest) -> Answer<HttpResponse> {
    close(&desk, &request).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ends the session of this request.
pub(crate) async fn close(desk: &Desk, request: &HttpRequest) -> Result<(), Problem> {
    let token = request.extensions().get::<Caller>().map(|caller| caller.token.to_string()).unwrap_or_default();
    desk.run(move |registry, _| registry.sign_out(&token)).await?;
    desk.state().forget_tokens();
    Ok(())
}
