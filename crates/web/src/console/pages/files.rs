//! How does a person send a file: to take it in, or to have it matched?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::Kind;
use jiku_registry::{JobState, JobView};
use serde_json::{Map, Value, json};

use super::Page;
use crate::console::frame::Frame;
use crate::console::{Language, modules, reasons, refusal, render, words};
use crate::desk::Desk;
use crate::parameters::{NoParameters, Query};
use crate::permission::Right;

/// Imports that are listed.
const JOBS: usize = 12;

/// The import page.
#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    f: Frame,
    modules: String,
    /// Standard columns by kind, JSON.
    columns: String,
    /// Code and name of each source system.
    sources: Vec<(String, String)>,
    /// What the codes of problems say, JSON.
    reasons: String,
    /// What refusals say, JSON.
    refusals: String,
    jobs: Vec<JobLine>,
    may_review: bool,
}

/// The page to match a list.
#[derive(Template)]
#[template(path = "match.html")]
struct MatchPage {
    f: Frame,
    modules: String,
    columns: String,
    refusals: String,
}

/// An import.
struct JobLine {
    name: String,
    base: &'static str,
    state: &'static str,
    class: &'static str,
    running: bool,
    rows: u64,
    created: u64,
    rejected: u64,
    id: String,
    plural: &'static str,
    /// Where the rejected rows are, for who may see them.
    report: Option<String>,
    actor: String,
    moved: String,
}

/// The import page.
pub(crate) async fn import(request: HttpRequest, desk: Desk, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let (sources, jobs) = desk.run(|registry, actor| Ok((registry.list_sources()?, registry.jobs(actor, JOBS)?))).await?;
    let page = ImportPage {
        modules: modules::folder(),
        columns: standard_columns(f.l),
        reasons: reasons::table(f.l),
        refusals: refusal::table(f.l),
        sources: sources.into_iter().map(|source| (source.code.to_string(), source.name)).collect(),
        jobs: jobs.into_iter().map(|job| job_line(f.l, job)).collect(),
        may_review: f.may(Right::SeeReviews),
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

/// The page to match a list.
pub(crate) async fn match_list(request: HttpRequest, desk: Desk, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    Ok(render(StatusCode::OK, &MatchPage { modules: modules::folder(), columns: standard_columns(f.l), refusals: refusal::table(f.l), f }))
}

fn job_line(l: Language, job: JobView) -> JobLine {
    JobLine {
        base: words::base(l, job.kind),
        state: words::word(l, job.state.as_str()),
        class: match job.state {
            JobState::Finished => "good",
            JobState::Running => "info",
            JobState::TooManyRowErrors | JobState::Failed => "bad",
        },
        running: job.state == JobState::Running,
        rows: job.progress.rows,
        created: job.progress.created,
        rejected: job.progress.rejected,
        report: (job.progress.rejected > 0).then(|| format!("/api/v1/jobs/{}/rejections?limit=10000", job.id)),
        actor: job.actor,
        moved: l.moment(job.updated_at),
        id: job.id.to_string(),
        plural: job.kind.plural(),
        name: job.name,
    }
}

/// The columns a file may have, by kind: name and title.
fn standard_columns(l: Language) -> String {
    let of_kind = |kind: Kind| {
        let shared = [("source_key", l.say("来源主键", "key in the source")), ("source", l.say("来源系统", "source system"))];
        let geometry = (kind == Kind::Parcel).then(|| ("geometry", l.say("空间范围", "geometry")));
        let all = shared.into_iter().chain(words::columns(l, kind)).chain(geometry);
        Value::Array(all.map(|(name, title)| json!([name, title])).collect())
    };
    let kinds: Map<String, Value> = Kind::ALL.into_iter().map(|kind| (kind.plural().to_owned(), of_kind(kind))).collect();
    Value::Object(kinds).to_string()
}
