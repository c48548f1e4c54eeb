//! How is the quality of the sources' data told?

use chrono::NaiveDate;
use jiku_model::{Dimension, Kind, Severity, SourceCode, SourceSystem};

/// What is asked about the quality of the data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QualityQuery {
    /// Only this kind.
    pub kind: Option<Kind>,
    /// Only this source system.
    pub source: Option<SourceCode>,
    /// How the days are put together.
    pub period: Period,
    /// Over time also this column.
    pub field: Option<String>,
}

/// A stretch of the calendar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Period {
    /// One day, in UTC.
    #[default]
    Day,
    /// A week, beginning on Monday.
    Week,
    /// A month.
    Month,
}

/// The quality of what is held now, by kind, source system, field and time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualityReport {
    /// By kind.
    pub kinds: Vec<KindQuality>,
    /// The change-log position it was made at.
    pub position: i64,
}

/// The quality of one kind's records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindQuality {
    /// The kind.
    pub kind: Kind,
    /// By source system, by code.
    pub sources: Vec<SourceQuality>,
    /// What imports of files brought and what was rejected, oldest first; of the latest 1,000 jobs.
    pub imports: Vec<ImportPeriod>,
}

/// The quality of one source system's records of one kind, as they stand now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceQuality {
    /// The source system.
    pub source: SourceSystem,
    /// Its records that are not withdrawn.
    pub records: u64,
    /// Those accepted with a doubt, and those whose number records of another entity have too.
    pub flagged: u64,
    /// Records beyond the first that the source itself holds of one entity.
    pub duplicates: u64,
    /// How many records have a problem in each dimension.
    pub dimensions: Vec<(Dimension, u64)>,
    /// By standard column, in their order.
    pub fields: Vec<FieldQuality>,
    /// Problems of whole records.
    pub problems: Vec<ProblemCount>,
    /// By the time they were received, oldest first.
    pub periods: Vec<QualityPeriod>,
}

/// The quality of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldQuality {
    /// The column.
    pub field: &'static str,
    /// Its title in Chinese.
    pub title_zh: &'static str,
    /// Its title in English.
    pub title_en: &'static str,
    /// Records with a usable value.
    pub filled: u64,
    /// What was found wrong, most frequent first.
    pub problems: Vec<ProblemCount>,
}

/// How often a problem was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemCount {
    /// The reason code.
    pub code: String,
    /// What it does to a record.
    pub severity: Severity,
    /// Its dimension.
    pub dimension: Dimension,
    /// What to do.
    pub advice: String,
    /// Records that have it.
    pub records: u64,
}

/// The records received in a stretch of time, as they stand now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualityPeriod {
    /// Its first day.
    pub from: NaiveDate,
    /// Records received.
    pub records: u64,
    /// Those accepted with a doubt.
    pub flagged: u64,
    /// How many have a problem in each dimension.
    pub dimensions: Vec<(Dimension, u64)>,
    /// The column that was asked for.
    pub field: Option<FieldPeriod>,
}

/// One column in a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldPeriod {
    /// Records with a usable value.
    pub filled: u64,
    /// Records in which something was found wrong with it.
    pub problems: u64,
}

/// What imports brought in a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportPeriod {
    /// Its first day.
    pub from: NaiveDate,
    /// Rows read.
    pub rows: u64,
    /// Rows rejected.
    pub rejected: u64,
}
