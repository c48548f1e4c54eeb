//! Where do parcels lie, and how are they drawn, measured and edited?

use actix_web::HttpRequest;
use actix_web::http::{StatusCode, header};
use askama::Template;
use jiku_model::Kind;
use jiku_registry::Role;
use serde_json::{Map, Value};

use super::Page;
use crate::base_map::BaseMap;
use crate::console::frame::Frame;
use crate::console::{CSP, modules, refusal, render, vendor, words};
use crate::desk::Desk;
use crate::parameters::{Given, Parameters, Query};
use crate::problem::Problem;

/// The map page; the map itself is drawn by scripts.
#[derive(Template)]
#[template(path = "map.html")]
struct MapPage<'a> {
    f: Frame,
    modules: String,
    library: &'static str,
    base_map: &'a str,
    /// Titles by column, JSON.
    columns: String,
    /// What refusals say in the language of the page, JSON by code.
    refusals: String,
    may_edit: bool,
    days: u32,
}

/// How far back the slider reaches.
const DAYS: u32 = 365;

/// Which parcel to show; the page's script reads it.
pub(crate) struct MapParameters;

impl Parameters for MapParameters {
    const NAMES: &'static [&'static str] = &["parcel"];

    fn read(_: &Given<'_>) -> Result<Self, Problem> {
        Ok(Self)
    }
}

/// The map.
pub(crate) async fn show(request: HttpRequest, desk: Desk, _: Query<MapParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let columns: Map<String, Value> = words::columns(f.l, Kind::Parcel).map(|(name, title)| (name.to_owned(), title.into())).collect();
    let base_map = desk.state().base_map.as_ref();
    let page = MapPage {
        modules: modules::folder(),
        library: vendor::MAP_LIBRARY,
        base_map: base_map.map_or("", BaseMap::template),
        columns: Value::Object(columns).to_string(),
        refusals: refusal::table(f.l),
        may_edit: desk.actor().has(Role::GisEditor),
        days: DAYS,
        f,
    };
    let mut answer = render(StatusCode::OK, &page);
    if let Some(policy) = base_map.and_then(|map| policy(map.origin()).parse().ok()) {
        answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(answer)
}

/// The policy of a page with a base map: pictures from its origin as well.
fn policy(origin: &str) -> String {
    CSP.replace("img-src 'self'", &format!("img-src 'self' {origin}"))
        .replace("connect-src 'self'", &format!("connect-src 'self' {origin}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_map_widens_the_policy_by_its_origin_alone() {
        let widened = policy("https://tiles.example");
        assert_eq!(widened.matches("https://tiles.example").count(), 2);
        assert_eq!(widened.replace(" https://tiles.example", ""), CSP);
    }
}
