//! Is it alive, is it ready, how is it doing?

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde_json::json;

use super::Answer;
use crate::parameters::{NoParameters, Query};
use crate::problem::{self, Problem};
use crate::state::State;

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "service", responses((status = 200, description = "alive")))]
pub(crate) async fn healthz(_: Query<NoParameters>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// Requests can be answered now: the indexes are built, the database answers, the server is not stopping.
#[utoipa::path(get, path = "/readyz", tag = "service", responses((status = 200, description = "ready"), (status = 503, description = "not now")))]
pub(crate) async fn readyz(state: web::Data<State>, _: Query<NoParameters>) -> Answer<HttpResponse> {
    if state.is_stopping() {
        return Err(Problem::new(problem::UNAVAILABLE).detail("the server is stopping"));
    }
    let registry = state.registry.clone();
    let position =
        web::block(move || registry.ready().map(|()| registry.position())).await.map_err(|_| Problem::new(problem::UNAVAILABLE))??;
    Ok(HttpResponse::Ok().json(json!({ "status": "ready", "position": position })))
}

/// Counters for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "service", responses((status = 200, body = String, content_type = "text/plain")))]
pub(crate) async fn metrics(state: web::Data<State>, _: Query<NoParameters>) -> Answer<HttpResponse> {
    let registry = state.registry.clone();
    let stats = web::block(move || registry.stats()).await.map_err(|_| Problem::new(problem::UNAVAILABLE))??;
    let mut figures = Vec::new();
    for (name, read) in GAUGES {
        for kind in &stats.kinds {
            figures.push((format!("{name}{{kind=\"{}\"}}", kind.kind), read(kind)));
        }
    }
    figures.push(("jiku_change_position".to_owned(), exact(u64::try_from(stats.position).unwrap_or_default())));
    for (alarm, raised) in state.registry.alarm_counts() {
        figures.push((format!("jiku_alarms{{alarm=\"{}\"}}", alarm.as_str()), exact(raised)));
    }
    let figures: Vec<(&str, f64)> = figures.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "text/plain; version=0.0.4")).body(state.metrics.text(&figures)))
}

type Gauge = fn(&jiku_registry::KindStats) -> f64;

const GAUGES: &[(&str, Gauge)] = &[
    ("jiku_records", |kind| exact(kind.records)),
    ("jiku_entities", |kind| exact(kind.entities)),
    ("jiku_open_reviews", |kind| exact(kind.open_reviews)),
    ("jiku_index_bytes", |kind| exact(kind.memory_bytes)),
];

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
const fn exact(count: u64) -> f64 {
    count as f64
}
