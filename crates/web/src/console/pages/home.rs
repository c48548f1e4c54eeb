//! How are the three bases?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_registry::{JobState, JobView, KindStats};

use super::Page;
use crate::console::frame::Frame;
use crate::console::plots::{self, Bar, Days};
use crate::console::{render, words};
use crate::desk::Desk;
use crate::parameters::{NoParameters, Query};
use crate::permission::Right;

/// The days of the picture of what came in.
const DAYS: usize = 14;
/// The jobs shown.
const JOBS: usize = 8;

/// The first page: the state of the three bases.
#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    f: Frame,
    bases: Vec<Base>,
    days: Days,
    position: String,
    jobs: Vec<JobLine>,
}

/// One base.
struct Base {
    title: &'static str,
    entities: String,
    bars: Vec<Bar>,
    /// How many of a hundred records speak of an entity that another record told of before.
    duplicates: String,
}

/// The part of the page that moves by itself.
#[derive(Template)]
#[template(path = "jobs.html")]
struct JobsPart {
    f: Frame,
    jobs: Vec<JobLine>,
}

/// An import.
struct JobLine {
    name: String,
    kind: &'static str,
    state: &'static str,
    /// `good`, `bad` or `info`: the look of the state.
    class: &'static str,
    running: bool,
    rows: String,
    linked: String,
    review: String,
    rejected: String,
    updated_at: String,
}

/// The first page.
pub(crate) async fn show(request: HttpRequest, desk: Desk, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let (stats, days, jobs) = desk.run(|registry, _| Ok((registry.stats()?, registry.activity(DAYS)?, registry.jobs(JOBS)?))).await?;
    let page = HomePage {
        bases: stats.kinds.iter().map(|stats| base(&f, stats)).collect(),
        days: plots::days(f.l, &days),
        position: f.l.count(u64::try_from(stats.position).unwrap_or_default()),
        jobs: jobs.into_iter().map(|job| line(&f, job)).collect(),
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

/// The jobs alone, for the page that asks again while one runs.
pub(crate) async fn jobs(request: HttpRequest, desk: Desk, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let jobs = desk.run(|registry, _| registry.jobs(JOBS)).await?;
    let page = JobsPart { jobs: jobs.into_iter().map(|job| line(&f, job)).collect(), f };
    Ok(render(StatusCode::OK, &page))
}

fn base(f: &Frame, stats: &KindStats) -> Base {
    let reviews = f.may(Right::SeeReviews);
    let way = |address: String| reviews.then_some(address);
    let kind = stats.kind;
    let rows = vec![
        (f.say("来源记录", "source records").to_owned(), stats.records, "quiet", None),
        (f.say("黄金记录", "golden records").to_owned(), stats.entities, "for", f.searches().then(|| "/search".to_owned())),
        (f.say("发现重复", "duplicates found").to_owned(), stats.duplicates, "blue", way(format!("/decisions?kind={kind}"))),
        (f.say("待审任务", "tasks waiting").to_owned(), stats.open_reviews, "accent", way(format!("/reviews?kind={kind}"))),
    ];
    Base {
        title: words::base(f.l, kind),
        entities: f.l.count(stats.entities),
        bars: plots::bars(f.l, rows),
        duplicates: f.l.percent(plots::share(stats.duplicates, stats.records)),
    }
}

fn line(f: &Frame, job: JobView) -> JobLine {
    let class = match job.state {
        JobState::Running => "info",
        JobState::Finished => "good",
        JobState::TooManyRowErrors | JobState::Failed => "bad",
    };
    JobLine {
        name: job.name,
        kind: words::base(f.l, job.kind),
        state: words::word(f.l, job.state.as_str()),
        class,
        running: job.state == JobState::Running,
        rows: f.l.count(job.progress.rows),
        linked: f.l.count(job.progress.linked),
        review: f.l.count(job.progress.review),
        rejected: f.l.count(job.progress.rejected),
        updated_at: f.l.moment(job.updated_at),
    }
}
