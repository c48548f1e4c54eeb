//! How does a whole file go in, so that it can stop anywhere and go on without doubling?
//!
//! The job's progress is written in the transaction of the rows it counts. A file is known by its digest: the one that
//! was interrupted goes on, the one that was finished changes nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock};

use ahash::{AHashMap, AHashSet};
use jiku_model::{Dimension, JobId, Kind, ParseContext, Problem, RecordKey, Severity};
use jiku_store::{JobFilter, JobRow, JobState as StoredState, Reader, RejectionRow};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::audit::Seen;
use crate::facade::{ImportProgress, ImportStart, Incoming, JobState, JobView, RejectedRow, RowOutcome, RowStatus};
use crate::registry::Inner;
use crate::rights::{Right, require};
use crate::write::batch::{Row, RowResult};
use crate::write::fingerprint::Fingerprints;
use crate::write::prepare::{Prepared, Refused, context, prepare};
use crate::write::queue::ROWS_PER_TRANSACTION;
use crate::write::session::Session;
use crate::write::state::{Core, now};
use crate::{Actor, RegistryError};

type Result<T> = std::result::Result<T, RegistryError>;

/// From how many rows on an import stops when too many were rejected.
const ROWS_BEFORE_STOPPING: u64 = 1_000;

/// The most jobs that are looked through for a list.
const MOST_JOBS: usize = 1_000;

/// The action of an import's job.
const ACTION: &str = "import";

/// What the job's row keeps beside its columns.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Body {
    rows: u64,
    created: u64,
    revised: u64,
    unchanged: u64,
    rejected: u64,
    flagged: u64,
    linked: u64,
    review: u64,
    too_many_row_errors: bool,
    message: Option<String>,
}

pub(crate) fn start(inner: &Inner, actor: &Actor, kind: Kind, name: &str, digest: &str) -> Result<ImportStart> {
    let (actor, name, digest) = (actor.principal.clone(), name.to_owned(), digest.to_owned());
    inner.queue.act(move |session| {
        let filter = JobFilter { action: Some(ACTION.to_owned()), state: None, digest: Some(digest.clone()) };
        let known: Vec<JobRow> = session.writer.jobs(&filter, None, 100)?.into_iter().filter(|row| row.kind == Some(kind)).collect();
        if let Some(done) = known.iter().find(|row| row.state == StoredState::Done) {
            return Ok(ImportStart::Unchanged(view(done)?));
        }
        if let Some(unfinished) = known.iter().find(|row| matches!(row.state, StoredState::Running | StoredState::Paused)) {
            return Ok(ImportStart::Resumed(view(unfinished)?));
        }
        let row = JobRow {
            id: JobId(Uuid::now_v7()),
            action: ACTION.to_owned(),
            kind: Some(kind),
            name: name.clone(),
            digest: Some(digest.clone()),
            state: StoredState::Running,
            line: 0,
            total: None,
            body: write_body(&Body::default()),
            actor: actor.clone(),
            created_at: session.at,
            updated_at: session.at,
        };
        session.writer.put_job(&row)?;
        Ok(ImportStart::New(view(&row)?))
    })
}

/// Rows of a file on their way to [`crate::Registry::read_rows`]: as many as one transaction takes, and none of a key that is among them
/// already. So each is written together with the progress that counts it, and counts after a crash as what it was.
#[derive(Debug, Default)]
pub struct Portion {
    /// The records.
    pub records: Vec<Incoming>,
    /// Rows that could not be read.
    pub refused: Vec<RejectedRow>,
    keys: AHashSet<RecordKey>,
    /// The length of all of them as received.
    bytes: usize,
}

impl Portion {
    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.refused.is_empty()
    }

    /// Whether it takes no more: it has the rows of a transaction, or few that are so large that more would take too much memory.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.records.len() + self.refused.len() >= ROWS_PER_TRANSACTION || self.bytes >= BYTES_AT_ONCE
    }

    /// Takes a record, or gives it back for the next portion.
    pub fn take(&mut self, record: Incoming) -> Option<Incoming> {
        if self.is_full() || !self.keys.insert(record.key.clone()) {
            return Some(record);
        }
        self.bytes += record.payload.len();
        self.records.push(record);
        None
    }

    /// Takes a row that could not be read.
    pub fn refuse(&mut self, row: RejectedRow) {
        self.bytes += row.raw.len();
        self.refused.push(row);
    }
}

/// From this length on, as received, records are handed on although there is room for more of them. A parcel of 100,000 vertices has four
/// megabytes, and as values of JSON several times as much.
const BYTES_AT_ONCE: usize = 16 * 1024 * 1024;

