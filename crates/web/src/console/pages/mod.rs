//! What does each page show? One room per page: its struct, its handlers, the lines it is made of.

pub(crate) mod account;
pub(crate) mod assignment;
pub(crate) mod decisions;
pub(crate) mod emergency;
pub(crate) mod files;
pub(crate) mod history;
pub(crate) mod home;
pub(crate) mod language;
pub(crate) mod map;
pub(crate) mod merge;
pub(crate) mod models;
pub(crate) mod office;
pub(crate) mod proposals;
pub(crate) mod readers;
pub(crate) mod record;
pub(crate) mod review;
pub(crate) mod reviews;
pub(crate) mod search;
pub(crate) mod session;
pub(crate) mod set_value;
pub(crate) mod split;
mod subject;
pub(crate) mod survivorship;
pub(crate) mod why;

use actix_web::HttpResponse;
use actix_web::http::header;
use jiku_model::{EntityId, Kind};
use jiku_registry::EntityView;

use crate::problem::Problem;

/// What a page answers.
type Page = Result<HttpResponse, Problem>;

/// On to another page.
fn see(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, address.to_owned())).finish()
}

/// The address of an entity's page.
fn address_of(kind: Kind, id: EntityId) -> String {
    format!("/{}/{id}", kind.plural())
}

/// The name of an entity, or what stands for it.
fn name_of(view: &EntityView) -> String {
    let value = |column| view.values.get(column).map(|value| value.value.clone());
    value("name").or_else(|| value("parcel_code")).or_else(|| value("location")).unwrap_or_else(|| view.id.to_string())
}
