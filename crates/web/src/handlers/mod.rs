//! What does each route do? One module per noun; a handler extracts, delegates and answers.

pub(crate) mod alarms;
pub(crate) mod cadastre;
pub(crate) mod changes;
pub(crate) mod check;
pub(crate) mod decisions;
pub(crate) mod docs;
pub(crate) mod emergencies;
pub(crate) mod entities;
pub(crate) mod exports;
pub(crate) mod health;
pub(crate) mod jobs;
pub(crate) mod latest;
pub(crate) mod matching;
pub(crate) mod minimal;
pub(crate) mod models;
pub(crate) mod overrides;
pub(crate) mod parcels;
pub(crate) mod preview;
pub(crate) mod proposals;
pub(crate) mod quality;
pub(crate) mod reading;
pub(crate) mod records;
pub(crate) mod resolve;
pub(crate) mod reviews;
pub(crate) mod rights;
pub(crate) mod search;
pub(crate) mod sessions;
pub(crate) mod sources;
pub(crate) mod stats;
pub(crate) mod survivorship;

use actix_web::body::BoxBody;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;

use crate::problem::Problem;

/// What a handler gives back.
pub(crate) type Answer<T> = Result<T, Problem>;

/// A body as compact JSON.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Serialize> Responder for Json<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        json(&self.0)
    }
}

/// An answer of 200 with compact JSON.
pub(crate) fn json<T: Serialize>(body: &T) -> HttpResponse {
    let mut bytes = Vec::with_capacity(1024);
    match serde_json::to_writer(&mut bytes, body) {
        Ok(()) => HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "application/json")).body(bytes),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            HttpResponse::from_error(Problem::new(crate::problem::INTERNAL))
        }
    }
}