/// Rows of an import, read and judged fit or refused. Nothing of them is written yet, so this can be made while the batch before
/// is being written.
pub struct ImportBatch {
    incoming: Arriving,
    refused: Vec<RejectedRow>,
}

impl ImportBatch {
    pub(crate) fn new(core: &Core, actor: &Actor, records: Vec<Incoming>, refused: Vec<RejectedRow>) -> Self {
        Self { incoming: Arriving::prepare_beside(core, actor, records), refused }
    }
}

/// Takes rows in that follow those of `known`.
pub(crate) fn advance(inner: &Inner, known: &JobView, batch: ImportBatch) -> Result<(JobView, Vec<RowOutcome>)> {
    let (id, kind, rows_before) = (known.id, known.kind, known.progress.rows);
    let ImportBatch { incoming, refused } = batch;
    if let Some(other) = incoming.kinds().find(|other| *other != kind) {
        let advice = format!("the import is of kind {kind}, the record of kind {other}");
        return Err(RegistryError::invalid("kind", "kind-mismatch", advice));
    }
    let rejections = incoming.rejections(id, &refused);
    let unreadable = u64::try_from(refused.len()).unwrap_or_default();
    let last_unreadable = refused.iter().map(|row| row.line).max().unwrap_or_default();
    let (rows, skeleton) = incoming.split();
    let skeleton = Arc::new(skeleton);
    let outcomes = Arc::clone(&skeleton);
    let after = move |session: &mut Session<'_, '_>, done: &[(usize, RowResult)]| {
        let (mut row, mut progress) = standing(session, id, rows_before)?;
        let mut rejections = rejections.clone();
        let mut results: Vec<Option<&RowResult>> = vec![None; skeleton.len()];
        for (place, result) in done {
            results[*place] = Some(result);
            if let Some(payload) = &result.refused {
                let row = &skeleton[*place];
                rejections.push(rejection(id, (row.line, row.row), &result.problems, payload));
            }
        }
        for (row, result) in skeleton.iter().zip(results) {
            let (status, decision) = result.map_or((row.status, row.decision), |result| (result.status, result.decision));
            progress.count(row.line, status, decision, row.problems.iter().chain(result.into_iter().flat_map(|result| &result.problems)));
        }
        progress.rows += unreadable;
        progress.rejected += unreadable;
        progress.line = progress.line.max(last_unreadable);
        let stop = progress.rows >= ROWS_BEFORE_STOPPING && too_many_rejected(progress.rows, progress.rejected);
        write_progress(&mut row, &progress, stop, None);
        if stop {
            row.state = StoredState::Failed;
        }
        row.updated_at = session.at;
        session.writer.put_rejections(&rejections)?;
        session.writer.put_job(&row)?;
        Ok(Box::new(view(&row)?) as Box<dyn std::any::Any + Send>)
    };
    let (done, given) = inner.queue.arrive(kind, rows, Some(Box::new(after)))?;
    let job =
        given.and_then(|given| given.downcast::<JobView>().ok()).ok_or_else(|| RegistryError::internal("an import's progress was lost"))?;
    Ok((*job, complete(Arc::unwrap_or_clone(outcomes), done)))
}

/// A running import as it stands, of which so many rows are known to be in. Where it stands elsewhere, someone else takes the same file in
/// at the same time: what this caller read would be counted twice.
fn standing(session: &mut Session<'_, '_>, id: JobId, rows: u64) -> Result<(JobRow, ImportProgress)> {
    let row = session.writer.job(id)?.ok_or(RegistryError::NotFound { what: "job" })?;
    let progress = progress(&row, &read_body(&row)?);
    if row.state == StoredState::Running && progress.rows == rows {
        return Ok((row, progress));
    }
    let name = &row.name;
    let advice = if row.state == StoredState::Running {
        let come = progress.rows;
        format!(
            "another process takes {name} in and has come to row {come}; nothing is lost or doubled. When it has ended, start again to see what \
             came of it"
        )
    } else {
        format!("another process has ended the import of {name}; nothing is lost or doubled. Start again to see what came of it")
    };
    Err(RegistryError::conflict("import-elsewhere", advice))
}

/// Ends the import `known`.
pub(crate) fn finish(inner: &Inner, known: &JobView, failure: Option<&str>) -> Result<JobView> {
    let (failure, id, rows, ended) = (failure.map(str::to_owned), known.id, known.progress.rows, known.state != JobState::Running);
    inner.queue.act(move |session| {
        if ended {
            return view(&session.writer.job(id)?.ok_or(RegistryError::NotFound { what: "job" })?);
        }
        let (mut row, progress) = standing(session, id, rows)?;
        let stop = failure.is_none() && progress.rows > 0 && too_many_rejected(progress.rows, progress.rejected);
        write_progress(&mut row, &progress, stop, failure.clone());
        row.state = if stop || failure.is_some() { StoredState::Failed } else { StoredState::Done };
        row.updated_at = session.at;
        session.writer.put_job(&row)?;
        view(&row)
    })
}

