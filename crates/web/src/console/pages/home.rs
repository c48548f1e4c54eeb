//! How are the three bases?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_registry::KindStats;

use super::Page;
use crate::console::frame::Frame;
use crate::console::{render, words};
use crate::desk::Desk;
use crate::parameters::{NoParameters, Query};
use crate::permission::Right;

/// The first page: the state of the three bases.
#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    f: Frame,
    bases: Vec<Base>,
    position: i64,
    jobs: Vec<JobLine>,
    may_review: bool,
}

/// One base.
struct Base {
    title: &'static str,
    stats: KindStats,
    /// The share of records beyond the first of their entity, in per cent.
    duplicate_share: u64,
}

/// An import.
struct JobLine {
    name: String,
    kind: &'static str,
    state: &'static str,
    rows: u64,
    rejected: u64,
    updated_at: String,
}

/// The first page.
pub(crate) async fn show(request: HttpRequest, desk: Desk, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let (stats, jobs) = desk.run(|registry, _| Ok((registry.stats()?, registry.jobs(8)?))).await?;
    let bases = stats.kinds.into_iter().map(|stats| Base {
        title: words::base(f.l, stats.kind),
        duplicate_share: (stats.duplicates * 100).checked_div(stats.records).unwrap_or(0),
        stats,
    });
    let jobs = jobs.into_iter().map(|job| JobLine {
        name: job.name,
        kind: words::base(f.l, job.kind),
        state: words::word(f.l, job.state.as_str()),
        rows: job.progress.rows,
        rejected: job.progress.rejected,
        updated_at: f.l.moment(job.updated_at),
    });
    let page = HomePage { bases: bases.collect(), position: stats.position, jobs: jobs.collect(), may_review: f.may(Right::SeeReviews), f };
    Ok(render(StatusCode::OK, &page))
}
