//! How is a long import told about?

use jiku_model::{JobId, Kind, Problem, Severity, Timestamp};

use super::{LinkDecision, RowStatus};

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobState {
    /// It runs, or was interrupted and can go on.
    Running,
    /// It is done.
    Finished,
    /// It stopped: more than 20 % of at least 1,000 rows were rejected, or over 20 % at the end. Kept rows stay.
    TooManyRowErrors,
    /// The file could not be read to its end.
    Failed,
}

impl JobState {
    /// The word in JSON and SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::TooManyRowErrors => "too-many-row-errors",
            Self::Failed => "failed",
        }
    }
}

/// A job as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct JobView {
    /// Its id.
    pub id: JobId,
    /// The file's name.
    pub name: String,
    /// The kind of records.
    pub kind: Kind,
    /// The file's digest, hexadecimal SHA-256.
    pub digest: String,
    /// Where it stands.
    pub state: JobState,
    /// Why it failed.
    pub message: Option<String>,
    /// Who started it.
    pub actor: String,
    /// When it was started.
    pub started_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
    /// How far it is.
    pub progress: ImportProgress,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportProgress {
    /// Rows of the file dealt with so far: an interrupted import goes on after these.
    pub rows: u64,
    /// The last line dealt with.
    pub line: u64,
    /// Records created.
    pub created: u64,
    /// Records revised.
    pub revised: u64,
    /// Records that were as held.
    pub unchanged: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// Rows accepted with a flag.
    pub flagged: u64,
    /// Records linked to an entity that others speak of.
    pub linked: u64,
    /// Records a steward is asked about.
    pub review: u64,
}

/// How an import starts.
#[derive(Clone, Debug, PartialEq)]
pub enum ImportStart {
    /// A new job: begin with the first row.
    New(JobView),
    /// It was interrupted: leave out the rows its progress counts.
    Resumed(JobView),
    /// The same file was imported before; nothing to do.
    Unchanged(JobView),
}

/// A row that was refused before it could become a record (a broken line), or a record that was.
#[derive(Clone, Debug, PartialEq)]
pub struct RejectedRow {
    /// The line of the file.
    pub line: u64,
    /// Its number among the rows of the file, from 1, bad ones counted: a file may have all its rows on one line.
    pub row: u64,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// The row as received, as far as it could be read.
    pub raw: String,
}

impl ImportProgress {
    /// Counts the outcome of a row.
    pub(crate) fn count<'a>(
        &mut self,
        line: Option<u64>,
        status: RowStatus,
        decision: Option<LinkDecision>,
        mut problems: impl Iterator<Item = &'a Problem>,
    ) {
        self.rows += 1;
        self.line = self.line.max(line.unwrap_or(self.rows));
        match status {
            RowStatus::Created => self.created += 1,
            RowStatus::Revised => self.revised += 1,
            RowStatus::Unchanged => self.unchanged += 1,
            RowStatus::Rejected => self.rejected += 1,
        }
        if status != RowStatus::Rejected && problems.any(|problem| problem.severity >= Severity::Flag) {
            self.flagged += 1;
        }
        if status != RowStatus::Unchanged {
            match decision {
                Some(LinkDecision::Linked) => self.linked += 1,
                Some(LinkDecision::Review) => self.review += 1,
                Some(LinkDecision::New) | None => {}
            }
        }
    }
}