/// Says something more of an import that ended.
pub(crate) fn tell(inner: &Inner, id: JobId, message: &str) -> Result<JobView> {
    let message = message.to_owned();
    inner.queue.act(move |session| {
        let mut row = session.writer.job(id)?.ok_or(RegistryError::NotFound { what: "job" })?;
        let body = read_body(&row)?;
        let told = body.message.iter().chain(Some(&message)).cloned().collect::<Vec<_>>().join(" ");
        row.body = write_body(&Body { message: Some(told), ..body });
        session.writer.put_job(&row)?;
        view(&row)
    })
}

/// Whether so many rows of a file were rejected that it is better put right and sent again: more than a fifth. An import is judged from its
/// 1,000th row on, and at its end.
#[must_use]
pub const fn too_many_rejected(rows: u64, rejected: u64) -> bool {
    rejected * 5 > rows
}

/// Which departments' imports an actor is told of. What another one sends, and how it names its files, is not theirs to know.
struct Told<'a> {
    actor: &'a Actor,
    all: bool,
    departments: AHashMap<String, String>,
}

impl<'a> Told<'a> {
    fn new(inner: &Inner, actor: &'a Actor) -> Result<Self> {
        let all = [Right::SeeReviews, Right::Operate].into_iter().any(|right| require(actor, right).is_ok());
        let rows = if all { Vec::new() } else { inner.core.store.peek(|reader| Ok::<_, RegistryError>(reader.principals()?))? };
        let departments = rows.into_iter().map(|row| (row.name, row.department)).collect();
        Ok(Self { actor, all, departments })
    }

    fn of(&self, job: &JobView) -> bool {
        self.all || job.actor == self.actor.principal || self.departments.get(&job.actor) == Some(&self.actor.department)
    }
}

/// A job as an actor may know it: who reaches only a part is not told how many of the rows were known elsewhere.
pub(crate) fn told_to(actor: &Actor, mut view: JobView) -> JobView {
    if actor.limits.is_scoped() {
        (view.progress.linked, view.progress.review) = (0, 0);
    }
    view
}

/// One job, for who may be told of it.
pub(crate) fn seen(inner: &Inner, actor: &Actor, id: JobId) -> Result<JobView> {
    let view = job(inner, id)?;
    if Told::new(inner, actor)?.of(&view) { Ok(told_to(actor, view)) } else { Err(RegistryError::NotFound { what: "job" }) }
}

fn job(inner: &Inner, id: JobId) -> Result<JobView> {
    let row = inner.core.store.read(|reader| Ok::<_, RegistryError>(reader.job(id)?))?;
    view(&row.ok_or(RegistryError::NotFound { what: "job" })?)
}

/// The latest jobs of all departments.
pub(crate) fn all_jobs(inner: &Inner, limit: usize) -> Result<Vec<JobView>> {
    let filter = JobFilter { action: Some(ACTION.to_owned()), state: None, digest: None };
    let limit = i64::try_from(limit.clamp(1, MOST_JOBS)).unwrap_or(i64::MAX);
    inner.core.store.read(|reader| Ok::<_, RegistryError>(reader.jobs(&filter, None, limit)?))?.iter().map(view).collect()
}

/// The latest jobs that an actor may be told of.
pub(crate) fn jobs(inner: &Inner, actor: &Actor, limit: usize) -> Result<Vec<JobView>> {
    let told = Told::new(inner, actor)?;
    // Those of other departments may lie between.
    let read = if told.all { limit } else { MOST_JOBS };
    Ok(all_jobs(inner, read)?.into_iter().filter(|job| told.of(job)).take(limit.max(1)).map(|job| told_to(actor, job)).collect())
}

