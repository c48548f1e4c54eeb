//! How far is an import, and which rows were refused?

use actix_web::HttpResponse;
use actix_web::http::header;
use jiku_model::JobId;

use super::{Answer, Json};
use crate::desk::Desk;
use crate::parameters::{Given, NoParameters, Parameters, Query};
use crate::place::Named;
use crate::problem::Problem;
use crate::wire::{JobBody, JobsBody, RejectionBody};

/// How many to list.
pub(crate) struct Limit(usize);

impl Parameters for Limit {
    const NAMES: &'static [&'static str] = &["limit"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        Ok(Self(given.limit(20, 100)?))
    }
}

/// The latest imports, newest first.
#[utoipa::path(
    get, path = "/api/v1/jobs", tag = "jobs",
    params(("limit" = Option<usize>, Query, description = "1 to 100; 20 when absent", minimum = 1, maximum = 100)),
    responses((status = 200, body = JobsBody)),
)]
pub(crate) async fn list(desk: Desk, Query(Limit(limit)): Query<Limit>) -> Answer<Json<JobsBody>> {
    let jobs = desk.run(move |registry, actor| registry.jobs(actor, limit)).await?;
    Ok(Json(JobsBody { jobs: jobs.into_iter().map(Into::into).collect() }))
}

/// One import and its progress.
#[utoipa::path(get, path = "/api/v1/jobs/{id}", tag = "jobs", responses((status = 200, body = JobBody)))]
pub(crate) async fn one(desk: Desk, Named(job): Named<JobId>, _: Query<NoParameters>) -> Answer<Json<JobBody>> {
    Ok(Json(desk.run(move |registry, actor| registry.job(actor, job)).await?.into()))
}

/// Which rejected rows to list.
pub(crate) struct RejectionParameters {
    after: (u64, Option<u64>),
    limit: usize,
}

impl Parameters for RejectionParameters {
    const NAMES: &'static [&'static str] = &["after_line", "after_row", "limit"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let after_line: u32 = given.value("after_line", "a line number, 0 or more")?.unwrap_or(0);
        let after_row: Option<u32> = given.value("after_row", "the `row` of a rejected row, 0 or more")?;
        Ok(Self { after: (after_line.into(), after_row.map(u64::from)), limit: given.limit(1000, 10_000)? })
    }
}

/// The rejected rows of an import, one JSON object per line, with line, problems and the row as received.
#[utoipa::path(
    get, path = "/api/v1/jobs/{id}/rejections", tag = "jobs",
    params(
        ("after_line" = Option<u32>, Query, description = "go on after this line of the file", minimum = 0, maximum = 4294967295_i64),
        ("after_row" = Option<u32>, Query, description = "with after_line: go on within that line, after its rejected row of this `row`", minimum = 0, maximum = 4294967295_i64),
        ("limit" = Option<usize>, Query, description = "1 to 10,000; 1,000 when absent", minimum = 1, maximum = 10000),
    ),
    responses((status = 200, body = RejectionBody, content_type = "application/x-ndjson")),
)]
pub(crate) async fn rejections(desk: Desk, Named(job): Named<JobId>, Query(asked): Query<RejectionParameters>) -> Answer<HttpResponse> {
    let rows = desk.run(move |registry, actor| registry.rejections(actor, job, asked.after, asked.limit)).await?;
    let mut lines = String::new();
    for row in rows {
        lines.push_str(&serde_json::to_string(&RejectionBody::from(row)).unwrap_or_default());
        lines.push('\n');
    }
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/x-ndjson"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"rejections.ndjson\""))
        .body(lines))
}
