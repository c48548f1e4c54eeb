//! Use cases: source systems and what they send, singly or in whole files.

use std::collections::BTreeMap;

use jiku_model::{EntityId, JobId, Kind, Problem, RecordKey, Sensitivity, SourceSystem};

use crate::facade::{ImportStart, Incoming, JobView, RejectedRow, RowOutcome, WithdrawOutcome};
use crate::imports::{Arriving, ImportBatch};
use crate::memory::Sources;
use crate::registry::{Registry, Result};
use crate::rights::{Right, require};
use crate::{Actor, FieldUse, RegistryError, generic, imports, ingest, recalled, scope};

impl Registry {
    /// Makes or changes a source system; another trust composes the golden records that rest on it again. A source that sends without one gets its code as name and the trust 50.
    pub fn put_source(&self, actor: &Actor, source: &SourceSystem) -> Result<()> {
        require(actor, Right::Sources)?;
        Kind::ALL.into_iter().try_for_each(|kind| scope::require_all(actor, kind))?;
        let (source, actor) = (source.clone(), actor.principal.clone());
        self.inner.queue.act_alone(move |session| session.change_source(source.clone(), &actor))
    }

    /// Every source system, by code.
    pub fn list_sources(&self) -> Result<Vec<SourceSystem>> {
        let rows = self.inner.core.store.read(|reader| Ok::<_, RegistryError>(reader.sources()?))?;
        Ok(Sources::new(rows)?.all().cloned().collect())
    }

    /// Takes records in, matches them and says what became of each, in their order. A rejected row stops nothing.
    pub fn ingest(&self, actor: &Actor, records: Vec<Incoming>) -> Result<Vec<RowOutcome>> {
        require(actor, Right::Submit)?;
        self.may_send(actor, &records)?;
        Ok(taken(actor, ingest::ingest(&self.inner, actor, records)?))
    }

    /// Takes a record out of its entity; it stays in history.
    pub fn withdraw(&self, actor: &Actor, key: &RecordKey) -> Result<WithdrawOutcome> {
        require(actor, Right::Submit)?;
        scope::require_kind(actor, key.kind)?;
        scope::require_source(actor, &key.source)?;
        let known = self.uncovered(key);
        self.reaches_records(actor, std::slice::from_ref(&known))?;
        // It is called in the answer as it was in the question.
        Ok(WithdrawOutcome { key: key.clone(), ..ingest::withdraw(&self.inner, actor, &known)? })
    }
}

/// Imports of whole files.
impl Registry {
    /// Begins the import of a file, or goes on with an interrupted one, or says that this file is in already.
    pub fn start_import(&self, actor: &Actor, kind: Kind, name: &str, digest: &str) -> Result<ImportStart> {
        require(actor, Right::Submit)?;
        let told = |job| imports::told_to(actor, job);
        Ok(match imports::start(&self.inner, actor, kind, name, digest)? {
            ImportStart::New(job) => ImportStart::New(told(job)),
            ImportStart::Resumed(job) => ImportStart::Resumed(told(job)),
            ImportStart::Unchanged(job) => ImportStart::Unchanged(told(job)),
        })
    }

    /// Reads the next rows of an import and judges them fit or refused, on half of the processors and without waiting for any write.
    /// `refused` are rows that could not be read.
    pub fn read_rows(&self, actor: &Actor, records: Vec<Incoming>, refused: Vec<RejectedRow>) -> Result<ImportBatch> {
        require(actor, Right::Submit)?;
        self.may_send(actor, &records)?;
        Ok(ImportBatch::new(&self.inner.core, actor, records, refused))
    }

    /// Takes the next rows of an import in, with its progress in the same transaction. The job's state tells whether to go
    /// on: [`JobState::TooManyRowErrors`] means stop.
    ///
    /// `job` is the import as it was told last. A conflict, `import-elsewhere`, says that another process has moved it since.
    pub fn advance_import(&self, actor: &Actor, job: &JobView, batch: ImportBatch) -> Result<(JobView, Vec<RowOutcome>)> {
        require(actor, Right::Submit)?;
        let (view, rows) = imports::advance(&self.inner, job, batch)?;
        Ok((imports::told_to(actor, view), taken(actor, rows)))
    }

    /// The problems of rows that an import has taken already, in their order, as they were told when it took them: for who lost what was told.
    pub fn recall_rows(&self, actor: &Actor, job: &JobView, records: Vec<Incoming>) -> Result<Vec<Vec<Problem>>> {
        require(actor, Right::Submit)?;
        self.may_send(actor, &records)?;
        let job = imports::seen(&self.inner, actor, job.id)?;
        recalled::problems(&self.inner, &job, Arriving::prepare(&self.inner.core, actor, records))
    }

