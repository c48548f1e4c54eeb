//! How is the quality of the sources' data written?

use chrono::NaiveDate;
use jiku_registry::{FieldQuality, ImportPeriod, KindQuality, ProblemCount, QualityPeriod, QualityReport, SourceQuality};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

use super::SourceBody;

/// The quality of what is held now; figures only, no personal data.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QualityBody {
    kinds: Vec<KindQualityBody>,
    /// The change-log position it was made at.
    position: i64,
}

/// The quality of one kind's records.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KindQualityBody {
    kind: &'static str,
    sources: Vec<SourceQualityBody>,
    /// What imports of files brought, of the latest 1,000.
    imports: Vec<ImportPeriodBody>,
}

/// The quality of one source system's records of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceQualityBody {
    #[serde(flatten)]
    source: SourceBody,
    /// Records that are not withdrawn.
    records: u64,
    /// Accepted with a doubt.
    flagged: u64,
    /// Records beyond the first that the source itself holds of one entity.
    duplicates: u64,
    /// Records with a problem in each dimension of GB/T 36344: `completeness`, `validity`, `consistency`, `uniqueness`, `timeliness`.
    dimensions: BTreeMap<&'static str, u64>,
    fields: Vec<FieldQualityBody>,
    /// Problems of whole records.
    problems: Vec<ProblemCountBody>,
    /// By the time the records were received.
    periods: Vec<QualityPeriodBody>,
}

/// The quality of one column.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldQualityBody {
    field: &'static str,
    /// Records with a usable value.
    filled: u64,
    problems: Vec<ProblemCountBody>,
}

/// How often something was found wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemCountBody {
    /// A stable reason code; docs/reason-codes.md lists them.
    code: String,
    #[schema(value_type = String)]
    severity: jiku_model::Severity,
    dimension: &'static str,
    advice: String,
    /// Records that have it.
    records: u64,
}

/// The records received in a stretch of time, as they stand now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QualityPeriodBody {
    /// Its first day.
    from: NaiveDate,
    records: u64,
    flagged: u64,
    /// Records with a problem in each dimension.
    dimensions: BTreeMap<&'static str, u64>,
    /// Records with a usable value in the column that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    filled: Option<u64>,
    /// Records in which something was found wrong with that column.
    #[serde(skip_serializing_if = "Option::is_none")]
    problems: Option<u64>,
}

/// What imports of files brought in a stretch of time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportPeriodBody {
    /// Its first day.
    from: NaiveDate,
    rows: u64,
    rejected: u64,
}

impl From<QualityReport> for QualityBody {
    fn from(report: QualityReport) -> Self {
        Self { kinds: report.kinds.into_iter().map(Into::into).collect(), position: report.position }
    }
}

impl From<KindQuality> for KindQualityBody {
    fn from(quality: KindQuality) -> Self {
        Self {
            kind: quality.kind.as_str(),
            sources: quality.sources.into_iter().map(Into::into).collect(),
            imports: quality.imports.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<SourceQuality> for SourceQualityBody {
    fn from(quality: SourceQuality) -> Self {
        Self {
            source: quality.source.into(),
            records: quality.records,
            flagged: quality.flagged,
            duplicates: quality.duplicates,
            dimensions: quality.dimensions.into_iter().map(|(dimension, records)| (dimension.as_str(), records)).collect(),
            fields: quality.fields.into_iter().map(Into::into).collect(),
            problems: quality.problems.into_iter().map(Into::into).collect(),
            periods: quality.periods.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<FieldQuality> for FieldQualityBody {
    fn from(quality: FieldQuality) -> Self {
        Self { field: quality.field, filled: quality.filled, problems: quality.problems.into_iter().map(Into::into).collect() }
    }
}

impl From<ProblemCount> for ProblemCountBody {
    fn from(count: ProblemCount) -> Self {
        Self {
            code: count.code,
            severity: count.severity,
            dimension: count.dimension.as_str(),
            advice: count.advice,
            records: count.records,
        }
    }
}

impl From<QualityPeriod> for QualityPeriodBody {
    fn from(period: QualityPeriod) -> Self {
        Self {
            from: period.from,
            records: period.records,
            flagged: period.flagged,
            dimensions: period.dimensions.into_iter().map(|(dimension, records)| (dimension.as_str(), records)).collect(),
            filled: period.field.map(|field| field.filled),
            problems: period.field.map(|field| field.problems),
        }
    }
}

impl From<ImportPeriod> for ImportPeriodBody {
    fn from(period: ImportPeriod) -> Self {
        Self { from: period.from, rows: period.rows, rejected: period.rejected }
    }
}
