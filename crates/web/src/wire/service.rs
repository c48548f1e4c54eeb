//! How are jobs, figures, sources and sessions written?

use chrono::{DateTime, Utc};
use jiku_model::SourceSystem;
use jiku_registry::{AccessView, Actor, JobView, PersonReport, RejectedRow, Stats};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::ProblemBody;

/// A long piece of work: an import.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobBody {
    id: Uuid,
    name: String,
    kind: &'static str,
    /// `running`, `finished`, `too-many-row-errors` or `failed`.
    state: &'static str,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    actor: String,
    started_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// Rows dealt with so far.
    rows: u64,
    created: u64,
    revised: u64,
    unchanged: u64,
    rejected: u64,
    /// Accepted with a flag.
    flagged: u64,
    /// Linked to an entity that others speak of.
    linked: u64,
    /// Left to a steward.
    review: u64,
}

/// The latest jobs, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobsBody {
    pub(crate) jobs: Vec<JobBody>,
}

/// A rejected row of an import: one line of the answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RejectionBody {
    line: u64,
    /// Its number among the rows of the file, from 1: a file may have all its rows on one line.
    row: u64,
    problems: Vec<ProblemBody>,
    /// The row as received.
    raw: String,
}

/// The figures of the whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatsBody {
    kinds: Vec<KindStatsBody>,
    /// The change-log position they were counted at.
    position: i64,
}

/// The figures of a kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KindStatsBody {
    kind: &'static str,
    /// Source records held and not withdrawn.
    records: u64,
    withdrawn: u64,
    /// Active entities: golden records.
    entities: u64,
    /// Records beyond the first of their entity.
    duplicates: u64,
    /// Review tasks that wait.
    open_reviews: u64,
    /// Bytes of the in-memory indexes.
    memory_bytes: u64,
}

/// A source system (来源系统).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceBody {
    code: String,
    name: String,
    department: String,
    /// 0 (not at all) to 100.
    trust: u8,
}

/// Every source system.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourcesBody {
    pub(crate) sources: Vec<SourceBody>,
}

/// One read of personal data.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccessBody {
    at: DateTime<Utc>,
    principal: String,
    department: String,
    /// The purpose of use (使用目的).
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    /// `find`, `search`, `resolve`, `crosswalk`, `versions`, `explain`, `review`, `export` …
    action: String,
    /// Which fields were shown.
    fields: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

/// Who read an entity, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccessesBody {
    pub(crate) reads: Vec<AccessBody>,
}

/// A session just opened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionBody {
    /// Send it as `Authorization: Bearer …`; it is told once.
    pub(crate) token: String,
    pub(crate) expires_at: DateTime<Utc>,
    #[serde(flatten)]
    pub(crate) who: WhoBody,
}

/// Who a token belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WhoBody {
    principal: String,
    department: String,
    roles: Vec<&'static str>,
}

/// Everything that was read about one person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonReportBody {
    /// The ids under which it was read: the person's own, and those merged into it.
    ids: Vec<Uuid>,
    /// The readings, newest first, at most 10,000.
    reads: Vec<ReportedReadBody>,
    /// Whether there are more readings than these.
    more: bool,
}

/// A reading, and the id it was of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportedReadBody {
    id: Uuid,
    #[serde(flatten)]
    read: AccessBody,
}

impl From<PersonReport> for PersonReportBody {
    fn from(report: PersonReport) -> Self {
        Self {
            ids: report.ids.into_iter().map(|id| id.0).collect(),
            reads: report.reads.into_iter().map(|(id, read)| ReportedReadBody { id: id.0, read: read.into() }).collect(),
            more: report.more,
        }
    }
}

impl From<AccessView> for AccessBody {
    fn from(read: AccessView) -> Self {
        Self {
            at: read.at,
            principal: read.principal,
            department: read.department,
            purpose: read.purpose,
            action: read.action,
            fields: read.fields,
            request_id: read.request_id,
        }
    }
}

impl From<JobView> for JobBody {
    fn from(job: JobView) -> Self {
        let progress = job.progress;
        Self {
            id: job.id.0,
            name: job.name,
            kind: job.kind.as_str(),
            state: job.state.as_str(),
            message: job.message,
            actor: job.actor,
            started_at: job.started_at,
            updated_at: job.updated_at,
            rows: progress.rows,
            created: progress.created,
            revised: progress.revised,
            unchanged: progress.unchanged,
            rejected: progress.rejected,
            flagged: progress.flagged,
            linked: progress.linked,
            review: progress.review,
        }
    }
}

impl From<RejectedRow> for RejectionBody {
    fn from(row: RejectedRow) -> Self {
        Self { line: row.line, row: row.row, problems: row.problems.into_iter().map(Into::into).collect(), raw: row.raw }
    }
}

impl From<Stats> for StatsBody {
    fn from(stats: Stats) -> Self {
        let kinds = stats.kinds.into_iter().map(|kind| KindStatsBody {
            kind: kind.kind.as_str(),
            records: kind.records,
            withdrawn: kind.withdrawn,
            entities: kind.entities,
            duplicates: kind.duplicates,
            open_reviews: kind.open_reviews,
            memory_bytes: kind.memory_bytes,
        });
        Self { kinds: kinds.collect(), position: stats.position }
    }
}

impl From<SourceSystem> for SourceBody {
    fn from(source: SourceSystem) -> Self {
        Self { code: source.code.into(), name: source.name, department: source.department, trust: source.trust }
    }
}

impl From<&Actor> for WhoBody {
    fn from(actor: &Actor) -> Self {
        Self {
            principal: actor.principal.clone(),
            department: actor.department.clone(),
            roles: actor.roles.iter().map(|role| role.as_str()).collect(),
        }
    }
}