    /// Ends an import, as it was told last: finished, or failed with this message.
    pub fn finish_import(&self, actor: &Actor, job: &JobView, failure: Option<&str>) -> Result<JobView> {
        require(actor, Right::Submit)?;
        let view = imports::finish(&self.inner, job, failure)?;
        // The import stands whatever comes of this; it is tried again after the next one.
        let view = match generic::redo(&self.inner.core, &Actor::operator("jiku"), view.kind) {
            Ok(Some(outcome)) => imports::tell(&self.inner, job.id, &outcome.told()),
            Ok(None) => Ok(view),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "decisions that lean on generic values could not be taken again");
                Ok(view)
            }
        };
        view.map(|view| imports::told_to(actor, view))
    }

    /// One job.
    pub fn job(&self, actor: &Actor, job: JobId) -> Result<JobView> {
        imports::seen(&self.inner, actor, job)
    }

    /// The latest jobs, newest first: those of the actor's department, and all for stewards, the data office and operators.
    pub fn jobs(&self, actor: &Actor, limit: usize) -> Result<Vec<JobView>> {
        imports::jobs(&self.inner, actor, limit)
    }

    /// The rejected rows of a job after a line, or after one of that line's rows, at most `limit`; as they were sent for who sent them, masked
    /// for others, and without their values for who may not read every class of field.
    pub fn rejections(&self, actor: &Actor, job: JobId, after: (u64, Option<u64>), limit: usize) -> Result<Vec<RejectedRow>> {
        require(actor, Right::Submit)?;
        let view = imports::seen(&self.inner, actor, job)?;
        let rows = imports::rejections(&self.inner, actor, &view, after, limit);
        let own = view.actor == actor.principal && actor.limits.read == Sensitivity::Sensitive;
        if own { rows } else { self.shown_with(view.kind, actor, rows) }
    }
}

/// What became of rows, as far as their sender may know. Where a number of one's own division was known in another the record is linked
/// to somebody there: who reaches only a part is told of no row whether it was, and to whom.
fn taken(actor: &Actor, mut rows: Vec<RowOutcome>) -> Vec<RowOutcome> {
    if actor.limits.is_scoped() {
        rows.iter_mut().for_each(|row| (row.entity, row.decision) = (None, None));
    }
    rows
}

/// Sending within one's rights.
impl Registry {
    /// Whether the actor may send these records: of these kinds and sources, with these fields, about their own divisions, and not in the
    /// place of records whose entities lie outside of their scope.
    fn may_send(&self, actor: &Actor, records: &[Incoming]) -> Result<()> {
        for record in records {
            scope::require_kind(actor, record.key.kind)?;
            scope::require_source(actor, &record.key.source)?;
            record.raw.keys().try_for_each(|column| scope::require_field(actor, FieldUse::Write, record.key.kind, column))?;
            let division = record.raw.get("division").and_then(|value| value.as_str());
            if !actor.limits.reach(record.key.kind, division) {
                let message = "a record must name a division within your scope; nothing of this request was taken in";
                return Err(RegistryError::Forbidden(message.into()));
            }
        }
        let keys: Vec<RecordKey> = records.iter().map(|record| record.key.clone()).collect();
        self.reaches_records(actor, &keys)
    }

    /// Refuses outside names that lead to entities out of scope; a name that leads nowhere yet is nobody's.
    fn reaches_records(&self, actor: &Actor, keys: &[RecordKey]) -> Result<()> {
        if actor.limits.divisions.is_empty() {
            return Ok(());
        }
        let sources = self.inner.core.sources();
        let mut named: BTreeMap<(Kind, i16), Vec<String>> = BTreeMap::new();
        for key in keys {
            if let Some(number) = sources.number(&key.source) {
                named.entry((key.kind, number)).or_default().push(key.key.clone());
            }
        }
        self.inner.core.store.read(|reader| {
            for ((kind, source), keys) in named {
                let entities: Vec<EntityId> =
                    reader.record_heads(kind, source, &keys)?.into_iter().filter_map(|head| head.entity).collect();
                // One's own record stays one's own, also where others say that its subject lives elsewhere.
                for row in reader.current_versions(&entities)? {
                    if !scope::lies_within(&actor.limits, kind, &row)? {
                        return Err(RegistryError::NotFound { what: "record" });
                    }
                }
            }
            Ok(())
        })
    }
}
