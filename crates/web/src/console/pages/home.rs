//! How are the three bases?

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use chrono::NaiveDate;
use jiku_registry::{DayCount, JobState, JobView, KindQuality, KindStats};

use super::Page;
use crate::console::frame::Frame;
use crate::console::plots::{self, Bar, Day, Days};
use crate::console::queue::Queue;
use crate::console::{Language, render, words};
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
    /// Whether review tasks wait that this steward took, or was given.
    mine: bool,
    /// Whether the reader reaches every entity: figures of the whole are for no others.
    whole: bool,
    bases: Vec<Base>,
    /// Records that came in, and entities that changed.
    received: Days,
    changed: Days,
    position: String,
    /// None for those who follow no imports.
    jobs: Option<Vec<JobLine>>,
    departments: Vec<Department>,
}

/// What a department sends, over all bases.
struct Department {
    name: String,
    /// To its largest source.
    address: String,
    records: String,
    /// Doubtful records and filled fields: as text, and as a length of a hundred.
    flagged: (String, f64),
    filled: (String, f64),
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
    /// Rows a second, while it runs.
    pace: String,
    rows: String,
    linked: String,
    review: String,
    rejected: String,
    updated_at: String,
}

/// The first page.
pub(crate) async fn show(request: HttpRequest, desk: Desk, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let state = desk.state().clone();
    let follows = f.may(Right::Follow);
    let decides = f.may(Right::Steward);
    let (mine, stats, days, jobs, quality) = desk
        .run(move |registry, actor| {
            let jobs = follows.then(|| registry.jobs(actor, JOBS)).transpose()?;
            let own = Queue { mine: true, ..Queue::default() };
            let mine = decides && registry.next_review(actor, &own.filter(actor, 1, None))?.is_some();
            Ok((mine, registry.recent_stats(), registry.activity(DAYS)?, jobs, state.recent_quality()?))
        })
        .await?;
    let sees_log = f.may(Right::Audit);
    let changed: Vec<Day> = days
        .iter()
        .map(|day| Day { day: day.day, number: day.changes, address: sees_log.then(|| format!("/office/audit?before={}", day.until)) })
        .collect();
    let page = HomePage {
        mine,
        whole: desk.reaches_all().is_ok(),
        bases: stats.kinds.iter().map(|stats| base(&f, stats)).collect(),
        received: plots::days(f.l, &received(&quality.kinds, &days)),
        changed: plots::days(f.l, &changed),
        position: f.l.count(u64::try_from(stats.position).unwrap_or_default()),
        // Who may send nothing, and sees nobody else's imports, is not told to begin one.
        jobs: jobs.filter(|jobs| !jobs.is_empty() || f.may(Right::Submit)).map(|jobs| jobs.into_iter().map(|job| line(&f, job)).collect()),
        departments: departments(f.l, &quality.kinds),
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

/// How many records came in on each of these days, of all departments and bases; what was sent again since counts on its latest day.
fn received(kinds: &[KindQuality], days: &[DayCount]) -> Vec<Day> {
    let mut sums: BTreeMap<NaiveDate, u64> = BTreeMap::new();
    for period in kinds.iter().flat_map(|base| &base.sources).flat_map(|source| &source.periods) {
        *sums.entry(period.from).or_default() += period.records;
    }
    let of_day = |day: &DayCount| sums.get(&day.day).copied().unwrap_or_default();
    days.iter().map(|day| Day { day: day.day, number: of_day(day), address: Some("/office".to_owned()) }).collect()
}

/// Sums by department, those with the most doubtful records first; doubts are few, so they are drawn against the worst.
fn departments(l: Language, kinds: &[KindQuality]) -> Vec<Department> {
    #[derive(Default)]
    struct Sum {
        records: u64,
        flagged: u64,
        filled: u64,
        cells: u64,
        largest: u64,
        address: String,
    }
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    for base in kinds {
        for source in base.sources.iter().filter(|source| source.records > 0) {
            let name = if source.source.department.is_empty() { &source.source.name } else { &source.source.department };
            let sum = sums.entry(name.clone()).or_default();
            let used = source.fields.iter().filter(|field| field.filled > 0).count() as u64;
            sum.records += source.records;
            sum.flagged += source.flagged;
            sum.filled += source.fields.iter().map(|field| field.filled).sum::<u64>();
            sum.cells += used * source.records;
            if source.records > sum.largest {
                sum.largest = source.records;
                sum.address = format!("/office?kind={}&source={}#detail", base.kind, source.source.code);
            }
        }
    }
    let worst = sums.values().map(|sum| plots::share(sum.flagged, sum.records)).fold(0.01, f64::max);
    let mut lines: Vec<(f64, Department)> = sums
        .into_iter()
        .map(|(name, sum)| {
            let (flagged, filled) = (plots::share(sum.flagged, sum.records), plots::share(sum.filled, sum.cells));
            let line = Department {
                name,
                address: sum.address,
                records: l.count(sum.records),
                flagged: (l.percent(flagged), flagged / worst * 100.0),
                filled: (l.percent(filled), filled * 100.0),
            };
            (flagged, line)
        })
        .collect();
    lines.sort_by(|one, other| other.0.total_cmp(&one.0));
    lines.into_iter().map(|(_, line)| line).collect()
}

/// The jobs alone, for the page that asks again while one runs.
pub(crate) async fn jobs(request: HttpRequest, desk: Desk, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let jobs = desk.run(|registry, actor| registry.jobs(actor, JOBS)).await?;
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
        (f.say("发现重复", "duplicates found").to_owned(), stats.duplicates, "blue", Some(format!("/office#{kind}"))),
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
        pace: f.l.count(job.progress.rows / u64::try_from((job.updated_at - job.started_at).num_seconds()).unwrap_or(0).max(1)),
        rows: f.l.count(job.progress.rows),
        linked: f.l.count(job.progress.linked),
        review: f.l.count(job.progress.review),
        rejected: f.l.count(job.progress.rejected),
        updated_at: f.l.day_and_hour(job.updated_at),
    }
}