pub(crate) fn rejections(inner: &Inner, actor: &Actor, job: &JobView, after: (u64, Option<u64>), limit: usize) -> Result<Vec<RejectedRow>> {
    let id = job.id;
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let after = (number(after.0), after.1.map_or(i64::MAX, number));
    let limit = i64::try_from(limit.clamp(1, 10_000)).unwrap_or(i64::MAX);
    let rows = inner.core.store.read(|reader: &mut Reader<'_>| Ok::<_, RegistryError>(reader.rejections(id, after, limit)?))?;
    let seen = if rows.is_empty() { Seen::Fields } else { Seen::Rows };
    inner.audit.log_seen(actor, "rejections", job.kind, &[], seen)?;
    let row = |row: RejectionRow| {
        let problems: Vec<Problem> = serde_json::from_str(&row.problems)
            .map_err(|error| RegistryError::internal(format!("a rejection is not readable: {error}")))?;
        let [line, ordinal] = [row.line, row.ordinal].map(|number| u64::try_from(number).unwrap_or_default());
        Ok(RejectedRow { line, row: ordinal, problems, raw: row.raw })
    };
    rows.into_iter().map(row).collect()
}

fn view(row: &JobRow) -> Result<JobView> {
    let body = read_body(row)?;
    let state = match row.state {
        StoredState::Running | StoredState::Paused => JobState::Running,
        StoredState::Done => JobState::Finished,
        StoredState::Failed if body.too_many_row_errors => JobState::TooManyRowErrors,
        StoredState::Failed => JobState::Failed,
    };
    Ok(JobView {
        id: row.id,
        name: row.name.clone(),
        kind: row.kind.ok_or_else(|| RegistryError::internal(format!("import {} has no kind", row.id)))?,
        digest: row.digest.clone().unwrap_or_default(),
        state,
        progress: progress(row, &body),
        message: body.message,
        actor: row.actor.clone(),
        started_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn read_body(row: &JobRow) -> Result<Body> {
    serde_json::from_str(&row.body).map_err(|error| RegistryError::internal(format!("job {} is not readable: {error}", row.id)))
}

fn write_body(body: &Body) -> String {
    serde_json::to_string(body).expect("counts are plain values")
}

fn progress(row: &JobRow, body: &Body) -> ImportProgress {
    ImportProgress {
        rows: body.rows,
        line: u64::try_from(row.line).unwrap_or_default(),
        created: body.created,
        revised: body.revised,
        unchanged: body.unchanged,
        rejected: body.rejected,
        flagged: body.flagged,
        linked: body.linked,
        review: body.review,
    }
}

fn write_progress(row: &mut JobRow, progress: &ImportProgress, too_many_row_errors: bool, message: Option<String>) {
    row.line = i64::try_from(progress.line).unwrap_or(i64::MAX);
    row.body = write_body(&Body {
        rows: progress.rows,
        created: progress.created,
        revised: progress.revised,
        unchanged: progress.unchanged,
        rejected: progress.rejected,
        flagged: progress.flagged,
        linked: progress.linked,
        review: progress.review,
        too_many_row_errors,
        message,
    });
}

/// Half of the processors read records: work of the writer is not to wait until the next batch is read. None where no threads are to be had,
/// then all of them do.
static READERS: LazyLock<Option<ThreadPool>> = LazyLock::new(|| {
    let half = std::thread::available_parallelism().map_or(1, |all| all.get().div_ceil(2));
    ThreadPoolBuilder::new().num_threads(half).thread_name(|at| format!("jiku-reader-{at}")).build().ok()
});

/// So many records are read at a time.
const PIECE: usize = 64;

/// Records on their way in, read and judged fit or refused, in their order.
pub(crate) struct Arriving {
    rows: Vec<std::result::Result<Prepared, Refused>>,
    actor: Arc<str>,
}

impl Arriving {
    /// Reads records, on [`READERS`].
    pub(crate) fn prepare(core: &Core, actor: &Actor, records: Vec<Incoming>) -> Self {
        Self { rows: read(records, &context(now()), &core.prints), actor: Arc::from(actor.principal.as_str()) }
    }

    /// Reads records piece by piece, while the writer leaves processors free.
    fn prepare_beside(core: &Core, actor: &Actor, records: Vec<Incoming>) -> Self {
        let (context, mut rows, mut records) = (context(now()), Vec::with_capacity(records.len()), records.into_iter());
        while records.len() > 0 {
            core.pace.wait();
            rows.append(&mut read(records.by_ref().take(PIECE).collect(), &context, &core.prints));
        }
        Self { rows, actor: Arc::from(actor.principal.as_str()) }
    }

    fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.rows.iter().map(|row| row.as_ref().map_or_else(|refused| refused.key.kind, |prepared| prepared.key.kind))
    }

    /// The rows that are written down as rejected.
    fn rejections(&self, job: JobId, unreadable: &[RejectedRow]) -> Vec<RejectionRow> {
        let refused = self.rows.iter().filter_map(|row| row.as_ref().err());
        let refused = refused.map(|refused| rejection(job, (refused.line, refused.row), &refused.problems, &refused.payload));
        let unreadable = unreadable.iter().map(|refused| {
            let place = (Some(refused.line), Some(refused.row));
            rejection(job, place, &refused.problems, &refused.raw)
        });
        refused.chain(unreadable).collect()
    }

    /// The rows, fit or refused.
    pub(crate) fn into_rows(self) -> Vec<std::result::Result<Prepared, Refused>> {
        self.rows
    }

    /// The rows for the writer, and the outcomes as far as they are known before.
    pub(crate) fn split(self) -> (std::collections::VecDeque<(usize, Row)>, Vec<RowOutcome>) {
        let mut rows = std::collections::VecDeque::with_capacity(self.rows.len());
        let mut outcomes = Vec::with_capacity(self.rows.len());
        for (place, row) in self.rows.into_iter().enumerate() {
            let outcome = |key, (line, row), problems| RowOutcome {
                key,
                line,
                row,
                status: RowStatus::Rejected,
                entity: None,
                decision: None,
                problems,
                revision: 0,
            };
            match row {
                Ok(prepared) => {
                    outcomes.push(outcome(prepared.key.clone(), (prepared.line, prepared.row), prepared.problems.clone()));
                    rows.push_back((place, Row { prepared, actor: Arc::clone(&self.actor), received_at: None }));
                }
                Err(refused) => outcomes.push(outcome(refused.key, (refused.line, refused.row), refused.problems.into_vec())),
            }
        }
        (rows, outcomes)
    }
}

fn read(records: Vec<Incoming>, context: &ParseContext, prints: &Fingerprints) -> Vec<std::result::Result<Prepared, Refused>> {
    let read = || records.into_par_iter().map(|record| contained(record, context, prints)).collect();
    match &*READERS {
        Some(readers) => readers.install(read),
        None => read(),
    }
}

/// A rejection by the line and the number of its row.
fn rejection(job: JobId, (line, row): (Option<u64>, Option<u64>), problems: &[Problem], raw: &str) -> RejectionRow {
    let number = |number: Option<u64>| i64::try_from(number.unwrap_or_default()).unwrap_or(i64::MAX);
    RejectionRow {
        job,
        line: number(line),
        problems: serde_json::to_string(problems).expect("problems are plain values"),
        // No database keeps a NUL in a text.
        raw: raw.replace('\0', "\u{FFFD}"),
        ordinal: number(row),
    }
}

/// Reads a record; one that makes a library panic is refused, and stops nothing.
fn contained(record: Incoming, context: &ParseContext, prints: &Fingerprints) -> std::result::Result<Prepared, Refused> {
    let (key, line, row, payload) = (record.key.clone(), record.line, record.row, record.payload.clone());
    if key.source.as_str() == jiku_parcel::edit::SOURCE {
        let advice = "this source is the service's own: edit parcels by their addresses";
        let problem = Problem::new(Severity::Reject, Dimension::Validity, "source", "source-reserved", advice);
        return Err(Refused { key, line, row, payload: payload.into(), problems: [problem].into() });
    }
    catch_unwind(AssertUnwindSafe(|| prepare(record, context, prints))).unwrap_or_else(|_| {
        let advice = "this record cannot be read; send it to the maintainers, it has found a bug";
        let problem = Problem { field: None, ..Problem::new(Severity::Reject, Dimension::Validity, "", "record-unsupported", advice) };
        Err(Refused { key, line, row, payload: payload.into(), problems: [problem].into() })
    })
}

/// The outcomes with what the writer found out.
pub(crate) fn complete(mut outcomes: Vec<RowOutcome>, done: Vec<(usize, RowResult)>) -> Vec<RowOutcome> {
    for (place, result) in done {
        let outcome = &mut outcomes[place];
        outcome.status = result.status;
        outcome.entity = result.entity;
        outcome.decision = result.decision;
        outcome.problems.extend(result.problems);
        outcome.revision = i64::from(result.revision);
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portion_is_full_by_its_bytes_too() {
        let large = |key: usize| Incoming {
            key: RecordKey { kind: Kind::Parcel, source: "land".parse().expect("a source"), key: key.to_string() },
            raw: jiku_model::RawRecord::new(),
            payload: "x".repeat(BYTES_AT_ONCE / 4),
            line: None,
            row: None,
        };
        let mut portion = Portion::default();
        let taken = (0..9).take_while(|key| portion.take(large(*key)).is_none()).count();
        assert_eq!((taken, portion.is_full()), (4, true));
    }

    #[test]
    fn a_fifth_is_not_too_many_and_one_more_is() {
        assert!(!too_many_rejected(1_000, 200));
        assert!(too_many_rejected(1_000, 201));
    }
}
